"""Floor plans: handed in for a floor, looked at by a worker, corrected, accepted or refused."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import Connection, text

from gis.errors import Conflict, InputError, NotFound
from gis.jobs import requests
from gis.jobs.model import JobKind
from gis.places.vocabulary import IS_OPEN
from webmap import uploads
from webmap.asked import json_object, stated_day
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views import jobs
from webmap.views.plan_options import building_and_level, checked_options
from webmap.web_settings import kept_settings

blueprint = Blueprint("plans", __name__)

SUFFIXES: Final = frozenset({".dxf", ".dwg", ".gpkg", ".geojson", ".json"})
"""DWG is taken in to be told how to make a DXF of it."""
_DIGITS: Final = 19
"""Of the largest number a place may have."""
_KINDS: Final = ("plan", "plan_load", "plan_drop")
_UPLOAD: Final = """
SELECT u.upload_id, u.file_name, u.size_bytes, u.uploaded_at, u.is_kept,
       asker.name AS uploaded_by, asker.title AS uploaded_by_title
FROM staging.upload AS u JOIN rights.account AS asker ON asker.account_id = u.account_id
WHERE u.upload_id = :upload_id AND EXISTS (
  SELECT FROM staging.job AS j WHERE j.upload_id = u.upload_id AND j.kind = ANY(:kinds))
"""
_LATEST: Final = f"""
SELECT DISTINCT ON (j.kind) {jobs.COLUMNS}, j.options FROM {jobs.FROM}
WHERE j.upload_id = :upload_id AND j.kind = ANY(:kinds) ORDER BY j.kind, j.job_id DESC
"""
_LOOK: Final = """
SELECT job_id, options, result FROM staging.job
WHERE upload_id = :upload_id AND kind = 'plan' AND state = 'done' AND result IS NOT NULL
ORDER BY job_id DESC LIMIT 1
"""
_LOADED: Final = """
SELECT l.load_id, l.state FROM staging.load AS l JOIN staging.job AS j USING (job_id)
WHERE j.upload_id = :upload_id AND l.state IN ('committed', 'undone')
ORDER BY l.load_id DESC LIMIT 1
"""
_VISIBLE: Final = f"""
SELECT p.code, p.rights_cell IN (SELECT cell FROM rights.my_write_cells) AS may_write
FROM place.place AS p
WHERE p.kind IN ('building', 'room') AND p.code = ANY(:codes)
  AND {IS_OPEN.format("p")}
"""
_PLACE: Final = f"""
SELECT coalesce(b.code, p.code) AS building, f.level FROM place.place AS p
LEFT JOIN place.floor AS f USING (place_id)
LEFT JOIN place.place AS up ON up.place_id = p.parent_id
LEFT JOIN place.place AS b ON p.kind = 'floor'
  AND b.place_id = CASE up.kind WHEN 'section' THEN up.parent_id ELSE up.place_id END
WHERE p.place_id = :place_id AND p.kind IN ('building', 'floor') AND {IS_OPEN.format("p")}
"""


@blueprint.get("/plans/new")
def new_plan_page() -> str:
    """A form to hand in the plan of a floor; `place` is the floor, or its building."""
    place_id = request.args.get("place", "")
    with asking() as conn:
        found = None
        if place_id.isdecimal() and len(place_id) < _DIGITS:
            values = {"place_id": int(place_id)}
            found = conn.execute(text(_PLACE), values).one_or_none()
    level = request.args.get("level") or (None if found is None else found.level)
    return _page(upload_id=None, building=None if found is None else found.building, level=level)


@blueprint.get("/plans/<int:upload_id>")
def plan_page(upload_id: int) -> str:
    """A plan over its building, to be placed, corrected, accepted or refused."""
    with asking():
        pass
    return _page(upload_id=upload_id, building=None, level=None)


def _page(**given: Any) -> str:
    code = language()
    messages = {
        **script_messages(code),
        **script_messages(code, "import_page.", keep=True),
        **script_messages(code, "plan_page.", keep=True),
    }
    return render_template(
        "plans.html", messages=messages, upload_mb=kept_settings().upload_mb, **given
    )


@blueprint.post("/api/plans")
def upload() -> tuple[Response, int]:
    """Take in the plan (`file`) of a floor (`building`, `level`) and have it looked at."""
    settings = kept_settings()
    with asking() as conn:
        # No bytes are read before we know who sends them and that they may.
        requests.require_writer(conn)
    request.max_content_length = settings.upload_mb * 1024 * 1024
    sent = request.files.get("file")
    if sent is None:
        raise InputError("upload.no_file")
    name = uploads.checked_name(sent.filename, SUFFIXES)
    options = building_and_level(request.form)
    with uploads.received(settings, sent.stream, name) as file, asking() as conn:
        upload_id = file.keep(conn)
        job_id = requests.ask(conn, JobKind.PLAN, upload_id=upload_id, options=options)
    return jsonify(
        {
            "upload_id": upload_id,
            "job_id": job_id,
            "file": name,
            "size_bytes": file.size_bytes,
        }
    ), 201


@blueprint.get("/api/plans/<int:upload_id>")
def show_plan(upload_id: int) -> Response:
    """What was found in a plan, and what became of it."""
    with asking() as conn:
        row = _upload(conn, upload_id)
        values = {"upload_id": row.upload_id, "kinds": list(_KINDS)}
        latest = {one.kind: one for one in conn.execute(text(_LATEST), values)}
        found = conn.execute(text(_LOOK), values).one_or_none()
        loaded = conn.execute(text(_LOADED), values).one_or_none()
        look, unwritable = (None, []) if found is None else _seen(conn, found.result)
        if found is None or look is None:
            look_id, options = None, _stated(conn, latest.get("plan"))
        else:
            look_id, options = found.job_id, found.options
    return jsonify(
        {
            "upload_id": row.upload_id,
            "file": row.file_name,
            "size_bytes": row.size_bytes,
            "uploaded_at": jobs.moment(row.uploaded_at),
            "uploaded_by": jobs.account_title(row.uploaded_by, row.uploaded_by_title),
            "is_kept": row.is_kept,
            "jobs": {kind: jobs.described(one) for kind, one in latest.items()},
            "look_id": look_id,
            "options": options,
            "look": None if look is None else _said(look),
            "unwritable": unwritable,
            "load": None
            if loaded is None
            else {"load_id": loaded.load_id, "is_undone": loaded.state == "undone"},
        }
    )


@blueprint.post("/api/plans/<int:upload_id>/check")
def check(upload_id: int) -> tuple[Response, int]:
    """Look at the plan again, with what is stated of it; nothing is loaded."""
    options = checked_options(json_object())
    with asking() as conn:
        _open(conn, upload_id)
        job_id = requests.ask(conn, JobKind.PLAN, upload_id=upload_id, options=options)
    return jsonify({"job_id": job_id, "upload_id": upload_id}), 202


@blueprint.post("/api/plans/<int:upload_id>/load")
def load(upload_id: int) -> tuple[Response, int]:
    """Accept the plan as it was looked at (`look_id`), from a day on (`as_of`) or as of today."""
    body = json_object()
    as_of = stated_day(body.get("as_of"))
    with asking() as conn:
        _open(conn, upload_id)
        loaded = conn.execute(text(_LOADED), {"upload_id": upload_id}).one_or_none()
        if loaded is not None and loaded.state != "undone":
            raise Conflict("plan.accepted_already", load_id=loaded.load_id)
        found = conn.execute(text(_LOOK), {"upload_id": upload_id}).one_or_none()
        if found is None or found.job_id != body.get("look_id"):
            raise Conflict("plan.looked_again")
        options = {
            **found.options,
            "seen": found.result["seen"],
            "has_floor": found.result["has_floor"],
            "accepts": bool(body.get("accepts")),
            "with_new": bool(body.get("with_new")),
            "as_of": as_of.isoformat() if as_of else None,
        }
        job_id = requests.ask(conn, JobKind.PLAN_LOAD, upload_id=upload_id, options=options)
    return jsonify({"job_id": job_id, "upload_id": upload_id}), 202


@blueprint.post("/api/plans/<int:upload_id>/refuse")
def refuse(upload_id: int) -> tuple[Response, int]:
    """Keep nothing of the plan: neither its file nor what was found in it."""
    with asking() as conn:
        _open(conn, upload_id)
        job_id = requests.ask(conn, JobKind.PLAN_DROP, upload_id=upload_id)
    return jsonify({"job_id": job_id, "upload_id": upload_id}), 202


def _upload(conn: Connection, upload_id: int) -> Any:
    row = conn.execute(
        text(_UPLOAD), {"upload_id": min(upload_id, 2**63 - 1), "kinds": list(_KINDS)}
    ).one_or_none()
    if row is None:
        raise NotFound("plan.not_found", upload_id=upload_id)
    return row


def _open(conn: Connection, upload_id: int) -> None:
    """A plan of which nothing else is being done, until this transaction ends.

    Raises:
        NotFound: The asker has no such plan.
        Conflict: It was refused, or something is being done with it.
    """
    if not _upload(conn, upload_id).is_kept:
        raise Conflict("plan.gone")
    jobs.refuse_while_busy(conn, upload_id=upload_id)


def _seen(conn: Connection, look: Mapping[str, Any]) -> tuple[Any, Sequence[str]]:
    """What was found, null where the asker may not see all of it; rooms that they may not write."""
    codes = {look["building"], *(one["code"] for one in look["known"])}
    rows = conn.execute(text(_VISIBLE), {"codes": sorted(codes)}).all()
    if codes - {row.code for row in rows}:
        return None, []
    rooms = {one["code"] for one in (look["placed"] or {}).get("rooms", ()) if one["is_sound"]}
    return look, sorted(row.code for row in rows if row.code in rooms and not row.may_write)


def _stated(conn: Connection, job: Any) -> Mapping[str, Any]:
    """What was stated of a plan, to begin the next statement with.

    Without what is of a building or of rooms that the asker may not see (any more).
    """
    options = {} if job is None else dict(job.options)
    rooms = {one["code"] for one in options.get("corrections", ()) if one["code"]}
    codes = {options.get("building"), *rooms} - {None}
    if codes - {row.code for row in conn.execute(text(_VISIBLE), {"codes": sorted(codes)})}:
        for name in ("building", "controls", "corrections"):
            options.pop(name, None)
    return options


def _said(look: Mapping[str, Any]) -> dict[str, Any]:
    """The same with sentences in the reader's language."""
    problem, plan = look["problem"], look["plan"]
    return {
        **look,
        "problem": problem
        and {**problem, "message": jobs.message(problem["key"], problem["params"])},
        "plan": plan
        and {
            **plan,
            "findings": [
                {**one, "message": say(f"plan.fault.{one['fault']}", **one["params"])}
                for one in plan["findings"]
            ],
        },
    }
