"""Coordinate systems that features are given in, with the order of axes that each of them has."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, func, literal

from gis.crs import (
    GAUSS_KRUEGER_FIRST_CM_SRID,
    GAUSS_KRUEGER_ZONES,
    STORAGE_SRID,
    WEB_MERCATOR_SRID,
)

POSTGIS: Final = func.public
"""Functions of PostGIS, as they are: without what GeoAlchemy makes of their arguments."""
_EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
_DEGREES: Final = (-180.0, -90.0, 180.0, 90.0)
_MERCATOR_M: Final = math.pi * 6_378_137.0
# 2,000 km to both sides, from the equator to beyond the north of the country. A box that reached
# over the pole or the 180th meridian would fold onto itself.
_ZONE_M: Final = (-1_500_000.0, 0.0, 2_500_000.0, 6_500_000.0)
_STEPS: Final = 16
"""An edge of a box in metres is bent in degrees: it is followed at so many points."""


@dataclass(frozen=True)
class Reference:
    """A coordinate system of answers, boxes and filters.

    Args:
        uri: How clients name it.
        srid: What the database calls it.
        is_north_first: Coordinates are written latitude or northing first, as its authority says.
        reach: West, south, east, north within which its coordinates mean something.
    """

    uri: str
    srid: int
    is_north_first: bool
    reach: tuple[float, float, float, float]

    @property
    def is_degrees(self) -> bool:
        """Whether it is kept as it stands, but for the order of axes."""
        return self.srid == STORAGE_SRID

    def shown(self, shape: ColumnElement[Any]) -> ColumnElement[Any]:
        """SQL of a kept shape in this system, its axes in order."""
        moved = shape if self.is_degrees else POSTGIS.ST_Transform(shape, self.srid)
        return POSTGIS.ST_FlipCoordinates(moved) if self.is_north_first else moved

    def kept(self, wkt: str) -> ColumnElement[Any]:
        """SQL of a shape whose coordinates stand east first in this system, as it is kept."""
        stated = POSTGIS.ST_GeomFromText(literal(wkt, Text), self.srid)
        return stated if self.is_degrees else POSTGIS.ST_Transform(stated, STORAGE_SRID)

    def holds(self, east: float, north: float) -> bool:
        """Whether coordinates lie within its reach; not a number and infinite ones do not."""
        left, bottom, right, top = self.reach
        return left <= east <= right and bottom <= north <= top


LONGITUDE_FIRST: Final = Reference(
    # CGCS2000 and WGS 84 are the same within decimetres; coordinates go out as they are kept.
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    STORAGE_SRID,
    False,
    _DEGREES,
)
"""What is meant where nobody names a system: longitude, latitude."""
STORAGE: Final = Reference(f"{_EPSG}{STORAGE_SRID}", STORAGE_SRID, True, _DEGREES)
_MERCATOR: Final = Reference(
    f"{_EPSG}{WEB_MERCATOR_SRID}",
    WEB_MERCATOR_SRID,
    False,
    (-_MERCATOR_M, -_MERCATOR_M, _MERCATOR_M, _MERCATOR_M),
)
REFERENCES: Final = (
    LONGITUDE_FIRST,
    STORAGE,
    _MERCATOR,
    *(
        Reference(f"{_EPSG}{srid}", srid, True, _ZONE_M)
        for srid in range(
            GAUSS_KRUEGER_FIRST_CM_SRID, GAUSS_KRUEGER_FIRST_CM_SRID + GAUSS_KRUEGER_ZONES
        )
    ),
)
"""Every system features are given in: degrees, web maps, and the zones of city plans."""
REFERENCE_BY_URI: Final = {one.uri: one for one in REFERENCES}


@dataclass(frozen=True)
class Box:
    """What features have to touch: an area as text, and the system it stands in.

    Args:
        wkt: East first, whatever the system says; null: nothing can lie in it.
        reference: Of its coordinates.
    """

    wkt: str | None
    reference: Reference


def box_of(numbers: tuple[float, float, float, float], reference: Reference) -> Box:
    """A box by two opposite corners, cut at the reach of its system.

    Args:
        numbers: First and second axis of the lower corner, then of the upper one, in the order of
            the system. In degrees west may be more than east: across the 180th meridian.
        reference: Of the numbers.
    """
    first, second, third, fourth = numbers
    west, south, east, north = (
        (second, first, fourth, third) if reference.is_north_first else numbers
    )
    left, bottom, right, top = reference.reach
    south, north = max(south, bottom), min(north, top)
    spans = [(west, east)]
    if reference.is_degrees and west > east:
        spans = [(west, right), (left, east)]
    parts = [
        _ring(max(one, left), south, min(other, right), north, bends=not reference.is_degrees)
        for one, other in spans
        if max(one, left) <= min(other, right) and south <= north
    ]
    wkt = f"GEOMETRYCOLLECTION({','.join(parts)})" if len(parts) > 1 else "".join(parts)
    if len(parts) > 1 and all(part.startswith("POLYGON") for part in parts):
        wkt = f"MULTIPOLYGON({','.join(part.removeprefix('POLYGON') for part in parts)})"
    return Box(wkt or None, reference)


def _ring(west: float, south: float, east: float, north: float, *, bends: bool) -> str:
    """The area of a box; one without width or height is a line or a point."""
    if west == east and south == north:
        return f"POINT({west!r} {south!r})"
    if west == east or south == north:
        return f"LINESTRING({west!r} {south!r},{east!r} {north!r})"
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    steps = _STEPS if bends else 1
    ring = [
        (x + (to_x - x) * step / steps, y + (to_y - y) * step / steps)
        for (x, y), (to_x, to_y) in pairwise(corners)
        for step in range(steps)
    ]
    return f"POLYGON(({','.join(f'{x!r} {y!r}' for x, y in (*ring, corners[0]))}))"
