"""Which coordinate system each position is written in, as far as the numbers themselves tell.

Degrees and metres differ by size; longitude and latitude, easting and northing by their ranges and
by where the register's areas lie; a zone number before the easting names its zone. What the numbers
cannot tell, whether degrees are CGCS2000, GCJ-02 or BD-09, stays open.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from etl import datum as datums
from etl.positions import Bools, Floats, Positions
from gis.crs import (
    FIRST_LONGITUDE,
    LAST_LONGITUDE,
    WEB_MERCATOR_SRID,
    gauss_krueger_6_srid,
    gauss_krueger_srid,
    zone_srid,
)

Extent = tuple[float, float, float, float]
"""West, south, east, north of the registered areas, degrees."""

_LEAST_METRES: Final = 10_000.0
_PREFIXED: Final = 1e7
_REACH_DEGREES: Final = 0.5
"""Places this far outside the registered areas still count as theirs."""


@dataclass(frozen=True)
class Framed:
    """What the numbers tell.

    Args:
        datum: Per row the system its numbers are in; null where only a person or the register can
            tell.
        is_swapped: Rows whose two numbers were exchanged.
        is_prefixed: Rows whose easting carries a zone number that its system does not have.
        is_projected: Rows in metres although nothing said so.
        is_geographic: Rows in degrees although a system in metres was stated.
    """

    datum: npt.NDArray[np.object_]
    is_swapped: Bools
    is_prefixed: Bools
    is_projected: Bools
    is_geographic: Bools


def frame(at: Positions, stated: npt.NDArray[np.object_], extent: Extent | None) -> Framed:
    """Tell the system of each row; exchanged numbers are put right in `at`.

    Args:
        at: Positions as written.
        stated: What the file or a person says, per row; null where nobody does. All known.
        extent: Where the registered areas lie; null when there are none.
    """
    count = len(at.x)
    result = Framed(stated.copy(), *(np.zeros(count, dtype=bool) for _mask in range(4)))
    is_given = at.is_given
    with np.errstate(invalid="ignore"):
        least = np.minimum(np.abs(at.x), np.abs(at.y))
        most = np.maximum(np.abs(at.x), np.abs(at.y))
    is_degrees = is_given & (most <= 180)
    is_metres = is_given & (least >= _LEAST_METRES)
    _frame_degrees(at, is_degrees, result, extent)
    names = pd.Series(stated, dtype=object)
    projected = {name for name in names.dropna().unique() if datums.is_projected(name)}
    is_stated = names.isin(projected).to_numpy()
    result.is_geographic[:] = is_degrees & is_stated
    result.datum[result.is_geographic] = datums.GEOGRAPHIC[0]
    for name in projected:
        if not _is_gauss_krueger(name):
            continue
        _turn_north_first(at, is_metres & (stated == name), result)
        if not datums.has_zone(name):
            # A system whose own eastings carry the zone number is no mistake.
            with np.errstate(invalid="ignore"):
                result.is_prefixed[is_metres & (stated == name) & (at.x >= _PREFIXED)] = True
    _frame_metres(at, is_metres & ~is_stated, result, extent)
    return result


def within(x: Floats, y: Floats, extent: Extent) -> Bools:
    """Points in or near the registered areas."""
    west, south, east, north = extent
    reach = _REACH_DEGREES
    with np.errstate(invalid="ignore"):
        return np.asarray(
            (x >= west - reach) & (x <= east + reach) & (y >= south - reach) & (y <= north + reach)
        )


def _frame_degrees(at: Positions, rows: Bools, result: Framed, extent: Extent | None) -> None:
    with np.errstate(invalid="ignore"):
        is_swapped = rows & (np.abs(at.y) > 90) & (np.abs(at.x) <= 90)
    if extent is not None:
        is_swapped |= rows & ~within(at.x, at.y, extent) & within(at.y, at.x, extent)
    at.exchange(is_swapped)
    result.is_swapped[is_swapped] = True


def _turn_north_first(at: Positions, rows: Bools, result: Framed) -> None:
    """Surveyors write the northing first and call it X."""
    is_swapped = rows & _is_northing(at.x) & _is_easting(at.y)
    at.exchange(is_swapped)
    result.is_swapped[is_swapped] = True


def _is_northing(metres: Floats) -> Bools:
    with np.errstate(invalid="ignore"):
        return np.asarray((metres >= 1e6) & (metres < _PREFIXED))


def _is_easting(metres: Floats) -> Bools:
    with np.errstate(invalid="ignore"):
        return np.asarray(((metres >= 1e4) & (metres < 1e6)) | (_zones(metres) > 0))


def _zones(metres: Floats) -> npt.NDArray[np.int64]:
    """The zone number before an easting; 0 without one."""
    whole = np.nan_to_num(metres, nan=0.0, posinf=0.0, neginf=0.0) // 1e6
    known = np.isin(whole, [zone for zone in range(10, 50) if zone_srid(zone) is not None])
    return np.where(known, whole, 0).astype("int64")


def _frame_metres(at: Positions, rows: Bools, result: Framed, extent: Extent | None) -> None:
    """Metres that nobody explained: Gauss-Krueger by zone number, else by where the register is."""
    if not rows.any():
        return
    _turn_north_first(at, rows, result)
    zones = np.where(rows, _zones(at.x), 0)
    for zone in np.unique(zones[zones > 0]):
        here = zones == zone
        name = f"EPSG:{zone_srid(int(zone))}"
        if extent is not None:
            # Web Mercator eastings of the same size are told by where they fall.
            mercator = f"EPSG:{WEB_MERCATOR_SRID}"
            if _share(at, here, name, extent) < _share(at, here, mercator, extent):
                name = mercator
        result.datum[here] = name
        result.is_projected[here] = True
    bare = rows & (zones == 0) & _is_easting(at.x) & _is_northing(at.y)
    longitude = np.nan if extent is None else (extent[0] + extent[2]) / 2
    if bare.any() and extent is not None and FIRST_LONGITUDE <= longitude <= LAST_LONGITUDE:
        names = [
            f"EPSG:{gauss_krueger_srid(longitude)}",
            f"EPSG:{gauss_krueger_6_srid(longitude)}",
        ]
        best = max(names, key=lambda name: _share(at, bare, name, extent))
        if _share(at, bare, best, extent) > 0:
            result.datum[bare] = best
            result.is_projected[bare] = True


def _share(at: Positions, rows: Bools, name: str, extent: Extent) -> float:
    """How many of some rows would lie in the registered areas."""
    transform = datums.to_storage(name)
    if transform is None:
        return 0.0
    moved = transform(np.column_stack([at.x[rows], at.y[rows]]))
    return float(within(moved[:, 0], moved[:, 1], extent).mean())


def _is_gauss_krueger(name: str) -> bool:
    operation = CRS.from_user_input(name).coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return False
    scales = [one.value for one in operation.params if "cale factor" in str(one.name)]
    return bool(scales) and float(scales[0]) == 1.0
