"""`onemap covered`: institutions that the standard of office space is for by decision (直属)."""

from datetime import datetime

import click

from assets.space.covered import cover, covered, uncover
from gis.clock import today
from gis.db import Role, transaction
from gis.errors import InputError
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database


@click.command("covered", help="help.covered")
@click.argument("code", required=False)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="help.covered.since")
@click.option("--rule", help="help.covered.rule")
@click.option("--end", "is_end", is_flag=True, help="help.covered.end")
@json_option
@pass_console
def command(
    console: Console,
    code: str | None,
    *,
    since: datetime | None,
    rule: str | None,
    is_end: bool,
    as_json: bool,
) -> None:
    """Without a code, lists them; with one, the standard is for that body, or no longer."""
    if code and not is_end and not (rule or "").strip():
        raise InputError("covered.no_rule")
    database = prepared_database(console)
    token = open_operator_session(database)
    day = since.date() if since else today()
    if code:
        with transaction(database.engine(Role.LOADER), token) as conn:
            if is_end:
                uncover(conn, code, since=day)
            else:
                cover(conn, code, since=day, rule_source=(rule or "").strip())
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        found = [row._asdict() for row in covered(conn)]
    lines = [
        console.text(
            "covered.line",
            code=one["code"],
            name=one["name"],
            since=one["valid_from"] or "–",
            until=one["valid_to"] or "–",
            rule=one["rule_source"] or "–",
        )
        for one in found
    ]
    console.answer({"covered": found}, as_json=as_json, lines=lines)
