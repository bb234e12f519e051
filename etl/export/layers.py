"""Layers as files: for GIS programs with geometry and codes, for desks as tables with words."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from sqlalchemy import Connection, text

from assets.registry import LAYERS
from etl.export.columns import Wording, column_title, condition_sql
from etl.export.geographic import write_geographic
from etl.export.offline_map import write_offline_map
from gis.crs import STORAGE_SRID
from gis.errors import InputError
from gis.layers import STANDARD_COLUMNS, Layer, shown_by
from gis.places.terms import read_terms
from gis.places.then import Places, places_as_of

FORMATS: Final = ("gpkg", "geojson", "parquet", "shp", "csv", "xlsx", "html")
_PLAIN_COLUMNS: Final = tuple(name for name in STANDARD_COLUMNS if name not in {"geom", "anchor"})
# Those of full width too: a spreadsheet for Chinese reads them as the others.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Export:
    """What is taken out of the register as a file.

    Args:
        layer: Which layer.
        as_of: Places that exist on that day.
        file_format: One of `FORMATS`. `gpkg`, `parquet` and `shp` (zipped) are in CGCS2000 and
            `geojson` in WGS 84, with codes; `csv` and `xlsx` carry titles instead of codes and the
            anchor as longitude, latitude; `html` is a map in one file.
        language: Of titles and terms.
        is_selection: Only places in `pg_temp.asked_place` (`gis.questions.collect_places`).
        is_filtered: Whether filters of layers narrowed them: the name of the file says so.
        libraries: For `html`: the folder of the browser libraries it carries.
    """

    layer: Layer
    as_of: date
    file_format: str
    language: str
    is_selection: bool = False
    is_filtered: bool = False
    libraries: Path | None = None

    @property
    def file_name(self) -> str:
        """What the file is called."""
        ending = "shp.zip" if self.file_format == "shp" else self.file_format
        part = "-filtered" if self.is_filtered else ""
        return f"{self.layer.name}{part}-{self.as_of.isoformat()}.{ending}"

    @property
    def condition(self) -> str:
        """What stands after WHERE in a query of the layer's view, with `:as_of`."""
        return condition_sql(is_selection=self.is_selection)


def layer_named(name: str) -> Layer:
    """The published layer of a name.

    Raises:
        InputError: There is none.
    """
    for layer in LAYERS:
        if layer.name == name:
            return layer
    known = ", ".join(layer.name for layer in LAYERS)
    raise InputError("export.no_such_layer", name=name, known=known)


def export_layer(conn: Connection, export: Export, folder: Path) -> tuple[Path, int]:
    """Writes what the session's account sees of a layer.

    Args:
        conn: Within a session; row security decides the rows.
        export: What is asked for.
        folder: Made when missing.

    Returns:
        The file, and how many places it holds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / export.file_name
    path.unlink(missing_ok=True)
    if export.file_format == "html":
        return path, write_offline_map(
            conn,
            export.layer,
            as_of=export.as_of,
            condition=export.condition,
            path=path,
            language=export.language,
            libraries=export.libraries or Path(),
        )
    if export.file_format not in {"csv", "xlsx"}:
        frame = _frame(conn, export)
        write_geographic(frame, path, export.file_format, export.layer, export.language)
        return path, len(frame)
    parent = ["parent_code"] if export.layer.arms else []
    attributes = [one.name for one in export.layer.attributes]
    columns = [*_PLAIN_COLUMNS, *attributes, *parent, "lon", "lat"]
    headers = [column_title(export.layer, column, export.language) for column in columns]
    write = _write_csv if export.file_format == "csv" else _write_xlsx
    return path, write(path, headers, _table_rows(conn, export))


def _select(export: Export, geometry: str, places: Places) -> str:
    names = [*_PLAIN_COLUMNS, *(one.name for one in export.layer.attributes)]
    rows = shown_by(export.layer, places)
    source = f"(SELECT * FROM {rows} AS every WHERE {export.condition}) AS shown"
    if not export.layer.arms:
        return f"SELECT {', '.join(names)}, {geometry} FROM {source} ORDER BY code"
    # Loaded back, a part finds the place it is a part of, and no place is called by its label.
    listed = ", ".join("own.name" if name == "name" else f"shown.{name}" for name in names)
    return (
        f"SELECT {listed}, up.code AS parent_code, {geometry} FROM {source}"
        f" LEFT JOIN {places.by_id} AS own ON own.place_id = shown.place_id"
        f" LEFT JOIN {places.by_id} AS up ON up.place_id = own.parent_id ORDER BY shown.code"
    )


def _frame(conn: Connection, export: Export) -> geopandas.GeoDataFrame:
    places = places_as_of(conn, export.as_of)
    return geopandas.read_postgis(
        text(_select(export, "coalesce(shown.geom, shown.anchor) AS geom", places)),
        conn,
        geom_col="geom",
        crs=STORAGE_SRID,
        params={"as_of": export.as_of},
    )


def _table_rows(conn: Connection, export: Export) -> Iterator[list[Any]]:
    wording = Wording(export.layer, read_terms(conn, export.language), export.language)
    spot = "ST_X(shown.anchor) AS lon, ST_Y(shown.anchor) AS lat"
    statement = text(_select(export, spot, places_as_of(conn, export.as_of)))
    for row in conn.execute(statement, {"as_of": export.as_of}).mappings():
        yield [wording.said(name, value) for name, value in row.items()]


def _write_csv(path: Path, headers: list[str], rows: Iterator[list[Any]]) -> int:
    count = 0
    # With a byte order mark: without it spreadsheet programs take Chinese for another encoding.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        for count, row in enumerate(rows, start=1):  # noqa: B007 -- the last number is the count
            writer.writerow([defused(value) for value in row])
    return count


def defused(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula, with a mark that it is a text."""
    is_formula = isinstance(value, str) and value.startswith(_FORMULA_STARTS)
    return f"'{value}" if is_formula else value


def _write_xlsx(path: Path, headers: list[str], rows: Iterator[list[Any]]) -> int:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(path.stem)
    sheet.append(headers)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 -- the last number is the count
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula, whatever it begins with
            cells.append(cell)
        sheet.append(cells)
    book.save(path)
    return count
