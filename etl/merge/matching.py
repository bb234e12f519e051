"""Which places the rows of a staged sheet mean, and what they hang in."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from assets.domain import ColumnContract, PlaceRule
from etl.folding import FOLDED
from etl.merge.alike import begin_pairs
from etl.merge.decisions import apply_decisions
from etl.merge.twins import hold_repeats
from etl.staging import stored_columns
from gis.db import run_script
from gis.places.kind_model import building, site


def match_places(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Fill `stage_match (row_number, place_id)`; rows that fit several places are held.

    What a person decided of a row comes before all (`decided`), then a number: our own code, a
    source number, an asset card, a real-estate unit. Rows without are looked up by district and
    address where the contract says so, and only a pair that is alone on both sides counts.
    """
    run_script(
        conn,
        "CREATE TEMP TABLE stage_match (row_number integer PRIMARY KEY, place_id bigint)"
        " ON COMMIT DROP",
    )
    begin_pairs(conn)
    apply_decisions(conn, contract)
    hold_repeats(conn)
    fields = contract.fields
    _match(conn, "SELECT s.row_number, p.place_id FROM pg_temp.stage AS s"
           " JOIN place.place AS p ON p.code = s.own_place_code")  # fmt: skip
    if "code" in fields:
        _match(conn, "SELECT s.row_number, p.place_id FROM pg_temp.stage AS s"
               " JOIN place.place AS p ON p.code = s.code")  # fmt: skip
        _match_identifier(conn, "source", "code")
    for scheme, column in stored_columns(contract, "identifier").items():
        field = column.split('"')[1]
        _match_identifier(conn, scheme, field, contract.end_of(field))
    if rule.is_matched_by_address:
        _match_address(conn, contract, rule)
    _hold_shared_matches(conn)
    _hold_other_kinds(conn, rule)


def _match(conn: Connection, select: str) -> None:
    """Add the pairs of a query for rows without a match; a row with several pairs stays without."""
    run_script(
        conn,
        "INSERT INTO pg_temp.stage_match (row_number, place_id)"
        f" SELECT row_number, min(place_id) FROM ({select}) AS found (row_number, place_id)"
        " WHERE NOT EXISTS (SELECT FROM pg_temp.stage_match AS m"
        "                   WHERE m.row_number = found.row_number)"
        " AND NOT EXISTS (SELECT FROM pg_temp.decided AS d WHERE d.row_number = found.row_number)"
        " GROUP BY row_number HAVING count(DISTINCT place_id) = 1",
    )


def _match_identifier(conn: Connection, scheme: str, column: str, ends: str | None = None) -> None:
    """Rows by a number in use; one that the row says has ended may be one that ended that day.

    A number that one row of the sheet gives up does not make another row mean the place that has
    it till then.
    """
    found = (
        "SELECT s.row_number, i.place_id FROM pg_temp.stage AS s"
        f" JOIN place.identifier AS i ON i.scheme = '{scheme}' AND i.value = s.\"{column}\""
    )
    if ends is None:
        _match(conn, f"{found} AND i.valid_to IS NULL")
        return
    _match(conn, f'{found} AND i.valid_to = s."{ends}"')
    given_up = f'SELECT "{column}" FROM pg_temp.stage WHERE "{ends}" IS NOT NULL'
    _match(
        conn,
        f'{found} AND i.valid_to IS NULL WHERE s."{ends}" IS NOT NULL'
        f' OR s."{column}" NOT IN ({given_up} AND "{column}" IS NOT NULL)',
    )


def _match_address(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Rows without a match, by folded address and stated district, among places of the kind.

    A property may be registered as a site or as a building without one, so both are looked at. A
    staged row or a place with an asset card is never matched to one with another card.
    """
    either = ("site", "building") if rule.kind in {"site", "building"} else (rule.kind,)
    kinds = ", ".join(f"'{kind}'" for kind in rule.matched_kinds or either)
    has_parent = [f's."{field}" IS NULL' for field in rule.parent_fields]
    if rule.is_made_by_register:
        has_parent.append(f"NOT {is_registered(rule)}")
    card = 's."asset_card_code"' if "asset_card_code" in contract.fields else "NULL::text"
    top = " AND ".join(["s.address IS NOT NULL", *has_parent])
    run_script(
        conn,
        f"""
        CREATE TEMP TABLE by_address ON COMMIT DROP AS
        WITH mine AS (
          SELECT s.row_number, {FOLDED.format("s.address")} AS address, {card} AS card,
                 left(s.division_code, 6) AS area, s.division_code AS full_area
          FROM pg_temp.stage AS s
          WHERE {top}
            AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m
                            WHERE m.row_number = s.row_number)
            AND NOT EXISTS (SELECT FROM pg_temp.decided AS d WHERE d.row_number = s.row_number)
            AND s.repeats_row IS NULL
        ),
        theirs AS (
          SELECT p.place_id, {FOLDED.format("p.address")} AS address,
                 p.stated_admin_area_code AS area, i.value AS card
          FROM place.place AS p
          LEFT JOIN place.identifier AS i
            ON i.place_id = p.place_id AND i.scheme = 'asset_card' AND i.valid_to IS NULL
          WHERE p.kind IN ({kinds}) AND p.parent_id IS NULL AND p.address IS NOT NULL
            AND EXISTS (SELECT FROM mine)
            AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.place_id = p.place_id)
        )
        SELECT mine.row_number, theirs.place_id,
               count(*) OVER (PARTITION BY mine.row_number) AS places,
               count(*) OVER (PARTITION BY theirs.place_id) AS rows
        FROM mine JOIN theirs USING (address)
        WHERE (theirs.area IS NULL OR mine.area IS NULL
               OR theirs.area IN (mine.area, mine.full_area))
          AND (mine.card IS NULL OR theirs.card IS NULL);
        INSERT INTO pg_temp.stage_match (row_number, place_id)
        SELECT row_number, place_id FROM pg_temp.by_address WHERE places = 1 AND rows = 1;
        INSERT INTO pg_temp.held (row_number, rule, severity)
        SELECT DISTINCT row_number, 'match.ambiguous', 'question' FROM pg_temp.by_address
        WHERE places > 1 OR rows > 1;
        INSERT INTO pg_temp.pair SELECT row_number, place_id FROM pg_temp.by_address
        WHERE places > 1 OR rows > 1 ON CONFLICT DO NOTHING;
        DROP TABLE pg_temp.by_address;
        """,
    )


def is_registered(rule: PlaceRule) -> str:
    """A number of a statutory register: its body sits somewhere, so the place may be made."""
    if not rule.is_made_by_register:
        return "false"
    return (
        "EXISTS (SELECT FROM organization.organization_register AS r"
        f' WHERE r.number = s."{rule.register_field}" AND r.valid_to IS NULL)'
    )


def first_of(fields: Sequence[str]) -> str:
    """SQL for the first filled one of some fields of `stage AS s`."""
    return "coalesce(" + ", ".join(f's."{field}"' for field in fields) + ")"


def _hold_shared_matches(conn: Connection) -> None:
    """Several rows that mean one place contradict each other: all of them wait."""
    run_script(
        conn,
        "INSERT INTO pg_temp.held (row_number, rule, severity)"
        " SELECT row_number, 'match.ambiguous', 'question' FROM"
        " (SELECT row_number, count(*) OVER (PARTITION BY place_id) AS rows"
        "  FROM pg_temp.stage_match) AS m WHERE rows > 1;"
        "INSERT INTO pg_temp.pair SELECT row_number, place_id FROM"
        " (SELECT *, count(*) OVER (PARTITION BY place_id) AS rows FROM pg_temp.stage_match) AS m"
        " WHERE rows > 1 ON CONFLICT DO NOTHING",
    )


def _hold_other_kinds(conn: Connection, rule: PlaceRule) -> None:
    """A number that stands for a place of another kind is a mistake somewhere."""
    compatible = {rule.kind}
    if rule.kind in {"site", "building", "structure"}:
        compatible |= {"site", "building", "structure"}
    if not rule.may_create:
        return
    kinds = ", ".join(f"'{kind}'" for kind in sorted(compatible))
    run_script(
        conn,
        "DROP TABLE IF EXISTS pg_temp.misplaced; CREATE TEMP TABLE misplaced ON COMMIT DROP AS"
        " SELECT m.row_number, m.place_id"
        " FROM pg_temp.stage_match AS m JOIN place.place AS p USING (place_id)"
        f" WHERE p.kind NOT IN ({kinds})",
    )
    run_script(conn, _HOLD_MISPLACED)


# Who said that the row is this very place is not asked the same again, but told that it cannot be.
_HOLD_MISPLACED: Final = """
INSERT INTO pg_temp.held (row_number, rule, severity)
SELECT x.row_number,
       CASE WHEN d.row_number IS NULL THEN 'match.kind_differs' ELSE 'match.decision_unfit' END,
       CASE WHEN d.row_number IS NULL THEN 'question' ELSE 'reject' END
FROM pg_temp.misplaced AS x LEFT JOIN pg_temp.decided AS d
  ON d.row_number = x.row_number AND d.choice = 'same';
INSERT INTO pg_temp.pair SELECT x.row_number, x.place_id FROM pg_temp.misplaced AS x
WHERE NOT EXISTS (SELECT FROM pg_temp.decided AS d
                  WHERE d.row_number = x.row_number AND d.choice = 'same')
ON CONFLICT DO NOTHING;
DROP TABLE pg_temp.misplaced
"""


def hold_impossible_parents(conn: Connection, rule: PlaceRule) -> None:
    """A row that would hang a place it finds in what cannot hold its kind: a site in a site.

    But for a bare property of the census, which turns out to be a building there.
    """
    settled = (
        f"AND NOT ({_TURNS} AND (p.code IS DISTINCT FROM s.code OR {_IS_BARE}))"
        if rule.settles_kind
        else ""
    )
    run_script(
        conn,
        f"""
        CREATE TEMP TABLE misplaced ON COMMIT DROP AS
        SELECT m.row_number, m.place_id
        FROM pg_temp.stage_match AS m JOIN pg_temp.stage AS s USING (row_number)
        JOIN place.place AS p USING (place_id)
        JOIN pg_temp.parent AS parent ON parent.row_number = m.row_number
        WHERE NOT EXISTS (SELECT FROM place.allowed_parent AS a
                          WHERE a.kind = p.kind AND a.parent_kind = parent.parent_kind)
          AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = m.row_number)
          {settled};
        """,
    )
    run_script(conn, _HOLD_MISPLACED)


_TURNS: Final = (
    "p.kind = 'site' AND s.is_secret IS NOT TRUE"
    " AND coalesce(s.place_kind, 'building') = 'building'"
)

# No row of this sheet hangs in it either, not even the one that means it.
_IS_BARE: Final = """(p.geom IS NULL
  AND NOT EXISTS (SELECT FROM place.place AS part WHERE part.parent_id = p.place_id)
  AND p.place_id NOT IN (SELECT parent_id FROM pg_temp.parent WHERE parent_id IS NOT NULL))"""


def hold_unmatched(conn: Connection, rule: PlaceRule) -> None:
    """Rows of a list that may create no place, and fit none: a person says what they are."""
    if rule.may_create:
        return
    run_script(
        conn,
        f"""
        INSERT INTO pg_temp.held (row_number, rule, severity)
        SELECT row_number, 'match.not_found', 'question' FROM pg_temp.stage AS s
        WHERE NOT {is_registered(rule)}
          AND NOT EXISTS (SELECT FROM pg_temp.stage_match AS m WHERE m.row_number = s.row_number)
          AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number)
          AND NOT EXISTS (SELECT FROM pg_temp.decided AS d
                          WHERE d.row_number = s.row_number AND d.choice = 'new')
        """,
    )


def find_parents(conn: Connection, rule: PlaceRule) -> None:
    """Fill `parent (row_number, parent_id, parent_kind)`; reject rows whose parent is unknown."""
    run_script(
        conn,
        "DROP TABLE IF EXISTS pg_temp.parent;"
        "CREATE TEMP TABLE parent (row_number integer PRIMARY KEY, parent_id bigint,"
        " parent_kind text) ON COMMIT DROP",
    )
    if not rule.parent_fields:
        return
    code = first_of(rule.parent_fields)
    run_script(
        conn,
        f"""
        INSERT INTO pg_temp.parent
        SELECT DISTINCT ON (s.row_number) s.row_number, p.place_id, p.kind
        FROM pg_temp.stage AS s
        JOIN (SELECT code AS value, place_id FROM place.place
              UNION ALL
              SELECT value, place_id FROM place.identifier
              WHERE scheme = 'source' AND valid_to IS NULL
              UNION ALL
              SELECT code, place_id FROM pg_temp.secret_code) AS known ON known.value = {code}
        JOIN place.place AS p ON p.place_id = known.place_id
        JOIN place.allowed_parent AS allowed
          ON allowed.kind = '{rule.kind}' AND allowed.parent_kind = p.kind
        ORDER BY s.row_number, p.place_id;
        INSERT INTO pg_temp.held (row_number, rule, severity)
        SELECT s.row_number, 'parent.unknown', 'reject' FROM pg_temp.stage AS s
        WHERE ({code} IS NOT NULL OR {"true" if rule.is_parent_required else "false"})
          AND NOT EXISTS (SELECT FROM pg_temp.parent AS p WHERE p.row_number = s.row_number);
        """,
    )
    if rule.section_field is not None:
        run_script(conn, _PARENT_SECTION.format(label=rule.section_field))


_PARENT_SECTION: Final = """
UPDATE pg_temp.parent AS parent SET parent_id = section.place_id, parent_kind = 'section'
FROM pg_temp.stage AS s, place.place AS section, place.section AS label
WHERE s.row_number = parent.row_number AND section.parent_id = parent.parent_id
  AND section.kind = 'section' AND label.place_id = section.place_id
  AND label.label = s."{label}"
"""


def turn_sites_into_buildings(conn: Connection) -> None:
    """A property of the census that turns out to be a building without a site becomes one.

    The census form says nothing of kinds, so its properties enter as sites. A building row with no
    site of its own that means such a property (no shape, no parts yet) settles what it is, and so
    does one that bears the property's own number and names a site; one that means a property with
    parts is a part of it.
    """
    both = ", ".join(column.name for column in site.columns if column.name in building.columns)
    run_script(
        conn,
        f"""
        CREATE TEMP TABLE turned ON COMMIT DROP AS
        SELECT m.row_number, p.place_id, {_IS_BARE} AS is_bare
        FROM pg_temp.stage_match AS m JOIN place.place AS p USING (place_id)
        JOIN pg_temp.stage AS s USING (row_number)
        WHERE {_TURNS}
          AND (p.code IS DISTINCT FROM s.code OR EXISTS (
            SELECT FROM pg_temp.parent AS parent WHERE parent.row_number = m.row_number))
          AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = m.row_number);
        DELETE FROM pg_temp.stage_match USING pg_temp.turned
        WHERE turned.row_number = stage_match.row_number AND NOT turned.is_bare;
        INSERT INTO pg_temp.parent
        SELECT row_number, place_id, 'site' FROM pg_temp.turned WHERE NOT is_bare
        ON CONFLICT DO NOTHING;
        UPDATE place.place AS p SET kind = 'building' FROM pg_temp.turned AS t
        WHERE p.place_id = t.place_id AND t.is_bare;
        INSERT INTO place.building ({both})
        SELECT {both} FROM place.site JOIN pg_temp.turned USING (place_id) WHERE is_bare;
        DELETE FROM place.site USING pg_temp.turned AS t
        WHERE site.place_id = t.place_id AND t.is_bare;
        DROP TABLE pg_temp.turned;
        """,
    )
