"""Plain tables as a workbook: a sheet a table, headers on top, texts that stay texts."""

import io
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from assets.report import Report, ReportColumn
from gis.clock import ZONE
from gis.i18n import translate

_UNITS: Final = {"m2": "m²"}
_LONGEST_TITLE: Final = 31
"""Of a sheet; Excel opens no longer one."""
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


def report_workbook(report: Report, language: str) -> bytes:
    """The tables of a report as one workbook."""
    book = Workbook(write_only=True)
    for table in report.tables:
        title = translate(language, table.title_key).translate(_FORBIDDEN)[:_LONGEST_TITLE]
        sheet = book.create_sheet(title)
        sheet.freeze_panes = "A2"
        for at, _column in enumerate(table.columns, start=1):
            sheet.column_dimensions[get_column_letter(at)].width = 16
        heads = []
        for column in table.columns:
            unit = f"（{_UNITS.get(column.unit, column.unit)}）" if column.unit else ""
            head = WriteOnlyCell(sheet, translate(language, column.title_key) + unit)
            head.font = Font(bold=True)
            heads.append(head)
        sheet.append(heads)
        for row in table.rows:
            sheet.append([_cell(sheet, _said(column, row, language)) for column in table.columns])
        for key, params in report.footnotes:
            sheet.append([_cell(sheet, translate(language, key, **params))])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _said(column: ReportColumn, row: Mapping[str, Any], language: str) -> Any:
    value = row.get(column.field)
    if value is None or column.says is None:
        return value
    return translate(language, column.says.format(value))


def _cell(sheet: Any, value: Any) -> Any:
    match value:
        case Decimal():
            value = float(value)
        case datetime():
            value = f"{value.astimezone(ZONE):%Y-%m-%d %H:%M}"
        case date():
            value = value.isoformat()
        case list() | tuple():
            value = "、".join(str(one) for one in value)
    if isinstance(value, str):
        value = "".join(one for one in value if one >= " " or one in "\n\t")
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # a text that begins with = is a text, never a formula
    return cell
