"""Delimited text as raw cells; the encoding is found, the delimiter counted."""

import csv
import io
from pathlib import Path
from typing import Final

import pandas as pd

from etl.limits import Limits
from etl.read.source import Grid
from gis.errors import SourceError

_DELIMITERS: Final = (",", "\t", ";", "|")


def read_csv(path: Path, file: str, limits: Limits) -> Grid:
    """The rows of a delimited text file; every cell is text, null where empty.

    UTF-8 with or without a byte order mark and UTF-16 with one are read as such; anything else
    must be GB18030, the superset of GBK that Chinese office programs write.

    Raises:
        SourceError: Not text in any of these, damaged, or over a ceiling.
    """
    text = decode(path.read_bytes(), file)
    delimiter = _delimiter(text)
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
    cells = pd.DataFrame(rows, dtype=object)
    return Grid(None, cells.mask(cells.eq("").fillna(value=False), None))


def decode(content: bytes, file: str) -> str:
    """Text of a file's bytes.

    Raises:
        SourceError: Neither UTF-8, nor UTF-16 with a mark, nor GB18030.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError("load.unknown_encoding", file=file)


def _delimiter(text: str) -> str:
    sample = "\n".join(text.splitlines()[:20])
    return max(_DELIMITERS, key=sample.count)
