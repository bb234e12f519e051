"""Area questions by kept sums: whole squares by their sums, the places of the others singly."""

from typing import Any, Final

from sqlalchemy import Connection, text

from gis.asked import ASKED_COLUMNS, beside, sample_asked
from gis.clock import today
from gis.crs import STORAGE_SRID
from gis.db import run_script
from gis.places.counted import goes_by_kept_rules
from gis.places.then import Places, changed_rows, places_as_of
from gis.places.vocabulary import IN_FORCE
from gis.questions import Asked, AskedArea, Question, collect_places
from gis.squares import FINEST

MOST_SINGLY: Final = 2_000
"""Squares looked up one by one; beyond it all places are read in one go."""
_SPLIT: Final = f"""
CREATE TEMP TABLE asked_split ON COMMIT DROP AS
SELECT * FROM place.squares_of(
  ST_SetSRID(CAST(:shape AS geometry), {STORAGE_SRID}), CAST(:as_of AS date), :is_inverted,
  :is_past, :is_touching, CAST(:also_x AS integer[]), CAST(:also_y AS integer[]))"""
# Where the account reaches all cells of a district and class, the sums over these are read, else
# those of each cell that it reaches.
_SQUARES: Final = """
CREATE TEMP TABLE asked_square ON COMMIT DROP AS
SELECT s.per_degree, s.x, s.y, kind.is_whole, CAST(:as_of AS date) AS as_of,
  CAST(:codes AS text[]) AS codes, CAST(:is_inverted AS boolean) AS is_inverted
FROM pg_temp.asked_split AS s CROSS JOIN (SELECT DISTINCT is_whole FROM rights.my_groups) AS kind
WHERE s.is_summed"""
IN_ASKED_SQUARES: Final = "pg_temp.asked_square AS q " + beside(
    "{0}",
    "s",
    "(s.per_degree, s.x, s.y, s.is_whole) = (q.per_degree, q.x, q.y, q.is_whole)"
    " AND s.day > q.as_of"
    " AND (q.codes IS NULL OR (s.admin_area_code = ANY (q.codes)) IS TRUE <> q.is_inverted)",
    is_few=True,
)
"""What stands after FROM: the sums `s` of the asked squares, before `COUNTS_ONCE`."""
IN_SPLIT_SQUARES: Final = "pg_temp.asked_split AS q " + beside(
    "{0}",
    "s",
    "(s.per_degree, s.x, s.y, s.is_whole) = (q.per_degree, q.x, q.y, false) AND s.day > :as_of",
    is_few=True,
)
"""As `IN_ASKED_SQUARES`, of changes `s` of the places that are asked singly; binds `as_of`."""
COUNTS_ONCE: Final = (
    "(s.is_whole OR (coalesce(s.admin_area_code, ''), s.security_class) NOT IN"
    " (SELECT g.admin_area_code, g.security_class FROM rights.my_groups AS g WHERE g.is_whole))"
)
"""Condition on sums `s`: one cell's are left out where those over all are read."""
_AT: Final = (
    f"CAST(floor(ST_X({{0}}.anchor) * {FINEST}) AS integer) AS x,"
    f" CAST(floor(ST_Y({{0}}.anchor) * {FINEST}) AS integer) AS y"
)
_IN_SQUARE: Final = (
    f"p.anchor && b.box AND CAST(floor(ST_X(p.anchor) * {FINEST}) AS integer) = b.x"
    f" AND CAST(floor(ST_Y(p.anchor) * {FINEST}) AS integer) = b.y"
    " AND NOT b.is_summed"
)
_THEN: Final = "pg_temp.place_then"


def collect_summed(conn: Connection, question: Question, area: AskedArea) -> Asked:
    """As `collect_places`, but where the answer is to be had by kept sums, only the others' places.

    `pg_temp.asked_square` then holds the squares that count by their sums (`IN_ASKED_SQUARES`), and
    `pg_temp.asked_place` every other place of the answer; `is_known` says of each whether today's
    kept areas and the kept changes of single places tell what it counted on the day. Both together
    are the answer only in a transaction that reads at one moment (`gis.db.transaction`).
    """
    if not _may_sum(conn, question, area):
        return collect_places(conn, question, area)
    places = places_as_of(conn, question.as_of)
    run_script(
        conn, "DROP TABLE IF EXISTS pg_temp.asked_split, pg_temp.asked_square, pg_temp.asked_place"
    )
    also = _otherwise_squares(conn, places)
    if len(also) > MOST_SINGLY:
        return collect_places(conn, question, area)
    values: dict[str, Any] = {
        "as_of": question.as_of,
        "shape": area.shape,
        "codes": None if area.codes is None else [*area.codes],
        "is_inverted": question.is_inverted,
        "today": today(),
        "is_past": question.as_of < today(),
        "is_touching": question.is_touching,
        "also_x": [x for x, _ in also],
        "also_y": [y for _, y in also],
    }
    conn.execute(text(_SPLIT), values)
    singly: int = conn.execute(
        text("SELECT count(*) FROM pg_temp.asked_split WHERE NOT is_summed")
    ).scalar_one()
    if singly > MOST_SINGLY:
        return collect_places(conn, question, area)
    conn.execute(text(_SQUARES), values)
    run_script(conn, "ANALYZE pg_temp.asked_square")
    conn.execute(text(_singly_sql(question, area, places)), values)
    sample_asked(conn)
    return Asked(question.as_of, is_everything=False, places=places, is_summed=True)


def _otherwise_squares(conn: Connection, places: Places) -> list[tuple[int, int]]:
    """Squares whose sums hold a place that was otherwise on the day: they are asked singly."""
    if places.is_present:
        return []
    found = beside("place.place", "p", "p.place_id = t.place_id", is_few=True)
    rows = conn.execute(
        text(
            f"SELECT DISTINCT {_AT.format('p')} FROM {_THEN} AS t {found}"
            f" WHERE p.anchor IS NOT NULL LIMIT {MOST_SINGLY + 1}"
        )
    )
    return [(x, y) for x, y in rows]


def _singly_sql(question: Question, area: AskedArea, places: Places) -> str:
    """SQL of the table of places that are asked one by one."""
    lies = "true"
    if area.codes is not None:
        lies = "p.admin_area_code = ANY (CAST(:codes AS text[]))"
    elif area.shape is not None:
        spot = "coalesce(p.geom, p.anchor)" if question.is_touching else "p.anchor"
        lies = f"ST_Intersects(ST_GeomFromWKB(:shape, {STORAGE_SRID}), {spot})"
    if question.is_inverted:
        lies = f"({lies}) IS NOT TRUE"
    condition = f"{lies} AND {IN_FORCE.format('p')}"
    # What counts of a place that is closed since is not kept: it counts nowhere today.
    is_known = "b.is_known AND (p.valid_to IS NULL OR p.valid_to > CAST(:today AS date))"
    in_squares = (
        f"SELECT {ASKED_COLUMNS}, {is_known} AS is_known"
        f" FROM pg_temp.asked_split AS b {beside('place.place', 'p', _IN_SQUARE, is_few=True)}"
        f" WHERE NOT b.is_summed AND {condition}"
    )
    if not places.is_present:
        in_squares += (
            f" AND p.place_id NOT IN (SELECT t.place_id FROM {_THEN} AS t)"
            f" UNION ALL SELECT {ASKED_COLUMNS}, false FROM ({changed_rows(_THEN)}) AS p"
            f" WHERE p.anchor IS NOT NULL AND {condition}"
        )
    return f"CREATE TEMP TABLE asked_place ON COMMIT DROP AS {in_squares}"


def _may_sum(conn: Connection, question: Question, area: AskedArea) -> bool:
    """Whether kept sums can answer: they go by the rules of today for what areas count."""
    if question.is_inverted and area.shape is None and area.codes is None:
        return False
    return goes_by_kept_rules(conn, question.as_of)
