"""What a plan says of rooms: assign, move, swap, vacate, release. The register stays as it is.

The same words as in the register (`assets.space.actions`), over what the plan says so far: a room
that a step filled can be moved on by the next. Each call is one step, taken back as one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from assets.estate.actions.arranging import MOST_ROOMS
from assets.estate.actions.entering import check_bodies
from assets.estate.actions.holdings import Party, check_parties
from assets.redeployment import model
from assets.redeployment.actions.planning import change
from assets.redeployment.model import ReleasedTo, StepKind
from assets.redeployment.parties import are_same, as_json
from assets.redeployment.plan import (
    PlanRoom,
    Standing,
    clashes,
    day_of,
    find_plan,
    refuse_hidden,
    rooms_of,
    standing,
)
from assets.requests.old_rooms import rooms_named
from assets.services.cases import ME
from gis.errors import Conflict, Forbidden, InputError, NotFound

MOST_OF_PLAN: Final = 2000
"""Rooms of one plan: what is carried out in one transaction."""
_MAY: Final = """
SELECT p.place_id FROM place.place AS p WHERE p.place_id = ANY (:rooms)
  AND p.rights_cell IN (
    SELECT cell FROM rights.my_domain_write_cells WHERE domain = 'redeployment')"""
_LAST: Final = (
    "SELECT coalesce(max(r.step), 0) FROM redeployment.plan_room AS r WHERE r.plan_id = :plan"
)
_FORGET_GONE: Final = """
DELETE FROM redeployment.plan_room AS r WHERE r.plan_id = :plan AND r.place_id IS NULL"""
_TAKE_BACK: Final = """
DELETE FROM redeployment.plan_room AS r WHERE r.plan_id = :plan AND r.step = :step"""


@dataclass(frozen=True)
class _Wish:
    """Who is to have a room; what it is given up for."""

    parties: tuple[Party, ...] = ()
    released_to: ReleasedTo | None = None
    receiver_id: int | None = None


def assign(
    conn: Connection,
    plan_id: int,
    rooms: Sequence[int],
    parties: Sequence[Party],
    *,
    seen_version: int,
) -> None:
    """Let a body, or several that share each room, have rooms in a plan.

    Raises:
        InputError: No room, too many, no body, one twice, shares that do not sum to 1, a place that
            is no room, or nothing that changes.
        NotFound: There is no such plan or room.
        Forbidden: The account does not plan for its body or over one of the rooms, or does not see
            all of the plan's.
        Conflict: The plan is not being worked at, or somebody changed it meanwhile; a room is
            closed, let or somebody's in part; a body does not exist on the plan's day.
    """
    if not parties:
        raise InputError("estate.no_party")
    wishes = dict.fromkeys(rooms, _Wish(tuple(parties)))
    _Open(conn, plan_id, seen_version).put(StepKind.ASSIGN, wishes)


def vacate(conn: Connection, plan_id: int, rooms: Sequence[int], *, seen_version: int) -> None:
    """Let nobody have rooms in a plan; raises what `assign` does."""
    wishes = dict.fromkeys(rooms, _Wish())
    _Open(conn, plan_id, seen_version).put(StepKind.VACATE, wishes)


def release(
    conn: Connection,
    plan_id: int,
    rooms: Sequence[int],
    to: ReleasedTo,
    receiver_id: int | None = None,
    *,
    seen_version: int,
) -> None:
    """Give rooms up in a plan, to somebody else or for good; raises what `assign` does.

    Args:
        receiver_id: The body that gets them; null: not said.
    """
    wishes = dict.fromkeys(rooms, _Wish((), to, receiver_id))
    opened = _Open(conn, plan_id, seen_version)
    if receiver_id is not None:
        check_bodies(conn, [Party(receiver_id)], opened.day)
    opened.put(StepKind.RELEASE, wishes)


def move(conn: Connection, plan_id: int, into: Mapping[int, int], *, seen_version: int) -> None:
    """Let who has a room in the plan have another one, with the shares and people they have.

    Args:
        into: The new room of each; rooms may follow one another, and two may change places.

    Raises:
        InputError: Nobody has a room that is left, two move into one, or somebody has one that is
            entered and does not move; besides what `assign` raises.
    """
    if len(set(into.values())) != len(into):
        raise InputError("space.two_into_one")
    opened = _Open(conn, plan_id, seen_version)
    rooms = sorted({*into, *into.values()})
    has = opened.having(rooms)
    titles = {row.place_id: row.title for row in rooms_named(conn, rooms, None)}
    if empty := [titles[room] for room in into if not has[room]]:
        raise InputError("space.nobody_in", rooms="、".join(empty[:5]))
    if taken := [titles[room] for room in into.values() if room not in into and has[room]]:
        raise InputError("space.somebody_in", rooms="、".join(taken[:5]))
    wishes = dict.fromkeys(into, _Wish())
    wishes |= {new: _Wish(has[old]) for old, new in into.items()}
    opened.put(StepKind.MOVE, wishes)


def leave(conn: Connection, plan_id: int, rooms: Sequence[int], *, seen_version: int) -> None:
    """Take rooms out of a plan: they stay as the register says.

    Raises:
        NotFound: One is none of the plan's; besides what `assign` raises.
    """
    opened = _Open(conn, plan_id, seen_version)
    opened.settle({}, opened.of_plan(rooms))


def settle(
    conn: Connection,
    plan_id: int,
    *,
    keep: Sequence[int] = (),
    drop: Sequence[int] = (),
    seen_version: int,
) -> None:
    """Say of rooms that changed meanwhile whether what is wanted of them stands or falls.

    Rooms that are gone leave the plan in any case.

    Args:
        keep: What is wanted of these stands, on what the register says now.
        drop: These leave the plan.

    Raises:
        InputError: One is named in both.
        NotFound: One is none of those that changed.
        Conflict: One that is to be kept is closed or somebody else's; besides what `assign` raises.
    """
    if both := set(keep) & set(drop):
        raise InputError("redeployment.kept_and_dropped", count=len(both))
    opened = _Open(conn, plan_id, seen_version)
    changed = {one.room.place_id: one for one in clashes(conn, opened.plan)}
    for room in (*keep, *drop):
        if room not in changed:
            raise NotFound("redeployment.no_clash", place_id=room)
    for room in keep:
        if not changed[room].may_keep:
            raise Conflict(
                "redeployment.cannot_keep", room=changed[room].room.title, why=changed[room].why
            )
    opened.settle(
        {room: changed[room].room for room in keep}, {room: changed[room].room for room in drop}
    )


def take_step_back(conn: Connection, plan_id: int, *, seen_version: int) -> int:
    """Take the newest step of a plan back.

    Returns:
        How many rooms it spoke of.

    Raises:
        Conflict: There is none; besides what `assign` raises of the plan.
    """
    opened = _Open(conn, plan_id, seen_version)
    asked = {"plan": plan_id, "step": opened.last_step()}
    taken: int = conn.execute(text(_TAKE_BACK), asked).rowcount
    if not taken:
        raise Conflict("redeployment.no_step")
    return taken


class _Open:
    """A plan that is being changed: its row is locked by the version it takes.

    Raises:
        NotFound, Forbidden, Conflict: As `assign`, of the plan.
    """

    def __init__(self, conn: Connection, plan_id: int, seen_version: int) -> None:
        self.conn = conn
        self.plan: Mapping[str, Any] = find_plan(conn, plan_id)
        self.day = day_of(self.plan)
        change(conn, self.plan, {}, seen_version=seen_version)
        refuse_hidden(conn, plan_id)
        self.rooms = {one.place_id: one for one in rooms_of(conn, plan_id) if one.place_id}

    def having(self, rooms: Sequence[int]) -> dict[int, tuple[Party, ...]]:
        """Who has each of some rooms in the plan."""
        now = self._possible(rooms)
        return {
            room: self.rooms[room].wanted if room in self.rooms else now.parties.get(room, ())
            for room in rooms
        }

    def of_plan(self, rooms: Sequence[int]) -> dict[int, PlanRoom]:
        """Rooms of the plan by number.

        Raises:
            NotFound: One is none of them.
        """
        if unknown := sorted(set(rooms) - self.rooms.keys()):
            raise NotFound("redeployment.no_room_of_it", place_id=unknown[0])
        return {room: self.rooms[room] for room in rooms}

    def last_step(self) -> int:
        """The newest; 0: none was taken."""
        found: int = self.conn.execute(text(_LAST), {"plan": self.plan["plan_id"]}).scalar_one()
        return found

    def put(self, kind: StepKind, wishes: Mapping[int, _Wish]) -> None:
        """Write what a step wants of rooms, beside who has them now."""
        if not 0 < len(wishes) <= MOST_ROOMS:
            raise InputError("estate.arrange.rooms", most=MOST_ROOMS)
        if len(self.rooms.keys() | wishes.keys()) > MOST_OF_PLAN:
            raise InputError("redeployment.too_many", most=MOST_OF_PLAN)
        now = self._possible(list(wishes))
        self._check(wishes.values())
        rows = []
        for room, wish in wishes.items():
            stands = now.parties.get(room, ())
            is_as_is = wish.released_to is None and are_same(stands, wish.parties)
            if is_as_is and room not in self.rooms:
                continue
            row = self._row(StepKind.LEAVE if is_as_is else kind, room, wish.parties)
            said = {
                "released_to": wish.released_to and wish.released_to.value,
                "receiver_id": wish.receiver_id,
            }
            rows.append({**row, **said, "stood": as_json(stands)})
        self._write(rows, now)

    def settle(self, keep: Mapping[int, PlanRoom], drop: Mapping[int, PlanRoom]) -> None:
        """Write which rooms stay in the plan on what is now, and which leave it."""
        self.conn.execute(text(_FORGET_GONE), {"plan": self.plan["plan_id"]})
        rooms = [*keep, *drop]
        now = standing(self.conn, rooms, self.day)
        rows = []
        for kind, named in ((StepKind.KEEP, keep), (StepKind.LEAVE, drop)):
            for room, one in named.items():
                said = {
                    "released_to": one.released_to and one.released_to.value,
                    "receiver_id": one.receiver_id,
                }
                stood = as_json(now.parties.get(room, ()))
                rows.append({**self._row(kind, room, one.wanted), **said, "stood": stood})
        if rows:
            self._write(rows, now)

    def _possible(self, rooms: Sequence[int]) -> Standing:
        """What the register says of rooms that a plan may speak of.

        Raises:
            NotFound, InputError, Forbidden, Conflict: As `assign`, of the rooms.
        """
        named = {row.place_id: row for row in rooms_named(self.conn, rooms, None)}
        may = set(self.conn.execute(text(_MAY), {"rooms": list(rooms)}).scalars())
        now = standing(self.conn, rooms, self.day)
        for room, row in named.items():
            if room not in may:
                raise Forbidden("redeployment.not_your_room", room=row.title)
            if why := now.blocked.get(room):
                raise Conflict("redeployment.cannot_have", room=row.title, why=why)
        if in_part := [row.code for room, row in named.items() if room in now.in_part]:
            raise Conflict("space.in_part", rooms="、".join(in_part[:5]))
        return now

    def _check(self, wishes: Iterable[_Wish]) -> None:
        bodies: dict[int, Party] = {}
        for one in wishes:
            if one.parties:
                check_parties(one.parties)
            bodies |= {party.holder_id: party for party in one.parties}
        check_bodies(self.conn, list(bodies.values()), self.day)

    def _row(self, kind: StepKind, room: int, wanted: Sequence[Party]) -> dict[str, Any]:
        return {"kind": kind.value, "place_id": room, "wanted": as_json(wanted)}

    def _write(self, rows: Sequence[dict[str, Any]], now: Standing) -> None:
        if not rows:
            raise InputError("redeployment.as_it_is")
        step = self.last_step() + 1
        named = {
            row.place_id: row
            for row in rooms_named(self.conn, [one["place_id"] for one in rows], None)
        }
        self.conn.execute(
            insert(model.plan_room).values(plan_id=self.plan["plan_id"], step=step, made_by=ME),
            [
                {
                    **one, "place_title": named[one["place_id"]].title,
                    "rights_cell": named[one["place_id"]].rights_cell,
                    "seen_version": now.versions[one["place_id"]],
                }
                for one in rows
            ],
        )  # fmt: skip
