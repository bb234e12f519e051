"""Rows without a number of their own, found again by what else says which thing they mean.

A room is told from others by its number in its building and floor, a floor by its level, an outline
by its shape: nothing of that is a guess, so such a row means the place that says exactly the same,
where it alone says so. Where several do, or nothing but a name agrees, a person is asked.
"""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.merge import parts
from etl.merge.crowds import MOST, few_each, note_crowds
from etl.merge.pairs_sql import KINDS, field_of, kind_of
from etl.staging import stored_columns
from gis.db import run_script


def match_unnumbered(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Add to `stage_match` what rows without a known number mean; after parents are known."""
    if not rule.may_create:
        return
    run_script(conn, _unnumbered(contract, rule))
    is_any = text("SELECT EXISTS (SELECT FROM pg_temp.unnumbered)")
    if has_unnumbered := bool(conn.execute(is_any).scalar_one()):
        for field in rule.told_by:
            if str(_stored(contract, field)).startswith("k."):
                run_script(conn, _REPEATED.format(field=field, within=_within(contract, rule)))
    parts.match_parts(conn, contract, rule)
    if has_unnumbered:
        _match_outlines(conn, contract, rule)
    parts.keep_floors(conn, contract, rule)


def _match_outlines(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    places = _SEEN.format(
        columns="p.place_id, p.kind, p.geom, p.parent_id",
        among="p.geom IN (SELECT geom FROM pg_temp.unnumbered)",
    )
    found = few_each(
        rows="pg_temp.unnumbered", places=places, keys=("geom", "kind"), optional="parent_id"
    )
    run_script(conn, _FOUND.format(found=found, kind=rule.kind, agrees=_agrees(contract, rule)))


def hold_namesakes(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Hold rows that say no more than a name which an open place that the account sees bears."""
    if not rule.may_create or rule.kind not in KINDS or not {"name"} & set(contract.fields):
        return
    run_script(conn, _NAMED.format(address=field_of(contract, "address")))
    if not conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.named)")).scalar_one():
        return
    places = _SEEN.format(
        columns="p.place_id, p.name, coalesce(p.parent_id, 0) AS above, p.steward_id",
        among="p.kind IN ({}) AND p.name IN (SELECT name FROM pg_temp.named)".format(
            ", ".join(f"'{kind}'" for kind in KINDS)
        ),
    )
    found = few_each(
        rows="pg_temp.named", places=places, keys=("name", "above"), optional="steward_id"
    )
    run_script(conn, _NAMESAKES.format(found=found))
    note_crowds(conn, "named", "name", keys=("name", "above"))


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

# What the account sees of the open places that no row has found.
_SEEN: Final = """(
  SELECT {columns} FROM place.place AS p
  WHERE {among} AND p.valid_to IS NULL AND p.security_class < 3
    AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells))
    AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.place_id = p.place_id)
) AS seen"""

_FOUND: Final = f"""
DROP TABLE IF EXISTS pg_temp.found;
CREATE TEMP TABLE found ON COMMIT DROP AS
SELECT f.row_number, f.place_id, f.places > {MOST} OR
         count(*) OVER (PARTITION BY f.row_number) > 1 OR
         count(*) OVER (PARTITION BY f.place_id) > 1 AS is_asked
FROM ({{found}}) AS f JOIN pg_temp.unnumbered AS u USING (row_number)
JOIN place.place AS p USING (place_id) LEFT JOIN place.{{kind}} AS k USING (place_id)
WHERE (p.parent_id = u.parent_id OR u.parent_id IS NULL) AND {{agrees}};
INSERT INTO pg_temp.stage_match (row_number, place_id)
SELECT row_number, place_id FROM pg_temp.found WHERE NOT is_asked;
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT DISTINCT row_number, 'match.ambiguous', 'question' FROM pg_temp.found WHERE is_asked;
INSERT INTO pg_temp.pair SELECT row_number, place_id FROM pg_temp.found WHERE is_asked
ON CONFLICT DO NOTHING;
DELETE FROM pg_temp.unnumbered AS u USING pg_temp.found AS f WHERE f.row_number = u.row_number
"""

_NAMED: Final = """
DROP TABLE IF EXISTS pg_temp.named;
CREATE TEMP TABLE named ON COMMIT DROP AS
SELECT u.row_number, u.name, coalesce(u.parent_id, 0) AS above, st.organization_id AS steward_id
FROM pg_temp.unnumbered AS u JOIN pg_temp.stage AS s USING (row_number)
LEFT JOIN pg_temp.stage_steward AS st USING (row_number)
WHERE u.name IS NOT NULL AND {address} IS NULL AND u.geom IS NULL
  AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.row_number = u.row_number)
  AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = u.row_number);
ANALYZE pg_temp.named
"""

_NAMESAKES: Final = f"""
DROP TABLE IF EXISTS pg_temp.found, pg_temp.crowd;
CREATE TEMP TABLE found ON COMMIT DROP AS {{found}};
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT DISTINCT row_number, 'match.similar', 'question' FROM pg_temp.found;
INSERT INTO pg_temp.pair SELECT row_number, place_id FROM pg_temp.found ON CONFLICT DO NOTHING;
CREATE TEMP TABLE crowd ON COMMIT DROP AS
SELECT row_number, max(places) AS places FROM pg_temp.found WHERE places > {MOST}
GROUP BY row_number
"""
