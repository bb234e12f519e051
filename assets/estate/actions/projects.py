"""Building projects follow their district when another took over."""

from typing import Final

from sqlalchemy import Connection, text

from gis.places.area_succession import HEIRS

_WANTED: Final = f"""
SELECT j.project_id, h.heirs[1] AS area, c.organization_id, c.security_class
FROM estate.construction_project AS j JOIN ({HEIRS}) AS h ON h.code = j.admin_area_code
JOIN rights.cell AS c ON c.cell = j.rights_cell
WHERE cardinality(h.heirs) = 1
"""
_CELLS: Final = f"""
SELECT count(c.cell) FROM (
  SELECT array_agg(organization_id) AS bodies, array_agg(area) AS areas,
         array_agg(security_class) AS classes
  FROM (SELECT DISTINCT organization_id, area, security_class FROM ({_WANTED}) AS w) AS one
) AS every, rights.cells_for(every.bodies, every.areas, every.classes) AS c
"""
_MOVE: Final = f"""
UPDATE estate.construction_project AS j SET admin_area_code = w.area, rights_cell = c.cell
FROM ({_WANTED}) AS w JOIN rights.cell AS c
  ON coalesce(c.organization_id, 0) = coalesce(w.organization_id, 0)
 AND c.admin_area_code = w.area AND c.security_class = w.security_class
WHERE j.project_id = w.project_id
"""


def settle_projects(conn: Connection) -> int:
    """Put the projects of abolished districts into their only successors.

    Args:
        conn: As a role that may write every project.

    Returns:
        How many followed.
    """
    # In a statement of its own: policies do not see cells that come to be in the same one.
    conn.execute(text(_CELLS))
    return conn.execute(text(_MOVE)).rowcount
