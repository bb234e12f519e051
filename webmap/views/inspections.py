"""Inspections: the list, one of them, one body as an inspector goes through it on a telephone."""

from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, render_template, request

from assets.campaign.actions.issue import Selection, chosen_bodies
from assets.campaign.queries import term_lists
from assets.inspection.actions.planning import (
    Plan,
    add_item,
    close_inspection,
    plan_inspection,
    rate_item,
)
from assets.inspection.actions.visiting import (
    add_finding,
    add_photo,
    drop_finding,
    finish_visit,
    may_carry_out,
    open_visit,
    reopen_visit,
    save_answer,
)
from assets.inspection.checklists import checklists
from assets.inspection.model import Answer, Kind, Origin, State
from assets.inspection.places import find_place
from assets.inspection.queries import (
    A_PAGE,
    answered,
    answers,
    earlier,
    find_finding,
    find_inspection,
    find_visit,
    findings,
    findings_in,
    has_answers,
    inspections,
    inspectors,
    items,
    may_plan,
    rectifications,
    term_on,
    visits,
)
from assets.inspection.reports import inspection_report
from assets.inspection.rules import score, score_by_head
from assets.space.held import rooms_held
from gis.audit.accesses import AccessKind, note_access
from gis.clock import today
from gis.errors import InputError
from gis.places.pictures import MOST_BYTES, Picture, read_picture
from webmap.asked import json_object, needed_day, short_text, whole_number
from webmap.attached import XLSX, attached
from webmap.language import language, script_messages
from webmap.session import asking
from webmap.views.campaigns import seen_version

blueprint = Blueprint("inspections", __name__)

HERE: Final = "/inspections"
_ONE: Final = f"{HERE}/<int:inspection_id>"
_VISIT: Final = f"{HERE}/visits/<int:visit_id>"
_FINDING: Final = f"{HERE}/findings/<int:finding_id>"
_BESIDE_THE_FILE_BYTES: Final = 64 * 1024
_MOST_ROOMS: Final = 500
_MOST_DIGITS: Final = 19
PAPERS: Final = ("docx", "pdf")
_MOST_OFFSET: Final = 10_000_000


def page(template: str, **values: Any) -> str:
    """A page of inspections."""
    return render_template(
        f"inspections/{template}",
        messages=dict(script_messages(language())),
        today=today(),
        **values,
    )


@blueprint.get(HERE)
def show_list() -> str:
    """Every inspection, and what is to be put right, the nearest day first; or of one place."""
    day = today()
    asked = short_text("state")
    offset, begins, skipped = _offset("offset"), _offset("from"), _offset("skip")
    place_id = whole_number("place", least=1)
    state = State(asked) if asked in list(State) else None
    with asking() as conn:
        found, known = inspections(conn, offset=begins)
        cases = rectifications(
            conn, day, state=state, is_overdue=asked == "overdue", place=place_id, offset=offset
        )
        place = find_place(conn, place_id) if place_id is not None else None
        found_there = findings_in(conn, place["place_id"], offset=skipped) if place else []
        is_ours = may_plan(conn)
        terms = {one: term_on(conn, one, day) for one in Origin}
    return page(
        "list.html",
        inspections=found,
        known=known,
        cases=cases,
        total=cases[0]["total"] if cases else 0,
        pages=_pages("offset", offset, cases[0]["total"] if cases else 0),
        inspection_pages=_pages("from", begins, known),
        place=place,
        findings=found_there,
        findings_total=found_there[0]["total"] if found_there else 0,
        finding_pages=_pages("skip", skipped, found_there[0]["total"] if found_there else 0),
        chosen=asked,
        states=list(State),
        may_plan=is_ours,
        terms=terms,
    )


@blueprint.get(f"{HERE}/new")
def show_plan() -> str:
    """The form by which an inspection is planned."""
    day = today()
    with asking() as conn:
        lists = term_lists(conn, ["organization_type", "organization_level"])
        bodies = chosen_bodies(conn, Selection(), day)
        is_ours = may_plan(conn)
    return page(
        "new.html",
        lists=lists,
        bodies=bodies,
        checklists=checklists(day),
        kinds=list(Kind),
        may_plan=is_ours,
    )


@blueprint.post(HERE)
def plan() -> Response:
    """Plan an inspection."""
    body = json_object()
    kind = str(body.get("kind") or "")
    if kind not in list(Kind):
        raise InputError("inspection.bad_kind", value=kind[:40])
    ids = [number_of(one) for one in _listed(body, "organization_ids")]
    if None in ids:
        raise InputError("campaign.nobody_chosen")
    planned = Plan(
        name=str(body.get("name") or ""),
        kind=Kind(kind),
        starts_on=needed_day(body.get("starts_on")),
        ends_on=needed_day(body.get("ends_on")),
        selection=Selection(
            organization_ids=tuple(one for one in ids if one is not None),
            type_codes=_listed(body, "type_codes"),
            level_codes=_listed(body, "level_codes"),
        ),
        checklist=str(body.get("checklist") or "") or None,
        inspectors=tuple(
            str(body.get("inspectors") or "").replace("，", ",").replace("、", ",").split(",")
        ),
        instructions=str(body.get("instructions") or "") or None,
    )
    with asking(is_long=True) as conn:
        made = plan_inspection(conn, planned, today=today())
    return jsonify({"location": f"{HERE}/{made}"})


def number_of(stated: str) -> int | None:
    """The number of a row as a form sends it; null: it can be none's."""
    is_one = stated.isascii() and stated.isdecimal() and len(stated) < _MOST_DIGITS
    return int(stated) or None if is_one else None


def _offset(name: str) -> int:
    return whole_number(name, least=0, most=_MOST_OFFSET, default=0) or 0


def _pages(name: str, offset: int, total: int) -> dict[str, str]:
    """Addresses of the pages `before` and `after` this one, where there are such."""
    others = {key: one for key, one in request.args.items() if key != name}
    to = {"before": max(offset - A_PAGE, 0) if offset else None,
          "after": offset + A_PAGE if offset + A_PAGE < total else None}  # fmt: skip
    return {
        key: f"{request.path}?{urlencode({**others, name: at})}"
        for key, at in to.items()
        if at is not None
    }


def _listed(body: Any, name: str) -> tuple[str, ...]:
    stated = body.get(name)
    if stated in (None, ""):
        return ()
    return tuple(str(one)[:80] for one in (stated if isinstance(stated, list) else [stated]))


@blueprint.get(_ONE)
def show_inspection(inspection_id: int) -> str:
    """Its bodies with what they come to, its checklist, who carries it out."""
    offset = _offset("offset")
    with asking() as conn:
        one = find_inspection(conn, inspection_id)
        bodies = visits(conn, inspection_id, limit=A_PAGE, offset=offset)
        asked = items(conn, inspection_id)
        given = answers(conn, [row["visit_id"] for row in bodies])
        named = inspectors(conn, inspection_id)
        is_answered = has_answers(conn, inspection_id)
    total = bodies[0]["total"] if bodies else 0
    scores = {row["visit_id"]: score(answered(asked, given[row["visit_id"]])) for row in bodies}
    return page(
        "one.html", one=one, bodies=bodies, items=asked, scores=scores, inspectors=named,
        has_answers=is_answered, total=total, pages=_pages("offset", offset, total),
    )  # fmt: skip


@blueprint.get(f"{_ONE}/report.xlsx")
def download_report(inspection_id: int) -> Response:
    """What the inspection came to, as a workbook."""
    # Writing workbooks needs libraries that no other page does.
    from assets.services.papers.tables import report_workbook  # noqa: PLC0415

    with asking(is_long=True) as conn:
        one = find_inspection(conn, inspection_id)
        made = inspection_report(conn, one, today())
        note_access(conn, AccessKind.REPORT, one.name, file="inspection")
    content = report_workbook(made, language())
    return attached(content, f"{one.name}-{today().isoformat()}.xlsx", XLSX)


@blueprint.get(f"{_ONE}/report")
def save_report(inspection_id: int) -> Response:
    """The same with photos as a Word file, or with `?format=pdf` as PDF."""
    # Writing papers needs libraries that no other page does.
    from assets.inspection.report_paper import inspection_paper  # noqa: PLC0415
    from assets.services.papers.pdf import pdf_of  # noqa: PLC0415

    file_format = short_text("format") or "docx"
    if file_format not in PAPERS:
        known = ", ".join(PAPERS)
        raise InputError("export.no_such_format", format=file_format[:20], known=known)
    with asking(is_one_moment=True, is_long=True) as conn:
        one = find_inspection(conn, inspection_id)
        note_access(conn, AccessKind.REPORT, one.name, file=file_format)
        paper = inspection_paper(conn, one, today(), language())
    content = pdf_of(paper) if file_format == "pdf" else paper
    return attached(content, f"{one.name}-{today().isoformat()}.{file_format}")


@blueprint.post(f"{_ONE}/items")
def add_own_item(inspection_id: int) -> Response:
    """Add an item of the bureau's own to the checklist."""
    body = json_object()
    with asking() as conn:
        add_item(
            conn,
            inspection_id,
            head=str(body.get("head") or ""),
            title=str(body.get("title") or ""),
            points=_points(body),
        )
    return jsonify({"location": f"{HERE}/{inspection_id}"})


@blueprint.post(f"{_ONE}/items/<int:item_id>")
def rate(inspection_id: int, item_id: int) -> Response:
    """Say what an item can bring."""
    body = json_object()
    with asking() as conn:
        rate_item(conn, inspection_id, item_id, _points(body), seen_version=seen_version(body))
    return jsonify({"location": f"{HERE}/{inspection_id}"})


def _points(body: Any) -> Decimal | None:
    stated = str(body.get("points") or "").strip()
    try:
        return round(Decimal(stated), 2) if stated else None
    except InvalidOperation as error:
        raise InputError("inspection.bad_points_written") from error


@blueprint.post(f"{_ONE}/close")
def close(inspection_id: int) -> Response:
    """Take no more answers and findings."""
    with asking() as conn:
        close_inspection(conn, inspection_id, seen_version=seen_version(json_object()))
    return jsonify({"location": f"{HERE}/{inspection_id}"})


@blueprint.get(_VISIT)
def show_visit(visit_id: int) -> str:
    """One body: each item with what was found, and the findings."""
    day = today()
    with asking() as conn:
        visit = find_visit(conn, visit_id)
        one = find_inspection(conn, visit["inspection_id"])
        asked = items(conn, one.inspection_id)
        given = answers(conn, [visit_id])[visit_id]
        found = findings(conn, visit_id)
        is_mine = may_carry_out(conn, visit) and one.is_open
        known = earlier(conn, visit_id, visit["organization_id"], one.starts_on)
        is_open = is_mine and visit["state"] == "open"
        rooms = (
            rooms_held(conn, day, visit["organization_id"], limit=_MOST_ROOMS).rooms
            if is_open
            else ()
        )
        is_ours = may_plan(conn)
        term = term_on(conn, Origin.FINDING, day)
    heads = score_by_head(answered(asked, given))
    return page(
        "visit.html", one=one, visit=visit, items=asked, answers=given, findings=found,
        is_open=is_open, is_mine=is_mine, earlier=known, rooms=rooms, heads=heads,
        whole=score(answered(asked, given)), answer_kinds=list(Answer), may_issue=is_ours,
        term=term,
    )  # fmt: skip


@blueprint.post(f"{_VISIT}/answers")
def answer(visit_id: int) -> Response:
    """Keep what was found of one item; `version` 0 where nobody had answered it."""
    body = json_object()
    said = str(body.get("answer") or "")
    if said not in list(Answer):
        raise InputError("inspection.bad_answer", value=said[:40])
    item = _item(str(body.get("item") or ""))
    with asking() as conn:
        version = save_answer(
            conn,
            visit_id,
            item,
            said=Answer(said),
            points=_points(body),
            words=str(body.get("words") or ""),
            seen_version=seen_version({**body, "version": body.get("version") or "0"}),
        )
    return jsonify({"version": version})


@blueprint.post(f"{_VISIT}/findings")
def find(visit_id: int) -> Response:
    """Write down a finding: `words`, and `item`, `place`, a photo `file` where there is one."""
    with asking() as conn:
        # Nobody's bytes are read before we know who may send them.
        open_visit(conn, visit_id)
    request.max_content_length = MOST_BYTES + _BESIDE_THE_FILE_BYTES
    form = request.form
    item = (form.get("item") or "").strip()
    picture = _picture()
    with asking() as conn:
        add_finding(
            conn,
            visit_id,
            words=form.get("words") or "",
            item_id=_item(item) if item else None,
            place_code=(form.get("place") or "").split(" ")[0] or None,
            picture=picture,
        )
    return jsonify({"location": f"{HERE}/visits/{visit_id}"})


def _item(stated: str) -> int:
    number = number_of(stated)
    if number is None:
        raise InputError("inspection.no_such_item", item=stated[:20] or "–")
    return number


def _picture() -> Picture | None:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return None
    # One byte more than is allowed tells that there are too many.
    with sent.stream as stream:
        return read_picture(stream.read(MOST_BYTES + 1), today=today())


@blueprint.post(f"{_FINDING}/photos")
def photograph(finding_id: int) -> Response:
    """Add a photo `file` to a finding."""
    with asking() as conn:
        visit_id = find_finding(conn, finding_id)["visit_id"]
        open_visit(conn, visit_id)
    request.max_content_length = MOST_BYTES + _BESIDE_THE_FILE_BYTES
    picture = _picture()
    if picture is None:
        raise InputError("upload.no_file")
    with asking() as conn:
        add_photo(conn, finding_id, picture)
    return jsonify({"location": f"{HERE}/visits/{visit_id}"})


@blueprint.post(f"{_FINDING}/remove")
def remove(finding_id: int) -> Response:
    """Take a finding back of which nobody was told."""
    with asking() as conn:
        visit_id = drop_finding(conn, finding_id)
    return jsonify({"location": f"{HERE}/visits/{visit_id}"})


@blueprint.post(f"{_VISIT}/finish")
def finish(visit_id: int) -> Response:
    """A body is through."""
    version = seen_version(json_object())
    with asking() as conn:
        finish_visit(conn, visit_id, seen_version=version, today=today())
    return jsonify({"location": f"{HERE}/visits/{visit_id}"})


@blueprint.post(f"{_VISIT}/reopen")
def reopen(visit_id: int) -> Response:
    """Go on with a body that was through."""
    version = seen_version(json_object())
    with asking() as conn:
        reopen_visit(conn, visit_id, seen_version=version)
    return jsonify({"location": f"{HERE}/visits/{visit_id}"})
