"""What cannot be: rooms and bodies that are not there on the day, parts of rooms, two at once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from assets.estate.actions import Party, record_holding
from assets.estate.model import Extent, HoldingKind
from assets.space.actions import assign, move
from gis.db import Role, transaction
from gis.errors import Conflict, InputError
from tests.assets.space.conftest import DAY, GROUNDS, Offices

BEFORE, LATER = DAY - timedelta(days=1), DAY + timedelta(days=30)


def _assign(offices: Offices, names: Sequence[str], at: int = 0, since: date = DAY) -> Any:
    seen = offices.seen(*names)
    rooms = [offices.room(name) for name in names]
    party = [Party(offices.body(at))]
    return offices.run(
        lambda conn: assign(conn, rooms, party, since=since, seen=seen, grounds=GROUNDS)
    )


def _move(offices: Offices, old: str, new: str) -> Any:
    seen = offices.seen(old, new)
    into = {offices.room(old): offices.room(new)}
    return offices.run(lambda conn: move(conn, into, since=LATER, seen=seen, grounds=GROUNDS))


@contextmanager
def _dated(offices: Offices, table: str, row: int, **days: date) -> Iterator[None]:
    """A place or a body that begins or ends on a day, as long as it is needed."""
    key = "organization_id" if table.startswith("organization") else "place_id"

    def write(values: dict[str, date | None]) -> None:
        sets = ", ".join(f"{name} = :{name}" for name in values)
        with offices.city.database.engine(Role.OWNER).begin() as conn:
            conn.execute(
                text(f"UPDATE {table} SET {sets} WHERE {key} = :row"), {**values, "row": row}
            )

    write(dict(days))
    yield
    write(dict.fromkeys(days))


@pytest.mark.parametrize("held_in_part", ["0.1.0", "0.1.1"])
def test_nobody_is_moved_over_who_has_a_part_of_a_room(offices: Offices, held_in_part: str) -> None:
    """As the one who leaves would take the part along, and the one who comes would end it."""
    _assign(offices, ("0.1.0",))
    with transaction(offices.city.database.engine(Role.OWNER), None) as conn:
        record_holding(
            conn, place_id=offices.room(held_in_part), kind=HoldingKind.OCCUPIES,
            parties=[Party(offices.body(1))], extent=Extent.PART,
        )  # fmt: skip
    before = {name: offices.sitting(name, LATER) for name in ("0.1.0", "0.1.1")}
    with pytest.raises(Conflict, match="in_part"):
        _move(offices, "0.1.0", "0.1.1")
    assert {name: offices.sitting(name, LATER) for name in before} == before


def test_a_room_that_was_closed_later_is_theirs_until_then(offices: Offices) -> None:
    with _dated(offices, "place.place", offices.room("0.1.0"), valid_to=LATER):
        _assign(offices, ("0.1.0", "0.1.1"))
        assert offices.sitting("0.1.0", LATER - timedelta(days=1)) == {"A0": None}
        assert offices.sitting("0.1.0", LATER) == {}
        assert offices.sitting("0.1.1", LATER) == {"A0": None}
        # As it is already, so nothing is written again.
        assert _assign(offices, ("0.1.0", "0.1.1")) == []


@pytest.mark.parametrize("what", ["room 0.1.0", "floor 0.1", "building 0.0"])
def test_a_room_of_what_is_closed_is_given_to_nobody(offices: Offices, what: str) -> None:
    with _dated(offices, "place.place", offices.city.ids[what], valid_to=DAY):
        with pytest.raises(Conflict, match=r"arrange\.closed"):
            _assign(offices, ("0.1.0",))
        assert _assign(offices, ("0.1.0",), since=BEFORE) == [offices.room("0.1.0")]
        assert offices.sitting("0.1.0", DAY) == {}


def test_a_room_is_given_to_nobody_before_it_is_there(offices: Offices) -> None:
    with (
        _dated(offices, "place.place", offices.room("0.1.1"), valid_from=LATER),
        pytest.raises(Conflict, match="not_there_yet"),
    ):
        _assign(offices, ("0.1.0", "0.1.1"))
    assert offices.sitting("0.1.0", DAY) == {}, "of several rooms none is given"


@pytest.mark.parametrize(
    ("days", "said"),
    [({"valid_to": DAY}, "body_dissolved"), ({"valid_from": LATER}, "body_not_yet")],
)
def test_a_body_that_does_not_exist_on_the_day_gets_no_room(
    offices: Offices, days: dict[str, date], said: str
) -> None:
    with (
        _dated(offices, "organization.organization", offices.body(2), **days),
        pytest.raises(Conflict, match=said),
    ):
        _assign(offices, ("0.1.0",), 2)
    assert offices.sitting("0.1.0", DAY) == {}


def test_a_body_is_named_once_wherever_a_holding_is_written(offices: Offices) -> None:
    twice = [Party(offices.body(0)), Party(offices.body(0))]
    with (
        transaction(offices.city.database.engine(Role.OWNER), None) as conn,
        pytest.raises(InputError, match="party_twice"),
    ):
        record_holding(
            conn, place_id=offices.room("0.1.0"), kind=HoldingKind.OCCUPIES, parties=twice
        )


def test_of_two_at_the_same_moment_one_wins_and_the_other_is_told(offices: Offices) -> None:
    room = offices.room("0.1.0")
    seen = offices.seen("0.1.0")
    told: list[str] = []

    def second() -> None:
        try:
            with transaction(
                offices.city.database.engine(Role.WEB), offices.tokens["clerk"]
            ) as own:
                assign(own, [room], [Party(offices.body(0))], since=DAY, seen=seen, grounds=GROUNDS)
        except Conflict as error:
            told.append(error.key)

    other = Thread(target=second)
    with transaction(offices.city.database.engine(Role.WEB), offices.tokens["everything"]) as conn:
        assign(conn, [room], [Party(offices.body(1))], since=DAY, seen=seen, grounds=GROUNDS)
        other.start()
    other.join()
    # The second waited for the first; where that took long, it was told that somebody is at it.
    assert [key in {"estate.arrange.meanwhile", "place.edit.load_at_work"} for key in told] == [
        True
    ]
    assert offices.sitting("0.1.0", DAY) == {"A1": None}


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE estate.holding_party SET share = 0.3 WHERE share = 0.25",
        "UPDATE estate.holding_party SET share = NULL WHERE share = 0.25",
        "DELETE FROM estate.holding_party WHERE share = 0.25",
    ],
)
def test_the_database_itself_keeps_shares_that_sum_to_one(offices: Offices, wrong: str) -> None:
    parties = [
        Party(offices.body(0), Decimal("0.75")),
        Party(offices.body(1), Decimal("0.25")),
    ]
    rooms, seen = [offices.room("0.1.0")], offices.seen("0.1.0")
    offices.run(lambda conn: assign(conn, rooms, parties, since=DAY, seen=seen, grounds=GROUNDS))
    engine = offices.city.database.engine(Role.OWNER)
    with (
        pytest.raises(IntegrityError, match="sum to 1"),
        engine.begin() as conn,
    ):
        conn.execute(text(wrong))
    # One by one is well, as long as they sum to 1 in the end.
    with engine.begin() as conn:
        for old, new in (("0.75", "0.5"), ("0.25", "0.5")):
            conn.execute(
                text("UPDATE estate.holding_party SET share = :new WHERE share = :old"),
                {"old": Decimal(old), "new": Decimal(new)},
            )
    assert offices.sitting("0.1.0", DAY) == {"A0": "0.500000", "A1": "0.500000"}
