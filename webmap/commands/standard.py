"""`onemap standard`: the standard of office space on a day, and the bureau's own rows of it."""

from datetime import date, datetime
from typing import Any

import click
from sqlalchemy import Connection

from assets.space.model import StandardKind
from assets.space.rules import Standard
from assets.space.standards import Key, key_of, own_rows, standards_on
from assets.space.stated import LEVELS, SHAPES, figure_of, read_number
from assets.space.stating import confirm, state, withdraw
from gis.clock import today
from gis.db import Role, transaction
from gis.errors import InputError, NotFound
from gis.places.terms import Terms, read_terms
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("standard", help="help.standard")
@click.argument("kind", required=False, type=click.Choice([kind.value for kind in StandardKind]))
@click.option("--level", help="help.standard.level")
@click.option("--rank", help="help.standard.rank")
@click.option("--value", help="help.standard.value")
@click.option("--from-count", default="", help="help.standard.from_count")
@click.option("--to-count", default="", help="help.standard.to_count")
@click.option("--beyond", "value_beyond", default="", help="help.standard.beyond")
@click.option("--since", type=_DAY, help="help.standard.since")
@click.option("--until", type=_DAY, help="help.standard.until")
@click.option("--rule", default="", help="help.standard.rule")
@click.option("--clause", default="", help="help.standard.clause")
@click.option("--url", default="", help="help.standard.url")
@click.option("--note", default="", help="help.standard.note")
@click.option("--verified", is_flag=True, help="help.standard.verified")
@click.option("--compared", is_flag=True, help="help.standard.compared")
@click.option("--withdraw", "is_end", is_flag=True, help="help.standard.withdraw")
@click.option("--as-of", type=_DAY, help="help.standard.as_of")
@json_option
@pass_console
def command(
    console: Console,
    /,
    *,
    kind: str | None,
    level: str | None,
    rank: str | None,
    value: str | None,
    compared: bool,
    is_end: bool,
    as_of: datetime | None,
    as_json: bool,
    **stated: Any,
) -> None:
    """Without a value, lists what holds; with one, states a row of the bureau's own."""
    day = as_of.date() if as_of else today()
    if sum((value is not None, compared, is_end)) > 1:
        raise InputError("standard.one_thing")
    is_change = value is not None or compared or is_end
    if is_change and kind is None:
        raise InputError("standard.no_kind", known=", ".join(StandardKind))
    database = prepared_database(console)
    token = open_operator_session(database)
    if is_change and kind is not None:
        key = (StandardKind(kind), level, rank)
        with transaction(database.engine(Role.LOADER), token) as conn:
            if value is not None:
                row = _stated(key, value, stated)
                state(conn, row, compared_on=today())
            elif compared:
                confirm(conn, key, as_of=day, compared_on=today())
            else:
                _withdraw(conn, key, day, stated["since"])
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        rows = [
            row
            for row in standards_on(conn, day)
            if all(
                asked in (None, said)
                for asked, said in zip((kind, level, rank), key_of(row), strict=True)
            )
        ]
        terms = read_terms(conn, console.settings.language)
    console.answer(
        {"as_of": day.isoformat(), "rows": [_plain(row) for row in rows]},
        as_json=as_json,
        lines=[_line(console, row, terms) for row in rows],
    )


def _stated(key: Key, value: str, stated: dict[str, Any]) -> Standard:
    kind, level, rank = key
    since, until = stated["since"], stated["until"]
    return Standard(
        kind,
        level,
        rank,
        read_number("value", value, is_share=SHAPES[kind].is_share),
        stated["rule"],
        from_count=read_number("from_count", stated["from_count"]),
        to_count=read_number("to_count", stated["to_count"]),
        value_beyond=read_number("value_beyond", stated["value_beyond"]),
        clause=stated["clause"],
        source_url=stated["url"],
        note=stated["note"],
        valid_from=since.date() if since else today(),
        valid_to=until.date() if until else None,
        is_verified=stated["verified"],
    )


def _withdraw(conn: Connection, key: Key, day: date, since: datetime | None) -> None:
    here = next((one for one in own_rows(conn, key) if one.row.holds_on(day)), None)
    if here is None:
        raise NotFound("space.standards.no_row")
    ends = since.date() if since else today()
    withdraw(conn, here.standard_id, since=ends, seen_version=here.version)


def _plain(row: Standard) -> dict[str, Any]:
    names = ("level", "rank", "value", "from_count", "to_count", "value_beyond", "cap", "source",
             "clause", "source_url", "valid_from", "valid_to", "is_verified", "note")  # fmt: skip
    origin = "pack" if row.is_default else "own"
    return {"kind": row.kind.value, **{name: getattr(row, name) for name in names},
            "origin": origin}  # fmt: skip


def _line(console: Console, row: Standard, terms: Terms) -> str:
    figure = figure_of(row)
    if row.valid_to:
        days = console.text(
            "space.standards.since_until", since=row.valid_from or "–", until=row.valid_to
        )
    elif row.valid_from:
        days = console.text("space.standards.since_on", since=row.valid_from)
    else:
        days = console.text("space.standards.at_all_times")
    whom = (
        console.text(f"space.standard.{row.kind.value}"),
        terms.title(LEVELS, row.level),
        terms.title(SHAPES[row.kind].whom, row.rank),
    )
    return console.text(
        "standard.line",
        what=" · ".join(part for part in whom if part),
        figure=console.text(figure.key, **figure.params),
        days=days,
        origin=console.text(f"space.standards.origin.{'pack' if row.is_default else 'own'}"),
        checked=console.text(f"space.standards.verified.{'yes' if row.is_verified else 'no'}"),
        rule=" ".join(part for part in (row.source, row.clause) if part),
    )
