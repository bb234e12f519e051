"""Sheets of a workbook as raw cells, through calamine."""

from pathlib import Path
from typing import Any

import python_calamine

from etl.confined.answer import Answer
from etl.confined.cells import cell_batches, cell_schema
from etl.confined.features import notes_of_ole, notes_of_package
from etl.confined.formats import Format
from etl.limits import Limits
from gis.errors import SourceError


def read_workbook(path: Path, file: str, limits: Limits, answer: Answer) -> None:
    """All sheets of a workbook, hidden ones too, and notes on what is no value in it.

    Raises:
        SourceError: Encrypted, damaged, or over the row or column ceiling.
    """
    try:
        with python_calamine.load_workbook(path) as workbook:
            for sheet in workbook.sheets_metadata:
                if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet:
                    is_hidden = sheet.visible != python_calamine.SheetVisibleEnum.Visible
                    found = workbook.get_sheet_by_name(sheet.name)
                    _read_sheet(found, file, limits, answer, is_hidden=is_hidden)
    except python_calamine.PasswordError as error:
        raise SourceError("load.encrypted", file=file) from error
    except python_calamine.CalamineError as error:
        raise SourceError("load.truncated", file=file) from error
    if answer.format == Format.XLS:
        answer.notes += notes_of_ole(path)
    else:
        widths = {one["name"]: one["width"] for one in answer.grids}
        answer.notes += notes_of_package(path, widths)


def _read_sheet(sheet: Any, file: str, limits: Limits, answer: Answer, *, is_hidden: bool) -> None:
    # The library's own totals are one short: they are the index of the last cell.
    last_row, last_column = sheet.end or (-1, -1)
    width, height = last_column + 1, last_row + 1
    if width > limits.max_columns:
        raise SourceError(
            "load.too_many_columns",
            file=file,
            sheet=sheet.name,
            count=width,
            limit=limits.max_columns,
        )
    if height > limits.max_rows:
        raise SourceError(
            "load.too_many_rows", file=file, sheet=sheet.name, count=height, limit=limits.max_rows
        )
    rows = sheet.to_python(skip_empty_area=False)
    table = answer.write_table(cell_schema(width), cell_batches(rows, width))
    merges = sheet.merged_cell_ranges or ()
    answer.grids.append(
        {
            "name": sheet.name,
            "table": table,
            "merges": merges,
            "is_hidden": is_hidden,
            "width": width,
        }
    )
