"""Row security and grants, generated from the tables: a table that carries a cell is protected."""

from typing import Final

from sqlalchemy import MetaData, Table

from gis.db import Role
from gis.history import SCHEMA as HISTORY_SCHEMA

READERS: Final = (Role.WEB, Role.OPERATOR)
_HIDDEN: Final = frozenset(
    {"rights.session", "rights.scope", "rights.scope_cell", "rights.pending_change", "rights.grant"}
)
"""Nobody but the owner's functions reads these."""
_STAGING: Final = "staging"


def is_protected(table: Table) -> bool:
    """Whether row security guards the table: it carries a rights cell."""
    return "rights_cell" in table.columns


def policy_ddl(table: Table) -> list[str]:
    """Statements that (re-)create the policies of a protected table."""
    name = table.fullname
    reach = "rights_cell IN (SELECT cell FROM rights.my_cells)"
    write = "rights_cell IN (SELECT cell FROM rights.my_write_cells)"
    roles = ", ".join(role.value for role in READERS)
    statements = [f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"]
    rules = [("may_see", "SELECT", f"USING ({reach})")]
    if table.schema != HISTORY_SCHEMA:
        rules += [
            ("may_add", "INSERT", f"WITH CHECK ({write})"),
            ("may_change", "UPDATE", f"USING ({write}) WITH CHECK ({write})"),
            ("may_remove", "DELETE", f"USING ({write})"),
        ]
    for policy, command, condition in rules:
        statements += [
            f"DROP POLICY IF EXISTS {policy} ON {name}",
            f"CREATE POLICY {policy} ON {name} FOR {command} TO {roles} {condition}",
        ]
    return statements


def signed_in_ddl(table: Table) -> list[str]:
    """Policies of the directory of organizations: everybody signed in reads it, nobody else."""
    roles = ", ".join(role.value for role in READERS)
    name = table.fullname
    return [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS signed_in ON {name}",
        f"CREATE POLICY signed_in ON {name} FOR SELECT TO {roles}"
        " USING ((SELECT rights.current_account_id()) IS NOT NULL)",
    ]


def needs_sign_in(table: Table) -> bool:
    """Directory tables without a cell, and the register of loads: for accounts only."""
    return not is_protected(table) and table.schema in {"organization", HISTORY_SCHEMA, _STAGING}


def grant_ddl(metadata: MetaData) -> list[str]:
    """Statements that give each role exactly what it needs, starting from nothing."""
    schemas = sorted({table.schema for table in metadata.tables.values() if table.schema})
    roles = ", ".join((*READERS, Role.LOADER))
    statements = []
    for schema in [*schemas, "map"]:
        statements += [
            f"GRANT USAGE ON SCHEMA {schema} TO {roles}",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {roles}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {roles}",
            f"REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC",
        ]
    for table in metadata.sorted_tables:
        statements += _table_grants(table)
    statements += [
        f"GRANT SELECT ON ALL TABLES IN SCHEMA map TO {roles}",
        f"GRANT SELECT ON rights.my_cells, rights.my_write_cells TO {roles}",
        f"GRANT EXECUTE ON FUNCTION place.normalised(text) TO {roles}",
        "GRANT EXECUTE ON FUNCTION rights.current_account_id(), rights.current_scope_id(),"
        f" rights.close_session() TO {roles}",
        f"GRANT EXECUTE ON FUNCTION rights.redeem(text, bytea, integer) TO {Role.WEB}",
        "GRANT EXECUTE ON FUNCTION rights.cell_for(bigint, text, smallint),"
        " rights.cells_for(bigint[], text[], smallint[]), rights.forget_unused_cells(bigint[]),"
        f" rights.recompute_scopes(), place.refresh_statistics() TO {Role.LOADER}",
    ]
    return statements


def _table_grants(table: Table) -> list[str]:
    name = table.fullname
    readers = ", ".join(role.value for role in READERS)
    quoted = name.replace("rights.grant", 'rights."grant"')
    if name in _HIDDEN:
        return []
    if table.schema == HISTORY_SCHEMA:
        return [
            f"GRANT SELECT ON {quoted} TO {readers}, {Role.LOADER}",
        ]
    if is_protected(table):
        return [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {quoted} TO {readers}, {Role.LOADER}"]
    loader = "SELECT" if table.schema == "rights" else "SELECT, INSERT, UPDATE, DELETE"
    return [
        f"GRANT SELECT ON {quoted} TO {readers}",
        f"GRANT {loader} ON {quoted} TO {Role.LOADER}",
    ]
