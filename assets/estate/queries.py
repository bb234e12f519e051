"""Reads of the estate. All under row security."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

from assets.domain import Fact, Holder, HoldingFact, PlaceFacts
from gis.layers import Attribute
from gis.organizations.then import name_then
from gis.places.counted import counted_areas
from gis.places.names import shown_name
from gis.places.past import Change, RowStep, Step, row_steps
from gis.places.then import children_of, places_as_of

# A whole holding reaches down: who has the building has its rooms.
_HOLDINGS: Final = f"""
WITH RECURSIVE up AS (
  SELECT p.place_id, p.parent_id, 0 AS step FROM {{places}} AS p WHERE p.place_id = :place_id
  UNION ALL
  SELECT p.place_id, p.parent_id, up.step + 1
  FROM up JOIN {{places}} AS p ON p.place_id = up.parent_id WHERE up.step < 20
)
SELECT h.holding_id, h.kind, h.valid_from, h.valid_to, h.decision,
  h.area_m2::float8 AS area_m2, o.organization_id, {name_then("o")} AS name,
  party.share::float8 AS share
FROM up
JOIN estate.holding AS h USING (place_id)
JOIN estate.holding_party AS party USING (holding_id)
JOIN organization.organization AS o ON o.organization_id = party.holder_id
WHERE (up.step = 0 OR h.extent = 'whole')
  AND (h.valid_from IS NULL OR h.valid_from <= :as_of)
  AND (h.valid_to IS NULL OR h.valid_to > :as_of)
ORDER BY up.step, h.kind, h.holding_id, o.name"""

_BELOW: Final = """
WITH RECURSIVE down AS (
  SELECT p.place_id, p.kind, p.use_status FROM {places} AS p WHERE p.place_id = :place_id
  UNION ALL
  SELECT p.place_id, p.kind, p.use_status
  FROM down JOIN {children}
  WHERE (p.valid_from IS NULL OR p.valid_from <= :as_of)
    AND (p.valid_to IS NULL OR p.valid_to > :as_of)
)
SELECT
  count(DISTINCT down.place_id) FILTER (WHERE kind = 'room') AS rooms,
  count(DISTINCT down.place_id) FILTER (WHERE kind = 'room' AND use_status = 'idle') AS idle_rooms,
  count(DISTINCT down.place_id) FILTER (WHERE kind = 'housing_unit') AS housing_units,
  sum(c.net_area_m2) FILTER (WHERE c.area_kind = 'gross') AS gross_area_m2,
  sum(c.net_area_m2) FILTER (WHERE c.area_kind = 'usable') AS usable_area_m2,
  sum(c.net_area_m2) FILTER (WHERE c.area_kind = 'gross' AND down.place_id = :place_id)
    AS unallocated_area_m2
FROM down LEFT JOIN {counted} AS c
  ON c.place_id = down.place_id AND c.area_kind IN ('gross', 'usable')"""


def place_facts(conn: Connection, place_id: int, as_of: date) -> PlaceFacts:
    """Who has a place, and what stands in it, as of a day."""
    places = places_as_of(conn, as_of)
    query = _HOLDINGS.format(places=places.by_id)
    rows = conn.execute(text(query), {"place_id": place_id, "as_of": as_of}).all()
    holdings = []
    for _, parties in groupby(rows, key=lambda row: row.holding_id):
        shared = list(parties)
        first = shared[0]
        holders = tuple(Holder(row.organization_id, row.name, row.share) for row in shared)
        holdings.append(
            HoldingFact(
                first.kind,
                holders,
                first.valid_from,
                first.valid_to,
                first.decision,
                first.area_m2,
            )
        )
    query = _BELOW.format(
        counted=counted_areas(conn, as_of, within=[place_id]),
        places=places.by_id,
        children=children_of("down", places),
    )
    below = conn.execute(text(query), {"place_id": place_id, "as_of": as_of}).mappings().one()
    unallocated = below["unallocated_area_m2"]
    has_parts = unallocated != below["gross_area_m2"]
    facts = [
        Fact("estate.fact.gross_area", below["gross_area_m2"], "m2"),
        Fact("estate.fact.usable_area", below["usable_area_m2"], "m2"),
        Fact(
            "estate.fact.unallocated_area",
            below["unallocated_area_m2"] if has_parts else None,
            "m2",
        ),
        Fact("estate.fact.rooms", below["rooms"] or None),
        Fact("estate.fact.idle_rooms", below["idle_rooms"] or None),
        Fact("estate.fact.housing_units", below["housing_units"] or None),
    ]
    return PlaceFacts(tuple(fact for fact in facts if fact.value is not None), tuple(holdings))


_HOLDERS_SHOWN: Final = 200

_WAITING: Final = """
FROM place.place AS p
WHERE p.anchor IS NULL AND p.parent_id IS NULL AND p.security_class < 3
"""
_FILTERS: Final = {
    "kind": "p.kind = :kind",
    "area": "coalesce(p.stated_admin_area_code, p.admin_area_code) = :area",
    "holder": "(p.steward_id = :holder OR EXISTS (SELECT FROM estate.holding AS h"
    " JOIN estate.holding_party AS party USING (holding_id)"
    " WHERE h.place_id = p.place_id AND party.holder_id = :holder"
    " AND (h.valid_to IS NULL OR h.valid_to > current_date)))",
    "load": "p.load_id = :load",
    "q": "position(place.normalised(:q) IN place.normalised(concat_ws(' ', p.name, p.address,"
    " p.code))) > 0",
}
_ROWS: Final = f"""
SELECT p.place_id, p.kind, p.code, {shown_name("p", "p.name")} AS name, p.address,
       area.name AS area, steward.name AS holder
{
    _WAITING.replace(
        "WHERE",
        '''
LEFT JOIN place.admin_area AS area
  ON area.code = coalesce(p.stated_admin_area_code, p.admin_area_code)
LEFT JOIN organization.organization AS steward ON steward.organization_id = p.steward_id
WHERE''',
    )
} AND {{where}}
ORDER BY coalesce(p.stated_admin_area_code, p.admin_area_code) NULLS LAST, p.address NULLS LAST,
         p.place_id
LIMIT :limit OFFSET :offset
"""
_KINDS: Final = (
    f"SELECT p.kind AS value, count(*) AS count {_WAITING} GROUP BY 1 ORDER BY 2 DESC, 1"
)
_AREAS: Final = f"""
SELECT waiting.code AS value, area.name AS title, waiting.count
FROM (SELECT coalesce(p.stated_admin_area_code, p.admin_area_code) AS code, count(*) AS count
      {_WAITING} GROUP BY 1) AS waiting
JOIN place.admin_area AS area USING (code) ORDER BY 1
"""
_HOLDERS: Final = f"""
SELECT steward.organization_id AS value, steward.name AS title, waiting.count
FROM (SELECT p.steward_id, count(*) AS count {_WAITING} GROUP BY 1) AS waiting
JOIN organization.organization AS steward ON steward.organization_id = waiting.steward_id
ORDER BY 3 DESC, 2 LIMIT {_HOLDERS_SHOWN}
"""
_LOADS: Final = f"""
SELECT waiting.load_id AS value, load.file_name AS title, waiting.count
FROM (SELECT p.load_id, count(*) AS count {_WAITING} GROUP BY 1) AS waiting
JOIN staging.load AS load USING (load_id) ORDER BY 1 DESC LIMIT {_HOLDERS_SHOWN}
"""


@dataclass(frozen=True)
class Queue:
    """A page of the queue.

    Args:
        rows: `place_id, kind, code, name, address, area, holder`, by district and address.
        total: All that match the filters.
        waiting: All that wait.
        kinds: `value, count` of all that wait.
        areas: `value, title, count` of those in a known area.
        holders: The same by who answers for them; the largest first.
        loads: The same by the load that brought or last changed them; the newest first.
    """

    rows: Sequence[Any]
    total: int
    waiting: int
    kinds: Sequence[Any]
    areas: Sequence[Any]
    holders: Sequence[Any]
    loads: Sequence[Any]


def waiting_places(conn: Connection, *, chosen: dict[str, Any], limit: int, offset: int) -> Queue:
    """Places that lie nowhere and hang in nothing: their parts come with them.

    Args:
        conn: In the name of whoever asks.
        chosen: Any of `kind`, `area` (code), `holder` (organization: who answers for or holds it),
            `load` (number), `q` (part of a name, address or code).
        limit: Most rows.
        offset: Rows before.
    """
    where = _where(chosen)
    values = {**chosen, "limit": limit, "offset": offset}
    total = conn.execute(text(f"SELECT count(*) {_WAITING} AND {where}"), chosen).scalar_one()
    waiting = conn.execute(text(f"SELECT count(*) {_WAITING}")).scalar_one() if chosen else total
    return Queue(
        rows=conn.execute(text(_ROWS.format(where=where)), values).all(),
        total=total,
        waiting=waiting,
        kinds=conn.execute(text(_KINDS)).all(),
        areas=conn.execute(text(_AREAS)).all(),
        holders=conn.execute(text(_HOLDERS)).all(),
        loads=conn.execute(text(_LOADS)).all(),
    )


def waiting_ids(conn: Connection, chosen: dict[str, Any]) -> Sequence[int]:
    """Every place of the queue that fits what was chosen, as in `waiting_places`."""
    statement = f"SELECT p.place_id {_WAITING} AND {_where(chosen)} ORDER BY 1"
    return conn.execute(text(statement), chosen).scalars().all()


def _where(chosen: dict[str, Any]) -> str:
    return " AND ".join(_FILTERS[name] for name in chosen) or "true"


_HOLDINGS_OF: Final = (
    "SELECT holding_id FROM estate.holding WHERE place_id = :place_id"
    " UNION SELECT holding_id FROM history.estate_holding WHERE place_id = :place_id"
)
_HOLDING_ATTRIBUTES: Final = (
    Attribute("valid_from", "place.attribute.valid_from", "date"),
    Attribute("valid_to", "place.attribute.valid_to", "date"),
    Attribute("area_m2", "estate.attribute.held_area", "number", "m2"),
    Attribute("decision", "estate.attribute.decision"),
)


def place_past(conn: Connection, place_id: int) -> Iterable[Step]:
    """Who came to have a place, who no longer has it, and what of it was changed."""
    columns = "holding_id, kind, valid_from, valid_to, area_m2, decision"
    holdings = row_steps(conn, "estate.holding", columns, place_id, _HOLDINGS_OF)
    kinds = {
        known["holding_id"]: known["kind"]
        for step in holdings
        for known in (step.old, step.new)
        if known is not None
    }
    for step in holdings:
        if step.old and step.new:
            for attribute in _HOLDING_ATTRIBUTES:
                old, new = step.old[attribute.name], step.new[attribute.name]
                if old != new:
                    yield Step(step.line, Change(attribute, old, new))
    parties = row_steps(
        conn, "estate.holding_party", "holding_id, holder_id", place_id, _HOLDINGS_OF
    )
    names = _names(conn, {step.line["holder_id"] for step in parties})
    for step in parties:
        kind = kinds.get(step.line["holding_id"])
        if kind is not None and (change := _party_change(step, kind, names)):
            yield Step(step.line, change)
    yield from _archive_past(conn, place_id)


def _archive_past(conn: Connection, place_id: int) -> Iterable[Step]:
    """Files that came into the archive, went, came back, or are called or sorted otherwise."""
    columns = "archive_file_id, title, category, file_name, removed_at"
    for step in row_steps(conn, "estate.archive_file", columns, place_id):
        old, new = (_archived(row) for row in (step.old, step.new))
        if old and new and old[0] == new[0]:
            if old != new:
                yield Step(step.line, Change(old[0], old[1], new[1]))
            continue
        if old:
            yield Step(step.line, Change(old[0], old[1], None))
        if new:
            yield Step(step.line, Change(new[0], None, new[1]))


def _archived(row: RowMapping | None) -> tuple[Attribute, str] | None:
    """What a file stands under, and what it is called by; none while it is taken out."""
    if row is None or row["removed_at"] is not None:
        return None
    attribute = Attribute("archive_file", f"archive.category.{row['category']}")
    return attribute, f"{row['title']} ({row['file_name']})"


def _party_change(step: RowStep, kind: str, names: dict[int, str]) -> Change | None:
    name = names.get(step.line["holder_id"])
    attribute = Attribute("holder", f"estate.holding.{kind}")
    if step.line["operation"] == "I":
        return Change(attribute, None, name)
    if step.line["operation"] == "D":
        return Change(attribute, name, None)
    return None


def _names(conn: Connection, bodies: set[int]) -> dict[int, str]:
    rows = conn.execute(
        text(
            "SELECT organization_id, name FROM organization.organization"
            " WHERE organization_id = ANY (:bodies)"
        ),
        {"bodies": sorted(bodies)},
    )
    return {row.organization_id: row.name for row in rows}
