"""What `pg_temp.asked_place` holds of each place of an answer."""

from typing import Final

from sqlalchemy import Connection

from gis.db import run_script

ASKED_COLUMNS: Final = (
    "p.place_id, p.kind, p.kind = 'site' OR (p.kind = 'building' AND p.parent_id IS NULL)"
    " AS is_property, p.admin_area_code, p.use_status,"
    " coalesce(p.address, '') <> '' AS has_address, p.geom IS NOT NULL AS has_shape"
)
"""Of a place `p`."""


def sample_asked(conn: Connection) -> None:
    """Lets the planner know how much is asked about.

    A tenth of the usual sample tells sizes and shares well enough, and takes a tenth of the time.
    """
    run_script(
        conn,
        "SET LOCAL default_statistics_target = 10; ANALYZE pg_temp.asked_place;"
        " SET LOCAL default_statistics_target TO DEFAULT",
    )


def beside(table: str, alias: str, on: str, *, is_few: bool, join: str = "JOIN") -> str:
    """SQL that joins rows of a table under row security to what stands before.

    The planner takes the cells of the caller to be hashed anew for every row it looks up, and would
    rather read a whole table for a few places. Where only few are asked it is given no choice.
    """
    if not is_few:
        return f"{join} {table} AS {alias} ON {on}"
    return (
        f"{join} LATERAL (SELECT * FROM {table} AS {alias} WHERE {on} OFFSET 0) AS {alias} ON true"
    )
