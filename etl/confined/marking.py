"""A filer's workbook with its bad cells coloured and commented, and a sheet that lists them."""

import contextlib
import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from etl.confined.answer import ANSWER_FILE, save_refusal
from etl.confined.formats import MARKUP, WORKBOOKS, Format
from etl.confined.process import confine_self
from etl.confined.sniff import sniff
from etl.limits import Limits
from gis.errors import SourceError

MARKED_FILE: Final = "marked.xlsx"
LIST_SHEET: Final = "onemap 问题清单"
"""Sheet that lists the marks; sheets whose name begins so are ours and never read as data."""

_COLOURS: Final = {"reject": "FFF4B6B6", "question": "FFFFD591", "warn": "FFFFF3B0"}
_ORDER: Final = ("warn", "question", "reject")
_AUTHOR: Final = "onemap"
_OURS: Final = "【onemap】"
"""Begins our part of a comment; what stands before it is a person's own."""
_WIDEST_COMMENT: Final = 360
_LIST_WIDTHS: Final = (22, 8, 10, 24, 12, 64, 28, 28)
_LONGEST_CELL: Final = 32_767


@dataclass(frozen=True)
class Mark:
    """One thing wrong with a file, in words.

    Args:
        sheet: Sheet name; null for a file with one nameless sheet.
        row: As a person counts, 0 for the sheet as a whole.
        column: As a person counts; null when the row as a whole is meant.
        header: What stands over the column; null when the row as a whole is meant.
        severity: `reject`, `question` or `warn`.
        title: The severity in words.
        message: What is wrong.
        original: What stood there.
        suggestion: What was taken, or is proposed.
    """

    sheet: str | None
    row: int
    column: int | None
    header: str | None
    severity: str
    title: str
    message: str
    original: str | None
    suggestion: str | None


def main() -> None:
    """Reads a request (`path, file, folder, limits, marks, headers`) and answers it."""
    request = json.load(sys.stdin)
    limits = Limits(**request["limits"])
    confine_self(limits)
    folder = Path(request["folder"])
    try:
        book = _opened(Path(request["path"]), request["file"], limits)
        _mark(book, [Mark(**one) for one in request["marks"]], request["headers"])
        book.save(folder / MARKED_FILE)
    except SourceError as error:
        save_refusal(folder, error.key, error.params)
    except MemoryError:
        save_refusal(folder, "load.too_much_memory", {"file": request["file"]})
    else:
        (folder / ANSWER_FILE).write_text("{}", encoding="utf-8")


def _opened(path: Path, file: str, limits: Limits) -> Any:
    """The file as an openpyxl workbook: itself where it is one, else its cells in a new one.

    Raises:
        SourceError: It is not made of cells.
    """
    import openpyxl  # noqa: PLC0415 -- after the process gave up what it does not need

    found = sniff(path, file, limits)
    if found not in WORKBOOKS | MARKUP | {Format.CSV}:
        raise SourceError("marked.only_sheets", file=file)
    if found is Format.XLSX:
        # Anything may be thrown here: the file opened for reading, but is written by strangers.
        try:
            return openpyxl.load_workbook(path, keep_vba=file.lower().endswith(".xlsm"))
        except MemoryError:
            raise
        except Exception:  # the cells at least can always be given back
            return _copied(_workbook_sheets(path))
    if found in MARKUP:
        return _copied(_markup_sheets(path, file, found, limits))
    return _copied(_csv_sheets(path, file) if found is Format.CSV else _workbook_sheets(path))


@dataclass(frozen=True)
class _Sheet:
    name: str
    rows: Iterable[Sequence[Any]]
    merges: Sequence[Any] = ()
    is_hidden: bool = False


def _workbook_sheets(path: Path) -> Iterator[_Sheet]:
    import python_calamine  # noqa: PLC0415

    with python_calamine.load_workbook(path) as workbook:
        for sheet in workbook.sheets_metadata:
            if sheet.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            found = workbook.get_sheet_by_name(sheet.name)
            yield _Sheet(
                sheet.name,
                found.to_python(skip_empty_area=False),
                found.merged_cell_ranges or (),
                sheet.visible != python_calamine.SheetVisibleEnum.Visible,
            )


def _csv_sheets(path: Path, file: str) -> Iterator[_Sheet]:
    from etl.confined.delimited import decode, delimiter_of  # noqa: PLC0415

    text = decode(path.read_bytes(), file)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    yield _Sheet(Path(file).stem[:31] or "csv", rows)


def _markup_sheets(path: Path, file: str, form: Format, limits: Limits) -> Iterator[_Sheet]:
    from etl.confined.from_markup import markup_sheets  # noqa: PLC0415

    stem = Path(file).stem[:31] or form.value
    for sheet in markup_sheets(path, file, form, Path.cwd(), limits):
        yield _Sheet(sheet.name or stem, sheet.rows, sheet.merges, sheet.is_hidden)


def _copied(sheets: Iterable[_Sheet]) -> Any:
    """A new workbook with the cells of another: values and merges, no looks."""
    import openpyxl  # noqa: PLC0415

    book = openpyxl.Workbook()
    for empty in book.worksheets:
        book.remove(empty)
    for sheet in sheets:
        made = book.create_sheet()
        # A name that this library forbids keeps its sheet under the name it gives.
        with contextlib.suppress(ValueError):
            made.title = sheet.name
        if sheet.is_hidden:
            made.sheet_state = "veryHidden" if sheet.name == "onemap" else "hidden"
        for number, row in enumerate(sheet.rows, start=1):
            for position, value in enumerate(row, start=1):
                if value not in ("", None):
                    _write(made.cell(number, position), value)
        for (first_row, first_column), (last_row, last_column) in sheet.merges:
            made.merge_cells(
                start_row=first_row + 1,
                start_column=first_column + 1,
                end_row=last_row + 1,
                end_column=last_column + 1,
            )
    return book


def _write(cell: Any, value: Any) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST_CELL]
        cell.data_type = "s"  # never a formula, whatever it begins with
    else:
        cell.value = value


def _mark(book: Any, marks: Sequence[Mark], headers: Sequence[str]) -> None:
    """Puts the marks on their cells and the list behind the last sheet, without those before."""
    _unmark(book)
    names = set(book.sheetnames)
    only = next((one for one in book.worksheets if one.sheet_state == "visible"), None)
    cells: dict[tuple[str, str], list[Mark]] = {}
    places: list[str | None] = []
    for mark in marks:
        sheet = book[mark.sheet] if mark.sheet in names else only if mark.sheet is None else None
        if sheet is None or mark.row < 1:
            places.append(None)
            continue
        cell = _top_left(sheet, mark.row, mark.column or 1)
        places.append(f"#'{_quoted(sheet.title)}'!{cell.coordinate}")
        cells.setdefault((sheet.title, cell.coordinate), []).append(mark)
    for (title, coordinate), found in cells.items():
        _decorate(book[title][coordinate], found)
    _list(book, marks, places, headers)


def _unmark(book: Any) -> None:
    """Takes away what an earlier round marked: the list says which cells those were."""
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.styles import PatternFill  # noqa: PLC0415

    if LIST_SHEET not in book.sheetnames:
        return
    for row in book[LIST_SHEET].iter_rows(min_row=2, max_col=1):
        link = row[0].hyperlink
        location = (link.location or "") if link else ""
        title, _, coordinate = location.lstrip("#").rpartition("!")
        title = title.strip("'").replace("''", "'")
        if title not in book.sheetnames:
            continue
        cell = book[title][coordinate]
        cell.fill = PatternFill()
        if cell.comment is not None and _OURS in cell.comment.text:
            own = cell.comment.text.partition(_OURS)[0].rstrip("\n")
            cell.comment = Comment(own, cell.comment.author) if own else None
    del book[LIST_SHEET]


def _top_left(sheet: Any, row: int, column: int) -> Any:
    """The cell at a position, or the one that stands for it where cells are merged."""
    from openpyxl.cell.cell import MergedCell  # noqa: PLC0415

    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):
        for span in sheet.merged_cells.ranges:
            if cell.coordinate in span:
                return sheet.cell(span.min_row, span.min_col)
    return cell


def _decorate(cell: Any, marks: Sequence[Mark]) -> None:
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.styles import PatternFill  # noqa: PLC0415

    worst = max((mark.severity for mark in marks), key=_ORDER.index)
    cell.fill = PatternFill("solid", fgColor=_COLOURS[worst])
    lines = [
        f"{mark.title}：{mark.message}" + (f"\n→ {mark.suggestion}" if mark.suggestion else "")
        for mark in marks
    ]
    before = cell.comment
    own = f"{before.text}\n" if before is not None else ""
    author = before.author if before is not None else _AUTHOR
    comment = Comment(own + _OURS + "\n" + "\n".join(lines), author)
    comment.width = _WIDEST_COMMENT
    comment.height = 40 + 22 * sum(1 + len(line) // 28 for line in lines)
    cell.comment = comment


def _list(
    book: Any, marks: Sequence[Mark], places: Sequence[str | None], headers: Sequence[str]
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.hyperlink import Hyperlink  # noqa: PLC0415

    sheet = book.create_sheet(LIST_SHEET)
    for position, (header, width) in enumerate(zip(headers, _LIST_WIDTHS, strict=True), start=1):
        cell = sheet.cell(1, position, header)
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A2"
    for number, (mark, place) in enumerate(zip(marks, places, strict=True), start=2):
        column = get_column_letter(mark.column) if mark.column else ""
        values = (mark.sheet, mark.row or None, column, mark.header, mark.title, mark.message,
                  mark.original, mark.suggestion)  # fmt: skip
        for position, value in enumerate(values, start=1):
            if value not in ("", None):
                _write(sheet.cell(number, position), value)
            sheet.cell(number, position).alignment = Alignment(vertical="top", wrap_text=True)
        sheet.cell(number, 5).fill = PatternFill("solid", fgColor=_COLOURS[mark.severity])
        if place is not None:
            first = sheet.cell(number, 1)
            first.value = first.value or place.lstrip("#").partition("!")[0].strip("'")
            first.hyperlink = Hyperlink(ref=first.coordinate, location=place.lstrip("#"))
            first.font = Font(color="FF0B57D0", underline="single")


def _quoted(title: str) -> str:
    return title.replace("'", "''")
