"""A plan against the register: where it lies, which room is which, and whose area differs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

import pyproj
import shapely
from shapely import affinity
from sqlalchemy import Connection

from assets.estate.reconciled import TOLERANCE
from etl.plans.correcting import Corrected, Correction, correct, one_room_twice
from etl.plans.drawing import Drawing
from etl.plans.judging import judge
from etl.plans.model import Fault, Finding, Layers, Plan
from etl.plans.numbers import number_key
from etl.plans.placement import (
    Control,
    Placement,
    by_control,
    by_footprint,
    by_own,
    ground_srid,
    on_ground,
)
from etl.plans.register import KnownFloor, KnownRoom, known_floor
from gis.crs import STORAGE_SRID
from gis.errors import InputError

_CORRIDOR_M: Final = 1.5
"""Half of the widest corridor between rooms that is closed to guess the outline of a floor."""
_WALL_M: Final = 0.24
_MOST_SCALE: Final = 0.005
"""How far metres of a system may be from those of the ground; national zones stay under 0.002."""
_BEYOND_M: Final = 0.5
_BEYOND_SHARE: Final = 0.05
"""A room may stand so far out of the building: bays and the survey's own error."""


@dataclass(frozen=True)
class Asked:
    """What a person says of a plan.

    Args:
        building: Code of the building.
        level: Floor, signed.
        layers: Which layers hold what.
        unit: Short name of its unit; null takes the file's.
        close_m: Gaps up to this are closed.
        controls: Points known in the plan and on the ground.
        turn: Degrees by which it is turned, where it fits in several ways.
        crs: System its coordinates are in, where it was drawn on the ground.
        corrections: What the person corrects of its rooms.
    """

    building: str
    level: int
    layers: Layers = field(default_factory=Layers)
    unit: str | None = None
    close_m: float = 0.0
    controls: tuple[Control, ...] = ()
    turn: int | None = None
    crs: str | None = None
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class RoomLine:
    """A room of the plan beside the register's.

    Args:
        position: In the rooms of the plan.
        number: As the register has it, else as written in the plan; null without.
        known: The register's room; null for none of that number.
        polygon_m2: As drawn.
        is_sound: Whether nothing keeps it out of the register.
        is_left_out: Whether the person keeps it out.
    """

    position: int
    number: str | None
    known: KnownRoom | None
    polygon_m2: float
    is_sound: bool
    is_left_out: bool = False

    @property
    def compared_m2(self) -> float | None:
        """The surveyed area, else the ledger's; null where the register has neither."""
        if self.known is None:
            return None
        surveyed = self.known.surveyed_m2
        return self.known.ledger_m2 if surveyed is None else surveyed

    @property
    def difference_m2(self) -> float | None:
        """Drawn less registered; null where nothing is registered."""
        compared = self.compared_m2
        return None if compared is None else self.polygon_m2 - compared

    @property
    def is_apart(self) -> bool:
        """Whether the sources differ by more than surveys of one room do."""
        figures = [self.polygon_m2]
        if self.known is not None:
            stated = (self.known.surveyed_m2, self.known.ledger_m2)
            figures += [one for one in stated if one is not None]
        return max(figures) - min(figures) > float(TOLERANCE) * min(figures)


@dataclass(frozen=True)
class Checked:
    """A plan, judged, placed and compared.

    Args:
        drawing: As it was read.
        plan: Its rooms and findings.
        placement: Where it lies.
        floor: What the register knows.
        lines: One per room of the plan, in its order.
        missing: Rooms of the register that the plan has not.
    """

    drawing: Drawing
    plan: Plan
    placement: Placement
    floor: KnownFloor
    lines: Sequence[RoomLine]
    missing: Sequence[KnownRoom]


@dataclass(frozen=True)
class Judged:
    """A plan as it was drawn and corrected, before it is placed.

    Args:
        drawing: As it was read.
        floor: What the register knows.
        corrected: Its rooms and findings, and what a person says of them.
    """

    drawing: Drawing
    floor: KnownFloor
    corrected: Corrected


def check_plan(conn: Connection, drawing: Drawing, asked: Asked, as_of: date) -> Checked:
    """Everything that can be told of a plan before it is loaded; nothing is written.

    Args:
        conn: In the name of whoever asks.
        drawing: As it was read.
        asked: What the person says of it.
        as_of: The day whose rooms and areas it is compared with.

    Raises:
        SourceError: It holds no rooms, or its unit cannot be.
        InputError: There is no such building, or the plan cannot be placed.
    """
    floor = known_floor(conn, asked.building, asked.level, as_of)
    return place_plan(judge_plan(drawing, asked, floor), asked)


def judge_plan(drawing: Drawing, asked: Asked, floor: KnownFloor) -> Judged:
    """The rooms of a plan and what is wrong with them, wherever it may lie.

    Raises:
        SourceError: It holds no rooms, or its unit cannot be.
        InputError: It is said to be in a system that it cannot be in, or to hold what it does not.
    """
    if drawing.srid is not None and asked.crs is not None:
        raise InputError("plan.system_known", crs=asked.crs)
    srid = drawing.srid if asked.crs is None else _metric(asked.crs)
    shape = (
        None
        if floor.footprint is None
        else on_ground(floor.footprint, ground_srid(floor.footprint))
    )
    plan = judge(
        replace(drawing, srid=srid), layers=asked.layers, unit=asked.unit, close_m=asked.close_m,
        footprint_m2=None if shape is None else float(shape.area),
    )  # fmt: skip
    return Judged(drawing, floor, correct(plan, asked.corrections, floor.rooms))


def place_plan(judged: Judged, asked: Asked) -> Checked:
    """A judged plan where it lies, compared with the register.

    Raises:
        InputError: It cannot be placed.
    """
    floor, corrected = judged.floor, judged.corrected
    numbered = _by_number(floor.rooms)
    alone = {number: rooms[0] for number, rooms in numbered.items() if len(rooms) == 1}
    known = _known(corrected, alone, floor)
    placement = _placed(corrected.plan, floor, known, asked)
    plan = replace(
        corrected.plan,
        findings=[
            *corrected.plan.findings,
            *_beyond(corrected, placement, floor),
            *_shared(corrected, numbered),
            *one_room_twice(corrected.plan, corrected.codes, known),
        ],
    )
    kept_out = plan.unsound | corrected.left_out
    lines = []
    for position, room in enumerate(plan.rooms):
        one = known.get(position)
        number = room.number if one is None else one.number or room.number
        is_left_out = position in corrected.left_out
        lines.append(
            RoomLine(position, number, one, room.area_m2, position not in kept_out, is_left_out)
        )
    drawn = {room.code for room in known.values()}
    missing = [room for room in floor.rooms if room.code not in drawn]
    return Checked(judged.drawing, plan, placement, floor, lines, missing)


def _known(
    corrected: Corrected, alone: Mapping[str, KnownRoom], floor: KnownFloor
) -> dict[int, KnownRoom]:
    """The register's room by position: as a person says, else the only one of its number."""
    by_code = {room.code: room for room in floor.rooms}
    found = {}
    for position, room in enumerate(corrected.plan.rooms):
        if position in corrected.codes:
            found[position] = by_code[corrected.codes[position]]
        elif position not in corrected.left_out and room.number:
            one = alone.get(number_key(room.number))
            if one is not None:
                found[position] = one
    return found


def _metric(crs: str) -> int:
    """The EPSG code of a metric system.

    Raises:
        InputError: It is none.
    """
    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise InputError("plan.no_such_system", crs=crs) from error
    srid = system.to_epsg()
    is_in_metres = all(axis.unit_conversion_factor == 1 for axis in system.axis_info)
    if srid is None or not system.is_projected or not is_in_metres:
        raise InputError("plan.no_such_system", crs=crs)
    return int(srid)


def _by_number(rooms: Sequence[KnownRoom]) -> dict[str, list[KnownRoom]]:
    """Rooms by number; by one that two rooms have, both."""
    found: dict[str, list[KnownRoom]] = {}
    for room in rooms:
        if room.number is not None:
            found.setdefault(number_key(room.number), []).append(room)
    return found


def _shared(corrected: Corrected, known: Mapping[str, Sequence[KnownRoom]]) -> list[Finding]:
    """Rooms whose number several rooms of the register have: none of them, and no new one."""
    plan, found = corrected.plan, []
    for position, room in enumerate(plan.rooms):
        if position in corrected.codes or position in corrected.left_out:
            continue
        rooms = known.get(number_key(room.number), ()) if room.number else ()
        if len(rooms) > 1:
            at = shapely.point_on_surface(room.outline)
            params = {"number": room.number, "codes": ", ".join(one.code for one in rooms)}
            found.append(
                Finding(
                    Fault.SHARED_NUMBER, at.x / plan.unit_m, at.y / plan.unit_m, room.layer,
                    (position,), params,
                )
            )  # fmt: skip
    return found


def _placed(
    plan: Plan, floor: KnownFloor, known: Mapping[int, KnownRoom], asked: Asked
) -> Placement:
    if plan.srid is not None:
        placement = by_own(plan.srid)
        _refuse_other_metres(plan, plan.srid)
        _refuse_elsewhere(plan, floor, placement)
        return placement
    if asked.controls:
        placement = by_control(asked.controls, plan.unit_m)
        _refuse_elsewhere(plan, floor, placement)
        return placement
    if floor.footprint is None:
        raise InputError("plan.no_footprint", code=floor.building_code)
    marks = [
        (shapely.centroid(plan.rooms[position].outline), shapely.centroid(one.outline))
        for position, one in known.items()
        if one.outline is not None
    ]
    return by_footprint(drawn_floor(plan), floor.footprint, turn=asked.turn, marks=marks)


def _refuse_other_metres(plan: Plan, srid: int) -> None:
    """Refuses a system whose metres are not those of the ground where the plan lies.

    Web Mercator calls its unit a metre; at 32 degrees it is 0.85 m, and areas a fifth too large.
    """
    system = pyproj.CRS.from_epsg(srid)
    across, up = shapely.get_coordinates(shapely.centroid(plan.rooms[0].outline))[0]
    change = pyproj.Transformer.from_crs(system, STORAGE_SRID, always_xy=True)
    longitude, latitude = change.transform(across, up)
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        raise InputError("plan.off_the_earth", crs=f"EPSG:{srid}")
    scales = pyproj.Proj(system).get_factors(longitude, latitude)
    worst = max((scales.meridional_scale, scales.parallel_scale), key=lambda one: abs(one - 1))
    if abs(worst - 1) > _MOST_SCALE:
        raise InputError("plan.not_metres", crs=f"EPSG:{srid}", factor=f"{worst:.4g}")


def drawn_floor(plan: Plan) -> Any:
    """The outline of the floor, metres; where none is drawn, that of the rooms with corridors."""
    if plan.floor is not None:
        return plan.floor
    rooms = shapely.union_all([room.outline for room in plan.rooms])
    wide = shapely.buffer(rooms, _CORRIDOR_M, join_style="mitre")
    return shapely.buffer(wide, _WALL_M - _CORRIDOR_M, join_style="mitre")


def _refuse_elsewhere(plan: Plan, floor: KnownFloor, placement: Placement) -> None:
    """Refuses a plan that does not touch the building it is said to be of."""
    if floor.footprint is None:
        return
    laid = affinity.affine_transform(drawn_floor(plan), placement.matrix)
    apart = shapely.distance(laid, on_ground(floor.footprint, placement.srid))
    if apart > 0:
        raise InputError("plan.elsewhere", code=floor.building_code, metres=round(float(apart)))


def _beyond(corrected: Corrected, placement: Placement, floor: KnownFloor) -> list[Finding]:
    """Rooms that stand out of the building, where the plan has no outline of the floor."""
    plan = corrected.plan
    if plan.floor is not None or floor.footprint is None:
        return []
    # In the system the rooms are laid in, which need not be that of the building's zone.
    footprint = on_ground(floor.footprint, placement.srid)
    reach = shapely.buffer(footprint, _BEYOND_M, join_style="mitre")
    found = []
    for position, room in enumerate(plan.rooms):
        laid = affinity.affine_transform(room.outline, placement.matrix)
        area = float(shapely.difference(laid, reach).area)
        if area > _BEYOND_SHARE * room.area_m2 and position not in corrected.left_out:
            at = shapely.point_on_surface(room.outline)
            found.append(
                Finding(
                    Fault.OUTSIDE, at.x / plan.unit_m, at.y / plan.unit_m, room.layer, (position,),
                    {"area_m2": round(area, 2)},
                )
            )  # fmt: skip
    return found
