"""`onemap area-order`: which source of an area counts, from which day, for which report."""

from datetime import datetime
from typing import Final

import click
from sqlalchemy import text

from assets.registry import report_names
from gis.clock import today
from gis.db import Role, transaction
from gis.errors import InputError
from gis.places.counted import EVERY_REPORT, set_area_precedence
from gis.places.vocabulary import AreaSource
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database

_ORDERS: Final = text(
    "SELECT report, array_agg(source ORDER BY rank) AS sources, valid_from, valid_to,"
    " min(rule_source) AS rule_source, bool_and(is_verified) AS is_verified"
    " FROM place.area_precedence GROUP BY report, valid_from, valid_to"
    " ORDER BY report, valid_from NULLS FIRST"
)


@click.command("area-order", help="help.area_order")
@click.argument("sources", nargs=-1, type=click.Choice([source.value for source in AreaSource]))
@click.option("--report", default=EVERY_REPORT, help="help.area_order.report")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="help.area_order.since")
@click.option("--rule", help="help.area_order.rule")
@click.option("--verified", is_flag=True, help="help.area_order.verified")
@click.option("--like-others", is_flag=True, help="help.area_order.like_others")
@json_option
@pass_console
def command(
    console: Console,
    sources: tuple[str, ...],
    *,
    report: str,
    since: datetime | None,
    rule: str | None,
    verified: bool,
    like_others: bool,
    as_json: bool,
) -> None:
    """Without a source, lists the orders; with sources, or like the others, sets one."""
    if report not in (EVERY_REPORT, *report_names()):
        raise InputError("report.no_such_report", name=report, known=", ".join(report_names()))
    is_change = bool(sources) or like_others
    if is_change and not rule:
        raise InputError("area_order.no_rule")
    database = prepared_database(console)
    token = open_operator_session(database)
    if is_change:
        with transaction(database.engine(Role.LOADER), token) as conn:
            set_area_precedence(
                conn,
                () if like_others else [AreaSource(source) for source in sources],
                report=report,
                since=since.date() if since else today(),
                rule_source=rule or "",
                is_verified=verified,
            )
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        orders = [dict(row) for row in conn.execute(_ORDERS).mappings()]
    lines = [
        console.text(
            "area_order.line",
            report=console.text("area_order.every") if one["report"] == "*" else one["report"],
            since=one["valid_from"] or "–",
            until=one["valid_to"] or "–",
            sources=" > ".join(
                console.text(f"place.area_source.{source}") for source in one["sources"]
            ),
            rule=one["rule_source"] or "–",
        )
        for one in orders
    ]
    console.answer({"orders": orders}, as_json=as_json, lines=lines)
