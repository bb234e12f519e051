"""Which of the areas that sources state counts: by dated rules, on a day, for a report.

The rules are rows of `place.area_precedence`. A report with rows of its own in force goes by these
alone; every other, the map and the questions go by those of `*`. The areas that count today by `*`
are kept in `place.counted_area`; `place.counted_by` holds the rules they were made by, so that a
rule that begins or ends overnight is noticed.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from gis.clock import today
from gis.db import run_script, sql_resource
from gis.errors import Forbidden, InputError
from gis.loads.model import LOAD_LOCK
from gis.places.actions import find_trees, touch
from gis.places.then import EVER_IN, JOIN_THEN, PARENT_THEN
from gis.places.vocabulary import IN_FORCE, AreaKind, AreaSource

EVERY_REPORT: Final = "*"
"""Stands for all reports without rules of their own, for the map and for questions."""
KEPT: Final = "place.counted_area"
"""The table of the areas that count today."""

RULES_IN_FORCE: Final = f"""
SELECT rule.report, rule.source, rule.rank, rule.rule_source, rule.is_verified
FROM place.area_precedence AS rule
WHERE {IN_FORCE.format("rule")} AND rule.report = (
  SELECT own.report FROM place.area_precedence AS own
  WHERE own.report IN (:report, '{EVERY_REPORT}') AND {IN_FORCE.format("own")}
  ORDER BY own.report = '{EVERY_REPORT}' LIMIT 1)"""
"""Rows by which areas count on day `:as_of` for report `:report`: the lowest rank counts."""

_IS_AS_KEPT: Final = f"""
WITH rule AS ({RULES_IN_FORCE})
SELECT NOT EXISTS (
  (SELECT source, rank FROM rule EXCEPT SELECT source, rank FROM place.counted_by)
  UNION ALL
  (SELECT source, rank FROM place.counted_by EXCEPT SELECT source, rank FROM rule))"""
_ALL_THEN: Final = f"""(
  SELECT p.place_id, {PARENT_THEN.format("p")} AS parent_id
  FROM place.place AS p {JOIN_THEN.format("p")} WHERE {IN_FORCE.format("p")})"""
# Each found through its index: of a few places nothing is gone through that is as long as the
# register, however many the planner expects a recursion to find. Most are of kinds that hold none.
_TREE_THEN: Final = f"""
CREATE TEMP TABLE tree_then ON COMMIT DROP AS
WITH RECURSIVE holding AS MATERIALIZED (SELECT parent_kind FROM place.allowed_parent),
down AS (
  SELECT p.place_id, p.kind, p.parent_id, p.valid_from, p.valid_to
  FROM unnest(CAST(:within AS bigint[])) AS asked (place_id) CROSS JOIN LATERAL (
    SELECT * FROM place.place AS own WHERE own.place_id = asked.place_id OFFSET 0) AS p
  UNION
  SELECT p.place_id, p.kind, p.parent_id, p.valid_from, p.valid_to
  FROM down CROSS JOIN LATERAL ({EVER_IN.format("down.place_id")} OFFSET 0) AS part
  CROSS JOIN LATERAL (
    SELECT * FROM place.place AS own WHERE own.place_id = part.place_id OFFSET 0) AS p
  WHERE down.kind IN (SELECT parent_kind FROM holding)
)
SELECT p.place_id, {PARENT_THEN.format("p")} AS parent_id
FROM down AS p {JOIN_THEN.format("p")}
WHERE {IN_FORCE.format("p")}"""
_MEASURES: Final = "JOIN place.area_measure AS m ON m.place_id = p.place_id"
_MEASURES_OF_FEW: Final = """CROSS JOIN LATERAL (
  SELECT * FROM place.area_measure AS own WHERE own.place_id = p.place_id OFFSET 0) AS m"""
_OWN_THEN: Final = f"""
CREATE TEMP TABLE own_then ON COMMIT DROP AS
WITH rule AS ({RULES_IN_FORCE})
SELECT DISTINCT ON (m.place_id, m.area_kind)
  m.place_id, m.area_kind, m.area_m2, m.source, p.parent_id
FROM {{places}} AS p {{measures}}
JOIN rule ON rule.source = m.source
WHERE m.measured_on IS NULL OR m.measured_on <= :as_of
ORDER BY m.place_id, m.area_kind, rule.rank, m.measured_on DESC NULLS LAST"""
# Above the places asked about nothing need be known: whatever stands in one of them is among them.
_COUNTED_THEN: Final = """
CREATE TEMP TABLE counted_then ON COMMIT DROP AS
WITH RECURSIVE climb AS (
  SELECT o.area_kind, o.area_m2, o.parent_id AS at
  FROM pg_temp.own_then AS o WHERE o.parent_id IS NOT NULL
  UNION ALL
  SELECT c.area_kind, c.area_m2, p.parent_id
  FROM climb AS c JOIN {places} AS p ON p.place_id = c.at
  WHERE p.parent_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_temp.own_then AS o
                    WHERE o.place_id = c.at AND o.area_kind = c.area_kind)
),
below AS (
  SELECT at AS place_id, area_kind, sum(area_m2) AS area_m2 FROM climb GROUP BY at, area_kind
)
SELECT o.place_id, o.area_kind, o.area_m2, o.source,
  o.area_m2 - coalesce(below.area_m2, 0) AS net_area_m2
FROM pg_temp.own_then AS o LEFT JOIN below USING (place_id, area_kind)"""


def is_kept(conn: Connection, as_of: date, report: str = EVERY_REPORT) -> bool:
    """Whether the areas that count on a day for a report are those of `KEPT`."""
    values = {"as_of": as_of, "report": report}
    return as_of >= today() and bool(conn.execute(text(_IS_AS_KEPT), values).scalar_one())


def goes_by_kept_rules(conn: Connection, as_of: date) -> bool:
    """Whether areas counted on a day by the rules that those of `KEPT` were made by."""
    values = {"as_of": as_of, "report": EVERY_REPORT}
    return bool(conn.execute(text(_IS_AS_KEPT), values).scalar_one())


def counted_areas(
    conn: Connection,
    as_of: date,
    report: str = EVERY_REPORT,
    *,
    within: Sequence[int] | None = None,
) -> str:
    """Name of the table of areas that count on a day for a report, until the next call.

    Today's are kept (`place.counted_area`). For an earlier day, and for a report that goes by other
    rules, they are worked out from the figures and the places of then, so that a wing built since
    takes nothing off its site. Who asks about some places and what stands in them says so
    (`within`), and need not wait for the whole register.
    """
    if is_kept(conn, as_of, report):
        return KEPT
    run_script(
        conn, "DROP TABLE IF EXISTS pg_temp.counted_then, pg_temp.own_then, pg_temp.tree_then"
    )
    places, measures = _ALL_THEN, _MEASURES
    if within is not None:
        conn.execute(text(_TREE_THEN), {"as_of": as_of, "within": [*within]})
        run_script(conn, "CREATE UNIQUE INDEX ON pg_temp.tree_then (place_id)")
        run_script(conn, "ANALYZE pg_temp.tree_then")
        places, measures = "pg_temp.tree_then", _MEASURES_OF_FEW
    own = _OWN_THEN.format(places=places, measures=measures)
    conn.execute(text(own), {"as_of": as_of, "report": report})
    run_script(conn, "CREATE UNIQUE INDEX ON pg_temp.own_then (place_id, area_kind)")
    run_script(conn, "ANALYZE pg_temp.own_then")
    counted = text(_COUNTED_THEN.format(places=places))
    conn.execute(counted, {"as_of": as_of} if within is None else {})
    run_script(conn, "CREATE UNIQUE INDEX ON pg_temp.counted_then (place_id, area_kind)")
    run_script(conn, "ANALYZE pg_temp.counted_then")
    return "pg_temp.counted_then"


def own_areas(
    conn: Connection, as_of: date, kind: AreaKind, places: str, report: str = EVERY_REPORT
) -> str:
    """SQL of the areas of one kind that count on a day for a report, of places themselves.

    For who asks about places that have no parts, such as rooms, or wants whole areas and no nets:
    nothing but the measures of these places is read.

    Args:
        places: SQL of the numbers of those places.

    Returns:
        A source for `FROM` with `place_id, area_m2`; binds `as_of` and `report`.
    """
    if is_kept(conn, as_of, report):
        return f"(SELECT place_id, area_m2 FROM {KEPT} WHERE area_kind = '{kind}')"
    return f"""(
SELECT DISTINCT ON (m.place_id) m.place_id, m.area_m2
FROM place.area_measure AS m JOIN ({RULES_IN_FORCE}) AS rule ON rule.source = m.source
WHERE m.area_kind = '{kind}' AND (m.measured_on IS NULL OR m.measured_on <= :as_of)
  AND m.place_id IN ({places})
ORDER BY m.place_id, rule.rank, m.measured_on DESC NULLS LAST)"""


def uses_unverified_rules(conn: Connection, as_of: date, report: str) -> bool:
    """Whether a report counts areas by a rule that nobody has verified."""
    query = f"SELECT bool_or(NOT is_verified) FROM ({RULES_IN_FORCE}) AS rule"
    found = conn.execute(text(query), {"as_of": as_of, "report": report}).scalar_one()
    return bool(found)


def settle_counted(conn: Connection) -> bool:
    """Counts every kept area anew where the rules of today are not those they were made by.

    Args:
        conn: As a role that may write every place, before it touches any.

    Returns:
        Whether there was anything to do.
    """
    values = {"as_of": today(), "report": EVERY_REPORT}
    if conn.execute(text(_IS_AS_KEPT), values).scalar_one():
        return False
    # A load counts by the rules it began with.
    run_script(conn, LOAD_LOCK)
    run_script(conn, "DELETE FROM place.counted_by")
    conn.execute(
        text(
            "INSERT INTO place.counted_by (source, rank)"
            f" SELECT source, rank FROM ({RULES_IN_FORCE}) AS rule"
        ),
        values,
    )
    touch(conn)
    run_script(
        conn,
        "INSERT INTO pg_temp.touched_place SELECT DISTINCT place_id FROM place.area_measure",
    )
    find_trees(conn)
    run_script(conn, sql_resource("gis", "places/derived.sql"))
    run_script(conn, "DROP TABLE pg_temp.touched_place, pg_temp.touched_tree")
    return True


_END: Final = """
DELETE FROM place.area_precedence WHERE report = :report AND valid_from >= :since"""
_SHORTEN: Final = """
UPDATE place.area_precedence SET valid_to = :since
WHERE report = :report AND (valid_to IS NULL OR valid_to > :since)"""
_ADD: Final = """
INSERT INTO place.area_precedence (report, source, rank, valid_from, rule_source, is_verified)
SELECT :report, named.source, named.rank, :since, :rule_source, :is_verified
FROM unnest(CAST(:sources AS text[])) WITH ORDINALITY AS named (source, rank)"""


def set_area_precedence(
    conn: Connection,
    sources: Sequence[AreaSource],
    *,
    report: str = EVERY_REPORT,
    since: date,
    rule_source: str,
    is_verified: bool = False,
) -> None:
    """From a day on, areas count in this order of sources; what counted before stays readable.

    Args:
        conn: As the loader, in the name of an account that may write every place.
        sources: The one that counts first, first; figures of a source left out never count. None
            at all: the report goes by the rules of every report again.
        report: Whose rules; `*`: of every report without its own.
        since: The first day; rules of the report that begin later are dropped.
        rule_source: Document and clause it rests on.
        is_verified: Whether somebody compared it with the document; reports say so if not.

    Raises:
        InputError: A source twice, or no source for every report.
        Forbidden: The account has limits.
    """
    if len(set(sources)) != len(sources):
        raise InputError("place.precedence_twice")
    if not sources and report == EVERY_REPORT:
        raise InputError("place.precedence_of_none")
    if not conn.execute(text("SELECT rights.may_write_all()")).scalar_one():
        raise Forbidden("place.precedence_forbidden")
    values = {
        "report": report,
        "since": since,
        "sources": [source.value for source in sources],
        "rule_source": rule_source,
        "is_verified": is_verified,
    }
    for statement in (_END, _SHORTEN, _ADD):
        conn.execute(text(statement), values)
    settle_counted(conn)
