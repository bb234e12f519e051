"""Which backups are kept: the newest of each of the last days, weeks and months that have one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True)
class Retention:
    """How many days, weeks and months back a backup is kept of; those without one do not count."""

    days: int = 7
    weeks: int = 4
    months: int = 12


_PERIODS: Final[tuple[Callable[[datetime], tuple[int, ...]], ...]] = (
    lambda made: (made.year, made.month, made.day),
    lambda made: made.isocalendar()[:2],
    lambda made: (made.year, made.month),
)


def surplus(made: Iterable[datetime], retention: Retention) -> set[datetime]:
    """The moments whose backups may go; the newest of all never does."""
    moments = sorted(made, reverse=True)
    kept: set[datetime] = set(moments[:1])
    counts = (retention.days, retention.weeks, retention.months)
    for period_of, count in zip(_PERIODS, counts, strict=True):
        newest: dict[tuple[int, ...], datetime] = {}
        for moment in moments:
            newest.setdefault(period_of(moment), moment)
        kept.update(list(newest.values())[:count])
    return set(moments) - kept
