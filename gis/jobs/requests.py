"""What people ask of workers, under their own rights: hand in a file, have it worked on, stop."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, text

from gis.errors import Forbidden, NotFound
from gis.jobs.model import JobKind, JobState, job, upload

_ASKER = text("rights.current_account_id()")


def require_writer(conn: Connection) -> None:
    """Before work is done for a request that could not be noted in the end.

    Raises:
        Forbidden: A token asks that is for reading only.
    """
    if conn.execute(text("SELECT rights.current_writer_id()")).scalar_one() is None:
        raise Forbidden("token.only_reads")


def add_upload(conn: Connection, *, file_name: str, sha256: str, size_bytes: int) -> int:
    """Note a file that was handed in, under the asker's name.

    Returns:
        Its `upload_id`.
    """
    upload_id: int = conn.execute(
        insert(upload)
        .values(
            account_id=_ASKER,
            file_name=file_name,
            file_sha256=bytes.fromhex(sha256),
            size_bytes=size_bytes,
        )
        .returning(upload.c.upload_id)
    ).scalar_one()
    return upload_id


def ask(
    conn: Connection,
    kind: JobKind,
    *,
    upload_id: int | None = None,
    target_load_id: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> int:
    """Have something done in the asker's name; the job is queued when the transaction commits.

    Returns:
        Its `job_id`.
    """
    job_id: int = conn.execute(
        insert(job)
        .values(
            account_id=_ASKER,
            kind=kind.value,
            upload_id=upload_id,
            target_load_id=target_load_id,
            options=dict(options or {}),
        )
        .returning(job.c.job_id)
    ).scalar_one()
    return job_id


def cancel(conn: Connection, job_id: int) -> JobState:
    """Stop a job: a waiting one at once, a running one as soon as its worker hears of it.

    Returns:
        `cancelled`, or `running` while it is being stopped.

    Raises:
        NotFound: The asker has no such job that still waits or runs.
    """
    state = conn.execute(
        text("SELECT staging.cancel_job(:job_id)"), {"job_id": job_id}
    ).scalar_one_or_none()
    if state is None:
        raise NotFound("job.not_open", job_id=job_id)
    return JobState(state)
