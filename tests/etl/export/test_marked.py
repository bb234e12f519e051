"""The filer gets the own workbook back, marked; mended, it loads only what changed."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from etl.confined.marking import LIST_SHEET
from etl.export.marked import kept_issues, write_marked
from etl.load import LoadOptions, LoadResult, check_file, load_file
from gis.db import Database, Role, transaction
from gis.errors import SourceError
from tests.conftest import Operator

HEADERS = [
    "序号",
    "地址坐落",
    "行政区划代码",
    "总建筑面积（m²）",
    "建成年份",
    "经度",
    "纬度",
    "使用单位",
]
REJECTED, WARNED = "FFF4B6B6", "FFFFF3B0"


def _ledger(path: Path) -> Path:
    """Three properties: one is on null island, one has a year nobody can read."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "房产"
    sheet.append(["某局房产台账"])
    sheet.merge_cells("A1:H1")
    sheet.append(HEADERS)
    sheet.append([1, "甲路1号", "320402", 1000, 1998, 119.95, 31.78, "财政局"])
    sheet.append([2, "乙路2号", "320402", 900, "不详年", 119.96, 31.78, "税务局"])
    sheet.append([3, "丙路3号", "320402", 800, 2001, 0.0001, 0.0001, "审计局"])
    sheet["B3"].font = Font(bold=True)
    sheet["F5"].comment = Comment("请王工核对", "科长")
    book.save(path)
    return path


def _load(city: Database, operator: Operator, path: Path) -> LoadResult:
    return load_file(
        city, path, token=operator.token, options=LoadOptions(any_area=True, datum="cgcs2000")
    )


def _marked(city: Database, operator: Operator, path: Path, folder: Path) -> tuple[Path, Any]:
    result = _load(city, operator, path)
    assert result.load_id is not None
    with transaction(city.engine(Role.OPERATOR), operator.token) as conn:
        issues = kept_issues(conn, result.load_id)
    written = write_marked(path, issues, folder, language="zh")
    return written, openpyxl.load_workbook(written)


def test_bad_cells_are_coloured_commented_and_listed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _ledger(tmp_path / "台账.xlsx")
    written, book = _marked(city, operator, path, tmp_path / "out")
    sheet = book["房产"]
    assert written.name == "台账-问题标注.xlsx"
    bad = sheet["F5"]
    assert bad.fill.fgColor.rgb == REJECTED
    assert bad.comment.text.startswith("请王工核对\n")
    assert "退回" in bad.comment.text
    assert sheet["E4"].fill.fgColor.rgb == WARNED
    assert "不详年" in [row[6].value for row in book[LIST_SHEET].iter_rows(min_row=2)]
    assert sheet["B3"].font.b, "the workbook lost its looks"
    assert "A1:H1" in [str(span) for span in sheet.merged_cells.ranges]
    assert sheet["B3"].comment is None
    links = [row[0].hyperlink.location for row in book[LIST_SHEET].iter_rows(min_row=2)]
    assert "'房产'!F5" in links


def test_a_mended_workbook_loads_only_what_changed(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _ledger(tmp_path / "台账.xlsx")
    written, book = _marked(city, operator, path, tmp_path / "out")
    book["房产"]["F5"], book["房产"]["G5"] = 119.97, 31.78
    book.save(written)
    result = _load(city, operator, written)
    assert (result.inserted, result.updated, result.unchanged) == (1, 0, 2)
    assert (result.rejected, result.waiting) == (0, 0)


def test_the_next_round_takes_old_marks_away(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _ledger(tmp_path / "台账.xlsx")
    written, book = _marked(city, operator, path, tmp_path / "out")
    book["房产"]["F5"], book["房产"]["G5"] = 119.97, 31.78
    book.save(written)
    _again, book = _marked(city, operator, written, tmp_path / "again")
    sheet = book["房产"]
    assert sheet["F5"].fill.fill_type is None
    assert sheet["F5"].comment.text == "请王工核对"
    assert sheet["E4"].fill.fgColor.rgb == WARNED
    assert book.sheetnames.count(LIST_SHEET) == 1


def test_a_csv_comes_back_as_a_workbook(city: Database, operator: Operator, tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    lines = [",".join(HEADERS), "1,=甲路1号,320402,一千,1998,0.0001,0.0001,财政局"]
    path.write_text("\n".join(lines), "gb18030")
    _written, book = _marked(city, operator, path, tmp_path / "out")
    sheet = book["台账"]
    assert sheet["F2"].fill.fgColor.rgb == REJECTED
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=甲路1号", "s")


def test_a_check_marks_without_loading(city: Database, operator: Operator, tmp_path: Path) -> None:
    path = _ledger(tmp_path / "台账.xlsx")
    _result, issues = check_file(
        city, path, token=operator.token, options=LoadOptions(any_area=True, datum="cgcs2000")
    )
    book = openpyxl.load_workbook(write_marked(path, issues, tmp_path / "out", language="en"))
    assert book["房产"]["F5"].fill.fgColor.rgb == REJECTED
    assert book[LIST_SHEET]["A1"].value == "Sheet"


def test_a_file_without_cells_is_refused_with_a_sentence(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = tmp_path / "点.geojson"
    path.write_text('{"type":"FeatureCollection","features":[]}')
    _result, issues = check_file(
        city, _ledger(tmp_path / "a.xlsx"), token=operator.token,
        options=LoadOptions(any_area=True, datum="cgcs2000"),
    )  # fmt: skip
    with pytest.raises(SourceError, match=r"marked\.only_sheets"):
        write_marked(path, issues, tmp_path / "out", language="zh")
    assert not (tmp_path / "out").exists()
