"""Who has a room, as a plan keeps it: bodies with their shares and people, as JSON and back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from assets.estate.actions.holdings import Party, Sharer


def as_json(parties: Iterable[Party]) -> list[dict[str, Any]]:
    """Parties as they are kept, by body; numbers stay exact as text."""
    return [
        {
            "holder_id": one.holder_id,
            "share": None if one.share is None else str(one.share),
            "sharers": [{**vars(each), "share": str(each.share)} for each in one.sharers],
        }
        for one in sorted(parties, key=lambda one: one.holder_id)
    ]


def from_json(kept: Iterable[Mapping[str, Any]]) -> tuple[Party, ...]:
    """Parties as they were kept."""
    return tuple(
        Party(
            one["holder_id"],
            None if one["share"] is None else Decimal(one["share"]),
            tuple(Sharer(**{**each, "share": Decimal(each["share"])}) for each in one["sharers"]),
        )
        for one in kept
    )


def are_same(first: Sequence[Party], second: Sequence[Party]) -> bool:
    """Whether two rooms' parties are alike, in whichever order they and their people are named."""
    return _named(first) == _named(second)


def _named(parties: Sequence[Party]) -> dict[int, tuple[Decimal | None, Counter[Sharer]]]:
    return {one.holder_id: (one.share, Counter(one.sharers)) for one in parties}
