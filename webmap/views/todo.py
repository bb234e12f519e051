"""What waits for the reader, over all domains; deputies; steps of cases in general."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template

from assets import registry
from assets.services.cases import (
    cases_of,
    find_case,
    parts_by_person,
    refuse_reader,
    step_that_bars,
    take,
)
from assets.services.deputies import (
    LONGEST_DAYS,
    deputyships,
    end_deputyship,
    name_deputy,
)
from assets.services.notices import mark_read, my_notices
from assets.services.signatures import Confirmed, confirm, signatures, signed_digest
from assets.services.steps import steps_taken
from assets.services.todo import todo
from assets.services.workflow import Workflow
from gis.clock import today
from gis.columns import is_id
from gis.errors import InputError, NotFound
from webmap.asked import json_object, needed_day
from webmap.errors import TooManyAttempts
from webmap.language import language, script_messages
from webmap.session import asking, client_address
from webmap.views.account import minutes_of

blueprint = Blueprint("todo", __name__)

HERE: Final = "/todo"
_CASE: Final = "/api/cases/<workflow>/<int:case_id>"


@blueprint.get(HERE)
def show_todo() -> str:
    """The list, notices, and who stands in for whom."""
    day = today()
    with asking() as conn:
        waiting = todo(conn, registry.WORKFLOWS, today=day)
        notices = my_notices(conn)
        deputies = deputyships(conn, day)
    return render_template(
        "todo.html",
        messages=dict(script_messages(language())),
        today=day,
        waiting=waiting,
        notices=notices,
        deputies=deputies,
        workflows=[workflow.name for workflow in registry.WORKFLOWS],
        longest_days=LONGEST_DAYS,
    )


@blueprint.get("/api/todo")
def count_todo() -> Response:
    """How much waits; for the head of every page."""
    with asking(is_person=False) as conn:
        waiting = todo(conn, registry.WORKFLOWS, today=today())
        unread = sum(not one["is_read"] for one in my_notices(conn))
    answer = jsonify(
        {
            "total": waiting.total,
            "overdue": waiting.overdue,
            "unread": unread,
            "tasks": [
                {
                    "workflow": one.workflow,
                    "case_id": one.case_id,
                    "title": one.title,
                    "state": one.state,
                    "steps": one.steps,
                    "due_on": one.due_on and one.due_on.isoformat(),
                    "is_overdue": one.is_overdue,
                    "acting_for": one.acting_for,
                    "address": one.address,
                }
                for one in waiting.tasks
            ],
        }
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post(f"{HERE}/notices/read")
def read_notices() -> Response:
    """Take all notices as read."""
    with asking() as conn:
        mark_read(conn)
    return jsonify({"location": HERE})


@blueprint.post(f"{HERE}/deputies")
def add_deputy() -> Response:
    """Name a deputy for days and, where some are chosen, for kinds of cases."""
    body = json_object()
    kinds = body.get("workflows") or []
    chosen = kinds if isinstance(kinds, list) else [kinds]
    known = [each.name for each in registry.WORKFLOWS]
    if unknown := [one for one in chosen if one not in known]:
        raise NotFound("workflow.unknown", workflow=str(unknown[0])[:40])
    with asking() as conn:
        name_deputy(
            conn,
            _text(body, "deputy"),
            first_day=needed_day(body.get("first_day")),
            last_day=needed_day(body.get("last_day")),
            today=today(),
            workflows=chosen,
            remark=_text(body, "remark"),
            address=client_address(),
        )
    return jsonify({"location": HERE})


@blueprint.post(f"{HERE}/deputies/<int:deputyship_id>/end")
def drop_deputy(deputyship_id: int) -> Response:
    """End a deputyship before its day."""
    with asking() as conn:
        end_deputyship(conn, deputyship_id, address=client_address())
    return jsonify({"location": HERE})


@blueprint.get(_CASE)
def show_case(workflow: str, case_id: int) -> Response:
    """A case: where it stands, what the reader may do, what was done, whether signatures hold."""
    chosen = declared_workflow(workflow)
    with asking() as conn:
        case = find_case(conn, chosen, case_id)
        may = [
            {
                "step": step.name,
                "is_signed": step.is_signed,
                "needs_remark": step.needs_remark,
                "on_behalf_of": principal,
            }
            for principal, held in parts_by_person(conn, chosen, case).items()
            for step in chosen.open_steps(case.state, held)
            if step_that_bars(conn, chosen, case, step, principal) is None
        ]
        taken = steps_taken(conn, chosen, case_id)
        signed = signatures(conn, chosen, case_id)
    return jsonify(
        {
            "case_id": case.case_id,
            "title": case.title,
            "state": case.state,
            "version": case.version,
            "due_on": case.due_on and case.due_on.isoformat(),
            "open_steps": may,
            "steps": [
                {
                    "step": row["step"],
                    "from_state": row["from_state"],
                    "to_state": row["to_state"],
                    "made_at": row["made_at"].isoformat(),
                    "who": row["who"],
                    "on_behalf_of": row["on_behalf_of"],
                    "remark": row["remark"],
                    "is_late": row["is_late"],
                }
                for row in taken
            ],
            "signatures": [{**vars(one), "made_at": one.made_at.isoformat()} for one in signed],
        }
    )


@blueprint.post(f"{_CASE}/steps/<step>")
def take_step(workflow: str, case_id: int, step: str) -> Response:
    """Take a step: `version` as seen, `remark`, `on_behalf_of`; `password` where it is signed."""
    chosen = declared_workflow(workflow)
    if cases_of(chosen).has_own_actions:
        raise NotFound("workflow.own_page", workflow=workflow)
    body = json_object()
    version, principal = body.get("version"), body.get("on_behalf_of")
    if not is_id(version):
        raise InputError("workflow.no_version")
    if principal is not None and not is_id(principal):
        raise InputError("deputy.bad_principal")
    signing = next((one for one in chosen.steps if one.name == step and one.is_signed), None)
    if signing is not None:
        with asking() as conn:
            refuse_reader(conn, chosen, find_case(conn, chosen, case_id))
            digest = signed_digest(conn, chosen, signing, case_id)
            outcome, wait_s = confirm(
                conn, _text(body, "password"), digest, address=client_address()
            )
        # Raised only now: a failed attempt is to stay counted.
        if outcome is Confirmed.WAIT:
            raise TooManyAttempts("sign_in.wait", minutes=minutes_of(wait_s))
        if outcome is Confirmed.WRONG:
            raise InputError("workflow.wrong_password")
    with asking() as conn:
        changed = take(
            conn,
            chosen,
            step,
            case_id,
            seen_version=version,
            remark=_text(body, "remark"),
            on_behalf_of=principal,
        )
    return jsonify({"version": changed})


def declared_workflow(name: str) -> Workflow:
    """The kind of case of a name, or `NotFound`."""
    for workflow in registry.WORKFLOWS:
        if workflow.name == name:
            return workflow
    raise NotFound("workflow.unknown", workflow=name[:40])


def _text(body: Any, name: str) -> str:
    stated = body.get(name) or ""
    if not isinstance(stated, str):
        raise InputError("asked.not_text", name=name)
    return stated
