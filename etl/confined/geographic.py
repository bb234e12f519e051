"""Layers of geographic files, through an explicit list of drivers."""

import contextlib
import json
import shutil
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
import pyogrio.errors
import pyogrio.raw

from etl.confined.answer import WKB_COLUMN, Answer
from etl.confined.curves import has_curves
from etl.confined.formats import Format
from etl.confined.markup import (
    kml_fields_by_number,
    safe_markup,
    unpacked_kmz,
    written_as_utf8,
    written_in_utf8,
)
from etl.confined.shapefile import shapefiles_of_parts, shapefiles_of_zip
from etl.limits import Limits
from gis.crs import WGS84_SRID
from gis.errors import SourceError

# Content was told apart before GDAL sees the file; these are the only drivers that may answer.
_DRIVERS: Final = {
    Format.GPKG: "GPKG",
    Format.GEOJSON: "GeoJSON",
    Format.SHAPEFILE: "ESRI Shapefile",
    Format.ZIPPED_SHAPEFILE: "ESRI Shapefile",
    Format.KML: "LIBKML",
    Format.KMZ: "LIBKML",
    Format.OSM: "OSM",
    Format.OSM_PBF: "OSM",
}
ALLOWED_DRIVERS: Final = frozenset(_DRIVERS.values())

_GEOJSON_TYPES: Final = ("FeatureCollection", "Feature")
_CRS84: Final = f"EPSG:{WGS84_SRID}"
_BATCH_ROWS: Final = 65_536
_OSM_OPTIONS: Final = {"CONFIG_FILE": str(Path(__file__).with_name("osmconf.ini"))}
_KML_DISPLAY: Final = frozenset(
    {"timestamp", "begin", "end", "altitudeMode", "tessellate", "extrude", "visibility",
     "drawOrder", "icon", "snippet", "id"}
)  # fmt: skip


@dataclass(frozen=True)
class _Opened:
    """A layer as GDAL is to open it; `name` is how a person knows it."""

    target: str
    layer: str
    name: str
    encoding: str | None = None
    where: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    """What the file calls a field that is read under another name."""


def refuse_other_drivers() -> None:
    """Fails when a driver is there that nobody decided on, as after an update of the library."""
    unknown = set(pyogrio.list_drivers()) - ALLOWED_DRIVERS
    if unknown:
        raise RuntimeError(f"drivers to be allowed or skipped: {sorted(unknown)}")


def read_layers(path: Path, file: str, found: Format, limits: Limits, answer: Answer) -> None:
    """Every layer of a geographic file.

    Raises:
        SourceError: Damaged, without layers, or over the row or column ceiling.
    """
    refuse_other_drivers()
    if found is Format.GEOJSON:
        _refuse_broken_json(path, file)
    try:
        with warnings.catch_warnings():
            # GDAL renumbers repeated feature ids, ours come from the attributes; and it drops
            # the M of measured points, which no register keeps.
            warnings.simplefilter("ignore", RuntimeWarning)
            warnings.simplefilter("ignore", UserWarning)
            opened = _opened(path, file, found, answer)
            for layer in opened:
                _read_layer(layer, file=file, found=found, limits=limits, answer=answer)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.GeometryError,
        pa.ArrowException,
    ) as error:
        is_raster = found is Format.GPKG and _has_no_features(path)
        key = "load.no_layer" if is_raster else "load.truncated"
        raise SourceError(key, file=file) from error
    if not opened:
        raise SourceError("load.no_layer", file=file)


def _has_no_features(path: Path) -> bool:
    """Whether a GeoPackage is sound and holds nothing but pictures, or nothing at all."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            [kinds] = database.execute(
                "SELECT count(*) FROM gpkg_contents WHERE data_type IN ('features', 'attributes')"
                " AND table_name <> 'ogr_empty_table'"
            )
            [sound] = database.execute("PRAGMA quick_check(1)")
    except sqlite3.Error:
        return False
    return bool(kinds[0] == 0 and sound[0] == "ok")


def _opened(path: Path, file: str, found: Format, answer: Answer) -> list[_Opened]:
    if found in (Format.SHAPEFILE, Format.ZIPPED_SHAPEFILE):
        take = shapefiles_of_parts if found is Format.SHAPEFILE else shapefiles_of_zip
        return [
            _Opened(str(one.path), one.path.stem, one.name, encoding=one.encoding)
            for one in take(path, file, answer)
        ]
    if found in (Format.OSM, Format.OSM_PBF):
        return [_osm_buildings(path, file, found, answer)]
    if found is Format.GPKG:
        path = _with_known_kinds(path, answer)
    elif found in (Format.KML, Format.KMZ):
        return _kml_layers(path, file, found, answer)
    # The GeoJSON: prefix keeps GDAL from taking the text for one of its other JSON drivers,
    # some of which run commands or follow links.
    target = f"GeoJSON:{path}" if found is Format.GEOJSON else str(path)
    names = [str(name) for name in pyogrio.list_layers(target)[:, 0]]
    return [_Opened(target, name, name) for name in names]


def _kml_layers(path: Path, file: str, found: Format, answer: Answer) -> list[_Opened]:
    """Every folder of a KML, with the names that its fields had."""
    markup = unpacked_kmz(path, file) if found is Format.KMZ else path.read_bytes()
    body, names = kml_fields_by_number(safe_markup(markup, file))
    target = str(written_in_utf8(body, answer.folder / "0.kml"))
    layers = [str(name) for name in pyogrio.list_layers(target)[:, 0]]
    return [_Opened(target, name, name, renamed=names) for name in layers]


def _osm_buildings(path: Path, file: str, found: Format, answer: Answer) -> _Opened:
    """Of a whole map only the outlines of buildings are ours."""
    if found is Format.OSM:
        path = written_as_utf8(path.read_bytes(), file, answer.folder / "0.osm")
    else:
        link = answer.folder / "0.osm.pbf"
        link.symlink_to(path)
        path = link
    return _Opened(
        str(path),
        "multipolygons",
        "buildings",
        where="building IS NOT NULL",
        options=tuple(_OSM_OPTIONS.items()),
    )


def _with_known_kinds(path: Path, answer: Answer) -> Path:
    """The GeoPackage, or a copy of it when a layer holds any kind of geometry with heights.

    The reading library knows no name for that kind and refuses the whole file; said to be of any
    kind with or without heights, the same layer reads.
    """
    try:
        pyogrio.list_layers(path)
    except pyogrio.errors.GeometryError:
        copy = answer.folder / "0.gpkg"
        shutil.copyfile(path, copy)
        with sqlite3.connect(copy) as database:
            database.execute("UPDATE gpkg_geometry_columns SET z = 2 WHERE z = 1")
            database.execute("UPDATE gpkg_geometry_columns SET m = 2 WHERE m = 1")
        database.close()
        return copy
    return path


def _read_layer(
    opened: _Opened, *, file: str, found: Format, limits: Limits, answer: Answer
) -> None:
    options = dict(opened.options)
    facts = pyogrio.read_info(
        opened.target, layer=opened.layer, encoding=opened.encoding, **options
    )
    if facts["driver"] != _DRIVERS[found]:
        suffix = Path(file).suffix
        raise SourceError("load.wrong_name", file=file, suffix=suffix, content=facts["driver"])
    if len(facts["fields"]) > limits.max_columns:
        raise SourceError(
            "load.too_many_columns",
            file=file,
            sheet=opened.name,
            count=len(facts["fields"]),
            limit=limits.max_columns,
        )
    with pyogrio.open_arrow(
        opened.target,
        layer=opened.layer,
        encoding=opened.encoding,
        where=opened.where,
        use_pyarrow=True,
        batch_size=_BATCH_ROWS,
        **options,
    ) as (meta, reader):
        geometry = meta["geometry_name"] or "wkb_geometry"
        kept = [name for name in reader.schema.names if name != geometry]
        if found in (Format.KML, Format.KMZ):
            kept = [name for name in kept if name not in _KML_DISPLAY]
        schema = pa.schema(
            [
                *(reader.schema.field(name).remove_metadata() for name in kept),
                pa.field(WKB_COLUMN, pa.binary()),
            ]
        )
        batches = _counted(reader, schema, geometry, file=file, opened=opened, limits=limits)
        if found in (Format.OSM, Format.OSM_PBF):
            schema, batches = _numbered(schema, batches)
        if opened.renamed:
            schema, batches = _renamed(schema, batches, opened.renamed)
        table = answer.write_table(schema, batches)
    crs = meta["crs"] or (_CRS84 if found is Format.GEOJSON else None)
    answer.layers.append({"name": opened.name, "table": table, "crs": crs})


def _counted(
    reader: Any, schema: pa.Schema, geometry: str, *, file: str, opened: _Opened, limits: Limits
) -> Iterator[pa.RecordBatch]:
    """The reader's batches with the geometry last; more rows than the ceiling are refused."""
    count = 0
    straight: pa.Array | None = None
    for batch in reader:
        count += len(batch)
        if count > limits.max_rows:
            raise SourceError(
                "load.too_many_rows",
                file=file,
                sheet=opened.name,
                count=count,
                limit=limits.max_rows,
            )
        shapes = (
            batch.column(geometry).cast(pa.binary())
            if geometry in batch.schema.names
            else pa.nulls(len(batch), pa.binary())
        )
        if has_curves(shapes):
            if straight is None:
                straight = _straightened(opened)
            shapes = straight[count - len(batch) : count]
        kept = [batch.column(name) for name in schema.names[:-1]]
        yield pa.RecordBatch.from_arrays([*kept, shapes], schema=schema)


def _straightened(opened: _Opened) -> pa.Array:
    """Every geometry of a layer with its arcs as short lines: the slow way reads them so."""
    _meta, _ids, shapes, _fields = pyogrio.raw.read(
        opened.target, layer=opened.layer, columns=[], where=opened.where, **dict(opened.options)
    )
    return pa.array(shapes, pa.binary())


def _renamed(
    schema: pa.Schema, batches: Iterator[pa.RecordBatch], names: Mapping[str, str]
) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The same under other names of columns, but for a name that another column bears."""
    taken = set(schema.names)
    named = [
        names[name] if names.get(name) not in {*taken, None} else name for name in schema.names
    ]
    renamed = pa.schema([one.with_name(name) for one, name in zip(schema, named, strict=True)])
    return renamed, (pa.RecordBatch.from_arrays(one.columns, schema=renamed) for one in batches)


def _numbered(
    schema: pa.Schema, batches: Iterator[pa.RecordBatch]
) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """One number for each outline: ways and relations of OpenStreetMap are numbered apart."""
    kept = [name for name in schema.names if name not in ("osm_id", "osm_way_id")]
    fields = [pa.field("osm_id", pa.string()), *(schema.field(name) for name in kept)]
    numbered = pa.schema(fields)

    def renumbered() -> Iterator[pa.RecordBatch]:
        for batch in batches:
            ways = pc.binary_join_element_wise("way/", batch.column("osm_way_id"), "")
            relations = pc.binary_join_element_wise("relation/", batch.column("osm_id"), "")
            columns = [batch.column(name) for name in kept]
            yield pa.RecordBatch.from_arrays(
                [pc.coalesce(ways, relations), *columns], schema=numbered
            )

    return numbered, renumbered()


def _refuse_broken_json(path: Path, file: str) -> None:
    # GDAL stops at the first bad character and gives what came before as if it were whole.
    try:
        with path.open("rb") as stream:
            content = json.load(stream)
    except (ValueError, RecursionError) as error:
        raise SourceError("load.malformed_json", file=file) from error
    if not isinstance(content, dict) or content.get("type") not in _GEOJSON_TYPES:
        raise SourceError("load.not_geojson", file=file)
