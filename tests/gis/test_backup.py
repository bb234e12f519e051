import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from gis import backup
from gis.cluster import Cluster
from gis.errors import InputError

pytestmark = pytest.mark.skipif(
    os.geteuid() == 0, reason="PostgreSQL refuses to run as root; ./onemap test does not"
)


@pytest.fixture
def one_note(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster whose database holds one note."""
    made = Cluster(tmp_path / "cluster", durable=False)
    with made.running():
        made.create_database()
        with create_engine(made.url(), poolclass=NullPool).begin() as conn:
            conn.execute(text("CREATE TABLE note AS SELECT '一张图' AS said"))
        yield made


def note_in(cluster: Cluster, database: str) -> object:
    with create_engine(cluster.url(database=database), poolclass=NullPool).connect() as conn:
        return conn.execute(text("SELECT said FROM note")).scalar_one()


def test_a_backup_fills_another_database_with_the_same(one_note: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "一月.backup"
    assert backup.write_backup(one_note, file) == file.stat().st_size > 0
    backup.check_backup(one_note, file)
    one_note.create_database(backup.INCOMING)
    backup.read_backup(one_note, file, backup.INCOMING)
    assert note_in(one_note, backup.INCOMING) == "一张图"


def test_a_backup_is_for_its_owner_only_and_leaves_nothing_else(
    one_note: Cluster, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    backup.write_backup(one_note, folder / "a.backup")
    assert [path.name for path in folder.iterdir()] == ["a.backup"]
    assert stat.S_IMODE((folder / "a.backup").stat().st_mode) == 0o600


def test_a_file_that_is_no_backup_is_refused(one_note: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "census.xlsx"
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError) as caught:
        backup.check_backup(one_note, file)
    assert caught.value.key == "backup.not_a_backup"


def test_a_truncated_backup_is_refused(one_note: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    backup.write_backup(one_note, file)
    file.write_bytes(file.read_bytes()[:-200])
    one_note.create_database(backup.INCOMING)
    with pytest.raises(InputError) as caught:
        backup.read_backup(one_note, file, backup.INCOMING)
    assert caught.value.key == "backup.damaged"


def test_a_folder_that_is_not_there_is_the_persons_to_mend(
    one_note: Cluster, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        backup.write_backup(one_note, tmp_path / "nowhere/a.backup")
    assert caught.value.key == "backup.not_writable"


def test_a_database_is_put_aside_under_its_users(one_note: Cluster) -> None:
    engine = create_engine(one_note.url())
    with engine.connect() as user:
        user.execute(text("SELECT 1"))
        backup.put_aside(one_note)
        with pytest.raises(OperationalError):
            user.execute(text("SELECT 1"))
    engine.dispose()
    assert note_in(one_note, backup.PREVIOUS) == "一张图"
    assert one_note.create_database() is True


def test_only_the_last_database_put_aside_is_kept(one_note: Cluster) -> None:
    for _ in range(2):
        backup.put_aside(one_note)
        one_note.create_database()
    with pytest.raises(Exception, match="note"):
        note_in(one_note, backup.PREVIOUS)
