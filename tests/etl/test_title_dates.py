"""A later file ends titles and begins the next; an older one changes nothing and is told."""

from datetime import date
from pathlib import Path

import pytest
from conftest import Operator
from handed_in import open_account, register_state
from sqlalchemy import text

from assets.estate.queries import place_past
from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.places.past import place_history
from gis.places.queries import place_card
from gis.rights.actions import Grant

FIRST, SECOND, THIRD = date(2023, 12, 31), date(2024, 12, 31), date(2025, 12, 31)
HEAD = "院落编号,名称,地址坐落,产权单位,产权证号,发证日期,证载面积,土地证号\n"
A, B = "苏(2020)示例不动产权第0000001号", "苏(2024)示例不动产权第0000002号"
BODIES = """单位名称,机构类型
甲局,机关本级
乙局,机关本级
"""
RENAMED = """原单位名称,现单位名称,变更类型,变更日期
老甲局,甲局,更名,2019-01-01
丙局,乙局,合并,2022-06-01
"""
Titles = list[tuple[object, ...]]


def load(
    city: Database, operator: Operator, folder: Path, rows: str, on: date | None = None
) -> LoadResult:
    path = folder / "properties.csv"
    path.write_text(HEAD + rows, "utf-8")
    options = LoadOptions(any_area=True, profile="site", as_of=on)
    return load_file(city, path, token=operator.token, options=options)


def directory(city: Database, operator: Operator, folder: Path) -> None:
    for name, words in (("bodies.csv", BODIES), ("changes.csv", RENAMED)):
        (folder / name).write_text(words, "utf-8")
        load_file(city, folder / name, token=operator.token, options=LoadOptions(any_area=True))


def titles(city: Database, code: str = "S1") -> Titles:
    """Number or state, owner, from, till of what a place has or had, oldest first."""
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT DISTINCT coalesce(t.number, t.state), t.owner_name, t.valid_from,"
                " t.valid_to"
                " FROM place.title AS t JOIN place.title_place USING (title_id)"
                " JOIN place.place AS p USING (place_id)"
                " WHERE p.code = :code ORDER BY t.valid_to NULLS LAST, 1"
            ),
            {"code": code},
        )
        return [tuple(row) for row in rows]


def told(city: Database, result: LoadResult) -> list[tuple[object, ...]]:
    with city.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT row_number, column_header, rule, original, suggestion, params"
                " FROM staging.issue WHERE load_id = :id AND rule LIKE 'title.%'"
                " ORDER BY row_number, column_number, rule"
            ),
            {"id": result.load_id},
        )
        return [tuple(row) for row in rows]


def test_a_later_number_ends_the_earlier_one_on_its_day(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, f"S1,甲院,甲路1号,甲局,{A},2020-01-01,100,\n", FIRST)
    before = register_state(city)
    later = f"S1,甲院,甲路1号,甲局,{B},2024-05-01,100,\n"
    result = load(city, operator, tmp_path, later, SECOND)
    assert titles(city) == [(A, "甲局", None, SECOND), (B, "甲局", SECOND, None)]
    assert (result.updated, told(city, result)) == (1, [])
    after = register_state(city)
    again = load(city, operator, tmp_path, later, SECOND)
    assert (again.updated, again.unchanged) == (0, 1)
    assert register_state(city) == after
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        place_id = conn.execute(text("SELECT place_id FROM place.place")).scalar_one()
        on = {day: place_card(conn, place_id, day).titles for day in (FIRST, SECOND)}
    assert [one["number"] for one in on[FIRST]] == [A]
    assert [one["number"] for one in on[SECOND]] == [B]
    undo_load(city, result.load_id or 0, token=operator.token)
    assert register_state(city) == before


@pytest.mark.parametrize("on", [FIRST, None])
def test_an_older_file_or_one_without_a_day_changes_nothing_and_is_told(
    city: Database, operator: Operator, tmp_path: Path, on: date | None
) -> None:
    load(city, operator, tmp_path, f"S1,甲院,甲路1号,甲局,{B},2024-05-01,100,\n", SECOND)
    before = titles(city)
    result = load(city, operator, tmp_path, f"S1,甲院,甲路1号,乙局,{A},2020-01-01,90,\n", on)
    assert titles(city) == before
    day = {"day": str(SECOND)}
    assert told(city, result) == [
        (2, "产权单位", "title.older", "乙局", "甲局", day),
        (2, "产权证号", "title.older", A, B, day),
        (2, "发证日期", "title.older", "2020-01-01", "2024-05-01", day),
        (2, "证载面积", "title.older", "90.00", "100.00", day),
    ]
    same = load(city, operator, tmp_path, f"S1,甲院,甲路1号,乙局,{B},2024-06-01,90,\n", on)
    assert titles(city) == before
    assert told(city, same) == [
        (2, "产权单位", "title.older", "乙局", "甲局", day),
        (2, "发证日期", "title.older", "2024-06-01", "2024-05-01", day),
        (2, "证载面积", "title.older", "90.00", "100.00", day),
    ]


def test_what_another_district_has_under_a_number_is_not_told(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "properties.csv"
    head = HEAD.replace(",名称,", ",名称,行政区划代码,")
    theirs = f"S1,甲院,320404,甲路1号,甲局,{A},2020-01-01,100,\n"
    path.write_text(head + theirs, "utf-8")
    dated = LoadOptions(any_area=True, profile="site", as_of=SECOND)
    load_file(city, path, token=operator.token, options=dated)
    mine = f"S2,乙院,320481,乙路2号,乙局,{A},2021-01-01,50,\n"
    path.write_text(head + mine, "utf-8")
    clerk = open_account(city, "clerk", Grant(role="clerk", admin_area_code="320481"))
    undated = LoadOptions(any_area=True, profile="site")
    result = load_file(city, path, token=clerk, options=undated)
    assert told(city, result) == [
        (2, "产权单位", "title.elsewhere", "乙局", None, None),
        (2, "发证日期", "title.elsewhere", "2021-01-01", None, None),
    ]
    with city.engine(Role.OWNER).connect() as conn:
        issues = conn.execute(
            text("SELECT coalesce(string_agg(i::text, ' '), '') FROM staging.issue AS i"
                 " WHERE load_id = :id"),
            {"id": result.load_id},
        ).scalar_one()  # fmt: skip
    assert not [one for one in ("甲局", "2020-01-01", str(SECOND)) if one in issues]
    assert titles(city) == [(A, "甲局", None, None)]


def test_an_older_file_fills_what_nobody_said(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, f"S1,甲院,甲路1号,,{A},,,\n", SECOND)
    result = load(city, operator, tmp_path, f"S1,甲院,甲路1号,甲局,{A},2020-01-01,100,\n", FIRST)
    assert (result.updated, told(city, result)) == (1, [])
    assert titles(city) == [(A, "甲局", None, None)]


def test_another_owner_of_the_same_number_is_a_change_of_owner_for_all_it_covers(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    two = f"S1,甲院,甲路1号,甲局,{A},,100,\nS2,乙院,乙路2号,甲局,{A},,50,\n"
    load(city, operator, tmp_path, two, FIRST)
    before = register_state(city)
    sold = load(city, operator, tmp_path, f"S1,甲院,甲路1号,乙局,{A},,100,\n", SECOND)
    for code in ("S1", "S2"):
        assert titles(city, code) == [(A, "甲局", None, SECOND), (A, "乙局", SECOND, None)]
    again = load(city, operator, tmp_path, f"S1,甲院,甲路1号,乙局,{A},,100,\n", SECOND)
    assert again.unchanged == 1
    undo_load(city, again.load_id or 0, token=operator.token)
    undo_load(city, sold.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_a_number_ends_the_state_without_one(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    rows = "S1,甲院,甲路1号,甲局,办理中,,,\nS2,乙院,乙路2号,甲局,无证,,,\n"
    load(city, operator, tmp_path, rows, FIRST)
    rows = f"S1,甲院,甲路1号,甲局,{A},,,\nS2,乙院,乙路2号,甲局,办理中,,,\n"
    load(city, operator, tmp_path, rows, SECOND)
    assert titles(city) == [("pending", "甲局", None, SECOND), (A, "甲局", SECOND, None)]
    ended, going_on = titles(city, "S2")
    assert (ended[0], ended[3], going_on[0], going_on[3]) == ("none", SECOND, "pending", None)


def test_a_cell_without_a_number_does_not_end_a_number(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, f"S1,甲院,甲路1号,甲局,{A},,,\n", FIRST)
    result = load(city, operator, tmp_path, "S1,甲院,甲路1号,甲局,无证,,,\n", SECOND)
    assert titles(city) == [(A, "甲局", None, None)]
    ((row, header, rule, original, suggestion, _),) = told(city, result)
    assert (row, header, rule) == (2, "产权证号", "title.number_known")
    assert (original, suggestion) == ("无证", A)


def test_one_place_leaves_a_certificate_that_goes_on_for_the_other(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    two = f"S1,甲院,甲路1号,甲局,{A},,100,\nS2,乙院,乙路2号,甲局,{A},,50,\n"
    load(city, operator, tmp_path, two, FIRST)
    before = register_state(city)
    result = load(city, operator, tmp_path, f"S1,甲院,甲路1号,甲局,{B},,100,\n", SECOND)
    assert titles(city) == [(A, "甲局", None, SECOND), (B, "甲局", SECOND, None)]
    assert titles(city, "S2") == [(A, "甲局", None, None)]
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        place_id = conn.execute(
            text("SELECT place_id FROM place.place WHERE code = 'S1'")
        ).scalar_one()
        past = place_history(conn, place_id, "site", place_past(conn, place_id))
    changes = [(one.attribute.name, one.old, one.new) for one in past[0].changes]
    assert set(changes) == {("number", None, B), ("valid_to", None, SECOND)}
    undo_load(city, result.load_id or 0, token=operator.token)
    assert register_state(city) == before


def test_two_places_that_change_their_numbers_keep_both(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    rows = "S1,甲院,甲路1号,甲局,{0},,,\nS2,乙院,乙路2号,甲局,{1},,,\n"
    load(city, operator, tmp_path, rows.format(A, B), FIRST)
    load(city, operator, tmp_path, rows.format(B, A), SECOND)
    assert [one[0] for one in titles(city) if one[3] is None] == [B]
    assert [one[0] for one in titles(city, "S2") if one[3] is None] == [A]
    assert (A, "甲局", None, SECOND) in titles(city)
    assert (B, "甲局", None, SECOND) in titles(city, "S2")


def test_a_repaired_file_of_the_same_day_corrects_the_number(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, f"S1,甲院,甲路1号,甲局,{A},,,\n", FIRST)
    result = load(city, operator, tmp_path, f"S1,甲院,甲路1号,乙局,{B},,,\n", FIRST)
    assert titles(city) == [(B, "乙局", None, None)]
    assert told(city, result) == [(2, "产权证号", "title.replaced", B, A, None)]


CARRIED = (
    "SELECT t.number, t.owner_name, t.issued_on, l.share_kind, l.area_m2, t.valid_from"
    " FROM place.title AS t JOIN place.title_place AS l USING (title_id)"
    " WHERE t.valid_to IS NULL ORDER BY l.share_kind"
)


@pytest.mark.parametrize("on", [SECOND, None])
def test_a_corrected_number_keeps_what_the_list_does_not_say(
    city: Database, operator: Operator, tmp_path: Path, on: date | None
) -> None:
    path = tmp_path / "properties.csv"
    options = LoadOptions(any_area=True, profile="site", as_of=on)

    def merge(written: str) -> Titles:
        path.write_text(written, "utf-8")
        load_file(city, path, token=operator.token, options=options)
        with city.engine(Role.OWNER).connect() as conn:
            return [tuple(row) for row in conn.execute(text(CARRIED))]

    head = "院落编号,名称,地址坐落,产权证号"
    merge(
        f"{head},产权单位,发证日期,证载面积,分摊建筑面积\nS1,甲院,甲路1号,{A},甲局,2020-01-01,100,30\n"
    )
    with city.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE place.title SET valid_from = '2022-06-01'"))
        known = [tuple(row) for row in conn.execute(text(CARRIED))]
    assert len(known) == 2
    assert merge(f"{head}\nS1,甲院,甲路1号,{B}\n") == [(B, *one[1:]) for one in known]
    # Another owner is another certificate: nothing is taken for granted of it.
    other = merge(f"{head},产权单位\nS1,甲院,甲路1号,{A},乙局\n")
    assert other == [(A, "乙局", None, "own", None, date(2022, 6, 1))]


def test_brackets_and_spaces_make_no_other_number(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, tmp_path, f"S1,甲院,甲路1号,甲局,{A},,,\n", FIRST)
    other = A.replace("(", "〔").replace(")", "〕").replace("第", "第 ")
    result = load(city, operator, tmp_path, f"S1,甲院,甲路1号,甲局,{other},,,\n", SECOND)
    assert (result.unchanged, told(city, result)) == (1, [])
    assert titles(city) == [(A, "甲局", None, None)]
    # What the newer file said again, a file of a day between does not change.
    between = load(city, operator, tmp_path, f"S1,甲院,甲路1号,甲局,{B},,,\n", date(2024, 6, 30))
    assert [one[2] for one in told(city, between)] == ["title.older"]


def test_land_and_house_follow_each_their_own(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    land, other = "常国用(2010)第0000001号", "常国用(2024)第0000002号"
    load(city, operator, tmp_path, f"S1,甲院,甲路1号,甲局,{A},,,{land}\n", FIRST)
    load(city, operator, tmp_path, f"S1,甲院,甲路1号,甲局,{A},,,{other}\n", SECOND)
    numbers = {one[0]: one[2:] for one in titles(city)}
    assert numbers == {A: (None, None), land: (None, SECOND), other: (SECOND, None)}


def test_an_owner_is_the_body_of_that_name_now_or_before_or_its_successor(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    directory(city, operator, tmp_path)
    owners = ("甲局", "老甲局", "丙局", "无人知晓公司")
    rows = "".join(
        f"S{at},{owner}院,{owner}路{at}号,{owner},{A[:-2]}{at}号,,,\n"
        for at, owner in enumerate(owners, start=1)
    )
    load(city, operator, tmp_path, rows, FIRST)
    with city.engine(Role.OWNER).connect() as conn:
        found = conn.execute(
            text(
                "SELECT t.owner_name, o.name FROM place.title AS t"
                " LEFT JOIN organization.organization AS o ON o.organization_id = t.owner_id"
                " ORDER BY t.number"
            )
        ).all()
    assert [tuple(one) for one in found] == [
        ("甲局", "甲局"), ("老甲局", "甲局"), ("丙局", "乙局"), ("无人知晓公司", None),
    ]  # fmt: skip
    # Another name of the same body is no change of owner.
    result = load(city, operator, tmp_path, rows.replace(",老甲局,", ",甲局,"), SECOND)
    assert titles(city, "S2") == [(f"{A[:-2]}2号", "甲局", None, None)]
    assert result.updated == 1
