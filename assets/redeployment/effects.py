"""What else happens when a step of a plan is taken: it is carried out, or taken back, as one."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.actions.arranging import MOST_ROOMS, RoomsMeanwhile, arrange
from assets.estate.actions.editing import take_edit_back
from assets.redeployment.model import plan
from assets.redeployment.plan import PlanRoom, clashes, find_plan, refuse_hidden, rooms_of
from assets.requests.queries import cell_of_body
from assets.services.cases import Taken
from assets.services.notices import Notice, send
from assets.space.seating import check_offices
from gis.clock import today
from gis.errors import Conflict, InputError, Phrase
from gis.places.edits import Grounds

_NAMED: Final = 5
"""Rooms that a refusal names."""
# Of rooms that were just changed and are locked: the edits that did it.
_NEWEST: Final = """
SELECT max(edit_id) FROM place.edit WHERE place_id = ANY (:rooms) GROUP BY place_id ORDER BY 1"""
_STANDING: Final = """
SELECT e.edit_id, e.place_id FROM place.edit AS e
WHERE e.edit_id = ANY (CAST(:edits AS bigint[]))
  AND NOT EXISTS (SELECT FROM place.edit AS u WHERE u.undoes_edit_id = e.edit_id)
ORDER BY e.edit_id LIMIT 1"""


def propose(conn: Connection, taken: Taken) -> None:
    """What is proposed says something, that can be done, and is shown to who decides.

    Raises:
        InputError: It speaks of no room.
        Forbidden: It speaks of rooms that the account does not see.
        Conflict: Rooms changed since the plan saw them.
    """
    plan_id = taken.case.case_id
    _doable(conn, plan_id)
    conn.execute(plan.update().where(plan.c.plan_id == plan_id).values(is_shared=True))


def merge(conn: Connection, taken: Taken) -> None:
    """Carry a plan out: the register says from today what it wanted, as one edit.

    Raises:
        Conflict: Its first day is still to come, the register says so already, or a room changed
            since the plan saw it, were it this very moment; besides what `arrange` raises.
        InputError, Forbidden: As `propose`.
    """
    plan_id = taken.case.case_id
    found, rooms = _doable(conn, plan_id)
    if found["from_on"] > today():
        raise Conflict("redeployment.not_before", day=found["from_on"])
    changed = _arrange(conn, found, rooms)
    if not changed:
        raise Conflict("redeployment.is_so")
    made = list(conn.execute(text(_NEWEST), {"rooms": changed}).scalars())
    done = {"merged_on": today(), "merged_edit_ids": made}
    conn.execute(plan.update().where(plan.c.plan_id == plan_id).values(**done))
    _tell_bodies(conn, found, [one for one in rooms if one.place_id in set(changed)])


def unmerge(conn: Connection, taken: Taken) -> None:
    """What a plan changed is as it was before, all of it.

    Raises:
        Forbidden: Somebody else carried it out.
        Conflict: Something has changed since; as `forget_merged`.
    """
    found = find_plan(conn, taken.case.case_id)
    asked = {"edits": found["merged_edit_ids"]}
    # What became a state secret, or went, was taken back with it; any of the others stands for all.
    standing = conn.execute(text(_STANDING), asked).first()
    if standing is not None:
        take_edit_back(conn, standing.place_id, standing.edit_id)
    forget_merged(conn, found["plan_id"])


def forget_merged(conn: Connection, plan_id: int) -> None:
    """A plan whose edits were taken back has changed nothing; the bodies are told.

    Raises:
        Conflict: One of them still stands, of a room that is hidden from the account.
    """
    if conn.execute(text("SELECT redeployment.stands(:plan)"), {"plan": plan_id}).scalar_one():
        raise Conflict("redeployment.hidden_rooms")
    undone = {"merged_on": None, "merged_edit_ids": None}
    conn.execute(plan.update().where(plan.c.plan_id == plan_id).values(**undone))
    _tell_bodies(conn, find_plan(conn, plan_id), rooms_of(conn, plan_id), is_undone=True)


def _doable(conn: Connection, plan_id: int) -> tuple[Mapping[str, Any], Sequence[PlanRoom]]:
    found = find_plan(conn, plan_id)
    refuse_hidden(conn, plan_id)
    _refuse_clashes(conn, found)
    rooms = rooms_of(conn, plan_id)
    if not rooms:
        raise InputError("redeployment.empty")
    return found, rooms


def _refuse_clashes(conn: Connection, found: Mapping[str, Any]) -> None:
    if standing := clashes(conn, found):
        named = tuple(
            Phrase("redeployment.room_and_why", {"room": one.room.title, "why": one.why})
            for one in standing[:_NAMED]
        )
        raise Conflict("redeployment.clashes", count=len(standing), rooms=named)


def _arrange(
    conn: Connection, found: Mapping[str, Any], rooms: Sequence[PlanRoom]
) -> Sequence[int]:
    """Write what is wanted of rooms, in the order of their numbers whoever does it."""
    wanted = {one.place_id: one for one in rooms if one.place_id is not None}
    grounds = Grounds(f"{found['name']} #{found['plan_id']}", found["document"])
    day, numbers = today(), sorted(wanted)
    changed: list[int] = []
    try:
        for at in range(0, len(numbers), MOST_ROOMS):
            chosen = numbers[at : at + MOST_ROOMS]
            changed += arrange(
                conn, {room: wanted[room].wanted for room in chosen}, since=day,
                seen={room: wanted[room].seen_version for room in chosen}, grounds=grounds,
            )  # fmt: skip
    except RoomsMeanwhile:
        # Somebody was quicker, after the first look: tell what is now.
        _refuse_clashes(conn, found)
        raise
    if any(each.post_id for room in changed for one in wanted[room].wanted for each in one.sharers):
        # Of all at once: who changes rooms has two in the middle of it.
        check_offices(conn, changed, day)
    return changed


def _tell_bodies(
    conn: Connection,
    found: Mapping[str, Any],
    rooms: Sequence[PlanRoom],
    *,
    is_undone: bool = False,
) -> None:
    """Tell each body how many rooms it gets and leaves, or that this was taken back."""
    gets, leaves = _counted(rooms)
    kind = "redeployment.notice.undone" if is_undone else "redeployment.notice.rooms"
    send(
        conn,
        [
            _notice(
                found, body, cell_of_body(conn, body), kind,
                gets=gets.get(body, 0), leaves=leaves.get(body, 0),
            )
            for body in sorted(gets.keys() | leaves.keys())
        ],
    )  # fmt: skip


def _counted(rooms: Sequence[PlanRoom]) -> tuple[dict[int, int], dict[int, int]]:
    """Rooms that each body gets, and leaves."""
    gets: dict[int, int] = {}
    leaves: dict[int, int] = {}
    for one in rooms:
        before = {party.holder_id for party in one.stood}
        after = {party.holder_id for party in one.wanted}
        received = after if one.receiver_id is None else after | {one.receiver_id}
        for body in received - before:
            gets[body] = gets.get(body, 0) + 1
        for body in before - after:
            leaves[body] = leaves.get(body, 0) + 1
    return gets, leaves


def _notice(
    found: Mapping[str, Any], body: int, cell: int, kind: str, *, gets: int, leaves: int
) -> Notice:
    day: date | None = found["merged_on"]
    return Notice(
        audience="body",
        kind=kind,
        params={
            "title": found["name"], "gets": gets, "leaves": leaves,
            "day": str(day or today()),
        },
        address=f"/space/bodies/{body}",
        reader_cell=cell,
        rights_cell=cell,
    )  # fmt: skip
