"""The GeoPackage of footprints: sites, buildings, floors, rooms, housing sections."""

from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray

from etl.sample.city import City, building_origins
from etl.sample.footprints import corners
from etl.sample.housing import Compound
from etl.sample.properties import Property, level_areas
from etl.sample.quantities import HUNDREDTHS, MARK, SURVEY_ON
from etl.sample.towns import to_degrees, towns
from gis.crs import STORAGE_SRID

GEOPACKAGE: Final = "建筑轮廓.gpkg"
HOUSING: Final = "公有住房"
SITES, BUILDINGS, FLOORS, ROOMS, SECTIONS = "院落", "建筑", "楼层", "房间", "住宅单元"


def site_number(position: int) -> str:
    """The object number of a fenced lot; `position` counts properties, then compounds, from 1."""
    return f"Y{position:07d}"


def local_metres(points: NDArray[np.float64], town: NDArray[np.int64]) -> NDArray[np.float64]:
    """EPSG:4549 metres of points along their towns' streets."""
    local = np.empty_like(points)
    for found in towns():
        here = town == found.index
        if here.any():
            local[here] = found.to_local(points[here])
    return local


def _polygons(
    points: NDArray[np.float64], town: NDArray[np.int64], ring: NDArray[np.int64]
) -> NDArray[np.object_]:
    """EPSG:4490 polygons of closed rings; `town` and `ring` per point, rings numbered from 0."""
    degrees = to_degrees(local_metres(points, town))
    return np.asarray(shapely.polygons(shapely.linearrings(degrees, indices=ring)))


def _boxes(bars: NDArray[np.float64], town: NDArray[np.int64]) -> NDArray[np.object_]:
    """EPSG:4490 polygons of rectangles along their towns' streets."""
    if not len(bars):
        return np.empty(0, dtype=object)
    points = corners(bars).reshape(-1, 2)
    return _polygons(points, np.repeat(town, 5), np.repeat(np.arange(len(bars)), 5))


def numbered_lots(city: City) -> list[tuple[int, Property | Compound]]:
    """Everything with a lot, numbered from 1: properties, then housing compounds."""
    return list(enumerate([*city.properties, *city.compounds], start=1))


def category_of(made: Property | Compound) -> str:
    """What a feature's 类别 says."""
    return HOUSING if isinstance(made, Compound) else made.population


def _code(made: Property | Compound) -> str | None:
    return None if isinstance(made, Compound) else made.code


def _frame(columns: dict[str, Any], geometry: NDArray[np.object_]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(geometry), crs=STORAGE_SRID)


def footprint_layers(city: City) -> dict[str, gpd.GeoDataFrame]:
    """The layers of the GeoPackage by name, in EPSG:4490."""
    buildings = _buildings(city)
    floors = _floors(city, np.asarray(buildings.geometry.array))
    return {
        SITES: _sites(city),
        BUILDINGS: buildings,
        FLOORS: floors,
        ROOMS: _rooms(city, floors),
        SECTIONS: _sections(city),
    }


def is_fenced(made: Property | Compound) -> bool:
    """Whether it has a lot of its own in the layer of sites."""
    return isinstance(made, Compound) or made.is_fenced


def _sites(city: City) -> gpd.GeoDataFrame:
    fenced = [(number, made) for number, made in numbered_lots(city) if is_fenced(made)]
    bars = np.array([lot_bar(made) for _, made in fenced])
    town = np.array([made.town.index for _, made in fenced])
    return _frame(
        {
            "要素编号": [site_number(number) for number, made in fenced],
            "名称": [made.name for _, made in fenced],
            "资产编号": [_code(made) for _, made in fenced],
            "坐落": [made.address for _, made in fenced],
            "行政区划代码": [made.town.district.division_code for _, made in fenced],
            "类别": [category_of(made) for _, made in fenced],
            "用地面积": [made.lot.land_area / HUNDREDTHS for _, made in fenced],
            "备注": MARK,
        },
        _boxes(bars, town),
    )


def lot_bar(made: Property | Compound) -> tuple[float, float, float, float]:
    """West, south, east and north of its lot along the town's streets, in metres."""
    x, y = made.lot.corner
    return x, y, x + made.lot.width, y + made.lot.depth


def _buildings(city: City) -> gpd.GeoDataFrame:
    rows: list[list[Any]] = []
    rings: list[NDArray[np.float64]] = []
    for number, made in numbered_lots(city):
        parent = site_number(number) if is_fenced(made) else None
        for building in made.lot.buildings:
            ring = np.array([*building.outline, building.outline[0]])
            rings.append(ring + np.add(made.lot.corner, (building.x, building.y)))
            area = building.area / HUNDREDTHS
            rows.append(
                [
                    f"D{building.number:07d}",
                    parent,
                    _code(made),
                    made.address,
                    building.name,
                    made.town.district.division_code,
                    category_of(made),
                    building.use,
                    area,
                    round(area / len(building.levels), 2),
                    building.above,
                    building.below,
                    building.height_m,
                    building.structure,
                    building.year,
                    MARK,
                ]
            )
    titles = [
        "要素编号",
        "院落编号",
        "资产编号",
        "坐落",
        "楼座名称",
        "行政区划代码",
        "类别",
        "用途",
        "建筑面积",
        "基底面积",
        "地上层数",
        "地下层数",
        "建筑高度",
        "建筑结构",
        "建成年份",
        "备注",
    ]
    sizes = [len(ring) for ring in rings]
    town = np.array([town.index for _, _, town in city.buildings])
    geometry = _polygons(
        np.concatenate(rings), np.repeat(town, sizes), np.repeat(np.arange(len(rings)), sizes)
    )
    return _frame(dict(zip(titles, zip(*rows, strict=True), strict=True)), geometry)


def _floors(city: City, outlines: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """Every floor of the properties' buildings; housing is kept by section and home.

    `outlines` are the buildings' polygons by number from 1.
    """
    buildings = [building for made in city.properties for building in made.lot.buildings]
    sizes = [len(building.levels) for building in buildings]
    levels = [level for building in buildings for level in building.levels]
    number = np.repeat([building.number for building in buildings], sizes)
    return _frame(
        {
            "要素编号": [f"L{position:07d}" for position in range(1, len(levels) + 1)],
            "建筑编号": [f"D{found:07d}" for found in number],
            "层号": levels,
            "层名": [f"B{-level}" if level < 0 else f"{level}F" for level in levels],
            "建筑面积": [
                area / HUNDREDTHS for building in buildings for area in level_areas(building)
            ],
        },
        outlines[number - 1],
    )


def _rooms(city: City, floors: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rooms = city.rooms
    origins = building_origins(city)[rooms.building - 1]
    town = np.array([town.index for _, _, town in city.buildings])[rooms.building - 1]
    floor_of = dict(
        zip(zip(floors["建筑编号"], floors["层号"], strict=True), floors["要素编号"], strict=True)
    )
    users = _users_by_building(city)
    vacant = rooms.is_vacant.tolist()
    buildings = rooms.building.tolist()
    return _frame(
        {
            "要素编号": [f"F{position:08d}" for position in range(1, len(buildings) + 1)],
            "楼层编号": [
                floor_of[f"D{building:07d}", level]
                for building, level in zip(buildings, rooms.level.tolist(), strict=True)
            ],
            "房间号": rooms.number,
            "房间类型": rooms.room_class,
            "房间名称": rooms.name,
            "使用面积": rooms.usable / HUNDREDTHS,
            "使用单位": [
                None if is_vacant else users[building][user]
                for building, user, is_vacant in zip(
                    buildings, rooms.user.tolist(), vacant, strict=True
                )
            ],
            "使用状况": ["空置" if is_vacant else "在用" for is_vacant in vacant],
            "备注": MARK,
        },
        _boxes(rooms.bars + np.hstack([origins, origins]), town),
    )


def _users_by_building(city: City) -> dict[int, list[str]]:
    return {
        building.number: [user.name for user in made.users]
        for made in city.properties
        for building in made.lot.buildings
    }


def _sections(city: City) -> gpd.GeoDataFrame:
    found = [
        (compound, block, section)
        for compound in city.compounds
        for block in compound.blocks
        for section in block.sections
        if section.homes
    ]
    bars = np.array(
        [
            np.array(section.bar)
            + np.tile(np.add(compound.lot.corner, (block.building.x, block.building.y)), 2)
            for compound, block, section in found
        ]
    )
    return _frame(
        {
            "要素编号": [f"U{position:07d}" for position in range(1, len(found) + 1)],
            "建筑编号": [f"D{block.building.number:07d}" for _, block, _ in found],
            "单元号": [section.label for _, _, section in found],
            "地上层数": [block.building.above for _, block, _ in found],
            "户数": [section.homes for _, _, section in found],
        },
        _boxes(bars, np.array([compound.town.index for compound, _, _ in found])),
    )


def write_geopackage(path: Path, layers: dict[str, gpd.GeoDataFrame]) -> None:
    """All layers in one GeoPackage, without the time of writing."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{SURVEY_ON}T00:00:00.000Z"})
    try:
        for name, frame in layers.items():
            pyogrio.write_dataframe(
                frame,
                path,
                layer=name,
                driver="GPKG",
                geometry_type="Polygon",
                layer_metadata={"DESCRIPTION": MARK},
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
