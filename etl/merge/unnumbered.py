"""Rows without a number of their own, found again by what else says which thing they mean.

A room is told from others by its number in its building and floor, a floor by its level, an outline
by its shape: nothing of that is a guess, so such a row means the place that says exactly the same,
where it alone says so. Where several do, or nothing but a name agrees, a person is asked.
"""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.merge.pairs_sql import field_of, kind_of
from etl.staging import stored_columns
from gis.db import run_script

NAMED_KINDS: Final = ("site", "building", "structure")
"""Kinds of which a name alone may say which one is meant, of all there are."""


def match_unnumbered(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Add to `stage_match` what rows without a number mean; after parents are known."""
    if not rule.may_create:
        return
    run_script(conn, _unnumbered(contract, rule))
    if not conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.unnumbered)")).scalar_one():
        return
    agrees = _agrees(contract, rule)
    for field in rule.told_by:
        if (stored := _stored(contract, field)) is None:
            continue
        if stored.startswith("k."):
            run_script(conn, _REPEATED.format(field=field, within=_within(contract, rule)))
        run_script(
            conn,
            _FOUND.format(
                kind=rule.kind,
                joined="p.parent_id = u.parent_id",
                agrees=f'u."{field}" = {stored} AND {agrees}',
            ),
        )
    run_script(
        conn,
        _FOUND.format(
            kind=rule.kind,
            joined="p.geom = u.geom",
            agrees=f"(p.parent_id = u.parent_id OR u.parent_id IS NULL) AND {agrees}",
        ),
    )


def hold_namesakes(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Hold rows that say no more than a name which an open place that the account sees bears."""
    if not rule.may_create or rule.kind not in NAMED_KINDS or not {"name"} & set(contract.fields):
        return
    kinds = ", ".join(f"'{kind}'" for kind in NAMED_KINDS)
    run_script(conn, _NAMESAKES.format(kinds=kinds, address=field_of(contract, "address")))


def _unnumbered(contract: ColumnContract, rule: PlaceRule) -> str:
    """`unnumbered`: rows that no number and no decision has found, of what is no secret."""
    numbers = ["s.own_place_code", *stored_columns(contract, "identifier").values()]
    if "code" in contract.fields:
        numbers.append("s.code")
    secret = "s.secrecy = 'secret'" if "secrecy" in contract.fields else "false"
    return f"""
DROP TABLE IF EXISTS pg_temp.unnumbered;
CREATE TEMP TABLE unnumbered ON COMMIT DROP AS
SELECT s.*, parent.parent_id, {kind_of(contract, rule)} AS kind
FROM pg_temp.stage AS s LEFT JOIN pg_temp.parent AS parent USING (row_number)
WHERE coalesce({", ".join(numbers)}) IS NULL AND ({secret}) IS NOT TRUE
  AND s.repeats_row IS NULL
  AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.row_number = s.row_number)
  AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number)
  AND NOT EXISTS (SELECT FROM pg_temp.decided AS d WHERE d.row_number = s.row_number);
ANALYZE pg_temp.unnumbered (row_number, parent_id)"""


def _stored(contract: ColumnContract, field: str) -> str | None:
    """SQL of where the register keeps a field that the sheet has; null where either has not."""
    if field not in contract.fields:
        return None
    where, _dot, column = str(contract.column(field).stores).partition(".")
    return {"kind": f"k.{column}", "place": f"p.{column}"}.get(where)


def _agrees(contract: ColumnContract, rule: PlaceRule) -> str:
    """SQL: nothing that tells things of one parent apart is said otherwise."""
    fields = (*rule.told_by, *rule.told_within, "name", "address")
    tests = [
        f'(u."{field}" = {stored}) IS NOT FALSE'
        for field in dict.fromkeys(fields)
        if (stored := _stored(contract, field)) is not None
    ]
    return " AND ".join(tests) or "true"


def _within(contract: ColumnContract, rule: PlaceRule) -> str:
    known = [f'u."{field}"' for field in rule.told_within if field in contract.fields]
    return ", ".join(["u.parent_id", "u.kind", *known])


# A list that gives one room number twice: the later row waits, with the earlier one beside it.
_REPEATED: Final = """
INSERT INTO pg_temp.twin_pair (row_number, other_row, is_repeat)
SELECT row_number, first_row, true FROM (
  SELECT u.row_number, min(u.row_number) OVER (PARTITION BY u."{field}", {within}) AS first_row
  FROM pg_temp.unnumbered AS u WHERE u."{field}" IS NOT NULL AND u.parent_id IS NOT NULL
) AS told WHERE row_number > first_row
ON CONFLICT DO NOTHING;
DELETE FROM pg_temp.unnumbered AS u USING pg_temp.twin_pair AS t
WHERE t.row_number = u.row_number AND t.is_repeat
"""

_FOUND: Final = """
DROP TABLE IF EXISTS pg_temp.found;
CREATE TEMP TABLE found ON COMMIT DROP AS
SELECT u.row_number, p.place_id, count(*) OVER (PARTITION BY u.row_number) AS places,
       count(*) OVER (PARTITION BY p.place_id) AS rows
FROM pg_temp.unnumbered AS u JOIN place.place AS p ON {joined} AND p.kind = u.kind
LEFT JOIN place.{kind} AS k ON k.place_id = p.place_id
WHERE p.valid_to IS NULL AND p.security_class < 3
  AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells))
  AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.place_id = p.place_id)
  AND {agrees};
INSERT INTO pg_temp.stage_match (row_number, place_id)
SELECT row_number, place_id FROM pg_temp.found WHERE places = 1 AND rows = 1;
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT DISTINCT row_number, 'match.ambiguous', 'question' FROM pg_temp.found
WHERE places > 1 OR rows > 1;
INSERT INTO pg_temp.pair SELECT row_number, place_id FROM pg_temp.found
WHERE places > 1 OR rows > 1 ON CONFLICT DO NOTHING;
DELETE FROM pg_temp.unnumbered AS u USING pg_temp.found AS f WHERE f.row_number = u.row_number
"""

_NAMESAKES: Final = """
DROP TABLE IF EXISTS pg_temp.found;
CREATE TEMP TABLE found ON COMMIT DROP AS
SELECT u.row_number, p.place_id
FROM pg_temp.unnumbered AS u
JOIN pg_temp.stage AS s USING (row_number)
LEFT JOIN pg_temp.stage_steward AS st USING (row_number)
JOIN place.place AS p ON p.name = u.name AND p.kind IN ({kinds})
  AND p.parent_id IS NOT DISTINCT FROM u.parent_id
WHERE {address} IS NULL AND u.geom IS NULL
  AND p.valid_to IS NULL AND p.security_class < 3
  AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells))
  AND (p.steward_id = st.organization_id) IS NOT FALSE
  AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.place_id = p.place_id)
  AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.row_number = u.row_number)
  AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = u.row_number);
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT DISTINCT row_number, 'match.similar', 'question' FROM pg_temp.found;
INSERT INTO pg_temp.pair SELECT row_number, place_id FROM pg_temp.found ON CONFLICT DO NOTHING
"""
