"""How something is shared by weights: parts of six digits that sum to exactly 1."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Final

_SMALLEST: Final = Decimal("0.000001")


def split_by_weight(weights: Sequence[Decimal]) -> list[Decimal]:
    """Each weight as a part of all of them, to six digits.

    What rounding leaves over goes to those that lost most by it, of equals to the first.

    Args:
        weights: Above zero, at least one.
    """
    total = sum(weights, Decimal())
    exact = [weight / total for weight in weights]
    parts = [one.quantize(_SMALLEST, ROUND_DOWN) for one in exact]
    left = int((1 - sum(parts, Decimal())) / _SMALLEST)
    lost = sorted(range(len(parts)), key=lambda at: parts[at] - exact[at])
    for at in lost[:left]:
        parts[at] += _SMALLEST
    return parts
