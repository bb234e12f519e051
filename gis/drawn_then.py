"""What tiles of an earlier day are cut from: today's drawings; what was otherwise, drawn anew."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from gis.clock import today
from gis.crs import STORAGE_SRID
from gis.drawings import COLUMNS, drawings_of
from gis.filters import of_place, of_told_place
from gis.layers import SCHEMA, Layer, query_of
from gis.places.then import (
    OTHERWISE,
    ROOM_TABLE,
    Places,
    changed_rows,
    rooms_then,
    unchanged_rows,
)

_THEN: Final = "otherwise"
BEFORE: Final = f"WITH {_THEN} AS MATERIALIZED (SELECT * FROM {OTHERWISE})"
"""Stands before a query that reads what the functions below give; binds `as_of`."""
KEPT: Final = "pg_temp.kept_otherwise"
"""Table of the same rows, that a connection keeps for many tiles of one day."""
KEEPING: Final = (
    f"CREATE TEMP TABLE IF NOT EXISTS {KEPT.removeprefix('pg_temp.')} AS"
    f" SELECT * FROM {OTHERWISE.replace(':as_of', 'NULL')} WITH NO DATA",
    f"CREATE UNIQUE INDEX IF NOT EXISTS ix_kept_place ON {KEPT} (place_id)",
    f"CREATE INDEX IF NOT EXISTS ix_kept_shape ON {KEPT} USING gist (coalesce(geom, anchor))",
    f"CREATE INDEX IF NOT EXISTS ix_kept_anchor ON {KEPT} USING gist (anchor)",
    f"TRUNCATE {KEPT}",
    f"INSERT INTO {KEPT} SELECT * FROM {OTHERWISE}",
    f"ANALYZE {KEPT}",
)
"""Statements that fill it under the row security of whoever asks; they bind `as_of`."""


_CHANGED: Final = f"({changed_rows(KEPT)})"
_ROOMS: Final = rooms_then(KEPT)


def _is_same(then: str, alias: str) -> str:
    """SQL condition on a place, by alias: it was not otherwise."""
    return f"NOT EXISTS (SELECT FROM {then} AS t WHERE t.place_id = {alias}.place_id)"


def drawn_then(layer: Layer, *, is_kept: bool = False) -> str:
    """SQL in place of a layer's drawn table: a place is drawn, named and told as it was.

    Args:
        layer: Which.
        is_kept: The rows stand in `KEPT`, else before the query; only those that touch the box
            `:outer` are drawn, which the query binds.
    """
    then = KEPT if is_kept else _THEN
    # What lies elsewhere need not be drawn at all.
    near = " WHERE coalesce(t.geom, t.anchor) && :outer" if is_kept else ""
    changed = f"({changed_rows(then)}{near})"
    listed = ", ".join(COLUMNS)
    # Without an index each room would go through all; whoever only counts asks for no class.
    rooms = _ROOMS if is_kept else ROOM_TABLE
    return (
        f"(SELECT {listed} FROM {layer.drawn} AS d"
        f" WHERE {_is_same(then, 'd')}"
        f" UNION ALL SELECT {listed} FROM ({drawings_of(layer, changed, rooms)}) AS anew)"
    )


def places_then(layer: Layer, *, is_filtered: bool) -> str:
    """SQL in place of the table of places: those of a layer, that pass a filter if there is one.

    Reads `KEPT`, as `told_then` does.
    """
    arms = []
    for rows, told in (
        (unchanged_rows(KEPT), of_place(layer, "p")),
        (changed_rows(KEPT), of_told_place(layer, "p", Places(_CHANGED, _CHANGED, _ROOMS))),
    ):
        passing = f" AND {told}" if is_filtered else ""
        arms.append(
            "SELECT p.place_id, p.anchor, p.valid_from, p.valid_to"
            f" FROM ({rows}) AS p WHERE ({layer.place_condition}){passing}"
        )
    return f"({' UNION ALL '.join(arms)})"


def told_then(layer: Layer) -> str:
    """SQL in place of the view of a layer, for one place by its `place_id`."""
    names = ", ".join(layer.columns())
    return (
        f"(SELECT {names} FROM {SCHEMA}.{layer.name} AS v"
        f" WHERE {_is_same(KEPT, 'v')}"
        f" UNION ALL SELECT {names} FROM ({query_of(layer, _CHANGED, _ROOMS)}) AS anew)"
    )


def count_drawn(
    conn: Connection,
    layers: Iterable[Layer],
    box: tuple[float, float, float, float],
    *,
    as_of: date,
    level: int | None = None,
) -> int:
    """How many shapes a map of some layers draws one by one in a box, before it draws them.

    Args:
        conn: Within a session.
        layers: Those without a drawing count nothing.
        box: West, south, east, north in degrees.
        as_of: The day; what has been drawn otherwise since counts as it was.
        level: Floor that is shown; null: none, and layers with floors count nothing.
    """
    is_past = as_of < today()
    shown = [
        one for one in layers if one.drawn and (one.level_attribute is None or level is not None)
    ]
    counts = [
        f"SELECT count(*) AS shapes FROM {drawn_then(one) if is_past else one.drawn} AS d"
        f" WHERE d.shape && ST_MakeEnvelope(:west, :south, :east, :north, {STORAGE_SRID})"
        " AND d.valid_from <= :as_of AND d.valid_to > :as_of"
        + (" AND d.level = :level" if one.level_attribute else "")
        for one in shown
    ]
    if not counts:
        return 0
    asked = dict(zip(("west", "south", "east", "north"), box, strict=True))
    before = BEFORE if is_past else ""
    statement = f"{before} SELECT sum(shapes) FROM ({' UNION ALL '.join(counts)}) AS every"
    return int(
        conn.execute(text(statement), {**asked, "as_of": as_of, "level": level}).scalar_one()
    )
