"""An office on a database of its own, with the districts of a city."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from office import Office

from etl.admin_areas import packaged_city, save_areas
from gis.cluster import Cluster
from gis.db import Database, Role
from gis.settings import Settings
from tests.conftest import Operator


@pytest.fixture
def office(
    cluster: Cluster, own_database: Database, operator: Operator, tmp_path: Path
) -> Iterator[Office]:
    with own_database.engine(Role.OWNER).begin() as conn:
        save_areas(conn, packaged_city("320400"))
    url = cluster.url(database="onemap_own").render_as_string(hide_password=False)
    settings = Settings(state_dir=tmp_path / "state", database_url=url, language="zh")
    settings.state_dir.mkdir()
    made = Office(own_database, operator, settings, url)
    yield made
    for worker in made.workers:
        worker.kill()
        worker.wait()
