"""What a sheet says of the titles to a place."""

from typing import Final

from sqlalchemy import Connection, text

from etl.folding import FOLDED
from gis.db import run_script


def save_titles(conn: Connection) -> None:
    """Certificates: one row a number, linked to every place it covers, split into its shares.

    A house certificate tells what is the place's own, apportioned of common parts, underground; a
    land certificate all the land, and what of it is used alone or apportioned. Where it says how
    much is apportioned, the rest of its area is the place's own. A cell that tells a state instead
    of a number (being issued, lost) is a title without one.
    """
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.new_title")
    shares = ", ".join(
        f"('{kind}', '{share}', {'true' if is_first else f's.{area} IS NOT NULL'}, s.{number},"
        f" {f'coalesce(s.{area}, {instead})' if instead else f's.{area}'})"
        for kind, share, number, area, instead, is_first in _SHARES
    )
    run_script(
        conn,
        f"""
        CREATE TEMP TABLE new_title ON COMMIT DROP AS
        SELECT t.row_number, t.place_id, v.kind, v.share_kind, v.number, v.state,
               v.area_m2, s.owner_name,
               s.certificate_on AS issued_on, p.rights_cell, NULL::bigint AS title_id
        FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)
        JOIN place.place AS p USING (place_id)
        CROSS JOIN LATERAL (VALUES {shares})
          AS written (kind, share_kind, is_said, cell, area_m2)
        CROSS JOIN LATERAL (
          SELECT written.kind, written.share_kind, round(written.area_m2, 2) AS area_m2,
                 CASE WHEN written.cell ~ '[0-9]' THEN written.cell END AS number,
                 CASE WHEN written.cell ~ '[0-9]' THEN 'registered'
                      WHEN written.cell ~ '无|没有' THEN 'none' ELSE 'pending' END AS state
        ) AS v
        WHERE written.cell IS NOT NULL AND written.is_said;
        UPDATE pg_temp.new_title AS n SET title_id = old.title_id
        FROM (SELECT number, kind, min(title_id) AS title_id FROM place.title
              WHERE number IS NOT NULL AND valid_to IS NULL GROUP BY number, kind) AS old
        WHERE old.number = n.number AND old.kind = n.kind;
        UPDATE pg_temp.new_title AS n SET title_id = old.title_id
        FROM place.title AS old JOIN place.title_place AS link USING (title_id)
        WHERE n.number IS NULL AND old.number IS NULL AND old.valid_to IS NULL
          AND old.kind = n.kind AND old.state = n.state AND link.place_id = n.place_id;
        """,
    )
    for statement in _SAVE_TITLES:
        conn.execute(text(statement))


def note_owners(conn: Connection, *, tells_rented: bool) -> None:
    """List owners under a former or short name, abolished ones, and a census's unknown ones.

    Titles keep the words of the file: they are what stands on the paper.
    """
    run_script(
        conn,
        f"""
        INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
        SELECT s.row_number, 'owner_name', 'owner.alias', min(coalesce(heir.name, o.name)),
               s.owner_name
        FROM pg_temp.stage AS s
        JOIN pg_temp.spelling AS k ON k.spelling = {FOLDED.format("s.owner_name")}
        JOIN organization.organization AS o USING (organization_id)
        LEFT JOIN organization.succession AS x ON x.from_organization_id = o.organization_id
        LEFT JOIN organization.organization AS heir
          ON heir.organization_id = x.to_organization_id
        WHERE s.owner_name IS NOT NULL
        GROUP BY s.row_number, s.owner_name
        HAVING min(k.rank) > 1 OR bool_and(o.valid_to IS NOT NULL)
        """,
    )
    # Whoever lets a property to the office that reports it is no body of the directory.
    if tells_rented:
        run_script(conn, _UNKNOWN_OWNER.replace("{rented}", "s.is_rented_in IS TRUE"))


_UNKNOWN_OWNER: Final = f"""
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT s.row_number, 'owner_name', 'owner.not_in_directory', s.owner_name
FROM pg_temp.stage AS s
WHERE s.owner_name IS NOT NULL AND NOT ({{rented}})
  AND EXISTS (SELECT FROM pg_temp.spelling)
  AND NOT EXISTS (SELECT FROM pg_temp.spelling AS k
                  WHERE k.spelling = {FOLDED.format("s.owner_name")})
"""


_REST: Final = "greatest(s.certificate_area - coalesce(s.shared_gross_area, 0), 0)"


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


_SAVE_TITLES: Final = (
    """
    INSERT INTO pg_temp.changed_row SELECT row_number FROM pg_temp.new_title WHERE title_id IS NULL
    """,
    """
    WITH numbered AS (
      SELECT key, nextval(pg_get_serial_sequence('place.title', 'title_id')) AS title_id
      FROM (SELECT DISTINCT kind || coalesce(number, '#' || place_id) AS key
            FROM pg_temp.new_title WHERE title_id IS NULL) AS missing
    )
    UPDATE pg_temp.new_title AS n SET title_id = -numbered.title_id
    FROM numbered
    WHERE n.title_id IS NULL AND numbered.key = n.kind || coalesce(n.number, '#' || n.place_id)
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
           min(row_number) FILTER (WHERE issued_on IS NOT NULL) AS issued_row
    FROM pg_temp.new_title GROUP BY title_id
    """,
    f"""
    INSERT INTO pg_temp.note (row_number, column_field, rule, original, params)
    SELECT n.row_number, 'owner_name', 'title.differs', n.owner_name,
           jsonb_build_object('other', w.owner_row)
    FROM pg_temp.new_title AS n JOIN pg_temp.title_said AS w USING (title_id)
    WHERE n.number IS NOT NULL
      AND {FOLDED.format("n.owner_name")} <> {FOLDED.format("w.owner_name")}
    UNION
    SELECT n.row_number, 'certificate_on', 'title.differs', n.issued_on::text,
           jsonb_build_object('other', w.issued_row)
    FROM pg_temp.new_title AS n JOIN pg_temp.title_said AS w USING (title_id)
    WHERE n.number IS NOT NULL AND n.issued_on <> w.issued_on
    """,
    """
    INSERT INTO place.title (title_id, number, state, kind, owner_name, issued_on, rights_cell)
    SELECT DISTINCT ON (n.title_id) -n.title_id, n.number, n.state, n.kind, w.owner_name,
           w.issued_on, n.rights_cell
    FROM pg_temp.new_title AS n JOIN pg_temp.title_said AS w USING (title_id)
    WHERE n.title_id < 0 ORDER BY n.title_id, n.row_number
    """,
    """
    WITH changed AS (
      UPDATE place.title AS t
      SET owner_name = coalesce(w.owner_name, t.owner_name),
          issued_on = coalesce(w.issued_on, t.issued_on)
      FROM pg_temp.title_said AS w
      WHERE w.title_id = t.title_id
        AND (t.owner_name, t.issued_on) IS DISTINCT FROM
            (coalesce(w.owner_name, t.owner_name), coalesce(w.issued_on, t.issued_on))
      RETURNING w.row_number
    )
    INSERT INTO pg_temp.changed_row SELECT row_number FROM changed
    """,
    """
    WITH wanted AS (
      SELECT DISTINCT ON (title_id, place_id, share_kind)
             abs(title_id) AS title_id, place_id, share_kind, area_m2, rights_cell, row_number
      FROM pg_temp.new_title ORDER BY title_id, place_id, share_kind, row_number
    ),
    linked AS (
      INSERT INTO place.title_place AS l (title_id, place_id, share_kind, area_m2, rights_cell)
      SELECT title_id, place_id, share_kind, area_m2, rights_cell FROM wanted
      ON CONFLICT (title_id, place_id, share_kind) DO UPDATE SET area_m2 = excluded.area_m2
        WHERE excluded.area_m2 IS NOT NULL AND l.area_m2 IS DISTINCT FROM excluded.area_m2
      RETURNING l.place_id
    )
    INSERT INTO pg_temp.changed_row
    SELECT w.row_number FROM linked JOIN wanted AS w USING (place_id)
    """,
)
