"""Organizations: resolving written names, the directory itself, successions and headcounts."""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract
from etl.merge.places import FOLDED
from gis.db import run_script

_SEPARATORS: Final = "[、,，;；/\\n]"

_SPELLINGS: Final = f"""
DROP TABLE IF EXISTS pg_temp.spelling;
CREATE TEMP TABLE spelling ON COMMIT DROP AS
SELECT {FOLDED.format("written")} AS spelling, organization_id, min(rank) AS rank,
       min(admin_area_code) AS admin_area_code
FROM (
  SELECT name AS written, organization_id, 1 AS rank, admin_area_code
  FROM organization.organization
  UNION ALL
  SELECT n.name, n.organization_id, 2, o.admin_area_code
  FROM organization.organization_name AS n JOIN organization.organization AS o
    USING (organization_id)
  UNION ALL
  SELECT short_name, organization_id, 3, admin_area_code FROM organization.organization
  WHERE short_name IS NOT NULL
) AS known
GROUP BY 1, 2;
CREATE INDEX ON pg_temp.spelling (spelling);
ANALYZE pg_temp.spelling;
"""


def resolve_units(
    conn: Connection, contract: ColumnContract, load_id: int, *, may_create: bool
) -> None:
    """Find the bodies that `stage_unit` names, and the steward of each thing (`stage_steward`).

    Credit code first, then the name in force, former names and aliases, short forms; among several
    bodies of one name the one in the row's district. A cell with several names is split when its
    parts are known. A body nobody knows is added to the directory where the sheet may do so.
    """
    division = "s.division_code" if "division_code" in contract.fields else "NULL::text"
    run_script(
        conn,
        f"""
        {_SPELLINGS}
        DROP TABLE IF EXISTS pg_temp.stage_steward;
        DELETE FROM pg_temp.stage_unit WHERE unit_name IS NULL AND credit_code IS NULL;
        CREATE TEMP TABLE wanted ON COMMIT DROP AS
        SELECT u.unit_name, u.credit_code, {division} AS division,
               {FOLDED.format("u.unit_name")} AS spelling, min(u.category) AS category,
               min(u.unit_row) AS unit_row, NULL::bigint AS organization_id, 0 AS rank
        FROM pg_temp.stage_unit AS u
        JOIN pg_temp.stage AS s ON s.row_number = u.row_number
        GROUP BY 1, 2, 3, 4;
        """,
    )
    _resolve_wanted(conn)
    _split_several(conn)
    if may_create:
        _create_unknown(conn, load_id)
    run_script(
        conn,
        f"""
        UPDATE pg_temp.stage_unit AS u SET organization_id = w.organization_id
        FROM pg_temp.wanted AS w, pg_temp.stage AS s
        WHERE s.row_number = u.row_number
          AND (w.unit_name, w.credit_code, w.division)
              IS NOT DISTINCT FROM (u.unit_name, u.credit_code, {division});
        INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
        SELECT u.unit_row, 'unit_name', 'unit.alias', o.name, u.unit_name
        FROM pg_temp.stage_unit AS u
        JOIN organization.organization AS o USING (organization_id)
        WHERE u.unit_name IS NOT NULL
          AND {FOLDED.format("o.name")} <> {FOLDED.format("u.unit_name")}
        UNION ALL
        SELECT u.unit_row, 'unit_name', 'unit.ambiguous', NULL, u.unit_name
        FROM pg_temp.stage_unit AS u WHERE u.organization_id IS NULL;
        CREATE TEMP TABLE stage_steward ON COMMIT DROP AS
        SELECT DISTINCT ON (row_number) row_number, organization_id
        FROM pg_temp.stage_unit WHERE organization_id IS NOT NULL
        ORDER BY row_number, unit_row;
        DROP TABLE pg_temp.wanted;
        """,
    )


def _resolve_wanted(conn: Connection) -> None:
    run_script(
        conn,
        """
        UPDATE pg_temp.wanted AS w SET organization_id = o.organization_id
        FROM (SELECT credit_code, min(organization_id) AS organization_id
              FROM organization.organization WHERE credit_code IS NOT NULL
              GROUP BY credit_code HAVING count(*) = 1) AS o
        WHERE o.credit_code = w.credit_code;
        WITH found AS (
          SELECT w.ctid AS at, k.organization_id,
                 row_number() OVER candidates AS place,
                 lead(k.rank) OVER candidates AS next_rank, k.rank,
                 lead(k.admin_area_code IS NOT DISTINCT FROM w.division) OVER candidates
                   AS next_is_near,
                 k.admin_area_code IS NOT DISTINCT FROM w.division AS is_near
          FROM pg_temp.wanted AS w JOIN pg_temp.spelling AS k USING (spelling)
          WHERE w.organization_id IS NULL
          WINDOW candidates AS (
            PARTITION BY w.ctid
            ORDER BY (k.admin_area_code IS NOT DISTINCT FROM w.division) DESC, k.rank,
                     k.organization_id)
        )
        UPDATE pg_temp.wanted AS w SET organization_id = found.organization_id, rank = found.rank
        FROM found
        WHERE found.at = w.ctid AND found.place = 1
          AND (found.next_rank IS NULL OR found.next_rank > found.rank
               OR (found.is_near AND NOT found.next_is_near));
        """,
    )


def _split_several(conn: Connection) -> None:
    """Cells that name several known bodies become a row for each."""
    run_script(
        conn,
        f"""
        CREATE TEMP TABLE piece ON COMMIT DROP AS
        SELECT w.unit_name, w.credit_code, w.division, piece AS part,
               count(k.organization_id) OVER (PARTITION BY w.ctid) AS known,
               count(*) OVER (PARTITION BY w.ctid) AS parts
        FROM pg_temp.wanted AS w
        CROSS JOIN LATERAL regexp_split_to_table(w.unit_name, '{_SEPARATORS}') AS piece
        LEFT JOIN LATERAL (
          SELECT k.organization_id FROM pg_temp.spelling AS k
          WHERE k.spelling = {FOLDED.format("piece")} LIMIT 1
        ) AS k ON true
        WHERE w.organization_id IS NULL AND w.unit_name ~ '{_SEPARATORS}' AND trim(piece) <> '';
        DELETE FROM pg_temp.piece WHERE known < parts OR parts < 2;
        INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
        SELECT DISTINCT u.unit_row, 'unit_name', 'unit.several', NULL, u.unit_name
        FROM pg_temp.stage_unit AS u WHERE u.unit_name IN (SELECT unit_name FROM pg_temp.piece);
        INSERT INTO pg_temp.stage_unit (row_number, unit_row, unit_name, category)
        SELECT DISTINCT u.row_number, u.unit_row, trim(piece.part), u.category
        FROM pg_temp.stage_unit AS u JOIN pg_temp.piece AS piece USING (unit_name);
        DELETE FROM pg_temp.stage_unit WHERE unit_name IN (SELECT unit_name FROM pg_temp.piece);
        INSERT INTO pg_temp.wanted
        SELECT DISTINCT trim(part), NULL::text, division, {FOLDED.format("trim(part)")}, NULL::text,
               0, NULL::bigint, 0
        FROM pg_temp.piece;
        DELETE FROM pg_temp.wanted WHERE unit_name IN (SELECT unit_name FROM pg_temp.piece);
        DROP TABLE pg_temp.piece;
        """,
    )
    _resolve_wanted(conn)


def _create_unknown(conn: Connection, load_id: int) -> None:
    """Add to the directory the bodies that a census names and nobody knows."""
    conn.execute(
        text(
            f"""
            WITH unknown AS (
              SELECT DISTINCT ON (spelling, area) spelling, unit_name, category, area, credit_code
              FROM (
                SELECT w.*, (SELECT a.code FROM place.admin_area AS a
                             WHERE a.code IN (w.division, left(w.division, 6))
                             ORDER BY length(a.code) DESC LIMIT 1) AS area
                FROM pg_temp.wanted AS w
                WHERE w.organization_id IS NULL AND w.unit_name IS NOT NULL
                  AND NOT EXISTS (SELECT FROM pg_temp.spelling AS k
                                  WHERE k.spelling = w.spelling)
              ) AS w
              ORDER BY spelling, area, unit_row
            ),
            numbered AS (
              SELECT unknown.*, nextval(pg_get_serial_sequence(
                       'organization.organization', 'organization_id')) AS organization_id
              FROM unknown
            ),
            added AS (
              INSERT INTO organization.organization
                (organization_id, code, credit_code, name, category_code, type_code,
                 admin_area_code, load_id)
              SELECT organization_id, 'O' || organization_id, credit_code, trim(unit_name),
                     category, (SELECT parent_term FROM place.term
                                WHERE list = 'organization_category' AND term = category),
                     area, :load_id
              FROM numbered
              RETURNING organization_id, name, admin_area_code
            )
            UPDATE pg_temp.wanted AS w SET organization_id = added.organization_id
            FROM added
            WHERE {FOLDED.format("added.name")} = w.spelling AND w.organization_id IS NULL
              AND (added.admin_area_code IS NULL
                   OR added.admin_area_code IN (w.division, left(w.division, 6)))
            """
        ),
        {"load_id": load_id},
    )
    run_script(
        conn,
        "INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)"
        " SELECT w.unit_row, 'unit_name', 'unit.created', NULL, w.unit_name"
        " FROM pg_temp.wanted AS w JOIN organization.organization AS o USING (organization_id)"
        " WHERE w.unit_row > 0 AND NOT EXISTS (SELECT FROM pg_temp.spelling AS k"
        "   WHERE k.organization_id = o.organization_id)",
    )


def merge_directory(conn: Connection, load_id: int, *, register: str | None) -> None:
    """The sheets of the directory of organizations: one row, one body.

    Args:
        conn: In the load's transaction.
        load_id: This load.
        register: A statutory register whose numbers the sheet carries; its rows may point at a
            body of another sheet, to which they then only add their number and headcounts.
    """
    values = {"load_id": load_id, "register": register}
    run_script(conn, _SPELLINGS)
    run_script(conn, _MATCH_BODIES)
    for statement in (_INSERT_BODIES, _UPDATE_BODIES, _FORMER_NAMES, _ENTRIES):
        conn.execute(text(statement), values)
    run_script(conn, _PARENTS)
    run_script(
        conn,
        "INSERT INTO pg_temp.stage_unit (row_number, unit_row, organization_id)"
        " SELECT row_number, row_number, organization_id FROM pg_temp.body",
    )


_MATCH_BODIES: Final = f"""
CREATE TEMP TABLE body ON COMMIT DROP AS
WITH by_number AS (
  SELECT s.row_number, r.organization_id FROM pg_temp.stage AS s
  JOIN organization.organization_register AS r ON r.number = s.code
),
by_code AS (
  SELECT s.row_number, min(o.organization_id) AS organization_id FROM pg_temp.stage AS s
  JOIN organization.organization AS o
    ON o.credit_code = coalesce(s.linked_credit_code, s.credit_code)
  GROUP BY s.row_number HAVING count(*) = 1
),
by_name AS (
  SELECT s.row_number, min(k.organization_id) AS organization_id FROM pg_temp.stage AS s
  JOIN pg_temp.spelling AS k
    ON k.spelling = {FOLDED.format("coalesce(s.linked_name, s.name)")} AND k.rank = 1
   AND (k.admin_area_code IS NULL OR s.division_code IS NULL
        OR k.admin_area_code IN (s.division_code, left(s.division_code, 6)))
  GROUP BY s.row_number HAVING count(*) = 1
)
SELECT s.row_number,
       coalesce(by_number.organization_id, by_code.organization_id, by_name.organization_id,
                nextval(pg_get_serial_sequence('organization.organization', 'organization_id')))
         AS organization_id,
       coalesce(by_number.organization_id, by_code.organization_id, by_name.organization_id)
         IS NULL AS is_new,
       (s.linked_credit_code IS NOT NULL OR s.linked_name IS NOT NULL)
         AND coalesce(by_code.organization_id, by_name.organization_id, by_number.organization_id)
             IS NOT NULL AS is_linked,
       (SELECT a.code FROM place.admin_area AS a
        WHERE a.code IN (s.division_code, left(s.division_code, 6))
        ORDER BY length(a.code) DESC LIMIT 1) AS area,
       (SELECT parent_term FROM place.term
        WHERE list = 'organization_category' AND term = s.unit_type) AS type_code
FROM pg_temp.stage AS s
LEFT JOIN by_number USING (row_number)
LEFT JOIN by_code USING (row_number)
LEFT JOIN by_name USING (row_number)
WHERE NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number);
"""

_INSERT_BODIES: Final = """
INSERT INTO organization.organization
  (organization_id, code, credit_code, name, short_name, type_code, category_code, level_code,
   admin_area_code, load_id)
SELECT b.organization_id, 'O' || b.organization_id, s.credit_code, s.name, s.short_name,
       coalesce(CASE WHEN CAST(:register AS text) IS NOT NULL THEN 'public_body' END, b.type_code),
       s.unit_type, s.admin_level, b.area, :load_id
FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
WHERE b.is_new
"""

_UPDATE_BODIES: Final = """
WITH wanted AS (
  SELECT b.row_number, o.organization_id, coalesce(s.credit_code, o.credit_code) AS credit_code,
         s.name, coalesce(s.short_name, o.short_name) AS short_name,
         CASE WHEN CAST(:register AS text) IS NULL THEN coalesce(b.type_code, o.type_code)
              ELSE o.type_code END AS type_code,
         coalesce(s.unit_type, o.category_code) AS category_code,
         coalesce(s.admin_level, o.level_code) AS level_code,
         coalesce(b.area, o.admin_area_code) AS area
  FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
  JOIN organization.organization AS o USING (organization_id)
  WHERE NOT b.is_new AND NOT b.is_linked
),
changed AS (
  UPDATE organization.organization AS o
  SET credit_code = w.credit_code, name = w.name, short_name = w.short_name,
      type_code = w.type_code, category_code = w.category_code, level_code = w.level_code,
      admin_area_code = w.area, load_id = :load_id
  FROM wanted AS w
  WHERE o.organization_id = w.organization_id
    AND (o.credit_code, o.name, o.short_name, o.type_code, o.category_code, o.level_code,
         o.admin_area_code) IS DISTINCT FROM
        (w.credit_code, w.name, w.short_name, w.type_code, w.category_code, w.level_code, w.area)
  RETURNING w.row_number
)
INSERT INTO pg_temp.changed_row SELECT row_number FROM changed
"""

_FORMER_NAMES: Final = f"""
WITH added AS (
  INSERT INTO organization.organization_name (organization_id, name, kind)
  SELECT DISTINCT b.organization_id, trim(former), 'official'
  FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
  CROSS JOIN LATERAL regexp_split_to_table(s.former_names, '{_SEPARATORS}') AS former
  WHERE trim(former) <> '' AND NOT b.is_linked
  ON CONFLICT (organization_id, name, kind) DO NOTHING
  RETURNING organization_id
)
INSERT INTO pg_temp.changed_row
SELECT b.row_number FROM added JOIN pg_temp.body AS b USING (organization_id) WHERE NOT b.is_new
"""

_ENTRIES: Final = """
WITH added AS (
  INSERT INTO organization.organization_register (organization_id, register, number)
  SELECT b.organization_id, :register, s.code
  FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
  WHERE CAST(:register AS text) IS NOT NULL AND s.code IS NOT NULL
    AND NOT EXISTS (SELECT FROM organization.organization_register AS r
                    WHERE r.register = :register AND r.organization_id = b.organization_id
                      AND r.number = s.code)
  ON CONFLICT DO NOTHING
  RETURNING organization_id
)
INSERT INTO pg_temp.changed_row
SELECT b.row_number FROM added JOIN pg_temp.body AS b USING (organization_id) WHERE NOT b.is_new
"""

_PARENTS: Final = f"""
{_SPELLINGS}
WITH named AS (
  SELECT DISTINCT ON (b.row_number) b.row_number, b.organization_id,
         k.organization_id AS parent_id
  FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
  JOIN pg_temp.spelling AS k ON k.spelling = {FOLDED.format("s.parent_name")}
   AND k.organization_id <> b.organization_id
  WHERE NOT b.is_linked
  ORDER BY b.row_number, (k.admin_area_code IS NOT DISTINCT FROM b.area) DESC, k.rank,
           k.organization_id
),
changed AS (
  UPDATE organization.organization AS o SET parent_id = named.parent_id
  FROM named
  WHERE o.organization_id = named.organization_id
    AND o.parent_id IS DISTINCT FROM named.parent_id
  RETURNING named.row_number
)
INSERT INTO pg_temp.changed_row
SELECT changed.row_number FROM changed JOIN pg_temp.body AS b USING (row_number)
WHERE NOT b.is_new;
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT s.row_number, 'parent_name', 'parent.not_found', NULL, s.parent_name
FROM pg_temp.stage AS s JOIN pg_temp.body AS b USING (row_number)
WHERE s.parent_name IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_temp.spelling AS k
                  WHERE k.spelling = {FOLDED.format("s.parent_name")});
"""


def save_headcounts(conn: Connection, *, source: str) -> None:
    """Headcounts of the bodies in `stage_unit`, as of the stated day or today.

    A body's figure counts once a load, however many properties repeat it. A nought for a rank the
    body never had is no figure.
    """
    conn.execute(
        text(
            """
            CREATE TEMP TABLE IF NOT EXISTS headcount_seen (
              organization_id bigint, kind text, rank_code text,
              UNIQUE NULLS NOT DISTINCT (organization_id, kind, rank_code)) ON COMMIT DROP
            """
        )
    )
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.new_headcount")
    conn.execute(
        text(
            """
            CREATE TEMP TABLE new_headcount ON COMMIT DROP AS
            SELECT DISTINCT ON (u.organization_id, h.kind, h.rank_code)
                   u.organization_id, h.kind, h.rank_code, h.people, u.row_number,
                   o.admin_area_code, old.headcount_id, old.people AS old_people, old.counted_on,
                   coalesce(l.stated_on, CURRENT_DATE) AS today, NULL::integer AS rights_cell
            FROM pg_temp.stage_headcount AS h
            JOIN pg_temp.stage_unit AS u USING (unit_row)
            JOIN organization.organization AS o USING (organization_id)
            CROSS JOIN pg_temp.this_load AS l
            LEFT JOIN LATERAL (
              SELECT c.headcount_id, c.people, c.counted_on FROM organization.headcount AS c
              WHERE c.organization_id = u.organization_id AND c.kind = h.kind
                AND c.rank_code IS NOT DISTINCT FROM h.rank_code AND c.source = :source
              ORDER BY c.counted_on DESC LIMIT 1
            ) AS old ON true
            WHERE NOT EXISTS (SELECT FROM pg_temp.headcount_seen AS seen
              WHERE (seen.organization_id, seen.kind, seen.rank_code)
                    IS NOT DISTINCT FROM (u.organization_id, h.kind, h.rank_code))
            ORDER BY u.organization_id, h.kind, h.rank_code, u.unit_row
            """
        ),
        {"source": source},
    )
    run_script(conn, _SAVE_HEADCOUNTS.replace(":source", f"'{source}'"))


_SAVE_HEADCOUNTS: Final = """
INSERT INTO pg_temp.headcount_seen
SELECT organization_id, kind, rank_code FROM pg_temp.new_headcount;
DELETE FROM pg_temp.new_headcount
WHERE people = old_people OR (people = 0 AND headcount_id IS NULL);
UPDATE pg_temp.new_headcount AS n SET rights_cell = c.cell
FROM (SELECT array_agg(organization_id) AS bodies, array_agg(admin_area_code) AS areas,
             array_agg(0::smallint) AS classes
      FROM (SELECT DISTINCT organization_id, admin_area_code FROM pg_temp.new_headcount) AS d
     ) AS every, rights.cells_for(every.bodies, every.areas, every.classes) AS c
WHERE (c.organization_id, c.admin_area_code)
      IS NOT DISTINCT FROM (n.organization_id, n.admin_area_code);
WITH changed AS (
  UPDATE organization.headcount AS c SET people = n.people
  FROM pg_temp.new_headcount AS n
  WHERE c.headcount_id = n.headcount_id AND n.counted_on >= n.today
  RETURNING n.row_number
)
INSERT INTO pg_temp.changed_row SELECT row_number FROM changed;
WITH added AS (
  INSERT INTO organization.headcount
    (organization_id, kind, rank_code, people, counted_on, source, rights_cell)
  SELECT organization_id, kind, rank_code, people, today, :source, rights_cell
  FROM pg_temp.new_headcount WHERE headcount_id IS NULL OR counted_on < today
  ON CONFLICT DO NOTHING
  RETURNING organization_id, kind, rank_code
)
INSERT INTO pg_temp.changed_row
SELECT n.row_number FROM added JOIN pg_temp.new_headcount AS n
  ON (n.organization_id, n.kind, n.rank_code)
     IS NOT DISTINCT FROM (added.organization_id, added.kind, added.rank_code);
"""


def merge_successions(conn: Connection, load_id: int) -> None:
    """Which body took over from which; a mere change of name is a former name of one body."""
    values = {"load_id": load_id}
    run_script(conn, _SPELLINGS)
    run_script(conn, _MATCH_SUCCESSIONS)
    for statement in (_FORMER_BODIES, _SAVE_SUCCESSIONS, _RENAMED):
        conn.execute(text(statement), values)


_MATCH_SUCCESSIONS: Final = f"""
CREATE TEMP TABLE step ON COMMIT DROP AS
SELECT s.row_number, s.change_kind,
       coalesce(heir_code.organization_id, heir.organization_id) AS to_id,
       coalesce(old_code.organization_id, old.organization_id) AS from_id,
       coalesce(old_code.organization_id, old.organization_id) IS NULL AS is_new
FROM pg_temp.stage AS s
LEFT JOIN LATERAL (SELECT min(organization_id) AS organization_id
  FROM organization.organization AS o WHERE o.credit_code = s.successor_credit_code
  HAVING count(*) = 1) AS heir_code ON true
LEFT JOIN LATERAL (SELECT organization_id FROM pg_temp.spelling AS k
  WHERE k.spelling = {FOLDED.format("s.successor_name")} ORDER BY k.rank LIMIT 1) AS heir ON true
LEFT JOIN LATERAL (SELECT min(organization_id) AS organization_id
  FROM organization.organization AS o WHERE o.credit_code = s.former_credit_code
  HAVING count(*) = 1) AS old_code ON true
LEFT JOIN LATERAL (SELECT organization_id FROM pg_temp.spelling AS k
  WHERE k.spelling = {FOLDED.format("s.former_name")} AND k.rank = 1 LIMIT 1) AS old ON true;
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT row_number, 'parent.unknown', 'reject' FROM pg_temp.step WHERE to_id IS NULL;
DELETE FROM pg_temp.step WHERE to_id IS NULL;
"""

_FORMER_BODIES: Final = """
WITH bodies AS (
  SELECT DISTINCT ON (s.former_name) s.former_name, s.former_credit_code, s.changed_on,
         heir.type_code, heir.category_code, heir.level_code, heir.admin_area_code
  FROM pg_temp.step JOIN pg_temp.stage AS s USING (row_number)
  JOIN organization.organization AS heir ON heir.organization_id = step.to_id
  WHERE step.is_new AND step.change_kind IS DISTINCT FROM 'replaced'
  ORDER BY s.former_name, s.row_number
),
added AS (
  INSERT INTO organization.organization
    (code, credit_code, name, type_code, category_code, level_code, admin_area_code, valid_to,
     load_id)
  SELECT 'O' || nextval(pg_get_serial_sequence('organization.organization', 'organization_id')),
         former_credit_code, former_name, type_code, category_code, level_code, admin_area_code,
         changed_on, :load_id
  FROM bodies
  RETURNING organization_id, name
)
UPDATE pg_temp.step SET from_id = added.organization_id
FROM added, pg_temp.stage AS s
WHERE s.row_number = step.row_number AND s.former_name = added.name AND step.is_new
"""

_SAVE_SUCCESSIONS: Final = """
WITH added AS (
  INSERT INTO organization.succession
    (from_organization_id, to_organization_id, kind, share, happened_on)
  SELECT step.from_id, step.to_id, coalesce(step.change_kind, 'merged'),
         CASE WHEN s.share > 1 THEN s.share / 100 ELSE s.share END, s.changed_on
  FROM pg_temp.step JOIN pg_temp.stage AS s USING (row_number)
  WHERE step.from_id <> step.to_id AND s.changed_on IS NOT NULL
    AND step.change_kind IS DISTINCT FROM 'replaced'
  ON CONFLICT (from_organization_id, to_organization_id, happened_on) DO NOTHING
  RETURNING from_organization_id, to_organization_id
)
INSERT INTO pg_temp.changed_row
SELECT step.row_number FROM added JOIN pg_temp.step
  ON (step.from_id, step.to_id) = (added.from_organization_id, added.to_organization_id)
WHERE NOT step.is_new
"""

_RENAMED: Final = """
WITH wanted AS (
  SELECT step.row_number, step.to_id AS organization_id, s.former_name AS name, s.changed_on
  FROM pg_temp.step JOIN pg_temp.stage AS s USING (row_number)
  WHERE step.change_kind = 'replaced'
),
added AS (
  INSERT INTO organization.organization_name AS n (organization_id, name, kind, valid_to)
  SELECT DISTINCT ON (organization_id, name) organization_id, name, 'official', changed_on
  FROM wanted
  ON CONFLICT (organization_id, name, kind) DO UPDATE SET valid_to = excluded.valid_to
    WHERE n.valid_to IS DISTINCT FROM excluded.valid_to
  RETURNING n.organization_id, n.name
)
INSERT INTO pg_temp.changed_row
SELECT wanted.row_number FROM added JOIN wanted USING (organization_id, name)
"""
