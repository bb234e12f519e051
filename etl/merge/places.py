"""Places of a staged sheet: who they are already, and what becomes of them.

Everything is one statement over the whole sheet. `target` ends up with one row per thing and the
place's columns as they shall be; inserting and updating only compare and copy.
"""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.staging import stored_columns
from gis.db import run_script
from gis.errors import Forbidden
from gis.tables import metadata

FOLDED: Final = "lower(regexp_replace(normalize({0}, NFKC), '\\s+', '', 'g'))"
"""How two spellings of an address or a name agree; the same on both sides of a comparison."""

_PLACE_COLUMNS: Final = ("name", "address", "use_status", "remark")
_PREFIXES: Final = {
    "parcel": "Z",
    "site": "Y",
    "building": "D",
    "structure": "G",
    "section": "S",
    "floor": "L",
    "room": "F",
    "housing_unit": "H",
    "metering_point": "M",
    "premises": "P",
}


def match_places(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Fill `stage_match (row_number, place_id)`; rows that fit several places are held.

    A number comes first: our own code, a source number, an asset card, a real-estate unit. Rows
    without a match by number are looked up by district and address where the contract says so, and
    only a pair that is alone on both sides counts.
    """
    run_script(
        conn,
        "CREATE TEMP TABLE stage_match (row_number integer PRIMARY KEY, place_id bigint)"
        " ON COMMIT DROP",
    )
    fields = contract.fields
    _match(conn, "SELECT s.row_number, p.place_id FROM pg_temp.stage AS s"
           " JOIN place.place AS p ON p.code = s.own_place_code")  # fmt: skip
    if "code" in fields:
        _match(conn, "SELECT s.row_number, p.place_id FROM pg_temp.stage AS s"
               " JOIN place.place AS p ON p.code = s.code")  # fmt: skip
        _match_identifier(conn, "source", "code")
    for scheme, column in stored_columns(contract, "identifier").items():
        _match_identifier(conn, scheme, column.split('"')[1])
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
        " GROUP BY row_number HAVING count(DISTINCT place_id) = 1",
    )


def _match_identifier(conn: Connection, scheme: str, column: str) -> None:
    _match(
        conn,
        "SELECT s.row_number, i.place_id FROM pg_temp.stage AS s"
        f" JOIN place.identifier AS i ON i.scheme = '{scheme}' AND i.value = s.\"{column}\""
        " AND i.valid_to IS NULL",
    )


def _match_address(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Rows without a match, by folded address and stated district, among places of the kind.

    A property may be registered as a site or as a building without one, so both are looked at. A
    staged row or a place with an asset card is never matched to one with another card.
    """
    kinds = "'site', 'building'" if rule.kind in {"site", "building"} else f"'{rule.kind}'"
    if contract.name == "coordinates":
        kinds = "'site', 'building', 'premises'"
    has_parent = [f's."{field}" IS NULL' for field in rule.parent_fields]
    if contract.name == "coordinates":
        has_parent.append(f"NOT {_is_registered(contract)}")
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
        DROP TABLE pg_temp.by_address;
        """,
    )


def _hold_shared_matches(conn: Connection) -> None:
    """Several rows that mean one place contradict each other: all of them wait."""
    run_script(
        conn,
        "INSERT INTO pg_temp.held (row_number, rule, severity)"
        " SELECT row_number, 'match.ambiguous', 'question' FROM"
        " (SELECT row_number, count(*) OVER (PARTITION BY place_id) AS rows"
        "  FROM pg_temp.stage_match) AS m WHERE rows > 1",
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
        "INSERT INTO pg_temp.held (row_number, rule, severity)"
        " SELECT m.row_number, 'match.kind_differs', 'question'"
        " FROM pg_temp.stage_match AS m JOIN place.place AS p USING (place_id)"
        f" WHERE p.kind NOT IN ({kinds})",
    )


def find_parents(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Fill `parent (row_number, parent_id, parent_kind)`; reject rows whose parent is unknown."""
    run_script(
        conn,
        "DROP TABLE IF EXISTS pg_temp.parent;"
        "CREATE TEMP TABLE parent (row_number integer PRIMARY KEY, parent_id bigint,"
        " parent_kind text) ON COMMIT DROP",
    )
    if not rule.parent_fields:
        return
    code = "coalesce(" + ", ".join(f's."{field}"' for field in rule.parent_fields) + ")"
    run_script(
        conn,
        f"""
        INSERT INTO pg_temp.parent
        SELECT DISTINCT ON (s.row_number) s.row_number, p.place_id, p.kind
        FROM pg_temp.stage AS s
        JOIN (SELECT code AS value, place_id FROM place.place
              UNION ALL
              SELECT value, place_id FROM place.identifier
              WHERE scheme = 'source' AND valid_to IS NULL) AS known ON known.value = {code}
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
    if contract.name == "housing_unit":
        run_script(conn, _PARENT_SECTION)


_PARENT_SECTION: Final = """
UPDATE pg_temp.parent AS parent SET parent_id = section.place_id, parent_kind = 'section'
FROM pg_temp.stage AS s, place.place AS section, place.section AS label
WHERE s.row_number = parent.row_number AND section.parent_id = parent.parent_id
  AND section.kind = 'section' AND label.place_id = section.place_id
  AND label.label = s.section_label
"""


def turn_sites_into_buildings(conn: Connection) -> None:
    """A property of the census that turns out to be a building without a site becomes one.

    The census form says nothing of kinds, so its properties enter as sites. A building row with no
    site of its own that means such a property (no shape, no parts yet) settles what it is; one that
    means a property with parts is a part of it.
    """
    run_script(
        conn,
        """
        CREATE TEMP TABLE turned ON COMMIT DROP AS
        SELECT m.row_number, p.place_id,
               p.geom IS NULL AND NOT EXISTS (SELECT FROM place.place AS part
                                              WHERE part.parent_id = p.place_id) AS is_bare
        FROM pg_temp.stage_match AS m JOIN place.place AS p USING (place_id)
        JOIN pg_temp.stage AS s USING (row_number)
        WHERE p.kind = 'site' AND p.code IS DISTINCT FROM s.code
          AND coalesce(s.place_kind, 'building') = 'building' AND NOT EXISTS (SELECT FROM pg_temp.held AS h
                                              WHERE h.row_number = m.row_number);
        DELETE FROM pg_temp.stage_match USING pg_temp.turned
        WHERE turned.row_number = stage_match.row_number AND NOT turned.is_bare;
        INSERT INTO pg_temp.parent
        SELECT row_number, place_id, 'site' FROM pg_temp.turned WHERE NOT is_bare
        ON CONFLICT DO NOTHING;
        UPDATE place.place AS p SET kind = 'building' FROM pg_temp.turned AS t
        WHERE p.place_id = t.place_id AND t.is_bare;
        INSERT INTO place.building (place_id, ownership_status, is_leased_in,
                                    is_centrally_managed, year_built, population, rights_cell)
        SELECT site.place_id, ownership_status, is_leased_in, is_centrally_managed, year_built,
               population, rights_cell
        FROM place.site JOIN pg_temp.turned USING (place_id) WHERE is_bare;
        DELETE FROM place.site USING pg_temp.turned AS t
        WHERE site.place_id = t.place_id AND t.is_bare;
        DROP TABLE pg_temp.turned;
        """,
    )


def build_target(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Make `target`: per thing that goes on, its place's columns as they shall be.

    Located district: that of the anchor, but a functional area that is counted within it keeps its
    own name; parts take their parent's. Steward: what the place has, else whom the sheet names.
    """
    stored = stored_columns(contract, "place")
    place_id = "nextval(pg_get_serial_sequence('place.place', 'place_id'))"
    own_kind = "s.place_kind" if "place_kind" in contract.fields else "NULL"
    code = "coalesce(s.own_place_code, s.code)" if "code" in contract.fields else "NULL::text"
    has_division = "division_code" in contract.fields
    division = "s.division_code" if has_division else "NULL::text"
    texts = ",\n".join(
        _either(rule, f"p.{name}", stored.get(name, "NULL::text")) + f" AS {name}"
        for name in _PLACE_COLUMNS
    )
    # A point never takes the place of a shape.
    keeps = "p.geom IS NOT NULL" + (
        "" if rule.fills_gaps_only
        else " AND (s.geom IS NULL OR (GeometryType(s.geom) = 'POINT'"
        " AND GeometryType(p.geom) <> 'POINT'))"
    )  # fmt: skip
    geom = f"CASE WHEN {keeps} THEN p.geom ELSE s.geom END"
    create = (
        "" if rule.may_create else f"AND (m.place_id IS NOT NULL OR {_is_registered(contract)})"
    )
    run_script(
        conn,
        f"""
        CREATE TEMP TABLE target ON COMMIT DROP AS
        WITH going AS (
          SELECT s.row_number, m.place_id AS old_id,
                 coalesce(m.place_id, {place_id}) AS place_id,
                 coalesce(old.kind, {own_kind}, '{rule.kind}') AS kind, {code} AS given_code,
                 {division} AS division
          FROM pg_temp.stage AS s
          LEFT JOIN pg_temp.stage_match AS m USING (row_number)
          LEFT JOIN place.place AS old ON old.place_id = m.place_id
          WHERE NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number)
            {create}
        ),
        merged AS (
          SELECT g.row_number, g.place_id, g.old_id IS NULL AS is_new, g.kind,
                 p.code AS old_code, g.given_code,
                 coalesce(parent.parent_id, p.parent_id) AS parent_id,
                 coalesce(parent.parent_kind, p.parent_kind) AS parent_kind,
                 coalesce(stated.code, p.stated_admin_area_code) AS stated_admin_area_code,
                 {texts},
                 {geom} AS geom,
                 CASE WHEN s.geom IS NOT NULL AND ({geom}) = s.geom THEN s.located_by
                      ELSE p.located_by END AS located_by,
                 CASE WHEN s.geom IS NOT NULL AND ({geom}) = s.geom THEN '{rule.area_source}'
                      ELSE p.geom_source END AS geom_source,
                 p.anchor AS old_anchor, p.geom AS old_geom,
                 p.admin_area_code AS old_area, p.steward_id AS old_steward,
                 coalesce(p.security_class, 0::smallint) AS security_class,
                 above.anchor AS above_anchor, above.admin_area_code AS above_area,
                 above.steward_id AS above_steward
          FROM going AS g
          JOIN pg_temp.stage AS s USING (row_number)
          LEFT JOIN place.place AS p ON p.place_id = g.old_id
          LEFT JOIN pg_temp.parent AS parent ON parent.row_number = g.row_number
          LEFT JOIN place.place AS above
            ON above.place_id = coalesce(parent.parent_id, p.parent_id)
          LEFT JOIN LATERAL (
            SELECT a.code FROM place.admin_area AS a
            WHERE a.code IN (g.division, left(g.division, 6)) ORDER BY length(a.code) DESC LIMIT 1
          ) AS stated ON true
        ),
        anchored AS (
          SELECT merged.*,
                 CASE WHEN geom IS NULL AND located_by IN ('own', 'coordinates', 'address')
                        THEN old_anchor
                      WHEN geom IS NULL THEN coalesce(above_anchor, old_anchor)
                      WHEN geom = old_geom THEN old_anchor
                      WHEN GeometryType(geom) = 'POINT' THEN geom
                      ELSE ST_PointOnSurface(geom) END AS anchor
          FROM merged
        )
        SELECT row_number, place_id, is_new, kind,
               coalesce(old_code, given_code, coalesce(stated_admin_area_code, above_area, '000000')
                 || '-' || {_prefix_sql()} || place_id) AS code,
               given_code, name, parent_id, parent_kind, stated_admin_area_code, address, geom,
               anchor, CASE WHEN anchor IS NULL THEN NULL WHEN geom IS NOT NULL
                 THEN coalesce(located_by, 'own') ELSE coalesce(located_by, 'ancestor') END
                 AS located_by,
               geom_source, use_status, remark, security_class,
               CASE WHEN above_area IS NOT NULL THEN above_area
                    WHEN anchor = old_anchor AND stated_admin_area_code IS NULL THEN old_area
                    WHEN functional_code IS NOT NULL THEN functional_code
                    ELSE coalesce(located_code, stated_admin_area_code, old_area)
               END AS admin_area_code,
               coalesce(old_steward, named.organization_id, above_steward) AS steward_id
        FROM anchored
        LEFT JOIN LATERAL (
          SELECT a.code AS located_code FROM place.admin_area AS a
          WHERE above_area IS NULL AND a.level = 'district' AND a.kind = 'statutory'
            AND a.geom && anchored.anchor AND ST_Intersects(a.geom, anchored.anchor)
          ORDER BY a.code LIMIT 1
        ) AS located ON true
        LEFT JOIN LATERAL (
          SELECT a.code AS functional_code FROM place.admin_area AS a
          WHERE a.code = stated_admin_area_code AND a.kind = 'functional'
            AND a.statistics_code = coalesce(located_code, a.statistics_code)
        ) AS functional ON true
        LEFT JOIN LATERAL (
          SELECT u.organization_id FROM pg_temp.stage_steward AS u
          WHERE u.row_number = anchored.row_number
        ) AS named ON true;
        ALTER TABLE pg_temp.target ADD PRIMARY KEY (row_number);
        ANALYZE pg_temp.target;
        """,
    )
    if not rule.may_create:
        run_script(
            conn,
            "INSERT INTO pg_temp.held (row_number, rule, severity)"
            " SELECT row_number, 'match.not_found', 'question' FROM pg_temp.stage AS s"
            " WHERE NOT EXISTS (SELECT FROM pg_temp.target AS t WHERE t.row_number = s.row_number)"
            " AND NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number)",
        )


def _is_registered(contract: ColumnContract) -> str:
    """A number of a statutory register: its body sits somewhere, so the place may be made."""
    if contract.name != "coordinates":
        return "false"
    return "EXISTS (SELECT FROM organization.organization_register AS r WHERE r.number = s.code)"


def _either(rule: PlaceRule, old: str, new: str) -> str:
    """What is kept of an old and a new value: a blank never wipes what is known."""
    return f"coalesce({old}, {new})" if rule.fills_gaps_only else f"coalesce({new}, {old})"


def _prefix_sql() -> str:
    cases = " ".join(f"WHEN '{kind}' THEN '{prefix}'" for kind, prefix in _PREFIXES.items())
    return f"(CASE anchored.kind {cases} ELSE 'X' END)"


_SAVED: Final = (
    "name",
    "parent_id",
    "parent_kind",
    "stated_admin_area_code",
    "admin_area_code",
    "address",
    "geom",
    "anchor",
    "located_by",
    "geom_source",
    "use_status",
    "steward_id",
    "remark",
)


_SAME_CELL: Final = (
    "coalesce(c.organization_id, 0) = coalesce(t.steward_id, 0)"
    " AND coalesce(c.admin_area_code, '') = coalesce(t.admin_area_code, '')"
    " AND c.security_class = t.security_class"
)
"""Equalities, so that the join can hash; no body has number 0 and no area an empty code."""


def save_places(conn: Connection, load_id: int) -> None:
    """Insert new places and change those that differ; a place that stands as given is untouched."""
    columns = ", ".join(_SAVED)
    # A cell of each combination that occurs, made in one statement: every statement that makes
    # cells recomputes all scopes.
    run_script(
        conn,
        """
        DROP TABLE IF EXISTS pg_temp.target_cell;
        CREATE TEMP TABLE target_cell ON COMMIT DROP AS
        SELECT c.* FROM (
          SELECT array_agg(steward_id) AS stewards, array_agg(admin_area_code) AS areas,
                 array_agg(security_class) AS classes
          FROM (SELECT DISTINCT steward_id, admin_area_code, security_class FROM pg_temp.target)
            AS combination
        ) AS every, rights.cells_for(every.stewards, every.areas, every.classes) AS c;
        """,
    )
    _refuse_forbidden(conn)
    join_cell = f"pg_temp.target_cell AS c ON {_SAME_CELL}"
    conn.execute(
        text(
            f"""
            INSERT INTO place.place (place_id, kind, code, {columns}, security_class, rights_cell,
                                     load_id)
            SELECT t.place_id, t.kind, t.code, {", ".join("t." + name for name in _SAVED)},
                   t.security_class, c.cell, :load_id
            FROM pg_temp.target AS t JOIN {join_cell} WHERE t.is_new
            """
        ),
        {"load_id": load_id},
    )
    conn.execute(
        text(
            f"""
            WITH changed AS (
              UPDATE place.place AS p
              SET {", ".join(f"{name} = t.{name}" for name in _SAVED)}, rights_cell = c.cell,
                  load_id = :load_id
              FROM pg_temp.target AS t JOIN {join_cell}
              WHERE p.place_id = t.place_id AND NOT t.is_new
                AND ({", ".join("p." + name for name in _SAVED)}, p.rights_cell)
                    IS DISTINCT FROM ({", ".join("t." + name for name in _SAVED)}, c.cell)
              RETURNING t.row_number
            )
            INSERT INTO pg_temp.changed_row SELECT row_number FROM changed
            """
        ),
        {"load_id": load_id},
    )


def _refuse_forbidden(conn: Connection) -> None:
    """The loader sees past row security, so it asks for the account: every cell, old and new.

    Raises:
        Forbidden: The account may not write some row; nothing of the file is loaded.
    """
    count = conn.execute(
        text(
            f"""
            SELECT count(*) FROM pg_temp.target AS t
            LEFT JOIN place.place AS p ON p.place_id = t.place_id AND NOT t.is_new
            JOIN pg_temp.target_cell AS c ON {_SAME_CELL}
            WHERE c.cell NOT IN (SELECT cell FROM rights.my_write_cells)
               OR p.rights_cell NOT IN (SELECT cell FROM rights.my_write_cells)
            """
        )
    ).scalar_one()
    if count:
        raise Forbidden("load.forbidden", count=count)


def save_kinds(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """The rows of the kinds' own tables."""
    stored = stored_columns(contract, "kind")
    stored.setdefault("population", "NULL::text")
    stored["population"] = (
        f"coalesce({stored['population']}, s.population_hint, {_POPULATION_OF_STEWARD})"
        if contract.name == "property"
        else stored["population"]
    )
    stored["is_centrally_managed"] = "s.is_centrally_managed"
    if contract.name == "metering_point":
        stored["is_main"] = "CASE s.meter_kind WHEN 'main' THEN true WHEN 'sub' THEN false END"
    kinds = conn.execute(text("SELECT DISTINCT kind FROM pg_temp.target")).scalars().all()
    for kind in kinds:
        table = metadata.tables.get(f"place.{kind}")
        if table is not None:
            known = {name: sql for name, sql in stored.items() if name in table.columns}
            _save_kind(conn, kind, known, rule)


_POPULATION_OF_STEWARD: Final = (
    "(SELECT CASE o.type_code WHEN 'township' THEN 'party_government'"
    " WHEN 'party_government' THEN 'party_government' WHEN 'institution' THEN 'institution' END"
    " FROM organization.organization AS o WHERE o.organization_id = t.steward_id)"
)


def _save_kind(conn: Connection, kind: str, stored: dict[str, str], rule: PlaceRule) -> None:
    table = f"place.{kind}"
    names = list(stored)
    types = {name: str(metadata.tables[table].columns[name].type) for name in names}
    values = [f"CAST({sql} AS {types[name]})" for name, sql in stored.items()]
    source = "pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)"
    listed = "".join(f", {name}" for name in names)
    run_script(
        conn,
        f"""
        INSERT INTO {table} (place_id, rights_cell{listed})
        SELECT t.place_id, p.rights_cell{"".join(", " + value for value in values)}
        FROM {source} JOIN place.place AS p USING (place_id)
        WHERE t.kind = '{kind}'
          AND (t.is_new OR NOT EXISTS (SELECT FROM {table} AS k WHERE k.place_id = t.place_id));
        """,
    )
    if not names:
        return
    wanted = [
        f"{_either(rule, f'k.{name}', value)} AS {name}"
        for name, value in zip(names, values, strict=True)
    ]
    run_script(
        conn,
        f"""
        WITH wanted AS (
          SELECT t.row_number, t.place_id, {", ".join(wanted)}
          FROM {source} JOIN {table} AS k ON k.place_id = t.place_id
          WHERE t.kind = '{kind}' AND NOT t.is_new
        ),
        changed AS (
          UPDATE {table} AS k SET {", ".join(f"{name} = w.{name}" for name in names)}
          FROM wanted AS w
          WHERE k.place_id = w.place_id
            AND ROW({", ".join("k." + name for name in names)})
                IS DISTINCT FROM ROW({", ".join("w." + name for name in names)})
          RETURNING w.row_number
        )
        INSERT INTO pg_temp.changed_row SELECT row_number FROM changed;
        """,
    )


def save_areas(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Area figures of the sheet's source, as of the day it was stated for (`pg_temp.this_load`).

    The newest figure of a source that says the same stands; another figure of the same day is
    corrected; a figure of a new day is added.
    """
    stored = stored_columns(contract, "area")
    if not stored:
        return
    pairs = ", ".join(f"('{kind}', {sql})" for kind, sql in stored.items())
    gaps = (
        "AND NOT EXISTS (SELECT FROM place.area_measure AS any_m WHERE any_m.place_id = t.place_id"
        " AND any_m.area_kind = v.area_kind)"
        if rule.fills_gaps_only
        else ""
    )
    run_script(
        conn,
        f"""
        CREATE TEMP TABLE new_area ON COMMIT DROP AS
        SELECT t.row_number, t.place_id, t.is_new, v.area_kind,
               round(v.area_m2, 2) AS area_m2, l.stated_on
        FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)
        CROSS JOIN pg_temp.this_load AS l
        CROSS JOIN LATERAL (VALUES {pairs}) AS v (area_kind, area_m2)
        WHERE v.area_m2 IS NOT NULL {gaps};
        CREATE TEMP TABLE old_area ON COMMIT DROP AS
        SELECT DISTINCT ON (m.place_id, m.area_kind) m.place_id, m.area_kind, m.area_m2,
               m.area_measure_id, m.measured_on
        FROM place.area_measure AS m
        WHERE m.source = '{rule.area_source}'
          AND m.place_id IN (SELECT place_id FROM pg_temp.target WHERE NOT is_new)
        ORDER BY m.place_id, m.area_kind, m.measured_on DESC NULLS LAST;
        ANALYZE pg_temp.new_area;
        ANALYZE pg_temp.old_area;
        WITH changed AS (
          UPDATE place.area_measure AS m SET area_m2 = n.area_m2
          FROM pg_temp.new_area AS n JOIN pg_temp.old_area AS o USING (place_id, area_kind)
          WHERE m.area_measure_id = o.area_measure_id AND o.area_m2 <> n.area_m2
            AND o.measured_on IS NOT DISTINCT FROM n.stated_on
          RETURNING n.row_number
        )
        INSERT INTO pg_temp.changed_row SELECT row_number FROM changed;
        WITH added AS (
          INSERT INTO place.area_measure
            (place_id, area_kind, area_m2, source, measured_on, rights_cell)
          SELECT n.place_id, n.area_kind, n.area_m2, '{rule.area_source}', n.stated_on,
                 p.rights_cell
          FROM pg_temp.new_area AS n JOIN place.place AS p USING (place_id)
          LEFT JOIN pg_temp.old_area AS o USING (place_id, area_kind)
          WHERE o.place_id IS NULL
             OR (o.area_m2 <> n.area_m2 AND o.measured_on IS DISTINCT FROM n.stated_on)
          ON CONFLICT DO NOTHING
          RETURNING place_id
        )
        INSERT INTO pg_temp.changed_row
        SELECT t.row_number FROM added JOIN pg_temp.target AS t USING (place_id)
        WHERE NOT t.is_new;
        DROP TABLE pg_temp.new_area, pg_temp.old_area;
        """,
    )


def save_identifiers(conn: Connection, contract: ColumnContract) -> None:
    """Foreign numbers: the sheet's own number where ours differs, and every stored scheme."""
    pairs = [
        f"('{scheme}', {sql})" for scheme, sql in stored_columns(contract, "identifier").items()
    ]
    if "code" in contract.fields:
        pairs.append("('source', CASE WHEN t.code <> t.given_code THEN t.given_code END)")
    if not pairs:
        return
    run_script(
        conn,
        f"""
        WITH added AS (
          INSERT INTO place.identifier (place_id, scheme, value, rights_cell)
          SELECT t.place_id, v.scheme, v.value, p.rights_cell
          FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)
          CROSS JOIN LATERAL (VALUES {", ".join(pairs)}) AS v (scheme, value)
          JOIN place.place AS p USING (place_id)
          WHERE v.value IS NOT NULL
          ON CONFLICT (scheme, value) WHERE valid_to IS NULL DO NOTHING
          RETURNING place_id
        )
        INSERT INTO pg_temp.changed_row
        SELECT t.row_number FROM added JOIN pg_temp.target AS t USING (place_id)
        WHERE NOT t.is_new;
        """,
    )


def settle_anchors(conn: Connection, load_id: int) -> None:
    """Parts without a shape take the anchor of the nearest ancestor that has one, after a load."""
    conn.execute(
        text(
            """
            WITH RECURSIVE down AS (
              SELECT p.place_id, p.anchor FROM place.place AS p
              WHERE p.place_id IN (SELECT place_id FROM pg_temp.touched_place)
                AND p.located_by IN ('own', 'coordinates', 'address')
              UNION ALL
              SELECT child.place_id, down.anchor
              FROM down JOIN place.place AS child ON child.parent_id = down.place_id
              WHERE child.geom IS NULL
                AND (child.located_by IS NULL OR child.located_by = 'ancestor')
            ),
            moved AS (
              SELECT DISTINCT ON (down.place_id) down.place_id, down.anchor
              FROM down JOIN place.place AS p USING (place_id)
              WHERE p.geom IS NULL AND (p.located_by IS NULL OR p.located_by = 'ancestor')
                AND p.anchor IS DISTINCT FROM down.anchor
            )
            UPDATE place.place AS p SET anchor = moved.anchor, located_by = 'ancestor',
                                        load_id = :load_id
            FROM moved WHERE p.place_id = moved.place_id
            """
        ),
        {"load_id": load_id},
    )
