"""`onemap matches`: rows that may mean a known place, and what may be the same."""

from typing import Any

import click

from gis.db import Role, transaction
from gis.loads import matches
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database

_CLUES = (
    "score", "address_score", "name_score", "overlap_score", "area_score", "distance_m",
    "is_same_holder", "is_same_title",
)  # fmt: skip


@click.command("matches", help="help.matches")
@click.argument("load_id", type=click.IntRange(1), required=False)
@click.option("--decided", is_flag=True, help="help.matches.decided")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, help="help.matches.limit")
@json_option
@pass_console
def command(
    console: Console, load_id: int | None, *, decided: bool, limit: int, as_json: bool
) -> None:
    database = prepared_database(console)
    token = open_operator_session(database)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        found = matches.queue(conn, load_id=load_id, decided=decided, limit=limit)
        listed = [
            matches.question(conn, row.load_id, row.sheet, row.row_number) for row in found.rows
        ]
    lines = [line for one in listed for line in _lines(console, one)]
    lines.append(console.text("matches.total", waiting=found.open_count, total=found.total))
    values = {
        "waiting": found.open_count,
        "total": found.total,
        "rows": [_values(one) for one in listed],
    }
    console.answer(values, as_json=as_json, lines=lines)


def _lines(console: Console, one: matches.Question) -> list[str]:
    row = one.row
    where = f"{row.sheet} " if row.sheet else ""
    lines = [
        console.text(
            "matches.row", load=row.load_id, sheet=where, row=row.row_number,
            what=_shown(row.name, row.address),
            rule=console.text(row.rule, sheet=row.sheet or row.file_name, other=row.other_row),
        )
    ]  # fmt: skip
    if row.choice and not row.is_open:
        lines.append(
            console.text(
                "matches.decision",
                decision=row.match_decision_id,
                choice=console.text(f"match.choice.{row.choice}"),
                account=row.decided_by_title or row.decided_by or "–",
            )
        )
    lines += [
        console.text(
            "matches.candidate_of_title" if other.is_same_title else "matches.candidate",
            code=other.code,
            what=_shown(other.name, other.address),
            score=round(float(other.score) * 100),
        )
        for other in one.candidates
    ]
    return lines


def _shown(name: str | None, address: str | None) -> str:
    return " · ".join(part for part in (name, address) if part) or "–"


def _values(one: matches.Question) -> dict[str, Any]:
    row = one.row
    return {
        "load_id": row.load_id,
        "sheet": row.sheet,
        "row": row.row_number,
        "rule": row.rule,
        "other_row": row.other_row,
        "name": row.name,
        "address": row.address,
        "choice": None if row.is_open else row.choice,
        "decision_id": None if row.is_open else row.match_decision_id,
        "candidates": [
            {
                "place_id": other.place_id,
                "code": other.code,
                "name": other.name,
                "address": other.address,
                **{name: getattr(other, name) for name in _CLUES},
            }
            for other in one.candidates
        ],
    }
