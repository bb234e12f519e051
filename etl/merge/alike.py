"""Places that rows without a match by number or address may mean all the same.

Two sources write one building in two ways; to insert the second as a twin would count it twice, to
merge it silently might join two. So a row that resembles a known place waits, with its candidates
and what speaks for each, until a person decides (`etl.matches`).

Pairs come from equi-joins on what twins share (a house number and a street but for one character, a
telling name, one certificate, one holder and one area, a name below one parent) and from outlines
over one ground; only these are scored. A numbered file that meets an empty register pays for two
EXISTS.
"""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.merge.certificates import (
    add_same_titles,
    find_same_titles,
    note_same_titles,
)
from etl.merge.crowds import MOST, few_each
from etl.merge.ground import add_overlapping
from etl.merge.likeness import score_pairs
from etl.merge.pairs_sql import KINDS, field_of, gross_of, kind_of, number_of, own_numbers, worded
from etl.merge.twins import add_twin_pairs, begin_twins, hold_twins
from gis.db import run_script

_MOST_NAMESAKES: Final = 20
"""A name that more places bear tells nothing."""
_MOST_OF_AN_AREA: Final = 5
"""Places of one holder and one area to the square metre: more are flats of one plan."""
_LONGEST_STREET: Final = 16
_SHORTEST: Final = 2


def begin_pairs(conn: Connection) -> None:
    """`pair (row_number, place_id)`: what a row may mean, from whatever step of the matching."""
    run_script(
        conn,
        "DROP TABLE IF EXISTS pg_temp.pair; CREATE TEMP TABLE pair (row_number integer,"
        " place_id bigint, PRIMARY KEY (row_number, place_id)) ON COMMIT DROP",
    )
    begin_twins(conn)


def hold_alike(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Hold rows that resemble known places or earlier rows, and keep what speaks for each pair.

    After matches, parents, stewards and secrets are known. `candidate` gets the places, `twin` the
    rows. Rows that wait already because several places fit have their pairs scored as well; only
    what the account may see is compared with. A list whose rows all have numbers is not compared
    with itself.
    """
    run_script(conn, _NO_CANDIDATES)
    find_same_titles(conn, contract, rule)
    if rule.kind in KINDS:
        _find_pairs(conn, contract, rule)
    if conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.pair)")).scalar_one():
        score_pairs(conn, contract, rule)
    hold_twins(conn, contract, rule)
    if rule.kind in KINDS and rule.may_create:
        note_same_titles(conn)


def _find_pairs(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    number, card = own_numbers(contract, "s")
    is_unnumbered = conn.execute(
        text(f"SELECT EXISTS (SELECT FROM pg_temp.stage AS s"
             f" WHERE coalesce({number}, {card}) IS NULL)")
    ).scalar_one()  # fmt: skip
    compared = _OPEN if is_unnumbered else _OPEN + _NOT_FOUND
    is_any = conn.execute(
        text(f"SELECT EXISTS (SELECT FROM place.place AS p WHERE {compared})")
    ).scalar_one()
    if not (is_any or is_unnumbered):
        return
    run_script(conn, _mine(contract, rule))
    if not conn.execute(text("SELECT EXISTS (SELECT FROM pg_temp.mine)")).scalar_one():
        return
    if is_any:
        run_script(conn, _theirs(compared))
        for block in (_ADDRESSED, _BY_ADDRESS, _BY_NAME, _BY_HOLDER, _BY_LABEL):
            run_script(conn, block)
        add_same_titles(conn)
        add_overlapping(conn)
    # What a list may not create is not counted twice by it.
    if is_unnumbered and rule.may_create:
        add_twin_pairs(conn)


_NO_CANDIDATES: Final = """
DROP TABLE IF EXISTS pg_temp.candidate, pg_temp.mine, pg_temp.theirs, pg_temp.addressed;
CREATE TEMP TABLE candidate (row_number integer, place_id bigint, other_row integer, score numeric,
  address_score numeric, name_score numeric, overlap_score numeric, area_score numeric,
  distance_m numeric, is_same_holder boolean, is_same_title boolean) ON COMMIT DROP;
CREATE INDEX ON pg_temp.candidate (row_number)
"""

_KINDS_SQL: Final = ", ".join(f"'{kind}'" for kind in KINDS)

_OPEN: Final = f"""
p.kind IN ({_KINDS_SQL}) AND p.security_class < 3 AND p.valid_to IS NULL
  AND NOT EXISTS (SELECT FROM pg_temp.parent AS a WHERE a.parent_id = p.place_id)
"""
_NOT_FOUND: Final = (
    " AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.place_id = p.place_id)"
)
"""Where a list numbers its rows, what one of them means is no other's."""


def _mine(contract: ColumnContract, rule: PlaceRule) -> str:
    """`mine`: the rows that nothing has found yet."""
    number, card = own_numbers(contract, "s")
    rows = worded(f"""
  SELECT s.row_number, {number} AS own_number, {card} AS own_card,
         {kind_of(contract, rule)} AS kind, parent.parent_id,
         left({field_of(contract, "division_code")}, 6) AS area,
         {gross_of(contract)} AS gross_area_m2, st.organization_id AS steward_id, s.geom,
         {number_of(contract, "house")} AS house_title, {number_of(contract, "land")} AS land_title,
         {field_of(contract, "address")} AS written_address,
         {field_of(contract, "name")} AS written_name
  FROM pg_temp.stage AS s
  LEFT JOIN pg_temp.parent AS parent USING (row_number)
  LEFT JOIN pg_temp.stage_steward AS st USING (row_number)
  WHERE s.is_secret IS NOT TRUE
    AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.row_number = s.row_number)
    AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number)
    AND NOT EXISTS (SELECT FROM pg_temp.decided AS d WHERE d.row_number = s.row_number)""")
    return f"""
CREATE TEMP TABLE mine ON COMMIT DROP AS {rows};
ANALYZE pg_temp.mine (row_number, street, core, label, steward_id, parent_id)"""


def _theirs(compared: str) -> str:
    """`theirs`: open places of the register that the account sees."""
    places = worded(f"""
  SELECT p.place_id, p.parent_id, left(p.stated_admin_area_code, 6) AS stated_area,
         left(p.admin_area_code, 6) AS located_area, p.steward_id,
         p.address AS written_address, p.name AS written_name
  FROM place.place AS p
  WHERE {compared} AND p.rights_cell = ANY (ARRAY(SELECT cell FROM rights.my_cells))""")
    return f"""
CREATE TEMP TABLE theirs ON COMMIT DROP AS {places};
ANALYZE pg_temp.theirs (place_id, street, core, label, steward_id, parent_id)"""


# A functional area is counted in the district it lies in: either name will do.
_SAME_AREA: Final = (
    "(m.area IS NULL OR coalesce(t.stated_area, t.located_area) IS NULL"
    " OR m.area IN (t.stated_area, t.located_area))"
)
_SHOWN: Final = f"CASE WHEN places > {MOST} THEN 5 ELSE {MOST} END"
"""SQL of how many of the places that share something are set beside a row."""
_ADD: Final = "INSERT INTO pg_temp.pair (row_number, place_id) SELECT DISTINCT row_number, place_id"

# Two spellings that differ by one character share what is left without it; a range meets each of
# its houses.
_VARIANTS: Final = f"""
SELECT {{key}}, lane, unnest(houses) AS house, street AS variant FROM pg_temp.{{table}}
WHERE length(street) >= {_SHORTEST}
UNION
SELECT {{key}}, lane, unnest(houses), overlay(street PLACING '' FROM cut FOR 1)
FROM pg_temp.{{table}} CROSS JOIN generate_series(1, {_LONGEST_STREET}) AS cut
WHERE length(street) BETWEEN greatest(3, cut) AND {_LONGEST_STREET}
"""
# Of one spelling that very many places bear, a few: what else they share tells more of them.
_ADDRESSED: Final = f"""
CREATE TEMP TABLE addressed ON COMMIT DROP AS
SELECT place_id, street, lane, houses FROM (
  SELECT place_id, street, lane, houses, count(*) OVER alike AS places,
         row_number() OVER (alike ORDER BY place_id) AS nth
  FROM pg_temp.theirs WHERE parent_id IS NULL AND houses IS NOT NULL
  WINDOW alike AS (PARTITION BY street, lane, houses, stated_area, located_area)
) AS t WHERE nth <= {_SHOWN};
ANALYZE pg_temp.addressed (street, lane)
"""
_BY_ADDRESS: Final = f"""
{_ADD} FROM (
  SELECT m.row_number, t.place_id
  FROM ({_VARIANTS.format(table="mine", key="row_number")}) AS mv
  JOIN ({_VARIANTS.format(table="addressed", key="place_id")}) AS tv USING (variant, lane, house)
  JOIN pg_temp.mine AS m ON m.row_number = mv.row_number
  JOIN pg_temp.theirs AS t ON t.place_id = tv.place_id
  WHERE m.parent_id IS NULL AND {_SAME_AREA}
) AS found ON CONFLICT DO NOTHING
"""

# Rows and places are counted by what they share before any is set beside another: thousands of both
# may bear one name. A place stands under each name of its area.
_AREAS: Final = """(
  SELECT t.place_id, t.core, t.name_numbers, t.label, t.steward_id, t.parent_id, one.area
  FROM pg_temp.theirs AS t CROSS JOIN LATERAL (
    SELECT t.stated_area AS area UNION SELECT t.located_area) AS one
  WHERE one.area IS NOT NULL OR coalesce(t.stated_area, t.located_area) IS NULL
) AS t"""
_FEW: Final = """
{add} FROM (
  SELECT f.row_number, f.place_id, count(*) OVER (PARTITION BY f.row_number) AS places
  FROM (SELECT DISTINCT row_number, place_id FROM ({found}) AS f WHERE places <= {most}) AS f
) AS found WHERE places <= {most} ON CONFLICT DO NOTHING
"""
_BY_NAME: Final = _FEW.format(
    add=_ADD,
    most=_MOST_NAMESAKES,
    found=few_each(
        rows=f"(SELECT * FROM pg_temp.mine WHERE length(core) > {_SHORTEST} AND parent_id IS NULL)",
        places=f"(SELECT * FROM {_AREAS} WHERE parent_id IS NULL) AS t",
        keys=("core", "name_numbers"),
        optional="area",
    ),
)

_BY_HOLDER: Final = _FEW.format(
    add=_ADD,
    most=_MOST_OF_AN_AREA,
    found=few_each(
        rows="(SELECT * FROM pg_temp.mine WHERE gross_area_m2 > 0 AND parent_id IS NULL)",
        places=f"(SELECT t.*, c.area_m2 AS gross_area_m2 FROM {_AREAS}"
        " JOIN place.counted_area AS c ON c.place_id = t.place_id AND c.area_kind = 'gross'"
        " WHERE parent_id IS NULL) AS t",
        keys=("steward_id", "gross_area_m2"),
        optional="area",
    ),
)

# Below one parent they are asked about however many they are, a few of them beside each row.
_BY_LABEL: Final = f"""
{_ADD} FROM pg_temp.mine AS m JOIN (
  SELECT place_id, parent_id, label, name_numbers, count(*) OVER alike AS places,
         row_number() OVER (alike ORDER BY place_id) AS nth
  FROM pg_temp.theirs WHERE label <> ''
  WINDOW alike AS (PARTITION BY parent_id, label, name_numbers)
) AS t USING (parent_id, label, name_numbers)
WHERE t.nth <= {_SHOWN} ON CONFLICT DO NOTHING
"""
