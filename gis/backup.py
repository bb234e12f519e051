"""Backups of the private cluster's database: one file, written whole or not at all."""

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, NullPool, create_engine, text

from gis.cluster import DATABASE, SUPERUSER, Cluster
from gis.errors import ConfigError, InputError
from gis.postgres import CLEAN_ENVIRONMENT

INCOMING: Final = f"{DATABASE}_incoming"
PREVIOUS: Final = f"{DATABASE}_previous"
"""What a restore or a new start put aside; kept until the next one."""


def write_backup(cluster: Cluster, file: Path) -> int:
    """Write the whole database to a file only its owner may read; returns its size in bytes.

    Raises:
        InputError: The file's folder does not exist or may not be written.
        ConfigError: The disk is full.
    """
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        unfinished.touch(mode=0o600)
    except OSError as error:
        raise InputError("backup.not_writable", path=file) from error
    try:
        problem = _run(cluster, "pg_dump", DATABASE, "--format=custom", f"--file={unfinished}")
        if "No space left on device" in problem:
            raise ConfigError("disk_full")
        if problem:
            raise RuntimeError(problem)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return file.stat().st_size


def check_backup(cluster: Cluster, file: Path) -> None:
    """Raises `InputError` unless the file is a backup by its table of contents."""
    listed = subprocess.run(  # noqa: S603 -- the machine's own PostgreSQL
        [cluster.server().program("pg_restore"), "--list", str(file)],
        check=False,
        capture_output=True,
        env=CLEAN_ENVIRONMENT,
    )
    if listed.returncode != 0:
        raise InputError("backup.not_a_backup", path=file)


def read_backup(cluster: Cluster, file: Path, database: str) -> None:
    """Fill a database that has roles and extensions but no tables.

    Raises:
        InputError: The file is damaged.
        ConfigError: The disk is full.
    """
    problem = _run(cluster, "pg_restore", database, "--exit-on-error", str(file))
    if "No space left on device" in problem:
        raise ConfigError("disk_full")
    if problem:
        raise InputError("backup.damaged", path=file)


def drop_database(cluster: Cluster, name: str) -> None:
    """Drop a database, whoever is connected, unless there is none."""
    with _maintenance(cluster) as conn:
        conn.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def put_aside(cluster: Cluster) -> None:
    """Rename the database to `PREVIOUS`, dropping the one put aside before."""
    drop_database(cluster, PREVIOUS)
    rename_database(cluster, DATABASE, PREVIOUS)


def rename_database(cluster: Cluster, old: str, new: str) -> None:
    """Rename a database under its users: they lose their connections and reconnect."""
    with _maintenance(cluster) as conn:
        # Nobody may come back between the end of the last connection and the renaming.
        conn.execute(text(f'ALTER DATABASE "{old}" ALLOW_CONNECTIONS false'))
        try:
            conn.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = :name"
                ),
                {"name": old},
            )
            conn.execute(text(f'ALTER DATABASE "{old}" RENAME TO "{new}"'))
        except BaseException:
            conn.execute(text(f'ALTER DATABASE "{old}" ALLOW_CONNECTIONS true'))
            raise
        conn.execute(text(f'ALTER DATABASE "{new}" ALLOW_CONNECTIONS true'))


@contextlib.contextmanager
def _maintenance(cluster: Cluster) -> Iterator[Connection]:
    engine = create_engine(
        cluster.url(SUPERUSER, "postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool
    )
    with engine.connect() as conn:
        yield conn


def _run(cluster: Cluster, program: str, database: str, *options: str) -> str:
    """What a client program complained of; empty when it did its work."""
    done = subprocess.run(  # noqa: S603 -- the machine's own PostgreSQL
        [
            cluster.server().program(program),
            f"--host={cluster.socket_dir}",
            f"--username={SUPERUSER}",
            f"--dbname={database}",
            "--no-password",
            *options,
        ],
        check=False,
        capture_output=True,
        text=True,
        env=CLEAN_ENVIRONMENT,
    )
    return (done.stderr or program) if done.returncode != 0 else ""
