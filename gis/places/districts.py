"""Which district places lie in, found anew when boundaries change or districts are abolished."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.db import run_script
from gis.loads.model import LOAD_LOCK
from gis.places.actions import touch
from gis.places.area_succession import HEIRS, IS_LIVING
from gis.places.correcting import recell

# As the loader finds it: of a place that hangs in nothing by its spot, of its parts by itself. Who
# reports in a functional area stays there as long as that area is counted under this district.
_MOVED: Final = f"""
WITH RECURSIVE top AS (
  SELECT p.place_id, d.code AS area
  FROM place.place AS p
  CROSS JOIN LATERAL (
    SELECT min(a.code) AS code FROM place.admin_area AS a
    WHERE a.level = 'district' AND a.kind = 'statutory' AND {IS_LIVING.format("a")}
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
_ONE_HEIR: Final = (
    f"(SELECT code, heirs[1] AS heir FROM ({HEIRS}) AS h WHERE cardinality(heirs) = 1)"
)
_FOLLOWING: Final = f"""
SELECT h.heir AS area, p.place_id, p.parent_id IS NULL AS is_top
FROM {_ONE_HEIR} AS h JOIN place.place AS p ON p.admin_area_code = h.code
ORDER BY h.heir, p.place_id
"""
_FOLLOW: Final = (
    f"UPDATE place.place AS p SET stated_admin_area_code = h.heir FROM {_ONE_HEIR} AS h"
    " WHERE p.stated_admin_area_code = h.code",
    f"UPDATE organization.organization AS o SET admin_area_code = h.heir FROM {_ONE_HEIR} AS h"
    " WHERE o.admin_area_code = h.code",
    f"UPDATE place.admin_area AS a SET statistics_code = h.heir FROM {_ONE_HEIR} AS h"
    " WHERE a.statistics_code = h.code",
)
_LEFT: Final = f"""
SELECT a.code, a.name, h.heirs, count(*) AS places
FROM ({HEIRS}) AS h JOIN place.admin_area AS a USING (code)
JOIN place.place AS p ON p.admin_area_code = h.code AND p.parent_id IS NULL
WHERE cardinality(h.heirs) > 1 GROUP BY a.code, a.name, h.heirs ORDER BY a.code
"""


@dataclass(frozen=True)
class Undecided:
    """An abolished district in which places are left, for several took over and none holds them."""

    code: str
    name: str
    heirs: Sequence[str]
    place_count: int


def settle_districts(conn: Connection) -> int:
    """Put every place into the district whose outline holds it, with its parts and their rights.

    What is kept under an abolished district with one successor is that one's first: places, the
    districts they state, bodies, functional areas. Where the day of an announced change came,
    rights go by the areas of today from here on.

    Args:
        conn: As the loader, with an account that may write every place; waits for a load at work.

    Returns:
        How many places that hang in nothing have another district now.

    Raises:
        Forbidden: A place is, or would be, where the account may not write.
    """
    run_script(conn, LOAD_LOCK)
    run_script(conn, "SELECT rights.settle_areas()")
    followed = _move(conn, conn.execute(text(_FOLLOWING)).all())
    for statement in _FOLLOW:
        run_script(conn, statement)
    return len(followed | _move(conn, conn.execute(text(_MOVED)).all()))


def are_districts_due(conn: Connection) -> bool:
    """Whether a day came, since they were last settled, on which an area begins or ends."""
    return bool(conn.execute(text("SELECT rights.areas_are_due()")).scalar_one())


def undecided_districts(conn: Connection) -> list[Undecided]:
    """Abolished districts of several successors with the places that are left in them."""
    return [
        Undecided(row.code, row.name, row.heirs, row.places)
        for row in conn.execute(text(_LEFT))
    ]  # fmt: skip


def _move(conn: Connection, moved: Sequence[Any]) -> set[int]:
    """Give places the districts beside them; those of them that hang in nothing."""
    for area, rows in groupby(moved, key=lambda row: row.area):
        place_ids = [row.place_id for row in rows]
        recell(conn, place_ids, area=area)
        touch(conn, place_ids)
    return {row.place_id for row in moved if row.is_top}
