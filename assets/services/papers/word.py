"""Papers in the layout of official documents, as Word files.

Page, type and numbering follow GB/T 9704-2012 (党政机关公文格式): A4, a text block of 156 x 225 mm
of 22 lines, text in 仿宋 size three, headings in 黑体 and 楷体, page numbers outside
between dashes.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from assets.services.papers.widths import shared_out, unbroken, unbroken_cell

TITLE_PT: Final = 22
BODY_PT: Final = 16
_TABLE_PT: Final = 10.5
_NOTE_PT: Final = 10.5
_PAGE_NUMBER_PT: Final = 14
_MARK_PT: Final = 36
_RED: Final = RGBColor(0xC0, 0, 0)
_LINE_PT: Final = 29  # 225 mm in 22 lines
LATIN: Final = "Times New Roman"
TITLE_FONT: Final = "方正小标宋简体"
BODY_FONT: Final = "仿宋_GB2312"
HEADER_FONT: Final = "黑体"
_HEADING_FONTS: Final = (HEADER_FONT, "楷体_GB2312", BODY_FONT)
_SERIF: Final = ("Noto Serif CJK SC", "Source Han Serif SC", "思源宋体")
SUBSTITUTES: Final[Mapping[str, Sequence[str]]] = {
    TITLE_FONT: ("方正小标宋_GBK", "宋体", "SimSun", *_SERIF),
    BODY_FONT: ("仿宋", "FangSong", *_SERIF),
    "楷体_GB2312": ("楷体", "KaiTi", *_SERIF),
    "黑体": ("SimHei", "Noto Sans CJK SC", "Source Han Sans SC", "思源黑体"),
}
"""What to take where a font is missing, best first; all with the forms of characters of China."""
_TEXT_WIDTH_MM: Final = 156
_PICTURE_HEIGHT_MM: Final = 110
_NARROWEST: Final = 6
_WIDEST: Final = 26
"""Of a column, in digits, where it has to share the width with others."""
_LETTER_MM: Final = _TABLE_PT / 2 * 25.4 / 72
"""How wide a digit of a table is."""
_NUMERALS: Final = "一二三四五六七八九十"


@dataclass
class _Numbers:
    """Where the numbering of headings stands."""

    chapter: int = 0
    section: int = 0
    table: int = 0
    picture: int = 0


@dataclass(frozen=True)
class Letterhead:
    """What stands above the title of a paper that goes out (版头).

    Args:
        issuer: As it stands in red (发文机关标志), such as a body's full name with 文件.
        number: Its number (发文字号), as a series gave it.
    """

    issuer: str
    number: str


class OfficialPaper:
    """A paper that grows from top to bottom; nothing is said that was not put in.

    Args:
        title: Centred on top, and the document's own title.
        language: `zh` numbers headings 一、 （一）; `en` 1. 1.1.
        letterhead: Null: it is a report and no paper that goes out.
    """

    def __init__(self, title: str, language: str, letterhead: Letterhead | None = None) -> None:
        self._language = language
        self._numbers = _Numbers()
        self._made = Document()
        self._made.core_properties.title = title
        self._made.core_properties.author = ""
        self._made.core_properties.comments = ""
        _lay_out_page(self._made)
        _name_substitutes(self._made)
        style = self._made.styles["Normal"]
        _set_font(style.font, style.element.get_or_add_rPr(), BODY_FONT, BODY_PT)
        _tell_language(self._made)
        if letterhead is not None:
            self._letterhead(letterhead)
        head = self._line(title, font=TITLE_FONT, size=TITLE_PT, indent=False)
        head.alignment = WD_ALIGN_PARAGRAPH.CENTER
        head.paragraph_format.line_spacing = Pt(_LINE_PT * 1.3)

    def subtitle(self, text: str) -> None:
        """A centred line under the title, such as the day the figures hold for."""
        line = self._line(text, font=_HEADING_FONTS[1], indent=False)
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.paragraph_format.space_after = Pt(_LINE_PT)

    def addressee(self, text: str) -> None:
        """To whom it goes (主送机关), a line below the title, from the edge of the text."""
        self._gap(1)
        self._line(f"{text.rstrip('：:')}{'：' if self._is_chinese else ':'}", indent=False)

    def enclosures(self, names: Sequence[str]) -> None:
        """What goes with it (附件说明), a line below the text, numbered where there are several."""
        self._gap(1)
        word = "附件：" if self._is_chinese else "Enclosures: "
        for at, name in enumerate(names, start=1):
            numbered = f"{at}．{name}" if self._is_chinese else f"{at}. {name}"
            line = self._line((word if at == 1 else "") + (numbered if len(names) > 1 else name))
            if at > 1:
                # Under the first one, not under the word before it.
                line.paragraph_format.first_line_indent = Pt(BODY_PT * (2 + _ems(word)))

    def closing(self, issuer: str, day: date, *, is_sealed: bool = True) -> None:
        """Who issues it and when (署名、成文日期), so that both stay with the text before them.

        GB/T 9704-2012, 7.3.5: under a seal the day ends four characters from the edge and the
        issuer is centred above it; without one the issuer ends two characters from the edge and the
        day begins two characters further right.

        Args:
            issuer: The body's full or usual short name.
            day: The day on which it was signed.
            is_sealed: A seal comes upon it.
        """
        written = f"{day.year}年{day.month}月{day.day}日" if self._is_chinese else day.isoformat()
        wide, day_wide = _ems(issuer), _ems(written)
        if is_sealed:
            at = (max(0.0, 4 + (day_wide - wide) / 2), 4.0)
        else:
            at = (2 + max(0.0, day_wide - wide + 2), max(2.0, wide - day_wide))
        self._gap(2 if is_sealed else 1)
        for text, right in zip((issuer, written), at, strict=True):
            line = self._line(text, indent=False)
            line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            line.paragraph_format.right_indent = Pt(BODY_PT * right)
            line.paragraph_format.keep_with_next = text == issuer

    def chapter(self, text: str) -> None:
        """A heading of the first level."""
        self._numbers.chapter += 1
        self._numbers.section = 0
        at = self._numbers.chapter
        self._heading(f"{numeral(at)}、{text}" if self._is_chinese else f"{at}. {text}", 1)

    def section(self, text: str) -> None:
        """A heading of the second level."""
        self._numbers.section += 1
        at = self._numbers.section
        number = f"（{numeral(at)}）" if self._is_chinese else f"{self._numbers.chapter}.{at} "
        self._heading(f"{number}{text}", 2)

    def paragraph(self, text: str) -> None:
        """Running text, its first line two characters in."""
        self._line(text)

    def table(self, caption: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A captioned table; numbers stand right, its header comes again on each page.

        Args:
            caption: Numbered by the paper.
            header: Titles of columns, with units.
            rows: Cells as they are printed; beyond the first, what ends in a digit or % stands
                right.
        """
        self._numbers.table += 1
        self._caption("表" if self._is_chinese else "Table ", self._numbers.table, caption)
        made = self._made.add_table(rows=1, cols=len(header))
        made.style = "Table Grid"
        made.alignment = WD_TABLE_ALIGNMENT.CENTER
        for cell, text in zip(made.rows[0].cells, header, strict=True):
            self._cell(cell, text, is_header=True)
        _repeat_header(made.rows[0])
        for row in rows:
            first, *rest = zip(made.add_row().cells, row, strict=True)
            self._cell(*first)
            for cell, text in rest:
                self._cell(cell, text, is_number=_is_figure(text))
        _widen(made, header, rows)
        self._gap()

    def picture(self, caption: str, png: bytes) -> None:
        """A picture over the width of the text, at most half a page high, its caption below."""
        self._numbers.picture += 1
        line = self._made.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.paragraph_format.keep_with_next = True
        made = line.add_run().add_picture(io.BytesIO(png), width=Mm(_TEXT_WIDTH_MM - 6))
        if made.height > (highest := Mm(_PICTURE_HEIGHT_MM)):
            made.width, made.height = Length(made.width * highest // made.height), highest
        self._caption("图" if self._is_chinese else "Figure ", self._numbers.picture, caption)

    def note(self, text: str) -> None:
        """A smaller line, for what has to be known to read the figures."""
        self._line(text, size=_NOTE_PT, indent=False, line=_LINE_PT * 0.65)

    def content(self) -> bytes:
        """The finished file."""
        content = io.BytesIO()
        self._made.save(content)
        return content.getvalue()

    @property
    def _is_chinese(self) -> bool:
        return self._language == "zh"

    def _letterhead(self, head: Letterhead) -> None:
        """GB/T 9704-2012, 7.2: the mark 35 mm below the edge of the text, number, red line."""
        mark = self._line(head.issuer, font=TITLE_FONT, size=_MARK_PT, indent=False, line=45)
        mark.alignment = WD_ALIGN_PARAGRAPH.CENTER
        mark.paragraph_format.space_before = Mm(35)
        mark.runs[0].font.color.rgb = _RED
        self._gap(2)
        number = self._line(head.number, indent=False)
        number.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _underline(number)
        self._gap(2)

    def _heading(self, text: str, level: int) -> None:
        # Real headings, so that a reader's program lists them.
        made = self._made.add_heading(level=level)
        run = made.add_run(text)
        run.bold = False
        run.font.color.rgb = RGBColor(0, 0, 0)
        _set_font(run.font, run._element.get_or_add_rPr(), _HEADING_FONTS[level - 1], BODY_PT)
        _space(made, _LINE_PT)
        made.paragraph_format.first_line_indent = Pt(BODY_PT * 2)
        made.paragraph_format.keep_with_next = True

    def _caption(self, word: str, number: int, text: str) -> None:
        made = self._line(
            f"{word}{number}　{text}", font=_HEADING_FONTS[0], size=_TABLE_PT + 1.5, indent=False
        )
        made.alignment = WD_ALIGN_PARAGRAPH.CENTER
        made.paragraph_format.keep_with_next = word.startswith(("表", "Table"))

    def _gap(self, lines: float = 0.5) -> None:
        """Empty lines; they go to the next page with what follows them."""
        made = self._made.add_paragraph()
        _space(made, _LINE_PT * lines)
        made.paragraph_format.keep_with_next = lines >= 1

    def _cell(
        self, cell: Any, text: str, *, is_header: bool = False, is_number: bool = False
    ) -> None:
        made = cell.paragraphs[0]
        run = made.add_run(text)
        font = _HEADING_FONTS[0] if is_header else BODY_FONT
        _set_font(run.font, run._element.get_or_add_rPr(), font, _TABLE_PT)
        _space(made, _TABLE_PT * 1.4)
        if is_header:
            made.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif is_number:
            made.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    def _line(
        self,
        text: str,
        *,
        font: str = BODY_FONT,
        size: float = BODY_PT,
        indent: bool = True,
        line: float = _LINE_PT,
    ) -> Paragraph:
        made = self._made.add_paragraph()
        run = made.add_run(text)
        _set_font(run.font, run._element.get_or_add_rPr(), font, size)
        _space(made, line)
        if indent:
            made.paragraph_format.first_line_indent = Pt(size * 2)
        return made


def _is_figure(text: str) -> bool:
    """Whether a cell has a number, a day or nothing; B1 is a floor, 1号楼 203 a room."""
    ends_so = text[-1:].isdigit() or text[-1:] in "%—"
    return ends_so and not any(one.isalpha() for one in text)


def _ems(text: str) -> float:
    """How wide a text is, in Chinese characters."""
    return _letters(text) / 2


def _underline(paragraph: Paragraph) -> None:
    """A red line over the width of the text, 4 mm below a paragraph."""
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    # Eighths of a point, and points of room: 4 mm are 11.
    for name, value in (("val", "single"), ("sz", "12"), ("space", "11"), ("color", str(_RED))):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)


def numeral(number: int) -> str:
    """1 to 99 as headings count."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens - 1]}十"
    return head + (_NUMERALS[ones - 1] if ones else "")


def _lay_out_page(made: Any) -> None:
    section = made.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(35 - 7 - 5)  # the number stands 7 mm below the text
    made.settings.odd_and_even_pages_header_footer = True
    _number_pages(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _number_pages(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)


def _number_pages(footer: Any, side: Any) -> None:
    """A number between dashes, one character in from the outer edge."""
    line = footer.paragraphs[0]
    line.alignment = side
    if side == WD_ALIGN_PARAGRAPH.RIGHT:
        line.paragraph_format.right_indent = Pt(_PAGE_NUMBER_PT)
    else:
        line.paragraph_format.left_indent = Pt(_PAGE_NUMBER_PT)
    for text in ("— ", None, " —"):
        run = line.add_run(text or "")
        _set_font(run.font, run._element.get_or_add_rPr(), "宋体", _PAGE_NUMBER_PT, latin="宋体")
        if text is None:
            for kind, code in (("begin", None), (None, "PAGE"), ("end", None)):
                run._element.append(_field_part(kind, code))


def _field_part(kind: str | None, code: str | None) -> Any:
    if kind is None:
        element = OxmlElement("w:instrText")
        element.text = code
        return element
    element = OxmlElement("w:fldChar")
    element.set(qn("w:fldCharType"), kind)
    return element


def _set_font(font: Any, properties: Any, name: str, size: float, *, latin: str = LATIN) -> None:
    font.name = latin
    font.size = Pt(size)
    fonts = properties.get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), name)
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)


def _space(paragraph: Paragraph, line: float) -> None:
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    form.line_spacing = Pt(line)


def _widen(table: Any, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as what stands in them wants; headers may go on in a second line."""
    least = [
        max(_NARROWEST, unbroken(text), *(min(unbroken_cell(cell), _WIDEST) for cell in cells))
        for text, *cells in zip(header, *rows, strict=True)
    ]
    wanted = [
        min(max(low, _letters(text) // 2 + 2, *(_letters(cell) + 2 for cell in cells)), _WIDEST)
        for low, text, *cells in zip(least, header, *rows, strict=True)
    ]  # fmt: skip
    shares = shared_out(_TEXT_WIDTH_MM / _LETTER_MM, least, wanted)
    table.autofit = False
    for column, share in zip(table.columns, shares, strict=True):
        width = Mm(share * _LETTER_MM)
        column.width = width
        for cell in column.cells:
            cell.width = width


def _letters(text: str) -> int:
    """How wide a text is, in digits; a Chinese character takes two."""
    return sum(1 if one.isascii() else 2 for one in text)


def _repeat_header(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _tell_language(made: Any) -> None:
    """Whose forms of characters and stops are meant: elsewhere a comma stands in the middle."""
    for language in made.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _name_substitutes(made: Any) -> None:
    """What to take where a font is missing, in the file's table of fonts."""
    part = next(one for one in made.part.package.iter_parts() if "fontTable" in one.partname)
    named = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{",".join(others)}"/></w:font>'
        for name, others in SUBSTITUTES.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", f"{named}</w:fonts>".encode())
