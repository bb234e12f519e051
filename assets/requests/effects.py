"""What else happens when a step of a request is taken, in the same transaction."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.actions.arranging import room_versions
from assets.estate.actions.editing import take_edit_back
from assets.estate.actions.holdings import Party
from assets.requests.model import Answer, Item, Part, request
from assets.requests.old_rooms import ask_old_rooms_back, drop_returns
from assets.requests.queries import documents_of, find_request, places_of
from assets.requests.readings import documents_on
from assets.requests.rules import LAST_CHOICES, WITH_STOCK, refuse_out_of_order
from assets.requests.vacant import rooms_that_would_do, still_vacant
from assets.services.cases import Taken
from assets.services.numbering import Series, number_of, take_number
from assets.space.actions import assign
from assets.space.model import StandardKind
from assets.space.readings import pack_readings
from assets.space.rules import Standard
from assets.space.standards import standards_on
from gis.clock import today
from gis.errors import Conflict, InputError, Phrase
from gis.places.edits import Grounds

SERIES: Final = Series("requests.request", "办公用房申请〔{year}〕{number}号")
_HAS_IT: Final = """
SELECT EXISTS (
  SELECT FROM estate.holding_leaf AS l
  JOIN estate.holding AS h ON h.holding_id = l.holding_id AND h.kind = 'occupies'
  JOIN estate.holding_party AS y ON y.holding_id = h.holding_id
  WHERE l.place_id = :room AND l.during @> CAST(:today AS date) AND y.holder_id = :body)"""
# Of rooms that were just changed and are locked: the edits that did it.
_NEWEST: Final = """
SELECT max(edit_id) FROM place.edit WHERE place_id = ANY (:rooms) GROUP BY place_id ORDER BY 1"""
_STANDING: Final = """
SELECT e.edit_id, e.place_id FROM place.edit AS e
WHERE e.edit_id = ANY (CAST(:edits AS bigint[]))
  AND NOT EXISTS (SELECT FROM place.edit AS u WHERE u.undoes_edit_id = e.edit_id)
ORDER BY e.edit_id LIMIT 1"""
# Of rooms that are not vacant, those that somebody is known to have, now or from a later day on.
_USED: Final = """
SELECT r.place_id FROM unnest(CAST(:rooms AS bigint[])) AS r (place_id)
WHERE EXISTS (
    SELECT FROM estate.holding_leaf AS l WHERE l.place_id = r.place_id
      AND l.exclusive_group = 'use' AND l.during && daterange(CAST(:today AS date), NULL))
  OR EXISTS (
    SELECT FROM estate.holding AS h WHERE h.place_id = r.place_id AND h.kind = 'occupies'
      AND h.extent <> 'whole' AND (h.valid_to IS NULL OR h.valid_to > :today))"""


def number(conn: Connection, taken: Taken) -> None:
    """Give a request its number the first time it is handed in."""
    case_id = taken.case.case_id
    subject = f"requests.request/{case_id}"
    if number_of(conn, SERIES, subject) is not None:
        return
    written = take_number(
        conn, SERIES, subject=subject, rights_cell=taken.case.rights_cell, today=today()
    )
    conn.execute(request.update().where(request.c.request_id == case_id).values(number=written))


def check(conn: Connection, taken: Taken) -> None:
    """The stock was looked through and every room that would do has an answer.

    Raises:
        Conflict: It was not, or not today, or the order of ways is not kept.
        InputError: A document is missing.
    """
    found = find_request(conn, taken.case.case_id, today())
    if _goes_by_stock(found):
        if found["checked_on"] != today():
            raise Conflict("requests.check_today")
        _require_answers(conn, found)
    _require_documents(conn, found, "check")


def approve(conn: Connection, taken: Taken) -> None:
    """What approval does: rooms of a transfer, and a leader's office, are given out.

    Raises:
        Conflict: Rooms became vacant since the stock was looked through, one that was taken is no
            longer vacant, or the order of ways is not kept.
        InputError: A document, or the reason for an office above its limit, is missing.
    """
    found = find_request(conn, taken.case.case_id, today())
    _require_documents(conn, found, "approve")
    if _goes_by_stock(found):
        _require_answers(conn, found)
        if Item(found["item"]) in LAST_CHOICES:
            _refuse_new_stock(conn, found)
    if found["item"] == Item.TRANSFER:
        _give(conn, found, _taken_rooms(conn, found["request_id"]))
    if found["item"] == Item.LEADER_OFFICE:
        _give_office(conn, found, taken.remark)


def finish(conn: Connection, taken: Taken) -> None:
    """A body that has got rooms otherwise than from the stock gives its old ones back from now on.

    Raises:
        Conflict: Nothing says how long that may take.
    """
    found = find_request(conn, taken.case.case_id, today())
    if found["item"] in LAST_CHOICES:
        ask_old_rooms_back(conn, found, (), day=today())


def take_rooms_back(conn: Connection, taken: Taken) -> None:
    """What approval gave out is taken back, and so is what was asked back for it.

    Raises:
        Forbidden: Somebody else gave them out.
        Conflict: Something has changed since; as `forget_given`.
    """
    found = find_request(conn, taken.case.case_id, today())
    asked = {"edits": found["given_edit_ids"]}
    # What became a state secret, or went, was taken back with it; any of the others stands for all.
    standing = conn.execute(text(_STANDING), asked).first()
    if standing is not None:
        take_edit_back(conn, standing.place_id, standing.edit_id)
    forget_given(conn, found["request_id"], taken.remark)


def forget_given(conn: Connection, request_id: int, remark: str | None) -> None:
    """A request has given nothing out, nor is anything asked back for it any more.

    Raises:
        Conflict: A room of either kind is hidden from the account and stays as it was, or a room
            was given back for those that are taken away.
    """
    drop_returns(conn, request_id, remark=remark)
    conn.execute(
        request.update().where(request.c.request_id == request_id).values(given_edit_ids=None)
    )


def _goes_by_stock(found: Mapping[str, Any]) -> bool:
    is_classified = found["item"] == Item.CONSTRUCT and found["classified_document"]
    return Item(found["item"]) in WITH_STOCK and not is_classified


def _require_answers(conn: Connection, found: Mapping[str, Any]) -> None:
    if found["checked_on"] is None:
        raise Conflict("requests.not_checked")
    candidates = places_of(conn, found["request_id"], Part.CANDIDATE)
    refuse_out_of_order(Item(found["item"]), [one["answer"] for one in candidates], found)


def _require_documents(conn: Connection, found: Mapping[str, Any], step: str) -> None:
    there = {row["kind"] for row in documents_of(conn, found["request_id"])}
    for rule in documents_on(found["item"], today()):
        if rule.step == step and rule.kind not in there:
            raise InputError(
                "requests.no_document",
                document=Phrase(f"requests.document.{rule.kind}"),
                source=rule.of.said,
            )


def _refuse_new_stock(conn: Connection, found: Mapping[str, Any]) -> None:
    candidates = places_of(conn, found["request_id"], Part.CANDIDATE)
    known = {one["place_id"] for one in candidates}
    stock = rooms_that_would_do(conn, today(), **where_of(found))
    new = [room for room in stock.rooms if room.place_id not in known]
    if new:
        raise Conflict(
            "requests.stock_changed", count=len(new), rooms="、".join(one.title for one in new[:3])
        )


def where_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """Where a request wants rooms, as `rooms_that_would_do` takes it."""
    names = ("longitude", "latitude", "radius_m")
    return {"district": found["admin_area_code"], **{name: found[name] for name in names}}


def _taken_rooms(conn: Connection, request_id: int) -> list[Mapping[str, Any]]:
    candidates = places_of(conn, request_id, Part.CANDIDATE)
    return [one for one in candidates if one["answer"] == Answer.TAKEN]


def _give(conn: Connection, found: Mapping[str, Any], rooms: Sequence[Mapping[str, Any]]) -> None:
    """Give rooms to the body that asked, as one step that is taken back as one."""
    if gone := [one["place_title"] for one in rooms if one["place_id"] is None]:
        raise Conflict("requests.taken_meanwhile", rooms="、".join(gone[:3]))
    ids = [one["place_id"] for one in rooms]
    seen = room_versions(conn, ids)
    vacant = still_vacant(conn, ids, today())
    _refuse_lost(conn, [one for one in rooms if one["place_id"] not in vacant])
    why = Grounds(f"{found['number']} {found['reason']}"[:500], found["decision_document"])
    party = Party(found["organization_id"])
    changed = assign(conn, ids, [party], since=today(), seen=seen, grounds=why)
    made = list(conn.execute(text(_NEWEST), {"rooms": list(changed)}).scalars())
    given = request.update().where(request.c.request_id == found["request_id"])
    conn.execute(given.values(given_edit_ids=made or None))
    ask_old_rooms_back(conn, found, ids, day=today())


def _refuse_lost(conn: Connection, lost: Sequence[Mapping[str, Any]]) -> None:
    """Tell rooms that somebody has from those of which nobody has said who has them."""
    if not lost:
        return
    asked = {"rooms": [one["place_id"] for one in lost], "today": today()}
    used = set(conn.execute(text(_USED), asked).scalars())
    for key, is_used in (("requests.taken_meanwhile", True), ("requests.use_unknown", False)):
        if named := [one["place_title"] for one in lost if (one["place_id"] in used) is is_used]:
            raise Conflict(key, rooms="、".join(named[:3]))


def limit_of(conn: Connection, level: str | None, rank: str | None) -> Standard | None:
    """The row of the standard for an office of a rank in a body of a level; null: there is none."""
    if level is None or rank is None:
        return None
    table = standards_on(conn, today())
    counts_as = next(
        (
            one.counts_as
            for one in reversed(pack_readings())
            if (one.level, one.rank) == (level, rank) and one.holds_on(today())
        ),
        rank,
    )
    return table.of(StandardKind.OFFICE_LIMIT, level, counts_as)


def over_limit(area_m2: Decimal | None, limit: Standard | None) -> Decimal | None:
    """m2 of an office above its limit; null: it is within, or that cannot be told."""
    if area_m2 is None or limit is None or limit.value is None or area_m2 <= limit.value:
        return None
    return area_m2 - limit.value


def _usable_m2(conn: Connection, place_id: int) -> Decimal | None:
    """Of today, for the room may have been measured anew since it was asked for."""
    return conn.execute(
        text(
            "SELECT area_m2 FROM place.counted_area"
            " WHERE place_id = :place_id AND area_kind = 'usable'"
        ),
        {"place_id": place_id},
    ).scalar_one_or_none()


def _give_office(conn: Connection, found: Mapping[str, Any], remark: str | None) -> None:
    rooms = places_of(conn, found["request_id"], Part.SUBJECT)
    if not rooms or rooms[0]["place_id"] is None:
        raise Conflict("requests.room_gone")
    (room, *_) = rooms
    limit = limit_of(conn, found["level_code"], found["rank_code"])
    over_m2 = over_limit(_usable_m2(conn, room["place_id"]), limit)
    if over_m2 is not None and not remark:
        raise InputError("requests.over_limit", over_m2=f"{over_m2:.2f}")
    if room["place_id"] in still_vacant(conn, [room["place_id"]], today()):
        _give(conn, found, rooms)
        return
    asked = {"room": room["place_id"], "today": today(), "body": found["organization_id"]}
    if conn.execute(text(_HAS_IT), asked).scalar_one():
        ask_old_rooms_back(conn, found, [room["place_id"]], day=today())
    else:
        _refuse_lost(conn, [room])
