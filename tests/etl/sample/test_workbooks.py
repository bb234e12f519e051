"""The national workbook's layout (regulations 8.1) and the other workbooks' headers."""

from pathlib import Path

import openpyxl
import pytest

from etl.sample.tables import Heading, Sheet
from etl.sample.workbooks import write_workbook

CITY = "办公用房统计/常州市-320400.xlsx"
COUNTY = "办公用房统计/溧阳市-320481.xlsx"
OFFICE = [
    "序号",
    "地址坐落",
    "行政区划代码",
    "用地面积（m²）",
    "总建筑面积（m²）",
    "办公用房建筑面积（m²）",
    "技术业务用房建筑面积（m²）",
    "单位名称",
    "类别",
    "市级正职",
    "市级副职",
    "正局（处）级",
    "副局（处）级",
    "局（处）级以下",
    "办公室",
    "服务用房",
    "设备用房",
    "合计",
    "附属用房建筑面积（m²）",
    "权属登记情况",
    "建设年代",
    "是否为租（借）用",
    "备注",
]


def leaf_titles(sheet: openpyxl.worksheet.worksheet.Worksheet, rows: range) -> list[str]:
    """The lowest header text of each column."""
    columns = range(1, sheet.max_column + 1)
    return [
        next(cell for row in reversed(rows) if (cell := sheet.cell(row, column).value))
        for column in columns
    ]


def test_city_workbook_has_the_four_sheets(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / CITY)
    assert book.sheetnames == [
        "行政区划",
        "市（州、盟）办公用房",
        "技术业务用房",
        "办公用房建设项目",
    ]
    assert book.properties.creator == "示例数据"
    assert "示例数据" in book.worksheets[1]["A1"].value


def test_office_columns_stand_in_the_order_of_the_form(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / CITY).worksheets[1]
    assert leaf_titles(sheet, range(2, 5)) == OFFICE
    assert sheet["H2"].value == "使用单位（多个单位填多条）及批复编制情况（人）"
    assert sheet["J3"].value == "按编制部门正式批复的各职级编制数"
    assert sheet["O2"].value == "基本办公用房使用面积（m²）"


def test_office_header_is_merged_as_on_the_form(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / CITY).worksheets[1]
    merged = {str(found) for found in sheet.merged_cells.ranges}
    assert {
        "A1:W1",
        "H2:N2",
        "J3:N3",
        "H3:H4",
        "I3:I4",
        "O2:R2",
        "O3:O4",
        "A2:A4",
        "W2:W4",
    } <= merged


def test_a_property_of_several_units_is_merged_over_their_rows(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / CITY).worksheets[1]
    merged = {str(found) for found in sheet.merged_cells.ranges}
    last = next(row for row in range(6, 40) if sheet.cell(row, 2).value) - 1
    assert last > 5
    for letter in "ABCDEFGOPQRSTUVW":
        assert f"{letter}5:{letter}{last}" in merged
    assert not any(text.startswith(("H5", "N5")) for text in merged)
    assert all(sheet.cell(row, 8).value for row in range(5, last + 1))


def test_districts_use_the_county_and_township_variants(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / COUNTY)
    assert book.sheetnames[1:3] == ["县（区、旗）办公用房", "乡（镇）办公用房"]
    county = leaf_titles(book.worksheets[1], range(2, 5))
    assert county[9:14] == ["县级正职", "县级副职", "正科级", "副科级", "科级以下"]
    township = leaf_titles(book.worksheets[2], range(2, 5))
    assert township[9:12] == ["乡级正职", "乡级副职", "乡级以下"]
    assert len(township) == 21


def test_every_district_hands_in_a_workbook(folder: Path) -> None:
    assert sorted(path.stem for path in (folder / "办公用房统计").iterdir()) == sorted(
        [
            "常州市-320400",
            "天宁区-320402",
            "钟楼区-320404",
            "新北区-320411",
            "武进区-320412",
            "常州经开区-320412JK",
            "金坛区-320413",
            "溧阳市-320481",
        ]
    )


def test_ledger_mixes_subtotals_into_its_rows(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / "事业单位房产台账.xlsx").active
    labels = [sheet.cell(row, 1).value for row in range(5, sheet.max_row + 1)]
    assert labels.count("小计") == 7
    assert labels[-2] == "合计"
    assert labels[-1].startswith("注：")
    assert sheet.cell(sheet.max_row - 1, 10).value == 4939100.0
    merged = {str(found) for found in sheet.merged_cells.ranges}
    assert {"I3:L3", "A3:A4"} <= merged


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_a_header_text_stands_once_in_its_merged_range(tmp_path: Path, levels: int) -> None:
    headings = [
        Heading("甲"),
        Heading("乙", "组"),
        Heading("丙", "组", "小组" if levels > 2 else None),
    ]
    headings = headings[:1] if levels == 1 else headings
    sheet = Sheet("f.xlsx", "表", headings, title="题", levels=levels)
    sheet.add([1] * len(headings))
    write_workbook(tmp_path / "f.xlsx", [sheet])
    read = openpyxl.load_workbook(tmp_path / "f.xlsx")["表"]
    texts = [cell.value for row in read.iter_rows(max_row=1 + levels) for cell in row if cell.value]
    assert len(texts) == len(set(texts))
    assert read.cell(sheet.first_row, 1).value == 1
