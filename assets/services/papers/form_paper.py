"""Papers that are filled forms: what they say of one thing, and a square code that opens it."""

import io
from collections.abc import Sequence
from typing import Final

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from assets.services.papers.word import OfficialPaper

_TITLE_MM: Final = 38
_TEXT_MM: Final = 156 - _TITLE_MM
_CODE_MM: Final = 26
_FRAME_MM: Final = 30
_UNDER_CODE_PT: Final = 10.5
_AFTER_FRAME: Final = ("w:widowControl", "w:numPr", "w:spacing", "w:ind", "w:jc", "w:rPr")
"""Of the properties of a paragraph those we set that come after its frame."""


class FormPaper(OfficialPaper):
    """An official paper with such parts."""

    def form(self, rows: Sequence[tuple[str, str]]) -> None:
        """What the paper says of one thing, titles left; without caption or header."""
        made = self._made.add_table(rows=0, cols=2)
        made.style = "Table Grid"
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        made.autofit = False
        for title, text in rows:
            head, cell = made.add_row().cells
            head.width, cell.width = Mm(_TITLE_MM), Mm(_TEXT_MM)
            self._cell(head, title, is_header=True)
            self._cell(cell, text)
        for column, width in zip(made.columns, (_TITLE_MM, _TEXT_MM), strict=True):
            column.width = Mm(width)
        self._gap()

    def code(self, png: bytes, text: str) -> None:
        """A square code at the left edge with a line under it, such as what it is for.

        What comes next stands beside it, like who issues the paper and when: below each other they
        would often need a page more.
        """
        line = self._made.add_paragraph()
        line.paragraph_format.keep_with_next = True
        line.add_run().add_picture(io.BytesIO(png), width=Mm(_CODE_MM))
        under = self._line(text, size=_UNDER_CODE_PT, indent=False, line=_UNDER_CODE_PT * 1.4)
        for one in (line, under):
            one.alignment = WD_ALIGN_PARAGRAPH.LEFT
            _put_in_frame(one)

    def new_page(self) -> None:
        """What comes next begins a page."""
        line = self._made.add_paragraph()
        line.paragraph_format.page_break_before = True
        line.alignment = WD_ALIGN_PARAGRAPH.LEFT


def _put_in_frame(paragraph: Paragraph) -> None:
    """Into the frame at the left edge; paragraphs that follow each other are in one."""
    frame = OxmlElement("w:framePr")
    placed = {
        "w": str(int(Mm(_FRAME_MM).twips)), "hSpace": "113", "wrap": "around", "vAnchor": "text",
        "hAnchor": "margin", "xAlign": "left", "y": "1",
    }  # fmt: skip
    for name, value in placed.items():
        frame.set(qn(f"w:{name}"), value)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(frame, *_AFTER_FRAME)
