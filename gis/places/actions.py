"""Upkeep of what is derived from places. Whoever changes places calls `refresh_derived`."""

import io
from collections.abc import Iterable, Sequence
from typing import Final

import pyarrow as pa
from pyarrow import csv as arrow_csv
from sqlalchemy import Connection, text

from gis.db import run_script, sql_resource
from gis.places.tokens import LONGEST_TOKEN, initials_of_all, normalised

_OWN_TEXTS: Final = (
    "SELECT place_id, 'name', name FROM place.place JOIN pg_temp.touched_place USING (place_id)"
    " WHERE name IS NOT NULL",
    "SELECT place_id, 'address', address FROM place.place"
    " JOIN pg_temp.touched_place USING (place_id)"
    " WHERE address IS NOT NULL AND kind IN ('site', 'building', 'parcel', 'structure')",
    "SELECT place_id, 'code', code FROM place.place JOIN pg_temp.touched_place USING (place_id)",
    "SELECT place_id, 'identifier', value FROM place.identifier"
    " JOIN pg_temp.touched_place USING (place_id) WHERE valid_to IS NULL",
)
"""Rooms and meters repeat their building's address; finding the building is enough."""


def touch(conn: Connection, place_ids: Iterable[int] | None = None) -> None:
    """Names the places whose derived facts must be renewed, for this transaction.

    Args:
        conn: In a transaction; several calls add up.
        place_ids: Null only makes the table `pg_temp.touched_place (place_id)`, for a bulk caller
            that fills it by SQL.
    """
    run_script(
        conn,
        "CREATE TEMP TABLE IF NOT EXISTS touched_place (place_id bigint PRIMARY KEY)"
        " ON COMMIT DROP",
    )
    if place_ids is not None:
        conn.execute(
            text(
                "INSERT INTO pg_temp.touched_place SELECT unnest(CAST(:ids AS bigint[]))"
                " ON CONFLICT DO NOTHING"
            ),
            {"ids": list(place_ids)},
        )


def refresh_derived(conn: Connection, extra_texts: Sequence[str] = ()) -> None:
    """Renews counted areas and search tokens of the touched places, set-based.

    Args:
        conn: In the transaction that touched them (`touch`), as a role that may write them all.
        extra_texts: SELECTs of `(place_id, field, text)` for places of `pg_temp.touched_place`,
            by which domains make places findable under more than their own name.
    """
    run_script(conn, "ANALYZE pg_temp.touched_place")
    run_script(conn, sql_resource("gis", "places/derived.sql"))
    _refresh_tokens(conn, extra_texts)
    run_script(conn, "DROP TABLE pg_temp.touched_place")


def _refresh_tokens(conn: Connection, extra_texts: Sequence[str]) -> None:
    rows = [
        (place_id, field, written)
        for select in (*_OWN_TEXTS, *extra_texts)
        for place_id, field, written in conn.execute(text(select))
        if written
    ]
    spellings = {written: normalised(written) for _, _, written in rows}
    initials = initials_of_all(written for _, field, written in rows if field in {"name", "holder"})
    lines = [(place_id, field, spellings[written]) for place_id, field, written in rows]
    lines += [
        (place_id, "pinyin", initials[written])
        for place_id, field, written in rows
        if field in {"name", "holder"} and written in initials
    ]
    run_script(
        conn,
        "CREATE TEMP TABLE search_text (place_id bigint, field text, text text) ON COMMIT DROP",
    )
    copy_rows(
        conn,
        "pg_temp.search_text",
        pa.table(
            {
                "place_id": pa.array([line[0] for line in lines], pa.int64()),
                "field": pa.array([line[1] for line in lines], pa.string()),
                "text": pa.array([line[2] for line in lines], pa.string()),
            }
        ),
    )
    run_script(conn, "ANALYZE pg_temp.search_text")
    conn.execute(text(sql_resource("gis", "places/tokens.sql")), {"longest": LONGEST_TOKEN})
    run_script(conn, "DROP TABLE pg_temp.search_text")


def copy_rows(conn: Connection, table: str, rows: pa.Table) -> None:
    """Copies an Arrow table into a database table of the same columns, nulls as nulls.

    Args:
        conn: Its raw psycopg2 connection carries the COPY, inside the transaction.
        table: Name of the table; ours, never a user's.
        rows: Text, numbers, dates; an empty text stays an empty text.
    """
    buffer = io.BytesIO()
    arrow_csv.write_csv(
        rows, buffer, arrow_csv.WriteOptions(include_header=False, quoting_style="needed")
    )
    buffer.seek(0)
    columns = ", ".join(f'"{name}"' for name in rows.column_names)
    driver = conn.connection.driver_connection
    assert driver is not None  # noqa: S101 -- an open connection has its driver
    with driver.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)", buffer)
