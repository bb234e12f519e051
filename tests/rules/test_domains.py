"""Every registered domain keeps the contract, on an empty register, whatever it is about."""

import re
from datetime import date
from pathlib import Path

import pytest
from makers import make_area
from sqlalchemy import Connection, text

from assets.domain import DomainModule
from assets.registry import DOMAINS, LAYERS, METADATA, WORKFLOWS
from assets.report import Report
from assets.services.papers.heads import column_title
from etl.later_loads import EXEMPT
from etl.pack import load_pack
from gis.errors import InputError
from gis.history import history_name, kept_tables
from gis.i18n import LANGUAGES, catalogue
from gis.layers import Layer
from gis.questions import asked_area, collect_places, parse_question
from gis.themes.indicators import measure
from gis.themes.units import collect_units
from gis.tiles import TileAddress, tile

TODAY = date(2026, 1, 1)
layers = pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
domains = pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.name)


def _untranslated(keys: set[str]) -> set[str]:
    return {key for key in keys for language in LANGUAGES if key not in catalogue(language)}


@layers
def test_a_layer_has_a_view_that_runs_with_its_readers_rights(
    conn: Connection, layer: Layer
) -> None:
    row = conn.execute(
        text(
            "SELECT 'security_invoker=true' = ANY(reloptions), obj_description(oid, 'pg_class')"
            " FROM pg_class WHERE oid = to_regclass(:name)"
        ),
        {"name": f"map.{layer.name}"},
    ).one()
    assert row[0] is True
    assert row[1]


@layers
def test_a_layer_that_draws_places_one_by_one_has_its_table(layer: Layer) -> None:
    needs = bool(layer.arms) and not layer.is_always_counted
    assert (layer.drawn in METADATA.tables) is needs
    assert needs or layer.drawn is None


@layers
def test_a_layers_columns_are_those_it_declares_and_each_has_a_comment(
    conn: Connection, layer: Layer
) -> None:
    rows = conn.execute(
        text(
            "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute"
            " WHERE attrelid = to_regclass(:name) AND attnum > 0 ORDER BY attnum"
        ),
        {"name": f"map.{layer.name}"},
    ).all()
    assert [row[0] for row in rows] == list(layer.columns())
    assert [row[0] for row in rows if not row[1]] == []


@layers
def test_a_layer_speaks_both_languages(layer: Layer) -> None:
    keys = {layer.title_key, *(attribute.title_key for attribute in layer.attributes)}
    keys |= {theme.title_key for theme in layer.themes}
    keys |= {each.title_key for theme in layer.themes for each in theme.classes}
    assert _untranslated(keys) == set()


@layers
@pytest.mark.parametrize("zoom", [9, 14, 18])
def test_a_layer_of_an_empty_register_has_tiles(conn: Connection, layer: Layer, zoom: int) -> None:
    column, row = int((120 + 180) / 360 * 2**zoom), int(0.4065 * 2**zoom)
    address = TileAddress(layer.name, zoom, column, row, TODAY)
    assert isinstance(tile(conn, layer, address, today=TODAY), bytes)


@domains
def test_a_domain_gives_the_rest_of_the_product_something(domain: DomainModule) -> None:
    given = vars(domain)
    assert any(given[name] for name in given if name not in {"name", "title_key"})
    assert _untranslated({domain.title_key}) == set()


@domains
def test_a_domain_answers_about_an_empty_area(conn: Connection, domain: DomainModule) -> None:
    if domain.area_facts is None:
        pytest.skip("answers no area questions")
    square = [[[119.0, 31.0], [120.0, 31.0], [120.0, 32.0], [119.0, 31.0]]]
    body = {"within": {"geometry": {"type": "Polygon", "coordinates": square}}}
    question = parse_question(body, TODAY)
    asked = collect_places(conn, question, asked_area(conn, question))
    answer = domain.area_facts.answer(conn, asked)
    names = [figure.name for figure in answer.figures]
    assert names
    assert len(set(names)) == len(names)
    assert _untranslated({figure.title_key for figure in answer.figures}) == set()
    lists = {figure.list_name for figure in answer.figures if figure.list_name}
    assert lists <= set(domain.area_facts.lists)
    for read in domain.area_facts.lists.values():
        listed = read(conn, asked, 10, 0)
        assert (listed.total, list(listed.rows)) == (0, [])
        assert _untranslated({column.title_key for column in listed.columns}) == set()


@domains
def test_a_domains_indicators_have_no_figure_where_there_is_nothing(
    conn: Connection, domain: DomainModule
) -> None:
    make_area(conn, "320400", level="district")
    names = [indicator.name for indicator in domain.indicators]
    assert len(set(names)) == len(names)
    for by in ("district", "place"):
        collect_units(conn, by, TODAY)
        for indicator in domain.indicators:
            said = {indicator.title_key, indicator.source_key, indicator.per_key} - {None}
            assert _untranslated({key for key in said if key}) == set()
            measured = measure(conn, indicator, TODAY).values()
            assert {one.value for one in measured} <= {None}, indicator.name


@domains
def test_a_domain_has_nothing_to_say_of_a_place_that_is_not(
    conn: Connection, domain: DomainModule
) -> None:
    if domain.place_facts is None:
        pytest.skip("says nothing of places")
    said = domain.place_facts(conn, -1, TODAY)
    assert said.holdings == ()
    assert [fact.value for fact in said.facts if fact.value] == []


@domains
def test_a_domains_reports_build_on_an_empty_register_or_say_why_not(
    conn: Connection, domain: DomainModule
) -> None:
    for report in domain.reports:
        assert _untranslated({report.title_key}) == set()
        try:
            said = _said(report.build(conn, TODAY))
        except InputError as nothing_to_report:
            said = {nothing_to_report.key}
        assert _untranslated(said) == set()


def _said(report: Report) -> set[str]:
    """Keys of all that a report says around its figures; a unit without a word is an error."""
    columns = [column for table in report.tables for column in table.columns]
    assert all(column_title(column, "en") for column in columns)
    return {
        *(key for key, _ in report.footnotes),
        *(table.title_key for table in report.tables),
        *(key for column in columns for key in (column.title_key, *column.above)),
    }


def test_every_kept_table_has_a_word_for_its_rows() -> None:
    kept = {f"kept.{history_name(table)}" for table in kept_tables(METADATA)
            if table.schema not in EXEMPT}  # fmt: skip
    assert _untranslated(kept) == set()


@domains
def test_every_field_that_files_carry_has_a_word_in_a_pack(domain: DomainModule) -> None:
    known = {(contract, field) for (contract, _), field in load_pack().headers.items()}
    missing = [
        f"{contract.name}.{column.field}"
        for contract in domain.contracts
        for column in contract.columns
        if not column.is_keyed
        and (contract.name, column.field) not in known
        and ("*", column.field) not in known
    ]
    assert missing == []


def test_the_loader_knows_no_contract_by_name() -> None:
    names = "|".join(contract.name for domain in DOMAINS for contract in domain.contracts)
    by_name = re.compile(rf"contract\.name (==|!=|in|not in) .*[\"']({names})[\"']")
    etl = Path(__file__).parents[2] / "etl"
    naming = [str(path) for path in etl.rglob("*.py") if by_name.search(path.read_text("utf-8"))]
    assert naming == []


def test_every_workflow_has_its_words() -> None:
    for workflow in WORKFLOWS:
        name = workflow.name
        keys = {f"{name}.title", *(f"{name}.state.{state}" for state in workflow.states)}
        for step in workflow.steps:
            keys |= {f"{name}.step.{step.name}", f"{name}.cannot.{step.name}"}
            keys |= {f"{name}.not_yours.{actor}" for actor in step.actors}
            keys |= {f"{name}.field.{field}" for field in step.needs_fields}
        assert _untranslated(keys) == set()
