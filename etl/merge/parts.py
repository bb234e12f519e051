"""Parts of a building, found by what tells them apart within it.

One list hangs a room into its floor, another names the building alone; one gives its rooms codes,
another does not. So a part is looked for in the whole building (floors and sections are stepped
over) by its own number, name or level; whatever both sides say of floor and section must agree.
What fits alone on both sides is found; what fits several, or differs in something that may have
been rewritten, waits and is asked. A value that very many bear is never joined each with each.
"""

from typing import Final

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.clean.levels import level_of
from etl.merge.crowds import MOST, few_each, note_crowds
from etl.merge.pairs_sql import ALONE, KINDS, kind_of
from etl.merge.recoded import match_recoded
from etl.staging import stored_columns
from gis.db import run_script
from gis.places.actions import copy_rows
from gis.places.codes import code_tail_sql

_LEVEL: Final = ("floor_level", "floor_label")
_SECTION: Final = "section_label"
_LINEAGE: Final = ("split_from", "merged_from", "rebuilt_from")
_KEPT: Final = 5
"""Places set beside one row, as elsewhere."""


def match_parts(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Add to `stage_match` the parts that are found; hold and pair those that a person must tell.

    After `unnumbered` (the rows without any number) and parents are known. Rows with a number that
    nobody knows are looked for as well, but for what `etl.merge.alike` compares: the place gets the
    number. A row that names what it was made of is a new place.
    """
    told = [field for field in rule.told_by if _stored(contract, field) is not None]
    if not told:
        return
    run_script(conn, _rows(contract, rule, told))
    if not conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.part_row)")).scalar_one():
        return
    run_script(conn, _places(contract, rule, told))
    if not conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.part_place)")).scalar_one():
        return
    _read_levels(conn)
    if rule.kind not in KINDS:
        match_recoded(
            conn,
            contract,
            rule,
            agrees=_agrees(contract, told, 0),
            contradicts=_contradicts(contract, rule),
        )
        run_script(conn, _DONE)
    for at, field in enumerate(told):
        run_script(conn, _alike(contract, rule, told, at))
        run_script(conn, _fitting(contract, rule, told, at))
        run_script(conn, _SETTLE)
        note_crowds(conn, "part_row", field, keys=("top_id", "kind", f"told_{at}"))
        run_script(conn, _DONE)


def keep_floors(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """A row that names the building of a known part does not take it from its floor or section.

    Unless it says another floor than that.
    """
    if "floor" not in _above(rule) and "section" not in _above(rule):
        return
    level = 's."floor_level"' if _LEVEL[0] in rule.told_within else "NULL::bigint"
    if _LEVEL[0] not in contract.fields:
        level = "NULL::bigint"
    run_script(conn, _KEEP_FLOORS.format(level=level))


def _above(rule: PlaceRule) -> tuple[str, ...]:
    """What a part may hang in below its building."""
    return {
        "floor": ("section",),
        "room": ("floor",),
        "housing_unit": ("floor", "section"),
    }.get(rule.kind, ())


def _stored(contract: ColumnContract, field: str) -> str | None:
    """SQL of where the register keeps a field that the sheet has; null where either has not."""
    if field not in contract.fields:
        return None
    where, _dot, column = str(contract.column(field).stores).partition(".")
    return {"kind": f"k.{column}", "place": f"p.{column}"}.get(where)


def _plain_within(contract: ColumnContract, rule: PlaceRule) -> list[str]:
    """Fields that tell parts apart beside floor and section, which their places tell as well."""
    return [
        field
        for field in rule.told_within
        if field not in (*_LEVEL, _SECTION) and _stored(contract, field) is not None
    ]


def _worded(contract: ColumnContract, told: list[str]) -> list[str]:
    """Fields of words beside those that a part is told by."""
    return [one for one in ("name", "address") if one not in told and one in contract.fields]


def _rows(contract: ColumnContract, rule: PlaceRule, told: list[str]) -> str:
    """`part_row`: rows that nothing has found yet, with the building they stand in."""

    def own(field: str, otherwise: str) -> str:
        return f's."{field}"' if field in contract.fields else otherwise

    within = set(rule.told_within)
    level = own(_LEVEL[0], "NULL::bigint") if _LEVEL[0] in within else "NULL::bigint"
    label = own(_LEVEL[1], "NULL::text") if _LEVEL[1] in within else "NULL::text"
    section = own(_SECTION, "NULL::text") if _SECTION in within else "NULL::text"
    fields = [f's."{field}" AS told_{at}' for at, field in enumerate(told)]
    fields += [f's."{one}" AS "{one}"' for one in (*_plain_within(contract, rule),
                                                   *_worded(contract, told))]  # fmt: skip
    numbers = list(stored_columns(contract, "identifier").values())
    if "code" in contract.fields:
        numbers.append("s.code")
    is_coded = f"coalesce({', '.join(numbers)}) IS NOT NULL" if numbers else "false"
    unnumbered = "EXISTS (SELECT FROM pg_temp.unnumbered AS u WHERE u.row_number = s.row_number)"
    may_be = unnumbered if rule.kind in KINDS or not numbers else (
        f"({unnumbered} OR ({is_coded}) AND {_is_open(contract)})"
    )  # fmt: skip
    return f"""
DROP TABLE IF EXISTS pg_temp.part_row, pg_temp.part_place, pg_temp.part_pair;
CREATE TEMP TABLE part_row ON COMMIT DROP AS
SELECT s.row_number, {kind_of(contract, rule)} AS kind, a.place_id AS parent_id,
       CASE WHEN a.kind NOT IN ({_STEPPED}) THEN a.place_id
            WHEN b.kind NOT IN ({_STEPPED}) THEN b.place_id ELSE b.parent_id END AS top_id,
       CASE WHEN a.kind = 'floor' THEN a.place_id END AS floor_id,
       CASE WHEN a.kind = 'section' THEN a.place_id
            WHEN a.kind = 'floor' AND b.kind = 'section' THEN b.place_id END AS section_id,
       coalesce({level}, f.level) AS level, coalesce({label}, f.label) AS label,
       coalesce({section}, c.label) AS section, false AS is_read, {is_coded} AS is_coded,
       s.is_unread, {", ".join(fields)}
FROM pg_temp.stage AS s JOIN pg_temp.parent AS parent USING (row_number)
JOIN place.place AS a ON a.place_id = parent.parent_id
LEFT JOIN place.place AS b ON b.place_id = a.parent_id
LEFT JOIN place.floor AS f ON f.place_id = a.place_id
LEFT JOIN place.section AS c
  ON c.place_id = CASE a.kind WHEN 'section' THEN a.place_id ELSE b.place_id END
WHERE {may_be}
  AND EXISTS (SELECT FROM place.place AS p WHERE p.kind = '{rule.kind}');
ANALYZE pg_temp.part_row"""


_STEPPED: Final = "'floor', 'section'"


def _is_open(contract: ColumnContract) -> str:
    """SQL: nothing has settled what a numbered row means, and it is no secret."""
    tests = ["s.own_place_code IS NULL", "s.repeats_row IS NULL", "s.is_secret IS NOT TRUE"]
    if "secrecy" in contract.fields:
        tests.append("(s.secrecy = 'secret') IS NOT TRUE")
    tests += [f's."{one}" IS NULL' for one in _LINEAGE if one in contract.fields]
    tests += [
        f"NOT EXISTS (SELECT FROM pg_temp.{table} AS t WHERE t.row_number = s.row_number)"
        for table in ("stage_match", "held", "decided")
    ]
    return " AND ".join(tests)


def _places(contract: ColumnContract, rule: PlaceRule, told: list[str]) -> str:
    """`part_place`: the open parts of these buildings that no row has found.

    From the buildings down: a short list does not read the whole register.
    """
    within = set(rule.told_within)
    level = "k.floor_level" if _LEVEL[0] in within else "NULL"
    label = "k.floor_label" if _LEVEL[1] in within and rule.kind == "room" else "NULL"
    section = "k.section_label" if _SECTION in within else "NULL"
    fields = [f"{_stored(contract, field)} AS told_{at}" for at, field in enumerate(told)]
    fields += [f'{_stored(contract, one)} AS "{one}"' for one in (
        *_plain_within(contract, rule), *_worded(contract, told))]  # fmt: skip
    return f"""
CREATE TEMP TABLE part_place ON COMMIT DROP AS
WITH RECURSIVE below AS (
  SELECT DISTINCT top_id AS place_id, top_id, NULL::bigint AS floor_id, NULL::bigint AS section_id,
         NULL::text AS kind
  FROM pg_temp.part_row WHERE top_id IS NOT NULL
  UNION ALL
  SELECT p.place_id, b.top_id, CASE WHEN b.kind = 'floor' THEN b.place_id END,
         CASE WHEN b.kind = 'section' THEN b.place_id ELSE b.section_id END, p.kind
  FROM below AS b JOIN place.place AS p ON p.parent_id = b.place_id
  WHERE (b.kind IS NULL OR b.kind IN ({_STEPPED}))
    AND (p.kind IN ({_STEPPED}) OR p.kind IN (SELECT kind FROM pg_temp.part_row))
)
SELECT p.place_id, p.kind, p.parent_id, b.top_id, b.floor_id, b.section_id,
       coalesce({level}::bigint, f.level) AS level, coalesce({label}, f.label) AS label,
       coalesce({section}, c.label) AS section, false AS is_read,
       right(p.code, length({code_tail_sql("p.kind", "p.place_id")}))
         <> {code_tail_sql("p.kind", "p.place_id")}
         OR EXISTS (SELECT FROM place.identifier AS i WHERE i.place_id = p.place_id
                    AND i.scheme = 'source' AND i.valid_to IS NULL) AS is_coded,
       {", ".join(fields)}
FROM below AS b JOIN place.place AS p USING (place_id)
LEFT JOIN place.{rule.kind} AS k ON k.place_id = p.place_id
LEFT JOIN place.floor AS f ON f.place_id = b.floor_id
LEFT JOIN place.section AS c ON c.place_id = b.section_id
WHERE p.kind IN (SELECT kind FROM pg_temp.part_row)
  AND p.valid_to IS NULL AND p.security_class < 3
  AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells))
  AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.place_id = p.place_id);
ANALYZE pg_temp.part_place;
CREATE TEMP TABLE part_pair (row_number integer, place_id bigint, is_sure boolean,
  places integer) ON COMMIT DROP"""


def _read_levels(conn: Connection) -> None:
    """Levels of floors that are only named: 1F, B2, 地下一层."""
    named = "SELECT DISTINCT label FROM pg_temp.{} WHERE label IS NOT NULL"
    found = conn.execute(
        text(f"{named.format('part_row')} UNION {named.format('part_place')}")
    ).scalars()
    levels = {label: level for label in found if (level := level_of(label)) is not None}
    run_script(
        conn,
        "DROP TABLE IF EXISTS pg_temp.floor_name;"
        "CREATE TEMP TABLE floor_name (label text, level bigint) ON COMMIT DROP",
    )
    if not levels:
        return
    read = pd.DataFrame(levels.items(), columns=["label", "level"])
    copy_rows(conn, "pg_temp.floor_name", pa.Table.from_pandas(read, preserve_index=False))
    run_script(
        conn,
        ";".join(
            f"UPDATE pg_temp.{table} AS t SET is_read = true, level = coalesce(t.level, n.level)"
            " FROM pg_temp.floor_name AS n WHERE n.label = t.label"
            for table in ("part_row", "part_place")
        ),
    )


def _contradicts(contract: ColumnContract, rule: PlaceRule) -> str:
    """SQL: `u` and `p` say that they are two parts."""
    tests = [
        "(u.floor_id <> p.floor_id) IS TRUE",
        "CASE WHEN u.section_id IS NOT NULL AND p.section_id IS NOT NULL"
        " THEN u.section_id <> p.section_id ELSE (u.section <> p.section) IS TRUE END",
        "(u.level <> p.level) IS TRUE",
        "(u.level IS NULL OR p.level IS NULL) AND (u.label <> p.label) IS TRUE",
        *(f'(u."{one}" <> p."{one}") IS TRUE' for one in _plain_within(contract, rule)),
    ]
    written = stored_columns(contract, "identifier")
    tests += [
        "u.is_coded AND EXISTS (SELECT FROM place.identifier AS i JOIN pg_temp.stage AS s"
        " ON s.row_number = u.row_number WHERE i.place_id = p.place_id"
        f" AND i.scheme = '{scheme}' AND i.valid_to IS NULL AND i.value <> {written[scheme]})"
        for scheme in ALONE
        if scheme in written
    ]
    return "(" + " OR ".join(tests) + ")"


def _differs(contract: ColumnContract, told: list[str], at: int) -> str:
    """SQL: `u` and `p` differ in what may have been rewritten since."""
    words = [f"told_{n}" for n in range(at + 1, len(told))]
    words += [f'"{one}"' for one in _worded(contract, told)]
    return "(" + " OR ".join(f"(u.{one} <> p.{one}) IS TRUE" for one in words) + ")"


def _is_sure(contract: ColumnContract, told: list[str], at: int) -> str:
    """SQL: nothing speaks against `u` and `p` being one: neither words, nor codes, nor floors."""
    return f"{_agrees(contract, told, at)} AND NOT (u.is_coded AND p.is_coded)"


def _agrees(contract: ColumnContract, told: list[str], at: int) -> str:
    """SQL: `u` and `p` say the same in words and floors, whatever their codes."""
    differs = f"NOT {_differs(contract, told, at)}" if _has_words(contract, told, at) else "true"
    return (
        f"{differs}"
        " AND ((u.label = p.label) IS NOT FALSE OR u.is_read AND p.is_read)"
        # A name of a floor that says no level, against a level.
        " AND NOT (u.level IS NULL AND u.label IS NOT NULL AND p.level IS NOT NULL)"
        " AND NOT (p.level IS NULL AND p.label IS NOT NULL AND u.level IS NOT NULL)"
        # A floor or section that could not be read may be any other than one that is known.
        " AND NOT (u.is_unread IS TRUE AND (p.level IS NOT NULL OR p.label IS NOT NULL"
        " OR p.floor_id IS NOT NULL))"
    )


def _has_words(contract: ColumnContract, told: list[str], at: int) -> bool:
    return at + 1 < len(told) or bool(_worded(contract, told))


def _alike(contract: ColumnContract, rule: PlaceRule, told: list[str], at: int) -> str:
    """Find what is written alike and alone on both sides, whatever else might fit as well."""
    keys = ["parent_id", "kind", *(f"told_{n}" for n in range(at + 1)), "level", "label", "section"]
    keyed = ", ".join(f"coalesce({key}::text, '')" for key in keys)
    alone = (
        f"SELECT min({{id}}) AS {{id}}, concat_ws(E'\\x1f', {keyed}) AS told"
        f" FROM pg_temp.{{table}} WHERE told_{at} IS NOT NULL GROUP BY 2 HAVING count(*) = 1"
    )
    return f"""
INSERT INTO pg_temp.stage_match (row_number, place_id)
SELECT u.row_number, p.place_id
FROM ({alone.format(id="row_number", table="part_row")}) AS mine
JOIN ({alone.format(id="place_id", table="part_place")}) AS theirs USING (told)
JOIN pg_temp.part_row AS u USING (row_number) JOIN pg_temp.part_place AS p USING (place_id)
WHERE NOT {_contradicts(contract, rule)} AND {_is_sure(contract, told, at)};
{_DONE}"""


def _optional(rule: PlaceRule, told: list[str], at: int) -> str:
    """What is equal where both sides say it, beside the value: the floor, a building's address."""
    return f"told_{at + 1}" if rule.kind in KINDS and at + 1 < len(told) else "level"


def _fitting(contract: ColumnContract, rule: PlaceRule, told: list[str], at: int) -> str:
    """`part_pair`: what else fits, with how many places bear the value where they are many."""
    # What both are told by before has met already, or differs.
    earlier = [f"told_{n}" for n in range(at)]
    unmet = " AND ".join(f"(u.{one} IS NULL OR p.{one} IS NULL)" for one in earlier) or "true"
    excluded = _contradicts(contract, rule)
    if rule.kind in KINDS and _has_words(contract, told, at):
        # What is like in part is compared, and scored, by `etl.merge.alike`.
        excluded = f"({excluded} OR {_differs(contract, told, at)})"
    found = few_each(
        rows="pg_temp.part_row",
        places="pg_temp.part_place",
        keys=("top_id", "kind", f"told_{at}"),
        optional=_optional(rule, told, at),
        apart=[f"({one} IS NULL)" for one in earlier],
    )
    return f"""
TRUNCATE pg_temp.part_pair;
INSERT INTO pg_temp.part_pair
SELECT row_number, place_id, is_sure, places FROM (
  SELECT f.row_number, f.place_id, f.places, fits.is_sure,
         row_number() OVER (PARTITION BY f.row_number ORDER BY fits.is_sure DESC NULLS LAST,
                                                               f.place_id) AS nth
  FROM ({found}) AS f
  JOIN pg_temp.part_row AS u USING (row_number) JOIN pg_temp.part_place AS p USING (place_id)
  CROSS JOIN LATERAL (
    SELECT CASE WHEN NOT {excluded} THEN {_is_sure(contract, told, at)} END AS is_sure) AS fits
  WHERE {unmet} AND (fits.is_sure IS NOT NULL OR f.places > {MOST})
) AS fit WHERE nth <= {_KEPT};
ANALYZE pg_temp.part_pair"""


_DONE: Final = """
DELETE FROM pg_temp.part_row AS u USING pg_temp.stage_match AS m WHERE m.row_number = u.row_number;
DELETE FROM pg_temp.part_place AS p USING pg_temp.stage_match AS m WHERE m.place_id = p.place_id;
DELETE FROM pg_temp.part_row AS u USING pg_temp.held AS h WHERE h.row_number = u.row_number;
DELETE FROM pg_temp.unnumbered AS u USING pg_temp.stage_match AS m
WHERE m.row_number = u.row_number;
DELETE FROM pg_temp.unnumbered AS u USING pg_temp.held AS h WHERE h.row_number = u.row_number
"""

# Of the sure ones that fit alone on both sides each is found; then nobody else is asked of that
# place. All other rows with something that fits wait.
_SETTLE: Final = f"""
INSERT INTO pg_temp.stage_match (row_number, place_id)
SELECT row_number, place_id FROM (
  SELECT row_number, place_id, places, count(*) OVER (PARTITION BY row_number) AS of_row,
         count(*) OVER (PARTITION BY place_id) AS of_place
  FROM pg_temp.part_pair WHERE is_sure
) AS sure WHERE of_row = 1 AND of_place = 1 AND places <= {MOST};
ANALYZE pg_temp.stage_match;
DELETE FROM pg_temp.part_pair AS q USING pg_temp.stage_match AS m
WHERE m.row_number = q.row_number;
DELETE FROM pg_temp.part_pair AS q USING pg_temp.stage_match AS m WHERE m.place_id = q.place_id;
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT row_number, CASE WHEN bool_or(of_row > 1 OR of_place > 1 OR places > {MOST})
         THEN 'match.ambiguous' ELSE 'match.similar' END, 'question'
FROM (SELECT row_number, places, count(*) OVER (PARTITION BY row_number) AS of_row,
             count(*) OVER (PARTITION BY place_id) AS of_place
      FROM pg_temp.part_pair) AS waiting
GROUP BY row_number;
INSERT INTO pg_temp.pair (row_number, place_id)
SELECT row_number, place_id FROM pg_temp.part_pair WHERE is_sure IS NOT NULL
ON CONFLICT DO NOTHING;
DROP TABLE IF EXISTS pg_temp.crowd;
CREATE TEMP TABLE crowd ON COMMIT DROP AS
SELECT row_number, max(places) AS places FROM pg_temp.part_pair WHERE places > {MOST}
GROUP BY row_number
"""

_KEEP_FLOORS: Final = f"""
UPDATE pg_temp.parent AS parent SET parent_id = hung.place_id, parent_kind = hung.kind
FROM pg_temp.stage AS s, pg_temp.stage_match AS m, place.place AS p, place.place AS hung
LEFT JOIN place.floor AS f ON f.place_id = hung.place_id
LEFT JOIN place.place AS above ON above.place_id = hung.parent_id
WHERE s.row_number = parent.row_number AND m.row_number = parent.row_number
  AND p.place_id = m.place_id AND hung.place_id = p.parent_id
  AND hung.kind IN ({_STEPPED}) AND hung.valid_to IS NULL
  AND (parent.parent_id = hung.parent_id
       OR above.kind = 'section' AND parent.parent_id = above.parent_id)
  AND ({{level}} = f.level) IS NOT FALSE
"""
