"""Logs: one line of JSON an event, whichever process it comes from, and no personal data.

Journald takes the requests where systemd runs the server; elsewhere they go to a file of their own
beside that of faults.
"""

import fcntl
import itertools
import json
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gis.settings import Settings

FAULT_BYTES: Final = 5_000_000
REQUEST_BYTES: Final = 20_000_000
_KEPT: Final = 3
"""How many files that have grown too long stay beside the one in use."""

_LOOKS: Final = 100
"""How often, at the least, a process looks whether the file it fills is full."""

at_hand: ContextVar[Mapping[str, object]] = ContextVar("at_hand", default=MappingProxyType({}))
"""What is being done, such as a request or a job by its number; stands in each line."""

_VALUES: Final = (
    # As a rule to the end of what the server says, for a value may have several lines.
    re.compile(
        r"(?ms)^(\s*(?:DETAIL|CONTEXT|描述|背景|LINE \d+|第\d+行):).*?"
        r"(?=^\s*(?:HINT:|提示:|\[SQL:|\(Background|During handling|The above exc|Traceback)|\Z)"
    ),
    re.compile(r"(?m)^(.*psycopg2\.errors\..*?: )\".*$"),
)
"""Where the database server quotes the row, the value or the statement that it would not take."""


class SharedFile:
    """A file that several processes append whole lines to; too long, one of them moves it aside.

    Args:
        path: Its folder exists.
        most_bytes: When it has these, a new one is begun; `path.1` is the newest of those before.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._file: int | None = None
        self._node: int | None = None
        self._look_at: float = 0.0
        self._unseen_bytes = 0

    def write(self, line: str) -> None:
        """Append a line; where there is no room or no folder it is lost, and nothing else."""
        try:
            with self._lock:
                content = line.encode(errors="backslashreplace") + b"\n"
                os.write(self._current(len(content)), content)
        except OSError:
            return

    def _current(self, more: int) -> int:
        """The file in use: looked after now and then, for each look costs as much as a line."""
        self._unseen_bytes += more
        now = time.monotonic()
        if (
            self._file is not None
            and now < self._look_at
            and self._unseen_bytes * _LOOKS < self._most_bytes
        ):
            return self._file
        self._look_at, self._unseen_bytes = now + 1, 0
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return self._opened()
        if found.st_size >= self._most_bytes:
            self._move_aside()
            return self._opened()
        # Another process moved it aside.
        if self._file is None or found.st_ino != self._node:
            return self._opened()
        return self._file

    def _opened(self) -> int:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._node = os.fstat(self._file).st_ino
        return self._file

    def _move_aside(self) -> None:
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._path.exists() or self._path.stat().st_size < self._most_bytes:
                return  # done by another meanwhile
            names = [self._path, *(Path(f"{self._path}.{age}") for age in range(1, _KEPT + 1))]
            for newer, older in reversed(list(itertools.pairwise(names))):
                if newer.exists():
                    newer.replace(older)


class _Lines(logging.Handler):
    """Writes records as JSON."""

    def __init__(self, file: SharedFile) -> None:
        super().__init__()
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._file.write(line_of(record))
        except Exception:
            self.handleError(record)


def line_of(record: logging.LogRecord) -> str:
    """A record as one line of JSON, without the values that a database error quotes."""
    said: dict[str, object] = {
        "time": moment(record.created),
        "level": record.levelname.lower(),
        "logger": record.name,
        **at_hand.get(),
        "message": without_values(record.getMessage()),
    }
    if record.exc_info:
        said["trace"] = without_values(logging.Formatter().formatException(record.exc_info))
    return json.dumps(said, ensure_ascii=False)


def without_values(said: str) -> str:
    """An error's text without what the database server quotes of rows."""
    for quoted in _VALUES:
        said = quoted.sub(r"\1 ...\n", said)
    return said


def moment(seconds: float) -> str:
    """A moment as ISO 8601 in UTC, to the millisecond.

    Args:
        seconds: Since 1970.
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def log_to_file(settings: Settings) -> None:
    """Keep what goes wrong in the state folder; without one (a full disk), go on all the same."""
    try:
        settings.log_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return
    handler = _Lines(SharedFile(settings.log_path, FAULT_BYTES))
    logging.getLogger("onemap").addHandler(handler)


class StandardOutput:
    """Lines to wherever this program writes, such as the journal."""

    @staticmethod
    def write(line: str) -> None:
        """Write a line as a whole, also beside other processes."""
        try:
            os.write(sys.__stdout__.fileno(), line.encode() + b"\n")  # type: ignore[union-attr]
        except (OSError, ValueError, AttributeError):
            return


def request_lines(settings: Settings) -> SharedFile | StandardOutput | None:
    """Where lines of requests go; null: nowhere."""
    if settings.request_log == "off":
        return None
    if settings.request_log == "stdout":
        return StandardOutput()
    path = settings.log_path.with_name("requests.log")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return SharedFile(path, REQUEST_BYTES)
