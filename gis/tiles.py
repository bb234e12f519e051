"""Vector tiles: any registered layer, cut by PostGIS under the asking account's row security.

Tiles stand in Web Mercator. Within one tile longitude is exactly linear in x; latitude is linear in
y to well under one unit of the tile grid from zoom 12 on (the error grows with the tile's height:
0.1 of 4096 units at zoom 14 and 32 degrees), so no coordinate is projected there.
"""

import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.crs import STORAGE_SRID, WEB_MERCATOR_SRID
from gis.errors import InputError, NotFound
from gis.layers import MAX_ZOOM, SCHEMA, Layer

EXTENT: Final = 4096
BUFFER: Final = 64
"""Units drawn beyond the tile's edge, so that outlines and symbols meet."""
MAX_FEATURES: Final = 20_000
"""A tile holds no more; at the zooms where places are drawn one by one a city has a tenth of it."""
_LINEAR_FROM_ZOOM: Final = 12
_GRID_CELLS: Final = 8
"""Counts stand in this many cells a side: 64 pixels each in a tile of 512."""
_FINE_GRID_CELLS: Final = 128
_FINE_GRID_ZOOM: Final = 16
_LOWEST_LEVEL: Final = -20
_HIGHEST_LEVEL: Final = 200


@dataclass(frozen=True)
class TileAddress:
    """Which tile of which layer, as of when."""

    layer: str
    z: int
    x: int
    y: int
    as_of: date
    level: int | None = None
    """Signed floor level; only for layers with levels."""


def check_address(address: TileAddress) -> None:
    """Refuses addresses no tile can have.

    Raises:
        NotFound: Beyond the deepest zoom, or outside the world.
        InputError: A floor no building has.
    """
    if not 0 <= address.z <= MAX_ZOOM:
        raise NotFound("tile.no_such_tile", z=address.z, x=address.x, y=address.y)
    side = 1 << address.z
    if not (0 <= address.x < side and 0 <= address.y < side):
        raise NotFound("tile.no_such_tile", z=address.z, x=address.x, y=address.y)
    if address.level is not None and not _LOWEST_LEVEL <= address.level <= _HIGHEST_LEVEL:
        raise InputError("tile.no_such_floor", floor=address.level)


def bounds(z: int, x: int, y: int, *, margin: float = 0.0) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in degrees, widened by a share of its side."""
    side = 1 << z

    def longitude(column: float) -> float:
        return column / side * 360.0 - 180.0

    def latitude(row: float) -> float:
        clamped = min(max(row, 0.0), float(side))
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * clamped / side))))

    return (
        longitude(x - margin),
        latitude(y + 1 + margin),
        longitude(x + 1 + margin),
        latitude(y - margin),
    )


def tile(conn: Connection, layer: Layer, address: TileAddress, *, today: date) -> bytes:
    """The tile's bytes (Mapbox Vector Tile 2.1), empty where there is nothing to draw.

    Args:
        conn: Of the web role, in the name of the asking session.
        layer: A registered layer.
        address: Checked by `check_address`.
        today: Dates before it are answered from former names and shapes too.
    """
    if not layer.min_zoom <= address.z <= MAX_ZOOM:
        return b""
    if layer.level_attribute and address.level is None:
        return b""
    west, south, east, north = bounds(address.z, address.x, address.y)
    outer = bounds(address.z, address.x, address.y, margin=BUFFER / EXTENT)
    values: dict[str, Any] = {
        "z": address.z, "x": address.x, "y": address.y, "as_of": address.as_of,
        "west": west, "south": south, "east": east, "north": north,
        "outer_west": outer[0], "outer_south": outer[1],
        "outer_east": outer[2], "outer_north": outer[3],
        "level": address.level,
    }  # fmt: skip
    if layer.is_always_counted or address.z < layer.detail_zoom:
        is_fine = address.z >= _FINE_GRID_ZOOM
        values["cells"] = _FINE_GRID_CELLS if is_fine else _GRID_CELLS
        statement = counted_sql(layer)
    else:
        shape = DetailShape(
            has_labels=address.z >= layer.label_zoom,
            is_past=address.as_of < today and bool(layer.arms),
            is_linear=address.z >= _LINEAR_FROM_ZOOM,
        )
        return bytes(_prepared(conn, layer, shape, values) or b"")
    return bytes(conn.execute(text(statement), values).scalar_one() or b"")


@dataclass(frozen=True)
class DetailShape:
    """Which of a layer's detail statements a tile needs."""

    has_labels: bool
    is_past: bool
    is_linear: bool


_PARAMETERS: Final = {
    "z": "integer", "x": "integer", "y": "integer", "as_of": "date",
    "west": "float8", "south": "float8", "east": "float8", "north": "float8",
    "outer_west": "float8", "outer_south": "float8",
    "outer_east": "float8", "outer_north": "float8", "level": "integer",
}  # fmt: skip
_NAMED_PARAMETER: Final = re.compile(r"(?<!:):([a-z_]+)")


def _prepared(conn: Connection, layer: Layer, shape: DetailShape, values: Mapping[str, Any]) -> Any:
    """Runs a detail statement, planned once a connection: planning costs as much as a small tile.

    What a plan may show is decided anew at each run: policies read the session then.
    """
    name = f"tile_{layer.name}_{shape.has_labels:d}{shape.is_past:d}{shape.is_linear:d}"
    known: set[str] = conn.connection.info.setdefault("onemap_prepared", set())
    if name not in known:
        conn.exec_driver_sql(_prepare_sql(name, layer, shape))
        known.add(name)
    marks = ", ".join(["%s"] * len(_PARAMETERS))
    given = tuple(values[parameter] for parameter in _PARAMETERS)
    return conn.exec_driver_sql(f"EXECUTE {name} ({marks})", given).scalar_one()


@functools.cache
def _prepare_sql(name: str, layer: Layer, shape: DetailShape) -> str:
    positions = {parameter: f"${at}" for at, parameter in enumerate(_PARAMETERS, start=1)}
    body = _NAMED_PARAMETER.sub(lambda found: positions[found[1]], detail_sql(layer, shape))
    return f"PREPARE {name} ({', '.join(_PARAMETERS.values())}) AS {body}"


_IN_FORCE: Final = (
    "({0}.valid_from IS NULL OR {0}.valid_from <= :as_of)"
    " AND ({0}.valid_to IS NULL OR {0}.valid_to > :as_of)"
)
_ENVELOPE: Final = (
    f"ST_MakeEnvelope(:outer_west, :outer_south, :outer_east, :outer_north, {STORAGE_SRID})"
)
_INNER: Final = f"ST_MakeEnvelope(:west, :south, :east, :north, {STORAGE_SRID})"
# A point on the edge of two tiles belongs to the one east or north of the edge.
_ANCHOR_INSIDE: Final = (
    f"{{0}}.anchor && {_INNER} AND ST_X({{0}}.anchor) >= :west AND ST_X({{0}}.anchor) < :east"
    " AND ST_Y({0}.anchor) >= :south AND ST_Y({0}.anchor) < :north"
)
_SCALED: Final = (
    "ST_TransScale({0}, -CAST(:west AS float8), -CAST(:north AS float8),"
    f" {EXTENT} / (CAST(:east AS float8) - :west),"
    f" {EXTENT} / (CAST(:south AS float8) - :north))"
)
# What lies within the tile needs no clipping: scaling and rounding is all (a third quicker than
# ST_AsMVTGeom). Rings turn clockwise seen from the tile, as the format wants.
_LINEAR_SHAPE: Final = (
    f"CASE WHEN {{0}} @ {_ENVELOPE}"
    f" THEN ST_SnapToGrid({_SCALED.format('ST_ForcePolygonCW({0})')}, 1)"
    " ELSE ST_AsMVTGeom({0}, ST_MakeBox2D(ST_Point(:west, :south), ST_Point(:east, :north)),"
    f" {EXTENT}, {BUFFER}) END"
)
_PROJECTED_SHAPE: Final = (
    f"ST_AsMVTGeom(ST_Transform({{0}}, {WEB_MERCATOR_SRID}), ST_TileEnvelope(:z, :x, :y),"
    f" {EXTENT}, {BUFFER})"
)


def _mvt(name: str, columns: str, source: str, *, has_id: bool = True) -> str:
    # The id travels as the feature's id and as an attribute: readers use either.
    key, feature_id = ("place_id AS id, ", ", 'id'") if has_id else ("", "")
    return (
        f"coalesce((SELECT ST_AsMVT(t, '{name}', {EXTENT}, 'g'{feature_id})"
        f" FROM (SELECT {key}{columns} {source}) AS t), ''::bytea)"
    )


def _attributes(layer: Layer) -> list[str]:
    return ["place_id", "kind", "code", "name", *(a.name for a in layer.attributes)]


def detail_sql(layer: Layer, wanted: DetailShape) -> str:
    """SQL of a tile that draws each place: its shape, or a point where it has none."""
    shape = _LINEAR_SHAPE if wanted.is_linear else _PROJECTED_SHAPE
    listed = ", ".join(_attributes(layer))
    has_id = bool(layer.arms)
    parts = [
        _mvt(layer.name, f"{listed}, {shape.format('geom')} AS g", "FROM features", has_id=has_id)
    ]
    if wanted.has_labels:
        point = (
            f"ST_SnapToGrid({_SCALED.format('anchor')}, 1)"
            if wanted.is_linear
            else _PROJECTED_SHAPE.format("anchor")
        )
        source = (
            "FROM features AS f WHERE name IS NOT NULL AND NOT is_unshaped"
            f" AND {_ANCHOR_INSIDE.format('f')}"
        )
        columns = f"place_id, kind, code, name, true AS is_label, {point} AS g"
        parts.append(_mvt(f"{layer.name}_label", columns, source, has_id=has_id))
    features = _past_features_sql(layer) if wanted.is_past else _features_sql(layer)
    return f"WITH features AS ({features} LIMIT {MAX_FEATURES})\nSELECT " + " || ".join(parts)


def _where(layer: Layer, condition: str, alias: str = "v") -> str:
    level = f" AND {alias}.{layer.level_attribute} = :level" if layer.level_attribute else ""
    return f"WHERE {condition} AND {_IN_FORCE.format(alias)}{level}"


def _features_sql(layer: Layer) -> str:
    listed = ", ".join(f"v.{name}" for name in _attributes(layer))
    view = f"{SCHEMA}.{layer.name} AS v"
    shaped = f"SELECT {listed}, v.geom, v.anchor, false AS is_unshaped FROM {view} " + _where(
        layer, f"v.geom && {_ENVELOPE}"
    )
    if not layer.has_unshaped:
        return shaped
    return f"{shaped}\nUNION ALL\nSELECT {listed}, v.anchor, v.anchor, true FROM {view} " + _where(
        layer, f"v.geom IS NULL AND {_ANCHOR_INSIDE.format('v')}"
    )


def _past_features_sql(layer: Layer) -> str:
    """As of an earlier day: a place's former name, use and shape where it had another then."""
    view = f"{SCHEMA}.{layer.name} AS v"
    former = {
        "name": "coalesce(o.name, v.name)",
        "use_status": "coalesce(o.use_status, v.use_status)",
    }
    listed = ", ".join(f"{former.get(name, f'v.{name}')} AS {name}" for name in _attributes(layer))
    version = (
        "SELECT o.place_id, o.name, o.use_status, o.geom FROM place.place_version AS o"
        f" WHERE {_IN_FORCE.format('o')}"
    )
    unmoved = (
        f"SELECT {listed}, v.geom, v.anchor, false AS is_unshaped FROM {view}"
        f" LEFT JOIN LATERAL ({version} AND o.place_id = v.place_id LIMIT 1) AS o ON true "
        + _where(layer, f"v.geom && {_ENVELOPE} AND o.geom IS NULL")
    )
    moved = (
        f"SELECT {listed}, o.geom, v.anchor, false FROM ({version}) AS o"
        f" JOIN {view} USING (place_id) " + _where(layer, f"o.geom && {_ENVELOPE}")
    )
    return f"{unmoved}\nUNION ALL\n{moved}"


@functools.cache
def counted_sql(layer: Layer) -> str:
    """SQL of a tile that counts places by grid cell, under row security; one alone is itself.

    A place lies in exactly one tile of a zoom, so counts over any set of tiles add up.
    """
    cell = (
        "floor((ST_X(p.anchor) - :west) / (CAST(:east AS float8) - :west) * :cells),"
        " floor((ST_Y(p.anchor) - :south) / (CAST(:north AS float8) - :south) * :cells)"
    )
    grouped = (
        "SELECT CASE WHEN count(*) = 1 THEN min(p.place_id) END AS lone_id,"
        " nullif(count(*), 1) AS count,"
        f" ST_SetSRID(ST_Point(avg(ST_X(p.anchor)), avg(ST_Y(p.anchor))), {STORAGE_SRID}) AS spot"
        f" FROM place.place AS p WHERE ({layer.place_condition})"
        f" AND {_ANCHOR_INSIDE.format('p')} AND {_IN_FORCE.format('p')}"
        f" GROUP BY {cell} LIMIT {MAX_FEATURES}"
    )
    listed = ", ".join(f"v.{name}" for name in _attributes(layer))
    # Anchors lie strictly inside, so the tile's own projection is all it takes at any zoom.
    spot = _PROJECTED_SHAPE.format("cells.spot")
    source = (
        f"FROM ({grouped}) AS cells LEFT JOIN LATERAL"
        f" (SELECT {listed} FROM {SCHEMA}.{layer.name} AS v WHERE v.place_id = cells.lone_id"
        " OFFSET 0) AS alone ON true"
    )
    columns = ", ".join([*_attributes(layer), "count"])
    return "SELECT " + _mvt(layer.name, f"{columns}, {spot} AS g", source)
