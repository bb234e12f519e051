"""`onemap user grant` and its like: what accounts may do, and the tokens of programs."""

from datetime import datetime
from typing import Any

import click

from assets.registry import DOMAIN_TITLES
from gis.rights import grants, tokens
from webmap.commands.as_operator import as_operator
from webmap.console import Console, json_option, pass_console

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("grant", help="help.user.grant")
@click.argument("name")
@click.argument("role", type=click.Choice([*grants.ROLES, *grants.OFFICES]))
@click.option("--body", help="help.user.body")
@click.option("--area", help="help.user.area")
@click.option("--max-class", type=click.IntRange(0, 3), default=0, help="help.user.max_class")
@click.option("--domain", type=click.Choice([*DOMAIN_TITLES]), help="help.user.domain")
@click.option("--since", type=_DAY, help="help.user.since")
@click.option("--until", type=_DAY, help="help.user.until")
@click.option("--reason", help="help.user.reason")
@json_option
@pass_console
def grant(
    console: Console,
    name: str,
    role: str,
    *,
    body: str | None,
    area: str | None,
    max_class: int,
    domain: str | None,
    since: datetime | None,
    until: datetime | None,
    reason: str | None,
    as_json: bool,
) -> None:
    wanted = grants.Wanted(
        name, role, body, area, max_class, domain,
        since.date() if since else None, until.date() if until else None, reason,
    )  # fmt: skip
    with as_operator(console) as conn:
        made = grants.make_grant(conn, wanted)
    key = "user.grant_pending" if made.is_pending else "user.granted"
    said = console.text(key, name=name, grant=made.grant_id, role=console.text(f"role.{role}"))
    console.answer(vars(made), as_json=as_json, lines=[said])


@click.command("grants", help="help.user.grants")
@json_option
@pass_console
def show_grants(console: Console, *, as_json: bool) -> None:
    with as_operator(console) as conn:
        known = [row._asdict() for row in grants.listed_grants(conn)]
    lines = [
        console.text(
            "user.grant_line",
            grant=one["grant_id"],
            account=one["account"],
            role=_shown_role(console, one),
            body=one["body"] or console.text("grant.all_bodies"),
            area=one["area"] or one["admin_area_code"] or console.text("grant.all_areas"),
            ceiling=one["max_security_class"],
            since=one["valid_from"] or "–",
            until=one["valid_to"] or "–",
            state=console.text(f"grant.state.{one['state']}"),
        )
        for one in known
    ]
    console.answer({"grants": known}, as_json=as_json, lines=lines or [console.text("grant.no")])


def _shown_role(console: Console, one: dict[str, Any]) -> str:
    role = console.text(f"role.{one['role']}")
    title = DOMAIN_TITLES.get(one["domain"])
    return f"{role} ({console.text(title)})" if title else role


@click.command("confirm", help="help.user.confirm")
@click.argument("grant_id", type=click.IntRange(1, 2**63 - 1))
@json_option
@pass_console
def confirm(console: Console, grant_id: int, *, as_json: bool) -> None:
    with as_operator(console) as conn:
        grants.confirm_grant(conn, grant_id)
    said = console.text("user.grant_confirmed", grant=grant_id)
    console.answer({"grant_id": grant_id}, as_json=as_json, lines=[said])


@click.command("revoke", help="help.user.revoke")
@click.argument("grant_id", type=click.IntRange(1, 2**63 - 1))
@json_option
@pass_console
def revoke(console: Console, grant_id: int, *, as_json: bool) -> None:
    with as_operator(console) as conn:
        grants.revoke_grant(conn, grant_id)
    said = console.text("user.grant_revoked", grant=grant_id)
    console.answer({"grant_id": grant_id}, as_json=as_json, lines=[said])


@click.command("token", help="help.user.token")
@click.argument("name")
@click.argument("title")
@click.option("--days", type=int, default=tokens.USUAL_DAYS, help="help.user.token_days")
@click.option("--write", "can_write", is_flag=True, help="help.user.token_write")
@json_option
@pass_console
def token(
    console: Console, name: str, title: str, *, days: int, can_write: bool, as_json: bool
) -> None:
    with as_operator(console) as conn:
        token_id, made = tokens.make_token(
            conn, title, days=days, can_write=can_write, account=name
        )
    said = console.text("user.token_made", token=made, number=token_id, days=days)
    console.answer({"token_id": token_id, "token": made}, as_json=as_json, lines=[said])


@click.command("tokens", help="help.user.tokens")
@json_option
@pass_console
def show_tokens(console: Console, *, as_json: bool) -> None:
    with as_operator(console) as conn:
        known = [row._asdict() for row in tokens.listed_tokens(conn)]
    lines = [
        console.text(
            "user.token_line",
            number=one["token_id"],
            account=one["account"],
            title=one["title"],
            what=console.text("token.writes" if one["can_write"] else "token.reads"),
            until=f"{one['expires_at']:%Y-%m-%d}",
            seen=f"{one['seen_at']:%Y-%m-%d %H:%M}" if one["seen_at"] else "–",
        )
        for one in known
    ]
    console.answer({"tokens": known}, as_json=as_json, lines=lines or [console.text("token.no")])


@click.command("end-token", help="help.user.end_token")
@click.argument("token_id", type=click.IntRange(1, 2**63 - 1))
@json_option
@pass_console
def end_token(console: Console, token_id: int, *, as_json: bool) -> None:
    with as_operator(console) as conn:
        tokens.end_token(conn, token_id)
    said = console.text("user.token_ended", number=token_id)
    console.answer({"token_id": token_id}, as_json=as_json, lines=[said])


COMMANDS = (grant, show_grants, confirm, revoke, token, show_tokens, end_token)
"""Each a command of `onemap user`."""
