"""Places as a staged sheet makes them: one row a thing, inserted or changed where it differs.

Everything is one statement over the whole sheet. `target` ends up with the place's columns as they
shall be; inserting and updating only compare and copy.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.merge import stated
from etl.merge.former import keep_former
from etl.staging import stored_columns
from gis.db import run_script
from gis.errors import Forbidden
from gis.places.area_succession import IS_LIVING
from gis.places.codes import code_sql

_IS_WIDER: Final = """EXISTS (
  SELECT FROM place.area_measure AS m WHERE m.place_id = p.place_id
    AND (m.source <> 'declared' OR m.area_kind NOT IN ('technical_gross', 'land')))"""
"""More is known of the place than its technical premises: their sheet only fills gaps of it."""

_IS_DECLARED: Final = "declared.place_id IS NOT NULL"

# A file of ours prints the district a place lies in; back again, it states nothing.
_IS_PRINTED_AREA: Final = """p.stated_admin_area_code IS NULL
  AND (s.own_place_code = p.code OR p.parent_id IS NOT NULL AND {code} = p.code)
  AND stated.code = p.admin_area_code"""

# That a place hangs in nothing is stated by hand, and then with its day.
_HANGS: Final = " AND (p.parent_id IS NOT NULL OR known.days ->> 'parent_id' IS NOT NULL)"

_NEW_CODE: Final = code_sql(
    "coalesce(stated_admin_area_code, above_area)", "anchored.kind", "place_id"
)

# What our own export prints, and stands, says nothing.
_SAYS: Final = "{new} IS NOT NULL AND (s.own_place_code IS NULL OR {new} IS DISTINCT FROM {old})"

_SAME_SPOT: Final = 1e-7
"""Degrees, a centimetre: formats round."""

_NO_DAYS: Final = "(SELECT NULL::bigint AS place_id, NULL::jsonb AS days WHERE false)"
_ANY_KNOWN: Final = "SELECT EXISTS (SELECT FROM pg_temp.stage_match)"
"""Whether the register need be read."""

_TARGET: Final = """
CREATE TEMP TABLE target ON COMMIT DROP AS
WITH merged AS (
  SELECT s.row_number, coalesce(m.place_id, {place_id}) AS place_id, m.place_id IS NULL AS is_new,
         coalesce(p.kind, {own_kind}, '{kind}') AS kind,
         p.code AS old_code, {code} AS given_code, declared.place_id IS NOT NULL AS is_declared,
         {is_area_older} AS is_area_older, {since} AS old_since, known.days AS old_days,
         {days} AS days,
         {is_wider} AS is_wider,
         CASE WHEN {hangs} THEN p.parent_id
              ELSE coalesce(parent.parent_id, p.parent_id) END AS parent_id,
         CASE WHEN {hangs} THEN p.parent_kind
              ELSE coalesce(parent.parent_kind, p.parent_kind) END AS parent_kind,
         CASE WHEN {is_printed_area} THEN NULL
              WHEN {is_area_older} THEN coalesce(p.stated_admin_area_code, stated.code)
              ELSE coalesce(stated.code, p.stated_admin_area_code) END AS stated_admin_area_code,
         {texts},
         {geom} AS geom,
         CASE WHEN s.geom = p.geom THEN coalesce(p.located_by, s.located_by)
              WHEN s.geom IS NOT NULL AND ({geom}) = s.geom THEN s.located_by
              ELSE p.located_by END AS located_by,
         -- Who drew a shape did so, whichever file repeats it corner by corner.
         CASE WHEN s.geom = p.geom THEN coalesce(p.geom_source, '{area_source}')
              WHEN s.geom IS NOT NULL AND ({geom}) = s.geom THEN '{area_source}'
              ELSE p.geom_source END AS geom_source,
         p.anchor AS old_anchor, p.geom AS old_geom,
         p.admin_area_code AS old_area, p.steward_id AS old_steward,
         coalesce(p.security_class, CASE WHEN s.is_secret THEN 3 ELSE 0 END)::smallint
           AS security_class,
         above.anchor AS above_anchor, above.admin_area_code AS above_area,
         above.steward_id AS above_steward
  FROM pg_temp.stage AS s
  LEFT JOIN pg_temp.stage_match AS m USING (row_number)
  LEFT JOIN place.place AS p ON p.place_id = m.place_id
  LEFT JOIN (SELECT DISTINCT place_id FROM place.area_measure WHERE source = 'declared')
    AS declared ON declared.place_id = m.place_id
  LEFT JOIN {known_days} AS known ON known.place_id = m.place_id
  LEFT JOIN pg_temp.parent AS parent ON parent.row_number = s.row_number
  LEFT JOIN place.place AS above
    ON above.place_id = CASE WHEN {hangs} THEN p.parent_id
                             ELSE coalesce(parent.parent_id, p.parent_id) END
  LEFT JOIN LATERAL (
    SELECT a.code FROM place.admin_area AS a
    WHERE {division} IS NOT NULL AND a.code IN ({division}, left({division}, 6))
    ORDER BY length(a.code) DESC LIMIT 1
  ) AS stated ON true
  WHERE NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number)
),
-- Materialised, or the point on the surface would be found anew wherever the anchor is named.
anchored AS MATERIALIZED (
  SELECT merged.*,
         CASE WHEN security_class = 3 THEN NULL
              WHEN geom IS NULL AND located_by IN ('own', 'coordinates', 'address')
                THEN old_anchor
              WHEN geom IS NULL THEN coalesce(above_anchor, old_anchor)
              WHEN geom = old_geom THEN old_anchor
              WHEN GeometryType(geom) = 'POINT' THEN geom
              ELSE ST_PointOnSurface(geom) END AS anchor
  FROM merged
)
SELECT row_number, place_id, is_new, is_declared, is_area_older, is_wider, kind, old_since,
       old_days, CASE WHEN security_class < 3 THEN days END AS days,
       coalesce(old_code, given_code, {new_code}) AS code,
       given_code, name, parent_id, parent_kind, stated_admin_area_code, address, geom,
       anchor, CASE WHEN anchor IS NULL THEN NULL WHEN geom IS NOT NULL
         THEN coalesce(located_by, 'own') ELSE coalesce(located_by, 'ancestor') END
         AS located_by,
       geom_source, use_status, remark, security_class,
       CASE WHEN above_area IS NOT NULL THEN above_area
            WHEN anchor = old_anchor AND stated_admin_area_code IS NULL THEN old_area
            WHEN functional_code IS NOT NULL THEN functional_code
            ELSE coalesce(located_code, stated_admin_area_code, old_area)
       END AS admin_area_code, located_code,
       CASE WHEN security_class < 3
         THEN coalesce(old_steward, named.organization_id, above_steward) END AS steward_id
FROM anchored
LEFT JOIN LATERAL (
  SELECT min(a.code) AS located_code FROM place.admin_area AS a
  WHERE above_area IS NULL AND a.level = 'district' AND a.kind = 'statutory' AND {is_living}
    AND a.geom && anchored.anchor AND ST_Intersects(a.geom, anchored.anchor)
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
-- Not of shapes and texts: their statistics take longer than the joins they might help.
ANALYZE pg_temp.target (row_number, place_id, is_new, kind, code, parent_id);
"""


def build_target(
    conn: Connection, contract: ColumnContract, rule: PlaceRule, winners: Mapping[str, str]
) -> None:
    """Make `target`: per thing that goes on, its place's columns as they shall be.

    Located district: that of the anchor, but a functional area that is counted within it keeps its
    own name; parts take their parent's. Steward: what the place has, else whom the sheet names.
    """
    stored = stored_columns(contract, "place")
    # By name, it would be looked up for each row.
    sequence = conn.scalar(text("SELECT pg_get_serial_sequence('place.place', 'place_id')"))
    place_id = f"nextval('{sequence}'::regclass)"
    own_kind = "s.place_kind" if "place_kind" in contract.fields else "NULL"
    division = "s.division_code" if "division_code" in contract.fields else "NULL::text"
    day = stated.day_of_load(conn)
    is_any_known = conn.scalar(text(_ANY_KNOWN))
    keeps = _keeps_shape(rule, winners, stated.older(day, "geom"), _draws_spot(contract))
    hangs = stated.older(day, "parent_id") + _HANGS
    is_area_older = stated.older(day, "stated_admin_area_code")
    is_printed_area = _IS_PRINTED_AREA.format(code=_code(contract))
    others = {
        "geom": f"({keeps}) IS NOT TRUE AND {_SAYS.format(new='s.geom', old='p.geom')}",
        "parent_id": f"({hangs}) IS NOT TRUE"
        f" AND {_SAYS.format(new='parent.parent_id', old='p.parent_id')}",
        "stated_admin_area_code": f"({is_printed_area}) IS NOT TRUE"
        f" AND ({is_area_older} AND p.stated_admin_area_code IS NOT NULL) IS NOT TRUE"
        f" AND {_SAYS.format(new='stated.code', old='p.stated_admin_area_code')}",
    }
    is_wider = _IS_WIDER if rule.fills_gaps_only else "false"
    said = stated.dated(contract, rule, winners, day, draws=_draws_spot(contract),
                        is_declared=_IS_DECLARED, is_wider=is_wider)  # fmt: skip
    days = stated.days_sql(contract, rule, winners, day, others=others, said=said,
                           is_declared=_IS_DECLARED, is_wider=is_wider)  # fmt: skip
    run_script(
        conn,
        _TARGET.format(
            place_id=place_id,
            own_kind=own_kind,
            kind=rule.kind,
            is_wider=is_wider,
            code=_code(contract),
            known_days="place.stated_days" if is_any_known else _NO_DAYS,
            since=stated.SINCE,
            days=days,
            is_area_older=is_area_older,
            is_printed_area=is_printed_area,
            hangs=hangs,
            division=division,
            texts=_texts(rule, stored, winners, day),
            geom=f"CASE WHEN {keeps} THEN p.geom ELSE s.geom END",
            area_source=rule.area_source,
            is_living=IS_LIVING.format("a"),
            new_code=_NEW_CODE,
        ),
    )


def _keeps_shape(rule: PlaceRule, winners: Mapping[str, str], is_older: str, draws: str) -> str:
    """SQL of whether a place keeps the shape it has, or goes on having none."""
    # A point never takes the place of a shape, nor what an older file drew that of a newer one's.
    keeps = "p.geom IS NOT NULL" + (
        "" if winners.get("geom") == "known" or (rule.fills_gaps_only and "geom" not in winners)
        else " AND (s.geom IS NULL OR (GeometryType(s.geom) = 'POINT'"
        f" AND (GeometryType(p.geom) <> 'POINT' OR {is_older}))"
        f" OR ({is_older} AND GeometryType(p.geom) <> 'POINT'))"
    )  # fmt: skip
    return f"{keeps} OR ({draws})"


def _code(contract: ColumnContract) -> str:
    return "coalesce(s.own_place_code, s.code)" if "code" in contract.fields else "NULL::text"


def _draws_spot(contract: ColumnContract) -> str:
    """A layer of ours draws what has no shape where it counts; back again, that states no shape."""
    return (
        f"p.geom IS NULL AND {_code(contract)} = p.code AND GeometryType(s.geom) = 'POINT'"
        f" AND ST_DWithin(s.geom, p.anchor, {_SAME_SPOT})"
    )


def _texts(
    rule: PlaceRule, stored: Mapping[str, str], winners: Mapping[str, str], day: date | None
) -> str:
    """SQL of the place's texts as they shall be."""
    return ",\n".join(
        either(rule, f"p.{name}", stored.get(name, "NULL::text"), winner=winners.get(name),
               is_declared=_IS_DECLARED, is_wider=_IS_WIDER, is_older=stated.older(day, name))
        + f" AS {name}"
        for name in stated.TEXTS
    )  # fmt: skip


def either(
    rule: PlaceRule,
    old: str,
    new: str,
    *,
    is_older: str,
    winner: str | None = None,
    is_declared: str = "is_declared",
    is_wider: str = "t.is_wider",
) -> str:
    """What is kept of an old and a new value: a blank never wipes what is known.

    A file of an earlier day than the column stands for only fills a gap; one that names no day
    corrects. `etl.merge.stated.yields` says what else stands.
    """
    stays = stated.yields(
        rule, winner, is_older=is_older, is_declared=is_declared, is_wider=is_wider
    )
    return f"CASE WHEN {stays} THEN coalesce({old}, {new}) ELSE coalesce({new}, {old}) END"


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


_CELLS: Final = f"""
DROP TABLE IF EXISTS pg_temp.target_cell CASCADE;
CREATE TEMP TABLE target_cell ON COMMIT DROP AS
SELECT c.* FROM (
  SELECT array_agg(steward_id) AS stewards, array_agg(admin_area_code) AS areas,
         array_agg(security_class) AS classes
  FROM (SELECT DISTINCT steward_id, admin_area_code, security_class FROM pg_temp.target)
    AS combination
) AS every, rights.cells_for(every.stewards, every.areas, every.classes) AS c;
ANALYZE pg_temp.target_cell;
CREATE TEMP VIEW saved_place AS
SELECT t.*, c.cell AS rights_cell FROM pg_temp.target AS t JOIN pg_temp.target_cell AS c
  ON {_SAME_CELL};
"""
"""A cell of each combination that occurs, made in one statement: every statement that makes cells
recomputes all scopes. `saved_place` is `target` with the cell that its places have or get, so that
nothing need join the register for it."""


def save_places(
    conn: Connection,
    contract: ColumnContract,
    rule: PlaceRule,
    winners: Mapping[str, str],
    load_id: int,
) -> None:
    """Insert new places and change those that differ; a place that stands as given is untouched.

    Makes `saved_place`: `target` with `rights_cell`.
    """
    columns = ", ".join(_SAVED)
    run_script(conn, _CELLS)
    _refuse_forbidden(conn)
    conn.execute(
        text(
            f"""
            INSERT INTO place.place (place_id, kind, code, {columns}, security_class, rights_cell,
                                     stated_on, load_id)
            SELECT place_id, kind, code, {columns}, security_class, rights_cell,
                   CASE WHEN security_class < 3 THEN l.stated_on END, :load_id
            FROM pg_temp.saved_place CROSS JOIN pg_temp.this_load AS l WHERE is_new
            """
        ),
        {"load_id": load_id},
    )
    day = stated.day_of_load(conn)
    said = stated.dated(contract, rule, winners, day, draws=_draws_spot(contract),
                        is_declared="t.is_declared", is_wider="t.is_wider", days="t.old_days",
                        since="t.old_since")  # fmt: skip
    keep_former(conn, day, said)
    conn.execute(
        text(
            f"""
            WITH changed AS (
              UPDATE place.place AS p
              SET {", ".join(f"{name} = t.{name}" for name in _SAVED)},
                  rights_cell = t.rights_cell, load_id = :load_id
              FROM pg_temp.saved_place AS t
              WHERE p.place_id = t.place_id AND NOT t.is_new
                AND ({", ".join("p." + name for name in _SAVED)}, p.rights_cell)
                    IS DISTINCT FROM ({", ".join("t." + name for name in _SAVED)}, t.rights_cell)
              RETURNING t.row_number
            )
            INSERT INTO pg_temp.changed_row SELECT row_number FROM changed
            """
        ),
        {"load_id": load_id},
    )
    run_script(conn, stated.SAVE_DAYS)


def _refuse_forbidden(conn: Connection) -> None:
    """The loader sees past row security, so it asks for the account: every cell, old and new.

    Raises:
        Forbidden: The account may not write some row; nothing of the file is loaded.
    """
    count = conn.execute(
        text(
            """
            SELECT count(*) FROM pg_temp.saved_place AS t
            LEFT JOIN place.place AS p ON p.place_id = t.place_id AND NOT t.is_new
            WHERE t.rights_cell NOT IN (SELECT cell FROM rights.my_write_cells)
               OR p.rights_cell NOT IN (SELECT cell FROM rights.my_write_cells)
            """
        )
    ).scalar_one()
    if count:
        raise Forbidden("load.forbidden", count=count)
