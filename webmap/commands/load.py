"""`onemap load` and `onemap check`: a file into the register, or only what it would do."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from etl.load import LoadOptions, LoadResult, check_file, load_file
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database

_SHOWN_ISSUES = 20
_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
_OPTIONS = (
    click.option("--profile", help="help.load.profile"),
    click.option("--area", type=click.Choice(["any"]), help="help.load.area"),
    click.option("--datum", help="help.load.datum"),
    click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="help.load.as_of"),
)


def _with_options(function: Any) -> Any:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def _options(
    profile: str | None, area: str | None, datum: str | None, as_of: datetime | None
) -> LoadOptions:
    return LoadOptions(
        profile=profile,
        datum=datum,
        any_area=area == "any",
        as_of=as_of.date() if as_of else None,
    )


@click.command("load", help="help.load")
@_FILE
@_with_options
@json_option
@pass_console
def command(
    console: Console,
    file: Path,
    *,
    profile: str | None,
    area: str | None,
    datum: str | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    database = prepared_database(console)
    result = load_file(
        database,
        file,
        token=open_operator_session(database),
        options=_options(profile, area, datum, as_of),
        progress=lambda step, what: console.say(f"load.step.{step}", what=what),
    )
    console.answer(result.as_json(), as_json=as_json, lines=_lines(console, result))


@click.command("check", help="help.check")
@_FILE
@_with_options
@json_option
@pass_console
def check(
    console: Console,
    file: Path,
    *,
    profile: str | None,
    area: str | None,
    datum: str | None,
    as_of: datetime | None,
    as_json: bool,
) -> None:
    database = prepared_database(console)
    result, issues = check_file(
        database,
        file,
        token=open_operator_session(database),
        options=_options(profile, area, datum, as_of),
        progress=lambda step, what: console.say(f"load.step.{step}", what=what),
    )
    listed = issues.to_dict("records")
    lines = [_issue_line(console, issue) for issue in listed[:_SHOWN_ISSUES]]
    if len(listed) > _SHOWN_ISSUES:
        lines.append(console.text("check.more", count=len(listed) - _SHOWN_ISSUES))
    values = {**result.as_json(), "issue_list": [_issue_values(issue) for issue in listed]}
    console.answer(values, as_json=as_json, lines=[*lines, *_lines(console, result)])


def _issue_line(console: Console, issue: dict[str, Any]) -> str:
    return console.text(
        "check.issue" if issue["row"] else "check.issue_of_sheet",
        severity=console.text(f"severity.{issue['severity']}"),
        sheet=issue["sheet"] or "",
        row=issue["row"],
        column=issue["column"] or "",
        original=issue["original"] or "",
        message=console.text(issue["rule"], **(issue["params"] or {})),
    )


def _issue_values(issue: dict[str, Any]) -> dict[str, Any]:
    """An issue for programs: `extent` is west, south, east, north in degrees; null: nowhere."""
    extent = None if issue["geom"] is None else [round(at, 7) for at in issue["geom"].bounds]
    return {**{name: issue[name] for name in issue if name != "geom"}, "extent": extent}


def _lines(console: Console, result: LoadResult) -> list[str]:
    return [console.text("load.result", **result.as_json())]
