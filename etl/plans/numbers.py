"""Which texts of a plan are room numbers, and which room each stands in."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from etl.plans.drawing import ATTRIBUTE
from etl.plans.model import Fault, Finding

_NUMBER: Final = re.compile(r"(?:[A-Z]{1,3}-?)?\d{1,4}(?:-\d{1,4})?[A-Z]?", re.IGNORECASE)
_IN_UNCLOSED: Final = -2
_ROOM: Final = re.compile(r"[室号房#]$")


def number_in(said: str) -> str | None:
    """The room number that a text says, on a line of its own; null for any other text."""
    for line in unicodedata.normalize("NFKC", said).splitlines():
        bare = _ROOM.sub("", re.sub(r"\s+", "", line))
        if _NUMBER.fullmatch(bare):
            return bare
    return None


def number_key(number: str) -> str:
    """What two writings of one room number have in common."""
    bare = re.sub(r"\s+", "", unicodedata.normalize("NFKC", number)).casefold()
    return _ROOM.sub("", bare)


def numbers_of(texts: pd.DataFrame) -> pd.Series:
    """The number that each text says; null where it says none.

    An attribute of an outline is its number, whatever it looks like.
    """
    said = texts["text"].map(number_in)
    is_attribute = texts["tag"] == ATTRIBUTE
    return said.where(~is_attribute, texts["text"]).astype(object)


def rooms_at(polygons: npt.NDArray[np.object_], texts: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Position of the room each text stands in, -1 for none; of several the smallest.

    A text that begins in one room and has its middle in none is in the former.
    """
    found = np.full(len(texts), -1, dtype="int64")
    if not len(polygons):
        return found
    tree = shapely.STRtree(polygons)
    areas = shapely.area(polygons)
    for across, up in (("x", "y"), ("at_x", "at_y")):
        points = shapely.points(texts[across].to_numpy(float), texts[up].to_numpy(float))
        text, room = tree.query(points, predicate="intersects")
        order = np.lexsort([-areas[room], text])
        held = np.full(len(texts), -1, dtype="int64")
        held[text[order]] = room[order]
        found = np.where(found < 0, held, found)
    return found


def number_rooms(
    polygons: npt.NDArray[np.object_],
    layers: Sequence[str],
    texts: pd.DataFrame,
    unclosed: npt.NDArray[np.object_],
    unit_m: float,
) -> tuple[list[str | None], list[Finding]]:
    """The number of each room, and what is wrong with numbers.

    Args:
        polygons: In metres.
        layers: Layer of each.
        texts: Room numbers: `layer, number, x, y, at_x, at_y`, metres.
        unclosed: What unclosed outlines would hold: their numbers are not listed once more.
        unit_m: Metres of a unit of the drawing, for positions of findings.
    """
    room = np.where(rooms_at(unclosed, texts) >= 0, _IN_UNCLOSED, -1)
    held = rooms_at(polygons, texts)
    room = np.where(held >= 0, held, room)
    findings = []
    written: dict[int, dict[str, Any]] = {}
    for place, one in zip(room.tolist(), texts.to_dict("records"), strict=True):
        if place == _IN_UNCLOSED:
            continue
        if place < 0:
            spot = one["x"] / unit_m, one["y"] / unit_m
            params = {"number": one["number"]}
            findings.append(Finding(Fault.NO_ROOM, *spot, one["layer"], params=params))
        else:
            written.setdefault(place, {}).setdefault(number_key(one["number"]), one["number"])
    middles = shapely.get_coordinates(shapely.point_on_surface(polygons)) / unit_m
    numbers: list[str | None] = [None] * len(polygons)
    for place, layer in enumerate(layers):
        said = list(written.get(place, {}).values())
        at = (float(middles[place][0]), float(middles[place][1]))
        if len(said) == 1:
            numbers[place] = said[0]
        elif said:
            params = {"numbers": ", ".join(said)}
            findings.append(Finding(Fault.NUMBERS, *at, layer, (place,), params))
        else:
            findings.append(Finding(Fault.NO_NUMBER, *at, layer, (place,)))
    return numbers, findings + repeated(numbers, layers, middles)


def repeated(
    numbers: Sequence[str | None], layers: Sequence[str], middles: npt.NDArray[np.float64]
) -> list[Finding]:
    """Numbers that several rooms of a plan have; a point in each room in units of the drawing."""
    same: dict[str, list[int]] = {}
    for place, number in enumerate(numbers):
        if number is not None:
            same.setdefault(number_key(number), []).append(place)
    found = []
    for places in same.values():
        if len(places) > 1:
            x, y = middles[places[1]]
            params: Mapping[str, Any] = {"number": numbers[places[0]], "count": len(places)}
            first = layers[places[1]]
            found.append(
                Finding(Fault.SAME_NUMBER, float(x), float(y), first, tuple(places), params)
            )
    return found
