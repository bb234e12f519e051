"""What a load would change is told value by value before it is made, and nothing is kept."""

from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
from conftest import Operator
from handed_in import register_state

from etl.load import LoadOptions, check_file, load_file
from gis.db import Database

HEADERS = ["院落名称", "坐落", "行政区划代码", "总建筑面积（m²）", "建设年代", "使用单位", "密级"]
FIRST = (
    ["甲院", "常州市天宁区甲路1号", "320402", 5000, 1998, "财政局", None],
    ["乙院", "常州市天宁区乙路2号", "320402", 700, 2001, "财政局", None],
    ["和平院", "常州市天宁区和平路12号", "320402", 800, 2003, "财政局", None],
)
SECOND = (
    ["甲大院", "常州市天宁区甲路1号", "320402", 5200.5, 1998, "财政局", None],
    ["乙院", "常州市天宁区乙路2号", "320402", 700, 2001, "财政局", None],
    ["丙院", "常州市天宁区丙路3号", "320402", 90, 2010, "税务局", None],
    ["和平院", "和平路十二号", "320402", 800, 2003, "财政局", None],
    ["乙院", "常州市天宁区乙路2号", "320402", 700, 2001, "财政局", None],
    ["密院", "常州市天宁区丁路4号", "320402", 90, 2010, "税务局", "机密"],
)


def ledger(path: Path, rows: tuple[list[object], ...]) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "房产"
    for row in (HEADERS, *rows):
        book.active.append(row)
    book.save(path)
    return path


def changes(city: Database, operator: Operator, path: Path) -> pd.DataFrame:
    found: list[pd.DataFrame] = []
    check_file(city, path, token=operator.token, options=LoadOptions(any_area=True), changes=found)
    return found[0]


def test_each_row_has_its_outcome_and_each_changed_value_what_it_was_and_would_be(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    options = LoadOptions(any_area=True)
    load_file(city, ledger(tmp_path / "a.xlsx", FIRST), token=operator.token, options=options)
    before = register_state(city)
    found = changes(city, operator, ledger(tmp_path / "b.xlsx", SECOND))
    assert register_state(city) == before
    assert found[["row", "outcome", "header", "old", "new"]].to_numpy().tolist() == [
        [2, "updated", "院落名称", "甲院", "甲大院"],
        [2, "updated", "总建筑面积（m²）", "5000.00", "5200.50"],
        [3, "unchanged", None, None, None],
        [4, "inserted", None, None, None],
        [5, "waiting", None, None, None],
        [6, "rejected", None, None, None],
    ]  # of what is secret, nothing
    load_file(city, tmp_path / "b.xlsx", token=operator.token, options=options)
    again = changes(city, operator, tmp_path / "b.xlsx")
    assert set(again["outcome"]) == {"unchanged", "waiting", "rejected"}
    assert again["field"].isna().all()


def test_a_load_of_places_nobody_knew_changes_nothing_that_stands(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    found = changes(city, operator, ledger(tmp_path / "a.xlsx", FIRST))
    assert found["outcome"].tolist() == ["inserted"] * 3
    assert found["field"].isna().all()


def test_days_for_which_values_stand_are_no_changed_values(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = ledger(tmp_path / "a.xlsx", FIRST)
    load_file(
        city,
        path,
        token=operator.token,
        options=LoadOptions(any_area=True, as_of=date(2024, 9, 30)),
    )
    for day in (date(2025, 9, 30), date(2026, 9, 30)):
        options = LoadOptions(any_area=True, as_of=day)
        named = ledger(tmp_path / "b.xlsx", ([f"甲院{day.year}", *FIRST[0][1:]], *FIRST[1:]))
        found: list[pd.DataFrame] = []
        check_file(city, named, token=operator.token, options=options, changes=found)
        assert found[0]["field"].dropna().tolist() == ["name"]
        load_file(city, named, token=operator.token, options=options)
