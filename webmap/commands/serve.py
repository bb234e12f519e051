"""`onemap serve`: the map for a browser, until it is stopped."""

import shutil
import webbrowser
from datetime import timedelta
from typing import Final

import click

from gis.db import Database
from gis.settings import share_counts
from webmap.console import Console, pass_console
from webmap.database import open_operator_session, prepared_database
from webmap.security import is_allowed_host
from webmap.serving import default_workers, free_port, reached_at, serve
from webmap.worker.companion import Companion

_ENTRY_LIFETIME: Final = timedelta(minutes=30)


@click.command("serve", help="help.serve")
@click.option("--address", default="127.0.0.1", show_default=True, help="help.serve.address")
@click.option("--port", type=click.IntRange(1, 65535), help="help.serve.port")
@click.option("--workers", type=click.IntRange(1, 64), help="help.serve.workers")
@pass_console
def command(console: Console, address: str, port: int | None, workers: int | None) -> None:
    chosen_port = free_port(address, port)
    serve_map(
        console,
        prepared_database(console),
        address=address,
        port=chosen_port,
        workers=workers or default_workers(),
    )


def serve_map(
    console: Console,
    database: Database,
    *,
    address: str,
    port: int,
    workers: int,
    open_browser: bool = False,
) -> None:
    """Serve until stopped; once it answers, say where, with an address to enter by once.

    No address is trusted for where it comes from: the operator, too, enters by a token.
    """
    # One for the browser that is opened here, one to print: each works once.
    host = reached_at(address)
    own, printed = (
        f"http://{f'[{host}]' if ':' in host else host}:{port}/enter?token="
        + open_operator_session(database, kind="one_time", lifetime=_ENTRY_LIFETIME)
        for _ in range(2)
    )
    database.dispose()  # each worker opens its own
    counts = share_counts()

    def announce() -> None:
        minutes = int(_ENTRY_LIFETIME.total_seconds()) // 60
        click.echo(console.text("serve.ready", address=printed, minutes=minutes))
        if not is_allowed_host(host, console.settings.allowed_hosts):
            console.say("serve.host_not_allowed", host=host)
        console.say("serve.worker")
        console.say("serve.stop_hint")
        if open_browser and console.settings.has_screen:
            webbrowser.open(own)

    companion = Companion()
    try:
        serve(address, port, workers, announce, on_forked=companion.start)
    finally:
        companion.stop()
        if counts:
            shutil.rmtree(counts, ignore_errors=True)
