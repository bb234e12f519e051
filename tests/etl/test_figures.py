"""Figures of a row that cannot all be right, and names that are none."""

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from assets.registry import CONTRACTS
from etl.pack import load_pack
from etl.prepare import prepare
from etl.read import read_source

LEDGER = ("房屋名称", "坐落", "使用单位", "占地面积", "建筑面积", "使用面积", "自用面积",
          "闲置面积", "使用状况", "房产证号", "证载面积")  # fmt: skip
CLEAN = ("甲楼", "甲路1号", "示例局", 2000, 1000, 700, 1000, 0, "自用", None, None)
OFTEN = 25


def _rules(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> list[tuple]:
    book = openpyxl.Workbook()
    book.active.title = "房产台账"
    book.active.append(list(header))
    for row in rows:
        book.active.append(list(row))
    book.save(path)
    prepared = prepare(read_source(path), CONTRACTS, load_pack(), datum=None)
    found = prepared.issues.frame()
    return list(found[["row", "column", "rule", "suggestion"]].itertuples(index=False, name=None))


def _changed(**cells: object) -> list[object]:
    return [cells.get(name, value) for name, value in zip(LEDGER, CLEAN, strict=True)]


@pytest.mark.parametrize(
    ("cells", "column", "rule", "suggestion"),
    [
        ({"占地面积": 3}, "占地面积", "area.magnitude", "2000.0"),
        ({"建筑面积": 0.1}, "建筑面积", "area.magnitude", "1000.0"),
        ({"建筑面积": 2000, "使用面积": 1400, "自用面积": 2000}, "建筑面积", "area.land_is_gross",
         None),
        ({"建筑面积": None}, "建筑面积", "area.nothing", None),
        ({"建筑面积": 0}, "建筑面积", "area.nothing", None),
        ({"房产证号": "苏（2020）示例市不动产权第1号", "证载面积": 1200}, "证载面积",
         "area.certificate_differs", "1000.0"),
        ({"使用状况": "闲置"}, "使用状况", "use.idle_but_used", None),
        ({"自用面积": 100, "闲置面积": 900}, "闲置面积", "area.idle_in_use", None),
        ({"房屋名称": "3号楼2层"}, "房屋名称", "level.differs", None),
        ({"房屋名称": "东楼301室"}, "房屋名称", "level.differs", None),
        ({"使用单位": "11320402QC00001234"}, "使用单位", "name.is_code", None),
        ({"坐落": "甲 路1号"}, "坐落", "text.spaces", "甲路1号"),
        ({"坐落": "甲路１号　"}, "坐落", "text.full_width", "甲路1号"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_listed_at_its_cell(
    tmp_path: Path, cells: dict[str, object], column: str, rule: str, suggestion: str | None
) -> None:
    found = _rules(tmp_path / "台账.xlsx", LEDGER, [_changed(**cells)])
    named = {(row, header, name) for row, header, name, _told in found}
    assert (2, column, rule) in named
    assert suggestion is None or (2, column, rule, suggestion) in found


@pytest.mark.parametrize(
    "cells",
    [
        {},
        {"占地面积": 100},
        {"占地面积": None, "建筑面积": None, "使用面积": None, "自用面积": None},
        {"自用面积": 800, "闲置面积": 200},
        {"自用面积": 0, "闲置面积": 1000, "使用状况": "闲置"},
        {"房产证号": "苏（2020）示例市不动产权第1号", "证载面积": 1010},
        {"房屋名称": "三层小楼"},
        {"房屋名称": "Building 3 大楼"},
    ],
)
def test_what_may_well_be_right_is_left_alone(tmp_path: Path, cells: dict[str, object]) -> None:
    assert _rules(tmp_path / "台账.xlsx", LEDGER, [_changed(**cells)]) == []


def test_a_certificate_that_several_rows_count_in_full_is_listed_at_the_later_rows(
    tmp_path: Path,
) -> None:
    number = "苏（2020）示例市不动产权第1号"
    rows = [_changed(坐落=f"甲路{at}号", 房产证号=number, 证载面积=1000) for at in (1, 2)]
    found = _rules(tmp_path / "台账.xlsx", LEDGER, rows)
    assert (3, "证载面积", "area.over_certificate", "2000.0") in found
    assert "area.certificate_differs" not in {one[2] for one in found}


def test_what_most_of_a_column_needs_is_listed_once(tmp_path: Path) -> None:
    rows = [_changed(坐落=f" 甲路{at}号 ") for at in range(OFTEN)]
    found = [one for one in _rules(tmp_path / "台账.xlsx", LEDGER, rows) if "spaces" in one[2]]
    assert [(row, rule) for row, _column, rule, _told in found] == [(2, "text.spaces.all")]


def test_a_number_among_codes_of_text_and_a_text_among_numbers_are_told(tmp_path: Path) -> None:
    header = ("楼栋编号", "楼栋名称", "行政区划代码", "建筑面积")
    rows = [
        ["A1", "甲楼", "320402", 100.5],
        ["A2", "乙楼", 320402, 200.5],
        ["A3", "丙楼", "320402", "300.5"],
    ]
    found = _rules(tmp_path / "楼栋.xlsx", header, rows)
    assert [one[:3] for one in found] == [
        (3, "行政区划代码", "code.number"),
        (4, "建筑面积", "number.as_text"),
    ]


def test_more_staff_than_posts_is_asked_about(tmp_path: Path) -> None:
    header = ("单位名称", "单位性质", "编制数", "在职人数")
    rows = [["示例一局", "机关", 20, 18], ["示例二局", "机关", 20, 26]]
    found = _rules(tmp_path / "机构名录.xlsx", header, rows)
    assert ("headcount.actual_over_quota", 3) in [(rule, row) for row, _c, rule, _s in found]
    assert len(found) == 1


FORM = ("序号", "地址坐落", "行政区划代码", "总建筑面积（m²）", "办公用房建筑面积（m²）",
        "技术业务用房建筑面积（m²）", "使用单位", "办公室使用面积（m²）", "服务用房使用面积（m²）",
        "设备用房使用面积（m²）", "基本办公用房使用面积（m²）")  # fmt: skip


def test_a_usable_area_is_odd_only_beside_the_whole_and_beside_the_office_part(
    tmp_path: Path,
) -> None:
    rows = [
        (1, "甲路1号", "320402", 2000, 1000, 1000, "示例局", 400, 200, 50, 650),
        (2, "乙路2号", "320402", 2000, 1000, 1000, "示例局", 200, 100, 50, 350),
    ]
    found = _rules(tmp_path / "表.xlsx", FORM, rows)
    assert [(row, rule) for row, _header, rule, _told in found if rule.startswith("area.")] == [
        (3, "area.ratio")
    ]
