"""`onemap audit`: seal history, and check that nothing in it or behind its back was altered."""

import json
from datetime import datetime
from typing import Any, Final

import click

from assets.registry import METADATA
from gis.audit.accesses import accesses
from gis.audit.keys import SealFiles
from gis.audit.sealing import seal_history
from gis.audit.verifying import Finding, Verified, verify_history
from gis.db import Role, transaction
from gis.errors import InputError
from webmap.console import Console, json_option, pass_console
from webmap.database import prepared_database

_FOUND: Final = 2
"""Exit code of a check that found something: what it looked at is not in order."""


@click.group("audit", help="help.audit")
def command() -> None:
    """The group itself does nothing."""


@command.command("seal", help="help.audit.seal")
@json_option
@pass_console
def seal(console: Console, *, as_json: bool) -> None:
    """Seal now what the worker would seal within a minute."""
    database = prepared_database(console)
    head = seal_history(
        database.engine(Role.OWNER), METADATA, SealFiles(console.settings.state_dir)
    )
    printed = head and head.printed
    console.answer(
        {"head": printed},
        as_json=as_json,
        lines=[
            console.text("audit.sealed", head=printed) if head else console.text("audit.no_seal")
        ],
    )


@command.command("verify", help="help.audit.verify")
@click.option("--head", "printed", help="help.audit.verify.head")
@json_option
@pass_console
@click.pass_context
def verify(context: click.Context, console: Console, *, printed: str | None, as_json: bool) -> None:
    """Exit 0 where all is as it was left, 2 where something is not."""
    database = prepared_database(console)
    console.say("audit.verifying")
    files = SealFiles(console.settings.state_dir)
    verified = verify_history(database.engine(Role.OWNER), METADATA, files)
    findings = list(verified.findings)
    if printed is not None and not verified.has(printed):
        if not printed.partition("-")[0].isdigit():
            raise InputError("audit.odd_head", head=printed)
        findings.append(Finding("audit.head_unknown", {"head": printed}))
    console.answer(_values(verified, findings), as_json=as_json, lines=[
        *(console.text(one.key, **one.params) for one in findings),
        console.text("audit.found" if findings else "audit.in_order", findings=len(findings),
                     seals=verified.seals, lines=verified.lines, unsealed=verified.unsealed,
                     erased=verified.erased, head=verified.printed_head or "–"),
    ])  # fmt: skip
    context.exit(_FOUND if findings else 0)


@command.command("explain", help="help.audit.explain")
@click.option("--reason", required=True, help="help.audit.explain.reason")
@json_option
@pass_console
def explain(console: Console, *, reason: str, as_json: bool) -> None:
    """Say why seals are missing, as after a restore on another machine."""
    prepared_database(console)
    explained = SealFiles(console.settings.state_dir).explain_cuts(reason)
    console.answer(
        {"explained": explained},
        as_json=as_json,
        lines=[console.text("audit.explained", count=explained)],
    )


@command.command("accesses", help="help.audit.accesses")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="help.audit.accesses.since")
@click.option("--account", help="help.audit.accesses.account")
@json_option
@pass_console
def list_accesses(
    console: Console, *, since: datetime | None, account: str | None, as_json: bool
) -> None:
    """Who took data away as a file, newest first."""
    database = prepared_database(console)
    with transaction(database.engine(Role.OWNER), None) as conn:
        found = accesses(conn, since=since.date() if since else None, account=account)
    lines = [
        console.text(
            "audit.access",
            at=f"{one['at']:%Y-%m-%d %H:%M:%S}",
            account=one["account"] or "–",
            kind=console.text(f"audit.access.{one['kind']}"),
            name=one["name"],
            said=json.dumps(one["said"], ensure_ascii=False),
        )
        for one in found
    ]
    console.answer(
        {"items": found}, as_json=as_json, lines=lines or [console.text("audit.no_access")]
    )


def _values(verified: Verified, findings: list[Finding]) -> dict[str, Any]:
    return {
        "seals": verified.seals,
        "lines": verified.lines,
        "unsealed": verified.unsealed,
        "erased": verified.erased,
        "head": verified.printed_head,
        "findings": [{"kind": one.key.removeprefix("audit."), **one.params} for one in findings],
    }
