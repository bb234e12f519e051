"""The process that opens one DXF drawing: lines and texts of its model space, as they stand.

What makes a room of them is judged elsewhere (`etl.plans`); here nothing is left out but what no
floor plan is drawn with. Arcs, circles and splines become short lines, blocks what is in them.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from etl.confined.answer import Answer, save_refusal
from etl.confined.formats import Format
from etl.confined.process import confine_self
from etl.confined.sniff import BINARY_DXF, sniff
from etl.limits import MEGABYTE, Limits
from gis.errors import SourceError

MOST_BYTES: Final = 200 * MEGABYTE - 1
"""A storey is drawn in a few megabytes; what is larger holds a city, or pictures."""
_OLDEST: Final = "AC1009"
"""R12, of 1992: the oldest version whose layout is documented and read."""
_VERSION: Final = re.compile(rb"\$ACADVER\s+1\s+(AC[0-9.]{4,6})")
_CODE_PAGE: Final = re.compile(rb"\$DWGCODEPAGE\s+3\s+(\w+)")
_HEADER_BYTES: Final = 1 << 20
_TAIL_BYTES: Final = 4096
_UNICODE: Final = "AC1021"
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
    found = sniff(path, file, limits)
    if found is not Format.DXF:
        raise SourceError("plan.no_drawing", file=file)
    content = path.read_bytes()
    encoding = _encoding(content)
    _refuse_cut(content, file)
    _refuse_old(content, file)
    answer = Answer(folder, found.value, hashlib.sha256(content).hexdigest())
    del content
    # The parser comes in only now: what it does not need has been given up.
    from etl.confined.strokes import read_model  # noqa: PLC0415

    read_model(_opened(path, file, encoding), file, answer)
    answer.save()


def _opened(path: Path, file: str, encoding: str | None) -> Any:
    """The drawing as ezdxf knows it.

    Raises:
        SourceError: Its parts do not make a drawing.
    """
    from ezdxf.filemanagement import readfile  # noqa: PLC0415
    from ezdxf.lldxf.const import DXFError  # noqa: PLC0415

    # A stranger's file may break the parser anywhere: whatever it throws, the file is at fault.
    try:
        return readfile(path, encoding=encoding)
    except MemoryError:
        raise
    except (DXFError, OSError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise SourceError("plan.damaged", file=file) from error


def _refuse_cut(content: bytes, file: str) -> None:
    # A program that stops in the middle of writing leaves a file that reads without a complaint.
    if b"EOF" not in content[-_TAIL_BYTES:]:
        raise SourceError("load.truncated", file=file)


def _refuse_old(content: bytes, file: str) -> None:
    version = _VERSION.search(content[:_HEADER_BYTES])
    if version is not None and version[1].decode("ascii") < _OLDEST:
        raise SourceError("plan.old_version", file=file, version=version[1].decode("ascii"))


def _encoding(content: bytes) -> str | None:
    """Null leaves it to the header; programs in Chinese offices often name the wrong one there."""
    if content.startswith(BINARY_DXF):
        return None
    version = _VERSION.search(content[:_HEADER_BYTES])
    if version is not None and version[1].decode("ascii") >= _UNICODE:
        return None
    page = _CODE_PAGE.search(content[:_HEADER_BYTES])
    if page is not None and page[1].upper() not in {b"ANSI_1252", b"DOS437", b"ASCII"}:
        return None
    for encoding in ("ascii", "utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return None
