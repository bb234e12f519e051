"""Jobs as the web tells of them, and the addresses of one job."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, jsonify
from sqlalchemy import Connection, text

from gis.errors import Conflict, NotFound, OneMapError, unpacked
from gis.i18n import explain
from gis.jobs import requests
from webmap.database import OPERATOR
from webmap.language import language, say
from webmap.session import asking

blueprint = Blueprint("jobs", __name__)

COLUMNS: Final = """
j.job_id, j.kind, j.state, j.step, j.step_of, j.step_number, j.step_count, j.percent,
j.message_key, j.message_params, j.asked_at, j.started_at, j.ended_at, j.cancel_asked_at,
j.upload_id, j.target_load_id, asker.name AS asked_by, asker.title AS asked_by_title
"""
FROM: Final = "staging.job AS j JOIN rights.account AS asker ON asker.account_id = j.account_id"


@blueprint.get("/api/jobs/<int:job_id>")
def show_job(job_id: int) -> Response:
    """How far a job is, and what came of it."""
    with asking() as conn:
        row = conn.execute(
            text(f"SELECT {COLUMNS}, j.result FROM {FROM} WHERE j.job_id = :job_id"),
            {"job_id": min(job_id, 2**63 - 1)},
        ).one_or_none()
    if row is None:
        raise NotFound("job.not_found", job_id=job_id)
    # What was found in a plan is told on its own address, to who may still see all of it.
    result = None if row.kind == "plan" else row.result
    return jsonify({**described(row), "result": result})


@blueprint.post("/api/jobs/<int:job_id>/cancel")
def cancel_job(job_id: int) -> Response:
    """Stop a job: a waiting one at once, a running one as soon as its worker hears of it."""
    with asking() as conn:
        state = requests.cancel(conn, min(job_id, 2**63 - 1))
    return jsonify({"job_id": job_id, "state": state.value})


def described(row: Any) -> dict[str, Any]:
    """A job without its result, in the reader's language."""
    step = row.step
    return {
        "job_id": row.job_id,
        "kind": row.kind,
        "state": row.state,
        "state_title": say(f"job.state.{row.state}"),
        "step": say(f"job.step.{step}", what=row.step_of) if step else None,
        "step_number": row.step_number,
        "step_count": row.step_count,
        "percent": row.percent,
        "message": message(row.message_key, row.message_params),
        "message_key": row.message_key,
        "is_stopping": row.state == "running" and row.cancel_asked_at is not None,
        "upload_id": row.upload_id,
        "target_load_id": row.target_load_id,
        "asked_by": account_title(row.asked_by, row.asked_by_title),
        "asked_at": moment(row.asked_at),
        "started_at": moment(row.started_at),
        "ended_at": moment(row.ended_at),
    }


def message(key: str | None, params: Mapping[str, Any]) -> str | None:
    """The sentence of an ending; null when there is nothing to say."""
    if not key:
        return None
    known = {name: unpacked(value) for name, value in params.items()}
    return explain(language(), OneMapError(key, **known))


def account_title(name: str | None, title: str | None) -> str | None:
    """How an account is shown to people."""
    if name == OPERATOR:
        return say("account.operator")
    return title or name


def account_word(who: str | None) -> str:
    """The same, of what a query found as title or name; empty for nobody."""
    return account_title(who, None) or ""


def moment(value: Any) -> str | None:
    """A point in time with its zone, to the second."""
    return value.isoformat(timespec="seconds") if value else None


def open_job(conn: Connection, *, upload_id: int | None = None, load_id: int | None = None) -> Any:
    """The waiting or running job of a file or a load; null when there is none."""
    return conn.execute(
        text(
            f"SELECT {COLUMNS} FROM {FROM} WHERE j.state IN ('queued', 'running')"
            " AND (j.upload_id = :upload_id OR j.target_load_id = :load_id)"
            " ORDER BY j.job_id DESC LIMIT 1"
        ),
        {"upload_id": upload_id, "load_id": load_id},
    ).one_or_none()


def refuse_while_busy(
    conn: Connection, *, upload_id: int | None = None, load_id: int | None = None
) -> None:
    """Nothing else is asked of the same file or load until this transaction ends: no double click.

    Raises:
        Conflict: A job of it waits or runs.
    """
    what = f"upload {upload_id}" if load_id is None else f"load {load_id}"
    conn.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what})
    if open_job(conn, upload_id=upload_id, load_id=load_id) is not None:
        raise Conflict("import.busy")
