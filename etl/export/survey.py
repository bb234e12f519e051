"""Writes the national survey workbook: the form's sheets, headers and merged cells, exactly.

A very-hidden sheet `onemap` carries our code of every data row, so that loading the workbook back
finds each place and each project again and changes nothing.
"""

import io
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from assets.estate.reports import (
    Completeness,
    Survey,
    SurveyProject,
    SurveyProperty,
    SurveyUnit,
)
from assets.services.papers.sheets import A3, letters, set_up_print
from etl.read.answered import PLACE_CODE_SHEET
from gis.i18n import translate

LANGUAGE: Final = "zh"
"""The form is the state's, in its language; only what onemap adds is ours to say."""
_HEADER_ROWS: Final = 4
_COVER_WIDTH: Final = 60
"""Of the answers, in letters."""
_COVER_LINE: Final = 20
"""Height of a line of the cover, in points."""
_THIN: Final = Side(style="thin", color="808080")
_GRID: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_CENTRED: Final = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT: Final = Alignment(vertical="center", wrap_text=True)
_AREA_FORMAT: Final = "0.00"
_YUAN_OF_UNIT: Final = 10_000
"""The form asks for 万元."""

Cell = str | int | float | None


@dataclass(frozen=True)
class Filer:
    """Who fills the form in, as the person says; what is null stays blank."""

    name: str | None = None
    telephone: str | None = None


_NOBODY: Final = Filer()


@dataclass(frozen=True)
class _Place:
    """Which place or project a data row of a sheet is about."""

    sheet: str
    row: int
    code: str


@cache
def survey_form() -> Mapping[str, Any]:
    """Sheets and headers of the form, from the country pack."""
    path = resources.files("assets").joinpath("packs/cn/form_survey.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def file_name(survey: Survey) -> str:
    """`{区划名}-{区划代码}.xlsx`, as the form's rules name it."""
    return f"{survey.reporter_name}-{survey.reporter_code}.xlsx".replace("/", "_")


def write_surveys(surveys: Sequence[Survey], folder: Path, filer: Filer = _NOBODY) -> list[Path]:
    """Writes one workbook a filer and returns the files, in the order given."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for survey in surveys:
        path = folder / file_name(survey)
        path.write_bytes(survey_workbook(survey, filer))
        written.append(path)
    return written


def survey_workbook(survey: Survey, filer: Filer = _NOBODY) -> bytes:
    """The workbook of one filer."""
    form = survey_form()
    book = Workbook()
    cover = book.active
    assert isinstance(cover, Worksheet)  # noqa: S101 -- a new workbook has a sheet
    _write_cover(cover, survey, filer, form)
    places: list[_Place] = []
    for level in ("city",) if survey.level == "city" else ("county", "town"):
        chosen = survey.of_level(level)
        if chosen or level != "town":
            places += _write_office(book, level, chosen, form)
    places += _write_technical(book, survey, form)
    places += _write_projects(book, survey, form)
    codes = book.create_sheet(PLACE_CODE_SHEET)
    codes.sheet_state = "veryHidden"
    codes.append(["sheet", "row", "place_code"])
    for at, place in enumerate(places, start=2):
        for column, value in enumerate((place.sheet, place.row, _text(place.code)), start=1):
            made = codes.cell(at, column, value)
            if isinstance(value, str):
                made.data_type = "s"  # a code that begins with = is a text too
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _text(value: str | None) -> str | None:
    """Text without the characters XML cannot hold."""
    return None if value is None else "".join(c for c in value if c >= " " or c in "\n\t")


def _area(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 2)


def _write_cover(sheet: Worksheet, survey: Survey, filer: Filer, form: Mapping[str, Any]) -> None:
    labels = form["cover"]
    sheet.title = labels["sheet"]
    sheet.merge_cells("A1:B1")
    sheet["A1"] = labels["sheet"]
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A1"].alignment = _CENTRED
    level = form["office"]["levels"][survey.level]["cover_level"]
    rows: list[tuple[str, Cell]] = [
        (labels["name"], survey.reporter_name),
        (labels["level"], level),
        (labels["code"], survey.reporter_code),
        (labels["person"], _text(filer.name)),
        (labels["telephone"], _text(filer.telephone)),
        (labels["date"], survey.as_of.isoformat()),
        *_honesty(survey.completeness()),
    ]
    if survey.uses_unverified or not form["is_verified"]:
        rows.append(_said("survey.note", "survey.unverified"))
    if survey.sealed:
        rows.append(_said("survey.note", "report.sealed", head=survey.sealed))
    for at, (label, value) in enumerate(rows, start=2):
        for column, cell in ((1, label), (2, value)):
            made = sheet.cell(at, column, cell)
            if isinstance(cell, str):
                made.data_type = "s"
            made.border, made.alignment = _GRID, _LEFT
        # Said in the file: not every program makes room for a line that wraps.
        lines = math.ceil((letters(str(value or "")) or 1) / (_COVER_WIDTH - 4))
        sheet.row_dimensions[at].height = _COVER_LINE * lines
    sheet.column_dimensions["A"].width = 26
    sheet.column_dimensions["B"].width = _COVER_WIDTH
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _said(label: str, key: str, **params: Any) -> tuple[str, Cell]:
    return translate(LANGUAGE, label), translate(LANGUAGE, key, **params)


def _honesty(shares: Completeness) -> Iterator[tuple[str, Cell]]:
    for name in ("with_address", "with_shape", "with_area", "with_title"):
        part: int = getattr(shares, name)
        percent = f"{100 * part / shares.properties:.1f}" if shares.properties else "–"
        yield _said(
            f"survey.{name}",
            "survey.share",
            whole=shares.properties,
            part=part,
            percent=percent,
        )


def _write_office(
    book: Workbook, level: str, chosen: Sequence[SurveyProperty], form: Mapping[str, Any]
) -> list[_Place]:
    """One sheet of office premises: a property spans the rows of its units."""
    named = form["office"]["levels"][level]
    sheet = book.create_sheet(named["sheet"])
    ranks: list[str] = named["ranks"]
    _office_headers(sheet, named["sheet"], ranks, form)
    first_unit, after_ranks = 7, 9 + len(ranks)
    last = after_ranks + 9
    places: list[_Place] = []
    row = _HEADER_ROWS + 1
    for number, one in enumerate(chosen, start=1):
        units: Sequence[SurveyUnit | None] = one.units or (None,)
        left, right = _office_cells(number, one)
        for at, unit in enumerate(units):
            shared = at == 0
            middle = _unit_cells(unit, ranks)
            cells = [*(left if shared else [None] * 7), *middle, *(right if shared else [None] * 9)]
            _write_row(sheet, row + at, cells)
            places.append(_Place(sheet.title, row + at, one.code))
        if len(units) > 1:
            for column in (*range(1, first_unit + 1), *range(after_ranks + 1, last + 1)):
                sheet.merge_cells(
                    start_row=row, end_row=row + len(units) - 1,
                    start_column=column, end_column=column,
                )  # fmt: skip
        row += len(units)
    return places


def _office_cells(number: int, one: SurveyProperty) -> tuple[list[Cell], list[Cell]]:
    """The cells of a property left and right of its units."""
    area = {kind: _area(value) for kind, value in one.areas.items()}
    left: list[Cell] = [
        number, _text(one.address), one.admin_area_code, area.get("land"), area.get("gross"),
        area.get("office_gross"), area.get("technical_gross"),
    ]  # fmt: skip
    leased = None if one.is_leased_in is None else ("是" if one.is_leased_in else "否")
    right: list[Cell] = [
        area.get("office_usable"), area.get("service_usable"), area.get("equipment_usable"),
        area.get("usable"), area.get("ancillary_gross"), one.ownership_title, one.year_built,
        leased, _text(one.remark),
    ]  # fmt: skip
    return left, right


def _unit_cells(unit: SurveyUnit | None, ranks: Sequence[str]) -> list[Cell]:
    if unit is None:
        return [None] * (2 + len(ranks))
    return [_text(unit.name), unit.category_title, *(unit.posts.get(rank, 0) for rank in ranks)]


def _office_headers(
    sheet: Worksheet, title: str, ranks: Sequence[str], form: Mapping[str, Any]
) -> None:
    office = form["office"]
    rank_titles = [translate(LANGUAGE, f"survey.rank.{rank}") for rank in ranks]
    before, unit, usable, after = (office[part] for part in ("before", "unit", "usable", "after"))
    first_rank = len(before) + len(unit) + 1
    first_usable = first_rank + len(ranks)
    last = first_usable + len(usable) + len(after) - 1
    _header(sheet, (1, 1, 1, last), translate(LANGUAGE, "survey.sheet_title", sheet=title))
    for at, text in enumerate(before, start=1):
        _header(sheet, (2, at, 4, at), text)
    _header(sheet, (2, len(before) + 1, 2, first_usable - 1), form["units_header"])
    for at, text in enumerate(unit, start=len(before) + 1):
        _header(sheet, (3, at, 4, at), text)
    _header(sheet, (3, first_rank, 3, first_usable - 1), form["ranks_header"])
    for at, text in enumerate(rank_titles, start=first_rank):
        _header(sheet, (4, at, 4, at), text)
    _header(sheet, (2, first_usable, 2, first_usable + len(usable) - 1), form["usable_header"])
    for at, text in enumerate(usable, start=first_usable):
        _header(sheet, (3, at, 4, at), text)
    for at, text in enumerate(after, start=first_usable + len(usable)):
        _header(sheet, (2, at, 4, at), text)
    for at in range(1, last + 1):
        sheet.column_dimensions[get_column_letter(at)].width = 12
    sheet.column_dimensions["B"].width = 36
    sheet.column_dimensions["H"].width = 30
    sheet.freeze_panes = f"A{_HEADER_ROWS + 1}"
    set_up_print(sheet, header_rows=_HEADER_ROWS, paper=A3)


def _header(sheet: Worksheet, spot: tuple[int, int, int, int], text: str) -> None:
    top, left, bottom, right = spot
    cell = sheet.cell(top, left, text)
    cell.font, cell.alignment = Font(bold=True), _CENTRED
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            sheet.cell(row, column).border = _GRID
    if (top, left) != (bottom, right):
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)


def _write_row(sheet: Worksheet, row: int, cells: Sequence[Cell]) -> None:
    for at, value in enumerate(cells, start=1):
        made = sheet.cell(row, at, value)
        if isinstance(value, str):
            made.data_type = "s"  # a text that begins with = is a text, never a formula
        made.border = _GRID
        made.alignment = _LEFT if isinstance(value, str) else _CENTRED
        if isinstance(value, float):
            made.number_format = _AREA_FORMAT if round(value, 2) == value else "General"


def _write_technical(book: Workbook, survey: Survey, form: Mapping[str, Any]) -> list[_Place]:
    """Technical premises: the detail of one column of the office sheets, never more property."""
    chosen = [one for one in survey.properties if one.areas.get("technical_gross")]
    rows = [_technical_cells(number, one) for number, one in enumerate(chosen, start=1)]
    name = form["technical"]["sheet"]
    first = _write_table(book, name, form["technical"]["headers"], rows)
    return [_Place(name, first + at, one.code) for at, one in enumerate(chosen)]


def _technical_cells(number: int, one: SurveyProperty) -> list[Cell]:
    return [
        number, _text(one.address), one.admin_area_code, _area(one.areas.get("land")),
        _area(one.areas.get("technical_gross")), _text(one.units[0].name) if one.units else None,
        one.ownership_title, one.year_built, _text(one.remark),
    ]  # fmt: skip


def _write_projects(book: Workbook, survey: Survey, form: Mapping[str, Any]) -> list[_Place]:
    rows = [_project_cells(number, one) for number, one in enumerate(survey.projects, start=1)]
    name = form["project"]["sheet"]
    first = _write_table(book, name, form["project"]["headers"], rows)
    return [_Place(name, first + at, one.code) for at, one in enumerate(survey.projects)]


def _project_cells(number: int, one: SurveyProject) -> list[Cell]:
    cost = one.estimated_cost_yuan
    return [
        number, _text(one.name), _text(one.approving_body), _text(one.builder_name),
        _text(one.user_name), _text(one.address), _area(one.planned_area_m2),
        # To the last fen, or a workbook loaded back would change the figure.
        None if cost is None else float(cost / _YUAN_OF_UNIT), _text(one.remark),
    ]  # fmt: skip


def _write_table(
    book: Workbook, name: str, headers: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> int:
    """A sheet with a title and one header row; returns the row its data starts at."""
    sheet = book.create_sheet(name)
    _header(sheet, (1, 1, 1, len(headers)), translate(LANGUAGE, "survey.sheet_title", sheet=name))
    for at, text in enumerate(headers, start=1):
        _header(sheet, (2, at, 2, at), text)
        # Names need room: a row that wraps stays as low as Excel and LibreOffice first draw it.
        width = 36 if at == 2 else 30 if "单位" in text or "坐落" in text else 14
        sheet.column_dimensions[get_column_letter(at)].width = width
    for at, cells in enumerate(rows):
        _write_row(sheet, 3 + at, cells)
    sheet.freeze_panes = "A3"
    set_up_print(sheet, header_rows=2, paper=A3)
    return 3
