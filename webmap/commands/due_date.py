"""`onemap due-date`: until when the survey is filed each year when nobody says otherwise."""

import re
from dataclasses import asdict
from datetime import datetime

import click

from assets.campaign.actions.duty import due_rules, set_due_rule, usual_due_date
from gis.clock import today
from gis.db import Role, transaction
from gis.errors import InputError
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database


@click.command("due-date", help="help.due_date")
@click.argument("month_day", required=False, metavar="[MM-DD]")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="help.area_order.since")
@click.option("--rule", help="help.area_order.rule")
@click.option("--verified", is_flag=True, help="help.due_date.verified")
@json_option
@pass_console
def command(
    console: Console,
    month_day: str | None,
    *,
    since: datetime | None,
    rule: str | None,
    verified: bool,
    as_json: bool,
) -> None:
    """Without a day, lists the rules and the next date; with one, sets it."""
    written = re.fullmatch(r"(\d{1,2})-(\d{1,2})", month_day) if month_day else None
    if month_day and written is None:
        raise InputError("campaign.bad_yearly_day", month=month_day[:10], day="–")
    database = prepared_database(console)
    token = open_operator_session(database)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        if written is not None:
            set_due_rule(
                conn,
                int(written[1]),
                int(written[2]),
                since=since.date() if since else today(),
                rule_source=rule or "",
                is_verified=verified,
            )
        rules = due_rules(conn)
        following = usual_due_date(conn, today())
    lines = [
        console.text(
            "due_date.line",
            day=f"{one.month:02}-{one.day:02}",
            since=one.valid_from or "–",
            until=one.valid_to or "–",
            rule=one.rule_source,
            checked=console.text("due_date.verified" if one.is_verified else "due_date.unverified"),
        )
        for one in rules
    ]
    due_on = following[0].isoformat() if following else None
    lines.append(console.text("due_date.next", due_on=due_on or "–"))
    console.answer(
        {"rules": [asdict(one) for one in rules], "next_due_on": due_on},
        as_json=as_json,
        lines=lines,
    )
