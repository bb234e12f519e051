"""`onemap undo`: take a load back exactly, or nothing at all."""

from dataclasses import asdict

import click

from etl.undo import undo_load
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database


@click.command("undo", help="help.undo")
@click.argument("load_id", type=click.IntRange(min=1), required=False)
@click.option("--from", "from_load_id", type=click.IntRange(min=1), help="help.undo.from")
@json_option
@pass_console
def command(
    console: Console, load_id: int | None, from_load_id: int | None, *, as_json: bool
) -> None:
    chosen = from_load_id or load_id
    if chosen is None or (load_id is not None and from_load_id is not None):
        raise click.UsageError(console.text("undo.which"))
    database = prepared_database(console)
    console.say("undo.running", load_id=chosen)
    result = undo_load(
        database,
        chosen,
        token=open_operator_session(database),
        and_later=from_load_id is not None,
    )
    undone = ", ".join(str(one) for one in result.undone)
    console.answer(
        asdict(result),
        as_json=as_json,
        lines=[console.text("undo.done", undone=undone, rows=result.rows)],
    )
