"""What a planner asks before there is a plan: as a page with a map, as files, and as JSON."""

from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import Connection, text

from assets.redeployment.reports import Asked, Question, answer
from assets.redeployment.rules import Together
from assets.report import Report
from assets.requests.rules import MOST_RADIUS_M
from gis.audit.accesses import AccessKind, note_access
from gis.clock import today
from gis.errors import InputError
from webmap.asked import amount, degrees, short_text, whole_number
from webmap.attached import XLSX, attached
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.places import plain

pages = Blueprint("redeployment_pages", __name__)
blueprint = Blueprint("redeployment", __name__)

_MOST_SITES: Final = 1000
_USUAL: Final = Asked(Question.VACANT)
_AREAS: Final = """
SELECT a.code, a.name FROM place.admin_area AS a
WHERE EXISTS (SELECT FROM place.place AS p WHERE p.admin_area_code = a.code)
  OR a.level = 'district' ORDER BY a.code LIMIT 500"""
_BODY: Final = "SELECT o.name FROM organization.organization AS o WHERE o.organization_id = :body"


@pages.get("/redeployment")
def show_questions() -> str:
    """The questions, and the answer to one where one is asked."""
    is_asked = "question" in request.args
    asked = _asked() if is_asked else _USUAL
    # Without a body the form stands and waits for one.
    is_whole = is_asked and (asked.question is not Question.TAKES_BODY or asked.body is not None)
    with asking(is_one_moment=True) as conn:
        found = _answer(conn, asked) if is_whole else None
        areas = conn.execute(text(_AREAS)).all()
        body = conn.execute(text(_BODY), {"body": asked.body}).scalar_one_or_none()
    return render_template(
        "redeployment/questions.html",
        messages=dict(script_messages(language())),
        as_of=today(),
        asked=asked,
        query=_limits_of_address(),
        questions=list(Question),
        ways=list(Together),
        areas=areas,
        body=body,
        found=found,
        table=found.tables[0] if found else None,
        spots=_spots(found) if found else [],
    )


@pages.get("/redeployment/questions/<question>.xlsx")
def download_answer(question: str) -> Response:
    """The answer to a question as a workbook."""
    # Writing workbooks needs libraries that no other page does.
    from assets.services.papers.tables import report_workbook  # noqa: PLC0415

    report = _long_answer(question)
    return attached(report_workbook(report, language()), _file_name(report, "xlsx"), XLSX)


@pages.get("/redeployment/questions/<question>.csv")
def download_table(question: str) -> Response:
    """The same as text."""
    from webmap.issue_files import MEDIA_TYPES, report_csv  # noqa: PLC0415 -- as above

    report = _long_answer(question)
    content = report_csv(report, language())
    return attached(content, _file_name(report, "csv"), MEDIA_TYPES["csv"])


@blueprint.get("/api/redeployment/questions/<question>")
def list_answer(question: str) -> Response:
    """The answer to a question for programs."""
    asked = _asked(_question(question))
    with asking(is_one_moment=True) as conn:
        report = _answer(conn, asked)
    table = report.tables[0]
    fields = [column.field for column in table.columns]
    whose = ("place_id", "organization_id", "longitude", "latitude")
    return jsonify(
        {
            "as_of": report.as_of.isoformat(),
            "question": asked.question,
            "notes": [say(key, **values) for key, values in report.footnotes],
            "items": [
                {name: plain(row.get(name)) for name in (*whose, *fields)} for row in table.rows
            ],
        }
    )


def _long_answer(question: str) -> Report:
    asked = _asked(_question(question))
    with asking(is_long=True) as conn:
        report = _answer(conn, asked)
        note_access(conn, AccessKind.REPORT, "redeployment", as_of=report.as_of.isoformat())
    return report


def _file_name(report: Report, ending: str) -> str:
    return f"{say(report.title_key)}-{report.as_of.isoformat()}.{ending}"


def _limits_of_address() -> str:
    """What was asked beside the question, for the addresses of its files."""
    return urlencode([one for one in request.args.items() if one[0] != "question" and one[1]])


def _answer(conn: Connection, asked: Asked) -> Report:
    return answer(conn, asked, today())


def _question(stated: str | None) -> Question:
    if stated not in list(Question):
        raise InputError("redeployment.unknown_question", value=(stated or "")[:40])
    return Question(stated)


def _asked(question: Question | None = None) -> Asked:
    """The question of the address, with its limits.

    Raises:
        InputError: An unknown question, or a limit that is none.
    """
    together = short_text("together") or _USUAL.together
    if together not in list(Together):
        raise InputError("redeployment.unknown_together", value=together[:40])
    longitude = degrees(short_text("longitude"), 180)
    latitude = degrees(short_text("latitude"), 90)
    radius_m = whole_number("radius_m", least=1, most=MOST_RADIUS_M)
    if [longitude, latitude, radius_m].count(None) not in (0, 3):
        raise InputError("requests.half_a_point")
    least_m2 = amount(short_text("least_m2"), "requests.bad_area", digits=2)
    below = amount(short_text("below_percent"), "redeployment.bad_percent", digits=1)
    if below is not None and below > Decimal(100):
        raise InputError("redeployment.bad_percent")
    more_than = whole_number("more_than", least=0, most=_MOST_SITES, default=_USUAL.more_than)
    return Asked(
        question=question or _question(request.args.get("question")),
        district=short_text("district"),
        least_m2=_USUAL.least_m2 if least_m2 is None else least_m2,
        together=Together(together),
        body=whole_number("body", least=1),
        point=None if longitude is None or latitude is None else (longitude, latitude),
        radius_m=radius_m,
        more_than=_USUAL.more_than if more_than is None else more_than,
        below_percent=_USUAL.below_percent if below is None else below,
        within_m=whole_number("within_m", least=0, most=MOST_RADIUS_M, default=_USUAL.within_m),
    )


def _spots(report: Report) -> list[dict[str, Any]]:
    """What of the rows can be drawn."""
    return [
        {"longitude": row["longitude"], "latitude": row["latitude"], "is_suggested": False}
        for row in report.tables[0].rows
        if row["longitude"] is not None
    ]
