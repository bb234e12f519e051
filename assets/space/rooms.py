"""Rooms with who has them on a day, as a step over some of them needs it. Under row security."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.actions.arranging import room_versions
from gis.errors import NotFound
from gis.organizations.then import name_then
from gis.places.counted import counted_areas
from gis.places.names import shown_name
from gis.places.then import places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN

MOST_LISTED: Final = 1000
"""Rooms of one list; of a place or a body with more, the first are listed."""
_DOWN: Final = """
  SELECT place_id, kind FROM place.place WHERE place_id = {top}
  UNION ALL
  SELECT p.place_id, p.kind FROM down JOIN place.place AS p ON p.parent_id = down.place_id"""
_IN_PLACE: Final = f"""
WITH RECURSIVE down AS ({_DOWN.format(top=":id")})
SELECT place_id FROM down WHERE kind = 'room'"""
_OF_BODY: Final = f"""
SELECT coalesce(l.place_id, h.place_id) AS place_id
FROM estate.holding_party AS y JOIN estate.holding AS h USING (holding_id)
LEFT JOIN estate.holding_leaf AS l USING (holding_id)
WHERE y.holder_id = :id AND h.kind = 'occupies' AND {IN_FORCE.format("h")}"""
_AROUND: Final = f"""
WITH RECURSIVE up AS (
  SELECT place_id, parent_id, 0 AS step FROM place.place WHERE place_id = :id
  UNION ALL
  SELECT p.place_id, p.parent_id, up.step + 1
  FROM up JOIN place.place AS p ON p.place_id = up.parent_id
),
down AS ({_DOWN.format(top="(SELECT place_id FROM up ORDER BY step DESC LIMIT 1)")})
SELECT place_id FROM down WHERE kind = 'room' AND place_id <> :id"""
_NAMED: Final = "SELECT place_id FROM place.place WHERE code = :words AND place_id <> :id"
_LISTED: Final = f"""
WITH chosen AS MATERIALIZED (
  SELECT p.place_id, p.code, p.parent_id, p.rights_cell, r.number, r.room_class, r.floor_level,
         r.floor_label, coalesce({shown_name("p", rooms="{rooms}")}, p.code) AS name
  FROM ({{chosen}}) AS c JOIN place.place AS p USING (place_id)
  JOIN {{rooms}} AS r USING (place_id)
  WHERE p.kind = 'room' AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
),
hung AS (
  SELECT c.*, coalesce(k.label, c.floor_label) AS floor, coalesce(k.level, c.floor_level) AS level,
         coalesce(b.code, above.code) AS above_code,
         CASE WHEN b.place_id IS NOT NULL THEN coalesce({shown_name("b")}, b.code)
              WHEN above.kind <> 'floor' THEN coalesce({shown_name("above")}, above.code)
         END AS building
  FROM chosen AS c
  LEFT JOIN place.place AS above ON above.place_id = c.parent_id
  LEFT JOIN place.floor AS k ON k.place_id = above.place_id
  LEFT JOIN place.place AS b ON b.place_id = above.parent_id AND above.kind = 'floor'
),
found AS (
  SELECT h.*, count(*) OVER () AS total FROM hung AS h
  WHERE CAST(:words AS text) IS NULL OR h.code = :words
     OR position(lower(:words) IN lower(concat_ws(' ', h.building, h.floor, h.name, h.code))) > 0
  ORDER BY h.above_code, h.level NULLS LAST, h.number, h.code LIMIT :most
)
SELECT f.place_id, f.code, f.name, f.building, f.floor, f.level, f.room_class, f.total,
  a.area_m2, f.rights_cell IN (SELECT cell FROM rights.my_write_cells) AS may_write,
  coalesce(held.rows, '[]') AS holdings
FROM found AS f
LEFT JOIN {{counted}} AS a ON a.place_id = f.place_id AND a.area_kind = 'usable'
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_object(
    'kind', h.kind, 'extent', h.extent, 'valid_from', h.valid_from,
    'over', CASE WHEN h.place_id <> f.place_id THEN coalesce({shown_name("o")}, o.code) END,
    'holders', who.holders) ORDER BY h.extent DESC, h.holding_id) AS rows
  FROM (
    SELECT l.holding_id FROM estate.holding_leaf AS l
    WHERE l.place_id = f.place_id AND l.exclusive_group = 'use'
      AND l.during @> CAST(:as_of AS date)
    UNION
    SELECT w.holding_id FROM estate.holding AS w
    WHERE w.place_id = f.place_id AND w.kind = 'occupies' AND {IN_FORCE.format("w")}
  ) AS one
  JOIN estate.holding AS h USING (holding_id)
  JOIN place.place AS o ON o.place_id = h.place_id
  CROSS JOIN LATERAL (
    SELECT json_agg(json_build_object('organization_id', y.holder_id, 'name', {name_then("body")},
                                      'share', y.share::float8, 'people', who.people)
                    ORDER BY body.name) AS holders
    FROM estate.holding_party AS y
    JOIN organization.organization AS body ON body.organization_id = y.holder_id
    CROSS JOIN LATERAL (
      SELECT json_agg(json_build_object(
        'post_id', s.post_id, 'title', t.title, 'rank', coalesce(s.rank_code, t.rank_code),
        'heads', s.heads, 'share', s.share::float8, 'approval_document', s.approval_document)
        ORDER BY s.sharer_id) AS people
      FROM estate.sharer AS s LEFT JOIN organization.post AS t USING (post_id)
      WHERE s.holding_id = y.holding_id AND s.holder_id = y.holder_id) AS who
    WHERE y.holding_id = h.holding_id) AS who
) AS held ON true
ORDER BY f.above_code, f.level NULLS LAST, f.number, f.code"""


@dataclass(frozen=True)
class RoomsListed:
    """Rooms with who has them.

    Args:
        rows: `place_id, code, name, building, floor, level, room_class, area_m2, may_write,
            holdings` (JSON: `kind, extent, valid_from, over`: the floor or building that is held as
            a whole, null where the room itself is; `holders`: `organization_id, name, share,
            people`, who of it sits there: `post_id, title, rank, heads, share,
            approval_document`, null where nobody said).
        versions: Of who has each, to be sent back with a step.
        total: How many there are; no more than `MOST_LISTED` are listed.
    """

    rows: Sequence[Any]
    versions: Mapping[int, str]
    total: int


def rooms_in(conn: Connection, place_id: int, as_of: date) -> RoomsListed:
    """The rooms of a place, or the room it is, by building, floor and number."""
    return _listed(conn, _IN_PLACE, as_of, id=place_id)


def rooms_of(conn: Connection, organization_id: int, as_of: date) -> RoomsListed:
    """The rooms that a body uses on a day, whole or in part, also as part of a floor it has."""
    return _listed(conn, _OF_BODY, as_of, id=organization_id)


def rooms_around(conn: Connection, room_id: int, words: str | None, as_of: date) -> RoomsListed:
    """Other rooms of the place at the top over a room.

    Args:
        words: In building, floor, name or code; the whole code finds a room anywhere. Null: all.
    """
    chosen = f"{_AROUND.strip()}" if words is None else f"({_AROUND}) UNION {_NAMED}"
    return _listed(conn, chosen, as_of, id=room_id, words=words)


def these_rooms(conn: Connection, rooms: Sequence[int], as_of: date) -> RoomsListed:
    """Some rooms by their numbers."""
    chosen = "SELECT unnest(CAST(:rooms AS bigint[])) AS place_id"
    return _listed(conn, chosen, as_of, rooms=list(rooms))


def place_named(conn: Connection, place_id: int) -> str:
    """How a place is called, after what it is part of: a number alone says little of a building.

    Raises:
        NotFound: The account does not see it.
    """
    query = (
        f"SELECT concat_ws(' ', {shown_name('above')}, coalesce({shown_name('p')}, p.code))"
        " FROM place.place AS p LEFT JOIN place.place AS above ON above.place_id = p.parent_id"
        f" WHERE p.place_id = :id AND {IS_OPEN.format('p')}"
    )
    name = conn.execute(text(query), {"id": place_id}).scalar_one_or_none()
    if name is None:
        raise NotFound("place.not_found", place_id=place_id)
    return str(name)


def _listed(conn: Connection, chosen: str, as_of: date, **values: Any) -> RoomsListed:
    asked = {"as_of": as_of, "words": None, "most": MOST_LISTED, **values}
    # Also where the day is an earlier one, only these are measured.
    within = conn.execute(text(f"SELECT place_id FROM ({chosen}) AS c"), asked).scalars().all()
    counted = counted_areas(conn, as_of, within=within)
    query = _LISTED.format(
        chosen="SELECT DISTINCT unnest(CAST(:within AS bigint[])) AS place_id", counted=counted,
        rooms=places_as_of(conn, as_of).rooms,
    )  # fmt: skip
    rows = conn.execute(text(query), {**asked, "within": list(within)}).all()
    versions = room_versions(conn, [row.place_id for row in rows])
    return RoomsListed(rows, versions, rows[0].total if rows else 0)
