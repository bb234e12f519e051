"""`onemap demo`: from nothing to the sample city on the map."""

import click

from gis import backup
from gis.cluster import cluster_of
from gis.errors import ConfigError
from webmap.commands.database import make_ready
from webmap.commands.serve import serve_map
from webmap.console import Console, pass_console
from webmap.database import prepared_database
from webmap.demo_city import bring_sample_city
from webmap.demo_work import bring_sample_work
from webmap.serving import default_workers, free_port

_ADDRESS = "127.0.0.1"


@click.command("demo", help="help.demo")
@click.option("--port", type=click.IntRange(1, 65535), help="help.serve.port")
@click.option("--no-browser", is_flag=True, help="help.demo.no_browser")
@click.option("--reset", is_flag=True, help="help.demo.reset")
@pass_console
def command(console: Console, port: int | None, *, no_browser: bool, reset: bool) -> None:
    chosen_port = free_port(_ADDRESS, port)
    if reset:
        _start_over(console)
    database = prepared_database(console)
    if bring_sample_city(console, database):
        bring_sample_work(console, database)
    serve_map(
        console,
        database,
        address=_ADDRESS,
        port=chosen_port,
        workers=default_workers(),
        open_browser=not no_browser,
    )


def _start_over(console: Console) -> None:
    """Put the database aside, so that a reset said by mistake loses nothing."""
    if console.settings.database_url:
        raise ConfigError("db.foreign")
    cluster = cluster_of(console.settings, on_step=console.say)
    cluster.ensure_running()
    if not cluster.create_database():
        console.say("demo.resetting", previous=backup.PREVIOUS)
        backup.drop_database(cluster, backup.INCOMING)  # left by one that was killed
        cluster.create_database(backup.INCOMING)
        make_ready(cluster, backup.INCOMING)
        backup.put_aside(cluster, then=backup.INCOMING)
