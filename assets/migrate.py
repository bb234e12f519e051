"""Migrates a database: the revisions live here, above every domain."""

from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from assets.registry import METADATA, domain_functions, layer_views, sums_ddl
from gis import migrate
from gis.db import Role, sql_resource
from gis.rights.policies import READERS

SCRIPTS: Final = Path(__file__).parent / "migrations"


def upgrade(admin: Engine, owner: Engine) -> None:
    """Brings a database, bare or of any earlier version, to the newest shape.

    Args:
        admin: As a superuser, or the owner of a database that one has prepared.
        owner: As `onemap_owner`.
    """
    migrate.bootstrap(admin)
    shared = sql_resource("assets", "services/services.sql")
    derived = [*layer_views(), derived_ddl(), shared, *domain_functions(), *sums_ddl()]
    migrate.upgrade(owner, METADATA, SCRIPTS, derived)


def derived_ddl() -> str:
    """The function that renews sums and leaves past row security, for edits in anybody's name.

    It is made of the very scripts that loads run. It takes numbers and no table of the caller's,
    so that nobody can make the owner run anything of his own.
    """
    scripts = "\n".join(
        (
            sql_resource("gis", "places/trees.sql"),
            "SET CONSTRAINTS estate.ex_holding_leaf_one_at_a_time DEFERRED;",
            sql_resource("assets", "estate/leaves.sql"),
            "SET CONSTRAINTS estate.ex_holding_leaf_one_at_a_time IMMEDIATE;",
            sql_resource("gis", "places/derived.sql"),
        )
    )
    roles = ", ".join((*READERS, Role.LOADER))
    return f"""
CREATE OR REPLACE FUNCTION estate.refresh_derived(of_places bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $refresh$
#variable_conflict use_column
BEGIN
CREATE TEMP TABLE touched_place ON COMMIT DROP AS
  SELECT DISTINCT unnest(of_places) AS place_id;
{scripts}
DROP TABLE pg_temp.touched_place, pg_temp.touched_tree;
END $refresh$;
GRANT EXECUTE ON FUNCTION estate.refresh_derived(bigint[]) TO {roles};
"""


def is_current(owner: Engine) -> bool:
    """Whether the database stands at the newest revision."""
    return migrate.is_current(owner, SCRIPTS)


def knows_revision(revision: str) -> bool:
    """Whether this version can bring tables of a revision to its own shape."""
    return migrate.knows_revision(SCRIPTS, revision)
