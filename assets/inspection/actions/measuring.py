"""By how much a body is over the standard: asked anew, and kept for who sees what is summed."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, insert

from assets.campaign.queries import read
from assets.inspection import model
from assets.space.comparing import Compared, State
from assets.space.queries import bodies, verdicts
from assets.space.rules import rounded
from gis.errors import Conflict, Forbidden, NotFound, Phrase

# The sum tells of every room that went into it, and of the places it was said of.
_SUMMED_CELL: Final = """
WITH summed AS (
  SELECT coalesce(max(greatest(p.security_class, own.security_class, said.security_class)), 0)
    AS security_class
  FROM estate.holding_party AS y
  JOIN estate.holding AS h ON h.holding_id = y.holding_id AND h.kind = 'occupies'
  JOIN estate.holding_leaf AS l ON l.holding_id = h.holding_id AND l.during @> CAST(:day AS date)
  JOIN place.place AS p ON p.place_id = l.place_id
  JOIN rights.cell AS own ON own.cell = l.rights_cell
  JOIN rights.cell AS said ON said.cell = h.rights_cell
  WHERE y.holder_id = :body)
SELECT made.cell, made.cell IN (SELECT cell FROM rights.my_domain_write_cells
                                WHERE domain = 'inspection') AS may_write
FROM rights.cell AS c CROSS JOIN summed
CROSS JOIN LATERAL rights.cells_for(ARRAY[c.organization_id], ARRAY[c.admin_area_code],
  ARRAY[greatest(c.security_class, summed.security_class)]::smallint[]) AS made
WHERE c.cell = :cell"""
_HIDES: Final = "SELECT inspection.hides_rooms(:body, CAST(:day AS date)) AS found"


def keep_surplus(
    conn: Connection, case: Mapping[str, Any], version: int, over_m2: Decimal, today: date
) -> None:
    """By how much a body is over, for who sees the class of all that was summed."""
    asked = {"body": case["organization_id"], "day": today, "cell": case["rights_cell"]}
    cell = read(conn, _SUMMED_CELL, **asked)[0]
    if not cell["may_write"]:
        raise Forbidden("rectification.class_not_yours")
    conn.execute(
        insert(model.surplus).values(
            rectification_id=case["rectification_id"],
            version=version,
            over_m2=over_m2,
            rights_cell=cell["cell"],
        )
    )


def judged(conn: Connection, organization_id: int, room_class: str | None, today: date) -> Compared:
    """What a body has against the standard today, of one class or of all three."""
    found = bodies(conn, today, organization_id=organization_id)
    if not found:
        raise NotFound("rectification.not_judged", body=organization_id)
    compared = verdicts(conn, today, of=found)[0].compared
    return next(one for one in compared if one.room_class == room_class)


def remeasured(conn: Connection, case: Mapping[str, Any], today: date) -> Decimal:
    """By how much the body is over now: no more than it may be."""
    # Who sees fewer rooms than were told of, or than there are, would find less than there is.
    of = {"body": case["organization_id"], "day": today}
    if case["over_m2"] is None or read(conn, _HIDES, **of)[0]["found"]:
        raise Forbidden("rectification.rooms_hidden")
    now = judged(conn, case["organization_id"], case["room_class"], today)
    if now.state is State.UNKNOWN or now.difference_m2 is None:
        raise Conflict("rectification.cannot_tell", title=Phrase("rectification.see_space"))
    if now.state is State.OVER:
        raise Conflict("rectification.still_over", over_m2=str(rounded(now.difference_m2)))
    return rounded(now.difference_m2)
