"""Models and migrations agree, and migrating again changes nothing."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from assets import migrate
from assets.registry import METADATA
from gis.db import Database, Role, run_script
from gis.errors import ConfigError
from gis.history import add_history_tables
from gis.rights.policies import is_protected

SCHEMAS = {table.schema for table in METADATA.tables.values()} | {"history"}


def test_models_and_migrations_agree(database: Database) -> None:
    add_history_tables(METADATA)
    with database.engine(Role.OWNER).connect() as conn:
        context = MigrationContext.configure(
            conn,
            opts={
                "include_schemas": True,
                "version_table_schema": "rights",
                "include_name": lambda name, kind, _parents: (
                    name in SCHEMAS if kind == "schema" else name != "alembic_version"
                ),
            },
        )
        assert compare_metadata(context, METADATA) == []


def test_a_second_migration_changes_nothing_and_the_database_is_current(
    own_database: Database,
) -> None:
    owner = own_database.engine(Role.OWNER)
    assert migrate.is_current(owner)
    migrate.upgrade(own_database.admin(), owner)
    assert migrate.is_current(owner)


def test_tables_made_by_a_revision_of_other_text_are_refused_and_left(
    own_database: Database,
) -> None:
    owner = own_database.engine(Role.OWNER)
    with owner.begin() as conn:
        run_script(conn, "COMMENT ON TABLE rights.alembic_version IS 'another text'")
        run_script(conn, "DROP VIEW map.building CASCADE")
    with pytest.raises(ConfigError) as refused:
        migrate.upgrade(own_database.admin(), owner)
    assert refused.value.key == "database.unknown_tables"
    with owner.connect() as conn:
        assert conn.exec_driver_sql("SELECT to_regclass('map.building')").scalar_one() is None


def test_every_table_with_a_cell_is_guarded_by_row_security(database: Database) -> None:
    with database.engine(Role.OWNER).connect() as conn:
        guarded = set(
            conn.exec_driver_sql(
                "SELECT n.nspname || '.' || c.relname FROM pg_class c"
                " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relrowsecurity"
            ).scalars()
        )
    protected = {table.fullname for table in METADATA.tables.values() if is_protected(table)}
    assert protected
    assert protected <= guarded


def test_foreign_keys_leave_a_domain_only_towards_the_shared_register(database: Database) -> None:
    shared = {"place", "organization", "rights", "estate", "staging"}
    with database.engine(Role.OWNER).connect() as conn:
        leaving = conn.exec_driver_sql(
            "SELECT conname, n1.nspname, n2.nspname FROM pg_constraint"
            " JOIN pg_class c1 ON c1.oid = conrelid"
            " JOIN pg_namespace n1 ON n1.oid = c1.relnamespace"
            " JOIN pg_class c2 ON c2.oid = confrelid"
            " JOIN pg_namespace n2 ON n2.oid = c2.relnamespace"
            " WHERE contype = 'f' AND n1.nspname <> n2.nspname"
        ).all()
    assert leaving
    assert [row for row in leaving if row[2] not in shared] == []
