"""Who owns what is certified, as the directory knows the bodies that files name."""

from typing import Final

from sqlalchemy import Connection, text

from etl.folding import FOLDED
from etl.merge.units import BODY_OF_NAME, SPELLINGS
from gis.db import run_script


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
        JOIN ({BODY_OF_NAME}) AS k ON k.spelling = {FOLDED.format("s.owner_name")}
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


def settle_owners(conn: Connection) -> None:
    """Give the titles that this load stated their owner's body; after every sheet is merged.

    By the name in force, former names and aliases, else short forms, where only one body has it; a
    body that ended by the day the title was stated for passes it on to its successor, where it has
    one alone. Titles of others keep the name alone, and so do those whose certificate the account
    may not write. A directory that comes later changes no title: the load that brought it could
    not be taken back by itself any more. The same list loaded again does.
    """
    if conn.execute(text("SELECT to_regclass('pg_temp.stated_title') IS NULL")).scalar_one():
        return
    run_script(conn, _NAMED)
    if conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.named_owner)")).scalar_one():
        run_script(conn, SPELLINGS)
        run_script(conn, _SETTLE)


_NAMED: Final = f"""
DROP TABLE IF EXISTS pg_temp.named_owner;
CREATE TEMP TABLE named_owner ON COMMIT DROP AS
WITH named AS (
  SELECT t.title_id, t.owner_name, coalesce(t.stated_on, CURRENT_DATE) AS day
  FROM place.title AS t
  WHERE t.title_id IN (SELECT title_id FROM pg_temp.stated_title)
    AND t.owner_name IS NOT NULL AND t.owner_id IS NULL
    AND ((SELECT rights.may_write_all())
         OR t.rights_cell IN (SELECT cell FROM rights.my_write_cells))
)
-- A few bodies own many titles: each name is folded once.
SELECT named.title_id, folded.spelling, named.day
FROM named JOIN (SELECT owner_name, {FOLDED.format("owner_name")} AS spelling
                 FROM (SELECT DISTINCT owner_name FROM named) AS names) AS folded
  USING (owner_name);
ANALYZE pg_temp.named_owner
"""

# A chain of successions that comes back to itself ends after as many steps.
_SETTLE: Final = f"""
WITH RECURSIVE body AS ({BODY_OF_NAME}),
heir AS (
  SELECT from_organization_id AS organization_id, min(to_organization_id) AS heir_id,
         min(happened_on) AS happened_on
  FROM organization.succession
  GROUP BY from_organization_id HAVING count(DISTINCT to_organization_id) = 1
),
owner AS (
  SELECT n.title_id, n.day, body.organization_id, 0 AS step
  FROM pg_temp.named_owner AS n JOIN body USING (spelling)
  UNION ALL
  SELECT owner.title_id, owner.day, heir.heir_id, owner.step + 1
  FROM owner JOIN heir USING (organization_id)
  JOIN organization.organization AS o USING (organization_id)
  WHERE o.valid_to <= owner.day AND owner.step < 20
)
UPDATE place.title AS t SET owner_id = last.organization_id
FROM (SELECT DISTINCT ON (title_id) title_id, organization_id FROM owner
      ORDER BY title_id, step DESC) AS last
WHERE last.title_id = t.title_id
"""
