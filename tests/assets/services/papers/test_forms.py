"""Forms as workbooks and papers: title, who hands it in, headers above one another, notes."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from docx import Document

from assets.report import Form, Report, ReportColumn, ReportTable
from assets.services.papers.heads import Head, heads_of
from assets.services.papers.report_paper import MOST_ROWS, report_paper
from assets.services.papers.tables import report_workbook
from gis.errors import InputError

_OFFICE, _SERVICE = ("space.form.office",), ("space.form.service",)
_COLUMNS = (
    ReportColumn("code", "space.form.code"),
    ReportColumn("body", "space.form.body", is_spanned=True),
    ReportColumn("office_rooms", "space.form.rooms", above=_OFFICE),
    ReportColumn("office_m2", "space.form.usable", "m2", above=_OFFICE),
    ReportColumn("service_rooms", "space.form.rooms", above=_SERVICE),
    ReportColumn("differing", "space.form.differing", says="space.form.class.{}"),
)
_ROWS: tuple[dict[str, Any], ...] = (
    {"code": "A", "body": "=甲局", "office_rooms": 3, "office_m2": Decimal("1234.50"),
     "service_rooms": None, "differing": ["office", "basic"]},
    {"code": "B", "body": "=甲局", "office_rooms": 1, "office_m2": None, "service_rooms": 2,
     "differing": []},
    {"code": "-", "body": None, "office_rooms": 4, "office_m2": Decimal("1234.50"),
     "service_rooms": 2, "differing": None},
)  # fmt: skip
_REPORT = Report(
    "a_form",
    "space.overall.title",
    date(2026, 9, 30),
    (
        ReportTable(
            "bodies", "space.overall.bodies", _COLUMNS, _ROWS, ("code",), sum_key="-", spans="body"
        ),
    ),
    (("space.overall.note", {}), ("space.form.note.unmeasured", {"count": 7})),
    Form(),
)


def test_headers_stand_over_what_they_are_of() -> None:
    heads = heads_of(_COLUMNS, "zh", in_m2=True)
    assert Head(0, 2, 0, 3, "办公室") in heads
    assert Head(0, 4, 0, 4, "服务用房") in heads
    assert Head(0, 0, 1, 0, "代码") in heads
    assert Head(1, 3, 1, 3, "使用面积") in heads
    covered = [
        (row, column)
        for head in heads
        for row in range(head.top, head.bottom + 1)
        for column in range(head.left, head.right + 1)
    ]
    assert sorted(covered) == [(row, column) for row in range(2) for column in range(6)]


def test_a_form_of_a_workbook_has_its_title_its_filer_and_numbers_as_numbers() -> None:
    report = _REPORT.filed_by("示例市机关事务管理局")
    sheet = openpyxl.load_workbook(io.BytesIO(report_workbook(report, "zh"))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "办公用房总体使用情况一览表（按单位）"
    line = str(rows[1][0])
    assert "填报单位：示例市机关事务管理局" in line
    assert "日期：2026年9月30日" in line
    assert "平方米" in line
    assert rows[2] == ("代码", "使用单位", "办公室", None, "服务用房", "不一致的类型")
    assert rows[3] == (None, None, "房间数", "使用面积", "房间数", None)
    assert rows[4] == ("A", "=甲局", 3, 1234.5, None, "办公室、合计")
    assert rows[5] == ("B", None, 1, None, 2, None)
    assert rows[6][0] == "合计"
    assert [str(row[0])[:3] for row in rows[7:]] == ["注1：", "注2："]
    assert "7 个房间" in str(rows[8][0])
    merged = {str(one) for one in sheet.merged_cells.ranges}
    assert {"A1:F1", "A2:F2", "A3:A4", "C3:D3", "B5:B6", "A8:F8"} <= merged
    assert (sheet["D5"].number_format, sheet["B5"].data_type) == ("#,##0.00", "s")
    assert (sheet.print_title_rows, sheet.freeze_panes) == ("$1:$4", "A5")


def test_a_period_is_said_and_a_blank_is_left_for_who_fills_it_in() -> None:
    report = replace(_REPORT, form=Form(since=date(2026, 1, 1)))
    for language, said in (
        ("zh", "统计期间：2026年1月1日至2026年9月30日"),
        ("en", "Period: 2026-01-01 to 2026-09-30"),
    ):
        sheet = openpyxl.load_workbook(io.BytesIO(report_workbook(report, language))).active
        assert sheet is not None
        assert said in str(sheet["A2"].value)


def test_the_paper_says_what_the_workbook_says() -> None:
    made = Document(io.BytesIO(report_paper(_REPORT, "zh")))
    (table,) = made.tables
    texts = [[cell.text for cell in row.cells] for row in table.rows]
    assert texts[0] == ["代码", "使用单位", "办公室", "办公室", "服务用房", "不一致的类型"]
    assert texts[1][2:5] == ["房间数", "使用面积", "房间数"]
    assert texts[2] == ["A", "=甲局", "3", "1,234.50", "", "办公室、合计"]
    assert texts[3][:3] == ["B", "=甲局", "1"]  # one cell with the one above
    assert texts[4][0] == "合计"
    section = made.sections[0]
    assert section.page_width is not None
    assert section.page_height is not None
    assert section.page_width > section.page_height
    said = "\n".join(one.text for one in made.paragraphs)
    assert "办公用房总体使用情况一览表（按单位）" in said
    assert "注2：7 个房间" in said


def test_plain_and_empty_tables_make_papers_too() -> None:
    table = replace(_REPORT.tables[0], rows=())
    for form in (None, Form()):
        report = replace(_REPORT, form=form, tables=(table, table))
        assert len(Document(io.BytesIO(report_paper(report, "en"))).tables) == 2
        book = openpyxl.load_workbook(io.BytesIO(report_workbook(report, "en")))
        assert len(book.worksheets) == 2


def test_a_paper_of_too_many_rows_is_refused_with_what_to_do() -> None:
    table = replace(_REPORT.tables[0], rows=_ROWS[:1] * (MOST_ROWS + 1), spans=None)
    with pytest.raises(InputError, match=r"report\.too_long_for_paper"):
        report_paper(replace(_REPORT, tables=(table,)), "zh")


def test_a_long_table_goes_on_under_its_head_where_no_cell_is_cut() -> None:
    bodies = [name for at in range(130) for name in [f"{at}局"] * 4]
    rows = tuple({"code": str(at), "body": body} for at, body in enumerate(bodies))
    table = replace(_REPORT.tables[0], rows=rows)
    made = Document(io.BytesIO(report_paper(replace(_REPORT, tables=(table,)), "zh")))
    assert len(made.tables) > 2
    codes: list[str] = []
    for part in made.tables:
        head, *body = ([cell.text for cell in row.cells] for row in part.rows[1:])
        assert head[0] == "代码"
        assert body[0][1], "a body's name goes on from the part before"
        codes += [cells[0] for cells in body]
    assert codes == [str(at) for at in range(len(rows))]


def test_an_empty_cell_is_no_higher_than_a_full_one_and_short_terms_stay_whole() -> None:
    wide = replace(_REPORT.tables[0], columns=(*_COLUMNS[:2], *_COLUMNS[2:5] * 6), spans=None)
    row = {"code": "天宁区", "body": "某某市机关事务管理局综合处" * 2, "office_m2": None}
    table = replace(wide, rows=(row,))
    (made,) = Document(io.BytesIO(report_paper(replace(_REPORT, tables=(table,)), "zh"))).tables
    code, _, *others = made.rows[-1].cells
    # Three characters of 9 pt, and the edges of a cell.
    assert code.width.mm >= 3 * 9 * 25.4 / 72 + 2 * 0.88
    marks = [one._tc.xpath("./w:p/w:pPr/w:rPr/w:sz/@w:val") for one in others]
    assert marks == [["18"]] * len(others)
