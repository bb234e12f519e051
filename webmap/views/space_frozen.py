"""Reports of office space as they were handed in: frozen for a day, and what changed since."""

from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template

from assets.space.freezing import freeze_verdicts, frozen_days, frozen_verdicts, rerun_verdicts
from gis.audit.accesses import AccessKind, note_access
from gis.clock import today
from gis.errors import NotFound
from webmap.asked import as_of_date, json_object
from webmap.attached import XLSX, attached
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.frozen_changes import changes_report, says_of, titles_of

pages = Blueprint("frozen_space_pages", __name__)

_MOST_SHOWN: Final = 500
"""Changed figures on the page; the file has all."""


def _page(template: str, **values: Any) -> str:
    return render_template(
        f"space/{template}",
        messages=dict(script_messages(language())),
        **values,
    )


@pages.get("/space/frozen")
def show_frozen() -> str:
    """Days whose report is frozen; and a form to freeze another."""
    with asking() as conn:
        found = frozen_days(conn)
    return _page("frozen_days.html", items=found, today=today().isoformat())


@pages.post("/space/frozen")
def freeze_day() -> Response:
    """Freeze the report of a day."""
    as_of = as_of_date(str(json_object().get("as_of") or ""))
    with asking(is_long=True, is_one_moment=True) as conn:
        freeze_verdicts(conn, as_of)
    return jsonify({"location": f"/space/frozen/{as_of.isoformat()}"})


@pages.get("/space/frozen/<day>")
def show_changes(day: str) -> str:
    """The frozen report built again: each figure that changed, and by what."""
    as_of = as_of_date(day)
    with asking(is_long=True, is_one_moment=True) as conn:
        again = rerun_verdicts(conn, as_of)
    return _page(
        "frozen.html",
        again=replace(again, figures=again.figures[:_MOST_SHOWN]),
        total=len(again.figures),
        titles=titles_of(again),
        says=says_of(again),
        day=as_of.isoformat(),
    )


@pages.get("/space/frozen/<day>/<file>.xlsx")
def download(day: str, file: str) -> Response:
    """The report as it was frozen, or each figure that changed since, as a workbook."""
    # Writing workbooks needs libraries that no other page does.
    from assets.services.papers.tables import report_workbook  # noqa: PLC0415

    as_of = as_of_date(day)
    with asking(is_long=True, is_one_moment=True) as conn:
        if file == "changes":
            report = changes_report(rerun_verdicts(conn, as_of))
        elif file == "report":
            report = frozen_verdicts(conn, as_of)
        else:
            raise NotFound("services.not_frozen")
        note_access(conn, AccessKind.REPORT, report.name, as_of=as_of, file=file)
    name = say(f"space.frozen.{file}_file", day=as_of.isoformat())
    return attached(report_workbook(report, language()), f"{name}.xlsx", XLSX)
