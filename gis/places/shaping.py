"""Drawing a place: what a shape must be, what is asked about it first, and writing it."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.crs import STORAGE_SRID
from gis.errors import Conflict, InputError, Phrase
from gis.places import edits
from gis.places.actions import touch
from gis.places.correcting import check_day, keep_version, open_as_seen, recell
from gis.places.edits import Grounds
from gis.places.edits_model import EditKind
from gis.places.keeping import protect
from gis.places.locating import districts_of
from gis.places.names import shown_name
from gis.places.stating import empty_before, state
from gis.questions import drawn_point, drawn_polygon, valid_shape

POINTS_ONLY: Final = frozenset({"metering_point", "housing_unit"})
_MAY_OVERLAP: Final = frozenset({"floor", "parcel", "zone", "metering_point"})
"""Kinds that lie over one another by nature."""
_TOLERANCE_M: Final = 0.1
"""As much as hand and rounding may leave a shape outside."""
_NAMED: Final = 3


@dataclass(frozen=True)
class Doubt:
    """Something about a shape that a person must say yes to.

    Args:
        name: By which it is confirmed.
        phrase: What is odd.
    """

    name: str
    phrase: Phrase


class Unconfirmed(Conflict):
    """The shape is odd in ways nobody has said yes to; nothing was written."""

    def __init__(self, doubts: Sequence[Doubt]) -> None:
        super().__init__("place.shape.unconfirmed", doubts=tuple(one.phrase for one in doubts))
        self.doubts = tuple(doubts)


def read_shape(conn: Connection, kind: str, stated: object) -> bytes:
    """A shape of GeoJSON as WKB, storage coordinates.

    Raises:
        InputError: It is none, not one for this kind, crosses itself (where) or encloses nothing,
            or lies outside all registered areas.
    """
    if isinstance(stated, Mapping) and stated.get("type") == "Point":
        spot = drawn_point(stated.get("coordinates"))
        geometry = json.dumps({"type": "Point", "coordinates": spot})
    elif kind in POINTS_ONLY:
        raise InputError("place.shape.point_only")
    else:
        geometry = drawn_polygon(stated)
    shape = bytes(conn.execute(text(_READ), {"geometry": geometry}).scalar_one())
    valid_shape(conn, shape)
    if not conn.execute(text(_IS_WITHIN), {"shape": shape}).scalar_one():
        raise InputError("place.outside_areas")
    return shape


def refuse_doubtful(
    conn: Connection,
    shape: bytes,
    kind: str,
    *,
    parent_id: int | None,
    place_id: int | None,
    level: int | None,
    confirmed: Collection[str],
    may_be_apart: bool = False,
) -> None:
    """Refuse a shape that leaves its parent or lies over its neighbours, unless that is confirmed.

    Raises:
        InputError: It lies wholly outside of what the place hangs in; says how far.
        Unconfirmed: Something is odd that `confirmed` does not name.
    """
    asked = {"shape": shape, "kind": kind, "parent_id": parent_id, "place_id": place_id,
             "level": level}  # fmt: skip
    doubts = []
    above = conn.execute(text(_ABOVE), asked).one_or_none()
    if above is not None and above.distance_m is not None and above.distance_m > _TOLERANCE_M:
        said = {"parent": above.name, "distance": f"{above.distance_m:,.1f}"}
        if above.is_apart and kind not in POINTS_ONLY and not may_be_apart:
            raise InputError("place.shape.apart", **said)
        doubts.append(Doubt("outside", Phrase("place.shape.outside", said)))
    if kind not in _MAY_OVERLAP:
        over = conn.execute(text(_OVERLAPS), asked).all()
        if over:
            named = tuple(
                Phrase("place.shape.over", {"name": one.name, "area": f"{one.area_m2:,.1f}"})
                for one in over[:_NAMED]
            )
            said = {"count": len(over), "named": named}
            doubts.append(Doubt("overlaps", Phrase("place.shape.overlaps", said)))
    left = [one for one in doubts if one.name not in confirmed]
    if left:
        raise Unconfirmed(left)


def redraw(
    conn: Connection,
    place_id: int,
    geometry: object,
    *,
    seen_version: str,
    grounds: Grounds,
    moves_parts: bool = False,
    confirmed: Collection[str] = (),
) -> Sequence[int]:
    """Give a place another shape; parts that lie where it lies follow.

    Args:
        conn: As the web role, in the name of who does it.
        place_id: Which.
        geometry: GeoJSON of a point or polygon, degrees.
        seen_version: Of the form that its author saw.
        grounds: Why, and from which day; from a later day on, the former shape stays as a version.
        moves_parts: It was moved as a whole: parts with shapes of their own move as far.
        confirmed: Names of doubts that were said yes to.

    Returns:
        The places that changed.

    Raises:
        EditedMeanwhile: Somebody was first.
        Unconfirmed, InputError: See `read_shape` and `refuse_doubtful`.
        NotFound, Forbidden, Conflict: As `edits.open_place`; a part that would follow is hidden
            from the account, or not its to write.
    """
    grounds = grounds.checked()
    place, form = open_as_seen(conn, place_id, seen_version)
    check_day(form, grounds)
    shape = read_shape(conn, place.kind, geometry)
    refuse_doubtful(conn, shape, place.kind, parent_id=place.parent_id, place_id=place_id,
                    level=form.values.get("floor_level"), confirmed=confirmed)  # fmt: skip
    parts = _parts(conn, place_id) if moves_parts else []
    if moves_parts:
        edits.refuse_hidden_parts(conn, place_id)
    keep_version(conn, [place_id, *parts], form, {"geom": shape}, grounds)
    values = {"place_id": place_id, "shape": shape, "parts": parts}
    empty = empty_before(conn, [place_id, *parts], ["geom"])
    if parts and edits.write(conn, _MOVE_PARTS, values) != len(parts):
        raise edits.beyond_rights()
    edits.write(conn, WRITE_SHAPE, values)
    follow = list(conn.execute(text(FOLLOW), values).scalars())
    recelled = settle_district(conn, place_id, place.parent_id, place.admin_area_code)
    state(conn, [place_id, *parts], ["geom"], grounds.effective_on, empty)
    protect(conn, place_id, "geom", reason=grounds.reason)
    edits.record(conn, [place_id], EditKind.REDRAWN, grounds)
    touch(conn, [place_id])
    return list(dict.fromkeys([place_id, *parts, *follow, *recelled]))


def _parts(conn: Connection, place_id: int) -> list[int]:
    """Parts with a shape of their own, however deep; none where the place itself had no shape."""
    return list(conn.execute(text(_SHAPED_PARTS), {"place_id": place_id}).scalars())


def settle_district(
    conn: Connection, place_id: int, parent_id: int | None, area_code: str | None
) -> list[int]:
    """A place that hangs in nothing counts in the district where it lies now, with its parts.

    Raises:
        Conflict: A part is hidden from the account.
        Forbidden: The account may not write there.
    """
    if parent_id is not None:
        return []
    code = district_at(conn, place_id)
    if code is not None and code != area_code:
        edits.refuse_hidden_parts(conn, place_id)
        tree = list(conn.execute(text(TREE), {"place_id": place_id}).scalars())
        recell(conn, tree, area=code)
        return tree
    return []


def district_at(conn: Connection, place_id: int) -> str | None:
    """The district a place's anchor lies in, or the functional area its files state in it."""
    spot = conn.execute(text(_SPOT), {"place_id": place_id}).one()
    if spot.lon is None:
        return None
    found = districts_of(conn, [place_id], [spot.lon], [spot.lat], [spot.stated])[place_id]
    code: str | None = found.code or spot.stated
    return code


_SHAPE: Final = f"ST_GeomFromWKB(:shape, {STORAGE_SRID})"
_READ: Final = f"""
SELECT ST_AsBinary(CASE WHEN ST_NumGeometries(g) = 1 THEN ST_GeometryN(g, 1) ELSE g END)
FROM (SELECT ST_SetSRID(ST_GeomFromGeoJSON(:geometry), {STORAGE_SRID}) AS g) AS stated
"""
_IS_WITHIN: Final = f"""
SELECT EXISTS (SELECT FROM place.admin_area AS a
               WHERE a.geom && {_SHAPE} AND ST_Intersects(a.geom, {_SHAPE}))
    OR NOT EXISTS (SELECT FROM place.admin_area WHERE geom IS NOT NULL)
"""
# The nearest place above with a shape, and how far the farthest corner lies outside of it.
_ABOVE: Final = f"""
WITH RECURSIVE up AS (
  SELECT p.place_id, p.parent_id, p.geom, 0 AS step FROM place.place AS p
  WHERE p.place_id = :parent_id
  UNION ALL
  SELECT p.place_id, p.parent_id, p.geom, up.step + 1
  FROM up JOIN place.place AS p ON p.place_id = up.parent_id
  WHERE up.step < 20 AND (up.geom IS NULL OR ST_Dimension(up.geom) < 2)
),
above AS (SELECT place_id, geom FROM up WHERE ST_Dimension(geom) = 2 ORDER BY step LIMIT 1)
SELECT coalesce({shown_name("p")}, p.code) AS name,
       NOT ST_Intersects(above.geom, {_SHAPE}) AS is_apart,
       (SELECT max(ST_Distance(spot.geom::geography, above.geom::geography))
        FROM ST_DumpPoints(CASE WHEN ST_IsValid(above.geom)
                                THEN ST_Difference({_SHAPE}, above.geom) END) AS spot) AS distance_m
FROM above JOIN place.place AS p USING (place_id)
"""
_OVERLAPS: Final = f"""
SELECT coalesce({shown_name("p")}, p.code) AS name, met.area_m2
FROM place.place AS p
CROSS JOIN LATERAL (
  SELECT ST_Area(ST_Intersection(p.geom, {_SHAPE})::geography) AS area_m2,
         least(ST_Area(p.geom::geography), ST_Area({_SHAPE}::geography)) AS smaller_m2
) AS met
WHERE p.kind = :kind AND p.parent_id IS NOT DISTINCT FROM :parent_id
  AND p.place_id IS DISTINCT FROM :place_id AND p.valid_to IS NULL AND ST_IsValid(p.geom)
  AND p.geom && {_SHAPE} AND met.area_m2 > greatest(1, met.smaller_m2 * 0.01)
  AND (p.kind <> 'room' OR (SELECT k.floor_level FROM place.room AS k
       WHERE k.place_id = p.place_id) IS NOT DISTINCT FROM CAST(:level AS smallint))
ORDER BY met.area_m2 DESC
"""
TREE: Final = """
WITH RECURSIVE down AS (
  SELECT p.place_id FROM place.place AS p WHERE p.place_id = :place_id
  UNION ALL
  SELECT p.place_id FROM down JOIN place.place AS p ON p.parent_id = down.place_id
)
SELECT place_id FROM down
"""
_SHAPED_PARTS: Final = f"""
SELECT p.place_id FROM ({TREE}) AS tree JOIN place.place AS p USING (place_id)
WHERE p.place_id <> :place_id AND p.geom IS NOT NULL
  AND (SELECT own.geom FROM place.place AS own WHERE own.place_id = :place_id) IS NOT NULL
"""
_MOVE_PARTS: Final = f"""
UPDATE place.place AS p
SET geom = ST_Translate(p.geom, moved.x, moved.y), anchor = ST_Translate(p.anchor, moved.x, moved.y)
FROM (SELECT ST_X(ST_Centroid({_SHAPE})) - ST_X(ST_Centroid(own.geom)) AS x,
             ST_Y(ST_Centroid({_SHAPE})) - ST_Y(ST_Centroid(own.geom)) AS y
      FROM place.place AS own WHERE own.place_id = :place_id) AS moved
WHERE p.place_id = ANY (:parts)
"""
WRITE_SHAPE: Final = f"""
UPDATE place.place
SET geom = {_SHAPE}, geom_source = 'drawing', geom_accuracy_m = NULL,
    anchor = CASE WHEN ST_Dimension({_SHAPE}) = 0 THEN {_SHAPE}
                  ELSE ST_PointOnSurface({_SHAPE}) END,
    located_by = CASE WHEN ST_Dimension({_SHAPE}) = 0 THEN 'coordinates' ELSE 'own' END
WHERE place_id = :place_id
"""
FOLLOW: Final = """
WITH RECURSIVE down AS (
  SELECT p.place_id, p.anchor FROM place.place AS p WHERE p.place_id = :place_id
  UNION ALL
  SELECT p.place_id, down.anchor FROM down JOIN place.place AS p ON p.parent_id = down.place_id
  WHERE p.geom IS NULL AND p.security_class < 3
    AND (p.located_by IS NULL OR p.located_by = 'ancestor')
)
UPDATE place.place AS p SET anchor = down.anchor, located_by = 'ancestor'
FROM down WHERE p.place_id = down.place_id AND p.place_id <> :place_id
  AND p.anchor IS DISTINCT FROM down.anchor
RETURNING p.place_id
"""
_SPOT: Final = """
SELECT ST_X(anchor) AS lon, ST_Y(anchor) AS lat, stated_admin_area_code AS stated
FROM place.place WHERE place_id = :place_id
"""


def shapes_within(
    conn: Connection, box: tuple[float, float, float, float], *, most: int
) -> Sequence[Any]:
    """Shapes that touch a box (west, south, east, north), for snapping to them; the large first.

    Returns:
        `place_id, kind, floor_level, geometry` (GeoJSON text); at most `most`.
    """
    asked = dict(zip(("west", "south", "east", "north"), box, strict=True))
    return conn.execute(text(_WITHIN), {**asked, "most": most}).all()


_WITHIN: Final = f"""
SELECT p.place_id, p.kind, ST_AsGeoJSON(p.geom, 8) AS geometry,
       (SELECT k.floor_level FROM place.room AS k WHERE k.place_id = p.place_id) AS floor_level
FROM place.place AS p
WHERE p.geom && ST_MakeEnvelope(:west, :south, :east, :north, {STORAGE_SRID})
  AND p.valid_to IS NULL AND ST_NPoints(p.geom) < 1000
  AND p.kind IN ('site', 'parcel', 'building', 'structure', 'section', 'room')
ORDER BY ST_Area(p.geom) DESC, p.place_id LIMIT :most
"""
