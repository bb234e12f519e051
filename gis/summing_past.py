"""What sums of squares tell of earlier days: on which days they changed, and what counted then.

The days on which something of a square began or ended cut its past into periods; each is summed as
on its last day. The areas of earlier days are worked out as `gis.places.counted` does it. Where
that does not give today's kept areas for today (a change announced for a later day, say), the past
of the square is asked singly.
"""

from typing import Final

from gis.crs import STORAGE_SRID
from gis.places.vocabulary import IN_FORCE
from gis.squares import BOX, FINEST

_MOST_PERIODS: Final = 12
"""Of a square; what lies before the newest of so many changes is asked singly."""
PAST_TABLES: Final = tuple(
    f"pg_temp.renewed_{name}"
    for name in ("tree", "change", "span", "period", "measured", "own", "net", "counted")
)
"""Temporary tables that `past_sql` leaves behind."""


def _in_force(alias: str, day: str) -> str:
    return IN_FORCE.format(alias).replace(":as_of", day)


def _looked_up(condition: str, alias: str) -> str:
    """Join to places that are found one by one: how many a recursion finds is not foreseen."""
    return (
        f"CROSS JOIN LATERAL (SELECT * FROM place.place AS own WHERE own.{condition} OFFSET 0)"
        f" AS {alias}"
    )


def box_of(shapes: str) -> str:
    """SQL of one box round many shapes, a little wider: rounding leaves nothing outside."""
    extent = f"CAST(ST_Extent(ST_Expand({shapes}, 1e-9)) AS geometry)"
    return f"ST_SetSRID({extent}, {STORAGE_SRID})"


_OF_WHOM: Final = "{0}.rights_cell, {0}.admin_area_code, {0}.security_class"
_TREES: Final = f"""
  CREATE TEMP TABLE renewed_tree ON COMMIT DROP AS
  WITH RECURSIVE down AS (
    SELECT r.x, r.y, r.place_id, {_OF_WHOM.format("r")}, 0 AS mix FROM pg_temp.renewed_place AS r
    UNION
    SELECT down.x, down.y, part.place_id, {_OF_WHOM.format("part")},
      CASE WHEN part.rights_cell = down.rights_cell THEN 0
           WHEN (coalesce(part.admin_area_code, ''), part.security_class)
             = (coalesce(down.admin_area_code, ''), down.security_class) THEN 1 ELSE 2 END
    FROM down {_looked_up("parent_id = down.place_id", "part")}
  ) SELECT x, y, place_id, max(mix) AS mix FROM down GROUP BY x, y, place_id;
  ANALYZE pg_temp.renewed_tree;"""
_PERIODS: Final = f"""
  CREATE TEMP TABLE renewed_span ON COMMIT DROP AS
  SELECT r.x, r.y, r.shapes_hold, r.reach, coalesce(c.holds_until, 'infinity') AS holds_until,
    coalesce(c.past_from, '-infinity') AS past_from, coalesce(c.has_areas, false) AS has_areas,
    t.trees_mix
  FROM (SELECT q.x, q.y, bool_and(q.shape_holds) AS shapes_hold,
          {box_of(f"ST_Collect(q.box, {BOX.format('q', FINEST)})")} AS reach
        FROM pg_temp.renewed_place AS q GROUP BY q.x, q.y) AS r
  JOIN (SELECT x, y, max(mix) AS trees_mix FROM pg_temp.renewed_tree GROUP BY x, y) AS t
    USING (x, y)
  LEFT JOIN (
    SELECT x, y, min(day) FILTER (WHERE day > on_day) AS holds_until,
      (array_agg(DISTINCT day ORDER BY day DESC) FILTER (WHERE day <= on_day))[{_MOST_PERIODS + 1}]
        AS past_from, bool_or(is_of_area) AS has_areas
    FROM pg_temp.renewed_change GROUP BY x, y
  ) AS c USING (x, y);
  CREATE TEMP TABLE renewed_period ON COMMIT DROP AS
  SELECT x, y, lag(day) OVER before AS since, day - 1 AS day, day AS until
  FROM (SELECT DISTINCT c.x, c.y, c.day
        FROM pg_temp.renewed_change AS c JOIN pg_temp.renewed_span AS s USING (x, y)
        WHERE c.day <= on_day AND c.day > s.past_from) AS change
  WINDOW before AS (PARTITION BY x, y ORDER BY day);
  ANALYZE pg_temp.renewed_period;"""
"""How long the sums of each square hold, and the periods of its past."""
_NETS: Final = f"""
  CREATE TEMP TABLE renewed_measured ON COMMIT DROP AS
  SELECT DISTINCT t.place_id, p.day
  FROM pg_temp.renewed_tree AS t
  JOIN (SELECT x, y, on_day AS day FROM pg_temp.renewed_span WHERE has_areas
        UNION SELECT p.x, p.y, p.day FROM pg_temp.renewed_period AS p
        JOIN pg_temp.renewed_span AS s USING (x, y) WHERE s.has_areas) AS p USING (x, y);
  ANALYZE pg_temp.renewed_measured;
  CREATE TEMP TABLE renewed_own ON COMMIT DROP AS
  SELECT DISTINCT ON (w.place_id, w.day, m.area_kind) w.place_id, w.day, m.area_kind, m.area_m2,
    p.parent_id
  FROM pg_temp.renewed_measured AS w
  JOIN place.place AS p ON p.place_id = w.place_id AND {_in_force("p", "w.day")}
  JOIN place.area_measure AS m ON m.place_id = w.place_id
    AND (m.measured_on IS NULL OR m.measured_on <= w.day)
  JOIN place.counted_by AS rule ON rule.source = m.source
  ORDER BY w.place_id, w.day, m.area_kind, rule.rank, m.measured_on DESC NULLS LAST;
  CREATE UNIQUE INDEX ON pg_temp.renewed_own (place_id, day, area_kind);
  ANALYZE pg_temp.renewed_own;
  CREATE TEMP TABLE renewed_net ON COMMIT DROP AS
  WITH RECURSIVE climb AS (
    SELECT o.day, o.area_kind, o.area_m2, o.parent_id AS at
    FROM pg_temp.renewed_own AS o WHERE o.parent_id IS NOT NULL
    UNION ALL
    SELECT c.day, c.area_kind, c.area_m2, p.parent_id
    FROM climb AS c {_looked_up("place_id = c.at", "p")}
    WHERE p.parent_id IS NOT NULL AND {_in_force("p", "c.day")} AND NOT EXISTS (
      SELECT FROM pg_temp.renewed_own AS o
      WHERE o.place_id = c.at AND o.day = c.day AND o.area_kind = c.area_kind)
  ),
  below AS (
    SELECT at AS place_id, day, area_kind, sum(area_m2) AS area_m2
    FROM climb GROUP BY at, day, area_kind
  )
  SELECT o.place_id, o.day, o.area_kind, o.area_m2,
    o.area_m2 - coalesce(below.area_m2, 0) AS net_area_m2
  FROM pg_temp.renewed_own AS o LEFT JOIN below USING (place_id, day, area_kind);"""
"""What counted at the end of each period and today, where areas have any day at all."""
_COMPARED: Final = f"""
  CREATE TEMP TABLE renewed_counted ON COMMIT DROP AS
  SELECT c.place_id, on_day AS day, c.area_kind, c.area_m2, c.net_area_m2
  FROM pg_temp.renewed_place AS r JOIN place.counted_area AS c USING (place_id);
  UPDATE pg_temp.renewed_span AS s SET past_from = 'infinity'
  FROM (
    SELECT DISTINCT r.x, r.y
    FROM pg_temp.renewed_place AS r
    JOIN (
      (SELECT place_id, area_kind, area_m2, net_area_m2 FROM pg_temp.renewed_net
       WHERE day = on_day EXCEPT ALL
       SELECT place_id, area_kind, area_m2, net_area_m2 FROM pg_temp.renewed_counted)
      UNION ALL
      (SELECT place_id, area_kind, area_m2, net_area_m2 FROM pg_temp.renewed_counted EXCEPT ALL
       SELECT place_id, area_kind, area_m2, net_area_m2 FROM pg_temp.renewed_net
       WHERE day = on_day)
    ) AS other USING (place_id)
    JOIN pg_temp.renewed_span AS dated ON (dated.x, dated.y) = (r.x, r.y) AND dated.has_areas
    WHERE {_in_force("r", "on_day")}
  ) AS found WHERE (s.x, s.y) = (found.x, found.y);
  DELETE FROM pg_temp.renewed_period AS p USING pg_temp.renewed_span AS s
  WHERE (s.x, s.y) = (p.x, p.y) AND s.past_from = 'infinity';"""
"""Where that is not what is kept of today, the past is not kept."""
_SPREAD: Final = f"""
  -- Areas without any day were what they are; the others as worked out.
  INSERT INTO pg_temp.renewed_counted
  SELECT p.place_id, n.day, n.area_kind, n.area_m2, n.net_area_m2
  FROM (SELECT DISTINCT r.place_id, p.day FROM pg_temp.renewed_place AS r
        JOIN pg_temp.renewed_period AS p USING (x, y)
        JOIN pg_temp.renewed_span AS s USING (x, y) WHERE s.has_areas) AS p
  JOIN pg_temp.renewed_net AS n USING (place_id, day);
  INSERT INTO pg_temp.renewed_counted
  SELECT c.place_id, p.day, c.area_kind, c.area_m2, c.net_area_m2
  FROM pg_temp.renewed_place AS r JOIN pg_temp.renewed_period AS p USING (x, y)
  JOIN pg_temp.renewed_span AS s USING (x, y)
  JOIN pg_temp.renewed_counted AS c ON c.place_id = r.place_id AND c.day = on_day
  WHERE NOT s.has_areas;
  ANALYZE pg_temp.renewed_counted;
  INSERT INTO pg_temp.renewed_place
  SELECT r.place_id, r.x, r.y, r.rights_cell, r.kind, r.is_property, r.admin_area_code,
    r.use_status, r.has_address, r.has_shape, r.valid_from, r.valid_to, r.security_class,
    r.shape_holds, NULL, p.since, p.day, p.until
  FROM pg_temp.renewed_place AS r JOIN pg_temp.renewed_period AS p USING (x, y);
  UPDATE pg_temp.renewed_place AS r SET since = last.day
  FROM (SELECT x, y, max(until) AS day FROM pg_temp.renewed_period GROUP BY x, y) AS last
  WHERE (r.x, r.y) = (last.x, last.y) AND r.until = 'infinity';
  DELETE FROM pg_temp.renewed_place AS r WHERE NOT ({_in_force("r", "r.day")});
  ANALYZE pg_temp.renewed_place;"""
"""Areas and places, once for each period in which they are there."""


def past_sql(dated: str) -> str:
    """Part of `place.refresh_sums`: from `pg_temp.renewed_place` to places and areas by period.

    Args:
        dated: Further SELECTs of what begins and ends, each after UNION ALL.
    """
    changes = f"""
  CREATE TEMP TABLE renewed_change ON COMMIT DROP AS
  SELECT DISTINCT x, y, day, is_of_area FROM (
    SELECT t.x, t.y, v.day, true AS is_of_area
    FROM pg_temp.renewed_tree AS t {_looked_up("place_id = t.place_id", "p")}
    CROSS JOIN LATERAL (VALUES (p.valid_from), (p.valid_to)) AS v (day)
    UNION ALL
    SELECT t.x, t.y, m.measured_on, true
    FROM pg_temp.renewed_tree AS t JOIN place.area_measure AS m USING (place_id)
    UNION ALL
    SELECT one.x, one.y, v.day, false FROM (
      SELECT NULL::integer AS x, NULL::integer AS y, NULL::date AS valid_from,
        NULL::date AS valid_to WHERE false{dated}
    ) AS one CROSS JOIN LATERAL (VALUES (one.valid_from), (one.valid_to)) AS v (day)
  ) AS every WHERE day IS NOT NULL AND isfinite(day);
  ANALYZE pg_temp.renewed_change;"""
    return "".join((_TREES, changes, _PERIODS, _NETS, _COMPARED, _SPREAD))
