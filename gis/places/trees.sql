-- Every place of every tree that a place of pg_temp.touched_place belongs to.
CREATE TEMP TABLE touched_tree ON COMMIT DROP AS
WITH RECURSIVE touched AS (
  SELECT place_id, parent_id FROM place.place JOIN pg_temp.touched_place USING (place_id)
),
above AS (
  SELECT parent_id AS place_id FROM touched WHERE parent_id IS NOT NULL
  UNION
  SELECT p.parent_id FROM above JOIN place.place AS p USING (place_id) WHERE p.parent_id IS NOT NULL
),
top AS (
  SELECT place_id FROM touched WHERE parent_id IS NULL
  UNION
  SELECT above.place_id FROM above JOIN place.place AS p USING (place_id) WHERE p.parent_id IS NULL
),
down AS (
  SELECT place_id FROM top
  UNION ALL
  SELECT p.place_id FROM down JOIN place.place AS p ON p.parent_id = down.place_id
)
SELECT place_id FROM down;
ANALYZE pg_temp.touched_tree;
