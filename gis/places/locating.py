"""Putting places on the map by hand, and taking them off again: for those that no file locates."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.crs import STORAGE_SRID
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.places.area_succession import IS_LIVING
from gis.places.candidates import ACCURACY_M, Exact
from gis.places.stating import empty_before, forget, state

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
       CASE WHEN p.geom_source = 'placement' THEN made.method END AS method,
       made.former_admin_area_code
FROM place.place AS p LEFT JOIN place.placement AS made USING (place_id)
WHERE p.place_id = :place_id
"""
_AREAS: Final = f"""
SELECT spot.place_id, hit.is_hit, coalesce(functional.code, located.code) AS code
FROM (SELECT w.place_id, w.stated, ST_SetSRID(ST_MakePoint(w.lon, w.lat), {STORAGE_SRID}) AS at
      FROM unnest(CAST(:place_ids AS bigint[]), CAST(:lons AS float8[]), CAST(:lats AS float8[]),
                  CAST(:stated AS text[])) AS w (place_id, lon, lat, stated)) AS spot
CROSS JOIN LATERAL (
  SELECT EXISTS (SELECT FROM place.admin_area AS a
                 WHERE a.geom && spot.at AND ST_Intersects(a.geom, spot.at))
      OR NOT EXISTS (SELECT FROM place.admin_area WHERE geom IS NOT NULL) AS is_hit) AS hit
LEFT JOIN LATERAL (
  SELECT a.code FROM place.admin_area AS a
  WHERE a.level = 'district' AND a.kind = 'statutory' AND a.geom && spot.at
    AND {IS_LIVING.format("a")}
    AND ST_Intersects(a.geom, spot.at) ORDER BY a.code LIMIT 1) AS located ON true
LEFT JOIN LATERAL (
  SELECT a.code FROM place.admin_area AS a
  WHERE a.code = spot.stated AND a.kind = 'functional'
    AND a.statistics_code = coalesce(located.code, a.statistics_code)) AS functional ON true
"""
_PUT: Final = f"""
SELECT put.root_id, put.put_id FROM (
  SELECT array_agg(w.place_id) AS ids, array_agg(CAST(w.seen AS geometry)) AS seen,
         array_agg(ST_SetSRID(ST_MakePoint(w.lon, w.lat), {STORAGE_SRID})) AS spots,
         array_agg(w.area) AS areas
  FROM unnest(CAST(:place_ids AS bigint[]), CAST(:seen AS text[]), CAST(:lons AS float8[]),
              CAST(:lats AS float8[]), CAST(:areas AS text[])) AS w (place_id, seen, lon, lat, area)
) AS asked, place.put_locations(asked.ids, asked.seen, asked.spots, asked.areas, :by, :source,
                                CAST(:accuracy AS numeric)) AS put
"""
_NOTE: Final = """
INSERT INTO place.placement (place_id, method, reason, former_admin_area_code, rights_cell)
SELECT p.place_id, :method, w.reason, w.former, p.rights_cell
FROM unnest(CAST(:place_ids AS bigint[]), CAST(:reasons AS text[]), CAST(:former AS text[]))
  AS w (place_id, reason, former)
JOIN place.place AS p USING (place_id)
ON CONFLICT (place_id) DO UPDATE SET method = excluded.method, reason = excluded.reason
"""
_STEP: Final = """
FROM history.place_placement AS line
JOIN place.placement AS made USING (place_id)
JOIN place.place AS p USING (place_id)
WHERE line.history_operation = 'I' AND line.history_account_id = rights.current_account_id()
  AND made.method = 'same_address' AND p.geom_source = 'placement'
  AND NOT EXISTS (SELECT FROM history.place_placement AS later
                  WHERE later.place_id = line.place_id AND later.history_id > line.history_id
                    AND later.history_operation IN ('I', 'D'))
"""
_LAST_STEP: Final = f"""
SELECT line.history_transaction_id AS step_id, min(line.history_at) AS made_at,
       count(*) AS put_count
{_STEP} GROUP BY 1 HAVING count(*) > 1 ORDER BY 2 DESC LIMIT 1
"""
_OF_STEP: Final = f"""
SELECT p.place_id, p.anchor::text AS seen, made.former_admin_area_code AS former
{_STEP} AND line.history_transaction_id = :step_id ORDER BY p.place_id
"""
_OFF: Final = "DELETE FROM place.placement WHERE place_id = ANY (:place_ids)"


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


@dataclass(frozen=True)
class Many:
    """How many places a step touched, their parts not counted.

    Args:
        count: Put on the map, or taken off it.
        refused: Left as they are, for the account may not write them or some part of them.
    """

    count: int
    refused: int


@dataclass(frozen=True)
class Step:
    """Places that one person put on the map together and that still lie there."""

    step_id: int
    made_at: datetime
    count: int


@dataclass(frozen=True)
class _Spot:
    """Where a place shall lie, null for nowhere; where it was seen last, null for nowhere."""

    place_id: int
    lon: float | None
    lat: float | None
    area: str | None
    seen: str | None = None


@dataclass(frozen=True)
class _Put:
    """Places that were put, these and their parts, and those that may not be."""

    roots: Sequence[int]
    place_ids: Sequence[int]
    refused: Sequence[int]


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
    stated = found.stated_admin_area_code
    area = districts_of(conn, [place_id], [lon], [lat], [stated])[place_id]
    if not area.is_hit:
        raise InputError("place.outside_areas")
    code = area.code or stated or found.admin_area_code
    spot = _Spot(place_id, lon, lat, code, found.anchor)
    empty = empty_before(conn, [place_id], ["geom"])
    put = _put(conn, [spot], method=method, accuracy_m=accuracy_m)
    _refuse_alone(put)
    _note(conn, method, [(place_id, reason or None, found.admin_area_code)])
    if method == CLICK:
        # Today's word, against the point of an older file; a guess by address yields to any.
        state(conn, [place_id], ["geom"], None, empty)
    return Placed(put.place_ids, code, stated)


def locate_exactly(
    conn: Connection, exact: Sequence[Exact], reason: Callable[[Exact], str]
) -> Many:
    """Put places on the map, each where the one place with its address lies; all or those allowed.

    Set-based: some statements for however many. Places that were put meanwhile, and those whose
    spot lies outside all registered areas, are left waiting.

    Args:
        conn: As the web role, in the name of who does it.
        exact: What `gis.places.candidates.exact` found in this transaction.
        reason: The sentence that is kept with each.
    """
    areas = districts_of(
        conn, [one.place_id for one in exact], [one.lon for one in exact],
        [one.lat for one in exact], [one.stated_admin_area_code for one in exact],
    )  # fmt: skip
    inside = {one.place_id: one for one in exact if areas[one.place_id].is_hit}
    if not inside:
        return Many(0, 0)
    spots = [
        _Spot(one.place_id, one.lon, one.lat,
              areas[one.place_id].code or one.stated_admin_area_code or one.admin_area_code)
        for one in inside.values()
    ]  # fmt: skip
    put = _put(conn, spots, method="same_address", accuracy_m=ACCURACY_M["same_address"])
    _note(
        conn,
        "same_address",
        [
            (place_id, reason(inside[place_id])[:MOST_REASON], inside[place_id].admin_area_code)
            for place_id in put.roots
        ],
    )
    return Many(len(put.roots), len(put.refused))


def last_step(conn: Connection) -> Step | None:
    """What the account put on the map together last, as far as it still stands; null: nothing.

    A step is a transaction, as the history tells it; what was moved or taken off since, or located
    by a file, belongs to it no more.
    """
    found = conn.execute(text(_LAST_STEP)).one_or_none()
    return None if found is None else Step(found.step_id, found.made_at, found.put_count)


def take_step_off(conn: Connection, step_id: int) -> Many:
    """Take off the map what the account put there in one step, as far as it still stands.

    Raises:
        NotFound: Nothing of such a step stands.
    """
    rows = conn.execute(text(_OF_STEP), {"step_id": step_id}).all()
    if not rows:
        raise NotFound("place.no_such_step")
    put = _put(conn, [_Spot(row.place_id, None, None, row.former, row.seen) for row in rows])
    conn.execute(text(_OFF), {"place_ids": list(put.roots)})
    forget(conn, put.roots, "geom")
    return Many(len(put.roots), len(put.refused))


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
    put = _put(conn, [_Spot(place_id, None, None, area, found.anchor)])
    _refuse_alone(put)
    conn.execute(text(_OFF), {"place_ids": [place_id]})
    forget(conn, [place_id], "geom")
    return Placed(put.place_ids, area, found.stated_admin_area_code)


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


def _note(
    conn: Connection, method: str, said: Sequence[tuple[int, str | None, str | None]]
) -> None:
    """Who puts a place anew keeps the district it had before anybody put it anywhere."""
    conn.execute(
        text(_NOTE),
        {
            "method": method,
            "place_ids": [one[0] for one in said],
            "reasons": [one[1] for one in said],
            "former": [one[2] for one in said],
        },
    )


def _found(conn: Connection, place_id: int) -> Any:
    found = conn.execute(text(_FOUND), {"place_id": place_id}).one_or_none()
    if found is None:
        raise NotFound("place.not_found", place_id=place_id)
    return found


def districts_of(
    conn: Connection,
    place_ids: Sequence[int],
    lons: Sequence[float],
    lats: Sequence[float],
    stated: Sequence[str | None],
) -> dict[int, Any]:
    """Of each place, the district its spot lies in, and whether that is in any registered area.

    A functional area that the place states, and that counts in that district, keeps its own name.
    """
    values = {"place_ids": list(place_ids), "lons": list(lons), "lats": list(lats),
              "stated": list(stated)}  # fmt: skip
    return {row.place_id: row for row in conn.execute(text(_AREAS), values)}


def _put(
    conn: Connection,
    spots: Sequence[_Spot],
    *,
    method: str | None = None,
    accuracy_m: float | None = None,
) -> _Put:
    """Put each place on its spot, or off the map when `method` is null."""
    rows = conn.execute(
        text(_PUT),
        {
            "place_ids": [one.place_id for one in spots],
            "seen": [one.seen for one in spots],
            "lons": [one.lon for one in spots],
            "lats": [one.lat for one in spots],
            "areas": [one.area for one in spots],
            "by": method and ("coordinates" if method == CLICK else "address"),
            "source": method and "placement",
            "accuracy": accuracy_m,
        },
    ).all()
    allowed = [row for row in rows if row.put_id is not None]
    return _Put(
        tuple(dict.fromkeys(row.root_id for row in allowed)),
        tuple(row.put_id for row in allowed),
        tuple(row.root_id for row in rows if row.put_id is None),
    )


def _refuse_alone(put: _Put) -> None:
    if put.refused:
        raise Forbidden("place.locate_forbidden")
    if not put.place_ids:
        raise Conflict("place.moved_meanwhile")
