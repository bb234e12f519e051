"""Both sides of each pair that may be one place, as `etl.merge.likeness` scores them."""

from typing import Final

from assets.domain import ColumnContract, PlaceRule
from etl.merge import wording
from etl.staging import stored_columns

HOUSES: Final = "-"
"""Between the house numbers of one address."""
_ALONE: Final = ("asset_card", "real_estate_unit")
"""Numbers that a thing has once: two of them are two things."""


def field_of(contract: ColumnContract, field: str) -> str:
    """SQL of a field that the sheet may not have."""
    return f's."{field}"' if field in contract.fields else "NULL::text"


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
    """`scored_pair`: per pair what either side says, with nulls as empty texts."""
    mine = worded(f"""
    SELECT s.row_number, {kind_of(contract, rule)} AS kind, parent.parent_id,
           {gross_of(contract)} AS gross_area_m2, st.organization_id AS steward_id, s.geom,
           {field_of(contract, "address")} AS written_address,
           {field_of(contract, "name")} AS written_name
    FROM pg_temp.stage AS s LEFT JOIN pg_temp.parent AS parent USING (row_number)
    LEFT JOIN pg_temp.stage_steward AS st USING (row_number)
    WHERE s.row_number IN (SELECT row_number FROM pg_temp.pair)""")
    theirs = worded("""
    SELECT p.place_id, p.kind, p.parent_id, c.area_m2 AS gross_area_m2, p.steward_id, p.geom,
           CASE WHEN p.located_by <> 'ancestor' THEN p.anchor END AS anchor,
           p.address AS written_address, p.name AS written_name
    FROM place.place AS p
    LEFT JOIN place.counted_area AS c ON c.place_id = p.place_id AND c.area_kind = 'gross'
    WHERE p.place_id IN (SELECT place_id FROM pg_temp.pair)""")
    texts = ", ".join(
        f"coalesce(m.{name}, '') AS my_{name}, coalesce(t.{name}, '') AS their_{name}"
        for name in ("street", "lane", "part", "name_numbers", "core", "label")
    )
    texts += ", " + ", ".join(
        f"coalesce(array_to_string({alias}.houses, '{HOUSES}'), '') AS {side}_house"
        for alias, side in (("m", "my"), ("t", "their"))
    )
    return f"""
DROP TABLE IF EXISTS pg_temp.scored_pair;
CREATE TEMP TABLE scored_pair ON COMMIT DROP AS
WITH mine AS MATERIALIZED ({mine}), theirs AS MATERIALIZED ({theirs})
SELECT pair.row_number, pair.place_id, {texts},
       m.gross_area_m2 AS my_area_m2, t.gross_area_m2 AS their_area_m2,
       m.steward_id AS my_steward, t.steward_id AS their_steward,
       coalesce(m.parent_id = t.parent_id, false) AS is_same_parent,
       CASE WHEN m.kind = t.kind AND {_is_outline("m")} AND {_is_outline("t")}
            THEN ST_AsBinary(m.geom) END AS my_shape,
       CASE WHEN m.kind = t.kind AND {_is_outline("m")} AND {_is_outline("t")}
            THEN ST_AsBinary(t.geom) END AS their_shape,
       ST_Distance(ST_Centroid(m.geom)::geography,
                   coalesce(ST_Centroid(t.geom), t.anchor)::geography) AS distance_m,
       {_has_other_number(contract)} AS has_other_number,
       EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = pair.row_number) AS is_held
FROM pg_temp.pair AS pair JOIN mine AS m USING (row_number) JOIN theirs AS t USING (place_id)
ORDER BY pair.row_number, pair.place_id"""


def _is_outline(alias: str) -> str:
    return f"GeometryType({alias}.geom) IN ('POLYGON', 'MULTIPOLYGON')"


def _has_other_number(contract: ColumnContract) -> str:
    """SQL: both have a number that things have once, and it is another."""
    written = stored_columns(contract, "identifier")
    tests = [
        "EXISTS (SELECT FROM place.identifier AS i JOIN pg_temp.stage AS s"
        f" ON s.row_number = pair.row_number WHERE i.place_id = pair.place_id"
        f" AND i.scheme = '{scheme}' AND i.valid_to IS NULL AND i.value <> {written[scheme]})"
        for scheme in _ALONE
        if scheme in written
    ]
    return " OR ".join(tests) or "false"
