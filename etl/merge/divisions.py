"""Districts that were abolished: whoever states one means what took over.

With one successor the row is taken as stating that one, and told. With several, its spot decides,
or what it hangs in, or the district its known place has; a row that has none of these waits.
"""

from typing import Final

from sqlalchemy import Connection, text

from etl.issues import IssueList, Severity
from etl.prepare import Sheet
from gis.db import run_script
from gis.places.area_succession import HEIRS, Abolished, abolished_areas

TAKEN: Final = "area.abolished"
SEVERAL: Final = "area.abolished_several"
WAITS: Final = "area.which_successor"

_OLD: Final = f"""
DROP TABLE IF EXISTS pg_temp.old_division;
CREATE TEMP TABLE old_division ON COMMIT DROP AS
WITH written AS (
  SELECT DISTINCT division_code FROM pg_temp.stage WHERE division_code IS NOT NULL
),
stated AS (
  SELECT DISTINCT ON (w.division_code) w.division_code, a.code
  FROM written AS w JOIN place.admin_area AS a
    ON a.code = w.division_code OR a.code = left(w.division_code, 6)
  ORDER BY w.division_code, length(a.code) DESC
)
SELECT s.division_code, h.code, h.heirs FROM stated AS s JOIN ({HEIRS}) AS h USING (code)
"""
_NAMED: Final = "(SELECT a.name || ' ' || a.code FROM place.admin_area AS a WHERE a.code = {0})"
_NOTE: Final = f"""
INSERT INTO pg_temp.note (row_number, column_field, rule, original, suggestion, params)
SELECT s.row_number, '{{column}}', CASE WHEN cardinality(o.heirs) = 1 THEN '{TAKEN}'
       ELSE '{SEVERAL}' END, {{original}},
       CASE WHEN cardinality(o.heirs) = 1 THEN o.heirs[1] END,
       jsonb_build_object('former', {_NAMED.format("o.code")}, 'successors',
         (SELECT string_agg(a.name || ' ' || a.code, ', ' ORDER BY a.code)
          FROM place.admin_area AS a WHERE a.code = ANY (o.heirs)))
FROM pg_temp.stage AS s JOIN pg_temp.old_division AS o USING (division_code);
DROP TABLE IF EXISTS pg_temp.split_division;
CREATE TEMP TABLE split_division ON COMMIT DROP AS
SELECT s.row_number FROM pg_temp.stage AS s JOIN pg_temp.old_division AS o USING (division_code)
WHERE cardinality(o.heirs) > 1;
UPDATE pg_temp.stage AS s
SET division_code = CASE WHEN cardinality(o.heirs) = 1 THEN o.heirs[1] END
FROM pg_temp.old_division AS o WHERE o.division_code = s.division_code
"""
_HOLD: Final = f"""
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT d.row_number, '{WAITS}', 'question'
FROM pg_temp.split_division AS d JOIN pg_temp.stage AS s USING (row_number)
WHERE s.geom IS NULL AND s.is_secret IS NOT TRUE
  AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.row_number = d.row_number)
  AND NOT EXISTS (SELECT FROM pg_temp.parent AS p
                  WHERE p.row_number = d.row_number AND p.parent_id IS NOT NULL)
"""


def take_successors(conn: Connection, sheet: Sheet) -> None:
    """Let rows that state an abolished district state its only successor, or none of several."""
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.split_division")
    fields = sheet.contract.fields
    if "division_code" not in fields or not _is_any(conn):
        return
    run_script(conn, _OLD)
    of_code, of_name = (sheet.table.header(f"division_{one}") for one in ("code", "name"))
    column = "division_code" if of_code else "division_name"
    # A column of names and codes is read as either.
    is_name = of_name is not None and of_code in (None, of_name)
    original = "coalesce(s.division_name, s.division_code)" if is_name else "s.division_code"
    run_script(conn, _NOTE.format(column=column, original=original))


def hold_undecided(conn: Connection) -> None:
    """Let new places wait that state a district of several successors and lie nowhere."""
    known = text("SELECT to_regclass('pg_temp.split_division') IS NOT NULL")
    if conn.execute(known).scalar_one():
        run_script(conn, _HOLD)


def take_successor_of_cover(conn: Connection, issues: IssueList) -> None:
    """The same of the area that a workbook's cover names (`pg_temp.this_load`)."""
    stated = conn.execute(text("SELECT stated_area FROM pg_temp.this_load")).scalar_one()
    for found in abolished_areas(conn, [stated]) if stated else ():
        is_one = len(found.heirs) == 1
        conn.execute(
            text("UPDATE pg_temp.this_load SET stated_area = :code"),
            {"code": found.heirs[0] if is_one else None},
        )
        issues.add(
            sheet=None, rows=[0], column=None, rule=TAKEN if is_one else SEVERAL,
            severity=Severity.WARN, original=stated,
            suggestion=found.heirs[0] if is_one else None, params=_params(found),
        )  # fmt: skip


def _params(found: Abolished) -> dict[str, str]:
    pairs = zip(found.names, found.heirs, strict=True)
    return {
        "former": f"{found.name} {found.code}",
        "successors": ", ".join(f"{name} {code}" for name, code in pairs),
    }


def _is_any(conn: Connection) -> bool:
    found = conn.execute(text("SELECT EXISTS (SELECT FROM place.admin_area_succession)"))
    return bool(found.scalar_one())
