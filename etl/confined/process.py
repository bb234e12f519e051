"""The process that opens one file: it gives up what it does not need, reads, answers, ends."""

import contextlib
import ctypes
import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any, Final

from etl.limits import Limits

_NEW_USER: Final = 0x10000000
_NEW_NETWORK: Final = 0x40000000
_MOST_OPEN_FILES: Final = 256
_MOST_WRITTEN: Final = 4
"""Written over read: unpacked and as Arrow a file grows; more is a bomb."""


def main() -> None:
    """Reads a request (`path, file, folder, limits`) from the standard input and answers it."""
    request = json.load(sys.stdin)
    limits = Limits(**request["limits"])
    confine_self(limits)
    # Parsers come in only now: a user namespace is given to processes of one thread.
    from etl.confined.reading import answer  # noqa: PLC0415

    answer(Path(request["path"]), request["file"], Path(request["folder"]), limits)


def confine_self(limits: Limits) -> None:
    """Gives up for good what no reader of files needs."""
    confine(limits.max_memory_bytes, limits.max_seconds, limits.max_unpacked_bytes * _MOST_WRITTEN)
    sys.meta_path.insert(0, _Unwanted())


class _Unwanted:
    """Keeps frames and geometry out: of no use here, and slower to import than a file to read."""

    _names = frozenset({"geopandas", "pandas", "shapely", "pyproj"})

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:  # noqa: ARG002
        """Says of an unwanted library that it is not installed.

        Raises:
            ModuleNotFoundError: It is one.
        """
        if name in self._names:
            raise ModuleNotFoundError(name, name=name)


def confine(memory_bytes: int, seconds: int, written_bytes: int) -> None:
    """Limits of the operating system for the rest of this process, and no network where it lets us.

    Args:
        memory_bytes: Of address space.
        seconds: Of processor time, and of wall time should the parent be gone.
        written_bytes: Of any one file.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    # Root may drop the network at once; others need a user namespace of their own, which some
    # machines forbid. Without either, only the drivers stand between a file and the network.
    if libc.unshare(_NEW_NETWORK) != 0:
        libc.unshare(_NEW_USER | _NEW_NETWORK)
    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, written_bytes),
        (resource.RLIMIT_NOFILE, _MOST_OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(kind)
        ceiling = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (ceiling, ceiling))
    signal.alarm(seconds + 5)
