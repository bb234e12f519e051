"""The sheets of XML Spreadsheet 2003, the text form of a workbook of that year."""

import datetime as dt
import math
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from etl.confined.markup import written_as_utf8
from etl.confined.sheets import MarkupSheet
from etl.limits import Limits
from gis.errors import SourceError

_SHEETS: Final = "{urn:schemas-microsoft-com:office:spreadsheet}"
_PROGRAM: Final = "{urn:schemas-microsoft-com:office:excel}"
_HIDDEN: Final = frozenset({"SheetHidden", "SheetVeryHidden"})


def sheets_of_xml(path: Path, file: str, limits: Limits, folder: Path) -> list[MarkupSheet]:
    """All sheets of the workbook, hidden ones too.

    Args:
        path: The file.
        file: Name as the person knows it.
        limits: Ceilings.
        folder: Where a clean copy may be written.

    Raises:
        SourceError: Damaged, with a document type, in no known encoding, or over a ceiling.
    """
    clean = written_as_utf8(path.read_bytes(), file, folder / "sheets.xml")
    found: list[MarkupSheet] = []
    row: Any = None
    try:
        # Without a document type there is no entity to grow and no file to fetch.
        for event, element in ElementTree.iterparse(clean, events=("start", "end")):  # noqa: S314
            tag = element.tag
            if event == "start":
                if tag == f"{_SHEETS}Worksheet":
                    name = element.get(f"{_SHEETS}Name")
                    found.append(MarkupSheet(file, limits, name=name))
                elif tag == f"{_SHEETS}Row" and found:
                    found[-1].begin_row(_number(element, "Index"))
                    row = element
            elif tag == f"{_SHEETS}Cell" and found and row is not None:
                _add(found[-1], element)
                element.clear()
            elif tag == f"{_SHEETS}Row":
                row = None
                element.clear()
            elif tag == f"{_PROGRAM}Visible" and found:
                found[-1].is_hidden = (element.text or "").strip() in _HIDDEN
    except ElementTree.ParseError as error:
        raise SourceError("load.truncated", file=file) from error
    finally:
        clean.unlink(missing_ok=True)
    return found


def _add(sheet: MarkupSheet, cell: Any) -> None:
    content = cell.find(f"{_SHEETS}Data")
    sheet.add(
        None if content is None else _value(content),
        column=_number(cell, "Index"),
        across=(_number(cell, "MergeAcross") or 0) + 1,
        down=(_number(cell, "MergeDown") or 0) + 1,
    )


def _number(element: Any, name: str) -> int | None:
    written = element.get(f"{_SHEETS}{name}") or ""
    return int(written) if written.isdecimal() and len(written) < 10 else None


def _value(content: Any) -> Any:
    """What a cell holds, in the type it states; what does not fit its type stays the text it is."""
    text = "".join(content.itertext())
    kind = content.get(f"{_SHEETS}Type")
    try:
        if kind == "Number" and math.isfinite(number := float(text)):
            return number
        if kind == "DateTime":
            instant = dt.datetime.fromisoformat(text)
            return instant.date() if instant.time() == dt.time() else instant
    except ValueError:
        return text
    if kind == "Boolean" and text in {"0", "1"}:
        return text == "1"
    return text
