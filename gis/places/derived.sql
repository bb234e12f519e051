-- What is derived from places: which area counts and what is not already counted below (net), for
-- every place of pg_temp.touched_tree.

CREATE TEMP TABLE own_area ON COMMIT DROP AS
SELECT DISTINCT ON (m.place_id, m.area_kind)
  m.place_id, m.area_kind, m.area_m2, m.source, m.rights_cell
FROM place.area_measure AS m
JOIN pg_temp.touched_tree USING (place_id)
JOIN place.counted_by AS p ON p.source = m.source
WHERE m.measured_on IS NULL OR m.measured_on <= current_date
ORDER BY m.place_id, m.area_kind, p.rank, m.measured_on DESC NULLS LAST;
CREATE UNIQUE INDEX ON pg_temp.own_area (place_id, area_kind);
ANALYZE pg_temp.own_area;

-- Each figure climbs to the nearest ancestor that has a figure of its kind and is taken off there,
-- so the nets of any set of whole trees sum to their tops, and of any partition to the whole. What
-- is closed takes nothing off: it is counted nowhere any more.
CREATE TEMP TABLE new_counted ON COMMIT DROP AS
WITH RECURSIVE climb AS (
  SELECT o.area_kind, o.area_m2, p.parent_id AS at
  FROM pg_temp.own_area AS o JOIN place.place AS p USING (place_id)
  WHERE p.parent_id IS NOT NULL AND (p.valid_to IS NULL OR p.valid_to > current_date)
  UNION ALL
  SELECT c.area_kind, c.area_m2, p.parent_id
  FROM climb AS c JOIN place.place AS p ON p.place_id = c.at
  WHERE p.parent_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_temp.own_area AS o
                    WHERE o.place_id = c.at AND o.area_kind = c.area_kind)
),
below AS (
  SELECT at AS place_id, area_kind, sum(area_m2) AS area_m2 FROM climb GROUP BY at, area_kind
)
SELECT o.place_id, o.area_kind, o.area_m2, o.source,
       o.area_m2 - coalesce(below.area_m2, 0) AS net_area_m2, o.rights_cell
FROM pg_temp.own_area AS o LEFT JOIN below USING (place_id, area_kind);

DELETE FROM place.counted_area AS c USING pg_temp.touched_tree AS t
WHERE t.place_id = c.place_id
  AND NOT EXISTS (SELECT FROM pg_temp.new_counted AS n
                  WHERE n.place_id = c.place_id AND n.area_kind = c.area_kind);
INSERT INTO place.counted_area AS c
  (place_id, area_kind, area_m2, source, net_area_m2, rights_cell)
SELECT place_id, area_kind, area_m2, source, net_area_m2, rights_cell FROM pg_temp.new_counted
ON CONFLICT (place_id, area_kind) DO UPDATE
  SET area_m2 = excluded.area_m2, source = excluded.source, net_area_m2 = excluded.net_area_m2
  WHERE (c.area_m2, c.source, c.net_area_m2)
        IS DISTINCT FROM (excluded.area_m2, excluded.source, excluded.net_area_m2);
DROP TABLE pg_temp.own_area, pg_temp.new_counted;
