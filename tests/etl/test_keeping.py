"""Who wins: protected values stand, and a rule of a column goes before the sheet's own habit."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from conftest import Operator
from handed_in import open_account, register_state, rows_of
from makers import make_organization
from sqlalchemy import text

from assets.estate.actions import Party, refresh_derived
from assets.estate.actions.entering import Entered, correct_holding, own_holdings
from assets.estate.model import Extent, HoldingKind
from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.places.actions import touch
from gis.places.edits import Grounds
from gis.places.keeping import protect, protected, set_column_precedence, unprotect
from gis.rights.actions import Grant

BEFORE = ("甲院", "常州市天宁区甲路1号", "320402", 5000, 1998)
AFTER = ("甲大院", "常州市天宁区甲路1号", "320402", 5200, 2003)


def ledger(path: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "房产"
    book.active.append(
        ["院落名称", "坐落", "行政区划代码", "总建筑面积（m²）", "建设年代", "使用单位"]
    )
    for row in rows:
        book.active.append([*row, "财政局"])
    book.save(path)
    return path


def load(city: Database, operator: Operator, path: Path, **more: object) -> LoadResult:
    return load_file(city, path, token=operator.token, options=LoadOptions(any_area=True, **more))


@pytest.fixture
def known(city: Database, operator: Operator, tmp_path: Path) -> Database:
    assert load(city, operator, ledger(tmp_path / "known.xlsx", BEFORE)).inserted == 1
    return city


def standing(city: Database) -> tuple[object, ...]:
    with city.engine(Role.OWNER).connect() as conn:
        return tuple(
            conn.execute(
                text(
                    "SELECT p.name, s.year_built, c.area_m2::int FROM place.place AS p"
                    " JOIN place.site AS s USING (place_id) JOIN place.counted_area AS c"
                    " ON c.place_id = p.place_id AND c.area_kind = 'gross' WHERE p.place_id ="
                    " (SELECT min(place_id) FROM place.place)"
                )
            ).one()
        )


def listed(city: Database, load_id: int | None) -> list[tuple[object, ...]]:
    return rows_of(
        city,
        "SELECT column_header, suggestion, original FROM staging.issue"
        " WHERE load_id = :id AND rule = 'merge.protected' ORDER BY column_number",
        id=load_id,
    )


def guard(city: Database, token: str, field: str, **more: object) -> None:
    with transaction(city.engine(Role.LOADER), token) as conn:
        place_id = conn.execute(text("SELECT min(place_id) FROM place.place")).scalar_one()
        protect(conn, place_id, field, **more)
        touch(conn, [place_id])
        refresh_derived(conn)


def test_what_is_protected_stands_and_both_values_are_listed(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    for field in ("name", "year_built", "area.gross"):
        guard(known, operator.token, field, reason="实地核对")
    path = ledger(tmp_path / "after.xlsx", AFTER)
    before = register_state(known)
    result = load(known, operator, path)
    assert (result.updated, result.unchanged) == (0, 1)
    assert standing(known) == ("甲院", 1998, 5000)
    assert listed(known, result.load_id) == [
        ("院落名称", "甲院", "甲大院"),
        ("总建筑面积（m²）", "5000.00", "5200.00"),
        ("建设年代", "1998", "2003"),
    ]
    assert register_state(known) == before
    with transaction(known.engine(Role.OPERATOR), operator.token) as conn:
        rows = protected(conn)
        assert [(row.field, row.reason) for row in rows] == [
            ("area.gross", "实地核对"), ("name", "实地核对"), ("year_built", "实地核对"),
        ]  # fmt: skip
    with transaction(known.engine(Role.LOADER), operator.token) as conn:
        unprotect(conn, rows[0].place_id, "name")
        with pytest.raises(NotFound):
            unprotect(conn, rows[0].place_id, "name")
    assert load(known, operator, path).updated == 1
    assert standing(known) == ("甲大院", 1998, 5000)


def test_a_value_entered_by_hand_is_protected_with_it(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    guard(known, operator.token, "name", value="市民服务中心")
    result = load(known, operator, ledger(tmp_path / "after.xlsx", AFTER))
    assert standing(known)[0] == "市民服务中心"
    assert listed(known, result.load_id) == [("院落名称", "市民服务中心", "甲大院")]
    with known.engine(Role.OWNER).connect() as conn:
        found = conn.execute(
            text("SELECT count(*) FROM place.search_text WHERE text LIKE '%市民服务中心%'")
        ).scalar_one()
    assert found >= 1


def test_a_load_whose_place_is_protected_by_hand_is_not_taken_back_under_it(
    known: Database, operator: Operator
) -> None:
    guard(known, operator.token, "name")
    with pytest.raises(Conflict, match="built_upon_by_hand"):
        undo_load(known, 1, token=operator.token)


def held(city: Database) -> list[tuple[object, ...]]:
    """Source, last day and holders of each holding."""
    with city.engine(Role.OWNER).connect() as conn:
        return [
            tuple(row)
            for row in conn.execute(
                text(
                    "SELECT h.source, h.valid_to, string_agg(o.name, '、') FROM estate.holding AS h"
                    " JOIN estate.holding_party AS p USING (holding_id)"
                    " JOIN organization.organization AS o ON o.organization_id = p.holder_id"
                    " GROUP BY h.holding_id ORDER BY h.holding_id"
                )
            )
        ]


@pytest.mark.parametrize(
    ("holder", "ends_on", "said"),
    [
        ("财政局", None, []),
        ("财政局", date(2026, 1, 1), [("使用单位", "财政局（–2026-01-01）", "财政局")]),
        ("乙局", None, [("使用单位", "乙局", "财政局")]),
    ],
)
def test_a_holding_corrected_or_ended_by_hand_stands_against_the_next_load(
    known: Database, operator: Operator, tmp_path: Path,
    holder: str, ends_on: date | None, said: list[tuple[object, ...]],
) -> None:  # fmt: skip
    with known.engine(Role.OWNER).begin() as owner:
        make_organization(owner, "乙局", name="乙局")
        body = owner.execute(
            text("SELECT organization_id FROM organization.organization WHERE name = :name"),
            {"name": holder},
        ).scalar_one()
    with transaction(known.engine(Role.WEB), operator.token) as conn:
        place_id = conn.execute(text("SELECT min(place_id) FROM place.place")).scalar_one()
        [one] = own_holdings(conn, place_id)
        entered = Entered(HoldingKind.OCCUPIES, [Party(body)], Extent.PART, valid_to=ends_on)
        correct_holding(conn, place_id, one.holding_id, entered, seen_version=one.version,
                        grounds=Grounds("实地核对"))  # fmt: skip
    assert held(known) == [("entered", ends_on, holder)]
    before = register_state(known)
    result = load(known, operator, ledger(tmp_path / "again.xlsx", BEFORE))
    assert (result.updated, result.unchanged) == (0, 1)
    assert listed(known, result.load_id) == said
    assert register_state(known) == before


def test_what_cannot_be_protected_is_refused(known: Database, operator: Operator) -> None:
    with pytest.raises(InputError, match="field_unknown"):
        guard(known, operator.token, "rights_cell")
    with pytest.raises(InputError, match="not_editable"):
        guard(known, operator.token, "year_built", value="1990")
    with known.engine(Role.OWNER).begin() as conn:
        other = make_organization(conn, "乙局", name="乙局")
        body = conn.execute(
            text("SELECT organization_id FROM organization.organization WHERE name = '财政局'")
        ).scalar_one()
    stranger = open_account(known, "乙局经办", Grant("clerk", organization_id=other))
    with pytest.raises((NotFound, Forbidden)):
        guard(known, stranger, "name")
    viewer = open_account(known, "财政局查阅", Grant("viewer", organization_id=body))
    with pytest.raises(Forbidden):
        guard(known, viewer, "name")


@pytest.mark.parametrize(
    ("source", "winner", "since", "expected"),
    [
        ("*", "known", date(2025, 1, 1), ("甲院", 1998)),
        ("property", "known", date(2025, 1, 1), ("甲院", 1998)),
        ("building", "known", date(2025, 1, 1), ("甲大院", 2003)),
        ("*", "known", date(2027, 1, 1), ("甲大院", 2003)),
        ("*", "new", date(2025, 1, 1), ("甲大院", 2003)),
    ],
)
def test_a_rule_says_who_wins_in_a_column_from_its_day_on_for_its_source(
    known: Database, operator: Operator, tmp_path: Path,
    source: str, winner: str, since: date, expected: tuple[object, ...],
) -> None:  # fmt: skip
    with transaction(known.engine(Role.LOADER), operator.token) as conn:
        for field in ("name", "year_built"):
            set_column_precedence(
                conn, field, winner, source=source, since=since, rule_source="示例"
            )
    load(known, operator, ledger(tmp_path / "a.xlsx", AFTER), as_of=date(2026, 6, 1))
    assert standing(known)[:2] == expected


def test_a_rule_of_ones_own_goes_before_that_of_every_source_and_can_be_ended(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    with transaction(known.engine(Role.LOADER), operator.token) as conn:
        values = {"since": date(2025, 1, 1), "rule_source": "示例"}
        set_column_precedence(conn, "name", "known", **values)
        set_column_precedence(conn, "name", "new", source="property", **values)
        with pytest.raises(InputError, match="field_unknown"):
            set_column_precedence(conn, "code", "new", **values)
    path = ledger(tmp_path / "a.xlsx", AFTER)
    load(known, operator, path)
    assert standing(known)[0] == "甲大院"
    with transaction(known.engine(Role.LOADER), operator.token) as conn:
        set_column_precedence(conn, "name", None, source="property", since=date(2025, 1, 1),
                              rule_source="示例")  # fmt: skip
    load(known, operator, ledger(tmp_path / "b.xlsx", BEFORE))
    assert standing(known)[0] == "甲大院"
