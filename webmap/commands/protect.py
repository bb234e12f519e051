"""`onemap protect`: values of places that no load overwrites; entered by hand, or as they stand."""

from typing import Any

import click

from assets.estate.actions import refresh_derived
from gis.db import Role, transaction
from gis.errors import InputError
from gis.places.actions import touch
from gis.places.keeping import place_with_code, protect, protected, unprotect
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database


@click.command("protect", help="help.protect")
@click.argument("code", required=False)
@click.argument("field", required=False)
@click.option("--value", help="help.protect.value")
@click.option("--reason", help="help.protect.reason")
@click.option("--off", is_flag=True, help="help.protect.off")
@json_option
@pass_console
def command(
    console: Console,
    code: str | None,
    field: str | None,
    *,
    value: str | None,
    reason: str | None,
    off: bool,
    as_json: bool,
) -> None:
    """Without a field, lists what is protected: of one place or of all."""
    if field is None and (value is not None or off):
        raise InputError("protect.no_field")
    database = prepared_database(console)
    token = open_operator_session(database)
    with transaction(database.engine(Role.LOADER), token) as conn:
        place_id = None if code is None else place_with_code(conn, code)
        if place_id is not None and field is not None:
            if off:
                unprotect(conn, place_id, field)
            else:
                protect(conn, place_id, field, reason=reason, value=value)
            if value is not None:
                touch(conn, [place_id])
                refresh_derived(conn)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        rows = protected(conn, place_id)
    console.answer(
        {"protected": [_values(row) for row in rows]},
        as_json=as_json,
        lines=[_line(console, row) for row in rows] or [console.text("protect.none")],
    )


def _values(row: Any) -> dict[str, Any]:
    return {
        "code": row.code,
        "field": row.field,
        "reason": row.reason,
        "by": row.account_title or row.account,
        "at": row.protected_at,
    }


def _line(console: Console, row: Any) -> str:
    return console.text(
        "protect.line",
        code=row.code,
        name=row.name or "",
        field=row.field,
        account=row.account_title or row.account or "–",
        day=row.protected_at.date().isoformat(),
        reason=row.reason or "–",
    )
