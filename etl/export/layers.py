"""Layers as files: for GIS programs with geometry and codes, for desks as tables with words."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from sqlalchemy import Connection, text

from assets.registry import LAYERS
from gis.crs import STORAGE_SRID, WGS84_SRID
from gis.errors import InputError
from gis.i18n import translate
from gis.layers import STANDARD_COLUMNS, Layer
from gis.places.terms import Terms, read_terms

GEO_DRIVERS: Final = {"gpkg": "GPKG", "geojson": "GeoJSON"}
FORMATS: Final = (*GEO_DRIVERS, "csv", "xlsx")
_PLAIN_COLUMNS: Final = tuple(name for name in STANDARD_COLUMNS if name not in {"geom", "anchor"})
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


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


def export_layer(
    conn: Connection, layer: Layer, *, as_of: date, file_format: str, folder: Path, language: str
) -> tuple[Path, int]:
    """Writes what the session's account sees of a layer, as of a day.

    Args:
        conn: Within a session; row security decides the rows.
        layer: Which.
        as_of: Places that exist on that day.
        file_format: One of `FORMATS`. `gpkg` is in CGCS2000 and `geojson` in WGS 84, with codes;
            `csv` and `xlsx` carry titles instead of codes and the anchor as longitude, latitude.
        folder: Made when missing.
        language: Of titles and terms.

    Returns:
        The file, and how many places it holds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{layer.name}-{as_of.isoformat()}.{file_format}"
    if file_format in GEO_DRIVERS:
        return path, _write_geo(conn, layer, as_of, path, file_format)
    columns = (*_PLAIN_COLUMNS, *(attribute.name for attribute in layer.attributes), "lon", "lat")
    rows = _table_rows(conn, layer, as_of, read_terms(conn, language))
    headers = [_title(layer, column, language) for column in columns]
    write = _write_csv if file_format == "csv" else _write_xlsx
    return path, write(path, headers, rows)


def _select(layer: Layer, geometry: str) -> str:
    listed = ", ".join([*_PLAIN_COLUMNS, *(attribute.name for attribute in layer.attributes)])
    return (
        f"SELECT {listed}, {geometry} FROM map.{layer.name}"
        " WHERE (valid_from IS NULL OR valid_from <= :as_of)"
        " AND (valid_to IS NULL OR valid_to > :as_of) ORDER BY code"
    )


def _write_geo(conn: Connection, layer: Layer, as_of: date, path: Path, file_format: str) -> int:
    frame = geopandas.read_postgis(
        text(_select(layer, "coalesce(geom, anchor) AS geom")),
        conn,
        geom_col="geom",
        crs=STORAGE_SRID,
        params={"as_of": as_of},
    )
    if file_format == "geojson":
        frame = frame.to_crs(WGS84_SRID)
    path.unlink(missing_ok=True)
    frame.to_file(path, driver=GEO_DRIVERS[file_format], layer=layer.name)
    return len(frame)


def _title(layer: Layer, column: str, language: str) -> str:
    for attribute in layer.attributes:
        if attribute.name == column:
            title = translate(language, attribute.title_key)
            return f"{title} ({attribute.unit})" if attribute.unit else title
    return translate(language, f"layer.column.{column}")


def _table_rows(conn: Connection, layer: Layer, as_of: date, terms: Terms) -> Iterator[list[Any]]:
    lists = {attribute.name: attribute.term_list for attribute in layer.attributes}
    statement = text(_select(layer, "ST_X(anchor) AS lon, ST_Y(anchor) AS lat"))
    for row in conn.execute(statement, {"as_of": as_of}).mappings():
        yield [
            terms.title(lists[name], value) if lists.get(name) else value
            for name, value in row.items()
        ]


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
