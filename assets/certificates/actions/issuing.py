"""Issuing a certificate, and changing what it says from a day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, text

from assets.certificates.actions.writing import (
    LONGEST,
    ME,
    add_edition,
    chosen_rooms,
    end_rooms,
    open_certificate,
    property_of,
    short,
    stated_reason,
)
from assets.services.numbering import Series, take_number
from gis.errors import InputError

SERIES: Final = Series("certificate")
_OF_PAPER: Final = ("called", "issuer", "issued_on", "agreement_number", "agreement_on")
_ADD: Final = f"""
INSERT INTO certificates.certificate (uid, place_id, holder_id, number, {", ".join(_OF_PAPER)},
  valid_from, valid_to, changed_by, rights_cell)
VALUES (:uid, :place_id, :holder_id, :number, {", ".join(f":{one}" for one in _OF_PAPER)},
  :valid_from, :valid_to, {ME}, :rights_cell) RETURNING certificate_id"""


@dataclass(frozen=True)
class Wording:
    """What is said on a certificate beside who and where.

    Args:
        called: What such a paper is called here, such as 使用凭证.
        issuer: 发证机关.
        word: The issuer's word that begins its number (机关代字).
        issued_on: The day on it; its year is that of the number.
        valid_from: First day it holds.
        valid_to: First day it no longer does; null: open.
        agreement_number: Of the use agreement; null: not said.
        agreement_on: The day that was signed.
    """

    called: str
    issuer: str
    word: str
    issued_on: date
    valid_from: date
    valid_to: date | None = None
    agreement_number: str | None = None
    agreement_on: date | None = None


def issue(
    conn: Connection, holder_id: int, rooms: Sequence[int], wording: Wording, *, today: date
) -> int:
    """Certify that a body may use rooms it has, all in one property.

    Args:
        conn: In the name of an office administration; see the module.
        holder_id: The body.
        rooms: Those of its rooms on the first day that are certified.
        wording: What else is said.
        today: Nothing is issued on a later day.

    Returns:
        The `certificate_id`.

    Raises:
        InputError: No rooms, too many, rooms it does not have on that day, of several properties,
            or certified already; something is not said, or the days run backwards.
        Forbidden: It is not the account's to certify.
        Conflict: Somebody certified one of them at the same moment.
    """
    _check(wording, today)
    chosen = chosen_rooms(conn, holder_id, rooms, wording.valid_from)
    head = property_of(conn, chosen, wording.valid_from)
    uid = uuid4()
    number = take_number(
        conn,
        SERIES,
        subject=f"certificates.certificate/{uid}",
        rights_cell=head["rights_cell"],
        today=wording.issued_on,
        prefix=wording.word,
    )
    values = {
        **{name: getattr(wording, name) for name in _OF_PAPER},
        "uid": uid,
        "place_id": head["place_id"],
        "holder_id": holder_id,
        "number": number,
        "valid_from": wording.valid_from,
        "valid_to": wording.valid_to,
        "rights_cell": head["rights_cell"],
    }
    certificate_id: int = conn.execute(text(_ADD), values).scalar_one()
    edition = {
        "certificate_id": certificate_id, "edition": 1, "kind": "issued",
        "since": wording.valid_from, "valid_to": wording.valid_to, "reason": None, "document": None,
    }  # fmt: skip
    add_edition(conn, values, edition, head, chosen)
    return certificate_id


def change(
    conn: Connection,
    certificate_id: int,
    rooms: Sequence[int],
    *,
    since: date,
    valid_to: date | None,
    reason: str,
    document: str | None,
    seen_version: int,
) -> None:
    """Let a certificate say something else from a day on; what it said before stays readable.

    Args:
        conn: As for `issue`.
        certificate_id: Which one.
        rooms: Those of the holder's rooms on the day that it has from then on.
        since: The day.
        valid_to: First day it no longer holds, as planned now; null: open.
        reason: Why.
        document: What it rests on.
        seen_version: As its author saw it.

    Raises:
        NotFound: There is none that the account sees.
        InputError: As `issue`; besides, no reason, a day on or before the last change, or nothing
            would be otherwise.
        Conflict: Somebody changed it since, or it no longer holds.
        Forbidden: It is not the account's to change, or not all of its rooms are.
    """
    known = open_certificate(conn, certificate_id, seen_version, since)
    said = stated_reason(reason)
    if valid_to is not None and valid_to <= since:
        raise InputError("certificates.ends_before")
    if since <= known.edition["since"]:
        raise InputError("certificates.before_last_change", since=known.edition["since"])
    end_rooms(conn, known, since)
    chosen = chosen_rooms(conn, known.head["holder_id"], rooms, since)
    head = property_of(conn, chosen, since)
    if head["place_id"] != known.head["place_id"]:
        raise InputError("certificates.other_property", place=known.head["property"])
    edition = {
        "certificate_id": certificate_id, "edition": known.head["edition"] + 1, "kind": "changed",
        "since": since, "valid_to": valid_to, "reason": said, "document": short(document),
    }  # fmt: skip
    add_edition(conn, known.head, edition, head, chosen)
    conn.execute(
        text(
            "UPDATE certificates.certificate SET edition = edition + 1, version = version + 1,"
            f" valid_to = :valid_to, changed_by = {ME}, changed_at = now()"
            " WHERE certificate_id = :certificate_id"
        ),
        edition,
    )


def _check(wording: Wording, today: date) -> None:
    for name in ("called", "issuer", "word"):
        said = str(getattr(wording, name)).strip()
        if not said:
            raise InputError(f"certificates.no_{name}")
        if len(said) > LONGEST:
            raise InputError("certificates.too_long", most=LONGEST)
    if wording.issued_on > today:
        raise InputError("certificates.issued_later")
    if wording.valid_to is not None and wording.valid_to <= wording.valid_from:
        raise InputError("certificates.ends_before")
    short(wording.agreement_number)
