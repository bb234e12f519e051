"""Which district places lie in, found anew when boundaries change."""

from itertools import groupby
from typing import Final

from sqlalchemy import Connection, text

from gis.db import run_script
from gis.loads.model import LOAD_LOCK
from gis.places.actions import touch
from gis.places.correcting import recell

# As the loader finds it: of a place that hangs in nothing by its spot, of its parts by itself. Who
# reports in a functional area stays there as long as that area is counted under this district.
_MOVED: Final = """
WITH RECURSIVE top AS (
  SELECT p.place_id, d.code AS area
  FROM place.place AS p
  CROSS JOIN LATERAL (
    SELECT min(a.code) AS code FROM place.admin_area AS a
    WHERE a.level = 'district' AND a.kind = 'statutory'
      AND a.geom && p.anchor AND ST_Intersects(a.geom, p.anchor)) AS d
  LEFT JOIN place.admin_area AS now ON now.code = p.admin_area_code
  WHERE p.parent_id IS NULL AND p.valid_to IS NULL AND p.anchor IS NOT NULL
    AND d.code <> coalesce(CASE WHEN now.kind = 'functional' THEN now.statistics_code
                                ELSE now.code END, '')
), down AS (
  SELECT place_id, area FROM top
  UNION ALL
  SELECT p.place_id, down.area FROM down JOIN place.place AS p ON p.parent_id = down.place_id
)
SELECT area, place_id, place_id IN (SELECT place_id FROM top) AS is_top
FROM down ORDER BY area, place_id
"""


def settle_districts(conn: Connection) -> int:
    """Put every place into the district whose outline holds it, with its parts and their rights.

    Args:
        conn: As a role and account that may write every place; waits for a load that is at work.

    Returns:
        How many places that hang in nothing have another district now.

    Raises:
        Forbidden: A place is, or would be, where the account may not write.
    """
    run_script(conn, LOAD_LOCK)
    moved = conn.execute(text(_MOVED)).all()
    for area, rows in groupby(moved, key=lambda row: row.area):
        place_ids = [row.place_id for row in rows]
        recell(conn, place_ids, area=area)
        touch(conn, place_ids)
    return sum(row.is_top for row in moved)
