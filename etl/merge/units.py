"""The bodies that a sheet names: found by code and by every name they bear, or added."""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract
from etl.folding import FOLDED
from gis.db import run_script

SEPARATORS: Final = "[、,，;；/\\n]"


ENDS_AS_A_BODY: Final = (
    "(length(trim({0})) > 2 AND EXISTS (SELECT FROM pg_temp.spelling AS e"
    " WHERE e.rank = 1 AND right(e.spelling, 1) = right(trim({0}), 1)))"
)


SPELLINGS: Final = f"""
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
  SELECT v.name, v.organization_id, 2, o.admin_area_code
  FROM organization.organization_version AS v JOIN organization.organization AS o
    USING (organization_id)
  UNION ALL
  SELECT short_name, organization_id, 3, admin_area_code FROM organization.organization
  WHERE short_name IS NOT NULL
) AS known
GROUP BY 1, 2;
CREATE INDEX ON pg_temp.spelling (spelling);
ANALYZE pg_temp.spelling;
"""


BODY_OF_NAME: Final = """
SELECT spelling, min(organization_id) AS organization_id, min(rank) AS rank
FROM (SELECT k.*, bool_or(rank <= 2) OVER (PARTITION BY spelling) AS is_any_full
      FROM pg_temp.spelling AS k) AS known
WHERE rank <= 2 OR NOT is_any_full
GROUP BY spelling HAVING count(DISTINCT organization_id) = 1"""
"""SQL of the names of one body alone; a short form counts where no body has it as a name.

No district decides for an owner: it has places in others than its own.
"""


def resolve_units(conn: Connection, contract: ColumnContract, *, may_create: bool) -> None:
    """Find the bodies that `stage_unit` names, and the steward of each thing (`stage_steward`).

    Credit code first, then the name in force, former names and aliases, short forms; among several
    bodies of one name the one in the row's district. A cell with several names is split when its
    parts are known. A body nobody knows is numbered where the sheet may add it (`new_body`); it
    enters the directory when a row that names it enters the register, by `add_bodies`.
    """
    division = "s.division_code" if "division_code" in contract.fields else "NULL::text"
    run_script(
        conn,
        f"""
        {SPELLINGS}
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
    _resolve_wanted(conn, f"({_NAMES_SEVERAL})")
    _split_several(conn)
    run_script(conn, _NEW_BODIES)
    if may_create:
        run_script(conn, _NUMBER_UNKNOWN)
    _take_found(conn, division)


def _take_found(conn: Connection, division: str) -> None:
    """Write down the bodies found, what is to be said of the others, and the stewards."""
    run_script(
        conn,
        f"""
        UPDATE pg_temp.stage_unit AS u SET organization_id = w.organization_id
        FROM pg_temp.wanted AS w, pg_temp.stage AS s
        WHERE s.row_number = u.row_number
          AND coalesce(w.unit_name, '') = coalesce(u.unit_name, '')
          AND coalesce(w.credit_code, '') = coalesce(u.credit_code, '')
          AND coalesce(w.division, '') = coalesce({division}, '');
        INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
        SELECT u.unit_row, 'unit_name', 'unit.alias', o.name, u.unit_name
        FROM pg_temp.stage_unit AS u
        JOIN organization.organization AS o USING (organization_id)
        WHERE u.unit_name IS NOT NULL
          AND {FOLDED.format("o.name")} <> {FOLDED.format("u.unit_name")}
        UNION ALL
        -- Rows that wait are not asked about: their bodies are looked for when they are taken.
        SELECT u.unit_row, CASE WHEN u.unit_name IS NULL THEN 'credit_code' ELSE 'unit_name' END,
               CASE WHEN EXISTS (SELECT FROM pg_temp.spelling AS k
                                 WHERE k.spelling = {FOLDED.format("u.unit_name")})
                    THEN 'unit.ambiguous' ELSE 'unit.unknown' END,
               NULL, coalesce(u.unit_name, u.credit_code)
        FROM pg_temp.stage_unit AS u JOIN pg_temp.stage AS s USING (row_number)
        WHERE u.organization_id IS NULL;
        INSERT INTO pg_temp.note (row_number, column_field, rule, original)
        SELECT DISTINCT c.unit_row, 'credit_code', 'unit.code_of_several', c.credit_code
        FROM pg_temp.code_of_several AS c
        WHERE NOT EXISTS (SELECT FROM pg_temp.stage_unit AS u
                          JOIN organization.organization AS o USING (organization_id)
                          WHERE u.unit_row = c.unit_row AND o.credit_code = c.credit_code);
        CREATE TEMP TABLE stage_steward ON COMMIT DROP AS
        SELECT DISTINCT ON (row_number) row_number, organization_id
        FROM pg_temp.stage_unit WHERE organization_id IS NOT NULL
        ORDER BY row_number, unit_row;
        DROP TABLE pg_temp.wanted;
        """,
    )


_NAMES_SEVERAL: Final = f"""
SELECT count(*) > 1 FROM regexp_split_to_table(w.unit_name, '{SEPARATORS}') AS piece
WHERE EXISTS (SELECT FROM pg_temp.spelling AS k WHERE k.spelling = {FOLDED.format("piece")})
"""


def _resolve_wanted(conn: Connection, but: str = "false") -> None:
    """By code, then by name; `but` says whose code is not asked: it is of one of several bodies."""
    run_script(
        conn,
        f"""
        UPDATE pg_temp.wanted AS w SET organization_id = o.organization_id
        FROM (SELECT credit_code, min(organization_id) AS organization_id
              FROM organization.organization WHERE credit_code IS NOT NULL
              GROUP BY credit_code HAVING count(*) = 1) AS o
        WHERE o.credit_code = w.credit_code AND w.organization_id IS NULL
          AND {but} IS NOT TRUE;
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
    """Cells that name several bodies become a row for each.

    One of them must be known, and the others end as known bodies do (局, 委, 中心): a name that
    only contains such a mark stays whole.
    """
    run_script(
        conn,
        f"""
        CREATE TEMP TABLE piece ON COMMIT DROP AS
        SELECT w.unit_name, w.credit_code, w.division, piece AS part,
               w.unit_row, count(k.organization_id) OVER (PARTITION BY w.ctid) AS known,
               count(*) FILTER (WHERE k.organization_id IS NOT NULL
                                OR {ENDS_AS_A_BODY.format("piece")})
                 OVER (PARTITION BY w.ctid) AS likely,
               count(*) OVER (PARTITION BY w.ctid) AS parts
        FROM pg_temp.wanted AS w
        CROSS JOIN LATERAL regexp_split_to_table(w.unit_name, '{SEPARATORS}') AS piece
        LEFT JOIN LATERAL (
          SELECT k.organization_id FROM pg_temp.spelling AS k
          WHERE k.spelling = {FOLDED.format("piece")} LIMIT 1
        ) AS k ON true
        WHERE w.organization_id IS NULL AND w.unit_name ~ '{SEPARATORS}' AND trim(piece) <> '';
        DELETE FROM pg_temp.piece WHERE known = 0 OR likely < parts OR parts < 2;
        INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
        SELECT DISTINCT u.unit_row, 'unit_name', 'unit.several', NULL, u.unit_name
        FROM pg_temp.stage_unit AS u WHERE u.unit_name IN (SELECT unit_name FROM pg_temp.piece);
        DROP TABLE IF EXISTS pg_temp.code_of_several;
        CREATE TEMP TABLE code_of_several ON COMMIT DROP AS
        SELECT unit_row, credit_code FROM pg_temp.stage_unit
        WHERE credit_code IS NOT NULL AND unit_name IN (SELECT unit_name FROM pg_temp.piece);
        INSERT INTO pg_temp.stage_unit (row_number, unit_row, unit_name, category)
        SELECT DISTINCT u.row_number, u.unit_row, trim(piece.part), u.category
        FROM pg_temp.stage_unit AS u JOIN pg_temp.piece AS piece USING (unit_name);
        DELETE FROM pg_temp.stage_unit WHERE unit_name IN (SELECT unit_name FROM pg_temp.piece);
        INSERT INTO pg_temp.wanted
        SELECT trim(part), NULL::text, division, {FOLDED.format("trim(part)")}, NULL::text,
               min(unit_row), NULL::bigint, 0
        FROM pg_temp.piece GROUP BY 1, 3;
        DELETE FROM pg_temp.wanted WHERE unit_name IN (SELECT unit_name FROM pg_temp.piece);
        DROP TABLE pg_temp.piece;
        """,
    )
    _resolve_wanted(conn)


_NEW_BODIES: Final = """
DROP TABLE IF EXISTS pg_temp.new_body;
CREATE TEMP TABLE new_body (organization_id bigint PRIMARY KEY, spelling text, name text,
  category text, area text, credit_code text) ON COMMIT DROP
"""


_NUMBER_UNKNOWN: Final = """
INSERT INTO pg_temp.new_body
SELECT nextval(pg_get_serial_sequence('organization.organization', 'organization_id')),
       spelling, trim(unit_name), category, area, credit_code
FROM (
  SELECT DISTINCT ON (spelling, area) spelling, unit_name, category, area, credit_code
  FROM (
    SELECT w.*, (SELECT a.code FROM place.admin_area AS a
                 WHERE a.code IN (w.division, left(w.division, 6))
                 ORDER BY length(a.code) DESC LIMIT 1) AS area
    FROM pg_temp.wanted AS w
    WHERE w.organization_id IS NULL AND w.unit_name IS NOT NULL
      AND NOT EXISTS (SELECT FROM pg_temp.spelling AS k WHERE k.spelling = w.spelling)
  ) AS w
  ORDER BY spelling, area, unit_row
) AS unknown;
UPDATE pg_temp.wanted AS w SET organization_id = b.organization_id
FROM pg_temp.new_body AS b
WHERE b.spelling = w.spelling AND w.organization_id IS NULL
  AND (b.area IS NULL OR b.area IN (w.division, left(w.division, 6)))
"""


def add_bodies(conn: Connection, load_id: int) -> None:
    """Add to the directory the bodies nobody knew that rows of the register name.

    After every row that waits is held: what only such rows name is looked for again when one of
    them is taken.
    """
    run_script(conn, _NAMED)
    conn.execute(text(_ADD_BODIES), {"load_id": load_id})
    run_script(conn, _KNOWN_BODIES)
    run_script(conn, _NOTE_ADDED)


_NAMED: Final = """
CREATE TEMP TABLE named_body ON COMMIT DROP AS
SELECT DISTINCT b.organization_id, u.unit_row, u.unit_name
FROM pg_temp.new_body AS b JOIN pg_temp.stage_unit AS u USING (organization_id)
JOIN pg_temp.stage AS s USING (row_number)
WHERE NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = u.row_number)
"""

_ADD_BODIES: Final = """
INSERT INTO organization.organization
  (organization_id, code, credit_code, name, category_code, type_code, admin_area_code, load_id)
SELECT organization_id, 'O' || organization_id, credit_code, name, category,
       (SELECT parent_term FROM place.term
        WHERE list = 'organization_category' AND term = category), area, :load_id
FROM pg_temp.new_body WHERE organization_id IN (SELECT organization_id FROM pg_temp.named_body)
ORDER BY organization_id
"""

# A code that a body lacks is filled in where the sheet states just one, no other body has it, and
# the account may change bodies that were there before (`etl.forbidden`).
_KNOWN_BODIES: Final = """
DROP TABLE IF EXISTS pg_temp.said_body;
CREATE TEMP TABLE said_body ON COMMIT DROP AS
SELECT u.unit_row, u.credit_code, u.category, o.organization_id, o.credit_code AS known_code,
       o.category_code
FROM pg_temp.stage_unit AS u JOIN pg_temp.stage AS s USING (row_number)
JOIN organization.organization AS o USING (organization_id)
WHERE u.unit_row > 0 AND s.is_secret IS NOT TRUE
  AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = u.row_number);
WITH stated AS (
  SELECT organization_id, min(credit_code) AS credit_code, min(unit_row) AS row_number
  FROM pg_temp.said_body WHERE known_code IS NULL AND credit_code ~ '^[0-9A-Z]{18}$'
    AND rights.may_write_all()
  GROUP BY organization_id HAVING count(DISTINCT credit_code) = 1
),
filled AS (
  UPDATE organization.organization AS o SET credit_code = w.credit_code
  FROM stated AS w
  WHERE o.organization_id = w.organization_id
    AND NOT EXISTS (SELECT FROM organization.organization AS other
                    WHERE other.credit_code = w.credit_code)
    AND NOT EXISTS (SELECT FROM stated AS twin WHERE twin.credit_code = w.credit_code
                    AND twin.organization_id <> w.organization_id)
  RETURNING o.organization_id, o.credit_code, w.row_number
),
marked AS (
  INSERT INTO pg_temp.changed_row SELECT row_number FROM filled
)
UPDATE pg_temp.said_body AS b SET known_code = filled.credit_code
FROM filled WHERE filled.organization_id = b.organization_id;
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT unit_row, 'credit_code', 'unit.other_code', known_code, credit_code
FROM pg_temp.said_body WHERE credit_code IS DISTINCT FROM known_code AND credit_code IS NOT NULL
UNION
SELECT b.unit_row, 'unit_type', 'unit.other_type', known.title_zh, said.title_zh
FROM pg_temp.said_body AS b
LEFT JOIN place.term AS known
  ON known.list = 'organization_category' AND known.term = b.category_code
JOIN place.term AS said ON said.list = 'organization_category' AND said.term = b.category
WHERE b.category IS DISTINCT FROM b.category_code;
"""

_NOTE_ADDED: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT unit_row, 'unit_name', 'unit.created', NULL, unit_name
FROM pg_temp.named_body WHERE unit_row > 0;
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT DISTINCT u.unit_row, 'unit_name', 'unit.not_yet_created', NULL, u.unit_name
FROM pg_temp.new_body AS b JOIN pg_temp.stage_unit AS u USING (organization_id)
JOIN pg_temp.stage AS s USING (row_number)
WHERE u.unit_row > 0
  AND b.organization_id NOT IN (SELECT organization_id FROM pg_temp.named_body);
DROP TABLE pg_temp.named_body
"""
