"""`onemap report NAME`: build a report as the operator, who sees all through the same policies."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from assets.estate.reports import SURVEY, surveys
from assets.registry import DOMAINS, report_names
from assets.report import Choice, Report, require_known
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
    type=click.Choice(("xlsx", "docx", "pdf")),
    help="help.report.format",
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="help.report.since")
@click.option("--body", help="help.report.body")
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
    file_format: str | None,
    since: datetime | None,
    body: str | None,
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
    choice = Choice(body, since.date() if since else None)
    require_known(name, _takes(name), day, choice)
    database = prepared_database(console)
    token = open_operator_session(database, kind="command", lifetime=timedelta(hours=1))
    if name == ANALYSIS:
        written = [_write_analysis(console, database, token, folder, (day, file_format))]
        more: dict[str, Any] = {}
    elif name != SURVEY.name or file_format in ("docx", "pdf"):
        report = _built(console, database, token, name, (day, source, choice))
        path, rows = _write_tables(
            console, report.filed_by(filled_by), folder, file_format or "xlsx"
        )
        written, more = [path], {"rows": rows}
    else:
        filer = Filer(filled_by, telephone)
        written, more = _write_survey(console, database, token, folder, (day, filer))
    files = [str(path) for path in written]
    lines = [console.text("report.written", path=path) for path in written]
    values = {"report": name, "as_of": day.isoformat(), "files": files, **more}
    console.answer(values, as_json=as_json, lines=lines)


def _takes(name: str) -> tuple[str, ...]:
    """What can be chosen of a report; nothing of those that no domain builds."""
    found = (one.takes for domain in DOMAINS for one in domain.reports if one.name == name)
    return next(found, ())


def _write_survey(
    console: Console, database: Database, token: str, folder: Path, made_of: tuple[date, Filer]
) -> tuple[list[Path], dict[str, Any]]:
    """A workbook of the survey a filer, and how complete each is."""
    day, filer = made_of
    console.say("progress.report.figures", name=SURVEY.name)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        made = surveys(conn, day)
        note_access(conn, AccessKind.REPORT, SURVEY.name, as_of=day)
    console.say("progress.report.writing", count=len(made))
    return write_surveys(made, folder, filer), {
        "properties": sum(len(one.properties) for one in made),
        "completeness": {one.reporter_code: asdict(one.completeness()) for one in made},
    }


def _built(
    console: Console,
    database: Database,
    token: str,
    name: str,
    made_of: tuple[date, Path | None, Choice],
) -> Report:
    day, source, choice = made_of
    if source is not None:
        # Only this report reads a file; the others need none of the loader's libraries.
        from etl.cards import compare  # noqa: PLC0415

        console.say("progress.report.comparing", file=source.name)
        return compare(database, token, source, day, language=console.settings.language)
    console.say("progress.report.figures", name=name)
    builder = next(one for domain in DOMAINS for one in domain.reports if one.name == name)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        chosen = {key: str(value) for key, value in vars(choice).items() if value is not None}
        note_access(conn, AccessKind.REPORT, name, as_of=day, **chosen)
        return builder.made(conn, day, choice).with_seal(sealed_head(conn))


def _write_tables(
    console: Console, report: Report, folder: Path, file_format: str
) -> tuple[Path, int]:
    """A report of tables as a file of a format, and how many rows it has."""
    console.say("progress.report.writing", count=1)
    path = folder / f"{report.name}-{report.as_of.isoformat()}.{file_format}"
    path.write_bytes(_content(console, report, file_format))
    return path, sum(len(one.rows) for one in report.tables)


def _content(console: Console, report: Report, file_format: str) -> bytes:
    language = console.settings.language
    if file_format == "xlsx":
        return report_workbook(report, language)
    # Papers need libraries that workbooks do without.
    from assets.services.papers.pdf import pdf_of  # noqa: PLC0415
    from assets.services.papers.report_paper import report_paper  # noqa: PLC0415

    paper = report_paper(report, language)
    if file_format != "pdf":
        return paper
    console.say("progress.report.pdf")
    return pdf_of(paper)


def _write_analysis(
    console: Console, database: Database, token: str, folder: Path, made_of: tuple[date, str | None]
) -> Path:
    # Only this report draws and writes papers; the others need none of these libraries.
    from assets.services.papers.pdf import pdf_of  # noqa: PLC0415
    from etl.export.analysis import analysis_paper  # noqa: PLC0415

    day, file_format = made_of[0], made_of[1] or "docx"
    if file_format == "xlsx":
        raise InputError("export.no_such_format", format=file_format, known="docx, pdf")
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
