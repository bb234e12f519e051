"""Advisory locks: what each number stands for. All hold until the transaction ends, but for `SUMS`.

Statements of SQL functions write the numbers out; a test compares them with this list. Whoever
takes several takes them in its order: so nobody waits for one who waits for him. A load takes
`REGISTER` before it touches a row, and the count of people at its end finds `HEADCOUNTS` free.
"""

from enum import IntEnum
from typing import Final

SPACE: Final = 70
"""The first number of each; the second is the lock's."""
JOBS: Final = 71
"""The first number of the lock that a worker holds on the job it does; the second is the job's."""


class Lock(IntEnum):
    """The second number, in the order in which they are taken."""

    MIGRATION = 1
    """Two starts at once: the second finds the tables made."""
    REGISTER = 2
    """Loads, undos and what rewrites many places, one after the other; edits by hand share it."""
    LEAKPROOF = 3
    """A mark on functions of the whole server, made by one start at a time."""
    OFFICES = 7
    """Who holds which office is changed by one at a time, so that the last one is not given up."""
    SUMS = 8
    """One refreshes kept sums; nobody waits for it, and it is held over transactions."""
    HEADCOUNTS = 9
    """Bodies are counted by one at a time: the later sees what the earlier wrote."""
    SEATS = 10
    """People are given offices by one at a time, so that nobody has two by two hands at once."""


def held(lock: Lock, *, is_shared: bool = False) -> str:
    """The statement that waits for a lock and holds it until the transaction ends."""
    kind = "_shared" if is_shared else ""
    return f"SELECT pg_advisory_xact_lock{kind}({SPACE}, {lock.value})"
