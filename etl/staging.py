"""Typed staging of one sheet: temporary tables of the load's own session, filled by COPY.

Temporary tables die with the session, so a load killed at any moment leaves nothing half done.
"""

import binascii
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from sqlalchemy import Connection

from assets.domain import ColumnContract, ColumnType
from etl.person_rows import person_rows
from etl.prepare import Sheet
from gis.crs import STORAGE_SRID
from gis.db import run_script
from gis.places.actions import copy_rows
from gis.places.area_succession import HAS_ENDED, IS_LIVING

SQL_TYPES: Final = {
    ColumnType.TEXT: "text",
    ColumnType.CODE: "text",
    ColumnType.ENUM: "text",
    ColumnType.INTEGER: "bigint",
    ColumnType.YEAR: "bigint",
    ColumnType.NUMBER: "numeric",
    ColumnType.DATE: "date",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.COORDINATE: "text",
}

_TABLES: Final = (
    "stage",
    "stage_unit",
    "stage_headcount",
    "stage_person",
    "stage_match",
    "target",
    "held",
    "folded",
    "changed_row",
)

_PERSONS: Final = (
    "CREATE TEMP TABLE stage_person (row_number integer, person_row integer, post_name text,"
    " post_rank text, person_key text, person_name text, rank_code text, heads integer)"
    " ON COMMIT DROP"
)
_ROWS_AT_ONCE: Final = 100_000
"""A province's shapes as text would take several times the memory of the file."""


def stage_sheet(conn: Connection, sheet: Sheet) -> None:
    """Fill `stage` (a row per thing), `stage_unit` and `stage_headcount` (a row per agency row).

    Where only some rows of a file are chosen, `stage` has the others too, until what tells each
    apart from the rest is known.

    Also makes the empty `held (row_number, rule, severity)` and `changed_row (row_number)` that the
    merge steps write to. Row numbers are those of the sheet.
    """
    contract = sheet.contract
    for name in _TABLES:
        run_script(conn, f"DROP TABLE IF EXISTS pg_temp.{name} CASCADE")
    columns = ", ".join(
        f'"{column.field}" {SQL_TYPES[column.type]}'
        for column in contract.columns
        if not column.is_keyed
    )
    run_script(
        conn,
        f"CREATE TEMP TABLE stage (row_number integer PRIMARY KEY, {columns},"
        f" own_place_code text, population_hint text, is_centrally_managed boolean,"
        f" is_secret boolean, is_unread boolean, repeats_row integer, is_chosen boolean NOT NULL,"
        f" geom geometry(Geometry, {STORAGE_SRID}), located_by text) ON COMMIT DROP;"
        "CREATE TEMP TABLE stage_unit (row_number integer, unit_row integer, unit_name text,"
        " credit_code text, category text, organization_id bigint) ON COMMIT DROP;"
        "CREATE TEMP TABLE stage_headcount (unit_row integer, kind text, rank_code text,"
        " people integer, field text, is_summed boolean) ON COMMIT DROP;"
        "CREATE TEMP TABLE held (row_number integer, rule text, severity text) ON COMMIT DROP;"
        "CREATE TEMP TABLE changed_row (row_number integer) ON COMMIT DROP;",
    )
    # What tells rows that agree in all apart is their order in the whole sheet.
    told = sheet.is_thing if contract.place is None or sheet.is_told is None else sheet.is_told
    things = np.flatnonzero(told)
    for start in range(0, len(things), _ROWS_AT_ONCE):
        rows = _thing_rows(sheet, things[start : start + _ROWS_AT_ONCE])
        copy_rows(conn, "pg_temp.stage", rows)
    if any(field in sheet.cleaned.values for field in ("unit_name", "credit_code")):
        copy_rows(conn, "pg_temp.stage_unit", _unit_rows(sheet))
    run_script(conn, _PERSONS)
    if (persons := person_rows(sheet)) is not None:
        copy_rows(conn, "pg_temp.stage_person", persons)
    if (headcounts := _headcount_rows(sheet)) is not None:
        copy_rows(conn, "pg_temp.stage_headcount", headcounts)
    if "division_name" in sheet.cleaned.values and "division_code" not in sheet.table.cells:
        run_script(conn, _DIVISIONS_BY_NAME)
    # Not of shapes: their statistics take longer than the joins they might help.
    plain = [f'"{column.field}"' for column in contract.columns if not column.is_keyed]
    run_script(conn, f"ANALYZE pg_temp.stage (row_number, {', '.join(plain)})")


# The longest name that a text ends with, of an area that is there today before one that is yet to
# begin, and of an abolished one where no other bears it; a name that several bear says nothing.
_DIVISIONS_BY_NAME: Final = f"""
WITH written AS (
  SELECT DISTINCT division_name FROM pg_temp.stage
  WHERE division_code IS NULL AND division_name IS NOT NULL
),
found AS (
  SELECT w.division_name, a.code,
         rank() OVER (PARTITION BY w.division_name
                      ORDER BY length(a.name) DESC, NOT {IS_LIVING.format("a")},
                               coalesce({HAS_ENDED.format("a")}, false)) AS place
  FROM written AS w JOIN place.admin_area AS a ON right(w.division_name, length(a.name)) = a.name
),
alone AS (
  SELECT division_name, min(code) AS code FROM found WHERE place = 1
  GROUP BY division_name HAVING count(*) = 1
)
UPDATE pg_temp.stage AS s SET division_code = alone.code
FROM alone WHERE s.division_name = alone.division_name AND s.division_code IS NULL
"""


def _thing_rows(sheet: Sheet, things: npt.NDArray[np.int64]) -> pa.Table:
    taken = pa.array(things)
    rows = {"row_number": pa.array(sheet.table.rows).take(taken)}
    for field, values in sheet.cleaned.values.items():
        if "." not in field:
            rows[field] = values.take(taken)
    shapes = sheet.located.geometry[things]
    if not shapely.is_missing(shapes).all():
        rows["geom"] = shapes_as_hex(shapes)
        rows["located_by"] = pa.array(sheet.located_by[things], pa.string(), from_pandas=True)
    if (unread := sheet.cleaned.is_unread[things]).any():
        rows["is_unread"] = pa.array(unread, pa.bool_())
    rows["is_chosen"] = pa.array(sheet.is_thing[things], pa.bool_())
    repeats = sheet.cleaned.repeats[things]
    if repeats.any():
        rows["repeats_row"] = pa.array(repeats, pa.int64(), mask=repeats == 0)
    if sheet.table.place_codes is not None:
        codes = sheet.table.place_codes[things]
        rows["own_place_code"] = pa.array(codes, pa.string(), from_pandas=True)
    if sheet.population_hint:
        rows["population_hint"] = pa.array([sheet.population_hint] * len(taken), pa.string())
    if sheet.is_centrally_managed is not None:
        rows["is_centrally_managed"] = pa.array(
            sheet.is_centrally_managed[things], pa.bool_(), from_pandas=True
        )
    return pa.table(rows)


def shapes_as_hex(shapes: Sequence[Any] | npt.NDArray[np.object_]) -> pa.Array:
    """Shapes in storage coordinates as COPY reads them; nulls stay null.

    All are turned into digits at once, for a text of each takes longer than the rest.
    """
    wkb = shapely.to_wkb(shapely.set_srid(shapes, STORAGE_SRID), include_srid=True)
    binary = pa.array(wkb, pa.large_binary(), from_pandas=True)
    validity, offsets, content = binary.buffers()
    doubled = np.frombuffer(offsets, dtype="int64") * 2
    return pa.Array.from_buffers(
        pa.large_string(),
        len(binary),
        [validity, pa.py_buffer(doubled), pa.py_buffer(binascii.hexlify(content))],
    )


def _unit_rows(sheet: Sheet) -> pa.Table:
    """One row per row of the sheet that names an agency; its thing by the thing's first row."""
    taken = pa.array(np.flatnonzero(~sheet.is_rejected))
    count = len(taken)

    def field(name: str) -> pa.Array:
        values = sheet.cleaned.values.get(name)
        return values.take(taken) if values is not None else pa.nulls(count, pa.string())

    return pa.table(
        {
            "row_number": pa.array(sheet.table.group).take(taken),
            "unit_row": pa.array(sheet.table.rows).take(taken),
            "unit_name": field("unit_name"),
            "credit_code": field("credit_code"),
            "category": field("unit_type"),
        }
    )


def _headcount_rows(sheet: Sheet) -> pa.Table | None:
    kept = np.flatnonzero(~sheet.is_rejected)
    parts = []
    stated = [(field, values, False) for field, values in sheet.cleaned.values.items()]
    summed = [(field, values, True) for field, values in _summed_headcounts(sheet)]
    for field, values, is_summed in stated + summed:
        column = sheet.contract.column(field)
        if not (column.stores or "").startswith("headcount."):
            continue
        people = values.take(pa.array(kept))
        known = people.is_valid()
        _stem, _dot, rank = field.partition(".")
        count = pa.compute.sum(known).as_py() or 0
        parts.append(
            pa.table(
                {
                    "unit_row": pa.array(sheet.table.rows[kept]).filter(known),
                    "kind": pa.array([str(column.stores).split(".")[1]] * count, pa.string()),
                    "rank_code": pa.array([rank or None] * count, pa.string()),
                    "people": people.filter(known),
                    "field": pa.array([field] * count, pa.string()),
                    "is_summed": pa.array([is_summed] * count, pa.bool_()),
                }
            )
        )
    return pa.concat_tables(parts) if parts else None


def _summed_headcounts(sheet: Sheet) -> Iterator[tuple[str, pa.Array]]:
    """Totals of the rows that state their parts alone, by the field of the total."""
    parts: dict[str, list[pa.Array]] = {}
    for field, values in sheet.cleaned.values.items():
        whole = sheet.contract.column(field).part_of
        if whole is not None:
            parts.setdefault(whole, []).append(values)
    for whole, summands in parts.items():
        figures = pa.table({str(at): values for at, values in enumerate(summands)}).to_pandas()
        sums = figures.sum(axis=1, min_count=1)
        if whole in sheet.cleaned.values:
            sums = sums.mask(sheet.cleaned.values[whole].is_valid().to_numpy(zero_copy_only=False))
        yield whole, pa.array(sums, pa.int64(), from_pandas=True)


def stored_columns(contract: ColumnContract, prefix: str) -> dict[str, str]:
    """What of a contract goes to `prefix.*`: destination name to the fields' SQL, first filled."""
    found: dict[str, list[str]] = {}
    for column in contract.columns:
        if column.stores and column.stores.startswith(f"{prefix}.") and not column.is_keyed:
            value = f's."{column.field}"'
            if column.true_value is not None:
                value = f"({value} = '{column.true_value}')"
            found.setdefault(column.stores.split(".")[1], []).append(value)
    return {
        name: fields[0] if len(fields) == 1 else f"coalesce({', '.join(fields)})"
        for name, fields in found.items()
    }
