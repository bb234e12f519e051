"""The process that opens one DXF drawing: lines and texts of its model space, as they stand.

What makes a room of them is judged elsewhere (`etl.plans`); here nothing is left out but what no
floor plan is drawn with. Arcs, circles and splines become short lines, blocks what is in them.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Final

from etl.confined.answer import Answer, save_refusal
from etl.confined.formats import Format
from etl.confined.process import confine_self
from etl.confined.sniff import BINARY_DXF, sniff
from etl.limits import MEGABYTE, Limits
from gis.errors import SourceError

MOST_BYTES: Final = 200 * MEGABYTE - 1
"""A storey is drawn in a few megabytes; what is larger holds a city, or pictures."""
_OLDEST: Final = 1009
"""R12, of 1992: the oldest version whose layout is documented and read."""
_VERSION: Final = re.compile(rb"\$ACADVER\s+1\s+([AM]C[0-9.]{3,6})")
_CODE_PAGE: Final = re.compile(rb"\$DWGCODEPAGE\s+3\s+(\w+)")
_CHINESE: Final = frozenset({b"ANSI_936", b"GBK", b"GB2312", b"CP936"})
"""Names of the code page whose every text is one of GB 18030 too, which knows more characters."""
_MOST_BROKEN: Final = 0.1
_HEADER_BYTES: Final = 1 << 20
_TAIL_BYTES: Final = 4096
_UNICODE: Final = 1021
"""From R2007 on the text of a drawing is UTF-8, whatever its header says."""


def main() -> None:
    """Reads a request (`path, file, folder, limits`) from the standard input and answers it."""
    request = json.load(sys.stdin)
    limits = Limits(**request["limits"])
    confine_self(limits)
    path, folder = Path(request["path"]), Path(request["folder"])
    try:
        _read(path, request["file"], folder, limits)
    except SourceError as error:
        save_refusal(folder, error.key, error.params)
    except MemoryError:
        save_refusal(folder, "load.too_much_memory", {"file": request["file"]})


def _read(path: Path, file: str, folder: Path, limits: Limits) -> None:
    if path.stat().st_size > MOST_BYTES:
        raise SourceError("plan.too_large", file=file, limit=MOST_BYTES // MEGABYTE)
    try:
        found = sniff(path, file, limits)
    except SourceError as error:
        if error.key == "load.unknown_format":
            # Its sentence names what lists may come as.
            raise SourceError("plan.no_drawing", file=file) from error
        raise
    if found is not Format.DXF:
        raise SourceError("plan.no_drawing", file=file)
    content = path.read_bytes()
    encoding = _encoding(content)
    _refuse_cut(content, file)
    _refuse_old(content, file)
    answer = Answer(folder, found.value, hashlib.sha256(content).hexdigest())
    del content
    # The parser comes in only now: what it does not need has been given up.
    _read_drawing(path, file, encoding, answer)
    answer.save()


def _read_drawing(path: Path, file: str, encoding: str | None, answer: Answer) -> None:
    """The drawing as ezdxf knows it, into the answer.

    Raises:
        SourceError: Its parts do not make a drawing, or it holds no plan.
    """
    from ezdxf.filemanagement import readfile  # noqa: PLC0415

    from etl.confined.strokes import read_model  # noqa: PLC0415

    # A stranger's file may break the parser anywhere: whatever it throws, the file is at fault.
    try:
        read_model(readfile(path, encoding=encoding), file, answer)
    except (SourceError, MemoryError):
        raise
    except Exception as error:
        raise SourceError("plan.damaged", file=file) from error


def _refuse_cut(content: bytes, file: str) -> None:
    # A program that stops in the middle of writing leaves a file that reads without a complaint.
    if b"EOF" not in content[-_TAIL_BYTES:]:
        raise SourceError("load.truncated", file=file)


def _refuse_old(content: bytes, file: str) -> None:
    version = _VERSION.search(content[:_HEADER_BYTES])
    if version is not None and _number(version[1]) < _OLDEST:
        raise SourceError("plan.old_version", file=file, version=version[1].decode("ascii"))


def _number(version: bytes) -> int:
    """1009 of AC1009; 0 of the names before there were four figures, such as AC2.10 and MC0.0."""
    figures = version[2:]
    return int(figures) if figures.isdigit() else 0


def _encoding(content: bytes) -> str | None:
    """Null leaves it to the header; programs in Chinese offices often name the wrong one there."""
    if content.startswith(BINARY_DXF):
        return None
    version = _VERSION.search(content[:_HEADER_BYTES])
    if version is not None and _number(version[1]) >= _UNICODE:
        return None
    page = _CODE_PAGE.search(content[:_HEADER_BYTES])
    name = b"" if page is None else page[1].upper()
    if name in _CHINESE:
        return "gb18030"
    if name not in {b"", b"ANSI_1252", b"DOS437", b"ASCII"}:
        return None
    for encoding in ("ascii", "utf-8"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    # One byte that is none of its own, of a name cut in two, does not make the rest another's.
    return "gb18030" if _is_chinese(content) else None


def _is_chinese(content: bytes) -> bool:
    """Whether nearly all of what is no ASCII reads as the code page of Chinese offices."""
    said = content.decode("gb18030", "replace")
    wide = len(said) - len(said.encode("ascii", "ignore"))
    return said.count("\ufffd") <= wide * _MOST_BROKEN
