"""Rows and places under one value, few of each: what very many bear is never paired in full."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from gis.db import run_script

MOST: Final = 20
"""Places of one value that a row is compared with; more tell nothing of it."""


def few_each(
    *, rows: str, places: str, keys: Sequence[str], optional: str, apart: Sequence[str] = ()
) -> str:
    """SQL of `row_number, place_id, places`: rows with the first places that bear their values.

    Args:
        rows: Row source with `row_number`, the keys and `optional`.
        places: The same with `place_id`.
        keys: Columns that are equal on both sides; what lacks one is paired with nothing.
        optional: Column that is equal where both sides have it.
        apart: SQL of columns of the places by which they are counted apart, for a caller who then
            leaves some of them out.

    `places` is how many bear the values; of more than `MOST`, only so many are paired. Each branch
    is an equi-join over places counted before, so cost grows with the rows.
    """
    same = ", ".join(keys)
    is_keyed = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    told = ", ".join((*keys, *apart))
    offered = f"""
  SELECT place_id, {same}, {optional},
         row_number() OVER (PARTITION BY {told}, {optional} ORDER BY place_id) AS nth,
         count(*) OVER (PARTITION BY {told}, {optional}) AS places,
         row_number() OVER (PARTITION BY {told} ORDER BY place_id) AS nth_of_all,
         count(*) OVER (PARTITION BY {told}) AS all_places
  FROM {places} WHERE {is_keyed}"""
    return f"""
WITH offered AS MATERIALIZED ({offered})
SELECT u.row_number, o.place_id, o.places FROM {rows} AS u
JOIN (SELECT * FROM offered WHERE nth <= {MOST}) AS o USING ({same}, {optional})
UNION ALL
SELECT u.row_number, o.place_id, o.places FROM {rows} AS u
JOIN (SELECT * FROM offered WHERE {optional} IS NULL AND nth <= {MOST}) AS o USING ({same})
WHERE u.{optional} IS NOT NULL
UNION ALL
SELECT u.row_number, o.place_id, o.all_places FROM {rows} AS u
JOIN (SELECT * FROM offered WHERE nth_of_all <= {MOST}) AS o USING ({same})
WHERE u.{optional} IS NULL"""


def note_crowds(conn: Connection, rows: str, field: str, *, keys: Sequence[str]) -> None:
    """Tell once a value, at its first row, of the rows in `crowd (row_number, places)`."""
    run_script(
        conn,
        _NOTE.format(rows=rows, field=field, keys=", ".join(f"u.{key}" for key in keys)),
    )


_NOTE: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, original, params)
SELECT first.row_number, '{field}', 'match.of_many', s."{field}"::text,
       jsonb_build_object('value', s."{field}"::text, 'rows', first.rows,
         'count', first.places)
FROM (SELECT min(u.row_number) AS row_number, count(*) AS rows, max(c.places) AS places
      FROM pg_temp.crowd AS c JOIN pg_temp.{rows} AS u USING (row_number) GROUP BY {keys}) AS first
JOIN pg_temp.stage AS s USING (row_number)
"""
