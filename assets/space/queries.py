"""Reads of office space. All under row security; the standard of the pack is a file of it."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.space.rules import (
    ROOM_CLASSES,
    Compared,
    Entitlement,
    Lack,
    Standard,
    StandardKind,
    StandardTable,
    compare,
    entitlement,
)
from gis.organizations.then import bodies_then
from gis.places.counted import counted_areas
from gis.places.vocabulary import IN_FORCE, IS_OPEN

REPORT: Final = "verdicts"
"""By this name the register keeps rules of its own for which areas count here."""
IN_SCOPE: Final = ("party_government", "township")
"""Types of body that the standard is for; and institutions of a category that belongs to one of
them, as those run like the civil service (参公) do."""
# One statement counts: that of the newest day by rank, else the newest without; of one day the
# census before the directory. Its total is its own, so that two sources are never mixed.
_QUOTA: Final = """
SELECT organization_id, rank_code, people, counted_on
FROM (
  SELECT c.*, dense_rank() OVER (PARTITION BY c.organization_id
                                 ORDER BY c.is_ranked DESC, c.counted_on DESC, c.source) AS at
  FROM (
    SELECT h.organization_id, h.rank_code, h.people, h.counted_on, h.source,
           bool_or(h.rank_code IS NOT NULL)
             OVER (PARTITION BY h.organization_id, h.counted_on, h.source) AS is_ranked
    FROM organization.headcount AS h
    WHERE h.kind = 'quota' AND h.counted_on <= :as_of AND {of_body}
  ) AS c
) AS stated WHERE at = 1"""
# Rooms that a body has, by whichever place it was said of. Where several share and nobody said
# how, each counts alike.
_ROOMS: Final = f"""
SELECT y.holder_id AS organization_id, r.room_class, count(*) AS rooms,
  sum(CASE WHEN y.share IS NULL THEN c.area_m2 / shared.parties ELSE c.area_m2 * y.share END)
    AS area_m2,
  count(*) FILTER (WHERE c.area_m2 IS NULL) AS unmeasured,
  count(*) FILTER (WHERE y.share IS NULL AND shared.parties > 1) AS shared_alike
FROM estate.holding_party AS y
JOIN estate.holding AS h ON h.holding_id = y.holding_id AND h.kind = 'occupies'
JOIN estate.holding_leaf AS l ON l.holding_id = h.holding_id AND l.during @> CAST(:as_of AS date)
JOIN place.place AS p ON p.place_id = l.place_id AND p.kind = 'room'
JOIN place.room AS r ON r.place_id = p.place_id
CROSS JOIN LATERAL (SELECT count(*) AS parties FROM estate.holding_party AS every
                    WHERE every.holding_id = h.holding_id) AS shared
LEFT JOIN {{counted}} AS c ON c.place_id = p.place_id AND c.area_kind = 'usable'
WHERE {IN_FORCE.format("p")} AND {IS_OPEN.format("p")} AND {{of_body}}
GROUP BY y.holder_id, r.room_class"""
# What a body has that is not known room by room: a whole floor or building, or a part of something
# in which no room is said to be its own.
_UNTOLD: Final = f"""
WITH RECURSIVE had AS (
  SELECT y.holder_id, h.holding_id, h.place_id, h.extent
  FROM estate.holding_party AS y
  JOIN estate.holding AS h ON h.holding_id = y.holding_id AND h.kind = 'occupies'
  WHERE {IN_FORCE.format("h")} AND {{of_body}}
),
leaf AS (
  SELECT had.holder_id, p.kind, p.parent_id FROM had
  JOIN estate.holding_leaf AS l ON l.holding_id = had.holding_id
    AND l.during @> CAST(:as_of AS date)
  JOIN place.place AS p ON p.place_id = l.place_id
),
above AS (
  SELECT holder_id, parent_id AS place_id FROM leaf WHERE kind = 'room'
  UNION
  SELECT above.holder_id, p.parent_id FROM above JOIN place.place AS p USING (place_id)
  WHERE p.parent_id IS NOT NULL
)
SELECT holder_id AS organization_id FROM leaf WHERE kind <> 'room'
UNION
SELECT had.holder_id FROM had WHERE had.extent <> 'whole'
  AND (had.holder_id, had.place_id) NOT IN
    (SELECT above.holder_id, above.place_id FROM above WHERE above.place_id IS NOT NULL)"""
_UNCLASSED: Final = (None, "vacant")
"""Classes of a room that somebody has which do not say what it is."""
_PLACES: Final = """
SELECT l.place_id FROM estate.holding_party AS y JOIN estate.holding_leaf AS l USING (holding_id)
WHERE {of_body}"""
_BODIES: Final = f"""
SELECT b.organization_id, b.code, b.name, b.level_code, b.admin_area_code, area.name AS district
FROM ({bodies_then()}) AS b
LEFT JOIN place.admin_area AS area ON area.code = b.admin_area_code
LEFT JOIN place.term AS t ON t.list = 'organization_category' AND t.term = b.category_code
WHERE {IN_FORCE.format("b")} AND {{of_body}}
  AND (b.type_code = ANY (:types) OR t.parent_term = ANY (:types))
ORDER BY b.admin_area_code NULLS LAST, b.code"""


@dataclass(frozen=True)
class Rooms:
    """The rooms a body has of one class.

    Args:
        room_class: Term of list room_class; null: not stated.
        area_m2: Usable, its share of each; of rooms with an area.
        unmeasured: Rooms without an area.
        shared_alike: Rooms that several share without stated shares.
    """

    room_class: str | None
    rooms: int
    area_m2: Decimal
    unmeasured: int
    shared_alike: int


@dataclass(frozen=True)
class Verdict:
    """What a body has against what it may have, and why.

    Args:
        body: `organization_id, code, name, level_code, admin_area_code, district`.
        counted_on: The day its quota was counted; null: none is known.
        compared: Offices, service rooms, equipment rooms, and all of them.
        rooms: By class, those that the standard does not limit too.
        is_untold: What it has is not known room by room, or nothing is known at all: it may be
            over, but nothing says that it is not.
    """

    body: Any
    entitlement: Entitlement
    counted_on: date | None
    compared: tuple[Compared, ...]
    rooms: tuple[Rooms, ...]
    is_untold: bool

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """Why it cannot be judged, each reason once."""
        return (*self.entitlement.lacks, *([Lack.ROOMS_UNTOLD] if self.is_untold else []))


def verdicts(
    conn: Connection, as_of: date, *, organization_id: int | None = None
) -> Sequence[Verdict]:
    """Every body that the standard is for and of which the account sees people or rooms.

    A few statements read what there is, whichever number of bodies; the rest is arithmetic.

    Args:
        conn: In the name of whoever asks: rooms and people are those the account sees.
        as_of: The day, of bodies, people, rooms, areas and standard.
        organization_id: This one alone.

    Returns:
        By district, then code.
    """
    values = {"as_of": as_of, "types": list(IN_SCOPE), "body": organization_id}

    def found(query: str, column: str, **more: str) -> Sequence[Any]:
        of_body = "true" if organization_id is None else f"{column} = :body"
        return conn.execute(text(query.format(of_body=of_body, **more)), values).all()

    table = StandardTable(pack_standards(), as_of)
    quotas: dict[int, list[Any]] = {}
    for row in found(_QUOTA, "h.organization_id"):
        quotas.setdefault(row.organization_id, []).append(row)
    rooms: dict[int, list[Rooms]] = {}
    # Of one body only its own rooms are measured, also for a day on which nothing is kept.
    within = None if organization_id is None else found(_PLACES, "y.holder_id")
    places = within and [row.place_id for row in within]
    counted = counted_areas(conn, as_of, REPORT, within=places)
    for row in found(_ROOMS, "y.holder_id", counted=counted):
        area = Decimal(row.area_m2 or 0)
        one = Rooms(row.room_class, row.rooms, area, row.unmeasured, row.shared_alike)
        rooms.setdefault(row.organization_id, []).append(one)
    untold = {row.organization_id for row in found(_UNTOLD, "y.holder_id")}
    return [
        _verdict(
            body,
            quotas.get(body.organization_id, ()),
            rooms.get(body.organization_id, ()),
            table,
            has_more=body.organization_id in untold,
        )
        for body in found(_BODIES, "b.organization_id")
        if body.organization_id in quotas or body.organization_id in rooms
    ]


def _verdict(
    body: Any,
    quota: Sequence[Any],
    rooms: Sequence[Rooms],
    table: StandardTable,
    *,
    has_more: bool,
) -> Verdict:
    may_have = entitlement(body.level_code, {row.rank_code: row.people for row in quota}, table)
    tolerance = table.of(StandardKind.TOLERANCE)
    limited = [one for one in rooms if one.room_class in ROOM_CLASSES]
    is_untold = has_more or not rooms or any(one.room_class in _UNCLASSED for one in rooms)
    unmeasured = {one.room_class or "" for one in limited if one.unmeasured}
    compared = compare(
        may_have,
        {one.room_class or "": one.area_m2 for one in limited},
        (tolerance.value if tolerance else None) or Decimal(),
        unmeasured=ROOM_CLASSES if is_untold else unmeasured,
    )
    counted_on = quota[0].counted_on if quota else None
    return Verdict(body, may_have, counted_on, compared, tuple(rooms), is_untold)


@cache
def pack_standards(pack: str = "cn") -> tuple[Standard, ...]:
    """The rows of a country pack, in its order."""
    path = resources.files("assets") / "packs" / pack / "standard.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return tuple(_standard(row) for row in rows)


def _standard(row: Mapping[str, str]) -> Standard:
    def number(name: str) -> Decimal | None:
        return Decimal(row[name]) if row[name] else None

    def day(name: str) -> date | None:
        return date.fromisoformat(row[name]) if row[name] else None

    return Standard(
        kind=StandardKind(row["kind"]),
        level=row["level"] or None,
        rank=row["rank"] or None,
        value=number("value"),
        source=row["source"],
        from_count=number("from_count"),
        to_count=number("to_count"),
        value_beyond=number("value_beyond"),
        cap=number("cap"),
        clause=row["clause"] or None,
        source_url=row["source_url"] or None,
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
        is_verified=row["is_verified"] == "true",
        note=row["note"] or None,
        is_default=True,
    )
