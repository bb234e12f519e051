"""`onemap worker`: does the long work that people ask for over the web, until it is stopped."""

import click

from webmap.console import Console, pass_console
from webmap.database import prepared_database
from webmap.serving import end_with_parent


@click.command("worker", help="help.worker")
@click.option(
    "--concurrency", type=click.IntRange(1, 16), default=1, show_default=True,
    help="help.worker.concurrency",
)  # fmt: skip
@click.option("--beside-web", is_flag=True, hidden=True, help="help.worker.beside_web")
@pass_console
def command(console: Console, concurrency: int, *, beside_web: bool) -> None:
    # The queue's library is for this command alone.
    from webmap.worker.queue_worker import run_worker  # noqa: PLC0415

    if beside_web:
        end_with_parent()
    prepared_database(console).dispose()
    if not beside_web:
        console.say("worker.ready")
    run_worker(console.settings, concurrency=concurrency)
