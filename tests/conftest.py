"""A real PostGIS for every test: one cluster and one migrated template a session."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import hypothesis
import pytest
from sqlalchemy import URL, Connection, text

from assets import migrate
from gis.cluster import Cluster
from gis.db import Database, Role, transaction
from gis.rights import actions as rights_actions
from gis.settings import load_settings

TEMPLATE = "onemap_template"

# The checkout may be read-only, and a shared machine is slow at times.
hypothesis.settings.register_profile("onemap", database=None, deadline=None)
hypothesis.settings.load_profile("onemap")


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much is tried.

    `--kills` of the worker, `--examples` of requests invented for an address, and which `--share`
    of the hostile things is put into each field.
    """
    parser.addoption("--kills", type=int, default=10)
    parser.addoption("--examples", type=int, default=12)
    parser.addoption("--share", type=float, default=0.1)


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """The test cluster, apart from anybody's data; it may lose everything in a crash.

    Tests that run at once have one each: roles and what the whole server does are shared by its
    databases.
    """
    worker = getattr(request.config, "workerinput", {}).get("workerid")
    folder = f"test-cluster-{worker}" if worker else "test-cluster"
    test_cluster = Cluster(load_settings().state_dir / folder, durable=False)
    with test_cluster.running():
        yield test_cluster


def _database(cluster: Cluster, name: str) -> Database:
    def url_of(role: Role | None) -> URL:
        return cluster.url(role.value, name) if role else cluster.url(database=name)

    return Database(url_of)


def _drop(cluster: Cluster, name: str) -> None:
    postgres = _database(cluster, "postgres")
    with postgres.admin().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    postgres.dispose()


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> str:
    """Name of a database as a migration leaves it: no data beyond the seeds."""
    _drop(cluster, TEMPLATE)
    cluster.create_database(TEMPLATE)
    database = _database(cluster, TEMPLATE)
    migrate.upgrade(database.admin(), database.engine(Role.OWNER))
    database.dispose()
    return TEMPLATE


@pytest.fixture(scope="session")
def make_database(cluster: Cluster, template: str) -> Iterator[Callable[[str], Database]]:
    """Makes migrated databases by name; they go with the session."""
    made: dict[str, Database] = {}

    def make(name: str) -> Database:
        for earlier in made.values():
            # What lies in the pools of tests that are over would use up the server's connections.
            earlier.dispose()
        _drop(cluster, name)
        cluster.create_database(name, template=template)
        made[name] = _database(cluster, name)
        return made[name]

    yield make
    for name, database in made.items():
        database.dispose()
        _drop(cluster, name)


@pytest.fixture(scope="session")
def database(make_database: Callable[[str], Database]) -> Database:
    """A database shared by tests that roll back what they do."""
    return make_database("onemap_shared")


@pytest.fixture
def own_database(make_database: Callable[[str], Database]) -> Iterator[Database]:
    """A migrated database for one test that commits."""
    own = make_database("onemap_own")
    yield own
    own.dispose()


@pytest.fixture
def conn(database: Database) -> Iterator[Connection]:
    """A transaction of the owner, rolled back after the test: sees past row security."""
    with database.engine(Role.OWNER).connect() as connection:
        opened = connection.begin()
        yield connection
        opened.rollback()


@dataclass(frozen=True)
class Operator:
    """An account that may do everything, with an open session."""

    account_id: int
    token: str


@pytest.fixture
def operator(own_database: Database) -> Operator:
    """The all-seeing operator of a database of one's own."""
    return open_operator(own_database)


def open_operator(database: Database) -> Operator:
    """Makes the operator and opens a session."""
    with transaction(database.engine(Role.OWNER), None) as owner:
        account_id = rights_actions.ensure_account(owner, "operator", [rights_actions.EVERYTHING])
        token = rights_actions.open_session(owner, account_id, lifetime=timedelta(hours=1))
    return Operator(account_id, token)
