"""Numbers of papers: declared series, each number given once and none left out.

The number is taken in the transaction that keeps what it is for, under the lock of the series'
counter: who comes second waits for the first, and gets the next one, or the same if the first
gave up.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, text

from gis.errors import InputError
from gis.rights.refusals import call

_FIELDS: Final = frozenset({"prefix", "year", "number"})
_LONGEST_PREFIX: Final = 40


@dataclass(frozen=True)
class Series:
    """A series of numbers as a domain declares it.

    Args:
        name: Its name, over all domains.
        pattern: How a number stands on paper, of `{prefix}`, `{year}` and `{number}`. The usual one
            is that of GB/T 9704-2012, 7.2.5: the issuer's word, the year in 六角括号, the number,
            which is not filled up with zeros.
        width: Digits that a number is filled up to.
        is_yearly: It begins with 1 each year.
        is_per_body: Each body counts by itself.

    Raises:
        ValueError: Two papers could come to have one number.
    """

    name: str
    pattern: str = "{prefix}〔{year}〕{number}号"
    width: int = 1
    is_yearly: bool = True
    is_per_body: bool = False

    def __post_init__(self) -> None:
        named = set(re.findall(r"\{(\w*)\}", self.pattern))
        if not named <= _FIELDS or "number" not in named:
            raise ValueError(f"series {self.name}: {self.pattern} is no pattern of a number")
        if self.is_yearly and "year" not in named:
            raise ValueError(f"series {self.name} begins anew each year and does not tell it")
        if self.is_per_body and "prefix" not in named:
            raise ValueError(f"series {self.name} counts by body and does not tell which")
        if not 1 <= self.width <= 12:
            raise ValueError(f"series {self.name}: a number has 1 to 12 digits")


def take_number(
    conn: Connection,
    series: Series,
    *,
    subject: str,
    rights_cell: int,
    today: date,
    prefix: str = "",
    organization_id: int | None = None,
) -> str:
    """The next number of a series, for good, if the transaction of `conn` is committed.

    Args:
        conn: In the name of who gives it; others who want one wait until it ends.
        series: As declared.
        subject: What has the number, such as `lease.contract/17`; it gets only one.
        rights_cell: The cell of that; the account writes it.
        today: The day it is given on.
        prefix: The issuer's word (机关代字), where the pattern has one.
        organization_id: The body, of a series that counts by body.

    Returns:
        As it stands on the paper.

    Raises:
        InputError: The series wants a body or a prefix and there is none.
        Conflict: The subject has a number of the series.
        Forbidden: The account does not write there.
    """
    word = prefix.replace("\0", "").strip()
    wants_word = "{prefix}" in series.pattern
    if wants_word and (not 0 < len(word) <= _LONGEST_PREFIX or re.search(r"[{}〔〕\s]", word)):
        raise InputError("number.bad_prefix", most=_LONGEST_PREFIX)
    if series.is_per_body and organization_id is None:
        raise InputError("number.no_body")
    year = today.year if series.is_yearly else None
    pattern = series.pattern.replace("{prefix}", word).replace("{year}", str(today.year))
    written: str = call(
        conn,
        "SELECT services.take_number(:series, :year, :body, :pattern, :width, :subject, :cell)",
        series=series.name,
        year=year,
        body=organization_id if series.is_per_body else None,
        pattern=pattern,
        width=series.width,
        subject=subject,
        cell=rights_cell,
    ).scalar_one()
    return written


def number_of(conn: Connection, series: Series, subject: str) -> str | None:
    """The number that something has in a series; null: none, or the account does not see it."""
    found: str | None = conn.execute(
        text(
            "SELECT g.written FROM services.number_given AS g"
            " WHERE g.series = :series AND g.subject = :subject"
        ),
        {"series": series.name, "subject": subject},
    ).scalar_one_or_none()
    return found
