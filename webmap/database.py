"""The database a command works on: running, and of the shape this version needs."""

import functools
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

import assets
import gis
from assets import migrate
from gis.database import open_database
from gis.db import Database, Role, transaction
from gis.jobs.queue import library_digest
from gis.migrate import mark_leakproof
from gis.rights import actions as rights_actions
from webmap.console import Console

OPERATOR: Final = rights_actions.OPERATOR
"""Name of the account that whoever runs the server acts as."""

_SHAPING_FILES: Final = ("*.py", "*.sql")


def prepared_database(console: Console) -> Database:
    """The database of the settings, started, migrated; says each step that may take a while.

    Raises:
        ConfigError: It cannot run, with what to do about it.
    """
    database = open_database(console.settings, on_step=console.say)
    if not is_current(database):
        console.say("database.migrating")
        migrate_database(database)
    else:
        mark_leakproof(database.admin())
    return database


def migrate_database(database: Database) -> None:
    """Bring the database to this version's shape, and note which shape that is.

    Raises:
        ConfigError: A newer version has worked on it, or one still in development made it.
    """
    migrate.upgrade(database.admin(), database.engine(Role.OWNER))
    with database.engine(Role.OWNER).begin() as conn:
        conn.execute(text(f"COMMENT ON SCHEMA map IS '{shape_digest()}'"))


def is_current(database: Database) -> bool:
    """Whether tables and everything derived from the models are as this code makes them.

    Views, policies and triggers change without a revision, so the code itself is compared.
    """
    return _noted_shape(database.admin()) == shape_digest()


def _noted_shape(admin: Engine) -> str | None:
    try:
        with admin.connect() as conn:
            noted: str | None = conn.execute(
                text("SELECT obj_description(to_regnamespace('map'), 'pg_namespace')")
            ).scalar_one()
    except ProgrammingError:
        return None
    return noted


@functools.cache
def shape_digest() -> str:
    """Digest of all code that shapes the database."""
    digest = hashlib.sha256(library_digest().encode())
    for package in (gis, assets):
        root = Path(package.__path__[0])
        for pattern in _SHAPING_FILES:
            for path in sorted(root.rglob(pattern)):
                digest.update(path.read_bytes())
    return digest.hexdigest()


def open_operator_session(
    database: Database, *, kind: str = "command", lifetime: timedelta = timedelta(hours=12)
) -> str:
    """A session token of the operator, who sees all through the same policies as anybody.

    Args:
        database: A migrated one.
        kind: `command`, or `one_time` for an address to sign in with once.
        lifetime: After that the token means nobody.
    """
    with transaction(database.engine(Role.OWNER), None) as owner:
        account_id = rights_actions.ensure_account(owner, OPERATOR, [rights_actions.EVERYTHING])
        return rights_actions.open_session(owner, account_id, kind=kind, lifetime=lifetime)
