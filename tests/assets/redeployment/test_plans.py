"""A plan beside the register: what it says, what changes meanwhile, and how it is carried out."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, text

from assets.estate.actions import record_holding, refresh_derived
from assets.estate.actions.holdings import Party
from assets.estate.model import HoldingKind
from assets.redeployment import effects
from assets.redeployment.actions import planning, rooms
from assets.redeployment.actions.planning import Draft
from assets.redeployment.model import ReleasedTo, StepKind
from assets.redeployment.plan import clashes, find_plan, list_plans, place_facts, rooms_of, steps_of
from assets.redeployment.workflows import REDEPLOYMENT
from assets.services import cases
from assets.services.notices import my_notices
from gis.clock import today
from gis.db import Role
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.i18n import explain
from gis.places.actions import touch
from tests.assets.requests.conftest import Desk
from tests.assets.requests.test_order import refused
from tests.assets.requests.test_returns import undo

_FORGET = ("DELETE FROM redeployment.plan_room", "DELETE FROM redeployment.plan")
_REGISTER = """
SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM (
  SELECT h::text AS t FROM estate.holding AS h UNION ALL
  SELECT y::text FROM estate.holding_party AS y UNION ALL
  SELECT l::text FROM estate.holding_leaf AS l UNION ALL
  SELECT s::text FROM estate.sharer AS s) AS rows"""
_HAS = """
SELECT p.code, string_agg(o.code, ' ' ORDER BY o.code) AS who FROM estate.holding AS h
JOIN estate.holding_party AS y USING (holding_id) JOIN place.place AS p USING (place_id)
JOIN organization.organization AS o ON o.organization_id = y.holder_id
WHERE h.kind = 'occupies' AND p.kind = 'room' AND (h.valid_to IS NULL OR h.valid_to > :today)
GROUP BY p.code"""


@pytest.fixture(autouse=True)
def _forgotten(desk: Desk) -> Iterator[None]:
    yield
    for statement in _FORGET:
        desk.owner(statement)


def register(desk: Desk) -> str:
    return desk.owner(_REGISTER).scalar_one()  # type: ignore[no-any-return]


def who_has(desk: Desk) -> dict[str, str]:
    return {row.code: row.who for row in desk.owner(_HAS, today=today())}


def draft(desk: Desk, name: str = "集中办公", **more: Any) -> Draft:
    stated = {"organization_id": desk.body(0), "from_on": today(), **more}
    return Draft(name, **stated)


def made(desk: Desk, name: str = "集中办公", who: str = "officer", **more: Any) -> int:
    return desk.run(lambda conn: planning.create(conn, draft(desk, name, **more)), who)  # type: ignore[no-any-return]


def step(desk: Desk, act: Callable[..., Any], plan_id: int, *args: Any, **more: Any) -> Any:
    """A step of a plan by its planner, who saw it as it stands."""
    who = more.pop("who", "officer")

    def taken(conn: Connection) -> Any:
        version = find_plan(conn, plan_id)["version"]
        return act(conn, plan_id, *args, seen_version=version, **more)

    return desk.run(taken, who)


def take(desk: Desk, who: str, name: str, plan_id: int, **more: Any) -> None:
    desk.step(who, name, plan_id, REDEPLOYMENT, **more)


def reviewed(desk: Desk, plan_id: int) -> int:
    take(desk, "officer", "propose", plan_id)
    take(desk, "officer2", "review", plan_id)
    return plan_id


def joined(desk: Desk) -> int:
    """A plan that moves agency 1 beside agency 0, and gives agency 2's room up."""
    plan_id = made(desk, document="机管〔2026〕7号")
    step(desk, rooms.move, plan_id, {desk.room("1.1.0"): desk.room("0.1.1")})
    release = (ReleasedTo.LEASING, desk.body(3))
    step(desk, rooms.release, plan_id, [desk.room("2.1.0")], *release)
    return plan_id


def clashing(desk: Desk, plan_id: int) -> list[tuple[str, str, bool]]:
    def read(conn: Connection) -> list[tuple[str, str, bool]]:
        found = clashes(conn, find_plan(conn, plan_id))
        return sorted((one.room.code or "", one.why.key, one.may_keep) for one in found)

    return desk.run(read)  # type: ignore[no-any-return]


def test_a_plan_changes_nothing_of_the_register(desk: Desk) -> None:
    before = register(desk)
    plan_id = joined(desk)
    step(desk, rooms.vacate, plan_id, [desk.room("0.1.0")])
    reviewed(desk, plan_id)
    assert register(desk) == before
    found = desk.run(lambda conn: rooms_of(conn, plan_id))
    said = {one.code: (one.kind, [party.holder_id for party in one.wanted]) for one in found}
    assert said == {
        "R010": (StepKind.VACATE, []),
        "R011": (StepKind.MOVE, [desk.body(1)]),
        "R110": (StepKind.MOVE, []),
        "R210": (StepKind.RELEASE, []),
    }


def test_approval_writes_all_of_it_and_revoking_puts_all_back(desk: Desk) -> None:
    before, plan_id = register(desk), reviewed(desk, joined(desk))
    take(desk, "approver", "approve", plan_id)
    assert who_has(desk) == {"R010": "A0", "R011": "A1"}
    found = desk.run(lambda conn: find_plan(conn, plan_id))
    assert (found["state"], found["merged_on"]) == ("approved", today())
    assert len(found["merged_edit_ids"]) == 3
    documents = "SELECT DISTINCT document FROM place.edit WHERE edit_id = ANY (:edits)"
    said = desk.owner(documents, edits=found["merged_edit_ids"]).scalars().all()
    assert said == ["机管〔2026〕7号"]
    assert clashing(desk, plan_id) == []
    take(desk, "approver", "revoke", plan_id, remark="选错楼层")
    assert register(desk) == before
    assert desk.run(lambda conn: find_plan(conn, plan_id))["merged_edit_ids"] is None
    # It is as the plan saw it, so that it can be approved again as it is.
    take(desk, "approver", "approve", plan_id)
    assert who_has(desk) == {"R010": "A0", "R011": "A1"}


def test_a_room_taken_back_on_the_map_takes_the_whole_plan_back(desk: Desk) -> None:
    before, plan_id = register(desk), reviewed(desk, joined(desk))
    take(desk, "approver", "approve", plan_id)
    undo(desk, "0.1.1")
    assert register(desk) == before
    assert desk.run(lambda conn: find_plan(conn, plan_id))["state"] == "reviewed"


def test_rooms_of_many_steps_change_as_one_or_not_at_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "MOST_ROOMS", 1)
    before = register(desk)
    plan_id = made(desk)
    change = {desk.room("0.1.0"): desk.room("1.1.0"), desk.room("1.1.0"): desk.room("0.1.0")}
    step(desk, rooms.move, plan_id, change)
    step(desk, rooms.vacate, plan_id, [desk.room("2.1.0")])
    reviewed(desk, plan_id)
    # Of the last room the holding cannot end: nothing of the others was written.
    desk.owner("UPDATE organization.organization SET valid_to = :day WHERE organization_id = :id",
               day=today(), id=desk.body(0))  # fmt: skip
    try:
        with pytest.raises(Conflict, match="dissolved"):
            take(desk, "approver", "approve", plan_id)
    finally:
        desk.owner("UPDATE organization.organization SET valid_to = NULL")
    assert register(desk) == before
    take(desk, "approver", "approve", plan_id)
    assert who_has(desk) == {"R010": "A1", "R110": "A0"}
    take(desk, "approver", "revoke", plan_id, remark="更正")
    assert register(desk) == before


def test_what_changed_meanwhile_is_shown_and_settled_room_by_room(desk: Desk) -> None:
    plan_id = joined(desk)
    desk.seat(2, "0.1.1", since=today())
    desk.empty("2.1.0", since=today())
    assert clashing(desk, plan_id) == [
        ("R011", "redeployment.clash.rearranged", True),
        ("R210", "redeployment.clash.vacated", True),
    ]
    with pytest.raises(Conflict) as told:
        take(desk, "officer", "propose", plan_id)
    assert "R011" in explain("zh", told.value) or "示例2局" in explain("zh", told.value)
    kept, dropped = desk.room("0.1.1"), desk.room("2.1.0")
    refused(
        lambda: step(desk, rooms.settle, plan_id, keep=[kept], drop=[kept]), InputError,
        "redeployment.kept_and_dropped",
    )  # fmt: skip
    refused(
        lambda: step(desk, rooms.settle, plan_id, keep=[desk.room("1.1.0")]), NotFound,
        "redeployment.no_clash",
    )  # fmt: skip
    step(desk, rooms.settle, plan_id, keep=[kept], drop=[dropped])
    assert clashing(desk, plan_id) == []
    found = {one.code: one for one in desk.run(lambda conn: rooms_of(conn, plan_id))}
    assert set(found) == {"R011", "R110"}
    assert [party.holder_id for party in found["R011"].stood] == [desk.body(2)]
    take(desk, "approver", "approve", reviewed(desk, plan_id))
    assert who_has(desk) == {"R010": "A0", "R011": "A1"}


def test_a_room_let_or_closed_meanwhile_can_only_leave_the_plan(desk: Desk) -> None:
    plan_id = joined(desk)
    reviewed(desk, plan_id)
    room, floor = desk.room("0.1.1"), desk.city.ids["floor 2.1"]
    with desk.city.database.engine(Role.OWNER).begin() as conn:
        let = record_holding(
            conn, place_id=room, kind=HoldingKind.LETS_OUT, parties=[Party(desk.body(3))],
            valid_from=today(),
        )  # fmt: skip
        close = text("UPDATE place.place SET valid_to = :day WHERE place_id = :id")
        conn.execute(close, {"day": today(), "id": floor})
        touch(conn, [room])
        refresh_derived(conn)
    try:
        assert clashing(desk, plan_id) == [
            ("R011", "redeployment.blocked.lets_out", False),
            ("R210", "redeployment.blocked.closed", False),
        ]
        before = register(desk)
        with pytest.raises(Conflict) as told:
            take(desk, "approver", "approve", plan_id)
        assert "已出租（示例3局）" in explain("zh", told.value)
        assert register(desk) == before
        take(desk, "approver", "return", plan_id, remark="已出租")
        refused(
            lambda: step(desk, rooms.settle, plan_id, keep=[room]), Conflict,
            "redeployment.cannot_keep",
        )  # fmt: skip
        step(desk, rooms.settle, plan_id, drop=[room, desk.room("2.1.0")])
        assert clashing(desk, plan_id) == []
        other = made(desk)
        refused(
            lambda: step(desk, rooms.assign, other, [room], [Party(desk.body(0))]), Conflict,
            "redeployment.cannot_have",
        )  # fmt: skip
    finally:
        for table in ("holding_leaf", "holding_party", "holding"):
            desk.owner(f"DELETE FROM estate.{table} WHERE holding_id = :let", let=let)
        desk.owner("UPDATE place.place SET valid_to = NULL WHERE place_id = :id", id=floor)


def test_a_draft_is_its_makers_alone(desk: Desk) -> None:
    plan_id = joined(desk)
    step(desk, planning.save, plan_id, draft(desk, "集中办公二"))
    tables = ("plan", "plan_room")
    history = [f"history.redeployment_{name}" for name in tables]

    def seen(conn: Connection) -> list[int]:
        names = [*(f"redeployment.{name}" for name in tables), *history]
        query = "SELECT count(*) FROM {} WHERE plan_id = :plan"
        asked = {"plan": plan_id}
        return [conn.execute(text(query.format(one)), asked).scalar_one() for one in names]

    assert desk.run(seen, "officer2") == [0, 0, 0, 0]
    mine = desk.run(seen)
    assert mine[:2] == [1, 3]
    assert mine[2] > 0
    refused(lambda: desk.run(lambda conn: find_plan(conn, plan_id), "officer2"), NotFound,
            "redeployment.no_such_plan")  # fmt: skip
    refused(lambda: step(desk, planning.share, plan_id, is_shared=True, who="officer2"), NotFound,
            "redeployment.no_such_plan")  # fmt: skip
    assert desk.run(lambda conn: place_facts(conn, desk.room("0.1.1"), today())).facts == ()
    step(desk, planning.share, plan_id, is_shared=True)
    (listed,) = desk.run(lambda conn: list_plans(conn, limit=10), "officer2")
    assert (listed["rooms"], listed["is_mine"]) == (3, False)
    told = desk.run(lambda conn: place_facts(conn, desk.room("0.1.1"), today()), "officer2")
    assert [one.value for one in told.facts] == ["集中办公二"]
    refused(lambda: step(desk, planning.share, plan_id, is_shared=False, who="officer2"),
            Forbidden, "redeployment.not_your_plan")  # fmt: skip
    step(desk, planning.share, plan_id, is_shared=False)
    assert desk.run(lambda conn: list_plans(conn, limit=10), "officer2") == []


def test_nobody_decides_on_what_he_proposed_or_reviewed(desk: Desk) -> None:
    plan_id = joined(desk)
    step(desk, planning.share, plan_id, is_shared=True)
    take(desk, "approver", "propose", plan_id)
    refused(lambda: take(desk, "approver", "review", plan_id), Forbidden, "workflow.four_eyes")
    take(desk, "approver2", "review", plan_id)
    for who in ("approver", "approver2"):
        refused(lambda who=who: take(desk, who, "approve", plan_id), Forbidden,
                "workflow.four_eyes")  # fmt: skip
    refused(lambda: take(desk, "officer", "approve", plan_id), Forbidden,
            "redeployment.not_yours.approver")  # fmt: skip


def test_of_two_plans_carried_out_at_once_the_second_is_told_who_has_the_room(desk: Desk) -> None:
    first, second = made(desk, "甲"), made(desk, "乙")
    room = desk.room("0.1.1")
    step(desk, rooms.assign, first, [room], [Party(desk.body(1))])
    step(desk, rooms.assign, second, [room], [Party(desk.body(2))])
    reviewed(desk, first)
    reviewed(desk, second)
    written, go_on = threading.Event(), threading.Event()

    def slowly(conn: Connection) -> None:
        version = find_plan(conn, first)["version"]
        cases.take(conn, REDEPLOYMENT, "approve", first, seen_version=version)
        written.set()
        assert go_on.wait(10)

    def quickly() -> str:
        with pytest.raises(Conflict) as told:
            take(desk, "approver2", "approve", second)
        return explain("zh", told.value)

    with ThreadPoolExecutor(2) as both:
        one = both.submit(desk.run, slowly, "approver")
        assert written.wait(10)
        two = both.submit(quickly)
        threading.Timer(1, go_on.set).start()
        one.result(20)
        assert "现由 示例1局 使用" in two.result(20)
    assert who_has(desk)["R011"] == "A1"
    assert desk.run(lambda conn: find_plan(conn, second))["state"] == "reviewed"


def test_a_plan_with_rooms_one_may_not_see_is_not_carried_out_in_part(desk: Desk) -> None:
    before, plan_id = register(desk), reviewed(desk, joined(desk))
    classify = """UPDATE place.place SET security_class = :high,
      rights_cell = rights.cell_for(steward_id, admin_area_code, CAST(:high AS smallint))
    WHERE place_id = :room"""
    room = desk.room("0.1.1")
    desk.owner(classify, room=room, high=2)
    try:
        refused(lambda: take(desk, "approver", "approve", plan_id), Forbidden,
                "redeployment.hidden_rooms")  # fmt: skip
        take(desk, "officer2", "return", plan_id, remark="再看")
        refused(lambda: step(desk, rooms.take_step_back, plan_id), Forbidden,
                "redeployment.hidden_rooms")  # fmt: skip
        refused(lambda: desk.run(lambda conn: planning.copy(conn, plan_id, "抄")), Forbidden,
                "redeployment.hidden_rooms")  # fmt: skip
    finally:
        desk.owner(classify, room=room, high=0)
    assert register(desk) == before


def test_each_body_is_told_what_it_gets_and_leaves(desk: Desk) -> None:
    plan_id = reviewed(desk, made_for_clerk(desk))
    take(desk, "approver", "approve", plan_id)
    newest = desk.run(my_notices, "clerk")[0]
    assert (newest["kind"], newest["params"]["gets"], newest["params"]["leaves"]) == (
        "redeployment.notice.rooms", 1, 1,
    )  # fmt: skip
    take(desk, "approver", "revoke", plan_id, remark="更正")
    assert desk.run(my_notices, "clerk")[0]["kind"] == "redeployment.notice.undone"


def made_for_clerk(desk: Desk) -> int:
    plan_id = made(desk)
    step(desk, rooms.move, plan_id, {desk.room("0.1.0"): desk.room("0.2.0")})
    return plan_id


def test_steps_build_on_one_another_and_are_taken_back_one_by_one(desk: Desk) -> None:
    plan_id = made(desk)
    step(desk, rooms.move, plan_id, {desk.room("0.1.0"): desk.room("0.1.1")})
    # Onward from where the plan put them, and others into the room that they left.
    step(desk, rooms.move, plan_id, {desk.room("0.1.1"): desk.room("0.2.0")})
    step(desk, rooms.assign, plan_id, [desk.room("0.1.1")], [Party(desk.body(3))])
    found = {one.code: one for one in desk.run(lambda conn: rooms_of(conn, plan_id))}
    assert [party.holder_id for party in found["R020"].wanted] == [desk.body(0)]
    assert [party.holder_id for party in found["R011"].wanted] == [desk.body(3)]
    other = desk.run(lambda conn: planning.copy(conn, plan_id, "抄"))
    assert len(desk.run(lambda conn: rooms_of(conn, other))) == 3
    for left in (2, 1):
        step(desk, rooms.take_step_back, plan_id)
        assert len(desk.run(lambda conn: steps_of(conn, plan_id))) == left
    step(desk, rooms.leave, plan_id, [desk.room("0.1.0")])
    assert [one.code for one in desk.run(lambda conn: rooms_of(conn, plan_id))] == ["R011"]
    for _ in range(2):
        step(desk, rooms.take_step_back, plan_id)
    refused(lambda: step(desk, rooms.take_step_back, plan_id), Conflict, "redeployment.no_step")
    refused(lambda: take(desk, "officer", "propose", plan_id), InputError, "redeployment.empty")


def test_two_who_change_one_plan_are_told_of_each_other(desk: Desk) -> None:
    plan_id = made(desk)
    seen = desk.run(lambda conn: find_plan(conn, plan_id))["version"]
    step(desk, rooms.vacate, plan_id, [desk.room("0.1.0")])

    def late(conn: Connection) -> None:
        rooms.vacate(conn, plan_id, [desk.room("1.1.0")], seen_version=seen)

    refused(lambda: desk.run(late), Conflict, "workflow.changed_meanwhile")
    assert len(desk.run(lambda conn: rooms_of(conn, plan_id))) == 1


def test_what_makes_no_plan_is_refused_in_words(desk: Desk) -> None:
    plan_id = made(desk)
    free, full, other = desk.room("0.1.1"), desk.room("0.1.0"), desk.room("1.1.0")
    body = desk.body(0)
    halves = [Party(body, Decimal("0.5")), Party(desk.body(1), Decimal("0.6"))]
    wrong: list[tuple[Callable[..., Any], tuple[Any, ...], type[Exception], str]] = [
        (rooms.assign, ([], [Party(body)]), InputError, "estate.arrange.rooms"),
        (rooms.assign, ([free], []), InputError, "estate.no_party"),
        (rooms.assign, ([free], [Party(body), Party(body)]), InputError, "estate.party_twice"),
        (rooms.assign, ([free], halves), InputError, "estate.shares_do_not_sum"),
        (rooms.assign, ([free], [Party(body, Decimal(0))]), InputError,
         "estate.shares_do_not_sum"),
        (rooms.assign, ([free], [Party(10**9)]), InputError, "estate.no_such_body"),
        (rooms.assign, ([10**9], [Party(body)]), NotFound, "place.not_found"),
        (rooms.assign, ([desk.city.ids["floor 0.1"]], [Party(body)]), InputError,
         "estate.arrange.no_room"),
        (rooms.assign, ([full], [Party(body)]), InputError, "redeployment.as_it_is"),
        (rooms.vacate, ([free],), InputError, "redeployment.as_it_is"),
        (rooms.move, ({free: full},), InputError, "space.nobody_in"),
        (rooms.move, ({full: other},), InputError, "space.somebody_in"),
        (rooms.move, ({full: free, other: free},), InputError, "space.two_into_one"),
        (rooms.release, ([full], ReleasedTo.LEVEL, 10**9), InputError, "estate.no_such_body"),
        (rooms.leave, ([full],), NotFound, "redeployment.no_room_of_it"),
    ]  # fmt: skip
    for act, args, kind, key in wrong:
        refused(lambda act=act, args=args: step(desk, act, plan_id, *args), kind, key)
    assert desk.run(lambda conn: rooms_of(conn, plan_id)) == []
    drafts: list[tuple[dict[str, Any], type[Exception], str]] = [
        ({"name": " "}, InputError, "redeployment.no_name"),
        ({"name": "长" * 101}, InputError, "redeployment.too_long"),
        ({"from_on": today() - timedelta(1)}, InputError, "redeployment.bad_day"),
        ({"from_on": today() + timedelta(4000)}, InputError, "redeployment.bad_day"),
        ({"organization_id": 10**9}, NotFound, "organization.not_found"),
    ]
    for more, kind, key in drafts:
        refused(lambda more=more: made(desk, **more), kind, key)
    refused(lambda: made(desk, who="partial"), Forbidden, "redeployment.not_your_body")


def test_a_plan_waits_for_its_first_day(desk: Desk) -> None:
    plan_id = made(desk, from_on=today() + timedelta(30))
    step(desk, rooms.vacate, plan_id, [desk.room("0.1.0")])
    reviewed(desk, plan_id)
    refused(lambda: take(desk, "approver", "approve", plan_id), Conflict,
            "redeployment.not_before")  # fmt: skip


def test_a_clerk_plans_for_his_body_over_its_own_rooms_alone(desk: Desk) -> None:
    plan_id = made(desk, who="clerk")
    step(desk, rooms.move, plan_id, {desk.room("0.1.0"): desk.room("0.2.1")}, who="clerk")
    refused(
        lambda: step(desk, rooms.vacate, plan_id, [desk.room("1.1.0")], who="clerk"), NotFound,
        "place.not_found",
    )  # fmt: skip
    take(desk, "clerk", "propose", plan_id)
    take(desk, "officer", "review", plan_id)
    take(desk, "approver", "approve", plan_id)
    assert who_has(desk)["R021"] == "A0"
