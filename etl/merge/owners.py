"""Owners that a list names and the directory does not have, or has several of: once a name."""

from typing import Final

from sqlalchemy import Connection, text

from etl.folding import FOLDED
from etl.issues import IssueList, Severity
from etl.merge.units import BODY_OF_NAME
from etl.prepare import Sheet


def note_unfound_owners(conn: Connection, sheet: Sheet, issues: IssueList) -> None:
    """List each owner that is no one body of the directory, at its first row, with how many.

    Of a census only names of several bodies: whom nobody knows is listed row by row there, for
    each row is a clerk's own statement (`etl.merge.title_owners`). The words stay on the title
    where the row has a certificate; nobody is entered as owning the place.
    """
    place = sheet.contract.place
    if place is None or "owner_name" not in sheet.cleaned.values:
        return
    found = conn.execute(text(_UNFOUND), {"fewest": 2 if place.is_census else 0}).all()
    issues.add(
        sheet=sheet.table.sheet,
        rows=[one.row_number for one in found],
        column=sheet.table.header("owner_name"),
        rule="owner.not_in_directory.rows",
        severity=Severity.WARN,
        original=[one.owner_name for one in found],
        params=[{"count": one.rows} for one in found],
    )


_UNFOUND: Final = f"""
WITH named AS (
  SELECT s.owner_name, min(s.row_number) AS row_number, count(*) AS rows
  FROM pg_temp.stage AS s JOIN pg_temp.target AS t USING (row_number)
  WHERE s.owner_name IS NOT NULL AND t.security_class < 3
  GROUP BY s.owner_name
),
known AS (
  SELECT n.*, CASE WHEN one.spelling IS NOT NULL THEN 1 ELSE (
           SELECT count(DISTINCT k.organization_id) FROM pg_temp.spelling AS k
           WHERE k.spelling = {FOLDED.format("n.owner_name")}) END AS bodies
  FROM named AS n
  LEFT JOIN ({BODY_OF_NAME}) AS one ON one.spelling = {FOLDED.format("n.owner_name")}
)
SELECT * FROM known
WHERE bodies <> 1 AND bodies >= :fewest AND EXISTS (SELECT FROM pg_temp.spelling)
  AND NOT EXISTS (SELECT FROM pg_temp.note AS n
                  WHERE n.original = known.owner_name AND n.rule = 'owner.alias')
ORDER BY row_number
"""
