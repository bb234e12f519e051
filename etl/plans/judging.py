"""A drawing read as a floor plan: its layers, its unit, its rooms, and what is wrong with it."""

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from etl.pack import fold
from etl.plans.drawing import ATTRIBUTE, Drawing
from etl.plans.model import UNITS_M, Fault, Finding, Layers, Plan, PlanRoom, unit_named
from etl.plans.near import meeting
from etl.plans.numbers import number_rooms, numbers_of, rooms_at
from etl.plans.outlines import Outlines, outlines_of, refuse_too_many
from gis.errors import InputError, Phrase, SourceError

_ROOM_NAMES: Final = re.compile(
    r"房间(?!号|编号)|房屋轮廓|room(?!.?(no|num|tag|name|id))|space|zone"
)
_NUMBER_NAMES: Final = re.compile(r"房号|房间号|房间编号|门牌|room.?(no|num|tag|id)")
_NUMBER_TAGS: Final = re.compile(r"房号|房间号|编号|门牌|room|num|^no\.?$")
_FLOOR_NAMES: Final = re.compile(
    r"外轮廓|楼层轮廓|层轮廓|楼层|外墙线|outline|footprint|floor.?line"
)
_MEDIAN_M2: Final = (2.0, 400.0)
"""Between these the middle one of the rooms of any floor is."""
_EXTENT_M: Final = (3.0, 1_000.0)
_GUESSED: Final = ("mm", "m")
"""Units that a drawing without a word of its unit is tried in."""
_RATIO: Final = (0.5, 1.5)
"""Area of the drawn floor over that of the building it is said to be of, in the right unit."""
_OVERLAP_M2: Final = 0.05
_OUTSIDE_M2: Final = 0.1
_OUTSIDE_SHARE: Final = 0.01
_MOST_NEIGHBOURS: Final = 200_000
"""Pairs of rooms that meet; each is cut by the other."""
_MOST_NAMED: Final = 12


def judge(
    drawing: Drawing,
    *,
    layers: Layers | None = None,
    unit: str | None = None,
    close_m: float = 0.0,
    footprint_m2: float | None = None,
) -> Plan:
    """The plan that a drawing is.

    Args:
        drawing: As it was read.
        layers: Which layers hold what; what is not said is told by their names.
        unit: Its unit by short name; null takes what the file says, or what fits its measures.
        close_m: Gaps of outlines up to this are closed; 0 closes none.
        footprint_m2: Of the building it is of, to tell a unit by; null when not known.

    Raises:
        SourceError: It has no layer of rooms, none of them is closed, or its unit cannot be.
        InputError: A layer is named that it does not have.
    """
    chosen = _chosen(drawing, layers or Layers())
    strokes = drawing.strokes[drawing.strokes["layer"].isin(chosen.rooms)]
    if strokes.empty:
        raise SourceError("plan.no_lines", file=drawing.file, layers=", ".join(chosen.rooms))
    refuse_too_many(strokes)
    unit_m, unit_by = _unit(drawing, strokes, unit, footprint_m2)
    found = outlines_of(_scaled(strokes, unit_m), unit_m=unit_m, close_m=close_m)
    if not len(found.polygons):
        raise SourceError("plan.no_outline", file=drawing.file, layers=", ".join(chosen.rooms))
    texts = _placed_texts(drawing, unit_m)
    numbers, other = _numbers(texts, chosen, found)
    named, wrong = number_rooms(found.polygons, found.layers, numbers, found.unclosed, unit_m)
    floor = _floor(drawing, chosen, unit_m)
    findings = [
        *found.findings, *_overlaps(found, unit_m), *_outside(found, floor, unit_m), *wrong,
    ]  # fmt: skip
    order = list(Fault)
    return Plan(
        rooms=[PlanRoom(*one) for one in zip(named, found.polygons, found.layers, strict=True)],
        floor=floor,
        findings=sorted(findings, key=lambda one: order.index(one.fault)),
        layers=chosen if len(numbers) else Layers(chosen.rooms, (), chosen.floor),
        unit_m=unit_m,
        unit_by=unit_by,
        srid=drawing.srid,
        other_texts=other,
    )


def _chosen(drawing: Drawing, stated: Layers) -> Layers:
    """The layers as stated, and by their names where nothing is."""
    every = drawing.layers
    shown = [name for name, _, _ in every if name not in drawing.hidden_layers]
    known = {fold(name): name for name, _, _ in every}
    for name in (*stated.rooms, *stated.numbers, *stated.floor):
        if fold(name) not in known:
            raise InputError("plan.no_such_layer", name=name, known=_listed(every))
    rooms = [known[fold(name)] for name in stated.rooms]
    floor = [known[fold(name)] for name in stated.floor]
    numbers = [known[fold(name)] for name in stated.numbers]
    with_lines = {name for name, lines, _ in every if lines}
    with_texts = {name for name, _, texts in every if texts}
    lined = [name for name in shown if name in with_lines]
    if not floor:
        floor = [name for name in lined if _FLOOR_NAMES.search(fold(name)) and name not in rooms]
    if not rooms:
        rooms = [
            name for name in lined if _ROOM_NAMES.search(fold(name)) and name not in floor
        ] or [name for name in lined if drawing.srid is not None and name not in floor]
    if not rooms:
        raise SourceError("plan.no_room_layer", file=drawing.file, known=_listed(every))
    if not numbers:
        numbers = [
            name for name in shown if name in with_texts and _NUMBER_NAMES.search(fold(name))
        ]
    return Layers(tuple(rooms), tuple(numbers), tuple(floor))


def _listed(every: Sequence[tuple[str, int, int]]) -> tuple[Phrase, ...]:
    """Names of the fullest layers, with what they hold."""
    fullest = sorted(every, key=lambda one: -one[1] - one[2])[:_MOST_NAMED]
    return tuple(
        Phrase("plan.layer", {"name": name, "lines": lines, "texts": texts})
        for name, lines, texts in fullest
    )


def _scaled(strokes: pd.DataFrame, unit_m: float) -> pd.DataFrame:
    lines = shapely.transform(strokes["line"].to_numpy(), lambda at: at * unit_m)
    return strokes.assign(line=lines)


def _placed_texts(drawing: Drawing, unit_m: float) -> pd.DataFrame:
    spots = ["x", "y", "at_x", "at_y"]
    texts = drawing.texts.copy()
    texts[spots] = texts[spots].astype(float) * unit_m
    return texts.assign(number=numbers_of(texts))


def _numbers(texts: pd.DataFrame, chosen: Layers, found: Outlines) -> tuple[pd.DataFrame, int]:
    """The texts that are room numbers, and how many other texts their layers hold.

    Without a layer for numbers, the one is taken on which most of them stand in rooms; figures of
    other layers may be widths.
    """
    says = texts[texts["number"].notna()]
    if chosen.numbers:
        of_layer = texts["layer"].isin(chosen.numbers)
        own = says[says["layer"].isin(chosen.numbers) | _is_tagged(says)]
        return own, int((of_layer & texts["number"].isna()).sum())
    attributes = says[(says["tag"] == ATTRIBUTE) | _is_tagged(says)]
    if len(attributes):
        return attributes, 0
    held = says[rooms_at(found.polygons, says) >= 0]
    if held.empty:
        return held, len(texts)
    layer = held["layer"].value_counts().index[0]
    own = says[says["layer"] == layer]
    return own, int((texts["layer"] == layer).sum()) - len(own)


def _is_tagged(texts: pd.DataFrame) -> pd.Series:
    """Attributes of blocks that are called a number, on whatever layer they stand."""
    return texts["tag"].map(
        lambda tag: isinstance(tag, str) and _NUMBER_TAGS.search(fold(tag)) is not None
    )


def _unit(
    drawing: Drawing, strokes: pd.DataFrame, stated: str | None, footprint_m2: float | None
) -> tuple[float, str]:
    """Metres of a unit of the drawing and who says so.

    A header that cannot be is not overruled in silence: programs write units nobody chose, but a
    guess that is wrong moves every room.
    """
    lines = strokes["line"].to_numpy()
    if stated is not None:
        return unit_named(stated), "stated"
    fitting = [name for name in UNITS_M if _is_plausible(lines, UNITS_M[name])]
    if drawing.unit_m is not None:
        if drawing.srid is not None or _is_plausible(lines, drawing.unit_m):
            return drawing.unit_m, "header"
        raise SourceError(
            "plan.unit_cannot_be", file=drawing.file, unit=drawing.unit_m,
            median=f"{_median_m2(lines) * drawing.unit_m**2:.3g}", fitting=", ".join(fitting),
        )  # fmt: skip
    if footprint_m2:
        hull = shapely.area(shapely.convex_hull(shapely.multilinestrings(lines)))
        known = [
            name for name in fitting
            if _RATIO[0] <= hull * UNITS_M[name] ** 2 / footprint_m2 <= _RATIO[1]
        ]  # fmt: skip
    else:
        known = [name for name in _GUESSED if name in fitting]
    if len(known) != 1:
        raise SourceError(
            "plan.unit_not_told", file=drawing.file, fitting=", ".join(known or fitting)
        )
    return UNITS_M[known[0]], "measures"


def _is_plausible(lines: npt.NDArray[np.object_], unit_m: float) -> bool:
    west, south, east, north = shapely.total_bounds(lines) * unit_m
    size = max(east - west, north - south)
    median = _median_m2(lines) * unit_m**2
    is_room = _MEDIAN_M2[0] <= median <= _MEDIAN_M2[1] if median else True
    return bool(_EXTENT_M[0] <= size <= _EXTENT_M[1] and is_room)


def _median_m2(lines: npt.NDArray[np.object_]) -> float:
    """The middle one of the areas of closed lines, in square units; 0 without any."""
    points = shapely.get_num_coordinates(lines)
    closed = lines[(points > 3) & shapely.is_closed(lines)]
    if not len(closed):
        return 0.0
    return float(np.median(shapely.area(shapely.polygons(shapely.linearrings(
        shapely.get_coordinates(closed),
        indices=np.repeat(np.arange(len(closed)), shapely.get_num_coordinates(closed)),
    )))))  # fmt: skip


def _overlaps(found: Outlines, unit_m: float) -> list[Finding]:
    one, other = meeting(found.polygons, most=_MOST_NEIGHBOURS)
    common = shapely.intersection(found.polygons[one], found.polygons[other])
    area = shapely.area(common)
    findings = []
    for at in np.flatnonzero(area > _OVERLAP_M2):
        spot = shapely.point_on_surface(common[at])
        pair = (int(one[at]), int(other[at]))
        params = {"area_m2": round(float(area[at]), 2)}
        findings.append(
            Finding(Fault.OVERLAP, spot.x / unit_m, spot.y / unit_m, found.layers[pair[0]], pair,
                    params)
        )  # fmt: skip
    return findings


def _floor(drawing: Drawing, chosen: Layers, unit_m: float) -> Any:
    """The outline of the floor in one piece; null when none is drawn."""
    strokes = drawing.strokes[drawing.strokes["layer"].isin(chosen.floor)]
    if strokes.empty:
        return None
    outlines = outlines_of(_scaled(strokes, unit_m), unit_m=unit_m).polygons
    return shapely.union_all(outlines) if len(outlines) else None


def _outside(found: Outlines, floor: Any, unit_m: float) -> list[Finding]:
    if floor is None:
        return []
    beyond = shapely.difference(found.polygons, floor)
    area = shapely.area(beyond)
    is_out = (area > _OUTSIDE_M2) & (area > _OUTSIDE_SHARE * shapely.area(found.polygons))
    findings = []
    for room in np.flatnonzero(is_out).tolist():
        at = shapely.point_on_surface(beyond[room])
        params = {"area_m2": round(float(area[room]), 2)}
        x, y = at.x / unit_m, at.y / unit_m
        findings.append(Finding(Fault.OUTSIDE, x, y, found.layers[room], (room,), params))
    return findings
