"""The order of ways: vacant rooms first, then exchange or lease, then building."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assets.requests.actions.drafting import (
    add_document,
    note_budget,
    note_decision,
    save_request,
)
from assets.requests.actions.stock import answer, look_through, make_transfer
from assets.requests.model import Item, OldRooms, Part
from assets.requests.queries import documents_of, list_requests, places_of
from assets.requests.rules import Draft
from assets.requests.workflows import REQUESTS
from assets.services.notices import my_notices
from assets.services.steps import steps_taken
from assets.services.todo import remind_of_cases, todo
from gis.clock import today
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound, OneMapError
from gis.places.taking_back import take_back
from tests.assets.requests.conftest import SITE_0, Desk


def refused(act: Callable[[], Any], kind: type[OneMapError], key: str) -> None:
    with pytest.raises(kind) as said:
        act()
    assert said.value.key == key


def looked_through(desk: Desk, case_id: int) -> dict[str, int]:
    """Numbers of the candidates by room, after the stock was looked through."""
    desk.run(lambda conn: look_through(conn, case_id, today=today()))
    return candidates(desk, case_id)


def candidates(desk: Desk, case_id: int) -> dict[str, int]:
    found = desk.run(lambda conn: places_of(conn, case_id, Part.CANDIDATE))
    return {one["code"]: one["request_place_id"] for one in found}


def reply(desk: Desk, case_id: int, rooms: list[int], reason: str | None = None) -> None:
    """Refuse rooms with a reason, or take them without."""
    desk.run(
        lambda conn: answer(
            conn, case_id, rooms, is_taken=reason is None, reason=reason, today=today()
        )
    )


def test_a_lease_comes_after_every_vacant_room_was_refused(desk: Desk) -> None:
    case_id = desk.ask()
    desk.step("clerk", "submit", case_id)
    assert desk.found(case_id)["number"] == f"办公用房申请〔{today().year}〕1号"
    refused(lambda: desk.step("officer", "check", case_id), Conflict, "requests.check_today")
    rooms = looked_through(desk, case_id)
    # Of the body's own site, what nobody has; the sites of the others are too far.
    assert set(rooms) == {"R011", "R020", "R021"}
    refused(lambda: desk.step("officer", "check", case_id), Conflict, "requests.unanswered")
    refused(lambda: reply(desk, case_id, [*rooms.values()], " "), InputError, "requests.no_refusal")
    reply(desk, case_id, [rooms["R011"], rooms["R020"]], "已预留")
    reply(desk, case_id, [rooms["R021"]])
    refused(lambda: desk.step("officer", "check", case_id), Conflict, "requests.taken_goes_first")
    reply(desk, case_id, [rooms["R021"]], "朝向不符合保密要求")
    desk.step("officer", "check", case_id)
    desk.step("officer", "review", case_id)
    # Finance answers before anybody decides.
    refused(
        lambda: desk.step("approver", "approve", case_id), Forbidden, "requests.not_yours.decider"
    )
    refused(lambda: desk.step("officer2", "fund", case_id), InputError, "workflow.needs_field")
    seen = desk.found(case_id)["version"]
    desk.run(
        lambda conn: note_budget(
            conn, case_id, budget_yuan=Decimal("120000.00"), document="财预〔2026〕9号",
            seen_version=seen, today=today(),
        )
    )  # fmt: skip
    desk.step("officer2", "fund", case_id)
    refused(
        lambda: desk.step("approver", "approve_lease", case_id), InputError, "requests.no_document"
    )
    desk.run(
        lambda conn: add_document(
            conn, case_id, kind="budget_review", reference="财预〔2026〕9号", today=today()
        )
    )
    refused(
        lambda: desk.step("officer", "approve_lease", case_id),
        Forbidden,
        "requests.not_yours.leasing_decider",
    )
    desk.step("approver", "approve_lease", case_id)
    assert desk.found(case_id)["state"] == "approved"
    desk.step("officer", "finish", case_id)
    with transaction(desk.city.database.engine(Role.WEB), desk.tokens["clerk"]) as conn:
        steps = [one["step"] for one in steps_taken(conn, REQUESTS, case_id)]
    assert steps == ["finish", "approve_lease", "fund", "review", "check", "submit", "open"]


def test_what_became_vacant_since_is_looked_at_before_a_decision(desk: Desk) -> None:
    desk.seat(0, "0.1.1")
    case_id = desk.ask(Item.EXCHANGE)
    desk.step("clerk", "submit", case_id)
    reply(desk, case_id, [*looked_through(desk, case_id).values()], "面积零散")
    desk.step("officer", "check", case_id)
    desk.step("officer", "review", case_id)
    for number in ("误", "评字〔2026〕3号"):
        paper = {"kind": "valuation", "reference": number, "today": today()}
        desk.run(lambda conn, paper=paper: add_document(conn, case_id, **paper))
    (kept,) = desk.run(lambda conn: documents_of(conn, case_id))
    assert kept["reference"] == "评字〔2026〕3号"
    desk.empty("0.1.1", since=today())
    refused(lambda: desk.step("approver", "approve", case_id), Conflict, "requests.stock_changed")
    # Those that were answered for keep their answers.
    assert set(looked_through(desk, case_id)) == {"R011", "R020", "R021"}
    refused(lambda: desk.step("approver", "approve", case_id), Conflict, "requests.unanswered")
    reply(desk, case_id, [candidates(desk, case_id)["R011"]], "同上")
    desk.step("approver", "approve", case_id)


def test_rooms_that_were_taken_make_it_a_transfer_which_is_one_step_taken_back_as_one(
    desk: Desk,
) -> None:
    case_id = desk.ask(Item.LEASE)
    desk.step("clerk", "submit", case_id)
    rooms = looked_through(desk, case_id)
    reply(desk, case_id, [rooms["R020"], rooms["R021"]])
    seen = desk.found(case_id)["version"]
    desk.run(lambda conn: make_transfer(conn, case_id, seen_version=seen, today=today()))
    assert (desk.found(case_id)["item"], desk.found(case_id)["first_item"]) == ("transfer", "lease")
    # Nobody has to refuse the others: they are not wanted elsewhere.
    desk.step("officer", "check", case_id)
    desk.step("officer", "review", case_id)
    seen = desk.found(case_id)["version"]
    desk.run(
        lambda conn: note_decision(
            conn, case_id, document="机管批〔2026〕5号", seen_version=seen, today=today()
        )
    )
    refused(
        lambda: desk.step("officer", "approve", case_id), Forbidden, "requests.not_yours.decider"
    )
    desk.step("approver", "approve", case_id)
    now = (
        "SELECT p.code, e.edit_id, e.document FROM estate.holding AS h JOIN place.place AS p"
        " USING (place_id) LEFT JOIN place.edit AS e ON e.place_id = p.place_id"
        " AND e.document = '机管批〔2026〕5号'"
        " WHERE h.kind = 'occupies' AND h.valid_from = :day ORDER BY p.code"
    )
    given = desk.owner(now, day=today()).all()
    assert [row.code for row in given] == ["R020", "R021"]
    assert all(row.document for row in given)
    desk.run(lambda conn: take_back(conn, desk.room("0.2.0"), given[0].edit_id), "approver")
    assert desk.owner(now, day=today()).all() == []


def test_a_room_taken_by_somebody_else_meanwhile_leaves_nothing_half_done(desk: Desk) -> None:
    case_id = desk.ask(Item.TRANSFER)
    desk.step("clerk", "submit", case_id)
    refused(lambda: desk.step("officer", "check", case_id), Conflict, "requests.check_today")
    rooms = looked_through(desk, case_id)
    refused(lambda: desk.step("officer", "check", case_id), Conflict, "requests.nothing_taken")
    reply(desk, case_id, [rooms["R020"], rooms["R021"]])
    desk.step("officer", "check", case_id)
    desk.step("officer", "review", case_id)
    desk.seat(1, "0.2.1", since=today())
    with pytest.raises(Conflict) as said:
        desk.step("approver", "approve", case_id)
    assert said.value.key == "requests.taken_meanwhile"
    assert said.value.params["rooms"] == "1号楼 2F 201 R021"
    held = "SELECT count(*) FROM estate.holding WHERE place_id = :room AND kind = 'occupies'"
    assert desk.owner(held, room=desk.room("0.2.0")).scalar_one() == 0
    assert desk.found(case_id)["state"] == "reviewed"
    # Looked through anew, the room is gone from the list and the other's answer stands.
    assert set(looked_through(desk, case_id)) == {"R011", "R020"}
    desk.step("approver", "approve", case_id)
    assert desk.owner(held, room=desk.room("0.2.0")).scalar_one() == 1


def test_building_comes_last_or_where_it_is_classified(desk: Desk) -> None:
    case_id = desk.ask(Item.CONSTRUCT, project_name="综合楼", amount_yuan=Decimal("9000000"))
    desk.step("clerk", "submit", case_id)
    reply(desk, case_id, [*looked_through(desk, case_id).values()], "面积不足")
    refused(lambda: desk.step("officer", "check", case_id), Conflict, "requests.other_ways_first")
    secret = desk.ask(Item.CONSTRUCT, classified_document="密〔2026〕1号")
    desk.step("clerk", "submit", secret)
    desk.step("officer", "check", secret)
    both = {"other_ways_reason": "周边无合适房源", "other_ways_document": "机管函〔2026〕2号"}
    said = desk.ask(Item.CONSTRUCT, **both)
    desk.step("clerk", "submit", said)
    reply(desk, said, [*looked_through(desk, said).values()], "面积不足")
    desk.step("officer", "check", said)


def test_a_repair_and_an_office_are_about_a_place(desk: Desk) -> None:
    ids = desk.city.ids
    refused(lambda: desk.ask(Item.REPAIR), InputError, "requests.no_subject.repair")
    refused(
        lambda: desk.ask(Item.REPAIR, subject_id=desk.room("0.2.0")),
        InputError,
        "requests.no_subject.repair",
    )
    refused(
        lambda: desk.ask(Item.REPAIR, subject_id=ids["building 1.0"]),
        NotFound,
        "place.not_found",
    )
    repair = desk.ask(Item.REPAIR, subject_id=ids["building 0.0"], needed_m2=None)
    desk.step("clerk", "submit", repair)
    refused(lambda: looked_through(desk, repair), Conflict, "requests.no_stock_needed")
    refused(lambda: desk.step("officer", "check", repair), InputError, "requests.no_document")
    desk.owner(
        "UPDATE organization.organization SET level_code = 'county' WHERE organization_id = :id",
        id=desk.body(0),
    )
    office = desk.ask(Item.LEADER_OFFICE, subject_id=desk.room("0.2.0"), rank_code="section_chief")
    desk.step("clerk", "submit", office)
    desk.step("officer", "check", office)
    desk.step("officer", "review", office)
    # 20 m2 are more than a section chief of a county may have.
    refused(lambda: desk.step("approver", "approve", office), InputError, "requests.over_limit")
    desk.step("approver", "approve", office, remark="现有建筑无法分隔，整改前过渡")
    held = "SELECT count(*) FROM estate.holding WHERE place_id = :room AND kind = 'occupies'"
    assert desk.owner(held, room=desk.room("0.2.0")).scalar_one() == 1


def test_a_request_past_its_day_is_told_and_still_decided(desk: Desk) -> None:
    late = today() - timedelta(days=3)
    case_id = desk.ask(Item.REPAIR, subject_id=desk.city.ids["building 0.0"], due_on=late)
    desk.step("clerk", "submit", case_id)
    with transaction(desk.city.database.engine(Role.LOADER), None) as conn:
        assert remind_of_cases(conn, [REQUESTS], today=today()) == 1
        assert remind_of_cases(conn, [REQUESTS], today=today()) == 0
    assert desk.run(my_notices)[0]["kind"] == "services.notice.overdue"
    waiting = desk.run(lambda conn: todo(conn, [REQUESTS], today=today()))
    assert [(one.case_id, one.steps, one.is_overdue) for one in waiting.tasks] == [
        (case_id, ("check",), True)
    ]
    # What is no step of this item waits for nobody.
    page = desk.run(lambda conn: list_requests(conn, today(), is_overdue=True, limit=10))
    assert [row["request_id"] for row in page.rows] == [case_id]
    desk.run(
        lambda conn: add_document(
            conn, case_id, kind="inspection_report", reference="鉴〔2026〕1号", today=today()
        )
    )
    for who, name in (("officer", "check"), ("officer", "review"), ("approver", "approve")):
        desk.step(who, name, case_id)
    steps = desk.run(lambda conn: steps_taken(conn, REQUESTS, case_id))
    assert [one["is_late"] for one in steps] == [True, True, True, True, False]
    assert not desk.run(lambda conn: list_requests(conn, today(), is_overdue=True, limit=10)).rows


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"reason": " "}, "requests.no_reason"),
        ({"needed_m2": None}, "requests.no_area"),
        ({"needed_m2": Decimal(0)}, "requests.bad_area"),
        ({"radius_m": None}, "requests.half_a_point"),
        ({"radius_m": 10**7}, "requests.bad_radius"),
        ({"latitude": 91.0}, "requests.bad_point"),
        ({"posts": {"emperor": 1}}, "requests.unknown_rank"),
        ({"posts": {"section_chief": 0}}, "requests.bad_people"),
        ({"admin_area_code": "999999"}, "requests.unknown_area"),
        ({"amount_yuan": Decimal(-1)}, "requests.bad_amount"),
        ({"project_name": "长" * 201}, "requests.too_long"),
        ({"old_rooms": None}, "requests.no_old_rooms"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(desk: Desk, more: dict[str, Any], key: str) -> None:
    refused(lambda: desk.ask(**more), InputError, key)


def test_who_does_not_write_for_a_body_asks_nothing_for_it(desk: Desk) -> None:
    refused(lambda: desk.ask(organization_id=desk.body(1)), Forbidden, "requests.not_your_body")
    case_id = desk.ask()
    desk.step("clerk", "submit", case_id)
    refused(
        lambda: desk.run(lambda conn: look_through(conn, case_id, today=today()), "clerk"),
        Forbidden,
        "requests.not_yours.officer",
    )
    # Nor does who reads alone see more of it than there is for him.
    other = {
        "organization_id": desk.body(1),
        "reason": "改",
        "needed_m2": Decimal(1),
        **SITE_0,
        "old_rooms": OldRooms.KEPT,
    }
    draft = Draft(item=Item.LEASE, **other)  # type: ignore[arg-type]
    refused(
        lambda: desk.run(
            lambda conn: save_request(conn, case_id, draft, seen_version=2, today=today()), "clerk"
        ),
        InputError,
        "requests.other_body",
    )


def test_a_request_that_was_given_back_is_changed_and_the_stock_looked_through_anew(
    desk: Desk,
) -> None:
    case_id = desk.ask(from_on=date(2027, 1, 1))
    desk.step("clerk", "submit", case_id)
    looked_through(desk, case_id)
    stated: dict[str, Any] = {
        "organization_id": desk.body(0),
        "needed_m2": Decimal(60),
        "old_rooms": OldRooms.KEPT,
    }
    draft = Draft(item=Item.LEASE, reason="重新测算", **stated)

    def save(version: int) -> None:
        desk.run(
            lambda conn: save_request(conn, case_id, draft, seen_version=version, today=today()),
            "clerk",
        )

    refused(lambda: save(desk.found(case_id)["version"]), Conflict, "requests.not_now")
    desk.step("officer", "return", case_id, remark="面积偏大")
    refused(lambda: save(1), Conflict, "workflow.changed_meanwhile")
    save(desk.found(case_id)["version"])
    found = desk.found(case_id)
    assert (found["needed_m2"], found["checked_on"], found["radius_m"]) == (60, None, None)
    refused(lambda: desk.step("clerk", "drop", case_id), InputError, "workflow.needs_remark")
    assert candidates(desk, case_id) == {}
    number = found["number"]
    desk.step("clerk", "submit", case_id)
    assert desk.found(case_id)["number"] == number
    desk.step("clerk", "withdraw", case_id)
    desk.step("clerk", "drop", case_id, remark="不再需要")
    assert (desk.found(case_id)["state"], desk.found(case_id)["is_open"]) == ("dropped", False)
