"""What hangs on the places of a staged sheet: their kinds' rows, areas, anchors."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from assets.estate.reports import SURVEY
from etl.merge.stated import day_of_load, older
from etl.merge.target import either
from etl.staging import stored_columns
from gis.clock import today
from gis.db import run_script
from gis.places.counted import counted_areas
from gis.tables import metadata


def save_kinds(
    conn: Connection, contract: ColumnContract, rule: PlaceRule, winners: Mapping[str, str]
) -> None:
    """The rows of the kinds' own tables."""
    stored = stored_columns(contract, "kind")
    stored.setdefault("population", "NULL::text")
    stored["population"] = (
        f"coalesce({stored['population']}, s.population_hint, {_POPULATION_OF_STEWARD})"
        if rule.is_census
        else stored["population"]
    )
    stored["is_centrally_managed"] = "s.is_centrally_managed"
    day = day_of_load(conn)
    kinds = conn.execute(text("SELECT DISTINCT kind FROM pg_temp.target")).scalars().all()
    for kind in kinds:
        table = metadata.tables.get(f"place.{kind}")
        if table is not None:
            known = {name: sql for name, sql in stored.items() if name in table.columns}
            _save_kind(conn, kind, known, rule, winners=winners, day=day)


_POPULATION_OF_STEWARD: Final = (
    "(SELECT CASE o.type_code WHEN 'township' THEN 'party_government'"
    " WHEN 'party_government' THEN 'party_government' WHEN 'institution' THEN 'institution' END"
    " FROM organization.organization AS o WHERE o.organization_id = t.steward_id)"
)


def _save_kind(
    conn: Connection,
    kind: str,
    stored: dict[str, str],
    rule: PlaceRule,
    *,
    winners: Mapping[str, str],
    day: date | None,
) -> None:
    table = f"place.{kind}"
    names = list(stored)
    types = {name: str(metadata.tables[table].columns[name].type) for name in names}
    values = [f"CAST({sql} AS {types[name]})" for name, sql in stored.items()]
    source = "pg_temp.saved_place AS t JOIN pg_temp.stage AS s USING (row_number)"
    listed = "".join(f", {name}" for name in names)
    run_script(
        conn,
        f"""
        INSERT INTO {table} (place_id, rights_cell{listed})
        SELECT t.place_id, t.rights_cell{"".join(", " + value for value in values)}
        FROM {source}
        WHERE t.kind = '{kind}' AND t.security_class < 3
          AND (t.is_new OR NOT EXISTS (SELECT FROM {table} AS k WHERE k.place_id = t.place_id));
        """,
    )
    if not names:
        return
    wanted = [
        either(rule, f"k.{name}", value, winner=winners.get(name),
               is_older=older(day, name, days="t.old_days", since="t.old_since")) + f" AS {name}"
        for name, value in zip(names, values, strict=True)
    ]  # fmt: skip
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


_SAVE_AREAS: Final = """
-- A new place has no figures that these could meet.
INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, measured_on, rights_cell)
SELECT t.place_id, v.area_kind, round(v.area_m2, 2), '{source}', l.stated_on, t.rights_cell
FROM pg_temp.saved_place AS t JOIN pg_temp.stage AS s USING (row_number)
CROSS JOIN pg_temp.this_load AS l
CROSS JOIN LATERAL (VALUES {pairs}) AS v (area_kind, area_m2)
WHERE t.is_new AND v.area_m2 IS NOT NULL;
CREATE TEMP TABLE new_area ON COMMIT DROP AS
SELECT t.row_number, t.place_id, v.area_kind,
       round(v.area_m2, 2) AS area_m2, l.stated_on, t.rights_cell
FROM pg_temp.saved_place AS t JOIN pg_temp.stage AS s USING (row_number)
CROSS JOIN pg_temp.this_load AS l
CROSS JOIN LATERAL (VALUES {pairs}) AS v (area_kind, area_m2)
WHERE NOT t.is_new AND v.area_m2 IS NOT NULL {gaps}
  -- Our own export prints the figure that counts, whoever measured it: as printed, it says nothing.
  AND NOT (s.own_place_code IS NOT NULL AND EXISTS (
    SELECT FROM {printed} AS c
    WHERE c.place_id = t.place_id AND c.area_kind = v.area_kind
      AND c.area_m2 = round(v.area_m2, 2)));
CREATE TEMP TABLE old_area ON COMMIT DROP AS
SELECT DISTINCT ON (m.place_id, m.area_kind) m.place_id, m.area_kind, m.area_m2,
       m.area_measure_id, m.measured_on
FROM place.area_measure AS m
WHERE m.source = '{source}'
  AND m.place_id IN (SELECT place_id FROM pg_temp.target WHERE NOT is_new)
ORDER BY m.place_id, m.area_kind, m.measured_on DESC NULLS LAST;
ANALYZE pg_temp.new_area;
ANALYZE pg_temp.old_area;
WITH changed AS (
  UPDATE place.area_measure AS m SET area_m2 = n.area_m2
  FROM pg_temp.new_area AS n JOIN pg_temp.old_area AS o USING (place_id, area_kind)
  WHERE m.area_measure_id = o.area_measure_id AND o.area_m2 <> n.area_m2
    AND (n.stated_on IS NULL OR o.measured_on = n.stated_on)
  RETURNING n.row_number
)
INSERT INTO pg_temp.changed_row SELECT row_number FROM changed;
-- What is said again for a later day stands for that day: a file of a day between them, handed in
-- afterwards, is an older one.
INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, measured_on, rights_cell)
SELECT n.place_id, n.area_kind, n.area_m2, '{source}', n.stated_on, n.rights_cell
FROM pg_temp.new_area AS n JOIN pg_temp.old_area AS o USING (place_id, area_kind)
WHERE o.area_m2 = n.area_m2 AND coalesce(o.measured_on, '-infinity') < n.stated_on;
WITH added AS (
  INSERT INTO place.area_measure
    (place_id, area_kind, area_m2, source, measured_on, rights_cell)
  SELECT n.place_id, n.area_kind, n.area_m2, '{source}', n.stated_on,
         n.rights_cell
  FROM pg_temp.new_area AS n LEFT JOIN pg_temp.old_area AS o USING (place_id, area_kind)
  WHERE o.place_id IS NULL
     OR (o.area_m2 <> n.area_m2 AND o.measured_on IS DISTINCT FROM n.stated_on
         AND n.stated_on IS NOT NULL)
  -- A figure of an earlier day than the newest one is corrected too.
  ON CONFLICT (place_id, area_kind, source, measured_on) DO UPDATE SET area_m2 = excluded.area_m2
    WHERE area_measure.area_m2 <> excluded.area_m2
  RETURNING place_id
)
INSERT INTO pg_temp.changed_row
SELECT t.row_number FROM added JOIN pg_temp.target AS t USING (place_id);
DROP TABLE pg_temp.new_area, pg_temp.old_area;
"""


def save_areas(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Area figures of the sheet's source, as of the day it was stated for (`pg_temp.this_load`).

    A figure of a new day is added, though it be the same; another one of the same day is corrected,
    and by a file without a day the newest one. A file without a day, or of an earlier one, that
    says what the newest figure does adds nothing.
    """
    stored = stored_columns(contract, "area")
    if not stored:
        return
    pairs = ", ".join(f"('{kind}', {sql})" for kind, sql in stored.items())
    gaps = (
        "AND NOT (t.is_wider AND EXISTS (SELECT FROM place.area_measure AS any_m"
        " WHERE any_m.place_id = t.place_id AND any_m.area_kind = v.area_kind))"
        if rule.fills_gaps_only
        else ""
    )
    printed = counted_areas(conn, today(), SURVEY.name)
    run_script(
        conn,
        _SAVE_AREAS.format(pairs=pairs, gaps=gaps, source=rule.area_source, printed=printed),
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
              WHERE child.geom IS NULL AND child.security_class < 3
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
