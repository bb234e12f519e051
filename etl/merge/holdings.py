"""What a sheet says of who has a place, and on what title."""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.folding import FOLDED
from gis.db import run_script


def save_holdings(
    conn: Connection, contract: ColumnContract, rule: PlaceRule, load_id: int
) -> None:
    """Holdings of the sheet's source: who occupies, and who owns where the sheet says.

    A census names who sits in a property without saying in which rooms: a holding of a part. One
    open holding a place, kind and source. When the parties are others, a file that states a later
    day ends the old holding on that day and begins a new one; a file of the same day, or of none,
    corrects it in place.
    """
    if rule.occupancy_extent:
        run_script(
            conn,
            "DROP TABLE IF EXISTS pg_temp.wanted_party;"
            "CREATE TEMP TABLE wanted_party ON COMMIT DROP AS"
            " SELECT DISTINCT t.row_number, t.place_id, u.organization_id AS holder_id"
            " FROM pg_temp.target AS t JOIN pg_temp.stage_unit AS u USING (row_number)"
            " WHERE u.organization_id IS NOT NULL",
        )
        _save(conn, rule, "occupies", rule.occupancy_extent, load_id)
    if "owner_name" in contract.fields:
        run_script(
            conn,
            "DROP TABLE IF EXISTS pg_temp.wanted_party;"
            "CREATE TEMP TABLE wanted_party ON COMMIT DROP AS"
            " SELECT t.row_number, t.place_id, min(k.organization_id) AS holder_id"
            " FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)"
            f" JOIN pg_temp.spelling AS k ON k.spelling = {FOLDED.format('s.owner_name')}"
            " AND k.rank <= 2"
            " GROUP BY 1, 2 HAVING count(DISTINCT k.organization_id) = 1",
        )
        _save(conn, rule, "owns", "whole", load_id)


def _save(conn: Connection, rule: PlaceRule, kind: str, extent: str, load_id: int) -> None:
    values = {
        "kind": kind,
        "extent": extent,
        "source": rule.holding_source,
        "load_id": load_id,
    }
    for statement in _STATEMENTS:
        conn.execute(text(statement), values)


_STATEMENTS: Final = (
    "DROP TABLE IF EXISTS pg_temp.holding_now, pg_temp.holding_differs",
    """
    CREATE TEMP TABLE holding_now ON COMMIT DROP AS
    SELECT w.place_id, min(w.row_number) AS row_number, old.holding_id,
           array_agg(DISTINCT w.holder_id ORDER BY w.holder_id) AS holders,
           old.stated_on < l.stated_on AS is_later, l.stated_on, NULL::date AS begins_on
    FROM pg_temp.wanted_party AS w
    CROSS JOIN pg_temp.this_load AS l
    LEFT JOIN LATERAL (
      SELECT h.holding_id, h.stated_on FROM estate.holding AS h
      WHERE h.place_id = w.place_id AND h.kind = :kind AND h.source = :source
        AND h.valid_to IS NULL
      ORDER BY h.holding_id LIMIT 1
    ) AS old ON true
    GROUP BY w.place_id, old.holding_id, old.stated_on, l.stated_on
    """,
    """
    CREATE TEMP TABLE holding_differs ON COMMIT DROP AS
    SELECT n.place_id FROM pg_temp.holding_now AS n
    WHERE n.holding_id IS NULL OR n.holders <> (
      SELECT array_agg(p.holder_id ORDER BY p.holder_id) FROM estate.holding_party AS p
      WHERE p.holding_id = n.holding_id)
    """,
    """
    INSERT INTO pg_temp.changed_row
    SELECT n.row_number FROM pg_temp.holding_now AS n JOIN pg_temp.holding_differs USING (place_id)
    """,
    """
    UPDATE estate.holding AS h SET valid_to = n.stated_on
    FROM pg_temp.holding_now AS n JOIN pg_temp.holding_differs USING (place_id)
    WHERE h.holding_id = n.holding_id AND n.is_later
    """,
    """
    UPDATE pg_temp.holding_now AS n SET holding_id = NULL, begins_on = n.stated_on
    FROM pg_temp.holding_differs AS d WHERE d.place_id = n.place_id AND n.is_later
    """,
    """
    WITH added AS (
      INSERT INTO estate.holding
        (place_id, kind, extent, source, valid_from, stated_on, load_id, rights_cell)
      SELECT n.place_id, :kind, :extent, :source, n.begins_on, n.stated_on, :load_id, p.rights_cell
      FROM pg_temp.holding_now AS n JOIN place.place AS p USING (place_id)
      WHERE n.holding_id IS NULL
      RETURNING holding_id, place_id
    )
    UPDATE pg_temp.holding_now AS n SET holding_id = added.holding_id
    FROM added WHERE added.place_id = n.place_id
    """,
    """
    DELETE FROM estate.holding_party AS p USING pg_temp.holding_now AS n
    WHERE p.holding_id = n.holding_id AND p.holder_id <> ALL (n.holders)
    """,
    """
    INSERT INTO estate.holding_party (holding_id, holder_id, rights_cell)
    SELECT n.holding_id, holder_id, p.rights_cell
    FROM pg_temp.holding_now AS n JOIN place.place AS p USING (place_id)
    CROSS JOIN LATERAL unnest(n.holders) AS holder_id
    ON CONFLICT (holding_id, holder_id) DO NOTHING
    """,
)


def save_titles(conn: Connection, contract: ColumnContract) -> None:
    """Certificates: one row a number, linked to every place it covers.

    A cell that tells a state instead of a number (being issued, lost) is a title without one.
    """
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.new_title")
    area = "s.certificate_area" if "certificate_area" in contract.fields else "NULL::numeric"
    run_script(
        conn,
        f"""
        CREATE TEMP TABLE new_title ON COMMIT DROP AS
        SELECT t.row_number, t.place_id, v.kind, v.share_kind, v.number, v.state,
               CASE v.kind WHEN 'house' THEN {area} END AS area_m2, s.owner_name,
               s.certificate_on AS issued_on, p.rights_cell, NULL::bigint AS title_id
        FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)
        JOIN place.place AS p USING (place_id)
        CROSS JOIN LATERAL (VALUES ('house', 'own', s.certificate_no),
                                   ('land', 'land', s.land_certificate_no))
          AS written (kind, share_kind, cell)
        CROSS JOIN LATERAL (
          SELECT written.kind, written.share_kind,
                 CASE WHEN written.cell ~ '[0-9]' THEN written.cell END AS number,
                 CASE WHEN written.cell ~ '[0-9]' THEN 'registered'
                      WHEN written.cell ~ '无|没有' THEN 'none' ELSE 'pending' END AS state
        ) AS v
        WHERE written.cell IS NOT NULL;
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
    """
    INSERT INTO place.title (title_id, number, state, kind, owner_name, issued_on, rights_cell)
    SELECT DISTINCT ON (title_id) -title_id, number, state, kind, owner_name, issued_on, rights_cell
    FROM pg_temp.new_title WHERE title_id < 0 ORDER BY title_id, row_number
    """,
    """
    WITH wanted AS (
      SELECT DISTINCT ON (title_id) title_id, row_number, owner_name, issued_on
      FROM pg_temp.new_title WHERE title_id > 0 ORDER BY title_id, row_number
    ),
    changed AS (
      UPDATE place.title AS t
      SET owner_name = coalesce(w.owner_name, t.owner_name),
          issued_on = coalesce(w.issued_on, t.issued_on)
      FROM wanted AS w
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
