"""Splitting a place into several and merging several into one: the old end, lineage joins them."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.clock import today
from gis.crs import STORAGE_SRID
from gis.errors import Conflict, InputError, Phrase
from gis.places import closing, edits
from gis.places.actions import touch
from gis.places.correcting import read_form, read_values
from gis.places.creating import Spot, insert_place
from gis.places.edits import Grounds
from gis.places.edits_model import EditKind
from gis.places.hanging import hang
from gis.places.keeping import fields_of, protect
from gis.places.names import shown_name
from gis.places.shaping import Doubt, Unconfirmed
from gis.questions import drawn_point

MOST_PARTS: Final = 20
MOST_NEAR: Final = 30
_NAMED: Final = 5
_AREA_KINDS: Final = ("usable", "gross", "land")
"""Which of a place's areas is divided: the first it has."""


@dataclass(frozen=True)
class Part:
    """One of those a place is split into.

    Args:
        values: What differs from the place that is split: its name or number, its use.
        area_m2: Of the kind of area that is divided; null: not measured.
        takes: Places in the one that is split which hang in this one from then on.
    """

    values: Mapping[str, Any]
    area_m2: Decimal | None = None
    takes: Sequence[int] = ()


def divisible(conn: Connection, place_id: int) -> Any:
    """What is divided of a place, and with which it may be merged.

    Returns:
        `area_kind, area_m2` (nulls where it has none), `is_shaped`, `siblings` (JSON: `place_id,
        name, code, address, distance_m`): open places of its kind in the same parent and on the
        same floor, by code, the last two null; of what hangs in nothing, the `MOST_NEAR` nearest
        that hang in nothing either, nearest first.
    """
    asked = {"place_id": place_id, "kinds": list(_AREA_KINDS), "most": MOST_NEAR}
    return conn.execute(text(_DIVISIBLE), asked).one()


def parts_to_go(conn: Connection, place_id: int, day: date | None) -> Sequence[Any]:
    """What hangs in a place itself and is open on a day or later, by kind and code.

    Args:
        day: Null: today.

    Returns:
        `place_id, kind, code, name, is_located`: whether it has a spot of its own.
    """
    asked = {"place_id": place_id, "day": day or today()}
    return conn.execute(text(_PARTS_TO_GO), asked).all()


def split(
    conn: Connection,
    place_id: int,
    parts: Sequence[Part],
    *,
    line: object = None,
    seen_version: str,
    grounds: Grounds,
    confirmed: Collection[str] = (),
) -> list[int]:
    """End a place on a day and put several in its place.

    Args:
        conn: As the web role, in the name of who does it.
        place_id: Which.
        parts: At least two, from west to east where a line cuts the shape.
        line: GeoJSON of a line that cuts its shape into as many; null: the parts have none yet.
        seen_version: Of the form that its author saw.
        grounds: Why, and from which day.
        confirmed: Names of doubts that were said yes to.

    Returns:
        The new places, in the order of the parts.

    Raises:
        InputError: Too few or too many parts, or the line cuts otherwise, or two parts take
            one thing, or one takes what does not hang there.
        Conflict: Something hangs in it that no part takes; with a line, what has a spot of its
            own need not be named.
        Unconfirmed: The areas do not sum to the one that stands.
        EditedMeanwhile, NotFound, Forbidden: As closing.
    """
    if not 2 <= len(parts) <= MOST_PARTS:
        raise InputError("place.divide.how_many", most=MOST_PARTS)
    place, grounds = closing.start_closing(
        conn, place_id, seen_version=seen_version, grounds=grounds
    )
    known = divisible(conn, place_id)
    _compare_areas(known, parts, confirmed)
    shapes: Sequence[bytes | None] = [None] * len(parts)
    if line is not None:
        shapes = _cut(conn, place_id, line, len(parts))
    taken = _taken(conn, place_id, parts, shapes, grounds)
    made = [
        _make(conn, place, part.values, grounds, shape)
        for part, shape in zip(parts, shapes, strict=True)
    ]
    for new_id, part in zip(made, parts, strict=True):
        if part.area_m2 is not None:
            _add_area(conn, new_id, known.area_kind or "gross", part.area_m2, grounds)
    for new_id, ids in zip(made, taken, strict=True):
        _hang(conn, ids, new_id, grounds)
    _end(conn, [place_id], made, EditKind.SPLIT, grounds)
    return made


def merge(
    conn: Connection,
    place_ids: Sequence[int],
    values: Mapping[str, Any],
    *,
    seen_version: str,
    grounds: Grounds,
) -> int:
    """End several places of one kind and parent on a day and put one in their place.

    Its shape is theirs together, where all have one; its areas are the sums of those all have;
    what hangs in them hangs in it from then on.

    Args:
        place_ids: The first is the one whose values the new one takes where `values` says nothing.
        seen_version: Of the form of the first.

    Raises:
        InputError: Fewer than two, or not alike.
        EditedMeanwhile, NotFound, Forbidden: As closing.
    """
    ids = list(dict.fromkeys(place_ids))
    if not 2 <= len(ids) <= MOST_PARTS:
        raise InputError("place.divide.how_many", most=MOST_PARTS)
    place, grounds = closing.start_closing(conn, ids[0], seen_version=seen_version, grounds=grounds)
    for other_id in ids[1:]:
        version = read_form(conn, other_id).version
        other, _ = closing.start_closing(conn, other_id, seen_version=version, grounds=grounds)
        floors = set(conn.execute(text(_FLOORS), {"ids": [ids[0], other_id]}).scalars())
        if (other.kind, other.parent_id) != (place.kind, place.parent_id) or len(floors) > 1:
            raise InputError("place.divide.not_alike", code=other.code)
    shape = conn.execute(text(_UNION), {"ids": ids, "count": len(ids)}).scalar_one()
    made = _make(conn, place, values, grounds, None if shape is None else bytes(shape))
    for area in conn.execute(text(_SUMS), {"ids": ids, "count": len(ids)}).all():
        _add_area(conn, made, area.area_kind, area.area_m2, grounds)
    parts = [one for old in ids for one in parts_to_go(conn, old, grounds.effective_on)]
    _hang(conn, [one.place_id for one in parts], made, grounds)
    _end(conn, ids, [made], EditKind.MERGED, grounds)
    return made


def _hang(conn: Connection, ids: Sequence[int], made: int, grounds: Grounds) -> None:
    if ids:
        hang(conn, ids, edits.open_place(conn, made), grounds.effective_on)


def _taken(
    conn: Connection,
    place_id: int,
    parts: Sequence[Part],
    shapes: Sequence[bytes | None],
    grounds: Grounds,
) -> list[list[int]]:
    """For each part, what hangs in it from then on: as said, else where it lies."""
    here = {one.place_id: one for one in parts_to_go(conn, place_id, grounds.effective_on)}
    said = [one for part in parts for one in part.takes]
    if len(set(said)) != len(said) or not set(said) <= set(here):
        raise InputError("place.divide.taken_wrongly")
    taken = [list(part.takes) for part in parts]
    left = set(here) - set(said)
    for at, shape in enumerate(shapes):
        if shape is not None and left:
            asked = {"ids": sorted(left), "shape": shape}
            inside = conn.execute(text(_LIES_IN), asked).scalars().all()
            taken[at] += inside
            left -= set(inside)
    if left:
        named = "、".join(here[one].name for one in sorted(left)[:_NAMED])
        raise Conflict("place.divide.parts_left", count=len(left), named=named)
    return taken


def _compare_areas(known: Any, parts: Sequence[Part], confirmed: Collection[str]) -> None:
    stated = [part.area_m2 for part in parts if part.area_m2 is not None]
    if not stated or known.area_m2 is None or "areas" in confirmed:
        return
    if len(stated) != len(parts) or sum(stated) != known.area_m2:
        said = {"total": f"{sum(stated):,.2f}", "known": f"{known.area_m2:,.2f}"}
        raise Unconfirmed([Doubt("areas", Phrase("place.divide.areas_differ", said))])


def _cut(conn: Connection, place_id: int, line: object, count: int) -> list[bytes]:
    if not isinstance(line, Mapping) or line.get("type") != "LineString":
        raise InputError("place.divide.no_line")
    corners = line.get("coordinates")
    if not isinstance(corners, list) or not 2 <= len(corners) <= 500:
        raise InputError("place.divide.no_line")
    drawn = json.dumps({"type": "LineString", "coordinates": [drawn_point(one) for one in corners]})
    asked = {"place_id": place_id, "line": drawn}
    pieces = [bytes(one) for one in conn.execute(text(_CUT), asked).scalars()]
    if len(pieces) != count:
        raise InputError("place.divide.cuts_otherwise", found=len(pieces), named=count)
    return pieces


def _make(
    conn: Connection, place: Any, stated: Mapping[str, Any], grounds: Grounds, shape: bytes | None
) -> int:
    """A place like another, but for what is stated."""
    own = read_values(conn, place.kind, stated)
    form = read_form(conn, place.place_id)
    values = {**form.values, **own, "valid_from": grounds.effective_on}
    spot = Spot(place.kind, place.parent_id, place.parent_kind, place.admin_area_code,
                place.security_class)  # fmt: skip
    made = insert_place(conn, spot, values, shape)
    for name in own:
        if own[name] is not None and name in fields_of(place.kind):
            protect(conn, made, name, reason=grounds.reason)
    return made


def _add_area(conn: Connection, place_id: int, kind: str, area_m2: Any, grounds: Grounds) -> None:
    if not 0 <= area_m2 < 10**10:
        raise InputError("place.divide.area_impossible")
    asked = {"place_id": place_id, "kind": kind, "area_m2": area_m2, "day": grounds.effective_on}
    edits.write(conn, _ADD_AREA, asked)


def _end(
    conn: Connection, ended: Sequence[int], made: Sequence[int], kind: EditKind, grounds: Grounds
) -> None:
    asked = {"ended": list(ended), "made": list(made), "day": grounds.effective_on,
             "kind": kind.value}  # fmt: skip
    edits.write(conn, _END, asked)
    edits.write(conn, _LINEAGE, asked)
    edits.record(conn, ended, kind, grounds)
    edits.record(conn, made, EditKind.CREATED, grounds)
    touch(conn, [*ended, *made])


_FLOOR: Final = (
    "coalesce((SELECT k.floor_level FROM place.room AS k WHERE k.place_id = {0}.place_id),"
    " (SELECT k.floor_level FROM place.housing_unit AS k WHERE k.place_id = {0}.place_id))"
)
"""Where rooms hang in a building itself, only this tells their floors apart; null: not stated."""
_FLOORS: Final = f"""
SELECT {_FLOOR.format("p")} FROM place.place AS p WHERE p.place_id = ANY (:ids)
"""
_DIVISIBLE: Final = f"""
SELECT a.area_kind, a.area_m2, coalesce(ST_Dimension(own.geom) = 2, false) AS is_shaped,
  (SELECT coalesce(json_agg(json_build_object('place_id', p.place_id, 'code', p.code,
                            'name', coalesce({shown_name("p")}, p.code), 'address',
                            CASE WHEN p.parent_id IS NULL THEN p.address END, 'distance_m', p.away)
                          ORDER BY p.away, p.code), '[]')
   FROM (
     (SELECT p.*, NULL::float AS away FROM place.place AS p WHERE p.parent_id = own.parent_id)
     UNION ALL
     (SELECT p.*, round(ST_Distance(p.anchor::geography, own.anchor::geography))
      FROM place.place AS p
      WHERE own.parent_id IS NULL AND p.parent_id IS NULL AND p.kind = own.kind
        AND p.valid_to IS NULL AND p.security_class < 3 AND p.place_id <> own.place_id
        AND p.anchor && ST_Expand(own.anchor, 0.05)
      ORDER BY p.anchor <-> own.anchor LIMIT :most)) AS p
   WHERE p.kind = own.kind AND p.place_id <> own.place_id
     AND {_FLOOR.format("p")} IS NOT DISTINCT FROM {_FLOOR.format("own")}
     AND p.valid_to IS NULL AND p.security_class < 3) AS siblings
FROM place.place AS own
LEFT JOIN LATERAL (
  SELECT c.area_kind, c.area_m2 FROM place.counted_area AS c
  WHERE c.place_id = own.place_id AND c.area_kind = ANY (:kinds)
  ORDER BY array_position(CAST(:kinds AS text[]), c.area_kind) LIMIT 1) AS a ON true
WHERE own.place_id = :place_id
"""
_PARTS_TO_GO: Final = f"""
SELECT p.place_id, p.kind, p.code, coalesce({shown_name("p")}, p.code) AS name,
       coalesce(p.located_by IN ('own', 'coordinates'), false) AS is_located
FROM place.place AS p
WHERE p.parent_id = :place_id AND (p.valid_to IS NULL OR p.valid_to > :day)
ORDER BY p.kind, p.code
"""
_LIES_IN: Final = f"""
SELECT p.place_id FROM place.place AS p
WHERE p.place_id = ANY (:ids) AND p.located_by IN ('own', 'coordinates')
  AND ST_Intersects(p.anchor, ST_GeomFromWKB(:shape, {STORAGE_SRID}))
ORDER BY p.place_id
"""
_CUT: Final = f"""
SELECT ST_AsBinary(piece.geom) FROM place.place AS p
CROSS JOIN LATERAL ST_Dump(ST_Split(p.geom, ST_SetSRID(ST_GeomFromGeoJSON(:line), {STORAGE_SRID})))
  AS piece
WHERE p.place_id = :place_id AND ST_Dimension(p.geom) = 2
ORDER BY round(ST_X(ST_Centroid(piece.geom))::numeric, 6), ST_Y(ST_Centroid(piece.geom)) DESC
"""
_UNION: Final = """
SELECT CASE WHEN count(p.geom) FILTER (WHERE ST_Dimension(p.geom) = 2) = :count
            THEN ST_AsBinary(ST_Union(p.geom)) END
FROM place.place AS p WHERE p.place_id = ANY (:ids)
"""
_SUMS: Final = """
SELECT c.area_kind, sum(c.area_m2) AS area_m2 FROM place.counted_area AS c
WHERE c.place_id = ANY (:ids) GROUP BY c.area_kind HAVING count(*) = :count
"""
_ADD_AREA: Final = """
INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, measured_on, rights_cell)
SELECT place_id, :kind, round(CAST(:area_m2 AS numeric), 2), 'declared', :day, rights_cell
FROM place.place WHERE place_id = :place_id
"""
_END: Final = "UPDATE place.place SET valid_to = :day WHERE place_id = ANY (:ended)"
_LINEAGE: Final = """
INSERT INTO place.lineage (from_place_id, to_place_id, kind, happened_on)
SELECT old, new, :kind, :day
FROM unnest(CAST(:ended AS bigint[])) AS old, unnest(CAST(:made AS bigint[])) AS new
"""
