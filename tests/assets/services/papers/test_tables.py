"""Plain tables as workbooks: readable on the screen, on paper, and by the next program."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from assets.report import Form, Report, ReportColumn, ReportTable
from assets.services.papers import cells
from assets.services.papers.tables import report_workbook

_COLUMNS = (
    ReportColumn("level", "estate.survey.level", says="estate.survey.level.{}"),
    ReportColumn("remark", "estate.survey.remark"),
    ReportColumn("gross_m2", "place.area.gross", "m2"),
    ReportColumn("is_leased_in", "estate.survey.is_leased_in"),
)
_ROWS = (
    {"level": "city", "remark": "=1+1", "gross_m2": Decimal("1234.5"), "is_leased_in": True},
    {"level": "town", "remark": "很长的备注" * 30, "gross_m2": None, "is_leased_in": False},
)
_REPORT = Report(
    "survey",
    "estate.survey.title",
    date(2026, 9, 30),
    (ReportTable("properties", "estate.layer.property", _COLUMNS, _ROWS),),
)


def test_codes_and_truths_are_said_in_words_and_figures_to_the_cent() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(report_workbook(_REPORT, "zh"))).active
    assert sheet is not None
    first, second = sheet.iter_rows(min_row=2)
    assert [cell.value for cell in first] == ["市级", "=1+1", 1234.5, "是"]
    assert [first[1].data_type, first[2].number_format] == ["s", "#,##0.00"]
    assert [second[0].value, second[2].value, second[3].value] == ["乡级", None, "否"]


def test_columns_are_as_wide_as_what_stands_in_them_and_pages_carry_headers() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(report_workbook(_REPORT, "zh"))).active
    assert sheet is not None
    widths = [sheet.column_dimensions[letter].width for letter in "ABCD"]
    assert widths[1] == 40 > widths[2] > widths[0]
    assert sheet["B3"].alignment.wrap_text
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)
    assert sheet.print_title_rows == "$1:$1"
    assert "2026-09-30" in sheet.oddHeader.center.text
    assert sheet.auto_filter.ref == "A1:D3"


def test_a_look_is_made_once_however_many_rows_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[cells.Look] = []
    dress = cells._dress

    def counted(cell: Any, look: cells.Look) -> None:
        made.append(look)
        dress(cell, look)

    monkeypatch.setattr(cells, "_dress", counted)
    table = replace(_REPORT.tables[0], rows=_ROWS * 200)
    report_workbook(replace(_REPORT, tables=(table,)), "zh")
    plain = len(made)
    report_workbook(replace(_REPORT, tables=(table,), form=Form()), "zh")
    assert plain <= 4 < len(made) <= plain + 8
