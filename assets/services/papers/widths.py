"""How wide the columns of a table on paper become, so that no word or number is broken."""

import math
import re
from collections.abc import Sequence
from typing import Final

from assets.services.papers.sheets import letters

_WORD: Final = re.compile(r"[!-~]+")
_LETTER: Final = re.compile(r"[A-Za-z@%]")
_WIDE: Final = 1.25
"""How much wider than digits the letters of a word may be; where a font is missing, rather so."""
_SHORT: Final = 6
"""Digits of width of a term that nobody breaks."""
_EDGES: Final = 2.5
"""Letters of room for the edges of a cell."""


def unbroken(text: str) -> int:
    """Digits of width at which no line of a text ends within a word; Chinese ends anywhere."""
    words = _WORD.findall(text)
    wide = max((len(one) * (_WIDE if _LETTER.search(one) else 1) for one in words), default=0)
    return math.ceil(wide + _EDGES)


def unbroken_cell(text: str) -> int:
    """The same of a cell, in which a short term such as 天宁区 stays in one line too."""
    wide = letters(text)
    return max(unbroken(text), math.ceil(wide + _EDGES) if wide <= _SHORT else 0)


def shared_out(room: float, least: Sequence[int], wanted: Sequence[int]) -> list[float]:
    """Widths of columns that fill the room: first what each must have, then what it would like.

    Args:
        room: Of all together, in letters.
        least: What each must have.
        wanted: What each would like; at least as much.
    """
    must, like = sum(least), sum(wanted)
    if like <= room:
        return [one * room / like for one in wanted]
    if must >= room:
        return [one * room / must for one in least]
    share = (room - must) / (like - must)
    return [low + (high - low) * share for low, high in zip(least, wanted, strict=True)]
