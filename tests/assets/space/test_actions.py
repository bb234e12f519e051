"""Assigning, vacating, moving, swapping rooms: dated, shared, refused, taken back as one step."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from assets.estate.actions import Party, record_holding, refresh_derived
from assets.estate.actions.editing import take_edit_back
from assets.estate.model import HoldingKind
from assets.space.actions import assign, move, swap, vacate
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.places.actions import touch
from gis.places.edits import Grounds, last_edit
from tests.assets.space.conftest import DAY, GROUNDS, Offices

BEFORE, LATER = DAY - timedelta(days=1), DAY + timedelta(days=30)


def _assign(
    offices: Offices, names: Sequence[str], *parties: Party, since: date = DAY, **more: Any
) -> Any:
    seen = more.pop("seen", None) or offices.seen(*names)
    return offices.run(
        lambda conn: assign(
            conn, [offices.room(name) for name in names], parties, since=since, seen=seen,
            grounds=GROUNDS,
        ),
        **more,
    )  # fmt: skip


def _move(offices: Offices, into: dict[str, str], since: date = LATER, **more: Any) -> Any:
    seen = offices.seen(*into, *into.values())
    by_number = {offices.room(old): offices.room(new) for old, new in into.items()}
    return offices.run(
        lambda conn: move(conn, by_number, since=since, seen=seen, grounds=GROUNDS), **more
    )


def _vacate(offices: Offices, *names: str, since: date = LATER) -> Any:
    seen = offices.seen(*names)
    rooms = [offices.room(name) for name in names]
    return offices.run(lambda conn: vacate(conn, rooms, since=since, seen=seen, grounds=GROUNDS))


def _take_back(offices: Offices, name: str) -> None:
    def act(conn: Any) -> None:
        last = last_edit(conn, offices.room(name))
        assert last is not None
        take_edit_back(conn, offices.room(name), last.edit_id)

    offices.run(act)


def test_rooms_are_assigned_from_a_day_on(offices: Offices) -> None:
    assert len(_assign(offices, ("0.1.0", "0.1.1"), Party(offices.body(0)))) == 2
    for name in ("0.1.0", "0.1.1"):
        assert offices.sitting(name, BEFORE) == {}
        assert offices.sitting(name, DAY) == {"A0": None}
    assert offices.sitting("0.2.0", DAY) == {}


def test_sharers_of_a_room_sum_to_one(offices: Offices) -> None:
    shared = (Party(offices.body(0), Decimal("0.75")), Party(offices.body(1), Decimal("0.25")))
    _assign(offices, ("0.1.0",), *shared)
    assert offices.sitting("0.1.0", DAY) == {"A0": "0.750000", "A1": "0.250000"}
    short = (shared[0], Party(offices.body(1), Decimal("0.2")))
    for wrong in (short, (shared[0], shared[0]), (shared[0], Party(offices.body(1)))):
        with pytest.raises(InputError, match="estate"):
            _assign(offices, ("0.1.1",), *wrong)
    with pytest.raises(InputError, match="no_party"):
        _assign(offices, ("0.1.1",))
    assert offices.sitting("0.1.1", DAY) == {}


def test_a_room_assigned_anew_ends_the_period_before_it(offices: Offices) -> None:
    _assign(offices, ("0.1.0",), Party(offices.body(0)))
    _assign(offices, ("0.1.0",), Party(offices.body(1)), since=LATER)
    assert offices.sitting("0.1.0", LATER - timedelta(days=1)) == {"A0": None}
    assert offices.sitting("0.1.0", LATER) == {"A1": None}
    # On the very day it began a period gives way as if it had not been.
    _assign(offices, ("0.1.0",), Party(offices.body(2)), since=LATER)
    assert offices.sitting("0.1.0", LATER) == {"A2": None}
    assert offices.sitting("0.1.0", DAY) == {"A0": None}


def test_a_room_that_is_so_already_is_left_alone(offices: Offices) -> None:
    _assign(offices, ("0.1.0",), Party(offices.body(0)))
    assert _assign(offices, ("0.1.0",), Party(offices.body(0)), since=LATER) == []
    changed = _assign(offices, ("0.1.0", "0.1.1"), Party(offices.body(0)), since=LATER)
    assert changed == [offices.room("0.1.1")]


def test_vacating_ends_what_is_held_and_says_when_nobody_was_there(offices: Offices) -> None:
    _assign(offices, ("0.1.0",), Party(offices.body(0)))
    assert _vacate(offices, "0.1.0", "0.1.1") == [offices.room("0.1.0")]
    assert offices.sitting("0.1.0", LATER - timedelta(days=1)) == {"A0": None}
    assert offices.sitting("0.1.0", LATER) == {}
    with pytest.raises(InputError, match="nobody_there"):
        _vacate(offices, "0.1.1")


def test_who_moves_leaves_a_vacant_room_and_takes_the_shares_along(offices: Offices) -> None:
    shared = (Party(offices.body(0), Decimal("0.5")), Party(offices.body(1), Decimal("0.5")))
    _assign(offices, ("0.1.0",), *shared)
    _move(offices, {"0.1.0": "0.2.1"})
    assert offices.sitting("0.1.0", LATER) == {}
    assert offices.sitting("0.2.1", LATER) == {"A0": "0.500000", "A1": "0.500000"}
    assert offices.sitting("0.2.1", LATER - timedelta(days=1)) == {}


def test_rooms_follow_one_another_and_two_change_places(offices: Offices) -> None:
    for at, name in enumerate(("0.1.0", "0.1.1")):
        _assign(offices, (name,), Party(offices.body(at)))
    _move(offices, {"0.1.0": "0.1.1", "0.1.1": "0.2.0"})
    assert [offices.sitting(name, LATER) for name in ("0.1.0", "0.1.1", "0.2.0")] == [
        {}, {"A0": None}, {"A1": None},
    ]  # fmt: skip
    first, second = offices.room("0.1.1"), offices.room("0.2.0")
    seen = offices.seen("0.1.1", "0.2.0")
    day = LATER + timedelta(days=1)
    offices.run(lambda conn: swap(conn, first, second, since=day, seen=seen, grounds=GROUNDS))
    assert offices.sitting("0.1.1", day) == {"A1": None}
    assert offices.sitting("0.2.0", day) == {"A0": None}


def test_a_move_is_refused_where_it_would_lose_somebody(offices: Offices) -> None:
    for at, name in enumerate(("0.1.0", "0.1.1")):
        _assign(offices, (name,), Party(offices.body(at)))
    with pytest.raises(InputError, match="somebody_in"):
        _move(offices, {"0.1.0": "0.1.1"})
    with pytest.raises(InputError, match="two_into_one"):
        _move(offices, {"0.1.0": "0.2.0", "0.1.1": "0.2.0"})
    with pytest.raises(InputError, match="nobody_in"):
        _move(offices, {"0.2.0": "0.2.1"})
    assert offices.sitting("0.1.0", LATER) == {"A0": None}


def test_a_step_over_several_rooms_is_taken_back_as_one(offices: Offices) -> None:
    for at, name in enumerate(("0.1.0", "0.1.1")):
        _assign(offices, (name,), Party(offices.body(at)))
    before = {name: offices.sitting(name, LATER) for name in ("0.1.0", "0.1.1", "0.2.0")}
    _move(offices, {"0.1.0": "0.1.1", "0.1.1": "0.2.0"})
    _take_back(offices, "0.1.1")
    assert {name: offices.sitting(name, LATER) for name in before} == before
    with offices.city.database.engine(Role.OWNER).connect() as conn:
        leaves = conn.execute(text("SELECT count(*) FROM estate.holding_leaf")).scalar_one()
        ends = conn.execute(text("SELECT count(valid_to) FROM estate.holding")).scalar_one()
    assert (leaves, ends) == (2, 0)


def test_of_two_who_rearrange_a_room_the_second_is_told(offices: Offices) -> None:
    seen = offices.seen("0.1.0")
    _assign(offices, ("0.1.0",), Party(offices.body(0)), seen=seen)
    with pytest.raises(Conflict, match="meanwhile"):
        _assign(offices, ("0.1.0",), Party(offices.body(1)), seen=seen)
    assert offices.sitting("0.1.0", DAY) == {"A0": None}


def test_of_two_at_once_who_give_one_room_away_one_does_and_the_other_is_told(
    offices: Offices,
) -> None:
    seen, said = offices.seen("0.1.0"), list[str]()

    def give(at: int) -> None:
        try:
            _assign(offices, ("0.1.0",), Party(offices.body(at)), seen=seen)
            said.append(f"A{at}")
        except Conflict as error:
            said.append(error.key)

    both = [Thread(target=give, args=(at,)) for at in (0, 1)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    (first,) = set(said) & {"A0", "A1"}
    assert sorted(said) == [first, "estate.arrange.meanwhile"]
    assert offices.sitting("0.1.0", DAY) == {first: None}


def test_a_later_period_and_the_whole_floor_stand_in_the_way(offices: Offices) -> None:
    _assign(offices, ("0.1.0",), Party(offices.body(0)), since=LATER)
    with pytest.raises(Conflict, match="taken_later"):
        _assign(offices, ("0.1.0",), Party(offices.body(1)), since=DAY)
    floor = offices.city.ids["floor 0.2"]
    with transaction(offices.city.database.engine(Role.OWNER), None) as conn:
        record_holding(
            conn, place_id=floor, kind=HoldingKind.OCCUPIES, parties=[Party(offices.body(0))]
        )
        touch(conn, [floor])
        refresh_derived(conn)
    with pytest.raises(Conflict, match="already_held"):
        _assign(offices, ("0.2.0",), Party(offices.body(1)))
    assert offices.sitting("0.2.0", DAY) == {}


def test_only_rooms_that_one_may_write_are_rearranged(offices: Offices) -> None:
    _assign(offices, ("0.1.0",), Party(offices.body(0)), who="clerk")
    seen = offices.seen("0.1.1", "1.1.0")
    with pytest.raises(NotFound):
        _assign(offices, ("1.1.0",), Party(offices.body(0)), seen=seen, who="clerk")
    with pytest.raises(Forbidden):
        _assign(offices, ("0.1.1",), Party(offices.body(0)), seen=seen, who="partial")
    # One room that is not one's own, and none is touched.
    with pytest.raises(NotFound):
        _assign(offices, ("0.1.1", "1.1.0"), Party(offices.body(0)), seen=seen, who="clerk")
    assert offices.sitting("0.1.1", DAY) == {}


@pytest.mark.parametrize(
    ("place", "grounds", "since", "said"),
    [
        ("building 0.0", GROUNDS, DAY, "no_room"),
        ("room 0.1.0", Grounds(" "), DAY, "no_reason"),
        ("room 0.1.0", GROUNDS, date(2999, 1, 1), "not_yet"),
    ],
)
def test_what_makes_no_sense_is_refused(
    offices: Offices, place: str, grounds: Grounds, since: date, said: str
) -> None:
    rooms = [offices.city.ids[place]]
    with pytest.raises(InputError, match=said):
        offices.run(
            lambda conn: assign(
                conn, rooms, [Party(offices.body(0))], since=since, seen={}, grounds=grounds
            )
        )


def test_a_body_that_is_not_in_the_directory_gets_no_room(offices: Offices) -> None:
    with pytest.raises(InputError, match="no_such_body"):
        _assign(offices, ("0.1.0",), Party(987654321))
