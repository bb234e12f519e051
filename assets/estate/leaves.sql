-- Spreads exclusive holdings to the leaves they cover, for every holding of a place of
-- pg_temp.touched_tree. A leaf is a place of the estate without parts of its own.
CREATE TEMP TABLE affected_holding ON COMMIT DROP AS
SELECT h.holding_id, h.place_id, k.exclusive_group,
       daterange(h.valid_from, h.valid_to, '[)') AS during
FROM estate.holding AS h
JOIN estate.holding_kind AS k USING (kind)
JOIN pg_temp.touched_tree USING (place_id)
WHERE h.extent = 'whole' AND k.exclusive_group IS NOT NULL;

CREATE TEMP TABLE new_leaf ON COMMIT DROP AS
WITH RECURSIVE down AS (
  SELECT holding_id, exclusive_group, during, place_id FROM pg_temp.affected_holding
  UNION ALL
  SELECT down.holding_id, down.exclusive_group, down.during, p.place_id
  FROM down JOIN place.place AS p ON p.parent_id = down.place_id
  JOIN place.kind AS kind ON kind.kind = p.kind AND kind.is_estate
)
SELECT down.*, leaf.rights_cell
FROM down JOIN place.place AS leaf USING (place_id)
WHERE NOT EXISTS (
  SELECT FROM place.place AS part JOIN place.kind AS kind ON kind.kind = part.kind
  WHERE part.parent_id = down.place_id AND kind.is_estate
);

DELETE FROM estate.holding_leaf AS old
WHERE (old.place_id IN (SELECT place_id FROM pg_temp.touched_tree)
       OR old.holding_id IN (SELECT holding_id FROM pg_temp.affected_holding))
  AND NOT EXISTS (SELECT FROM pg_temp.new_leaf AS n
                  WHERE n.holding_id = old.holding_id AND n.place_id = old.place_id
                    AND n.during = old.during AND n.exclusive_group = old.exclusive_group);
INSERT INTO estate.holding_leaf (holding_id, place_id, exclusive_group, during, rights_cell)
SELECT holding_id, place_id, exclusive_group, during, rights_cell FROM pg_temp.new_leaf
ON CONFLICT (holding_id, place_id) DO NOTHING;
DROP TABLE pg_temp.affected_holding, pg_temp.new_leaf;
