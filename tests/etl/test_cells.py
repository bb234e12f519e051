"""Messy cells among the others of their column: each is read or listed, never just dropped."""

from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from assets.estate.contracts import CONTRACTS
from etl.clean import Cleaned
from etl.pack import load_pack
from etl.prepare import prepare
from etl.read import read_source
from tests.handed_in import footprints

HEADER = ["建筑编号", "名称", "坐落", "建筑面积（㎡）", "地上层数", "建成年份", "备注"]
LIST = ["sheet", "row", "column", "rule", "severity", "original", "suggestion"]


def _prepared(
    folder: Path, rows: list[list[object]], header: list[str] | None = None
) -> tuple[Cleaned, pd.DataFrame]:
    book = openpyxl.Workbook()
    book.active.title = "建筑"
    for row in [header or HEADER, *rows]:
        book.active.append(row)
    book.save(folder / "x.xlsx")
    found = prepare(read_source(folder / "x.xlsx"), CONTRACTS, load_pack(), datum=None)
    [sheet] = found.sheets
    return sheet.cleaned, found.issues.frame()


def _issues(frame: pd.DataFrame, rule: str) -> list[tuple[object, ...]]:
    chosen = frame.loc[frame["rule"] == rule, ["row", "column", "original", "suggestion"]]
    return [
        tuple(None if pd.isna(one) else one for one in row)
        for row in chosen.itertuples(index=False, name=None)
    ]


def test_as_above_takes_the_cell_above_and_says_so(tmp_path: Path) -> None:
    cleaned, issues = _prepared(
        tmp_path,
        [
            ["A1", "甲楼", "甲路1号", 100, 3, "1998", None],
            ["A2", "乙楼", "同上", "〃", 4, "同上", None],
            ["A3", "丙楼", " 同 上 ", 300, 5, 2001, None],
            ["A4", "丁楼", "乙路", None, 5, 2001, None],
            ["A5", "戊楼", "乙路", '"', 5, 2001, None],
        ],
    )
    assert cleaned.text("address").tolist() == ["甲路1号", "甲路1号", "甲路1号", "乙路", "乙路"]
    assert cleaned.values["gross_area"].to_pylist() == ["100.0", "100.0", "300.0", None, None]
    assert cleaned.values["year_built"].to_pylist()[:2] == [1998, 1998]
    assert _issues(issues, "cell.same_as_above") == [
        (3, "坐落", "同上", "甲路1号"),
        (3, "建筑面积（㎡）", "〃", "100"),
        (3, "建成年份", "同上", "1998"),
        (4, "坐落", "同 上", "甲路1号"),
        (6, "建筑面积（㎡）", '"', None),
    ]
    assert set(issues["severity"]) == {"warn"}


def test_as_above_with_nothing_above_is_listed(tmp_path: Path) -> None:
    cleaned, issues = _prepared(tmp_path, [["A1", "甲楼", "同上", 100, 3, 1998, None]])
    assert cleaned.text("address").tolist() == [None]
    assert _issues(issues, "cell.nothing_above") == [(2, "坐落", "同上", None)]


def test_nothing_is_told_from_not_known(tmp_path: Path) -> None:
    rows = [
        ["A1", "甲楼", "甲路", "-", "/", "无", "详见附表"],
        ["A2", "乙楼", "甲路", "详见附表", "不详", "待核实", "-"],
    ]
    cleaned, issues = _prepared(tmp_path, rows)
    assert cleaned.values["gross_area"].to_pylist() == [None, None]
    assert [row for row, *_rest in _issues(issues, "cell.unknown")] == [3, 3, 3]
    assert cleaned.text("remark").tolist() == ["详见附表", None]
    assert set(issues["rule"]) == {"cell.unknown", "cell.nothing_in_words"}
    # Of areas alone: nought and not known are two things there.
    assert [row for row, *_rest in _issues(issues, "cell.nothing_in_words")] == [2]


def test_an_error_of_a_formula_is_listed_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("建筑编号,名称,建筑面积\nA1,甲楼,#REF!\nA2,#N/A,#DIV/0!\n")
    found = prepare(read_source(path), CONTRACTS, load_pack(), datum=None)
    assert found.sheets[0].cleaned.values["gross_area"].to_pylist() == [None, None]
    issues = _issues(found.issues.frame(), "cell.formula_error")
    assert [(row, original) for row, _column, original, _taken in issues] == [
        (2, "#REF!"), (3, "#N/A"), (3, "#DIV/0!"),
    ]  # fmt: skip


def test_zeros_lost_in_front_come_back_where_the_column_shows_its_length(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [code, f"楼{n}", "甲路", 1, 1, 1998, None]
        for n, code in enumerate(["001234", "000056", 78, 9100])
    ]
    cleaned, issues = _prepared(tmp_path, rows)
    assert cleaned.text("code").tolist() == ["001234", "000056", "000078", "009100"]
    assert _issues(issues, "code.leading_zeros") == [
        (4, "建筑编号", "78", "000078"), (5, "建筑编号", "9100", "009100"),
    ]  # fmt: skip


@pytest.mark.parametrize("codes", [["A01", 78], ["1234", 78], ["0123", "00456", 78]])
def test_zeros_are_not_made_up_where_the_length_is_uncertain(
    tmp_path: Path, codes: list[object]
) -> None:
    rows: list[list[object]] = [
        [code, f"楼{n}", "甲路", 1, 1, 1998, None] for n, code in enumerate(codes)
    ]
    cleaned, _issues_found = _prepared(tmp_path, rows)
    assert cleaned.text("code").tolist()[-1] == "78"


def test_a_code_beyond_fifteen_digits_kept_as_a_number_is_said_to_be_lost(tmp_path: Path) -> None:
    header = ["建筑编号", "名称", "不动产单元号", "建筑面积（㎡）"]
    cleaned, issues = _prepared(tmp_path, [["A1", "甲楼", 320402001002123456789.0, 1]], header)
    [field] = [one.field for one in cleaned.table.columns if one.header == "不动产单元号"]
    assert cleaned.text(field).tolist() == [None]
    [(row, _column, original, taken)] = _issues(issues, "code.scientific")
    assert (row, taken) == (2, None)
    assert "e+20" in str(original)


def test_several_lines_in_a_list_of_bodies_stay_apart(tmp_path: Path) -> None:
    header = ["序号", "地址坐落", "总建筑面积（㎡）", "使用单位"]
    cleaned, _issues_found = _prepared(tmp_path, [[1, "甲路\n1号", 100, "财政局\n税务局"]], header)
    assert cleaned.text("unit_name").tolist() == ["财政局、税务局"]
    assert cleaned.text("address").tolist() == ["甲路 1号"]


def test_a_text_column_of_a_layer_is_read_for_marks_too(tmp_path: Path) -> None:
    path = footprints(tmp_path / "x.gpkg", 3, 坐落=["常州市甲路一百号", "同上", "常州市乙路一百号"])
    found = prepare(read_source(path), CONTRACTS, load_pack(), datum=None)
    assert found.sheets[0].cleaned.text("address").tolist()[1] == "常州市甲路一百号"
    assert "cell.same_as_above" in set(found.issues.frame()["rule"])


def test_a_ring_of_one_spot_is_refused_alone(tmp_path: Path) -> None:
    spot = "POLYGON ((119.9 31.8, 119.9 31.8, 119.9 31.8, 119.9 31.8))"
    good = "POLYGON ((119.9 31.8, 119.9 31.8, 119.91 31.8, 119.91 31.81, 119.9 31.8))"
    path = tmp_path / "x.gpkg"
    gpd.GeoDataFrame(
        {"建筑编号": ["A1", "A2"], "名称": ["甲楼", "乙楼"]},
        geometry=shapely.from_wkt([spot, good]),
        crs=4490,
    ).to_file(path, layer="建筑")
    found = prepare(read_source(path), CONTRACTS, load_pack(), datum=None)
    assert found.sheets[0].is_rejected.tolist() == [True, False]
