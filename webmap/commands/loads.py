"""`onemap loads`: the register of loads, newest first."""

import click
from sqlalchemy import text

from gis.db import Role, transaction
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database

_LOADS = text(
    "SELECT load_id, state, file_name, started_at, row_count, inserted_count, updated_count,"
    " unchanged_count, rejected_count, waiting_count, issue_count, undone_by_load_id"
    " FROM staging.load ORDER BY load_id DESC LIMIT :limit"
)


@click.command("loads", help="help.loads")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, help="help.loads.limit")
@json_option
@pass_console
def command(console: Console, limit: int, *, as_json: bool) -> None:
    database = prepared_database(console)
    token = open_operator_session(database)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        loads = [dict(row) for row in conn.execute(_LOADS, {"limit": limit}).mappings()]
    lines = [
        console.text("loads.line", **{**one, "state": console.text(f"load.state.{one['state']}")})
        for one in loads
    ]
    console.answer({"loads": loads}, as_json=as_json, lines=lines)
