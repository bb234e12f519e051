"""What a workbook holds beside its values: macros, links, hidden parts, broken formulas."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from etl.confined.answer import Note

_CHUNK: Final = 16 << 20
_MOST_CELLS: Final = 100_000
_SHOWN: Final = 12
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_LAST_ROW: Final = re.compile(rb"<(?:\w+:)?row\b")
_FORMULA: Final = rb"<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)"
_NO_VALUE: Final = re.compile(
    rb"<(?:\w+:)?c\b([^>]*[^/>])?>\s*" + _FORMULA + rb"\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ERROR: Final = re.compile(
    rb"<(?:\w+:)?c\b([^>]*\bt=\"e\"[^>]*)>\s*(?:" + _FORMULA + rb"\s*)?"
    rb"<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>"
)
_PLACE: Final = re.compile(rb"\br=\"([A-Z]{1,3})(\d{1,7})\"")
_HIDDEN_COLUMN: Final = re.compile(rb"<(?:\w+:)?col\b[^>]*\bhidden=\"(?:1|true)\"[^>]*>")
_HIDDEN_ROW: Final = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=\"(?:1|true)\"[^>]*>")
_MACROS: Final = ("xl/vbaproject.bin", "basic/")
_LINKS: Final = "xl/externallinks/"


def notes_of_package(path: Path, widths: dict[str, int]) -> list[Note]:
    """What to say of an xlsx or ods; its archive has been found sound.

    Args:
        path: The file.
        widths: Columns in use by sheet name; hidden ones beyond them hide nothing.
    """
    with zipfile.ZipFile(path) as archive:
        members = [name.casefold() for name in archive.namelist()]
        notes = []
        if any(name.startswith(_MACROS) for name in members):
            notes.append(Note("workbook.macros"))
        if any(name.startswith(_LINKS) for name in members):
            notes.append(Note("workbook.external_links"))
        for sheet, part in _sheet_parts(archive).items():
            if sheet in widths:
                notes += _notes_of_sheet(archive, part, sheet, widths[sheet])
    return notes


def notes_of_ole(path: Path) -> list[Note]:
    """What to say of an xls."""
    has_macros = "_VBA_PROJECT".encode("utf-16-le") in path.read_bytes()
    return [Note("workbook.macros")] if has_macros else []


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Member of each sheet by its name; none for an ods, which keeps all of them in one."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 -- no DTD
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {link.get("Id"): (link.get("Target") or "").lstrip("/") for link in links}
    names = set(archive.namelist())
    found = {}
    for element in book.iter():
        if element.tag.endswith("}sheet"):
            target = targets.get(element.get(_RELATION) or element.get(_STRICT_RELATION)) or ""
            part = target if target.startswith("xl/") else f"xl/{target}"
            if part in names:
                found[element.get("name") or ""] = part
    return found


def _notes_of_sheet(archive: zipfile.ZipFile, part: str, sheet: str, width: int) -> Iterator[Note]:
    columns: list[int] = []
    rows: list[int] = []
    cells = 0
    for piece in _pieces(archive, part):
        for tag in _HIDDEN_COLUMN.findall(piece):
            columns += range(_number(tag, b"min"), min(_number(tag, b"max"), width) + 1)
        rows += [_number(tag, b"r") for tag in _HIDDEN_ROW.findall(piece)]
        if cells < _MOST_CELLS:
            for note in _broken_cells(piece, sheet):
                cells += 1
                yield note
    if columns:
        yield Note("sheet.hidden_columns", sheet=sheet, original=_listed(map(_letters, columns)))
    if rows:
        yield Note("sheet.hidden_rows", sheet=sheet, original=_listed(map(str, rows)))


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The markup of a sheet in pieces that each begin with a row, so that no cell is cut in two."""
    rest = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            whole = rest + chunk
            begins = [match.start() for match in _LAST_ROW.finditer(whole, len(rest))]
            cut = begins[-1] if begins else 0
            yield whole[:cut]
            rest = whole[cut:]
    yield rest


def _broken_cells(piece: bytes, sheet: str) -> Iterator[Note]:
    if b"<f" in piece or b":f" in piece:
        for match in _NO_VALUE.finditer(piece):
            if place := _PLACE.search(match[1] or b""):
                yield Note(
                    "cell.formula_no_value",
                    sheet=sheet,
                    row=int(place[2]),
                    column=place[1].decode(),
                )
    if b't="e"' in piece:
        for match in _ERROR.finditer(piece):
            if place := _PLACE.search(match[1]):
                yield Note(
                    "cell.formula_error",
                    sheet=sheet,
                    row=int(place[2]),
                    column=place[1].decode(),
                    original=match[2].decode("ascii", "replace"),
                )


def _number(tag: bytes, name: bytes) -> int:
    found = re.search(rb"\b" + name + rb"=\"(\d{1,7})\"", tag)
    return int(found[1]) if found else 0


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _listed(names: Iterator[str]) -> str:
    every = list(names)
    more = " …" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
