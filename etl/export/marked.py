"""The filer's own workbook back: bad cells coloured and commented, all of them listed."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, text

from etl.confined.marking import MARKED_FILE, Mark
from etl.limits import Limits
from etl.read.answered import answer_in
from etl.read.confinement import MARK, reading
from etl.set_limits import usual_limits
from gis.i18n import translate

_MOST_MARKS: Final = 20_000
"""More than this nobody repairs by hand; the list of issues as a file holds them all."""
_HEADERS: Final = (
    "sheet", "row", "column", "header", "severity", "message", "original", "suggestion",
)  # fmt: skip


def write_marked(
    path: Path,
    issues: pd.DataFrame,
    folder: Path,
    *,
    language: str,
    file: str | None = None,
    limits: Limits | None = None,
) -> Path:
    """Write a copy of a workbook in which each issue stands on its cell.

    A cell takes the colour of its worst issue and a comment with all of them; issues of a whole row
    stand on its first cell, those of a sheet only in the list, a sheet at the end that loading
    skips. Marks of an earlier round are taken away first. An xlsx keeps its looks; an xls, ods or
    csv comes back as an xlsx of its cells.

    Args:
        path: The file as it was handed in; it is not changed.
        issues: As `IssueList.frame` gives them.
        folder: Where the copy goes; an existing file of its name is replaced.
        language: Of the marks.
        file: Its name as the person knows it; null takes the path's.
        limits: Ceilings; null takes the defaults.

    Returns:
        The path of the copy.

    Raises:
        SourceError: The file is not made of cells, or could not be opened any more.
    """
    name = file or path.name
    marks = _marks(issues.head(_MOST_MARKS), language)
    asked = {
        "marks": [asdict(mark) for mark in marks],
        "headers": [translate(language, f"marked.column.{one}") for one in _HEADERS],
    }
    with reading(path.resolve(), name, limits or usual_limits(), code=MARK, asked=asked) as made:
        answer_in(made)
        folder.mkdir(parents=True, exist_ok=True)
        suffix = ".xlsm" if name.lower().endswith(".xlsm") else ".xlsx"
        target = folder / (translate(language, "marked.file", file=Path(name).stem) + suffix)
        shutil.copyfile(made / MARKED_FILE, target)
    return target


def kept_issues(conn: Connection, load_id: int) -> pd.DataFrame:
    """Issues of a load as `write_marked` takes them, in the order of the file."""
    return pd.read_sql_query(
        text(
            "SELECT sheet, row_number AS row, column_header AS column, column_number, rule,"
            " severity, suggestion, original, params FROM staging.issue"
            " WHERE load_id = :load_id ORDER BY issue_number"
        ),
        conn,
        params={"load_id": load_id},
    )


def _marks(issues: pd.DataFrame, language: str) -> Sequence[Mark]:
    def one(issue: dict[str, Any]) -> Mark:
        number = issue["column_number"]
        return Mark(
            sheet=_text(issue["sheet"]),
            row=int(issue["row"]),
            column=None if pd.isna(number) else int(number),
            header=_text(issue["column"]),
            severity=issue["severity"],
            title=translate(language, f"severity.{issue['severity']}"),
            message=translate(language, issue["rule"], **(issue["params"] or {})),
            original=_text(issue["original"]),
            suggestion=_text(issue["suggestion"]),
        )

    return [one(issue) for issue in issues.to_dict("records")]


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
