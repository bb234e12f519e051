"""What the database itself must keep: row security, whose rights views and functions run with.

Asked of the catalogue of a migrated database, so that a table, view or function that anybody adds
is covered without a line here. What a rule does not hold for stands with its reason in
`tests/rights/exceptions.toml`. Row security is not forced upon the owner of the tables: functions
that decide who somebody is read past it, and nobody but they and migrations act as the owner.
"""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from gis.db import Role
from gis.rights.policies import READERS
from tests.rights.exceptions import FILE, against, excepted

_OURS = """
n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = x.oid AND d.deptype = 'e')"""
"""Schemas of ours, without what an extension brought. `x` is the row, `n` its schema."""
_READ = """
(SELECT bool_or(has_any_column_privilege(r, x.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
                OR has_table_privilege(r, x.oid, 'DELETE, TRUNCATE, TRIGGER'))
 FROM unnest(CAST(:readers AS text[])) AS r)"""
_SESSION = (
    r"rights\.(my_cells|my_(domain_|shared_)?write_cells|my_cell_bits|current_account_id"
    r"|current_reader_id|current_writer_id|may_write_all)"
)
_OTHER_TABLE = r"SELECT \w+\.\w+\s+FROM \(?(place\.place|staging\.load)\M"


def _names(conn: Connection, query: str, **values: object) -> set[str]:
    readers = [role.value for role in READERS]
    named = {"readers": readers, **values}
    used = {name: value for name, value in named.items() if f":{name}" in query}
    return set(conn.execute(text(query), used).scalars())


def open_tables(conn: Connection) -> set[str]:
    """Tables that the web or the command line may touch, without row security."""
    return _names(
        conn,
        f"""SELECT n.nspname || '.' || x.relname FROM pg_class AS x
        JOIN pg_namespace AS n ON n.oid = x.relnamespace
        WHERE x.relkind IN ('r', 'p', 'f', 'm') AND {_OURS} AND {_READ}
          AND NOT (x.relrowsecurity AND EXISTS (
            SELECT FROM pg_policy AS p WHERE p.polrelid = x.oid))""",
    )


def views_of_the_owner(conn: Connection) -> set[str]:
    """Views that run with the rights of who made them."""
    return _names(
        conn,
        f"""SELECT n.nspname || '.' || x.relname FROM pg_class AS x
        JOIN pg_namespace AS n ON n.oid = x.relnamespace
        WHERE x.relkind = 'v' AND {_OURS}
          AND NOT coalesce('security_invoker=true' = ANY (x.reloptions), false)""",
    )


def definers(conn: Connection) -> set[str]:
    """Functions that run with the rights of who made them and that anybody else may call."""
    return _names(
        conn,
        f"""SELECT DISTINCT n.nspname || '.' || x.proname FROM pg_proc AS x
        JOIN pg_namespace AS n ON n.oid = x.pronamespace
        WHERE x.prosecdef AND {_OURS} AND x.prorettype <> 'trigger'::regtype AND (
          SELECT bool_or(has_function_privilege(r, x.oid, 'EXECUTE'))
          FROM unnest(CAST(:callers AS text[])) AS r)""",
        callers=[*READERS, Role.LOADER],
    )


def unpinned(conn: Connection) -> set[str]:
    """The same, where the caller's search path would decide what a name means."""
    return _names(
        conn,
        f"""SELECT n.nspname || '.' || x.proname FROM pg_proc AS x
        JOIN pg_namespace AS n ON n.oid = x.pronamespace
        WHERE x.prosecdef AND {_OURS} AND NOT EXISTS (
          SELECT FROM unnest(x.proconfig) AS setting
          WHERE setting ~ '^search_path=(pg_catalog|""|pg_catalog, public)$')""",
    )


def for_everybody(conn: Connection) -> set[str]:
    """Functions that any role of the server may call."""
    return _names(
        conn,
        f"""SELECT DISTINCT n.nspname || '.' || x.proname FROM pg_proc AS x
        JOIN pg_namespace AS n ON n.oid = x.pronamespace
        CROSS JOIN LATERAL aclexplode(coalesce(x.proacl, acldefault('f', x.proowner))) AS may
        WHERE may.grantee = 0 AND may.privilege_type = 'EXECUTE' AND {_OURS}
          AND has_schema_privilege('{READERS[0]}', n.oid, 'USAGE')""",
    )


def policies_that_ask_nobody(conn: Connection) -> set[str]:
    """Policies, each as table and name, that do not depend on who asks."""
    rows = conn.execute(
        text(
            "SELECT schemaname || '.' || tablename || ' ' || policyname AS name, roles,"
            " ARRAY[qual, with_check] AS conditions FROM pg_policies"
        )
    ).all()
    asks = text(
        f"SELECT CAST(:said AS text) ~ '{_SESSION}' OR CAST(:said AS text) ~ '{_OTHER_TABLE}'"
    )
    return {
        row.name
        for row in rows
        for said in row.conditions
        if "public" in row.roles
        or (said not in (None, "false") and not conn.execute(asks, {"said": said}).scalar_one())
    }


def announced_tables(conn: Connection) -> set[str]:
    """Tables with a cell whose rows are shown by something else than the caller's cells."""
    return _names(
        conn,
        r"""SELECT DISTINCT n.nspname || '.' || c.relname FROM pg_policy AS p
        JOIN pg_class AS c ON c.oid = p.polrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'rights_cell'
        WHERE p.polcmd IN ('r', '*')
          AND pg_get_expr(p.polqual, p.polrelid) !~ 'rights\.(my_cells|my_cell_bits)'""",
    )


def schemas_of_readers(conn: Connection) -> set[str]:
    """Schemas in which a reader may make something of its own."""
    return _names(
        conn,
        """SELECT nspname FROM pg_namespace AS n, unnest(CAST(:readers AS text[])) AS r
        WHERE has_schema_privilege(r, n.oid, 'CREATE')""",
    )


RULES: dict[str, Callable[[Connection], set[str]]] = {
    "open_tables": open_tables,
    "views_of_the_owner": views_of_the_owner,
    "definers": definers,
    "unpinned": unpinned,
    "for_everybody": for_everybody,
    "policies_that_ask_nobody": policies_that_ask_nobody,
    "announced_tables": announced_tables,
    "schemas_of_readers": schemas_of_readers,
}


@pytest.mark.parametrize("rule", RULES)
def test_the_database_keeps_the_rule(conn: Connection, rule: str) -> None:
    said = f"mend it, or write it and why down in {FILE.name}, [{rule}]"
    assert against(rule, RULES[rule](conn)) == {}, said


@pytest.mark.parametrize(
    ("rule", "made", "found"),
    [
        ("open_tables", "CREATE TABLE estate.forgotten (a int);"
         " GRANT SELECT ON estate.forgotten TO onemap_web", "estate.forgotten"),
        ("open_tables", "CREATE TABLE estate.forgotten (a int);"
         " ALTER TABLE estate.forgotten ENABLE ROW LEVEL SECURITY;"
         " GRANT INSERT (a) ON estate.forgotten TO onemap_operator", "estate.forgotten"),
        ("open_tables", "CREATE MATERIALIZED VIEW map.forgotten AS SELECT 1 AS a;"
         " GRANT SELECT ON map.forgotten TO onemap_web", "map.forgotten"),
        ("views_of_the_owner", "CREATE VIEW map.forgotten AS SELECT 1 AS a", "map.forgotten"),
        ("definers", "CREATE FUNCTION place.forgotten() RETURNS int LANGUAGE sql"
         " SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1'", "place.forgotten"),
        ("definers", "CREATE FUNCTION place.forgotten() RETURNS int LANGUAGE sql"
         " SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';"
         " REVOKE EXECUTE ON FUNCTION place.forgotten() FROM PUBLIC;"
         " GRANT EXECUTE ON FUNCTION place.forgotten() TO onemap_loader", "place.forgotten"),
        ("unpinned", "CREATE FUNCTION place.forgotten() RETURNS int LANGUAGE sql"
         " SECURITY DEFINER AS 'SELECT 1'", "place.forgotten"),
        ("unpinned", "CREATE FUNCTION place.forgotten() RETURNS int LANGUAGE sql"
         " SECURITY DEFINER SET search_path = public AS 'SELECT 1'", "place.forgotten"),
        ("for_everybody", "CREATE FUNCTION place.forgotten() RETURNS int LANGUAGE sql"
         " AS 'SELECT 1'", "place.forgotten"),
        ("policies_that_ask_nobody", "CREATE POLICY forgotten ON place.place FOR SELECT"
         " TO onemap_web USING (true)", "place.place forgotten"),
        ("policies_that_ask_nobody", "CREATE POLICY forgotten ON place.place FOR SELECT"
         " USING ((SELECT rights.current_account_id()) IS NOT NULL)", "place.place forgotten"),
        ("policies_that_ask_nobody", "CREATE POLICY forgotten ON place.place FOR INSERT"
         " TO onemap_web WITH CHECK (kind = 'site')", "place.place forgotten"),
        ("announced_tables", "CREATE POLICY forgotten ON place.place FOR SELECT TO onemap_web"
         " USING ((SELECT rights.current_account_id()) IS NOT NULL)", "place.place"),
        ("schemas_of_readers", "GRANT CREATE ON SCHEMA place TO onemap_web", "place"),
    ],
)  # fmt: skip
def test_what_somebody_forgets_is_found(conn: Connection, rule: str, made: str, found: str) -> None:
    before = RULES[rule](conn)
    for statement in made.split("; "):
        conn.exec_driver_sql(statement)
    assert RULES[rule](conn) - before == {found}


def test_readers_cannot_become_anybody_else(conn: Connection) -> None:
    rows = conn.execute(
        text(
            "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb AS is_more,"
            " (SELECT count(*) FROM pg_auth_members AS m WHERE m.member = r.oid) AS groups,"
            " (SELECT count(*) FROM pg_class AS c WHERE c.relowner = r.oid) AS owned"
            " FROM pg_roles AS r WHERE rolname = ANY (:readers)"
        ),
        {"readers": [role.value for role in READERS]},
    ).all()
    assert [tuple(row)[1:] for row in rows] == [(False, 0, 0)] * len(READERS)


def test_every_exception_says_why() -> None:
    short = {
        (rule, name): reason
        for rule in RULES
        for name, reason in excepted(rule).items()
        if len(reason) < 20
    }
    assert short == {}
