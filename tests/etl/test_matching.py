"""Rows that resemble known places wait for a person, and what the person says is honoured."""

from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely
from conftest import Operator
from handed_in import footprints, open_account, register_state
from makers import make_organization
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.loads import matches
from gis.loads.matches_model import Choice
from gis.rights.actions import Grant

HEADERS = ("院落名称", "坐落", "行政区划代码", "总建筑面积（m²）", "使用单位")
KNOWN = ("市民服务中心", "常州市天宁区延陵西路12号", "320402", 5000, "财政局")


def ledger(path: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "房产"
    sheet.append(HEADERS)
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def load(city: Database, operator: Operator, path: Path, **more: object) -> LoadResult:
    options = LoadOptions(any_area=True, **more)
    return load_file(city, path, token=operator.token, options=options)


def counts(result: LoadResult) -> tuple[int, int, int, int, int]:
    return (result.inserted, result.updated, result.unchanged, result.rejected, result.waiting)


def value(city: Database, query: str) -> object:
    with city.engine(Role.OWNER).connect() as conn:
        return conn.execute(text(query)).scalar_one()


def candidates(city: Database, operator: Operator, load_id: int | None) -> pd.DataFrame:
    with transaction(city.engine(Role.OPERATOR), operator.token) as conn:
        rows = conn.execute(
            text("SELECT * FROM staging.match_candidate WHERE load_id = :id ORDER BY row_number"),
            {"id": load_id},
        ).mappings()
        return pd.DataFrame(rows.all())


def decide(
    city: Database,
    token: str,
    result: LoadResult,
    choice: Choice,
    *,
    row: int = 2,
    best: bool = True,
) -> int:
    """Says of a row what it is; `same` means its best candidate."""
    with transaction(city.engine(Role.OPERATOR), token) as conn:
        place_id = None
        if choice is Choice.SAME and best:
            found = matches.question(conn, result.load_id or 0, "房产", row)
            place_id = found.candidates[0].place_id
        return matches.decide(conn, result.load_id or 0, "房产", row, choice, place_id=place_id)


@pytest.fixture
def known(city: Database, operator: Operator, tmp_path: Path) -> Database:
    assert load(city, operator, ledger(tmp_path / "known.xlsx", KNOWN)).inserted == 1
    return city


@pytest.mark.parametrize(
    "address",
    [
        "天宁区延陵西路12号",  # without the city
        "江苏省常州市天宁区茶山街道延陵西路12号",  # with province and township
        "常州市天宁区延陵西路十二号",
        "常州市天宁区延凌西路12号",  # another character of the same sound
        "常州市天宁区延陵西路12号院内",
    ],
)
def test_another_spelling_of_an_address_waits_with_the_place_it_may_mean(
    known: Database, operator: Operator, tmp_path: Path, address: str
) -> None:
    row = ("市民服务中心", address, "320402", 5000, "财政局")
    result = load(known, operator, ledger(tmp_path / "again.xlsx", row))
    assert counts(result) == (0, 0, 0, 0, 1)
    found = candidates(known, operator, result.load_id)
    assert len(found) == 1
    assert float(found["score"].iloc[0]) >= 0.6
    assert value(known, "SELECT count(*) FROM place.site") == 1


@pytest.mark.parametrize(
    ("name", "address"),
    [
        (None, "天宁区延陵西路21号"),
        (None, "天宁区延陵东路12号"),
        (None, "天宁区延陵西路12号甲"),
        ("市民服务中心二号楼", "天宁区延陵西路14号"),
        (None, "天宁区和平中路12号"),
    ],
)
def test_another_house_is_another_place(
    known: Database, operator: Operator, tmp_path: Path, name: str | None, address: str
) -> None:
    row = (name, address, "320402", 5000, "税务局")
    result = load(known, operator, ledger(tmp_path / "other.xlsx", row))
    assert (result.inserted, result.waiting) == (1, 0)


@pytest.mark.parametrize(
    ("written", "other", "is_asked"),
    [
        ("12-16号", "14号", True),
        ("12号至16号", "16号", True),
        ("12、14号", "14号", True),
        ("12-16号", "13号", False),  # across the street
        ("12-16号", "18号", False),
        ("1-3号", "1-4号", False),  # two flats
        ("12-3号", "12号之三", True),
        ("12号之一", "12号之二", False),
        ("12号附3", "12号附4", False),
        ("12号附3", "12号3幢", False),
        ("12号附3", "12号附三", True),
    ],
)
def test_a_range_of_house_numbers_may_be_any_of_them_and_is_none_for_sure(
    city: Database, operator: Operator, tmp_path: Path, written: str, other: str, is_asked: bool
) -> None:
    street = "常州市天宁区延陵西路"
    known = ledger(tmp_path / "a.xlsx", (None, street + written, "320402", 5000, None))
    load(city, operator, known)
    again = ledger(tmp_path / "b.xlsx", (None, f"延陵西路{other}", "320402", None, None))
    result = load(city, operator, again)
    assert counts(result) == ((0, 0, 0, 0, 1) if is_asked else (1, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("written", "other", "is_asked"),
    [("经三路12号", "经3路十二号", True), ("经三路12号", "经四路12号", False),
     ("中山路12弄5号", "中山路12弄7号", False), ("中山路12弄5号", "中山路12号", False)],
)  # fmt: skip
def test_the_number_of_a_street_is_none_of_its_houses(
    city: Database, operator: Operator, tmp_path: Path, written: str, other: str, is_asked: bool
) -> None:
    load(city, operator, ledger(tmp_path / "a.xlsx", (None, written, "320402", 5000, None)))
    again = ledger(tmp_path / "b.xlsx", (None, f"天宁区{other}", "320402", 5000, None))
    assert load(city, operator, again).waiting == is_asked


def test_one_house_number_in_another_district_is_another_place(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    row = (None, "钟楼区延陵西路12号", "320404", 5000, None)
    assert load(known, operator, ledger(tmp_path / "other.xlsx", row)).inserted == 1


def test_an_outline_over_one_on_the_map_waits_whatever_its_number(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, footprints(tmp_path / "known.gpkg", 3))
    shifted = [
        shapely.box(119.90001, 31.80001, 119.90051, 31.80051),  # a metre off
        shapely.box(119.9008, 31.8, 119.9009, 31.8005),
    ]  # between two of them
    path = tmp_path / "new.gpkg"
    gpd.GeoDataFrame({"要素编号": ["E1", "E2"]}, geometry=shifted, crs=4490).to_file(
        path, layer="建筑"
    )  # fmt: skip
    result = load(city, operator, path)
    assert counts(result) == (1, 0, 0, 0, 1)
    found = candidates(city, operator, result.load_id)
    assert found["row_number"].tolist() == [1]
    assert float(found["overlap_score"].iloc[0]) > 0.9


def test_another_building_of_a_property_is_no_twin_and_one_under_another_word_is(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "one.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "院落"
    book.active.append(["院落编号", "院落名称", "坐落"])
    book.active.append(["Y1", "甲院", "常州市天宁区甲路1号"])
    sheet = book.create_sheet("楼栋")
    sheet.append(["楼栋编号", "楼栋名称", "院落编号", "建筑面积"])
    sheet.append(["D3", "3号楼", "Y1", 900])
    book.save(path)
    assert load(city, operator, path).inserted == 2
    sheet.delete_rows(2)
    sheet.append(["X3", "三栋", "Y1", 900])
    sheet.append(["X4", "4号楼", "Y1", 900])
    book.save(tmp_path / "two.xlsx")
    result = load(city, operator, tmp_path / "two.xlsx")
    assert (result.inserted, result.waiting) == (1, 1)
    assert candidates(city, operator, result.load_id)["row_number"].tolist() == [2]


def test_what_is_decided_to_be_the_same_is_merged_and_stays_so(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    before = register_state(known)
    path = ledger(
        tmp_path / "a.xlsx", ("市民中心", "天宁区延陵西路十二号", "320402", 5100, "财政局")
    )
    waiting = load(known, operator, path)
    assert waiting.waiting == 1
    decide(known, operator.token, waiting, Choice.SAME)
    loaded = load(known, operator, path, decided_of=waiting.load_id)
    assert (loaded.rows, *counts(loaded)) == (1, 0, 1, 0, 0, 0)
    assert value(known, "SELECT count(*) FROM place.site") == 1
    after = register_state(known)
    assert counts(load(known, operator, path)) == (0, 0, 1, 0, 0)
    assert register_state(known) == after
    # A repaired file: the same row further down, its area mended.
    mended = ledger(tmp_path / "b.xlsx", ("丙院", "新北区丙路9号", "320411", 100, None),
                    ("市民中心", "天宁区延陵西路十二号", "320402", 5200, "财政局"))  # fmt: skip
    assert counts(load(known, operator, mended)) == (1, 1, 0, 0, 0)
    for load_id in value_list(known):
        undo_load(known, load_id, token=operator.token)
    assert register_state(known) == before


def value_list(city: Database) -> list[int]:
    """Loads that changed something after the first, newest first."""
    with city.engine(Role.OWNER).connect() as conn:
        return list(
            conn.execute(
                text(
                    "SELECT load_id FROM staging.load WHERE state = 'committed' AND load_id > 1"
                    " AND options ->> 'undoes' IS NULL ORDER BY 1 DESC"
                )
            ).scalars()
        )


def test_what_is_decided_to_be_new_becomes_one_place_however_often_it_is_loaded(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "a.xlsx", ("税务大厅", "天宁区延陵西路12号", "320402", 800, "税务局"))
    waiting = load(known, operator, path)
    assert waiting.waiting == 1
    before = register_state(known)
    decide(known, operator.token, waiting, Choice.NEW)
    loaded = load(known, operator, path, decided_of=waiting.load_id)
    assert counts(loaded) == (1, 0, 0, 0, 0)
    assert counts(load(known, operator, path)) == (0, 0, 1, 0, 0)
    undo_load(known, loaded.load_id or 0, token=operator.token, and_later=True)
    assert register_state(known) == before
    assert counts(load(known, operator, path)) == (1, 0, 0, 0, 0)


def test_what_is_left_out_is_rejected_by_name(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "a.xlsx", (None, "延陵西路12号", "320402", 800, None))
    waiting = load(known, operator, path)
    decide(known, operator.token, waiting, Choice.OUT)
    result = load(known, operator, path, decided_of=waiting.load_id)
    assert counts(result) == (0, 0, 0, 1, 0)
    assert value(known, f"SELECT rule FROM staging.issue WHERE load_id = {result.load_id}") == (
        "match.left_out"
    )


def test_only_the_decided_rows_and_what_hangs_on_them_are_loaded_then(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    twins = (("市民中心", "延陵西路12号", "320402", 5000, "财政局"),
             ("丙院", "新北区丙路9号", "320411", 100, None))  # fmt: skip
    path = ledger(tmp_path / "a.xlsx", *twins)
    waiting = load(known, operator, path)
    assert counts(waiting) == (1, 0, 0, 0, 1)
    with pytest.raises(Conflict, match="nothing_decided"):
        load(known, operator, path, decided_of=waiting.load_id)
    # Meanwhile a newer list corrects the other row: the old file must not bring the past back.
    load(known, operator, ledger(tmp_path / "b.xlsx", ("丁院", *twins[1][1:])))
    decide(known, operator.token, waiting, Choice.SAME)
    result = load(known, operator, path, decided_of=waiting.load_id)
    assert (result.rows, result.updated) == (1, 1)
    assert value(known, "SELECT count(*) FROM place.place WHERE name = '丁院'") == 1
    other = ledger(tmp_path / "c.xlsx", *twins, KNOWN)
    with pytest.raises(InputError, match="other_file"):
        load(known, operator, other, decided_of=waiting.load_id)


def test_a_decision_is_taken_back_until_a_load_rests_on_it(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "a.xlsx", (None, "延陵西路12号", "320402", 5000, "财政局"))
    waiting = load(known, operator, path)
    first = decide(known, operator.token, waiting, Choice.NEW)
    with transaction(known.engine(Role.OPERATOR), operator.token) as conn:
        matches.withdraw(conn, first)
        assert matches.queue(conn).open_count == 1
    second = decide(known, operator.token, waiting, Choice.SAME)
    loaded = load(known, operator, path, decided_of=waiting.load_id)
    assert loaded.updated + loaded.unchanged == 1
    with transaction(known.engine(Role.OPERATOR), operator.token) as conn:
        assert matches.queue(conn).open_count == 0
        assert matches.queue(conn, decided=True).total == 1
        with pytest.raises(Conflict, match="already_loaded"):
            matches.withdraw(conn, second)
    with pytest.raises(Conflict, match="already_loaded"):
        decide(known, operator.token, waiting, Choice.NEW)
    undo_load(known, loaded.load_id or 0, token=operator.token)
    with transaction(known.engine(Role.OPERATOR), operator.token) as conn:
        matches.withdraw(conn, second)
        with pytest.raises(NotFound):
            matches.withdraw(conn, second)


def test_the_second_of_two_people_is_told_who_was_first(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "a.xlsx", (None, "延陵西路12号", "320402", 5000, None))
    waiting = load(known, operator, path)
    decide(known, operator.token, waiting, Choice.NEW)
    with pytest.raises(Conflict, match="decided_meanwhile") as told:
        decide(known, operator.token, waiting, Choice.SAME)
    assert told.value.params == {"row": 2, "account": "operator"}


def test_a_place_that_ended_meanwhile_is_nobodys_same(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "a.xlsx", (None, "延陵西路12号", "320402", 5000, None))
    waiting = load(known, operator, path)
    decision = decide(known, operator.token, waiting, Choice.SAME)
    with known.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE place.place SET valid_to = DATE '2025-01-01'"))
    result = load(known, operator, path, decided_of=waiting.load_id)
    assert result.waiting == 1
    assert value(known, f"SELECT rule FROM staging.issue WHERE load_id = {result.load_id}") == (
        "match.decision_outdated"
    )
    with transaction(known.engine(Role.OPERATOR), operator.token) as conn:
        matches.withdraw(conn, decision)
        assert matches.queue(conn).open_count == 1
    with pytest.raises(Conflict, match="place_ended"):
        decide(known, operator.token, waiting, Choice.SAME)


def test_rows_of_a_load_taken_back_ask_nobody(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "a.xlsx", (None, "延陵西路12号", "320402", 5000, None),
                  ("丙院", "新北区丙路9号", "320411", 100, None))  # fmt: skip
    waiting = load(known, operator, path)
    undo_load(known, waiting.load_id or 0, token=operator.token)
    with transaction(known.engine(Role.OPERATOR), operator.token) as conn:
        assert matches.queue(conn).open_count == 0
    with pytest.raises(Conflict, match="load_undone"):
        decide(known, operator.token, waiting, Choice.NEW)


def test_who_may_not_write_the_place_may_not_say_that_a_row_is_it(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "a.xlsx", (None, "延陵西路12号", "320402", 5000, "财政局"))
    with known.engine(Role.OWNER).begin() as conn:
        body = conn.execute(
            text("SELECT organization_id FROM organization.organization WHERE name = '财政局'")
        ).scalar_one()
        other = make_organization(conn, "乙局", name="乙局")
    own = open_account(known, "财政局经办", Grant("clerk", organization_id=body))
    waiting = load_file(known, path, token=own, options=LoadOptions(any_area=True))
    assert waiting.waiting == 1
    stranger = open_account(known, "乙局经办", Grant("clerk", organization_id=other))
    with pytest.raises(NotFound):
        decide(known, stranger, waiting, Choice.NEW)
    viewer = open_account(known, "财政局经办", Grant("viewer", organization_id=body))
    with pytest.raises((Forbidden, NotFound)):
        decide(known, viewer, waiting, Choice.SAME)


def test_only_a_candidate_may_be_named(known: Database, operator: Operator, tmp_path: Path) -> None:
    load(known, operator, ledger(tmp_path / "b.xlsx", ("丙院", "新北区丙路9号", "320411", 1, None)))
    path = ledger(tmp_path / "a.xlsx", (None, "延陵西路12号", "320402", 5000, None))
    waiting = load(known, operator, path)
    other = value(known, "SELECT place_id FROM place.place WHERE name = '丙院'")
    with transaction(known.engine(Role.OPERATOR), operator.token) as conn:
        asked = (conn, waiting.load_id or 0, "房产", 2)
        with pytest.raises(InputError, match="no_candidate"):
            matches.decide(*asked, Choice.SAME, place_id=int(str(other)))
        with pytest.raises(InputError, match="place_missing"):
            matches.decide(*asked, Choice.SAME)
        with pytest.raises(InputError, match="place_needless"):
            matches.decide(*asked, Choice.NEW, place_id=1)
        with pytest.raises(NotFound):
            matches.decide(conn, waiting.load_id or 0, "房产", 99, Choice.NEW)


def test_all_rows_that_are_alike_enough_are_decided_at_once(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "a.xlsx", ("市民服务中心", "延陵西路12号", "320402", 5000, "财政局"),
                  (None, "延凌西路12号", "320402", 4900, "财政局"))  # fmt: skip
    waiting = load(known, operator, path)
    assert waiting.waiting == 2
    with transaction(known.engine(Role.OPERATOR), operator.token) as conn:
        assert matches.decide_alike(conn, waiting.load_id or 0, 0.95) == 1
        assert matches.queue(conn).open_count == 1
        with pytest.raises(InputError):
            matches.decide_alike(conn, waiting.load_id or 0, 0)
