"""What is to be put right: notices, steps, the paper of each."""

from typing import Final

from flask import Blueprint, Response, jsonify, request

from assets.inspection.actions.rectifying import (
    MOST_BODIES,
    issue_for_finding,
    issue_for_verdict,
    set_term,
    take_step,
)
from assets.inspection.model import DayKind, Origin
from assets.inspection.queries import find_rectification, may_plan, term_on
from assets.inspection.rules import WORKFLOW
from assets.services.attachments import attachments_of
from assets.services.calendar import time_left, work_calendar
from assets.services.cases import find_case
from assets.services.steps import choices_of, steps_taken
from assets.space.comparing import State
from assets.space.queries import bodies, verdicts
from assets.space.rules import rounded
from gis.audit.accesses import AccessKind, note_access
from gis.clock import today
from gis.columns import is_id
from gis.errors import InputError
from webmap.asked import json_object, needed_day, short_text, stated_day
from webmap.attached import attached
from webmap.language import language, say
from webmap.session import asking
from webmap.views.campaigns import seen_version
from webmap.views.inspections import PAPERS, number_of, page

blueprint = Blueprint("rectifications", __name__)

HERE: Final = "/rectifications"
_ONE: Final = f"{HERE}/<int:rectification_id>"
_ALL: Final = "all"


@blueprint.get(f"{HERE}/new")
def show_draft() -> str:
    """The form by which bodies over the standard are told: by how much each is over today."""
    day = today()
    asked = request.args.getlist("body")[:MOST_BODIES]
    chosen = dict.fromkeys(number for one in asked if (number := number_of(one)) is not None)
    with asking(is_one_moment=True) as conn:
        found = [row for one in chosen for row in bodies(conn, day, organization_id=one)]
        judged = verdicts(conn, day, of=found) if found else ()
    with asking() as conn:
        is_ours = may_plan(conn)
        term = term_on(conn, Origin.VERDICT, day)
    over = [
        {
            "organization_id": one.body.organization_id,
            "name": one.body.name,
            "over": [
                (each.room_class or _ALL, rounded(each.difference_m2))
                for each in one.compared
                if each.state is State.OVER and each.difference_m2 is not None
            ],
        }
        for one in judged
    ]
    return page(
        "draft.html",
        bodies=over,
        may_issue=is_ours,
        term=term,
        usual_day=term and term.last_day(day, work_calendar()),
    )


@blueprint.post(HERE)
def issue_to_bodies() -> Response:
    """Tell bodies to give up what they have over the standard; all of them or none."""
    body = json_object()
    stated = body.get("organization_ids") or []
    ids = list(
        dict.fromkeys(str(one) for one in (stated if isinstance(stated, list) else [stated]))
    )
    numbers = [number for one in ids if (number := number_of(one)) is not None]
    if not numbers or len(numbers) < len(ids) or len(ids) > MOST_BODIES:
        raise InputError("rectification.bad_bodies", most=MOST_BODIES)
    room_class = str(body.get("room_class") or _ALL)
    with asking(is_long=True) as conn:
        made = [
            issue_for_verdict(
                conn,
                one,
                room_class=None if room_class == _ALL else room_class,
                demand=str(body.get("demand") or ""),
                due_on=stated_day(body.get("due_on")),
                today=today(),
            )
            for one in numbers
        ]
    where = f"{HERE}/{made[0]}" if len(made) == 1 else "/inspections"
    return jsonify({"location": where, "rectification_ids": made})


@blueprint.post("/inspections/findings/<int:finding_id>/notice")
def issue_for_one(finding_id: int) -> Response:
    """Tell a body to put a finding right."""
    body = json_object()
    with asking() as conn:
        made = issue_for_finding(
            conn,
            finding_id,
            demand=str(body.get("demand") or ""),
            due_on=stated_day(body.get("due_on")),
            today=today(),
        )
    return jsonify({"location": f"{HERE}/{made}", "rectification_id": made})


@blueprint.get(_ONE)
def show_rectification(rectification_id: int) -> str:
    """Where it stands, what the reader may do, what was done."""
    day = today()
    with asking() as conn:
        one = find_rectification(conn, rectification_id, day)
        case = find_case(conn, WORKFLOW, rectification_id)
        offered = choices_of(conn, WORKFLOW, case)
        taken = steps_taken(conn, WORKFLOW, rectification_id)
        attached_files = attachments_of(conn, WORKFLOW, rectification_id)
    return page(
        "rectification.html",
        one=one,
        may=offered.may,
        barred=offered.barred,
        steps=taken,
        attached_files=attached_files,
        left=time_left(one["due_on"], day),
        may_attach=bool(offered.may) and one["state"] != "closed",
    )


@blueprint.post(f"{_ONE}/steps/<step>")
def take_one_step(rectification_id: int, step: str) -> Response:
    """Answer, recheck, close, send back or extend."""
    body = json_object()
    principal = body.get("on_behalf_of") or None
    if isinstance(principal, str):
        principal = number_of(principal)
        if principal is None:
            raise InputError("deputy.bad_principal")
    if principal is not None and not is_id(principal):
        raise InputError("deputy.bad_principal")
    with asking() as conn:
        take_step(
            conn,
            rectification_id,
            step,
            seen_version=seen_version(body),
            today=today(),
            remark=str(body.get("remark") or ""),
            due_on=stated_day(body.get("due_on")),
            on_behalf_of=principal,
        )
    return jsonify({"location": f"{HERE}/{rectification_id}"})


@blueprint.get(f"{_ONE}/notice")
def save_notice(rectification_id: int) -> Response:
    """The notice of one finding or verdict as a Word file, or with `?format=pdf` as PDF."""
    # Writing papers needs libraries that no other page does.
    from assets.inspection.papers import notice_paper  # noqa: PLC0415
    from assets.services.papers.pdf import pdf_of  # noqa: PLC0415

    file_format = short_text("format") or "docx"
    if file_format not in PAPERS:
        known = ", ".join(PAPERS)
        raise InputError("export.no_such_format", format=file_format[:20], known=known)
    with asking(is_long=True) as conn:
        one = find_rectification(conn, rectification_id, today())
        taken = steps_taken(conn, WORKFLOW, rectification_id)
        note_access(conn, AccessKind.REPORT, one["number"], file=file_format)
    paper = notice_paper(one, taken, language())
    content = pdf_of(paper) if file_format == "pdf" else paper
    name = say("rectification.paper.title")
    return attached(content, f"{name}-{one['number']}.{file_format}")


@blueprint.post("/inspections/term")
def change_term() -> Response:
    """How long there is to put something right, from a day on."""
    body = json_object()
    days, kind, origin = (str(body.get(name) or "") for name in ("days", "day_kind", "origin"))
    if not (days.isascii() and days.isdecimal() and len(days) <= 4):
        raise InputError("rectification.bad_days")
    if kind not in list(DayKind) or origin not in list(Origin):
        raise InputError("rectification.bad_days")
    with asking() as conn:
        set_term(
            conn,
            Origin(origin),
            int(days),
            DayKind(kind),
            since=needed_day(body.get("since")),
            rule_source=str(body.get("rule_source") or ""),
            is_verified=body.get("is_verified") == "on",
        )
    return jsonify({"location": "/inspections"})
