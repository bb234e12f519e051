"""Building projects and asset cards follow their district when another took over."""

from typing import Final

from sqlalchemy import Connection, text

from gis.places.area_succession import HEIRS

_WANTED: Final = f"""
SELECT j.{{key}}, h.heirs[1] AS area, c.organization_id, c.security_class
FROM {{table}} AS j JOIN ({HEIRS}) AS h ON h.code = j.admin_area_code
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
UPDATE {{table}} AS j SET admin_area_code = w.area, rights_cell = {{cell}}
FROM ({_WANTED}) AS w JOIN rights.cell AS c
  ON coalesce(c.organization_id, 0) = coalesce(w.organization_id, 0)
 AND c.admin_area_code = w.area AND c.security_class = w.security_class
WHERE j.{{key}} = w.{{key}}
"""


# Of a card whose place is known the place says for whom it is.
_RECORDS: Final = (
    ("estate.construction_project", "project_id", "c.cell"),
    (
        "estate.asset_card",
        "asset_card_id",
        "CASE WHEN j.place_id IS NULL THEN c.cell ELSE j.rights_cell END",
    ),
)


def settle_projects(conn: Connection) -> int:
    """Put the projects and cards of abolished districts into their only successors.

    Args:
        conn: As a role that may write every one of them.

    Returns:
        How many followed.
    """
    followed = 0
    for table, key, cell in _RECORDS:
        named = {"table": table, "key": key, "cell": cell}
        # In a statement of its own: policies do not see cells that come to be in the same one.
        conn.execute(text(_CELLS.format(**named)))
        followed += conn.execute(text(_MOVE.format(**named))).rowcount
    return followed
