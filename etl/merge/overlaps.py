"""New outlines against what the map already holds: listed, never a reason to keep a row out."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from sqlalchemy import Connection, text

from assets.domain import PlaceRule
from gis.places.actions import copy_rows

_LEAST_SHARE: Final = 0.02
"""Of the smaller of the two: neighbours drawn from one line touch by a sliver. As in a sheet."""
_PAIRS_AT_ONCE: Final = 20_000

_HAS_OTHERS: Final = """
SELECT EXISTS (SELECT FROM place.place
               WHERE kind = '{kind}' AND geom IS NOT NULL AND load_id IS DISTINCT FROM :load_id)
   AND EXISTS (SELECT FROM pg_temp.target WHERE geom IS NOT NULL AND kind = '{kind}')"""

# Boxes that meet: the index answers that; whether and how much shapes overlap is quicker asked of
# many at once than row by row. The kind stands in the text, or its index would not serve.
_PAIRS: Final = """
SELECT t.row_number, concat_ws(' ', p.code, nullif(p.name, p.code)) AS other,
       ST_AsBinary(t.geom) AS own_shape, ST_AsBinary(p.geom) AS other_shape
FROM pg_temp.target AS t
-- Not to be turned round: the outlines of the sheet have no index, those of the map have.
CROSS JOIN LATERAL (
  SELECT old.place_id, old.parent_id, old.code, old.name, old.geom, old.rights_cell
  FROM place.place AS old
  WHERE old.kind = '{kind}' AND old.geom && t.geom AND old.load_id IS DISTINCT FROM :load_id
    AND old.valid_to IS NULL OFFSET 0
) AS p
WHERE t.kind = '{kind}'
  AND (t.is_new OR t.row_number IN (SELECT row_number FROM pg_temp.changed_row))
  AND p.place_id <> t.place_id
  AND p.parent_id IS DISTINCT FROM t.place_id AND t.parent_id IS DISTINCT FROM p.place_id
  AND p.place_id NOT IN (SELECT place_id FROM pg_temp.target)
  -- What the account may not see is not told of.
  AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells))"""


def note_overlaps(conn: Connection, rule: PlaceRule, load_id: int) -> None:
    """Note every new or changed outline that lies over one of its kind on the map.

    One note a row, of the largest overlap. Outlines of the same sheet are compared before the
    merge (`etl.checks`); a first load finds nothing to compare with and asks nothing.
    """
    values = {"load_id": load_id}
    if not conn.execute(text(_HAS_OTHERS.format(kind=rule.kind)), values).scalar_one():
        return
    # Only an index can find what lies under a shape, and only a nested loop asks it.
    conn.execute(text("SET LOCAL enable_nestloop = on"))
    found = conn.execute(text(_PAIRS.format(kind=rule.kind)), values)
    largest: dict[int, tuple[float, str]] = {}
    for pairs in found.partitions(_PAIRS_AT_ONCE):
        shared = _shared_areas(
            shapely.from_wkb([bytes(pair.own_shape) for pair in pairs]),
            shapely.from_wkb([bytes(pair.other_shape) for pair in pairs]),
        )
        for at in np.flatnonzero(shared).tolist():
            pair = pairs[at]
            known = largest.get(pair.row_number, (0.0, ""))
            largest[pair.row_number] = max(known, (float(shared[at]), pair.other))
    conn.execute(text("SET LOCAL enable_nestloop = off"))
    if largest:
        _note(conn, largest)


def _shared_areas(own: npt.NDArray[Any], other: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The area two shapes share, pair by pair, in square degrees; nought for a sliver."""
    shared = np.zeros(len(own))
    is_area = (shapely.get_dimensions(own) == 2) & (shapely.get_dimensions(other) == 2)
    hit = np.flatnonzero(is_area)
    hit = hit[shapely.intersects(own[hit], other[hit])]
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
                "suggestion": pa.array([other for _area, other in largest.values()], pa.string()),
            }
        ),
    )
