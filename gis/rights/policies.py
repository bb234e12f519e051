"""Row security and grants, generated from the tables: a table that carries a cell is protected."""

from typing import Final

from sqlalchemy import MetaData, Table

from gis.db import Role
from gis.history import IS_HISTORY_OF
from gis.history import SCHEMA as HISTORY_SCHEMA
from gis.rights.model import (
    ADDED_BESIDE,
    CHANGED_BESIDE,
    IS_APPEND_ONLY,
    IS_READ_ONLY,
    IS_SHARED_BY_BODY,
    SEEN_BY_ACCOUNTS,
    SEEN_WHEN,
)
from gis.rights.people_ddl import people_ddl

READERS: Final = (Role.WEB, Role.OPERATOR)
_HIDDEN: Final = frozenset(
    {
        "rights.session", "rights.scope", "rights.scope_cell", "rights.scope_group",
        "rights.pending_change",
        "rights.grant", "rights.credential", "rights.sign_in_failure", "rights.sign_in_secret",
        "rights.used_nonce", "rights.code_secret", "rights.spare_code",
        "rights.event", "place.stale_drawing", "place.stale_square", "place.summed_square",
        "history.seal", "history.erasure",
        "history.access", "services.confirmation", "services.number_counter",
        "services.attachment_content",
    }
)  # fmt: skip
"""Nobody but the owner's functions reads these."""
_STAGING: Final = "staging"
_SIGNED_IN: Final = "(SELECT rights.current_reader_id()) IS NOT NULL"
"""Everybody but who has figures alone."""
_MINE: Final = "account_id = (SELECT rights.current_account_id())"
_MINE_TO_WRITE: Final = "account_id = (SELECT rights.current_writer_id())"
_ADDED_BY_READERS: Final = {
    "staging.upload": ["INSERT (account_id, file_name, file_sha256, size_bytes)"],
    "staging.job": ["INSERT (account_id, kind, upload_id, target_load_id, options)"],
    "staging.match_decision": [
        "INSERT (row_key, choice, place_id, other_row_key, account_id, load_id, sheet, row_number)",
        "UPDATE (withdrawn_at)",
    ],
    "staging.profile": ["INSERT (name, account_id, sheets)", "UPDATE (sheets)", "DELETE"],
    "place.column_precedence": [
        "INSERT (source, field, winner, valid_from, rule_source, is_verified)",
        "UPDATE (valid_to)",
        "DELETE",
    ],
}
"""What the web and the command line write in tables without a cell: in the register of what came
in, of which the worker writes the rest, and the rules of who wins in a column."""
_RULES: Final = frozenset({"place.column_precedence"})
"""Rules for everybody's files: who is signed in reads them, who may write every place sets them."""


DOMAINS: Final = "domains"
"""`info` of the catalogue of tables: the domain of each schema whose tables belong to one."""
PLACES_DOMAIN: Final = "places_domain"
"""`info` of the catalogue of tables: the domain that writes places and bodies themselves."""


def domain_of(table: Table) -> str | None:
    """The domain whose officers write the table; null for what domains share."""
    found: str | None = table.metadata.info.get(DOMAINS, {}).get(table.schema)
    return found


def writable_cells(table: Table) -> str:
    """The cells that whoever asks may write in the table, as a query."""
    domain = domain_of(table)
    if domain is None:
        return "SELECT cell FROM rights.my_shared_write_cells"
    if domain == table.metadata.info.get(PLACES_DOMAIN):
        return "SELECT cell FROM rights.my_write_cells"
    return f"SELECT cell FROM rights.my_domain_write_cells WHERE domain = '{domain}'"


def domains_ddl(metadata: MetaData) -> list[str]:
    """The statement that lists the registered domains, for grants to name; none without any."""
    keeps_places = metadata.info.get(PLACES_DOMAIN)
    rows = ", ".join(
        f"('{name}', {name == keeps_places})"
        for name in sorted(set(metadata.info.get(DOMAINS, {}).values()))
    )
    statement = (
        f"INSERT INTO rights.domain (domain, keeps_places) VALUES {rows}"
        " ON CONFLICT (domain) DO UPDATE SET keeps_places = excluded.keeps_places"
    )
    return [statement] if rows else []


def is_protected(table: Table) -> bool:
    """Whether row security guards the table: it carries a rights cell."""
    return "rights_cell" in table.columns


def is_drawn(table: Table) -> bool:
    """Whether the table is derived for drawing (`gis.drawings`): nobody but triggers writes it."""
    return bool(table.info.get("is_drawn"))


def is_sum(table: Table) -> bool:
    """Whether the table keeps sums (`gis.squares`): nobody writes it in his own name."""
    return bool(table.info.get("is_sum"))


_REACH: Final = "rights_cell IN (SELECT cell FROM rights.my_cells)"
_WHOLE_REACH: Final = (
    "(coalesce(admin_area_code, ''), security_class) IN"
    " (SELECT g.admin_area_code, g.security_class FROM rights.my_groups AS g WHERE g.is_whole)"
)
"""Every cell of the row's area and class: sums over all bodies are for who sees each of them."""


def policy_ddl(table: Table) -> list[str]:
    """Statements that (re-)create the policies of a protected table.

    A table that says `seen_by: signed_in` is announced to every account, as a task is; its cell
    then says who may change it. One that is append-only (`IS_APPEND_ONLY`) is only added to. In
    one with `ADDED_BESIDE` or `CHANGED_BESIDE` whoever meets that adds or changes rows beside those
    who write their cell. What one does not see for `SEEN_WHEN` one changes and removes no more.
    """
    if is_drawn(table):
        # The same cells, as bits: a tile of a street would spend a third of its time on hashing all
        # cells of the caller. Every cell of a place that stands has its bit.
        return _read_only_ddl(
            table, "may_see", "get_bit((SELECT rights.my_cell_bits()), rights_cell) <> 0"
        )
    if is_sum(table):
        reach = _REACH
        if "is_whole" in table.columns:
            reach = f"CASE WHEN is_whole THEN {_WHOLE_REACH} ELSE {_REACH} END"
        return _read_only_ddl(table, "may_see", reach)
    name = table.fullname
    is_announced = table.info.get("seen_by") == "signed_in"
    reach = _SIGNED_IN if is_announced else _REACH
    write = f"rights_cell IN ({writable_cells(table)})"
    if seen_when := _kept(table).info.get(SEEN_WHEN):
        reach, write = f"{reach} AND {seen_when}", f"{write} AND {seen_when}"
    roles = ", ".join(role.value for role in READERS)
    statements = [f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"]
    rules = [("may_see", "SELECT", f"USING ({reach})")]
    if table.info.get(IS_APPEND_ONLY):
        rules += [("may_add", "INSERT", f"WITH CHECK ({write} AND {_MINE_TO_WRITE})")]
    elif table.schema != HISTORY_SCHEMA and not table.info.get(IS_READ_ONLY):
        added, changed = (
            f"{write} OR {table.info[key]}" if key in table.info else write
            for key in (ADDED_BESIDE, CHANGED_BESIDE)
        )
        rules += [
            ("may_add", "INSERT", f"WITH CHECK ({added})"),
            ("may_change", "UPDATE", f"USING ({changed}) WITH CHECK ({changed})"),
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
    return _read_only_ddl(table, "signed_in", _SIGNED_IN)


def _read_only_ddl(table: Table, policy: str, condition: str) -> list[str]:
    roles = ", ".join(role.value for role in READERS)
    name = table.fullname
    return [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"DROP POLICY IF EXISTS {policy} ON {name}",
        f"CREATE POLICY {policy} ON {name} FOR SELECT TO {roles} USING ({condition})",
    ]


def guard_ddl(table: Table) -> list[str]:
    """Statements that (re-)create whatever policies a table needs; none for public vocabulary."""
    if is_protected(table):
        return policy_ddl(table)
    if is_of_loads(table):
        return loads_ddl(table)
    if joins_places(table):
        return joined_ddl(table)
    if table.fullname in _RULES:
        return rules_ddl(table)
    if table.info.get(IS_SHARED_BY_BODY) or table.info.get(SEEN_BY_ACCOUNTS):
        return shared_ddl(table)
    if table.info.get(IS_HISTORY_OF, table.fullname) in _HIDDEN and table.schema == HISTORY_SCHEMA:
        return _read_only_ddl(table, "nobody", "false")
    if needs_sign_in(table):
        return signed_in_ddl(table)
    return []


def needs_sign_in(table: Table) -> bool:
    """Directory tables without a cell, and the past of such tables: for accounts only."""
    return not is_protected(table) and table.schema in {"organization", HISTORY_SCHEMA}


def _kept(table: Table) -> Table:
    """The table whose past a history table keeps; any other is itself."""
    kept = table.info.get(IS_HISTORY_OF)
    return table if kept is None else table.metadata.tables[kept]


def _place_columns(table: Table) -> list[str]:
    """Columns that name places; the past of a table has no foreign keys and asks the table."""
    keys = [key for key in _kept(table).foreign_keys if key.column.table.fullname == "place.place"]
    return sorted(key.parent.name for key in keys)


def joins_places(table: Table) -> bool:
    """Tables without a cell that say how places relate, and their past."""
    schema = table.info.get(IS_HISTORY_OF, table.fullname).split(".")[0]
    return not is_protected(table) and schema == "place" and bool(_place_columns(table))


def joined_ddl(table: Table) -> list[str]:
    """Policies of a table that relates places: for who may see, and may write, all of these."""

    def all_in(places: str) -> str:
        return " AND ".join(f"{column} IN ({places})" for column in _place_columns(table))

    statements = _read_only_ddl(table, "both_seen", all_in("SELECT place_id FROM place.place"))
    if table.schema == HISTORY_SCHEMA:
        return statements
    writable = all_in(
        "SELECT place_id FROM place.place"
        " WHERE rights_cell IN (SELECT cell FROM rights.my_write_cells)"
    )
    roles = ", ".join(role.value for role in READERS)
    for policy, command, condition in (
        ("both_written", "INSERT", f"WITH CHECK ({writable})"),
        ("both_changed", "UPDATE", f"USING ({writable}) WITH CHECK ({writable})"),
        ("both_removed", "DELETE", f"USING ({writable})"),
    ):
        statements += [
            f"DROP POLICY IF EXISTS {policy} ON {table.fullname}",
            f"CREATE POLICY {policy} ON {table.fullname} FOR {command} TO {roles} {condition}",
        ]
    return statements


def rules_ddl(table: Table) -> list[str]:
    """Policies of rules that hold for everybody's files."""
    may = "(SELECT rights.may_write_all())"
    return [
        *signed_in_ddl(table),
        *_may_ddl(table, "add_without_limits", f"INSERT TO {{}} WITH CHECK ({may})"),
        *_may_ddl(
            table, "change_without_limits", f"UPDATE TO {{}} USING ({may}) WITH CHECK ({may})"
        ),
        *_may_ddl(table, "remove_without_limits", f"DELETE TO {{}} USING ({may})"),
    ]


def shared_ddl(table: Table) -> list[str]:
    """Policies of what one makes for oneself and may share with a body one sees.

    What is between accounts is seen by these, and written by functions of the owner.
    """
    if accounts := table.info.get(SEEN_BY_ACCOUNTS):
        parties = [f"{name} = (SELECT rights.current_account_id())" for name in accounts]
        return _read_only_ddl(table, "seen_by_parties", " OR ".join(parties))
    seen = (
        "organization_id IN (SELECT c.organization_id FROM rights.cell AS c"
        " WHERE c.cell IN (SELECT cell FROM rights.my_cells))"
    )
    own = _MINE_TO_WRITE
    mine = f"({own}) AND (organization_id IS NULL OR {seen})"
    return [
        *_read_only_ddl(table, "own_or_shared", f"({_MINE}) OR {seen}"),
        *_may_ddl(table, "add_own", f"INSERT TO {{}} WITH CHECK ({mine})"),
        *_may_ddl(table, "change_own", f"UPDATE TO {{}} USING ({own}) WITH CHECK ({mine})"),
        *_may_ddl(table, "remove_own", f"DELETE TO {{}} USING ({own})"),
    ]


def is_of_loads(table: Table) -> bool:
    """The register of loads, with original cells of files: for who brought the file."""
    return table.schema == _STAGING


def loads_ddl(table: Table) -> list[str]:
    """Policies of what came in: one's own, and all for an account without limits.

    How headers are read is common property: everybody signed in may use a profile, and only who
    made it changes it.
    """
    if table.fullname == "staging.profile":
        mine = f"({_MINE_TO_WRITE}) OR (SELECT rights.may_write_all())"
        return [
            *signed_in_ddl(table),
            *_may_ddl(table, "add_own", f"INSERT TO {{}} WITH CHECK ({_MINE_TO_WRITE})"),
            *_may_ddl(table, "change_own", f"UPDATE TO {{}} USING ({mine}) WITH CHECK ({mine})"),
            *_may_ddl(table, "remove_own", f"DELETE TO {{}} USING ({mine})"),
        ]
    if "account_id" not in table.columns:
        return _read_only_ddl(table, "own_loads", "load_id IN (SELECT load_id FROM staging.load)")
    seen = f"{_MINE} OR (SELECT rights.may_write_all())"
    if table.fullname == "staging.match_decision":
        of_seen = "load_id IN (SELECT load_id FROM staging.load)"
        of_mine = f"{of_seen} AND (SELECT rights.current_writer_id()) IS NOT NULL"
        changed = f"UPDATE TO {{}} USING ({of_mine}) WITH CHECK ({of_mine})"
        return [
            *_read_only_ddl(table, "own_loads", of_seen),
            *_may_ddl(
                table, "add_own", f"INSERT TO {{}} WITH CHECK ({_MINE_TO_WRITE} AND {of_seen})"
            ),
            *_may_ddl(table, "change_own", changed),
        ]
    reading = _read_only_ddl(table, "own_loads", seen)
    if table.fullname == "staging.load":
        return reading
    asked = _MINE_TO_WRITE
    if table.fullname == "staging.job":
        # Nobody has a file read, or a load taken back, that is not shown to them.
        asked += (
            " AND (upload_id IS NULL OR upload_id IN (SELECT upload_id FROM staging.upload))"
            " AND (target_load_id IS NULL"
            " OR target_load_id IN (SELECT load_id FROM staging.load))"
        )
    return [*reading, *_may_ddl(table, "add_own", f"INSERT TO {{}} WITH CHECK ({asked})")]


def _may_ddl(table: Table, policy: str, rule: str) -> list[str]:
    roles = ", ".join(role.value for role in READERS)
    return [
        f"DROP POLICY IF EXISTS {policy} ON {table.fullname}",
        f"CREATE POLICY {policy} ON {table.fullname} FOR {rule.format(roles)}",
    ]


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
        "GRANT SELECT ON rights.my_cells, rights.my_write_cells, rights.my_domain_write_cells,"
        f" rights.my_shared_write_cells, rights.my_groups TO {roles}",
        f"GRANT EXECUTE ON FUNCTION place.normalised(text) TO {roles}",
        # It runs as whoever asks, who sees through it what the tables show them.
        f"GRANT EXECUTE ON FUNCTION place.otherwise_on(date) TO {roles}",
        "GRANT EXECUTE ON FUNCTION rights.current_account_id(), rights.current_scope_id(),"
        f" rights.current_reader_id(), rights.current_writer_id(), rights.my_cell_bits(),"
        " rights.may_write_all(), rights.may_write_somewhere(),"
        " rights.my_reach(), rights.has_lost_reach(integer[]),"
        f" rights.close_session() TO {roles}",
        *people_ddl(),
        # A cell gives nobody anything: whoever is signed in may ask for the one of a row to write.
        f"GRANT EXECUTE ON FUNCTION rights.cells_for(bigint[], text[], smallint[]) TO {roles}",
        f"GRANT EXECUTE ON FUNCTION staging.cancel_job(bigint) TO {roles}",
        f"GRANT EXECUTE ON FUNCTION staging.waiting_work() TO {Role.WEB}",
        # It asks for every row whether the account may write it.
        "GRANT EXECUTE ON FUNCTION place.put_locations(bigint[], public.geometry[],"
        f" public.geometry[], text[], text, text, numeric) TO {roles}",
        f"GRANT EXECUTE ON FUNCTION place.has_hidden_parts(bigint, date) TO {roles}",
        f"GRANT EXECUTE ON FUNCTION history.sealed_head() TO {roles}",
        f"GRANT EXECUTE ON FUNCTION history.note_access(text, text, jsonb) TO {roles}",
        "GRANT EXECUTE ON FUNCTION rights.cell_for(bigint, text, smallint),"
        " rights.forget_unused_cells(bigint[]),"
        " rights.recompute_scopes(), rights.areas_are_due(), rights.settle_areas(),"
        " rights.settle_grants(),"
        " place.refresh_statistics(),"
        " place.district_of(text), place.forget_unlisted(text[], text[]),"
        f" place.make_stubs(bigint[], text) TO {Role.LOADER}",
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
    if is_drawn(table) or is_sum(table):
        return [f"GRANT SELECT ON {quoted} TO {readers}"]
    if table.info.get(IS_READ_ONLY):
        # Whoever reminds of cases reads what they are called: the numbers of notices.
        return [f"GRANT SELECT ON {quoted} TO {readers}, {Role.LOADER}"]
    if table.info.get(IS_APPEND_ONLY):
        return [f"GRANT SELECT, INSERT ON {quoted} TO {readers}, {Role.LOADER}"]
    if is_protected(table) or joins_places(table) or table.info.get(IS_SHARED_BY_BODY):
        return [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {quoted} TO {readers}, {Role.LOADER}"]
    loader = "SELECT" if table.schema == "rights" else "SELECT, INSERT, UPDATE, DELETE"
    return [
        f"GRANT SELECT ON {quoted} TO {readers}",
        *(f"GRANT {what} ON {quoted} TO {readers}" for what in _ADDED_BY_READERS.get(name, [])),
        f"GRANT {loader} ON {quoted} TO {Role.LOADER}",
    ]
