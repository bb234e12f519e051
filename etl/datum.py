"""From the datums files come in to the one onemap keeps.

GCJ-02 and BD-09 are offsets that depend on the place; they are undone by iteration to well under
a centimetre of the published formula. CGCS2000 and WGS84 differ by decimetres at most and are
treated as one.
"""

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gis.crs import STORAGE_SRID, WGS84_SRID

Coordinates = npt.NDArray[np.float64]

GEOGRAPHIC: Final = ("CGCS2000", "WGS84")
OFFSET: Final = ("GCJ-02", "BD-09")

_AXIS_M: Final = 6378245.0
_ECCENTRICITY: Final = 0.00669342162296594323
_BD_PI: Final = np.pi * 3000.0 / 180.0
_ITERATIONS: Final = 12
_EPSG = re.compile(r"^EPSG:(\d{4,6})$", re.IGNORECASE)


def is_known(datum: str) -> bool:
    """Whether onemap can turn coordinates of a datum into its own."""
    if datum in GEOGRAPHIC or datum in OFFSET:
        return True
    try:
        CRS.from_user_input(datum)
    except CRSError:
        return False
    return True


def is_projected(datum: str) -> bool:
    """Whether a known datum counts in metres."""
    if datum in GEOGRAPHIC or datum in OFFSET:
        return False
    return bool(CRS.from_user_input(datum).is_projected)


def has_zone(datum: str) -> bool:
    """Whether the eastings of a projected datum begin with the zone number by definition."""
    operation = CRS.from_user_input(datum).coordinate_operation
    if operation is None:
        return False
    eastings = [float(one.value) for one in operation.params if one.name == "False easting"]
    return bool(eastings and eastings[0] >= 1e6)


def to_storage(datum: str) -> Callable[[Coordinates], Coordinates] | None:
    """What turns (n, 2) coordinates of a datum, x or longitude first, into storage coordinates.

    Returns:
        Null when they are storage coordinates already.

    Raises:
        pyproj.exceptions.CRSError: The datum is not known; ask `is_known` first.
    """
    if datum in GEOGRAPHIC:
        return None
    if datum == "GCJ-02":
        return from_gcj02
    if datum == "BD-09":
        return lambda coordinates: from_gcj02(bd09_to_gcj02(coordinates))
    match = _EPSG.match(datum)
    if match and int(match[1]) in (STORAGE_SRID, WGS84_SRID):
        return None
    transformer = Transformer.from_crs(
        CRS.from_user_input(datum), CRS.from_epsg(STORAGE_SRID), always_xy=True
    )

    def transform(coordinates: Coordinates) -> Coordinates:
        x, y = transformer.transform(coordinates[:, 0], coordinates[:, 1])
        return np.column_stack([x, y])

    return transform


def without_zone(easting: Coordinates) -> Coordinates:
    """Eastings without the zone number that some offices write before them (40 497 159 m)."""
    return np.asarray(np.where(easting >= 1e7, easting % 1e6, easting), dtype="float64")


def offset_of(datum: str, coordinates: Coordinates) -> Coordinates:
    """How far a datum moves points, degrees east and north; true points in storage coordinates."""
    moved = coordinates
    if datum in OFFSET:
        moved = to_gcj02(coordinates)
    if datum == OFFSET[1]:
        moved = gcj02_to_bd09(moved)
    return np.asarray(moved - coordinates, dtype="float64")


def from_gcj02(coordinates: Coordinates) -> Coordinates:
    """CGCS2000 of GCJ-02 coordinates, degrees; outside China GCJ-02 has no offset."""
    found = coordinates.copy()
    for _step in range(_ITERATIONS):
        found += coordinates - to_gcj02(found)
    return np.asarray(found, dtype="float64")


def to_gcj02(coordinates: Coordinates) -> Coordinates:
    """GCJ-02 of CGCS2000 coordinates, degrees."""
    x, y = coordinates[:, 0] - 105.0, coordinates[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    north += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    east += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    latitude = np.radians(coordinates[:, 1])
    magic = 1 - _ECCENTRICITY * np.sin(latitude) ** 2
    root_magic = np.sqrt(magic)
    north = np.degrees(north / (_AXIS_M * (1 - _ECCENTRICITY) / (magic * root_magic)))
    east = np.degrees(east / (_AXIS_M / root_magic * np.cos(latitude)))
    is_inside = (
        (coordinates[:, 0] > 72.004)
        & (coordinates[:, 0] < 137.8347)
        & (coordinates[:, 1] > 0.8293)
        & (coordinates[:, 1] < 55.8271)
    )
    offset = np.where(is_inside[:, None], np.column_stack([east, north]), 0.0)
    return np.asarray(coordinates + offset, dtype="float64")


def bd09_to_gcj02(coordinates: Coordinates) -> Coordinates:
    """GCJ-02 of BD-09 coordinates, degrees."""
    found = coordinates - np.array([0.0065, 0.006])
    for _step in range(_ITERATIONS):
        found += coordinates - gcj02_to_bd09(found)
    return np.asarray(found, dtype="float64")


def gcj02_to_bd09(coordinates: Coordinates) -> Coordinates:
    """BD-09 of GCJ-02 coordinates, degrees."""
    x, y = coordinates[:, 0], coordinates[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_PI)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_PI)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])
