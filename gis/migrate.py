"""Brings a database to the newest shape: roles and extensions, tables, then everything derived.

Tables change by Alembic revisions. Functions, triggers, policies, grants and views are generated
from the models and re-created after each migration, so no revision ever carries them.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, MetaData

from gis.audit.lines import audit_ddl
from gis.db import run_script, sql_resource
from gis.errors import ConfigError
from gis.history import add_history_tables, kept_tables, trigger_ddl
from gis.jobs.queue import rebuild_queue
from gis.locks import Lock, held
from gis.places.stubs import stubs_ddl
from gis.places.then import OTHERWISE_DDL
from gis.rights.policies import domains_ddl, grant_ddl, guard_ddl


def bootstrap(admin: Engine) -> None:
    """Roles, extensions and LEAKPROOF marks; as a superuser, and again after a restore."""
    with admin.begin() as conn:
        run_script(conn, sql_resource("gis", "sql/bootstrap.sql"))
    mark_leakproof(admin)


def mark_leakproof(admin: Engine) -> bool:
    """Mark the operators that indexes on shapes need; a restore or an extension update unmarks.

    Returns:
        Whether they are marked: a server may refuse, and then answers the same, slower.
    """
    if is_leakproof(admin):
        return True
    with admin.begin() as conn:
        run_script(conn, sql_resource("gis", "sql/leakproof.sql"))
    return is_leakproof(admin)


def is_leakproof(admin: Engine) -> bool:
    """Whether row security lets the indexes on shapes be used."""
    with admin.connect() as conn:
        marked: bool | None = conn.exec_driver_sql(_IS_LEAKPROOF).scalar_one()
    return bool(marked)


_IS_LEAKPROOF: Final = """
SELECT bool_and(proleakproof) FROM pg_proc
WHERE oid IN (to_regprocedure('public.geometry_overlaps(geometry, geometry)'),
              to_regprocedure('public.geometry_within(geometry, geometry)'))"""


def alembic_config(scripts: Path, conn: Connection, metadata: MetaData) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.attributes.update(connection=conn, metadata=metadata)
    return config


def is_current(engine: Engine, scripts: Path) -> bool:
    """Whether the database stands at the newest revision."""
    with engine.connect() as conn:
        stands_at = MigrationContext.configure(
            conn, opts={"version_table_schema": "rights"}
        ).get_current_revision()
    config = Config()
    config.set_main_option("script_location", str(scripts))
    return stands_at == ScriptDirectory.from_config(config).get_current_head()


def knows_revision(scripts: Path, revision: str) -> bool:
    """Whether tables of a revision can be brought to the newest one."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    try:
        return ScriptDirectory.from_config(config).get_revision(revision) is not None
    except (ResolutionError, CommandError):
        return False


def upgrade(owner: Engine, metadata: MetaData, scripts: Path, views: Iterable[str] = ()) -> None:
    """Migrates to the newest revision and re-creates everything derived, in one transaction.

    Args:
        owner: Engine of the schema owner.
        metadata: With the tables of every domain.
        scripts: Folder of the Alembic revisions.
        views: Statements that create the views of schema `map`.

    Raises:
        ConfigError: A newer version made the tables, or revisions of other text than these, so
            that what they lack is unknown. The database is left as it was.
    """
    add_history_tables(metadata)
    with owner.begin() as conn:
        run_script(conn, "SET LOCAL lock_timeout = '30s'")
        # Two starts at once: the second waits and finds the work done.
        run_script(conn, held(Lock.MIGRATION))
        run_script(conn, "CREATE SCHEMA IF NOT EXISTS rights")
        config = alembic_config(scripts, conn, metadata)
        _require_known_tables(conn, config)
        command.upgrade(config, "head")
        _note_revisions(conn, config)
        rebuild(conn, metadata, views)


def _revisions_digest(config: Config, revision: str) -> str:
    """Digest of the text of a revision and of all before it."""
    digest = hashlib.sha256()
    for script in ScriptDirectory.from_config(config).iterate_revisions(revision, "base"):
        digest.update(Path(script.path).read_bytes())
    return digest.hexdigest()


def current_revision(conn: Connection) -> str | None:
    """The revision a database stands at; null for one that has no tables of ours."""
    context = MigrationContext.configure(conn, opts={"version_table_schema": "rights"})
    return context.get_current_revision()


def _require_known_tables(conn: Connection, config: Config) -> None:
    revision = current_revision(conn)
    if revision is None:
        return
    noted = conn.exec_driver_sql(
        "SELECT obj_description('rights.alembic_version'::regclass, 'pg_class')"
    ).scalar_one()
    try:
        known = _revisions_digest(config, revision)
    except ResolutionError as error:  # a revision that is none of ours
        raise ConfigError("database.newer") from error
    if noted != known:
        raise ConfigError("database.unknown_tables")


def _note_revisions(conn: Connection, config: Config) -> None:
    revision = current_revision(conn)
    if revision is not None:
        noted = _revisions_digest(config, revision)
        run_script(conn, f"COMMENT ON TABLE rights.alembic_version IS '{noted}'")


def rebuild(conn: Connection, metadata: MetaData, views: Iterable[str] = ()) -> None:
    """Re-creates functions, triggers, policies, views and grants from the models."""
    run_script(conn, "DROP SCHEMA IF EXISTS map CASCADE")
    run_script(conn, "CREATE SCHEMA map")
    for statement in domains_ddl(metadata):
        run_script(conn, statement)
    run_script(conn, sql_resource("gis", "sql/rights.sql"))
    run_script(conn, sql_resource("gis", "sql/accounts.sql"))
    run_script(conn, sql_resource("gis", "sql/offices.sql"))
    run_script(conn, sql_resource("gis", "sql/tokens.sql"))
    run_script(conn, sql_resource("gis", "sql/codes.sql"))
    for table in kept_tables(metadata):
        for statement in trigger_ddl(table):
            run_script(conn, statement)
    for statement in audit_ddl(metadata):
        run_script(conn, statement)
    run_script(conn, stubs_ddl(metadata))
    run_script(conn, sql_resource("gis", "sql/locating.sql"))
    run_script(conn, OTHERWISE_DDL)
    for table in metadata.sorted_tables:
        for statement in guard_ddl(table):
            run_script(conn, statement)
    run_script(conn, sql_resource("gis", "sql/triggers.sql"))
    run_script(conn, sql_resource("gis", "sql/headcounts.sql"))
    rebuild_queue(conn)
    for statement in views:
        run_script(conn, statement)
    for statement in grant_ddl(metadata):
        run_script(conn, statement)
