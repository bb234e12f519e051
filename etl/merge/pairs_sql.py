"""Both sides of each pair that may be one place, as `etl.merge.likeness` scores them."""

from typing import Final

from assets.domain import ColumnContract, PlaceRule
from etl.folding import FOLDED_TITLE
from etl.merge import wording
from etl.staging import stored_columns

HOUSES: Final = "-"
"""Between the house numbers of one address."""
KINDS: Final = ("site", "building", "structure")
"""Kinds that are compared: what two offices register twice. A room is known by its building."""
CERTIFICATES: Final = {"house": "certificate_no", "land": "land_certificate_no"}
"""Kinds of certificates, and the fields of their numbers."""
ALONE: Final = ("asset_card", "real_estate_unit")
"""Numbers that a thing has once: two of them are two things."""


def field_of(contract: ColumnContract, field: str) -> str:
    """SQL of a field that the sheet may not have."""
    return f's."{field}"' if field in contract.fields else "NULL::text"


def number_of(contract: ColumnContract, kind: str, alias: str = "s") -> str:
    """SQL of a row's folded certificate number of a kind; null where its cell has no number."""
    written = field_of(contract, CERTIFICATES[kind]).replace("s.", f"{alias}.", 1)
    folded = FOLDED_TITLE.format(written)
    return f"CASE WHEN {folded} ~ '[1-9]' THEN {folded} END"


def kind_of(contract: ColumnContract, rule: PlaceRule) -> str:
    """SQL of the kind a staged row would become."""
    return f"coalesce({field_of(contract, 'place_kind')}, '{rule.kind}')"


def gross_of(contract: ColumnContract) -> str:
    """SQL of the gross area a staged row states."""
    return f"round({stored_columns(contract, 'area').get('gross', 'NULL::numeric')}, 2)"


def worded(source: str) -> str:
    """SQL of a row source with the columns that texts are compared by.

    Args:
        source: A SELECT with `written_address`, `written_name` and `parent_id` among its columns;
            only a part of something has a label.
    """
    # Each step is kept from melting into the next, or every text would be folded many times over.
    return f"""
SELECT row.*, {wording.houses("written_house")} AS houses,
       {wording.part("rest", "written_house")} AS part, {wording.street("bare", "head")} AS street,
       {wording.lane("head")} AS lane,
       {wording.numbers("folded_name")} AS name_numbers, {wording.core("folded_name")} AS core,
       CASE WHEN parent_id IS NOT NULL THEN {wording.label("folded_name")} END AS label
FROM (
  SELECT rested.*, {wording.written_house("rest")} AS written_house
  FROM (
    SELECT headed.*, substr(bare, length(head) + 1) AS rest
    FROM (
      SELECT bared.*, {wording.head("bare")} AS head
      FROM (
        SELECT folded.*, {wording.without_areas("folded_address")} AS bare
        FROM (
          SELECT plain.*, {wording.folded("plain_address")} AS folded_address,
                 {wording.folded("plain_name")} AS folded_name
          FROM (
            SELECT source.*, {wording.plain("written_address")} AS plain_address,
                   {wording.plain("written_name")} AS plain_name
            FROM ({source}) AS source OFFSET 0
          ) AS plain OFFSET 0
        ) AS folded OFFSET 0
      ) AS bared OFFSET 0
    ) AS headed OFFSET 0
  ) AS rested OFFSET 0
) AS row"""


def pairs_sql(contract: ColumnContract, rule: PlaceRule) -> str:
    """`scored_pair`: per pair what either side says, with nulls as empty texts.

    `found_by` is the row of the sheet that means the place already, null where none does.
    """
    theirs = worded("""
    SELECT p.place_id, p.kind, p.parent_id, c.area_m2 AS gross_area_m2, p.steward_id, p.geom,
           CASE WHEN p.located_by <> 'ancestor' THEN p.anchor END AS anchor,
           p.address AS written_address, p.name AS written_name
    FROM place.place AS p
    LEFT JOIN place.counted_area AS c ON c.place_id = p.place_id AND c.area_kind = 'gross'
    WHERE p.place_id IN (SELECT place_id FROM pg_temp.pair)""")
    return f"""
{_sides(_staged(contract, rule, "pair", "row_number"), theirs)}
ANALYZE pg_temp.pair;
ANALYZE pg_temp.stage_match;
DROP TABLE IF EXISTS pg_temp.scored_pair;
CREATE TEMP TABLE scored_pair ON COMMIT DROP AS
SELECT pair.row_number, pair.place_id, {_COMPARED},
       {_has_other_number(contract)} AS has_other_number, by.row_number AS found_by,
       same.row_number IS NOT NULL AS is_same_title,
       {_is_numbered_twice(contract, "own", "by")} AS is_numbered_twice,
       EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = pair.row_number) AS is_held
FROM pg_temp.pair AS pair JOIN pg_temp.my_side AS m USING (row_number)
JOIN pg_temp.their_side AS t USING (place_id)
{_JOIN_HOLDERS}
JOIN pg_temp.stage AS own ON own.row_number = pair.row_number
LEFT JOIN ({_SAME_TITLE}) AS same
  ON (same.row_number, same.place_id) = (pair.row_number, pair.place_id)
LEFT JOIN pg_temp.stage_match AS found
  ON found.place_id = pair.place_id AND found.row_number <> pair.row_number
  AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = found.row_number)
LEFT JOIN pg_temp.stage AS by ON by.row_number = found.row_number
ORDER BY pair.row_number, pair.place_id"""


_SAME_TITLE: Final = """
SELECT DISTINCT said.row_number, said.place_id
FROM (SELECT pair.row_number, pair.place_id, r.kind, r.number
      FROM pg_temp.pair AS pair JOIN pg_temp.row_title AS r USING (row_number) OFFSET 0) AS said
JOIN pg_temp.place_title USING (place_id, kind, number)"""
"""The pairs under one number (`etl.merge.certificates`); never each row with all its places."""


def twin_pairs_sql(contract: ColumnContract, rule: PlaceRule) -> str:
    """`scored_twin`: the same of two rows of the sheet."""
    written = stored_columns(contract, "identifier")
    differ = [
        f"({written[scheme].replace('s.', 'own.')} <> {written[scheme].replace('s.', 'by.')})"
        for scheme in ALONE
        if scheme in written
    ]
    return f"""
{
        _sides(
            _staged(contract, rule, "twin_pair", "row_number"),
            _staged(contract, rule, "twin_pair", "other_row"),
        )
    }
ANALYZE pg_temp.twin_pair;
DROP TABLE IF EXISTS pg_temp.scored_twin;
CREATE TEMP TABLE scored_twin ON COMMIT DROP AS
SELECT pair.row_number, pair.other_row, pair.is_repeat, {_COMPARED},
       ({" OR ".join(differ) or "false"}) IS TRUE AS has_other_number,
       ({" OR ".join(_same_titles(contract))}) IS TRUE AS is_same_title,
       {_is_numbered_twice(contract, "own", "by")} AS is_numbered_twice
FROM pg_temp.twin_pair AS pair JOIN pg_temp.my_side AS m ON m.row_number = pair.row_number
JOIN pg_temp.their_side AS t ON t.row_number = pair.other_row
{_JOIN_HOLDERS}
JOIN pg_temp.stage AS own ON own.row_number = pair.row_number
JOIN pg_temp.stage AS by ON by.row_number = pair.other_row
ORDER BY pair.row_number, pair.other_row"""


def _same_titles(contract: ColumnContract) -> list[str]:
    """SQL: two rows bear one certificate number of a kind."""
    return [
        f"({number_of(contract, kind, 'own')} = {number_of(contract, kind, 'by')})"
        for kind in CERTIFICATES
    ]


def _staged(contract: ColumnContract, rule: PlaceRule, table: str, key: str) -> str:
    """SQL of the staged rows of a table of pairs, worded."""
    return worded(f"""
    SELECT s.row_number, {kind_of(contract, rule)} AS kind, parent.parent_id,
           {gross_of(contract)} AS gross_area_m2, st.organization_id AS steward_id, s.geom,
           NULL::geometry AS anchor, {field_of(contract, "address")} AS written_address,
           {field_of(contract, "name")} AS written_name
    FROM pg_temp.stage AS s LEFT JOIN pg_temp.parent AS parent USING (row_number)
    LEFT JOIN pg_temp.stage_steward AS st USING (row_number)
    WHERE s.row_number IN (SELECT {key} FROM pg_temp.{table})""")


def _is_outline(alias: str) -> str:
    return f"GeometryType({alias}.geom) IN ('POLYGON', 'MULTIPOLYGON')"


_TEXTS: Final = ", ".join(
    [
        f"coalesce({alias}.{name}, '') AS {side}_{name}"
        for name in ("street", "lane", "part", "name_numbers", "core", "label")
        for alias, side in (("m", "my"), ("t", "their"))
    ]
    + [
        f"coalesce(array_to_string({alias}.houses, '{HOUSES}'), '') AS {side}_house,"
        f" {alias}.gross_area_m2 AS {side}_area_m2, {alias}.steward_id AS {side}_steward,"
        f" coalesce({alias}h.core, '') AS {side}_holder,"
        f" coalesce({alias}h.name_numbers, '') AS {side}_holder_numbers,"
        f" CASE WHEN m.kind = t.kind AND {_is_outline('m')} AND {_is_outline('t')}"
        f" THEN ST_AsBinary({alias}.geom) END AS {side}_shape"
        for alias, side in (("m", "my"), ("t", "their"))
    ]
)
_COMPARED: Final = f"""{_TEXTS},
       coalesce(m.parent_id = t.parent_id, false) AS is_same_parent,
       m.parent_id IS NOT NULL OR t.parent_id IS NOT NULL AS is_part,
       coalesce(m.plain_address = t.plain_address, false) AS is_same_spelling,
       ST_Distance(ST_Centroid(m.geom)::geography,
                   coalesce(ST_Centroid(t.geom), t.anchor)::geography) AS distance_m"""
_BODIES: Final = """
SELECT o.organization_id, NULL::bigint AS parent_id, NULL::text AS written_address,
       o.name AS written_name
FROM (SELECT organization_id, name FROM organization.organization
      UNION ALL SELECT organization_id, name FROM pg_temp.new_body) AS o
WHERE o.organization_id IN (SELECT steward_id FROM pg_temp.my_side
                            UNION SELECT steward_id FROM pg_temp.their_side)"""
_NAMED: Final = worded(_BODIES)


def _sides(mine: str, theirs: str) -> str:
    """`my_side`, `their_side`, `side_holder`; counted, or the planner pairs each with each."""
    return "".join(
        f"DROP TABLE IF EXISTS pg_temp.{table};"
        f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {query}; ANALYZE pg_temp.{table} ({key});"
        for table, query, key in (
            ("my_side", mine, "row_number, steward_id"),
            ("their_side", theirs, "steward_id"),
            ("side_holder", _NAMED, "organization_id"),
        )
    )


_JOIN_HOLDERS: Final = """LEFT JOIN pg_temp.side_holder AS mh ON mh.organization_id = m.steward_id
LEFT JOIN pg_temp.side_holder AS th ON th.organization_id = t.steward_id"""


def own_numbers(contract: ColumnContract, alias: str) -> tuple[str, str]:
    """SQL of the numbers that a list gives its things: its own, and the asset card."""
    written, card = (
        f'{alias}."{field}"' if field in contract.fields else "NULL::text"
        for field in ("code", "asset_card_code")
    )
    return written, card


def _is_numbered_twice(contract: ColumnContract, one: str, other: str) -> str:
    """SQL: the list gives both a number of one sort."""
    both = zip(own_numbers(contract, one), own_numbers(contract, other), strict=True)
    return "(" + " OR ".join(f"{a} IS NOT NULL AND {b} IS NOT NULL" for a, b in both) + ")"


def _has_other_number(contract: ColumnContract) -> str:
    """SQL: both have a number that things have once, and it is another."""
    written = stored_columns(contract, "identifier")
    tests = [
        "EXISTS (SELECT FROM place.identifier AS i JOIN pg_temp.stage AS s"
        f" ON s.row_number = pair.row_number WHERE i.place_id = pair.place_id"
        f" AND i.scheme = '{scheme}' AND i.valid_to IS NULL AND i.value <> {written[scheme]})"
        for scheme in ALONE
        if scheme in written
    ]
    return " OR ".join(tests) or "false"
