"""Look through the stock for a request, and answer for each room that would do."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection, delete, insert, text

from assets.requests import model
from assets.requests.actions.drafting import change
from assets.requests.effects import where_of
from assets.requests.model import Answer, Item, Part, State
from assets.requests.queries import find_request, places_of, require_writable
from assets.requests.rules import LAST_CHOICES, WITH_STOCK, refuse_too_many
from assets.requests.vacant import MOST, rooms_that_would_do
from assets.services.cases import ME
from gis.errors import Conflict, InputError

_STATES: Final = (State.SUBMITTED, State.CHECKED, State.REVIEWED, State.FUNDED)
_LONGEST: Final = 500


def look_through(
    conn: Connection, request_id: int, *, seen_version: int | None = None, today: date
) -> int:
    """Write down the vacant rooms of today that would do; what was answered for a room stays.

    Returns:
        How many there are.

    Raises:
        Conflict: The item gives no rooms, it is not handed in, somebody changed it meanwhile, or
            more rooms are vacant than anybody can answer for: the area asked for is too wide.
        Forbidden: The account has no part of the bureau's.
    """
    found = find_request(conn, request_id, today)
    require_writable(conn, found["bureau_cell"], "requests.not_yours.officer")
    if Item(found["item"]) not in WITH_STOCK:
        raise Conflict("requests.no_stock_needed")
    stock = rooms_that_would_do(conn, today, **where_of(found))
    if stock.total > MOST and Item(found["item"]) in LAST_CHOICES:
        raise Conflict("requests.too_many_vacant", count=stock.total, most=MOST)
    values = {"checked_on": today, "checked_at": text("clock_timestamp()"), "checked_by": ME}
    change(conn, found, _STATES, values, seen_version=seen_version)
    # Answers of before a change of the request were given to another request.
    was = places_of(conn, request_id, Part.CANDIDATE) if found["checked_on"] else []
    known = {one["place_id"]: one for one in was}
    cells = _cells(conn, [room.place_id for room in stock.rooms])
    table = model.request_place
    conn.execute(
        delete(table).where(table.c.request_id == request_id, table.c.part == Part.CANDIDATE.value)
    )
    kept = ("answer", "answer_reason", "answered_at", "answered_by")
    rows = [
        {
            "request_id": request_id,
            "place_id": room.place_id,
            "part": Part.CANDIDATE.value,
            "place_title": room.title,
            "area_m2": room.usable_m2,
            "distance_m": room.distance_m,
            "vacant_since": room.vacant_since,
            "rights_cell": cells[room.place_id],
            **{name: known.get(room.place_id, {}).get(name) for name in kept},
        }
        for room in stock.rooms
    ]
    if rows:
        conn.execute(insert(table), rows)
    return len(rows)


def answer(
    conn: Connection,
    request_id: int,
    rooms: Sequence[int],
    *,
    is_taken: bool,
    reason: str | None,
    today: date,
) -> None:
    """Take rooms that would do for the request, or refuse them with a reason.

    Args:
        rooms: Numbers of the candidates (`request_place_id`).

    Raises:
        InputError: No room, one that is no candidate, or rooms are refused without a reason.
        Conflict: The request is not handed in, or is decided, or more rooms would be taken than are
            given out in one step.
        Forbidden: The account has no part of the bureau's.
    """
    found = find_request(conn, request_id, today)
    require_writable(conn, found["bureau_cell"], "requests.not_yours.officer")
    said = (reason or "").replace("\0", "").strip()[:_LONGEST] or None
    if not is_taken and said is None:
        raise InputError("requests.no_refusal")
    candidates = places_of(conn, request_id, Part.CANDIDATE)
    said_of = {one["request_place_id"]: one["answer"] for one in candidates}
    if not rooms or not set(rooms) <= said_of.keys():
        raise InputError("requests.no_candidates")
    if is_taken:
        taken = {one for one, word in said_of.items() if word == Answer.TAKEN}
        refuse_too_many(len(taken | set(rooms)))
    # What was reviewed stays as it was: only what became vacant since may still be refused.
    is_reviewed = found["state"] in (State.REVIEWED, State.FUNDED)
    if is_reviewed and (is_taken or any(said_of[one] for one in rooms)):
        raise Conflict("requests.not_now")
    change(conn, found, _STATES, {}, seen_version=None)
    conn.execute(
        text(
            "UPDATE requests.request_place SET answer = :answer, answer_reason = :reason,"
            " answered_at = clock_timestamp(), answered_by = rights.current_account_id()"
            " WHERE request_place_id = ANY (:rooms)"
        ),
        {
            "answer": (Answer.TAKEN if is_taken else Answer.REFUSED).value,
            "reason": said,
            "rooms": sorted(set(rooms)),
        },
    )


def make_transfer(conn: Connection, request_id: int, *, seen_version: int, today: date) -> None:
    """Turn a request for rooms from elsewhere into one for the vacant rooms that were taken.

    Raises:
        Conflict: No room was taken, it is a transfer already, it is not handed in or is decided, or
            somebody changed it meanwhile.
        Forbidden: The account has no part of the bureau's.
    """
    found = find_request(conn, request_id, today)
    require_writable(conn, found["bureau_cell"], "requests.not_yours.officer")
    if Item(found["item"]) not in LAST_CHOICES:
        raise Conflict("requests.is_transfer")
    answers = [one["answer"] for one in places_of(conn, request_id, Part.CANDIDATE)]
    if Answer.TAKEN not in answers:
        raise Conflict("requests.nothing_taken")
    values = {"item": Item.TRANSFER.value, "first_item": found["item"]}
    change(conn, found, (State.SUBMITTED, State.CHECKED), values, seen_version=seen_version)


def _cells(conn: Connection, rooms: Sequence[int]) -> dict[int, int]:
    found = conn.execute(
        text("SELECT place_id, rights_cell FROM place.place WHERE place_id = ANY (:rooms)"),
        {"rooms": list(rooms)},
    )
    return {row.place_id: row.rights_cell for row in found}
