"""Workbooks with more in them than values: read, and what was done with the rest is said."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from assets.estate.contracts import CONTRACTS
from etl.confined import features
from etl.pack import load_pack
from etl.prepare import Prepared, prepare
from etl.read import read_source
from gis.errors import SourceError

HEADER = ["建筑编号", "名称", "坐落", "建筑面积（㎡）", "地上层数"]
ROWS: list[list[object]] = [["A1", "甲楼", "甲路1号", 100, 3], ["A2", "乙楼", "乙路2号", 200, 4]]


def _prepared(path: Path) -> Prepared:
    return prepare(read_source(path), CONTRACTS, load_pack(), datum=None)


def _workbook(path: Path, fill: Callable[[Worksheet], None] | None = None) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "建筑"
    for row in [HEADER, *ROWS]:
        book.active.append(row)
    if fill:
        fill(book.active)
    book.save(path)
    return path


def _with_member(path: Path, target: Path, name: str, content: bytes) -> Path:
    target.write_bytes(path.read_bytes())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, content)
    return target


def _issues(found: Prepared) -> list[tuple[object, ...]]:
    frame = found.issues.frame()[["sheet", "row", "column", "rule", "original"]]
    return [
        tuple(None if pd.isna(one) else one for one in row)
        for row in frame.itertuples(index=False, name=None)
    ]


def _codes(found: Prepared) -> list[list[str]]:
    return [sheet.cleaned.text("code").tolist() for sheet in found.sheets]


def test_a_plain_workbook_has_nothing_to_say(tmp_path: Path) -> None:
    assert _issues(_prepared(_workbook(tmp_path / "x.xlsx"))) == []


def test_macros_are_neither_run_nor_a_reason_to_refuse(tmp_path: Path) -> None:
    plain = _workbook(tmp_path / "x.xlsx")
    found = _prepared(_with_member(plain, tmp_path / "x.xlsm", "xl/vbaProject.bin", b"macro"))
    assert _codes(found) == [["A1", "A2"]]
    assert _issues(found) == [(None, 0, None, "workbook.macros", None)]


def test_links_to_other_files_are_said(tmp_path: Path) -> None:
    plain = _workbook(tmp_path / "x.xlsx")
    link = "xl/externalLinks/externalLink1.xml"
    found = _prepared(_with_member(plain, tmp_path / "y.xlsx", link, b"<externalLink/>"))
    assert [rule for _sheet, _row, _column, rule, _original in _issues(found)] == [
        "workbook.external_links"
    ]


def test_a_formula_without_its_value_is_listed_by_cell(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["D3"] = "=D2*2"
        sheet["F1"] = "=1+1"
        sheet["A9"], sheet["D9"] = "合计", "=SUM(D2:D3)"

    found = _prepared(_workbook(tmp_path / "x.xlsx", fill))
    assert found.sheets[0].cleaned.values["gross_area"].to_pylist() == ["100.0", None]
    assert _issues(found) == [("建筑", 3, "建筑面积（㎡）", "cell.formula_no_value", None)]


def test_the_kept_value_of_a_formula_is_taken(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "x.xlsx", lambda sheet: sheet.cell(3, 4, "=D2*2"))
    kept = tmp_path / "kept.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(kept, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename.endswith("sheet1.xml"):
                assert (
                    content.count(b"<f>D2*2</f><v />") + content.count(b"<f>D2*2</f><v></v>") == 1
                )
                content = content.replace(b"<f>D2*2</f><v />", b"<f>D2*2</f><v>200.5</v>")
                content = content.replace(b"<f>D2*2</f><v></v>", b"<f>D2*2</f><v>200.5</v>")
            target.writestr(member, content)
    found = _prepared(kept)
    assert found.sheets[0].cleaned.values["gross_area"].to_pylist() == ["100.0", "200.5"]
    assert _issues(found) == []


def test_an_error_value_is_listed_by_cell_with_what_stood_there(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["D2"] = "#REF!"
        sheet["D2"].data_type = "e"

    found = _prepared(_workbook(tmp_path / "x.xlsx", fill))
    assert found.sheets[0].cleaned.values["gross_area"].to_pylist()[0] is None
    assert _issues(found) == [("建筑", 2, "建筑面积（㎡）", "cell.formula_error", "#REF!")]


def test_hidden_columns_and_rows_are_read_and_said(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.column_dimensions["D"].hidden = True
        sheet.row_dimensions[3].hidden = True

    found = _prepared(_workbook(tmp_path / "x.xlsx", fill))
    assert found.sheets[0].cleaned.values["gross_area"].to_pylist() == ["100.0", "200.0"]
    assert _issues(found) == [
        ("建筑", 0, None, "sheet.hidden_columns", "D"),
        ("建筑", 0, None, "sheet.hidden_rows", "3"),
    ]


def test_a_hidden_sheet_is_read_and_said_when_it_holds_a_table(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(_workbook(tmp_path / "x.xlsx"))
    hidden = book.create_sheet("建筑（旧）")
    hidden.append(HEADER)
    hidden.append(["B1", "丙楼", "丙路", 1, 1])
    hidden.sheet_state = "hidden"
    book.create_sheet("字典").append(["已登记", "未登记"])
    book["字典"].sheet_state = "hidden"
    book.save(tmp_path / "x.xlsx")
    found = _prepared(tmp_path / "x.xlsx")
    assert _codes(found) == [["A1", "A2"], ["B1"]]
    assert _issues(found) == [("建筑（旧）", 0, None, "sheet.hidden", None)]
    assert found.skipped == ("字典",)


def test_a_header_that_printing_repeats_is_no_data(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(HEADER)
        sheet.append(["A3", "丙楼", "丙路", 300, 5])

    found = _prepared(_workbook(tmp_path / "x.xlsx", fill))
    assert _codes(found) == [["A1", "A2", "A3"]]
    assert found.sheets[0].table.rows.tolist() == [2, 3, 5]
    assert _issues(found) == [("建筑", 4, None, "sheet.header_repeated", None)]


def test_two_tables_below_one_another_are_two_tables(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append([])
        sheet.append(["房间一览（示例数据）"])
        sheet.append(["房间编号", "楼栋编号", "房间名称", "楼层", "使用面积（㎡）"])
        sheet.append(["R1", "A1", "会议室", 1, 40])
        sheet.append(["R2", "A1", "办公室", 2, 20])
        sheet.merge_cells("A5:E5")

    found = _prepared(_workbook(tmp_path / "x.xlsx", fill))
    by_kind = {sheet.contract.name: sheet for sheet in found.sheets}
    assert sorted(by_kind) == ["building", "room"]
    assert by_kind["building"].cleaned.text("code").tolist() == ["A1", "A2"]
    assert by_kind["room"].table.rows.tolist() == [7, 8]
    assert by_kind["room"].cleaned.values["usable_area"].to_pylist() == ["40.0", "20.0"]
    assert ("建筑", 4, None, "sheet.several_tables", None) in _issues(found)


def test_a_data_row_of_words_is_no_second_table(tmp_path: Path) -> None:
    path = _workbook(
        tmp_path / "x.xlsx", lambda sheet: sheet.append(["A3", "名称", "地址", 5, "备注"])
    )
    assert _codes(_prepared(path)) == [["A1", "A2", "A3"]]


def test_a_sheet_of_three_hundred_columns_is_refused_with_its_count(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "x.xlsx", lambda sheet: sheet.cell(2, 300, "x"))
    with pytest.raises(SourceError) as refused:
        _prepared(path)
    assert (refused.value.key, refused.value.params["count"]) == ("load.too_many_columns", 300)


def test_cells_are_found_across_the_pieces_a_large_sheet_is_read_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in range(4, 300):
            sheet.append([f"A{row}", "楼", f"{row}号", f"=E{row}*2", 1])

    path = _workbook(tmp_path / "x.xlsx", fill)
    whole = features.notes_of_package(path, {"建筑": 5})
    monkeypatch.setattr(features, "_CHUNK", 700)
    assert features.notes_of_package(path, {"建筑": 5}) == whole
    assert [note.row for note in whole] == list(range(4, 300))


@pytest.mark.parametrize(
    ("title", "header", "area"),
    [
        ("单位：亩", "占地面积", "2000.0001"),
        ("填报单位：某局　面积单位:公顷、金额单位:万元", "占地面积", "30000.0"),
        ("单位：亩", "占地面积（㎡）", "3.0"),
        ("填报单位：亩产局", "占地面积", "3.0"),
    ],
)
def test_a_unit_above_the_headers_holds_where_a_header_states_none(
    tmp_path: Path, title: str, header: str, area: str
) -> None:
    book = openpyxl.Workbook()
    for row in [[title], ["统一编号", "坐落", header, "土地用途"], ["Z1", "甲路", 3, "办公"]]:
        book.active.append(row)
    book.save(tmp_path / "宗地.xlsx")
    found = _prepared(tmp_path / "宗地.xlsx")
    [value] = found.sheets[0].cleaned.values["land_area"].to_pylist()
    assert float(value) == float(area)
    is_said = "number.unit_of_title" in {rule for _s, _r, _c, rule, _o in _issues(found)}
    assert is_said is (float(area) != 3)
