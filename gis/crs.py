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

GAUSS_KRUEGER_FIRST_ZONE_SRID: Final = 4513
"""CGCS2000 3-degree Gauss-Krueger by zone (zone 25 = 75E), zone number in the easting."""


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
    if not 0 <= step <= 20:
        raise ValueError(f"no CGCS2000 3-degree zone at longitude {longitude}")
    return GAUSS_KRUEGER_FIRST_CM_SRID + step
