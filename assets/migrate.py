"""Migrates a database: the revisions live here, above every domain."""

from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from assets.registry import METADATA, layer_views
from gis import migrate

SCRIPTS: Final = Path(__file__).parent / "migrations"


def upgrade(admin: Engine, owner: Engine) -> None:
    """Brings a database, bare or of any earlier version, to the newest shape.

    Args:
        admin: As a superuser: roles, extensions.
        owner: As `onemap_owner`.
    """
    migrate.bootstrap(admin)
    migrate.upgrade(owner, METADATA, SCRIPTS, layer_views())


def is_current(owner: Engine) -> bool:
    """Whether the database stands at the newest revision."""
    return migrate.is_current(owner, SCRIPTS)
