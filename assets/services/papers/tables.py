"""Reports as a workbook: a sheet a table, headers on top, texts that stay texts.

Plain tables have one row of headers; a form has its title, who hands it in and the headers of the
form above its rows, and what has to be known of it below.
"""

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from assets.report import Report, ReportColumn, ReportTable
from assets.services.papers.cells import Cells, Look
from assets.services.papers.forms import form_line, goes_on, notes, spans_of
from assets.services.papers.heads import Head, column_title, heads_of
from assets.services.papers.sheets import A3, A4, columns_wide, letters, longest_word, set_up_print
from gis.clock import ZONE
from gis.i18n import translate

_LONGEST_TITLE: Final = 31
"""Of a sheet; Excel opens no longer one."""
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
_NARROWEST, _WIDEST = 6, 40
"""Of a column, in letters: what is longer wraps."""
_NARROWEST_OF_FORM: Final = 8
_BOLD: Final = 1.15
"""How much wider bold letters are."""
_MOST_ON_A4: Final = 14
"""Columns of a form; one with more is printed on A3."""
_ABOVE_HEADS: Final = 2
"""Rows of a form above its headers: the title, and who hands it in."""
_TITLE_PT: Final = 16
_TITLE_HEIGHT: Final = 30
_LINE_HEIGHT: Final = 15
_TEXT: Final = Look()
_LINE: Final = Look(wraps=False)
_HEAD: Final = Look(is_bold=True)
_TITLE: Final = Look(
    is_bold=True, size=_TITLE_PT, horizontal="center", vertical="center", wraps=False
)
_FORM_HEAD: Final = Look(is_bold=True, is_boxed=True, horizontal="center", vertical="center")
_ROW_LOOKS: Final = (
    Look(is_boxed=True, vertical="center"),
    Look(is_boxed=True, vertical="center", horizontal="right"),
)
"""Of the texts in a row of a form, and of everything else."""
_SUM_LOOKS: Final = tuple(replace(look, is_bold=True) for look in _ROW_LOOKS)


def report_workbook(report: Report, language: str) -> bytes:
    """The tables of a report as one workbook, each sheet to be printed on landscape pages."""
    book = Workbook(write_only=True)
    for table in report.tables:
        title = translate(language, table.title_key).translate(_FORBIDDEN)[:_LONGEST_TITLE]
        sheet = book.create_sheet(title)
        rows = [printed_row(table, row, language) for row in table.rows]
        if report.form is not None:
            _write_form(sheet, report, table, rows, language)
        else:
            _write_plain(sheet, report, table, rows, language)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def printed_row(table: ReportTable, row: Mapping[str, Any], language: str) -> list[Any]:
    """The cells of a row as they are printed: words for codes, numbers as numbers."""
    return [_plain(_said(table, column, row, language)) for column in table.columns]


def _write_plain(
    sheet: Any, report: Report, table: ReportTable, rows: Sequence[Sequence[Any]], language: str
) -> None:
    heads = [column_title(column, language) for column in table.columns]
    printed = f"{translate(language, report.title_key)}  {report.as_of.isoformat()}"
    _lay_out(sheet, table, [heads, *rows], printed)
    cells = Cells(sheet)
    sheet.append([cells.made(text, _HEAD) for text in heads])
    for row in rows:
        sheet.append([cells.made(value, _TEXT) for value in row])
    for note in notes(report, language):
        sheet.append([cells.made(note, _LINE)])


def _write_form(
    sheet: Any, report: Report, table: ReportTable, rows: Sequence[Sequence[Any]], language: str
) -> None:
    heads = heads_of(table.columns, language, in_m2=True)
    width, depth = len(table.columns), 1 + max(head.bottom for head in heads)
    first = _ABOVE_HEADS + depth
    wide = _form_widths(table, rows, language)
    sheet.freeze_panes = f"A{first + 1}"
    paper = A4 if width <= _MOST_ON_A4 else A3
    set_up_print(sheet, header_rows=first, paper=paper)
    for at, letters_wide in enumerate(wide, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = letters_wide
    cells = Cells(sheet)
    sheet.row_dimensions[1].height = _TITLE_HEIGHT
    _merge(sheet, 1, 1, 1, width)
    sheet.append([cells.made(translate(language, table.title_key), _TITLE)])
    _merge(sheet, 2, 1, 2, width)
    sheet.append([cells.made("　　　".join(form_line(report, language)), _LINE)])
    _write_heads(sheet, cells, heads, wide)
    for column, top, bottom in spans_of(table):
        _merge(sheet, first + 1 + top, column + 1, first + 1 + bottom, column + 1)
    _write_rows(sheet, cells, table, rows, wide, first=first)
    room = sum(wide)
    for at, note in enumerate(notes(report, language), start=first + len(rows) + 1):
        _merge(sheet, at, 1, at, width)
        sheet.row_dimensions[at].height = _LINE_HEIGHT * _lines(note, room)
        sheet.append([cells.made(note, _TEXT)])


def _write_heads(sheet: Any, cells: Cells, heads: Sequence[Head], wide: Sequence[int]) -> None:
    depth = 1 + max(head.bottom for head in heads)
    grid: list[list[str | None]] = [[None] * len(wide) for _ in range(depth)]
    for head in heads:
        grid[head.top][head.left] = head.text
        _merge(sheet, *(_ABOVE_HEADS + 1 + head.top, head.left + 1),
               *(_ABOVE_HEADS + 1 + head.bottom, head.right + 1))  # fmt: skip
    for at, texts in enumerate(grid, start=_ABOVE_HEADS + 1):
        own = [head for head in heads if head.top == at - _ABOVE_HEADS - 1]
        lines = (
            _lines(one.text, sum(wide[one.left : one.right + 1]) / _BOLD, over=_rows_of(one))
            for one in own
        )
        sheet.row_dimensions[at].height = _LINE_HEIGHT * max(1, *lines)
        sheet.append([cells.made(text, _FORM_HEAD) for text in texts])


def _write_rows(
    sheet: Any,
    cells: Cells,
    table: ReportTable,
    rows: Sequence[Sequence[Any]],
    wide: Sequence[int],
    *,
    first: int,
) -> None:
    """The rows of a form, below its `first` rows."""
    blank = goes_on(table)
    for at, (row, values) in enumerate(zip(table.rows, rows, strict=True)):
        lines = (_lines(shown(value), wide[column]) for column, value in enumerate(values)
                 if (at, column) not in blank)  # fmt: skip
        if (most := max(lines)) > 1:
            sheet.row_dimensions[first + 1 + at].height = _LINE_HEIGHT * most
        of_text, of_number = _SUM_LOOKS if table.is_sum(row) else _ROW_LOOKS
        made = []
        for column, value in enumerate(values):
            look = of_text if isinstance(value, str) else of_number
            made.append(cells.made(None if (at, column) in blank else value, look))
        sheet.append(made)


def _form_widths(table: ReportTable, rows: Sequence[Sequence[Any]], language: str) -> list[int]:
    """A header may go on in further lines; what stands below it decides."""
    titles = [column_title(column, language, in_m2=True) for column in table.columns]
    of_heads = [
        max(math.ceil(letters(title) / 2) + 2, math.ceil(longest_word(title) * _BOLD) + 1)
        for title in titles
    ]
    of_rows = columns_wide(rows, shown) or [0] * len(titles)
    return [
        min(max(*both, _NARROWEST_OF_FORM), _WIDEST) for both in zip(of_heads, of_rows, strict=True)
    ]


def _lines(text: str, room: float, *, over: int = 1) -> int:
    """Lines of text in a cell so wide, for each of the rows it stands over.

    Said in the file, as not every program makes room for a line that wraps.
    """
    lines = sum(_wrapped(line, room) for line in text.split("\n"))
    return math.ceil(lines / over)


def _wrapped(line: str, room: float) -> int:
    """Of one line; of words that do not break each gap at an end is lost."""
    wide = letters(line) + 1
    if wide <= room:
        return 1
    lost = longest_word(line) / 2 if " " in line else 0
    return math.ceil(wide / max(room - lost, room / 2))


def _rows_of(head: Head) -> int:
    return head.bottom - head.top + 1


def _merge(sheet: Any, top: int, left: int, bottom: int, right: int) -> None:
    if (top, left) != (bottom, right):
        # Not by `add`, which looks through all there are: of these none lies in another.
        spot = CellRange(min_col=left, min_row=top, max_col=right, max_row=bottom)
        sheet.merged_cells.ranges.add(spot)


def _lay_out(sheet: Any, table: ReportTable, rows: Sequence[Sequence[Any]], printed: str) -> None:
    sheet.freeze_panes = "A2"
    set_up_print(sheet, header_rows=1, paper=A4)
    sheet.oddHeader.center.text = printed.replace("&", "&&")
    for at, width in enumerate(columns_wide(rows, shown), start=1):
        sheet.column_dimensions[get_column_letter(at)].width = min(max(width, _NARROWEST), _WIDEST)
    if table.rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(rows)}"


def _said(table: ReportTable, column: ReportColumn, row: Mapping[str, Any], language: str) -> Any:
    value = row.get(column.field)
    if column.field in table.key[:1] and table.is_sum(row):
        return translate(language, "report.sum")
    if value is None:
        return value
    if isinstance(value, bool):
        return translate(language, "report.yes" if value else "report.no")
    if isinstance(value, (list, tuple)):
        words = [
            str(one) if column.says is None else translate(language, column.says.format(one))
            for one in value
        ]
        return translate(language, "report.separator").join(words)
    if column.says is None:
        return value
    return translate(language, column.says.format(value))


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return value


def shown(value: Any) -> str:
    """What a reader sees of a cell."""
    if value is None:
        return ""
    return f"{value:,.2f}" if isinstance(value, (Decimal, float)) else str(value)
