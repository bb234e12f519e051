"""Backups of the private cluster's database: one file, written whole or not at all.

The file is what pg_dump writes, so that pg_restore reads it without us, and after it a manifest:
what it is, how long, its digest, and how many rows each table had in the very snapshot it holds.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, NullPool, create_engine, text

from gis import migrate
from gis.cluster import DATABASE, LEAST_FREE_BYTES, SUPERUSER, Cluster
from gis.database import private_database
from gis.db import run_script
from gis.errors import ConfigError, InputError
from gis.postgres import CLEAN_ENVIRONMENT

INCOMING: Final = f"{DATABASE}_incoming"
PREVIOUS: Final = f"{DATABASE}_previous"
"""What a restore or a new start put aside; kept until the next one."""

_LAYOUT: Final = 1
_BEGINNING: Final = b"PGDMP"
_ENDING: Final = re.compile(rb"onemap-backup (\d{10}) ([0-9a-f]{64})\n", re.ASCII)
_ENDING_BYTES: Final = 90
_CHUNK: Final = 1024 * 1024
_MACHINE_FAILED: Final = re.compile(
    "connection to server|closed the connection|terminating connection|out of (shared )?memory"
)
"""What pg_restore complains of when the server went away or has no memory: no fault of a file."""

_TABLES: Final = """
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't'
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass
                  AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1"""
"""Every table that is not an extension's own."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    layout: int
    onemap: str
    """Version that wrote it."""

    revision: str | None
    """Revision of the tables; null for a database that has none."""

    server_major: int
    made_at: str
    """ISO 8601, UTC."""

    size_bytes: int
    """Of the dump, without this manifest."""

    sha256: str
    database_bytes: int
    """What the database took up on disk."""

    rows: dict[str, int]
    """Rows by table, in the snapshot that was written."""


def write_backup(
    cluster: Cluster, file: Path, *, version: str, database: str = DATABASE
) -> Manifest:
    """Write the whole database to a file only its owner may read.

    Args:
        cluster: Running.
        file: Must not exist: the last good backup is never written over.
        version: Of onemap, for the manifest.
        database: Its name.

    Raises:
        InputError: The file exists, or its folder does not or may not be written.
        ConfigError: The disk is full.
    """
    if file.exists():
        raise InputError("backup.exists", path=file)
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise InputError("backup.not_writable", path=file) from error
    try:
        with _no_room_explained():
            manifest = _dump(cluster, database, unfinished, version)
            _append(manifest, unfinished)
            unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _dump(cluster: Cluster, database: str, to: Path, version: str) -> Manifest:
    engine = create_engine(cluster.url(database=database), poolclass=NullPool)
    with (
        engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn,
        conn.begin(),
    ):
        snapshot = conn.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        rows = row_counts(conn)
        said = conn.execute(
            text(
                "SELECT current_setting('server_version_num')::integer / 10000 AS server_major,"
                " pg_database_size(current_database()) AS database_bytes"
            )
        ).one()
        revision = migrate.current_revision(conn)
        options = ("--format=custom", f"--snapshot={snapshot}", f"--file={to}")
        problem = _run(cluster, "pg_dump", database, *options)
    if "No space left on device" in problem:
        raise ConfigError("disk_full")
    if problem:
        raise RuntimeError(problem)
    return Manifest(
        layout=_LAYOUT,
        onemap=version,
        revision=revision,
        server_major=said.server_major,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        size_bytes=to.stat().st_size,
        sha256=_digest(to, to.stat().st_size),
        database_bytes=said.database_bytes,
        rows=rows,
    )


def row_counts(conn: Connection) -> dict[str, int]:
    """Rows of every table of ours, by its qualified name."""
    tables = list(conn.execute(text(_TABLES)).scalars())
    if not tables:
        return {}
    counting = " UNION ALL ".join(
        f"SELECT {number} AS number, count(*) FROM {name}" for number, name in enumerate(tables)
    )
    counted = conn.exec_driver_sql(counting, execution_options={"no_parameters": True})
    return {tables[number]: int(count) for number, count in sorted(tuple(row) for row in counted)}


def _append(manifest: Manifest, file: Path) -> None:
    said = json.dumps(asdict(manifest), ensure_ascii=False).encode()
    ending = f"onemap-backup {len(said):010d} {hashlib.sha256(said).hexdigest()}\n"
    with file.open("ab") as to:
        to.write(said + b"\n" + ending.encode())
        to.flush()
        os.fsync(to.fileno())


@contextlib.contextmanager
def _no_room_explained() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError("disk_full") from error


def _digest(file: Path, size_bytes: int) -> str:
    digest, left = hashlib.sha256(), size_bytes
    with file.open("rb") as source:
        while left and (chunk := source.read(min(_CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


def check_backup(
    cluster: Cluster, file: Path, *, version: str, knows: Callable[[str], bool]
) -> Manifest:
    """Read a backup through and say what it is; nothing is changed.

    Args:
        cluster: Where it would be restored.
        file: The backup.
        version: Of onemap.
        knows: Whether this version can bring tables of a revision to its own shape.

    Raises:
        InputError: No backup, cut short, altered, or of a newer onemap or database server.
        ConfigError: There is not enough room for it.
    """
    manifest = _manifest_of(file)
    if (
        manifest.layout > _LAYOUT
        or _as_numbers(manifest.onemap) > _as_numbers(version)
        or (manifest.revision is not None and not knows(manifest.revision))
    ):
        raise InputError("backup.newer", path=file, made_by=manifest.onemap, here=version)
    server = cluster.server().major
    if manifest.server_major > server:
        raise InputError(
            "backup.newer_server", path=file, made_by=manifest.server_major, here=server
        )
    if _digest(file, manifest.size_bytes) != manifest.sha256:
        raise InputError("backup.damaged", path=file)
    needed = manifest.database_bytes + LEAST_FREE_BYTES
    free = shutil.disk_usage(cluster.directory).free
    if free < needed:
        raise ConfigError(
            "backup.no_room",
            path=cluster.directory,
            needed_mb=-(-needed // _CHUNK),
            free_mb=free // _CHUNK,
        )
    return manifest


def _manifest_of(file: Path) -> Manifest:
    size = file.stat().st_size
    with file.open("rb") as source:
        beginning = source.read(len(_BEGINNING))
        if not beginning or not _BEGINNING.startswith(beginning):
            raise InputError("backup.not_a_backup", path=file)
        source.seek(max(0, size - _ENDING_BYTES))
        ending = _ENDING.fullmatch(source.read())
        if ending is None:
            raise InputError("backup.cut_short", path=file)
        begins = size - _ENDING_BYTES - 1 - int(ending[1])
        source.seek(max(0, begins))
        said = source.read(int(ending[1]))
    if hashlib.sha256(said).hexdigest().encode() != ending[2]:
        raise InputError("backup.damaged", path=file)
    stated: dict[str, Any] = json.loads(said)
    if stated["layout"] > _LAYOUT:
        raise InputError(
            "backup.newer", path=file, made_by=stated.get("onemap"), here=f"≤ {_LAYOUT}"
        )
    manifest = Manifest(**stated)
    if begins != manifest.size_bytes:
        raise InputError("backup.damaged", path=file)
    return manifest


def _as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def fill_beside(cluster: Cluster, file: Path, manifest: Manifest, name: str = INCOMING) -> None:
    """Restore into a database of its own beside the one in use, and count what came.

    Args:
        cluster: Running.
        file: A backup that was checked.
        manifest: What it says of itself.
        name: The database to make; one of this name goes first, and where anything fails.

    Raises:
        InputError: The file is damaged, or not all of its rows came.
        ConfigError: The disk is full.
    """
    drop_database(cluster, name)
    cluster.create_database(name)
    beside = private_database(cluster, name)
    try:
        # Roles and extensions are not in the file.
        migrate.bootstrap(beside.admin())
        read_backup(cluster, file, name)
        with beside.admin().connect() as conn:
            if row_counts(conn) != manifest.rows:
                raise InputError("backup.damaged", path=file)
    except BaseException:
        beside.dispose()
        drop_database(cluster, name)
        raise
    beside.dispose()


def read_backup(cluster: Cluster, file: Path, database: str) -> None:
    """Fill a database that has roles and extensions but no tables.

    Raises:
        InputError: The file is damaged.
        ConfigError: The disk is full.
    """
    problem = _run(cluster, "pg_restore", database, "--exit-on-error", str(file))
    if "No space left on device" in problem:
        raise ConfigError("disk_full")
    if _MACHINE_FAILED.search(problem):
        raise RuntimeError(problem)
    if problem:
        raise InputError("backup.damaged", path=file)


def drop_database(cluster: Cluster, name: str) -> None:
    """Drop a database, whoever is connected, unless there is none."""
    with _maintenance(cluster) as conn:
        conn.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def put_aside(cluster: Cluster, *, then: str | None = None) -> None:
    """Rename the database to `PREVIOUS`, dropping the one put aside before.

    Its users lose their connections and reconnect.

    Args:
        cluster: Running.
        then: The database that takes its place, in the same instant; null means none does.
    """
    drop_database(cluster, PREVIOUS)
    with _maintenance(cluster) as conn:
        # Nobody may come back between the end of the last connection and the renaming.
        conn.execute(text(f'ALTER DATABASE "{DATABASE}" ALLOW_CONNECTIONS false'))
        try:
            conn.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = ANY(:names)"
                ),
                {"names": [DATABASE, then or DATABASE]},
            )
            # One transaction: there is a register whenever this is killed.
            renaming = [
                f'ALTER DATABASE "{DATABASE}" RENAME TO "{PREVIOUS}"',
                f'ALTER DATABASE "{PREVIOUS}" ALLOW_CONNECTIONS true',
                *([f'ALTER DATABASE "{then}" RENAME TO "{DATABASE}"'] if then else []),
            ]
            run_script(conn, "; ".join(["BEGIN", *renaming, "COMMIT"]))
        except BaseException:
            run_script(conn, "ROLLBACK")
            conn.execute(text(f'ALTER DATABASE "{DATABASE}" ALLOW_CONNECTIONS true'))
            raise


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
