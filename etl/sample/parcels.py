"""Land parcels (宗地), as an old land office hands them in: a GBK Shapefile in EPSG:4549."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from etl.sample.city import City
from etl.sample.codes import parcel_number
from etl.sample.footprints import Bar, corners
from etl.sample.geofiles import (
    HOUSING,
    category_of,
    is_fenced,
    local_metres,
    lot_bar,
    numbered_lots,
)
from etl.sample.housing import Compound
from etl.sample.properties import Property
from etl.sample.quantities import MARK, SURVEY_ON
from etl.sample.towns import LOCAL_SRID

FILE: Final = "宗地.shp"
_MARGIN_M: Final = 1.5
_WIDEST_GAP_M: Final = 14.0
_SECOND_HALF: Final = 500_000
_EVERY: Final = 41
"""One lot in so many is cut into two parcels."""
_DBF_LANGUAGE_BYTE: Final = 29

Lot = Property | Compound


@dataclass(frozen=True)
class Parcel:
    """One parcel: `bar` along the streets of the town of `lots[0]`; `lots` are all it covers."""

    number: int
    bar: Bar
    lots: tuple[Lot, ...]
    suffix: str = ""


def shared_parcels(city: City) -> dict[int, int]:
    """The number of a lot by its right neighbour's number, where one parcel covers both."""
    shared: dict[int, int] = {}
    lots = [(number, made) for number, made in numbered_lots(city) if is_fenced(made)]
    lots.sort(key=lambda pair: (pair[1].town.index, pair[1].lot.corner[::-1]))
    for (left, first), (right, second) in itertools.pairwise(lots):
        west, east = lot_bar(first), lot_bar(second)
        is_beside = first.town is second.town and west[1] == east[1]
        if is_beside and 0 <= east[0] - west[2] <= _WIDEST_GAP_M and left not in shared:
            shared[right] = left
    return shared


def make_parcels(city: City) -> list[Parcel]:
    """A parcel for each fenced lot; some lots have two, some parcels cover two lots."""
    shared = shared_parcels(city)
    by_number = dict(numbered_lots(city))
    right_of = {left: right for right, left in shared.items()}
    found: list[Parcel] = []
    for number, made in by_number.items():
        if is_fenced(made) and number not in shared:
            neighbour = by_number.get(right_of.get(number, 0))
            found += _parcels_of(number, made, neighbour)
    return found


def _parcels_of(number: int, made: Lot, neighbour: Lot | None) -> Iterator[Parcel]:
    west, south, east, north = lot_bar(made)
    if neighbour is not None:
        east, north = lot_bar(neighbour)[2], max(north, lot_bar(neighbour)[3])
    bar = (west - _MARGIN_M, south - _MARGIN_M, east + _MARGIN_M, north + _MARGIN_M)
    if neighbour is not None:
        yield Parcel(number, bar, (made, neighbour))
    elif number % _EVERY == 0:
        middle = (west + east) / 2
        yield Parcel(number, (*bar[:2], middle, bar[3]), (made,), "（西）")
        yield Parcel(number + _SECOND_HALF, (middle, *bar[1:]), (made,), "（东）")
    else:
        yield Parcel(number, bar, (made,))


def parcel_frame(city: City) -> gpd.GeoDataFrame:
    """The parcels as they are written, in EPSG:4549."""
    found = make_parcels(city)
    columns = {
        "BDCDYH": [parcel_number(_division(parcel), parcel.number) for parcel in found],
        "ZL": ["、".join(made.address for made in p.lots) + p.suffix for p in found],
        "QLRMC": [_holder(parcel.lots[0]) for parcel in found],
        "ZDMJ": [round((b[2] - b[0]) * (b[3] - b[1]), 2) for b in (p.bar for p in found)],
        "QLXZ": ["划拨" if parcel.number % 5 else "出让" for parcel in found],
        "DLMC": [
            "城镇住宅用地" if category_of(parcel.lots[0]) == HOUSING else "机关团体用地"
            for parcel in found
        ],
        "TDZH": [f"示例国用(2008)第{parcel.number:07d}号" for parcel in found],
        "XZQDM": [_division(parcel) for parcel in found],
        "BZ": MARK,
    }
    return gpd.GeoDataFrame(columns, geometry=_polygons(found), crs=LOCAL_SRID)


def _polygons(found: Sequence[Parcel]) -> list[shapely.Polygon]:
    points = corners(np.array([parcel.bar for parcel in found])).reshape(-1, 2)
    town = np.repeat([parcel.lots[0].town.index for parcel in found], 5)
    ring = np.repeat(np.arange(len(found)), 5)
    return list(shapely.polygons(shapely.linearrings(local_metres(points, town), indices=ring)))


def _division(parcel: Parcel) -> str:
    return parcel.lots[0].town.district.division_code


def _holder(made: Lot) -> str:
    if isinstance(made, Compound) or made.is_central:
        return f"{made.town.district.name}机关事务统管局"
    return made.users[0].name


def write_parcels(path: Path, frame: gpd.GeoDataFrame) -> None:
    """A Shapefile with GBK text and no hint that it is GBK: no .cpg, no language byte."""
    pyogrio.write_dataframe(
        frame,
        path,
        driver="ESRI Shapefile",
        encoding="GBK",
        layer_options={"DBF_DATE_LAST_UPDATE": SURVEY_ON},
    )
    path.with_suffix(".cpg").unlink(missing_ok=True)
    with path.with_suffix(".dbf").open("r+b") as table:
        table.seek(_DBF_LANGUAGE_BYTE)
        table.write(b"\0")
