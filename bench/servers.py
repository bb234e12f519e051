"""The servers under test, each a program of its own on a free port of the loopback."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL

from bench.processor_time import ServerTime
from gis.db import Database, Role
from gis.settings import child_environment
from webmap.serving import default_workers

TIPG_SCHEMA = "bench_flat"
_START_SECONDS = 60


@dataclass(frozen=True)
class Serving:
    """A server that answers."""

    port: int
    time: ServerTime


def unused_port() -> int:
    """A port of the loopback that the system gives away: no two who ask get the same one.

    The first one free from 8000 on would be free for everybody who starts a server just now, and
    servers that listen on one port share what comes.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def onemap_server(database: Database, *, state_dir: Path | None = None) -> Iterator[Serving]:
    """Our server as a user's, on a database. It answers `/fixed/BYTES` too.

    Args:
        state_dir: Where it keeps files; null: where the settings say.
    """
    port = unused_port()
    command = [sys.executable, "-m", "bench.tile_server", str(port)]
    stated = database.url(Role.WEB).render_as_string(hide_password=False)
    kept = {"ONEMAP_STATE_DIR": str(state_dir)} if state_dir else {}
    environment = child_environment(ONEMAP_DATABASE_URL=stated, **kept)
    with _running(command, environment, port) as pid:
        yield Serving(port, ServerTime(pid, database, Role.WEB))


@contextmanager
def tipg_server(database: Database) -> Iterator[Serving]:
    """TiPg with uvicorn's quickest parts and as many workers as ours.

    Buffer and most features are as ours; its connections plan without parallel workers, like ours:
    each would start PROJ anew.
    """
    port = unused_port()
    command = [
        sys.executable, "-m", "uvicorn", "tipg.main:app", "--port", str(port),
        "--workers", str(default_workers()), "--loop", "uvloop", "--http", "httptools",
        "--no-access-log", "--log-level", "error",
    ]  # fmt: skip
    environment = child_environment(
        DATABASE_URL=_asyncpg_url(database.url(Role.OWNER)),
        TIPG_DB_SCHEMAS=f'["{TIPG_SCHEMA}"]',
        TIPG_TILE_BUFFER="64",
        TIPG_MAX_FEATURES_PER_TILE="20000",
        TIPG_ADD_TILES_VIEWER="false",
        TIPG_CATALOG_TTL="86400",
    )
    with _running(command, environment, port) as pid:
        yield Serving(port, ServerTime(pid, database, Role.OWNER))


def _asyncpg_url(url: URL) -> str:
    folder = quote(str(url.query["host"]), safe="")
    return f"postgresql://{url.username}@{folder}/{url.database}?max_parallel_workers_per_gather=0"


@contextmanager
def _running(command: list[str], environment: dict[str, str], port: int) -> Iterator[int]:
    program = subprocess.Popen(command, env=environment)
    try:
        wait_until_healthy(program, port)
        yield program.pid
    finally:
        program.terminate()
        try:
            program.wait(timeout=20)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()


def wait_until_healthy(
    program: "subprocess.Popen[bytes]",
    port: int,
    *,
    patience_s: float = _START_SECONDS,
    pause_s: float = 0.2,
) -> None:
    """Waits for the first answer of a server on the loopback.

    Raises:
        RuntimeError: It ended, or took longer than `patience_s`.
    """
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and program.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(pause_s)
    raise RuntimeError(f"the server did not start: {' '.join(program.args)}")  # type: ignore[arg-type]
