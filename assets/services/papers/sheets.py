"""How sheets are laid out, for all workbooks that people print."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

A3: Final = Worksheet.PAPERSIZE_A3
A4: Final = Worksheet.PAPERSIZE_A4

_WIDE: Final = frozenset("WF")
_WORD: Final = re.compile(r"[!-~]+")
_ROOM: Final = 2
"""Letters of room a column keeps beside its text."""


def letters(text: str) -> int:
    """How wide a text is in letters of the Latin alphabet; a Chinese sign takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in _WIDE else 1 for one in text)


def longest_word(text: str) -> int:
    """How wide the longest piece is at which a line does not end; Chinese ends anywhere."""
    return max(map(len, _WORD.findall(text)), default=0)


def columns_wide(rows: Iterable[Sequence[Any]], shown: Callable[[Any], str]) -> list[int]:
    """The width in letters each column needs, by its longest line of `shown(value)`."""
    widths: list[int] = []
    for row in rows:
        widths.extend([0] * (len(row) - len(widths)))
        for at, value in enumerate(row):
            lines = shown(value).split("\n")
            widths[at] = max(widths[at], *(letters(line) + _ROOM for line in lines))
    return widths


def set_up_print(sheet: Any, *, header_rows: int, paper: str) -> None:
    """All columns on the width of one landscape page, headers repeated, pages numbered."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = paper
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"1:{header_rows}"
    sheet.page_margins = PageMargins(
        left=0.4, right=0.4, top=0.7, bottom=0.7, header=0.3, footer=0.3
    )
    sheet.oddFooter.center.text = "&P / &N"
