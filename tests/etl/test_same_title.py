"""A row under the certificate number of a known place waits beside it, whatever else it says."""

from pathlib import Path

import openpyxl
import pytest
from conftest import Operator
from handed_in import register_state, rows_of
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.loads import matches
from gis.loads.matches_model import Choice

HEADERS = (
    "院落名称",
    "坐落",
    "行政区划代码",
    "总建筑面积（m²）",
    "房产证号",
    "土地证号",
    "使用单位",
)
NUMBER = "苏(2020)常州市不动产权第0000123号"
LAND = "常国用(2010)第0000456号"
KNOWN = ("市民服务中心", "常州市天宁区延陵西路12号", "320402", 5000, NUMBER, LAND)

Row = tuple[object, ...]


def ledger(path: Path, *rows: Row, headers: Row = HEADERS) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "房产"
    for row in (headers, *rows):
        sheet.append(row)
    book.save(path)
    return path


def load(city: Database, operator: Operator, path: Path) -> LoadResult:
    return load_file(city, path, token=operator.token, options=LoadOptions(any_area=True))


def counts(result: LoadResult) -> tuple[int, int, int, int, int]:
    return (result.inserted, result.updated, result.unchanged, result.rejected, result.waiting)


def told(city: Database, result: LoadResult, rule: str) -> list[tuple[object, ...]]:
    return rows_of(
        city,
        "SELECT row_number, column_header, params FROM staging.issue"
        " WHERE load_id = :id AND rule = :rule ORDER BY row_number, column_number",
        id=result.load_id,
        rule=rule,
    )


@pytest.fixture
def known(city: Database, operator: Operator, tmp_path: Path) -> Database:
    assert load(city, operator, ledger(tmp_path / "known.xlsx", KNOWN)).inserted == 1
    return city


@pytest.mark.parametrize(
    ("house", "land"),
    [
        (NUMBER, None),
        (None, LAND),
        ("苏（2020）常州市不动产权第0000123号", None),  # brackets of full width
        ("苏〔２０２０〕常州市不动产权第００００１２３号", None),
        (" 苏(2020) 常州市不动产权第0000123号 ", None),
    ],
)
def test_a_known_number_at_another_address_waits_with_the_place_that_bears_it(
    known: Database, operator: Operator, tmp_path: Path, house: str | None, land: str | None
) -> None:
    before = register_state(known)
    row = ("档案馆新楼", "常州市新北区通江路88号", "320411", 900, house, land)
    result = load(known, operator, ledger(tmp_path / "again.xlsx", row))
    assert counts(result) == (0, 0, 0, 0, 1)
    with transaction(known.engine(Role.OPERATOR), operator.token) as conn:
        asked = matches.question(conn, result.load_id or 0, "房产", 2)
    assert asked.row.rule == "match.same_title"
    assert [(one.is_same_title, one.name) for one in asked.candidates] == [(True, KNOWN[0])]
    assert register_state(known) == before


def test_same_place_or_another_is_what_the_person_says(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    row = ("档案馆新楼", "常州市新北区通江路88号", "320411", 900, NUMBER, None)
    path = ledger(tmp_path / "again.xlsx", row)
    for choice, inserted, sites in ((Choice.SAME, 0, 1), (Choice.NEW, 1, 2)):
        result = load(known, operator, path)
        with transaction(known.engine(Role.OPERATOR), operator.token) as conn:
            at = (conn, result.load_id or 0, "房产", 2)
            same = choice is Choice.SAME
            place_id = matches.question(*at).candidates[0].place_id if same else None
            decision_id = matches.decide(*at, choice, place_id=place_id)
        brought = load(known, operator, path)
        assert (brought.inserted, brought.waiting) == (inserted, 0)
        assert rows_of(known, "SELECT count(*) FROM place.site") == [(sites,)]
        undo_load(known, brought.load_id or 0, token=operator.token)
        with transaction(known.engine(Role.OPERATOR), operator.token) as conn:
            matches.withdraw(conn, decision_id)


@pytest.mark.parametrize(
    ("name", "address", "house", "land"),
    [
        ("别处", "通江路88号", None, "苏(2020)常州市不动产权第0000123号"),  # of the other kind
        ("别处", "通江路88号", "苏(2020)常州市不动产权第0000124号", None),
        ("别处", "通江路88号", "办理中", None),
        ("别处", "常州市天宁区延陵西路12号3幢", None, None),
    ],
)
def test_another_kind_or_number_or_none_is_no_clue(
    known: Database,
    operator: Operator,
    tmp_path: Path,
    name: str,
    address: str,
    house: str | None,
    land: str | None,
) -> None:
    row = (name, address, "320402", 900, house, land)
    result = load(known, operator, ledger(tmp_path / "again.xlsx", row))
    assert counts(result) == (1, 0, 0, 0, 0)


def test_a_number_that_has_ended_proposes_nothing(
    known: Database, operator: Operator, tmp_path: Path
) -> None:
    with known.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE place.title SET valid_to = '2024-01-01'"))
    row = ("档案馆新楼", "常州市新北区通江路88号", "320411", 900, NUMBER, LAND)
    assert load(known, operator, ledger(tmp_path / "again.xlsx", row)).inserted == 1


def test_a_number_of_many_places_asks_nothing_and_is_listed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    codes = ("房产编号", *HEADERS)
    parts = [
        (f"S{at}", f"{street}楼", f"{street}路{at}号", "320402", 100 + at, NUMBER, None)
        for at, street in enumerate("甲乙丙丁戊己庚辛壬癸", start=1)
    ]
    first = load(city, operator, ledger(tmp_path / "a.xlsx", *parts, headers=codes))
    assert first.inserted == 10
    row = ("档案馆新楼", "常州市新北区通江路88号", "320411", 900, NUMBER, None)
    result = load(city, operator, ledger(tmp_path / "b.xlsx", row))
    assert counts(result) == (1, 0, 0, 0, 0)
    ((number, header, params),) = told(city, result, "certificate.elsewhere")
    assert isinstance(params, dict)
    assert (number, header, params["count"]) == (2, "房产证号", 10)
    assert params["codes"].count("、") == 4


def test_five_places_under_one_number_are_all_proposed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    codes = ("房产编号", *HEADERS)
    parts = [
        (f"S{at}", f"{street}楼", f"{street}路{at}号", "320402", 100 + at, NUMBER, None)
        for at, street in enumerate("甲乙丙丁戊", start=1)
    ]
    load(city, operator, ledger(tmp_path / "a.xlsx", *parts, headers=codes))
    row = ("档案馆新楼", "常州市新北区通江路88号", "320411", 900, NUMBER, None)
    result = load(city, operator, ledger(tmp_path / "b.xlsx", row))
    assert result.waiting == 1
    assert told(city, result, "certificate.elsewhere") == []
    found = rows_of(
        city,
        "SELECT count(*), bool_and(is_same_title) FROM staging.match_candidate WHERE load_id = :id",
        id=result.load_id,
    )
    assert found == [(5, True)]


def test_another_building_of_the_compound_goes_in_and_is_listed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    headers = ("房产编号", *HEADERS)
    one = ("B1", "实验楼1号楼", "青洋路6号1幢", "320402", 700, LAND, None)
    load(city, operator, ledger(tmp_path / "b.xlsx", one, headers=headers))
    other = ("B2", "实验楼2号楼", "青洋路6号2幢", "320402", 650, LAND, None)
    result = load(city, operator, ledger(tmp_path / "c.xlsx", other, headers=headers))
    assert counts(result) == (1, 0, 0, 0, 0)
    ((number, header, params),) = told(city, result, "certificate.elsewhere")
    assert (number, header, params) == (2, "房产证号", {"count": 1, "codes": "B1"})


def test_two_rows_of_one_list_under_one_number_and_name_are_asked_about(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    first = ("文化中心", "龙湾路148号", "320402", None, NUMBER, None)
    again = ("文化中心", None, "320402", None, NUMBER, None)
    result = load(city, operator, ledger(tmp_path / "a.xlsx", first, again))
    assert counts(result) == (1, 0, 0, 0, 1)
    with transaction(city.engine(Role.OPERATOR), operator.token) as conn:
        asked = matches.question(conn, result.load_id or 0, "房产", 3)
    assert (asked.row.rule, asked.row.other_row) == ("match.twin", 2)
    assert [one.is_same_title for one in asked.candidates] == [True]


def test_two_rows_of_one_list_under_one_number_alone_are_two_places(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    first = ("文化中心", "龙湾路148号", "320402", 800, NUMBER, None)
    other = ("少年宫", "青洋路6号", "320402", 400, NUMBER, None)
    result = load(city, operator, ledger(tmp_path / "a.xlsx", first, other))
    assert counts(result) == (2, 0, 0, 0, 0)
