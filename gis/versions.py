"""Caches that know when they are stale: kept only while the database tells of every change.

The database bumps `rights.version` at the commit of every change of data or rights and notifies
`onemap_version`. A watch listens; while it does not, nothing is cached.
"""

import logging
import select
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, text

log = logging.getLogger("onemap")

_CHANNEL: Final = "onemap_version"
_IDLE_S: Final = 15.0
"""A silent connection is tried this often: a dead server must not look like a quiet one."""
_RETRY_S: Final = 1.0
_SCOPE_S: Final = 5.0
"""How long a session is believed without asking: signing out bumps no version."""
_READ: Final = "SELECT data_version, rights_version FROM rights.version"


@dataclass(frozen=True)
class Versions:
    """The counters caches are keyed by."""

    data: int
    rights: int


def read_versions(conn: Connection) -> Versions:
    """The counters as of the connection's snapshot."""
    return Versions(*conn.execute(text(_READ)).one())


class VersionWatch:
    """Knows the current versions while its connection listens; null otherwise.

    The thread starts on first use, so a worker process that was forked has its own.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._current: Versions | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    def current(self) -> Versions | None:
        """The versions now in force, or null when nobody listens."""
        if self._thread is None:
            self._start()
        return self._current

    def close(self) -> None:
        """Stops listening."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                self._thread = threading.Thread(target=self._run, name="versions", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except Exception as error:
                # Whatever happened, the answer is the same: cache nothing, connect again.
                log.warning("not listening for changes: %s", type(error).__name__)
            self._current = None
            self._stop.wait(_RETRY_S)

    def _listen(self) -> None:
        pooled = self._engine.raw_connection()
        driver: Any = pooled.driver_connection
        pooled.detach()
        try:
            driver.autocommit = True
            with driver.cursor() as cursor:
                cursor.execute(f"LISTEN {_CHANNEL}")
                while not self._stop.is_set():
                    driver.notifies.clear()
                    cursor.execute(_READ)
                    self._current = Versions(*cursor.fetchone())
                    self._wait(driver)
        finally:
            self._current = None
            pooled.close()

    def _wait(self, driver: Any) -> None:
        deadline = time.monotonic() + _IDLE_S
        while not self._stop.is_set() and time.monotonic() < deadline:
            ready, _, _ = select.select([driver], [], [], 0.5)
            if ready:
                driver.poll()
            if driver.notifies:
                self._current = None
                return


class SessionScopes:
    """Which scope a session token has: cached for seconds, and only under a watch."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, int, float]] = {}

    def find(self, token: str, versions: Versions) -> int | None:
        """The scope of a token seen within seconds under the same rights; null: ask."""
        found = self._known.get(token)
        if found and found[1] == versions.rights and found[2] > time.monotonic():
            return found[0]
        return None

    def keep(self, token: str, scope_id: int, versions: Versions) -> None:
        """Remembers what the database said."""
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[token] = (scope_id, versions.rights, time.monotonic() + _SCOPE_S)


class ByteCache:
    """The most recently used values, up to a total size."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> bytes | None:
        """The value of a key, or null."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def keep(self, key: Hashable, value: bytes) -> None:
        """Keeps a value; the least recently used ones make room."""
        with self._lock:
            replaced = self._kept.pop(key, None)
            self._bytes += len(value) - (len(replaced) if replaced is not None else 0)
            self._kept[key] = value
            while self._bytes > self._max_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= len(dropped)
