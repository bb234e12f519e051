"""Cells of a workbook by their look, each look made once."""

from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side

_TO_THE_CENT: Final = "#,##0.00"
_THIN: Final = Side(style="thin", color="808080")
_GRID: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)


@dataclass(frozen=True)
class Look:
    """How a cell looks.

    Args:
        size: Of its letters, in points; null: as usual.
        is_boxed: It has lines around it.
        wraps: A text goes on in further lines.
    """

    is_bold: bool = False
    size: int | None = None
    is_boxed: bool = False
    horizontal: str | None = None
    vertical: str = "top"
    wraps: bool = True


class Cells:
    """Makes the cells of one sheet.

    A style set on a cell is compared with every style of the book as a whole, which for a survey of
    a city took longer than everything else; cells of one look share what was found for the first.
    """

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._styles: dict[tuple[Look, bool], Any] = {}

    def made(self, value: Any, look: Look) -> Any:
        """A cell with a value: a text stays one, whatever it begins with."""
        is_decimal = isinstance(value, (Decimal, float))
        if isinstance(value, str):
            value = _printable(value)
        cell: Any = WriteOnlyCell(self._sheet, float(value) if is_decimal else value)
        if isinstance(value, str):
            cell.data_type = "s"  # a text that begins with = is a text, never a formula
        known = (look, is_decimal)
        if known not in self._styles:
            _dress(cell, look)
            if is_decimal:
                cell.number_format = _TO_THE_CENT
            self._styles[known] = copy(cell._style)
        cell._style = self._styles[known]
        return cell


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(one for one in text if one >= " " or one in "\n\t")


def _dress(cell: Any, look: Look) -> None:
    if look.is_bold or look.size:
        cell.font = Font(bold=look.is_bold, size=look.size)
    if look.is_boxed:
        cell.border = _GRID
    cell.alignment = Alignment(
        horizontal=look.horizontal, vertical=look.vertical, wrap_text=look.wraps
    )
