"""What stands on an official form around its table, and which of its cells go on downwards."""

from collections.abc import Iterator
from datetime import date

from assets.report import Report, ReportTable
from gis.i18n import translate


def form_line(report: Report, language: str) -> tuple[str, str, str]:
    """Who hands it in, of which day or period, and in what areas are stated."""
    form = report.form
    assert form is not None  # noqa: S101 -- plain tables have no such line
    day = _day(report.as_of, language)
    when = (
        translate(language, "report.form.on", day=day)
        if form.since is None
        else translate(language, "report.form.during", since=_day(form.since, language), until=day)
    )
    filed_by = translate(language, "report.form.filed_by", name=form.filed_by or "　" * 12)
    return filed_by, when, translate(language, "report.form.in_m2")


def _day(day: date, language: str) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else day.isoformat()


def notes(report: Report, language: str) -> list[str]:
    """What has to be known to read the figures, numbered where it is a form."""
    said = [translate(language, key, **params) for key, params in report.footnotes]
    if report.form is None:
        return said
    return [
        translate(language, "report.form.note", at=at, text=one)
        for at, one in enumerate(said, start=1)
    ]


def spans_of(table: ReportTable) -> Iterator[tuple[int, int, int]]:
    """Cells that go on over rows below: column, first and last row, all from nought."""
    if table.spans is None:
        return
    spanned = [at for at, column in enumerate(table.columns) if column.is_spanned]
    begins = 0
    for at in range(1, len(table.rows) + 1):
        of = table.rows[begins][table.spans]
        if at < len(table.rows) and table.rows[at][table.spans] == of:
            continue
        if at - 1 > begins:
            for column in spanned:
                yield column, begins, at - 1
        begins = at


def goes_on(table: ReportTable) -> frozenset[tuple[int, int]]:
    """Row and column of each cell that belongs to the one above it, and so says nothing."""
    return frozenset(
        (row, column)
        for column, first, last in spans_of(table)
        for row in range(first + 1, last + 1)
    )
