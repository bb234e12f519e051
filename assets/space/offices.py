"""What a post has against what its rank may have, and the rule of one office each: arithmetic.

A leader has one office, at the post that is the main one. Whoever holds another post as well may
have a second one by approval, which has to be below the standard, and gives it back some months
after that post has ended (办公用房管理办法第十九条). Rooms of one post in one building are one
office.
"""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from assets.space.comparing import Compared, compare
from assets.space.model import StandardKind
from assets.space.readings import RankReading
from assets.space.rules import Entitlement, Lack, Line, Standard, StandardTable, office_line


class Fault(StrEnum):
    """A rule about offices that is broken."""

    SECOND_UNAPPROVED = "second_unapproved"
    """One person has several offices, and more than one of them without an approval."""
    MORE_THAN_TWO = "more_than_two"
    """One person has more than two, whatever was approved."""
    SECOND_NOT_BELOW = "second_not_below"
    """A second office that was approved is not below the standard."""
    POST_LEFT = "post_left"
    """The post has ended, and the office is not given back yet."""
    OVERDUE = "overdue"
    """The same, and its last day to give it back has passed."""


@dataclass(frozen=True)
class Seat:
    """A post, or people of a rank, in a room on a day.

    Args:
        body: `organization_id, code, name, level_code, admin_area_code, district`.
        post_id: Null: people without a post of their own.
        person: What is the same of all posts of one person; null where there is no post.
        title: Of the post; null where the account does not see it.
        left_on: First day the post no longer is; null: it goes on.
        building_id: Null: the room is in none.
        area_m2: Usable, of the whole room; null: not known.
        share: Part of the room.
        approval_document: 批准文号 of a second office; null: none.
    """

    sharer_id: int
    body: Any
    post_id: int | None
    person: str | None
    title: str | None
    rank: str | None
    heads: int
    left_on: date | None
    place_id: int
    room: str
    building_id: int | None
    building: str | None
    floor: str | None
    area_m2: Decimal | None
    share: Decimal
    approval_document: str | None

    def has_ended(self, day: date) -> bool:
        """Whether the post it is for is over by a day."""
        return self.left_on is not None and self.left_on <= day

    @property
    def part_m2(self) -> Decimal | None:
        """Of the room, what counts for it; null: the room has no area."""
        return None if self.area_m2 is None else self.area_m2 * self.share

    @property
    def office(self) -> tuple[int | None, int]:
        """Rooms alike in this are one office."""
        return self.post_id, self.building_id or self.place_id


@dataclass(frozen=True)
class PostVerdict:
    """What a post, or people of a rank in one room, have against what they may have.

    Args:
        seats: At least one; of a post every room it has.
        line: What it may have, and the row that says so.
        compared: Of the rooms together.
        faults: Rules of one office each that are broken, each once.
        due_on: Last day to give it back where the post has ended; null: no row says, or it goes on.
        due_by: The row of the standard that says so.
    """

    seats: tuple[Seat, ...]
    line: Line
    compared: Compared
    faults: tuple[Fault, ...]
    due_on: date | None
    due_by: Standard | None

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """Why it cannot be judged."""
        unmeasured = any(one.area_m2 is None for one in self.seats)
        return (
            *([self.line.lack] if self.line.lack else []),
            *([Lack.NO_AREA] if unmeasured else []),
        )


def months_later(day: date, months: int) -> date:
    """The same day so many months on; of a shorter month its last, and no day beyond the last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def judge(
    seats: Iterable[Seat], table: StandardTable, readings: Sequence[RankReading]
) -> list[PostVerdict]:
    """Each post, and the people of each rank in each room, in the order they come.

    Args:
        seats: All of each person, or what is wrong with a second office stays unseen.
    """
    by_post: dict[tuple[str, int], list[Seat]] = {}
    by_person: dict[str, list[Seat]] = {}
    for one in seats:
        key = ("sharer", one.sharer_id) if one.post_id is None else ("post", one.post_id)
        by_post.setdefault(key, []).append(one)
        if one.person is not None:
            by_person.setdefault(one.person, []).append(one)
    # The office of a post that has ended is to be given back; it is nobody's second one.
    goes_on = {who: [one for one in has if not one.has_ended(table.as_of)]
               for who, has in by_person.items()}  # fmt: skip
    of_person = {who: _of_person(has) for who, has in goes_on.items()}
    return [
        _judged(
            has,
            () if has[0].has_ended(table.as_of) else of_person.get(has[0].person or "", ()),
            table,
            readings,
        )
        for has in by_post.values()
    ]


def _of_person(seats: Sequence[Seat]) -> tuple[Fault, ...]:
    offices = {one.office for one in seats}
    approved = {one.office for one in seats if one.approval_document}
    found = []
    if len(offices - approved) > 1:
        found.append(Fault.SECOND_UNAPPROVED)
    if len(offices) > 2:
        found.append(Fault.MORE_THAN_TWO)
    return tuple(found)


def _judged(
    seats: Sequence[Seat],
    of_person: tuple[Fault, ...],
    table: StandardTable,
    readings: Sequence[RankReading],
) -> PostVerdict:
    first = seats[0]
    line = office_line(first.body.level_code, first.rank, first.heads, table, readings)
    tolerance = table.of(StandardKind.TOLERANCE)
    is_unmeasured = any(one.area_m2 is None for one in seats)
    compared = compare(
        Entitlement((line,), first.heads),
        {"office": sum((one.part_m2 or Decimal() for one in seats), Decimal())},
        (tolerance.value if tolerance else None) or Decimal(),
        unmeasured=("office",) if is_unmeasured else (),
    )[0]
    faults = list(of_person)
    if is_not_below(seats, line):
        faults.append(Fault.SECOND_NOT_BELOW)
    due_on, due_by = None, None
    if first.left_on is not None and first.has_ended(table.as_of):
        is_second = any(one.approval_document for one in seats)
        due_by = table.of(StandardKind.SECOND_RETURN if is_second else StandardKind.LEAVE_RETURN)
        if due_by is not None and due_by.value is not None:
            due_on = months_later(first.left_on, int(due_by.value))
        is_late = due_on is not None and due_on < table.as_of
        faults.append(Fault.OVERDUE if is_late else Fault.POST_LEFT)
    return PostVerdict(tuple(seats), line, compared, tuple(faults), due_on, due_by)


def is_not_below(seats: Sequence[Seat], line: Line) -> bool:
    """Whether an approved second office is as large as its rank may have, or larger."""
    approved = [one for one in seats if one.approval_document]
    known = sum((one.part_m2 or Decimal() for one in approved), Decimal())
    return bool(approved) and line.area_m2 is not None and known >= line.area_m2
