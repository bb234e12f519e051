"""Rows that bear the certificate number of a known place, and what is told where nobody is asked.

A certificate is a strong clue and no identity: one may cover all the buildings of a compound. So a
row under a known number waits beside the places that bear it, whatever its address says, and only
where they are few; under a number of many places it goes in, and the number is listed.
"""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract
from etl.folding import FOLDED_TITLE
from etl.merge.pairs_sql import CERTIFICATES, number_of
from gis.db import run_script

MOST_OF_A_NUMBER: Final = 5
"""Places, or rows, under one number: more are the parts of one compound."""


def known_numbers(conn: Connection, table: str, field: str) -> str:
    """SQL of the titles, open or not, that bear one of the folded numbers in a temporary table.

    A few are looked up one by one in their index; many are met in one pass over all titles.
    """
    key = FOLDED_TITLE.format("k.number")
    few = text(f"SELECT count(*) <= {_FEW} FROM pg_temp.{table}")
    if conn.execute(few).scalar_one():
        numbers = f"SELECT DISTINCT {field} FROM pg_temp.{table}"
        return f"SELECT k.title_id FROM place.title AS k WHERE {key} = ANY (ARRAY({numbers}))"
    return (
        "SELECT k.title_id FROM place.title AS k"
        f" JOIN (SELECT DISTINCT {field} FROM pg_temp.{table}) AS said ON {key} = said.{field}"
    )


_FEW: Final = 1_000
"""An array is searched from its beginning for each title where no index is used."""


def find_same_titles(conn: Connection, contract: ColumnContract) -> None:
    """`same_title (row_number, place_id, places, rows)`: who bears the open number of a place.

    Only rows that nothing has settled, and only certificates and places the account sees. `places`
    and `rows` say how many bear that number.
    """
    run_script(conn, _NONE)
    kinds = [kind for kind, field in CERTIFICATES.items() if field in contract.fields]
    if kinds:
        said = ", ".join(f"('{kind}', {number_of(contract, kind)})" for kind in kinds)
        run_script(conn, _ROWS.format(said=said))
        known = known_numbers(conn, "row_title", "number")
        run_script(conn, _FIND.format(known=known, number=FOLDED_TITLE.format("t.number")))


def add_same_titles(conn: Connection) -> None:
    """Add to `pair` the rows of `mine` and the places of `theirs` under one number of few."""
    run_script(conn, _ADD)


def note_same_titles(conn: Connection) -> None:
    """List rows that go in under a number that other places bear already; after rows are held."""
    for field in CERTIFICATES.values():
        run_script(conn, _NOTE.replace(":field", field))


_NONE: Final = """
DROP TABLE IF EXISTS pg_temp.same_title;
CREATE TEMP TABLE same_title (row_number integer, place_id bigint, kind text, places integer,
  rows integer) ON COMMIT DROP
"""
_ROWS: Final = """
CREATE TEMP TABLE row_title ON COMMIT DROP AS
SELECT s.row_number, v.kind, v.number
FROM pg_temp.stage AS s CROSS JOIN LATERAL (VALUES {said}) AS v (kind, number)
WHERE v.number IS NOT NULL AND s.is_secret IS NOT TRUE
  AND NOT EXISTS (SELECT FROM pg_temp.decided AS d WHERE d.row_number = s.row_number)
  AND (NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.row_number = s.row_number)
       OR EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number));
ANALYZE pg_temp.row_title
"""
_FIND: Final = """
INSERT INTO pg_temp.same_title
SELECT row_number, place_id, kind, count(*) OVER (PARTITION BY row_number, kind),
       count(*) OVER (PARTITION BY place_id, kind, number)
FROM (
  SELECT DISTINCT r.row_number, r.kind, r.number, l.place_id
  FROM pg_temp.row_title AS r
  JOIN (SELECT t.title_id, t.kind, t.rights_cell, {number} AS number FROM place.title AS t
        WHERE t.valid_to IS NULL AND t.title_id IN ({known}) OFFSET 0) AS t USING (kind, number)
  JOIN place.title_place AS l USING (title_id)
  JOIN place.place AS p USING (place_id)
  WHERE p.valid_to IS NULL AND p.security_class < 3
    AND t.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells))
    AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells))
) AS found;
DROP TABLE pg_temp.row_title;
ANALYZE pg_temp.same_title
"""
_ADD: Final = f"""
INSERT INTO pg_temp.pair (row_number, place_id)
SELECT DISTINCT same.row_number, same.place_id
FROM pg_temp.same_title AS same JOIN pg_temp.mine AS m USING (row_number)
JOIN pg_temp.theirs AS t USING (place_id)
WHERE m.parent_id IS NULL AND t.parent_id IS NULL
  AND same.places <= {MOST_OF_A_NUMBER} AND same.rows <= {MOST_OF_A_NUMBER}
ON CONFLICT DO NOTHING
"""
# A part is under the certificate of the whole as a rule; that is nothing to be told of.
_NOTE: Final = f"""
INSERT INTO pg_temp.note (row_number, column_field, rule, original, params)
SELECT s.row_number, ':field', 'certificate.elsewhere', s.":field",
       jsonb_build_object('count', max(same.places), 'codes',
         string_agg(p.code, '、' ORDER BY p.code) FILTER (WHERE same.nth <= {MOST_OF_A_NUMBER}))
FROM (SELECT *, row_number() OVER (PARTITION BY row_number, kind ORDER BY place_id) AS nth
      FROM pg_temp.same_title) AS same
JOIN pg_temp.stage AS s USING (row_number) JOIN place.place AS p USING (place_id)
LEFT JOIN pg_temp.parent AS parent USING (row_number)
WHERE ':field' = CASE same.kind WHEN 'house' THEN 'certificate_no' ELSE 'land_certificate_no' END
  AND parent.parent_id IS NULL AND p.parent_id IS NULL
  AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number)
GROUP BY s.row_number, s.":field"
"""
