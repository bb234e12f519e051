"""Floors bear the numbers their sheet gives them, and what names a number hangs there."""

from pathlib import Path

import openpyxl
import pytest
from handed_in import footprints, history_of_load, register_state, rows_of
from sqlalchemy import text

from etl.load import LoadOptions, load_file
from gis.db import Database, Role
from tests.conftest import Operator

FLOORS = (
    ("楼层编号", "建筑编号", "楼层", "建筑面积"),
    ("L-1", "D0000", -1, 400),
    ("L-2", "D0000", 2, 380),
    ("L-3", "D0001", 2, 300),
)
ROOMS = (
    ("房间编号", "楼层编号", "房间号", "房间类型", "使用面积"),
    ("R-1", "L-2", "201", "办公室", 18),
    ("R-2", "L-2", "202", "办公室", 20),
    ("R-3", "L-3", "201", "办公室", 22),
)
SECTIONS = (("单元编号", "建筑编号", "单元号"), ("U-1", "D0002", "甲"))
DWELLINGS = (("住房编号", "单元编号", "室号", "建筑面积"), ("H-1", "U-1", "101", 60))


def workbook(path: Path, **sheets: tuple[tuple[object, ...], ...]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def hanging(city: Database, kind: str) -> list[tuple[object, ...]]:
    """Code of each place of a kind, and of what it hangs in."""
    return rows_of(
        city,
        "SELECT p.code, above.code FROM place.place AS p"
        " JOIN place.place AS above ON above.place_id = p.parent_id"
        " WHERE p.kind = :kind ORDER BY p.code",
        kind=kind,
    )


@pytest.mark.parametrize("order", [("楼层", "房间"), ("房间", "楼层")])
def test_rooms_hang_in_the_floors_whose_numbers_they_name(
    city: Database, operator: Operator, tmp_path: Path, order: tuple[str, ...]
) -> None:
    sheets = {"楼层": FLOORS, "房间": ROOMS}
    book = workbook(tmp_path / "楼层房间.xlsx", **{name: sheets[name] for name in order})
    options = LoadOptions(any_area=True)
    load_file(city, footprints(tmp_path / "建筑.gpkg"), token=operator.token, options=options)
    result = load_file(city, book, token=operator.token, options=options)
    assert (result.inserted, result.rejected, result.waiting) == (6, 0, 0)
    assert hanging(city, "floor") == [("L-1", "D0000"), ("L-2", "D0000"), ("L-3", "D0001")]
    assert hanging(city, "room") == [("R-1", "L-2"), ("R-2", "L-2"), ("R-3", "L-3")]
    with city.engine(Role.OWNER).connect() as conn:
        rules = conn.execute(
            text("SELECT rule FROM staging.issue WHERE load_id = :id"),
            {"id": result.load_id},
        )
        assert rules.scalars().all() == []


def test_floors_and_rooms_loaded_again_change_nothing(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    options = LoadOptions(any_area=True)
    load_file(city, footprints(tmp_path / "建筑.gpkg"), token=operator.token, options=options)
    book = workbook(tmp_path / "楼层房间.xlsx", 楼层=FLOORS, 房间=ROOMS)
    load_file(city, book, token=operator.token, options=options)
    before = register_state(city)
    # Another workbook of the same rows: the file itself would be known by its digest.
    other = workbook(tmp_path / "又一份.xlsx", 说明=(("示例数据",),), 楼层=FLOORS, 房间=ROOMS)
    again = load_file(city, other, token=operator.token, options=options)
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 6)
    assert register_state(city) == before
    assert history_of_load(city, again.load_id) == {}


def test_dwellings_hang_in_the_stairwells_whose_numbers_they_name(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    options = LoadOptions(any_area=True)
    load_file(city, footprints(tmp_path / "建筑.gpkg"), token=operator.token, options=options)
    book = workbook(tmp_path / "住宅.xlsx", 单元=SECTIONS, 公有住房=DWELLINGS)
    result = load_file(city, book, token=operator.token, options=options)
    assert (result.inserted, result.rejected) == (2, 0)
    assert hanging(city, "section") == [("U-1", "D0002")]
    assert hanging(city, "housing_unit") == [("H-1", "U-1")]
