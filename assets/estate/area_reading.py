"""What the figures of an area are made of: read from its places, and from the sums of its squares.

The places and their areas are each read once, by kind and district; every figure and table of
counts is a sum over these few rows.
"""

from typing import Final

from sqlalchemy import Connection, text

from assets.estate import sums
from assets.estate.area_lists import NEWEST_HEADCOUNTS, Row, rows_of
from assets.estate.layers import age_class_sql
from gis.asked import beside
from gis.db import run_script
from gis.places.counted import KEPT, counted_areas, is_kept
from gis.places.vocabulary import IN_FORCE
from gis.questions import Asked

_ASKED_COUNTED: Final = "pg_temp.asked_counted"
_PLACES: Final = """
SELECT kind, admin_area_code, count(*) AS place_count,
  count(*) FILTER (WHERE use_status = 'idle') AS idle_count,
  count(*) FILTER (WHERE is_property) AS property_count,
  count(*) FILTER (WHERE is_property AND has_address) AS with_address,
  count(*) FILTER (WHERE is_property AND has_shape) AS with_shape
FROM pg_temp.asked_place GROUP BY kind, admin_area_code"""
_AREAS: Final = """
SELECT c.area_kind, a.admin_area_code, sum(c.net_area_m2) AS area_m2,
  sum(c.net_area_m2) FILTER (WHERE a.kind = 'room') AS room_area_m2,
  sum(c.net_area_m2) FILTER (WHERE a.kind = 'room' AND a.use_status = 'idle') AS idle_area_m2,
  count(*) FILTER (WHERE a.is_property) AS properties
FROM pg_temp.asked_place AS a {areas}
GROUP BY c.area_kind, a.admin_area_code"""
# Properties and buildings by what tables of them tell: these few rows serve both tables.
_BUILT: Final = f"""
SELECT a.is_property, a.kind = 'building' AND (b.year_built IS NULL OR b.year_built <= :year)
    AS is_standing_building,
  coalesce(s.ownership_status, b.ownership_status) AS ownership_status,
  {age_class_sql("b.year_built")} AS age_class, count(*) AS place_count,
  sum(c.area_m2) AS gross_area_m2, sum(b.year_built) AS years, min(b.year_built) AS oldest
FROM pg_temp.asked_place AS a
{{site}} {{building}} {{gross}}
WHERE a.is_property OR a.kind = 'building' GROUP BY 1, 2, 3, 4"""
_TITLED: Final = f"""
SELECT count(DISTINCT a.place_id) FROM pg_temp.asked_place AS a {{title_place}} {{title}}
WHERE a.is_property AND t.state = 'registered' AND {IN_FORCE.format("t")}"""
_BODIES: Final = f"""
SELECT DISTINCT party.holder_id
FROM pg_temp.asked_place AS a {{holding}} {{party}}
WHERE h.kind = 'occupies' AND {IN_FORCE.format("h")}"""
# Of all places a body's first will do: a few steps through indexes for each body, where the other
# way reads every holding. LIMIT keeps the planner from turning it back into that.
_BODIES_OF_EVERYTHING: Final = f"""
SELECT o.organization_id AS holder_id
FROM organization.organization AS o CROSS JOIN LATERAL (
  SELECT FROM estate.holding_party AS party
  JOIN estate.holding AS h USING (holding_id) JOIN place.place AS p USING (place_id)
  WHERE party.holder_id = o.organization_id AND h.kind = 'occupies' AND {IN_FORCE.format("h")}
    AND p.anchor IS NOT NULL AND {IN_FORCE.format("p")}
  LIMIT 1
) AS first"""


# Of places of which that is not known, areas are worked out anew.
_COUNTED_OF_OTHERS: Final = """
INSERT INTO pg_temp.asked_counted (place_id, area_kind, area_m2, net_area_m2)
SELECT a.place_id, c.area_kind, c.area_m2, c.net_area_m2
FROM pg_temp.asked_place AS a JOIN {counted} AS c ON c.place_id = a.place_id
WHERE NOT a.is_known"""


def _joins(counted: str, *, is_few: bool) -> dict[str, str]:
    """What is joined to the asked places `a`, by name."""
    left = "LEFT JOIN"
    of_place = "{0}.place_id = a.place_id"
    tables = {
        "areas": (counted, "c", of_place, "JOIN"),
        "site": ("place.site", "s", of_place, left),
        "building": ("place.building", "b", of_place, left),
        "gross": (counted, "c", of_place + " AND {0}.area_kind = 'gross'", left),
        "title_place": ("place.title_place", "tp", of_place, "JOIN"),
        "title": ("place.title", "t", "{0}.title_id = tp.title_id", "JOIN"),
        "holding": ("estate.holding", "h", of_place, "JOIN"),
        "party": ("estate.holding_party", "party", "{0}.holding_id = h.holding_id", "JOIN"),
    }
    return {
        name: beside(
            # What was put together of the asked places alone is read in one go.
            table, alias, on.format(alias), join=join,
            is_few=is_few and (name, table) != ("areas", _ASKED_COUNTED),
        )
        for name, (table, alias, on, join) in tables.items()
    }  # fmt: skip


# Totals are kept; only where not all counts of a body are of one cell, who sees which must tell.
_MIXED: Final = """(SELECT t.organization_id FROM pg_temp.asked_holder AS b
  JOIN organization.headcount_total AS t ON t.organization_id = b.holder_id
  WHERE NOT t.is_of_one_cell)"""
_HEADCOUNTS: Final = f"""
SELECT kind, sum(people) AS people FROM (
  SELECT t.kind, t.people
  FROM pg_temp.asked_holder AS b
  JOIN organization.headcount_total AS t ON t.organization_id = b.holder_id
  WHERE t.is_of_one_cell AND {IN_FORCE.format("t")}
  UNION ALL
  SELECT newest.kind, newest.people
  FROM ({NEWEST_HEADCOUNTS.format(bodies=f"IN {_MIXED}")}) AS newest
  WHERE (newest.organization_id, newest.kind) IN (
    SELECT t.organization_id, t.kind FROM organization.headcount_total AS t
    WHERE NOT t.is_of_one_cell)
) AS one GROUP BY kind"""

_HOLDERS_OF: Final = "asked_holder"


def read_places(conn: Connection, asked: Asked) -> tuple[list[Row], list[Row], list[Row], int]:
    """Places, areas, buildings and titled properties; several rows may be of one kind."""
    as_of = asked.as_of
    joins = _joins(counted_of(conn, asked), is_few=asked.is_summed)
    found = rows_of(conn, _PLACES)
    areas = rows_of(conn, _AREAS.format(**joins))
    built = rows_of(conn, _BUILT.format(**joins), year=as_of.year)
    titled: int = conn.execute(text(_TITLED.format(**joins)), {"as_of": as_of}).scalar_one()
    if asked.is_summed:
        kept = rows_of(conn, sums.PLACE_SUMS)
        found += kept
        areas += rows_of(conn, sums.COUNTED_SUMS)
        built += rows_of(conn, sums.BUILT_SUMS, year=as_of.year)
        elsewhere = conn.execute(text(sums.TITLED_ELSEWHERE), {"as_of": as_of}).scalar_one()
        titled += elsewhere + sum(row["titled"] for row in kept)
    return found, areas, built, titled


def counted_of(conn: Connection, asked: Asked) -> str:
    """The areas that counted on the day: of an earlier one, no more than are read.

    Whoever asks next about the same places finds these made.
    """
    if not asked.is_summed or is_kept(conn, asked.as_of):
        return counted_areas(conn, asked.as_of)
    if conn.info.get(_ASKED_COUNTED) is asked:
        return _ASKED_COUNTED
    run_script(conn, f"DROP TABLE IF EXISTS {_ASKED_COUNTED}")
    conn.execute(text(sums.COUNTED_OF_KNOWN), {"as_of": asked.as_of})
    others = conn.execute(text("SELECT place_id FROM pg_temp.asked_place WHERE NOT is_known"))
    if places := others.scalars().all():
        counted = counted_areas(conn, asked.as_of, within=places)
        run_script(conn, _COUNTED_OF_OTHERS.format(counted=counted))
    run_script(conn, f"CREATE INDEX ON {_ASKED_COUNTED} (place_id)")
    conn.info[_ASKED_COUNTED] = asked
    return _ASKED_COUNTED


def collect_holders(conn: Connection, asked: Asked) -> None:
    """Makes `pg_temp.asked_holder`: who occupies something of the answer, each once.

    Several domains tell of them: whoever asks next about the same places finds it made.
    """
    if conn.info.get(_HOLDERS_OF) is asked:
        return
    joins = _joins(KEPT, is_few=asked.is_summed)
    holders = _BODIES_OF_EVERYTHING if asked.is_everything else _BODIES.format(**joins)
    if asked.is_summed:
        holders += f" UNION {sums.HOLDERS}"
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.asked_holder")
    conn.execute(
        text(f"CREATE TEMP TABLE asked_holder ON COMMIT DROP AS {holders}"), {"as_of": asked.as_of}
    )
    run_script(conn, "ANALYZE pg_temp.asked_holder")
    conn.info[_HOLDERS_OF] = asked


def read_bodies(conn: Connection, asked: Asked) -> tuple[int, list[Row]]:
    """How many bodies occupy something, and their people by kind."""
    collect_holders(conn, asked)
    found: int = conn.execute(text("SELECT count(*) FROM pg_temp.asked_holder")).scalar_one()
    return found, rows_of(conn, _HEADCOUNTS, as_of=asked.as_of)
