"""Two states of one list whose rows carry no key: what went, what came, what may have changed.

Rows are what they say: two that say the same in every column are the same row, as often as they
stand there. That part is exact. Which of the rows that went lives on in one that came is a
suggestion: the nearest pairs, by the columns they share, a rare value counting for more.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.clean.values import plain_text
from etl.pack import fold
from etl.read import Source
from gis.errors import InputError, SourceError

Line = tuple[str, ...]

_SHARED: Final = 0.5
"""How much of what a row tells must be the same for it to be taken for the same thing."""
_MOST_PAIRS: Final = 40_000_000
"""Pairs that are looked at, some seconds; over it nothing is suggested."""
_ROWS_AT_ONCE: Final = 256


@dataclass(frozen=True)
class Listed:
    """A list as read.

    Args:
        columns: Headers, trimmed.
        lines: Its rows as text, blanks as "".
        rows: Row numbers of the file, as a person counts them.
    """

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Changed:
    """A row that went beside the one that came which is most like it; `share` from 0 to 1."""

    before: int
    after: int
    share: float
    cells: tuple[tuple[str, str, str], ...]
    """Column, what it said, what it says."""


@dataclass(frozen=True)
class Difference:
    """What became of a list. Rows are indexes into the two lists.

    Args:
        unchanged: How many rows are the same.
        removed: Rows of the former list, without those that changed.
        added: Rows of the latter, without those that changed.
        changed: Suggested pairs, in the order of the former list.
        is_paired: Whether pairs were looked for: not among too many rows.
        lost_columns: Headers that only the former has; they are not compared.
        new_columns: Headers that only the latter has.
    """

    unchanged: int
    removed: tuple[int, ...]
    added: tuple[int, ...]
    changed: tuple[Changed, ...]
    is_paired: bool
    lost_columns: tuple[str, ...]
    new_columns: tuple[str, ...]


def listed(source: Source) -> Listed:
    """The first list of a file: its header, found as the first row as wide as the list.

    Raises:
        SourceError: There is none.
    """
    for frame, first_row in [
        *((grid.cells, grid.first_row) for grid in source.grids if not grid.is_hidden),
        *((_with_header(layer.attributes), 0) for layer in source.layers),
    ]:
        if (found := _of_grid(frame, first_row)) is not None:
            return found
    raise SourceError("load.no_header", file=source.file)


def _with_header(frame: pd.DataFrame) -> pd.DataFrame:
    header = pd.DataFrame([list(frame.columns)], columns=frame.columns)
    return pd.concat([header, frame.astype(object)], ignore_index=True)


def _of_grid(frame: pd.DataFrame, first_row: int) -> Listed | None:
    lines = [
        tuple("" if pd.isna(cell) else plain_text(cell).strip() for cell in row)
        for row in frame.itertuples(index=False)
    ]
    filled = [sum(map(bool, line)) for line in lines]
    if max(filled, default=0) < 2:
        return None
    head = next(at for at, count in enumerate(filled) if count >= 0.8 * max(filled))
    # A title or a note beside the list has no header; its cells are no part of it.
    at = [place for place, title in enumerate(lines[head]) if title]
    body = [row for row in range(head + 1, len(lines)) if filled[row]]
    return Listed(
        tuple(lines[head][place] for place in at),
        tuple(tuple(lines[row][place] for place in at) for row in body),
        tuple(first_row + row + 1 for row in body),
    )


def difference(before: Listed, after: Listed) -> Difference:
    """What became of the former list in the latter.

    Raises:
        InputError: They have no column in common.
    """
    first, second = _numbered(before.columns), _numbered(after.columns)
    common = [name for name in first if name in second]
    if not common:
        raise InputError("compare.no_common_column")
    old = _chosen(before.lines, [first[name] for name in common])
    new = _chosen(after.lines, [second[name] for name in common])
    removed, added = _left_over(old, new), _left_over(new, old)
    is_paired = len(removed) * len(added) <= _MOST_PAIRS
    titles = [before.columns[first[name]] for name in common]
    pairs = _pairs(old, new, removed, added) if is_paired else []
    changed = tuple(
        Changed(
            was, now, round(share, 3),
            tuple(
                (title, former, latter)
                for title, former, latter in zip(titles, old[was], new[now], strict=True)
                if former != latter
            ),
        )
        for was, now, share in sorted(pairs)
    )  # fmt: skip
    gone, came = {one.before for one in changed}, {one.after for one in changed}
    return Difference(
        unchanged=len(old) - len(removed),
        removed=tuple(row for row in removed if row not in gone),
        added=tuple(row for row in added if row not in came),
        changed=changed,
        is_paired=is_paired,
        lost_columns=tuple(before.columns[at] for name, at in first.items() if name not in second),
        new_columns=tuple(after.columns[at] for name, at in second.items() if name not in first),
    )


def _numbered(columns: Sequence[str]) -> dict[str, int]:
    """Places of columns by folded header; the second of one header is told apart by its count."""
    seen: Counter[str] = Counter()
    places = {}
    for at, title in enumerate(columns):
        name = fold(title)
        seen[name] += 1
        places[f"{name}#{seen[name]}"] = at
    return places


def _chosen(lines: Sequence[Line], at: Sequence[int]) -> list[Line]:
    return [tuple(line[place] for place in at) for line in lines]


def _left_over(lines: Sequence[Line], others: Sequence[Line]) -> list[int]:
    """Rows that the other list does not have, or not as often: then the later ones."""
    there = Counter(others)
    left = []
    for at, line in enumerate(lines):
        if there[line]:
            there[line] -= 1
        else:
            left.append(at)
    return left


def _pairs(
    old: Sequence[Line], new: Sequence[Line], removed: Sequence[int], added: Sequence[int]
) -> list[tuple[int, int, float]]:
    """Nearest pairs first, each row once; what two rows share must tell more than half."""
    if not removed or not added:
        return []
    was, now, told = _coded([old[at] for at in removed], [new[at] for at in added])
    found: list[tuple[float, int, int]] = []
    for start in range(0, len(removed), _ROWS_AT_ONCE):
        part = was[start : start + _ROWS_AT_ONCE]
        shared = np.zeros((len(part), len(added)))
        whole = np.zeros(shared.shape)
        for column in range(part.shape[1]):
            mine, theirs = part[:, column, None], now[None, :, column]
            weight = np.maximum(told[column][mine], told[column][theirs])
            whole += weight
            shared += np.where(mine == theirs, weight, 0.0)
        share = np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0)
        rows, columns = np.nonzero(share > _SHARED)
        found += [
            (-float(share[row, at]), start + int(row), int(at))
            for row, at in zip(rows, columns, strict=True)
        ]
    taken: dict[str, set[int]] = defaultdict(set)
    pairs = []
    for missing, row, at in sorted(found):
        if row not in taken["old"] and at not in taken["new"]:
            taken["old"].add(row)
            taken["new"].add(at)
            pairs.append((removed[row], added[at], -missing))
    return pairs


def _coded(
    was: Sequence[Line], now: Sequence[Line]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[Any]]:
    """Cells as numbers by column, and what each value of a column tells: the bits of its rarity."""
    columns, told = [], []
    for cells in zip(*[*was, *now], strict=True):  # column by column
        codes, values = pd.factorize(np.array(cells, dtype=object))
        counts = [
            np.bincount(part, minlength=len(values))
            for part in (codes[: len(was)], codes[len(was) :])
        ]
        told.append(np.log2((max(len(was), len(now)) + 1) / np.maximum(*counts)))
        columns.append(codes)
    coded = np.array(columns, dtype=np.int64).T
    return coded[: len(was)], coded[len(was) :], told
