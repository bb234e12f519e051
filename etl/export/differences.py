"""What became of a list, as a workbook: what went, what came, what may have changed."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from etl.compare import Difference, Listed
from gis.i18n import translate


def difference_workbook(before: Listed, after: Listed, found: Difference, language: str) -> bytes:
    """A sheet for each: rows with the number they have in their file."""
    book = Workbook(write_only=True)
    number = translate(language, "compare.row")
    for name, side, rows in (
        ("removed", before, found.removed), ("added", after, found.added),
    ):  # fmt: skip
        lines = [[side.rows[at], *side.lines[at]] for at in rows]
        _sheet(book, translate(language, f"compare.{name}"), [number, *side.columns], lines)
    heads = ("row_before", "row_after", "share", "column", "was", "now")
    _sheet(
        book,
        translate(language, "compare.changed"),
        [translate(language, f"compare.{head}") for head in heads],
        [
            [before.rows[one.before], after.rows[one.after], one.share, *cell]
            for one in found.changed
            for cell in one.cells
        ],
    )
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _sheet(book: Workbook, title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    header = [WriteOnlyCell(sheet, value=_safe(head)) for head in heads]
    for cell in header:
        cell.font, cell.data_type = Font(bold=True), "s"
    sheet.append(header)
    for row in rows:
        cells = [WriteOnlyCell(sheet, value=_safe(value)) for value in row]
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # a text that begins with = is a text, never a formula
        sheet.append(cells)


def _safe(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return "".join(one for one in value if one >= " " or one in "\n\t")
