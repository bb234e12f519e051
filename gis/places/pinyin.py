"""Pinyin initials: what people type for a Chinese name when they are in a hurry."""

import functools
import re
from collections.abc import Iterable
from typing import Final

from pypinyin import Style, lazy_pinyin

_CHINESE_RUN: Final = re.compile(r"[\u4e00-\u9fff]+")


@functools.lru_cache(maxsize=200_000)
def _run_initials(run: str) -> str:
    return "".join(lazy_pinyin(run, style=Style.FIRST_LETTER, errors="ignore")).lower()


def pinyin_initials(name: str) -> str:
    """The initials people type for a name: `常州市财政局` gives `czsczj`.

    Phrases decide between readings (`重庆路` gives `cql`). Runs of Chinese between digits and
    letters are remembered, since the names of an estate are made of few of them.
    """
    return _CHINESE_RUN.sub(lambda run: _run_initials(run[0]), name).lower()


def initials_of_all(names: Iterable[str]) -> dict[str, str]:
    """Initials of each distinct name that has any Chinese character; others are left out."""
    return {name: pinyin_initials(name) for name in set(names) if _CHINESE_RUN.search(name)}
