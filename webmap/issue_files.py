"""Lists as files that people open in a spreadsheet program."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from flask import Response, send_file
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from assets.report import Report
from assets.services.papers.forms import notes
from assets.services.papers.heads import column_title
from assets.services.papers.tables import printed_row
from etl.export.layers import defused
from webmap.language import say

MEDIA_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
_FIELDS: Final = {
    "sheet": 20, "row": 8, "column": 24, "severity_title": 12, "message": 56, "original": 28,
    "suggestion": 28, "lon": 14, "lat": 14,
}  # fmt: skip
"""Column to its width in characters."""


def issue_file(ending: str, file_name: str, issues: Sequence[Mapping[str, Any]]) -> Response:
    """A download of issues in the order of the file."""
    headers = [say(f"import.issue_column.{name}") for name in _FIELDS]
    rows = [[issue[name] for name in _FIELDS] for issue in issues]
    content = _xlsx(headers, rows) if ending == "xlsx" else _csv(headers, rows)
    response = send_file(
        io.BytesIO(content),
        mimetype=MEDIA_TYPES[ending],
        as_attachment=True,
        download_name=say("import.issues_file", file=Path(file_name).stem) + f".{ending}",
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def change_file(file_name: str, changes: Sequence[Mapping[str, Any]]) -> Response:
    """A download of what a load would change, in the order of the file."""
    headers = [
        say(f"import_page.change.{name}") for name in ("row", "place", "field", "old", "new")
    ]
    rows = [
        [
            " ".join(str(one[name]) for name in ("sheet", "row") if one[name]),
            " ".join(one[name] for name in ("code", "name") if one[name]),
            one["header"] or one["field"],
            one["old"],
            one["new"],
        ]
        for one in changes
    ]
    response = send_file(
        io.BytesIO(_csv(headers, rows)),
        mimetype=MEDIA_TYPES["csv"],
        as_attachment=True,
        download_name=say("import.changes_file", file=Path(file_name).stem) + ".csv",
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def report_csv(report: Report, language: str) -> bytes:
    """The first table of a report as text, with what has to be known of it below."""
    (table, *_) = report.tables
    headers = [column_title(column, language) for column in table.columns]
    rows = [printed_row(table, row, language) for row in table.rows]
    return _csv(headers, [*rows, *([note] for note in notes(report, language))])


def _csv(headers: list[str], rows: list[list[Any]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(headers)
    writer.writerows([defused(value) for value in row] for row in rows)
    # With a byte order mark: without it spreadsheet programs take Chinese for another encoding.
    return written.getvalue().encode("utf-8-sig")


def _xlsx(headers: list[str], rows: list[list[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(say("import.issues_sheet"))
    for number, width in enumerate(_FIELDS.values(), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    head = [WriteOnlyCell(sheet, value=text) for text in headers]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        cells = [WriteOnlyCell(sheet, value=value) for value in row]
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula, whatever it begins with
        sheet.append(cells)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
