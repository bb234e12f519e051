"""The database killed again and again under writers: what was acknowledged stays, nothing half.

A cluster of its own, durable as a user's, is killed by SIGKILL, server and sessions alike, and
started again by the launcher's own code, while the web server stays up and clients go on writing.
"""

import contextlib
import os
import random
import shutil
import signal
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from assets.registry import METADATA
from bench.database import own_database
from bench.kills_proof import Proof, prove
from bench.kills_register import make_register
from bench.kills_writers import KINDS, Writer, Written
from bench.result import Context, Figures
from bench.servers import onemap_server
from gis.audit.keys import SealFiles
from gis.audit.sealing import seal_history
from gis.clock import today
from gis.cluster import Cluster
from gis.db import Database, Role
from gis.summing import refresh_sums

ROUNDS: Final = 50
WRITERS: Final = 20
_NAME: Final = "onemap_bench_kills"
_BETWEEN_S: Final = (0.4, 2.0)
_BACK_S: Final = 300
_COME_AGAIN: Final = ("place.edit.load_at_work", "web.locked", "web.busy")
"""Said to who saves while a load or another writer is at the same: an answer, not a failure."""


@dataclass
class Course:
    """What happened.

    Args:
        away: Per kill, when it came and when the database answered again; seconds of `monotonic`.
        heads: Of the seals that were made, as they are printed.
        killed: Processes of the database, over all kills.
    """

    written: list[Written] = field(default_factory=list)
    away: list[tuple[float, float]] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    killed: int = 0

    def acknowledged(self) -> list[Written]:
        """What the product said it had kept."""
        return [one for one in self.written if one.is_acknowledged]

    def faults(self) -> list[Written]:
        """What was answered as a fault of the program's, and not as a database that is away."""
        return [one for one in self.written if one.status == HTTPStatus.INTERNAL_SERVER_ERROR]

    def refused_in_peace(self) -> list[Written]:
        """What was not answered well although the database was there all the while."""
        return [
            one
            for one in self.written
            if not one.is_acknowledged
            and not any(key in one.said for key in _COME_AGAIN)
            and not any(one.began < back and gone < one.ended for gone, back in self.away)
        ]


def run(context: Context) -> Figures:
    """The figures of `bench kills`."""
    folder = context.state_dir / "bench-kills"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        rounds = context.rounds or ROUNDS
        course, proof = kill_and_prove(folder, rounds=rounds, writers=context.clients or WRITERS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return figures_of(course, proof)


def figures_of(course: Course, proof: Proof) -> Figures:
    """Named figures; every one but the first two ought to be 0."""
    by_kind = Counter(one.kind for one in course.acknowledged())
    unanswered = Counter(one.status for one in course.written if not one.is_acknowledged)
    away_s = [back - gone for gone, back in course.away]
    return Figures(
        {
            "kills": len(course.away),
            "acknowledged": sum(by_kind.values()),
            "lost": len(proof.lost),
            "half_done": len(proof.half_done),
            "twice": len(proof.twice),
            "audit_findings": len(proof.findings),
            "sums_that_differ": len(proof.unequal),
            "faults": len(course.faults()),
            "refused_in_peace": len(course.refused_in_peace()),
        },
        {
            "acknowledged by kind": ", ".join(f"{kind} {n}" for kind, n in sorted(by_kind.items())),
            "not acknowledged": f"{sum(unanswered.values())}, by status {dict(unanswered)}",
            "of these kept all the same": str(proof.kept_unsaid),
            "killed": f"{course.killed} processes of the database",
            "away": f"median {statistics.median(away_s):.1f} s, at most {max(away_s):.1f} s",
            "audit": f"{proof.lines} lines under {proof.seals} seals",
            "questions": f"{proof.questions} both ways",
            **{f"wrong {at}": one for at, one in enumerate(proof.wrong()[:20])},
        },
    )


def kill_and_prove(folder: Path, *, rounds: int, writers: int) -> tuple[Course, Proof]:
    """Writes, kills, starts again, and proves.

    Args:
        folder: Of the cluster and of all files; made here.
        rounds: How often it is killed.
        writers: How many write at once.
    """
    folder.mkdir(parents=True)
    cluster = Cluster(folder / "cluster")
    with cluster.running(), own_database(cluster, _NAME) as database:
        try:
            register = make_register(database, folder, writers)
            course = Course()
            with onemap_server(database, state_dir=folder) as server:
                every = [
                    Writer(at, register, server.port, _kinds_of(at), course.written.append)
                    for at in range(writers)
                ]
                with _at_work(every), _kept_up(database, folder, course):
                    for _turn in range(rounds):
                        _wait_for_writers(every[: writers // 2])
                        time.sleep(random.uniform(*_BETWEEN_S))
                        _kill(cluster, database, course)
                    _wait_for_writers(every)
            return course, prove(database, register, course.written, course.heads)
        finally:
            cluster.ensure_running()  # whoever drops the database needs it, whatever went wrong


def _kinds_of(writer: int) -> Sequence[str]:
    """One in ten only loads, in a process a file; the others write everything else."""
    return ("load",) if writer % 10 == 1 else [kind for kind in KINDS if kind != "load"]


@contextmanager
def _at_work(writers: Sequence[Writer]) -> Iterator[None]:
    for one in writers:
        one.start()
    try:
        yield
    finally:
        for one in writers:
            one.stopping.set()
        for one in writers:
            one.join(_BACK_S)


@contextmanager
def _kept_up(database: Database, folder: Path, course: Course) -> Iterator[None]:
    """Seals and sums all the while, as the worker does, so that kills come between these too."""
    stopping = threading.Event()

    def keep_up() -> None:
        while not stopping.wait(0.3):
            # The next turn takes up what a kill broke off.
            with contextlib.suppress(DBAPIError):
                head = seal_history(database.engine(Role.OWNER), METADATA, SealFiles(folder))
                if head is not None:
                    course.heads.append(head.printed)
                refresh_sums(database.engine(Role.LOADER), today())

    keeper = threading.Thread(target=keep_up, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join(_BACK_S)


def _kill(cluster: Cluster, database: Database, course: Course) -> None:
    """SIGKILL to the server and all its processes, and a start by the launcher's own code."""
    server = cluster.status().pid
    if server is None:
        raise RuntimeError("the database does not run")
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    gone = time.monotonic()
    for pid in (server, *map(int, children)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            course.killed += 1
    cluster.ensure_running()
    with database.admin().connect() as conn:
        conn.execute(text("SELECT 1"))
    course.away.append((gone, time.monotonic()))


def _wait_for_writers(writers: Sequence[Writer]) -> None:
    """Until each of them has been told, of something it began since now, that it is kept.

    Raises:
        RuntimeError: One was not, for minutes: it did not find back after a kill.
    """
    since = time.monotonic()
    while waiting := [one.name for one in writers if one.last_acknowledged < since]:
        if time.monotonic() - since > _BACK_S:
            raise RuntimeError(f"nothing more was kept for {', '.join(waiting)}")
        time.sleep(0.05)
