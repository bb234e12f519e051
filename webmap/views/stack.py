"""A building floor by floor: bars to scale by who has the rooms; as a page, and for the map."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import Connection

from assets.space.comparing import State
from assets.space.queries import bodies, verdicts
from assets.space.rules import rounded
from assets.space.stack import Floor, Room, Stack, stack_of
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
_FREE: Final = "free"
_COMMON: Final = "common"
_NOBODYS: Final = ("ancillary", "equipment")
"""Classes of rooms that wait for nobody where nobody has them: stairs, toilets, plant rooms."""
_UNSTATED: Final = "unstated"
_OUTSIDE: Final = "outside"
"""Of bodies that the standard is not for."""
_COLOURS: Final = {
    _FREE: "#f0d9a8",
    _COMMON: "#c9d1da",
    _UNSTATED: UNSTATED_COLOUR,
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
        states: Verdict by body; empty unless told apart by it.
    """

    def __init__(
        self, stack: Stack, way: str, terms: Terms, states: Mapping[int, State], as_of: date
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
        last = {_COMMON: 1, _FREE: 2, _UNSTATED: 3}
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
            key = _COMMON if room.room_class in _NOBODYS else _FREE
            return [(key, say(f"space.stack.{key}"), whole)]
        if self._way == "use":
            return [("taken", say("space.stack.taken"), whole)]
        if self._way == "verdict":
            states = {self._states.get(one.organization_id) for one in room.occupants}
            # Of several who share it the worst.
            state = next((one for one in State if one in states), None)
            if state is None:
                return [(_OUTSIDE, say("space.stack.outside"), whole)]
            return [(state.value, say(f"space.verdicts.state.{state.value}"), whole)]
        return [(str(one.organization_id), one.name, one.share) for one in room.occupants]

    def _paint(self) -> None:
        at = 0
        for group in self.legend:
            if group.key in self._classes and self._way == "room_class":
                group.colour = self._classes[group.key].colour or PALETTE[at % len(PALETTE)]
            elif group.key in _COLOURS:
                group.colour = _COLOURS[group.key]
            else:
                group.colour = _shade(at)
                group.link = f"/space/bodies/{group.key}?as_of={self._as_of.isoformat()}"
                at += 1


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
    return render_template(
        "space/stack.html",
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
    with asking() as conn:
        stack = stack_of(conn, place_id, as_of)
        if stack is None:
            raise NotFound("space.stack.no_building")
        terms = read_terms(conn, language())
        states = _states(conn, stack, as_of) if way == "verdict" else {}
    grouping = Grouping(stack, way, terms, states, as_of)
    return {"as_of": as_of, "by": way, **_told(stack, grouping, terms)}


def _states(conn: Connection, stack: Stack, as_of: date) -> dict[int, State]:
    sitting = {one.organization_id for room in stack.rooms for one in room.occupants}
    judged = [one for one in bodies(conn, as_of) if one.organization_id in sitting]
    return {
        one.body.organization_id: one.compared[-1].state for one in verdicts(conn, as_of, of=judged)
    }


def _told(stack: Stack, grouping: Grouping, terms: Terms) -> dict[str, Any]:
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
        "floors": [_floor(floor, grouping, widest) for floor in stack.floors],
        "rooms": [
            _room(room, floor, grouping, terms) for floor in stack.floors for room in floor.rooms
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


def _room(room: Room, floor: Floor, grouping: Grouping, terms: Terms) -> dict[str, Any]:
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
        "occupants": _occupants(room),
    }


def _occupants(room: Room) -> Sequence[dict[str, Any]]:
    return [
        {"organization_id": one.organization_id, "name": one.name, "share": float(one.share)}
        for one in room.occupants
    ]


def _m2(area: Decimal | None) -> float | None:
    return None if area is None else float(rounded(area))
