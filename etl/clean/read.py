"""What reading a cell gives, and the plain text of a cell."""

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from etl.pack import fold

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\ufeff]")


@dataclass(frozen=True)
class Read:
    """What a cell says.

    Args:
        value: The value as its type; null when the cell says nothing or nothing readable.
        rule: The repair that was needed, or what is wrong; null for a clean cell.
        params: What the sentence of the rule names.
    """

    value: Any = None
    rule: str | None = None
    params: Mapping[str, str] | None = None


def is_blank(value: Any, blanks: frozenset[str]) -> bool:
    """Whether a cell is empty or holds one of the marks people put for nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and (not value.strip() or fold(value) in blanks)


def plain_text(value: Any) -> str:
    """A cell as text: whole numbers without `.0`, dates as ISO, no control characters."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return re.sub(r"[ \t\r\n\u3000]+", " ", _CONTROL.sub("", str(value))).strip()


def without_about(text: str, about: Iterable[str]) -> tuple[str, bool]:
    """A folded text without the words for "about" at its ends, and whether there were any."""
    shorter = text
    for word in sorted(about, key=len, reverse=True):
        if len(shorter) > len(word):
            shorter = shorter.removeprefix(word).removesuffix(word)
    return shorter, shorter != text
