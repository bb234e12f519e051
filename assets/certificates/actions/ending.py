"""Cancelling a certificate, and taking back the last that was done to one."""

from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from assets.certificates.actions.writing import (
    ME,
    all_seen,
    end_rooms,
    locked,
    names_of,
    open_certificate,
    short,
    stated_reason,
)
from assets.certificates.queries import find, rooms_of_body
from gis.errors import Conflict, Forbidden, InputError
from gis.places import edits

_DROP_ROOMS: Final = "DELETE FROM certificates.certified_room WHERE edition_id = :edition_id"
_DROP_EDITION: Final = "DELETE FROM certificates.edition WHERE edition_id = :edition_id"


def cancel(
    conn: Connection,
    certificate_id: int,
    *,
    since: date,
    reason: str,
    document: str | None,
    although_used: bool,
    seen_version: int,
) -> None:
    """Let a certificate hold no longer from a day on.

    Args:
        conn: As for `issue`.
        certificate_id: Which one.
        since: The first day it no longer holds.
        reason: Why.
        document: What it rests on.
        although_used: Its holder still has rooms of it then, and it is cancelled all the same.
        seen_version: As its author saw it.

    Raises:
        NotFound: There is none that the account sees.
        InputError: No reason, a day before the last change, or its holder still has rooms of it:
            says which, and what to do.
        Conflict: Somebody changed it since, or it no longer holds.
        Forbidden: It is not the account's to cancel, or not all of its rooms are.
    """
    known = open_certificate(conn, certificate_id, seen_version, since)
    said = stated_reason(reason)
    if since < known.edition["since"]:
        raise InputError("certificates.before_last_change", since=known.edition["since"])
    if not although_used:
        had = {one["place_id"] for one in rooms_of_body(conn, known.head["holder_id"], since)}
        if used := [one for one in known.rooms if one["place_id"] in had]:
            raise InputError("certificates.in_use", count=len(used), rooms=names_of(used))
    end_rooms(conn, known, since)
    conn.execute(
        text(
            "UPDATE certificates.certificate SET cancelled_on = :since, cancel_reason = :reason,"
            f" cancel_document = :document, cancelled_by = {ME}, version = version + 1,"
            f" changed_by = {ME}, changed_at = now() WHERE certificate_id = :id"
        ),
        {"since": since, "reason": said, "document": short(document), "id": certificate_id},
    )


def take_back(conn: Connection, certificate_id: int, *, seen_version: int) -> None:
    """Undo the last thing that was done to a certificate, by who did it.

    A cancelled one holds again, a change is gone, and one that was only issued never held; its
    number stays its own.

    Raises:
        NotFound: There is none that the account sees.
        Conflict: Somebody changed it since, it was taken back already, or another certificate has
            one of its rooms by now.
        Forbidden: Somebody else did it, or not all of its rooms are the account's.
    """
    known = locked(conn, certificate_id, seen_version)
    head = known.head
    of = {"certificate_id": certificate_id, "edition_id": known.edition["edition_id"]}
    if head["is_withdrawn"]:
        raise Conflict("certificates.nothing_to_take_back")
    is_cancelled = head["cancelled_on"] is not None
    me = conn.execute(text(f"SELECT {ME}")).scalar_one()
    if me != (head["cancelled_by"] if is_cancelled else known.edition["account_id"]):
        raise Forbidden("certificates.done_by_another")
    if is_cancelled:
        end_rooms(conn, known, head["valid_to"])
        said = "cancelled_on = NULL, cancel_reason = NULL, cancel_document = NULL,"
        said += " cancelled_by = NULL"
    elif known.head["edition"] > 1:
        before = find(conn, certificate_id, head["valid_from"], edition=head["edition"] - 1)
        all_seen(conn, before)
        edits.write(conn, _DROP_ROOMS, of)
        edits.write(conn, _DROP_EDITION, of)
        end_rooms(conn, before, before.edition["valid_to"])
        said = "edition = edition - 1, valid_to = :valid_to"
        of |= {"valid_to": before.edition["valid_to"]}
    else:
        end_rooms(conn, known, head["valid_from"])
        said = "is_withdrawn = true"
    conn.execute(
        text(
            f"UPDATE certificates.certificate SET {said}, version = version + 1,"
            f" changed_by = {ME}, changed_at = now() WHERE certificate_id = :certificate_id"
        ),
        of,
    )
