"""What a request must say, how long things may take, which rooms go together. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from assets.estate.actions.arranging import MOST_ROOMS
from assets.requests.model import Answer, Item, OldRooms, ReturnKind
from assets.requests.readings import Term, term_in
from assets.space.model import StandardKind
from assets.space.offices import months_later
from assets.space.rules import StandardTable
from gis.errors import Conflict, InputError, Phrase

WITH_STOCK: Final = (Item.TRANSFER, Item.EXCHANGE, Item.LEASE, Item.CONSTRUCT)
"""Items that give rooms: what is vacant is looked through first."""
LAST_CHOICES: Final = (Item.EXCHANGE, Item.LEASE, Item.CONSTRUCT)
"""Items that are for what no vacant room would do."""
NEEDS_SUBJECT: Final = (Item.REPAIR, Item.LEADER_OFFICE)
RETURN_TERMS: Final[Mapping[ReturnKind, StandardKind]] = {
    ReturnKind.LEFT: StandardKind.LEAVE_RETURN,
    ReturnKind.SECOND_POST: StandardKind.SECOND_RETURN,
    ReturnKind.MOVED: StandardKind.MOVED_RETURN,
}
MOST_RADIUS_M: Final = 100_000
_MOST_M2: Final = Decimal(10_000_000)
_MOST_YUAN: Final = Decimal("99999999999999.99")
_MOST_PEOPLE: Final = 100_000
LENGTHS: Final[Mapping[str, int]] = {
    "reason": 2000, "project_name": 200, "project_address": 200, "budget_document": 200,
    "other_ways_reason": 2000, "other_ways_document": 200, "classified_document": 200,
    "decision_document": 200,
}  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """What a person states of a request.

    Args:
        needed_m2: Usable area; null: of this item none is asked for.
        posts: People to be placed by term of list rank.
        rank_code: Of the leader whose office it is.
        from_on: From when it is needed.
        due_on: Last day to decide; null: none.
        admin_area_code: Where; null: anywhere.
        longitude: EPSG:4490, of the point to be near; null, as the next two: none.
        subject_id: The building to be repaired, or the leader's office; null: none.
        old_rooms: What becomes of the rooms the body has; null: nobody said.
        left_rooms: Of these, the ones given back where only some are.
    """

    item: Item
    organization_id: int
    reason: str
    needed_m2: Decimal | None = None
    posts: Mapping[str, int] = field(default_factory=dict)
    rank_code: str | None = None
    from_on: date | None = None
    due_on: date | None = None
    admin_area_code: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    radius_m: int | None = None
    amount_yuan: Decimal | None = None
    budget_yuan: Decimal | None = None
    budget_document: str | None = None
    project_name: str | None = None
    project_address: str | None = None
    other_ways_reason: str | None = None
    other_ways_document: str | None = None
    classified_document: str | None = None
    subject_id: int | None = None
    old_rooms: OldRooms | None = None
    left_rooms: tuple[int, ...] = ()

    def columns(self) -> dict[str, Any]:
        """What is kept of it in the row of the request."""
        apart = {"subject_id", "left_rooms"}
        kept = {name: value for name, value in vars(self).items() if name not in apart}
        kept["posts"] = dict(self.posts) or None
        kept["item"] = self.item.value
        kept["old_rooms"] = self.old_rooms and self.old_rooms.value
        return kept


def checked_draft(draft: Draft, ranks: Mapping[str, str | None]) -> Draft:
    """A draft with its words trimmed, or why nobody can ask for that.

    Args:
        ranks: Terms of list rank.

    Raises:
        InputError: With what would do.
    """
    words = {name: (getattr(draft, name, None) or "").strip() or None for name in LENGTHS}
    words.pop("decision_document")
    if words["reason"] is None:
        raise InputError("requests.no_reason")
    for name, said in words.items():
        if said and len(said) > LENGTHS[name]:
            raise InputError("requests.too_long", field=_field(name), most=LENGTHS[name])
    _check_amounts(draft)
    for rank, people in draft.posts.items():
        if rank not in ranks:
            raise InputError("requests.unknown_rank", value=rank[:40])
        if not 0 < people <= _MOST_PEOPLE:
            raise InputError("requests.bad_people", most=_MOST_PEOPLE)
    if draft.rank_code is not None and draft.rank_code not in ranks:
        raise InputError("requests.unknown_rank", value=draft.rank_code[:40])
    _check_point(draft)
    _check_item(draft)
    return Draft(**{**vars(draft), **words})


def _check_amounts(draft: Draft) -> None:
    if draft.needed_m2 is not None and not 0 < draft.needed_m2 <= _MOST_M2:
        raise InputError("requests.bad_area")
    for stated in (draft.amount_yuan, draft.budget_yuan):
        if stated is not None and not 0 <= stated <= _MOST_YUAN:
            raise InputError("requests.bad_amount")


def _check_point(draft: Draft) -> None:
    given = [one is not None for one in (draft.longitude, draft.latitude, draft.radius_m)]
    if any(given) and not all(given):
        raise InputError("requests.half_a_point")
    if draft.longitude is None or draft.latitude is None or draft.radius_m is None:
        return
    if not (-180 <= draft.longitude <= 180 and -90 <= draft.latitude <= 90):
        raise InputError("requests.bad_point")
    if not 0 < draft.radius_m <= MOST_RADIUS_M:
        raise InputError("requests.bad_radius", most=MOST_RADIUS_M)


def _check_item(draft: Draft) -> None:
    if draft.item in WITH_STOCK and draft.needed_m2 is None:
        raise InputError("requests.no_area")
    if draft.item in NEEDS_SUBJECT and draft.subject_id is None:
        raise InputError(f"requests.no_subject.{draft.item.value}")
    if draft.item is Item.LEADER_OFFICE and draft.rank_code is None:
        raise InputError("requests.no_rank")
    # Left unsaid nothing would be asked back, and nobody would have decided that.
    if draft.old_rooms is None and draft.item in (*WITH_STOCK, Item.LEADER_OFFICE):
        raise InputError("requests.no_old_rooms")
    if draft.old_rooms is OldRooms.SOME and not draft.left_rooms:
        raise InputError("requests.no_left_rooms")
    if len(set(draft.left_rooms)) > MOST_ROOMS:
        raise InputError("requests.no_rooms", most=MOST_ROOMS)


def _field(name: str) -> Phrase:
    return Phrase(f"requests.field.{name}")


def last_day(began_on: date, term: Term) -> date:
    """The last day of a term that begins with a day; a month ends on the same day, or its last."""
    if term.unit == "day":
        return began_on + timedelta(days=term.value)
    return months_later(began_on, term.value * (12 if term.unit == "year" else 1))


def return_due(kind: ReturnKind, began_on: date, table: StandardTable) -> tuple[date, Term] | None:
    """Until when rooms are given back and by which rule; null: the decision names the day.

    Args:
        table: Of the day it began on.
    """
    name = RETURN_TERMS.get(kind)
    term = term_in(table, name) if name else None
    return (last_day(began_on, term), term) if term else None


@dataclass(frozen=True)
class Vacant:
    """A room nobody has on a day, as far as the account sees.

    Args:
        title: Building, floor and room.
        building_id: Null: it hangs in none.
        floor_id: What it hangs in directly, so that neighbours are known.
        position: Among all rooms there, by number.
        usable_m2: Null: not known.
        distance_m: From the point asked about; null: there was none, or it is not located.
        vacant_since: First day that nobody had it; null: nobody is known to have had it.
        longitude: Null, as the latitude: it is not located.
    """

    place_id: int
    code: str
    name: str
    title: str
    building_id: int | None
    building: str | None
    floor_id: int | None
    floor: str | None
    position: int
    usable_m2: Decimal | None
    distance_m: int | None
    vacant_since: date | None
    longitude: float | None
    latitude: float | None
    room_class: str | None = None


def suggested(rooms: Sequence[Vacant], needed_m2: Decimal | None) -> tuple[int, ...]:
    """Rooms that together come to an area: neighbours on a floor before one building.

    Of the first building, as `rooms` stand, that has a run of neighbours which suffices, the run
    with the least to spare; else the first building whose rooms suffice, as few as do; else none.
    """
    if needed_m2 is None or needed_m2 <= 0:
        return ()
    for building in _by_building(rooms):
        runs = [one for floor in _by_floor(building) for one in _runs(floor, needed_m2)]
        if runs:
            best = min(runs, key=lambda run: (_sum(run), len(run), run[0].place_id))
            return tuple(room.place_id for room in best)
    for building in _by_building(rooms):
        if _sum(building) >= needed_m2:
            return _fewest(building, needed_m2)
    return ()


def _by_building(rooms: Sequence[Vacant]) -> Iterable[list[Vacant]]:
    found: dict[int | None, list[Vacant]] = {}
    for room in rooms:
        found.setdefault(room.building_id, []).append(room)
    found.pop(None, None)
    return found.values()


def _by_floor(rooms: Sequence[Vacant]) -> Iterable[list[Vacant]]:
    found: dict[int | None, list[Vacant]] = {}
    for room in rooms:
        found.setdefault(room.floor_id, []).append(room)
    return [sorted(floor, key=lambda room: room.position) for floor in found.values()]


def _runs(floor: Sequence[Vacant], needed_m2: Decimal) -> Iterable[list[Vacant]]:
    """The shortest run of neighbours from each room on that suffices; one step a room."""
    first, total = 0, Decimal()
    for last, room in enumerate(floor):
        if last and room.position != floor[last - 1].position + 1:
            first, total = last, Decimal()
        total += room.usable_m2 or Decimal()
        while total - (floor[first].usable_m2 or Decimal()) >= needed_m2:
            total -= floor[first].usable_m2 or Decimal()
            first += 1
        if total >= needed_m2:
            yield list(floor[first : last + 1])


def _fewest(rooms: Sequence[Vacant], needed_m2: Decimal) -> tuple[int, ...]:
    chosen: list[int] = []
    left = needed_m2
    for room in sorted(rooms, key=lambda one: (-(one.usable_m2 or Decimal()), one.place_id)):
        if left <= 0:
            break
        chosen.append(room.place_id)
        left -= room.usable_m2 or Decimal()
    return tuple(chosen)


def _sum(rooms: Iterable[Vacant]) -> Decimal:
    return sum((room.usable_m2 or Decimal() for room in rooms), Decimal())


def refuse_out_of_order(
    item: Item, answers: Sequence[str | None], stated: Mapping[str, Any]
) -> None:
    """Keep the order: vacant rooms first, then exchange or lease, then building.

    What is classified is built without either.

    Args:
        answers: Of the rooms that would do, as the stock was looked through.
        stated: Columns of the request.

    Raises:
        Conflict: A room has no answer, one was taken though no transfer is asked for, none was
            taken though one is, or nobody said why neither exchange nor lease will do.
    """
    if item is Item.CONSTRUCT and stated["classified_document"]:
        return
    if item in LAST_CHOICES and None in answers:
        raise Conflict("requests.unanswered", count=answers.count(None))
    taken = answers.count(Answer.TAKEN)
    if item is Item.TRANSFER and not taken:
        raise Conflict("requests.nothing_taken")
    refuse_too_many(taken)
    if item in LAST_CHOICES and taken:
        raise Conflict("requests.taken_goes_first", count=taken)
    said = stated["other_ways_reason"] and stated["other_ways_document"]
    if item is Item.CONSTRUCT and not said:
        raise Conflict("requests.other_ways_first")


def refuse_too_many(taken: int) -> None:
    """Rooms are given out in one step, which has its limit: said while they are chosen.

    Raises:
        Conflict: With what to do.
    """
    if taken > MOST_ROOMS:
        raise Conflict("requests.too_many_taken", count=taken, most=MOST_ROOMS)
