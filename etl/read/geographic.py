"""Layers of GeoPackage, GeoJSON and Shapefile, through an explicit list of drivers."""

import json
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyogrio.errors
import shapely

from etl.limits import Limits
from etl.read.source import Format, Layer
from gis.crs import WGS84_SRID
from gis.errors import SourceError

# Content was told apart before GDAL sees the file; these are the only drivers that may answer.
_DRIVERS: Final = {
    Format.GPKG: "GPKG",
    Format.GEOJSON: "GeoJSON",
    Format.SHAPEFILE: "ESRI Shapefile",
    Format.ZIPPED_SHAPEFILE: "ESRI Shapefile",
}
_SHAPE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_GEOJSON_TYPES: Final = ("FeatureCollection", "Feature")
_CRS84: Final = f"EPSG:{WGS84_SRID}"

pyogrio.set_gdal_config_options(
    {
        "OGR_GEOJSON_MAX_OBJ_SIZE": "0",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
    }
)


def read_layers(path: Path, file: str, found: Format, limits: Limits) -> tuple[Layer, ...]:
    """Every layer of a geographic file.

    Raises:
        SourceError: Damaged, without layers, or over the row or column ceiling.
    """
    if found is Format.GEOJSON:
        _refuse_broken_json(path, file)
    # The GeoJSON: prefix keeps GDAL from taking the text for one of its other JSON drivers,
    # some of which run commands or follow links.
    prefix = {Format.ZIPPED_SHAPEFILE: "/vsizip/", Format.GEOJSON: "GeoJSON:"}.get(found, "")
    target = f"{prefix}{path.resolve()}"
    try:
        with warnings.catch_warnings():
            # GDAL renumbers repeated feature ids, ours come from the attributes; and it drops
            # the M of measured points, which no register keeps.
            warnings.simplefilter("ignore", RuntimeWarning)
            warnings.simplefilter("ignore", UserWarning)
            names = [str(name) for name in pyogrio.list_layers(target)[:, 0]]
            layers = tuple(
                _layer(target, name, path=path, file=file, found=found, limits=limits)
                for name in names
            )
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.GeometryError,
    ) as error:
        raise SourceError("load.truncated", file=file) from error
    if not layers:
        raise SourceError("load.no_layer", file=file)
    return layers


def _layer(
    target: str, name: str, *, path: Path, file: str, found: Format, limits: Limits
) -> Layer:
    facts = pyogrio.read_info(target, layer=name, encoding=_encoding(path, found))
    if facts["driver"] != _DRIVERS[found]:
        raise SourceError("load.wrong_name", file=file, suffix=path.suffix, content=facts["driver"])
    if len(facts["fields"]) > limits.max_columns:
        raise SourceError(
            "load.too_many_columns",
            file=file,
            sheet=name,
            count=len(facts["fields"]),
            limit=limits.max_columns,
        )
    if facts["features"] > limits.max_rows:
        raise SourceError(
            "load.too_many_rows",
            file=file,
            sheet=name,
            count=facts["features"],
            limit=limits.max_rows,
        )
    meta, table = pyogrio.read_arrow(target, layer=name, encoding=_encoding(path, found))
    geometry_name = meta["geometry_name"] or "wkb_geometry"
    wkb = _wkb(table, geometry_name)
    kept = [column for column in table.column_names if column != geometry_name]
    attributes = table.select(kept).to_pandas(types_mapper=_nullable_types, date_as_object=True)
    crs = meta["crs"] or (_CRS84 if found is Format.GEOJSON else None)
    return Layer(name, attributes, wkb, crs)


def _nullable_types(kind: Any) -> Any:
    """Whole numbers stay whole beside nulls: a code read as 40778072.0 is no code."""
    if pa.types.is_integer(kind):
        return pd.Int64Dtype()
    return None


def _wkb(table: Any, geometry_name: str) -> Any:
    if geometry_name not in table.column_names:
        return np.full(len(table), None, dtype=object)
    return table.column(geometry_name).to_numpy(zero_copy_only=False)


def geometries(wkb: Any) -> Any:
    """Shapely geometries of WKB; null where there is none or the bytes make no geometry."""
    return shapely.from_wkb(wkb, on_invalid="ignore")


def shapefile_parts(path: Path) -> list[Path]:
    """The files of a Shapefile that exist, in name order."""
    siblings = {part.suffix.lower(): part for part in path.parent.glob(f"{path.stem}.*")}
    return [siblings[suffix] for suffix in sorted(_SHAPE_PARTS) if suffix in siblings]


def _encoding(path: Path, found: Format) -> str | None:
    """GB18030 for a Shapefile without .cpg whose text is not UTF-8; null lets GDAL decide."""
    if found is not Format.SHAPEFILE:
        return None
    parts = {part.suffix.lower(): part for part in shapefile_parts(path)}
    if ".cpg" in parts or ".dbf" not in parts:
        return None
    try:
        parts[".dbf"].read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        # Binary bytes of the header never decode as UTF-8 alone; test the records instead.
        return _record_encoding(parts[".dbf"])
    return "UTF-8"


def _record_encoding(dbf: Path) -> str:
    content = dbf.read_bytes()
    header_length = int.from_bytes(content[8:10], "little")
    names = content[32:header_length]
    try:
        content[header_length:].decode("utf-8")
        b"".join(names[at : at + 11] for at in range(0, len(names) - 1, 32)).decode("utf-8")
    except UnicodeDecodeError:
        return "GB18030"
    return "UTF-8"


def _refuse_broken_json(path: Path, file: str) -> None:
    # GDAL stops at the first bad character and gives what came before as if it were whole.
    try:
        with path.open("rb") as stream:
            content = json.load(stream)
    except (ValueError, RecursionError) as error:
        raise SourceError("load.malformed_json", file=file) from error
    if not isinstance(content, dict) or content.get("type") not in _GEOJSON_TYPES:
        raise SourceError("load.not_geojson", file=file)
