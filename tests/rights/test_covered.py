"""The matrix leaves nothing out: every table, domain and way out takes part in it, and shows it.

Every other test here compares what somebody is answered with what he would be answered without the
rows that are not for him. That proves nothing of a table which has none, nor of a question whose
answer no such row moves. So a new domain fails here until it has marked rows and questions.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from assets.registry import DOMAINS, LAYERS, METADATA, report_names
from gis.db import Role
from gis.history import SCHEMA
from gis.rights.policies import guard_ddl
from tests.rights.answers import ask
from tests.rights.askers import Asker
from tests.rights.conftest import World
from tests.rights.exceptions import FILE, against
from tests.rights.matrix import questions
from tests.rights.reads import claims
from tests.rights.writes import attempts

GUARDED = sorted(
    table.fullname
    for table in METADATA.sorted_tables
    if table.schema != SCHEMA and guard_ddl(table) and not table.info.get("seen_by")
)
CHANNELS = {
    "list", "item", "suggestion", "tile", "area-summary", "count", "chart", "export", "report",
    "OGC items", "history",
}  # fmt: skip
"""Every kind of way out; attempts at writing, and the errors they end in, are asked of each route
that writes (`test_writes.py`)."""


@pytest.fixture
def viewer(world: World) -> Asker:
    """Who sees one spot."""
    return world.askers["viewer"]


def test_every_guarded_table_has_rows_that_are_hidden_from_somebody(
    world: World, viewer: Asker
) -> None:
    full, twin = world.database, world.twin_database(viewer)
    bare = set()
    with full.engine(Role.OWNER).connect() as here, twin.engine(Role.OWNER).connect() as there:
        for name in GUARDED:
            query = text(f"SELECT count(*) FROM {name}")
            if here.execute(query).scalar_one() <= there.execute(query).scalar_one():
                bare.add(name)
    wrong = against("unmarked", bare)
    assert wrong == {}, f"mark rows of it, or say why in {FILE.name}: {wrong}"


def test_every_route_is_answered_otherwise_where_rows_are_missing(
    world: World, viewer: Asker
) -> None:
    """Asked by who sees everything: what no row moves proves nothing about rows."""
    everything = world.askers["everything"]
    browser, elsewhere = world.app.test_client(), world.twin(viewer).test_client()
    moved: set[str] = set()
    for probe in [*questions(world), *questions(world, heavy=True)]:
        if probe.endpoint not in moved and (
            ask(browser, everything, probe) != ask(elsewhere, everything, probe)
        ):
            moved.add(probe.endpoint)
    wrong = against("unmoved", set(claims(world.city)) - moved)
    assert wrong == {}, f"ask what a hidden row changes, or say why in {FILE.name}: {wrong}"


def test_every_kind_of_way_out_is_asked(world: World) -> None:
    asked = {probe.channel for heavy in (False, True) for probe in questions(world, heavy=heavy)}
    assert asked - {"page"} == CHANNELS
    spot = world.city.spots["other_body"]
    assert {one.needs for one in attempts(world.city, spot).values()} == {
        "place", "other", "all", "office",
    }  # fmt: skip


def _published() -> Iterator[tuple[str, str]]:
    """What each domain shows under a name of its own, with the address that asks for it."""
    for layer in LAYERS:
        yield layer.name, f"/tiles/{layer.name}/"
        yield layer.name, f"/ogc/collections/{layer.name}/items"
        if layer.arms:
            yield layer.name, f"/api/layers/{layer.name}/count"
    for name in report_names():
        yield name, f"/api/reports/{name}.json"
        yield name, f"/api/reports/{name}.xlsx"
    for domain in DOMAINS:
        for indicator in domain.indicators:
            yield indicator.name, f"indicator={domain.name}.{indicator.name}"
        for name in domain.area_facts.lists if domain.area_facts else ():
            yield name, f'"list": "{name}"'


def test_every_layer_report_indicator_and_list_is_asked_for(world: World) -> None:
    asked = "\n".join(
        str(probe) for heavy in (False, True) for probe in questions(world, heavy=heavy)
    )
    assert {name for name, address in _published() if address not in asked} == set()
