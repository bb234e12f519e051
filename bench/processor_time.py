"""Processor time of a server under test: its processes and their database sessions.

On a machine that others use at the same time requests a second tell little; processor time is spent
by nobody else.
"""

import os
from pathlib import Path
from typing import Final

from sqlalchemy import text

from gis.db import Database, Role

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
_PARENT: Final = 1
_USER_TICKS: Final = 11
_SYSTEM_TICKS: Final = 12


class ServerTime:
    """Reads the processor time spent so far.

    Args:
        pid: Of the server's first process.
        database: Which it asks.
        role: As which role it is connected, and nobody else.
    """

    def __init__(self, pid: int, database: Database, role: Role) -> None:
        self._pid = pid
        self._database = database
        self._role = role

    def seconds(self) -> tuple[float, float]:
        """Of the server's processes, and of its database sessions that are open now."""
        stats = _stats()
        family = {self._pid}
        while more := {pid for pid, stat in stats.items() if stat[0] in family} - family:
            family |= more
        sessions = set(self._sessions()) & stats.keys()
        return (
            sum(stats[pid][1] for pid in family & stats.keys()),
            sum(stats[pid][1] for pid in sessions),
        )

    def _sessions(self) -> list[int]:
        with self._database.admin().connect() as conn:
            return list(
                conn.execute(
                    text(
                        "SELECT pid FROM pg_stat_activity"
                        " WHERE datname = current_database() AND usename = :role"
                    ),
                    {"role": self._role.value},
                ).scalars()
            )


def session_seconds(pid: int) -> float:
    """Of one session of the database, by the number of its server process."""
    return _stats()[pid][1]


def _stats() -> dict[int, tuple[int, float]]:
    """Parent and seconds of each process, by its id."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                said = (folder / "stat").read_text()
            except OSError:
                continue  # it has ended
            fields = said.rsplit(")", 1)[1].split()
            ticks = int(fields[_USER_TICKS]) + int(fields[_SYSTEM_TICKS])
            found[int(folder.name)] = (int(fields[_PARENT]), ticks * _TICK_S)
    return found
