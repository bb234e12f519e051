"""`onemap report NAME`: build a report as the operator, who sees all through the same policies."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from assets.estate.reports import SURVEY, surveys
from assets.registry import DOMAINS, report_names
from assets.report import Report
from assets.services.papers.tables import report_workbook
from etl.export.survey import Filer, write_surveys
from gis.audit.accesses import AccessKind, note_access
from gis.audit.head import sealed_head
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.errors import InputError
from webmap.console import Console, json_option, pass_console
from webmap.database import open_operator_session, prepared_database
from webmap.results import result_folder

CARDS: Final = "cards"
ANALYSIS: Final = "analysis"


@click.command("report", help="help.report")
@click.argument("name")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="help.report.as_of")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="help.report.out",
)
@click.option(
    "--from",
    "source",
    type=click.Path(dir_okay=False, path_type=Path),
    help="help.report.from",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(("docx", "pdf")),
    default="docx",
    help="help.report.format",
)
@click.option("--filled-by", help="help.report.filled_by")
@click.option("--telephone", help="help.report.telephone")
@json_option
@pass_console
def command(
    console: Console,
    name: str,
    *,
    as_of: datetime | None,
    out: Path,
    source: Path | None,
    file_format: str,
    filled_by: str | None,
    telephone: str | None,
    as_json: bool,
) -> None:
    """Builds every workbook of a report and writes them into a folder."""
    known = (*report_names(), ANALYSIS, CARDS)
    if name not in known:
        raise InputError("report.no_such_report", name=name, known=", ".join(known))
    if (source is None) is (name == CARDS):
        raise InputError("report.needs_file" if name == CARDS else "report.no_file", name=name)
    folder = result_folder(out)
    day: date = as_of.date() if as_of else today()
    database = prepared_database(console)
    token = open_operator_session(database, kind="command", lifetime=timedelta(hours=1))
    values: dict[str, Any]
    if name == ANALYSIS:
        path = _write_analysis(console, database, token, folder, (day, file_format))
        line = console.text("report.written", path=path)
        values = {"report": name, "as_of": day.isoformat(), "files": [str(path)]}
        console.answer(values, as_json=as_json, lines=[line])
        return
    if name != SURVEY.name:
        report = _built(console, database, token, name, (day, source))
        path, rows = _write_tables(console, report, folder)
        line = console.text("report.written", path=path)
        values = {"report": name, "as_of": day.isoformat(), "files": [str(path)], "rows": rows}
        console.answer(values, as_json=as_json, lines=[line])
        return
    console.say("progress.report.figures", name=name)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        made = surveys(conn, day)
        note_access(conn, AccessKind.REPORT, name, as_of=day)
    console.say("progress.report.writing", count=len(made))
    written = write_surveys(made, folder, Filer(filled_by, telephone))
    values = {
        "report": name,
        "as_of": day.isoformat(),
        "files": [str(path) for path in written],
        "properties": sum(len(one.properties) for one in made),
        "completeness": {one.reporter_code: asdict(one.completeness()) for one in made},
    }
    lines = [console.text("report.written", path=path) for path in written]
    console.answer(values, as_json=as_json, lines=lines)


def _built(
    console: Console, database: Database, token: str, name: str, made_of: tuple[date, Path | None]
) -> Report:
    day, source = made_of
    if source is not None:
        # Only this report reads a file; the others need none of the loader's libraries.
        from etl.cards import compare  # noqa: PLC0415

        console.say("progress.report.comparing", file=source.name)
        return compare(database, token, source, day, language=console.settings.language)
    console.say("progress.report.figures", name=name)
    builder = next(one for domain in DOMAINS for one in domain.reports if one.name == name)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        note_access(conn, AccessKind.REPORT, name, as_of=day)
        return builder.build(conn, day).with_seal(sealed_head(conn))


def _write_tables(console: Console, report: Report, folder: Path) -> tuple[Path, int]:
    """A report of plain tables as a workbook, and how many rows it has."""
    console.say("progress.report.writing", count=1)
    path = folder / f"{report.name}-{report.as_of.isoformat()}.xlsx"
    path.write_bytes(report_workbook(report, console.settings.language))
    return path, sum(len(one.rows) for one in report.tables)


def _write_analysis(
    console: Console, database: Database, token: str, folder: Path, made_of: tuple[date, str]
) -> Path:
    # Only this report draws and writes papers; the others need none of these libraries.
    from assets.services.papers.pdf import pdf_of  # noqa: PLC0415
    from etl.export.analysis import analysis_paper  # noqa: PLC0415

    day, file_format = made_of
    console.say("progress.report.analysis")
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        paper = analysis_paper(conn, day, console.settings.language)
        note_access(conn, AccessKind.REPORT, ANALYSIS, as_of=day, format=file_format)
    path = folder / f"{ANALYSIS}-{day.isoformat()}.{file_format}"
    if file_format == "pdf":
        console.say("progress.report.pdf")
        paper = pdf_of(paper)
    path.write_bytes(paper)
    return path
