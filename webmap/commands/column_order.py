"""`onemap column-order`: who wins where a file and the register differ, column by column."""

from datetime import datetime

import click

from etl.precedence import set_rule
from gis.clock import today
from gis.db import Role, transaction
from gis.errors import InputError
from gis.places.keeping import EVERY_SOURCE, column_rules
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database


@click.command("column-order", help="help.column_order")
@click.argument("field", required=False)
@click.argument("winner", required=False, type=click.Choice(["new", "known", "default"]))
@click.option("--source", default=EVERY_SOURCE, help="help.column_order.source")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="help.area_order.since")
@click.option("--rule", help="help.area_order.rule")
@click.option("--verified", is_flag=True, help="help.area_order.verified")
@json_option
@pass_console
def command(
    console: Console,
    field: str | None,
    winner: str | None,
    *,
    source: str,
    since: datetime | None,
    rule: str | None,
    verified: bool,
    as_json: bool,
) -> None:
    """Without a field, lists the rules; with one and who wins, sets it."""
    if field is not None and winner is None:
        raise InputError("column_order.no_winner")
    if field is not None and not rule:
        raise InputError("column_order.no_document")
    database = prepared_database(console)
    token = open_operator_session(database)
    if field is not None and winner is not None:
        with transaction(database.engine(Role.LOADER), token) as conn:
            set_rule(
                conn,
                field,
                winner,
                source=source,
                since=since.date() if since else today(),
                rule_source=rule or "",
                is_verified=verified,
            )
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        rules = [row._asdict() for row in column_rules(conn)]
    lines = [
        console.text(
            "column_order.line",
            source=console.text("column_order.every") if one["source"] == "*" else one["source"],
            field=one["field"],
            winner=console.text(f"column_order.winner.{one['winner']}"),
            since=one["valid_from"] or "–",
            until=one["valid_to"] or "–",
            rule=one["rule_source"] or "–",
            account=one["set_by"] or "–",
        )
        for one in rules
    ]
    console.answer(
        {"rules": rules}, as_json=as_json, lines=lines or [console.text("column_order.none")]
    )
