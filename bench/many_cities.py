"""The sample city many times over in one register: places, areas, bodies, holdings, titles, rights.

Each copy has bodies and rights cells of its own and stands some tens of metres beside the last, so
places lie as dense as in a city of that size. Copying in the database takes minutes where loading
takes hours, and areas are asked about the same rows. What is drawn or searched is not copied.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from assets.registry import METADATA, sums_ddl
from gis.clock import today
from gis.db import Database, Role, run_script
from gis.summing import refresh_sums

_STEP: Final = 0.00071
"""Degrees between two copies."""
_COPIED: Final = (
    "organization.organization", "rights.cell", "place.place", "place.site", "place.building",
    "place.area_measure", "place.counted_area", "place.title", "place.title_place",
    "estate.holding", "estate.holding_party", "organization.headcount",
    "organization.headcount_total",
)  # fmt: skip
_NUMBERED_BY: Final = {
    "place_id": "place.place",
    "parent_id": "place.place",
    "organization_id": "organization.organization",
    "steward_id": "organization.organization",
    "owner_id": "organization.organization",
    "holder_id": "organization.organization",
    "title_id": "place.title",
    "holding_id": "estate.holding",
    "headcount_id": "organization.headcount",
    "area_measure_id": "place.area_measure",
}
"""Columns that move by the size of a table, by name."""


def multiply(database: Database, times: int, more: Sequence[str] = ()) -> None:
    """Makes of the city in a register so many, and sums them.

    Args:
        more: Tables to copy beside those that questions about areas read.
    """
    with database.admin().begin() as conn:
        # Derived from what is copied, or a copy of it: no trigger has anything to do.
        run_script(conn, "SET LOCAL session_replication_role = replica")
        run_script(
            conn,
            "CREATE TEMP TABLE cell_copy ON COMMIT DROP AS"
            " SELECT c.cell, n, CASE WHEN c.organization_id IS NULL THEN c.cell"
            "   ELSE c.cell + n * (SELECT max(cell) FROM rights.cell) END AS copy"
            f" FROM rights.cell AS c CROSS JOIN generate_series(1, {times - 1}) AS n;"
            " ANALYZE cell_copy",
        )
        sizes = {name: _size(conn, name) for name in set(_NUMBERED_BY.values())}
        for name in (*_COPIED, *more):
            _copy(conn, name, sizes, times)
        run_script(
            conn,
            "SELECT setval(pg_get_serial_sequence('rights.cell', 'cell'), max(cell))"
            " FROM rights.cell",
        )
    with database.admin().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        run_script(conn, "VACUUM ANALYZE")
    with database.engine(Role.OWNER).begin() as conn:
        run_script(conn, "SELECT rights.recompute_scopes()")
        run_script(conn, sums_ddl()[-1])
    refresh_sums(database.engine(Role.LOADER), today())
    with database.engine(Role.OWNER).connect() as conn:
        left = conn.execute(text("SELECT count(*) FROM place.stale_square")).scalar_one()
    if left:
        raise AssertionError(f"somebody else sums the register too: {left} squares are left")
    with database.admin().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        run_script(conn, "VACUUM ANALYZE")


def _size(conn: Connection, name: str) -> int:
    (key,) = METADATA.tables[name].primary_key.columns
    found: int = conn.execute(text(f"SELECT max({key.name}) FROM {name}")).scalar_one()
    return found


def _copy(conn: Connection, name: str, sizes: dict[str, int], times: int) -> None:
    table = METADATA.tables[name]
    columns = [column.name for column in table.columns]
    values = [_value(name, column, sizes) for column in columns]
    source = f"{name} AS t CROSS JOIN generate_series(1, {times - 1}) AS n"
    if "rights_cell" in columns or name == "rights.cell":
        cell = "cell" if name == "rights.cell" else "rights_cell"
        source = f"{name} AS t JOIN cell_copy AS c ON c.cell = t.{cell}"
        if name == "rights.cell":
            source += " WHERE c.copy <> c.cell"
    conn.execute(
        text(
            f"INSERT INTO {name} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE"
            f" SELECT {', '.join(values)} FROM {source}"
        )
    )


def _value(name: str, column: str, sizes: dict[str, int]) -> str:
    if column in ("rights_cell", "cell"):
        return "c.copy"
    if column == "parent_id" and name == "organization.organization":
        return f"t.parent_id + n * {sizes['organization.organization']}"
    if column in _NUMBERED_BY:
        return f"t.{column} + n * {sizes[_NUMBERED_BY[column]]}"
    if column == "uid":
        return "gen_random_uuid()"
    if column in ("code", "credit_code"):
        return f"t.{column} || '-' || n"
    if column in ("geom", "anchor"):
        return f"ST_Translate(t.{column}, n % 5 * {_STEP}, n / 5 * {_STEP})"
    return f"t.{column}"
