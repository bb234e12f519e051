"""Where a place without location may lie: by its address, its name, its parts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rapidfuzz import fuzz
from sqlalchemy import Connection, text

from gis.errors import NotFound
from gis.places.addresses import Address, fold, read_address

MOST: Final = 8
_LEAST_SIMILAR: Final = 85.0
_WIDEST_GAP: Final = 60
"""Between street numbers farther apart nothing is inferred."""
_FARTHEST_DEGREES: Final = 0.01
"""Neighbours of one street lie within about a kilometre."""
ACCURACY_M: Final = {
    "same_address": 50, "same_number": 80, "between_numbers": 150, "next_number": 300,
    "similar_address": 200, "same_name": 200, "parts": 50,
}  # fmt: skip

_PLACE: Final = """
SELECT p.place_id, p.name, p.address, left(p.stated_admin_area_code, 6) AS area
FROM place.place AS p WHERE p.place_id = :place_id
"""
_TELLS: Final = """
FROM place.place AS p
WHERE p.anchor IS NOT NULL AND p.located_by <> 'ancestor'
  AND p.kind IN ('site', 'building', 'structure', 'premises', 'parcel')
"""
_LOCATED: Final = f"""
SELECT p.place_id, coalesce(p.name, p.address, p.code) AS shown, p.name, p.address,
       ST_X(p.anchor) AS lon, ST_Y(p.anchor) AS lat
{_TELLS} AND p.place_id <> :place_id AND (p.address IS NOT NULL OR p.name IS NOT NULL)
  AND (CAST(:area AS text) IS NULL OR p.admin_area_code IS NULL
       OR left(p.admin_area_code, 6) = :area OR left(p.stated_admin_area_code, 6) = :area)
ORDER BY p.place_id
"""
# As `gis.places.addresses.fold` does it.
_FOLDED: Final = "lower(regexp_replace(normalize({}, NFKC), '\\s+', '', 'g'))"
# A road's name alone is the address of whatever lies on it: without a number nothing is exact.
_EXACT: Final = f"""
WITH waiting AS MATERIALIZED (
  SELECT p.place_id, p.address, {_FOLDED.format("p.address")} AS folded, p.admin_area_code,
         p.stated_admin_area_code, left(p.stated_admin_area_code, 6) AS area
  FROM place.place AS p
  WHERE p.place_id = ANY (:place_ids) AND p.anchor IS NULL AND p.security_class < 3
    AND p.rights_cell IN (SELECT cell FROM rights.my_write_cells)
), located AS MATERIALIZED (
  SELECT p.place_id, coalesce(p.name, p.address, p.code) AS shown,
         {_FOLDED.format("p.address")} AS folded, ST_X(p.anchor) AS lon, ST_Y(p.anchor) AS lat,
         left(p.admin_area_code, 6) AS area, left(p.stated_admin_area_code, 6) AS stated
  {_TELLS} AND p.address IS NOT NULL
)
SELECT w.place_id, w.address, w.admin_area_code, w.stated_admin_area_code,
       (array_agg(l.shown ORDER BY l.place_id))[1] AS shown,
       (array_agg(l.lon ORDER BY l.place_id))[1] AS lon,
       (array_agg(l.lat ORDER BY l.place_id))[1] AS lat
FROM waiting AS w JOIN located AS l USING (folded)
WHERE w.folded ~ '[0-9]'
  AND (w.area IS NULL OR l.area IS NULL OR l.area = w.area OR l.stated = w.area)
GROUP BY w.place_id, w.address, w.admin_area_code, w.stated_admin_area_code
HAVING count(DISTINCT (round(l.lon::numeric, 6), round(l.lat::numeric, 6))) = 1
ORDER BY w.place_id
"""
_PARTS: Final = """
WITH RECURSIVE down AS (
  SELECT place_id, anchor FROM place.place WHERE parent_id = :place_id
  UNION ALL
  SELECT p.place_id, p.anchor FROM down JOIN place.place AS p ON p.parent_id = down.place_id
)
SELECT count(*) AS count, ST_X(middle.at) AS lon, ST_Y(middle.at) AS lat
FROM down CROSS JOIN LATERAL (SELECT ST_Centroid(ST_Collect(anchor)) AS at FROM down) AS middle
WHERE down.anchor IS NOT NULL GROUP BY middle.at
"""


@dataclass(frozen=True)
class Candidate:
    """A spot where a place may lie.

    Args:
        lon: Longitude, storage coordinates.
        lat: Latitude.
        method: Why, as in `gis.places.locating.METHODS`; its message is `place.candidate.<method>`.
        score: 0 to 1, only to order candidates by.
        accuracy_m: How far off such a candidate may be.
        params: What the message fills in.
        place_id: The located place it rests on; null when on several.
    """

    lon: float
    lat: float
    method: str
    score: float
    accuracy_m: float
    params: Mapping[str, Any] = field(default_factory=dict)
    place_id: int | None = None


@dataclass(frozen=True)
class Exact:
    """A waiting place, and the only spot where something with the same address lies.

    Args:
        place_id: Who waits.
        lon: Longitude of the spot, storage coordinates.
        lat: Latitude.
        shown: What lies there is called so.
        address: The address both have, as the waiting place writes it.
        admin_area_code: The district it counts in while it waits; null: none.
        stated_admin_area_code: The district its files state; null: none.
    """

    place_id: int
    lon: float
    lat: float
    shown: str
    address: str
    admin_area_code: str | None
    stated_admin_area_code: str | None


def exact(conn: Connection, place_ids: Sequence[int]) -> Sequence[Exact]:
    """Those of some waiting places whose address only one spot on the map has, by number.

    Only places that the account sees are compared with, and only those it may write are answered;
    set-based, for a queue of any length.
    """
    rows = conn.execute(text(_EXACT), {"place_ids": list(place_ids)})
    return [Exact(**row) for row in rows.mappings()]


def candidates(conn: Connection, place_id: int) -> Sequence[Candidate]:
    """The likeliest spots of a place, best first, at most `MOST`; none when nothing tells.

    Only places that the account sees are compared with.

    Raises:
        NotFound: The account does not see the place.
    """
    place = conn.execute(text(_PLACE), {"place_id": place_id}).one_or_none()
    if place is None:
        raise NotFound("place.not_found", place_id=place_id)
    found: list[Candidate] = []
    if (parts := conn.execute(text(_PARTS), {"place_id": place_id}).one_or_none()) is not None:
        params = {"count": parts.count}
        found.append(_spot((parts.lon, parts.lat), "parts", 0.98, params))
    if place.address or place.name:
        located = conn.execute(text(_LOCATED), {"place_id": place_id, "area": place.area}).all()
        if place.address:
            found += _by_address(read_address(place.address), located)
        if place.name:
            name = fold(place.name)
            found += [_at(row, "same_name", 0.7) for row in located
                      if row.name and fold(row.name) == name]  # fmt: skip
    return _best(found)


def _by_address(wanted: Address, located: Sequence[Any]) -> Iterable[Candidate]:
    same_street: list[tuple[int, Any]] = []
    for row in located:
        if not row.address:
            continue
        address = read_address(row.address)
        if address.folded == wanted.folded:
            yield _at(row, "same_address", 1.0)
        elif wanted.street is not None and address.street == wanted.street:
            same_street.append((int(address.number or 0), row))
        elif address.digits == wanted.digits:
            # Another wording of the same numbers; another number is another place.
            similar = fuzz.ratio(address.folded, wanted.folded)
            if similar >= _LEAST_SIMILAR:
                yield _at(row, "similar_address", 0.9 * similar / 100)
    if wanted.number is not None:
        yield from _by_number(wanted.number, same_street)


def _by_number(number: int, street: list[tuple[int, Any]]) -> Iterable[Candidate]:
    """The same number; else between the neighbours, never beyond the last one."""
    same = [row for other, row in street if other == number]
    if same:
        yield from (_at(row, "same_number", 0.95) for row in same)
        return
    # Even and odd numbers stand on two sides of a street.
    sides = [one for one in street if one[0] % 2 == number % 2]
    for neighbours, worth in ((sides, 0.85), (street, 0.75)):
        lower = max((one for one in neighbours if one[0] < number), default=None, key=_number)
        upper = min((one for one in neighbours if one[0] > number), default=None, key=_number)
        if lower and upper and _are_close(lower, upper):
            (low, first), (high, last) = lower, upper
            part = (number - low) / (high - low)
            yield _spot(
                (
                    first.lon + part * (last.lon - first.lon),
                    first.lat + part * (last.lat - first.lat),
                ),
                "between_numbers",
                worth - (high - low) / 1000,
                {"lower": low, "upper": high},
            )
            break
    near = sorted(street, key=lambda one: (abs(one[0] - number), one[0]))[:2]
    yield from (
        _at(row, "next_number", 0.5 - abs(other - number) / 1000)
        for other, row in near
        if abs(other - number) <= _WIDEST_GAP
    )


def _number(one: tuple[int, Any]) -> int:
    return one[0]


def _are_close(lower: tuple[int, Any], upper: tuple[int, Any]) -> bool:
    (low, first), (high, last) = lower, upper
    apart = max(abs(first.lon - last.lon), abs(first.lat - last.lat))
    return high - low <= _WIDEST_GAP and apart <= _FARTHEST_DEGREES


def _at(row: Any, method: str, score: float) -> Candidate:
    params = {"name": row.shown, "address": row.address or "–"}
    return _spot((row.lon, row.lat), method, score, params, row.place_id)


def _spot(
    at: tuple[float, float],
    method: str,
    score: float,
    params: Mapping[str, Any],
    place_id: int | None = None,
) -> Candidate:
    return Candidate(*at, method, round(score, 3), ACCURACY_M[method], params, place_id)


def _best(found: Iterable[Candidate]) -> Sequence[Candidate]:
    """Best first; of candidates on one spot only the best."""
    spots: dict[tuple[float, float], Candidate] = {}
    for one in sorted(found, key=lambda one: (-one.score, one.place_id or 0)):
        spots.setdefault((round(one.lon, 6), round(one.lat, 6)), one)
    return list(spots.values())[:MOST]
