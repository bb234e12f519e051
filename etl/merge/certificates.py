"""Rows that bear the certificate number of a known place, and what is told where nobody is asked.

A certificate is a strong clue and no identity: one may cover all the buildings of a compound. So a
row under a known number waits beside the places that bear it, whatever its address says, and only
where they are few; under a number of many places it goes in, and the number is listed. Rows and
places are counted number by number before any is set beside another: thousands of both may bear
what is written where there is no number.
"""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.folding import EACH_TITLE, FOLDED_TITLE
from etl.merge.pairs_sql import CERTIFICATES, KINDS, field_of
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


def find_same_titles(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Who bears the open number of a place, of rows that nothing has settled.

    `row_title (row_number, kind, number, is_top)` and `place_title (kind, number, place_id,
    is_top)` say so of either side, `title_number (kind, number, rows, places)` how many things of
    their own bear a number that both have; a part is under the certificate of the whole. Only
    certificates and places the account sees, of the kinds that a sheet's rows may mean.
    """
    run_script(conn, _NONE)
    kinds = [kind for kind, field in CERTIFICATES.items() if field in contract.fields]
    if not kinds or not conn.execute(text(_IS_ANY_KNOWN)).scalar_one():
        return
    said = ", ".join(f"('{kind}', {field_of(contract, CERTIFICATES[kind])})" for kind in kinds)
    each, folded = EACH_TITLE.format("v.cell"), FOLDED_TITLE.format("one.cell")
    run_script(conn, _ROWS.format(said=said, each=each, folded=folded))
    compared = KINDS if rule.kind in KINDS else (rule.kind,)
    run_script(
        conn,
        _PLACES.format(
            known=known_numbers(conn, "row_title", "number"),
            number=FOLDED_TITLE.format("t.number"),
            kinds=", ".join(f"'{kind}'" for kind in compared),
        ),
    )


def add_same_titles(conn: Connection) -> None:
    """Add to `pair` the rows of `mine` and the places of `theirs` under one number of few."""
    run_script(conn, _ADD)


def note_same_titles(conn: Connection) -> None:
    """List rows that go in under a number that other places bear already; after rows are held.

    A number of many rows is told once, at the first of them.
    """
    for kind, field in CERTIFICATES.items():
        run_script(conn, _NOTE.replace(":field", field).replace(":kind", kind))


_NONE: Final = """
DROP TABLE IF EXISTS pg_temp.row_title, pg_temp.place_title, pg_temp.title_number;
CREATE TEMP TABLE row_title (row_number integer, kind text, number text, is_top boolean)
  ON COMMIT DROP;
CREATE TEMP TABLE place_title (kind text, number text, place_id bigint, is_top boolean)
  ON COMMIT DROP;
CREATE TEMP TABLE title_number (kind text, number text, rows integer, places integer) ON COMMIT DROP
"""
_IS_ANY_KNOWN: Final = (
    "SELECT EXISTS (SELECT FROM place.title WHERE valid_to IS NULL AND number IS NOT NULL)"
)
# Each step is kept from melting into the next, or every number would be folded several times over.
_ROWS: Final = """
INSERT INTO pg_temp.row_title
SELECT written.row_number, written.kind, written.number, parent.parent_id IS NULL
FROM (
  SELECT s.row_number, v.kind, {folded} AS number
  FROM pg_temp.stage AS s CROSS JOIN LATERAL (VALUES {said}) AS v (kind, cell)
  CROSS JOIN LATERAL {each} AS one
  WHERE v.cell IS NOT NULL AND s.is_secret IS NOT TRUE
    AND NOT EXISTS (SELECT FROM pg_temp.decided AS d WHERE d.row_number = s.row_number)
    AND (NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.row_number = s.row_number)
         OR EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number))
  OFFSET 0
) AS written LEFT JOIN pg_temp.parent AS parent USING (row_number)
WHERE written.number ~ '[1-9]';
ANALYZE pg_temp.row_title
"""
_PLACES: Final = """
INSERT INTO pg_temp.place_title
SELECT DISTINCT t.kind, t.number, l.place_id, p.parent_id IS NULL
FROM (SELECT t.title_id, t.kind, t.rights_cell, {number} AS number FROM place.title AS t
      WHERE t.valid_to IS NULL AND t.title_id IN ({known}) OFFSET 0) AS t
JOIN place.title_place AS l USING (title_id)
JOIN place.place AS p USING (place_id)
WHERE p.valid_to IS NULL AND p.security_class < 3 AND p.kind IN ({kinds})
  AND t.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells))
  AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells));
INSERT INTO pg_temp.title_number
SELECT kind, number, said.rows, known.places
FROM (SELECT kind, number, count(*) AS rows FROM pg_temp.row_title
      WHERE is_top GROUP BY kind, number) AS said
JOIN (SELECT kind, number, count(*) AS places FROM pg_temp.place_title
      WHERE is_top GROUP BY kind, number) AS known USING (kind, number);
ANALYZE pg_temp.place_title;
ANALYZE pg_temp.title_number
"""
_ADD: Final = f"""
INSERT INTO pg_temp.pair (row_number, place_id)
SELECT DISTINCT r.row_number, l.place_id
FROM (SELECT * FROM pg_temp.title_number
      WHERE rows <= {MOST_OF_A_NUMBER} AND places <= {MOST_OF_A_NUMBER} OFFSET 0) AS few
JOIN pg_temp.row_title AS r USING (kind, number)
JOIN pg_temp.place_title AS l USING (kind, number)
JOIN pg_temp.mine AS m ON m.row_number = r.row_number
JOIN pg_temp.theirs AS t ON t.place_id = l.place_id
WHERE r.is_top AND l.is_top AND m.parent_id IS NULL AND t.parent_id IS NULL
ON CONFLICT DO NOTHING
"""
# A part is under the certificate of the whole as a rule; that is nothing to be told of.
_NOTE: Final = f"""
INSERT INTO pg_temp.note (row_number, column_field, rule, original, params)
SELECT said.row_number, ':field',
       CASE WHEN said.rows > {MOST_OF_A_NUMBER} THEN 'certificate.of_many'
            ELSE 'certificate.elsewhere' END, s.":field",
       jsonb_strip_nulls(jsonb_build_object('count', known.places, 'codes', known.codes, 'rows',
         CASE WHEN said.rows > {MOST_OF_A_NUMBER} THEN said.rows END))
FROM (
  SELECT row_number, number, count(*) OVER (PARTITION BY number) AS rows,
         row_number() OVER (PARTITION BY number ORDER BY row_number) AS nth
  FROM pg_temp.row_title AS r
  WHERE kind = ':kind' AND is_top
    AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = r.row_number)
) AS said
JOIN pg_temp.stage AS s USING (row_number)
JOIN (
  SELECT number, min(places) AS places, string_agg(p.code, '、' ORDER BY p.code) AS codes
  FROM (SELECT l.*, row_number() OVER (PARTITION BY number ORDER BY place_id) AS nth
        FROM pg_temp.place_title AS l WHERE kind = ':kind' AND is_top) AS l
  JOIN (SELECT number, places FROM pg_temp.title_number WHERE kind = ':kind') AS n USING (number)
  JOIN place.place AS p USING (place_id)
  WHERE l.nth <= {MOST_OF_A_NUMBER} GROUP BY number
) AS known USING (number)
WHERE said.rows <= {MOST_OF_A_NUMBER} OR said.nth = 1
"""
