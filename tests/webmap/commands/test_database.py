"""What `onemap db restore` makes of a database before it takes the register's place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from assets import migrate
from gis import backup
from gis.cluster import Cluster
from gis.database import private_database
from gis.db import Database, Role
from gis.versions import Versions, read_versions
from webmap.commands.database import make_ready
from webmap.database import open_operator_session
from webmap.version import onemap_version


@pytest.fixture
def incoming(cluster: Cluster, own_database: Database, tmp_path: Path) -> Iterator[Database]:
    """A backup with a session in it, restored beside the register."""
    open_operator_session(own_database)
    file, version = tmp_path / "a.backup", onemap_version()
    backup.write_backup(cluster, file, version=version, database="onemap_own")
    manifest = backup.check_backup(cluster, file, version=version, knows=migrate.knows_revision)
    backup.fill_beside(cluster, file, manifest)
    made = private_database(cluster, backup.INCOMING)
    yield made
    made.dispose()
    backup.drop_database(cluster, backup.INCOMING)


def versions(database: Database) -> Versions:
    with database.admin().connect() as conn:
        return read_versions(conn)


def sessions(database: Database) -> int:
    with database.engine(Role.OWNER).connect() as conn:
        return int(conn.execute(text("SELECT count(*) FROM rights.session")).scalar_one())


def test_nobody_is_let_in_and_no_kept_tile_fits_from_the_first_instant(
    cluster: Cluster, own_database: Database, incoming: Database
) -> None:
    assert sessions(incoming) == 1
    # What was done since the backup.
    with own_database.admin().begin() as conn:
        conn.execute(
            text(
                "UPDATE rights.version SET data_version = data_version + 2000000,"
                " rights_version = rights_version + 3000000"
            )
        )
    in_use = versions(own_database)
    make_ready(cluster, backup.INCOMING, instead_of="onemap_own")
    assert (sessions(incoming), sessions(own_database)) == (0, 1)
    ready = versions(incoming)
    assert ready.data > in_use.data
    assert ready.rights > in_use.rights


def test_where_there_is_no_register_to_read_a_backup_is_made_ready_all_the_same(
    cluster: Cluster, incoming: Database
) -> None:
    before = versions(incoming)
    make_ready(cluster, backup.INCOMING, instead_of="onemap_nowhere")
    ready = versions(incoming)
    assert ready.data > before.data
    assert ready.rights > before.rights
