"""`onemap match`: say what a doubtful row is, or take that back."""

import click
from sqlalchemy import Connection, text

from gis.db import Role, transaction
from gis.errors import InputError, NotFound
from gis.loads import matches
from gis.loads.matches_model import Choice
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database

_ALL = "all"
_WITHDRAW = "withdraw"


@click.command("match", help="help.match")
@click.argument("load_id", type=click.IntRange(1))
@click.argument("row")
@click.argument("choice", type=click.Choice([*Choice, _WITHDRAW]))
@click.argument("place", required=False)
@click.option("--sheet", default="", help="help.match.sheet")
@click.option("--least", type=float, default=0.95, show_default=True, help="help.match.least")
@json_option
@pass_console
def command(
    console: Console, load_id: int, row: str, choice: str, place: str | None, *,
    sheet: str, least: float, as_json: bool,
) -> None:  # fmt: skip
    if not (row == _ALL and choice == Choice.SAME) and not row.isdecimal():
        raise InputError("match.row_unclear", row=row[:40])
    database = prepared_database(console)
    token = open_operator_session(database)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        if row == _ALL:
            count = matches.decide_alike(conn, load_id, least)
        else:
            at = (load_id, _sheet_of(conn, load_id, int(row), sheet), int(row))
            _decide(conn, at, choice, place)
            count = 1
    lines = [console.text("match.withdrawn" if choice == _WITHDRAW else "match.done", count=count)]
    if choice != _WITHDRAW and count:
        lines.append(console.text("match.next", load=load_id))
    console.answer({"load_id": load_id, "decided": count}, as_json=as_json, lines=lines)


def _decide(conn: Connection, at: tuple[int, str, int], choice: str, place: str | None) -> None:
    if choice == _WITHDRAW:
        decision_id = matches.question(conn, *at).row.match_decision_id
        if decision_id is None:
            raise NotFound("match.not_decided", row=at[2])
        matches.withdraw(conn, decision_id)
        return
    place_id = None if place is None else matches.place_of_code(conn, place)
    matches.decide(conn, *at, Choice(choice), place_id=place_id)


def _sheet_of(conn: Connection, load_id: int, row: int, stated: str) -> str:
    """The sheet, where one is not said and only one has such a row waiting."""
    if stated:
        return stated
    sheets = conn.execute(
        text(
            "SELECT sheet FROM staging.match_question"
            " WHERE load_id = :load_id AND row_number = :row ORDER BY sheet"
        ),
        {"load_id": min(load_id, 2**63 - 1), "row": min(row, 2**31 - 1)},
    ).scalars().all()  # fmt: skip
    if len(sheets) > 1:
        raise InputError("match.which_sheet", row=row, sheets="、".join(sheets))
    if not sheets:
        raise NotFound("match.no_such_row", load_id=load_id, row=row)
    return str(sheets[0])
