"""Doubtful matches: the queue, a row beside what it may be, and a person's word."""

import json
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import text

from gis.columns import LARGEST_ID
from gis.errors import Conflict, InputError, NotFound
from gis.jobs import requests
from gis.jobs.model import JobKind
from gis.loads import matches
from gis.loads.matches_model import Choice
from webmap.asked import json_object, whole_number
from webmap.language import language, say
from webmap.session import asking
from webmap.views import jobs

blueprint = Blueprint("matches", __name__)

_MOST_LISTED: Final = 500
_MOST_CODE: Final = 60
_CLUES: Final = ("score", "address_score", "name_score", "overlap_score", "area_score",
                 "distance_m")  # fmt: skip
_SHOWN_APART: Final = frozenset({"name", "address", "gross_area"})
_DECIDED: Final = """
SELECT count(*) FROM staging.match_question AS q
JOIN staging.match_decision AS d ON d.row_key = q.row_key AND d.withdrawn_at IS NULL
LEFT JOIN staging.load AS applied
  ON applied.load_id = d.applied_load_id AND applied.state = 'committed'
WHERE q.load_id = :load_id AND d.load_id = :load_id AND applied.load_id IS NULL
"""
_FILE: Final = """
SELECT l.state, j.upload_id, j.options, u.is_kept FROM staging.load AS l
LEFT JOIN staging.job AS j ON j.job_id = l.job_id
LEFT JOIN staging.upload AS u ON u.upload_id = j.upload_id WHERE l.load_id = :load_id
"""


@blueprint.get("/api/matches")
def list_matches() -> Response:
    """Rows that wait for a person, or that are decided; of one load or of all one sees."""
    limit = whole_number("limit", least=1, most=_MOST_LISTED, default=100) or 0
    offset = whole_number("offset", least=0, most=10_000_000, default=0) or 0
    load_id = whole_number("load_id", least=1, default=None)
    with asking() as conn:
        found = matches.queue(
            conn, load_id=load_id, decided=request.args.get("decided") == "true",
            limit=limit, offset=offset,
        )  # fmt: skip
        to_load = 0
        if load_id is not None:
            to_load = conn.execute(text(_DECIDED), {"load_id": load_id}).scalar_one()
    return jsonify(
        {
            "waiting": found.open_count,
            "total": found.total,
            "to_load": to_load,
            "items": [_row(row) for row in found.rows],
        }
    )


@blueprint.get("/api/loads/<int:load_id>/matches/<int:row_number>")
def show_match(load_id: int, row_number: int) -> Response:
    """A row and its candidates, best first, with shapes and what speaks for each."""
    # The vocabulary of files needs libraries that no other page does.
    from etl.proposal import titles  # noqa: PLC0415

    sheet = request.args.get("sheet", "")
    with asking() as conn:
        found = matches.question(conn, *_at(load_id, sheet, row_number))
    title = titles(language()).field
    return jsonify(
        {
            **_row(found.row),
            "shape": found.shape and json.loads(found.shape),
            "others": [
                {"field": field, "title": title(found.row.contract, field), "value": value}
                for field, value in found.values.items()
                if field not in _SHOWN_APART
            ],
            "candidates": [_candidate(one) for one in found.candidates],
        }
    )


@blueprint.post("/api/loads/<int:load_id>/matches/<int:row_number>")
def decide_match(load_id: int, row_number: int) -> Response:
    """Say what the row is: `same` with a place (`place_id`, `place_code`), `new` or `out`."""
    body = json_object()
    place_id = body.get("place_id")
    if place_id is not None and (isinstance(place_id, bool) or not isinstance(place_id, int)):
        raise InputError("match.place_missing")
    place_code = body.get("place_code")
    if place_code is not None and not (isinstance(place_code, str) and place_code.strip()):
        raise InputError("match.place_missing")
    choice = str(body.get("choice"))
    if choice not in set(Choice):
        raise InputError("match.unknown_choice", choice=choice[:20])
    sheet = str(body.get("sheet") or "")
    with asking() as conn:
        if place_id is None and place_code is not None:
            place_id = matches.place_of_code(conn, place_code.strip()[:_MOST_CODE])
        decision_id = matches.decide(
            conn,
            *_at(load_id, sheet, row_number),
            Choice(choice),
            place_id=None if place_id is None else min(max(place_id, 0), LARGEST_ID),
        )
    return jsonify({"decision_id": decision_id})


@blueprint.post("/api/loads/<int:load_id>/matches")
def decide_alike(load_id: int) -> Response:
    """Say of every row whose only likely candidate is like enough that it is the same."""
    least = json_object().get("least")
    if isinstance(least, bool) or not isinstance(least, int | float) or not 0 <= least <= 1:
        raise InputError("match.least_impossible")
    with asking() as conn:
        count = matches.decide_alike(conn, load_id, float(least))
    return jsonify({"decided": count})


@blueprint.delete("/api/matches/<int:decision_id>")
def withdraw(decision_id: int) -> Response:
    """Take a decision back."""
    with asking() as conn:
        matches.withdraw(conn, decision_id)
    return jsonify({"decision_id": decision_id})


@blueprint.post("/api/loads/<int:load_id>/decided")
def load_decided(load_id: int) -> tuple[Response, int]:
    """Load the rows that were decided, and what hung on them, from the file of the load."""
    with asking() as conn:
        file = conn.execute(text(_FILE), {"load_id": load_id}).one_or_none()
        if file is None:
            raise NotFound("load.no_such_load", load_id=load_id)
        if file.upload_id is None:
            raise Conflict("match.no_upload", load_id=load_id)
        if not file.is_kept:
            raise Conflict("upload.removed")
        jobs.refuse_while_busy(conn, upload_id=file.upload_id)
        job_id = requests.ask(
            conn,
            JobKind.LOAD,
            upload_id=file.upload_id,
            options={**file.options, "decided_of": load_id},
        )
    return jsonify({"job_id": job_id, "upload_id": file.upload_id}), 202


def _at(load_id: int, sheet: str, row_number: int) -> tuple[int, str, int]:
    return load_id, sheet, min(row_number, 2**31 - 1)


def _row(row: Any) -> dict[str, Any]:
    is_decided = row.choice is not None and not row.is_open
    return {
        "load_id": row.load_id,
        "file": row.file_name,
        "sheet": row.sheet,
        "row": row.row_number,
        "kind_title": say(f"place.kind.{row.kind}"),
        "reason": say(row.rule, sheet=row.sheet or row.file_name, other=row.other_row),
        "may_name_any": row.rule == matches.NOT_FOUND,
        "name": row.name,
        "address": row.address,
        "holder": row.holder,
        "gross_area_m2": _number(row.gross_area_m2),
        "best": _number(row.best),
        "decision": {
            "decision_id": row.match_decision_id,
            "choice": row.choice,
            "choice_title": say(f"match.choice.{row.choice}"),
            "place_id": row.place_id,
            "by": jobs.account_title(row.decided_by, row.decided_by_title),
            "at": jobs.moment(row.decided_at),
            "is_loaded": row.is_applied,
        }
        if is_decided
        else None,
    }


def _candidate(one: Any) -> dict[str, Any]:
    return {
        "place_id": one.place_id,
        "code": one.code,
        "kind_title": say(f"place.kind.{one.kind}"),
        "name": one.name,
        "address": one.address,
        "holder": one.holder,
        "gross_area_m2": _number(one.gross_area_m2),
        "numbers": one.numbers,
        "ended_on": one.valid_to and one.valid_to.isoformat(),
        "shape": one.shape and json.loads(one.shape),
        "lon": one.lon,
        "lat": one.lat,
        "is_same_holder": one.is_same_holder,
        "is_same_title": one.is_same_title,
        **{name: _number(getattr(one, name)) for name in _CLUES},
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
