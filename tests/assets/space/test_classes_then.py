"""A room counts on each day by the class and the number it had then, also after an undo."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, text

from assets.estate.actions import Party
from assets.estate.actions.arranging import arrange
from assets.report import Choice
from assets.space.forms.published import build_published
from assets.space.forms.vacated import build_vacated
from assets.space.held import rooms_held
from assets.space.queries import bodies, verdicts
from assets.space.rooms import rooms_in
from assets.space.stack import stack_of
from gis.db import Role
from gis.places.actions import refresh_derived
from gis.places.correcting import correct, read_form
from gis.places.edits import Grounds, last_edit
from gis.places.queries import place_card
from gis.places.taking_back import take_back
from tests.assets.space.conftest import DAY, GROUNDS, Offices

BECAME, THEN = date(2026, 5, 1), date(2026, 4, 30)
"""Since when the room is a service room, and the day before."""
WAS, IS = ("101", "office"), ("1-1", "service")


@pytest.fixture(autouse=True)
def _rooms(offices: Offices) -> Any:
    """Agency 0 has two rooms since `DAY`."""
    for name in ("0.1.0", "0.1.1"):
        rooms = {offices.room(name): [Party(offices.body(0))]}
        seen = offices.seen(name)
        offices.run(lambda conn, of=rooms, by=seen: arrange(
            conn, of, since=DAY, seen=by, grounds=GROUNDS))  # fmt: skip
    yield
    with offices.city.database.engine(Role.OWNER).begin() as conn:
        room = {"room": offices.room("0.1.1")}
        for statement in (
            "DELETE FROM place.place_version",
            "DELETE FROM place.stated_days",
            "DELETE FROM place.protected_value",
            "UPDATE place.room SET number = '101', room_class = 'office' WHERE place_id = :room",
        ):
            conn.execute(text(statement), room if ":room" in statement else {})


def _change(offices: Offices, on: date | None = BECAME, **values: str) -> int:
    room = offices.room("0.1.1")

    def edit(conn: Connection) -> int:
        said = values or {"number": IS[0], "room_class": IS[1]}
        correct(conn, room, said, seen_version=read_form(conn, room).version,
                grounds=Grounds("改作他用", None, on))  # fmt: skip
        refresh_derived(conn)
        made = last_edit(conn, room)
        assert made is not None
        return made.edit_id

    return offices.run(edit)  # type: ignore[no-any-return]


def _told(offices: Offices, day: date) -> dict[str, tuple[str | None, str | None]]:
    """Number and class of the room as each reader tells them on a day."""
    room, building, body = (
        offices.room("0.1.1"), offices.city.ids["building 0.0"], offices.body(0),
    )  # fmt: skip

    def read(conn: Connection) -> dict[str, tuple[str | None, str | None]]:
        (judged,) = verdicts(conn, day, of=bodies(conn, day, organization_id=body))
        classes = [one.room_class for one in judged.rooms if one.room_class != "office"]
        held = next(
            one for one in rooms_held(conn, day, body, limit=9).rooms if one.place_id == room
        )
        stack = stack_of(conn, building, day)
        assert stack is not None
        stacked = next(one for one in stack.rooms if one.place_id == room)
        card = place_card(conn, room, day)
        (listed,) = rooms_in(conn, room, day).rows
        form = build_published(conn, day, Choice(body="A0"))
        published = {row["room_class"] for row in form.tables[0].rows if row["rooms"]}
        assert published == {"office", *classes}
        return {
            "verdict": (None, classes[0] if classes else "office"),
            "held": (held.number, held.room_class),
            "stack": ((stacked.name or "").split()[0], stacked.room_class),
            "card": (card.attributes["number"], card.attributes["room_class"]),
            "heading": (card.place["name"].split()[0], None),
            "list": (listed.name.split()[0], listed.room_class),
        }

    return offices.run(read)  # type: ignore[no-any-return]


def _all(number: str, room_class: str) -> dict[str, tuple[str | None, str | None]]:
    whole = (number, room_class)
    return {"verdict": (None, room_class), "held": whole, "stack": whole, "card": whole,
            "heading": (number, None), "list": whole}  # fmt: skip


def test_a_room_counts_by_the_class_of_the_day_and_an_undo_takes_it_back(offices: Offices) -> None:
    edit = _change(offices)
    assert (_told(offices, THEN), _told(offices, BECAME)) == (_all(*WAS), _all(*IS))
    room = offices.room("0.1.1")
    offices.run(lambda conn: take_back(conn, room, edit))
    assert (_told(offices, THEN), _told(offices, BECAME)) == (_all(*WAS), _all(*WAS))


def test_a_correction_of_the_class_holds_for_the_days_before_too(offices: Offices) -> None:
    _change(offices, None)
    assert (_told(offices, THEN), _told(offices, BECAME)) == (_all(*IS), _all(*IS))


def test_each_of_two_changes_holds_from_its_day(offices: Offices) -> None:
    later = date(2026, 6, 1)
    _change(offices)
    _change(offices, later, room_class="equipment")
    days = (THEN, BECAME, later)
    assert [_told(offices, day)["verdict"][1] for day in days] == ["office", "service", "equipment"]


def test_the_measures_move_from_one_class_to_the_other(offices: Offices) -> None:
    _change(offices)
    body = offices.body(0)

    def areas(day: date) -> dict[str | None, Decimal]:
        def read(conn: Connection) -> Any:
            (one,) = verdicts(conn, day, of=bodies(conn, day, organization_id=body))
            return {each.room_class: each.area_m2 for each in one.rooms}

        return offices.run(read)  # type: ignore[no-any-return]

    assert (areas(THEN), areas(BECAME)) == ({"office": 40}, {"office": 20, "service": 20})


def test_what_was_given_up_is_told_by_the_class_of_that_day(offices: Offices) -> None:
    left = date(2026, 4, 15)
    room, seen = offices.room("0.1.1"), offices.seen("0.1.1")
    offices.run(lambda conn: arrange(conn, {room: []}, since=left, seen=seen, grounds=GROUNDS))
    _change(offices)
    found = [
        [row["room_class"] for row in offices.run(
            lambda conn, on=day: build_vacated(conn, on)).tables[1].rows]
        for day in (THEN, BECAME)
    ]  # fmt: skip
    assert found == [["office"], ["service"]]
