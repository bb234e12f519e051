import contextlib
import os
import pwd
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import create_engine, text

from gis.cluster import ROLES, SUPERUSER, Cluster
from gis.errors import ConfigError
from gis.i18n import explain

pytestmark = pytest.mark.skipif(
    os.geteuid() == 0, reason="PostgreSQL refuses to run as root; ./onemap test does not"
)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path / "cluster", durable=False)
    yield made
    made.release()
    made.stop()


def one_value(cluster: Cluster, statement: str, role: str = SUPERUSER) -> object:
    engine = create_engine(cluster.url(role, "postgres"), poolclass=sqlalchemy.NullPool)
    with engine.connect() as conn:
        return conn.execute(text(statement)).scalar_one()


def another_user(cluster: Cluster, seconds: float) -> subprocess.Popen[str]:
    """A second process that uses the cluster, and says so once it does."""
    program = f"""
        import sys, time
        from pathlib import Path
        from gis.cluster import Cluster
        Cluster(Path({str(cluster.directory)!r}), durable=False).ensure_running()
        print("up", flush=True)
        time.sleep({seconds})
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as said:
        assert said.readline() == "up\n"
    return process


def test_first_use_creates_a_cluster_with_utf8_icu_and_checksums(cluster: Cluster) -> None:
    cluster.ensure_running()
    assert one_value(cluster, "SHOW server_encoding") == "UTF8"
    assert one_value(cluster, "SHOW lc_collate") == "C.UTF-8"
    assert one_value(cluster, "SHOW data_checksums") == "on"
    assert one_value(cluster, "SELECT '啊' < '波' COLLATE \"zh-Hans-x-icu\"") is True


def test_cluster_listens_on_a_private_socket_only(cluster: Cluster) -> None:
    cluster.ensure_running()
    assert one_value(cluster, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(cluster.socket_dir.stat().st_mode) == 0o700
    assert "trust" not in (cluster.data_dir / "pg_hba.conf").read_text()


def test_account_logs_in_as_each_role_and_as_no_other(cluster: Cluster) -> None:
    cluster.ensure_running()
    engine = create_engine(cluster.url(SUPERUSER, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        for role in (*ROLES, "stranger"):
            conn.execute(text(f"CREATE ROLE {role} LOGIN"))
    engine.dispose()
    for role in ROLES:
        assert one_value(cluster, "SELECT current_user", role) == role
    with pytest.raises(sqlalchemy.exc.OperationalError, match="authentication failed"):
        one_value(cluster, "SELECT 1", "stranger")


def test_the_last_user_stops_the_server(cluster: Cluster) -> None:
    cluster.ensure_running()
    other = another_user(cluster, seconds=60)
    cluster.release()
    assert cluster.status().is_running
    other.terminate()
    other.wait()
    with cluster.running():
        assert one_value(cluster, "SELECT 1") == 1
    assert not cluster.status().is_running


def test_a_process_that_ends_by_itself_stops_the_server_it_started(cluster: Cluster) -> None:
    another_user(cluster, seconds=0).wait()
    assert not cluster.status().is_running


def test_a_kept_server_outlives_its_users(cluster: Cluster) -> None:
    cluster.ensure_running()
    cluster.keep_running()
    cluster.release()
    assert cluster.status().is_running
    assert cluster.status().is_kept
    assert cluster.stop()
    assert not cluster.status().is_running


def test_two_processes_may_start_it_at_once(cluster: Cluster) -> None:
    users = [another_user(cluster, seconds=0.2) for _ in range(3)]
    assert [user.wait() for user in users] == [0, 0, 0]
    assert not cluster.status().is_running


def test_a_server_killed_at_once_starts_again(cluster: Cluster) -> None:
    cluster.ensure_running()
    pid = cluster.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while cluster.status().is_running and time.monotonic() < deadline:
        time.sleep(0.02)
    cluster.ensure_running()
    assert one_value(cluster, "SELECT 1") == 1


def test_a_stale_pid_file_naming_a_living_process_is_repaired(cluster: Cluster) -> None:
    with cluster.running():
        pid_file = (cluster.data_dir / "postmaster.pid").read_text()
    lines = pid_file.splitlines()
    lines[0] = str(os.getpid())
    (cluster.data_dir / "postmaster.pid").write_text("\n".join(lines) + "\n")
    assert not cluster.status().is_running
    cluster.ensure_running()
    assert one_value(cluster, "SELECT 1") == 1


def test_a_swept_away_socket_is_repaired(cluster: Cluster) -> None:
    cluster.ensure_running()
    for path in cluster.socket_dir.iterdir():
        path.unlink()
    cluster.ensure_running()
    assert one_value(cluster, "SELECT 1") == 1


def test_half_a_data_folder_left_by_a_kill_is_made_anew(cluster: Cluster) -> None:
    (cluster.directory / "data.new/base").mkdir(parents=True)
    cluster.ensure_running()
    assert one_value(cluster, "SELECT 1") == 1


def test_a_long_directory_gets_a_short_socket_path(tmp_path: Path) -> None:
    deep = tmp_path / ("很深的目录" * 5) / ("x" * 60)
    deep.parent.mkdir()
    cluster = Cluster(deep, durable=False)
    with contextlib.ExitStack() as stack:
        stack.callback(cluster.stop)
        stack.enter_context(cluster.running())
        assert len(os.fsencode(cluster.socket_dir / ".s.PGSQL.5432")) <= 107
        assert one_value(cluster, "SELECT 1") == 1
    cluster.socket_dir.rmdir()


def test_a_link_laid_where_the_socket_folder_belongs_is_refused(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "cluster")
    cluster.directory.mkdir()
    cluster.socket_dir.symlink_to(tmp_path)
    with pytest.raises(ConfigError) as caught:
        cluster.ensure_running()
    assert caught.value.key == "cluster.permission"


def test_a_directory_that_may_not_be_written_is_one_clear_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError) as caught:
        Cluster(tmp_path / "cluster").ensure_running()
    tmp_path.chmod(0o700)
    assert str(tmp_path) in explain("zh", caught.value)


def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "cluster", least_free_bytes=2**60)
    with pytest.raises(ConfigError) as caught:
        cluster.ensure_running()
    assert caught.value.key == "cluster.disk_full"
    assert not cluster.data_dir.exists()


def test_a_server_that_cannot_start_names_its_log(cluster: Cluster) -> None:
    with cluster.running():
        pass
    (cluster.data_dir / "conf.d/50-site.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(ConfigError) as caught:
        cluster.ensure_running()
    assert str(cluster.log_path) in explain("en", caught.value)
    (cluster.data_dir / "conf.d/50-site.conf").unlink()


def test_a_site_may_overrule_a_setting(cluster: Cluster) -> None:
    with cluster.running():
        pass
    (cluster.data_dir / "conf.d/50-site.conf").write_text("max_connections = 31\n")
    cluster.ensure_running()
    assert one_value(cluster, "SHOW max_connections") == "31"


def test_create_database_tells_whether_it_did(cluster: Cluster) -> None:
    cluster.ensure_running()
    assert cluster.create_database("onemap") is True
    assert cluster.create_database("onemap") is False


def test_a_forked_child_does_not_stop_the_server(cluster: Cluster) -> None:
    cluster.ensure_running()
    child = os.fork()
    if child == 0:
        cluster.release()
        os._exit(0)
    os.waitpid(child, 0)
    assert one_value(cluster, "SELECT 1") == 1


def test_account_name_stands_in_the_login_map(cluster: Cluster) -> None:
    cluster.ensure_running()
    account = pwd.getpwuid(os.geteuid()).pw_name
    assert f'"{account}" onemap_web' in (cluster.data_dir / "pg_ident.conf").read_text()
