"""What a plan turns out to hold: rooms, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from gis.errors import InputError

UNITS_M: Final = {"mm": 0.001, "cm": 0.01, "m": 1.0, "in": 0.0254, "ft": 0.3048}
"""Metres of each unit that a plan may be said to be drawn in."""


class Fault(StrEnum):
    """Kinds of finding; `plan.fault.` and the value is the key of the sentence."""

    UNCLOSED = "unclosed"
    """An outline whose ends do not meet: it makes no room."""
    CROSSING = "crossing"
    """An outline that crosses itself."""
    SLIVER = "sliver"
    """An outline too small or too narrow for a room."""
    OVERLAP = "overlap"
    """Two rooms that lie over each other."""
    TWICE = "twice"
    """The same outline drawn again."""
    OUTSIDE = "outside"
    """A room that is not within the outline of the floor."""
    NO_ROOM = "text_without_room"
    """A room number in no room."""
    NO_NUMBER = "room_without_number"
    SAME_NUMBER = "number_twice"
    """Two rooms of one number."""
    NUMBERS = "several_numbers"
    """One room with several numbers."""
    SHARED_NUMBER = "number_shared"
    """A number that several rooms of the register have on this floor."""


STOPPING: Final = frozenset(
    {Fault.CROSSING, Fault.OVERLAP, Fault.OUTSIDE, Fault.SAME_NUMBER, Fault.NUMBERS,
     Fault.NO_NUMBER, Fault.SHARED_NUMBER}
)  # fmt: skip
"""Findings that keep their room out of the register."""


@dataclass(frozen=True)
class Finding:
    """Something wrong with a plan.

    Args:
        fault: What.
        x: Where, in the units of the drawing, as a drawing program shows it.
        y: See `x`.
        layer: Layer it stands on.
        rooms: Positions of the rooms of the plan that it is about.
        params: Further values of its sentence; figures in m and m2.
    """

    fault: Fault
    x: float
    y: float
    layer: str
    rooms: tuple[int, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Key of its sentence."""
        return f"plan.fault.{self.fault.value}"


@dataclass(frozen=True)
class PlanRoom:
    """A room of a plan.

    Args:
        number: As written; null without, or with several.
        outline: Shapely polygon in metres, on the axes of the drawing.
        layer: Layer it is drawn on.
    """

    number: str | None
    outline: Any
    layer: str

    @property
    def area_m2(self) -> float:
        return float(self.outline.area)


@dataclass(frozen=True)
class Layers:
    """Which layers hold what; names in any case. None where a plan's own names tell.

    Args:
        rooms: Outlines of rooms.
        numbers: Room numbers.
        floor: The outline of the floor.
    """

    rooms: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    floor: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A plan, read and judged.

    Args:
        rooms: In the order of their outlines in the drawing.
        floor: Shapely polygon of the floor's outline, metres; null where none is drawn.
        findings: By place in the list of kinds, then as drawn.
        layers: Which layers were taken for what.
        unit_m: Metres of a unit of the drawing.
        unit_by: `header`, `measures` or `stated`.
        srid: The metric system its coordinates are in; null for those of a drawing board.
        other_texts: Texts that are no room numbers.
    """

    rooms: Sequence[PlanRoom]
    floor: Any
    findings: Sequence[Finding]
    layers: Layers
    unit_m: float
    unit_by: str
    srid: int | None = None
    other_texts: int = 0

    @property
    def unsound(self) -> frozenset[int]:
        """Positions of rooms with a finding that keeps them out of the register."""
        return frozenset(
            room for one in self.findings if one.fault in STOPPING for room in one.rooms
        )


def unit_named(name: str) -> float:
    """Metres of a unit by its short name.

    Raises:
        InputError: There is none of that name.
    """
    if name not in UNITS_M:
        raise InputError("plan.no_such_unit", unit=name, known=", ".join(UNITS_M))
    return UNITS_M[name]
