"""The workbook of one agency's filing: the survey's form, prefilled, with the reviewer's remarks.

A very-hidden sheet says which filing it is and which version of it, so that a workbook that comes
back finds its filing, and an old one does not overwrite what was entered since.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Connection

from assets.campaign.model import AREA_KINDS
from assets.campaign.queries import (
    Filing,
    Row,
    filing_headcounts,
    filing_remarks,
    filing_rows,
    read,
    term_lists,
)
from assets.estate.reports import LEVELS, Survey, SurveyProperty, SurveyUnit, survey_properties
from etl.export.survey import survey_form, survey_workbook
from etl.read.answered import PLACE_CODE_SHEET
from gis.i18n import translate
from gis.organizations.then import bodies_then

FILING_SHEET: Final = "onemap-filing"
"""Very-hidden sheet: `filing_id`, `version`."""
_REMARKED: Final = PatternFill("solid", start_color="FFF2CC", end_color="FFF2CC")
_BEFORE_UNITS: Final = ("address", "admin_area_code", "land_m2", "gross_m2", "office_gross_m2",
                        "technical_gross_m2")  # fmt: skip
_AFTER_RANKS: Final = (
    "office_usable_m2", "service_usable_m2", "equipment_usable_m2", "usable_m2",
    "ancillary_gross_m2", "ownership_status", "year_built", "is_leased_in", "remark",
)  # fmt: skip


def filing_file_name(filing: Filing) -> str:
    """`{任务}-{单位}.xlsx`, without what a file name cannot hold."""
    name = f"{filing.campaign.name}-{filing.organization_name}"
    return "".join("_" if one in '\\/:*?"<>|' else one for one in name) + ".xlsx"


def filing_workbook(conn: Connection, filing: Filing, *, language: str = "zh") -> bytes:
    """The workbook of a filing as it stands, removed properties left out.

    Args:
        conn: Of an account that sees the filing.
        filing: Which one.
        language: Of what onemap adds; the form itself is the state's.
    """
    rows = [row for row in filing_rows(conn, filing.filing_id) if not row.filed.is_removed]
    survey = filing_survey(conn, filing, rows)
    book = load_workbook(io.BytesIO(survey_workbook(survey)))
    spots = _spots(book, survey, rows)
    for said in filing_remarks(conn, filing.filing_id):
        if said["resolved_at"] is None:
            _note(book, spots, said, language)
    marks = book.create_sheet(FILING_SHEET)
    marks.sheet_state = "veryHidden"
    marks.append(["filing_id", filing.filing_id])
    marks.append(["version", filing.version])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def filing_survey(conn: Connection, filing: Filing, rows: Sequence[Row]) -> Survey:
    """The filed rows as the survey of one filer."""
    body = read(
        conn,
        "SELECT o.name, o.level_code, o.admin_area_code, t.title_zh AS category_title"
        f" FROM ({bodies_then()}) AS o LEFT JOIN place.term AS t"
        " ON t.list = 'organization_category' AND t.term = o.category_code"
        " WHERE o.organization_id = :id",
        id=filing.organization_id,
        as_of=filing.campaign.as_of,
    )[0]
    level = body["level_code"] if body["level_code"] in LEVELS else "county"
    posts = {
        row["rank_code"]: row["people"]
        for row in filing_headcounts(conn, filing.filing_id)
        if row["people"] is not None
    }
    unit = SurveyUnit(body["name"], body["category_title"], posts)
    ids = [row.place_id for row in rows if row.place_id is not None]
    known, uses_unverified = survey_properties(conn, filing.campaign.as_of, ids)
    standing = {one.place_id: one for one in known}
    terms = term_lists(conn, ["ownership_status"])["ownership_status"]
    titles = {row["term"]: row["title_zh"] for row in terms}
    return Survey(
        reporter_code=body["admin_area_code"] or "-",
        reporter_name=body["name"],
        level="city" if level == "city" else "county",
        as_of=filing.campaign.as_of,
        properties=tuple(
            _property(row, standing.get(row.place_id or 0), unit, level, titles) for row in rows
        ),
        uses_unverified=uses_unverified,
    )


def _property(
    row: Row,
    standing: SurveyProperty | None,
    unit: SurveyUnit,
    level: str,
    titles: Mapping[str, str],
) -> SurveyProperty:
    now = row.filed.now
    status = now["ownership_status"]
    areas = {kind: now[f"{kind}_m2"] for kind in AREA_KINDS if now[f"{kind}_m2"] is not None}
    others = tuple(one for one in (standing.units if standing else ()) if one.name != unit.name)
    made = SurveyProperty(
        place_id=row.place_id or 0,
        code=row.place_code or "",
        reporter_code="",
        level=level,
        address=now["address"],
        admin_area_code=now["admin_area_code"],
        areas=areas,
        units=(unit, *others),
        ownership_title=titles.get(status, status),
        year_built=now["year_built"],
        is_leased_in=now["is_leased_in"],
        remark=now["remark"],
        has_shape=False,
        has_title=False,
        ownership_status=status,
    )
    if standing is None:
        return made
    return replace(made, has_shape=standing.has_shape, has_title=standing.has_title)


def _spots(book: Workbook, survey: Survey, rows: Sequence[Row]) -> dict[int, tuple[Worksheet, int]]:
    """Sheet and row at which each filed row stands, by its number."""
    sheets = {level["sheet"] for level in survey_form()["office"]["levels"].values()}
    codes = book[PLACE_CODE_SHEET].iter_rows(min_row=2, values_only=True)
    heads: list[tuple[str, int]] = []
    # A property spans a row for each of its units: the first one is where its own cells are.
    counts = [len(one.units) for one in survey.properties]
    at = 0
    listed = [(str(sheet), int(str(row))) for sheet, row, *_ in codes if sheet in sheets]
    for count in counts:
        heads.append(listed[at])
        at += count
    return {
        row.row_id: (book[sheet], number) for row, (sheet, number) in zip(rows, heads, strict=True)
    }


def _note(
    book: Workbook,
    spots: Mapping[int, tuple[Worksheet, int]],
    said: Mapping[str, Any],
    language: str,
) -> None:
    """Write a remark at its cell, coloured; one about no row stands on the cover."""
    sheet, number = spots.get(said["filing_row_id"] or 0, (book.worksheets[0], 1))
    column = 1
    if said["field"] in _BEFORE_UNITS:
        column = 2 + _BEFORE_UNITS.index(said["field"])
    elif said["field"] in _AFTER_RANKS:
        column = sheet.max_column - len(_AFTER_RANKS) + 1 + _AFTER_RANKS.index(said["field"])
    cell = sheet.cell(number, column)
    words = translate(language, "filing.remark", who=said["who"] or "", text=said["text"])
    before = f"{cell.comment.text}\n" if cell.comment else ""
    cell.comment = Comment(before + words, "onemap", width=320, height=140)
    cell.fill = _REMARKED
