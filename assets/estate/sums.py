"""What the estate keeps by squares of the grid, so that area questions need not read every place.

A row of a place carries the place's cell, so its sums do. A title has a cell of its own: a property
is counted as titled where whoever sees the property sees the title too, and the rest are named, to
be looked up under the rights of whoever asks.
"""

from typing import Final

from assets.estate.layers import age_class_sql
from gis.asked import beside
from gis.places.counted import KEPT
from gis.places.vocabulary import IN_FORCE
from gis.squares import MEASURED_PLACES, OF_PLACE, KeptSums, SumTable
from gis.summed import COUNTS_ONCE, IN_ASKED_SQUARES, IN_SPLIT_SQUARES

_PLACES: Final = "pg_temp.renewed_place AS r"
_GROSS: Final = (
    "LEFT JOIN pg_temp.renewed_counted AS c ON c.place_id = r.place_id AND c.day = r.day"
    " AND c.area_kind = 'gross'"
)
_FORCE: Final = IN_FORCE.replace(":as_of", "r.day")
# A property and the cells of the registered titles that cover it.
_TITLED: Final = f"""
SELECT r.place_id, r.day, bool_or(t.rights_cell = r.rights_cell) AS in_cell,
  bool_or((coalesce(g.admin_area_code, ''), g.security_class)
    = (coalesce(r.admin_area_code, ''), r.security_class)) AS in_group
FROM {_PLACES} JOIN place.title_place AS tp USING (place_id)
JOIN place.title AS t USING (title_id)
JOIN rights.cell AS g ON g.cell = t.rights_cell
WHERE r.is_property AND t.state = 'registered' AND {_FORCE.format("t")}
GROUP BY r.place_id, r.day"""

SUMS: Final = KeptSums(
    tables=(
        SumTable(
            "estate.place_sum",
            ("kind",),
            ("place_count", "idle_count", "property_count", "with_address", "with_shape",
             "titled_in_cell", "titled_in_group"),
            f"""SELECT {OF_PLACE}, r.kind, 1 AS place_count,
      (r.use_status IS NOT DISTINCT FROM 'idle')::integer AS idle_count,
      r.is_property::integer AS property_count,
      (r.is_property AND r.has_address)::integer AS with_address,
      (r.is_property AND r.has_shape)::integer AS with_shape,
      (titled.in_cell IS TRUE)::integer AS titled_in_cell,
      (titled.in_group IS TRUE)::integer AS titled_in_group
    FROM {_PLACES} LEFT JOIN ({_TITLED}) AS titled USING (place_id, day)""",
        ),
        SumTable(
            "estate.counted_sum",
            ("area_kind",),
            ("place_count", "area_m2", "room_area_m2", "idle_area_m2", "properties"),
            f"""SELECT {OF_PLACE}, c.area_kind, 1 AS place_count, c.net_area_m2 AS area_m2,
      CASE WHEN r.kind = 'room' THEN c.net_area_m2 ELSE 0 END AS room_area_m2,
      CASE WHEN r.kind = 'room' AND r.use_status = 'idle' THEN c.net_area_m2 ELSE 0 END
        AS idle_area_m2,
      r.is_property::integer AS properties
    FROM {_PLACES} JOIN pg_temp.renewed_counted AS c USING (place_id, day)""",
        ),
        SumTable(
            "estate.built_sum",
            ("is_property", "is_building", "ownership_status", "year_built"),
            ("place_count", "with_gross", "gross_area_m2"),
            f"""SELECT {OF_PLACE}, r.is_property, r.kind = 'building' AS is_building,
      coalesce(s.ownership_status, b.ownership_status) AS ownership_status, b.year_built,
      1 AS place_count, (c.area_m2 IS NOT NULL)::integer AS with_gross,
      c.area_m2 AS gross_area_m2
    FROM {_PLACES} LEFT JOIN place.site AS s USING (place_id)
    LEFT JOIN place.building AS b USING (place_id) {_GROSS}
    WHERE r.is_property OR r.kind = 'building'""",
        ),
        SumTable(
            "estate.counted_change",
            ("place_id", "area_kind"),
            ("place_count", "area_m2", "net_area_m2"),
            f"""SELECT {OF_PLACE}, r.place_id, c.area_kind, 1 AS place_count, c.area_m2,
      c.net_area_m2
    FROM {_PLACES} JOIN pg_temp.renewed_counted AS c USING (place_id, day)""",
            is_of_changes=True,
        ),
        SumTable(
            "estate.square_holder",
            ("holder_id",),
            ("party_count",),
            f"""SELECT {OF_PLACE}, party.holder_id, 1 AS party_count
    FROM {_PLACES} JOIN estate.holding AS h ON h.place_id = r.place_id AND h.kind = 'occupies'
      AND {_FORCE.format("h")}
    JOIN estate.holding_party AS party USING (holding_id)""",
        ),
        SumTable(
            "estate.title_elsewhere",
            ("place_id", "is_in_group"),
            ("place_count",),
            f"""SELECT {OF_PLACE}, r.place_id, titled.in_group AS is_in_group, 1 AS place_count
    FROM {_PLACES} JOIN ({_TITLED}) AS titled USING (place_id, day) WHERE NOT titled.in_cell""",
        ),
    ),
    rests_on=(
        ("place.counted_area", "SELECT k.place_id FROM {rows} AS k"),
        ("place.area_measure", MEASURED_PLACES),
        ("place.counted_by", "SELECT m.place_id FROM place.area_measure AS m"
                             " WHERE EXISTS (SELECT FROM {rows} AS k)"),
        ("place.site", "SELECT k.place_id FROM {rows} AS k"),
        ("place.building", "SELECT k.place_id FROM {rows} AS k"),
        ("place.title_place", "SELECT k.place_id FROM {rows} AS k"),
        ("place.title", "SELECT tp.place_id FROM {rows} AS k"
                        " JOIN place.title_place AS tp USING (title_id)"),
        ("estate.holding", "SELECT k.place_id FROM {rows} AS k"),
        ("estate.holding_party", "SELECT h.place_id FROM {rows} AS k"
                                 " JOIN estate.holding AS h USING (holding_id)"),
    ),
    dated=(
        f"""SELECT r.x, r.y, h.valid_from, h.valid_to
    FROM {_PLACES} JOIN estate.holding AS h USING (place_id) WHERE h.kind = 'occupies'""",
        f"""SELECT r.x, r.y, t.valid_from, t.valid_to
    FROM {_PLACES} JOIN place.title_place AS tp USING (place_id)
    JOIN place.title AS t USING (title_id) WHERE r.is_property""",
    ),
)  # fmt: skip

# What counted then counts today too: rules are the same, and no later day makes a figure older.
COUNTED_OF_KNOWN: Final = f"""
CREATE TEMP TABLE asked_counted ON COMMIT DROP AS
WITH change AS MATERIALIZED (
  SELECT s.place_id, s.area_kind, sum(s.place_count) AS place_count, sum(s.area_m2) AS area_m2,
    sum(s.net_area_m2) AS net_area_m2
  FROM {IN_SPLIT_SQUARES.format("estate.counted_change")} WHERE q.is_known AND NOT q.is_summed
  GROUP BY s.place_id, s.area_kind
)
SELECT a.place_id, c.area_kind, c.area_m2 + coalesce(k.area_m2, 0) AS area_m2,
  c.net_area_m2 + coalesce(k.net_area_m2, 0) AS net_area_m2
FROM pg_temp.asked_place AS a {beside(KEPT, "c", "c.place_id = a.place_id", is_few=True)}
LEFT JOIN change AS k ON k.place_id = a.place_id AND k.area_kind = c.area_kind
WHERE a.is_known AND coalesce(k.place_count, 0) >= 0"""
PLACE_SUMS: Final = f"""
SELECT s.kind, s.admin_area_code,
  {
    ", ".join(
        f"CAST(sum(s.{name}) AS bigint) AS {name}"
        for name in ("place_count", "idle_count", "property_count", "with_address", "with_shape")
    )
},
  CAST(sum(CASE WHEN s.is_whole THEN s.titled_in_group ELSE s.titled_in_cell END) AS bigint)
    AS titled
FROM {IN_ASKED_SQUARES.format("estate.place_sum")} WHERE {COUNTS_ONCE}
GROUP BY s.kind, s.admin_area_code HAVING sum(s.place_count) > 0"""
COUNTED_SUMS: Final = f"""
SELECT s.area_kind, s.admin_area_code, sum(s.area_m2) AS area_m2,
  sum(s.room_area_m2) AS room_area_m2, sum(s.idle_area_m2) AS idle_area_m2,
  CAST(sum(s.properties) AS bigint) AS properties
FROM {IN_ASKED_SQUARES.format("estate.counted_sum")} WHERE {COUNTS_ONCE}
GROUP BY s.area_kind, s.admin_area_code HAVING sum(s.place_count) > 0"""
# Years by year first: of an earlier day none may be left of one.
BUILT_SUMS: Final = f"""
SELECT s.is_property, s.is_building AND (s.year_built IS NULL OR s.year_built <= :year)
    AS is_standing_building,
  s.ownership_status, {age_class_sql("s.year_built")} AS age_class,
  CAST(sum(s.place_count) AS bigint) AS place_count, sum(s.gross_area_m2) AS gross_area_m2,
  CAST(sum(s.place_count * s.year_built) AS bigint) AS years, min(s.year_built) AS oldest
FROM (
  SELECT s.is_property, s.is_building, s.ownership_status, s.year_built,
    sum(s.place_count) AS place_count,
    CASE WHEN sum(s.with_gross) > 0 THEN sum(s.gross_area_m2) END AS gross_area_m2
  FROM {IN_ASKED_SQUARES.format("estate.built_sum")} WHERE {COUNTS_ONCE}
  GROUP BY 1, 2, 3, 4 HAVING sum(s.place_count) > 0
) AS s GROUP BY 1, 2, 3, 4"""
HOLDERS: Final = f"""
SELECT s.holder_id
FROM {IN_ASKED_SQUARES.format("estate.square_holder")} WHERE {COUNTS_ONCE}
GROUP BY s.holder_id HAVING sum(s.party_count) > 0"""
TITLED_ELSEWHERE: Final = f"""
SELECT count(DISTINCT s.place_id)
FROM (
  SELECT s.place_id FROM {IN_ASKED_SQUARES.format("estate.title_elsewhere")}
  WHERE {COUNTS_ONCE} AND NOT (s.is_whole AND s.is_in_group)
  GROUP BY s.place_id, s.is_in_group HAVING sum(s.place_count) > 0
) AS s
{beside("place.title_place", "tp", "tp.place_id = s.place_id", is_few=True)}
{beside("place.title", "t", "t.title_id = tp.title_id", is_few=True)}
WHERE t.state = 'registered' AND {IN_FORCE.format("t")}"""
