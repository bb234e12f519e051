"""Vector tiles: any registered layer, cut by PostGIS under the asking account's row security.

Tiles stand in Web Mercator. Within one tile longitude is exactly linear in x; latitude is linear in
y to well under one unit of the tile grid from zoom 12 on (the error grows with the tile's height:
0.1 of 4096 units at zoom 14 and 32 degrees), so no coordinate is projected there.
"""

import functools
import math
import struct
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.crs import STORAGE_SRID, WEB_MERCATOR_SRID
from gis.drawn_then import KEEPING, drawn_then, places_then, told_then
from gis.errors import InputError, NotFound
from gis.filters import Filter, condition, of_place, values_of
from gis.layers import MAX_ZOOM, SCHEMA, Layer
from gis.prepared import PreparedStatement, PreparingConnection, prepared, typed

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
    chosen: Filter | None = None
    """Only what passes it; null: everything."""


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


@dataclass(frozen=True)
class CutTile:
    """A tile and what it depends on, all of one snapshot of the database."""

    content: bytes
    """Mapbox Vector Tile 2.1; empty where there is nothing to draw."""
    data_version: int
    rights_version: int
    scope_id: int | None
    """Null: the session is nobody's, and the content is empty; or it was not asked for."""


def cut(
    connection: PreparingConnection,
    session_token: str,
    layer: Layer,
    address: TileAddress,
    *,
    today: date,
    asks_scope: bool = True,
) -> CutTile:
    """Cuts a tile in one round trip to the database, whose plan the connection keeps.

    Args:
        connection: Of the web role.
        session_token: In whose name.
        layer: A registered layer.
        address: Checked by `check_address`.
        today: Dates before it are answered from former names and shapes too.
        asks_scope: Whether the answer says the session's scope, for a twentieth of the time.
    """
    drawn = _statement(layer, address, today=today) or "SELECT ''::bytea"
    if _is_past(layer, address, today):
        return _cut_past(connection, session_token, drawn, address)
    row = connection.answer(
        session_token, _with_versions(drawn, asks_scope=asks_scope), _values(address)
    )
    return CutTile(bytes(row[3] or b""), *row[:3])


def _is_past(layer: Layer, address: TileAddress, today: date) -> bool:
    return address.as_of < today and bool(layer.arms)


_NOW: Final = "SELECT ''::bytea"
_MOST_TRIES: Final = 5


def _cut_past(
    connection: PreparingConnection, session_token: str, drawn: str, address: TileAddress
) -> CutTile:
    """A tile of an earlier day; what was otherwise then is kept by the connection.

    Worked out anew for each tile it took ten times the tile itself. It is kept for one scope, day
    and version, and the tile's own snapshot must be of these; on a register that changes at every
    moment the last try is given as it is, which row security has cut all the same.
    """
    now = _with_versions(_NOW, asks_scope=True)
    statement = _with_versions(drawn, asks_scope=True)
    for _ in range(_MOST_TRIES):
        versions = connection.answer(session_token, now, {})[:3]
        connection.keep(session_token, KEEPING, {"as_of": address.as_of}, of=versions)
        row = connection.answer(session_token, statement, _values(address))
        if row[:3] == versions:
            break
    # Under the versions of what is kept: where these are not the tile's, nobody keeps it by them.
    return CutTile(bytes(row[3] or b""), *versions)


def tile(conn: Connection, layer: Layer, address: TileAddress, *, today: date) -> bytes:
    """The tile's bytes alone, within a transaction; else as `cut`."""
    statement = _statement(layer, address, today=today)
    if statement is None:
        return b""
    if _is_past(layer, address, today):
        for step in KEEPING:
            conn.execute(text(typed(step)), {"as_of": address.as_of})
    return bytes(conn.execute(text(typed(statement)), _values(address)).scalar_one() or b"")


@functools.cache
def _with_versions(drawn: str, *, asks_scope: bool) -> PreparedStatement:
    scope = "rights.current_scope_id()" if asks_scope else "NULL::integer"
    return prepared(
        f"SELECT v.data_version, v.rights_version, {scope}, ({drawn}) FROM rights.version AS v"
    )


def _statement(layer: Layer, address: TileAddress, *, today: date) -> str | None:
    """SQL of the tile; null where the layer never draws anything."""
    if not layer.min_zoom <= address.z <= MAX_ZOOM:
        return None
    if layer.level_attribute and address.level is None:
        return None
    if layer.is_always_counted or address.z < layer.detail_zoom:
        is_past = _is_past(layer, address, today)
        return counted_sql(layer, is_filtered=address.chosen is not None, is_past=is_past)
    return detail_sql(
        layer,
        is_filtered=address.chosen is not None,
        has_labels=address.z >= layer.label_zoom,
        is_past=address.as_of < today and layer.drawn is not None,
        is_linear=address.z >= _LINEAR_FROM_ZOOM,
    )


def _values(address: TileAddress) -> dict[str, Any]:
    """Every parameter of a tile's SQL: what is the same for all rows is reckoned here, once."""
    west, south, east, north = inner = bounds(address.z, address.x, address.y)
    outer = bounds(address.z, address.x, address.y, margin=BUFFER / EXTENT)
    return {
        "z": address.z, "x": address.x, "y": address.y, "as_of": address.as_of,
        "west": west, "south": south, "east": east, "north": north,
        "scale_x": EXTENT / (east - west), "scale_y": EXTENT / (south - north),
        "inner": _box(*inner), "outer": _box(*outer),
        "cells": _FINE_GRID_CELLS if address.z >= _FINE_GRID_ZOOM else _GRID_CELLS,
        "level": address.level, **values_of(address.chosen),
    }  # fmt: skip


# EWKB: little-endian, a polygon with its SRID, of one ring of five corners.
_BOX_HEAD: Final = (1, 0x20000003, STORAGE_SRID, 1, 5)
_pack_box: Final = struct.Struct("<BIIII10d").pack


def _box(west: float, south: float, east: float, north: float) -> str:
    # As PostGIS keeps it: writing and reading numbers as text took 3% of a tile of a street.
    ring = (west, south, east, south, east, north, west, north, west, south)
    return _pack_box(*_BOX_HEAD, *ring).hex()


_IN_FORCE: Final = (
    "({0}.valid_from IS NULL OR {0}.valid_from <= :as_of)"
    " AND ({0}.valid_to IS NULL OR {0}.valid_to > :as_of)"
)
# A point on the edge of two tiles belongs to the one east or north of the edge.
_ANCHOR_INSIDE: Final = (
    "{0}.anchor && :inner AND ST_X({0}.anchor) >= :west AND ST_X({0}.anchor) < :east"
    " AND ST_Y({0}.anchor) >= :south AND ST_Y({0}.anchor) < :north"
)
_SCALED: Final = "ST_TransScale({0}, - :west, - :north, :scale_x, :scale_y)"
# What lies within the tile needs no clipping: scaling and rounding is all (a third quicker than
# ST_AsMVTGeom).
_LINEAR_SHAPE: Final = (
    f"CASE WHEN {{0}} @ :outer THEN ST_SnapToGrid({_SCALED}, 1)"
    f" ELSE ST_AsMVTGeom({{0}}, Box2D(:inner), {EXTENT}, {BUFFER}) END"
)
_PROJECTED_SHAPE: Final = (
    f"ST_AsMVTGeom(ST_Transform({{0}}, {WEB_MERCATOR_SRID}), ST_TileEnvelope(:z, :x, :y),"
    f" {EXTENT}, {BUFFER})"
)
_LINEAR_SPOT: Final = (
    "ST_Point(round((f.anchor_lon - :west) * :scale_x), round((f.anchor_lat - :north) * :scale_y))"
)
_PROJECTED_SPOT: Final = _PROJECTED_SHAPE.format(
    f"ST_SetSRID(ST_Point(f.anchor_lon, f.anchor_lat), {STORAGE_SRID})"
)
_SPOT_INSIDE: Final = (
    "f.anchor_lon >= :west AND f.anchor_lon < :east"
    " AND f.anchor_lat >= :south AND f.anchor_lat < :north"
)


def _layer_sql(row: str, name: str, *, has_id: bool) -> str:
    # The id travels as the feature's id and as an attribute: readers use either.
    return f"ST_AsMVT({row}, '{name}', {EXTENT}, 'g'{', ' + repr('id') if has_id else ''})"


def _attributes(layer: Layer) -> list[str]:
    return ["place_id", "kind", "code", "name", *(a.name for a in layer.attributes)]


@functools.cache
def detail_sql(
    layer: Layer, *, has_labels: bool, is_past: bool, is_linear: bool, is_filtered: bool = False
) -> str:
    """SQL of a tile that draws each place: its shape, or a point where it has none."""
    if layer.drawn is None:
        return _view_sql(layer, has_labels=has_labels, is_linear=is_linear)
    rest = _floor_sql(layer) + (f" AND {condition(layer, 'd')}" if is_filtered else "")
    features = _features_sql(drawn_then(layer, is_kept=True) if is_past else layer.drawn, rest)
    said = "f.place_id AS id, f.place_id, f.kind, f.code, f.name, f.attributes"
    if has_labels:
        # A mark on the shape in the one tile that holds its anchor: a label point of its own for
        # each place takes 15% longer and makes the tile half as large again.
        said += (
            ", CASE WHEN f.name IS NOT NULL AND NOT f.is_unshaped"
            f" AND {_SPOT_INSIDE} THEN true END AS has_label"
        )
    shape = (_LINEAR_SHAPE if is_linear else _PROJECTED_SHAPE).format("f.shape")
    return (
        f"SELECT {_layer_sql('drawn', layer.name, has_id=True)}"
        f" FROM ({features} LIMIT {MAX_FEATURES}) AS f"
        f" CROSS JOIN LATERAL (SELECT {said}, {shape} AS g) AS drawn"
    )


def _view_sql(layer: Layer, *, has_labels: bool, is_linear: bool) -> str:
    """A layer that has no places: large shapes, so that names stand as points in `<name>_label`."""
    said = ", ".join(f"f.{name}" for name in _attributes(layer))
    shape = (_LINEAR_SHAPE if is_linear else _PROJECTED_SHAPE).format("f.shape")
    drawn = _layer_sql("drawn", layer.name, has_id=False)
    source = (
        f"FROM ({_view_features_sql(layer)} LIMIT {MAX_FEATURES}) AS f"
        f" CROSS JOIN LATERAL (SELECT {said}, {shape} AS g) AS drawn"
    )
    if not has_labels:
        return f"SELECT {drawn} {source}"
    spot = _LINEAR_SPOT if is_linear else _PROJECTED_SPOT
    label = _layer_sql("label", f"{layer.name}_label", has_id=False)
    return (
        f"SELECT {drawn} || coalesce({label} FILTER (WHERE f.name IS NOT NULL"
        f" AND {_SPOT_INSIDE}), ''::bytea) {source}"
        f" CROSS JOIN LATERAL (SELECT f.place_id, f.code, f.name, {spot} AS g) AS label"
    )


def _view_features_sql(layer: Layer) -> str:
    """Features of a layer that has no places: all have a shape."""
    listed = ", ".join(f"v.{name}" for name in _attributes(layer))
    return (
        f"SELECT {listed}, v.geom AS shape, ST_X(v.anchor) AS anchor_lon,"
        f" ST_Y(v.anchor) AS anchor_lat FROM {SCHEMA}.{layer.name} AS v"
        f" WHERE v.geom && :outer AND {_IN_FORCE.format('v')}"
    )


# A point is drawn in one tile, a shape in every tile it reaches.
_DRAWN_HERE: Final = "d.valid_from <= :as_of AND d.valid_to > :as_of"
_REST: Final = "d.is_unshaped, d.anchor_lon, d.anchor_lat"


def _floor_sql(layer: Layer) -> str:
    return " AND d.level = :level" if layer.level_attribute else ""


def _features_sql(drawn: str, rest: str) -> str:
    spot = _SPOT_INSIDE.replace("f.", "d.")
    return (
        f"SELECT d.place_id, d.kind, d.code, d.name, d.attributes, d.shape, {_REST}"
        f" FROM {drawn} AS d WHERE d.shape && :outer AND {_DRAWN_HERE}"
        f" AND (NOT d.is_unshaped OR ({spot})){rest}"
    )


@functools.cache
def counted_sql(layer: Layer, *, is_filtered: bool = False, is_past: bool = False) -> str:
    """SQL of a tile that counts places by grid cell, under row security; one alone is itself.

    A place lies in exactly one tile of a zoom, so counts over any set of tiles add up.
    """
    cell = (
        "floor((ST_X(p.anchor) - :west) / (:east - :west) * :cells),"
        " floor((ST_Y(p.anchor) - :south) / (:north - :south) * :cells)"
    )
    if is_past:
        told = told_then(layer)
        places = f"{places_then(layer, is_filtered=is_filtered)} AS p WHERE true"
    else:
        told = f"{SCHEMA}.{layer.name}"
        passing = f" AND {of_place(layer, 'p')}" if is_filtered else ""
        places = f"place.place AS p WHERE ({layer.place_condition}){passing}"
    grouped = (
        "SELECT CASE WHEN count(*) = 1 THEN min(p.place_id) END AS lone_id,"
        " nullif(count(*), 1) AS count,"
        f" ST_SetSRID(ST_Point(avg(ST_X(p.anchor)), avg(ST_Y(p.anchor))), {STORAGE_SRID}) AS spot"
        f" FROM {places} AND {_ANCHOR_INSIDE.format('p')} AND {_IN_FORCE.format('p')}"
        f" GROUP BY {cell} LIMIT {MAX_FEATURES}"
    )
    listed = ", ".join(f"v.{name}" for name in _attributes(layer))
    # Anchors lie strictly inside, so the tile's own projection is all it takes at any zoom.
    spot = _PROJECTED_SHAPE.format("cells.spot")
    source = (
        f"FROM ({grouped}) AS cells LEFT JOIN LATERAL"
        f" (SELECT {listed} FROM {told} AS v WHERE v.place_id = cells.lone_id"
        " OFFSET 0) AS alone ON true"
    )
    columns = ", ".join([*_attributes(layer), "count"])
    key = "place_id AS id, " if layer.arms else ""
    return (
        f"SELECT {_layer_sql('t', layer.name, has_id=bool(layer.arms))}"
        f" FROM (SELECT {key}{columns}, {spot} AS g {source}) AS t"
    )
