"""Rooms on both sides of a corridor, floor by floor, and what they are used for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from etl.sample.agencies import SERVICE
from etl.sample.footprints import Building
from etl.sample.properties import Property
from etl.sample.quantities import HUNDREDTHS, stage

OFFICE, SERVING, EQUIPMENT, AUXILIARY, TECHNICAL = (
    "办公室",
    "服务用房",
    "设备用房",
    "附属用房",
    "技术业务用房",
)
_CORRIDOR_M: Final = 2.4
_OUTER_WALL_M: Final = 0.24
_PARTITION_M: Final = 0.12
_MODULES_M: Final = np.array([3.3, 3.6, 3.9, 7.2, 7.8, 11.4])
_MODULE_ODDS: Final = np.array([0.22, 0.34, 0.22, 0.13, 0.06, 0.03])
_NAMES: Final = {
    SERVING: ("会议室", "接待室", "档案室", "资料室", "文印室", "储藏室", "值班室", "保密室"),
    EQUIPMENT: ("变配电室", "空调机房", "通信机房", "水泵房"),
    AUXILIARY: ("食堂餐厅", "厨房", "汽车库", "警卫用房", "物业用房"),
    TECHNICAL: ("业务用房", "检验室", "审理室", "指挥室", "监控室", "物证室"),
}


@dataclass(frozen=True)
class _Floor:
    """The rooms of one floor; `boxes` as `Rooms.bars`."""

    property_number: int
    building: int
    level: int
    boxes: NDArray[np.float64]
    classes: list[str]
    names: list[str]


@dataclass
class Rooms:
    """All surveyed rooms as columns, ordered by building, level and number.

    `bars` are metres relative to the building's corner; `usable` hundredths of m2; `user` is the
    number of the body's place among the property's users.
    """

    building: NDArray[np.int64]
    level: NDArray[np.int64]
    bars: NDArray[np.float64]
    usable: NDArray[np.int64]
    number: list[str]
    room_class: list[str]
    name: list[str]
    user: NDArray[np.int64]
    is_vacant: NDArray[np.bool_]


def make_rooms(properties: Sequence[Property], most: int, seed: int) -> Rooms:
    """Rooms of all agency buildings and of service bodies' offices until there are `most`.

    The last building may be surveyed in part. Sets each property's `usable` by room class.
    """
    rng = stage(seed, "rooms")
    agencies = [found for found in properties if found.population != SERVICE]
    services = [found for found in properties if found.population == SERVICE]
    floors: list[_Floor] = []
    left = most
    for made in [*agencies, *services]:
        for building in made.lot.buildings:
            if made.population == SERVICE and (building.use != "办公" or left <= 0):
                continue
            for level in building.levels:
                boxes = _floor_rooms(rng, building)[: max(left, 0)]
                left -= len(boxes)
                if len(boxes):
                    classes, names = _uses(rng, building, level, boxes)
                    floors.append(
                        _Floor(made.number, building.number, level, boxes, classes, names)
                    )
    return _columns(rng, floors, properties)


def _floor_rooms(rng: np.random.Generator, building: Building) -> NDArray[np.float64]:
    """Rooms of one floor, (n, 4): first the south side west to east, then the north side."""
    sides: list[NDArray[np.float64]] = []
    for west, south, east, north in building.bars:
        is_upright = north - south > east - west
        along = (south, north) if is_upright else (west, east)
        across = (west, east) if is_upright else (south, north)
        for low, high, is_stair_side in _strips(across):
            cuts = _cuts(rng, along[1] - along[0] - 2 * _OUTER_WALL_M)
            start = along[0] + _OUTER_WALL_M
            ones = np.ones(len(cuts) - 1)
            strip = np.column_stack(
                [
                    start + cuts[:-1] + _PARTITION_M / 2,
                    low * ones,
                    start + cuts[1:] - _PARTITION_M / 2,
                    high * ones,
                ]
            )
            if is_stair_side and len(strip) > 3:
                strip = np.delete(strip, [1], axis=0)
            sides.append(strip[:, [1, 0, 3, 2]] if is_upright else strip)
    return np.concatenate(sides)


def _strips(across: tuple[float, float]) -> Iterator[tuple[float, float, bool]]:
    """The strips of rooms beside the corridor; a narrow wing has one, without a corridor."""
    low, high = across[0] + _OUTER_WALL_M, across[1] - _OUTER_WALL_M
    if high - low < 9.0:
        yield low, high, True
        return
    middle = (low + high) / 2
    yield low, middle - _CORRIDOR_M / 2, False
    yield middle + _CORRIDOR_M / 2, high, True


def _cuts(rng: np.random.Generator, length: float) -> NDArray[np.float64]:
    """Partition positions from 0 to `length`; widths follow the column module."""
    widths = rng.choice(_MODULES_M, size=int(length / 3.3) + 1, p=_MODULE_ODDS)
    ends = np.cumsum(widths)
    inside = ends[ends < length - 2.9]
    return np.concatenate([[0.0], inside, [length]])


def _uses(
    rng: np.random.Generator, building: Building, level: int, boxes: NDArray[np.float64]
) -> tuple[list[str], list[str]]:
    """Class and name of each room of a floor; the first of a floor is the washroom."""
    count = len(boxes)
    if building.use == "附属":
        chosen = [AUXILIARY] * count
    elif building.use == "技术业务":
        chosen = [TECHNICAL] * count
    elif level < 0:
        chosen = [EQUIPMENT] * count
    else:
        area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        odds = np.where(area > 38, 0.72, 0.12)
        chosen = [SERVING if hit else OFFICE for hit in rng.random(count) < odds]
        if count > 5:
            chosen[-1] = EQUIPMENT
    names = [
        OFFICE if room_class == OFFICE else _NAMES[room_class][pick % len(_NAMES[room_class])]
        for room_class, pick in zip(chosen, rng.integers(0, 64, count), strict=True)
    ]
    if level > 0 and building.use == "办公" and count > 5:
        chosen[count // 2], names[count // 2] = SERVING, "卫生间"
    return chosen, names


def _columns(
    rng: np.random.Generator, floors: list[_Floor], properties: Sequence[Property]
) -> Rooms:
    sizes = np.array([len(floor.boxes) for floor in floors])
    bars = np.concatenate([floor.boxes for floor in floors])
    measured = (bars[:, 2] - bars[:, 0]) * (bars[:, 3] - bars[:, 1])
    measured = measured * rng.uniform(0.97, 1.0, len(bars))
    rooms = Rooms(
        building=np.repeat([floor.building for floor in floors], sizes),
        level=np.repeat([floor.level for floor in floors], sizes),
        bars=bars,
        usable=np.round(measured * HUNDREDTHS).astype(np.int64),
        number=[
            f"{'B' if floor.level < 0 else ''}{abs(floor.level)}{place:02d}"
            for floor in floors
            for place in range(1, len(floor.boxes) + 1)
        ],
        room_class=[room_class for floor in floors for room_class in floor.classes],
        name=[name for floor in floors for name in floor.names],
        user=np.zeros(len(bars), dtype=np.int64),
        is_vacant=rng.random(len(bars)) < 0.07,
    )
    owner = np.repeat([floor.property_number for floor in floors], sizes)
    _assign_users(rooms, owner, properties)
    return rooms


def _assign_users(rooms: Rooms, owner: NDArray[np.int64], properties: Sequence[Property]) -> None:
    """Give each user of a property a run of rooms in proportion to its posts; sum the areas."""
    classes = np.array(rooms.room_class)
    starts = np.flatnonzero(np.concatenate([[True], owner[1:] != owner[:-1]]))
    ends = np.append(starts[1:], len(owner))
    for start, end in zip(starts, ends, strict=True):
        made = properties[owner[start] - 1]
        weights = np.array([user.quota for user in made.users], dtype=np.float64)
        bounds = np.cumsum(weights / weights.sum()) * (end - start)
        rooms.user[start:end] = np.searchsorted(bounds, np.arange(end - start) + 0.5)
        here = rooms.usable[start:end]
        made.usable = {
            room_class: int(here[classes[start:end] == room_class].sum())
            for room_class in (OFFICE, SERVING, EQUIPMENT, AUXILIARY, TECHNICAL)
        }
