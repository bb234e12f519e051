"""A building floor by floor: bars to scale by who has the rooms; as a page, and for the map."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import Connection, text

from assets.space.comparing import State
from assets.space.queries import bodies, verdicts
from assets.space.rules import rounded
from assets.space.stack import UNTOLD, WITHHELD, Floor, Room, Stack, stack_of
from gis.clock import today
from gis.errors import InputError, NotFound
from gis.legend import PALETTE, UNSTATED_COLOUR
from gis.places.terms import Terms, read_terms
from webmap.asked import as_of_date
from webmap.language import language, say, script_messages
from webmap.session import asking

pages = Blueprint("stack_pages", __name__)
blueprint = Blueprint("stack", __name__)

WAYS: Final = ("occupant", "room_class", "use", "verdict")
"""What rooms are told apart by."""
_SINGLY: Final = 40
"""Bodies that are looked up one by one; more of them out of all."""
_FREE: Final = "free"
_COMMON: Final = "common"
_NOBODYS: Final = ("ancillary", "equipment")
"""Classes of rooms that wait for nobody where nobody has them: stairs, toilets, plant rooms."""
_UNSTATED: Final = "unstated"
_EVEN: Final = 0.21
"""Luminance of a colour on which the dark ink and white stand out alike."""
_MAY_WRITE: Final = """
SELECT rights_cell IN (SELECT cell FROM rights.my_write_cells) FROM place.place
WHERE place_id = :place_id
"""
_OUTSIDE: Final = "outside"
"""Of bodies that the standard is not for."""
_LAST: Final = (_COMMON, "reserves", "lends", "lets_out", WITHHELD, UNTOLD, _FREE, _UNSTATED)
_WORST: Final = (State.OVER, State.UNKNOWN, State.WITHIN)
_COLOURS: Final = {
    _FREE: "#f0d9a8",
    _COMMON: "#c9d1da",
    _UNSTATED: UNSTATED_COLOUR,
    UNTOLD: "#d8cfe3",
    WITHHELD: "#b3a6c4",
    "lets_out": "#8fb9a8",
    "lends": "#b7cf8f",
    "reserves": "#a9c3dd",
    "taken": PALETTE[0],
    _OUTSIDE: PALETTE[3],
    State.OVER.value: "#c4593b",
    State.WITHIN.value: "#1b998b",
    State.UNKNOWN.value: UNSTATED_COLOUR,
}


@dataclass
class Group:
    """What has one colour.

    Args:
        key: A body's number, a class, or a word of this module.
        link: Page that says more of it; null: none.
    """

    key: str
    title: str
    colour: str
    link: str | None = None
    rooms: int = 0
    area_m2: Decimal = Decimal()


class Grouping:
    """The rooms of a building, each in the groups that have a part of it.

    Args:
        stack: The building.
        way: One of `WAYS`.
        terms: Vocabularies in the reader's language.
        states: Verdict by body that the standard is for; null unless told apart by it.
    """

    def __init__(
        self, stack: Stack, way: str, terms: Terms, states: Mapping[int, State | None], as_of: date
    ) -> None:
        self._way, self._states, self._as_of = way, states, as_of
        self._classes = terms.of("room_class")
        self.by_key: dict[str, Group] = {}
        for room in stack.rooms:
            for key, title, share in self._parts(room):
                group = self.by_key.setdefault(key, Group(key, title, ""))
                group.rooms += 1
                group.area_m2 += (room.usable_m2 or Decimal()) * share
        self._paint()

    @property
    def legend(self) -> list[Group]:
        """The largest first; what nobody has, last."""
        last = {key: at for at, key in enumerate(_LAST, start=1)}
        return sorted(
            self.by_key.values(), key=lambda one: (last.get(one.key, 0), -one.area_m2, one.title)
        )

    def of(self, rooms: Iterable[Room]) -> list[tuple[Group, int, Decimal]]:
        """Groups with rooms and area among some rooms, in the order of the legend."""
        found: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal()))
        for room in rooms:
            for key, _, share in self._parts(room):
                count, area = found[key]
                found[key] = count + 1, area + (room.usable_m2 or Decimal()) * share
        return [(one, *found[one.key]) for one in self.legend if one.key in found]

    def main(self, room: Room) -> Group:
        """The group with most of a room."""
        return self.by_key[max(self._parts(room), key=lambda part: part[2])[0]]

    def _parts(self, room: Room) -> list[tuple[str, str, Decimal]]:
        whole = Decimal(1)
        if self._way == "room_class":
            term = self._classes.get(room.room_class or "")
            found = (term.code, term.title) if term else (_UNSTATED, say("question.not_stated"))
            return [(*found, whole)]
        if not room.occupants:
            key = room.use or _FREE
            if room.room_class in _NOBODYS and key in (UNTOLD, _FREE):
                key = _COMMON
            return [(key, say(f"space.stack.{key}"), whole)]
        if self._way == "use":
            return [("taken", say("space.stack.taken"), whole)]
        if self._way == "verdict":
            states = {self._states.get(one.organization_id) for one in room.occupants}
            # Of several who share it the worst.
            state = next((one for one in _WORST if one in states), None)
            if state is None:
                return [(_OUTSIDE, say("space.stack.outside"), whole)]
            return [(state.value, say(f"space.verdicts.state.{state.value}"), whole)]
        return [(str(one.organization_id), one.name, one.share) for one in room.occupants]

    def _paint(self) -> None:
        at = 0
        for group in self.legend:
            if group.key in self._classes and self._way == "room_class":
                group.colour = self._classes[group.key].colour or PALETTE[at % len(PALETTE)]
                at += 1
            elif group.key in _COLOURS:
                group.colour = _COLOURS[group.key]
            else:
                group.colour = _shade(at)
                if int(group.key) in self._states:
                    group.link = f"/space/bodies/{group.key}?as_of={self._as_of.isoformat()}"
                at += 1


def _is_light(colour: str) -> bool:
    """Whether dark words read better on it than white ones (relative luminance, WCAG 2)."""
    shares = [int(colour[one : one + 2], 16) / 255 for one in (1, 3, 5)]
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > _EVEN


def _shade(at: int) -> str:
    """A colour for the body that comes so far down the list; lighter once all are in use."""
    colour = PALETTE[at % len(PALETTE)]
    if at < len(PALETTE):
        return colour
    light = [(int(colour[one : one + 2], 16) + 255) // 2 for one in (1, 3, 5)]
    return "#" + "".join(f"{one:02x}" for one in light)


@pages.get("/space/buildings/<int:place_id>")
def show_stack(place_id: int) -> str:
    """A building floor by floor, to scale, with the same as tables."""
    with asking() as conn:
        may_write = conn.execute(text(_MAY_WRITE), {"place_id": place_id}).scalar_one_or_none()
    return render_template(
        "space/stack.html",
        may_write=may_write,
        messages=dict(script_messages(language())),
        ways=WAYS,
        **_asked(place_id),
    )


@blueprint.get("/api/space/buildings/<int:place_id>")
def read_stack(place_id: int) -> Response:
    """The same for the map, which colours rooms by it, and for programs."""
    answer = _asked(place_id)
    return jsonify({**answer, "as_of": answer["as_of"].isoformat()})


def _asked(place_id: int) -> dict[str, Any]:
    as_of, way = as_of_date(), request.args.get("by") or WAYS[0]
    if way not in WAYS:
        raise InputError("space.stack.unknown_way", ways=", ".join(WAYS))
    with asking(is_one_moment=True) as conn:
        stack = stack_of(conn, place_id, as_of)
        if stack is None:
            raise NotFound("space.stack.no_building")
        terms = read_terms(conn, language())
        states = _states(conn, stack, as_of, is_judged=way == "verdict")
    grouping = Grouping(stack, way, terms, states, as_of)
    return {
        "as_of": as_of,
        "is_past": as_of != today(),
        "by": way,
        **_told(stack, grouping, terms, states),
    }


def _states(
    conn: Connection, stack: Stack, as_of: date, *, is_judged: bool
) -> dict[int, State | None]:
    """Bodies in it that the standard is for, with their verdicts where these are asked for."""
    sitting = {one.organization_id for room in stack.rooms for one in room.occupants}
    found = (
        [row for one in sitting for row in bodies(conn, as_of, organization_id=one)]
        if len(sitting) < _SINGLY
        else [row for row in bodies(conn, as_of) if row.organization_id in sitting]
    )
    states: dict[int, State | None] = {row.organization_id: None for row in found}
    if is_judged and found:
        for one in verdicts(conn, as_of, of=found):
            states[one.body.organization_id] = one.compared[-1].state
    return states


def _told(
    stack: Stack, grouping: Grouping, terms: Terms, limited: Collection[int]
) -> dict[str, Any]:
    widest = max((_width(floor) for floor in stack.floors), default=Decimal())
    return {
        "place_id": stack.place_id,
        "kind": stack.kind,
        "name": stack.name,
        "above": None
        if stack.above_id is None
        else {"place_id": stack.above_id, "name": stack.above_name},
        "legend": [
            {
                "key": one.key,
                "title": one.title,
                "colour": one.colour,
                "link": one.link,
                "rooms": one.rooms,
                "area_m2": _m2(one.area_m2),
            }
            for one in grouping.legend
        ],
        "partly": list(stack.partly),
        "floors": [_floor(floor, grouping, widest) for floor in stack.floors],
        "rooms": [
            _room(room, floor, grouping, terms, limited)
            for floor in stack.floors
            for room in floor.rooms
        ],
    }


def _width(floor: Floor) -> Decimal:
    return max(floor.gross_m2 or Decimal(), floor.usable_m2)


def _floor(floor: Floor, grouping: Grouping, widest: Decimal) -> dict[str, Any]:
    """Parts begin and end in percent of the widest floor."""
    parts, at = [], Decimal()
    scale = 100 / widest if widest else Decimal()
    for group, rooms, area in grouping.of(floor.rooms):
        parts.append(
            {
                "key": group.key,
                "title": group.title,
                "colour": group.colour,
                "is_light": _is_light(group.colour),
                "link": group.link,
                "rooms": rooms,
                "area_m2": _m2(area),
                "from_percent": float(rounded(at * scale)),
                "percent": float(rounded(area * scale)),
            }
        )
        at += area
    beside = floor.beside_m2
    return {
        "place_id": floor.place_id,
        "level": floor.level,
        "label": floor.label or say("space.stack.no_floor"),
        "gross_m2": _m2(floor.gross_m2),
        "usable_m2": _m2(floor.usable_m2),
        "beside_m2": _m2(beside),
        "beside_from_percent": float(rounded(at * scale)),
        "beside_percent": float(rounded((beside or Decimal()) * scale)),
        "room_count": len(floor.rooms),
        "unmeasured": floor.unmeasured,
        "parts": parts,
    }


def _room(
    room: Room, floor: Floor, grouping: Grouping, terms: Terms, limited: Collection[int]
) -> dict[str, Any]:
    group = grouping.main(room)
    return {
        "place_id": room.place_id,
        "floor_id": floor.place_id,
        "floor": floor.label or say("space.stack.no_floor"),
        "name": room.name,
        "room_class": room.room_class,
        "class_title": terms.title("room_class", room.room_class),
        "use_title": terms.title("use_status", room.use_status),
        "usable_m2": _m2(room.usable_m2),
        "key": group.key,
        "colour": group.colour,
        "occupants": [
            {
                "organization_id": one.organization_id,
                "name": one.name,
                "share": float(one.share),
                "is_limited": one.organization_id in limited,
            }
            for one in room.occupants
        ],
    }


def _m2(area: Decimal | None) -> float | None:
    return None if area is None else float(rounded(area))
