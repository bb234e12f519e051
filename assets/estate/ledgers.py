"""The general ledger, the departmental ledgers and the certificates side by side (三相符).

The bureau keeps the general ledger (总台账): what it has had surveyed or drawn. Departments keep
theirs (分台账): what they declare. Each property's figure of each ledger stands beside what its
certificates say; nothing is overwritten. Under row security like every read.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.reconciled import UNVERIFIED_RULES
from assets.report import Report, ReportBuilder, ReportColumn, ReportTable
from gis.organizations.then import name_then
from gis.places.counted import RULES_IN_FORCE, uses_unverified_rules
from gis.places.names import shown_name
from gis.places.then import places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN

_NAME: Final = "ledgers"
LEDGERS: Final = ("general", "departmental", "certificate")
AREA_KINDS: Final = ("gross", "land")
SAME, DIFFERS, LACKS, NOTHING = "same", "differs", "lacks", "nothing"
"""What the ledgers say of a property: all the same; not the same; one of them says nothing, and
the others agree; none says anything."""

# Titles and parts are gathered once for all: asked a property at a time they took 20 s of a city.
# A ledger speaks of a property as a whole, or of its buildings one by one: then they are added up.
_COMPARED: Final = f"""
WITH rule AS ({RULES_IN_FORCE}),
property AS (
  SELECT p.place_id, p.code, {shown_name("p", "p.name")} AS name, p.address, area.name AS district,
         {name_then("body")} AS steward
  FROM {{places}} AS p
  LEFT JOIN place.admin_area AS area
    ON area.code = coalesce(p.stated_admin_area_code, p.admin_area_code)
  LEFT JOIN organization.organization AS body ON body.organization_id = p.steward_id
  WHERE (p.kind = 'site' OR p.kind IN ('building', 'structure') AND p.parent_id IS NULL)
    AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
),
newest AS (
  SELECT DISTINCT ON (m.place_id, m.area_kind, m.source)
         m.place_id, m.area_kind, m.source, m.area_m2
  FROM place.area_measure AS m
  WHERE m.area_kind = ANY(:kinds) AND (m.measured_on IS NULL OR m.measured_on <= :as_of)
  ORDER BY m.place_id, m.area_kind, m.source, m.measured_on DESC NULLS LAST
),
figure AS (
  SELECT DISTINCT ON (place_id, area_kind, ledger) place_id, area_kind, ledger, area_m2
  FROM (
    SELECT n.*, rule.rank,
           CASE WHEN n.source = 'certificate' THEN 'certificate'
                WHEN n.source = 'declared' THEN 'departmental'
                WHEN n.source IN ('survey', 'drawing') THEN 'general' END AS ledger
    FROM newest AS n LEFT JOIN rule USING (source)
  ) AS sourced
  WHERE ledger IS NOT NULL AND (ledger <> 'general' OR rank IS NOT NULL)
  ORDER BY place_id, area_kind, ledger, rank
),
part AS (
  SELECT p.place_id AS property_id, c.place_id
  FROM property AS p JOIN {{places}} AS c ON c.parent_id = p.place_id
  WHERE c.kind IN ('building', 'structure') AND {IN_FORCE.format("c")} AND {IS_OPEN.format("c")}
),
summed AS (
  SELECT part.property_id, f.area_kind, f.ledger, sum(f.area_m2) AS area_m2, count(*) AS parts
  FROM part JOIN figure AS f USING (place_id) GROUP BY 1, 2, 3
),
counted AS (SELECT property_id, count(*) AS parts FROM part GROUP BY 1),
titled AS (
  SELECT whose.property_id, array_agg(DISTINCT t.number ORDER BY t.number) AS titles
  FROM (SELECT place_id AS property_id, place_id FROM property
        UNION ALL SELECT property_id, place_id FROM part) AS whose
  JOIN place.title_place AS l USING (place_id) JOIN place.title AS t USING (title_id)
  WHERE t.number IS NOT NULL AND {IN_FORCE.format("t")} GROUP BY 1
),
said AS (
  SELECT p.place_id, k.area_kind, l.ledger, coalesce(own.area_m2, summed.area_m2) AS area_m2,
         CASE WHEN own.area_m2 IS NULL THEN summed.parts END AS parts
  FROM property AS p
  CROSS JOIN unnest(CAST(:kinds AS text[])) AS k (area_kind)
  CROSS JOIN unnest(CAST(:ledgers AS text[])) AS l (ledger)
  LEFT JOIN figure AS own USING (place_id, area_kind, ledger)
  LEFT JOIN summed
    ON (summed.property_id, summed.area_kind, summed.ledger) = (p.place_id, k.area_kind, l.ledger)
)
SELECT p.place_id, p.code, p.name, p.address, p.district, p.steward, s.area_kind,
       max(s.area_m2) FILTER (WHERE s.ledger = 'general') AS general_m2,
       max(s.area_m2) FILTER (WHERE s.ledger = 'departmental') AS departmental_m2,
       max(s.area_m2) FILTER (WHERE s.ledger = 'certificate') AS certificate_m2,
       bool_or(s.parts < counted.parts) IS TRUE AS is_partial, titled.titles
FROM property AS p JOIN said AS s USING (place_id)
LEFT JOIN counted ON counted.property_id = p.place_id
LEFT JOIN titled ON titled.property_id = p.place_id
GROUP BY p.place_id, p.code, p.name, p.address, p.district, p.steward, s.area_kind, titled.titles
ORDER BY s.area_kind, p.code
"""


def compared(conn: Connection, as_of: date) -> Sequence[Mapping[str, Any]]:
    """Every property with what each ledger and its certificates say, a row a kind of area.

    `place_id, code, name, address, district, steward, area_kind, general_m2, departmental_m2,
    certificate_m2, is_partial, titles` and what they come to.

    Exact decimals, by kind of area and code. `is_partial`: a ledger knows only some of the
    buildings it is added up from.

    Args:
        conn: In the name of whoever asks.
        as_of: Figures measured later do not count.
    """
    values = {
        "as_of": as_of,
        "report": _NAME,
        "kinds": list(AREA_KINDS),
        "ledgers": list(LEDGERS),
    }
    query = _COMPARED.format(places=places_as_of(conn, as_of).by_id)
    rows = conn.execute(text(query), values).mappings()
    return [{**row, **_judged(dict(row))} for row in rows]


def _judged(row: Mapping[str, Any]) -> dict[str, Any]:
    """The differences of a row, and what they come to."""
    general, departmental, certificate = (row[f"{ledger}_m2"] for ledger in LEDGERS)
    known = {figure for figure in (general, departmental, certificate) if figure is not None}
    lacks = None in (general, departmental, certificate)
    verdict = NOTHING if not known else DIFFERS if len(known) > 1 else LACKS if lacks else SAME
    return {
        "ledgers_m2": _less(general, departmental),
        "general_certificate_m2": _less(general, certificate),
        "departmental_certificate_m2": _less(departmental, certificate),
        "verdict": verdict,
        "partial": "yes" if row["is_partial"] else None,
        "known_by": "_".join(ledger for ledger in LEDGERS if row[f"{ledger}_m2"] is not None),
    }


def _less(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other


def _summed(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Per kind of area and verdict: how many properties, and the total of each ledger."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row["area_kind"], row["verdict"])
        line = found.setdefault(
            key,
            {"area_kind": key[0], "verdict": key[1], "property_count": 0}
            | {f"{ledger}_m2": Decimal("0.00") for ledger in LEDGERS},
        )
        line["property_count"] += 1
        for ledger in LEDGERS:
            line[f"{ledger}_m2"] += row[f"{ledger}_m2"] or 0
    order = (SAME, DIFFERS, LACKS, NOTHING)
    return sorted(found.values(), key=lambda one: (one["area_kind"], order.index(one["verdict"])))


_KIND: Final = ReportColumn("area_kind", "estate.column.area_kind", says="place.area.{}")
_VERDICT: Final = ReportColumn(
    "verdict", "estate.ledgers.verdict", says="estate.ledgers.verdict.{}"
)
_FIGURES: Final = tuple(
    ReportColumn(f"{ledger}_m2", f"estate.ledgers.{ledger}", "m2") for ledger in LEDGERS
)
_PROPERTY: Final = (
    ReportColumn("code", "estate.column.code"),
    ReportColumn("name", "estate.column.name"),
    ReportColumn("address", "estate.column.address"),
    ReportColumn("district", "estate.column.district"),
    ReportColumn("steward", "estate.ledgers.steward"),
    _KIND,
    *_FIGURES,
)
_PARTIAL: Final = ReportColumn(
    "partial", "estate.ledgers.partial", says="estate.ledgers.partial.{}"
)
_TITLES: Final = ReportColumn("titles", "estate.ledgers.titles")
_DIFFERENCES: Final = tuple(
    ReportColumn(name, f"estate.ledgers.{name}", "m2")
    for name in ("ledgers_m2", "general_certificate_m2", "departmental_certificate_m2")
)
_KEY: Final = ("code", "area_kind")


def build_ledgers(conn: Connection, as_of: date) -> Report:
    """The three-way comparison: sums, what differs, what only some of the three know, all."""
    rows = compared(conn, as_of)
    said = [row for row in rows if row["verdict"] != NOTHING]
    differing = [row for row in said if row["verdict"] == DIFFERS]
    lacking = [row for row in said if any(row[f"{ledger}_m2"] is None for ledger in LEDGERS)]
    known_by = ReportColumn(
        "known_by", "estate.ledgers.known_by", says="estate.ledgers.known_by.{}"
    )
    tables = (
        ReportTable(
            "summary", "estate.ledgers.summary",
            (_KIND, _VERDICT, ReportColumn("property_count", "estate.column.property_count"),
             *_FIGURES),
            _summed(rows), ("area_kind", "verdict"),
        ),
        ReportTable(
            "differing", "estate.ledgers.differing",
            (*_PROPERTY, *_DIFFERENCES, _PARTIAL, _TITLES), differing, _KEY, "code",
        ),
        ReportTable(
            "lacking", "estate.ledgers.lacking",
            (*_PROPERTY, known_by, _PARTIAL, _TITLES), lacking, _KEY, "code",
        ),
        ReportTable(
            "properties", "estate.ledgers.properties",
            (*_PROPERTY, *_DIFFERENCES, _VERDICT, _PARTIAL, _TITLES), said, _KEY, "code",
        ),
    )  # fmt: skip
    unverified = uses_unverified_rules(conn, as_of, _NAME)
    return Report(
        name=_NAME,
        title_key="estate.ledgers.title",
        as_of=as_of,
        tables=tables,
        footnotes=(
            ("estate.ledgers.meaning", {}),
            ("estate.ledgers.basis", {}),
            *((UNVERIFIED_RULES,) if unverified else ()),
        ),
    )


LEDGER_REPORT: Final = ReportBuilder(_NAME, "estate.ledgers.title", build_ledgers)
