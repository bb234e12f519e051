"""Files handed in over the web: uploaded, looked at, loaded, by the worker and as the asker."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, text

from gis.errors import Conflict, InputError, NotFound
from gis.jobs import requests
from gis.jobs.model import JobKind
from gis.loads import matches
from webmap import uploads
from webmap.asked import json_object, stated_day, whole_number
from webmap.language import say
from webmap.session import asking
from webmap.views import jobs
from webmap.views.loads import LOAD_COLUMNS, LOAD_FROM, described_load
from webmap.web_settings import kept_settings

_LOOKED_AT: Final = """
SELECT result FROM staging.job WHERE upload_id = :upload_id AND kind = 'check' AND state = 'done'
ORDER BY job_id DESC LIMIT 1
"""

blueprint = Blueprint("imports", __name__)
_MOST_LISTED: Final = 500
_LATEST_PENDING: Final = 30

_UPLOAD: Final = """
SELECT u.upload_id, u.file_name, u.size_bytes, u.uploaded_at, u.is_kept,
       asker.name AS uploaded_by, asker.title AS uploaded_by_title,
       EXISTS (SELECT FROM staging.job AS j
               WHERE j.upload_id = u.upload_id AND j.kind = 'plan') AS is_plan
FROM staging.upload AS u JOIN rights.account AS asker ON asker.account_id = u.account_id
"""
_NOT_LOADED: Final = f"""
{_UPLOAD}
WHERE u.is_kept AND NOT EXISTS (
  SELECT FROM staging.job AS j WHERE j.upload_id = u.upload_id AND j.kind IN ('load', 'plan_load')
    AND j.state IN ('done', 'queued', 'running'))
ORDER BY u.upload_id DESC LIMIT :limit
"""
_LATEST_JOB: Final = f"""
SELECT {jobs.COLUMNS}, j.result, j.options FROM {jobs.FROM}
WHERE j.upload_id = :upload_id AND j.kind = :kind ORDER BY j.job_id DESC LIMIT 1
"""


@blueprint.post("/api/uploads")
def upload() -> tuple[Response, int]:
    """Take in a file (`file` of a form) and have it looked at; the worker reads it, not the web."""
    settings = kept_settings()
    with asking() as conn:
        # No bytes are read before we know who sends them and that they may.
        requests.require_writer(conn)
    request.max_content_length = settings.upload_mb * 1024 * 1024
    sent = request.files.get("file")
    if sent is None:
        raise InputError("upload.no_file")
    name = uploads.checked_name(sent.filename)
    with uploads.received(settings, sent.stream, name) as file, asking() as conn:
        upload_id = file.keep(conn)
        job_id = requests.ask(conn, JobKind.CHECK, upload_id=upload_id)
    return jsonify(
        {
            "upload_id": upload_id,
            "job_id": job_id,
            "file": name,
            "size_bytes": file.size_bytes,
        }
    ), 201


@blueprint.get("/api/imports")
def list_imports() -> Response:
    """Jobs that wait or run, files not loaded yet, and the register of loads, newest first."""
    limit = whole_number("limit", least=1, most=_MOST_LISTED, default=100)
    before = whole_number("before", least=1, most=2**62, default=None)
    with asking() as conn:
        open_jobs = conn.execute(
            text(
                f"SELECT {jobs.COLUMNS}, u.file_name FROM {jobs.FROM}"
                " LEFT JOIN staging.upload AS u ON u.upload_id = j.upload_id"
                " WHERE j.state IN ('queued', 'running') ORDER BY j.job_id"
            )
        ).all()
        waiting = matches.queue(conn, limit=0).open_count
        pending = conn.execute(text(_NOT_LOADED), {"limit": _LATEST_PENDING}).all()
        loads = conn.execute(
            text(
                f"SELECT {LOAD_COLUMNS} FROM {LOAD_FROM}"
                " WHERE l.load_id < coalesce(:before, 9223372036854775807)"
                " ORDER BY l.load_id DESC LIMIT :limit"
            ),
            {"before": before, "limit": limit},
        ).all()
    return jsonify(
        {
            "jobs": [{**jobs.described(row), "file": row.file_name} for row in open_jobs],
            "uploads": [_described_upload(row) for row in pending],
            "items": [described_load(row) for row in loads],
            "matches_waiting": waiting,
            "upload_mb": kept_settings().upload_mb,
        }
    )


@blueprint.get("/api/imports/<int:upload_id>")
def show_import(upload_id: int) -> Response:
    """A file: how its headers are meant, what a load would do, and what was done."""
    with asking() as conn:
        row = _upload(conn, upload_id)
        latest = {
            kind.value: conn.execute(
                text(_LATEST_JOB), {"upload_id": upload_id, "kind": kind.value}
            ).one_or_none()
            for kind in (JobKind.CHECK, JobKind.LOAD)
        }
        looked_at = conn.execute(text(_LOOKED_AT), {"upload_id": upload_id}).scalar_one_or_none()
    answer = {**_described_upload(row), "look": _look(looked_at)}
    for kind, found in latest.items():
        answer[kind] = found and {
            **jobs.described(found),
            "options": found.options,
            "result": found.result if kind == "load" else None,
        }
    return jsonify(answer)


@blueprint.get("/api/imports/<int:upload_id>/changes.csv")
def download_changes(upload_id: int) -> Response:
    """What a load would change, value by value, as the page lists it."""
    # Writing workbooks needs libraries that no other page does.
    from webmap.issue_files import change_file  # noqa: PLC0415

    with asking(is_long=True) as conn:
        row = _upload(conn, upload_id)
        result = conn.execute(text(_LOOKED_AT), {"upload_id": upload_id}).scalar_one_or_none()
    if not result:
        raise NotFound("import.nothing_looked_at")
    return change_file(row.file_name, result.get("changes", []))


def _look(result: Any) -> Any:
    """What looking at a file found, with sentences in place of rules."""
    if not result:
        return None
    problem = result["problem"]
    return {
        **result,
        "problem": problem
        and {**problem, "message": jobs.message(problem["key"], problem["params"])},
        "facets": [{**one, "rule_title": say(one["rule"])} for one in result["facets"]],
        "issues": [_told(one) for one in result["issues"]],
        "preview": [
            {
                **sheet,
                "rows": [
                    {**row, "issues": [_told(one) for one in row["issues"]]}
                    for row in sheet["rows"]
                ],
            }
            for sheet in result["preview"]
        ],
    }


def _told(issue: Any) -> Any:
    return {
        **issue,
        "message": say(issue["rule"], **(issue["params"] or {})),
        "severity_title": say(f"severity.{issue['severity']}"),
    }


@blueprint.post("/api/imports/<int:upload_id>/check")
def check(upload_id: int) -> tuple[Response, int]:
    """Look at the file again, with the answers given; nothing is kept but the finding."""
    return _ask(JobKind.CHECK, upload_id)


@blueprint.post("/api/imports/<int:upload_id>/load")
def load(upload_id: int) -> tuple[Response, int]:
    """Load the file."""
    return _ask(JobKind.LOAD, upload_id)


@blueprint.post("/api/imports/<int:upload_id>/cancel")
def cancel(upload_id: int) -> Response:
    """Stop what is being done with the file."""
    with asking() as conn:
        _upload(conn, upload_id)
        at_hand = jobs.open_job(conn, upload_id=upload_id)
        if at_hand is None:
            raise Conflict("import.nothing_open")
        state = requests.cancel(conn, at_hand.job_id)
    return jsonify({"job_id": at_hand.job_id, "state": state.value})


def _ask(kind: JobKind, upload_id: int) -> tuple[Response, int]:
    options = checked_options(json_object())
    with asking() as conn:
        if not _upload(conn, upload_id).is_kept:
            raise Conflict("upload.removed")
        jobs.refuse_while_busy(conn, upload_id=upload_id)
        job_id = requests.ask(conn, kind, upload_id=upload_id, options=options)
    return jsonify({"job_id": job_id, "upload_id": upload_id}), 202


def checked_options(stated: Any) -> dict[str, Any]:
    """Options of a load as they are kept with its job.

    Raises:
        InputError: One of them is not of the kind it should be.
    """
    options: dict[str, Any] = {}
    for name in ("profile", "datum"):
        if stated.get(name):
            options[name] = str(stated[name])[:80]
    if as_of := stated_day(stated.get("as_of")):
        options["as_of"] = as_of.isoformat()
    if stated.get("any_area"):
        options["any_area"] = True
    if stated.get("sheets"):
        options["sheets"] = checked_sheets(stated["sheets"])
    return options


def checked_sheets(stated: Any) -> list[dict[str, Any]]:
    """How headers are meant, as the page states it.

    Raises:
        InputError: It has another shape.
    """
    if not isinstance(stated, list) or not all(_is_sheet(one) for one in stated):
        raise InputError("import.bad_mapping")
    return [{name: one[name] for name in ("fingerprint", "contract", "fields")} for one in stated]


def _is_sheet(stated: Any) -> bool:
    return (
        isinstance(stated, dict)
        and isinstance(stated.get("fingerprint"), str)
        and isinstance(stated.get("contract", ...), str | None)
        and isinstance(stated.get("fields"), dict)
        and all(isinstance(field, str | None) for field in stated["fields"].values())
    )


def _upload(conn: Connection, upload_id: int) -> Any:
    row = conn.execute(
        text(f"{_UPLOAD} WHERE u.upload_id = :upload_id"),
        {"upload_id": min(upload_id, 2**63 - 1)},
    ).one_or_none()
    if row is None:
        raise NotFound("import.not_found", upload_id=upload_id)
    return row


def _described_upload(row: Any) -> dict[str, Any]:
    return {
        "upload_id": row.upload_id,
        "file": row.file_name,
        "size_bytes": row.size_bytes,
        "uploaded_at": jobs.moment(row.uploaded_at),
        "uploaded_by": jobs.account_title(row.uploaded_by, row.uploaded_by_title),
        "is_kept": row.is_kept,
        "is_plan": row.is_plan,
    }
