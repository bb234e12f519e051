"""What ranks count as in bodies of another level, by the country pack."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class RankReading:
    """Whose limit holds for a rank in a body of another level: limits go by level and rank (表3).

    Args:
        level: Of the body.
        rank: One that the standard lists under another level.
        counts_as: The rank of the body's level whose limit holds.
        source: The document.
        valid_from: First day; null: always.
        valid_to: First day it no longer holds; null: open.
        is_verified: Somebody compared it with the document.
    """

    level: str
    rank: str
    counts_as: str
    source: str
    clause: str | None
    valid_from: date | None
    valid_to: date | None
    is_verified: bool
    note: str | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        has_begun = self.valid_from is None or self.valid_from <= day
        return has_begun and (self.valid_to is None or day < self.valid_to)


@cache
def pack_readings(pack: str = "cn") -> tuple[RankReading, ...]:
    """The rows of a country pack; of two of the same that hold on a day the later row counts."""
    path = resources.files("assets") / "packs" / pack / "rank_reading.csv"
    return tuple(
        RankReading(
            level=row["level"],
            rank=row["rank"],
            counts_as=row["counts_as"],
            source=row["source"],
            clause=row["clause"] or None,
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            is_verified=row["is_verified"] == "true",
            note=row["note"] or None,
        )
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    )
