"""A plan as it was drawn: lines and texts by layer, from a DXF file or a geographic one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from etl.confined.formats import SUFFIXES, Format
from etl.limits import Limits
from etl.pack import PACKS, header_key, load_pack
from etl.read import Layer, read_source
from etl.read.answered import answer_in, table_in
from etl.read.confinement import DRAW, reading
from etl.read.geographic import geometries
from etl.set_limits import usual_limits
from gis.crs import STORAGE_SRID, gauss_krueger_srid
from gis.errors import SourceError

DRAWING_SUFFIXES: Final = (*SUFFIXES[Format.DXF], ".dwg")
_GEOGRAPHIC: Final = (Format.GPKG, Format.GEOJSON)
_STROKE_COLUMNS: Final = ("layer", "kind", "is_closed", "line")
_TEXT_COLUMNS: Final = ("layer", "tag", "text", "x", "y", "at_x", "at_y")
HOLE: Final = "Hole"
"""Kind of a line that is the inner edge of the outline before it: a courtyard, a shaft."""
ATTRIBUTE: Final = "#"
"""Tag of a text that is an attribute of the outline it stands in, not written beside it."""


@dataclass(frozen=True)
class Drawing:
    """Lines and texts of a plan, in its own units.

    Args:
        file: Name as the person knows it.
        sha256: Hash of the bytes, hexadecimal.
        strokes: `layer, kind, is_closed, line`: shapely lines, closed where the drawing says so.
        texts: `layer, tag, text, x, y, at_x, at_y`: the middle of each, and where it was put.
        unit_m: Metres of a unit as the file says; null when it does not.
        srid: The metric system its coordinates are in; null for those of a drawing board.
        version: What wrote it, such as `R2018`; null for a geographic file.
        hidden_layers: Layers that are switched off or frozen.
        outside: External references that are not in the file, by name, to their paths.
        skipped: What else stands in it, by kind, and how often.
    """

    file: str
    sha256: str
    strokes: pd.DataFrame
    texts: pd.DataFrame
    unit_m: float | None
    srid: int | None = None
    version: str | None = None
    hidden_layers: tuple[str, ...] = ()
    outside: Mapping[str, str] | None = None
    skipped: Mapping[str, int] | None = None

    @property
    def layers(self) -> list[tuple[str, int, int]]:
        """Name of every layer, how many lines and how many texts it holds; by name."""
        lines, texts = self.strokes["layer"].value_counts(), self.texts["layer"].value_counts()
        names = sorted({*lines.index, *texts.index})
        return [(name, int(lines.get(name, 0)), int(texts.get(name, 0))) for name in names]


def read_drawing(path: Path, *, file: str | None = None, limits: Limits | None = None) -> Drawing:
    """Read a plan by its content, in a process of its own.

    Args:
        path: Where the bytes are.
        file: Name as the person knows it; null takes the path's.
        limits: Ceilings; null takes the defaults.

    Raises:
        SourceError: The file is broken, too large, too old, or holds no plan.
    """
    name = file or path.name
    if not path.is_file():
        raise SourceError("load.no_such_file", file=name)
    if Path(name).suffix.lower() not in DRAWING_SUFFIXES:
        return _of_layers(path, name, limits)
    with reading(path.resolve(), name, limits or usual_limits(), code=DRAW) as folder:
        content = answer_in(folder)
        tables = {one["name"]: table_in(folder, one["table"]) for one in content["layers"]}
        strokes, texts = tables["strokes"], tables["texts"].to_pandas()
        facts = content["facts"]
        return Drawing(
            file=name,
            sha256=content["sha256"],
            strokes=_strokes(strokes),
            texts=texts.astype({"tag": object}),
            unit_m=facts["unit_m"],
            version=facts["version"],
            hidden_layers=tuple(facts["hidden_layers"]),
            outside=facts["outside"],
            skipped=facts["skipped"],
        )


def _strokes(table: Any) -> pd.DataFrame:
    xs, ys = table.column("xs").combine_chunks(), table.column("ys").combine_chunks()
    points = np.column_stack([xs.flatten().to_numpy(), ys.flatten().to_numpy()])
    sizes = np.diff(xs.offsets.to_numpy())
    indices = np.repeat(np.arange(len(sizes)), sizes)
    frame = table.select(["layer", "kind", "is_closed"]).to_pandas()
    return frame.assign(line=shapely.linestrings(points, indices=indices))


def _of_layers(path: Path, file: str, limits: Limits | None) -> Drawing:
    """A geographic file: outlines are lines, and what its columns call the number is a text."""
    source = read_source(path, file=file, limits=limits)
    if source.format not in _GEOGRAPHIC:
        raise SourceError("plan.no_drawing", file=file)
    parts = [(layer, geometries(layer.wkb)) for layer in source.layers]
    srid = _metric_srid(parts, file)
    strokes, texts = [], []
    for layer, shapes in parts:
        placed = shapes if srid is None else _projected(layer, shapes, srid)
        strokes += list(_outlines(layer.name, placed))
        texts += list(_numbers(layer, placed))
    if not strokes:
        raise SourceError("plan.empty", file=file)
    return Drawing(
        file=file,
        sha256=source.sha256,
        strokes=pd.DataFrame(strokes, columns=list(_STROKE_COLUMNS)),
        texts=pd.DataFrame(texts, columns=list(_TEXT_COLUMNS)).astype({"tag": object}),
        unit_m=None if srid is None else 1.0,
        srid=srid,
    )


def _metric_srid(parts: Sequence[tuple[Layer, npt.NDArray[np.object_]]], file: str) -> int | None:
    """The zone its coordinates lie in; null for those that are no place on earth.

    A GeoJSON file says nothing of its system and is taken for degrees; one drawn on a board holds
    what can be no degrees.
    """
    bounds = [_bounds_in_degrees(layer, shapes) for layer, shapes in parts if _has_shapes(shapes)]
    known = [one for one in bounds if one is not None]
    if not known:
        return None
    if len(known) < len(bounds):
        raise SourceError("plan.mixed_systems", file=file)
    west, south = np.min([one[:2] for one in known], axis=0)
    east, north = np.max([one[2:] for one in known], axis=0)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None
    try:
        return gauss_krueger_srid((west + east) / 2)
    except ValueError as error:
        raise SourceError("plan.mixed_systems", file=file) from error


def _has_shapes(shapes: npt.NDArray[np.object_]) -> bool:
    return not bool(shapely.is_missing(shapes).all())


def _bounds_in_degrees(
    layer: Layer, shapes: npt.NDArray[np.object_]
) -> npt.NDArray[np.float64] | None:
    if layer.crs is None:
        return None
    west, south, east, north = shapely.total_bounds(shapes)
    if abs(west) > 180 and pyproj.CRS.from_user_input(layer.crs).is_geographic:
        return np.array([west, south, east, north])
    change = pyproj.Transformer.from_crs(layer.crs, STORAGE_SRID, always_xy=True)
    return np.array(change.transform_bounds(west, south, east, north), dtype="float64")


def _projected(layer: Layer, shapes: npt.NDArray[np.object_], srid: int) -> npt.NDArray[np.object_]:
    change = pyproj.Transformer.from_crs(layer.crs, srid, always_xy=True)
    placed: npt.NDArray[np.object_] = shapely.transform(
        shapes, lambda at: np.column_stack(change.transform(at[:, 0], at[:, 1]))
    )
    return placed


def _outlines(name: str, shapes: npt.NDArray[np.object_]) -> Iterator[tuple[Any, ...]]:
    for shape in shapely.get_parts(shapes[~shapely.is_missing(shapes)]):
        kind = shape.geom_type
        if kind == "Polygon" and not shape.is_empty:
            flat = shapely.force_2d(shape)
            yield name, kind, True, shapely.LineString(flat.exterior.coords)
            for hole in flat.interiors:
                yield name, HOLE, True, shapely.LineString(hole.coords)
        elif kind == "LineString" and not shape.is_empty:
            yield name, kind, False, shapely.force_2d(shape)


def _numbers(layer: Layer, shapes: npt.NDArray[np.object_]) -> Iterator[tuple[Any, ...]]:
    column = _number_column(layer)
    if column is None:
        return
    for shape, said in zip(shapes, layer.attributes[column], strict=True):
        if shape is None or shape.is_empty or pd.isna(said) or not str(said).strip():
            continue
        at = shapely.point_on_surface(shape)
        # Programs that read workbooks make 301 of a column with gaps a 301.0.
        number = str(int(said)) if isinstance(said, float) and said.is_integer() else str(said)
        yield layer.name, ATTRIBUTE, number.strip(), at.x, at.y, at.x, at.y


def _number_column(layer: Layer) -> str | None:
    """The column that says the number of a room, by the words offices have for it."""
    pack = load_pack(PACKS)
    for name in layer.attributes.columns:
        if pack.field_of("room", header_key(str(name))) == "room_no":
            return str(name)
    return None
