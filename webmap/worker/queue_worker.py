"""The queue's worker: takes the numbers of jobs, and has each done in a process of its own."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import Any, Final

import procrastinate
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from assets.registry import METADATA
from assets.services.attachments import forget_orphans
from etl.limits import MEGABYTE
from gis.audit.keys import SealFiles
from gis.audit.sealing import seal_history
from gis.clock import today
from gis.database import open_database
from gis.db import Database, Role, transaction
from gis.errors import OneMapError
from gis.jobs.actions import MOST_ATTEMPTS
from gis.jobs.queue import QUEUE, TASK
from gis.places.counted import settle_counted
from gis.settings import Settings
from gis.summing import refresh_some
from webmap.basemaps import remove_surplus, tiles_folder
from webmap.marked import remove_old_marked
from webmap.uploads import remove_old
from webmap.worker.area_days import settle_due_districts
from webmap.worker.grant_days import settle_due_grants
from webmap.worker.processes import Processes
from webmap.worker.reminders import ask_offices_back, send_due_reminders

log = logging.getLogger("onemap")

_STATE: Final = "SELECT state, attempt_count FROM staging.job WHERE job_id = %(job_id)s"
_GIVE_UP: Final = """
UPDATE staging.job SET state = 'failed', message_key = 'job.died', ended_at = clock_timestamp()
WHERE job_id = %(job_id)s AND state = 'running'
"""
_PUT_BACK: Final = """
UPDATE staging.job SET attempt_count = attempt_count - 1
WHERE job_id = %(job_id)s AND state = 'running' AND attempt_count > 0
"""
"""A worker told to end is no fault of the job's."""
_WITHOUT_ENTRY: Final = """
SELECT job_id FROM staging.job
WHERE state IN ('queued', 'running') AND job_id NOT IN (
  SELECT (args ->> 'job_id')::bigint FROM queue.procrastinate_jobs
  WHERE status IN ('todo', 'doing') AND task_name = 'run_job')
ORDER BY job_id
"""
"""Open jobs that nothing would deliver: their worker was told to end while they ran."""


@dataclass(frozen=True)
class Pace:
    """How often a worker shows that it lives, and when another takes over what it held."""

    heartbeat_s: float = 2.0
    stalled_after_s: float = 10.0
    sweep_s: float = 3.0
    poll_s: float = 5.0
    """New jobs are announced; this is for an announcement that got lost."""
    seal_s: float = 60.0
    """How often history is sealed; a minute's lines are not yet proven."""
    grants_s: float = 60.0
    """How often it is asked whether a day came on which grants begin or end."""
    sums_s: float = 2.0
    """How soon sums are made anew after a change; until then its places are counted singly."""
    tidy_s: float = 3600.0
    """How often uploads past their time are removed and reminders sent."""


def run_worker(settings: Settings, *, pace: Pace | None = None, concurrency: int = 1) -> None:
    """Work until a signal ends it; a job at hand is put back and begun anew by the next worker."""
    chosen = pace or Pace()
    database = open_database(settings)
    try:
        asyncio.run(_run(settings, database, chosen, concurrency))
    finally:
        database.dispose()


async def _run(settings: Settings, database: Database, pace: Pace, concurrency: int) -> None:
    processes = Processes()
    processes.prepare()
    app = _app(database, processes)
    async with app.open_async():
        keeping = [
            asyncio.create_task(_sweep(app, pace)),
            asyncio.create_task(_tidy(settings, database, pace)),
            asyncio.create_task(_seal(settings, database, pace)),
            asyncio.create_task(_follow_grants(database, pace)),
            asyncio.create_task(_keep_sums(database, pace)),
        ]
        try:
            await app.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                fetch_job_polling_interval=pace.poll_s,
                update_heartbeat_interval=pace.heartbeat_s,
                stalled_worker_timeout=pace.stalled_after_s,
                shutdown_graceful_timeout=1.0,
                delete_jobs="always",
            )
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*keeping, return_exceptions=True)


def _app(database: Database, processes: Processes) -> procrastinate.App:
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=_address(database.url(Role.LOADER)),
            kwargs={"options": f"-c role={Role.LOADER} -c search_path=queue"},
            min_size=1,
            max_size=4,
        )
    )

    @app.task(name=TASK, queue=QUEUE)
    async def run_job(job_id: int) -> None:
        await _have_done(app, processes, job_id)

    return app


def _address(url: URL) -> str:
    """The same database as libpq names it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


async def _have_done(app: procrastinate.App, processes: Processes, job_id: int) -> None:
    """Run the job's process, again when it dies, until the job has ended."""
    while True:
        process = await processes.begin(job_id)
        try:
            code = await process.wait()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await app.connector.execute_query_async(_PUT_BACK, job_id=job_id)
            raise
        row = await app.connector.execute_query_one_async(_STATE, job_id=job_id)
        if code == 0 or row["state"] != "running":
            return
        log.warning("job %s: its process ended with %s", job_id, code)
        if row["attempt_count"] >= MOST_ATTEMPTS:
            await app.connector.execute_query_async(_GIVE_UP, job_id=job_id)
            return


async def _sweep(app: procrastinate.App, pace: Pace) -> None:
    """Take over from workers that are gone, and deliver open jobs that nothing delivers."""
    while True:
        try:
            await _sweep_once(app, pace)
        except (procrastinate.exceptions.ProcrastinateException, OSError):
            log.warning("the queue could not be looked through", exc_info=True)
        await asyncio.sleep(pace.sweep_s)


async def _sweep_once(app: procrastinate.App, pace: Pace) -> None:
    manager = app.job_manager
    await manager.prune_stalled_workers(pace.stalled_after_s)
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=pace.stalled_after_s):
        await manager.finish_job(stalled, procrastinate.jobs.Status.FAILED, delete_job=True)
    rows: list[dict[str, Any]] = await app.connector.execute_query_all_async(_WITHOUT_ENTRY)
    for row in rows:
        await app.configure_task(TASK, queue=QUEUE).defer_async(job_id=row["job_id"])


async def _seal(settings: Settings, database: Database, pace: Pace) -> None:
    """Seal what was committed, as long as the worker runs."""
    files = SealFiles(settings.state_dir)
    while True:
        try:
            await asyncio.to_thread(seal_history, database.engine(Role.OWNER), METADATA, files)
        except Exception:  # a damaged file of seals must not end sealing unseen
            log.exception("history could not be sealed")
        await asyncio.sleep(pace.seal_s)


async def _keep_sums(database: Database, pace: Pace) -> None:
    """Make kept sums anew where something has changed, a round at a time."""
    while True:
        found = 0
        try:
            found = await asyncio.to_thread(refresh_some, database.engine(Role.LOADER), today())
        except SQLAlchemyError:
            log.warning("sums could not be made anew", exc_info=True)
        if not found:
            await asyncio.sleep(pace.sums_s)


async def _tidy(settings: Settings, database: Database, pace: Pace) -> None:
    """Remove what is past its time, send what is due, go by the rules and districts of today."""

    def remove() -> None:
        with database.engine(Role.LOADER).begin() as conn:
            remove_old(conn, settings)
            forget_orphans(conn)
        remove_old_marked(settings)
        remove_surplus(tiles_folder(settings.state_dir), settings.basemap_cache_mb * MEGABYTE)

    def settle() -> None:
        # A rule may begin or end at midnight.
        with transaction(database.engine(Role.LOADER), None) as conn:
            settle_counted(conn)

    while True:
        try:
            await asyncio.to_thread(remove)
        except (SQLAlchemyError, OSError):
            log.warning("old uploads could not be removed", exc_info=True)
        try:
            # What is asked back today is reminded of today, where its last day is near already.
            await asyncio.to_thread(ask_offices_back, database, today=today())
        except (SQLAlchemyError, OneMapError):
            log.warning("offices whose posts have ended could not be asked back", exc_info=True)
        try:
            await asyncio.to_thread(send_due_reminders, database, today=today())
        except (SQLAlchemyError, OneMapError):
            log.warning("reminders could not be sent", exc_info=True)
        try:
            await asyncio.to_thread(settle)
        except (SQLAlchemyError, OneMapError):
            log.warning("areas could not be counted by new rules", exc_info=True)
        try:
            await asyncio.to_thread(settle_due_districts, database)
        except (SQLAlchemyError, OneMapError):
            log.warning("an announced change of districts could not be made", exc_info=True)
        await asyncio.sleep(pace.tidy_s)


async def _follow_grants(database: Database, pace: Pace) -> None:
    """Let grants begin and end at midnight."""
    while True:
        try:
            await asyncio.to_thread(settle_due_grants, database)
        except (SQLAlchemyError, OneMapError):
            log.warning("rights could not be brought to today's grants", exc_info=True)
        await asyncio.sleep(pace.grants_s)
