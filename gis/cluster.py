"""The private PostgreSQL cluster: made on first use, started on demand, stopped by the last user.

It listens on a Unix socket only, in a folder that only its account may enter, and asks the
operating system who is connecting (`peer`): no password exists and no address is trusted.

Processes that use the cluster each hold a shared lock on one file. The kernel gives the lock up
when a process ends, however it ends, so a crash leaves nothing to clean; the process that can turn
its lock into an exclusive one is the last, and stops the server.
"""

import atexit
import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg2
from psycopg2 import sql
from sqlalchemy import URL

from gis.errors import ConfigError
from gis.postgres import (
    CLEAN_ENVIRONMENT,
    Server,
    create_data_folder,
    find_server,
    memory_bytes,
    tuned_settings,
)
from gis.settings import Settings

SUPERUSER: Final = "postgres"
ROLES: Final = ("onemap_owner", "onemap_web", "onemap_loader", "onemap_operator")
"""Database roles the operating system account may log in as, beside the superuser."""

DATABASE: Final = "onemap"
_PORT: Final = 5432  # only part of the socket's name
_LONGEST_SOCKET_PATH: Final = 107
LEAST_FREE_BYTES: Final = 512 * 1024 * 1024
_START_SECONDS: Final = 300


@dataclass(frozen=True)
class ClusterStatus:
    """What `db status` and `doctor` tell about the cluster."""

    is_running: bool
    is_kept: bool
    """Whether it stays up without users, after `db start`."""

    pid: int | None
    major: int | None
    """Null before the first start."""

    directory: Path
    socket_dir: Path
    size_bytes: int


class Cluster:
    """A PostgreSQL cluster in a folder of its own.

    Args:
        directory: Folder of data, socket, log and locks; made when missing.
        durable: False for tests: faster, and a crash of the machine may lose everything.
        program_folders: Where to look for server programs; null means the usual places.
        least_free_bytes: Free disk below which the cluster is not started.
        on_step: Called with a message key before each step that may take over a second.
    """

    def __init__(
        self,
        directory: Path,
        *,
        durable: bool = True,
        program_folders: Sequence[Path] | None = None,
        least_free_bytes: int = LEAST_FREE_BYTES,
        on_step: Callable[[str], None] = lambda _key: None,
    ) -> None:
        self.directory = directory.absolute()
        self.data_dir = self.directory / "data"
        self.log_path = self.directory / "postgresql.log"
        self.socket_dir = _socket_dir(self.directory)
        self._durable = durable
        self._program_folders = program_folders
        self._least_free_bytes = least_free_bytes
        self._on_step = on_step
        self._hold: int | None = None
        self._hold_pid = 0

    # -- for users of the database

    def ensure_running(self) -> None:
        """Start the cluster unless it runs, and keep it up until `release` or the process ends.

        Raises:
            ConfigError: It cannot run, with what to do about it.
        """
        self._prepare_directory()
        self._take_hold()
        with self._exclusive("start.lock"):
            if not self._is_answering():
                self._start()

    def release(self) -> None:
        """Give up this process's use; the last user stops the server, unless it is kept."""
        if self._hold is None or self._hold_pid != os.getpid():
            return  # a forked child must not stop the server under its parent
        hold, self._hold = self._hold, None
        try:
            fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not self._is_kept():
                self._stop_server()
        except BlockingIOError:
            pass  # somebody else still uses it
        finally:
            os.close(hold)

    @contextlib.contextmanager
    def running(self) -> Iterator["Cluster"]:
        """The cluster, up for as long as the block lasts."""
        self.ensure_running()
        try:
            yield self
        finally:
            self.release()

    def url(self, role: str = SUPERUSER, database: str = DATABASE) -> URL:
        """Where to connect as a role; the account is recognised by the operating system."""
        return URL.create(
            "postgresql+psycopg2",
            username=role,
            database=database,
            query={"host": str(self.socket_dir), "port": str(_PORT)},
        )

    def create_database(self, name: str = DATABASE, *, template: str = "template0") -> bool:
        """Create a database unless it exists; True when it was created.

        Copying files costs a fifth of logging every page (0.2 s to 1.0 s for the empty register),
        but is safe only where a crash may lose everything.
        """
        strategy = sql.SQL("wal_log" if self._durable else "file_copy")
        with contextlib.closing(self._connection()) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT datallowconn FROM pg_database WHERE datname = %s", (name,))
                if (found := cursor.fetchone()) is not None:
                    if not found[0]:  # a restore was killed before it took its place
                        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true")
                        cursor.execute(allow.format(sql.Identifier(name)))
                    return False
                cursor.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
                        sql.Identifier(name), sql.Identifier(template), strategy
                    )
                )
        return True

    # -- for the operator

    def keep_running(self) -> None:
        """Let the running server stay up without users, until `stop` or the machine restarts."""
        self._kept_mark.write_text(self._server_identity())

    def stop(self) -> bool:
        """Stop the server now, whoever uses it; True when it was running."""
        if not self.data_dir.exists():
            return False
        self._kept_mark.unlink(missing_ok=True)
        with self._exclusive("start.lock"):
            return self._stop_server()

    def status(self) -> ClusterStatus:
        """The state of the cluster; starts nothing."""
        pid = self._postmaster_pid()
        return ClusterStatus(
            is_running=pid is not None,
            is_kept=pid is not None and self._is_kept(),
            pid=pid,
            major=self._major(),
            directory=self.directory,
            socket_dir=self.socket_dir,
            size_bytes=_size_bytes(self.data_dir),
        )

    def server(self) -> Server:
        """The installed server that suits this cluster; see `gis.postgres.find_server`."""
        return find_server(self._program_folders, major=self._major())

    # -- locks

    def _take_hold(self) -> None:
        if self._hold is not None and self._hold_pid == os.getpid():
            return
        hold = os.open(self.directory / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(hold, fcntl.LOCK_SH)  # waits while a last user is stopping the server
        self._hold, self._hold_pid = hold, os.getpid()
        atexit.register(self.release)

    @contextlib.contextmanager
    def _exclusive(self, name: str) -> Iterator[None]:
        with (self.directory / name).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @property
    def _kept_mark(self) -> Path:
        return self.directory / "kept"

    def _is_kept(self) -> bool:
        try:
            return self._kept_mark.read_text() == self._server_identity()
        except FileNotFoundError:
            return False

    def _server_identity(self) -> str:
        """Process number and start time: another run of the server has another identity."""
        lines = (self.data_dir / "postmaster.pid").read_text().splitlines()
        return f"{lines[0]} {lines[2]}"

    # -- start and stop

    def _prepare_directory(self) -> None:
        if os.geteuid() == 0:
            raise ConfigError("cluster.root")
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.socket_dir.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ConfigError("cluster.permission", path=error.filename) from error
        for path in (self.directory, self.socket_dir, self.data_dir):
            # lstat: in a shared folder somebody may have laid a link where ours belongs.
            if path.exists() and (
                path.lstat().st_uid != os.geteuid() or not stat.S_ISDIR(path.lstat().st_mode)
            ):
                raise ConfigError("cluster.permission", path=path)

    def _start(self) -> None:
        server = self.server()
        self._check_free_disk()
        if not self.data_dir.exists():
            self._on_step("cluster.step.create")
            self._initialise(server)
        if self._postmaster_pid() is not None:
            self._stop_server()  # it runs without its socket, which somebody swept away
        # Left by a crash; its number may be another process's by now, and the server would
        # then believe that process to be itself.
        (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        (self.socket_dir / f".s.PGSQL.{_PORT}.lock").unlink(missing_ok=True)
        self._write_settings(server)
        self._on_step("cluster.step.start")
        for attempt in range(20):
            if self._pg_ctl(server, "start", "-w", "-t", str(_START_SECONDS)):
                return
            # After a kill, the old server's children need a moment to notice and leave.
            if "pre-existing shared memory block" not in self._log_text() or attempt == 19:
                break
            time.sleep(0.5)
        raise self._start_failure()

    def _initialise(self, server: Server) -> None:
        """Make the data folder beside its place and move it there, so half a folder never stays."""
        fresh = self.directory / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        problem = create_data_folder(
            server, fresh, superuser=SUPERUSER, roles=ROLES, durable=self._durable
        )
        if problem is not None:
            shutil.rmtree(fresh, ignore_errors=True)
            self.log_path.write_text(problem)
            raise self._start_failure()
        fresh.rename(self.data_dir)

    def _write_settings(self, server: Server) -> None:
        """Write the fragment onemap owns; a site's own settings go into later files beside it."""
        settings = {
            "listen_addresses": "",
            "port": str(_PORT),
            "unix_socket_directories": str(self.socket_dir),
            "unix_socket_permissions": "0700",
            # Tests of many applications share one server.
            "max_connections": "100" if self._durable else "300",
            "lc_messages": "C",
            "log_checkpoints": "off",
            # Neither a statement nor the row that it failed on: both hold what people entered.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            **tuned_settings(
                memory=memory_bytes(),
                cores=os.cpu_count() or 1,
                shared_memory=shutil.disk_usage("/dev/shm").free,  # noqa: S108 -- not a temp file
                durable=self._durable,
                has_prewarm=server.has_prewarm,
            ),
        }
        lines = [
            f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()
        ]
        heading = "# Rewritten at every start. Put your own settings in 50-site.conf beside it.\n"
        (self.data_dir / "conf.d/10-onemap.conf").write_text(heading + "\n".join(lines) + "\n")

    def _pg_ctl(self, server: Server, action: str, *options: str) -> bool:
        if action == "start" and self.log_path.exists():
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        command = [
            server.program("pg_ctl"), action, f"--pgdata={self.data_dir}",
            f"--log={self.log_path}", "--silent", *options,
        ]  # fmt: skip
        done = subprocess.run(  # noqa: S603 -- the machine's own PostgreSQL
            command,
            check=False,
            env=CLEAN_ENVIRONMENT,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return done.returncode == 0

    def _stop_server(self) -> bool:
        if self._postmaster_pid() is None:
            return False
        if not self._pg_ctl(self.server(), "stop", "-m", "fast", "-w", "-t", str(_START_SECONDS)):
            raise ConfigError("cluster.failed", reason="pg_ctl stop", log=self.log_path)
        return True

    # -- looking

    def _connection(self) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host=str(self.socket_dir), port=_PORT, user=SUPERUSER, dbname="postgres"
        )

    def _is_answering(self) -> bool:
        if self._postmaster_pid() is None:
            return False
        try:
            self._connection().close()
        except psycopg2.OperationalError:
            return False
        return True

    def _postmaster_pid(self) -> int | None:
        """Number of the server process; null when none runs on our data, whatever a file says."""
        try:
            pid = int((self.data_dir / "postmaster.pid").read_text().split("\n", 1)[0])
            # Every server process works in its data folder.
            return pid if Path(f"/proc/{pid}/cwd").samefile(self.data_dir) else None
        except (OSError, ValueError):
            return None

    def _major(self) -> int | None:
        try:
            return int((self.data_dir / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    def _check_free_disk(self) -> None:
        if shutil.disk_usage(self.directory).free < self._least_free_bytes:
            raise self._disk_full()

    def _disk_full(self) -> ConfigError:
        needed = -(-self._least_free_bytes // 1024**2)
        return ConfigError("cluster.disk_full", path=self.directory, needed_mb=needed)

    def _log_text(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def _start_failure(self) -> ConfigError:
        log = self._log_text()
        if "No space left on device" in log:
            return self._disk_full()
        if "Permission denied" in log:
            return ConfigError("cluster.permission", path=self.directory)
        faults = [line for line in log.splitlines() if "FATAL" in line or "error:" in line]
        return ConfigError("cluster.failed", reason=faults[-1] if faults else "", log=self.log_path)


def cluster_of(
    settings: Settings, *, on_step: Callable[[str], None] = lambda _key: None
) -> Cluster:
    """The private cluster of an installation."""
    return Cluster(settings.state_dir / "cluster", on_step=on_step)


def _socket_dir(directory: Path) -> Path:
    """Folder of the socket: with the cluster, or a short one when the path would be too long."""
    beside = directory / "socket"
    if len(os.fsencode(beside / f".s.PGSQL.{_PORT}")) <= _LONGEST_SOCKET_PATH:
        return beside
    mark = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    return Path(f"/tmp/onemap-{os.geteuid()}-{mark}")  # noqa: S108 -- owner is checked on use


def _size_bytes(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):  # the server removes files while we look
            total += path.lstat().st_blocks * 512
    return total
