"""A page as a file: a workbook of one or more pages, or text with separators."""

import csv
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from bench.clerks.page import Page, Planted


def write_workbook(path: Path, pages: Sequence[Page], *, cover: dict[str, str]) -> list[Planted]:
    """Write pages as sheets, a cover before them where there is something to say on it."""
    book = Workbook()
    book.remove(book.worksheets[0])
    if cover:
        sheet = book.create_sheet("封面")
        for label, value in cover.items():
            sheet.append([label, value])
    planted: list[Planted] = []
    for page in pages:
        planted += _write_page(book.create_sheet(page.name), page)
    book.save(path)
    return planted


def write_text(path: Path, page: Page, *, encoding: str) -> list[Planted]:
    """Write a page as comma-separated text."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["/".join(column.header) for column in page.columns])
        writer.writerows(page.rows)
    return _planted(page, [at + 2 for at in range(len(page.rows))], sheet=None)


def _write_page(sheet: Worksheet, page: Page) -> list[Planted]:
    for title in page.titles:
        sheet.append([title])
    depth = max(len(column.header) for column in page.columns)
    top = sheet.max_row + 1 if page.titles else 1
    _write_header(sheet, page, top, depth)
    row = top + depth
    if page.has_counting_row:
        for at in range(len(page.columns)):
            sheet.cell(row, at + 1, f"({at + 1})")
        row += 1
    numbers, extra = [], []
    for at, cells in enumerate(page.rows):
        if at in page.header_again:
            _write_header(sheet, page, row, 1)
            extra.append((row, "header_again"))
            row += 1
        _write_cells(sheet, row, cells)
        if at in page.total_rows:
            extra.append((row, "total_row"))
        numbers.append(row)
        row += 1
    _merge_things(sheet, page, numbers)
    for key in page.hidden_columns:
        sheet.column_dimensions[get_column_letter(page.at(key) + 1)].hidden = True
    if page.is_hidden:
        sheet.sheet_state = "hidden"
    return _planted(page, numbers, sheet=page.name) + [
        Planted(page.file, page.name, at, None, kind) for at, kind in extra
    ]


def _write_cells(sheet: Worksheet, row: int, cells: Sequence[Any]) -> None:
    for place, value in enumerate(cells, start=1):
        if value is not None:
            sheet.cell(row, place, float(value) if isinstance(value, Decimal) else value)


def _write_header(sheet: Worksheet, page: Page, top: int, depth: int) -> None:
    for at, column in enumerate(page.columns, start=1):
        for level, text in enumerate(column.header):
            sheet.cell(top + level, at, text)
        if depth > len(column.header):
            _merge(sheet, (top + len(column.header) - 1, at), (top + depth - 1, at))
    for level in range(depth - 1):
        start = 0
        for at in range(1, len(page.columns) + 1):
            if at < len(page.columns) and _shared(page, start, at, level):
                continue
            if at - start > 1:
                _merge(sheet, (top + level, start + 1), (top + level, at))
            start = at


def _shared(page: Page, one: int, other: int, level: int) -> bool:
    """Whether two columns stand under one word of a level."""
    mine, theirs = page.columns[one].header, page.columns[other].header
    return len(mine) > level + 1 < len(theirs) + 1 and mine[: level + 1] == theirs[: level + 1]


def _merge(sheet: Worksheet, first: tuple[int, int], last: tuple[int, int]) -> None:
    sheet.merge_cells(start_row=first[0], start_column=first[1], end_row=last[0],
                      end_column=last[1])  # fmt: skip


def _merge_things(sheet: Worksheet, page: Page, numbers: Sequence[int]) -> None:
    if not page.user_keys:
        return
    for thing in dict.fromkeys(page.things):
        rows = [numbers[at] for at, one in enumerate(page.things) if one == thing]
        if len(rows) == 1:
            continue
        for at, column in enumerate(page.columns, start=1):
            if column.key not in page.user_keys:
                _merge(sheet, (rows[0], at), (rows[-1], at))


def _planted(page: Page, numbers: Sequence[int], *, sheet: str | None) -> list[Planted]:
    titles = {column.key: "/".join(column.header) for column in page.columns}
    return [
        Planted(page.file, sheet, 0 if row is None else numbers[row],
                None if key is None else titles[key], kind)
        for row, key, kind in page.marks
    ]  # fmt: skip
