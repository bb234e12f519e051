"""What inspections say of a place and its parts."""

from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from assets.campaign.queries import read
from assets.domain import Fact, PlaceFacts
from assets.inspection.queries import IN_PLACE
from gis.errors import NotFound
from gis.places.names import shown_name

_NAMED: Final = f"""
SELECT p.place_id, coalesce({shown_name("p")}, p.code, '–') AS name FROM place.place AS p
WHERE p.place_id = :id"""
_OF_PLACE: Final = f"""
SELECT count(*) FILTER (WHERE NOT x.is_closed) AS open,
  count(*) FILTER (WHERE NOT x.is_closed AND x.due_on < :as_of) AS overdue,
  count(*) FILTER (WHERE x.is_closed) AS closed
FROM (
  SELECT r.due_on, coalesce(r.state = 'closed' AND NOT EXISTS (
    SELECT FROM services.step_taken AS s
    WHERE s.workflow = 'rectification' AND s.case_id = r.rectification_id AND s.step = 'close'
      AND s.made_at::date > :as_of), false) AS is_closed
  FROM inspection.finding AS f JOIN inspection.visit AS v USING (visit_id)
  LEFT JOIN inspection.rectification AS r USING (finding_id)
  WHERE {IN_PLACE.format(place="f.place_id")} AND v.done_on <= :as_of) AS x"""
"""A notice ends with its one step that closes it."""


def find_place(conn: Connection, place_id: int) -> dict[str, Any]:
    """`place_id, name` of a place.

    Raises:
        NotFound: There is none of this number that the account may see.
    """
    found = read(conn, _NAMED, id=place_id)
    if not found:
        raise NotFound("inspection.no_such_place", code=place_id)
    return found[0]


def place_facts(conn: Connection, place_id: int, as_of: date) -> PlaceFacts:
    """Findings of a place and its parts: open, overdue, closed; nothing where there was none."""
    row = read(conn, _OF_PLACE, id=place_id, as_of=as_of)[0]
    facts = tuple(
        Fact(f"inspection.fact.{name}", row[name])
        for name in ("open", "overdue", "closed")
        if row[name]
    )
    return PlaceFacts(facts)
