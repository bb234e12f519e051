"""What clerks get wrong in where things are, and with whole rows."""

from typing import Final

import numpy as np
from pyproj import Transformer

from bench.clerks.mistakes import Random, Town, _one_of
from bench.clerks.page import Page
from etl.datum import gcj02_to_bd09, to_gcj02
from gis.crs import STORAGE_SRID, gauss_krueger_srid

_ZONE_40: Final = 40_000_000


def _spot(page: Page, row: int) -> tuple[float, float]:
    return float(page.get(row, "longitude")), float(page.get(row, "latitude"))


def _put_spot(page: Page, row: int, one: object, other: object, kind: str) -> None:
    page.put(row, "longitude", one)
    page.put(row, "latitude", other)
    page.mark(row, "longitude", kind)


def in_metres(longitude: float, latitude: float) -> tuple[float, float]:
    """Easting and northing in the district's 3-degree zone."""
    srid = gauss_krueger_srid(longitude)
    east, north = Transformer.from_crs(STORAGE_SRID, srid, always_xy=True).transform(
        longitude, latitude
    )
    return round(east, 2), round(north, 2)


def in_degrees(value: float, *, with_seconds: bool = True) -> str:
    whole, minutes = int(value), value % 1 * 60
    if not with_seconds:
        return f"{whole}°{minutes:.4f}′"
    return f"{whole}°{int(minutes):02d}′{minutes % 1 * 60:05.2f}″"


def swapped(_rng: Random, page: Page, row: int, _town: Town) -> bool:
    longitude, latitude = _spot(page, row)
    _put_spot(page, row, latitude, longitude, "swapped")
    return True


def zone(_rng: Random, page: Page, row: int, _town: Town) -> bool:
    """Metres with the zone's number before the easting, in a system that has none."""
    page.put(row, "datum", "EPSG:4549")
    east, north = in_metres(*_spot(page, row))
    _put_spot(page, row, _ZONE_40 + east, north, "zone")
    return True


def metres(rng: Random, page: Page, row: int, _town: Town) -> bool:
    east, north = in_metres(*_spot(page, row))
    _put_spot(page, row, _one_of(rng, (east, _ZONE_40 + east)), north, "projected")
    return True


def degrees(rng: Random, page: Page, row: int, _town: Town) -> bool:
    longitude, latitude = _spot(page, row)
    is_long = rng.random() < 0.7
    words = ("东经", "北纬") if rng.random() < 0.3 else ("", "")
    _put_spot(page, row, words[0] + in_degrees(longitude, with_seconds=is_long),
              words[1] + in_degrees(latitude, with_seconds=is_long), "degrees")  # fmt: skip
    return True


def impossible(rng: Random, page: Page, row: int, _town: Town) -> bool:
    longitude, latitude = _spot(page, row)
    one, other = _one_of(rng, (
        (longitude * 10, latitude), (0, 0), (longitude, None), ("政府大院内", latitude),
    ))  # fmt: skip
    _put_spot(page, row, one, other, "impossible")
    return True


def elsewhere(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """One digit wrong: another city, or another district."""
    longitude, latitude = _spot(page, row)
    one, other = _one_of(rng, ((longitude - 10, latitude), (longitude, latitude + 1)))
    _put_spot(page, row, one, other, "outside")
    return True


def other_datum(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """Read off a phone's map, and labelled as the others are."""
    spot = np.array([_spot(page, row)])
    moved = to_gcj02(spot)
    if rng.random() < 0.5:
        moved = gcj02_to_bd09(moved)
    _put_spot(page, row, round(float(moved[0, 0]), 6), round(float(moved[0, 1]), 6), "datum")
    return True


def all_in_other_datum(page: Page) -> None:
    """A whole list read off a phone's map, which does not say so."""
    for row in range(len(page.rows)):
        moved = gcj02_to_bd09(to_gcj02(np.array([_spot(page, row)])))
        page.put(row, "longitude", round(float(moved[0, 0]), 6))
        page.put(row, "latitude", round(float(moved[0, 1]), 6))
    page.mark(None, "longitude", "datum")


def other_level(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """A room or a storey in a list of houses."""
    page.put(row, "name", _one_of(rng, ("301室", "2号楼三层", "1号楼5层", "东楼204房间")))
    page.mark(row, "name", "other_level")
    return True


def row_again(rng: Random, page: Page, row: int, _town: Town) -> bool:
    """A house typed in a second time: the same number, or the same address."""
    if page.things.count(page.things[row]) > 1:
        return False
    at = len(page.rows)
    page.rows.append(list(page.rows[row]))
    page.things.append(max(page.things) + 1)
    page.put(at, page.columns[0].key, at + 1 if page.columns[0].key == "number" else
             page.get(row, page.columns[0].key))  # fmt: skip
    if page.has("certificate"):
        page.put(at, "certificate", None)
        page.put(at, "unit_number", None)
    page.take(at, "all")
    page.mark(at, None, "repeated_row")
    return rng is not None


def reported_elsewhere(rng: Random, page: Page, row: int, town: Town) -> bool:
    """A house that another office has reported for the same day."""
    other = town.reported
    heads = [at for at in other.heads() if other.is_free(at, "again")]
    if not heads:
        return False
    source = heads[int(rng.integers(len(heads)))]
    other.take(source, "again")
    for key in ("address", "division", "land", "gross", "office", "technical", "use_office",
                "use_service", "use_equipment", "usable", "ancillary", "year"):  # fmt: skip
        for at in [at for at, thing in enumerate(page.things) if thing == page.things[row]]:
            page.put(at, key, other.get(source, key))
    page.mark(row, "address", "reported_twice")
    return True


def formula_error(rng: Random, page: Page, row: int, _town: Town) -> bool:
    key = "usable" if page.has("usable") else "gross"
    page.put(row, key, _one_of(rng, ("#REF!", "#VALUE!", "#DIV/0!")))
    page.mark(row, key, "broken_formula")
    return True
