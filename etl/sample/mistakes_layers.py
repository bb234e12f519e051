"""Plants mistakes in the layers of the GeoPackage and in the land parcels."""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from etl.sample.geofiles import BUILDINGS, GEOPACKAGE, ROOMS, SITES
from etl.sample.parcels import FILE as PARCELS
from etl.sample.spoil import full_width
from etl.sample.tables import REJECT, REPAIR, WARN, Mistake, Planter
from etl.sample.towns import LOCAL_SRID

_ZONE_PREFIX_M: Final = 40_000_000.0
_AWAY_DEG: Final = 0.0008


def plant_layers(
    planter: Planter, layers: dict[str, gpd.GeoDataFrame]
) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, int]]:
    """The layers with their mistakes, and how many extra features each has at its end."""
    planted = dict(layers)
    _plant_site_addresses(planter, planted[SITES])
    _plant_rooms(planter, planted[ROOMS])
    extra = {name: len(frame) for name, frame in planted.items()}
    planted[BUILDINGS] = _with_extra_buildings(planter, planted[BUILDINGS])
    planted[ROOMS] = _with_orphan_rooms(planter, planted[ROOMS])
    return planted, {name: len(frame) - extra[name] for name, frame in planted.items()}


def _record(
    planter: Planter,
    layer: str,
    row: int,
    column: str,
    planted: str,
    *,
    true_value: str = "",
    as_class: int,
    rule: str,
    outcome: str,
    file: str = GEOPACKAGE,
) -> None:
    planter.record(
        Mistake(file, layer, row + 1, column, as_class, rule, planted, true_value, outcome)
    )


def _with_zone_number(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points + np.array([_ZONE_PREFIX_M, 0.0]))


def _plant_site_addresses(planter: Planter, sites: gpd.GeoDataFrame) -> None:
    column = sites.columns.get_loc("坐落")
    for row in planter.places(len(sites), 0.008):
        before = str(sites.iloc[row, column])
        after = full_width(before)
        sites.iloc[row, column] = after
        _record(
            planter,
            SITES,
            row,
            "坐落",
            after,
            true_value=before,
            as_class=2,
            rule="text.full_width",
            outcome=REPAIR,
        )


def _plant_rooms(planter: Planter, rooms: gpd.GeoDataFrame) -> None:
    """Rooms outside their building, rooms on their neighbour, vacant rooms with a user."""
    user = rooms.columns.get_loc("使用单位")
    status = rooms.columns.get_loc("使用状况")
    used = np.flatnonzero(rooms["使用单位"].notna().to_numpy())
    for row in used[planter.places(len(used), 0.002)]:
        rooms.iloc[row, status] = "空置"
        _record(
            planter,
            ROOMS,
            int(row),
            "使用状况",
            f"空置（使用单位 {rooms.iloc[row, user]}）",
            true_value="在用",
            as_class=10,
            rule="use.idle_but_used",
            outcome=WARN,
        )
    shapes = np.asarray(rooms.geometry.array)
    outside, over = np.split(
        planter.rng.choice(len(rooms) - 1, 2 * max(1, len(rooms) // 2000), replace=False), 2
    )
    moved = shapely.transform(shapes[outside], lambda points: points + _AWAY_DEG)
    same_floor = rooms["楼层编号"].to_numpy()[over] == rooms["楼层编号"].to_numpy()[over + 1]
    over = over[same_floor]
    over = over[~np.isin(over, outside) & ~np.isin(over + 1, outside) & ~np.isin(over + 1, over)]
    copied = shapes[over + 1]
    shapes = shapes.copy()
    shapes[outside], shapes[over] = moved, copied
    rooms.geometry = list(shapes)
    for rows, rule in ((outside, "geometry.outside_parent"), (over, "geometry.overlap")):
        for row in sorted(int(found) for found in rows):
            code = str(rooms["要素编号"].iloc[row])
            _record(planter, ROOMS, row, "geometry", code, as_class=8, rule=rule, outcome=WARN)


def _with_extra_buildings(planter: Planter, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Repeated numbers, impossible places and shapes beyond repair, all at the end."""
    repeated = buildings.iloc[planter.places(len(buildings), 0.002)]
    spoiled = buildings.iloc[[0, 0, 1, 1]].copy()
    spoiled["要素编号"] = [f"D9{number:06d}" for number in range(1, 5)]
    spoiled["资产编号"] = None
    spoiled["院落编号"] = None
    spoiled["坐落"] = [f"示例待核建筑{number}号" for number in range(1, 5)]
    line = shapely.Polygon([(119.9, 31.8), (119.9, 31.8), (119.9, 31.8), (119.9, 31.8)])
    spoiled.geometry = [
        shapely.box(0, 0, 0.0002, 0.0002),
        shapely.box(500, 95, 500.1, 95.1),
        line,
        line,
    ]
    first = len(buildings)
    for offset, code in enumerate(repeated["要素编号"]):
        _record(
            planter,
            BUILDINGS,
            first + offset,
            "要素编号",
            str(code),
            as_class=3,
            rule="row.duplicate_code",
            outcome=REJECT,
        )
    for offset, code in enumerate(spoiled["要素编号"], start=len(repeated)):
        rule = "coordinate.impossible" if offset < len(repeated) + 2 else "geometry.beyond_repair"
        _record(
            planter,
            BUILDINGS,
            first + offset,
            "geometry",
            str(code),
            as_class=8,
            rule=rule,
            outcome=REJECT,
        )
    return _joined(buildings, repeated, spoiled)


def _with_orphan_rooms(planter: Planter, rooms: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    orphans = rooms.iloc[:6].copy()
    orphans["要素编号"] = [f"F9{number:07d}" for number in range(1, 7)]
    orphans["楼层编号"] = [f"L9{number:06d}" for number in range(1, 7)]
    for offset, code in enumerate(orphans["楼层编号"]):
        _record(
            planter,
            ROOMS,
            len(rooms) + offset,
            "楼层编号",
            str(code),
            as_class=9,
            rule="parent.unknown",
            outcome=REJECT,
        )
    return _joined(rooms, orphans)


def _joined(*frames: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns: dict[str, list[Any]] = {
        name: [value for frame in frames for value in frame[name].tolist()]
        for name in frames[0].columns
        if name != "geometry"
    }
    shapes = [shape for frame in frames for shape in frame.geometry.array]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=frames[0].crs)


def plant_parcels(planter: Planter, parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Eastings with the zone number 40 in front, unit numbers with spaces."""
    shapes = np.asarray(parcels.geometry.array).copy()
    numbers = parcels["BDCDYH"].tolist()
    for row in planter.places(len(parcels), 0.004):
        shapes[row] = shapely.transform(shapes[row], _with_zone_number)
        planted = f"X={shapes[row].bounds[0]:.2f}"
        true_value = f"X={shapes[row].bounds[0] - _ZONE_PREFIX_M:.2f}（EPSG:{LOCAL_SRID}）"
        _record(
            planter,
            "",
            row,
            "geometry",
            planted,
            true_value=true_value,
            as_class=8,
            rule="coordinate.zone_prefix",
            outcome=REPAIR,
            file=PARCELS,
        )
    for row in planter.places(len(parcels), 0.008):
        number = numbers[row]
        numbers[row] = f"{number[:6]} {number[6:12]} {number[12:19]} {number[19:]}"
        _record(
            planter,
            "",
            row,
            "BDCDYH",
            numbers[row],
            true_value=number,
            as_class=6,
            rule="parcel.spaces",
            outcome=REPAIR,
            file=PARCELS,
        )
    planted_frame = pd.DataFrame(parcels.drop(columns="geometry")).assign(BDCDYH=numbers)
    return gpd.GeoDataFrame(planted_frame, geometry=list(shapes), crs=parcels.crs)
