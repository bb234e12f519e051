"""One sheet, from staging into the register, and what became of each of its rows."""

from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from sqlalchemy import Connection, text

from assets.domain import Directory, PlaceRule
from etl.issues import IssueList, Severity
from etl.merge import (
    alike,
    cycles,
    decisions,
    divisions,
    headcounts,
    holdings,
    identifiers,
    keeping,
    lineage,
    matching,
    organizations,
    overlaps,
    owners,
    parcels,
    places,
    posts,
    records,
    stubs,
    successions,
    target,
    title_owners,
    titles,
    twins,
    units,
    unkept,
    unnumbered,
    users,
    yielded,
)
from etl.merge.within import TWIN
from etl.prepare import Sheet
from etl.staging import stage_sheet
from gis.crs import STORAGE_SRID
from gis.db import run_script


class Outcome(StrEnum):
    """What became of a row."""

    INSERTED = "inserted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    WAITING = "waiting"


_NAMED_BODIES: Final = "public_body"


def merge_sheet(
    conn: Connection, sheet: Sheet, issues: IssueList, *, load_id: int, any_area: bool
) -> npt.NDArray[np.object_]:
    """Merge a sheet and say what became of each row, in row order.

    Args:
        conn: As the loader, in the load's transaction; `pg_temp.this_load` (`stated_on,
            stated_area`) and `pg_temp.touched_place` exist.
        sheet: What to merge.
        issues: Gets what only the register can tell.
        load_id: This load.
        any_area: Whether places outside the registered areas are expected.

    Raises:
        Forbidden: The asking account may not write some of the rows.
    """
    if sheet.contract.is_accepted_only or not sheet.is_thing.any():
        return _row_outcomes(sheet, {})
    run_script(
        conn,
        "DROP TABLE IF EXISTS pg_temp.note; CREATE TEMP TABLE note (row_number integer,"
        " column_field text, rule text, suggestion text, original text, params jsonb,"
        f" geom geometry(Geometry, {STORAGE_SRID})) ON COMMIT DROP",
    )
    stage_sheet(conn, sheet)
    divisions.take_successors(conn, sheet)
    if sheet.contract.directory is Directory.BODIES:
        new = _merge_directory(conn, sheet, issues, load_id)
    elif sheet.contract.directory is Directory.SUCCESSIONS:
        run_script(conn, "DROP TABLE IF EXISTS pg_temp.step")
        successions.merge_successions(conn, load_id)
        new = "SELECT row_number, is_new FROM pg_temp.step"
        unkept.note_unkept_of_successions(conn, sheet, issues)
    elif sheet.contract.directory is Directory.POSTS:
        new = posts.merge_posts(conn, sheet.contract)
        unkept.note_unkept_of_bodies(conn, sheet, issues)
    elif sheet.contract.record is not None:
        new = records.merge_records(conn, sheet.contract, sheet.contract.record, load_id)
        unkept.note_unkept_of_bodies(conn, sheet, issues)
    elif sheet.contract.place is not None:
        new = _merge_places(conn, sheet, sheet.contract.place, load_id, any_area=any_area)
        hidden = np.isin(sheet.table.group, stubs.secret_rows(conn))
        issues.hide(sheet.table.sheet, sheet.table.rows[hidden])
        unkept.note_unkept_of_places(conn, sheet, issues)
        owners.note_unfound_owners(conn, sheet, issues)
        yielded.note_yielded(conn, sheet, sheet.contract.place, issues)
    else:
        return _row_outcomes(sheet, {})
    _list_notes(conn, sheet, issues)
    return _row_outcomes(sheet, _thing_outcomes(conn, new))


def _merge_directory(conn: Connection, sheet: Sheet, issues: IssueList, load_id: int) -> str:
    cycles.hold_cycles(conn, sheet, issues)
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.body")
    is_register = "linked_credit_code" in sheet.cleaned.values
    organizations.merge_directory(conn, load_id, register=_NAMED_BODIES if is_register else None)
    headcounts.save_headcounts(conn, source="directory")
    unkept.note_unkept_of_bodies(conn, sheet, issues, is_register=is_register)
    yielded.note_yielded_of_bodies(conn, sheet, issues)
    return "SELECT row_number, is_new FROM pg_temp.body"


def _merge_places(
    conn: Connection, sheet: Sheet, rule: PlaceRule, load_id: int, *, any_area: bool
) -> str:
    contract = sheet.stated_contract
    names_bodies = rule.occupancy_extent is not None
    units.resolve_units(conn, contract, may_create=names_bodies)
    users.take_managers(conn, contract)
    if rule.register_field is not None:
        _stewards_by_register(conn, rule.register_field)
    for field in rule.belongs_to_top:
        has_parent = matching.first_of(rule.parent_fields) + " IS NOT NULL"
        run_script(conn, f'UPDATE pg_temp.stage AS s SET "{field}" = NULL WHERE {has_parent}')
    matching.match_places(conn, contract, rule)
    matching.find_parents(conn, rule)
    unnumbered.match_unnumbered(conn, contract, rule)
    divisions.hold_undecided(conn)
    stubs.set_apart(conn, contract, rule)
    matching.hold_impossible_parents(conn, rule)
    unnumbered.hold_namesakes(conn, contract, rule)
    alike.hold_alike(conn, contract, rule)
    matching.hold_unmatched(conn, rule)
    decisions.keep_questions(conn, contract, rule, sheet=sheet.table.sheet, load_id=load_id)
    if rule.settles_kind:
        matching.turn_sites_into_buildings(conn)
    keeping.keep_protected(conn, contract, rule)
    keeping.keep_known(conn, contract, rule)
    winners = keeping.column_winners(conn, contract, load_id)
    units.add_bodies(conn, load_id)
    target.build_target(conn, contract, rule, winners)
    target.save_places(conn, contract, rule, winners, load_id)
    twins.keep_twins(conn, sheet=sheet.table.sheet, load_id=load_id)
    decisions.record_applied(conn, load_id)
    stubs.remember_codes(conn)
    _remember_rows(conn, sheet)
    places.save_kinds(conn, contract, rule, winners)
    places.save_areas(conn, contract, rule)
    identifiers.save_identifiers(conn, contract)
    lineage.save_lineage(conn, contract)
    if {"certificate_no", "land_certificate_no"} & set(contract.fields):
        titles.save_titles(conn)
        title_owners.note_owners(conn, tells_rented=rule.is_census)
    holdings.save_holdings(conn, contract, rule, load_id)
    users.save_users(conn, contract, rule, load_id)
    if names_bodies:
        headcounts.save_headcounts(conn, source=rule.holding_source)
    if rule.is_on_parcels:
        parcels.link_parcels(conn)
    _note_places(conn, sheet, rule, load_id, any_area=any_area)
    run_script(
        conn,
        "INSERT INTO pg_temp.touched_place SELECT place_id FROM pg_temp.target"
        " WHERE is_new OR row_number IN (SELECT row_number FROM pg_temp.changed_row)"
        " EXCEPT SELECT place_id FROM pg_temp.touched_place ORDER BY 1",
    )
    return "SELECT row_number, is_new FROM pg_temp.target"


def _remember_rows(conn: Connection, sheet: Sheet) -> None:
    """Where somebody asked what a load would change (`etl.difference`): which row means what."""
    if conn.execute(text("SELECT to_regclass('pg_temp.row_place') IS NULL")).scalar_one():
        return
    conn.execute(
        text(
            "INSERT INTO pg_temp.row_place"
            " SELECT :sheet, row_number, place_id, is_new FROM pg_temp.target"
        ),
        {"sheet": sheet.table.sheet or ""},
    )


def _stewards_by_register(conn: Connection, column: str) -> None:
    """Who answers for a row by its number in a register, which leaves its name no question."""
    run_script(
        conn,
        "DELETE FROM pg_temp.stage_steward; INSERT INTO pg_temp.stage_steward"
        " SELECT DISTINCT ON (s.row_number) s.row_number, r.organization_id"
        f" FROM pg_temp.stage AS s JOIN organization.organization_register AS r"
        f" ON r.number = s.{column} AND r.valid_to IS NULL"
        " ORDER BY s.row_number, r.organization_id;"
        " DELETE FROM pg_temp.note AS n USING pg_temp.stage_steward AS s"
        " WHERE n.row_number = s.row_number AND n.rule IN ('unit.ambiguous', 'unit.unknown')",
    )


def _note_places(
    conn: Connection, sheet: Sheet, rule: PlaceRule, load_id: int, *, any_area: bool
) -> None:
    if "division_code" in sheet.cleaned.values:
        run_script(conn, _UNKNOWN_AREA)
        run_script(conn, _DISTRICT_DIFFERS)
    if not any_area:
        run_script(conn, _OUTSIDE)
    if rule.is_census:
        conn.execute(text(_REPORTED_TWICE), {"load_id": load_id})
    if rule.is_checked_on_map:
        overlaps.note_overlaps(conn, rule, load_id)
    if rule.is_within_building:
        run_script(conn, _ROOM_OUTSIDE)


_UNKNOWN_AREA: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, original)
SELECT s.row_number, 'division_code', 'area.unknown_code', s.division_code
FROM pg_temp.stage AS s
WHERE s.division_code IS NOT NULL AND EXISTS (SELECT FROM place.admin_area)
  AND NOT EXISTS (SELECT FROM place.admin_area AS a
                  WHERE a.code IN (s.division_code, left(s.division_code, 6)))
"""

# Our own workbook loaded back says nothing new, and neither does a newer version of a file.
_REPORTED_TWICE: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion)
SELECT DISTINCT ON (t.row_number) t.row_number, 'address', 'property.reported_twice',
       other.file_name
FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)
CROSS JOIN pg_temp.this_load AS l
JOIN staging.load AS mine ON mine.load_id = :load_id
JOIN estate.holding AS h ON h.place_id = t.place_id AND h.kind = 'occupies'
  AND h.source = 'census' AND h.stated_on = l.stated_on
JOIN staging.load AS other ON other.load_id = h.load_id AND other.file_name <> mine.file_name
WHERE NOT t.is_new AND s.own_place_code IS NULL
ORDER BY t.row_number, other.load_id
"""

_DISTRICT_DIFFERS: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original, params, geom)
SELECT t.row_number, 'division_code', 'area.district_differs', t.admin_area_code,
       t.stated_admin_area_code,
       jsonb_build_object('stated', a.name || ' ' || a.code, 'located', there.name || ' '
                          || there.code), t.anchor
FROM pg_temp.target AS t JOIN place.admin_area AS a ON a.code = t.stated_admin_area_code
JOIN place.admin_area AS there ON there.code = t.admin_area_code
WHERE t.geom IS NOT NULL AND t.parent_id IS NULL AND a.level = 'district'
  AND t.admin_area_code <> t.stated_admin_area_code
"""

_OUTSIDE: Final = """
INSERT INTO pg_temp.note (row_number, rule, geom)
SELECT t.row_number, 'area.outside', t.anchor FROM pg_temp.target AS t
WHERE t.parent_id IS NULL AND t.anchor IS NOT NULL AND t.located_code IS NULL
  AND EXISTS (SELECT FROM place.admin_area WHERE geom IS NOT NULL)
  AND NOT EXISTS (SELECT FROM place.admin_area AS a
                  WHERE a.geom && t.anchor AND ST_Intersects(a.geom, t.anchor))
"""

_ROOM_OUTSIDE: Final = """
INSERT INTO pg_temp.note (row_number, rule, params, geom)
SELECT row_number, CASE WHEN is_floor THEN 'geometry.outside_floor'
                        ELSE 'geometry.outside_building' END,
       jsonb_build_object('outside_m2', round(ST_Area(outside::geography)::numeric, 2),
                          'share', round(100 * ST_Area(outside) / ST_Area(geom)) || '%'), outside
FROM (
  SELECT t.row_number, t.geom, hull.is_floor, ST_Difference(t.geom, hull.geom) AS outside
  FROM pg_temp.target AS t
  JOIN place.place AS above ON above.place_id = t.parent_id
  LEFT JOIN place.place AS further ON further.place_id = above.parent_id AND above.kind = 'floor'
  CROSS JOIN LATERAL (
    SELECT geom, is_floor
    FROM (VALUES (above.geom, above.kind = 'floor'), (further.geom, false)) AS v (geom, is_floor)
    WHERE GeometryType(geom) IN ('POLYGON', 'MULTIPOLYGON') LIMIT 1
  ) AS hull
  WHERE GeometryType(t.geom) <> 'POINT' AND NOT ST_CoveredBy(t.geom, hull.geom)
) AS found
WHERE ST_Area(outside) > 0.02 * ST_Area(geom)
"""


def _list_notes(conn: Connection, sheet: Sheet, issues: IssueList) -> None:
    table = sheet.table
    held = pd.DataFrame(
        conn.execute(
            text(_HELD if sheet.contract.place is not None else _HELD.replace(_OTHER, "NULL"))
        ).all(),
        columns=["row", "rule", "severity", "other"],
    )
    for (rule, severity), some in held.groupby(["rule", "severity"]):
        # Where a row repeats another one, the cells that agree are known.
        field = sheet.contract.natural_key[0] if rule == "duplicate.differs" else None
        issues.add(
            sheet=table.sheet,
            rows=some["row"].tolist(),
            column=table.header(field) if field else None,
            rule=str(rule),
            severity=Severity(severity),
            original=_written(sheet, field, some["row"]) if field else None,
            params=[{"sheet": table.sheet or table.file, "other": int(other)}
                    if rule == TWIN and pd.notna(other) else {}
                    for other in some["other"]],
        )  # fmt: skip
    notes = conn.execute(
        text(
            "SELECT DISTINCT row_number, column_field, rule, suggestion, original, params,"
            " ST_AsBinary(geom) AS wkb FROM pg_temp.note WHERE row_number > 0 ORDER BY 3, 1"
        )
    ).all()
    for rule, field in dict.fromkeys((note.rule, note.column_field) for note in notes):
        chosen = [note for note in notes if (note.rule, note.column_field) == (rule, field)]
        issues.add(
            sheet=table.sheet,
            rows=[note.row_number for note in chosen],
            column=table.header(field) if field else None,
            rule=rule,
            severity=Severity.WARN,
            original=[note.original for note in chosen],
            suggestion=[note.suggestion for note in chosen],
            params=[note.params or {} for note in chosen],
            where=shapely.from_wkb([note.wkb and bytes(note.wkb) for note in chosen]),
        )


def _written(sheet: Sheet, field: str, rows: pd.Series) -> pd.Series:
    written = sheet.cleaned.text(field)
    return written[np.searchsorted(sheet.table.rows, rows)]


_OTHER: Final = """coalesce(
         (SELECT t.other_row FROM pg_temp.twin AS t WHERE t.row_number = h.row_number
          ORDER BY t.score DESC, t.other_row LIMIT 1),
         (SELECT min(c.other_row) FROM pg_temp.candidate AS c WHERE c.row_number = h.row_number))"""
_HELD: Final = f"""
SELECT h.row_number, h.rule, h.severity,
       CASE WHEN h.rule = '{TWIN}' THEN {_OTHER} END AS other
FROM pg_temp.held AS h WHERE h.severity IN ('reject', 'question') ORDER BY h.rule, h.row_number"""


def _thing_outcomes(conn: Connection, new: str) -> dict[int, Outcome]:
    """What became of each thing, by its row number."""
    rows = conn.execute(
        text(
            f"""
            SELECT s.row_number,
                   CASE WHEN h.severity LIKE '%reject' THEN 'rejected'
                        WHEN h.severity IS NOT NULL OR n.row_number IS NULL THEN 'waiting'
                        WHEN n.is_new THEN 'inserted'
                        WHEN c.row_number IS NOT NULL THEN 'updated'
                        ELSE 'unchanged' END
            FROM pg_temp.stage AS s
            LEFT JOIN (SELECT row_number, max(severity) AS severity FROM pg_temp.held
                       GROUP BY row_number) AS h USING (row_number)
            LEFT JOIN ({new}) AS n USING (row_number)
            LEFT JOIN (SELECT DISTINCT row_number FROM pg_temp.changed_row) AS c
              USING (row_number)
            """
        )
    )
    found = {row: Outcome(outcome) for row, outcome in rows}
    if conn.execute(text("SELECT to_regclass('pg_temp.folded') IS NOT NULL")).scalar_one():
        # A row that goes with another is one of its lines.
        for row, into in conn.execute(text("SELECT row_number, into_row FROM pg_temp.folded")):
            found[row] = found[into]
    return found


def _row_outcomes(sheet: Sheet, by_thing: dict[int, Outcome]) -> npt.NDArray[np.object_]:
    outcomes = np.array(
        [by_thing.get(int(head), Outcome.WAITING) for head in sheet.table.group], dtype=object
    )
    outcomes[sheet.waiting] = Outcome.WAITING
    outcomes[sheet.is_rejected] = Outcome.REJECTED
    return outcomes
