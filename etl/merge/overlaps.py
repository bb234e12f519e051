"""New outlines against what the map already holds: listed, never a reason to keep a row out."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from sqlalchemy import Connection, Row, text

from assets.domain import PlaceRule
from gis.crs import STORAGE_SRID
from gis.places.actions import copy_rows

_LEAST_SHARE: Final = 0.02
"""Of the smaller of the two: neighbours drawn from one line touch by a sliver. As in a sheet."""
_SHAPES_AT_ONCE: Final = 20_000
_WIDEST: Final = 0.02
"""Degrees; no building reaches further from its own anchor."""

_HAS_OTHERS: Final = """
SELECT EXISTS (SELECT FROM place.place WHERE kind = :kind AND geom IS NOT NULL
               AND load_id IS DISTINCT FROM :load_id)"""

_NEW: Final = """
SELECT row_number, place_id, parent_id, ST_AsBinary(geom) AS shape FROM pg_temp.target
WHERE kind = :kind AND geom IS NOT NULL AND GeometryType(geom) <> 'POINT'
  AND (is_new OR row_number IN (SELECT row_number FROM pg_temp.changed_row))"""

# All of the neighbourhood at once, by anchor, and compared in a tree of ours: quicker than to ask
# an index for each shape of a large file, and no worse for a small one.
_KNOWN: Final = """
SELECT place_id, parent_id, concat_ws(' ', code, nullif(name, code)) AS title,
       ST_AsBinary(geom) AS shape
FROM place.place
WHERE kind = :kind AND GeometryType(geom) <> 'POINT'
  AND anchor && ST_MakeEnvelope(:west, :south, :east, :north, :srid)
  AND load_id IS DISTINCT FROM :load_id AND valid_to IS NULL
  AND place_id NOT IN (SELECT place_id FROM pg_temp.target)
  -- What the account may not see is not told of.
  AND rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells))"""


def note_overlaps(conn: Connection, rule: PlaceRule, load_id: int) -> None:
    """Note every new or changed outline that lies over one of its kind on the map.

    One note a row, of the largest overlap. Outlines of the same sheet are compared before the
    merge (`etl.checks`); a first load finds nothing to compare with.
    """
    asked = {"kind": rule.kind, "load_id": load_id}
    if not conn.execute(text(_HAS_OTHERS), asked).scalar_one():
        return
    new = conn.execute(text(_NEW), {"kind": rule.kind}).all()
    if not new:
        return
    own = _shapes(new)
    west, south, east, north = shapely.total_bounds(own).tolist()
    values = {
        **asked, "srid": STORAGE_SRID,
        "west": west - _WIDEST, "south": south - _WIDEST,
        "east": east + _WIDEST, "north": north + _WIDEST,
    }  # fmt: skip
    tree = shapely.STRtree(own)
    largest: dict[int, tuple[float, str]] = {}
    known = conn.execute(text(_KNOWN).execution_options(stream_results=True), values)
    for some in known.partitions(_SHAPES_AT_ONCE):
        other = _shapes(some)
        theirs, ours = tree.query(other)
        shared = _shared_areas(own[ours], other[theirs])
        for at in np.flatnonzero(shared).tolist():
            mine, one = new[int(ours[at])], some[int(theirs[at])]
            if mine.parent_id == one.place_id or one.parent_id == mine.place_id:
                continue
            before = largest.get(mine.row_number, (0.0, ""))
            largest[mine.row_number] = max(before, (float(shared[at]), one.title))
    if largest:
        _note(conn, largest)


def _shapes(rows: Sequence[Row[Any]]) -> npt.NDArray[Any]:
    return np.asarray(shapely.from_wkb([bytes(row.shape) for row in rows]))


def _shared_areas(own: npt.NDArray[Any], other: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The area two shapes share, pair by pair, in square degrees; nought for a sliver."""
    shared = np.zeros(len(own))
    hit = np.flatnonzero(shapely.intersects(own, other))
    shared[hit] = shapely.area(shapely.intersection(own[hit], other[hit]))
    least = np.minimum(shapely.area(own), shapely.area(other))
    return np.where(shared > _LEAST_SHARE * least, shared, 0.0)


def _note(conn: Connection, largest: dict[int, tuple[float, str]]) -> None:
    count = len(largest)
    copy_rows(
        conn,
        "pg_temp.note",
        pa.table(
            {
                "row_number": pa.array(list(largest), pa.int64()),
                "rule": pa.array(["geometry.overlaps_known"] * count, pa.string()),
                "suggestion": pa.array([title for _area, title in largest.values()], pa.string()),
            }
        ),
    )
