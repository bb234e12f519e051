"""Reports to download: as workbooks, or as JSON for programs."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import Connection

from assets.estate.reports import Survey, surveys
from assets.registry import DOMAINS
from assets.report import Choice, Report, ReportBuilder, ReportTable
from assets.space.queries import bodies
from gis.audit.accesses import AccessKind, note_access
from gis.audit.head import sealed_head
from gis.errors import InputError, NotFound
from webmap.asked import as_of_date, short_text, stated_day
from webmap.attached import XLSX, attached
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.places import plain

if TYPE_CHECKING:
    from etl.export.survey import Filer

pages = Blueprint("report_pages", __name__)
blueprint = Blueprint("reports", __name__)
_MOST_NAMED: Final = 2000
"""Bodies that the page proposes; the code of any other can be typed."""
_PAPERS: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@pages.get("/reports")
def show_reports() -> str:
    """Every report with its files, of a day, a period and a body one chooses."""
    as_of, since = as_of_date(), stated_day(request.args.get("since"))
    body, filed_by = short_text("body"), short_text("filed_by")
    with asking() as conn:
        named = bodies(conn, as_of)
    chosen = {"since": since.isoformat() if since else None, "body": body}
    domains = [
        {
            "name": domain.name,
            "title": say(domain.title_key),
            "reports": [_offered(one, as_of, chosen, filed_by) for one in domain.reports],
        }
        for domain in DOMAINS
        if domain.reports
    ]
    return render_template(
        "reports.html",
        messages=dict(script_messages(language())),
        as_of=as_of,
        since=since,
        body=body,
        filed_by=filed_by,
        bodies=named[:_MOST_NAMED],
        domains=domains,
    )


def _offered(
    one: ReportBuilder, as_of: date, chosen: Mapping[str, str | None], filed_by: str | None
) -> dict[str, Any]:
    """A report with the addresses of its files; it is asked only what it knows."""
    asked = {"as_of": as_of.isoformat(), "filed_by": filed_by}
    asked |= {name: chosen[name] for name in one.takes}
    said = urlencode({name: value for name, value in asked.items() if value})
    about = "reports.of_period" if "since" in one.takes else "reports.of_day"
    return {
        "title": say(one.title_key),
        "about": say(about) + (say("reports.or_body") if "body" in one.takes else ""),
        "files": {
            ending: f"/api/reports/{one.name}.{ending}?{said}" for ending in ("xlsx", *_PAPERS)
        },
    }


@blueprint.get("/api/reports")
def list_reports() -> Response:
    """Which reports there are."""
    with asking():
        pass
    return jsonify(
        {
            "items": [
                {
                    "name": one.name,
                    "title": say(one.title_key),
                    "domain": domain.name,
                    "takes": one.takes,
                }
                for domain in DOMAINS
                for one in domain.reports
            ]
        }
    )


@blueprint.get("/api/reports/survey")
def download_survey() -> Response:
    """The national survey: `?area=` gives one filer's workbook, else all of them in a zip.

    `?filled_by=` and `?telephone=` go onto the cover; what is not given stays blank.
    """
    # Writing workbooks needs libraries that no other page does.
    from etl.export.survey import Filer, file_name, survey_workbook  # noqa: PLC0415

    as_of = as_of_date()
    filer = Filer(short_text("filled_by"), short_text("telephone"))
    with asking(is_long=True) as conn:
        made = surveys(conn, as_of)
        area = request.args.get("area") or None
        chosen = [one for one in made if area in (None, one.reporter_code)]
        if not chosen:
            raise NotFound("report.no_such_area", code=(area or "")[:40])
        _note(conn, "survey", as_of, area=area)
    if area is not None:
        return attached(survey_workbook(chosen[0], filer), file_name(chosen[0]), XLSX)
    return attached(_zipped(made, filer), f"survey-{as_of.isoformat()}.zip", "application/zip")


@blueprint.get("/api/reports/analysis")
def download_analysis() -> Response:
    """The analysis report as a Word file, or with `?format=pdf` as PDF."""
    # Drawing and writing papers needs libraries that no other page does.
    from assets.services.papers.pdf import pdf_of  # noqa: PLC0415
    from etl.export.analysis import analysis_paper  # noqa: PLC0415

    as_of = as_of_date()
    file_format = request.args.get("format") or "docx"
    if file_format not in _PAPERS:
        known = ", ".join(_PAPERS)
        raise InputError("export.no_such_format", format=file_format[:20], known=known)
    with asking(is_long=True) as conn:
        paper = analysis_paper(conn, as_of, language())
    content = pdf_of(paper) if file_format == "pdf" else paper
    with asking() as conn:  # what could not be made was not taken
        _note(conn, "analysis", as_of, format=file_format)
    return attached(content, f"analysis-{as_of.isoformat()}.{file_format}", _PAPERS[file_format])


def _zipped(made: list[Survey], filer: "Filer") -> bytes:
    # Writing workbooks needs libraries that no other page does.
    from etl.export.survey import file_name, survey_workbook  # noqa: PLC0415

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for one in made:
            archive.writestr(file_name(one), survey_workbook(one, filer))
    return content.getvalue()


@blueprint.get("/api/reports/<name>.json")
def show_report(name: str) -> Response:
    """A report as plain tables."""
    return jsonify(_report(_built(name)))


@blueprint.get("/api/reports/<name>.xlsx")
def download_report(name: str) -> Response:
    """A report as a workbook, a sheet a table."""
    # Writing workbooks needs libraries that no other page does.
    from assets.services.papers.tables import report_workbook  # noqa: PLC0415

    report = _built(name)
    content = report_workbook(report, language())
    _note_taken(report)
    return attached(content, _file_name(report, "xlsx"), XLSX)


@blueprint.get("/api/reports/<name>.docx")
def download_report_paper(name: str) -> Response:
    """A report as a Word file, its tables on landscape pages."""
    # Writing papers needs libraries that no other page does.
    from assets.services.papers.report_paper import report_paper  # noqa: PLC0415

    report = _built(name)
    content = report_paper(report, language())
    _note_taken(report, format="docx")
    return attached(content, _file_name(report, "docx"), _PAPERS["docx"])


@blueprint.get("/api/reports/<name>.pdf")
def download_report_pdf(name: str) -> Response:
    """The same pages as PDF."""
    # Writing papers needs libraries that no other page does.
    from assets.services.papers.pdf import pdf_of  # noqa: PLC0415
    from assets.services.papers.report_paper import report_paper  # noqa: PLC0415

    report = _built(name)
    content = pdf_of(report_paper(report, language()))
    _note_taken(report, format="pdf")
    return attached(content, _file_name(report, "pdf"), _PAPERS["pdf"])


def _file_name(report: Report, ending: str) -> str:
    return f"{say(report.title_key)}-{report.as_of.isoformat()}.{ending}"


def _builder(name: str) -> ReportBuilder:
    """The builder of a report.

    Raises:
        NotFound: There is no such report.
    """
    builders = {one.name: one for domain in DOMAINS for one in domain.reports}
    if name not in builders:
        raise NotFound("report.no_such_report", name=name[:40], known=", ".join(builders))
    return builders[name]


def _built(name: str) -> Report:
    as_of, builder = as_of_date(), _builder(name)
    choice = Choice(short_text("body"), stated_day(request.args.get("since")))
    # Tables of one report sum the same rows, whatever is written meanwhile.
    with asking(needs_rows=not builder.is_figures, is_long=True, is_one_moment=True) as conn:
        made = builder.made(conn, as_of, choice).with_seal(sealed_head(conn))
    return made.filed_by(short_text("filed_by"))


def _note_taken(report: Report, **said: object) -> None:
    """Notes who took a report; what could not be made was not taken."""
    chosen = {name: request.args[name] for name in ("body", "since") if request.args.get(name)}
    with asking(needs_rows=not _builder(report.name).is_figures) as conn:
        _note(conn, report.name, report.as_of, **chosen, **said)


def _note(conn: Connection, name: str, as_of: date, **said: object) -> None:
    note_access(conn, AccessKind.REPORT, name, as_of=as_of, **said)


def _row(table: ReportTable, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON: codes as they are, and beside each that has words `<field>_title`."""
    said: dict[str, Any] = {
        f"{column.field}_title": _said(column.says, row[column.field])
        for column in table.columns
        if column.says and row.get(column.field) is not None
    }
    if table.is_sum(row):
        said[f"{table.key[0]}_title"] = say("report.sum")
    return {**{name: plain(value) for name, value in row.items()}, **said}


def _said(pattern: str, value: Any) -> str | list[str]:
    if isinstance(value, (list, tuple)):
        return [say(pattern.format(one)) for one in value]
    return say(pattern.format(value))


def _report(report: Report) -> dict[str, Any]:
    return {
        "name": report.name,
        "title": say(report.title_key),
        "as_of": report.as_of.isoformat(),
        "since": plain(report.form.since) if report.form else None,
        "filed_by": report.form.filed_by if report.form else None,
        "tables": [
            {
                "name": table.name,
                "title": say(table.title_key),
                "columns": [
                    {
                        **asdict(column),
                        "title": say(column.title_key),
                        "above": [say(key) for key in column.above],
                    }
                    for column in table.columns
                ],
                "rows": [_row(table, row) for row in table.rows],
            }
            for table in report.tables
        ],
        "footnotes": [say(key, **params) for key, params in report.footnotes],
    }
