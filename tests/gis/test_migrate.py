"""Models and migrations agree, and migrating again changes nothing."""

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from handed_in import footprints
from sqlalchemy import create_engine

from assets import migrate
from assets.registry import METADATA
from etl.load import LoadOptions, load_file
from gis.cluster import Cluster
from gis.db import Database, Role, run_script, transaction
from gis.errors import ConfigError
from gis.history import add_history_tables
from gis.migrate import is_leakproof, mark_leakproof
from gis.rights.policies import is_protected
from tests.conftest import open_operator

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
    register = {"place", "organization", "rights", "staging"}
    allowed = dict.fromkeys(register, register)  # the map and its bodies know no asset
    with database.engine(Role.OWNER).connect() as conn:
        leaving = conn.exec_driver_sql(
            "SELECT conname, n1.nspname, n2.nspname FROM pg_constraint"
            " JOIN pg_class c1 ON c1.oid = conrelid"
            " JOIN pg_namespace n1 ON n1.oid = c1.relnamespace"
            " JOIN pg_class c2 ON c2.oid = confrelid"
            " JOIN pg_namespace n2 ON n2.oid = c2.relnamespace"
            " WHERE contype = 'f' AND n1.nspname <> n2.nspname"
        ).all()
    assert {row[1] for row in leaving} > {"place", "estate"}
    assert [
        row for row in leaving if row[2] not in allowed.get(row[1], register | {"estate"})
    ] == []  # fmt: skip


@pytest.fixture
def hosted(cluster: Cluster, template: str) -> Iterator[Database]:
    """What a hosted server grants: a database of one's own in which it made the extensions."""
    assert template  # its migration made the roles of the cluster
    postgres = create_engine(cluster.url(database="postgres"), isolation_level="AUTOCOMMIT")
    with postgres.connect() as conn:
        for statement in (
            "DROP DATABASE IF EXISTS onemap_hosted WITH (FORCE)",
            "DROP ROLE IF EXISTS hosted",
            "CREATE ROLE hosted LOGIN CREATEROLE NOSUPERUSER",
            "CREATE DATABASE onemap_hosted OWNER hosted TEMPLATE template0",
        ):
            conn.exec_driver_sql(statement)
        names = Path(conn.exec_driver_sql("SHOW ident_file").scalar_one())
        known = names.read_text()
        names.write_text(f'{known}onemap "{pwd.getpwuid(os.geteuid()).pw_name}" hosted\n')
        conn.exec_driver_sql("SELECT pg_reload_conf()")
    superuser = create_engine(cluster.url(database="onemap_hosted"))
    with superuser.begin() as conn:
        run_script(conn, "CREATE EXTENSION postgis; CREATE EXTENSION btree_gist")
    superuser.dispose()
    database = Database(lambda _role: cluster.url("hosted", "onemap_hosted"), assume_role=True)
    yield database
    database.dispose()
    names.write_text(known)
    with postgres.connect() as conn:
        conn.exec_driver_sql("SELECT pg_reload_conf()")
        conn.exec_driver_sql("DROP DATABASE onemap_hosted WITH (FORCE)")
        conn.exec_driver_sql("DROP ROLE hosted")
    postgres.dispose()


def test_the_owner_of_a_prepared_database_who_is_no_superuser_migrates_it(
    cluster: Cluster, hosted: Database, tmp_path: Path
) -> None:
    migrate.upgrade(hosted.admin(), hosted.engine(Role.OWNER))
    assert migrate.is_current(hosted.engine(Role.OWNER))
    assert not is_leakproof(hosted.admin())
    assert not mark_leakproof(hosted.admin())
    operator = open_operator(hosted)
    options = LoadOptions(any_area=True)
    loaded = load_file(
        hosted, footprints(tmp_path / "f.gpkg"), token=operator.token, options=options
    )
    assert loaded.inserted == 3
    with transaction(hosted.engine(Role.WEB), operator.token) as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM place.place").scalar_one() == 3
    # What `doctor` says that a superuser can do, and what every start does as one.
    superuser = create_engine(cluster.url(database="onemap_hosted"))
    assert mark_leakproof(superuser)
    superuser.dispose()
    assert is_leakproof(hosted.admin())


def test_marks_that_an_update_took_away_are_made_again(own_database: Database) -> None:
    admin = own_database.admin()
    assert is_leakproof(admin)
    with admin.begin() as conn:
        run_script(conn, "ALTER FUNCTION public.geometry_within(geometry, geometry) NOT LEAKPROOF")
    assert not is_leakproof(admin)
    assert mark_leakproof(admin)
    assert is_leakproof(admin)
