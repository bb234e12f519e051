"""A real PostGIS for every test: one cluster and one migrated template a session."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import CodeType
from typing import Final

import hypothesis
import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
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


class _CompiledPages(BytecodeCache):
    """Pages that any application of this process has compiled; each test has an application."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._made.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._made[bucket.key, bucket.checksum] = bucket.code


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _CompiledPages()}

_MEMORY: Final = Path("/dev/shm")
_PLENTY: Final = 5 * 1024**3
"""Bytes for the cluster of one worker that runs half of all tests, and for the worker itself."""
_FEW_DATABASES: Final = 12
"""On a disk so many stay for the next session, which drops those that it makes anew."""


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
    about = getattr(request.config, "workerinput", {})
    folder = _cluster_folder(
        load_settings().state_dir, about.get("workerid"), at_once=about.get("workercount", 1)
    )
    test_cluster = Cluster(folder, durable=False)
    with test_cluster.running():
        yield test_cluster
    databases = len(list((test_cluster.data_dir / "base").glob("[0-9]*")))
    is_kept = databases <= _FEW_DATABASES and not folder.is_relative_to(_MEMORY)
    if not is_kept and not test_cluster.status().is_running:
        shutil.rmtree(folder)


def _cluster_folder(state_dir: Path, worker: str | None, *, at_once: int) -> Path:
    """Where the cluster is: in memory where there is plenty, else in the state folder.

    A database is 1,300 files. On a disk that others write to, making and dropping one takes
    seconds; there are hundreds in all.
    """
    name = f"test-cluster-{worker}" if worker else "test-cluster"
    beside = state_dir / name
    if not _MEMORY.is_dir():
        return beside
    if min(shutil.disk_usage(_MEMORY).free, _free_memory()) < at_once * _PLENTY:
        return beside
    mark = hashlib.sha256(os.fsencode(beside.absolute())).hexdigest()[:12]
    return _MEMORY / f"onemap-{os.geteuid()}-{mark}-{name}"


def _free_memory() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


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
    """Makes migrated databases by name; many go with their cluster, few stay for the next time."""
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
    for database in made.values():
        database.dispose()


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
