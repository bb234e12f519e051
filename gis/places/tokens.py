"""What people type to find a place, and the tokens it is compared with."""

import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from pypinyin import Style, lazy_pinyin, pinyin

LONGEST_TOKEN: Final = 12
"""Characters of a suffix that are kept; a longer query is checked against the text itself."""

_NOISE: Final = re.compile(r"[\s,，。、；;()（）\[\]【】\"“”'‘’#\-－—_/·]+")


def normalised(text: str) -> str:
    """A text as tokens hold it: full-width folded, lower case, without blanks and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()


@functools.lru_cache(maxsize=30_000)
def _initials_of(character: str) -> tuple[str, ...]:
    """The initials a character can be read with, the usual reading first."""
    readings = pinyin(character, style=Style.FIRST_LETTER, heteronym=True, errors="default")[0]
    return tuple(dict.fromkeys(reading.lower() for reading in readings))


def pinyin_initials(name: str) -> str:
    """The initials people type for a name: `常州市财政局` gives `czsczj`.

    Phrases are consulted only where a character has readings with different initials; for all
    other names the characters alone decide, which is fifty times quicker.
    """
    text = normalised(name)
    if any(len(_initials_of(character)) > 1 for character in text):
        return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors="default")).lower()
    return "".join(_initials_of(character)[0] for character in text)


def initials_of_all(names: Iterable[str]) -> dict[str, str]:
    """Initials of each distinct name that has any Chinese character; others are left out."""
    return {
        name: pinyin_initials(name)
        for name in set(names)
        if any("\u4e00" <= character <= "\u9fff" for character in name)
    }
