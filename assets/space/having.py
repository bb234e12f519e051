"""What bodies have for themselves on a day, as SQL that collects it in `pg_temp.had_leaf`."""

from typing import Final

from gis.places.vocabulary import IN_FORCE, IS_OPEN

# What bodies have for themselves, by whichever place it was said of: rooms, and what is not known
# room by room. Where several share and nobody said how, each counts alike.
HAD: Final = f"""
CREATE TEMP TABLE had_leaf ON COMMIT DROP AS
SELECT y.holder_id, y.holding_id, l.place_id, p.parent_id, p.kind = 'room' AS is_room,
  r.room_class, coalesce(y.share, 1) AS share, greatest(a.parties, 1) AS alike
FROM estate.holding_party AS y
JOIN estate.holding AS h ON h.holding_id = y.holding_id AND h.kind = 'occupies'
JOIN {{leaf}} AS l ON l.holding_id = h.holding_id AND l.during @> CAST(:as_of AS date)
JOIN place.place AS p ON p.place_id = l.place_id
LEFT JOIN place.room AS r ON r.place_id = p.place_id
LEFT JOIN {{alike}} AS a ON a.holding_id = h.holding_id
WHERE {{of_body}}
  AND (p.kind <> 'room' OR ({IN_FORCE.format("p")} AND {IS_OPEN.format("p")}))"""
_ALIKE: Final = """(
  SELECT every.holding_id, count(*) AS parties FROM estate.holding_party AS every
  WHERE every.share IS NULL GROUP BY every.holding_id HAVING count(*) > 1)"""
MANY: Final = {"leaf": "estate.holding_leaf", "alike": _ALIKE}
# Each found through its index: with other joins shut off, all leaves were gone through for each
# holding of a body once these are many.
FEW: Final = {
    "leaf": """LATERAL (
  SELECT * FROM estate.holding_leaf AS own WHERE own.holding_id = h.holding_id OFFSET 0)""",
    "alike": "LATERAL " + _ALIKE.replace("IS NULL", "IS NULL AND every.holding_id = h.holding_id"),
}
"""How the parts of `HAD` are read for many bodies, and for few."""
# Of an earlier day only: today's classes stand with the rooms.
CLASSED_THEN: Final = f"""
UPDATE pg_temp.had_leaf AS d SET room_class = coalesce((
  SELECT o.room_class FROM place.place_version AS o
  WHERE o.place_id = d.place_id AND {IN_FORCE.format("o")} ORDER BY o.valid_to LIMIT 1
), d.room_class) WHERE d.is_room"""
