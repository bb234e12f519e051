"""What no drawn area can count: places nobody has located."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from gis.clock import today
from gis.places.counted import KEPT, counted_areas, is_kept
from gis.places.then import JOIN_THEN, PARENT_THEN
from gis.places.vocabulary import IN_FORCE, IS_OPEN


@dataclass(frozen=True)
class Uncounted:
    """Places that stand beside an answer, with their floor area.

    Args:
        place_count: Properties without a location.
        gross_area_m2: Of all that stands in them.
    """

    place_count: int
    gross_area_m2: float


_NOT_LOCATED: Final = f"p.anchor IS NULL AND {IS_OPEN.format('p')} AND {IN_FORCE.format('p')}"


def not_located(conn: Connection, as_of: date) -> Uncounted:
    """Properties without a location, and the floor area of all places without one, on a day."""
    # What nobody has located today was not located before, so that only what it hung in may differ.
    is_past = as_of < today()
    parent, join = (PARENT_THEN, JOIN_THEN) if is_past else ("{0}.parent_id", "")
    row = conn.execute(
        text(
            "SELECT count(*) FILTER (WHERE p.kind = 'site'"
            f" OR p.kind = 'building' AND {parent.format('p')} IS NULL),"
            f" coalesce(sum(c.net_area_m2), 0) FROM place.place AS p {join.format('p')}"
            f" LEFT JOIN {_counted(conn, as_of, _NOT_LOCATED)} AS c"
            " ON c.place_id = p.place_id AND c.area_kind = 'gross'"
            f" WHERE {_NOT_LOCATED}"
        ),
        {"as_of": as_of},
    ).one()
    return Uncounted(row[0], float(row[1]))


def _counted(conn: Connection, as_of: date, condition: str) -> str:
    """The areas that counted on the day; for an earlier one, of these places only."""
    if is_kept(conn, as_of):
        return KEPT
    found = conn.execute(
        text(f"SELECT p.place_id FROM place.place AS p WHERE {condition}"), {"as_of": as_of}
    )
    return counted_areas(conn, as_of, within=found.scalars().all())
