"""Two headers on one sheet: below one another they are read, beside one another refused."""

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from assets.estate.contracts import CONTRACTS
from etl.meaning import SheetMeaning, fingerprint, meant_sheets
from etl.pack import load_pack
from etl.prepare import Prepared, prepare
from etl.read import read_source
from gis.errors import SourceError
from gis.i18n import explain

PACK = load_pack()
BUILDINGS = ("楼栋编号", "楼栋名称", "建筑面积")
ROOMS = ("房间编号", "楼栋编号", "房间号", "使用面积")
TITLE = ("楼栋一览表（示例数据）",)


def _book(path: Path, *rows: Sequence[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    return path


def _prepared(path: Path) -> Prepared:
    return prepare(read_source(path), CONTRACTS, PACK, datum=None)


def _refused(path: Path) -> SourceError:
    with pytest.raises(SourceError) as refused:
        _prepared(path)
    return refused.value


def _spots(error: SourceError) -> tuple[object, ...]:
    return tuple(error.params[name] for name in ("first", "second", "start", "gap"))


def test_the_same_header_again_behind_a_blank_column_is_refused_with_both_places(
    tmp_path: Path,
) -> None:
    path = _book(
        tmp_path / "并排.xlsx", TITLE, (*BUILDINGS, None, *BUILDINGS),
        ("A1", "甲楼", 100, None, "B1", "乙楼", 200),
    )  # fmt: skip
    error = _refused(path)
    assert (error.key, *_spots(error)) == (
        "load.tables_side_by_side", "A2:C2", "E2:G2", "E", "D",
    )  # fmt: skip
    sentence = explain("zh", error)
    assert all(word in sentence for word in ("并排.xlsx", "A2:C2", "E2:G2", "下方", "空白列 D"))


def test_the_same_header_again_with_nothing_between_is_refused_with_both_places(
    tmp_path: Path,
) -> None:
    path = _book(
        tmp_path / "紧挨.xlsx", (*BUILDINGS, *BUILDINGS), ("A1", "甲楼", 100, "B1", "乙楼", 200)
    )
    error = _refused(path)
    assert (error.key, *_spots(error)) == ("load.tables_adjoining", "A1:C1", "D1:F1", "D", None)
    assert "D1:F1" in explain("en", error)


def test_another_table_whose_header_stands_lower_is_no_longer_passed_over(tmp_path: Path) -> None:
    path = _book(
        tmp_path / "错行.xlsx", BUILDINGS, ("A1", "甲楼", 100),
        ("A2", "乙楼", 100, None, *ROOMS), ("A3", "丙楼", 90, None, "F1", "A1", "101", 20),
    )  # fmt: skip
    assert _spots(_refused(path)) == ("A1:C1", "E3:H3", "E", "D")


def test_a_longer_table_beside_a_shorter_one_is_refused(tmp_path: Path) -> None:
    header = (*BUILDINGS, None, *ROOMS)
    path = _book(
        tmp_path / "长短.xlsx", header, ("A1", "甲楼", 100, None, "F1", "A1", "101", 20),
        (None, None, None, None, "F2", "A1", "102", 20),
    )  # fmt: skip
    assert _spots(_refused(path)) == ("A1:C1", "E1:H1", "E", "D")


def test_a_blank_column_within_one_table_changes_nothing(tmp_path: Path) -> None:
    path = _book(
        tmp_path / "空列.xlsx", ("楼栋编号", "楼栋名称", None, "建筑面积", "建成年份", "备注"),
        ("A1", "甲楼", None, 100, 1998, None), ("A2", "乙楼", None, 90, 2001, "危房"),
        ("A3", "丙楼", None, None, None, None),
    )  # fmt: skip
    [sheet] = _prepared(path).sheets
    assert sheet.table.rows.tolist() == [2, 3, 4]
    assert sheet.cleaned.text("gross_area").tolist() == ["100.0", "90.0", None]


def test_a_table_of_another_kind_that_ends_on_the_same_row_is_refused_with_both_places(
    tmp_path: Path,
) -> None:
    projects = ("项目名称", "建设规模", "估算投资", "审批部门")
    path = _book(
        tmp_path / "两种.xlsx", (*BUILDINGS, None, *projects),
        ("A1", "甲楼", 100, None, "示例工程一", 1000, 20, "示例委"),
        ("A2", "乙楼", 200, None, "示例工程二", 2000, 30, "示例委"),
    )  # fmt: skip
    assert _spots(_refused(path)) == ("A1:C1", "E1:H1", "E", "D")


def test_two_numbered_tables_that_end_on_the_same_row_are_refused_with_both_places(
    tmp_path: Path,
) -> None:
    rooms = ("房间编号", "楼层编号", "使用面积")
    rows = [(f"A{n}", f"{n}号楼", 100 * n, None, f"F{n}", "L1", 20) for n in (1, 2, 3)]
    path = _book(tmp_path / "楼和房.xlsx", (*BUILDINGS, None, *rooms), *rows)
    assert _spots(_refused(path)) == ("A1:C1", "E1:G1", "E", "D")


def test_columns_of_the_parent_beside_those_of_its_parts_are_one_table(tmp_path: Path) -> None:
    rooms = ("房间编号", "楼层编号", "使用面积")
    rows = [("A1", "甲楼", 100, None, f"F{n}", "L1", 20) for n in (1, 2, 3)]
    path = _book(tmp_path / "房间.xlsx", (*BUILDINGS, None, *rooms), *rows)
    [sheet] = _prepared(path).sheets
    assert sheet.table.contract.name == "room"
    assert sheet.table.cells["code"].tolist() == ["F1", "F2", "F3"]


def test_a_note_beside_a_table_is_no_second_table(tmp_path: Path) -> None:
    path = _book(
        tmp_path / "旁注.xlsx", (*BUILDINGS, None, "填表说明"),
        ("A1", "甲楼", 100, None, "面积按证载填写"), (None, None, None, None, "单位：平方米"),
    )  # fmt: skip
    [sheet] = _prepared(path).sheets
    assert sheet.table.cells["name"].tolist()[0] == "甲楼"


def test_tables_below_one_another_are_both_read_each_under_its_own_header(tmp_path: Path) -> None:
    path = _book(
        tmp_path / "上下.xlsx", TITLE, BUILDINGS, ("A1", "甲楼", 100), ("A2", "乙楼", "一百平"), (),
        ("房间一览表",), ROOMS, ("F1", "A1", "101", "二十"), ("F2", "A1", "102", "乱写"),
    )  # fmt: skip
    prepared = _prepared(path)
    assert [(one.table.contract.name, one.table.rows.tolist()) for one in prepared.sheets] == [
        ("building", [3, 4]), ("room", [8, 9]),
    ]  # fmt: skip
    found = prepared.issues.frame()
    bad = found[found["rule"] == "number.unreadable"]
    assert list(bad[["row", "column"]].itertuples(index=False, name=None)) == [(9, "使用面积")]


def test_a_table_below_without_the_column_that_names_its_rows_is_refused_at_its_header(
    tmp_path: Path,
) -> None:
    path = _book(
        tmp_path / "缺列.xlsx", TITLE, BUILDINGS, ("A1", "甲楼", 100), (),
        ("房间一览表",), ("楼层", "房间类型", "使用面积"), ("一层", "办公室", 20),
    )  # fmt: skip
    error = _refused(path)
    assert (error.key, error.params["row"]) == ("load.header_lacks", 6)


def test_a_person_may_leave_the_second_table_out(tmp_path: Path) -> None:
    path = _book(
        tmp_path / "并排.xlsx", (*BUILDINGS, None, *ROOMS),
        ("A1", "甲楼", 100, None, "F1", "A1", "101", 20),
        (None, None, None, None, "F2", "A1", "102", 20),
    )  # fmt: skip
    source = read_source(path)
    [meant] = meant_sheets(source, CONTRACTS, PACK)
    meaning = SheetMeaning(fingerprint(meant.paths), "building", dict.fromkeys(ROOMS))
    sheets = meant_sheets(source, CONTRACTS, PACK, [meaning])
    [sheet] = prepare(source, CONTRACTS, PACK, datum=None, sheets=sheets).sheets
    assert sheet.table.cells["code"].tolist()[0] == "A1"
