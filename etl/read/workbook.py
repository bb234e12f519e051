"""Sheets of a workbook as raw cells, through calamine."""

from pathlib import Path
from typing import Any, Final

import pandas as pd
import python_calamine

from etl.limits import Limits
from etl.read.source import Grid
from gis.errors import SourceError

PLACE_CODE_SHEET: Final = "onemap"
"""Very-hidden sheet of a workbook onemap wrote: `sheet, row, place_code`, rows from 1."""


def read_workbook(
    path: Path, file: str, limits: Limits
) -> tuple[tuple[Grid, ...], pd.DataFrame | None]:
    """All sheets of a workbook, and the place codes of our own export when it carries them.

    Raises:
        SourceError: Encrypted, damaged, or over the row or column ceiling.
    """
    try:
        with python_calamine.load_workbook(path) as workbook:
            hidden = {
                sheet.name: sheet.visible != python_calamine.SheetVisibleEnum.Visible
                for sheet in workbook.sheets_metadata
                if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
            }
            grids = [
                _grid(workbook.get_sheet_by_name(name), file, limits, is_hidden=is_hidden)
                for name, is_hidden in hidden.items()
            ]
    except python_calamine.PasswordError as error:
        raise SourceError("load.encrypted", file=file) from error
    except python_calamine.CalamineError as error:
        raise SourceError("load.truncated", file=file) from error
    codes = [grid for grid in grids if grid.name == PLACE_CODE_SHEET and grid.is_hidden]
    others = tuple(grid for grid in grids if grid not in codes)
    return others, _place_codes(codes[0].cells) if codes else None


def _grid(sheet: Any, file: str, limits: Limits, *, is_hidden: bool) -> Grid:
    if sheet.total_width > limits.max_columns:
        raise SourceError(
            "load.too_many_columns",
            file=file,
            sheet=sheet.name,
            count=sheet.total_width,
            limit=limits.max_columns,
        )
    if sheet.total_height > limits.max_rows:
        raise SourceError(
            "load.too_many_rows",
            file=file,
            sheet=sheet.name,
            count=sheet.total_height,
            limit=limits.max_rows,
        )
    rows = sheet.to_python(skip_empty_area=False)
    cells = pd.DataFrame(rows, dtype=object)
    cells = cells.mask(cells.eq("").fillna(value=False), None) if len(cells) else cells
    return Grid(sheet.name, cells, tuple(sheet.merged_cell_ranges or ()), is_hidden)


def _place_codes(cells: pd.DataFrame) -> pd.DataFrame | None:
    if cells.empty or list(cells.iloc[0, :3]) != ["sheet", "row", "place_code"]:
        return None
    body = cells.iloc[1:, :3].dropna()
    body.columns = pd.Index(["sheet", "row", "place_code"])
    return pd.DataFrame(
        {
            "sheet": body["sheet"].astype(str),
            "row": pd.to_numeric(body["row"]).astype("int64"),
            "place_code": body["place_code"].astype(str),
        }
    ).reset_index(drop=True)
