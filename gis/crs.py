"""Every coordinate system onemap names. No other file holds an EPSG number."""

from typing import Final

STORAGE_SRID: Final = 4490
"""CGCS2000, longitude and latitude in degrees: the legal system; every geometry is kept in it."""

WEB_MERCATOR_SRID: Final = 3857
"""What vector tiles are cut in."""

WGS84_SRID: Final = 4326
"""What foreign files come in; within decimetres of CGCS2000."""

GAUSS_KRUEGER_FIRST_CM_SRID: Final = 4534
"""CGCS2000 3-degree Gauss-Krueger by central meridian, 75E; each next code is 3 degrees east."""

GAUSS_KRUEGER_ZONES: Final = 21
"""How many 3-degree zones EPSG names: central meridians 75E to 135E."""

GAUSS_KRUEGER_FIRST_ZONE_SRID: Final = 4513
"""CGCS2000 3-degree Gauss-Krueger by zone (zone 25 = 75E), zone number in the easting."""

GAUSS_KRUEGER_6_FIRST_ZONE_SRID: Final = 4491
"""CGCS2000 6-degree Gauss-Krueger by zone (zone 13 = 75E), zone number in the easting."""

GAUSS_KRUEGER_6_FIRST_CM_SRID: Final = 4502
"""CGCS2000 6-degree Gauss-Krueger by central meridian, 75E; each next code is 6 degrees east."""

FIRST_LONGITUDE, LAST_LONGITUDE = 73.5, 136.5
"""Degrees east that the 3-degree zones of EPSG cover."""

FIRST_ZONE_6, LAST_ZONE_6 = 13, 23
FIRST_ZONE, LAST_ZONE = 25, 45
"""Zone numbers of the two families do not overlap, so a number tells which family it is."""


def zone_srid(zone: int) -> int | None:
    """EPSG code of the Gauss-Krueger system whose eastings begin with a zone number.

    Args:
        zone: 13 to 23 (6 degrees wide) or 25 to 45 (3 degrees wide).

    Returns:
        For example 4528 for zone 40; null for a number that is no zone.
    """
    if FIRST_ZONE_6 <= zone <= LAST_ZONE_6:
        return GAUSS_KRUEGER_6_FIRST_ZONE_SRID + zone - FIRST_ZONE_6
    if FIRST_ZONE <= zone <= LAST_ZONE:
        return GAUSS_KRUEGER_FIRST_ZONE_SRID + zone - FIRST_ZONE
    return None


def gauss_krueger_6_srid(longitude: float) -> int:
    """EPSG code of the 6-degree zone, without zone number, that holds a longitude.

    Args:
        longitude: Degrees east, 72 to 138.
    """
    step = min(10, max(0, int((longitude - 72.0) // 6.0)))
    return GAUSS_KRUEGER_6_FIRST_CM_SRID + step


def gauss_krueger_srid(longitude: float) -> int:
    """EPSG code of the 3-degree zone, without zone number, that holds a longitude.

    Args:
        longitude: Degrees east, 73.5 to 136.5: the zones EPSG names.

    Returns:
        For example 4549 (central meridian 120E) for Changzhou.

    Raises:
        ValueError: The longitude lies outside the named zones.
    """
    step = round((longitude - 75.0) / 3.0)
    if not 0 <= step < GAUSS_KRUEGER_ZONES:
        raise ValueError(f"no CGCS2000 3-degree zone at longitude {longitude}")
    return GAUSS_KRUEGER_FIRST_CM_SRID + step
