"""Steps of cases, four eyes, deputies, signatures: declared by a domain, kept by the services."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from declared import SUPPLIES, Office
from people import CHOSEN
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import ProgrammingError

from assets.services.cases import find_case, parts_held, take
from assets.services.deputies import deputyships, end_deputyship, name_deputy
from assets.services.notices import my_notices
from assets.services.signatures import Confirmed, canonical, confirm, signatures, signed_digest
from assets.services.steps import steps_taken
from assets.services.todo import remind_of_cases, todo
from gis.clock import today
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound, OneMapError
from gis.rights.sign_in import Outcome, change_password

APPROVE = next(step for step in SUPPLIES.steps if step.name == "approve")


def refused(act: Callable[[], Any], kind: type[OneMapError], key: str) -> None:
    with pytest.raises(kind) as said:
        act()
    assert said.value.key == key


def step(office: Office, who: str, name: str, case_id: int, **more: Any) -> int:
    with office.acting(who) as conn:
        version = more.pop("version", None) or find_case(conn, SUPPLIES, case_id).version
        return take(conn, SUPPLIES, name, case_id, seen_version=version, **more)


def sign(office: Office, who: str, case_id: int, password: str = CHOSEN) -> Confirmed:
    with office.acting(who) as conn:
        digest = signed_digest(conn, SUPPLIES, APPROVE, case_id)
        return confirm(conn, password, digest, address="10.0.0.1")[0]


def approve(office: Office, who: str, case_id: int, **more: Any) -> int:
    assert sign(office, who, case_id) is Confirmed.CONFIRMED
    return step(office, who, "approve", case_id, **more)


def stand_in(office: Office, principal: str, deputy: str, **more: Any) -> int:
    day = today()
    with office.acting(principal) as conn:
        return name_deputy(conn, deputy, first_day=day, last_day=day, today=day, **more)


def end(office: Office, who: str, *deputyships: int) -> None:
    with office.acting(who) as conn:
        for one in deputyships:
            end_deputyship(conn, one)


def one_value(office: Office, query: str, **values: Any) -> Any:
    with office.owner() as conn:
        return conn.execute(text(query), values).scalar_one()


def outcome(office: Office, case_id: int) -> Any:
    query = "SELECT outcome FROM services.supply_request WHERE supply_request_id = :id"
    return one_value(office, query, id=case_id)


def test_a_case_goes_its_way_and_every_step_is_recorded(office: Office) -> None:
    case_id = office.request()
    assert step(office, "zhang", "submit", case_id) == 2
    refused(lambda: step(office, "li", "return", case_id), InputError, "workflow.needs_remark")
    step(office, "li", "return", case_id, remark="  数量不对 ")
    with office.acting("zhang") as conn:
        (told, *_) = my_notices(conn)
    assert (told["kind"], told["remark"]) == ("services.notice.returned", "数量不对")
    step(office, "zhang", "submit", case_id)
    approve(office, "li", case_id)
    assert outcome(office, case_id) == "approve of version 5"
    with office.acting("zhang") as conn:
        steps = steps_taken(conn, SUPPLIES, case_id)
    assert [(one["step"], one["to_state"], one["who"]) for one in steps] == [
        ("approve", "approved", "li"), ("submit", "submitted", "zhang"),
        ("return", "returned", "li"), ("submit", "submitted", "zhang"),
    ]  # fmt: skip


def test_a_step_is_refused_to_whoever_lacks_the_part_the_state_or_the_field(office: Office) -> None:
    case_id = office.request()
    refused(lambda: step(office, "li", "approve", case_id), Conflict, "supplies.cannot.approve")
    refused(
        lambda: step(office, "zhao", "submit", case_id, version=1),
        NotFound,
        "workflow.no_such_case",
    )
    refused(lambda: step(office, "zhang", "fly", case_id), InputError, "workflow.no_such_step")
    with office.acting("zhang") as conn:
        conn.execute(text("UPDATE services.supply_request SET purpose = '' WHERE name = '空'"))
        conn.execute(
            text("UPDATE services.supply_request SET purpose = NULL WHERE supply_request_id = :id"),
            {"id": case_id},
        )
    refused(lambda: step(office, "zhang", "submit", case_id), InputError, "workflow.needs_field")
    assert step(office, "zhang", "submit", case_id, values={"purpose": "会议"}) == 2
    refused(
        lambda: step(office, "wang", "approve", case_id), Forbidden, "supplies.not_yours.decider"
    )


def test_who_comes_second_is_told_and_an_effect_that_fails_keeps_nothing(office: Office) -> None:
    case_id = office.request()
    step(office, "zhang", "submit", case_id)
    refused(
        lambda: step(office, "zhang", "withdraw", case_id, version=1),
        Conflict,
        "workflow.changed_meanwhile",
    )
    assert sign(office, "li", case_id) is Confirmed.CONFIRMED
    with pytest.raises(Conflict):
        step(office, "li", "approve", case_id, remark="explode")
    with office.acting("li") as conn:
        assert find_case(conn, SUPPLIES, case_id).state == "submitted"
        assert [one["step"] for one in steps_taken(conn, SUPPLIES, case_id)] == ["submit"]


def before_writing(conn: Connection, act: Callable[[], Any]) -> None:
    """Let something happen between what a step checks and what it writes."""

    def overtake(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE services.supply_request"):
            act()

    event.listen(conn, "before_cursor_execute", overtake)


def test_what_is_written_is_the_version_that_was_checked(office: Office) -> None:
    case_id = office.request()
    step(office, "zhang", "submit", case_id)
    assert sign(office, "li", case_id) is Confirmed.CONFIRMED

    def made_ones_own() -> None:
        step(office, "li", "withdraw", case_id)
        step(office, "li", "submit", case_id)

    # Version 4 is to come, and it will be li's own, which li may not approve.
    with office.acting("li") as conn:
        before_writing(conn, made_ones_own)
        refused(
            lambda: take(conn, SUPPLIES, "approve", case_id, seen_version=4),
            Conflict,
            "workflow.changed_meanwhile",
        )
    with office.acting("li") as conn:
        assert find_case(conn, SUPPLIES, case_id).state == "submitted"


def test_a_case_that_is_gone_meanwhile_is_said_to_be_gone(office: Office) -> None:
    case_id = office.request()

    def gone() -> None:
        with office.owner() as owner:
            owner.execute(
                text("DELETE FROM services.supply_request WHERE supply_request_id = :id"),
                {"id": case_id},
            )

    with office.acting("zhang") as conn:
        before_writing(conn, gone)
        refused(
            lambda: take(conn, SUPPLIES, "submit", case_id, seen_version=1),
            NotFound,
            "workflow.no_such_case",
        )


def test_a_deputy_who_may_only_read_is_told_so(office: Office) -> None:
    case_id = office.request()
    step(office, "zhang", "submit", case_id)
    meant = stand_in(office, "li", "qian")
    for_li = {"on_behalf_of": office.ids["li"]}
    with office.acting("qian") as conn:
        case = find_case(conn, SUPPLIES, case_id)
        assert parts_held(conn, SUPPLIES, case, **for_li) == frozenset()
    refused(
        lambda: step(office, "qian", "reject", case_id, remark="x", **for_li),
        Forbidden,
        "workflow.may_not_write",
    )
    end(office, "li", meant)


def test_two_persons_are_two_persons_however_they_are_deputised(office: Office) -> None:
    both = stand_in(office, "li", "wang")
    # Whoever submitted does not approve: not oneself,
    by_li = office.request()
    step(office, "li", "submit", by_li)
    sign(office, "li", by_li)
    refused(lambda: step(office, "li", "approve", by_li), Forbidden, "workflow.four_eyes")
    # nor one's deputy in one's name,
    sign(office, "wang", by_li)
    for_li = {"on_behalf_of": office.ids["li"]}
    refused(
        lambda: step(office, "wang", "approve", by_li, **for_li), Forbidden, "workflow.four_eyes"
    )
    # nor the deputy after himself,
    by_wang = office.request()
    step(office, "wang", "submit", by_wang)
    sign(office, "wang", by_wang)
    refused(
        lambda: step(office, "wang", "approve", by_wang, **for_li), Forbidden, "workflow.four_eyes"
    )
    # nor the principal after his deputy acted for him, nor the deputy for both.
    for_both = office.request()
    step(office, "wang", "submit", for_both, **for_li)
    sign(office, "li", for_both)
    sign(office, "wang", for_both)
    refused(lambda: step(office, "li", "approve", for_both), Forbidden, "workflow.four_eyes")
    refused(
        lambda: step(office, "wang", "approve", for_both, **for_li), Forbidden, "workflow.four_eyes"
    )
    approve(office, "li", by_wang)
    end(office, "li", both)


def test_a_deputy_acts_in_both_names_within_days_kinds_and_own_rights(office: Office) -> None:
    case_id = office.request()
    step(office, "zhang", "submit", case_id)
    for_li = {"on_behalf_of": office.ids["li"]}
    sign(office, "wang", case_id)
    deciders = "supplies.not_yours.decider"
    refused(lambda: step(office, "wang", "approve", case_id, **for_li), Forbidden, deciders)
    others_only = stand_in(office, "li", "wang", workflows=["campaign"])
    refused(lambda: step(office, "wang", "approve", case_id, **for_li), Forbidden, deciders)
    # A deputy of the deputy stands in for nobody but the deputy.
    meant = stand_in(office, "li", "wang", workflows=["supplies"])
    chained = stand_in(office, "wang", "chen")
    sign(office, "chen", case_id)
    refused(lambda: step(office, "chen", "approve", case_id, **for_li), Forbidden, deciders)
    for_wang = {"on_behalf_of": office.ids["wang"]}
    refused(lambda: step(office, "chen", "approve", case_id, **for_wang), Forbidden, deciders)
    # Who sees nothing of the body sees nothing as a deputy either.
    blind = stand_in(office, "li", "zhao")
    refused(
        lambda: step(office, "zhao", "approve", case_id, version=2, **for_li),
        NotFound,
        "workflow.no_such_case",
    )
    step(office, "wang", "approve", case_id, **for_li)
    with office.acting("li") as conn:
        done = steps_taken(conn, SUPPLIES, case_id)[0]
        assert {one["deputy"] for one in deputyships(conn, today())} == {"wang", "zhao"}
    assert (done["who"], done["on_behalf_of"]) == ("wang", "li")
    end(office, "wang", others_only, meant)
    end(office, "li", blind)
    end(office, "wang", chained)
    with office.acting("wang") as conn:
        assert list(deputyships(conn, today())) == []
        refused(lambda: end_deputyship(conn, meant), NotFound, "deputy.unknown")


def test_a_deputy_is_named_for_days_to_come_and_by_a_person(office: Office) -> None:
    day = today()
    bad = [
        (day - timedelta(days=1), day), (day, day - timedelta(days=1)), (day, day + timedelta(366)),
    ]  # fmt: skip
    with office.acting("li") as conn:
        for first, last in bad:
            with pytest.raises(InputError):
                name_deputy(conn, "wang", first_day=first, last_day=last, today=day)
    days = {"first_day": day, "last_day": day, "today": day}
    for name, key in (("li", "deputy.oneself"), ("nobody", "account.unknown")):
        with office.acting("li") as conn, pytest.raises(OneMapError) as said:
            name_deputy(conn, name, **days)
        assert said.value.key == key
    logged = "SELECT count(*) FROM rights.event WHERE kind = 'deputy_ended' AND account_id = :id"
    before = one_value(office, logged, id=office.ids["chen"])
    first = stand_in(office, "li", "chen")
    refused(lambda: stand_in(office, "li", "chen"), Conflict, "deputy.named_already")
    end(office, "li", first)
    assert one_value(office, logged, id=office.ids["chen"]) == before + 1


def test_a_deputy_named_twice_at_once_is_named_once(office: Office) -> None:
    def name(_at: int) -> bool:
        try:
            stand_in(office, "li", "zhao")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(name, range(8))) == 1
    with office.acting("li") as conn:
        (made,) = [one for one in deputyships(conn, today()) if one.deputy_name == "zhao"]
    end(office, "li", made.deputyship_id)


def test_the_database_itself_refuses_a_false_name_and_a_false_signature(office: Office) -> None:
    case_id = office.request()
    row = {"case": case_id, "cell": office.cell, "me": office.ids["wang"]}
    insert = (
        "INSERT INTO services.step_taken (workflow, case_id, step, from_state, to_state, version,"
        " account_id, rights_cell{}) VALUES ('supplies', :case, 'approve', '', '', 9, {}, :cell{})"
    )

    def written(columns: str, account: str, values: str) -> None:
        with office.acting("wang") as conn:
            conn.execute(text(insert.format(columns, account, values)), row)

    with pytest.raises(Forbidden):
        written("", str(office.ids["li"]), "")
    for columns, values in (
        (", on_behalf_of", f", {office.ids['li']}"),
        (", signed_sha256", ", sha256('x')"),
    ):
        with pytest.raises(Exception, match=r"deputy\.none|needs_signature"):
            written(columns, ":me", values)
    step(office, "zhang", "submit", case_id)
    for statement in (
        "UPDATE services.step_taken SET remark = 'x'",
        "DELETE FROM services.step_taken",
    ):
        with pytest.raises(ProgrammingError), office.acting("zhang") as conn:
            conn.execute(text(statement))
    with pytest.raises(ProgrammingError), office.acting("zhang") as conn:
        conn.execute(text("SELECT * FROM services.confirmation"))


def test_a_signature_is_a_password_given_for_this_content_once(office: Office) -> None:
    case_id, other = office.request(), office.request()
    for one in (case_id, other):
        step(office, "zhang", "submit", one)
    unsigned = "workflow.needs_signature"
    refused(lambda: step(office, "li", "approve", case_id), Forbidden, unsigned)
    assert sign(office, "li", case_id, "not my password") is Confirmed.WRONG
    refused(lambda: step(office, "li", "approve", case_id), Forbidden, unsigned)
    # What was confirmed is this case as it stands, and nothing else.
    assert sign(office, "li", case_id) is Confirmed.CONFIRMED
    refused(lambda: step(office, "li", "approve", other), Forbidden, unsigned)
    with office.acting("zhang") as conn:
        change(conn, case_id, 900)
    refused(lambda: step(office, "li", "approve", case_id), Forbidden, unsigned)
    approve(office, "li", case_id)
    with office.acting("zhang") as conn:
        (kept,) = signatures(conn, SUPPLIES, case_id)
        assert (kept.step, kept.who, kept.is_unchanged) == ("approve", "li", True)
        change(conn, case_id, 901)
        (kept,) = signatures(conn, SUPPLIES, case_id)
        assert not kept.is_unchanged
        change(conn, case_id, 900)
        assert signatures(conn, SUPPLIES, case_id)[0].is_unchanged


def change(conn: Connection, case_id: int, cost: int) -> None:
    statement = "UPDATE services.supply_request SET cost_yuan = :cost WHERE supply_request_id = :id"
    conn.execute(text(statement), {"cost": cost, "id": case_id})


def test_wrong_passwords_for_signing_are_counted_as_those_for_signing_in(office: Office) -> None:
    case_id = office.request()
    found = [sign(office, "chen", case_id, "wrong password") for _ in range(6)]
    assert found == [Confirmed.WRONG] * 5 + [Confirmed.WAIT]
    # A hash of this cost cannot be made: for who has to wait, none is.
    with office.owner() as owner:
        impossible = "UPDATE rights.credential SET memory_kib = 1 WHERE account_id = :id"
        owner.execute(text(impossible), {"id": office.ids["chen"]})
    assert sign(office, "chen", case_id) is Confirmed.WAIT
    with office.acting("chen") as conn:
        tried = change_password(conn, CHOSEN, "blue kettle walks south 28", address="10.0.0.1")
    assert tried.outcome is Outcome.WAIT


def test_a_content_has_one_writing(office: Office) -> None:
    assert canonical({"b": date(2026, 1, 2), "a": [None, True, "字"]}) == (
        '{"a":[null,true,"字"],"b":"2026-01-02"}'.encode()
    )
    with pytest.raises(TypeError):
        canonical({"a": 0.1})


def test_what_waits_is_listed_for_whom_it_waits(office: Office) -> None:
    day = today()
    late = office.request("迟到的", due_on=day - timedelta(days=2))

    def listed(who: str) -> dict[int, tuple[Any, ...]]:
        with office.acting(who) as conn:
            found = todo(conn, [SUPPLIES], today=day)
        assert found.total == len(found.tasks)
        assert found.total == len({one.case_id for one in found.tasks})
        return {
            one.case_id: (one.steps, one.is_overdue, one.acting_for_name)
            for one in found.tasks
            if one.case_id == late
        }

    assert listed("zhang") == {late: (("submit",), True, None)}
    assert listed("zhao") == {}
    colleague = stand_in(office, "wang", "zhang")  # who may file it anyhow
    assert listed("zhang") == {late: (("submit",), True, None)}
    end(office, "wang", colleague)
    step(office, "wang", "submit", late)
    assert listed("zhang") == {}
    everything = ("return", "reject", "approve")
    assert listed("li") == {late: (everything, True, None)}
    meant = stand_in(office, "li", "zhang")
    assert listed("zhang") == {late: (everything, True, "li")}
    mine = stand_in(office, "li", "wang")
    # Who submitted it may still give it back in somebody's name, and does not approve it.
    assert listed("wang") == {late: (("return", "reject"), True, "li")}
    end(office, "li", meant, mine)


def test_a_day_that_is_near_is_told_once_for_each_number_of_days(office: Office) -> None:
    day = date(2026, 9, 14)  # a Monday
    case_id = office.request("将到期的", due_on=date(2026, 9, 18))
    sent = []
    for passed in (0, 1, 1, 2, 3, 4, 5, 7):
        with transaction(office.database.engine(Role.LOADER), None) as conn:
            sent.append(remind_of_cases(conn, [SUPPLIES], today=day + timedelta(days=passed)))
    with office.acting("zhang") as conn:
        told = [one["kind"] for one in my_notices(conn) if one["address"] == f"/supplies/{case_id}"]
    near, over = "services.notice.near", "services.notice.overdue"
    assert told == [over, near, near]
    assert sent[2] == 0


def test_two_persons_are_two_also_where_a_step_is_read_by_others_now(office: Office) -> None:
    case_id = office.request()
    step(office, "li", "submit", case_id)
    with office.owner() as owner:
        # As when a case moves to another body: its past stays where it was.
        there = "rights.cell_for((SELECT organization_id FROM organization.organization"
        there += " WHERE code = 'other'), '320402', 0::smallint)"
        moved = f"UPDATE services.step_taken SET rights_cell = {there} WHERE case_id = :id"
        owner.execute(text(moved), {"id": case_id})
    with office.acting("li") as conn:
        assert steps_taken(conn, SUPPLIES, case_id) == []
        waiting = {task.case_id: task.steps for task in todo(conn, [SUPPLIES], today=today()).tasks}
    assert "approve" not in waiting.get(case_id, ())
    sign(office, "li", case_id)
    refused(lambda: step(office, "li", "approve", case_id), Forbidden, "workflow.four_eyes")
    stand_in(office, "li", "wang")
    for_li = {"on_behalf_of": office.ids["li"]}
    sign(office, "wang", case_id)
    refused(
        lambda: step(office, "wang", "approve", case_id, **for_li), Forbidden, "workflow.four_eyes"
    )
