"""What the estate reports: the figures of the national survey of office premises, by filer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.estate.model import construction_project
from assets.report import Report, ReportBuilder, ReportColumn, ReportTable
from gis.audit.head import sealed_head
from gis.errors import InputError
from gis.organizations.then import bodies_then
from gis.places.counted import counted_areas, uses_unverified_rules
from gis.places.then import places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN

LEVELS: Final = ("city", "county", "town")
"""Agency levels, highest first; a property is filed at the level of its highest agency."""
_SURVEY: Final = "survey"
POPULATION: Final = "party_government"

_AREA_KINDS: Final = (
    "land", "gross", "office_gross", "technical_gross", "office_usable", "service_usable",
    "equipment_usable", "usable", "ancillary_gross",
)  # fmt: skip


@dataclass(frozen=True)
class SurveyUnit:
    """An agency that uses a property: its name, category and approved posts by rank."""

    name: str
    category_title: str | None
    posts: Mapping[str, int]
    organization_id: int | None = None


@dataclass(frozen=True)
class SurveyProperty:
    """A property as the survey asks about it. Areas in m2, null where nobody stated one.

    Args:
        code: Ours; travels in the workbook so that it finds its place again.
        level: Of its highest agency; `county` where it has none.
        areas: By area kind.
        ownership_title: As the vocabulary writes it.
        steward_id: The body that answers for the place.
        ownership_status: Code of the title.
    """

    place_id: int
    code: str
    reporter_code: str
    level: str
    address: str | None
    admin_area_code: str | None
    areas: Mapping[str, Decimal]
    units: tuple[SurveyUnit, ...]
    ownership_title: str | None
    year_built: int | None
    is_leased_in: bool | None
    remark: str | None
    has_shape: bool
    has_title: bool
    steward_id: int | None = None
    ownership_status: str | None = None


@dataclass(frozen=True)
class SurveyProject:
    """An office building planned or being built, as the survey lists it.

    Args:
        code: Ours; travels in the workbook so that it finds its record again.
        planned_area_m2: Null where nobody stated one.
        estimated_cost_yuan: In yuan, though the form prints 万元; null where nobody stated one.
    """

    code: str
    reporter_code: str
    name: str
    approving_body: str | None
    builder_name: str | None
    user_name: str | None
    address: str | None
    planned_area_m2: Decimal | None
    estimated_cost_yuan: Decimal | None
    remark: str | None


@dataclass(frozen=True)
class Completeness:
    """Register honesty: how many of the properties have what the form needs."""

    properties: int
    with_address: int
    with_shape: int
    with_area: int
    with_title: int


@dataclass(frozen=True)
class Survey:
    """The workbook of one filer.

    Args:
        reporter_code: District or city that files.
        reporter_name: Its name.
        level: `city` or `county`: which form.
        as_of: The day the figures hold for.
        properties: In the order of the form.
        uses_unverified: Whether a vocabulary row or a rule nobody has verified was used.
        projects: In the order of the form.
        sealed: The newest seal of history, as it is printed; null before the first.
    """

    reporter_code: str
    reporter_name: str
    level: str
    as_of: date
    properties: tuple[SurveyProperty, ...]
    uses_unverified: bool
    projects: tuple[SurveyProject, ...] = ()
    sealed: str | None = None

    def of_level(self, level: str) -> list[SurveyProperty]:
        """The properties on the sheet of a level."""
        return [one for one in self.properties if one.level == level]

    def completeness(self) -> Completeness:
        """How complete the register is for these properties."""
        return Completeness(
            properties=len(self.properties),
            with_address=sum(bool(one.address) for one in self.properties),
            with_shape=sum(one.has_shape for one in self.properties),
            with_area=sum("gross" in one.areas for one in self.properties),
            with_title=sum(one.has_title for one in self.properties),
        )


_PROPERTIES: Final = f"""
SELECT p.place_id, p.code, p.steward_id, p.address, p.remark, p.geom IS NOT NULL AS has_shape,
  coalesce(p.stated_admin_area_code, p.admin_area_code) AS admin_area_code,
  coalesce(s.ownership_status, b.ownership_status) AS ownership_status,
  coalesce(s.year_built, b.year_built) AS year_built,
  coalesce(s.is_leased_in, b.is_leased_in) AS is_leased_in
FROM {{places}} AS p
LEFT JOIN place.site AS s USING (place_id) LEFT JOIN place.building AS b USING (place_id)
WHERE (p.kind = 'site' OR p.kind = 'building' AND p.parent_id IS NULL)
  AND coalesce(s.population, b.population) = :population AND {IN_FORCE.format("p")}
  AND (CAST(:only AS bigint[]) IS NULL OR p.place_id = ANY(:only))
  AND {IS_OPEN.format("p")}
ORDER BY coalesce(p.stated_admin_area_code, p.admin_area_code), p.code"""
_AREAS: Final = """
SELECT c.place_id, c.area_kind, c.area_m2 FROM {counted} AS c
WHERE c.place_id = ANY(:ids) AND c.area_kind = ANY(:kinds) AND c.area_m2 IS NOT NULL"""
# Who files the census says who uses a property; other lists count where nobody filed.
_UNITS: Final = f"""
SELECT DISTINCT h.place_id, o.organization_id, o.name, o.level_code, o.category_code,
  o.admin_area_code, array_position(CAST(:levels AS text[]), o.level_code) AS rank
FROM estate.holding AS h
JOIN estate.holding_party AS party USING (holding_id)
JOIN ({bodies_then()}) AS o ON o.organization_id = party.holder_id
WHERE h.place_id = ANY(:ids) AND h.kind = 'occupies' AND {IN_FORCE.format("h")}
  AND (h.source NOT IN ('survey', 'technical') OR NOT EXISTS (
    SELECT FROM estate.holding AS c WHERE c.place_id = h.place_id AND c.kind = 'occupies'
      AND c.source = 'census' AND {IN_FORCE.format("c")}))
ORDER BY h.place_id, rank NULLS LAST, o.organization_id"""
# The survey's own count where there is one, else the directory's; the newest of either.
_POSTS: Final = """
SELECT DISTINCT ON (c.organization_id, c.rank_code) c.organization_id, c.rank_code, c.people
FROM organization.headcount AS c
WHERE c.organization_id = ANY(:ids) AND c.kind = 'quota' AND c.rank_code IS NOT NULL
  AND c.counted_on <= :as_of
ORDER BY c.organization_id, c.rank_code, c.source = 'census' DESC, c.counted_on DESC"""
_TITLED: Final = f"""
SELECT DISTINCT tp.place_id FROM place.title_place AS tp JOIN place.title AS t USING (title_id)
WHERE tp.place_id = ANY(:ids) AND t.state = 'registered' AND {IN_FORCE.format("t")}"""
_TERMS: Final = """
SELECT list, term, title_zh, is_verified FROM place.term
WHERE list IN ('ownership_status', 'organization_category')"""
_PROJECTS: Final = """
SELECT code, coalesce(admin_area_code, '-') AS reporter_code, name, approving_body, builder_name,
  user_name, address, planned_area_m2, estimated_cost_yuan, remark
FROM estate.construction_project WHERE stated_on IS NULL OR stated_on <= :as_of
ORDER BY project_id"""
_REPORTERS: Final = "SELECT code, name, level, parent_code FROM place.admin_area"


def surveys(conn: Connection, as_of: date) -> list[Survey]:
    """The survey of every filer that the asking account sees properties or projects of, by code.

    The city files what its own agencies use; each district, and each functional area with agencies
    of its own, files the rest.

    Raises:
        InputError: There is no property of the survey's population, and no project.
    """
    properties, uses_unverified = survey_properties(conn, as_of)
    projects = [SurveyProject(**row) for row in _read(conn, _PROJECTS, as_of=as_of)]
    if not properties and not projects:
        raise InputError("estate.survey_is_empty", as_of=as_of.isoformat())
    areas = {row["code"]: row for row in _read(conn, _REPORTERS)}
    by_reporter: dict[str, list[SurveyProperty]] = {}
    for one in properties:
        by_reporter.setdefault(one.reporter_code, []).append(one)
    made, sealed = [], sealed_head(conn)
    for code in sorted(by_reporter.keys() | {one.reporter_code for one in projects}):
        area = areas.get(code)
        is_city = area is not None and area["level"] == "city"
        made.append(
            Survey(
                reporter_code=code,
                reporter_name=area["name"] if area else code,
                level="city" if is_city else "county",
                as_of=as_of,
                properties=tuple(by_reporter.get(code, ())),
                uses_unverified=uses_unverified,
                projects=tuple(one for one in projects if one.reporter_code == code),
                sealed=sealed,
            )
        )
    return made


def survey_properties(
    conn: Connection, as_of: date, place_ids: Sequence[int] | None = None
) -> tuple[list[SurveyProperty], bool]:
    """Properties of the survey's population by area and code, all or these.

    Returns:
        The properties, and whether a vocabulary row or a rule nobody has verified was used.
    """
    only = None if place_ids is None else list(place_ids)
    query = _PROPERTIES.format(places=places_as_of(conn, as_of).by_id)
    found = _read(conn, query, as_of=as_of, population=POPULATION, only=only)
    return _properties(conn, found, as_of) if found else ([], False)


def _read(conn: Connection, statement: str, **values: Any) -> list[Mapping[str, Any]]:
    return [dict(row) for row in conn.execute(text(statement), values).mappings()]


class _Titles:
    """Titles of codes, remembering whether an unverified row of a vocabulary was used."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._terms = {(row["list"], row["term"]): row for row in rows}
        self.uses_unverified = False

    def of(self, list_name: str, code: str | None) -> str | None:
        if code is None:
            return None
        term = self._terms.get((list_name, code))
        if term is None:
            return code
        self.uses_unverified |= not term["is_verified"]
        return str(term["title_zh"])


def _grouped(
    rows: Sequence[Mapping[str, Any]], key: str, name: str, value: str
) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row[key], {})[row[name]] = row[value]
    return found


def _properties(
    conn: Connection, found: Sequence[Mapping[str, Any]], as_of: date
) -> tuple[list[SurveyProperty], bool]:
    ids = [row["place_id"] for row in found]
    query = _AREAS.format(counted=counted_areas(conn, as_of, _SURVEY))
    areas = _grouped(
        _read(conn, query, ids=ids, kinds=list(_AREA_KINDS)), "place_id", "area_kind", "area_m2"
    )
    users: dict[int, list[Mapping[str, Any]]] = {}
    for row in _read(conn, _UNITS, ids=ids, as_of=as_of, levels=list(LEVELS)):
        users.setdefault(row["place_id"], []).append(row)
    bodies = list({unit["organization_id"] for units in users.values() for unit in units})
    counts = _read(conn, _POSTS, ids=bodies, as_of=as_of)
    posts = _grouped(counts, "organization_id", "rank_code", "people")
    titled = {row["place_id"] for row in _read(conn, _TITLED, ids=ids, as_of=as_of)}
    parents = {row["code"]: row["parent_code"] for row in _read(conn, _REPORTERS)}
    titles = _Titles(_read(conn, _TERMS))
    made = []
    for row in found:
        units = users.get(row["place_id"], [])
        main = units[0] if units else None
        level = main["level_code"] if main and main["level_code"] in LEVELS else "county"
        made.append(
            SurveyProperty(
                reporter_code=_reporter(row, main, level, parents),
                level=level,
                areas=areas.get(row["place_id"], {}),
                units=tuple(_unit(unit, titles, posts) for unit in units),
                ownership_title=titles.of("ownership_status", row["ownership_status"]),
                has_title=row["place_id"] in titled,
                **{name: row[name] for name in _AS_READ},
            )
        )
    return made, titles.uses_unverified or uses_unverified_rules(conn, as_of, _SURVEY)


_AS_READ: Final = (
    "place_id", "code", "address", "admin_area_code", "year_built", "is_leased_in", "remark",
    "has_shape", "steward_id", "ownership_status",
)  # fmt: skip


def _unit(
    unit: Mapping[str, Any], titles: _Titles, posts: Mapping[int, Mapping[str, int]]
) -> SurveyUnit:
    return SurveyUnit(
        unit["name"],
        titles.of("organization_category", unit["category_code"]),
        posts.get(unit["organization_id"], {}),
        unit["organization_id"],
    )


def _reporter(
    row: Mapping[str, Any],
    main: Mapping[str, Any] | None,
    level: str,
    parents: Mapping[str, str | None],
) -> str:
    """Who files: the city for its own agencies, else the agency's area, else the property's."""
    area: str | None = (main or {}).get("admin_area_code") or row["admin_area_code"]
    if area is None:
        return "-"
    if level == "city":
        return parents.get(area) or area
    return area


def _column(name: str, unit: str | None = None) -> ReportColumn:
    return ReportColumn(name, f"estate.survey.{name}", unit)


_IN_TABLE: Final = ("level", "code", "address", "admin_area_code")
_LEVEL_COLUMN: Final = ReportColumn("level", "estate.survey.level", says="estate.survey.level.{}")
_COLUMNS: Final = (
    _column("reporter_code"), _LEVEL_COLUMN, _column("code"), _column("address"),
    _column("admin_area_code"),
    *(ReportColumn(f"{kind}_m2", f"place.area.{kind}", "m2") for kind in _AREA_KINDS),
    _column("units"), _column("ownership"), _column("year_built"), _column("is_leased_in"),
    _column("remark"),
)  # fmt: skip
_PROJECT_COLUMNS: Final = (
    _column("reporter_code"), _column("code"), _column("project_name"), _column("approving_body"),
    _column("builder_name"), _column("user_name"), _column("address"),
    _column("planned_area_m2", "m2"), _column("estimated_cost_yuan", "yuan"), _column("remark"),
)  # fmt: skip
_SHARE_COLUMNS: Final = (
    _column("reporter_code"), _column("properties"), _column("with_address"),
    _column("with_shape"), _column("with_area"), _column("with_title"),
)  # fmt: skip


def build_survey(conn: Connection, as_of: date) -> Report:
    """The survey as plain tables, for programs: one row a property, and register honesty."""
    filed = surveys(conn, as_of)
    rows = [
        {
            "reporter_code": survey.reporter_code,
            **{name: getattr(one, name) for name in _IN_TABLE},
            **{f"{kind}_m2": one.areas.get(kind) for kind in _AREA_KINDS},
            "units": [unit.name for unit in one.units],
            "ownership": one.ownership_title,
            "year_built": one.year_built,
            "is_leased_in": one.is_leased_in,
            "remark": one.remark,
        }
        for survey in filed
        for one in survey.properties
    ]
    projects = [
        {**vars(one), "project_name": one.name} for survey in filed for one in survey.projects
    ]
    honesty = [
        {"reporter_code": survey.reporter_code, **vars(survey.completeness())} for survey in filed
    ]
    unverified: tuple[str, Mapping[str, Any]] = ("estate.survey_unverified", {})
    footnotes = (unverified,) if filed[0].uses_unverified else ()
    return Report(
        name=_SURVEY,
        title_key="estate.survey.title",
        as_of=as_of,
        tables=(
            ReportTable("properties", "estate.layer.property", _COLUMNS, rows, ("code",), "code"),
            ReportTable(
                "completeness",
                "estate.survey.completeness",
                _SHARE_COLUMNS,
                honesty,
                ("reporter_code",),
            ),
            ReportTable(
                "projects",
                "estate.survey.projects",
                _PROJECT_COLUMNS,
                projects,
                ("code",),
                row_table=construction_project.fullname,
            ),
        ),
        footnotes=footnotes,
    )


SURVEY: Final = ReportBuilder(
    _SURVEY, "estate.survey.title", build_survey, ("ownership_status", "organization_category")
)
REPORTS: Final = (SURVEY,)
