"""What a sheet says of the titles to a place."""

from typing import Final

from sqlalchemy import Connection, text

from etl.folding import EACH_TITLE, FOLDED, FOLDED_TITLE
from etl.merge.certificates import known_numbers
from etl.merge.title_changes import end_replaced, pass_to_owners
from gis.db import run_script


def save_titles(conn: Connection) -> None:
    """Certificates: one row a number, linked to every place it covers, split into its shares.

    A house certificate tells what is the place's own, apportioned of common parts, underground; a
    land certificate all the land, and what of it is used alone or apportioned. Where it says how
    much is apportioned, the rest of its area is the place's own. A cell that tells a state instead
    of a number (being issued, lost) is a title without one.

    A title holds from and till the day files state (`etl.merge.title_changes`). A file of a day
    before the newest that stated a title, or of none, fills only gaps in it, and what it says
    otherwise is listed.
    """
    run_script(
        conn,
        "CREATE TEMP TABLE IF NOT EXISTS stated_title (title_id bigint, place_id bigint,"
        " PRIMARY KEY (title_id, place_id)) ON COMMIT DROP",
    )
    said = ", ".join(
        f"('{kind}', '{share}', {'true' if is_first else f's.{area} IS NOT NULL'}, s.{number},"
        f" '{number}', {f'coalesce(s.{area}, {instead})' if instead else f's.{area}'},"
        f" {_field_of_area(area, instead)})"
        for kind, share, number, area, instead, is_first in _SHARES
    )
    each, key = EACH_TITLE.format("written.cell"), FOLDED_TITLE.format("one.cell")
    run_script(conn, _SAID.format(said=said, each=each, key=key))
    known = FOLDED_TITLE.format("t.number")
    run_script(
        conn,
        _OPEN.format(key=known, numbers=known_numbers(conn, "new_title", "number_key")),
    )
    end_replaced(conn)
    for statement in _NUMBER:
        conn.execute(text(statement))
    pass_to_owners(conn)
    for statement in _SAVE:
        conn.execute(text(statement))


_REST: Final = (
    "CASE WHEN s.certificate_area IS NOT NULL"
    " THEN greatest(s.certificate_area - coalesce(s.shared_gross_area, 0), 0) END"
)


_SHARES: Final = (
    ("house", "own", "certificate_no", "own_gross_area", _REST, True),
    ("house", "apportioned", "certificate_no", "shared_gross_area", None, False),
    ("house", "underground", "certificate_no", "certificate_underground_area", None, False),
    ("land", "land", "land_certificate_no", "land_certificate_area", None, True),
    ("land", "own", "land_certificate_no", "land_own_area", None, False),
    ("land", "apportioned", "land_certificate_no", "land_shared_area", None, False),
)
"""Kind of title, share, the field of its number, of its area, SQL of an area that will do instead;
and whether the certificate covers the place in that way even where no area is stated."""


def _field_of_area(area: str, instead: str | None) -> str:
    if instead is None:
        return f"'{area}'"
    return f"CASE WHEN s.{area} IS NULL THEN 'certificate_area' ELSE '{area}' END"


# Our own export states what the register holds today. The areas beside several numbers in one cell
# are the first one's.
_SAID: Final = """
DROP TABLE IF EXISTS pg_temp.new_title;
CREATE TEMP TABLE new_title ON COMMIT DROP AS
SELECT t.row_number, t.place_id, v.kind, v.share_kind, v.number, v.number_key, v.state, v.cell,
       v.field, v.area_m2, v.area_field, s.owner_name, s.certificate_on AS issued_on,
       CASE WHEN s.own_place_code IS NULL THEN l.stated_on
            ELSE coalesce(l.stated_on, CURRENT_DATE) END AS stated_on,
       s.own_place_code IS NOT NULL AS is_of_ours, NULL::date AS begins_on,
       p.rights_cell, NULL::bigint AS title_id
FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)
JOIN place.place AS p USING (place_id) CROSS JOIN pg_temp.this_load AS l
CROSS JOIN LATERAL (VALUES {said})
  AS written (kind, share_kind, is_said, cell, field, area_m2, area_field)
CROSS JOIN LATERAL {each} AS one
CROSS JOIN LATERAL (
  SELECT written.kind, written.share_kind, written.cell, written.field, written.area_field,
         CASE WHEN one.nth = 1 THEN round(written.area_m2, 2) END AS area_m2,
         CASE WHEN one.cell ~ '[0-9]' THEN one.cell END AS number,
         CASE WHEN one.cell ~ '[0-9]' THEN {key} END AS number_key,
         CASE WHEN one.cell ~ '[0-9]' THEN 'registered'
              WHEN one.cell ~ '无|没有' THEN 'none' ELSE 'pending' END AS state
) AS v
WHERE written.cell IS NOT NULL AND written.is_said
  AND (one.nth = 1 OR (v.kind, v.share_kind) IN (('house', 'own'), ('land', 'land')))
"""

# Of two open titles under one number the place's own comes first. A number may be another office's:
# what is recorded of a certificate that the account does not see is compared, and never told.
_OPEN: Final = """
DROP TABLE IF EXISTS pg_temp.open_title, pg_temp.open_link;
CREATE TEMP TABLE open_title ON COMMIT DROP AS
SELECT t.title_id, t.kind, t.number, {key} AS number_key, t.state, t.owner_name, t.owner_id,
       t.issued_on, t.stated_on,
       t.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells)) AS is_seen
FROM place.title AS t
WHERE t.valid_to IS NULL AND t.title_id IN (
  {numbers}
  UNION
  SELECT l.title_id FROM place.title_place AS l
  WHERE l.place_id IN (SELECT place_id FROM pg_temp.new_title));
CREATE TEMP TABLE open_link ON COMMIT DROP AS
SELECT DISTINCT l.title_id, l.place_id
FROM place.title_place AS l JOIN pg_temp.open_title USING (title_id);
ANALYZE pg_temp.new_title;
ANALYZE pg_temp.open_title;
ANALYZE pg_temp.open_link;
UPDATE pg_temp.new_title AS n SET title_id = found.title_id
FROM (
  SELECT DISTINCT ON (s.place_id, s.kind, s.number_key) s.place_id, s.kind, s.number_key, o.title_id
  FROM pg_temp.new_title AS s
  JOIN pg_temp.open_title AS o ON o.kind = s.kind AND o.number_key = s.number_key
  LEFT JOIN pg_temp.open_link AS l ON l.title_id = o.title_id AND l.place_id = s.place_id
  ORDER BY s.place_id, s.kind, s.number_key, l.place_id IS NULL, o.title_id
) AS found
WHERE (found.place_id, found.kind, found.number_key) = (n.place_id, n.kind, n.number_key);
UPDATE pg_temp.new_title AS n SET title_id = o.title_id
FROM pg_temp.open_title AS o JOIN pg_temp.open_link AS l USING (title_id)
WHERE n.number_key IS NULL AND o.number_key IS NULL AND o.kind = n.kind AND o.state = n.state
  AND l.place_id = n.place_id
"""

_NUMBER: Final = (
    """
    INSERT INTO pg_temp.changed_row SELECT row_number FROM pg_temp.new_title WHERE title_id IS NULL
    """,
    """
    WITH numbered AS (
      SELECT key, nextval(pg_get_serial_sequence('place.title', 'title_id')) AS title_id
      FROM (SELECT DISTINCT kind || coalesce(number_key, '#' || place_id) AS key
            FROM pg_temp.new_title WHERE title_id IS NULL) AS missing
    )
    UPDATE pg_temp.new_title AS n SET title_id = -numbered.title_id
    FROM numbered
    WHERE n.title_id IS NULL AND numbered.key = n.kind || coalesce(n.number_key, '#' || n.place_id)
    """,
    # Of the rows under one number the first that says who owns and since when is taken.
    """
    DROP TABLE IF EXISTS pg_temp.title_said
    """,
    """
    CREATE TEMP TABLE title_said ON COMMIT DROP AS
    SELECT title_id, min(row_number) AS row_number,
           (array_agg(owner_name ORDER BY row_number)
              FILTER (WHERE owner_name IS NOT NULL))[1] AS owner_name,
           (array_agg(issued_on ORDER BY row_number)
              FILTER (WHERE issued_on IS NOT NULL))[1] AS issued_on,
           min(row_number) FILTER (WHERE owner_name IS NOT NULL) AS owner_row,
           min(row_number) FILTER (WHERE issued_on IS NOT NULL) AS issued_row,
           max(stated_on) AS stated_on, min(begins_on) AS begins_on,
           bool_and(is_of_ours) AS is_of_ours
    FROM pg_temp.new_title GROUP BY title_id
    """,
    f"""
    INSERT INTO pg_temp.note (row_number, column_field, rule, original, params)
    SELECT n.row_number, 'owner_name', 'title.differs', n.owner_name,
           jsonb_build_object('other', w.owner_row)
    FROM pg_temp.new_title AS n JOIN pg_temp.title_said AS w USING (title_id)
    WHERE n.number IS NOT NULL AND n.owner_name <> w.owner_name
      AND {FOLDED.format("n.owner_name")} <> {FOLDED.format("w.owner_name")}
    UNION
    SELECT n.row_number, 'certificate_on', 'title.differs', n.issued_on::text,
           jsonb_build_object('other', w.issued_row)
    FROM pg_temp.new_title AS n JOIN pg_temp.title_said AS w USING (title_id)
    WHERE n.number IS NOT NULL AND n.issued_on <> w.issued_on
    """,
)


_SAVE: Final = (
    """
    INSERT INTO place.title (title_id, number, state, kind, owner_name, issued_on, valid_from,
                             stated_on, rights_cell)
    SELECT DISTINCT ON (n.title_id) -n.title_id, n.number, n.state, n.kind, w.owner_name,
           w.issued_on, w.begins_on, w.stated_on, n.rights_cell
    FROM pg_temp.new_title AS n JOIN pg_temp.title_said AS w USING (title_id)
    WHERE n.title_id < 0 ORDER BY n.title_id, n.row_number
    """,
    # That a newer file says the same is kept where the account may write the certificate: nobody's
    # load is refused for what it does not change.
    """
    WITH changed AS (
      UPDATE place.title AS t
      SET owner_name = coalesce(w.owner_name, t.owner_name),
          owner_id = CASE WHEN w.is_same_owner THEN t.owner_id END,
          issued_on = coalesce(w.issued_on, t.issued_on),
          stated_on = CASE WHEN w.is_of_ours THEN t.stated_on
                           ELSE greatest(t.stated_on, w.stated_on) END
      FROM pg_temp.title_said AS w JOIN pg_temp.open_title AS o USING (title_id)
      WHERE w.title_id = t.title_id
        AND ((o.owner_name, o.issued_on) IS DISTINCT FROM
             (coalesce(w.owner_name, o.owner_name), coalesce(w.issued_on, o.issued_on))
             OR NOT w.is_of_ours AND (w.stated_on <= o.stated_on) IS NOT TRUE
                AND w.stated_on IS NOT NULL
                AND (rights.may_write_all()
                     OR t.rights_cell IN (SELECT cell FROM rights.my_write_cells)))
      RETURNING w.row_number, (o.owner_name, o.issued_on) IS DISTINCT FROM
                              (t.owner_name, t.issued_on) AS is_other
    )
    INSERT INTO pg_temp.changed_row SELECT row_number FROM changed WHERE is_other
    """,
    """
    DROP TABLE IF EXISTS pg_temp.wanted_link
    """,
    """
    CREATE TEMP TABLE wanted_link ON COMMIT DROP AS
    SELECT DISTINCT ON (n.title_id, n.place_id, n.share_kind)
           abs(n.title_id) AS title_id, n.place_id, n.share_kind, n.area_m2, n.area_field,
           n.rights_cell, n.row_number, w.is_older IS TRUE AS is_older, w.known_on,
           w.is_seen
    FROM pg_temp.new_title AS n JOIN pg_temp.title_said AS w USING (title_id)
    ORDER BY n.title_id, n.place_id, n.share_kind, n.row_number
    """,
    """
    INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original, params)
    SELECT w.row_number, w.area_field,
           CASE WHEN w.is_seen THEN 'title.older' ELSE 'title.elsewhere' END,
           CASE WHEN w.is_seen THEN l.area_m2::text END, w.area_m2::text,
           CASE WHEN w.is_seen THEN jsonb_build_object('day', w.known_on::text) END
    FROM pg_temp.wanted_link AS w
    JOIN place.title_place AS l USING (title_id, place_id, share_kind)
    WHERE w.is_older AND l.area_m2 <> w.area_m2
    """,
    """
    WITH linked AS (
      INSERT INTO place.title_place AS l (title_id, place_id, share_kind, area_m2, rights_cell)
      SELECT w.title_id, w.place_id, w.share_kind, w.area_m2, w.rights_cell
      FROM pg_temp.wanted_link AS w
      WHERE NOT (w.is_older AND EXISTS (
        SELECT FROM place.title_place AS known
        WHERE (known.title_id, known.place_id, known.share_kind)
              = (w.title_id, w.place_id, w.share_kind) AND known.area_m2 IS NOT NULL))
      ON CONFLICT (title_id, place_id, share_kind) DO UPDATE SET area_m2 = excluded.area_m2
        WHERE excluded.area_m2 IS NOT NULL AND l.area_m2 IS DISTINCT FROM excluded.area_m2
      RETURNING l.place_id
    )
    INSERT INTO pg_temp.changed_row
    SELECT w.row_number FROM linked JOIN pg_temp.wanted_link AS w USING (place_id)
    """,
    """
    INSERT INTO pg_temp.stated_title SELECT DISTINCT title_id, place_id FROM pg_temp.wanted_link
    ON CONFLICT DO NOTHING
    """,
)
