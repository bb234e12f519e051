"""`onemap mark-secret`: make stubs of places that are state secrets, for good."""

from typing import Final

import click
from sqlalchemy import text

from assets.estate.actions import mark_secret
from gis.db import Role, transaction
from gis.errors import NotFound
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database

_BY_CODE: Final = text(
    "SELECT code, place_id FROM place.place WHERE code = ANY (:codes)"
    " AND rights_cell IN (SELECT cell FROM rights.my_cells)"
)


@click.command("mark-secret", help="help.mark_secret")
@click.argument("codes", nargs=-1, required=True)
@click.option("--decision", required=True, help="help.mark_secret.decision")
@click.option("--yes", is_flag=True, help="help.mark_secret.yes")
@json_option
@pass_console
def command(
    console: Console, codes: tuple[str, ...], decision: str, *, yes: bool, as_json: bool
) -> None:
    if not yes:
        click.confirm(console.text("mark_secret.confirm", count=len(codes)), abort=True, err=True)
    database = prepared_database(console)
    token = open_operator_session(database)
    with transaction(database.engine(Role.LOADER), token) as conn:
        rows = conn.execute(_BY_CODE, {"codes": list(codes)})
        found = {row.code: row.place_id for row in rows}
        for code in codes:
            if code not in found:
                raise NotFound("mark_secret.no_such_code", code=code)
        mark_secret(conn, list(found.values()), decision)
    console.answer(
        {"place_ids": sorted(found.values())},
        as_json=as_json,
        lines=[console.text("mark_secret.done", count=len(found))],
    )
