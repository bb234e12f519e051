"""The register of loads: what a file brought, what was wrong with it, taking it back."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request, send_file
from sqlalchemy import Connection, text

from gis.errors import Conflict, InputError, NotFound
from gis.i18n import translate
from gis.jobs import requests
from gis.jobs.model import JobKind
from gis.loads import matches
from webmap.asked import json_object, whole_number
from webmap.language import language, say
from webmap.marked import is_markable, made_before
from webmap.session import asking
from webmap.views import jobs
from webmap.web_settings import kept_settings

blueprint = Blueprint("loads", __name__)

LOAD_COLUMNS: Final = """
l.load_id, l.state, l.file_name, l.profile, l.started_at, l.ended_at, l.row_count,
l.inserted_count, l.updated_count, l.unchanged_count, l.rejected_count, l.waiting_count,
l.issue_count, l.undone_by_load_id, (l.options ->> 'undoes')::bigint AS undoes, l.job_id,
j.upload_id, u.is_kept, brought.name AS brought_by, brought.title AS brought_by_title
"""
LOAD_FROM: Final = """
staging.load AS l LEFT JOIN rights.account AS brought ON brought.account_id = l.account_id
LEFT JOIN staging.job AS j ON j.job_id = l.job_id
LEFT JOIN staging.upload AS u ON u.upload_id = j.upload_id
"""
_FILTERS: Final = {
    "severity": "i.severity = :severity",
    "rule": "i.rule = :rule",
    "column": "i.column_header = :column",
    "sheet": "i.sheet = :sheet",
}
_MOST_ISSUES: Final = 1000
_MOST_DOWNLOADED: Final = 500_000
_ISSUES: Final = """
SELECT i.issue_number, i.sheet, i.row_number, i.column_header, i.rule, i.severity, i.suggestion,
       i.original, i.params, ST_X(i.at) AS lon, ST_Y(i.at) AS lat
FROM (SELECT issue.*, ST_PointOnSurface(geom) AS at FROM staging.issue
      WHERE load_id = :load_id) AS i
WHERE {where} ORDER BY i.issue_number
"""
_FACETS: Final = """
SELECT severity, rule, column_header, count(*) AS count, count(geom) AS located
FROM staging.issue WHERE load_id = :load_id
GROUP BY severity, rule, column_header ORDER BY count(*) DESC, rule
"""


@blueprint.get("/api/loads/<int:load_id>")
def show_load(load_id: int) -> Response:
    """What a load did, what is being done with it, and what can be had from it."""
    with asking() as conn:
        row = _load(conn, load_id)
        latest = conn.execute(
            text(
                f"SELECT {jobs.COLUMNS}, j.result FROM {jobs.FROM}"
                " WHERE j.target_load_id = :load_id ORDER BY j.job_id DESC LIMIT 1"
            ),
            {"load_id": load_id},
        ).one_or_none()
        questions = matches.queue(conn, load_id=load_id, limit=0).total
        facets = conn.execute(text(_FACETS), {"load_id": load_id}).all()
    return jsonify(
        {
            **described_load(row),
            "question_count": questions,
            "undo": latest and {**jobs.described(latest), "result": latest.result},
            "issues": {
                "located": sum(one.located for one in facets),
                "facets": [
                    {
                        "severity": one.severity,
                        "rule": one.rule,
                        "rule_title": say(one.rule),
                        "column": one.column_header,
                        "count": one.count,
                    }
                    for one in facets
                ],
            },
            "downloads": downloads(row),
        }
    )


def downloads(row: Any) -> list[dict[str, Any]]:
    """Files that can be had of a load; the page shows each as a button, in this order.

    One that is yet `to_make` is asked for with POST, and had once that job is done.
    """
    if not row.issue_count:
        return []
    address = f"/api/loads/{row.load_id}"
    lists = [
        {"title": say("import.download_issues_xlsx"), "address": f"{address}/issues.xlsx"},
        {"title": say("import.download_issues_csv"), "address": f"{address}/issues.csv"},
    ]
    if not (row.is_kept and is_markable(row.file_name)):
        return lists
    title = say("import.download_marked")
    return [{"title": title, "address": f"{address}/marked", "to_make": True}, *lists]


@blueprint.post("/api/loads/<int:load_id>/marked")
def ask_marked(load_id: int) -> tuple[Response, int]:
    """Have the filer's workbook written with its bad cells marked, in the reader's language."""
    with asking() as conn:
        row = _load(conn, load_id)
        if not (row.issue_count and row.is_kept and is_markable(row.file_name)):
            raise Conflict("import.not_markable", file=row.file_name)
        jobs.refuse_while_busy(conn, upload_id=row.upload_id)
        options = {"load_id": load_id, "language": language()}
        job_id = requests.ask(conn, JobKind.MARK, upload_id=row.upload_id, options=options)
    return jsonify({"job_id": job_id, "load_id": load_id}), 202


@blueprint.get("/api/loads/<int:load_id>/marked")
def download_marked(load_id: int) -> Response:
    """The marked workbook, once a worker has written it."""
    with asking() as conn:
        row = _load(conn, load_id)
        path = made_before(
            conn, kept_settings(), load_id=load_id, upload_id=row.upload_id, language=language()
        )
    if path is None:
        raise NotFound("import.not_marked", load_id=load_id)
    response = send_file(path.resolve(), as_attachment=True, download_name=path.name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.post("/api/loads/<int:load_id>/undo")
def undo(load_id: int) -> tuple[Response, int]:
    """Take the load back; `and_later` takes later loads back that build on it."""
    options = {"and_later": True} if json_object().get("and_later") is True else {}
    with asking() as conn:
        row = _load(conn, load_id)
        if row.state != "committed" or row.undoes is not None:
            raise Conflict("load.not_undoable", load_id=load_id, state=row.state)
        jobs.refuse_while_busy(conn, load_id=load_id)
        job_id = requests.ask(conn, JobKind.UNDO, target_load_id=load_id, options=options)
    return jsonify({"job_id": job_id, "load_id": load_id}), 202


@blueprint.get("/api/loads/<int:load_id>/issues")
def list_issues(load_id: int) -> Response:
    """What was wrong with the file, in its order, page by page."""
    limit = whole_number("limit", least=1, most=_MOST_ISSUES, default=200)
    offset = whole_number("offset", least=0, most=10_000_000, default=0)
    with asking() as conn:
        _load(conn, load_id)
        where, values = _filter(load_id)
        total = conn.execute(
            text(f"SELECT count(*) FROM staging.issue AS i WHERE load_id = :load_id AND {where}"),
            values,
        ).scalar_one()
        rows = conn.execute(
            text(f"{_ISSUES.format(where=where)} LIMIT :limit OFFSET :offset"),
            {**values, "limit": limit, "offset": offset},
        ).all()
    return jsonify({"total": total, "items": [_issue(row) for row in rows]})


@blueprint.get("/api/loads/<int:load_id>/issues.<ending>")
def download_issues(load_id: int, ending: str) -> Response:
    """The same list as a file for the filer."""
    # Writing workbooks needs libraries that no other page does.
    from webmap.issue_files import MEDIA_TYPES, issue_file  # noqa: PLC0415

    if ending not in MEDIA_TYPES:
        raise InputError("import.unknown_ending", ending=ending[:20], known="xlsx, csv")
    with asking() as conn:
        load = _load(conn, load_id)
        where, values = _filter(load_id)
        rows = conn.execute(
            text(f"{_ISSUES.format(where=where)} LIMIT {_MOST_DOWNLOADED}"), values
        ).all()
    return issue_file(ending, load.file_name, [_issue(row) for row in rows])


def _filter(load_id: int) -> tuple[str, dict[str, Any]]:
    chosen = {name: request.args[name] for name in _FILTERS if request.args.get(name)}
    conditions = [_FILTERS[name] for name in chosen]
    if request.args.get("located") == "true":
        conditions.append("i.geom IS NOT NULL")
    return " AND ".join(conditions) or "true", {"load_id": load_id, **chosen}


def _issue(row: Any) -> dict[str, Any]:
    return {
        "number": row.issue_number,
        "sheet": row.sheet,
        "row": row.row_number,
        "column": row.column_header,
        "rule": row.rule,
        "message": translate(language(), row.rule, **(row.params or {})),
        "severity": row.severity,
        "severity_title": say(f"severity.{row.severity}"),
        "original": row.original,
        "suggestion": row.suggestion,
        "lon": row.lon,
        "lat": row.lat,
    }


def _load(conn: Connection, load_id: int) -> Any:
    row = conn.execute(
        text(f"SELECT {LOAD_COLUMNS} FROM {LOAD_FROM} WHERE l.load_id = :load_id"),
        {"load_id": min(load_id, 2**63 - 1)},
    ).one_or_none()
    if row is None:
        raise NotFound("load.no_such_load", load_id=load_id)
    return row


def described_load(row: Any) -> dict[str, Any]:
    """A line of the register of loads."""
    return {
        "load_id": row.load_id,
        "upload_id": row.upload_id,
        "state": row.state,
        "state_title": say(f"load.state.{row.state}"),
        "file": row.file_name,
        "profile": row.profile,
        "brought_by": jobs.account_title(row.brought_by, row.brought_by_title),
        "started_at": jobs.moment(row.started_at),
        "ended_at": jobs.moment(row.ended_at),
        "rows": row.row_count,
        "inserted": row.inserted_count,
        "updated": row.updated_count,
        "unchanged": row.unchanged_count,
        "rejected": row.rejected_count,
        "waiting": row.waiting_count,
        "issue_count": row.issue_count,
        "undone_by_load_id": row.undone_by_load_id,
        "undoes": row.undoes,
        "is_undoable": row.state == "committed" and row.undoes is None,
    }
