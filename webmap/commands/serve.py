"""`onemap serve`: the map for a browser, until it is stopped."""

import click

from webmap.console import Console, pass_console
from webmap.database import prepared_database
from webmap.serving import default_workers, free_port, serve


@click.command("serve", help="help.serve")
@click.option("--address", default="127.0.0.1", show_default=True, help="help.serve.address")
@click.option("--port", type=click.IntRange(1, 65535), help="help.serve.port")
@click.option("--workers", type=click.IntRange(1, 64), help="help.serve.workers")
@pass_console
def command(console: Console, address: str, port: int | None, workers: int | None) -> None:
    chosen_port = free_port(address, port)
    prepared_database(console).dispose()
    serve(
        address,
        chosen_port,
        workers or default_workers(),
        lambda: console.say("serve.ready", address=f"http://{address}:{chosen_port}/"),
    )
