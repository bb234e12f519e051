"""Reads of certificates: the register, one of them with its editions, and what could be certified.

All under row security: of a certificate whose rooms are not all for the asker, those are shown that
are, and it is said that some may be lacking (`Certificate.is_whole`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from assets.certificates.comparing import HELD, STANDS
from assets.certificates.rules import (
    OF_CERTIFICATE,
    OF_EDITION,
    OF_ROOM,
    State,
    digest_of,
    part_m2,
    state_on,
)
from gis.errors import NotFound
from gis.places.counted import own_areas
from gis.places.names import shown_name
from gis.places.vocabulary import IS_OPEN, AreaKind

_MINE: Final = "IN (SELECT cell FROM rights.my_domain_write_cells WHERE domain = 'certificates')"
_ROOMS_OF_BODY: Final = f"""
WITH RECURSIVE held AS ({HELD.format(of="= :holder")}),
up AS (
  SELECT held.place_id AS room_id, p.place_id, p.parent_id, p.kind, 0 AS step
  FROM held JOIN place.place AS p USING (place_id)
  UNION ALL
  SELECT up.room_id, p.place_id, p.parent_id, p.kind, up.step + 1
  FROM up JOIN place.place AS p ON p.place_id = up.parent_id WHERE up.step < 20
)
SELECT held.place_id, p.code, r.number, p.name, r.room_class, c.area_m2, held.share, held.parties,
  p.rights_cell, p.rights_cell {_MINE} AS may_write,
  building.name AS building, f.label AS floor, f.level, root.place_id AS property_id,
  had.certificate_id, had.number AS certified_by
FROM held JOIN place.place AS p USING (place_id)
JOIN up AS root ON root.room_id = held.place_id AND root.parent_id IS NULL
LEFT JOIN place.room AS r ON r.place_id = held.place_id
LEFT JOIN {{areas}} AS c ON c.place_id = held.place_id
LEFT JOIN up AS on_floor ON on_floor.room_id = held.place_id AND on_floor.kind = 'floor'
LEFT JOIN place.floor AS f ON f.place_id = on_floor.place_id
LEFT JOIN LATERAL (
  SELECT coalesce({shown_name("b")}, b.code) AS name FROM up AS in_building
  JOIN place.place AS b USING (place_id)
  WHERE in_building.room_id = held.place_id AND b.kind IN ('building', 'structure')
  ORDER BY in_building.step LIMIT 1) AS building ON true
LEFT JOIN LATERAL (
  SELECT k.certificate_id, k.number FROM certificates.certified_room AS d
  JOIN certificates.certificate AS k USING (certificate_id)
  WHERE d.place_id = held.place_id
    AND d.part && CASE WHEN held.parties = 1 THEN int8range(NULL, NULL)
                       ELSE int8range(CAST(:holder AS bigint), CAST(:holder AS bigint), '[]') END
    AND daterange(d.valid_from, d.valid_to) @> CAST(:as_of AS date) LIMIT 1) AS had ON true
ORDER BY root.place_id, building.name NULLS LAST, f.level NULLS LAST, r.number NULLS LAST, p.code"""
_LISTED: Final = f"""
SELECT c.certificate_id, c.uid, c.number, c.called, c.issuer, c.issued_on, c.valid_from,
  c.valid_to, c.cancelled_on, c.is_withdrawn, c.agreement_number, c.holder_id, c.place_id,
  e.holder_name, coalesce(e.place_name, e.address) AS property, c.edition, area.name AS district,
  r.rooms, r.area_m2, count(*) OVER () AS total
FROM certificates.certificate AS c
JOIN certificates.edition AS e USING (certificate_id, edition)
JOIN place.place AS p ON p.place_id = c.place_id AND {IS_OPEN.format("p")}
LEFT JOIN place.admin_area AS area
  ON area.code = coalesce(p.stated_admin_area_code, p.admin_area_code)
LEFT JOIN LATERAL (
  SELECT count(*) AS rooms, sum(d.area_m2 * d.share) AS area_m2
  FROM certificates.certified_room AS d
  WHERE d.edition_id = e.edition_id) AS r ON true
WHERE {{where}}
ORDER BY c.issued_on DESC, c.certificate_id DESC
LIMIT :limit OFFSET :offset"""
_FILTERS: Final = {
    "holder": "c.holder_id = :holder",
    "place": """c.certificate_id IN (
      SELECT k.certificate_id FROM certificates.certificate AS k WHERE k.place_id = :place
      UNION SELECT d.certificate_id FROM certificates.certified_room AS d
      WHERE d.place_id IN (
        WITH RECURSIVE down AS (
          SELECT CAST(:place AS bigint) AS place_id
          UNION SELECT p.place_id FROM down JOIN place.place AS p ON p.parent_id = down.place_id)
        SELECT place_id FROM down))""",
    "words": "position(lower(:words) IN lower(concat_ws(' ', c.number, e.holder_name, e.place_name,"
    " e.address, c.agreement_number))) > 0",
    "only": "c.certificate_id = ANY (CAST(:only AS bigint[]))",
}
_STATES: Final = {
    State.WITHDRAWN: "c.is_withdrawn",
    State.CANCELLED: "NOT c.is_withdrawn AND c.cancelled_on <= :as_of",
    State.EXPIRED: "NOT c.is_withdrawn AND (c.cancelled_on IS NULL OR c.cancelled_on > :as_of)"
    " AND c.valid_to <= :as_of",
    State.COMING: "NOT c.is_withdrawn AND c.valid_from > :as_of"
    " AND (c.cancelled_on IS NULL OR c.cancelled_on > :as_of)",
    State.IN_FORCE: STANDS.format("c"),
}
_ONE: Final = f"""
SELECT c.*, c.rights_cell {_MINE} AS may_write,
  c.changed_by = (SELECT rights.current_account_id()) AS is_mine,
  coalesce(p.name, p.address, p.code) AS property, p.code AS property_code,
  coalesce(p.stated_admin_area_code, p.admin_area_code) AS district
FROM certificates.certificate AS c
JOIN place.place AS p ON p.place_id = c.place_id AND {IS_OPEN.format("p")}
WHERE {{which}}"""
_EDITIONS: Final = """
SELECT e.*, coalesce(a.title, a.name) AS who
FROM certificates.edition AS e LEFT JOIN rights.account AS a USING (account_id)
WHERE e.certificate_id = :id ORDER BY e.edition DESC"""
_ROOMS: Final = """
SELECT r.* FROM certificates.certified_room AS r
WHERE r.edition_id = :edition_id
ORDER BY r.building NULLS LAST, r.level NULLS LAST, r.number NULLS LAST, r.code"""

_NEWEST: Final = f"""
SELECT {", ".join(f"c.{name}" for name in OF_CERTIFICATE)}, c.certificate_id, e.edition_id,
  {", ".join(f"e.{name}" for name in OF_EDITION if name != "valid_to")},
  e.valid_to AS edition_valid_to, e.content_sha256
FROM certificates.certificate AS c JOIN certificates.edition AS e USING (certificate_id, edition)
WHERE c.certificate_id = ANY (CAST(:ids AS bigint[]))"""
_ROOMS_OF_NEWEST: Final = f"""
SELECT r.edition_id, {", ".join(f"r.{name}" for name in OF_ROOM)}
FROM certificates.certified_room AS r
JOIN certificates.edition AS e ON e.edition_id = r.edition_id
JOIN certificates.certificate AS c ON c.certificate_id = e.certificate_id AND c.edition = e.edition
WHERE c.certificate_id = ANY (CAST(:ids AS bigint[]))"""


@dataclass(frozen=True)
class Listed:
    """A page of the register.

    Args:
        partly: Of which rooms that were certified are not shown, and so are in no count and no sum.
        rows: `certificate_id, uid, number, called, issuer, issued_on, valid_from, valid_to,
            agreement_number, holder_id, holder_name, place_id, property, district, edition, rooms,
            area_m2` (sum of what is the holder's of the rooms that may be seen), `state`; the
            newest first.
        total: Of all pages.
    """

    rows: Sequence[Mapping[str, Any]]
    total: int
    partly: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Certificate:
    """A certificate with what each of its editions says.

    Args:
        head: Row of `certificates.certificate`, and `property, property_code, may_write`.
        editions: Rows of `certificates.edition` and `who`, the newest first.
        rooms: Of the edition that was asked for, by building, floor and number.
        edition: That edition's row.
        state: On the day that was asked about.
        is_whole: It is shown all that was certified: no room is hidden, and none left the register.
    """

    head: Mapping[str, Any]
    editions: Sequence[Mapping[str, Any]]
    edition: Mapping[str, Any]
    rooms: Sequence[Mapping[str, Any]]
    state: State
    is_whole: bool

    @property
    def area_m2(self) -> Decimal:
        """What is the holder's of its rooms, as far as it is known."""
        return sum(
            (part_m2(one["area_m2"], one["share"]) or Decimal() for one in self.rooms), Decimal()
        )

    def area_of(self, room_class: str | None) -> Decimal:
        """The same of the rooms of a class."""
        rooms = [one for one in self.rooms if one["room_class"] == room_class]
        return sum((part_m2(one["area_m2"], one["share"]) or Decimal() for one in rooms), Decimal())


def register(
    conn: Connection,
    as_of: date,
    *,
    holder: int | None = None,
    place: int | None = None,
    words: str | None = None,
    state: State | None = None,
    only: Sequence[int] | None = None,
    limit: int,
    offset: int = 0,
) -> Listed:
    """Certificates that the account may see, the newest first.

    Args:
        conn: In the name of whoever asks.
        as_of: The day that states are of.
        holder: Only of this body.
        place: Only those of a property, or with rooms in a place.
        words: In number, holder, property or agreement.
        state: Only those that stand so.
        only: Only these.
        limit: Rows of a page.
        offset: Rows before.
    """
    chosen = {"holder": holder, "place": place, "words": words, "only": only}
    asked = {name: value for name, value in chosen.items() if value is not None}
    conditions = [_FILTERS[name] for name in asked]
    if state is not None:
        conditions.append(_STATES[state])
    query = _LISTED.format(where=" AND ".join(conditions) or "true")
    values = {**asked, "as_of": as_of, "limit": limit, "offset": offset}
    found = [dict(row) for row in conn.execute(text(query), values).mappings()]
    rows = [{**row, "state": _state(row, as_of)} for row in found]
    return Listed(rows, rows[0]["total"] if rows else 0, _partly(conn, rows))


def _partly(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    """Certificates of which not every room is shown, by the digests of their newest editions."""
    of = {"ids": [row["certificate_id"] for row in rows]}
    rooms: dict[int, list[Any]] = {}
    for room in conn.execute(text(_ROOMS_OF_NEWEST), of).mappings():
        rooms.setdefault(room["edition_id"], []).append(room)
    return frozenset(
        said["certificate_id"]
        for said in conn.execute(text(_NEWEST), of).mappings()
        if digest_of({**said}, {**said, "valid_to": said["edition_valid_to"]},
                     rooms.get(said["edition_id"], ())) != bytes(said["content_sha256"])
    )  # fmt: skip


def find(
    conn: Connection, certificate_id: int, as_of: date, *, edition: int | None = None
) -> Certificate:
    """One certificate.

    Args:
        conn: In the name of whoever asks.
        certificate_id: Its number among ours.
        as_of: The day its state is of.
        edition: Which edition's rooms; null: the newest.

    Raises:
        NotFound: There is none that the account sees, or no such edition.
    """
    return _read(conn, "c.certificate_id = :id", certificate_id, as_of, edition)


def find_by_code(conn: Connection, uid: UUID, as_of: date) -> Certificate:
    """The certificate whose paper carries a code; see `find`."""
    return _read(conn, "c.uid = :id", uid, as_of, None)


def _read(
    conn: Connection, which: str, named: object, as_of: date, edition: int | None
) -> Certificate:
    found = _all(conn, _ONE.format(which=which), id=named)
    if not found:
        raise NotFound("certificates.not_found")
    head = found[0]
    editions = _all(conn, _EDITIONS, id=head["certificate_id"])
    wanted = edition or head["edition"]
    shown = next((one for one in editions if one["edition"] == wanted), None)
    if shown is None:
        raise NotFound("certificates.not_found")
    rooms = _all(conn, _ROOMS, edition_id=shown["edition_id"])
    is_whole = digest_of(head, shown, rooms) == bytes(shown["content_sha256"])
    return Certificate(head, editions, shown, rooms, _state(head, as_of), is_whole)


def _all(conn: Connection, query: str, **values: object) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.execute(text(query), values).mappings()]


def _state(row: Mapping[str, Any], as_of: date) -> State:
    return state_on(
        as_of,
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        cancelled_on=row["cancelled_on"],
        is_withdrawn=row["is_withdrawn"],
    )


def rooms_of_body(conn: Connection, holder_id: int, as_of: date) -> Sequence[Mapping[str, Any]]:
    """The rooms a body has on a day, with the certificate that has each of them already.

    Returns:
        `place_id, code, number, name, room_class, area_m2` (usable, of the whole room), `share`
        (null: several have it and nobody said how), `parties, building, floor, level, property_id,
        rights_cell, may_write, certificate_id, certified_by`, by property, building, floor and
        number.
    """
    rooms = (
        "SELECT l.place_id FROM estate.holding_leaf AS l JOIN estate.holding_party AS y"
        " USING (holding_id) WHERE y.holder_id = :holder"
    )
    query = _ROOMS_OF_BODY.format(areas=own_areas(conn, as_of, AreaKind.USABLE, rooms))
    return _all(conn, query, holder=holder_id, as_of=as_of, report="*")


def last_wording(conn: Connection) -> Mapping[str, Any] | None:
    """Issuer and number of the newest certificate, to begin the next one with; null: there is none.

    `issuer, number, called`.
    """
    found = _all(
        conn,
        "SELECT c.issuer, c.number, c.called FROM certificates.certificate AS c"
        " ORDER BY c.certificate_id DESC LIMIT 1",
    )
    return found[0] if found else None
