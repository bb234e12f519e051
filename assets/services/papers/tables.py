"""Plain tables as a workbook: a sheet a table, headers on top, texts that stay texts."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from assets.report import Report, ReportColumn, ReportTable
from assets.services.papers.sheets import A4, columns_wide, set_up_print
from gis.clock import ZONE
from gis.i18n import translate

_UNITS: Final = {"m2": "m²"}
_LONGEST_TITLE: Final = 31
"""Of a sheet; Excel opens no longer one."""
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
_TO_THE_CENT: Final = "#,##0.00"
_NARROWEST, _WIDEST = 6, 40
"""Of a column, in letters: what is longer wraps."""


def report_workbook(report: Report, language: str) -> bytes:
    """The tables of a report as one workbook, each sheet ready to be printed on landscape A4."""
    book = Workbook(write_only=True)
    printed = f"{translate(language, report.title_key)}  {report.as_of.isoformat()}"
    for table in report.tables:
        title = translate(language, table.title_key).translate(_FORBIDDEN)[:_LONGEST_TITLE]
        sheet = book.create_sheet(title)
        heads = [_head(column, language) for column in table.columns]
        rows = [
            [_plain(_said(table, column, row, language)) for column in table.columns]
            for row in table.rows
        ]
        _lay_out(sheet, table, [heads, *rows], printed)
        sheet.append([_head_cell(sheet, text) for text in heads])
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
        for key, params in report.footnotes:
            sheet.append([_cell(sheet, translate(language, key, **params), wraps=False)])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _lay_out(sheet: Any, table: ReportTable, rows: Sequence[Sequence[Any]], printed: str) -> None:
    sheet.freeze_panes = "A2"
    set_up_print(sheet, header_rows=1, paper=A4)
    sheet.oddHeader.center.text = printed.replace("&", "&&")
    for at, width in enumerate(columns_wide(rows, _shown), start=1):
        sheet.column_dimensions[get_column_letter(at)].width = min(max(width, _NARROWEST), _WIDEST)
    if table.rows:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{len(rows)}"


def _head(column: ReportColumn, language: str) -> str:
    unit = f"（{_UNITS.get(column.unit, column.unit)}）" if column.unit else ""
    return translate(language, column.title_key) + unit


def _head_cell(sheet: Any, text: str) -> Any:
    head = _cell(sheet, text)
    head.font = Font(bold=True)
    return head


def _said(table: ReportTable, column: ReportColumn, row: Mapping[str, Any], language: str) -> Any:
    value = row.get(column.field)
    if column.field in table.key[:1] and table.is_sum(row):
        return translate(language, "report.sum")
    if value is None:
        return value
    if isinstance(value, bool):
        return translate(language, "report.yes" if value else "report.no")
    return value if column.says is None else translate(language, column.says.format(value))


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case list() | tuple():
            return "、".join(str(one) for one in value)
        case _:
            return value


def _shown(value: Any) -> str:
    """What a reader sees of a cell."""
    if value is None:
        return ""
    return f"{value:,.2f}" if isinstance(value, (Decimal, float)) else str(value)


def _cell(sheet: Any, value: Any, *, wraps: bool = True) -> Any:
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, "".join(one for one in value if one >= " " or one in "\n\t"))
        cell.data_type = "s"  # a text that begins with = is a text, never a formula
        cell.alignment = Alignment(vertical="top", wrap_text=wraps)
        return cell
    is_decimal = isinstance(value, (Decimal, float))
    cell = WriteOnlyCell(sheet, float(value) if is_decimal else value)
    cell.alignment = Alignment(vertical="top")
    if is_decimal:
        cell.number_format = _TO_THE_CENT
    return cell
