-- Search tokens of the places of pg_temp.touched_place, from pg_temp.search_text (place_id, field,
-- text): every suffix of a text, cut short, so that whatever somebody types from the middle of a
-- name is a prefix of a token and one range of a btree finds it.
DELETE FROM place.search_token WHERE place_id IN (SELECT place_id FROM pg_temp.touched_place);
INSERT INTO place.search_token (token, place_id, field, rights_cell)
SELECT DISTINCT substr(s.text, start, :longest), s.place_id, s.field, p.rights_cell
FROM pg_temp.search_text AS s
JOIN place.place AS p USING (place_id)
CROSS JOIN LATERAL generate_series(
  1, CASE WHEN s.field IN ('code', 'identifier') THEN 1 ELSE length(s.text) END) AS start
WHERE s.text <> '';
