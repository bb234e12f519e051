"""The construction standard of office premises, and what follows from it: pure arithmetic.

Every number of the law is a dated row of data (`Standard`), never code: which rows there are, of
which document and clause, and whether somebody has compared them with it, is the country pack's
and the bureau's to say. Areas are square metres; usable areas for offices, service and equipment
rooms, gross areas for the rest. Nothing is rounded before it is shown (`rounded`).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from assets.space.model import StandardKind
from assets.space.readings import RankReading

_CENT: Final = Decimal("0.01")
_GOVERNMENT: Final = ("gov.cn",)
"""Ends of the hosts that are the government's."""


@dataclass(frozen=True)
class Standard:
    """One row of the standard.

    Args:
        level: Level of the body; null: of every level.
        rank: Rank, or kind of building; null: of every one.
        from_count: Up to how many the value holds; between this and `to_count` it falls evenly.
        to_count: From how many on `value_beyond` holds; of a rate without `from_count`, up to how
            many the value holds, those above counting with `value_beyond`.
        value: Null: left by the standard to somebody who has not been asked yet.
        cap: What `value` may not exceed where another body sets it; null: nothing said.
        source: The document.
        clause: Where in it; empty where it is not known.
        valid_from: First day; null: always.
        valid_to: First day it no longer holds; null: open.
        is_verified: Somebody compared it with the document.
        is_default: It is the country pack's: where a row of the bureau holds, that one counts.
    """

    kind: StandardKind
    level: str | None
    rank: str | None
    value: Decimal | None
    source: str
    from_count: Decimal | None = None
    to_count: Decimal | None = None
    value_beyond: Decimal | None = None
    cap: Decimal | None = None
    clause: str | None = None
    source_url: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    is_verified: bool = False
    note: str | None = None
    is_default: bool = False

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


class StandardTable:
    """The rows in force on a day, one for each kind, level and rank.

    Args:
        rows: The table lists them in this order; a bureau's own row counts before the pack's, of
            two of the same the one that begins later.
        as_of: The day.
    """

    def __init__(self, rows: Iterable[Standard], as_of: date) -> None:
        in_force = [row for row in rows if row.holds_on(as_of)]
        self.as_of = as_of
        # Keys stand as they first came; of one key the last row counts.
        self._rows = {(row.kind, row.level, row.rank): row for row in in_force}
        for row in sorted(
            in_force, key=lambda row: (not row.is_default, row.valid_from or date.min)
        ):
            self._rows[row.kind, row.level, row.rank] = row

    def __iter__(self) -> Iterator[Standard]:
        return iter(self._rows.values())

    def of(
        self, kind: StandardKind, level: str | None = None, rank: str | None = None
    ) -> Standard | None:
        """The row that counts; null: the standard says nothing of it on that day."""
        return self._rows.get((kind, level, rank))

    def knows(self, rank: str) -> bool:
        """Whether the limits of offices name a rank at some level."""
        return any(
            row.kind is StandardKind.OFFICE_LIMIT and row.rank == rank
            for row in self._rows.values()
        )


def public_link(address: str | None) -> str | None:
    """An address that may stand as a link: a page of the government's. Others are evidence only.

    Many copies of a document stand on pages of strangers, which may be anything by tomorrow.
    """
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    is_of_government = any(host == end or host.endswith(f".{end}") for end in _GOVERNMENT)
    return address if parts.scheme in {"http", "https"} and is_of_government else None


def rounded(area_m2: Decimal) -> Decimal:
    """To the hundredth of a square metre, halves up, as it is printed."""
    return area_m2.quantize(_CENT, ROUND_HALF_UP)


def falling_rate(count: int, row: Standard) -> Decimal | None:
    """What each of so many gets; null where the row leaves it open.

    Up to `from_count` it is `value`, from `to_count` on `value_beyond`, in between on the straight
    line that joins them: (1000 - x) / 100 of a city body between 200 and 400 is just that.
    """
    if row.value is None:
        return None
    if row.from_count is None or row.to_count is None or row.value_beyond is None:
        return row.value
    if count <= row.from_count:
        return row.value
    if count >= row.to_count:
        return row.value_beyond
    fall = (row.value - row.value_beyond) * (count - row.from_count)
    return row.value - fall / (row.to_count - row.from_count)


def tiered_area(count: int, row: Standard) -> Decimal | None:
    """So many at `value`, those above `to_count` at `value_beyond`; null where it is left open."""
    if row.value is None:
        return None
    if row.to_count is None or row.value_beyond is None:
        return row.value * count
    first = min(Decimal(count), row.to_count)
    return row.value * first + row.value_beyond * (count - first)


def gross_area(usable_m2: Decimal, row: Standard) -> Decimal | None:
    """The gross area that holds a usable one at the least usable share; null: left open."""
    return None if row.value is None else usable_m2 / row.value


class Lack(StrEnum):
    """Why an entitlement, or a line of it, cannot be told."""

    NO_LEVEL = "no_level"
    """Nothing says which level the body is of."""
    NO_HEADCOUNT = "no_headcount"
    """No quota is known for the day."""
    NO_RANK = "no_rank"
    """Posts of the quota whose rank nobody stated."""
    NO_STANDARD = "no_standard"
    """No row of the standard in force names the level."""
    UNKNOWN_RANK = "unknown_rank"
    """Posts of a rank that no limit in force names at any level."""
    OTHER_LEVEL = "other_level"
    """Posts of a rank of bodies of another level, and nothing says what it counts as here."""
    LEFT_OPEN = "left_open"
    """The standard leaves it to somebody who has not said it: the value has to be filled in."""
    ROOMS_UNTOLD = "rooms_untold"
    """What the body has is not known room by room, or rooms have no class."""
    NO_AREA = "no_area"
    """Rooms that the standard limits have no area."""


@dataclass(frozen=True)
class Line:
    """One line of an entitlement.

    Args:
        room_class: `office`, `service` or `equipment`.
        rank: Of an office line.
        count: People it is for; null for what is a share of an area.
        base_m2: The area it is a share of; null for what is by people.
        rate: m2 each, or the share.
        area_m2: Usable; null where it cannot be told.
        standard: The row it rests on.
        lack: Why it cannot be told.
        reading: Why that row is of another rank than the posts.
    """

    room_class: str
    rank: str | None = None
    count: int | None = None
    base_m2: Decimal | None = None
    rate: Decimal | None = None
    area_m2: Decimal | None = None
    standard: Standard | None = None
    lack: Lack | None = None
    reading: RankReading | None = None

    @property
    def is_verified(self) -> bool | None:
        """Whether somebody compared what it rests on with the document; null: it rests on none."""
        if self.standard is None:
            return None
        return self.standard.is_verified and (self.reading is None or self.reading.is_verified)


ROOM_CLASSES: Final = ("office", "service", "equipment")
"""Classes of room that the standard limits, in its order; 技术业务用房 stands outside it."""


@dataclass(frozen=True)
class Entitlement:
    """What a body may have, line by line.

    Args:
        quota: People of the quota it rests on; null: not known.
    """

    lines: tuple[Line, ...]
    quota: int | None

    def area_m2(self, room_class: str | None = None) -> Decimal | None:
        """Usable m2 of a class, or of all; null where a line of it cannot be told."""
        found = [line for line in self.lines if room_class in (None, line.room_class)]
        if not found or any(line.area_m2 is None for line in found):
            return None
        return sum((line.area_m2 for line in found if line.area_m2 is not None), Decimal())

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """Each reason why something cannot be told, once, in the order of the lines."""
        return tuple(dict.fromkeys(line.lack for line in self.lines if line.lack))

    @property
    def uses_unverified(self) -> bool:
        """Whether a row that nobody has compared with its document took part."""
        return any(line.is_verified is False for line in self.lines)


def entitlement(
    level: str | None,
    quota: Mapping[str | None, int],
    table: StandardTable,
    readings: Iterable[RankReading] = (),
) -> Entitlement:
    """What a body of a level with such a quota is entitled to.

    Args:
        level: Term of list organization_level; null: not known.
        quota: Posts by rank; under null the body's total, where it is stated. Posts of the total
            beyond those by rank have no rank, and so no office area can be told. Where the ranks
            sum to more than the total, they count: they are what was itemised.
        table: The rows in force.
        readings: What ranks count as in bodies of another level.

    Raises:
        ValueError: Fewer posts than none.
    """
    if any(count < 0 for count in quota.values()):
        raise ValueError("a quota has no negative posts")
    if not quota:
        return Entitlement(tuple(Line(each, lack=Lack.NO_HEADCOUNT) for each in ROOM_CLASSES), None)
    ranked = {rank: count for rank, count in quota.items() if rank is not None}
    people = max(quota.get(None, 0), sum(ranked.values()))
    if level is None:
        return Entitlement(tuple(Line(each, lack=Lack.NO_LEVEL) for each in ROOM_CLASSES), people)
    ranks = [row.rank for row in table if row.kind is StandardKind.OFFICE_LIMIT]
    order = {rank: at for at, rank in enumerate(ranks)}
    offices = [
        office_line(level, rank, ranked[rank], table, readings)
        for rank in sorted(ranked, key=lambda rank: (order.get(rank, len(order)), rank))
        if ranked[rank]
    ]
    if (unranked := people - sum(ranked.values())) > 0:
        offices.append(Line("office", count=unranked, lack=Lack.NO_RANK))
    if not offices:
        offices.append(Line("office", count=0, area_m2=Decimal()))
    service = _service(level, people, table)
    both = Entitlement((*offices, service), people)
    return Entitlement((*both.lines, _equipment(both, table)), people)


def office_line(
    level: str | None,
    rank: str | None,
    count: int,
    table: StandardTable,
    readings: Iterable[RankReading] = (),
) -> Line:
    """The office area of so many people of a rank in a body of a level, with the row it rests on.

    Args:
        level: Null: not known.
        rank: Null: not stated.
    """
    if level is None or rank is None:
        lack = Lack.NO_LEVEL if level is None else Lack.NO_RANK
        return Line("office", rank, count, lack=lack)
    row, reading = office_limit(level, rank, table, readings)
    if row is None:
        return Line("office", rank, count, lack=_why_unlimited(level, rank, table))
    if row.value is None:
        return Line("office", rank, count, standard=row, lack=Lack.LEFT_OPEN, reading=reading)
    return Line("office", rank, count, None, row.value, row.value * count, row, reading=reading)


def office_limit(
    level: str, rank: str, table: StandardTable, readings: Iterable[RankReading]
) -> tuple[Standard | None, RankReading | None]:
    """The limit of an office in a body of a level; and why it is one of another rank, if it is."""
    if (row := table.of(StandardKind.OFFICE_LIMIT, level, rank)) is not None:
        return row, None
    found = [
        one
        for one in readings
        if (one.level, one.rank) == (level, rank) and one.holds_on(table.as_of)
    ]
    if not found:
        return None, None
    reading = found[-1]
    return table.of(StandardKind.OFFICE_LIMIT, level, reading.counts_as), reading


def _why_unlimited(level: str, rank: str, table: StandardTable) -> Lack:
    if not any(row.kind is StandardKind.OFFICE_LIMIT and row.level == level for row in table):
        return Lack.NO_STANDARD
    return Lack.OTHER_LEVEL if table.knows(rank) else Lack.UNKNOWN_RANK


def _service(level: str, people: int, table: StandardTable) -> Line:
    row = table.of(StandardKind.SERVICE_RATE, level)
    if row is None:
        return Line("service", count=people, lack=Lack.NO_STANDARD)
    rate = falling_rate(people, row)
    if rate is None:
        return Line("service", count=people, standard=row, lack=Lack.LEFT_OPEN)
    return Line("service", None, people, None, rate, rate * people, row)


def _equipment(both: Entitlement, table: StandardTable) -> Line:
    row = table.of(StandardKind.EQUIPMENT_RATIO)
    base = both.area_m2()
    if row is None or row.value is None:
        lack = Lack.NO_STANDARD if row is None else Lack.LEFT_OPEN
        return Line("equipment", base_m2=base, standard=row, lack=lack)
    if base is None:
        return Line("equipment", rate=row.value, standard=row, lack=both.lacks[0])
    return Line("equipment", None, None, base, row.value, base * row.value, row)
