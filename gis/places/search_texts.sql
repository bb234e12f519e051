-- Search texts of the places of pg_temp.touched_place, from pg_temp.written (place_id, field,
-- text, rights_cell): writes only what differs, and postings only for what is new.

-- In the order of the key, so that its index grows at its end.
CREATE TEMP TABLE added_text ON COMMIT DROP AS
SELECT DISTINCT w.place_id, w.field, w.text, w.rights_cell
FROM pg_temp.written AS w
WHERE w.text <> ''
  AND NOT EXISTS (SELECT FROM place.search_text AS t
                  WHERE t.place_id = w.place_id AND t.field = w.field AND t.text = w.text)
ORDER BY w.place_id, w.field, w.text;
DELETE FROM place.search_text AS t USING pg_temp.touched_place AS touched
WHERE touched.place_id = t.place_id
  AND NOT EXISTS (SELECT FROM pg_temp.written AS w
                  WHERE w.place_id = t.place_id AND w.field = t.field AND w.text = t.text);
INSERT INTO place.search_text (place_id, field, text, rights_cell)
SELECT place_id, field, text, rights_cell FROM pg_temp.added_text;

-- The series stands among the columns: as a joined function it is stored anew for each text.
CREATE TEMP TABLE added_bigram (bigram text, rights_cell integer) ON COMMIT DROP;
WITH added AS (
  INSERT INTO place.search_posting (bigram, rights_cell, place_count, place_ids)
  SELECT bigram, rights_cell, count(*), array_agg(place_id)
  FROM (SELECT substr(a.text, generate_series(1, length(a.text) - 1), 2) AS bigram,
               a.rights_cell, a.place_id
        FROM pg_temp.added_text AS a) AS pair
  GROUP BY 1, 2
  RETURNING bigram, rights_cell
)
INSERT INTO pg_temp.added_bigram SELECT bigram, rights_cell FROM added;

-- Many small loads leave many short lists; a pair that has collected more than 64 becomes one.
WITH scattered AS (
  SELECT p.bigram, p.rights_cell
  FROM place.search_posting AS p JOIN pg_temp.added_bigram USING (bigram, rights_cell)
  GROUP BY 1, 2 HAVING count(*) > 64
),
gone AS (
  DELETE FROM place.search_posting AS p USING scattered AS s
  WHERE p.bigram = s.bigram AND p.rights_cell = s.rights_cell
  RETURNING p.bigram, p.rights_cell, p.place_ids
)
INSERT INTO place.search_posting (bigram, rights_cell, place_count, place_ids)
SELECT bigram, rights_cell, count(DISTINCT place_id), array_agg(DISTINCT place_id)
FROM gone CROSS JOIN LATERAL unnest(place_ids) AS place_id GROUP BY 1, 2;
DROP TABLE pg_temp.added_text, pg_temp.added_bigram;
