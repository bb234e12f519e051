"""An approval that is taken back, on the map or from its page: wholly, or refused with a reason."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from assets.estate import actions as estate
from assets.requests.model import OldRooms
from assets.requests.workflows import REQUESTS
from assets.services.notices import my_notices
from assets.services.steps import steps_taken
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden
from tests.assets.requests.conftest import Desk
from tests.assets.requests.test_order import refused
from tests.assets.requests.test_returns import approved, has, open_returns, undo

_CLASSIFY = """
UPDATE place.place SET security_class = :high,
  rights_cell = rights.cell_for(steward_id, admin_area_code, CAST(:high AS smallint))
WHERE place_id = :room"""
_HIDE = """
UPDATE requests.request SET rights_cell = rights.cell_for(organization_id, NULL, 2::smallint)
WHERE request_id = :id"""


def _revoke(desk: Desk, case_id: int) -> None:
    desk.step("approver", "revoke", case_id, remark="选错楼层")


def _from_the_map(desk: Desk, _case_id: int) -> None:
    undo(desk, "0.2.1")


BOTH_WAYS = pytest.mark.parametrize("take_back", [_revoke, _from_the_map])


@contextmanager
def _classified(desk: Desk, room: str) -> Iterator[None]:
    desk.owner(_CLASSIFY, room=desk.room(room), high=2)
    yield
    desk.owner(_CLASSIFY, room=desk.room(room), high=0)


@BOTH_WAYS
def test_rooms_of_which_one_is_hidden_are_not_taken_back_in_part(
    desk: Desk, take_back: Callable[[Desk, int], None]
) -> None:
    case_id = approved(desk)
    assert len(desk.found(case_id)["given_edit_ids"]) == 2
    with _classified(desk, "0.2.0"):
        refused(lambda: take_back(desk, case_id), Conflict, "requests.hidden_from_you")
        assert desk.found(case_id)["state"] == "approved"
    take_back(desk, case_id)
    assert (has(desk), desk.found(case_id)["state"]) == (["R010"], "reviewed")


@BOTH_WAYS
def test_a_return_that_is_hidden_keeps_the_approval(
    desk: Desk, take_back: Callable[[Desk, int], None]
) -> None:
    case_id = approved(desk, old_rooms=OldRooms.ALL)
    with _classified(desk, "0.1.0"):
        refused(lambda: take_back(desk, case_id), Conflict, "requests.hidden_from_you")
    take_back(desk, case_id)
    assert not open_returns(desk)


def test_who_no_longer_sees_the_request_is_told_why_its_rooms_stay(desk: Desk) -> None:
    case_id = approved(desk)
    desk.owner(_HIDE, id=case_id)
    refused(lambda: undo(desk, "0.2.1"), Forbidden, "requests.given_for_another")
    assert has(desk) == ["R010", "R020", "R021"]


def test_who_approves_no_more_takes_no_approval_back_on_the_map(desk: Desk) -> None:
    approved(desk)
    role = "UPDATE rights.grant SET role = :role WHERE account_id = (SELECT account_id FROM"
    role += " rights.account WHERE name = '人approver')"
    desk.owner(role, role="officer")
    try:
        refused(lambda: undo(desk, "0.2.1"), Forbidden, "requests.not_yours.giver")
    finally:
        desk.owner(role, role="approver")
    assert has(desk) == ["R010", "R020", "R021"]


@BOTH_WAYS
def test_a_body_that_has_given_its_rooms_back_is_not_left_without_any(
    desk: Desk, take_back: Callable[[Desk, int], None]
) -> None:
    case_id = approved(desk, old_rooms=OldRooms.ALL)
    (asked,) = open_returns(desk)
    desk.give_back("clerk", asked["room_return_id"])
    refused(lambda: take_back(desk, case_id), Conflict, "requests.given_back_already")
    assert has(desk) == ["R020", "R021"]
    undo(desk, "0.1.0", "clerk")
    take_back(desk, case_id)
    assert has(desk) == ["R010"]
    assert not open_returns(desk)


@BOTH_WAYS
def test_whoever_decides_hears_of_it(desk: Desk, take_back: Callable[[Desk, int], None]) -> None:
    case_id = approved(desk)
    before = len(desk.run(my_notices, "approver2"))
    take_back(desk, case_id)
    newest, *rest = desk.run(my_notices, "approver2")
    assert (newest["address"], len(rest)) == (f"/requests/{case_id}", before)


def _statements(desk: Desk, act: Callable[[], object]) -> int:
    """How many statements the web's role sends."""
    engine, sent = desk.city.database.engine(Role.WEB), 0

    def count(*_args: object) -> None:
        nonlocal sent
        sent += 1

    event.listen(engine, "before_cursor_execute", count)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return sent


def test_many_rooms_are_asked_back_and_dropped_in_as_few_steps_as_one(desk: Desk) -> None:
    case_id = approved(desk, old_rooms=OldRooms.ALL)
    one = _statements(desk, lambda: _revoke(desk, case_id))
    again = _statements(desk, lambda: desk.step("approver", "approve", case_id))
    _revoke(desk, case_id)
    desk.seat(0, "0.1.1", "2.1.0", "2.1.1", "2.2.0", "2.2.1")
    several = _statements(desk, lambda: desk.step("approver", "approve", case_id))
    assert len(open_returns(desk)) == 6
    assert several == again
    assert _statements(desk, lambda: _revoke(desk, case_id)) == one
    assert not open_returns(desk)
    dropped = desk.owner(
        "SELECT count(*), count(DISTINCT case_id), min(remark) FROM services.step_taken"
        " WHERE workflow = 'room_returns' AND step = 'drop' AND version = 2 AND place_id > 0"
    ).one()
    assert tuple(dropped) == (8, 8, "选错楼层")


@pytest.mark.parametrize(
    ("take_back", "rooms", "secret"),
    [(_revoke, ("R020", "R021"), "0.2.0"), (_from_the_map, ("R011", "R021"), "0.1.1")],
)
def test_a_room_that_became_a_secret_holds_up_none_of_the_others(
    desk: Desk, take_back: Callable[[Desk, int], None], rooms: tuple[str, ...], secret: str
) -> None:
    # What is made a secret stays one: the last test of the file, and each time another room.
    case_id = approved(desk, rooms)
    with transaction(desk.city.database.engine(Role.LOADER), desk.city.everything) as conn:
        estate.mark_secret(conn, [desk.room(secret)], "保密办文〔示例〕1号")
    take_back(desk, case_id)
    assert (has(desk), desk.found(case_id)["state"]) == (["R010"], "reviewed")
    steps = desk.run(lambda conn: steps_taken(conn, REQUESTS, case_id))
    assert steps[0]["step"] == "revoke"
