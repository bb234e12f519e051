"""What reading a file gives: grids of raw cells, and layers with geometry."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.confined.answer import Note
from etl.confined.formats import Format

__all__ = ["Format", "Grid", "Layer", "Note", "Source"]


@dataclass(frozen=True)
class Grid:
    """A sheet as cells, before anyone knows which row is the header.

    Args:
        name: Sheet name; null for a csv file, which has none.
        cells: One row per sheet row from the first (row number = index + 1), one positional
            column per sheet column, original values (str, float, bool, date); null where empty.
        merges: Merged ranges as ((row, column), (row, column)), zero-based, both ends inside.
        is_hidden: The sheet cannot be seen in the office program.
        first_row: How many rows of the sheet stand above the cells, where they are a part of it.
        repeated_headers: Rows, as a person counts them, that repeated the header and were left out.
    """

    name: str | None
    cells: pd.DataFrame
    merges: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    is_hidden: bool = False
    first_row: int = 0
    repeated_headers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Layer:
    """A layer of a geographic file: named columns and one geometry per row.

    Args:
        name: Layer name.
        attributes: One row per feature in file order, columns as named in the file.
        wkb: WKB per feature, object array of bytes; null where the feature has none.
        crs: The file's coordinate system as `EPSG:n` or WKT; null when it states none.
    """

    name: str
    attributes: pd.DataFrame
    wkb: npt.NDArray[np.object_]
    crs: str | None


@dataclass(frozen=True)
class Source:
    """A file that has been read.

    Args:
        file: Name as the person knows it.
        sha256: Hash of the bytes, hexadecimal; for a Shapefile over all its parts.
        format: What the content is.
        grids: Sheets in workbook order; hidden ones too.
        layers: Geographic layers in file order.
        place_codes: `sheet, row, place_code` rows of a workbook onemap wrote itself; null else.
        notes: What a person should know about how it was read.
    """

    file: str
    sha256: str
    format: Format
    grids: tuple[Grid, ...] = ()
    layers: tuple[Layer, ...] = ()
    place_codes: pd.DataFrame | None = None
    notes: tuple[Note, ...] = ()
