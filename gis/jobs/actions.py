"""What a worker notes about a job: taken, how far, how it ended. All as the loader's role."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select, text, update

from gis.jobs.model import OPEN_STATES, JobKind, JobState, job, upload
from gis.locks import JOBS

MOST_ATTEMPTS: Final = 3
"""A job whose worker died that often is given up: it may be what kills them."""

_LOCK: Final = f"SELECT pg_try_advisory_lock({JOBS}, :job_id)"
"""Held by the process at work for as long as it lives: two never work on one job."""


@dataclass(frozen=True)
class Job:
    """A job as its worker sees it.

    Args:
        job_id: Ours.
        kind: What to do.
        account_id: In whose name.
        upload_id: The file; null for an undo.
        target_load_id: The load to take back; null for other work.
        options: As the asker gave them.
    """

    job_id: int
    kind: JobKind
    account_id: int
    upload_id: int | None
    target_load_id: int | None
    options: Mapping[str, Any]


@dataclass(frozen=True)
class KeptFile:
    """An uploaded file: its name as given, the hash it is kept under, whether it still is."""

    file_name: str
    sha256: str
    is_kept: bool


def is_ours(conn: Connection, job_id: int) -> bool:
    """Take the job's lock for this session; false when another process is at work on it."""
    return bool(conn.execute(text(_LOCK), {"job_id": job_id}).scalar_one())


def claim(conn: Connection, job_id: int) -> Job | None:
    """Begin a job, or end it when it was cancelled or its workers keep dying; null when ended."""
    row = conn.execute(
        update(job)
        .where(job.c.job_id == job_id, job.c.state.in_(OPEN_STATES))
        .values(
            state=JobState.RUNNING.value,
            attempt_count=job.c.attempt_count + 1,
            started_at=text("coalesce(started_at, clock_timestamp())"),
        )
        .returning(job)
    ).one_or_none()
    if row is None:
        return None
    if row.cancel_asked_at is not None:
        end(conn, job_id, JobState.CANCELLED, key="job.cancelled")
        return None
    if row.attempt_count > MOST_ATTEMPTS:
        end(conn, job_id, JobState.FAILED, key="job.gave_up", params={"attempts": MOST_ATTEMPTS})
        return None
    return Job(
        job_id,
        JobKind(row.kind),
        row.account_id,
        row.upload_id,
        row.target_load_id,
        row.options,
    )


def end(
    conn: Connection,
    job_id: int,
    state: JobState,
    *,
    key: str | None = None,
    params: Mapping[str, Any] | None = None,
    result: Mapping[str, Any] | None = None,
) -> None:
    """Note how a job ended, unless it has ended already."""
    values: dict[str, Any] = {
        "state": state.value,
        "message_key": key,
        "message_params": dict(params or {}),
        "ended_at": text("clock_timestamp()"),
    }
    if state is JobState.DONE:
        values |= {"percent": 100, "result": result}
    conn.execute(
        update(job).where(job.c.job_id == job_id, job.c.state.in_(OPEN_STATES)).values(**values)
    )


def note_progress(
    conn: Connection, job_id: int, *, step: str, of: str, number: int, count: int, percent: int
) -> None:
    """How far a job is; the percentage only rises."""
    conn.execute(
        update(job)
        .where(job.c.job_id == job_id, job.c.state == JobState.RUNNING.value)
        .values(
            step=step,
            step_of=of or None,
            step_number=number,
            step_count=count,
            percent=text("greatest(percent, :share)").bindparams(share=percent),
        )
    )


def is_cancel_asked(conn: Connection, job_id: int) -> bool:
    """Whether somebody wants the job to stop."""
    asked = conn.execute(select(job.c.cancel_asked_at).where(job.c.job_id == job_id))
    return asked.scalar_one_or_none() is not None


def kept_file(conn: Connection, upload_id: int) -> KeptFile:
    """The file of a job."""
    row = conn.execute(select(upload).where(upload.c.upload_id == upload_id)).one()
    return KeptFile(row.file_name, row.file_sha256.hex(), row.is_kept)


def load_of_job(conn: Connection, work: Job) -> Mapping[str, Any] | None:
    """What a job that was cut off after its commit has already done; null when nothing."""
    row = conn.execute(
        text("SELECT * FROM staging.load WHERE job_id = :job_id AND state = 'committed'"),
        {"job_id": work.job_id},
    ).one_or_none()
    if row is None:
        return None
    if work.kind is JobKind.UNDO:
        undone = conn.execute(
            text(
                "SELECT load_id FROM staging.load WHERE undone_by_load_id = :own"
                " ORDER BY load_id DESC"
            ),
            {"own": row.load_id},
        ).scalars()
        return {"load_id": row.load_id, "undone": list(undone), "rows": row.row_count}
    outcomes = ("inserted", "updated", "unchanged", "rejected", "waiting")
    return {
        "load_id": row.load_id,
        "rows": row.row_count,
        **{name: getattr(row, f"{name}_count") for name in outcomes},
        "issues": row.issue_count,
    }


def mark_load_cancelled(conn: Connection, job_id: int) -> None:
    """The load that a cancelled job had begun is listed as cancelled, not as failed."""
    conn.execute(
        text(
            "UPDATE staging.load SET state = 'cancelled',"
            " ended_at = coalesce(ended_at, clock_timestamp())"
            " WHERE job_id = :job_id AND state IN ('running', 'failed', 'refused')"
        ),
        {"job_id": job_id},
    )
