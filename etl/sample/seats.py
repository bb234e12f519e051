"""Who sits in some offices: a sheet with a row for each person, by number and never by name.

It is loaded after the rooms, whose uses it details.
"""

from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Final

from etl.sample.agencies import RANKS, Organization
from etl.sample.city import City
from etl.sample.quantities import HUNDREDTHS, MARK
from etl.sample.rooms import OFFICE
from etl.sample.tables import WARN, Heading, Planter, Sheet
from etl.sample.truth import write_rows

FILE: Final = "办公用房人员.csv"
ENCODING: Final = "utf-8-sig"
_BODIES: Final = 12
_OFFICES: Final = 8
_A_HEAD_M2: Final = 9
_MOST_HEADS: Final = 4
_TITLES: Final = ("主要负责人", "分管负责人")
_OTHERS: Final = "工作人员"
_CONCURRENT: Final = "兼职负责人"
_EVERY: Final = 4
"""Of so many bodies one leader has a second office, and one room lacks the others who share it."""
SECOND_OFFICE, OTHERS_MISSING = "second_office", "others_missing"


@dataclass(frozen=True)
class Seat:
    """One person in one room; `planted` as onemap calls what is wrong, null: nothing."""

    room: str
    building: str
    level: int
    number: str
    body: str
    title: str
    rank: str
    person_key: str
    heads: int
    planted: str | None = None


def seats(city: City) -> list[tuple[Seat, Organization]]:
    """People of the first bodies that have enough offices, room by room."""
    found: list[tuple[Seat, Organization]] = []
    housed = 0
    for body, offices in _offices(city):
        if len(offices) >= _OFFICES and len(RANKS.get(body.level, ())) > 2:
            found += [(one, body) for one in _of_body(city, body, offices[:_OFFICES], housed)]
            housed += 1
        if housed == _BODIES:
            break
    return found


def _offices(city: City) -> Iterator[tuple[Organization, list[int]]]:
    """Agencies with positions of the offices that they use, in the order of the register."""
    rooms = city.rooms
    users = {
        building.number: made.users for made in city.properties for building in made.lot.buildings
    }
    by_body: dict[int, list[int]] = {}
    for at, (building, user) in enumerate(
        zip(rooms.building.tolist(), rooms.user.tolist(), strict=True)
    ):
        if rooms.room_class[at] == OFFICE and not rooms.is_vacant[at]:
            by_body.setdefault(id(users[building][user]), []).append(at)
    for body in city.bodies.agencies:
        yield body, by_body.get(id(body), [])


def _of_body(city: City, body: Organization, offices: list[int], nth: int) -> Iterator[Seat]:
    ranks = RANKS[body.level][-3:]
    person = 0
    for position, at in enumerate(offices):
        heads = 1 if position < len(_TITLES) else _heads(int(city.rooms.usable[at]))
        planted, key = None, None
        title = _TITLES[position] if position < len(_TITLES) else _OTHERS
        rank = ranks[min(position, len(ranks) - 1)]
        if position == len(offices) - 1 and nth % _EVERY == 0:
            # The deputy's other office, for another post of the same person.
            heads, planted, key, title, rank = (
                1,
                SECOND_OFFICE,
                _key(body, 2),
                _CONCURRENT,
                ranks[1],
            )
        elif position == len(offices) - 1 and nth % _EVERY == 1:
            heads, planted = 1, OTHERS_MISSING
        for _ in range(heads):
            person += key is None
            yield Seat(
                f"F{at + 1:08d}", f"D{city.rooms.building[at]:07d}", int(city.rooms.level[at]),
                city.rooms.number[at], body.name, title, rank,
                key or _key(body, person), heads, planted,
            )  # fmt: skip


def _heads(usable: int) -> int:
    return max(1, min(_MOST_HEADS, usable // HUNDREDTHS // _A_HEAD_M2))


def _key(body: Organization, person: int) -> str:
    return f"YL{body.number:04d}-{person:02d}"


def seat_sheet(city: City, planter: Planter) -> Sheet:
    """A row a person; who shares a room stands in rows below each other."""
    titles = (
        "房间编号", "建筑编号", "层号", "房间号", "使用单位", "统一社会信用代码", "是否共用",
        "职务", "职级", "人员编号", "备注",
    )  # fmt: skip
    sheet = Sheet(FILE, "", [Heading(title) for title in titles])
    for one, body in seats(city):
        row = sheet.add(
            [
                one.room, one.building, one.level, one.number, one.body, body.credit_code,
                "是" if one.heads > 1 else "否", one.title, one.rank, one.person_key, MARK,
            ]
        )  # fmt: skip
        if one.planted == OTHERS_MISSING:
            rule = "person.others_missing"
            planter.plant(sheet, row, "是否共用", "是", as_class=5, rule=rule, outcome=WARN)
    return sheet


def write_seats(directory: Path, city: City) -> None:
    """`truth/seats.csv`: who sits where, and what is wrong with it."""
    rows = [astuple(one) for one, _body in seats(city)]
    write_rows(directory, "seats.csv", [field.name for field in fields(Seat)], rows)
