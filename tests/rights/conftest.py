"""The marked register as it is, and for each asker once more without what is not for that asker."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask

from gis.clock import today
from gis.cluster import Cluster
from gis.db import Database, Role
from gis.settings import Settings
from gis.summing import refresh_sums
from gis.versions import VersionWatch
from tests.conftest import _database, _drop
from tests.rights.askers import Asker, make_askers
from tests.rights.marked_city import MarkedCity, build
from tests.rights.twin import forget_what_is_hidden
from webmap.app import create_app

PRISTINE = "onemap_marked"


@dataclass
class World:
    """The register, who asks, and the application over it and over its twins.

    Args:
        pristine: Name of the database that each is a copy of; nobody is connected to it.
    """

    cluster: Cluster
    city: MarkedCity
    askers: Mapping[str, Asker]
    folder: Path
    _apps: dict[str, tuple[Flask, Database]] = field(default_factory=dict)

    @property
    def app(self) -> Flask:
        """The application over everything."""
        return self._app("full", None)

    def fresh(self, name: str) -> Flask:
        """The application over a copy of its own, for a test that changes something."""
        return self._app(name, None)

    def fresh_database(self, name: str) -> Database:
        """The database of `fresh`."""
        self.fresh(name)
        return self._apps[name][1]

    @property
    def database(self) -> Database:
        """The database of `app`."""
        self._app("full", None)
        return self._apps["full"][1]

    def twin(self, asker: Asker) -> Flask:
        """The application over a register that never had what the asker may not see."""
        return self._app(f"twin {sorted(asker.cells)}", asker)

    def twin_database(self, asker: Asker) -> Database:
        """The database of `twin`."""
        self.twin(asker)
        return self._apps[f"twin {sorted(asker.cells)}"][1]

    def _app(self, key: str, asker: Asker | None) -> Flask:
        if key not in self._apps:
            name = f"{PRISTINE}_{len(self._apps)}"
            _drop(self.cluster, name)
            self.cluster.create_database(name, template=PRISTINE)
            database = _database(self.cluster, name)
            if asker is not None:
                forget_what_is_hidden(database, asker.cells)
            # Areas are answered by kept sums, here as there made of what there is.
            refresh_sums(database.engine(Role.LOADER), today())
            settings = Settings(state_dir=self.folder, database_url=None, language="zh")
            self._apps[key] = create_app(settings, database), database
        return self._apps[key][0]

    def close(self) -> None:
        watches = [app.extensions["onemap_tiles"].watch for app, _ in self._apps.values()]
        with ThreadPoolExecutor(len(watches) or 1) as at_once:  # each takes its half second
            list(at_once.map(VersionWatch.close, watches))
        for _, database in self._apps.values():
            database.dispose()


@pytest.fixture(scope="session")
def world(
    cluster: Cluster,
    make_database: Callable[[str], Database],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    city = build(make_database(PRISTINE))
    askers = make_askers(city)
    city.database.dispose()
    made = World(cluster, city, askers, Path(tmp_path_factory.mktemp("state")))
    yield made
    made.close()
