"""One question for every domain: what is in this area, and the list behind each figure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, jsonify
from sqlalchemy import Connection

from assets.domain import AreaAnswer, DomainModule, FigureTable, TableColumn
from assets.registry import DOMAINS, LAYERS
from etl.export.words import is_worded, worded
from gis.errors import InputError
from gis.filters import Filter, stated_filters
from gis.layer_area import outline_of
from gis.layers import Layer
from gis.narrowing import keep_matching
from gis.places.terms import Terms, read_terms
from gis.questions import (
    Asked,
    AskedArea,
    Question,
    asked_area,
    collect_places,
    parse_question,
)
from gis.summed import collect_summed
from gis.uncounted import Uncounted, not_located
from webmap.asked import as_of_date, json_object
from webmap.language import language, say
from webmap.session import asking
from webmap.views.places import plain

blueprint = Blueprint("questions", __name__)
MOST_ROWS: Final = 20_000
_DEFAULT_ROWS: Final = 500


@blueprint.post("/api/area-summary")
def summarise_area() -> Response:
    """Figures and tables of every asked domain about the places of an area."""
    body = json_object()
    question = parse_question(body, as_of_date(body.get("as_of") or ""), LAYERS)
    domains = _domains(body.get("domains"))
    filters = stated_filters(LAYERS, body.get("filters"))
    with asking(is_one_moment=True) as conn:
        area = asked_area(conn, question)
        terms = read_terms(conn, language())
        answers = _answers(conn, question, area, filters, domains)
        outline = outline_of(conn, area.shape) if question.layer or question.place_id else None
        missing = not_located(conn, question.as_of)
    return jsonify(
        {
            "as_of": question.as_of.isoformat(),
            "within": {
                "title": _title(area, question),
                "area_m2": _rounded(area.area_m2),
                "outline": outline,
            },
            "domains": [_domain(domain, answer, terms) for domain, answer in answers],
            "filtered_by": [say(layer.title_key) for layer, _ in filters],
            "not_located": _beside(missing),
        }
    )


def _answers(
    conn: Connection,
    question: Question,
    area: AskedArea,
    filters: Sequence[tuple[Layer, Filter]],
    domains: Sequence[DomainModule],
) -> list[tuple[DomainModule, AreaAnswer]]:
    """What each domain answers; by its kept sums where it has some and all places are asked."""
    found: list[tuple[DomainModule, AreaAnswer]] = []
    collecting: dict[bool, Callable[[Connection, Question, AskedArea], Asked]] = {
        True: collect_summed,
        False: collect_places,
    }
    for takes_sums, collect in collecting.items():
        answering = [
            (domain, domain.area_facts.answer)
            for domain in domains
            if domain.area_facts
            and (domain.area_facts.sums is not None and not filters) == takes_sums
        ]
        if answering:
            asked = keep_matching(conn, collect(conn, question, area), filters)
            found += [(domain, answer(conn, asked)) for domain, answer in answering]
    return sorted(found, key=lambda one: domains.index(one[0]))


@blueprint.post("/api/area-list")
def list_area() -> Response:
    """The places or bodies behind one figure."""
    body = json_object()
    question = parse_question(body, as_of_date(body.get("as_of") or ""), LAYERS)
    wanted = str(body.get("list"))[:40]
    listers = {
        name: (domain, lister)
        for domain in _domains(body.get("domains"))
        if domain.area_facts
        for name, lister in domain.area_facts.lists.items()
    }
    if wanted not in listers:
        raise InputError("question.no_such_list", list=wanted)
    limit = _count(body.get("limit", _DEFAULT_ROWS), "limit", MOST_ROWS)
    offset = _count(body.get("offset", 0), "offset", 10**9)
    filters = stated_filters(LAYERS, body.get("filters"))
    with asking() as conn:
        area = asked_area(conn, question)
        asked = keep_matching(conn, collect_places(conn, question, area), filters)
        terms = read_terms(conn, language())
        domain, lister = listers[wanted]
        found = lister(conn, asked, limit, offset)
    return jsonify(
        {
            "list": wanted,
            "title": say(f"{domain.name}.list.{wanted}"),
            "within": {"title": _title(area, question)},
            "columns": [_column(column) for column in found.columns],
            "rows": _rows(found.columns, found.rows, terms),
            "total": found.total,
            "is_filtered": bool(filters),
            "sums": {name: plain(total) for name, total in found.sums.items()},
        }
    )


def _beside(found: Uncounted) -> dict[str, float]:
    return {
        "place_count": found.place_count,
        "gross_area_m2": round(found.gross_area_m2, 2),
    }


def _count(stated: object, name: str, most: int) -> int:
    if isinstance(stated, bool) or not isinstance(stated, int) or not 0 <= stated <= most:
        raise InputError("asked.out_of_bounds", name=name, least=0, most=most)
    return stated


def _domains(stated: object) -> Sequence[DomainModule]:
    if stated is None:
        return DOMAINS
    if not isinstance(stated, list):
        raise InputError("question.domains")
    unknown = {str(name) for name in stated} - {domain.name for domain in DOMAINS}
    if unknown:
        raise InputError("question.domains")
    return [domain for domain in DOMAINS if domain.name in stated]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _title(area: AskedArea, question: Question) -> str | None:
    params = dict(area.title_params)
    if layer_key := params.pop("layer_key", None):
        params["layer"] = say(layer_key)
    title = say(area.title_key, **params)
    if question.buffer_m:
        title = say("question.title.buffered", title=title, buffer_m=f"{question.buffer_m:g}")
    if question.is_touching:
        title = say("question.title.touching", title=title)
    if question.is_inverted:
        title = say("question.title.inverted", title=title)
    return title


def _domain(domain: DomainModule, answer: AreaAnswer, terms: Terms) -> dict[str, Any]:
    return {
        "name": domain.name,
        "title": say(domain.title_key),
        "figures": [
            {
                "name": figure.name,
                "title": say(figure.title_key),
                "value": figure.value,
                "unit": figure.unit,
                "list": figure.list_name,
                "list_column": figure.list_column,
                "footnote": say(figure.footnote[0], **figure.footnote[1])
                if figure.footnote
                else None,
            }
            for figure in answer.figures
        ],
        "tables": [_table(table, terms) for table in answer.tables],
    }


def _table(table: FigureTable, terms: Terms) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": say(table.title_key),
        "columns": [_column(column) for column in table.columns],
        "rows": [
            # The first column says what a row is about: an empty one would be read as a mistake.
            {**row, key: say("question.not_stated") if row[key] is None else row[key]}
            for key in (table.columns[0].name,)
            for row in _rows(table.columns, table.rows, terms)
        ],
    }


def _column(column: TableColumn) -> dict[str, Any]:
    return {
        "name": column.name,
        "title": say(column.title_key),
        "unit": column.unit,
        "type": column.type,
    }


def _rows(
    columns: Sequence[TableColumn], rows: Sequence[Mapping[str, Any]], terms: Terms
) -> list[dict[str, Any]]:
    by_name = {column.name: column for column in columns}
    titles: dict[tuple[str, Any], Any] = {}

    def shown(name: str, value: Any) -> Any:
        column = by_name.get(name)
        if column is None:
            return value
        return worded(column, value, terms, language()) if is_worded(column) else plain(value)

    said = []
    for row in rows:
        line = {}
        for name, value in row.items():
            # The same few words stand in thousands of rows.
            key = (name, value)
            if key not in titles:
                titles[key] = shown(name, value)
            line[name] = titles[key]
        said.append(line)
    return said
