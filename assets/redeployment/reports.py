"""The answers to a planner's questions, as tables that a page, a file and a program read alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection

from assets.redeployment.queries import (
    MOST_ROOMS,
    MOST_ROWS,
    buildings,
    leased_in,
    scattered,
    vacant_stock,
)
from assets.redeployment.rules import (
    Block,
    Building,
    Pair,
    Together,
    blocks,
    pairs,
    straight_m,
    underused,
)
from assets.report import Report, ReportColumn, ReportTable
from assets.space.queries import bodies, verdicts
from gis.errors import InputError, NotFound


class Question(StrEnum):
    """What can be asked."""

    VACANT = "vacant"
    TAKES_BODY = "takes_body"
    SCATTERED = "scattered"
    UNDERUSED = "underused"
    PAIRS = "pairs"
    LEASED_IN = "leased_in"


_Answer = tuple[Sequence[Mapping[str, Any]], Sequence[tuple[str, Mapping[str, Any]]]]
"""Rows, and footnotes: message keys with their values."""


@dataclass(frozen=True)
class Asked:
    """A question with its limits; those that a question does not know are left alone.

    Args:
        district: Code of an area, with all below it; null: every one.
        least_m2: Usable area that must be vacant together.
        body: Our number of the body that shall move.
        point: Longitude and latitude, EPSG:4490; null as `radius_m`: however far.
        within_m: Straight metres between two places; null: however far.
    """

    question: Question
    district: str | None = None
    least_m2: Decimal = Decimal(200)
    together: Together = Together.FLOOR
    body: int | None = None
    point: tuple[float, float] | None = None
    radius_m: int | None = None
    more_than: int = 1
    below_percent: Decimal = Decimal(60)
    within_m: int | None = 3000


_BUILDING: Final = ReportColumn("title", "redeployment.column.building")
_DISTRICT: Final = ReportColumn("district", "redeployment.column.district")
_ROOMS: Final = ReportColumn("rooms", "redeployment.column.rooms")
_VACANT: Final = ReportColumn("vacant_m2", "redeployment.column.vacant_m2", "m2")
_USED: Final = ReportColumn("used_m2", "redeployment.column.used_m2", "m2")
_DISTANCE: Final = ReportColumn("distance_m", "redeployment.column.distance_m", "m")
_UNMEASURED: Final = ReportColumn("unmeasured", "redeployment.column.unmeasured")
_COLUMNS: Final[Mapping[Question, tuple[ReportColumn, ...]]] = {
    Question.VACANT: (
        _BUILDING, ReportColumn("floor", "redeployment.column.floor"), _ROOMS,
        ReportColumn("numbers", "redeployment.column.numbers"), _VACANT, _UNMEASURED, _DISTANCE,
    ),
    Question.TAKES_BODY: (
        _BUILDING, _DISTRICT, _VACANT,
        ReportColumn("left_m2", "redeployment.column.left_m2", "m2"),
        ReportColumn("bodies", "redeployment.column.bodies"), _UNMEASURED,
    ),
    Question.SCATTERED: (
        ReportColumn("name", "redeployment.column.body"), _DISTRICT,
        ReportColumn("sites", "redeployment.column.sites"), _ROOMS,
        ReportColumn("titles", "redeployment.column.where"),
    ),
    Question.UNDERUSED: (
        _BUILDING, _DISTRICT, _ROOMS,
        ReportColumn("usable_m2", "redeployment.column.usable_m2", "m2"), _USED, _VACANT,
        ReportColumn("used_percent", "redeployment.column.used_percent", "%"),
        ReportColumn("bodies", "redeployment.column.bodies"), _UNMEASURED,
    ),
    Question.PAIRS: (
        ReportColumn("title", "redeployment.column.freed"), _DISTRICT, _USED,
        ReportColumn("freed_m2", "redeployment.column.freed_m2", "m2"),
        ReportColumn("takes", "redeployment.column.takes"), _VACANT,
        ReportColumn("left_m2", "redeployment.column.left_m2", "m2"), _DISTANCE,
    ),
    Question.LEASED_IN: (
        ReportColumn("title", "redeployment.column.leased"),
        ReportColumn("body", "redeployment.column.body"),
        ReportColumn("area_m2", "redeployment.column.leased_m2", "m2"),
        ReportColumn("ends_on", "redeployment.column.ends_on"), _VACANT,
        ReportColumn("nearest", "redeployment.column.nearest"), _DISTANCE,
    ),
}  # fmt: skip


def answer(conn: Connection, asked: Asked, as_of: date) -> Report:
    """The answer to a question, of at most `MOST_ROWS` rows.

    Rows hold, beside the columns, `place_id` and `organization_id` (null: of none), `longitude` and
    `latitude` (null: not located), of what the row is about.

    Raises:
        InputError: A body is asked about and none is named, or it is not known what it needs.
        NotFound: There is no such body that the standard is for.
    """
    rows, notes = _ANSWERS[asked.question](conn, asked, as_of)
    if len(rows) > MOST_ROWS:
        notes = (*notes, ("redeployment.cut", {"count": MOST_ROWS, "total": len(rows)}))
    table = ReportTable(
        asked.question, f"redeployment.question.{asked.question}", _COLUMNS[asked.question],
        rows[:MOST_ROWS],
    )  # fmt: skip
    return Report(asked.question, table.title_key, as_of, (table,), tuple(notes))


def _vacant(conn: Connection, asked: Asked, as_of: date) -> _Answer:
    stock = vacant_stock(
        conn, as_of, district=asked.district, point=asked.point, radius_m=asked.radius_m
    )
    found = blocks(stock.rooms, asked.least_m2, asked.together)
    notes = (("redeployment.read_some", {"count": MOST_ROOMS, "total": stock.total}),)
    return [_of_block(one, asked.together) for one in found], (
        notes if stock.total > MOST_ROOMS else ()
    )


def _of_block(one: Block, together: Together) -> dict[str, Any]:
    first = one.rooms[0]
    is_floor = together is Together.FLOOR
    numbers = [room.name for room in one.rooms]
    return {
        "place_id": first.floor_id if is_floor else first.building_id,
        "organization_id": None,
        "title": first.building,
        "floor": first.floor if is_floor else None,
        "rooms": len(one.rooms),
        # The first and the last tell a run; rooms of a whole building are counted alone.
        "numbers": (numbers[0] if len(numbers) == 1 else f"{numbers[0]} … {numbers[-1]}")
        if is_floor
        else None,
        "vacant_m2": one.usable_m2,
        "unmeasured": one.unmeasured or None,
        "distance_m": one.distance_m,
        "longitude": first.longitude,
        "latitude": first.latitude,
    }


def _takes_body(conn: Connection, asked: Asked, as_of: date) -> _Answer:
    if asked.body is None:
        raise InputError("redeployment.which_body")
    found = bodies(conn, as_of, organization_id=asked.body)
    if not found:
        raise NotFound("redeployment.no_such_body")
    whole = verdicts(conn, as_of, of=found)[0].compared[-1]
    needed_m2 = whole.actual_m2 if whole.entitled_m2 is None else whole.entitled_m2
    if not needed_m2:
        raise InputError("redeployment.needs_nothing_known", name=found[0].name)
    fitting = sorted(
        (one for one in buildings(conn, as_of, asked.district) if one.vacant_m2 >= needed_m2),
        key=lambda one: (one.vacant_m2, one.place_id),
    )
    rule = "actual" if whole.entitled_m2 is None else "entitled"
    note = (f"redeployment.needs_{rule}", {"name": found[0].name, "area": f"{needed_m2:,.2f}"})
    return [{**_of_building(one), "left_m2": one.vacant_m2 - needed_m2} for one in fitting], (note,)


def _underused(conn: Connection, asked: Asked, as_of: date) -> _Answer:
    found = underused(buildings(conn, as_of, asked.district), asked.below_percent)
    return [_of_building(one) for one in found], ()


def _pairs(conn: Connection, asked: Asked, as_of: date) -> _Answer:
    chosen = underused(buildings(conn, as_of, asked.district), asked.below_percent)
    return [_of_pair(one) for one in pairs(chosen, asked.within_m)], ()


def _of_pair(one: Pair) -> dict[str, Any]:
    return {
        **_of_building(one.freed),
        "freed_m2": one.freed.usable_m2,
        "takes": one.takes.title,
        "takes_id": one.takes.place_id,
        "vacant_m2": one.takes.vacant_m2,
        "left_m2": one.left_m2,
        "distance_m": one.distance_m,
    }


def _of_building(one: Building) -> dict[str, Any]:
    return {
        "place_id": one.place_id,
        "organization_id": None,
        "title": one.title,
        "district": one.district,
        "rooms": one.rooms,
        "usable_m2": one.usable_m2,
        "used_m2": one.used_m2,
        "vacant_m2": one.vacant_m2,
        "used_percent": None if one.used_percent is None else round(one.used_percent, 1),
        "bodies": one.bodies,
        "unmeasured": one.unmeasured or None,
        "longitude": one.longitude,
        "latitude": one.latitude,
    }


def _scattered(conn: Connection, asked: Asked, as_of: date) -> _Answer:
    found = scattered(conn, as_of, asked.more_than, asked.district)
    nowhere = {"place_id": None, "longitude": None, "latitude": None}
    return [{**row, **nowhere, "rooms": row["rooms"] or None} for row in found], ()


def _leased_in(conn: Connection, asked: Asked, as_of: date) -> _Answer:
    """What is leased in while space of one's own stands vacant within reach."""
    own = [one for one in buildings(conn, as_of) if one.vacant_m2 and not one.is_leased_in]
    rows = []
    for lease in leased_in(conn, as_of, asked.district):
        near = _near(lease, own, asked.within_m)
        if not near:
            continue
        distance_m, nearest = near[0]
        rows.append(
            {
                **lease,
                "ends_on": lease["valid_to"],
                "vacant_m2": sum((one.vacant_m2 for _, one in near), Decimal()),
                "nearest": nearest.title,
                "distance_m": distance_m,
            }
        )
    rows.sort(key=lambda row: (row["vacant_m2"] < (row["area_m2"] or 0), row["distance_m"]))
    is_gross = any(row["is_gross"] and row["area_m2"] for row in rows)
    return rows, [("redeployment.some_gross", {})] if is_gross else []


def _near(
    lease: Mapping[str, Any], own: Iterable[Building], within_m: int | None
) -> list[tuple[int, Building]]:
    found = []
    for one in own:
        distance_m = straight_m(lease["longitude"], lease["latitude"], one)
        if distance_m is not None and (within_m is None or distance_m <= within_m):
            found.append((distance_m, one))
    return sorted(found, key=lambda each: (each[0], each[1].place_id))


_ANSWERS: Final = {
    Question.VACANT: _vacant,
    Question.TAKES_BODY: _takes_body,
    Question.SCATTERED: _scattered,
    Question.UNDERUSED: _underused,
    Question.PAIRS: _pairs,
    Question.LEASED_IN: _leased_in,
}
