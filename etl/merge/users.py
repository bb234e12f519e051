"""Whom a list that states no occupancy names all the same: who manages a place, and who uses it."""

from typing import Final

from sqlalchemy import Connection

from assets.domain import ColumnContract, PlaceRule
from etl.folding import FOLDED
from etl.merge.holdings import save_holding
from gis.db import run_script


def take_managers(conn: Connection, contract: ColumnContract) -> None:
    """Find who manages each thing (`stage_manager`): that body answers for it, not its user.

    Among several bodies of one name the one in the row's district counts.
    """
    run_script(conn, _NO_MANAGERS)
    if "manager_name" in contract.fields:
        division = "s.division_code" if "division_code" in contract.fields else "NULL::text"
        run_script(conn, _FIND_MANAGERS.format(division=division))


_NO_MANAGERS: Final = """
DROP TABLE IF EXISTS pg_temp.stage_manager;
CREATE TEMP TABLE stage_manager (row_number integer, organization_id bigint) ON COMMIT DROP
"""

_FIND_MANAGERS: Final = f"""
INSERT INTO pg_temp.stage_manager
SELECT row_number, min(organization_id) FROM (
  SELECT s.row_number, k.organization_id,
         rank() OVER (PARTITION BY s.row_number ORDER BY
                      (k.admin_area_code IS NOT DISTINCT FROM {{division}}) DESC, k.rank) AS place
  FROM pg_temp.stage AS s
  JOIN pg_temp.spelling AS k ON k.spelling = {FOLDED.format("s.manager_name")}
) AS found
WHERE place = 1 GROUP BY row_number HAVING count(*) = 1;
DELETE FROM pg_temp.stage_steward WHERE row_number IN
  (SELECT row_number FROM pg_temp.stage_manager);
INSERT INTO pg_temp.stage_steward SELECT row_number, organization_id FROM pg_temp.stage_manager;
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT s.row_number, 'manager_name',
       CASE WHEN EXISTS (SELECT FROM pg_temp.spelling AS k
                         WHERE k.spelling = {FOLDED.format("s.manager_name")})
            THEN 'unit.ambiguous' ELSE 'unit.unknown' END, s.manager_name
FROM pg_temp.stage AS s
WHERE s.manager_name IS NOT NULL
  AND s.row_number NOT IN (SELECT row_number FROM pg_temp.stage_manager)
"""


def save_users(conn: Connection, contract: ColumnContract, rule: PlaceRule, load_id: int) -> None:
    """Who manages a place, and who uses a part of it beside the body that answers for it.

    A body that answers for a place, or occupies it by another source, uses it as is known already:
    only another one is a holding of this source. Which part it has, such a list does not say.
    """
    if "manager_name" in contract.fields:
        run_script(conn, _MANAGERS)
        save_holding(conn, rule, "manages", "whole", load_id, field="manager_name")
    if rule.keeps_users and "unit_name" in contract.fields:
        run_script(conn, _USERS.format(source=rule.holding_source))
        save_holding(conn, rule, "occupies", "part", load_id)


_MANAGERS: Final = """
DROP TABLE IF EXISTS pg_temp.wanted_party;
CREATE TEMP TABLE wanted_party ON COMMIT DROP AS
SELECT t.row_number, t.place_id, m.organization_id AS holder_id, NULL::numeric AS area_m2
FROM pg_temp.target AS t JOIN pg_temp.stage_manager AS m USING (row_number)
WHERE t.security_class < 3
"""

_USERS: Final = """
DROP TABLE IF EXISTS pg_temp.wanted_party;
CREATE TEMP TABLE wanted_party ON COMMIT DROP AS
WITH named AS (
  SELECT DISTINCT t.row_number, t.place_id, u.organization_id AS holder_id,
         u.organization_id IS NOT DISTINCT FROM t.steward_id OR EXISTS (
           SELECT FROM estate.holding AS h JOIN estate.holding_party AS p USING (holding_id)
           WHERE h.place_id = t.place_id AND h.kind = 'occupies' AND h.source <> '{source}'
             AND h.valid_to IS NULL AND p.holder_id = u.organization_id) AS is_known,
         s.own_place_code IS NOT NULL AS is_of_ours
  FROM pg_temp.target AS t JOIN pg_temp.stage_unit AS u USING (row_number)
  JOIN pg_temp.stage AS s USING (row_number)
  WHERE u.organization_id IS NOT NULL AND t.security_class < 3
)
SELECT row_number, place_id, holder_id, NULL::numeric AS area_m2 FROM named
WHERE place_id IN (SELECT place_id FROM named WHERE NOT is_known)
   -- What our own export prints says nothing new.
   OR NOT is_of_ours AND place_id IN (
     SELECT h.place_id FROM estate.holding AS h
     WHERE h.kind = 'occupies' AND h.source = '{source}' AND h.valid_to IS NULL)
"""
