"""Writes tables as xlsx with merged headers, byte for byte the same each time."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from etl.sample.quantities import MARK, SURVEY_ON
from etl.sample.tables import TOTAL, Cell, Sheet

_STAMP: Final = datetime.fromisoformat(SURVEY_ON)
_THIN: Final = Side(style="thin", color="999999")
_BORDER: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_MIDDLE: Final = Alignment(horizontal="center", vertical="center", wrap_text=True)
_HEADER_FILL: Final = PatternFill("solid", fgColor="DCE6F1")


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """One workbook with the sheets in order, marked as sample data in its properties."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.name), sheet)
    book.properties.title = f"{path.stem}（{MARK}）"
    book.properties.creator = MARK
    book.properties.description = MARK
    book.properties.created = _STAMP
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    _freeze(path)


def _write_sheet(page: Any, sheet: Sheet) -> None:
    for number, heading in enumerate(sheet.headings, start=1):
        page.column_dimensions[get_column_letter(number)].width = heading.width
    for column in sheet.hidden:
        page.column_dimensions[get_column_letter(column + 1)].hidden = True
    page.freeze_panes = f"A{sheet.first_row}"
    for row in _opening_rows(page, sheet):
        page.append(row)
    for row, kind in zip(sheet.rows, sheet.kinds, strict=True):
        page.append([_styled(page, cell, bold=True) for cell in row] if kind == TOTAL else row)
    if sheet.footer:
        page.append([sheet.footer])
    # `add` looks for each range among all others: minutes for a large sheet.
    page.merged_cells.ranges.update(CellRange(spot) for spot in _merged(sheet))


def _styled(
    page: Worksheet, value: Cell, *, bold: bool = False, size: int = 11, fill: bool = False
) -> Any:
    cell = WriteOnlyCell(page, value=value)
    cell.font = Font(bold=bold, size=size)
    if fill:
        cell.fill, cell.border, cell.alignment = _HEADER_FILL, _BORDER, _MIDDLE
    return cell


def _opening_rows(page: Worksheet, sheet: Sheet) -> Iterator[list[Any]]:
    """Title, note and header rows; a merged header's text stands in its first cell only."""
    if sheet.title is not None:
        title = _styled(page, sheet.title, bold=True, size=16)
        title.alignment = _MIDDLE
        yield [title]
    if sheet.note is not None:
        yield [sheet.note]
    for level in range(sheet.levels):
        texts: list[str | None] = []
        for position in range(len(sheet.headings)):
            above, text = (
                _header_path(sheet, position)[:level],
                _header_path(sheet, position)[level],
            )
            before = _header_path(sheet, position - 1) if position else []
            is_repeat = bool(before) and before[: level + 1] == [*above, text]
            texts.append(None if is_repeat else text)
        yield [_styled(page, text, bold=True, fill=True) for text in texts]


def _header_path(sheet: Sheet, position: int) -> list[str | None]:
    """A column's header from the top level down; below its last text nothing."""
    heading = sheet.headings[position]
    groups = [group for group in (heading.group, heading.subgroup) if group]
    path: list[str | None] = [*groups, heading.title]
    return path + [None] * (sheet.levels - len(path))


def _merged(sheet: Sheet) -> Iterator[str]:
    """Ranges to merge: title, note, header groups and single headers, shared data cells."""
    last = get_column_letter(len(sheet.headings))
    opening = (sheet.title is not None) + (sheet.note is not None)
    yield from (f"A{row}:{last}{row}" for row in range(1, opening + 1))
    yield from _merged_header(sheet, opening + 1)
    for first, final in sheet.spans:
        for column in sheet.shared:
            letter = get_column_letter(column + 1)
            yield f"{letter}{sheet.first_row + first}:{letter}{sheet.first_row + final}"


def _merged_header(sheet: Sheet, top: int) -> Iterator[str]:
    bottom = top + sheet.levels - 1
    paths = [_header_path(sheet, position) for position in range(len(sheet.headings))]
    for level in range(sheet.levels - 1):
        start = 0
        for position in range(1, len(paths) + 1):
            same = (
                position < len(paths) and paths[position][: level + 1] == paths[start][: level + 1]
            )
            if same:
                continue
            text = paths[start][level]
            first, last = get_column_letter(start + 1), get_column_letter(position)
            if text is not None and position - start > 1:
                yield f"{first}{top + level}:{last}{top + level}"
            elif text is not None and paths[start][level + 1] is None:
                yield f"{first}{top + level}:{first}{bottom}"
            start = position


def _freeze(path: Path) -> None:
    """Take the time of writing out of the package, so that equal content is an equal file."""
    with zipfile.ZipFile(path) as package:
        parts = [(info.filename, package.read(info)) for info in package.infolist()]
    stamp = f"{SURVEY_ON}T00:00:00Z".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
        for name, content in parts:
            if name == "docProps/core.xml":
                # Whoever else writes XML in this process may have named the namespace otherwise.
                content = re.sub(  # noqa: PLW2901
                    rb"(<\w+:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content
                )
            package.writestr(
                zipfile.ZipInfo(name, date_time=_STAMP.timetuple()[:6]),
                content,
                compress_type=zipfile.ZIP_DEFLATED,
            )
