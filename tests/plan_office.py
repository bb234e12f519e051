"""A building of 20 by 10 m whose third floor has three registered rooms, for tests of plans."""

from pathlib import Path

import geopandas
import openpyxl
import shapely

from etl.admin_areas import packaged_city, save_areas
from etl.load import load_file
from etl.plans.placement import Placement
from gis.db import Database, Role

WEST, SOUTH = 498_600.0, 3_517_500.0
_HERE = Placement((1, 0, 0, 1, 0, 0), 4549, "own", 0.0)
_SHEETS = (
    ("楼层", [("楼层编号", "建筑编号", "楼层"), ("L-3", "D-1", 3)]),
    ("房间", [("房间编号", "楼层编号", "房间号", "使用面积"), ("R-1", "L-3", "301", 21.0),
             ("R-2", "L-3", "302", 18.0), ("R-3", "L-3", "303", 21.2)]),
)  # fmt: skip


def degrees(x: float, y: float) -> tuple[float, float]:
    """Where a point of the building lies, metres from its south-west corner."""
    at = _HERE.in_degrees(shapely.Point(WEST + x, SOUTH + y))
    return at.x, at.y


def build(database: Database, token: str, folder: Path) -> None:
    with database.engine(Role.OWNER).begin() as conn:
        save_areas(conn, packaged_city("320400"))
    outline = _HERE.in_degrees(shapely.box(WEST, SOUTH, WEST + 20, SOUTH + 10))
    frame = geopandas.GeoDataFrame({"要素编号": ["D-1"]}, geometry=[outline], crs=4490)
    frame.to_file(folder / "建筑.gpkg", layer="建筑")
    book = openpyxl.Workbook()
    for name, rows in _SHEETS:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "房间.xlsx")
    for file in ("建筑.gpkg", "房间.xlsx"):
        load_file(database, folder / file, token=token)
