"""Making the sums of squares anew (`gis.squares`), and all that the database needs for it."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy import Engine, text

from gis.db import Role
from gis.locks import SPACE, Lock
from gis.squares import (
    BOX,
    BY_OWNER,
    FINEST,
    NOTE_EVERYTHING,
    SPLIT_DDL,
    STALE_DDL,
    KeptSums,
    SumTable,
    watch_ddl,
)
from gis.summing_past import PAST_TABLES, box_of, past_sql

_AT_ONCE: Final = 500
"""Squares of one round: a second or two of a dense city, after which whoever must end can."""
_REFRESH_LOCK: Final = f"{SPACE}, {Lock.SUMS.value}"


def squares_ddl(kept: Iterable[KeptSums]) -> list[str]:
    """Statements that (re-)create all functions and triggers, and note every square as stale.

    What was summed by other functions is made anew; until then everything is asked singly.
    """
    every = list(kept)
    rests_on: dict[str, set[str]] = {"place.place": set()}
    for one in every:
        for table, places in one.rests_on:
            rests_on.setdefault(table, set()).add(places)
    statements = [SPLIT_DDL, STALE_DDL, _refresh_ddl(every)]
    for table, found in sorted(rests_on.items()):
        statements += watch_ddl(table, sorted(found))
    return [*statements, NOTE_EVERYTHING]


def _refresh_ddl(kept: list[KeptSums]) -> str:
    tables = [table for one in kept for table in one.tables]
    dated = "".join(f"\n    UNION ALL {select}" for one in kept for select in one.dated)
    coarser = "".join(
        _coarser_sql(tables, size, step) for size, step in ((400, 2), (100, 4), (25, 6))
    )
    return f"""
CREATE OR REPLACE FUNCTION place.refresh_sums(on_day date) RETURNS integer
LANGUAGE plpgsql {BY_OWNER} AS $$
#variable_conflict use_column
DECLARE found integer;
BEGIN
  -- Neighbours together, so that few of the larger squares are made anew in several rounds.
  CREATE TEMP TABLE renewed_square ON COMMIT DROP AS
    SELECT x, y FROM (
      SELECT x, y FROM place.stale_square
      UNION SELECT x, y FROM place.summed_square
      WHERE per_degree = {FINEST} AND NOT (holds_from <= on_day AND holds_until > on_day)
    ) AS every ORDER BY x >> 6, y >> 6, x >> 4, y >> 4, x, y LIMIT {_AT_ONCE};
  GET DIAGNOSTICS found = ROW_COUNT;
  ANALYZE pg_temp.renewed_square;
{_COLLECTED}
{past_sql(dated)}
  DELETE FROM place.summed_square AS s USING pg_temp.renewed_square AS q
    WHERE s.per_degree = {FINEST} AND (s.x, s.y) = (q.x, q.y);
  INSERT INTO place.summed_square
    (per_degree, x, y, holds_from, holds_until, past_from, shapes_hold, reach, trees_mix)
  SELECT {FINEST}, x, y, on_day, holds_until, past_from, shapes_hold, reach, trees_mix
  FROM pg_temp.renewed_span;
{"".join(_finest_sql(table) for table in tables)}
{coarser}
  DELETE FROM place.stale_square AS s USING pg_temp.renewed_square AS q
  WHERE (s.x, s.y) = (q.x, q.y);
  DROP TABLE pg_temp.renewed_square, pg_temp.renewed_place, {", ".join(PAST_TABLES)};
  RETURN found;
END $$;
GRANT EXECUTE ON FUNCTION place.refresh_sums(date) TO {Role.LOADER}"""


_COLLECTED: Final = f"""
  CREATE TEMP TABLE renewed_place (
    place_id bigint, x integer, y integer, rights_cell integer, kind text, is_property boolean,
    admin_area_code text, use_status text, has_address boolean, has_shape boolean,
    valid_from date, valid_to date, security_class smallint, shape_holds boolean, box geometry,
    since date, day date, until date
  ) ON COMMIT DROP;
  INSERT INTO pg_temp.renewed_place
  SELECT p.place_id, q.x, q.y, p.rights_cell, p.kind,
    p.kind = 'site' OR p.kind = 'building' AND p.parent_id IS NULL,
    p.admin_area_code, p.use_status, coalesce(p.address, '') <> '', p.geom IS NOT NULL,
    p.valid_from, p.valid_to, p.security_class,
    coalesce(ST_DWithin(p.geom, p.anchor, 1e-9), true), ST_Envelope(p.geom),
    NULL, on_day, 'infinity'
  FROM pg_temp.renewed_square AS q
  CROSS JOIN LATERAL (SELECT {BOX.format("q", FINEST)} AS box) AS b
  JOIN place.place AS p ON p.anchor && b.box
    AND floor(ST_X(p.anchor) * {FINEST})::integer = q.x
    AND floor(ST_Y(p.anchor) * {FINEST})::integer = q.y;
  ANALYZE pg_temp.renewed_place;"""
"""The located places of the squares, each once and as of today."""
_ROW: Final = "per_degree, x, y, day, is_whole, rights_cell, admin_area_code, security_class"


def _finest_sql(one: SumTable) -> str:
    keys = "".join(f", {name}" for name in one.keys)
    sums = "".join(f", sum(step.sign * {name})" for name in one.sums)
    if one.is_of_changes:
        by, having = f"x, y, step.day, admin_area_code, security_class, rights_cell{keys}", "false"
    else:
        by = f"""GROUPING SETS ((x, y, step.day, admin_area_code, security_class{keys}),
    (x, y, step.day, admin_area_code, security_class, rights_cell{keys}))"""
        having = "step.day = 'infinity'"
    return f"""
  DELETE FROM {one.table} AS s USING pg_temp.renewed_square AS q
  WHERE s.per_degree = {FINEST} AND (s.x, s.y) = (q.x, q.y);
  INSERT INTO {one.table} ({_ROW}{"".join(f", {name}" for name in (*one.keys, *one.sums))})
  SELECT {FINEST}, x, y, step.day, grouping(rights_cell) = 1, rights_cell, admin_area_code,
    security_class{keys}{sums}
  FROM ({one.source}) AS found
  CROSS JOIN LATERAL (VALUES (until, 1), (since, -1)) AS step (day, sign)
  WHERE step.day IS NOT NULL{" AND step.day <> 'infinity'" if one.is_of_changes else ""}
  GROUP BY {by}
  HAVING {having} OR {_any_left(one, "sum(step.sign * {})")}
  ORDER BY x, y;"""


def _any_left(one: SumTable, summed: str) -> str:
    return "(" + " OR ".join(f"{summed.format(name)} <> 0" for name in one.sums) + ")"


def _coarser_sql(tables: list[SumTable], size: int, step: int) -> str:
    """Makes the squares of a size anew from the next finer, where these were made anew."""
    above = f"(SELECT DISTINCT x >> {step} AS x, y >> {step} AS y FROM pg_temp.renewed_square) AS q"
    finer = size * 4
    statements = [
        f"""
  DELETE FROM place.summed_square AS s USING {above}
  WHERE s.per_degree = {size} AND (s.x, s.y) = (q.x, q.y);
  INSERT INTO place.summed_square
    (per_degree, x, y, holds_from, holds_until, past_from, shapes_hold, reach, trees_mix)
  SELECT {size}, q.x, q.y, max(s.holds_from), min(s.holds_until), max(s.past_from),
    bool_and(s.shapes_hold), {box_of("s.reach")}, max(s.trees_mix)
  FROM {above} JOIN place.summed_square AS s ON s.per_degree = {finer} AND {_IN_SQUARE}
  GROUP BY q.x, q.y;"""
    ]
    for one in tables:
        if one.is_of_changes:
            continue
        keys = "".join(f", s.{name}" for name in one.keys)
        sums = "".join(f", sum(s.{name})" for name in one.sums)
        statements.append(f"""
  DELETE FROM {one.table} AS s USING {above}
  WHERE s.per_degree = {size} AND (s.x, s.y) = (q.x, q.y);
  INSERT INTO {one.table} ({_ROW}{"".join(f", {name}" for name in (*one.keys, *one.sums))})
  SELECT {size}, q.x, q.y, s.day, s.is_whole, s.rights_cell, s.admin_area_code,
    s.security_class{keys}{sums}
  FROM {above} JOIN {one.table} AS s ON s.per_degree = {finer} AND {_IN_SQUARE}
  GROUP BY q.x, q.y, s.day, s.is_whole, s.rights_cell, s.admin_area_code, s.security_class{keys}
  HAVING s.day = 'infinity' OR {_any_left(one, "sum(s.{})")}
  ORDER BY q.x, q.y;""")
    return "".join(statements)


_IN_SQUARE: Final = "s.x BETWEEN q.x * 4 AND q.x * 4 + 3 AND s.y BETWEEN q.y * 4 AND q.y * 4 + 3"


def refresh_sums(loader: Engine, on_day: date) -> int:
    """Makes the sums of all stale squares anew; leaves them to another who is at it.

    Args:
        loader: Engine of the loader.
        on_day: Today.

    Returns:
        How many squares were made anew.

    Raises:
        sqlalchemy.exc.DBAPIError: What it rests on changed meanwhile in a way that only a new
            beginning answers; nothing is lost then.
    """
    every = 0
    while found := refresh_some(loader, on_day):
        every += found
    return every


def refresh_some(loader: Engine, on_day: date) -> int:
    """As `refresh_sums`, one round of squares that are neighbours."""
    values = {"on_day": on_day}
    with loader.begin() as conn:
        if not conn.execute(text("SELECT place.sums_are_stale(:on_day)"), values).scalar_one():
            return 0
    with loader.execution_options(isolation_level="REPEATABLE READ").connect() as conn:
        # Held over the transaction: who has it next begins its snapshot after this one's end.
        got = conn.execute(text(f"SELECT pg_try_advisory_lock({_REFRESH_LOCK})")).scalar_one()
        conn.commit()
        if not got:
            return 0
        try:
            found: int = conn.execute(
                text("SELECT place.refresh_sums(:on_day)"), values
            ).scalar_one()
            conn.commit()
        finally:
            conn.rollback()
            conn.execute(text(f"SELECT pg_advisory_unlock({_REFRESH_LOCK})"))
            conn.commit()
    return found
