"""`onemap user`: accounts, from the machine that onemap runs on."""

import click

from gis.rights import accounts
from webmap.commands.as_operator import as_operator
from webmap.commands.grants import COMMANDS
from webmap.console import Console, json_option, pass_console
from webmap.provider_links import link_to


@click.group("user", help="help.user")
def command() -> None:
    """Accounts and what they may do."""


for each in COMMANDS:
    command.add_command(each)


@command.command("add", help="help.user.add")
@click.argument("name")
@click.option("--title", help="help.user.title")
@json_option
@pass_console
def add(console: Console, name: str, title: str | None, *, as_json: bool) -> None:
    with as_operator(console) as conn:
        kept, password = accounts.add_account(conn, name, title)
    _hand_over(console, kept, password, as_json=as_json)


@command.command("password", help="help.user.password")
@click.argument("name")
@json_option
@pass_console
def password(console: Console, name: str, *, as_json: bool) -> None:
    with as_operator(console) as conn:
        made = accounts.reset_password(conn, name)
    _hand_over(console, name, made, as_json=as_json)


@command.command("drop-code", help="help.user.drop_code")
@click.argument("name")
@json_option
@pass_console
def drop_code(console: Console, name: str, *, as_json: bool) -> None:
    with as_operator(console) as conn:
        accounts.drop_code(conn, name)
    said = console.text("user.code_dropped", name=name)
    console.answer({"account": name, "has_code": False}, as_json=as_json, lines=[said])


def _hand_over(console: Console, name: str, made: str, *, as_json: bool) -> None:
    console.answer(
        {"account": name, "first_password": made},
        as_json=as_json,
        lines=[console.text("user.first_password", name=name, password=made)],
    )


@command.command("disable", help="help.user.disable")
@click.argument("name")
@json_option
@pass_console
def disable(console: Console, name: str, *, as_json: bool) -> None:
    _set_active(console, name, is_active=False, as_json=as_json)


@command.command("enable", help="help.user.enable")
@click.argument("name")
@json_option
@pass_console
def enable(console: Console, name: str, *, as_json: bool) -> None:
    _set_active(console, name, is_active=True, as_json=as_json)


def _set_active(console: Console, name: str, *, is_active: bool, as_json: bool) -> None:
    with as_operator(console) as conn:
        accounts.set_active(conn, name, is_active=is_active)
    said = console.text(f"user.{'enabled' if is_active else 'disabled'}", name=name)
    console.answer({"account": name, "is_active": is_active}, as_json=as_json, lines=[said])


@command.command("link", help="help.user.link")
@click.argument("name")
@click.argument("subject", required=False)
@json_option
@pass_console
def link(console: Console, name: str, subject: str | None, *, as_json: bool) -> None:
    with as_operator(console) as conn:
        accounts.link_account(conn, name, link_to(console.settings, subject))
    said = console.text("user.linked" if subject else "user.unlinked", name=name)
    console.answer({"account": name, "subject": subject}, as_json=as_json, lines=[said])


@command.command("list", help="help.user.list")
@json_option
@pass_console
def show(console: Console, *, as_json: bool) -> None:
    with as_operator(console) as conn:
        known = accounts.listed_accounts(conn)
    lines = [
        console.text(
            "user.line",
            name=row.name,
            title=row.title or "–",
            state=console.text(f"accounts.state.{accounts.state_of(row)}"),
            seen=f"{row.last_signed_in_at:%Y-%m-%d %H:%M}" if row.last_signed_in_at else "–",
        )
        for row in known
    ]
    listed = {"accounts": [row._asdict() for row in known]}
    console.answer(listed, as_json=as_json, lines=lines or [console.text("user.none")])
