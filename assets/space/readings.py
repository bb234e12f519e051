"""What ranks count as in bodies of another level, by the country pack."""

from dataclasses import dataclass
from functools import cache

from assets.services.packs import Source, pack_rows, source_of


@dataclass(frozen=True)
class RankReading(Source):
    """Whose limit holds for a rank in a body of another level: limits go by level and rank (表3).

    Args:
        level: Of the body.
        rank: One that the standard lists under another level.
        counts_as: The rank of the body's level whose limit holds.
    """

    level: str
    rank: str
    counts_as: str


@cache
def pack_readings(pack: str = "cn") -> tuple[RankReading, ...]:
    """The rows of a country pack; of two of the same that hold on a day the later row counts."""
    return tuple(
        RankReading(
            level=row["level"],
            rank=row["rank"],
            counts_as=row["counts_as"],
            **vars(source_of(row)),
        )
        for row in pack_rows(pack, "rank_reading.csv")
    )
