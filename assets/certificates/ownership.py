"""Reads of what is on record of the ownership of properties (权属备案). Under row security."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.certificates.model import RecordState, ownership_record
from gis.clock import ZONE, today
from gis.errors import NotFound
from gis.places.names import shown_name
from gis.places.vocabulary import IN_FORCE, IS_OPEN
from gis.rights.policies import writable_cells

LEASED_IN: Final = "leased_in"
"""Of a property rented from others, who record what is theirs: nothing is to be put on record."""
SHOWN: Final = (
    RecordState.OPEN,
    RecordState.HANDED_IN,
    RecordState.RECORDED,
    RecordState.RETURNED,
    LEASED_IN,
)
"""States of a property: one without a record, or with one that was given up, is open."""
# A record given up makes room for another, so the newest of a property says where it stands.
_NOW: Final = """
SELECT DISTINCT ON (r.place_id) r.place_id, r.ownership_record_id, r.state,
  r.changed_at AS since
FROM certificates.ownership_record AS r
WHERE r.place_id IS NOT NULL AND (CAST(:place AS bigint) IS NULL OR r.place_id = :place)
ORDER BY r.place_id, r.ownership_record_id DESC"""
_THEN: Final = """
SELECT DISTINCT ON (r.place_id) r.place_id, r.ownership_record_id, s.to_state AS state,
  s.made_at AS since
FROM certificates.ownership_record AS r
CROSS JOIN LATERAL (
  SELECT t.to_state, t.made_at FROM services.step_taken AS t
  WHERE t.workflow = 'ownership' AND t.case_id = r.ownership_record_id AND t.made_at < :until
  ORDER BY t.step_taken_id DESC LIMIT 1) AS s
WHERE r.place_id IS NOT NULL AND (CAST(:place AS bigint) IS NULL OR r.place_id = :place)
ORDER BY r.place_id, r.ownership_record_id DESC"""
_PROPERTY: Final = f"""
SELECT p.place_id, p.rights_cell, coalesce({shown_name("p")}, p.address, p.code) AS title,
  coalesce(s.is_leased_in, b.is_leased_in, false) AS is_leased_in
FROM place.place AS p
LEFT JOIN place.site AS s ON s.place_id = p.place_id
LEFT JOIN place.building AS b ON b.place_id = p.place_id
WHERE p.place_id = :place_id AND p.kind IN ('site', 'building', 'structure')
  AND p.parent_kind IS DISTINCT FROM 'site' AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}"""
_ONE: Final = f"""
SELECT r.*, p.code, coalesce({shown_name("p")}, p.address, p.code, r.place_title) AS title,
  coalesce(s.ownership_status, b.ownership_status, x.ownership_status) AS ownership_status,
  coalesce(a.title, a.name) AS who,
  r.rights_cell IN ({writable_cells(ownership_record)}) AS may_write
FROM certificates.ownership_record AS r
LEFT JOIN place.place AS p ON p.place_id = r.place_id
LEFT JOIN place.site AS s ON s.place_id = r.place_id
LEFT JOIN place.building AS b ON b.place_id = r.place_id
LEFT JOIN place.structure AS x ON x.place_id = r.place_id
LEFT JOIN rights.account AS a ON a.account_id = r.made_by
WHERE r.ownership_record_id = :id"""
# A title of a building of the property is one of the property.
_TITLES: Final = f"""
SELECT DISTINCT t.number, t.state FROM place.place AS p
JOIN place.title_place AS l ON l.place_id = p.place_id
JOIN place.title AS t USING (title_id)
WHERE (p.place_id = :place_id OR p.parent_id = :place_id)
  AND {IN_FORCE.format("p")} AND {IN_FORCE.format("t")}
ORDER BY t.number NULLS LAST, t.state LIMIT 100"""
_MAY: Final = f"""
SELECT p.place_id FROM place.place AS p
WHERE p.place_id = ANY (:ids) AND p.parent_kind IS DISTINCT FROM 'site'
  AND p.rights_cell IN ({writable_cells(ownership_record)})"""


@dataclass(frozen=True)
class Standing:
    """Where the ownership of a property stands.

    Args:
        state: One of `SHOWN`.
        record_id: The case; null: there is none, or it was given up.
        since: The day it came to stand there; null without a case.
    """

    state: str
    record_id: int | None = None
    since: date | None = None


_NONE: Final = Standing(RecordState.OPEN)


def standing_of(found: Mapping[int, Standing], place_id: int, *, is_leased_in: bool) -> Standing:
    """Where a property stands, by what `standings` found; one rented from others is not awaited."""
    standing = found.get(place_id, _NONE)
    if is_leased_in and standing.state == RecordState.OPEN:
        return replace(standing, state=LEASED_IN)
    return standing


def standings(
    conn: Connection, as_of: date, *, place_id: int | None = None
) -> Mapping[int, Standing]:
    """Where properties stand as a day ended, by place; those without a record are left out.

    Args:
        place_id: Only this one; null: all.
    """
    asked: dict[str, Any] = {"place": place_id}
    if as_of < today():
        asked["until"] = datetime.combine(as_of + timedelta(days=1), time(), ZONE)
    rows = conn.execute(text(_THEN if "until" in asked else _NOW), asked)
    return {
        row.place_id: Standing(
            RecordState(row.state), row.ownership_record_id, row.since.astimezone(ZONE).date()
        )
        for row in rows
        if row.state != RecordState.DROPPED
    }


def find_property(conn: Connection, place_id: int) -> Mapping[str, Any]:
    """A property of today: its place, what it is called, its cell, whether it is rented.

    Raises:
        NotFound: There is none of this number, or the account does not see it.
    """
    asked = {"place_id": place_id, "as_of": today()}
    row = conn.execute(text(_PROPERTY), asked).mappings().one_or_none()
    if row is None:
        raise NotFound("ownership.no_property", place=place_id)
    return dict(row)


def find_record(conn: Connection, record_id: int) -> Mapping[str, Any]:
    """A record with its property's code, name and stated ownership, and `may_write`.

    Raises:
        NotFound: There is none of this number, or the account does not see it.
    """
    row = conn.execute(text(_ONE), {"id": record_id}).mappings().one_or_none()
    if row is None:
        raise NotFound("ownership.not_found", record=record_id)
    return dict(row)


def titles_today(conn: Connection, place_id: int) -> Sequence[Mapping[str, Any]]:
    """Number (null: none) and state of the titles of a property that hold today, at most 100."""
    asked = {"place_id": place_id, "as_of": today()}
    return [dict(row) for row in conn.execute(text(_TITLES), asked).mappings()]


def is_titled(titles: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one of these titles is a certificate that was given."""
    return any(one["number"] and one["state"] == "registered" for one in titles)


def writable(conn: Connection, place_ids: Sequence[int]) -> frozenset[int]:
    """Which of some properties the asking account may put on record."""
    return frozenset(conn.execute(text(_MAY), {"ids": list(place_ids)}).scalars())


def bureau_cell(conn: Connection) -> int:
    """The cell over which the office administration decides: of who answers for everything."""
    query = (
        "SELECT c.cell FROM rights.cells_for(ARRAY[NULL]::bigint[], ARRAY[NULL]::text[],"
        " ARRAY[0]::smallint[]) AS c"
    )
    found: int = conn.execute(text(query)).scalar_one()
    return found
