"""A database of a benchmark's own in the private cluster; it goes with the benchmark."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assets import migrate
from gis.backup import drop_database
from gis.cluster import Cluster
from gis.database import private_database
from gis.db import Database, Role


@contextmanager
def own_database(cluster: Cluster, name: str) -> Iterator[Database]:
    """A migrated database without data, dropped at the end, whoever is still connected."""
    drop_database(cluster, name)
    cluster.create_database(name)
    database = private_database(cluster, name)
    try:
        migrate.upgrade(database.admin(), database.engine(Role.OWNER))
        yield database
    finally:
        database.dispose()
        drop_database(cluster, name)


def bench_cluster(state_dir: Path) -> Cluster:
    """The private cluster, with the settings a user's data would have."""
    return Cluster(state_dir / "cluster")
