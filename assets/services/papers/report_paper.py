"""A report as a Word file on landscape pages: what its workbook says, to be filed as a paper."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt

from assets.report import Report, ReportTable
from assets.services.papers.forms import form_line, goes_on, notes, spans_of
from assets.services.papers.heads import heads_of
from assets.services.papers.sheets import letters
from assets.services.papers.tables import printed_row, shown
from assets.services.papers.widths import shared_out, unbroken, unbroken_cell
from assets.services.papers.word import BODY_FONT, HEADER_FONT, LATIN, TITLE_FONT, OfficialPaper
from gis.errors import InputError
from gis.i18n import translate

MOST_ROWS: Final = 5000
"""Of all tables together; nobody reads a paper of more, and LibreOffice takes minutes over it."""
_LONG, _PART = 400, 150
"""Rows of a table from which on it is taken apart, and those of a part, on pages of their own."""
_A4: Final = (297, 210)
_A3: Final = (420, 297)
_MOST_ON_A4: Final = 14
"""Columns of a table on A4; a report with more goes on A3."""
_MARGIN_MM: Final = 20
_CELL_PT: Final = 9
_LINE_PT: Final = 16
_NARROWEST, _WIDEST = 5, 30
"""Of a column, in letters, where it has to share the width with others."""
_TWIPS_A_MM: Final = 1440 / 25.4
_LETTER_TWIPS: Final = _CELL_PT * 20 / 2
"""A digit is half as wide as its letters are high."""
_BORDERS: Final = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def report_paper(report: Report, language: str) -> bytes:
    """The tables of a report as a Word file, each beginning on a page of its own.

    Raises:
        InputError: They have more rows than a paper should.
    """
    rows = sum(len(table.rows) for table in report.tables)
    if rows > MOST_ROWS:
        raise InputError("report.too_long_for_paper", rows=rows, most=MOST_ROWS)
    return _ReportPaper(report, language).content()


class _ReportPaper(OfficialPaper):
    def __init__(self, report: Report, language: str) -> None:
        first, *others = report.tables
        super().__init__(translate(language, first.title_key), language)
        self._report = report
        self._in = language
        self._made.core_properties.title = translate(language, report.title_key)
        wide = max(len(table.columns) for table in report.tables)
        self._width_mm = self._turn(_A4 if wide <= _MOST_ON_A4 else _A3)
        self._put(first)
        for table in others:
            head = self._line(translate(language, table.title_key), font=TITLE_FONT, size=22,
                              indent=False, line=38)  # fmt: skip
            head.alignment = WD_ALIGN_PARAGRAPH.CENTER
            head.paragraph_format.page_break_before = True
            self._put(table)

    def _turn(self, paper: tuple[int, int]) -> int:
        section = self._made.sections[0]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(paper[0]), Mm(paper[1])
        section.left_margin = section.right_margin = Mm(_MARGIN_MM)
        section.top_margin, section.bottom_margin = Mm(_MARGIN_MM), Mm(_MARGIN_MM)
        section.footer_distance = Mm(_MARGIN_MM / 2)
        return paper[0] - 2 * _MARGIN_MM

    def _put(self, table: ReportTable) -> None:
        report, language = self._report, self._in
        is_form = report.form is not None
        said = form_line(report, language) if is_form else (report.as_of.isoformat(),)
        line = self._line("　　　".join(said), size=12, indent=False, line=_LINE_PT * 1.4)
        line.paragraph_format.keep_with_next = True
        line.paragraph_format.space_before = Pt(6)
        body = self._made.element.body
        for at, part in enumerate(_parts(table, language, self._width_mm, is_form=is_form)):
            if at > 0:
                # A line of nothing, for tables without one between them are one table again.
                turn = self._line("", size=1, indent=False, line=1)
                turn.paragraph_format.page_break_before = True
            body.insert_element_before(parse_xml(part), "w:sectPr")
        self._gap(0.3)
        for note in notes(report, language):
            self.note(note)


def _parts(table: ReportTable, language: str, width_mm: float, *, is_form: bool) -> Iterator[str]:
    """The table as WordprocessingML: cell by cell through python-docx would take minutes.

    A long one is several, for LibreOffice takes far more than twice as long over twice the rows.
    """
    heads = heads_of(table.columns, language, in_m2=is_form)
    depth, width = 1 + max(head.bottom for head in heads), len(table.columns)
    rows = [printed_row(table, row, language) for row in table.rows]
    twips = [int(one * _LETTER_TWIPS) for one in _widths(heads, depth, rows, width_mm)]
    # By row and column: what begins there, over how many columns, and what goes on downwards.
    over = {(head.top, head.left): head for head in heads}
    opening = (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(twips)}" w:type="dxa"/>'
        f'<w:jc w:val="center"/><w:tblBorders>{_BORDERS}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="50" w:type="dxa"/>'
        '<w:right w:w="50" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>'
        + "".join(f'<w:gridCol w:w="{one}"/>' for one in twips)
        + "</w:tblGrid>"
    )
    for row in range(depth):
        cells = "".join(_head_cells(over, row, width, twips))
        opening += f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{cells}</w:tr>"
    written = list(_rows(table, rows, twips))
    cuts = _cuts(table)
    for since, until in pairwise(cuts):
        yield "".join((opening, *written[since:until], "</w:tbl>"))


def _rows(table: ReportTable, rows: Sequence[Sequence[Any]], twips: Sequence[int]) -> Iterator[str]:
    blank, begins = goes_on(table), {(top, column) for column, top, _ in spans_of(table)}
    for at, values in enumerate(rows):
        is_sum = table.is_sum(table.rows[at])
        cells = "".join(
            _cell(
                "" if (at, column) in blank else shown(value),
                twips[column],
                side="right" if isinstance(value, (int, float, Decimal)) else "left",
                merge="restart"
                if (at, column) in begins
                else "continue"
                if (at, column) in blank
                else "",
                is_bold=is_sum,
            )
            for column, value in enumerate(values)
        )
        yield f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _cuts(table: ReportTable) -> list[int]:
    """Rows at which the parts of a table begin, and its end; none where a cell goes on."""
    count = len(table.rows)
    if count <= _LONG:
        return [0, count]
    goes = {row for row, _column in goes_on(table)}
    cuts = [0]
    for row in range(count):
        if row - cuts[-1] >= _PART and row not in goes:
            cuts.append(row)
    return [*cuts, count]


def _head_cells(
    over: Mapping[tuple[int, int], Any], row: int, width: int, twips: Sequence[int]
) -> Iterator[str]:
    at = 0
    while at < width:
        head = next(
            one for one in over.values()
            if one.top <= row <= one.bottom and one.left <= at <= one.right
        )  # fmt: skip
        is_first = head.top == row
        merge = "" if head.top == head.bottom else "restart" if is_first else "continue"
        yield _cell(
            head.text if is_first else "",
            sum(twips[head.left : head.right + 1]),
            side="center",
            merge=merge,
            columns=head.right - head.left + 1,
            font=HEADER_FONT,
        )
        at = head.right + 1


def _cell(
    text: str,
    twips: int,
    *,
    side: str,
    merge: str = "",
    columns: int = 1,
    font: str = BODY_FONT,
    is_bold: bool = False,
) -> str:
    span = f'<w:gridSpan w:val="{columns}"/>' if columns > 1 else ""
    downwards = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    bold = "<w:b/>" if is_bold else ""
    clean = escape("".join(one for one in text if one >= " "))
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{twips}" w:type="dxa"/>{span}{downwards}'
        '<w:vAlign w:val="center"/></w:tcPr><w:p><w:pPr>'
        f'<w:spacing w:before="0" w:after="0"/><w:jc w:val="{side}"/>'
        # An empty cell is as high as the mark of its paragraph.
        f'<w:rPr><w:sz w:val="{_CELL_PT * 2}"/></w:rPr></w:pPr><w:r><w:rPr>'
        f"<w:rFonts w:ascii={quoteattr(LATIN)} w:hAnsi={quoteattr(LATIN)}"
        f' w:eastAsia={quoteattr(font)}/>{bold}<w:sz w:val="{_CELL_PT * 2}"/></w:rPr>'
        f'<w:t xml:space="preserve">{clean}</w:t></w:r></w:p></w:tc>'
    )


def _widths(
    heads: Sequence[Any], depth: int, rows: Sequence[Sequence[Any]], width_mm: float
) -> list[float]:
    """Letters each column gets: a header may go on in a third line, names in a second."""
    width = 1 + max(head.right for head in heads)
    least, wanted = [_NARROWEST] * width, [_NARROWEST] * width
    for head in heads:
        if head.left == head.right and head.bottom == depth - 1:
            at = head.left
            least[at] = unbroken(head.text)
            wanted[at] = max(least[at], letters(head.text) // 3 + 2)
    for values in rows:
        for at, value in enumerate(values):
            text = shown(value)
            is_number = isinstance(value, (int, float, Decimal))
            room = letters(text) if is_number else letters(text) * 2 // 3
            least[at] = max(least[at], min(unbroken_cell(text), _WIDEST))
            wanted[at] = max(wanted[at], least[at], min(room + 2, _WIDEST))
    return shared_out(width_mm * _TWIPS_A_MM / _LETTER_TWIPS, least, wanted)
