"""The sample city as a user's demo has it: loaded by the loader, served by a server of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import text

from bench.database import bench_cluster, own_database
from bench.result import Context
from bench.servers import onemap_server
from gis.db import Database
from gis.settings import load_settings
from webmap.console import Console
from webmap.demo_city import bring_sample_city


@contextmanager
def served_sample_city(context: Context, name: str) -> Iterator[tuple[Database, int]]:
    """The city in a database of this name, vacuumed, and the port of the server on it."""
    with (
        bench_cluster(context.state_dir).running() as cluster,
        own_database(cluster, name) as database,
    ):
        settings = replace(load_settings(), state_dir=context.state_dir / "bench")
        bring_sample_city(Console(settings), database)
        with database.admin().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("VACUUM ANALYZE"))
        with onemap_server(database) as server:
            context.say("bench.measuring")
            yield database, server.port
