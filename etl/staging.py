"""Typed staging of one sheet: temporary tables of the load's own session, filled by COPY.

Temporary tables die with the session, so a load killed at any moment leaves nothing half done.
"""

from typing import Final

import numpy as np
import pyarrow as pa
import shapely
from sqlalchemy import Connection

from assets.domain import ColumnContract, ColumnType
from etl.prepare import Sheet
from gis.crs import STORAGE_SRID
from gis.db import run_script
from gis.places.actions import copy_rows

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
    "stage_match",
    "target",
    "held",
    "changed_row",
)


def stage_sheet(conn: Connection, sheet: Sheet) -> None:
    """Fill `stage` (a row per thing), `stage_unit` and `stage_headcount` (a row per agency row).

    Also makes the empty `held (row_number, rule, severity)` and `changed_row (row_number)` that the
    merge steps write to. Row numbers are those of the sheet.
    """
    contract = sheet.contract
    for name in _TABLES:
        run_script(conn, f"DROP TABLE IF EXISTS pg_temp.{name}")
    columns = ", ".join(
        f'"{column.field}" {SQL_TYPES[column.type]}'
        for column in contract.columns
        if not column.is_keyed
    )
    run_script(
        conn,
        f"CREATE TEMP TABLE stage (row_number integer PRIMARY KEY, {columns},"
        f" own_place_code text, population_hint text, is_centrally_managed boolean,"
        f" is_secret boolean,"
        f" geom geometry(Geometry, {STORAGE_SRID}), located_by text) ON COMMIT DROP;"
        "CREATE TEMP TABLE stage_unit (row_number integer, unit_row integer, unit_name text,"
        " credit_code text, category text, organization_id bigint) ON COMMIT DROP;"
        "CREATE TEMP TABLE stage_headcount (unit_row integer, kind text, rank_code text,"
        " people integer) ON COMMIT DROP;"
        "CREATE TEMP TABLE held (row_number integer, rule text, severity text) ON COMMIT DROP;"
        "CREATE TEMP TABLE changed_row (row_number integer) ON COMMIT DROP;",
    )
    copy_rows(conn, "pg_temp.stage", _thing_rows(sheet))
    if any(field in sheet.cleaned.values for field in ("unit_name", "credit_code")):
        copy_rows(conn, "pg_temp.stage_unit", _unit_rows(sheet))
    if (headcounts := _headcount_rows(sheet)) is not None:
        copy_rows(conn, "pg_temp.stage_headcount", headcounts)
    run_script(conn, "ANALYZE pg_temp.stage")


def _thing_rows(sheet: Sheet) -> pa.Table:
    taken = pa.array(np.flatnonzero(sheet.is_thing))
    rows = {"row_number": pa.array(sheet.table.rows).take(taken)}
    for field, values in sheet.cleaned.values.items():
        if "." not in field:
            rows[field] = values.take(taken)
    shapes = sheet.located.geometry[sheet.is_thing]
    if not shapely.is_missing(shapes).all():
        hexed = shapely.to_wkb(shapely.set_srid(shapes, STORAGE_SRID), hex=True, include_srid=True)
        rows["geom"] = pa.array(hexed, pa.string(), from_pandas=True)
        rows["located_by"] = pa.array(
            sheet.located_by[sheet.is_thing], pa.string(), from_pandas=True
        )
    if sheet.table.place_codes is not None:
        codes = sheet.table.place_codes[sheet.is_thing]
        rows["own_place_code"] = pa.array(codes, pa.string(), from_pandas=True)
    if sheet.population_hint:
        rows["population_hint"] = pa.array([sheet.population_hint] * len(taken), pa.string())
    if sheet.is_centrally_managed is not None:
        rows["is_centrally_managed"] = pa.array(sheet.is_centrally_managed[sheet.is_thing])
    return pa.table(rows)


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
    for field, values in sheet.cleaned.values.items():
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
                }
            )
        )
    return pa.concat_tables(parts) if parts else None


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
