"""The PostgreSQL that is installed on this machine, and the settings that suit the machine."""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gis.errors import ConfigError

OLDEST_MAJOR: Final = 15
_DEBIAN_SERVERS: Final = Path("/usr/lib/postgresql")
_MEBIBYTE: Final = 1024 * 1024

CLEAN_ENVIRONMENT: Final = {"LC_ALL": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"}
"""What server programs are started with: no PG* variable of the caller's reaches them, and their
messages are English, so that `gis.cluster` can tell a full disk from a missing permission."""


@dataclass(frozen=True)
class Server:
    """One installed PostgreSQL server."""

    programs: Path
    """Folder of `postgres`, `initdb`, `pg_ctl`, `pg_dump`."""

    major: int
    has_postgis: bool
    has_prewarm: bool
    """Whether it can read what it held in memory before a stop back at the next start."""

    def program(self, name: str) -> str:
        """Path of one of its programs, such as `pg_dump`."""
        return str(self.programs / name)


def program_folders() -> list[Path]:
    """Where server programs may lie: Debian's folders, then PATH, then what pg_config says."""
    folders = sorted(_DEBIAN_SERVERS.glob("*/bin"))
    if on_path := shutil.which("postgres"):
        folders.append(Path(on_path).resolve().parent)
    if pg_config := shutil.which("pg_config"):
        folders.append(Path(_output_of(pg_config, "--bindir")))
    return [folder for folder in dict.fromkeys(folders) if (folder / "postgres").exists()]


def find_server(folders: Iterable[Path] | None = None, *, major: int | None = None) -> Server:
    """The newest installed server with PostGIS.

    Args:
        folders: Where to look; null means `program_folders()`.
        major: The major version an existing cluster needs; null means any that is new enough.

    Raises:
        ConfigError: There is no server, none is new enough, none has PostGIS, or the version
            that an existing cluster needs is not installed.
    """
    found = [_server_in(folder) for folder in (program_folders() if folders is None else folders)]
    if not found:
        raise ConfigError("cluster.no_server", oldest=OLDEST_MAJOR)
    newest = max(server.major for server in found)
    usable = [server for server in found if server.major >= OLDEST_MAJOR]
    if not usable:
        raise ConfigError("cluster.too_old", found=newest, oldest=OLDEST_MAJOR)
    if major is not None:
        usable = [server for server in usable if server.major == major]
        if not usable:
            raise ConfigError("cluster.other_major", needed=major, found=newest)
    spatial = [server for server in usable if server.has_postgis]
    if not spatial:
        raise ConfigError("cluster.no_postgis", major=max(server.major for server in usable))
    return max(spatial, key=lambda server: server.major)


def _server_in(folder: Path) -> Server:
    stated = re.search(r"\) (\d+)", _output_of(str(folder / "postgres"), "--version"))
    share = _output_of(str(folder / "pg_config"), "--sharedir")
    libraries = _output_of(str(folder / "pg_config"), "--pkglibdir")
    return Server(
        programs=folder,
        major=int(stated[1]) if stated else 0,
        # Without pg_config nobody knows where extensions lie; creating one will tell.
        has_postgis=not share or (Path(share) / "extension/postgis.control").exists(),
        # A server told to load what it has not does not start.
        has_prewarm=bool(libraries) and (Path(libraries) / "pg_prewarm.so").exists(),
    )


def _output_of(*command: str) -> str:
    try:
        return subprocess.run(  # noqa: S603 -- programs of the machine's own PostgreSQL
            command, capture_output=True, text=True, check=False, env=CLEAN_ENVIRONMENT
        ).stdout.strip()
    except OSError:
        return ""


def create_data_folder(
    server: Server, folder: Path, *, superuser: str, roles: Sequence[str], durable: bool
) -> str | None:
    """Make the data folder of a cluster that only this account may log in to.

    The account may take the superuser's role and the given roles; nothing else gets in.

    Returns:
        What `initdb` complained of; null when the folder was made.
    """
    done = subprocess.run(  # noqa: S603 -- the machine's own PostgreSQL
        [
            server.program("initdb"),
            f"--pgdata={folder}",
            f"--username={superuser}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth=peer",
            "--data-checksums",
            "--no-instructions",
            *([] if durable else ["--no-sync"]),
        ],
        check=False,
        env=CLEAN_ENVIRONMENT,
        cwd=folder.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        return done.stdout
    account = pwd.getpwuid(os.geteuid()).pw_name
    (folder / "pg_hba.conf").write_text("local all all peer map=onemap\n")
    (folder / "pg_ident.conf").write_text(
        "".join(f'onemap "{account}" {role}\n' for role in (superuser, *roles))
    )
    with (folder / "postgresql.conf").open("a") as file:
        file.write("include_dir 'conf.d'\n")
    (folder / "conf.d").mkdir()
    return None


def memory_bytes() -> int:
    """Memory this process may count on: the machine's, or its container's limit if lower."""
    installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for limit in (
        Path("/sys/fs/cgroup/memory.max"),
        Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
    ):
        try:
            installed = min(installed, int(limit.read_text()))
        except (OSError, ValueError):
            continue  # absent, or "max"
    return installed


def tuned_settings(
    *, memory: int, cores: int, shared_memory: int, durable: bool, has_prewarm: bool = False
) -> dict[str, str]:
    """Server settings for a machine that onemap shares with its own web workers.

    Args:
        memory: Bytes of memory.
        cores: Processor cores.
        shared_memory: Free bytes in /dev/shm; containers often give 64 MB, too little for
            parallel queries over POSIX shared memory.
        durable: False for tests, where a crash may lose everything.
        has_prewarm: As `Server` says.
    """
    mebibytes = memory // _MEBIBYTE
    shared = max(128, min(mebibytes // 4, 8192)) if durable else 256
    parallel = max(1, min(cores // 2, 4))
    settings = {
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(256, mebibytes * 6 // 10)}MB",
        "work_mem": f"{max(8, min(mebibytes // 256, 128))}MB",
        "maintenance_work_mem": f"{max(64, min(mebibytes // 16, 1024))}MB",
        "max_worker_processes": str(max(8, cores)),
        "max_parallel_workers": str(cores),
        "max_parallel_workers_per_gather": str(parallel),
        "max_parallel_maintenance_workers": str(parallel),
        "dynamic_shared_memory_type": "posix" if shared_memory > 512 * _MEBIBYTE else "sysv",
        # Years of partitions and many tables in one undo.
        "max_locks_per_transaction": "256",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
        "wal_compression": "on",
        "min_wal_size": "256MB",
        "max_wal_size": "4GB",
        # Spatial plans cost much on paper and compile for longer than they run.
        "jit": "off",
    }
    if durable and has_prewarm:
        # The first questions after a start would wait for the disk, page by page.
        settings["shared_preload_libraries"] = "pg_prewarm"
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return settings
