"""Lines of a property list as clerks write them, for the benchmarks of matching."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from etl.sample.properties import Property

_DIGITS: Final = "〇一二三四五六七八九"
_SOUND_ALIKES: Final = "林凌宁岭平坪清青景泾源元原和河华桦新欣文雯兴星永泳安庵东冬"


@dataclass(frozen=True)
class Row:
    """A line of a list: how it was written, and whose it truly is."""

    cells: tuple[object, ...]
    written: str
    number: int | None
    """Number of the property it speaks of; null for a newcomer."""


def plain(made: Property) -> tuple[object, ...]:
    """Name, address, division code, gross area in m2 and first user, as the register has them."""
    return (made.name, made.address, made.district.division_code, made.gross / 100,
            made.users[0].name)  # fmt: skip


def spoken(number: int) -> str:
    """A house number in Chinese numerals."""
    if number < 100:
        tens, ones = divmod(number, 10)
        head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
        return head + (_DIGITS[ones] if ones else "")
    return "".join(_DIGITS[int(digit)] for digit in str(number))


def misspelt(street: str, rng: random.Random) -> str:
    """A street with one character of another."""
    at = rng.randrange(max(1, len(street) - 1))
    other = rng.choice([one for one in _SOUND_ALIKES if one != street[at]])
    return street[:at] + other + street[at + 1 :]


def told_apart(rows: Sequence[Row]) -> list[Row]:
    """Without lines whose address stands in the list already: these wait as repeats."""
    seen: set[tuple[object, object]] = set()
    kept = []
    for row in rows:
        key = (row.cells[1], row.cells[2])
        if row.cells[1] is None or key not in seen:
            kept.append(row)
        seen.add(key)
    return kept
