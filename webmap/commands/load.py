"""`onemap load` and `onemap check`: a file into the register, or only what it would do."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import pandas as pd

from etl.export.marked import kept_issues, write_marked
from etl.load import check_file, load_file
from etl.options import LoadOptions
from etl.prepare import Prepared
from gis.db import Role, transaction
from gis.errors import InputError, OneMapError
from gis.i18n import explain
from webmap.commands.change_table import write_changes
from webmap.commands.check_lines import check_lines, left_out_lines
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database
from webmap.results import result_folder

_STEPS = {step: f"check.step.{step}" for step in ("merge", "derive", "record")}
"""What a load does and a check only tries."""
_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
_OPTIONS = (
    click.option("--profile", help="help.load.profile"),
    click.option("--area", type=click.Choice(["any"]), help="help.load.area"),
    click.option("--datum", help="help.load.datum"),
    click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="help.load.as_of"),
)
_DECIDED = click.option("--decided", "decided_of", type=int, help="help.load.decided")
_CHANGES = click.option("--changes", is_flag=True, help="help.check.changes")
_OUT = click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="help.marked")


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
@_DECIDED
@_OUT
@json_option
@pass_console
def command(
    console: Console,
    file: Path,
    *,
    decided_of: int | None,
    profile: str | None,
    area: str | None,
    datum: str | None,
    as_of: datetime | None,
    out: Path | None,
    as_json: bool,
) -> None:
    folder = result_folder(out) if out is not None else None
    database = prepared_database(console)
    token = open_operator_session(database)
    taken: list[Prepared] = []
    result = load_file(
        database,
        file,
        token=token,
        options=replace(_options(profile, area, datum, as_of), decided_of=decided_of),
        progress=lambda step, what: console.say(f"load.step.{step}", what=what),
        taken=taken,
    )
    if folder is not None and result.issues and result.load_id is not None:
        with transaction(database.engine(Role.OPERATOR), token) as conn:
            issues = kept_issues(conn, result.load_id)
        _write_marked(console, file, issues, folder)
    lines = [
        *left_out_lines(console, taken[0]),
        console.text("load.result", **result.as_json()),
    ]
    console.answer(result.as_json(), as_json=as_json, lines=lines)


@click.command("check", help="help.check")
@_FILE
@_with_options
@_CHANGES
@_OUT
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
    changes: bool,
    out: Path | None,
    as_json: bool,
) -> None:
    folder = result_folder(out) if out is not None else None
    if changes and folder is None:
        raise InputError("changes.no_folder")
    found: list[pd.DataFrame] | None = [] if changes else None
    taken: list[Prepared] = []
    database = prepared_database(console)
    result, issues = check_file(
        database,
        file,
        token=open_operator_session(database),
        options=_options(profile, area, datum, as_of),
        progress=lambda step, what: console.say(_STEPS.get(step, f"load.step.{step}"), what=what),
        changes=found,
        taken=taken,
    )
    if folder is not None and found:
        write_changes(console, file, found[0], folder)
    if folder is not None and result.issues:
        _write_marked(console, file, issues, folder)
    listed = issues.to_dict("records")
    values = {**result.as_json(), "issue_list": [_issue_values(issue) for issue in listed]}
    console.answer(values, as_json=as_json, lines=check_lines(console, taken[0], listed, result))


def _write_marked(console: Console, file: Path, issues: pd.DataFrame, folder: Path) -> None:
    """The filer's workbook back; a file that is not made of cells has a sentence in its stead."""
    language = console.settings.language
    try:
        written = write_marked(file, issues, folder, language=language)
    except OneMapError as error:
        click.echo(console.as_given(explain(language, error)), err=True)
    else:
        console.say("marked.written", path=written)


def _issue_values(issue: dict[str, Any]) -> dict[str, Any]:
    """An issue for programs: `extent` is west, south, east, north in degrees; null: nowhere."""
    extent = None if issue["geom"] is None else [round(at, 7) for at in issue["geom"].bounds]
    return {**{name: issue[name] for name in issue if name != "geom"}, "extent": extent}
