"""One job in a process of its own: what it holds ends with it, however it ends.

The process dies with its worker, and the database server notices within half a second and rolls
back. Progress is written outside the load's transaction; a watching thread cancels the statement
at work when the asker wants the job to stop.
"""

import contextlib
import os
import sys
import threading
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, event, text

from gis.database import open_database
from gis.db import Database, Role, transaction
from gis.errors import ConfigError, packed
from gis.jobs import actions
from gis.jobs.model import JobState
from gis.rights.actions import open_session
from gis.settings import Settings, load_settings
from webmap.cli import known_error
from webmap.errors import log_fault
from webmap.logs import at_hand, log_to_file
from webmap.serving import end_with_parent
from webmap.worker.work import work

_WATCH_SECONDS: Final = 0.3
_CANCEL_PATIENCE: Final = 30
"""Looks at the cancelled job before its process is ended, whatever it does: about ten seconds."""
_SESSION: Final = timedelta(hours=24)


class Cancelled(Exception):
    """The asker took the job back."""


class CancellableDatabase:
    """A database whose statements at work can be cancelled from another thread."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._open: set[Any] = set()
        for role in (Role.LOADER, Role.OWNER, Role.OPERATOR):
            event.listen(database.engine(role), "connect", self._keep)

    def _keep(self, dbapi_connection: Any, _record: Any) -> None:
        with dbapi_connection.cursor() as cursor:
            cursor.execute("SET client_connection_check_interval = '500ms'")
        dbapi_connection.commit()
        self._open.add(dbapi_connection)

    def cancel(self) -> None:
        """Cancel whatever is being executed."""
        for connection in tuple(self._open):
            with contextlib.suppress(Exception):
                connection.cancel()


class Reporter:
    """Writes how far the job is, and reads whether it is still wanted."""

    def __init__(self, conn: Connection, job_id: int, at_work: CancellableDatabase) -> None:
        self._conn = conn
        self._job_id = job_id
        self._at_work = at_work
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self.is_cancelled = False
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def progress(self, step: str, of: str, number: int, count: int, percent: int) -> None:
        """Write a step.

        Raises:
            Cancelled: The job is not wanted any more.
        """
        if self.is_cancelled:
            raise Cancelled
        with self._lock:
            actions.note_progress(
                self._conn,
                self._job_id,
                step=step,
                of=of,
                number=number,
                count=count,
                percent=percent,
            )

    def over(self) -> None:
        """No more cancelling: what was committed stays."""
        self._is_over.set()
        self._watcher.join()

    def _watch(self) -> None:
        looks = 0
        while not self._is_over.wait(_WATCH_SECONDS):
            if not self.is_cancelled:
                with self._lock:
                    self.is_cancelled = actions.is_cancel_asked(self._conn, self._job_id)
            if self.is_cancelled:
                looks += 1
                self._at_work.cancel()
            if looks > _CANCEL_PATIENCE:
                # Deep in a library that answers to nobody: end the process, and with it its
                # connections, whose transactions the server rolls back.
                _end_cancelled(self._conn, self._job_id)
                os._exit(0)


def _end_cancelled(conn: Connection, job_id: int) -> None:
    actions.mark_load_cancelled(conn, job_id)
    actions.end(conn, job_id, JobState.CANCELLED, key="job.cancelled")


def run_job(settings: Settings, job_id: int) -> None:
    """Do a job and note how it ended."""
    books = open_database(settings)
    engine = books.engine(Role.LOADER).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        if not actions.is_ours(conn, job_id):
            return
        job = actions.claim(conn, job_id)
        if job is None:
            return
        if (done := actions.load_of_job(conn, job)) is not None:
            actions.end(conn, job_id, JobState.DONE, result=done)
            return
        at_work = CancellableDatabase(open_database(settings))
        reporter = Reporter(conn, job_id, at_work)
        try:
            token = _open_session(at_work.database, job.account_id)
            result = work(
                at_work.database,
                settings,
                job,
                token=token,
                file=actions.kept_file(conn, job.upload_id) if job.upload_id else None,
                progress=reporter.progress,
            )
            reporter.over()
            actions.end(conn, job_id, JobState.DONE, result=result)
        except Exception as error:
            reporter.over()
            if reporter.is_cancelled:
                _end_cancelled(conn, job_id)
            else:
                _end_badly(conn, job_id, error)
        finally:
            with contextlib.suppress(Exception):
                _close_session(at_work.database, token)
            at_work.database.dispose()


def _end_badly(conn: Connection, job_id: int, error: Exception) -> None:
    known = known_error(error)
    if known is None:
        fault = {"fault_id": log_fault(error)}
        actions.end(conn, job_id, JobState.FAILED, key="web.fault", params=fault)
        return
    state = JobState.FAILED if isinstance(known, ConfigError) else JobState.REFUSED
    actions.end(conn, job_id, state, key=known.key, params=_plain(known.params))


def _plain(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters of a message as JSON keeps them."""
    return {name: packed(value) for name, value in params.items() if value is not None}


def _open_session(database: Database, account_id: int) -> str:
    """A session of the asker: what they may not do now, the job may not do."""
    with transaction(database.engine(Role.OWNER), None) as owner:
        return open_session(owner, account_id, kind="command", lifetime=_SESSION)


def _close_session(database: Database, token: str) -> None:
    with transaction(database.engine(Role.LOADER), token) as conn:
        conn.execute(text("SELECT rights.close_session()"))


def main() -> None:
    """`python -m webmap.worker.job_process WORKER`: waits to be told the number of its job."""
    end_with_parent(at_once=True)
    if os.getppid() != int(sys.argv[1]):
        return  # the worker was gone before the kernel knew to tell us
    told = sys.stdin.readline()
    if not told:
        return  # the worker ended without another job
    job_id = int(told)
    at_hand.set({"job_id": job_id})
    settings = load_settings()
    log_to_file(settings)
    run_job(settings, job_id)


if __name__ == "__main__":
    main()
