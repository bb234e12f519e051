"""Lists of parts in which every row has a new code: a city that numbered its rooms anew.

One room under another code waits, for two codes may be two rooms. But where no code of a list is
known, and nearly all of its rows are in building, floor, number and area exactly what is known
there alone under another code, the list was numbered anew: a clerk would say "the same" a hundred
thousand times. Those rows are found and get the new code beside the old one, which is told once.
What differs in any of these, or is not alone on either side, is asked about as ever.
"""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract
from etl.staging import stored_columns
from gis.db import run_script

_FEWEST: Final = 20
"""Rows of a list numbered anew; of fewer each can be asked about."""
_SHARE: Final = 0.9
"""Of the rows with a code in buildings whose parts have codes, those that must agree in all."""


def match_recoded(
    conn: Connection, contract: ColumnContract, *, agrees: str, contradicts: str
) -> None:
    """Add to `stage_match` the rows of a list whose parts all have new codes, and tell it once.

    Args:
        conn: In the load's transaction, with `part_row` and `part_place` of `etl.merge.parts`.
        contract: The sheet's.
        agrees: SQL: nothing that is said of `u` and `p` differs, but for their codes.
        contradicts: SQL: `u` and `p` say that they are two parts.
    """
    areas = stored_columns(contract, "area")
    if "code" not in contract.fields or not areas:
        return
    if conn.execute(text(_IS_ANY_KNOWN)).scalar_one():
        return
    counted = {
        kind: f"(SELECT c.area_m2 FROM place.counted_area AS c WHERE c.place_id = p.place_id"
        f" AND c.area_kind = '{kind}') = round({sql}, 2)"
        for kind, sql in areas.items()
    }
    same_area = (
        f"({' OR '.join(f'({sql}) IS TRUE' for sql in counted.values())})"
        f" AND {' AND '.join(f'({sql}) IS NOT FALSE' for sql in counted.values())}"
    )
    run_script(
        conn,
        _RECODED.format(agrees=agrees, contradicts=contradicts, same_area=same_area),
    )
    found = text("SELECT count(*) FROM pg_temp.recoded")
    compared = text(_COMPARED)
    rows = conn.execute(found).scalar_one()
    if rows >= max(_FEWEST, _SHARE * conn.execute(compared).scalar_one()):
        run_script(conn, _TAKE)
    run_script(conn, "DROP TABLE pg_temp.recoded")


_IS_ANY_KNOWN: Final = """
SELECT EXISTS (SELECT FROM pg_temp.stage AS s JOIN pg_temp.stage_match AS m USING (row_number)
               WHERE s.code IS NOT NULL
                 AND s.row_number NOT IN (SELECT row_number FROM pg_temp.decided))"""
_COMPARED: Final = """
SELECT count(*) FROM pg_temp.part_row AS u
WHERE u.is_coded AND u.top_id IN (SELECT top_id FROM pg_temp.part_place WHERE is_coded)"""
_KEYED: Final = """
SELECT min({id}) AS {id}, kind, top_id, told_0, coalesce(level::text, '') AS level_key,
       coalesce(section, '') AS section_key
FROM pg_temp.{table}
WHERE told_0 IS NOT NULL AND (level IS NOT NULL OR section IS NOT NULL OR kind = 'floor')
GROUP BY 2, 3, 4, 5, 6 HAVING count(*) = 1"""
_RECODED: Final = f"""
CREATE TEMP TABLE recoded ON COMMIT DROP AS
SELECT u.row_number, p.place_id
FROM ({_KEYED.format(id="row_number", table="part_row")}) AS mine
JOIN ({_KEYED.format(id="place_id", table="part_place")}) AS theirs
  USING (kind, top_id, told_0, level_key, section_key)
JOIN pg_temp.part_row AS u USING (row_number) JOIN pg_temp.part_place AS p USING (place_id)
JOIN pg_temp.stage AS s ON s.row_number = u.row_number
WHERE u.is_coded AND p.is_coded AND NOT {{contradicts}} AND {{agrees}} AND {{same_area}}"""
_TAKE: Final = """
INSERT INTO pg_temp.stage_match (row_number, place_id)
SELECT row_number, place_id FROM pg_temp.recoded;
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original, params)
SELECT r.row_number, 'code', 'match.recoded', p.code, s.code,
       jsonb_build_object('count', (SELECT count(*) FROM pg_temp.recoded), 'code', s.code,
                          'known', p.code)
FROM (SELECT row_number, place_id FROM pg_temp.recoded ORDER BY row_number LIMIT 1) AS r
JOIN pg_temp.stage AS s USING (row_number) JOIN place.place AS p USING (place_id)
"""
