"""Places as they were on an earlier day: names, uses, parents, shapes, spots, districts, classes.

A day is when something held, not when it was written down: what a later day changed was otherwise
before it (`place_version`, `former_parent`), while a correction holds for the days before too, back
to the last day on which something of the place changed. What was never stated is no earlier value;
there the present one stands. Where a place lay and to which district it belonged follow from its
shape and from what it hung in then. Rights are those of today.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from gis.clock import today
from gis.db import run_script
from gis.places.area_succession import IS_LIVING
from gis.places.model import place
from gis.places.vocabulary import IN_FORCE

JOIN_THEN: Final = (
    "LEFT JOIN place.former_parent AS hung ON hung.place_id = {0}.place_id AND "
    + IN_FORCE.format("hung")
)
"""Join to a place, by alias, that `PARENT_THEN` needs; binds `as_of`."""
PARENT_THEN: Final = "CASE WHEN hung.place_id IS NULL THEN {0}.parent_id ELSE hung.parent_id END"
"""SQL of what a place, by alias, hung in on day `:as_of`; null: in nothing."""
EVER_IN: Final = (
    "SELECT place_id FROM place.place WHERE parent_id = {0}"
    " UNION ALL SELECT place_id FROM place.former_parent WHERE parent_id = {0}"
)
"""SQL of the places that hang in another, or ever did."""

# Of two that overlap, the one that ended first is the one that held.
_VERSIONS: Final = f"""
  SELECT DISTINCT ON (o.place_id) o.place_id, o.name, o.address, o.use_status, o.steward_id, o.geom,
    o.number, o.room_class
  FROM place.place_version AS o WHERE {IN_FORCE.format("o")} ORDER BY o.place_id, o.valid_to"""
_HUNG: Final = f"""
  SELECT DISTINCT ON (o.place_id) o.place_id, o.parent_id
  FROM place.former_parent AS o WHERE {IN_FORCE.format("o")} ORDER BY o.place_id, o.valid_to"""
_IS_REDRAWN: Final = "{0}.geom IS NOT NULL AND {0}.geom IS DISTINCT FROM p.geom"
# Put together before places are looked up, so that nothing is gone through once a place.
_KNOWN: Final = """
  SELECT one.place_id, v.name, v.address, v.use_status, v.steward_id, v.geom,
    v.number, v.room_class, h.place_id IS NOT NULL AS is_rehung, h.parent_id{0}
  FROM {1} AS one LEFT JOIN version AS v ON v.place_id = one.place_id
  LEFT JOIN hung AS h ON h.place_id = one.place_id"""
_FOUND: Final = "LATERAL (SELECT * FROM place.place AS own WHERE own.{0} = {1} OFFSET 0) AS p"
"""Few of very many, each found through the index, whatever the planner expects of their number."""
# What hung elsewhere or had another shape, and all in it: whoever has no spot of its own follows.
_PLACED: Final = f"""
  SELECT p.place_id, known.is_rehung, {_IS_REDRAWN.format("known")} AS is_redrawn,
    CASE WHEN known.is_rehung THEN known.parent_id ELSE p.parent_id END AS parent_id,
    CASE WHEN {_IS_REDRAWN.format("known")} THEN ST_PointOnSurface(known.geom) END AS spot,
    p.geom IS NULL AND p.located_by = 'ancestor' AS follows,
    p.anchor, p.admin_area_code AS area, p.stated_admin_area_code AS stated
  FROM ({_KNOWN.format("", "moved")} OFFSET 0) AS known
  CROSS JOIN {_FOUND.format("place_id", "known.place_id")}"""
# As edits and loads find it: of what hangs in nothing by its spot, of parts by what they hang in.
# An abolished district goes by who took it over, as with places that never moved. `near` is the
# spot for parts that follow, past one that nobody has located.
_SETTLED: Final = f"""
  SELECT o.place_id, 0 AS step, o.area AS area_now, spot.anchor,
    coalesce(spot.anchor, p.anchor) AS near,
    CASE WHEN o.parent_id IS NULL THEN coalesce(functional.code, located.code, o.area)
         WHEN o.is_rehung THEN coalesce(p.admin_area_code, o.area) ELSE o.area END AS area
  FROM placed AS o LEFT JOIN {_FOUND.format("place_id", "o.parent_id")} ON true
  CROSS JOIN LATERAL (
    SELECT coalesce(o.spot, CASE WHEN o.follows AND o.is_rehung THEN p.anchor END, o.anchor)
      AS anchor) AS spot
  LEFT JOIN LATERAL (
    SELECT min(a.code) AS code FROM place.admin_area AS a
    WHERE o.parent_id IS NULL AND (o.is_redrawn OR o.is_rehung)
      AND a.level = 'district' AND a.kind = 'statutory' AND {IS_LIVING.format("a")}
      AND a.geom && spot.anchor AND ST_Intersects(a.geom, spot.anchor)) AS located ON true
  LEFT JOIN place.admin_area AS functional
    ON functional.code = o.stated AND functional.kind = 'functional'
    AND functional.statistics_code = located.code
  WHERE o.parent_id IS NULL OR o.parent_id NOT IN (SELECT place_id FROM placed)
  UNION ALL
  SELECT o.place_id, settled.step + 1, o.area,
    coalesce(o.spot, CASE WHEN o.follows THEN settled.near END, o.anchor),
    coalesce(o.spot, CASE WHEN o.follows OR o.anchor IS NULL THEN settled.near END, o.anchor),
    CASE WHEN o.is_rehung OR o.area IS NOT DISTINCT FROM settled.area_now
         THEN coalesce(settled.area, o.area) ELSE o.area END
  FROM settled JOIN placed AS o ON o.parent_id = settled.place_id WHERE settled.step < 20"""
_SPOTS: Final = ", s.place_id IS NOT NULL AS is_settled, s.anchor, s.area"
_OTHERWISE: Final = f"""
WITH RECURSIVE version AS MATERIALIZED ({_VERSIONS}),
hung AS MATERIALIZED ({_HUNG}),
moved (place_id) AS (
  SELECT place_id FROM hung
  UNION
  SELECT v.place_id FROM version AS v CROSS JOIN {_FOUND.format("place_id", "v.place_id")}
  WHERE {_IS_REDRAWN.format("v")}
  UNION
  SELECT p.place_id FROM moved CROSS JOIN {_FOUND.format("parent_id", "moved.place_id")}
),
placed AS MATERIALIZED ({_PLACED}),
settled AS ({_SETTLED}),
changed AS (SELECT place_id FROM version UNION SELECT place_id FROM moved)
SELECT p.place_id, coalesce(known.name, p.name) AS name,
  coalesce(known.address, p.address) AS address,
  coalesce(known.use_status, p.use_status) AS use_status,
  coalesce(known.steward_id, p.steward_id) AS steward_id, coalesce(known.geom, p.geom) AS geom,
  CASE WHEN known.is_rehung THEN known.parent_id ELSE p.parent_id END AS parent_id,
  CASE WHEN known.is_settled THEN known.anchor ELSE p.anchor END AS anchor,
  CASE WHEN known.is_settled THEN known.area ELSE p.admin_area_code END AS admin_area_code,
  known.number, known.room_class
FROM ({_KNOWN.format(_SPOTS, "changed")}
  LEFT JOIN settled AS s ON s.place_id = one.place_id OFFSET 0) AS known
CROSS JOIN {_FOUND.format("place_id", "known.place_id")}"""
OTHERWISE: Final = "place.otherwise_on(:as_of)"
"""What was otherwise on a day, to stand after FROM: a row a place with all that `_DATED` names, and
of a room its number and class then, null where they were as today."""
# As a function, so that whoever joins it expects few rows, as they are.
OTHERWISE_DDL: Final = f"""
CREATE OR REPLACE FUNCTION place.otherwise_on(day date) RETURNS TABLE (
  place_id bigint, name text, address text, use_status text, steward_id bigint,
  geom public.geometry, parent_id bigint, anchor public.geometry, admin_area_code text,
  number text, room_class text
) LANGUAGE plpgsql STABLE ROWS 1000 SET search_path = pg_catalog, public
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY {_OTHERWISE.replace(":as_of", "day")};
END $$"""
"""Under the row security of whoever asks."""

ROOM_TABLE: Final = "place.room"
OF_ROOM: Final = ("number", "room_class")
"""What is kept of former days of a room alone."""
_DATED: Final = (
    "name", "address", "use_status", "steward_id", "geom", "parent_id", "anchor", "admin_area_code",
)  # fmt: skip
_COLUMNS: Final = tuple(column.name for column in place.columns if column.name != "parent_kind")


def _listed(dated: str) -> str:
    return ", ".join(
        f"{dated.format(name)} AS {name}" if name in _DATED else f"p.{name}" for name in _COLUMNS
    )


def changed_rows(otherwise: str) -> str:
    """SQL of the places that were otherwise, with the columns of the present table.

    Args:
        otherwise: Table or query name that holds the rows of `OTHERWISE`.
    """
    found = _FOUND.format("place_id", "t.place_id")
    return f"SELECT {_listed('t.{}')} FROM {otherwise} AS t CROSS JOIN {found}"


def unchanged_rows(otherwise: str) -> str:
    """As `changed_rows`, of the others."""
    return (
        f"SELECT {_listed('p.{}')} FROM place.place AS p"
        f" WHERE p.place_id NOT IN (SELECT t.place_id FROM {otherwise} AS t)"
    )


def rooms_then(otherwise: str) -> str:
    """SQL of rooms with number, class and floor as stated, to stand in place of `place.room`.

    Args:
        otherwise: Table that holds the rows of `OTHERWISE`, by `place_id`.
    """
    dated = ", ".join(f"coalesce(t.{name}, r.{name}) AS {name}" for name in OF_ROOM)
    return (
        f"(SELECT r.place_id, {dated}, r.floor_level, r.floor_label FROM {ROOM_TABLE} AS r"
        f" LEFT JOIN {otherwise} AS t ON t.place_id = r.place_id)"
    )


@dataclass(frozen=True)
class Places:
    """What stands after FROM where places are read as they were on a day.

    Args:
        by_id: Where rows are found by `place_id`, or all are read.
        by_spot: Where they are found by `anchor` or `geom`.
        rooms: Their numbers and classes, by `place_id`, instead of `place.room`.
    """

    by_id: str
    by_spot: str
    rooms: str

    @property
    def is_present(self) -> bool:
        """Whether nothing was otherwise, so that whatever is kept of today holds."""
        return self.by_id == _NOW


_NOW: Final = "place.place"
PRESENT: Final = Places(_NOW, _NOW, ROOM_TABLE)
"""The places of today."""
_THEN: Final = "pg_temp.place_then"
_PAST: Final = Places(
    # An outer join keeps the index on `place_id`, two arms keep those on shapes.
    f"(SELECT {_listed('CASE WHEN t.place_id IS NULL THEN p.{0} ELSE t.{0} END')}"
    f" FROM place.place AS p LEFT JOIN {_THEN} AS t ON t.place_id = p.place_id)",
    f"({unchanged_rows(_THEN)} UNION ALL {changed_rows(_THEN)})",
    rooms_then(_THEN),
)


def children_of(above: str, places: Places) -> str:
    """SQL of what hangs in a row of a query, as `p`, to stand after JOIN.

    Args:
        above: Alias of that row, which has a `place_id`.
        places: Of the day.
    """
    hangs = f"p.parent_id = {above}.place_id"
    if places.is_present:
        return f"{_NOW} AS p ON {hangs}"
    # What a place hung in is worked out row by row; these few are all it may be.
    ever = EVER_IN.format(f"{above}.place_id")
    return (
        f"LATERAL ({ever}) AS part ON true"
        f" JOIN {places.by_id} AS p ON p.place_id = part.place_id AND {hangs}"
    )


def places_as_of(conn: Connection, as_of: date) -> Places:
    """The places with what held of them on a day, until the next call for another day.

    Args:
        conn: Within a session: what was otherwise is worked out from what the account sees.
        as_of: The day; of today and later days the present table itself answers.
    """
    if as_of >= today():
        return PRESENT
    run_script(conn, f"DROP TABLE IF EXISTS {_THEN}")
    making = f"CREATE TEMP TABLE place_then ON COMMIT DROP AS SELECT * FROM {OTHERWISE}"
    made = conn.execute(text(making), {"as_of": as_of})
    if made.rowcount == 0:
        return PRESENT
    run_script(conn, f"CREATE UNIQUE INDEX ON {_THEN} (place_id)")
    run_script(conn, f"ANALYZE {_THEN}")
    return _PAST
