"""Putting places on the map by hand, and taking them off again: for those that no file locates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from gis.crs import STORAGE_SRID
from gis.errors import Conflict, Forbidden, InputError, NotFound

CLICK: Final = "click"
METHODS: Final = (
    CLICK, "same_address", "same_number", "between_numbers", "next_number", "similar_address",
    "same_name", "parts",
)  # fmt: skip
MOST_REASON: Final = 500
_MOST_ACCURACY_M: Final = 100_000.0
_STUB: Final = 3

_FOUND: Final = """
SELECT p.anchor::text AS anchor, p.security_class, p.admin_area_code, p.stated_admin_area_code,
       made.method, made.former_admin_area_code
FROM place.place AS p LEFT JOIN place.placement AS made USING (place_id)
WHERE p.place_id = :place_id
"""
_AREA: Final = f"""
SELECT (SELECT count(*) FROM place.admin_area WHERE geom IS NOT NULL) AS areas,
       (SELECT count(*) FROM place.admin_area AS a
        WHERE a.geom && spot.at AND ST_Intersects(a.geom, spot.at)) AS hit,
       located.code AS located, functional.code AS functional
FROM (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), {STORAGE_SRID}) AS at) AS spot
LEFT JOIN LATERAL (
  SELECT a.code FROM place.admin_area AS a
  WHERE a.level = 'district' AND a.kind = 'statutory' AND a.geom && spot.at
    AND ST_Intersects(a.geom, spot.at) ORDER BY a.code LIMIT 1) AS located ON true
LEFT JOIN LATERAL (
  SELECT a.code FROM place.admin_area AS a
  WHERE a.code = :stated AND a.kind = 'functional'
    AND a.statistics_code = coalesce(located.code, a.statistics_code)) AS functional ON true
"""
_PUT: Final = f"""
SELECT * FROM place.put_location(:place_id, CAST(:seen AS geometry),
  ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), {STORAGE_SRID}),
  :by, :source, CAST(:accuracy AS numeric), :area)
"""
_CLEAR: Final = """
SELECT * FROM place.put_location(:place_id, CAST(:seen AS geometry), NULL, NULL, NULL, NULL, :area)
"""


@dataclass(frozen=True)
class Placed:
    """What putting a place on the map did.

    Args:
        place_ids: The place and its parts; sums and search texts do not depend on where they lie.
        admin_area_code: The district it counts in now.
        stated_admin_area_code: The district its files state; null when none do.
    """

    place_ids: Sequence[int]
    admin_area_code: str | None
    stated_admin_area_code: str | None


def locate(
    conn: Connection,
    place_id: int,
    point: tuple[float, float],
    *,
    method: str = CLICK,
    accuracy_m: float | None = None,
    reason: str | None = None,
    moves: bool = False,
) -> Placed:
    """Put a place without location on the map; its parts without a shape follow it.

    Args:
        conn: As the web role, in the name of who does it.
        place_id: Which.
        point: Longitude and latitude, storage coordinates.
        method: One of `METHODS`: by hand, or what the candidate taken was of.
        accuracy_m: How far off it may be; null when nobody says.
        reason: In the person's words.
        moves: It may lie somewhere already, if a person put it there.

    Raises:
        NotFound: The account does not see the place.
        Forbidden: It may not write the place, or would not once it lies there.
        InputError: The point lies nowhere, or outside all registered areas.
        Conflict: It lies somewhere already, or is the stub of a state secret.
    """
    lon, lat = _checked(point, method, accuracy_m, reason)
    found = _found(conn, place_id)
    if found.security_class >= _STUB:
        raise Conflict("place.stub_has_no_location")
    if found.anchor is not None and not (moves and found.method):
        raise Conflict("place.already_located")
    area = _district(conn, lon, lat, found)
    place_ids = _put(
        conn,
        _PUT,
        place_id=place_id,
        seen=found.anchor,
        lon=lon,
        lat=lat,
        by="coordinates" if method == CLICK else "address",
        source="placement",
        accuracy=accuracy_m,
        area=area,
    )
    _note(conn, place_id, method=method, reason=reason or None, former=found.admin_area_code)
    return Placed(place_ids, area, found.stated_admin_area_code)


def take_off(conn: Connection, place_id: int) -> Placed:
    """Take a place that a person put on the map off it again, as it was before.

    Raises:
        NotFound: The account does not see the place.
        Forbidden: It may not write the place.
        Conflict: No person put it there: what a file located, a file changes.
    """
    found = _found(conn, place_id)
    if found.method is None or found.anchor is None:
        raise Conflict("place.not_placed_by_hand")
    area = found.former_admin_area_code
    place_ids = _put(conn, _CLEAR, place_id=place_id, seen=found.anchor, area=area)
    conn.execute(
        text("DELETE FROM place.placement WHERE place_id = :place_id"), {"place_id": place_id}
    )
    return Placed(place_ids, area, found.stated_admin_area_code)


def _checked(
    point: tuple[float, float], method: str, accuracy_m: float | None, reason: str | None
) -> tuple[float, float]:
    lon, lat = point
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError("place.point_impossible")
    if method not in METHODS:
        raise InputError("place.unknown_method", method=method[:40])
    if accuracy_m is not None and not 0 <= accuracy_m <= _MOST_ACCURACY_M:
        raise InputError("place.accuracy_impossible")
    if reason is not None and len(reason) > MOST_REASON:
        raise InputError("place.reason_too_long", most=MOST_REASON)
    return lon, lat


def _note(conn: Connection, place_id: int, **said: str | None) -> None:
    """Who puts a place anew keeps the district it had before anybody put it anywhere."""
    conn.execute(
        text(
            "INSERT INTO place.placement (place_id, method, reason, former_admin_area_code,"
            " rights_cell) SELECT place_id, :method, :reason, :former, rights_cell"
            " FROM place.place WHERE place_id = :place_id"
            " ON CONFLICT (place_id) DO UPDATE SET method = excluded.method,"
            " reason = excluded.reason"
        ),
        {**said, "place_id": place_id},
    )


def _found(conn: Connection, place_id: int) -> Any:
    found = conn.execute(text(_FOUND), {"place_id": place_id}).one_or_none()
    if found is None:
        raise NotFound("place.not_found", place_id=place_id)
    return found


def _district(conn: Connection, lon: float, lat: float, found: Any) -> str | None:
    """The district the place will count in; its functional area keeps its own name."""
    area = conn.execute(
        text(_AREA), {"lon": lon, "lat": lat, "stated": found.stated_admin_area_code}
    ).one()
    if area.areas and not area.hit:
        raise InputError("place.outside_areas")
    code: str | None = (
        area.functional or area.located or found.stated_admin_area_code or found.admin_area_code
    )
    return code


def _put(conn: Connection, statement: str, **values: Any) -> Sequence[int]:
    try:
        touched = list(conn.execute(text(statement), values).scalars())
    except ProgrammingError as error:
        if isinstance(error.orig, InsufficientPrivilege):
            raise Forbidden("place.locate_forbidden") from error
        raise
    if not touched:
        raise Conflict("place.moved_meanwhile")
    return touched
