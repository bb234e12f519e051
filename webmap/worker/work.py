"""What each kind of job does; runs as the asker, in the job's own process."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

from etl.export.marked import kept_issues, write_marked
from etl.load import load_file
from etl.options import LoadOptions
from etl.profiles import meanings_of
from etl.trial import try_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.errors import NotFound
from gis.jobs.actions import Job, KeptFile
from gis.jobs.model import JobKind
from gis.settings import Settings
from webmap.marked import folder_of
from webmap.uploads import kept_path, remove_secrets
from webmap.worker.plan_work import accept_plan, drop_plan, look_at_plan

Report = Callable[[str, str, int, int, int], None]
"""`report(step, what it is about, number of the step, of how many, percent)`."""

_STEPS: Final = {"read": 3, "datum": 30, "merge": 30, "derive": 80, "record": 95}
"""Percent of a load at which each step begins, as measured on the sample city."""


def work(
    database: Database,
    settings: Settings,
    job: Job,
    *,
    token: str,
    file: KeptFile | None,
    progress: Report,
) -> Mapping[str, Any]:
    """Do the job; what comes back is kept as its result.

    Raises:
        OneMapError: It was refused; nothing changed.
    """
    if job.kind is JobKind.UNDO:
        progress("undo", "", 1, 1, 5)
        undone = undo_load(
            database,
            job.target_load_id or 0,
            token=token,
            and_later=bool(job.options.get("and_later")),
            job_id=job.job_id,
        )
        return asdict(undone)
    if file is None or not file.is_kept:
        raise NotFound("upload.removed")
    path = kept_path(settings, file.sha256, file.file_name)
    if job.kind is JobKind.MARK:
        progress("mark", file.file_name, 1, 1, 5)
        return _mark(database, settings, job, token=token, path=path, file=file)
    if job.kind is JobKind.PLAN:
        return look_at_plan(database, job, token=token, path=path, file=file, progress=progress)
    if job.kind is JobKind.PLAN_LOAD:
        return accept_plan(database, job, token=token, path=path, file=file, progress=progress)
    if job.kind is JobKind.PLAN_DROP:
        return drop_plan(database, job, token=token, path=path, file=file)
    options = load_options(job.options)
    step = _load_progress(progress)
    if job.kind is JobKind.CHECK:
        return try_file(
            database, path, token=token, options=options, file=file.file_name, progress=step
        )
    result = load_file(
        database,
        path,
        token=token,
        options=options,
        file=file.file_name,
        progress=step,
        job_id=job.job_id,
    )
    with transaction(database.engine(Role.LOADER), token) as conn:
        if remove_secrets(conn, job.job_id, file.sha256):
            path.unlink(missing_ok=True)
    return result.as_json()


def _mark(
    database: Database, settings: Settings, job: Job, *, token: str, path: Path, file: KeptFile
) -> Mapping[str, Any]:
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        issues = kept_issues(conn, int(job.options["load_id"]))
    written = write_marked(
        path,
        issues,
        folder_of(settings, job.job_id),
        language=str(job.options["language"]),
        file=file.file_name,
    )
    return {"file": written.name}


def load_options(stated: Mapping[str, Any]) -> LoadOptions:
    """Options as a job carries them."""
    as_of = stated.get("as_of")
    return LoadOptions(
        profile=stated.get("profile") or None,
        datum=stated.get("datum") or None,
        any_area=bool(stated.get("any_area")),
        as_of=date.fromisoformat(as_of) if as_of else None,
        sheets=tuple(meanings_of(stated.get("sheets") or [])),
        decided_of=stated.get("decided_of"),
    )


def _load_progress(report: Report) -> Callable[[str, str], None]:
    """Steps of a load as shares of the whole: sheets take equal parts of the merge."""
    sheets, merged = 1, 0

    def progress(step: str, what: str) -> None:
        nonlocal sheets, merged
        if step == "sheets":
            sheets = max(1, int(what))
            return
        count = sheets + 3
        number = {"read": 1, "derive": count - 1, "record": count}.get(step, 2 + merged)
        percent = _STEPS.get(step, 0)
        if step == "merge":
            percent += (_STEPS["derive"] - _STEPS["merge"]) * merged // sheets
            merged += 1
        report(step, what, number, count, percent)

    return progress
