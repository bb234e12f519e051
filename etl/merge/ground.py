"""Rows whose outline lies over the ground of a known place of its kind."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from sqlalchemy import Connection, text

from gis.crs import STORAGE_SRID
from gis.db import run_script
from gis.places.actions import copy_rows

LEAST_SHARED: Final = 0.5
"""Shared ground of all ground of both: what an outline has in common with one drawn by another
hand, a metre or two off. Below, an overlap is only listed (`geometry.overlaps_known`)."""
_SHAPES_AT_ONCE: Final = 20_000
_WIDEST: Final = 0.02
"""Degrees; no building reaches further from its own anchor."""
_OUTLINES: Final = ("POLYGON", "MULTIPOLYGON")

_MINE: Final = """
SELECT row_number, kind, ST_AsBinary(geom) AS shape FROM pg_temp.mine
WHERE GeometryType(geom) IN ('POLYGON', 'MULTIPOLYGON')"""

# In a tree of ours, for the reasons of `etl.merge.overlaps`.
_THEIRS: Final = """
SELECT p.place_id, p.kind, ST_AsBinary(p.geom) AS shape
FROM pg_temp.theirs JOIN place.place AS p USING (place_id)
WHERE GeometryType(p.geom) IN ('POLYGON', 'MULTIPOLYGON')
  AND p.anchor && ST_MakeEnvelope(:west, :south, :east, :north, :srid)"""


def add_overlapping(conn: Connection) -> None:
    """Add to `pair` the rows of `mine` that share most of their ground with one of `theirs`."""
    mine = conn.execute(text(_MINE)).all()
    if not mine:
        return
    own = shapely.from_wkb([bytes(row.shape) for row in mine])
    west, south, east, north = shapely.total_bounds(own).tolist()
    values = {
        "srid": STORAGE_SRID,
        "west": west - _WIDEST, "south": south - _WIDEST,
        "east": east + _WIDEST, "north": north + _WIDEST,
    }  # fmt: skip
    kinds = np.array([row.kind for row in mine], dtype=object)
    tree = shapely.STRtree(own)
    found: dict[tuple[int, int], None] = {}
    known = conn.execute(text(_THEIRS).execution_options(stream_results=True), values)
    for some in known.partitions(_SHAPES_AT_ONCE):
        other = np.asarray(shapely.from_wkb([bytes(row.shape) for row in some]))
        theirs, ours = tree.query(other)
        is_kind = kinds[ours] == np.array([row.kind for row in some], dtype=object)[theirs]
        theirs, ours = theirs[is_kind], ours[is_kind]
        shared = shared_ground(own[ours], other[theirs])
        for at in np.flatnonzero(shared >= LEAST_SHARED).tolist():
            found[mine[int(ours[at])].row_number, some[int(theirs[at])].place_id] = None
    if found:
        _add(conn, list(found))


def shared_ground(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Ground that two outlines share, of all ground of both, pair by pair; 0 to 1."""
    shared = np.zeros(len(one))
    hit = np.flatnonzero(shapely.intersects(one, other))
    common = shapely.area(shapely.intersection(one[hit], other[hit]))
    every = shapely.area(one[hit]) + shapely.area(other[hit]) - common
    with np.errstate(divide="ignore", invalid="ignore"):
        shared[hit] = np.where(every > 0, common / every, 0.0)
    return shared


def _add(conn: Connection, found: list[tuple[int, int]]) -> None:
    run_script(
        conn,
        "CREATE TEMP TABLE over_ground (row_number integer, place_id bigint) ON COMMIT DROP",
    )
    copy_rows(
        conn,
        "pg_temp.over_ground",
        pa.table({
            "row_number": pa.array([row for row, _place in found], pa.int64()),
            "place_id": pa.array([place for _row, place in found], pa.int64()),
        }),
    )  # fmt: skip
    run_script(
        conn,
        "INSERT INTO pg_temp.pair SELECT row_number, place_id FROM pg_temp.over_ground"
        " ON CONFLICT DO NOTHING; DROP TABLE pg_temp.over_ground",
    )
