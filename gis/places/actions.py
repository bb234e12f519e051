"""Upkeep of what is derived from places, and what people do to places themselves.

Whoever changes places calls `refresh_derived`.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Final

import pyarrow as pa
from psycopg2.errors import InsufficientPrivilege
from pyarrow import csv as arrow_csv
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from gis.db import run_script, sql_resource
from gis.errors import Forbidden, NotFound
from gis.places.pinyin import initials_of_all

_WRITTEN: Final = """
CREATE TEMP TABLE written (place_id bigint, field text, text text, rights_cell integer)
ON COMMIT DROP;
INSERT INTO pg_temp.written
SELECT p.place_id, own.field, place.normalised(own.text), p.rights_cell
FROM place.place AS p JOIN pg_temp.touched_place USING (place_id)
CROSS JOIN LATERAL (VALUES
  ('name', p.name),
  ('address', CASE WHEN p.kind IN ('site', 'building', 'parcel', 'structure') THEN p.address END)
) AS own (field, text)
WHERE own.text IS NOT NULL;
INSERT INTO pg_temp.written
SELECT i.place_id, 'identifier', place.normalised(i.value), i.rights_cell
FROM place.identifier AS i JOIN pg_temp.touched_place USING (place_id) WHERE i.valid_to IS NULL;
"""
"""Rooms and meters repeat their building's address, and finding the building is enough. Codes are
found through their own index."""
_TITLES: Final = """
INSERT INTO pg_temp.written
SELECT DISTINCT tp.place_id, 'title', place.normalised(t.number), tp.rights_cell
FROM place.title_place AS tp JOIN pg_temp.touched_place USING (place_id)
JOIN place.title AS t USING (title_id) WHERE t.number IS NOT NULL;
"""
# A certificate has rights of its own: who edits a place may not see all of its certificates, and an
# edit changes none, so their texts are taken as they stand, under the rights of the place.
_TITLES_KEPT: Final = """
INSERT INTO pg_temp.written
SELECT t.place_id, t.field, t.text, t.rights_cell
FROM place.search_text AS t JOIN pg_temp.touched_place USING (place_id) WHERE t.field = 'title';
"""

_BULK: Final = 2_000
"""Touched places from which fresh statistics are worth their half second."""

_SPOKEN_FIELDS: Final = "('name', 'holder')"
"""What has pinyin initials."""


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


def find_trees(conn: Connection) -> None:
    """Makes `pg_temp.touched_tree (place_id)`: every place of every tree with a touched place.

    `refresh_derived` drops it. What is derived beside places calls this first, so that the trees
    are walked once.
    """
    run_script(conn, "ANALYZE pg_temp.touched_place")
    touched: int = conn.execute(text("SELECT count(*) FROM pg_temp.touched_place")).scalar_one()
    if touched >= _BULK:
        conn.execute(text("SELECT place.refresh_statistics()"))
    run_script(conn, sql_resource("gis", "places/trees.sql"))


def refresh_derived(conn: Connection, extra_texts: Sequence[str] = ()) -> None:
    """Renews counted areas and search texts of the touched places, set-based.

    Args:
        conn: In the transaction that touched them (`touch`), as a role that may write them all.
        extra_texts: SELECTs of `(place_id, field, text, rights_cell)` for places of
            `pg_temp.touched_place`, by which domains make places findable under more than their
            own name; the cell is the place's.
    """
    known = conn.execute(text("SELECT to_regclass('pg_temp.touched_tree') IS NOT NULL"))
    if not known.scalar_one():
        find_trees(conn)
    run_script(conn, sql_resource("gis", "places/derived.sql"))
    _refresh_search_texts(conn, _WRITTEN + _TITLES, extra_texts)
    run_script(conn, "DROP TABLE pg_temp.touched_place, pg_temp.touched_tree")


def refresh_texts(conn: Connection, extra_texts: Sequence[str] = ()) -> None:
    """Renews the search texts alone of the touched places, after an edit that changed no title.

    See `refresh_derived`; the account need not see the titles.
    """
    _refresh_search_texts(conn, _WRITTEN + _TITLES_KEPT, extra_texts)
    run_script(conn, "DROP TABLE pg_temp.touched_place")


def _refresh_search_texts(conn: Connection, written: str, extra_texts: Sequence[str]) -> None:
    run_script(conn, written)
    for select in extra_texts:
        conn.execute(
            text(
                "INSERT INTO pg_temp.written"
                " SELECT w.place_id, w.field, place.normalised(w.text), w.rights_cell"
                f" FROM ({select}) AS w (place_id, field, text, rights_cell)"
            )
        )
    names = conn.execute(
        text(f"SELECT DISTINCT text FROM pg_temp.written WHERE field IN {_SPOKEN_FIELDS}")
    ).scalars()
    initials = initials_of_all(names)
    run_script(conn, "CREATE TEMP TABLE spoken (text text, initials text) ON COMMIT DROP")
    copy_rows(
        conn,
        "pg_temp.spoken",
        pa.table(
            {
                "text": pa.array(list(initials), pa.string()),
                "initials": pa.array(list(initials.values()), pa.string()),
            }
        ),
    )
    run_script(conn, "ANALYZE pg_temp.spoken")
    conn.execute(
        text(
            "INSERT INTO pg_temp.written"
            " SELECT w.place_id, 'pinyin', s.initials, w.rights_cell"
            " FROM pg_temp.written AS w JOIN pg_temp.spoken AS s USING (text)"
            f" WHERE w.field IN {_SPOKEN_FIELDS}"
        )
    )
    run_script(conn, "ANALYZE pg_temp.written")
    run_script(conn, sql_resource("gis", "places/search_texts.sql"))
    run_script(conn, "DROP TABLE pg_temp.written, pg_temp.spoken")


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


def make_stubs(conn: Connection, place_ids: Sequence[int], decision: str | None) -> None:
    """Makes stubs of places and of all that hangs in them, for good.

    Wiped, in the register, its past and staging: name, address, shape, anchor, steward, use,
    remark, numbers, titles, holdings, lineage, zones, the kind's own columns, search texts, codes
    that were not ours. Kept: kind, district, dates of existence, areas, our code and uid. All of
    them are touched: the caller renews what is derived.

    Args:
        conn: As the loader, within a session that may write the places.
        place_ids: Which; their parts go with them.
        decision: The document it rests on; it must not itself say what is secret.

    Raises:
        NotFound: One of them does not exist.
        Forbidden: The account may not write one of them or of their parts.
    """
    known = set(
        conn.execute(
            text("SELECT place_id FROM place.place WHERE place_id = ANY (:ids)"),
            {"ids": list(place_ids)},
        ).scalars()
    )
    for place_id in place_ids:
        if place_id not in known:
            raise NotFound("place.not_found", place_id=place_id)
    try:
        touched = conn.execute(
            text("SELECT * FROM place.make_stubs(CAST(:ids AS bigint[]), :decision)"),
            {"ids": list(place_ids), "decision": decision},
        ).scalars()
        touch(conn, list(touched))
    except ProgrammingError as error:
        if isinstance(error.orig, InsufficientPrivilege):
            raise Forbidden("place.stub_forbidden") from error
        raise


def forget_unlisted(conn: Connection, words: Sequence[str], names: Sequence[str]) -> None:
    """Deletes what other rows say of state secrets that never stood in the register, for good.

    Args:
        conn: As the loader.
        words: Their addresses, codes, numbers and certificate numbers.
        names: Their names, of which only long ones tell.
    """
    conn.execute(
        text("SELECT place.forget_unlisted(CAST(:words AS text[]), CAST(:names AS text[]))"),
        {"words": list(words), "names": list(names)},
    )
