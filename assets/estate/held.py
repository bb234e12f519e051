"""What a body has: the places of its holdings, and its people, as of a day. Under row security."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

from assets.estate.area_lists import NEWEST_HEADCOUNTS
from gis.organizations.model import HeadcountKind
from gis.places.names import shown_name
from gis.places.then import places_as_of
from gis.places.vocabulary import IN_FORCE

PLACES_SHOWN: Final = 200
_HELD: Final = f"""
SELECT p.place_id, p.kind, p.code, coalesce({shown_name("p")}, p.code) AS name, held.kinds,
  ST_X(p.anchor) AS lon, ST_Y(p.anchor) AS lat, count(*) OVER () AS total,
  min(ST_X(p.anchor)) OVER () AS west, min(ST_Y(p.anchor)) OVER () AS south,
  max(ST_X(p.anchor)) OVER () AS east, max(ST_Y(p.anchor)) OVER () AS north
FROM (
  SELECT h.place_id, array_agg(DISTINCT h.kind ORDER BY h.kind) AS kinds
  FROM estate.holding_party AS party JOIN estate.holding AS h USING (holding_id)
  WHERE party.holder_id = :organization_id AND {IN_FORCE.format("h")}
  GROUP BY h.place_id
) AS held
JOIN {{places}} AS p USING (place_id)
WHERE {IN_FORCE.format("p")} ORDER BY p.code LIMIT {PLACES_SHOWN}"""
_PEOPLE: Final = NEWEST_HEADCOUNTS.format(bodies="= :organization_id")


@dataclass(frozen=True)
class Held:
    """What of it the asking account sees.

    Args:
        places: `place_id, kind, code, name, kinds` of holding, `lon, lat`; by code, no more than
            `PLACES_SHOWN`.
        total: All of them.
        extent: West, south, east, north of those located; null when none is.
        people: Kind and number of the newest headcounts.
    """

    places: Sequence[RowMapping]
    total: int
    extent: tuple[float, float, float, float] | None
    people: Sequence[tuple[str, int]]


def held_by(conn: Connection, organization_id: int, as_of: date) -> Held:
    """The places a body has by any kind of holding, and its people."""
    values: dict[str, Any] = {"organization_id": organization_id, "as_of": as_of}
    held = _HELD.format(places=places_as_of(conn, as_of).by_id)
    places = conn.execute(text(held), values).mappings().all()
    first = places[0] if places else None
    people = {row.kind: row.people for row in conn.execute(text(_PEOPLE), values)}
    return Held(
        places,
        first["total"] if first else 0,
        (first["west"], first["south"], first["east"], first["north"])
        if first and first["west"] is not None
        else None,
        [(kind, people[kind]) for kind in HeadcountKind if kind in people],
    )
