"""What a person corrects of a plan before it is loaded: which room is which, and what stays out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
import shapely

from etl.plans.model import STOPPING, Fault, Finding, Plan
from etl.plans.numbers import repeated, rooms_at
from etl.plans.register import KnownRoom
from gis.errors import InputError

_OF_NUMBERS: Final = frozenset({Fault.NO_NUMBER, Fault.NUMBERS})


@dataclass(frozen=True)
class Correction:
    """What is said of one room of a plan.

    Args:
        x: A point in it, in units of the drawing.
        y: See `x`.
        number: The number it has; null as it is drawn.
        code: The registered room that it is; null as its number tells.
        is_left_out: Whether it is not to be loaded.
    """

    x: float
    y: float
    number: str | None = None
    code: str | None = None
    is_left_out: bool = False


@dataclass(frozen=True)
class Corrected:
    """A plan as corrected.

    Args:
        plan: With the numbers given, without the findings that this answers.
        codes: Registered room by position, where a person says which it is.
        left_out: Positions of rooms that are not to be loaded.
    """

    plan: Plan
    codes: Mapping[int, str]
    left_out: frozenset[int]


def correct(plan: Plan, corrections: Sequence[Correction], known: Sequence[KnownRoom]) -> Corrected:
    """The plan with what a person says of its rooms.

    Raises:
        InputError: A correction is of no room of the plan, or names a room that is not registered
            on the floor.
    """
    if not corrections:
        return Corrected(plan, {}, frozenset())
    registered = {room.code for room in known}
    rooms, codes, left = list(plan.rooms), {}, set()
    for place, one in zip(_places(plan, corrections), corrections, strict=True):
        if one.is_left_out:
            left.add(place)
        elif one.code is not None:
            if one.code not in registered:
                raise InputError("plan.no_such_room", code=one.code)
            codes[place] = one.code
        elif one.number is not None:
            rooms[place] = replace(rooms[place], number=one.number)
    answered = {place for place, room in enumerate(rooms) if room.number or place in codes}
    findings = [
        one for one in plan.findings
        if not (one.fault in STOPPING and left & set(one.rooms))
        and not (one.fault in _OF_NUMBERS and answered & set(one.rooms))
        and one.fault is not Fault.SAME_NUMBER
    ]  # fmt: skip
    numbers = [
        None if place in left or place in codes else room.number for place, room in enumerate(rooms)
    ]
    outlines = np.array([room.outline for room in rooms], dtype=object)
    middles = shapely.get_coordinates(shapely.point_on_surface(outlines)) / plan.unit_m
    findings += repeated(numbers, [room.layer for room in rooms], middles)
    return Corrected(replace(plan, rooms=rooms, findings=findings), codes, frozenset(left))


def _places(plan: Plan, corrections: Sequence[Correction]) -> list[int]:
    across = [one.x * plan.unit_m for one in corrections]
    up = [one.y * plan.unit_m for one in corrections]
    points = pd.DataFrame({"x": across, "y": up, "at_x": across, "at_y": up})
    outlines = np.array([room.outline for room in plan.rooms], dtype=object)
    places: list[int] = rooms_at(outlines, points).tolist()
    for place, one in zip(places, corrections, strict=True):
        if place < 0:
            raise InputError("plan.correction_in_no_room", x=f"{one.x:.2f}", y=f"{one.y:.2f}")
    return places


def one_room_twice(
    plan: Plan, codes: Mapping[int, str], known: Mapping[int, KnownRoom]
) -> list[Finding]:
    """Rooms of a plan that are said to be one registered room.

    Args:
        plan: The plan.
        codes: Registered room by position, where a person says which it is.
        known: Registered room by position, however it is told.
    """
    by_code: dict[str, list[int]] = {}
    for place, room in known.items():
        by_code.setdefault(room.code, []).append(place)
    found = []
    for places in by_code.values():
        if len(places) > 1 and any(place in codes for place in places):
            at = shapely.point_on_surface(plan.rooms[places[1]].outline)
            room = known[places[0]]
            params = {"number": room.number or room.code, "count": len(places)}
            found.append(
                Finding(
                    Fault.SAME_NUMBER, at.x / plan.unit_m, at.y / plan.unit_m,
                    plan.rooms[places[1]].layer, tuple(sorted(places)), params,
                )
            )  # fmt: skip
    return found
