"""What of the estate maps can colour areas and properties by.

Each says in SQL what the figure of the same name in an area question says, unit by unit: a test
compares the two.
"""

from typing import Final

from assets.estate.area_lists import NEWEST_HEADCOUNTS
from gis.places.vocabulary import IN_FORCE
from gis.themes.indicators import Indicator

_FROM: Final = "FROM pg_temp.themed_place AS t"
_COUNTED: Final = f"""SELECT t.unit, sum(c.net_area_m2) AS amount, NULL AS base
{_FROM} JOIN {{counted}} AS c USING (place_id) WHERE c.area_kind = """
_GROSS_AREA: Final = f"{_COUNTED} 'gross' GROUP BY t.unit"
_COUNT: Final = (
    f"SELECT t.unit, count(*) FILTER (WHERE {{}}) AS amount, NULL AS base {_FROM} GROUP BY 1"
)
_ROOM_AREA: Final = f"""SELECT t.unit,
  {{}} AS amount, sum(c.net_area_m2) AS base
{_FROM} JOIN {{{{counted}}}} AS c USING (place_id)
WHERE c.area_kind = 'usable' AND t.kind = 'room' GROUP BY t.unit"""
_IDLE_AREA: Final = "coalesce(sum(c.net_area_m2) FILTER (WHERE t.use_status = 'idle'), 0)"
_BUILDING_AGE: Final = f"""SELECT t.unit,
  sum(extract(year FROM CAST(:as_of AS date)) - b.year_built) AS amount, count(*) AS base
{_FROM} JOIN place.building AS b USING (place_id)
WHERE t.kind = 'building' AND b.year_built <= extract(year FROM CAST(:as_of AS date))
GROUP BY t.unit"""
_PER_PERSON: Final = f"""
WITH held AS (
  SELECT DISTINCT t.unit, party.holder_id {_FROM}
  JOIN estate.holding AS h ON h.place_id = t.place_id AND h.kind = 'occupies'
    AND {IN_FORCE.format("h")}
  JOIN estate.holding_party AS party USING (holding_id)
),
newest AS ({NEWEST_HEADCOUNTS.format(bodies="IN (SELECT holder_id FROM held)")}),
people AS (
  SELECT held.unit, sum(newest.people) AS people
  FROM held JOIN newest ON newest.organization_id = held.holder_id AND newest.kind = 'actual'
  GROUP BY held.unit
)
SELECT area.unit, area.amount, people.people AS base
FROM ({_GROSS_AREA}) AS area LEFT JOIN people USING (unit)"""
_DENSITY: Final = f"""
SELECT area.unit, area.amount, u.ground_area_m2 / 1e6 AS base
FROM ({_GROSS_AREA}) AS area JOIN pg_temp.themed_unit AS u USING (unit)"""
_SHARE: Final = f"""SELECT t.unit, count(*) FILTER (WHERE {{}}) AS amount, count(*) AS base
{_FROM} WHERE t.is_property GROUP BY t.unit"""
_TITLED: Final = f"""EXISTS (
  SELECT FROM place.title_place AS tp JOIN place.title AS title USING (title_id)
  WHERE tp.place_id = t.place_id AND title.state = 'registered'
    AND {IN_FORCE.format("title")})"""
_MEASURED: Final = """EXISTS (
  SELECT FROM {counted} AS c WHERE c.place_id = t.place_id AND c.area_kind = 'gross')"""


def _sum(
    name: str, rows: str, source: str, unit: str | None = None, *, is_of_places: bool = True
) -> Indicator:
    """A figure of an area question, by its own title."""
    title, origin = f"estate.figure.{name}", f"estate.indicator_source.{source}"
    return Indicator(name, title, origin, rows, unit, is_of_places=is_of_places)


def _ratio(
    name: str, rows: str, source: str, unit: str, per: str, *, is_of_places: bool = True
) -> Indicator:
    return Indicator(
        name,
        f"estate.figure.{name}",
        f"estate.indicator_source.{source}",
        rows,
        unit,
        f"estate.indicator_per.{per}",
        is_of_places,
    )


INDICATORS: Final = (
    _sum("gross_area", _GROSS_AREA, "counted_area", "m2"),
    _sum("usable_area", f"{_COUNTED} 'usable' GROUP BY t.unit", "counted_area", "m2"),
    _sum("land_area", f"{_COUNTED} 'land' GROUP BY t.unit", "counted_area", "m2"),
    _sum("property_count", _COUNT.format("t.is_property"), "register", is_of_places=False),
    _sum("building_count", _COUNT.format("t.kind = 'building'"), "register"),
    _sum("idle_area", _ROOM_AREA.format(_IDLE_AREA), "rooms", "m2"),
    _ratio("vacancy", _ROOM_AREA.format(_IDLE_AREA), "rooms", "share", "room_area"),
    _ratio("building_age", _BUILDING_AGE, "buildings", "years", "dated_buildings"),
    _ratio("gross_area_per_person", _PER_PERSON, "headcount", "m2_per_person", "headcount_actual",
           is_of_places=False),
    _ratio("gross_area_density", _DENSITY, "counted_area", "m2_per_km2", "ground_area",
           is_of_places=False),
    _ratio("complete_title", _SHARE.format(_TITLED), "titles", "share", "properties",
           is_of_places=False),
    _ratio("complete_area", _SHARE.format(_MEASURED), "counted_area", "share", "properties",
           is_of_places=False),
    _ratio("complete_address", _SHARE.format("t.has_address"), "register", "share", "properties",
           is_of_places=False),
    _ratio("complete_shape", _SHARE.format("t.has_shape"), "register", "share", "properties",
           is_of_places=False),
)  # fmt: skip
"""In the order people look for them."""
