"""History: every change leaves its old row and the digest of the new one, and nothing else."""

from makers import make_place
from sqlalchemy import Connection, text

from gis.db import Database, Role, transaction
from gis.history import digest_sql
from gis.places.model import place
from gis.rights.actions import EVERYTHING, ensure_account


def _lines(conn: Connection) -> list[tuple[str, str | None, bool]]:
    rows = conn.execute(
        text(
            "SELECT history_operation, name, history_digest IS NULL FROM history.place_place"
            " ORDER BY history_id"
        )
    )
    return [(row[0], row[1], row[2]) for row in rows]


def test_insert_change_and_delete_leave_a_line_each(conn: Connection) -> None:
    make_place(conn, "A", name="old")
    conn.execute(text("UPDATE place.place SET name = 'new' WHERE code = 'A'"))
    conn.execute(text("DELETE FROM place.place WHERE code = 'A'"))
    assert _lines(conn) == [("I", None, False), ("U", "old", False), ("D", "new", True)]


def test_an_update_that_changes_nothing_leaves_no_line(conn: Connection) -> None:
    make_place(conn, "A", wkt="POLYGON((120 31, 120.1 31, 120.1 31.1, 120 31))")
    conn.execute(text("UPDATE place.place SET name = name, geom = geom"))
    assert [operation for operation, _, _ in _lines(conn)] == ["I"]


def test_the_digest_is_that_of_the_row_as_it_stands(conn: Connection) -> None:
    make_place(conn, "A", wkt="POINT(120 31)")
    conn.execute(text("UPDATE place.place SET name = 'new'"))
    same = conn.execute(
        text(
            f"SELECT h.history_digest = {digest_sql(place, 'p')} FROM place.place p"
            " JOIN history.place_place h USING (place_id) WHERE h.history_operation = 'U'"
        )
    ).scalar_one()
    assert same is True


def test_lines_name_the_load_they_belong_to(conn: Connection) -> None:
    conn.execute(text("SELECT set_config('onemap.load_id', '7', true)"))
    make_place(conn, "A")
    assert conn.execute(
        text("SELECT DISTINCT history_load_id FROM history.place_place")
    ).scalars().all() == [7]


def test_a_data_version_is_counted_once_a_transaction(conn: Connection) -> None:
    before = conn.execute(text("SELECT data_version FROM rights.version")).scalar_one()
    make_place(conn, "A")
    make_place(conn, "B")
    conn.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    after = conn.execute(text("SELECT data_version FROM rights.version")).scalar_one()
    assert after == before + 1


def test_a_table_with_columns_named_like_the_history_keeps_its_past(own_database: Database) -> None:
    for _ in range(2):
        with transaction(own_database.engine(Role.OWNER), None) as owner:
            account_id = ensure_account(owner, "反复", [EVERYTHING])
    with transaction(own_database.engine(Role.OWNER), None) as owner:
        owner.execute(
            text("UPDATE rights.account SET title = '操作员' WHERE account_id = :id"),
            {"id": account_id},
        )
        kept = owner.execute(
            text(
                "SELECT history_operation, title FROM history.rights_account"
                " WHERE account_id = :id ORDER BY history_id"
            ),
            {"id": account_id},
        ).all()
    assert [tuple(row) for row in kept] == [("I", None), ("U", None), ("U", None)]


def test_no_account_can_write_the_past(conn: Connection) -> None:
    writable = conn.execute(
        text(
            "SELECT role, c.oid::regclass::text, may FROM pg_class AS c,"
            " unnest(CAST(:roles AS text[])) AS role,"
            " unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS may"
            " WHERE c.relnamespace = 'history'::regnamespace AND c.relkind = 'r'"
            " AND has_table_privilege(role, c.oid, may)"
        ),
        {"roles": [Role.WEB.value, Role.OPERATOR.value, Role.LOADER.value]},
    ).all()
    assert writable == []
