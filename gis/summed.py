"""Area questions by kept sums: whole squares by their sums, the places of the others singly."""

from typing import Any, Final

from sqlalchemy import Connection, text

from gis.asked import ASKED_COLUMNS, beside, sample_asked
from gis.clock import today
from gis.crs import STORAGE_SRID
from gis.db import run_script
from gis.places.counted import is_kept
from gis.places.vocabulary import IN_FORCE
from gis.questions import Asked, AskedArea, Question, collect_places
from gis.squares import FINEST

MOST_SINGLY: Final = 2_000
"""Squares looked up one by one; beyond it all places are read in one go."""
_SPLIT: Final = f"""
CREATE TEMP TABLE asked_split ON COMMIT DROP AS
SELECT * FROM place.squares_of(
  ST_SetSRID(CAST(:shape AS geometry), {STORAGE_SRID}), CAST(:as_of AS date), :is_inverted)"""
# Where the account reaches all cells of a district and class, the sums over these are read, else
# those of each cell that it reaches.
_SQUARES: Final = """
CREATE TEMP TABLE asked_square ON COMMIT DROP AS
SELECT s.per_degree, s.x, s.y, kind.is_whole
FROM pg_temp.asked_split AS s CROSS JOIN (SELECT DISTINCT is_whole FROM rights.my_groups) AS kind
WHERE s.is_summed"""
IN_ASKED_SQUARES: Final = "pg_temp.asked_square AS q " + beside(
    "{0}",
    "s",
    "(s.per_degree, s.x, s.y, s.is_whole) = (q.per_degree, q.x, q.y, q.is_whole)",
    is_few=True,
)
"""What stands after FROM: the sums `s` of the asked squares, before `COUNTS_ONCE`."""
COUNTS_ONCE: Final = (
    "(s.is_whole OR (coalesce(s.admin_area_code, ''), s.security_class) NOT IN"
    " (SELECT g.admin_area_code, g.security_class FROM rights.my_groups AS g WHERE g.is_whole))"
)
"""Condition on sums `s`: one cell's are left out where those over all are read."""
_IN_SQUARE: Final = (
    f"p.anchor && b.box AND CAST(floor(ST_X(p.anchor) * {FINEST}) AS integer) = b.x"
    f" AND CAST(floor(ST_Y(p.anchor) * {FINEST}) AS integer) = b.y"
    " AND NOT b.is_summed"
)


def collect_summed(conn: Connection, question: Question, area: AskedArea) -> Asked:
    """As `collect_places`, but where the answer is to be had by kept sums, only the others' places.

    `pg_temp.asked_square` then holds the squares that count by their sums (`IN_ASKED_SQUARES`), and
    `pg_temp.asked_place` every other place of the answer. Both together are the answer only in a
    transaction that reads at one moment (`gis.db.transaction`).
    """
    if not _may_sum(conn, question, area):
        return collect_places(conn, question, area)
    values: dict[str, Any] = {
        "as_of": question.as_of,
        "shape": area.shape,
        "is_inverted": question.is_inverted,
    }
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.asked_split, pg_temp.asked_square")
    conn.execute(text(_SPLIT), values)
    singly: int = conn.execute(
        text("SELECT count(*) FROM pg_temp.asked_split WHERE NOT is_summed")
    ).scalar_one()
    if singly > MOST_SINGLY:
        return collect_places(conn, question, area)
    conn.execute(text(_SQUARES))
    run_script(conn, "ANALYZE pg_temp.asked_square")
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.asked_place")
    condition = ""
    if area.shape is not None:
        lies = f"ST_Intersects(ST_GeomFromWKB(:shape, {STORAGE_SRID}), p.anchor)"
        condition = f" AND {'NOT ' if question.is_inverted else ''}{lies}"
    conn.execute(
        text(
            f"CREATE TEMP TABLE asked_place ON COMMIT DROP AS SELECT {ASKED_COLUMNS}"
            f" FROM pg_temp.asked_split AS b {beside('place.place', 'p', _IN_SQUARE, is_few=True)}"
            f" WHERE NOT b.is_summed{condition} AND {IN_FORCE.format('p')}"
        ),
        values,
    )
    sample_asked(conn)
    return Asked(question.as_of, is_everything=False, is_summed=True)


def _may_sum(conn: Connection, question: Question, area: AskedArea) -> bool:
    """Whether kept sums can answer: they are of today's places, by the areas that count today."""
    if question.is_touching or area.codes is not None or question.as_of < today():
        return False
    if question.is_inverted and area.shape is None:
        return False
    return is_kept(conn, question.as_of)
