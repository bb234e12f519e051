"""Begin a record of a property's ownership, and say why it has no title."""

from typing import Final

from sqlalchemy import Connection, insert, text, update

from assets.certificates.model import Cause, RecordState, ownership_record
from assets.certificates.ownership import bureau_cell, find_property, find_record, writable
from assets.certificates.workflows import OWNERSHIP
from assets.services.cases import ME
from assets.services.steps import note_opened
from gis.clock import ZONE
from gis.errors import Conflict, Forbidden, InputError
from gis.rights.actions import shown_account

_LONGEST: Final = 2000


def open_record(conn: Connection, place_id: int) -> int:
    """Begin the record of a property; it waits to be handed in.

    Returns:
        Its `ownership_record_id`.

    Raises:
        NotFound: There is no such property that the account sees.
        Forbidden: The account does not write it.
        InputError: It is rented from others, on whose title it stands.
        Conflict: It has a record already (as the transaction ends).
    """
    found = find_property(conn, place_id)
    if place_id not in writable(conn, [place_id]):
        raise Forbidden("ownership.not_yours.keeper")
    if found["is_leased_in"]:
        raise InputError("ownership.is_leased_in")
    made: int = conn.execute(
        insert(ownership_record)
        .values(
            place_id=place_id,
            place_title=found["title"],
            rights_cell=found["rights_cell"],
            bureau_cell=bureau_cell(conn),
            made_by=ME,
            changed_by=ME,
        )
        .returning(ownership_record.c.ownership_record_id)
    ).scalar_one()
    note_opened(conn, OWNERSHIP, "open", [(made, found["rights_cell"])], place_id=place_id)
    return made


def save_record(
    conn: Connection, record_id: int, *, cause: str, reason: str, seen_version: int
) -> None:
    """Say why a property has no title, while it is not handed in or was given back.

    Args:
        cause: One of `Cause`; blank: none is said.
        reason: In words; blank: none.

    Raises:
        InputError: No such cause, or too many words.
        NotFound: There is no such record.
        Forbidden: The account does not write the property.
        Conflict: It is handed in, or somebody changed it meanwhile.
    """
    said = reason.replace("\0", "").strip()
    if cause and cause not in list(Cause):
        raise InputError("ownership.unknown_cause", value=cause[:40])
    if len(said) > _LONGEST:
        raise InputError("workflow.too_long", most=_LONGEST)
    found = find_record(conn, record_id)
    if not found["may_write"]:
        raise Forbidden("ownership.not_yours.keeper")
    if found["state"] not in (RecordState.OPEN, RecordState.RETURNED):
        raise Conflict("ownership.not_now")
    table = ownership_record
    changed = conn.execute(
        update(table)
        .where(table.c.ownership_record_id == record_id)
        .where(table.c.version == seen_version, table.c.state == found["state"])
        .values(
            cause=cause or None,
            reason=said or None,
            version=table.c.version + 1,
            changed_at=text("clock_timestamp()"),
            changed_by=ME,
        )
    ).rowcount
    if not changed:
        _refuse_stale(conn, record_id)


def _refuse_stale(conn: Connection, record_id: int) -> None:
    row = conn.execute(
        text(
            "SELECT coalesce(a.title, a.name) AS who, r.changed_at"
            " FROM certificates.ownership_record AS r"
            " LEFT JOIN rights.account AS a ON a.account_id = r.changed_by"
            " WHERE r.ownership_record_id = :id"
        ),
        {"id": record_id},
    ).one()
    raise Conflict(
        "workflow.changed_meanwhile",
        who=shown_account(row.who) or "–",
        at=f"{row.changed_at.astimezone(ZONE):%Y-%m-%d %H:%M}",
    )
