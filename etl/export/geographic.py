"""Layers in the formats of GIS programs."""

import csv
import tempfile
import zipfile
from pathlib import Path
from typing import Final

import geopandas

from etl.export.columns import column_title
from gis.crs import WGS84_SRID
from gis.layers import Layer

_DRIVERS: Final = {"gpkg": "GPKG", "geojson": "GeoJSON"}
_LONGEST_FIELD: Final = 10
"""Letters that dBASE keeps of a column's name."""
_OF_KIND: Final = {
    "polygon": ("Polygon", "MultiPolygon"),
    "line": ("LineString", "MultiLineString"),
    "point": ("Point", "MultiPoint"),
}


def write_geographic(
    frame: geopandas.GeoDataFrame, path: Path, file_format: str, layer: Layer, language: str
) -> None:
    """Writes places with their shapes and codes.

    Args:
        frame: In the storage system; a place without location has no geometry.
        path: Of the file.
        file_format: `gpkg`, `geojson` (WGS 84), `parquet` (GeoParquet) or `shp`, a zip.
        layer: What the frame holds; names the layer in the file.
        language: Of the list of columns beside a Shapefile.
    """
    if file_format == "parquet":
        frame.to_parquet(path, index=False)
    elif file_format == "shp":
        _write_shapefile(frame, path, layer, language)
    else:
        placed = frame.to_crs(WGS84_SRID) if file_format == "geojson" else frame
        # GeoJSON would round corners, and loaded back every shape would be another.
        exact = {"COORDINATE_PRECISION": "17"} if file_format == "geojson" else {}
        placed.to_file(path, driver=_DRIVERS[file_format], layer=layer.name, **exact)


def _write_shapefile(
    frame: geopandas.GeoDataFrame, path: Path, layer: Layer, language: str
) -> None:
    """One file each for outlines and points, as the format wants; what has neither goes along.

    The format cuts names of columns: a table beside it says what each is.
    """
    columns = [name for name in frame.columns if name != "geom"]
    short = _short_names(columns)
    renamed = frame.rename(columns=short)
    kinds = frame.geom_type
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for kind, types in _OF_KIND.items():
            is_main = kind == layer.geometry
            part = renamed[kinds.isin(types) | (kinds.isna() if is_main else False)]
            if is_main or len(part):
                name = layer.name if is_main else f"{layer.name}_{kind}"
                part.to_file(folder / f"{name}.shp", driver="ESRI Shapefile", encoding="UTF-8")
        with (folder / f"{layer.name}_columns.csv").open(
            "w", encoding="utf-8-sig", newline=""
        ) as file:
            csv.writer(file).writerows(
                (short[name], name, column_title(layer, name, language)) for name in columns
            )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in sorted(folder.iterdir()):
                archive.write(member, member.name)


def _short_names(columns: list[str]) -> dict[str, str]:
    """Each name within the format's length, none twice."""
    short: dict[str, str] = {}
    for name in columns:
        cut, number = name[:_LONGEST_FIELD], 1
        while cut in short.values():
            number += 1
            cut = f"{name[: _LONGEST_FIELD - len(str(number))]}{number}"
        short[name] = cut
    return short
