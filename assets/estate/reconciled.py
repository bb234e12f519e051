"""Areas that differ between their sources: certified, surveyed, drawn, declared, and the outline.

Nothing is overwritten: every source keeps its figure, the precedence says which one counts, and
this says where they are apart by more than a tolerance. Under row security like every read.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.report import Report, ReportBuilder, ReportColumn, ReportTable
from gis.places.counted import RULES_IN_FORCE, uses_unverified_rules
from gis.places.names import shown_name
from gis.places.then import places_as_of
from gis.places.vocabulary import AreaSource

_NAME: Final = "areas"
UNVERIFIED_RULES: Final = ("estate.areas.unverified", dict[str, Any]())
"""Footnote of a report that counts areas by rules nobody has verified."""
SOURCES: Final = tuple(source.value for source in AreaSource)
TOLERANCE: Final = Decimal("0.03")
"""Share of the figure that counts; what surveys of one building differ by is smaller."""

# The newest figure of each source; outlines are measured where another source has a figure to
# compare with: land within the line of a site or parcel, floor within the walls of a room.
_FIGURES: Final = """
  SELECT DISTINCT ON (m.place_id, m.area_kind, m.source)
         m.place_id, m.area_kind, m.source, m.area_m2
  FROM place.area_measure AS m
  WHERE (m.measured_on IS NULL OR m.measured_on <= :as_of) {of_places}
  ORDER BY m.place_id, m.area_kind, m.source, m.measured_on DESC NULLS LAST
"""
_OUTLINES: Final = """
  SELECT p.place_id, f.area_kind, 'polygon' AS source,
         max(round(ST_Area(p.geom::geography)::numeric, 2)) AS area_m2
  FROM {places} AS p JOIN figure AS f USING (place_id)
  WHERE GeometryType(p.geom) IN ('POLYGON', 'MULTIPOLYGON')
    AND (p.kind IN ('site', 'parcel') AND f.area_kind = 'land'
         OR p.kind = 'room' AND f.area_kind = 'usable')
  GROUP BY p.place_id, f.area_kind HAVING NOT bool_or(f.source = 'polygon')
"""
_BY_SOURCE: Final = ", ".join(
    f"max(every.area_m2) FILTER (WHERE every.source = '{source}') AS {source}_m2"
    for source in SOURCES
)
_DIFFERING: Final = """
WITH figure AS ({figures}), every AS (SELECT * FROM figure UNION ALL ({outlines})),
rule AS ({rules})
SELECT every.place_id, every.area_kind, {by_source},
       (array_agg(every.source ORDER BY rule.rank)
          FILTER (WHERE rule.rank IS NOT NULL))[1] AS counts_source,
       {counts} AS counts_m2,
       max(every.area_m2) - min(every.area_m2) AS difference_m2
FROM every LEFT JOIN rule USING (source)
GROUP BY every.place_id, every.area_kind
HAVING count(*) > 1
  AND max(every.area_m2) - min(every.area_m2) > {tolerance} * coalesce({counts}, 0)
"""
_COUNTS: Final = (
    "(array_agg(every.area_m2 ORDER BY rule.rank) FILTER (WHERE rule.rank IS NOT NULL))[1]"
)
IN_ASKED_PLACES: Final = "AND m.place_id IN (SELECT place_id FROM pg_temp.asked_place)"


def differing(*, tolerance: str, of_places: str = "") -> str:
    """The query of place, kind of area, figure of each source, difference and what counts.

    Args:
        tolerance: SQL of the share of the counting figure that sources may differ by.
        of_places: A further condition on `m.place_id`.

    To be formatted with `places`, from which places are read (`gis.places.then`). Binds `as_of` and
    `report`, whose rules say which figure counts.
    """
    return _DIFFERING.format(
        figures=_FIGURES.format(of_places=of_places),
        outlines=_OUTLINES,
        by_source=_BY_SOURCE,
        tolerance=tolerance,
        rules=RULES_IN_FORCE,
        counts=_COUNTS,
    )


_LISTED: Final = f"""
SELECT p.code, {shown_name("p", "p.name")} AS name, p.kind, area.name AS district, d.*
FROM ({differing(tolerance="CAST(:tolerance AS numeric)")}) AS d
JOIN {{places}} AS p USING (place_id)
LEFT JOIN place.admin_area AS area ON area.code = p.admin_area_code
ORDER BY d.area_kind, d.difference_m2 DESC, p.code
"""


def area_differences(
    conn: Connection, as_of: date, tolerance: Decimal = TOLERANCE
) -> Sequence[Mapping[str, Any]]:
    """Places whose sources differ, by kind of area, the largest difference first; exact decimals.

    Args:
        conn: In the name of whoever asks.
        as_of: Figures measured later do not count.
        tolerance: Share of the figure that counts; 0 lists every cent.
    """
    values = {"as_of": as_of, "tolerance": tolerance, "report": _NAME}
    query = _LISTED.format(places=places_as_of(conn, as_of).by_id)
    return [dict(row) for row in conn.execute(text(query), values).mappings()]


_COLUMNS: Final = (
    ReportColumn("code", "estate.column.code"),
    ReportColumn("name", "estate.column.name"),
    ReportColumn("kind", "estate.column.kind", says="place.kind.{}"),
    ReportColumn("district", "estate.column.district"),
    ReportColumn("area_kind", "estate.column.area_kind", says="place.area.{}"),
    *(ReportColumn(f"{source}_m2", f"place.area_source.{source}", "m2") for source in SOURCES),
    ReportColumn("difference_m2", "estate.column.difference_m2", "m2"),
    ReportColumn("counts_source", "estate.column.counts_source", says="place.area_source.{}"),
    ReportColumn("counts_m2", "estate.column.counts_m2", "m2"),
)


def build_areas(conn: Connection, as_of: date) -> Report:
    """The report of differing areas, with the tolerance it was made by."""
    rows = area_differences(conn, as_of)
    footnote = (
        "estate.areas.tolerance",
        {"percent": f"{TOLERANCE * 100:f}".rstrip("0").rstrip(".")},
    )
    unverified = uses_unverified_rules(conn, as_of, _NAME)
    return Report(
        name=_NAME,
        title_key="estate.areas.title",
        as_of=as_of,
        tables=(
            ReportTable(
                "areas", "estate.areas.title", _COLUMNS, rows, ("code", "area_kind"), "code"
            ),
        ),
        footnotes=(footnote, *((UNVERIFIED_RULES,) if unverified else ())),
    )


AREAS: Final = ReportBuilder(_NAME, "estate.areas.title", build_areas)
