import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from gis import backup
from gis.cluster import Cluster
from gis.errors import InputError, OneMapError

pytestmark = pytest.mark.skipif(
    os.geteuid() == 0, reason="PostgreSQL refuses to run as root; ./onemap test does not"
)

NAMESPACE = ("unshare", "--user", "--map-current-user", "--keep-caps", "--mount")


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


def anything(_revision: str) -> bool:
    return True


def checked(cluster: Cluster, file: Path, version: str = "1.0") -> backup.Manifest:
    return backup.check_backup(cluster, file, version=version, knows=anything)


def refusal(cluster: Cluster, file: Path, version: str = "1.0") -> str:
    with pytest.raises(OneMapError) as caught:
        checked(cluster, file, version)
    return caught.value.key


def test_a_backup_fills_another_database_with_the_same(one_note: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "一月.backup"
    written = backup.write_backup(one_note, file, version="1.0")
    assert checked(one_note, file) == written
    assert written.rows == {"public.note": 1}
    backup.fill_beside(one_note, file, written)
    assert note_in(one_note, backup.INCOMING) == "一张图"


def test_a_backup_is_for_its_owner_only_and_leaves_nothing_else(
    one_note: Cluster, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    # What a run that was killed left behind, for all to read.
    (folder / ".a.backup.unfinished").touch(0o644)
    backup.write_backup(one_note, folder / "a.backup", version="1.0")
    assert [path.name for path in folder.iterdir()] == ["a.backup"]
    assert stat.S_IMODE((folder / "a.backup").stat().st_mode) == 0o600


def test_a_backup_is_never_written_over(one_note: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "a.backup"
    file.write_text("the last good one")
    with pytest.raises(InputError) as caught:
        backup.write_backup(one_note, file, version="1.0")
    assert caught.value.key == "backup.exists"
    assert file.read_text() == "the last good one"


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"", b"\0" * 5000])
def test_a_file_that_is_no_backup_is_refused(
    one_note: Cluster, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "census.xlsx"
    file.write_bytes(content)
    assert refusal(one_note, file) == "backup.not_a_backup"


def test_a_backup_cut_short_anywhere_is_refused(one_note: Cluster, tmp_path: Path) -> None:
    file, cut = tmp_path / "a.backup", tmp_path / "cut.backup"
    backup.write_backup(one_note, file, version="1.0")
    whole = file.read_bytes()
    # In its end, the manifest, the dump; all but the first byte.
    for left in (len(whole) - 1, len(whole) - 60, len(whole) - 200, len(whole) // 2, 600, 5, 1):
        cut.write_bytes(whole[:left])
        assert refusal(one_note, cut) == "backup.cut_short", left
    cut.write_bytes(whole + b"\n")
    assert refusal(one_note, cut) == "backup.cut_short"


def test_a_changed_byte_anywhere_is_refused(one_note: Cluster, tmp_path: Path) -> None:
    file, changed = tmp_path / "a.backup", tmp_path / "changed.backup"
    backup.write_backup(one_note, file, version="1.0")
    whole = file.read_bytes()
    for at in (*range(0, len(whole), max(1, len(whole) // 40)), len(whole) - 100, len(whole) - 1):
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        said = refusal(one_note, changed)
        assert said in {"backup.not_a_backup", "backup.damaged", "backup.cut_short"}, at
        assert said == "backup.damaged" or at < 5 or at >= len(whole) - 90


def test_a_backup_of_a_newer_onemap_or_other_tables_is_refused(
    one_note: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "a.backup"
    backup.write_backup(one_note, file, version="0.10.0")
    assert checked(one_note, file, version="0.10.0").onemap == "0.10.0"
    assert refusal(one_note, file, version="0.9.9") == "backup.newer"
    with create_engine(one_note.url(), poolclass=NullPool).begin() as conn:
        conn.execute(text("CREATE SCHEMA rights"))
        conn.execute(
            text("CREATE TABLE rights.alembic_version (version_num varchar(32) PRIMARY KEY)")
        )
        conn.execute(text("INSERT INTO rights.alembic_version VALUES ('0009')"))
    later = tmp_path / "b.backup"
    assert backup.write_backup(one_note, later, version="0.10.0").revision == "0009"
    with pytest.raises(InputError) as caught:
        backup.check_backup(
            one_note, later, version="0.10.0", knows=lambda revision: revision != "0009"
        )
    assert caught.value.key == "backup.newer"


def test_rows_that_do_not_come_back_are_noticed_and_nothing_stays(
    one_note: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "a.backup"
    written = backup.write_backup(one_note, file, version="1.0")
    with pytest.raises(InputError) as caught:
        backup.fill_beside(one_note, file, replace(written, rows={"public.note": 2}))
    assert caught.value.key == "backup.damaged"
    with pytest.raises(OperationalError, match="does not exist"):
        note_in(one_note, backup.INCOMING)
    assert note_in(one_note, "onemap") == "一张图"


def test_a_file_is_not_called_damaged_when_the_server_went_away(
    one_note: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "a.backup"
    backup.write_backup(one_note, file, version="1.0")
    with pytest.raises(RuntimeError, match="connection to server"):
        backup.read_backup(one_note, file, "nowhere")


def test_a_full_disk_leaves_no_half_backup(one_note: Cluster, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    probe = [*NAMESPACE, *mounted] if shutil.which("unshare") else ["false"]
    if subprocess.run(probe, check=False, capture_output=True).returncode:
        pytest.skip("an ordinary account may not mount anything here")
    with create_engine(one_note.url(), poolclass=NullPool).begin() as conn:
        conn.execute(
            text("INSERT INTO note SELECT md5(random()::text) FROM generate_series(1, 9000)")
        )
    script = f"""
import subprocess
from pathlib import Path
from gis import backup
from gis.cluster import Cluster
from gis.errors import ConfigError
subprocess.run({mounted!r}, check=True)
cluster = Cluster(Path({str(one_note.directory)!r}), durable=False)
try:
    backup.write_backup(cluster, Path({str(disk)!r}) / "a.backup", version="1.0")
except ConfigError as error:
    print(error.key, len(list(Path({str(disk)!r}).iterdir())))
"""
    ran = subprocess.run(
        [*NAMESPACE, sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert ran.stdout == "disk_full 0\n", ran.stderr


def test_a_machine_without_room_is_told_before_anything_is_restored(
    one_note: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.backup"
    backup.write_backup(one_note, file, version="1.0")
    monkeypatch.setattr(backup, "LEAST_FREE_BYTES", 2**60)
    assert refusal(one_note, file) == "backup.no_room"


def test_a_folder_that_is_not_there_is_the_persons_to_mend(
    one_note: Cluster, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        backup.write_backup(one_note, tmp_path / "nowhere/a.backup", version="1.0")
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


def test_what_was_restored_takes_the_place_in_one_instant(
    one_note: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "a.backup"
    written = backup.write_backup(one_note, file, version="1.0")
    engine = create_engine(one_note.url())
    with engine.begin() as user:
        user.execute(text("UPDATE note SET said = 'later'"))
    with pytest.raises(ProgrammingError):
        backup.put_aside(one_note, then="nowhere")
    engine.dispose()
    assert note_in(one_note, "onemap") == "later"
    backup.fill_beside(one_note, file, written)
    backup.put_aside(one_note, then=backup.INCOMING)
    assert note_in(one_note, "onemap") == "一张图"
    assert note_in(one_note, backup.PREVIOUS) == "later"


def test_a_restore_killed_before_it_took_its_place_shuts_nobody_out(one_note: Cluster) -> None:
    maintenance = create_engine(
        one_note.url(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )
    with maintenance.connect() as conn:
        conn.execute(text("ALTER DATABASE onemap ALLOW_CONNECTIONS false"))
    assert one_note.create_database() is False
    assert note_in(one_note, "onemap") == "一张图"
