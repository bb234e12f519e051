"""Lists of parts in which every row has a new code: a city that numbered its rooms anew.

One room under another code waits, for two codes may be two rooms. But where no code of a list is
known, and nearly all of its rows are in building, floor, number and area exactly what is known
there alone under another code, the list was numbered anew: a clerk would say "the same" a hundred
thousand times. Those rows are found and get the new code beside the old one, which is told once.
What differs in any of these, or is not alone on either side, is asked about as ever. Two
stairwells or wings may be alike to the last number and square metre: so a flat's section must be
known, nothing else that is stated may speak against it, and areas must tell parts apart.
"""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.folding import EACH_TITLE, FOLDED, FOLDED_TITLE
from etl.merge.pairs_sql import CERTIFICATES
from etl.staging import stored_columns
from gis.db import run_script

_FEWEST: Final = 20
"""Rows of a list numbered anew; of fewer each can be asked about."""
_SHARE: Final = 0.9
"""Of the rows with a code in buildings whose parts have codes, those that must agree in all."""
_TELLING: Final = 0.75
"""Of the rows found, those whose area no other part of their building has on either side."""
_PLACED: Final = ("floor_level", "floor_label", "section_label")
"""What tells parts apart and is compared by the floors and sections they hang in."""


def match_recoded(
    conn: Connection, contract: ColumnContract, rule: PlaceRule, *, agrees: str, contradicts: str
) -> None:
    """Add to `stage_match` the rows of a list whose parts all have new codes, and tell it once.

    Args:
        conn: In the load's transaction, with `part_row` and `part_place` of `etl.merge.parts`.
        contract: The sheet's.
        rule: How its rows become places.
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
        _RECODED.format(
            agrees=agrees,
            contradicts=" OR ".join((contradicts, *_speaks_against(contract, rule))),
            same_area=same_area,
        ),
    )
    rows = conn.execute(text("SELECT count(*) FROM pg_temp.recoded")).scalar_one()
    if rows >= max(_FEWEST, _SHARE * conn.execute(text(_COMPARED)).scalar_one()):
        said = ", ".join(f"('{kind}', round({sql}, 2))" for kind, sql in areas.items())
        if conn.execute(text(_TOLD_BY_AREA.format(said=said))).scalar_one() >= _TELLING * rows:
            run_script(conn, _TAKE)
    run_script(conn, "DROP TABLE pg_temp.recoded")


def _speaks_against(contract: ColumnContract, rule: PlaceRule) -> list[str]:
    """SQL of what lets no row be found here, though a person may still say they are one.

    Of what tells parts apart one side alone may say nothing; certificates and holders that both
    state must have one in common.
    """
    tests = []
    for field in rule.told_within:
        if field not in _PLACED:
            said = f's."{field}"' if field in contract.fields else "NULL"
            known = f"(SELECT k.{field} FROM place.{rule.kind} AS k WHERE k.place_id = p.place_id)"
            tests.append(f"{known} IS DISTINCT FROM {said}")
    for kind, field in CERTIFICATES.items():
        if field in contract.fields:
            each = EACH_TITLE.format(f's."{field}"')
            folded = FOLDED_TITLE.format("one.cell")
            said = f"ARRAY(SELECT {folded} FROM {each} AS one WHERE {folded} ~ '[1-9]')"
            known = _NUMBERS.format(kind=kind, number=FOLDED_TITLE.format("t.number"))
            tests.append(_DISJOINT.format(said=said, known=known))
    if "owner_name" in contract.fields:
        said = f"array_remove(ARRAY[{FOLDED.format('s.owner_name')}], NULL)"
        known = _OWNERS.format(titled=FOLDED.format("t.owner_name"), held=FOLDED.format("o.name"))
        tests.append(_DISJOINT.format(said=said, known=known))
    known = _HOLDERS.format(kind="occupies")
    if rule.occupancy_extent is None:
        known = _STEWARD
    return [*tests, _DISJOINT.format(said="named.bodies", known=known)]


_DISJOINT: Final = (
    "(cardinality({said}) > 0 AND cardinality(ARRAY({known})) > 0 AND NOT {said} && ARRAY({known}))"
)
_STEWARD: Final = (
    "SELECT o.steward_id FROM place.place AS o"
    " WHERE o.place_id = p.place_id AND o.steward_id IS NOT NULL"
)
_OPEN_TITLES: Final = (
    "FROM place.title_place AS l JOIN place.title AS t USING (title_id)"
    " WHERE l.place_id = p.place_id AND t.valid_to IS NULL"
)
_NUMBERS: Final = f"SELECT {{number}} {_OPEN_TITLES} AND t.kind = '{{kind}}' AND t.number ~ '[1-9]'"
_HOLDERS: Final = (
    "SELECT y.holder_id FROM estate.holding AS h JOIN estate.holding_party AS y USING (holding_id)"
    " WHERE h.place_id = p.place_id AND h.kind = '{kind}' AND h.valid_to IS NULL"
)
_OWNERS: Final = f"""
SELECT {{titled}} {_OPEN_TITLES} AND t.owner_name IS NOT NULL
UNION SELECT {{held}} FROM organization.organization AS o
WHERE o.organization_id IN ({_HOLDERS.format(kind="owns")})"""

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
  AND (section IS NOT NULL OR kind <> 'housing_unit')
GROUP BY 2, 3, 4, 5, 6 HAVING count(*) = 1"""
_RECODED: Final = f"""
CREATE TEMP TABLE recoded ON COMMIT DROP AS
SELECT u.row_number, p.place_id
FROM ({_KEYED.format(id="row_number", table="part_row")}) AS mine
JOIN ({_KEYED.format(id="place_id", table="part_place")}) AS theirs
  USING (kind, top_id, told_0, level_key, section_key)
JOIN pg_temp.part_row AS u USING (row_number)
JOIN pg_temp.part_place AS p USING (place_id)
JOIN pg_temp.stage AS s ON s.row_number = u.row_number
LEFT JOIN (SELECT row_number, array_agg(organization_id) AS bodies FROM pg_temp.stage_unit
           WHERE organization_id IS NOT NULL GROUP BY 1) AS named
  ON named.row_number = s.row_number
WHERE u.is_coded AND p.is_coded AND ({{contradicts}}) IS NOT TRUE
  AND {{agrees}} AND {{same_area}}"""
_TOLD_BY_AREA: Final = """
SELECT count(DISTINCT r.row_number)
FROM pg_temp.recoded AS r
JOIN (SELECT min(u.row_number) AS row_number, u.top_id, u.kind, v.area_kind, v.area_m2
      FROM pg_temp.part_row AS u JOIN pg_temp.stage AS s USING (row_number)
      CROSS JOIN LATERAL (VALUES {said}) AS v (area_kind, area_m2)
      GROUP BY 2, 3, 4, 5 HAVING count(*) = 1) AS mine USING (row_number)
JOIN (SELECT min(p.place_id) AS place_id, p.top_id, p.kind, c.area_kind, c.area_m2
      FROM pg_temp.part_place AS p JOIN place.counted_area AS c USING (place_id)
      GROUP BY 2, 3, 4, 5 HAVING count(*) = 1) AS theirs
  USING (place_id, top_id, kind, area_kind, area_m2)"""
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
