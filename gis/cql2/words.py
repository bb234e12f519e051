"""The words of a filter in CQL2 text."""

import re
from dataclasses import dataclass
from typing import Final

from gis.errors import InputError

_START: Final = (
    ":_A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_WORD: Final = re.compile(
    rf"""(?P<name>[{_START}][{_START}.0-9\u0300-\u036f\u203f-\u2040]*)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |'(?P<text>(?:''|\\'|[^'])*)'
    |"(?P<quoted>[^"]+)"
    |(?P<sign><>|<=|>=|!=|[=<>+\-*/%^(),])
    |(?P<space>\s+)""",
    re.VERBOSE | re.ASCII,
)
_BLANKS: Final = re.compile(r"[\s\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_LONGEST_NUMBER: Final = 60


@dataclass(frozen=True)
class Word:
    """A word of a filter.

    Args:
        kind: `name`, `quoted`, `number`, `text`, `sign`, or `end`.
        said: What it says, without quotes.
        at: Where it begins; the first character is 1.
    """

    kind: str
    said: str
    at: int

    @property
    def folded(self) -> str:
        """In capitals, as key words are compared; nothing of what stands in quotes."""
        return self.said.upper() if self.kind in {"name", "sign"} else ""


def words_of(written: str) -> list[Word]:
    """The words of a text, with an end after them.

    Raises:
        InputError: A character stands where no word has one.
    """
    found: list[Word] = []
    at = 0
    while at < len(written):
        if blank := _BLANKS.match(written, at):
            at = blank.end()
            continue
        match = _WORD.match(written, at)
        if match is None or match.lastgroup is None:
            raise InputError("cql2.not_understood", at=at + 1, part=written[at : at + 20])
        said = match[match.lastgroup]
        if match.lastgroup == "text":
            said = re.sub(r"''|\\'", "'", said)
        if match.lastgroup == "number" and len(said) > _LONGEST_NUMBER:
            raise InputError("cql2.not_understood", at=at + 1, part=said[:20])
        found.append(Word(match.lastgroup, said, at + 1))
        at = match.end()
    found.append(Word("end", "", len(written) + 1))
    return found
