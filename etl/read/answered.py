"""Frames of what the reading process handed back."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from etl.confined.answer import ANSWER_FILE, WKB_COLUMN, Note
from etl.confined.formats import Format
from etl.confined.marking import LIST_SHEET
from etl.read.source import Grid, Layer, Source
from gis.errors import SourceError

PLACE_CODE_SHEET: Final = "onemap"
"""Very-hidden sheet of a workbook onemap wrote: `sheet, row, place_code`, rows from 1."""


_KML_LABELS: Final = ("Name", "description")
"""Columns that every KML reads with, whether anything stands in them or not."""


def source_of(folder: Path, file: str) -> Source:
    """The file as the answer in a folder describes it.

    Raises:
        SourceError: The file was refused.
    """
    content = answer_in(folder)
    grids = [
        Grid(
            one["name"],
            _cells(table_in(folder, one["table"])),
            tuple((tuple(first), tuple(last)) for first, last in one["merges"]),
            one["is_hidden"],
        )
        for one in content["grids"]
    ]
    codes = [grid for grid in grids if grid.name == PLACE_CODE_SHEET and grid.is_hidden]
    return Source(
        file,
        content["sha256"],
        Format(content["format"]),
        grids=tuple(grid for grid in grids if grid not in codes and grid.name != LIST_SHEET),
        layers=tuple(
            _layer(
                one["name"], table_in(folder, one["table"]), one["crs"], Format(content["format"])
            )
            for one in content["layers"]
        ),
        place_codes=_place_codes(codes[0].cells) if codes else None,
        notes=tuple(Note(**note) for note in content["notes"]),
    )


def answer_in(folder: Path) -> dict[str, Any]:
    """What the process wrote down beside its tables, when that is not a refusal.

    Raises:
        SourceError: The file was refused.
    """
    content: dict[str, Any] = json.loads((folder / ANSWER_FILE).read_text(encoding="utf-8"))
    if "refused" in content:
        raise SourceError(content["refused"], **content["params"])
    return content


def table_in(folder: Path, name: str) -> pa.Table:
    """A table mapped into memory; it outlives its file, which goes with the folder."""
    with pa.memory_map(str(folder / name)) as mapped:
        table = pa.ipc.open_stream(mapped).read_all()
    table.validate(full=True)
    return table


def _cells(table: pa.Table) -> pd.DataFrame:
    columns = {
        position: np.concatenate([_column(chunk) for chunk in column.chunks])
        for position, column in enumerate(table.columns)
        if column.num_chunks
    }
    return pd.DataFrame(columns, dtype=object)


def _column(cells: pa.UnionArray) -> Any:
    """Python values of a column of cells, null where there is nothing."""
    codes = cells.type_codes.to_numpy()
    offsets = cells.offsets.to_numpy()
    found = np.full(len(cells), None, dtype=object)
    for code in np.unique(codes):
        child = cells.field(int(code))
        if pa.types.is_null(child.type):
            continue
        mine = codes == code
        found[mine] = _values(child)[offsets[mine]]
    return found


def _values(child: pa.Array) -> Any:
    if pa.types.is_string(child.type):
        # Equal texts become one object: a column of a census repeats its words.
        encoded = child.dictionary_encode()
        words = encoded.dictionary.to_numpy(zero_copy_only=False)
        return words[encoded.indices.to_numpy(zero_copy_only=False)]
    values = np.empty(len(child), dtype=object)
    values[:] = child.to_pylist()
    return values


def _layer(name: str, table: pa.Table, crs: str | None, found: Format) -> Layer:
    wkb = table.column(WKB_COLUMN).to_numpy(zero_copy_only=False)
    attributes = table.drop_columns([WKB_COLUMN])
    frame = attributes.to_pandas(types_mapper=_nullable_types, date_as_object=True)
    if found in (Format.KML, Format.KMZ):
        frame = frame.drop(columns=[label for label in _KML_LABELS if _is_label(frame, label)])
    return Layer(name, frame, wkb, crs)


def _is_label(frame: pd.DataFrame, name: str) -> bool:
    """Whether a KML column is empty, or only repeats another for the balloon on a globe."""
    if name not in frame:
        return False
    said = frame[name].fillna("").astype(str)
    others = (frame[one].fillna("").astype(str) for one in frame.columns if one != name)
    return bool((said == "").all()) or any(bool((said == one).all()) for one in others)


def _nullable_types(kind: Any) -> Any:
    """Whole numbers stay whole beside nulls: a code read as 40778072.0 is no code."""
    if pa.types.is_integer(kind):
        return pd.Int64Dtype()
    return None


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
