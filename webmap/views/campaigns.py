"""Campaigns: the list with what waits for the reader, the progress board, the frozen report."""

from decimal import Decimal, InvalidOperation
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template, request

from assets.campaign.actions.closing import (
    close_campaign,
    frozen_report,
    rerun,
    unfinished,
)
from assets.campaign.actions.duty import set_due_rule, usual_due_date
from assets.campaign.actions.issue import (
    Draft,
    Selection,
    chosen_bodies,
    issue_campaign,
    may_issue,
)
from assets.campaign.actions.review import remind
from assets.campaign.actions.succession import apply_successions, pending_successions
from assets.campaign.model import LatePolicy, State, UnexplainedPolicy
from assets.campaign.queries import (
    find_campaign,
    given_up,
    list_campaigns,
    read,
    term_lists,
    unfiled_properties,
)
from assets.campaign.reports import Board, BoardRow, board, board_report
from assets.campaign.rules import WORKFLOW
from assets.services.notices import mark_read, my_notices
from assets.services.todo import todo
from gis.audit.accesses import AccessKind, note_access
from gis.clock import today
from gis.columns import LARGEST_ID
from gis.errors import InputError
from webmap.asked import json_object, needed_day
from webmap.attached import XLSX, attached
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.frozen_changes import changes_report, says_of, titles_of

blueprint = Blueprint("campaigns", __name__)


def page(template: str, **values: Any) -> str:
    """A page of campaigns, with what every one of them needs."""
    return render_template(
        f"campaigns/{template}",
        today=today(),
        states=list(State),
        messages=dict(script_messages(language())),
        **values,
    )


@blueprint.get("/campaigns")
def show_campaigns() -> str:
    """What waits for the reader, notices, and every campaign."""
    day = today()
    with asking() as conn:
        waiting = todo(conn, [WORKFLOW], today=day).tasks
        campaigns = [
            (one, board(conn, one, today=day, language=language())) for one in list_campaigns(conn)
        ]
        notices = my_notices(conn)
        is_issuer = may_issue(conn)
    return page(
        "list.html", waiting=waiting, campaigns=campaigns, notices=notices, may_issue=is_issuer
    )


@blueprint.get("/campaigns/new")
def show_draft() -> str:
    """The form by which a campaign is issued."""
    with asking() as conn:
        lists = term_lists(conn, ["organization_type", "organization_level"])
        areas = read(
            conn,
            "SELECT a.code, a.name FROM place.admin_area AS a WHERE EXISTS (SELECT FROM"
            " organization.organization AS o WHERE o.admin_area_code = a.code) ORDER BY a.code",
        )
        bodies = chosen_bodies(conn, Selection(), today())
        due_on, rule = usual_due_date(conn, today()) or (None, None)
        is_issuer = may_issue(conn)
    return page(
        "new.html",
        lists=lists,
        areas=areas,
        bodies=bodies,
        due_on=due_on,
        due_rule=rule,
        may_issue=is_issuer,
    )


@blueprint.post("/campaigns/due-date")
def change_due_date() -> Response:
    """Until when the survey is filed each year, from a day on."""
    body = json_object()
    month, day = (str(body.get(name) or "") for name in ("month", "day"))
    if not all(one.isascii() and one.isdecimal() and len(one) <= 2 for one in (month, day)):
        raise InputError("campaign.bad_yearly_day", month=month[:10] or "–", day=day[:10] or "–")
    with asking() as conn:
        set_due_rule(
            conn,
            int(month),
            int(day),
            since=needed_day(body.get("since")),
            rule_source=str(body.get("rule_source") or ""),
            is_verified=body.get("is_verified") == "on",
        )
    return jsonify({"location": "/campaigns/new"})


@blueprint.post("/campaigns")
def issue() -> Response:
    """Issue a campaign."""
    body = json_object()
    draft = Draft(
        name=str(body.get("name") or "")[:200],
        as_of=needed_day(body.get("as_of")),
        due_on=needed_day(body.get("due_on")),
        selection=_selection(body),
        late_policy=LatePolicy(_one_of(body, "late_policy", list(LatePolicy))),
        unexplained_policy=UnexplainedPolicy(
            _one_of(body, "unexplained_policy", list(UnexplainedPolicy))
        ),
        threshold_percent=_percent(body.get("threshold_percent")),
        reminder_days=_days(body.get("reminder_days")),
        instructions=str(body.get("instructions") or "")[:2000] or None,
    )
    with asking(is_long=True) as conn:
        campaign_id = issue_campaign(conn, draft, today=today())
    return jsonify({"location": f"/campaigns/{campaign_id}"})


def _one_of(body: Any, name: str, choices: list[Any]) -> str:
    stated = str(body.get(name) or choices[0])
    if stated not in choices:
        raise InputError("campaign.bad_term", value=stated[:40])
    return stated


def _percent(stated: Any) -> Decimal:
    try:
        return Decimal(str(10 if stated is None or stated == "" else stated))
    except InvalidOperation as error:
        raise InputError("campaign.bad_threshold") from error


def _days(stated: Any) -> tuple[int, ...]:
    words = str(stated or "").replace("，", ",").replace("、", ",").split(",")
    try:
        return tuple(int(word) for word in words if word.strip())
    except ValueError as error:
        raise InputError("campaign.bad_reminder_days") from error


def _selection(body: Any) -> Selection:
    ids = _listed(body.get("organization_ids"))
    if not all(one.isascii() and one.isdecimal() for one in ids):
        raise InputError("campaign.nobody_chosen")
    return Selection(
        organization_ids=tuple(int(one) for one in ids if int(one) < LARGEST_ID),
        type_codes=_listed(body.get("type_codes")),
        level_codes=_listed(body.get("level_codes")),
        admin_area_codes=_listed(body.get("admin_area_codes")),
    )


def _listed(stated: Any) -> tuple[str, ...]:
    if stated in (None, ""):
        return ()
    return tuple(str(one)[:80] for one in (stated if isinstance(stated, list) else [stated]))


@blueprint.get("/campaigns/<int:campaign_id>")
def show_board(campaign_id: int) -> str:
    """The progress of a campaign, all agencies or those in one state, district, type or level."""
    day = today()
    with asking() as conn:
        campaign = find_campaign(conn, campaign_id)
        made = board(conn, campaign, today=day, language=language())
        passing = pending_successions(conn, campaign_id, day) if campaign.may_review else []
        left = unfinished(conn, campaign_id)
        unfiled = unfiled_properties(conn, campaign_id) if campaign.may_review else (0, 0)
        left_by_agencies = given_up(conn, campaign_id) if campaign.may_review else []
    return page(
        "board.html",
        board=made,
        campaign=campaign,
        rows=_asked_rows(made),
        asked=dict(request.args),
        passing=passing,
        unfinished=left,
        unfiled=unfiled,
        given_up=left_by_agencies,
    )


_FILTERS: Final = {
    "state": "state",
    "area": "area_code",
    "type": "type_code",
    "level": "level_code",
}


def _asked_rows(made: Board) -> list[BoardRow]:
    rows = list(made.rows)
    for name, attribute in _FILTERS.items():
        wanted = request.args.get(name)
        if wanted is not None:
            rows = [row for row in rows if (getattr(row, attribute) or "") == wanted]
    if request.args.get("overdue"):
        rows = [row for row in rows if row.overdue_days and not row.is_handed_in]
    return rows


@blueprint.get("/campaigns/<int:campaign_id>/board.xlsx")
def download_board(campaign_id: int) -> Response:
    """The board as a workbook."""
    # Writing workbooks needs libraries that no other page does.
    from assets.services.papers.tables import report_workbook  # noqa: PLC0415

    with asking(is_long=True) as conn:
        campaign = find_campaign(conn, campaign_id)
        made = board(conn, campaign, today=today(), language=language())
        note_access(conn, AccessKind.FILING, campaign.name, file="board")
    content = report_workbook(board_report(made, say=say), language())
    return attached(content, f"{campaign.name}-{today().isoformat()}.xlsx", XLSX)


@blueprint.post("/campaigns/<int:campaign_id>/remind")
def remind_agencies(campaign_id: int) -> Response:
    """Remind who has not handed in."""
    words = str(json_object().get("words") or "")[:2000]
    with asking() as conn:
        count = remind(conn, campaign_id, words=words)
    return jsonify({"said": say("campaign.page.reminded", count=count)})


@blueprint.post("/campaigns/<int:campaign_id>/successions")
def pass_filings(campaign_id: int) -> Response:
    """Pass the filings of agencies that are no more to who took over."""
    with asking(is_long=True) as conn:
        apply_successions(conn, campaign_id, today=today())
    return jsonify({"location": f"/campaigns/{campaign_id}"})


@blueprint.post("/campaigns/<int:campaign_id>/close")
def close(campaign_id: int) -> Response:
    """Close a campaign and freeze its report."""
    body = json_object()
    with asking(is_long=True) as conn:
        close_campaign(
            conn,
            campaign_id,
            seen_version=seen_version(body),
            remark=str(body.get("remark") or "")[:2000],
        )
    return jsonify({"location": f"/campaigns/{campaign_id}/report"})


def seen_version(body: Any) -> int:
    """The version of a thing that its author saw."""
    stated = str(body.get("version") or "")
    if not (stated.isascii() and stated.isdecimal() and len(stated) < 10):
        raise InputError("campaign.no_version")
    return int(stated)


@blueprint.get("/campaigns/<int:campaign_id>/report")
def show_report(campaign_id: int) -> str:
    """The frozen report built again: each figure that changed, and by what."""
    with asking() as conn:
        campaign = find_campaign(conn, campaign_id)
        again = rerun(conn, campaign_id)
    return page(
        "report.html",
        campaign=campaign,
        again=again,
        titles=titles_of(again),
        says=says_of(again),
    )


@blueprint.get("/campaigns/<int:campaign_id>/changes.xlsx")
def download_changes(campaign_id: int) -> Response:
    """Each figure that changed since the report was frozen, and by what, as a workbook."""
    # Writing workbooks needs libraries that no other page does.
    from assets.services.papers.tables import report_workbook  # noqa: PLC0415

    with asking(is_long=True) as conn:
        campaign = find_campaign(conn, campaign_id)
        again = rerun(conn, campaign_id)
        note_access(conn, AccessKind.FILING, campaign.name, file="changes")
    content = report_workbook(changes_report(again), language())
    name = say("campaign.page.changes_file", name=campaign.name, day=today().isoformat())
    return attached(content, f"{name}.xlsx", XLSX)


@blueprint.get("/campaigns/<int:campaign_id>/report.xlsx")
def download_report(campaign_id: int) -> Response:
    """The frozen report as it was handed in, as a workbook."""
    # Writing workbooks needs libraries that no other page does.
    from assets.services.papers.tables import report_workbook  # noqa: PLC0415

    with asking(is_long=True) as conn:
        campaign = find_campaign(conn, campaign_id)
        frozen = frozen_report(conn, campaign_id)
        note_access(conn, AccessKind.FILING, campaign.name, file="report")
    return attached(report_workbook(frozen, language()), f"{campaign.name}.xlsx", XLSX)


@blueprint.post("/campaigns/notices/read")
def read_notices() -> Response:
    """Take all notices as read."""
    with asking() as conn:
        mark_read(conn)
    return jsonify({"location": "/campaigns"})
