"""What the national form asks of its cells (regulations 7.7): told, no reason to refuse."""

from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest
from handed_in import national_form

from assets.registry import CONTRACTS
from etl.pack import load_pack
from etl.prepare import prepare
from etl.read import read_source

FIRST, SECOND = 5, 7  # rows: the property of two agencies, and the one of one
USABLE = "基本办公用房使用面积（m²）"
UNITS = "使用单位（多个单位填多条）及批复编制情况（人）"
COLUMNS = {
    "B": "地址坐落",
    "C": "行政区划代码",
    "D": "用地面积（m²）",
    "F": "办公用房建筑面积（m²）",
    "G": "技术业务用房建筑面积（m²）",
    "H": f"{UNITS}/单位名称",
    "I": f"{UNITS}/类别",
    "O": f"{USABLE}/办公室",
    "P": f"{USABLE}/服务用房",
    "Q": f"{USABLE}/设备用房",
    "S": "附属用房建筑面积（m²）",
    "T": "权属登记情况",
    "U": "建设年代",
    "V": "是否为租（借）用",
}
OWN = ("required.blank", "required.no_column", "headcount.no_ranks", "text.too_long",
       "number.decimals", "area.usable_nothing", "area.nothing")  # fmt: skip


def told(path: Path, cells: Mapping[str, object] | None = None) -> list[tuple[object, ...]]:
    """Row, header, rule and suggestion of what the form's rules find once cells are changed."""
    national_form(path)
    if cells:
        book = openpyxl.load_workbook(path)
        for place, value in cells.items():
            book.active[place] = value
        book.save(path)
    found = prepare(read_source(path), CONTRACTS, load_pack(), datum=None).issues.frame()
    found = found[found["rule"].str.startswith(OWN)]
    return list(found[["row", "column", "rule", "suggestion"]].itertuples(index=False, name=None))


def test_a_form_filled_in_throughout_has_nothing_told(tmp_path: Path) -> None:
    assert told(tmp_path / "表.xlsx") == []


@pytest.mark.parametrize("area", ["1e30", "1" * 40])
def test_an_area_beyond_all_areas_ends_no_reading(tmp_path: Path, area: str) -> None:
    found = told(tmp_path / "表.xlsx", {f"F{SECOND}": area})
    assert [one for one in found if one[2] == "number.decimals"] == []


@pytest.mark.parametrize("column", COLUMNS)
def test_a_blank_cell_that_the_form_asks_for_is_told(tmp_path: Path, column: str) -> None:
    path = tmp_path / "表.xlsx"
    found = told(path, {f"{column}{SECOND}": None})
    assert (SECOND, COLUMNS[column], "required.blank", None) in found
    assert [one for one in found if one[2] == "required.blank"] == found
    # A property without its address is one that nothing could find again.
    kept = [] if column == "B" else [SECOND]
    assert prepared_rows(path) == [FIRST, FIRST + 1, *kept]


def prepared_rows(path: Path) -> list[int]:
    """Rows that go on to the register."""
    [sheet] = prepare(read_source(path), CONTRACTS, load_pack(), datum=None).sheets
    return [int(row) for row in sheet.table.rows[~sheet.is_rejected]]


def test_of_a_shared_property_the_cells_of_each_agency_are_asked_for(tmp_path: Path) -> None:
    found = told(tmp_path / "表.xlsx", {f"I{FIRST + 1}": None})
    assert found == [(FIRST + 1, COLUMNS["I"], "required.blank", None)]


def test_a_nought_or_a_word_is_no_blank(tmp_path: Path) -> None:
    cells = {f"Q{SECOND}": 0, f"S{SECOND}": "无", f"T{SECOND}": "说不清"}
    assert told(tmp_path / "表.xlsx", cells) == []


def test_an_agency_without_a_post_of_any_rank_is_told(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    assert told(path, {f"{column}{FIRST + 1}": None for column in "JKLM"}) == []
    found = told(path, {f"{column}{FIRST + 1}": None for column in "JKLMN"})
    assert found == [(FIRST + 1, None, "headcount.no_ranks", None)]


def test_fewer_posts_than_none_are_told_by_their_cell(tmp_path: Path) -> None:
    path = tmp_path / "表.xlsx"
    told(path, {f"J{SECOND}": -2})
    found = prepare(read_source(path), CONTRACTS, load_pack(), datum=None).issues.frame()
    [one] = found[found["rule"] == "number.negative"].itertuples()
    assert (one.row, one.original) == (SECOND, "-2")
    assert one.column.endswith("/县级正职")
    assert one.sheet
    assert SECOND in prepared_rows(path)


def test_a_column_that_is_blank_for_the_most_part_is_told_once(tmp_path: Path) -> None:
    path = national_form(tmp_path / "表.xlsx")
    book = openpyxl.load_workbook(path)
    row = [cell.value for cell in book.active[SECOND]]
    for number in range(30):
        row[1] = f"常州市天宁区丙路{number}号"
        row[20] = None
        book.active.append(row)
    book.save(path)
    found = prepare(read_source(path), CONTRACTS, load_pack(), datum=None).issues.frame()
    [one] = found[found["rule"].str.startswith("required.blank")].itertuples()
    assert (one.rule, one.column, one.params) == ("required.blank.all", "建设年代", {"count": 30})


def test_a_column_of_the_form_that_is_not_there_is_told_once(tmp_path: Path) -> None:
    path = national_form(tmp_path / "表.xlsx")
    book = openpyxl.load_workbook(path)
    for row in range(2, SECOND + 1):
        if not isinstance(cell := book.active[f"V{row}"], openpyxl.cell.MergedCell):
            cell.value = None
    book.save(path)
    issues = prepare(read_source(path), CONTRACTS, load_pack(), datum=None).issues.frame()
    [one] = issues[issues["rule"] == "required.no_column"].itertuples()
    assert (one.row, one.params) == (0, {"column": "是否为租用"})


def test_a_list_of_another_form_is_asked_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_text(
        "房产编号,名称,地址坐落,使用单位,总建筑面积（m²）,建成年份\nCZ-1,文化馆,甲路1号,,1000,\n",
        "utf-8",
    )
    issues = prepare(read_source(path), CONTRACTS, load_pack(), datum=None).issues.frame()
    assert not issues["rule"].str.startswith("required").any()


def test_a_remark_over_two_hundred_characters_and_a_code_over_twelve_digits_are_told(
    tmp_path: Path,
) -> None:
    path = tmp_path / "表.xlsx"
    assert told(path, {f"W{SECOND}": "长" * 200, f"C{SECOND}": "320402001001"}) == []
    found = told(path, {f"W{SECOND}": "长" * 201, f"C{SECOND}": "3204020010011"})
    assert found == [
        (SECOND, COLUMNS["C"], "text.too_long", None),
        (SECOND, "备注", "text.too_long", None),
    ]


def test_an_area_with_more_than_two_decimals_is_told_with_what_is_kept(tmp_path: Path) -> None:
    cells = {f"D{SECOND}": 100.255, f"O{SECOND}": 50.1 + 0.2, f"S{SECOND}": 5.25}
    found = told(tmp_path / "表.xlsx", cells)
    assert found == [(SECOND, COLUMNS["D"], "number.decimals", "100.26")]


def test_totals_that_the_form_works_out_itself_are_proposed_where_they_are_blank(
    tmp_path: Path,
) -> None:
    found = told(tmp_path / "表.xlsx", {f"E{SECOND}": None, f"R{SECOND}": None})
    assert found == [
        (SECOND, f"{USABLE}/合计", "area.usable_nothing", "80.0"),
        (SECOND, "总建筑面积（m²）", "area.nothing", "200.0"),
    ]
