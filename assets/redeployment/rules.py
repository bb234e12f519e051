"""What a planner asks before there is a plan: pure groupings of vacant rooms and of buildings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby, permutations
from typing import Final

from pyproj import Geod

from assets.requests.rules import Vacant

_EARTH: Final = Geod(ellps="GRS80")
"""That of CGCS2000, to a tenth of a millimetre."""


class Together(StrEnum):
    """How vacant rooms must lie to be of use together."""

    FLOOR = "floor"  # neighbours on one floor, by their numbers
    BUILDING = "building"  # anywhere in one building


@dataclass(frozen=True)
class Block:
    """Vacant rooms that go together.

    Args:
        rooms: By position on their floor, or as they were listed.
        usable_m2: Of the rooms whose area is known.
        unmeasured: Rooms without an area.
    """

    rooms: tuple[Vacant, ...]
    usable_m2: Decimal
    unmeasured: int

    @property
    def distance_m(self) -> int | None:
        """Of the nearest room; null: no point was asked about, or none is located."""
        known = [one.distance_m for one in self.rooms if one.distance_m is not None]
        return min(known, default=None)


@dataclass(frozen=True)
class Building:
    """The office rooms of a building, as far as the account sees them.

    Args:
        title: Name, else code.
        district: Null: not known.
        longitude: EPSG:4490; null, as the latitude: it is not located.
        rooms: Rooms of class office, and those called vacant.
        usable_m2: Of the rooms whose area is known, as is `vacant_m2`.
        vacant_m2: Of rooms that nobody may have; a room of which nothing is known is not vacant.
        unmeasured: Rooms without an area.
        bodies: Bodies that have a room in it.
        is_leased_in: Somebody else's: it is no space of one's own.
    """

    place_id: int
    code: str
    title: str
    district: str | None
    longitude: float | None
    latitude: float | None
    rooms: int
    usable_m2: Decimal
    vacant_m2: Decimal
    unmeasured: int
    bodies: int
    is_leased_in: bool

    @property
    def used_m2(self) -> Decimal:
        """What is not vacant."""
        return self.usable_m2 - self.vacant_m2

    @property
    def used_percent(self) -> Decimal | None:
        """Share of the area that is not vacant; null: no area is known."""
        return self.used_m2 / self.usable_m2 * 100 if self.usable_m2 else None


def blocks(rooms: Iterable[Vacant], least_m2: Decimal, together: Together) -> list[Block]:
    """Rooms that go together and come to an area: on a floor every longest run of neighbours.

    Returns:
        The nearest first where a point was asked about, then the largest.
    """
    groups = _runs(rooms) if together is Together.FLOOR else _by_building(rooms)
    found = [_block(group) for group in groups]
    return sorted(
        (one for one in found if one.usable_m2 >= least_m2 and one.rooms),
        key=lambda one: (
            one.distance_m is None, one.distance_m or 0, -one.usable_m2, one.rooms[0].place_id,
        ),
    )  # fmt: skip


def underused(buildings: Iterable[Building], below_percent: Decimal) -> list[Building]:
    """Buildings of which less than a share is used, the emptiest first."""
    found = [
        (one.used_percent, -one.vacant_m2, one.place_id, one)
        for one in buildings
        if one.used_percent is not None and one.used_percent < below_percent
    ]
    return [one for *_, one in sorted(found, key=lambda each: each[:3])]


@dataclass(frozen=True)
class Pair:
    """Two buildings of which the one would be free if its users went into the other.

    Args:
        distance_m: In a straight line between their spots; null: one is not located.
        left_m2: What would then still be vacant in the other.
    """

    freed: Building
    takes: Building
    distance_m: int | None
    left_m2: Decimal


def pairs(buildings: Sequence[Building], within_m: int | None) -> list[Pair]:
    """Pairs of buildings that fit into one; of two that fit both ways, what frees more.

    Args:
        buildings: Those that are used so little that either might be given up.
        within_m: In a straight line; those not located are then left out. Null: however far.

    Returns:
        What frees most first. An empty building is no half of a pair: nobody has to move.
    """
    best: dict[frozenset[int], Pair] = {}
    for freed, takes in permutations([one for one in buildings if one.used_m2 > 0], 2):
        if freed.used_m2 > takes.vacant_m2 or takes.is_leased_in > freed.is_leased_in:
            continue
        distance_m = straight_m(freed.longitude, freed.latitude, takes)
        if within_m is not None and (distance_m is None or distance_m > within_m):
            continue
        made = Pair(freed, takes, distance_m, takes.vacant_m2 - freed.used_m2)
        key = frozenset((freed.place_id, takes.place_id))
        if key not in best or best[key].freed.usable_m2 < freed.usable_m2:
            best[key] = made
    return sorted(
        best.values(),
        key=lambda one: (
            -one.freed.usable_m2, one.distance_m or 0, one.freed.place_id, one.takes.place_id,
        ),
    )  # fmt: skip


def straight_m(longitude: float | None, latitude: float | None, other: Building) -> int | None:
    """Metres in a straight line from a spot; null: it or the building is not located."""
    if longitude is None or other.longitude is None:
        return None
    metres: float = _EARTH.inv(longitude, latitude, other.longitude, other.latitude)[2]
    return round(metres)


def vacant_by_building(rooms: Iterable[Vacant]) -> Mapping[int, Decimal]:
    """Usable m2 that are vacant in each building."""
    found: dict[int, Decimal] = {}
    for room in rooms:
        if room.building_id is not None:
            found[room.building_id] = found.get(room.building_id, Decimal()) + (
                room.usable_m2 or Decimal()
            )
    return found


def _runs(rooms: Iterable[Vacant]) -> Iterable[list[Vacant]]:
    """Longest runs of neighbours; positions count every room of the floor, vacant or not."""
    located = sorted(
        (room for room in rooms if room.floor_id is not None),
        key=lambda room: (room.floor_id, room.position),
    )
    # Within a run position and place in the list go up together.
    for _, run in groupby(
        enumerate(located), key=lambda each: (each[1].floor_id, each[1].position - each[0])
    ):
        yield [room for _, room in run]


def _by_building(rooms: Iterable[Vacant]) -> Iterable[list[Vacant]]:
    found: dict[int, list[Vacant]] = {}
    for room in rooms:
        if room.building_id is not None:
            found.setdefault(room.building_id, []).append(room)
    return found.values()


def _block(rooms: Sequence[Vacant]) -> Block:
    known = [room.usable_m2 for room in rooms if room.usable_m2 is not None]
    return Block(tuple(rooms), sum(known, Decimal()), len(rooms) - len(known))
