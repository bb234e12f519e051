"""Delimited text as raw cells; the encoding is found, the delimiter counted."""

import csv
import io
import re
from pathlib import Path
from typing import Final

from etl.confined.answer import Answer
from etl.confined.cells import cell_batches, cell_schema
from etl.limits import Limits
from gis.errors import SourceError

_DELIMITERS: Final = (",", "\t", ";", "|")
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
_MARKED: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def read_csv(path: Path, file: str, limits: Limits, answer: Answer) -> None:
    """The rows of a delimited text file; every cell is text, null where empty.

    UTF-8 with or without a byte order mark and UTF-16 with one are read as such; anything else
    must be GB18030, the superset of GBK that Chinese office programs write.

    Raises:
        SourceError: Not text in any of these, damaged, with a NUL in it, or over a ceiling.
    """
    text = decode(path.read_bytes(), file)
    _refuse_nul(text, file)
    delimiter = delimiter_of(text)
    csv.field_size_limit(1 << 24)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise SourceError("load.truncated", file=file) from error
    if len(rows) > limits.max_rows:
        raise SourceError("load.too_many_rows", file=file, count=len(rows), limit=limits.max_rows)
    width = max((len(row) for row in rows), default=0)
    if width > limits.max_columns:
        raise SourceError("load.too_many_columns", file=file, count=width, limit=limits.max_columns)
    table = answer.write_table(cell_schema(width), cell_batches(rows, width))
    answer.grids.append({"name": None, "table": table, "merges": [], "is_hidden": False})


def _refuse_nul(text: str, file: str) -> None:
    at = text.find("\x00")
    if at >= 0:
        raise SourceError(
            "load.null_character",
            file=file,
            row=text.count("\n", 0, at) + 1,
            position=at - text.rfind("\n", 0, at),
        )


def decode(content: bytes, file: str) -> str:
    """Text of a file's bytes.

    Raises:
        SourceError: Neither UTF-8, nor UTF-16 with a mark, nor GB18030.
    """
    for encoding in _encodings(content):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError("load.unknown_encoding", file=file)


def _encodings(content: bytes) -> tuple[str, ...]:
    for mark, encoding in _MARKED:
        if content.startswith(mark):
            return (encoding,)
    return ("utf-8", "gb18030")


def delimiter_of(text: str) -> str:
    """The mark between cells: of the usual ones the commonest outside quotes in the first lines."""
    sample = _QUOTED.sub("", "\n".join(text.splitlines()[:20]))
    return max(_DELIMITERS, key=sample.count)
