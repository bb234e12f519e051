"""Rows of one sheet that may be one thing wait for a person; neighbours do not."""

from pathlib import Path

import openpyxl
import pytest
from conftest import Operator
from handed_in import register_state, rows_of

from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.loads import matches
from gis.loads.matches_model import Choice

HEADERS = ("院落名称", "坐落", "行政区划代码", "总建筑面积（m²）", "使用单位")
FIRST = ("常州市治安管理第一分局", "龙湾路148号", "320402", 1000, "公安局")
AGAIN = ("治安管理一分局", "常州市天宁区龙湾路148号", "320402", 1000, "公安局")
OTHER = ("税务所", "新北区丙路9号", "320402", 300, "税务局")

Row = tuple[object, ...]
Counts = tuple[int, int, int, int, int]


def ledger(path: Path, *rows: Row, headers: Row = HEADERS) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "房产"
    for row in (headers, *rows):
        sheet.append(row)
    book.save(path)
    return path


def load(city: Database, operator: Operator, path: Path, **more: object) -> LoadResult:
    return load_file(
        city, path, token=operator.token, options=LoadOptions(any_area=True, **more)
    )  # fmt: skip


def counts(result: LoadResult) -> Counts:
    return (result.inserted, result.updated, result.unchanged, result.rejected, result.waiting)


def decide(city: Database, operator: Operator, result: LoadResult, row: int, choice: Choice) -> int:
    with transaction(city.engine(Role.OPERATOR), operator.token) as conn:
        at = (conn, result.load_id or 0, "房产", row)
        place_id = None
        if choice is Choice.SAME:
            place_id = matches.question(*at).candidates[0].place_id
        return matches.decide(*at, choice, place_id=place_id)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (FIRST, AGAIN),
        (FIRST, (None, "天宁区龙湾路一百四十八号", "320402", 1000, None)),
        (FIRST, ("治安管理一分局", "龙弯路148号", "320402", 1000, None)),
        (FIRST, ("治安管理第一分局", None, "320402", 1000, None)),
        ((None, *FIRST[1:4], "常州市治安管理第一分局"), (None, *AGAIN[1:4], "治安管理一分局")),
        ((*FIRST[:3], None, None), (*AGAIN[:3], None, None)),
    ],
)
def test_one_property_written_twice_in_a_list_waits_beside_the_first(
    city: Database, operator: Operator, tmp_path: Path, first: Row, again: Row
) -> None:
    result = load(city, operator, ledger(tmp_path / "a.xlsx", first, OTHER, again))
    assert counts(result) == (2, 0, 0, 0, 1)
    assert rows_of(city, "SELECT row_number, rule, params FROM staging.issue"
                  " WHERE severity = 'question'") == [
        (4, "match.twin", {"sheet": "房产", "other": 2})
    ]  # fmt: skip
    with transaction(city.engine(Role.OPERATOR), operator.token) as conn:
        question = matches.question(conn, result.load_id or 0, "房产", 4)
    assert question.row.other_row == 2
    assert [one.address for one in question.candidates] == [first[1]]


@pytest.mark.parametrize(
    ("first", "again"),
    [
        # Buildings, sides and flats
        (("行政中心1号楼", *FIRST[1:]), ("行政中心2号楼", *AGAIN[1:])),
        (("行政中心南楼", *FIRST[1:]), ("行政中心北楼", *AGAIN[1:])),
        ((None, "龙湾路148号1幢", *FIRST[2:]), (None, "天宁区龙湾路148号2幢", *FIRST[2:])),
        ((None, "龙湾路1-3号", *FIRST[2:]), (None, "天宁区龙湾路1-4号", *FIRST[2:])),
        ((None, "龙湾路148号", *FIRST[2:]), (None, "天宁区龙湾路150号", *FIRST[2:])),
        ((None, "龙湾东路148号", *FIRST[2:]), (None, "天宁区龙湾西路148号", *FIRST[2:])),
        # One agency with two properties, two agencies in one building
        (FIRST, (AGAIN[0], "天宁区和平路22号", "320402", 400, "公安局")),
        ((None, *FIRST[1:]), (None, "天宁区龙湾路148号", "320402", 400, "公安局")),
        ((None, *FIRST[1:]), (None, "天宁区龙湾路148号", "320402", 1000, "税务局")),
        (("公安局", *FIRST[1:3], None, None), ("税务所", *AGAIN[1:3], None, None)),
        ((None, *FIRST[1:3], None, None), (None, *AGAIN[1:3], None, None)),
        (FIRST, (*AGAIN[:2], "320404", *AGAIN[3:])),
    ],
)
def test_neighbours_in_a_list_are_two_places(
    city: Database, operator: Operator, tmp_path: Path, first: Row, again: Row
) -> None:
    assert counts(load(city, operator, ledger(tmp_path / "a.xlsx", first, again)))[:1] == (2,)


def test_two_numbers_of_one_list_are_two_places(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = ledger(
        tmp_path / "a.xlsx", ("A1", *FIRST), ("A2", *AGAIN), headers=("房产编号", *HEADERS)
    )
    assert counts(load(city, operator, path)) == (2, 0, 0, 0, 0)


def test_what_stands_often_in_a_list_is_one_plan(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    rows = [("宿舍", f"龙湾路148号{'院' * at}", "320402", 60, "公安局") for at in range(6)]
    assert counts(load(city, operator, ledger(tmp_path / "a.xlsx", *rows)))[:1] == (6,)


def test_a_file_loaded_again_still_asks_and_adds_nothing(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "a.xlsx", FIRST, OTHER, AGAIN)
    load(city, operator, path)
    before = register_state(city)
    assert counts(load(city, operator, path)) == (0, 0, 2, 0, 1)
    assert register_state(city) == before


def test_a_row_like_a_place_that_another_row_found_waits(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load(city, operator, ledger(tmp_path / "a.xlsx", FIRST))
    result = load(city, operator, ledger(tmp_path / "b.xlsx", AGAIN, FIRST))
    assert counts(result) == (0, 0, 1, 0, 1)
    assert rows_of(city, "SELECT row_number, params FROM staging.issue WHERE rule = 'match.twin'"
                  ) == [(2, {"sheet": "房产", "other": 3})]  # fmt: skip


def test_a_twin_decided_to_be_the_same_goes_with_its_row_whenever_the_file_is_loaded(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    empty = register_state(city)
    remarked = (*AGAIN[:4], "治安管理大队", "有电梯")
    path = ledger(tmp_path / "a.xlsx", (*FIRST, None), (*OTHER, None), remarked,
                  headers=(*HEADERS, "备注"))  # fmt: skip
    first = load(city, operator, path)
    assert counts(first) == (3, 0, 0, 0, 0)  # two bodies: asked of nobody
    undo_load(city, first.load_id or 0, token=operator.token)
    remarked = (*AGAIN, "有电梯")
    path = ledger(tmp_path / "b.xlsx", (*FIRST, None), (*OTHER, None), remarked,
                  headers=(*HEADERS, "备注"))  # fmt: skip
    waiting = load(city, operator, path)
    assert counts(waiting) == (2, 0, 0, 0, 1)
    decide(city, operator, waiting, 4, Choice.SAME)
    decided = load(city, operator, path, decided_of=waiting.load_id)
    assert (decided.rows, *counts(decided)) == (1, 0, 1, 0, 0, 0)
    # The first row's words stand; what only the second says is added.
    said = "SELECT name, address, remark FROM place.place WHERE remark IS NOT NULL"
    assert rows_of(city, said) == [(FIRST[0], FIRST[1], "有电梯")]
    after = register_state(city)
    assert counts(load(city, operator, path)) == (0, 0, 3, 0, 0)
    assert register_state(city) == after
    # Taken back and loaded anew, the decision holds though the place is another.
    undo_load(city, waiting.load_id or 0, token=operator.token, and_later=True)
    assert register_state(city) == empty
    again = load(city, operator, path)
    assert counts(again) == (3, 0, 0, 0, 0)
    assert rows_of(city, "SELECT count(*) FROM place.place") == [(2,)]
    assert rows_of(city, said) == [(FIRST[0], FIRST[1], "有电梯")]


@pytest.mark.parametrize("choice", [Choice.NEW, Choice.OUT])
def test_a_twin_may_be_a_place_of_its_own_or_stay_out(
    city: Database, operator: Operator, tmp_path: Path, choice: Choice
) -> None:
    path = ledger(tmp_path / "a.xlsx", FIRST, AGAIN)
    waiting = load(city, operator, path)
    decide(city, operator, waiting, 3, choice)
    decided = load(city, operator, path, decided_of=waiting.load_id)
    is_new = choice is Choice.NEW
    assert counts(decided) == ((1, 0, 0, 0, 0) if is_new else (0, 0, 0, 1, 0))
    assert counts(load(city, operator, path)) == ((0, 0, 2, 0, 0) if is_new else (0, 0, 1, 1, 0))


@pytest.mark.parametrize("choice", list(Choice))
def test_a_row_with_the_address_of_an_earlier_one_is_decided_like_any(
    city: Database, operator: Operator, tmp_path: Path, choice: Choice
) -> None:
    other = ("税务大厅", FIRST[1], "320402", 400, "税务局")
    third = ("车库", FIRST[1], "320402", 90, "税务局")
    path = ledger(tmp_path / "a.xlsx", FIRST, other, third)
    waiting = load(city, operator, path)
    assert counts(waiting) == (1, 0, 0, 0, 2)
    decide(city, operator, waiting, 3, choice)
    decided = load(city, operator, path, decided_of=waiting.load_id)
    outcome = {Choice.SAME: (0, 1, 0, 0, 0), Choice.NEW: (1, 0, 0, 0, 0),
               Choice.OUT: (0, 0, 0, 1, 0)}[choice]  # fmt: skip
    assert counts(decided) == outcome
    before = register_state(city)
    again = load(city, operator, path)
    assert again.waiting == 1  # the third
    assert again.rejected == (choice is Choice.OUT)
    assert again.inserted == 0
    assert register_state(city) == before


def test_a_body_that_only_a_waiting_row_names_is_added_when_the_row_is_taken(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    first = ("甲馆", "天宁区甲路1号", "320402", 1000, "文化馆")
    path = ledger(tmp_path / "a.xlsx", first, (*first[:3], 700, "乌有馆"))
    bodies = "SELECT name FROM organization.organization ORDER BY organization_id"
    asked = load(city, operator, path)
    assert counts(asked) == (1, 0, 0, 0, 1)
    assert rows_of(city, bodies) == [("文化馆",)]
    assert rows_of(
        city, "SELECT rule, row_number, original FROM staging.issue WHERE rule LIKE 'unit.%'"
              " ORDER BY row_number"
    ) == [("unit.created", 2, "文化馆"), ("unit.not_yet_created", 3, "乌有馆")]  # fmt: skip
    assert rows_of(city, "SELECT holder FROM staging.match_question") == [("乌有馆",)]
    decide(city, operator, asked, 3, Choice.NEW)
    taken = load(city, operator, path, decided_of=asked.load_id)
    assert counts(taken) == (1, 0, 0, 0, 0)
    assert rows_of(city, bodies) == [("文化馆",), ("乌有馆",)]
