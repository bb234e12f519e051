"""Row security: what an account may see, and that nobody sees nothing."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from makers import make_area, make_organization, make_place
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, Grant, ensure_account, open_session


def _codes(database: Database, role: Role, token: str | None) -> list[str]:
    with transaction(database.engine(role), token) as conn:
        return list(conn.execute(text("SELECT code FROM place.place ORDER BY code")).scalars())


def _city(conn: Connection) -> dict[str, int]:
    make_area(conn, "3204", level="city")
    make_area(conn, "320402", parent_code="3204")
    make_area(conn, "320404", parent_code="3204")
    bureau = make_organization(conn, "bureau")
    office = make_organization(conn, "office", parent_id=bureau)
    other = make_organization(conn, "other")
    make_place(conn, "A", steward_id=office, admin_area_code="320402")
    make_place(conn, "B", steward_id=office, admin_area_code="320404", security_class=1)
    make_place(conn, "C", steward_id=other, admin_area_code="320402")
    make_place(conn, "D")
    return {"bureau": bureau, "office": office, "other": other}


def _token(conn: Connection, name: str, grants: Sequence[Grant]) -> str:
    account_id = ensure_account(conn, name, grants)
    return open_session(conn, account_id, lifetime=timedelta(minutes=5))


@pytest.mark.parametrize("role", [Role.WEB, Role.OPERATOR])
def test_grants_decide_what_is_seen(own_database: Database, role: Role) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        bodies = _city(conn)
        everything = _token(conn, "all", [EVERYTHING])
        subtree = _token(conn, "subtree", [Grant("viewer", bodies["bureau"])])
        ceiling = _token(conn, "ceiling", [Grant("viewer", bodies["bureau"], "3204", 1)])
        district = _token(conn, "district", [Grant("viewer", None, "320402")])
        nothing = _token(conn, "none", [])
    assert _codes(own_database, role, everything) == ["A", "B", "C", "D"]
    assert _codes(own_database, role, subtree) == ["A"]
    assert _codes(own_database, role, ceiling) == ["A", "B"]
    assert _codes(own_database, role, district) == ["A", "C"]
    assert _codes(own_database, role, nothing) == []


@pytest.mark.parametrize("token", [None, "", "unknown"])
def test_without_a_good_token_nothing_is_seen(own_database: Database, token: str | None) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        _city(conn)
        _token(conn, "all", [EVERYTHING])
    assert _codes(own_database, Role.WEB, token) == []


def test_the_setting_left_behind_by_an_earlier_transaction_means_nobody(
    own_database: Database,
) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        _city(conn)
        token = _token(conn, "all", [EVERYTHING])
    with own_database.engine(Role.WEB).connect() as conn:
        with conn.begin():
            conn.execute(text("SELECT set_config('onemap.session', :t, true)"), {"t": token})
            assert conn.execute(text("SELECT count(*) FROM place.place")).scalar() == 4
        with conn.begin():
            assert conn.execute(text("SELECT count(*) FROM place.place")).scalar() == 0


def test_an_expired_session_sees_nothing(own_database: Database) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        _city(conn)
        account_id = ensure_account(conn, "all", [EVERYTHING])
        token = open_session(conn, account_id, lifetime=timedelta(seconds=-1))
    assert _codes(own_database, Role.WEB, token) == []


def test_a_viewer_cannot_change_what_it_sees(own_database: Database) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        bodies = _city(conn)
        token = _token(conn, "viewer", [Grant("viewer", bodies["bureau"])])
    with transaction(own_database.engine(Role.WEB), token) as conn:
        changed = conn.execute(text("UPDATE place.place SET name = 'x'")).rowcount
    assert changed == 0


def test_a_move_in_the_tree_moves_rights_at_once(own_database: Database) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        bodies = _city(conn)
        token = _token(conn, "subtree", [Grant("viewer", bodies["bureau"])])
    assert _codes(own_database, Role.WEB, token) == ["A"]
    with own_database.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text("UPDATE organization.organization SET parent_id = :b WHERE code = 'other'"),
            {"b": bodies["bureau"]},
        )
    assert _codes(own_database, Role.WEB, token) == ["A", "C"]


def test_rights_on_a_merged_body_pass_to_its_successor(own_database: Database) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        bodies = _city(conn)
        token = _token(conn, "other", [Grant("viewer", bodies["other"])])
        conn.execute(
            text(
                "INSERT INTO organization.succession"
                " (from_organization_id, to_organization_id, kind, happened_on)"
                " VALUES (:a, :b, 'merged', '2019-03-01')"
            ),
            {"a": bodies["office"], "b": bodies["other"]},
        )
    assert _codes(own_database, Role.WEB, token) == ["A", "C"]


def test_a_cell_that_contradicts_its_place_is_refused(own_database: Database) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        _city(conn)
    with (
        pytest.raises(IntegrityError, match="rights_cell contradicts"),
        own_database.engine(Role.OWNER).begin() as conn,
    ):
        conn.execute(text("UPDATE place.place SET security_class = 1 WHERE code = 'A'"))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM rights.session",
        "SELECT * FROM rights.scope_cell",
        "TRUNCATE place.place",
        "ALTER TABLE place.place DISABLE ROW LEVEL SECURITY",
        "SELECT rights.recompute_scopes()",
        "SET ROLE onemap_owner",
    ],
)
def test_the_web_role_cannot_reach_behind_the_policies(
    own_database: Database, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        own_database.engine(Role.WEB).begin() as conn,
    ):
        conn.execute(text(statement))


def test_former_rows_follow_the_same_rights(own_database: Database) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        bodies = _city(conn)
        token = _token(conn, "subtree", [Grant("viewer", bodies["bureau"])])
        conn.execute(text("UPDATE place.place SET remark = 'x'"))
    with transaction(own_database.engine(Role.WEB), token) as conn:
        seen = conn.execute(
            text("SELECT code FROM history.place_place WHERE history_operation = 'U'")
        ).scalars()
        assert list(seen) == ["A"]


def test_equal_grants_share_a_scope(own_database: Database) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        first = ensure_account(conn, "first", [EVERYTHING])
        second = ensure_account(conn, "second", [EVERYTHING])
        scopes = conn.execute(
            text("SELECT DISTINCT scope_id FROM rights.account WHERE account_id IN (:a, :b)"),
            {"a": first, "b": second},
        ).all()
    assert len(scopes) == 1


def test_a_cell_that_goes_is_looked_for_by_an_index(database: Database) -> None:
    """Each table that refers to cells is asked about each that is forgotten."""
    found = text(
        "SELECT k.conrelid::regclass::text FROM pg_constraint AS k"
        " WHERE k.contype = 'f' AND k.confrelid = 'rights.cell'::regclass"
        " AND k.conrelid <> 'rights.scope_cell'::regclass AND NOT EXISTS ("
        "  SELECT FROM pg_index AS i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1])"
    )
    with database.engine(Role.OWNER).connect() as conn:
        assert conn.execute(found).scalars().all() == []


def test_what_grants_reach_is_joined_and_not_looked_up_for_each_cell(database: Database) -> None:
    body = "SELECT prosrc FROM pg_proc WHERE oid = 'rights.cells_granted(bigint[])'::regprocedure"
    with database.engine(Role.OWNER).connect() as conn:
        query = conn.execute(text(body)).scalar_one()
        query = query.replace("of_accounts", "ARRAY[1, 2]::bigint[]")
        plan = "\n".join(conn.exec_driver_sql(f"EXPLAIN {query}").scalars())
    assert "rights.cell" in query
    assert "SubPlan" not in plan
