"""Addresses as street and number: enough to find neighbours, nothing that is a country's own."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_SPACES = re.compile(r"\s+")
_NUMBERED = re.compile(r"^(?P<street>.*?\D)(?P<number>\d{1,5})(?:[-~、,－/]\d+)*(?P<rest>\D.*)?$")
_NUMBER_FIRST = re.compile(r"^(?P<number>\d{1,5})(?:-\d+)?(?P<street>[a-z].*)$")
_DIGITS = re.compile(r"\d+")
_LEAST_STREET: Final = 2


@dataclass(frozen=True)
class Address:
    """What an address says of where it is.

    Args:
        folded: The whole, as two writers agree on it.
        street: All before the number, folded; null where there is no number.
        number: The first number behind a street.
    """

    folded: str
    street: str | None = None
    number: int | None = None

    @property
    def digits(self) -> tuple[str, ...]:
        """Every number in it: addresses that differ in one are different places."""
        return tuple(_DIGITS.findall(self.folded))


def fold(written: str) -> str:
    """NFKC, lower case, without spaces."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", written)).casefold()


def read_address(written: str) -> Address:
    """Street and number of an address; Chinese order, or the number first as in English."""
    folded = fold(written)
    match = _NUMBER_FIRST.match(folded) or _NUMBERED.match(folded)
    if match is None or len(match["street"]) < _LEAST_STREET:
        return Address(folded)
    return Address(folded, match["street"], int(match["number"]))
