"""The tables of a web page as sheets: every cell is the text that a reader of the page sees."""

import re
from html.parser import HTMLParser
from typing import Final

from etl.confined.delimited import decode
from etl.confined.sheets import MarkupSheet
from etl.limits import Limits
from gis.errors import SourceError

_UNSEEN: Final = frozenset({"script", "style", "title", "template"})
_CELLS: Final = frozenset({"td", "th"})
_PARTS: Final = frozenset({"thead", "tbody", "tfoot"})
_BREAKS: Final = frozenset({"br", "p", "div", "li"})
_SPACES: Final = re.compile(r"[ \t\r\n\f\v]+")
_BREAK: Final = "\x00"
"""Stands for a line break until the spaces of the markup, which mean nothing, are gone."""
_MOST_TABLES: Final = 200


def sheets_of_page(content: bytes, file: str, limits: Limits) -> list[MarkupSheet]:
    """The tables of a page that say something, in order; named by number where there are several.

    Raises:
        SourceError: There is none, the text is in no known encoding, or a ceiling is passed.
    """
    page = _Page(file, limits)
    page.feed(decode(content, file))
    page.close()
    found = [one for one in page.tables if any(any(row) for row in one.rows)]
    if not found:
        raise SourceError("load.page_without_table", file=file)
    for number, one in enumerate(found, start=1):
        one.name = str(number) if len(found) > 1 else None
    return found


class _Page(HTMLParser):
    """Gathers tables; a table inside a cell is one of its own, and its text no part of the cell."""

    def __init__(self, file: str, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[MarkupSheet] = []
        self._file, self._limits = file, limits
        self._open: list[_OpenTable] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "table":
            if len(self.tables) == _MOST_TABLES:
                raise SourceError("load.page_without_table", file=self._file)
            sheet = MarkupSheet(self._file, self._limits)
            self.tables.append(sheet)
            self._open.append(_OpenTable(sheet))
        elif self._open:
            table = self._open[-1]
            if tag == "tr" or tag in _PARTS:
                table.end_cell()
                table.has_row = tag == "tr"
                if tag == "tr":
                    table.sheet.begin_row()
            elif tag in _CELLS:
                table.begin_cell(dict(attrs))
            elif tag in _BREAKS:
                table.hear(_BREAK)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _UNSEEN or tag == "table":
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif self._open and (tag in _CELLS or tag == "tr" or tag in _PARTS):
            self._open[-1].end_cell()
            self._open[-1].has_row &= tag in _CELLS
        elif self._open and tag == "table":
            self._open.pop().end_cell()

    def handle_data(self, data: str) -> None:
        if self._open and not self._unseen:
            self._open[-1].hear(data)


class _OpenTable:
    """A table being read, and the cell at work; text outside cells is nobody's."""

    def __init__(self, sheet: MarkupSheet) -> None:
        self.sheet = sheet
        self.has_row = False
        self._heard: list[str] | None = None
        self._across = self._down = 1

    def hear(self, text: str) -> None:
        if self._heard is not None:
            self._heard.append(text)

    def begin_cell(self, about: dict[str, str | None]) -> None:
        self.end_cell()
        if not self.has_row:
            self.sheet.begin_row()
            self.has_row = True
        self._heard = []
        self._across = _count(about.get("colspan"), self.sheet.limits.max_columns)
        self._down = _count(about.get("rowspan"), self.sheet.limits.max_rows)

    def end_cell(self) -> None:
        if self._heard is None:
            return
        text = _SPACES.sub(" ", "".join(self._heard).replace("\xa0", " "))
        lines = [line.strip() for line in text.split(_BREAK)]
        self._heard = None
        said = "\n".join(line for line in lines if line)
        self.sheet.add(said, across=self._across, down=self._down)


def _count(written: str | None, most: int) -> int:
    """How many a span covers; 1 where it says nothing sensible, the ceiling at most."""
    digits = re.match(r"\s*(\d{1,9})", written or "")
    return min(max(int(digits[1]), 1), most) if digits else 1
