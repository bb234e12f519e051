"""What every step over a certificate needs: who may, what is there, and how it is written."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.certificates.queries import Certificate, find, rooms_of_body
from assets.certificates.rules import digest_of
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.organizations.then import name_then
from gis.places import edits
from gis.places.names import shown_name
from gis.places.vocabulary import IN_FORCE

MOST_ROOMS: Final = 2_000
LONGEST: Final = 300
NAMED: Final = 5
"""Rooms that a refusal names."""
# Titles of its buildings are not copied: they would outlive a building that becomes a secret.
_PROPERTY: Final = f"""
SELECT p.place_id, {shown_name("p")} AS name, p.address, p.rights_cell,
  coalesce(p.stated_admin_area_code, p.admin_area_code) AS district,
  (SELECT array_agg(DISTINCT t.number ORDER BY t.number) FROM place.title_place AS l
   JOIN place.title AS t USING (title_id)
   WHERE t.number IS NOT NULL AND {IN_FORCE.format("t")}
     AND l.place_id = p.place_id) AS titles
FROM place.place AS p WHERE p.place_id = :place_id"""
_HOLDER: Final = f"""
SELECT {name_then("o")} AS name, o.credit_code FROM organization.organization AS o
WHERE o.organization_id = :holder_id"""
_OFFICE_CELL: Final = """
SELECT c.cell FROM rights.cells_for(
  ARRAY[NULL]::bigint[], ARRAY[CAST(:district AS text)], ARRAY[0]::smallint[]) AS c"""
_MAY: Final = """
SELECT count(*) FROM unnest(CAST(:cells AS integer[])) AS wanted (cell)
WHERE wanted.cell NOT IN (SELECT cell FROM rights.my_domain_write_cells
                          WHERE domain = 'certificates')"""
ME: Final = "(SELECT rights.current_writer_id())"
_EDITION: Final = (
    "certificate_id", "edition", "kind", "since", "valid_to", "reason", "document", "holder_name",
    "holder_code", "place_name", "address", "titles", "content_sha256", "rights_cell",
)  # fmt: skip
_SEEN: Final = """
SELECT p.rights_cell IN (SELECT cell FROM rights.my_domain_write_cells
                         WHERE domain = 'certificates') AS may_write
FROM place.place AS p WHERE p.place_id = ANY (CAST(:rooms AS bigint[]))"""
_ADD_EDITION: Final = (
    f"INSERT INTO certificates.edition ({', '.join(_EDITION)}, account_id)"
    f" VALUES ({', '.join(f':{one}' for one in _EDITION)}, {ME}) RETURNING edition_id"
)
_ROOM: Final = (
    "place_id", "code", "number", "name", "building", "floor", "level", "room_class", "area_m2",
    "share", "rights_cell",
)  # fmt: skip
_ADD_ROOM: Final = (
    "INSERT INTO certificates.certified_room (certificate_id, edition_id, part, valid_from,"
    f" valid_to, {', '.join(_ROOM)}) VALUES (:certificate_id, :edition_id, CASE WHEN :is_whole"
    " THEN int8range(NULL, NULL) ELSE int8range(:holder_id, :holder_id, '[]') END,"
    f" :valid_from, :valid_to, {', '.join(f':{one}' for one in _ROOM)})"
)
_END_ROOMS: Final = """
UPDATE certificates.certified_room SET valid_to = CAST(:until AS date)
WHERE edition_id = :edition_id"""
_HIDES: Final = "SELECT certificates.hides_rooms(:edition)"
_LOCK: Final = """
SELECT version FROM certificates.certificate WHERE certificate_id = :certificate_id FOR UPDATE"""


def stated_reason(stated: str) -> str:
    said = short(stated)
    if said is None:
        raise InputError("certificates.no_reason")
    return said


def short(stated: str | None) -> str | None:
    said = (stated or "").strip() or None
    if said is not None and len(said) > LONGEST:
        raise InputError("certificates.too_long", most=LONGEST)
    return said


def chosen_rooms(
    conn: Connection, holder_id: int, rooms: Sequence[int], day: date
) -> Sequence[Mapping[str, Any]]:
    """Rooms of the body on the day that nobody certified yet."""
    wanted = set(rooms)
    if not wanted:
        raise InputError("certificates.no_rooms")
    if len(wanted) > MOST_ROOMS:
        raise InputError("certificates.too_many_rooms", most=MOST_ROOMS)
    _refuse_unseen(conn, wanted)
    found = [one for one in rooms_of_body(conn, holder_id, day) if one["place_id"] in wanted]
    if len(found) < len(wanted):
        raise InputError("certificates.not_had", count=len(wanted) - len(found), day=day)
    if taken := [one for one in found if one["certificate_id"] is not None]:
        numbers = "、".join(sorted({str(one["certified_by"]) for one in taken})[:NAMED])
        raise InputError(
            "certificates.certified_already",
            count=len(taken), rooms=names_of(taken), numbers=numbers,
        )  # fmt: skip
    if len({one["property_id"] for one in found}) > 1:
        raise InputError("certificates.several_properties")
    return found


def _refuse_unseen(conn: Connection, rooms: set[int]) -> None:
    """Rooms that the account does not see are not there, whoever has them."""
    seen = conn.execute(text(_SEEN), {"rooms": sorted(rooms)}).all()
    if len(seen) < len(rooms):
        raise NotFound("certificates.room_not_found")
    if not all(one.may_write for one in seen):
        raise Forbidden("certificates.not_yours")


def names_of(rooms: Sequence[Mapping[str, Any]]) -> str:
    named = [
        " ".join(part for part in (one["building"], one["number"] or one["code"]) if part)
        for one in rooms[:NAMED]
    ]
    return "、".join(named) + ("…" if len(rooms) > NAMED else "")


def property_of(
    conn: Connection, rooms: Sequence[Mapping[str, Any]], day: date
) -> Mapping[str, Any]:
    """The property of the rooms, of which the account may certify each."""
    asked = {"place_id": rooms[0]["property_id"], "as_of": day}
    found = dict(conn.execute(text(_PROPERTY), asked).mappings().one())
    refuse_strangers(conn, found["district"], {found["rights_cell"]})
    return found


def refuse_strangers(conn: Connection, district: str | None, cells: set[int]) -> None:
    office = conn.execute(text(_OFFICE_CELL), {"district": district}).scalar_one()
    if conn.execute(text(_MAY), {"cells": [office, *cells]}).scalar_one():
        raise Forbidden("certificates.not_yours")


def add_edition(
    conn: Connection,
    certificate: Mapping[str, Any],
    edition: Mapping[str, Any],
    head: Mapping[str, Any],
    rooms: Sequence[Mapping[str, Any]],
) -> None:
    holder = conn.execute(
        text(_HOLDER), {"holder_id": certificate["holder_id"], "as_of": edition["since"]}
    ).one()
    said = {
        **edition,
        "holder_name": holder.name,
        "holder_code": holder.credit_code,
        "place_name": head["name"],
        "address": head["address"],
        "titles": head["titles"],
        "rights_cell": head["rights_cell"],
    }
    said["content_sha256"] = digest_of(certificate, said, rooms)
    edition_id = conn.execute(text(_ADD_EDITION), said).scalar_one()
    of = {
        "certificate_id": edition["certificate_id"],
        "edition_id": edition_id,
        "holder_id": certificate["holder_id"],
        "valid_from": edition["since"],
        "valid_to": edition["valid_to"],
    }
    conn.execute(
        text(_ADD_ROOM),
        [
            {**of, **{name: one[name] for name in _ROOM}, "is_whole": one["parties"] == 1}
            for one in rooms
        ],
    )


def locked(conn: Connection, certificate_id: int, seen_version: int) -> Certificate:
    of = {"certificate_id": certificate_id}
    version = conn.execute(text(_LOCK), of).scalar_one_or_none()
    if version is None:
        # Row security hides from a lock what may be read and not written.
        find(conn, certificate_id, date.max)
        raise Forbidden("certificates.not_yours")
    known = find(conn, certificate_id, date.max)
    refuse_strangers(conn, known.head["district"], {known.head["rights_cell"]})
    if version != seen_version:
        raise Conflict("certificates.changed_meanwhile")
    all_seen(conn, known)
    return known


def open_certificate(
    conn: Connection, certificate_id: int, seen_version: int, day: date
) -> Certificate:
    """A certificate that still holds, to be changed or cancelled from a day on."""
    known = locked(conn, certificate_id, seen_version)
    head = known.head
    has_ended = head["valid_to"] is not None and head["valid_to"] <= day
    if head["is_withdrawn"] or head["cancelled_on"] is not None or has_ended:
        raise Conflict("certificates.holds_no_longer")
    return known


def all_seen(conn: Connection, known: Certificate) -> None:
    """Refuse what would be done over rooms that the account does not see.

    Of one whose rooms left the register, as state secrets do, all that are left may be seen.
    """
    if known.is_whole:
        return
    if conn.execute(text(_HIDES), {"edition": known.edition["edition_id"]}).scalar_one():
        raise Forbidden("certificates.not_all_seen")


def end_rooms(conn: Connection, known: Certificate, until: date | None) -> None:
    of = {"edition_id": known.edition["edition_id"], "until": until}
    if edits.write(conn, _END_ROOMS, of) != len(known.rooms):
        raise Forbidden("certificates.not_all_seen")
