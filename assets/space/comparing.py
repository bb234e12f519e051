"""What a body has against what it may have: over, not over, or nobody can tell."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from assets.space.rules import ROOM_CLASSES, Entitlement, rounded


class State(StrEnum):
    """What comparing comes to."""

    OVER = "over"
    """More than the entitlement and the tolerance."""
    WITHIN = "within"
    """Not more; how much less is the difference."""
    UNKNOWN = "unknown"
    """The entitlement cannot be told, or rooms have no area: nobody is judged on a guess."""


@dataclass(frozen=True)
class Compared:
    """What a body has against what it may have, of one class of room or of all three.

    Args:
        room_class: Null: offices, service and equipment rooms together (基本办公用房).
        actual_m2: Usable, of rooms with an area.
        entitled_m2: Null where it cannot be told.
        difference_m2: Actual less entitled: above zero a surplus, below a deficit.
        share: The difference as a share of the entitlement; null where that is nothing.
    """

    room_class: str | None
    actual_m2: Decimal
    entitled_m2: Decimal | None
    difference_m2: Decimal | None
    share: Decimal | None
    state: State


def compare(
    entitled: Entitlement,
    actual: Mapping[str, Decimal],
    tolerance_m2: Decimal,
    *,
    unmeasured: Collection[str] = (),
) -> tuple[Compared, ...]:
    """Each class of room, then all of them together.

    Args:
        actual: Usable m2 by class; of a class that is not here the body has none.
        tolerance_m2: What a class, and all together, may be over without being called so.
        unmeasured: Classes with rooms of no known area. What is over without these is over all the
            same; what is not cannot be told.
    """
    found = []
    for room_class in (*ROOM_CLASSES, None):
        classes = ROOM_CLASSES if room_class is None else (room_class,)
        has = sum((actual.get(one, Decimal()) for one in classes), Decimal())
        may_have = entitled.area_m2(room_class)
        is_partly = any(one in unmeasured for one in classes)
        found.append(_compared(room_class, has, may_have, tolerance_m2, is_partly=is_partly))
    return tuple(found)


def _compared(
    room_class: str | None,
    actual: Decimal,
    entitled: Decimal | None,
    tolerance: Decimal,
    *,
    is_partly: bool,
) -> Compared:
    if entitled is None:
        return Compared(room_class, actual, None, None, None, State.UNKNOWN)
    difference = actual - entitled
    share = difference / entitled if entitled else None
    not_over = State.UNKNOWN if is_partly else State.WITHIN
    # Shares of a room have few digits: what is over by less than is shown is not over.
    state = State.OVER if rounded(difference) > tolerance else not_over
    return Compared(room_class, actual, entitled, difference, share, state)
