"""New outlines against what the map already holds: listed, never a reason to keep a row out."""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import PlaceRule

_LEAST_SHARE: Final = 0.02
"""Of the smaller of the two: neighbours drawn from one line touch by a sliver. As in a sheet."""

_HAS_OTHERS: Final = """
SELECT EXISTS (SELECT FROM place.place
               WHERE kind = '{kind}' AND geom IS NOT NULL AND load_id IS DISTINCT FROM :load_id)
   AND EXISTS (SELECT FROM pg_temp.target WHERE geom IS NOT NULL AND kind = '{kind}')"""

# The kind stands in the text, or the index of its shapes would not serve.
_NOTE: Final = """
INSERT INTO pg_temp.note (row_number, rule, suggestion)
SELECT DISTINCT ON (row_number) row_number, 'geometry.overlaps_known',
       concat_ws(' ', code, nullif(name, code))
FROM (
  SELECT t.row_number, p.code, p.name,
         ST_Area(ST_Intersection(t.geom, p.geom)) AS shared_area,
         least(ST_Area(t.geom), ST_Area(p.geom)) AS least_area
  FROM pg_temp.target AS t
  JOIN place.place AS p ON p.kind = '{kind}' AND p.geom && t.geom
  WHERE t.kind = '{kind}' AND GeometryType(t.geom) <> 'POINT'
    AND (t.is_new OR t.row_number IN (SELECT row_number FROM pg_temp.changed_row))
    AND p.load_id IS DISTINCT FROM :load_id AND p.place_id <> t.place_id
    AND p.valid_to IS NULL AND GeometryType(p.geom) <> 'POINT'
    AND p.parent_id IS DISTINCT FROM t.place_id AND t.parent_id IS DISTINCT FROM p.place_id
    AND p.place_id NOT IN (SELECT place_id FROM pg_temp.target)
    -- What the account may not see is not told of.
    AND p.rights_cell IN (SELECT cell FROM rights.my_cells)
    AND ST_Intersects(t.geom, p.geom)
) AS pair
WHERE shared_area > {share} * least_area
ORDER BY row_number, shared_area DESC, code"""


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
    conn.execute(text(_NOTE.format(kind=rule.kind, share=_LEAST_SHARE)), values)
    conn.execute(text("SET LOCAL enable_nestloop = off"))
