"""Who a room sheet says sits in its rooms: posts and people of a rank, each with a part."""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import PlaceRule
from etl.folding import FOLDED
from gis.db import run_script
from gis.organizations.persons import OPAQUE, TELLING


def begin_seats(conn: Connection, rule: PlaceRule) -> None:
    """Keep of which day the uses of a sheet's rooms are known, before they are saved."""
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.used_before")
    conn.execute(text(_USED_BEFORE), {"source": rule.holding_source})


def save_seats(conn: Connection, rule: PlaceRule, load_id: int) -> None:
    """People of the rooms whose use the sheet states, after the uses are saved (`holding_now`).

    A post is known by its body, its title and the number or name of whoever holds it, or by being
    the only one; with a number that no post of the title has, it becomes one. Who fits none sits
    there as one of a rank. The room is shared by heads. Where a body is named without anybody of
    it, or a room is said to be shared and one person stands there, nothing is taken. A file of a
    later day begins a new use where others sit there; one of the same day, or of none, corrects it.
    Without people the sheet says nothing of them.
    """
    if not conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.stage_person)")).scalar_one():
        return
    run_script(conn, _PEOPLE)
    run_script(conn, _FIND_POSTS)
    run_script(conn, _NOTES)
    run_script(conn, _SEATS)
    values = {"source": rule.holding_source, "extent": rule.occupancy_extent, "load_id": load_id}
    for statement in _SAVE:
        conn.execute(text(statement), values)


_USED_BEFORE: Final = """
CREATE TEMP TABLE used_before ON COMMIT DROP AS
SELECT h.holding_id, h.stated_on FROM pg_temp.target AS t
JOIN estate.holding AS h ON h.place_id = t.place_id AND h.kind = 'occupies'
  AND h.source = :source AND h.valid_to IS NULL
WHERE NOT t.is_new"""

# A row without a body of its own is of the one that the room's first row names.
_PEOPLE: Final = f"""
DROP TABLE IF EXISTS pg_temp.person, pg_temp.person_post, pg_temp.seat, pg_temp.reseated;
CREATE TEMP TABLE person ON COMMIT DROP AS
SELECT p.person_row, t.row_number, n.place_id, n.holding_id, n.holders, s.is_shared,
  CASE WHEN own.unit_row IS NULL THEN st.organization_id
       WHEN own.bodies = 1 THEN own.organization_id END AS holder_id,
  p.post_name, p.rank_code, p.post_rank, p.person_name, p.heads, p.person_key AS written_key,
  CASE WHEN p.person_key ~ '{OPAQUE}' AND p.person_key !~ '{TELLING}'
       THEN p.person_key END AS person_key, NULL::bigint AS post_id
FROM pg_temp.stage_person AS p
LEFT JOIN pg_temp.folded AS f ON f.row_number = p.row_number
JOIN pg_temp.target AS t ON t.row_number = coalesce(f.into_row, p.row_number)
JOIN pg_temp.stage AS s ON s.row_number = t.row_number
JOIN pg_temp.holding_now AS n ON n.place_id = t.place_id
LEFT JOIN (SELECT unit_row, min(organization_id) AS organization_id,
                  count(DISTINCT organization_id) AS bodies
           FROM pg_temp.stage_unit GROUP BY unit_row) AS own ON own.unit_row = p.person_row
LEFT JOIN pg_temp.stage_steward AS st ON st.row_number = t.row_number
WHERE t.security_class < 3 AND s.own_place_code IS NULL;
ANALYZE pg_temp.person;
"""

_FIND_POSTS: Final = f"""
CREATE TEMP TABLE person_post ON COMMIT DROP AS
SELECT person_row, post_id, rank_code, is_only FROM (
  SELECT c.*, row_number() OVER best AS nth,
         count(*) OVER (PARTITION BY person_row, fits) = 1 AS is_only
  FROM (
    SELECT w.person_row, p.post_id, p.rank_code,
           4 * (p.person_key IS NOT DISTINCT FROM w.person_key AND p.person_key IS NOT NULL)::int
           + 2 * coalesce(p.holder_name = w.person_name, false)::int
           + coalesce(p.rank_code = w.rank_code, false)::int AS fits
    FROM pg_temp.person AS w CROSS JOIN pg_temp.this_load AS l
    JOIN organization.post AS p ON p.organization_id = w.holder_id
      AND {FOLDED.format("p.title")} = {FOLDED.format("w.post_name")}
      AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells))
      AND (p.person_key = w.person_key) IS NOT FALSE
      AND (p.holder_name = w.person_name OR p.person_key = w.person_key) IS NOT FALSE
      AND coalesce(p.valid_from <= coalesce(l.stated_on, current_date), true)
      AND coalesce(p.valid_to > coalesce(l.stated_on, current_date), true)
    WHERE w.heads = 1
  ) AS c WINDOW best AS (PARTITION BY person_row ORDER BY fits DESC, post_id)
) AS found WHERE nth = 1;
UPDATE pg_temp.person AS w SET post_id = f.post_id
FROM pg_temp.person_post AS f WHERE f.person_row = w.person_row AND f.is_only;
-- Whoever has a number and a title that nobody else holds has a post that no list named yet. A
-- census may name people of another body, whose posts are not the asking account's to write.
WITH made AS (
  INSERT INTO organization.post (organization_id, title, rank_code, person_key, rights_cell)
  SELECT w.holder_id, min(w.post_name), max(w.rank_code), w.person_key, max(c.cell)
  FROM pg_temp.person AS w JOIN organization.organization AS o ON o.organization_id = w.holder_id
  JOIN (SELECT b.organization_id, b.cell
        FROM (SELECT array_agg(organization_id) AS bodies, array_agg(admin_area_code) AS areas,
                     array_agg(0::smallint) AS classes
              FROM organization.organization
              WHERE organization_id IN (SELECT holder_id FROM pg_temp.person)) AS every,
             rights.cells_for(every.bodies, every.areas, every.classes) AS b
        ) AS c ON c.organization_id = o.organization_id
  WHERE w.heads = 1 AND w.post_id IS NULL AND w.person_key IS NOT NULL AND w.post_name IS NOT NULL
    AND c.cell = ANY (ARRAY(SELECT cell FROM rights.my_write_cells))
    AND NOT EXISTS (SELECT FROM organization.post AS p
                    WHERE p.organization_id = w.holder_id
                      AND {FOLDED.format("p.title")} = {FOLDED.format("w.post_name")})
  GROUP BY w.holder_id, {FOLDED.format("w.post_name")}, w.person_key
  RETURNING post_id, organization_id, title, person_key
)
UPDATE pg_temp.person AS w SET post_id = m.post_id FROM made AS m
WHERE m.organization_id = w.holder_id AND m.person_key = w.person_key
  AND {FOLDED.format("m.title")} = {FOLDED.format("w.post_name")} AND w.heads = 1;
UPDATE organization.post AS p SET person_key = w.person_key
FROM (SELECT post_id, min(person_key) AS person_key FROM pg_temp.person
      WHERE post_id IS NOT NULL GROUP BY post_id HAVING count(DISTINCT person_key) = 1) AS w
WHERE w.post_id = p.post_id AND p.person_key IS NULL
  AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_write_cells));
-- One post sits once in a room.
UPDATE pg_temp.person AS w SET post_id = NULL
FROM (SELECT person_row, row_number() OVER (PARTITION BY place_id, post_id ORDER BY person_row) AS n
      FROM pg_temp.person WHERE post_id IS NOT NULL) AS again
WHERE again.person_row = w.person_row AND again.n > 1;
"""

_NOTES: Final = f"""
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT w.person_row, 'person_key', 'person.number_unfit', NULL, NULL FROM pg_temp.person AS w
WHERE w.written_key IS NOT NULL AND w.person_key IS NULL
UNION ALL
SELECT w.person_row, 'post_rank', 'person.rank_unknown', NULL, w.post_rank FROM pg_temp.person AS w
WHERE w.post_rank IS NOT NULL AND w.rank_code IS NULL
UNION ALL
SELECT w.person_row, 'post_rank', 'person.rank_differs', t.title_zh, w.post_rank
FROM pg_temp.person AS w JOIN organization.post AS p USING (post_id)
JOIN place.term AS t ON t.list = 'rank' AND t.term = p.rank_code
WHERE w.rank_code <> p.rank_code
UNION ALL
SELECT w.person_row, 'post_name',
       CASE WHEN EXISTS (SELECT FROM organization.post AS p
                         WHERE p.organization_id = w.holder_id
                           AND {FOLDED.format("p.title")} = {FOLDED.format("w.post_name")}
                           AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells)))
            THEN 'person.post_several' ELSE 'person.post_unknown' END, NULL, w.post_name
FROM pg_temp.person AS w
WHERE w.post_name IS NOT NULL AND w.post_id IS NULL AND w.holder_id IS NOT NULL
UNION ALL
SELECT w.person_row, 'person_key', 'person.post_unknown', NULL, w.person_key
FROM pg_temp.person AS w WHERE w.person_key IS NOT NULL AND w.post_id IS NULL;
CREATE TEMP TABLE seated_room ON COMMIT DROP AS
SELECT place_id, min(row_number) AS row_number, sum(heads) AS heads,
       bool_or(holder_id IS NULL) OR array_agg(DISTINCT holder_id ORDER BY holder_id)
         IS DISTINCT FROM min(holders) AS lacks_body,
       bool_or(is_shared) AS is_shared
FROM pg_temp.person GROUP BY place_id;
INSERT INTO pg_temp.note (row_number, column_field, rule, params)
SELECT r.row_number, CASE WHEN r.lacks_body THEN 'unit_name' ELSE 'is_shared' END,
       CASE WHEN r.lacks_body THEN 'person.no_body' WHEN r.heads > 1 THEN 'person.not_shared'
            ELSE 'person.others_missing' END, jsonb_build_object('count', r.heads)
FROM seated_room AS r
WHERE r.lacks_body OR (r.is_shared AND r.heads = 1) OR (NOT r.is_shared AND r.heads > 1);
INSERT INTO pg_temp.note (row_number, column_field, rule, original, params)
SELECT w.person_row, 'person_key',
       CASE WHEN r.lacks_body THEN 'person.no_body' ELSE 'person.others_missing' END,
       w.person_key, jsonb_build_object('count', r.heads)
FROM pg_temp.person AS w JOIN pg_temp.seated_room AS r USING (place_id)
WHERE w.person_key IS NOT NULL AND (r.lacks_body OR (r.is_shared AND r.heads = 1));
DELETE FROM pg_temp.person AS w USING pg_temp.seated_room AS r
WHERE r.place_id = w.place_id AND (r.lacks_body OR (r.is_shared AND r.heads = 1));
DROP TABLE pg_temp.seated_room;
-- What the room itself does not keep as text would go without a word: further people, and numbers.
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT p.person_row, CASE WHEN u.row_number IS NULL THEN 'unit_name' ELSE 'post_name' END,
       CASE WHEN u.row_number IS NULL THEN 'person.no_body' ELSE 'merge.protected' END, p.post_name
FROM pg_temp.stage_person AS p
LEFT JOIN pg_temp.folded AS f ON f.row_number = p.row_number
JOIN pg_temp.target AS t ON t.row_number = coalesce(f.into_row, p.row_number)
LEFT JOIN (SELECT DISTINCT row_number FROM pg_temp.stage_unit
           WHERE organization_id IS NOT NULL) AS u ON u.row_number = t.row_number
WHERE (p.person_row <> t.row_number OR p.person_key IS NOT NULL) AND t.security_class < 3
  AND NOT EXISTS (SELECT FROM pg_temp.holding_now AS n WHERE n.place_id = t.place_id);
"""

# Parts of six digits that sum to 1: what rounding leaves goes to those that lost most by it.
_SEATS: Final = """
CREATE TEMP TABLE seat ON COMMIT DROP AS
SELECT place_id, holding_id, holder_id, post_id, rank_code, heads, row_number, nth,
       (whole + (place <= 1000000 - sum(whole) OVER (PARTITION BY place_id))::int) / 1000000.0
         AS share
FROM (
  SELECT g.*, row_number() OVER (PARTITION BY place_id ORDER BY exact - whole DESC, nth) AS place
  FROM (
    SELECT s.*, floor(exact) AS whole FROM (
      SELECT w.place_id, w.holding_id, w.holder_id, w.post_id,
             CASE WHEN p.rank_code IS NULL THEN w.rank_code END AS rank_code,
             min(w.row_number) AS row_number, sum(w.heads)::integer AS heads,
             min(w.person_row) AS nth,
             1000000.0 * sum(w.heads) / sum(sum(w.heads)) OVER (PARTITION BY w.place_id) AS exact
      FROM pg_temp.person AS w LEFT JOIN organization.post AS p USING (post_id)
      GROUP BY 1, 2, 3, 4, 5
    ) AS s
  ) AS g
) AS parted;
ANALYZE pg_temp.seat;
"""

_SAVE: Final = (
    """
    CREATE TEMP TABLE reseated ON COMMIT DROP AS
    SELECT n.place_id, n.row_number, n.holding_id, has.people IS NOT NULL
             AND b.stated_on < l.stated_on AS is_later, l.stated_on
    FROM (SELECT place_id, holding_id, min(row_number) AS row_number,
                 array_agg(ROW(holder_id, post_id, rank_code, heads)::text
                           ORDER BY holder_id, post_id, rank_code, heads) AS people
          FROM pg_temp.seat GROUP BY 1, 2) AS n
    CROSS JOIN pg_temp.this_load AS l
    LEFT JOIN pg_temp.used_before AS b ON b.holding_id = n.holding_id
    LEFT JOIN LATERAL (
      SELECT array_agg(ROW(holder_id, post_id, rank_code, heads)::text
                       ORDER BY holder_id, post_id, rank_code, heads) AS people
      FROM estate.sharer AS s WHERE s.holding_id = n.holding_id) AS has ON true
    WHERE has.people IS DISTINCT FROM n.people
    """,
    "INSERT INTO pg_temp.changed_row SELECT row_number FROM pg_temp.reseated",
    """
    UPDATE estate.holding AS h SET valid_to = r.stated_on, stated_on = b.stated_on
    FROM pg_temp.reseated AS r JOIN pg_temp.used_before AS b USING (holding_id)
    WHERE h.holding_id = r.holding_id AND r.is_later
    """,
    """
    WITH added AS (
      INSERT INTO estate.holding
        (place_id, kind, extent, source, valid_from, stated_on, load_id, rights_cell)
      SELECT r.place_id, 'occupies', :extent, :source, r.stated_on, r.stated_on, :load_id,
             p.rights_cell
      FROM pg_temp.reseated AS r JOIN place.place AS p USING (place_id) WHERE r.is_later
      RETURNING holding_id, place_id
    )
    UPDATE pg_temp.reseated AS r SET holding_id = a.holding_id FROM added AS a
    WHERE a.place_id = r.place_id
    """,
    """
    DELETE FROM estate.sharer AS s USING pg_temp.reseated AS r
    WHERE s.holding_id = r.holding_id AND r.is_later IS NOT TRUE
    """,
    """
    INSERT INTO estate.holding_party AS y (holding_id, holder_id, share, rights_cell)
    SELECT r.holding_id, s.holder_id, sum(s.share), p.rights_cell
    FROM pg_temp.reseated AS r JOIN pg_temp.seat AS s USING (place_id)
    JOIN place.place AS p USING (place_id)
    WHERE r.is_later GROUP BY 1, 2, 4
    """,
    """
    UPDATE estate.holding_party AS y SET share = n.share
    FROM (SELECT r.holding_id, s.holder_id, sum(s.share) AS share
          FROM pg_temp.reseated AS r JOIN pg_temp.seat AS s USING (place_id)
          WHERE r.is_later IS NOT TRUE GROUP BY 1, 2) AS n
    WHERE (y.holding_id, y.holder_id) = (n.holding_id, n.holder_id)
      AND y.share IS DISTINCT FROM n.share
    """,
    """
    INSERT INTO estate.sharer
      (holding_id, holder_id, post_id, rank_code, heads, share, rights_cell)
    SELECT r.holding_id, s.holder_id, s.post_id, s.rank_code, s.heads, s.share, p.rights_cell
    FROM pg_temp.reseated AS r JOIN pg_temp.seat AS s USING (place_id)
    JOIN place.place AS p USING (place_id) ORDER BY r.holding_id, s.nth
    """,
)
