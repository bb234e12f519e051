"""Reports to download: as workbooks, or as JSON for programs."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from assets.estate.reports import Survey, surveys
from assets.registry import DOMAINS
from assets.report import Report, ReportTable
from gis.audit.accesses import AccessKind, note_access
from gis.audit.head import sealed_head
from gis.errors import InputError, NotFound
from webmap.asked import as_of_date, short_text
from webmap.attached import XLSX, attached
from webmap.language import language, say
from webmap.session import asking
from webmap.views.places import plain

if TYPE_CHECKING:
    from etl.export.survey import Filer

blueprint = Blueprint("reports", __name__)
_PAPERS: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


@blueprint.get("/api/reports")
def list_reports() -> Response:
    """Which reports there are."""
    with asking():
        pass
    return jsonify(
        {
            "items": [
                {"name": one.name, "title": say(one.title_key), "domain": domain.name}
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

    report = _built(name, is_taken=True)
    title = f"{say(report.title_key)}-{report.as_of.isoformat()}.xlsx"
    return attached(report_workbook(report, language()), title, XLSX)


def _built(name: str, *, is_taken: bool = False) -> Report:
    as_of = as_of_date()
    builders = {one.name: one for domain in DOMAINS for one in domain.reports}
    if name not in builders:
        raise NotFound("report.no_such_report", name=name[:40], known=", ".join(builders))
    needs_rows = not builders[name].is_figures
    # Tables of one report sum the same rows, whatever is written meanwhile.
    with asking(needs_rows=needs_rows, is_long=True, is_one_moment=True) as conn:
        made = builders[name].build(conn, as_of).with_seal(sealed_head(conn))
    if is_taken:
        with asking(needs_rows=needs_rows) as conn:  # what could not be made was not taken
            _note(conn, name, as_of)
    return made


def _note(conn: Connection, name: str, as_of: date, **said: object) -> None:
    note_access(conn, AccessKind.REPORT, name, as_of=as_of, **said)


def _row(table: ReportTable, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as JSON: codes as they are, and beside each that has words `<field>_title`."""
    said = {
        f"{column.field}_title": say(column.says.format(row[column.field]))
        for column in table.columns
        if column.says and row.get(column.field) is not None
    }
    if table.is_sum(row):
        said[f"{table.key[0]}_title"] = say("report.sum")
    return {**{name: plain(value) for name, value in row.items()}, **said}


def _report(report: Report) -> dict[str, Any]:
    return {
        "name": report.name,
        "title": say(report.title_key),
        "as_of": report.as_of.isoformat(),
        "tables": [
            {
                "name": table.name,
                "title": say(table.title_key),
                "columns": [
                    {**asdict(column), "title": say(column.title_key)} for column in table.columns
                ],
                "rows": [_row(table, row) for row in table.rows],
            }
            for table in report.tables
        ],
        "footnotes": [say(key, **params) for key, params in report.footnotes],
    }
