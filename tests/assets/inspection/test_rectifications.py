"""Putting right: notice, answer, recheck against the standard of the day, closed by another."""

from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from handed_in import rows_of
from sqlalchemy import text

from assets.inspection.actions.rectifying import (
    issue_for_finding,
    issue_for_verdict,
    set_term,
    take_step,
)
from assets.inspection.actions.visiting import add_finding
from assets.inspection.model import DayKind, Origin, State
from assets.inspection.queries import (
    earlier,
    find_rectification,
    rectifications,
    term_on,
)
from assets.inspection.reports import build_rectifications
from assets.inspection.rules import WORKFLOW
from assets.services.attached_files import AttachedFile
from assets.services.attachments import attach
from assets.services.notices import my_notices
from assets.services.steps import steps_taken
from assets.services.todo import todo
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.places.actions import make_stubs
from tests.assets.inspection.conftest import DAY, SINCE, Inspected

DUE = date(2026, 3, 20)


def _issue(inspected: Inspected, **more: Any) -> int:
    finding = inspected.found()
    asked = {"demand": None, "due_on": DUE, "today": DAY, **more}
    made: int = inspected.run(lambda conn: issue_for_finding(conn, finding, **asked))
    return made


def _step(inspected: Inspected, case: int, step: str, version: int, who: str, **more: Any) -> int:
    asked = {"today": DAY, **more}
    made: int = inspected.run(
        lambda conn: take_step(conn, case, step, seen_version=version, **asked), who
    )
    return made


def _case(inspected: Inspected, case: int, today: date = DAY) -> dict[str, Any]:
    found: dict[str, Any] = inspected.run(lambda conn: find_rectification(conn, case, today))
    return found


def _waiting(inspected: Inspected, case: int, who: str) -> list[tuple[str, ...]]:
    found = inspected.run(lambda conn: todo(conn, [WORKFLOW], today=DAY), who)
    return [one.steps for one in found.tasks if one.case_id == case]


def test_a_finding_goes_from_notice_to_closed_by_two_of_the_bureau(inspected: Inspected) -> None:
    case = _issue(inspected)
    known = _case(inspected, case)
    assert (known["state"], known["told"], known["due_on"]) == ("issued", "擅自改变用途", DUE)
    assert known["number"].startswith("整改〔2026〕")
    assert _waiting(inspected, case, "clerk") == [("answer",)]
    assert _waiting(inspected, case, "first") == []
    notices = inspected.run(my_notices, "clerk")
    assert notices[0]["address"] == f"/rectifications/{case}"
    assert inspected.run(lambda conn: rectifications(conn, DAY), "other") == []

    with pytest.raises(InputError, match=r"workflow\.needs_remark"):
        _step(inspected, case, "answer", 1, "clerk")
    _step(inspected, case, "answer", 1, "clerk", remark="已恢复用途")
    assert _waiting(inspected, case, "second") == [("recheck",)]
    _step(inspected, case, "recheck", 2, "second")
    with pytest.raises(Forbidden, match=r"workflow\.four_eyes"):
        _step(inspected, case, "close", 3, "second")
    with pytest.raises(Forbidden, match=r"rectification\.not_yours"):
        _step(inspected, case, "close", 3, "clerk")
    _step(inspected, case, "close", 3, "first")
    assert _case(inspected, case)["state"] == State.CLOSED
    steps = inspected.run(lambda conn: steps_taken(conn, WORKFLOW, case))
    assert [one["step"] for one in steps] == ["close", "recheck", "answer", "issue"]


def test_what_is_not_right_goes_back_and_a_day_is_moved_with_a_reason(
    inspected: Inspected,
) -> None:
    case = _issue(inspected)
    with pytest.raises(InputError, match=r"rectification\.not_later"):
        _step(inspected, case, "extend", 1, "first", remark="施工", due_on=DUE)
    later = date(2026, 4, 1)
    with pytest.raises(InputError, match=r"workflow\.needs_remark"):
        _step(inspected, case, "extend", 1, "first", due_on=later)
    _step(inspected, case, "extend", 1, "first", remark="施工需要", due_on=later)
    assert _case(inspected, case)["due_on"] == later
    _step(inspected, case, "answer", 2, "clerk", remark="已完成")
    _step(inspected, case, "return", 3, "first", remark="现场未恢复")
    assert _case(inspected, case)["state"] == "issued"
    with pytest.raises(Conflict, match=r"workflow\.changed_meanwhile"):
        _step(inspected, case, "answer", 3, "clerk", remark="再报")
    # Whoever answers for the body in the bureau's place does not recheck it.
    _step(inspected, case, "answer", 4, "first", remark="代报")
    with pytest.raises(Forbidden, match=r"workflow\.four_eyes"):
        _step(inspected, case, "recheck", 5, "first")


def test_what_is_past_its_day_is_told(inspected: Inspected) -> None:
    case = _issue(inspected)
    after = date(2026, 3, 21)
    assert not _case(inspected, case, DUE)["is_overdue"]
    assert _case(inspected, case, after)["is_overdue"]
    listed = inspected.run(lambda conn: rectifications(conn, after, is_overdue=True))
    assert case in [one["rectification_id"] for one in listed]
    listed = inspected.run(lambda conn: rectifications(conn, DUE, is_overdue=True))
    assert case not in [one["rectification_id"] for one in listed]
    report = inspected.run(lambda conn: build_rectifications(conn, after))
    row = next(one for one in report.tables[0].rows if one["due_on"] == DUE)
    assert row["overdue"] == "yes"


def test_a_finding_is_told_once_after_the_body_is_through(inspected: Inspected) -> None:
    finding = inspected.found()
    asked = {"demand": None, "due_on": DUE, "today": DAY}
    with pytest.raises(Forbidden):
        inspected.run(lambda conn: issue_for_finding(conn, finding, **asked), "clerk")
    with pytest.raises(InputError, match=r"rectification\.day_past"):
        inspected.run(
            lambda conn: issue_for_finding(conn, finding, **{**asked, "due_on": date(2026, 3, 1)})
        )
    inspected.run(lambda conn: issue_for_finding(conn, finding, **asked))
    with pytest.raises(Conflict, match=r"rectification\.issued_already"):
        inspected.run(lambda conn: issue_for_finding(conn, finding, **asked))


def test_the_usual_term_is_the_bureaus_own_from_its_day_on(inspected: Inspected) -> None:
    finding = inspected.found()
    asked = {"demand": "整改", "due_on": None, "today": DAY}
    with pytest.raises(InputError, match=r"rectification\.no_day"):
        inspected.run(lambda conn: issue_for_finding(conn, finding, **asked))
    of = {"rule_source": "机管〔2026〕2号", "since": DAY}
    inspected.run(lambda conn: set_term(conn, Origin.FINDING, 10, DayKind.WORKING, **of))
    assert inspected.run(lambda conn: term_on(conn, Origin.FINDING, date(2026, 3, 1))) is None
    case = inspected.run(lambda conn: issue_for_finding(conn, finding, **asked))
    assert _case(inspected, case)["due_on"] == date(2026, 3, 16)
    with pytest.raises(Forbidden):
        inspected.run(
            lambda conn: set_term(conn, Origin.FINDING, 1, DayKind.CALENDAR, **of), "clerk"
        )
    with pytest.raises(InputError, match=r"rectification\.no_document"):
        inspected.run(
            lambda conn: set_term(
                conn, Origin.FINDING, 1, DayKind.CALENDAR, since=DAY, rule_source=" "
            )
        )


def test_earlier_notices_of_a_body_are_told_at_its_next_inspection(inspected: Inspected) -> None:
    case = _issue(inspected)
    visit = _case(inspected, case)["visit_id"]
    later = date(2027, 1, 1)
    body = inspected.body(0)
    assert case not in [
        one["rectification_id"] for one in inspected.run(
            lambda conn: earlier(conn, visit, body, later))
    ]  # fmt: skip
    found = inspected.run(lambda conn: earlier(conn, 0, body, later))
    assert case in [one["rectification_id"] for one in found]
    assert inspected.run(lambda conn: earlier(conn, 0, body, DAY)) == []


def test_space_over_the_standard_is_closed_only_when_it_is_no_more(inspected: Inspected) -> None:
    """Entitled to 42 m2 of offices; four rooms of 20 m2 each."""
    body = inspected.body(0)
    asked = {"room_class": "office", "demand": "腾退", "due_on": DUE, "today": DAY}
    inspected.give("0.1.0", "0.1.1")
    with pytest.raises(Conflict, match=r"rectification\.not_over"):
        inspected.run(lambda conn: issue_for_verdict(conn, body, **asked))
    inspected.give("0.2.0", "0.2.1")
    case = inspected.run(lambda conn: issue_for_verdict(conn, body, **asked))
    known = _case(inspected, case)
    assert (known["origin"], known["over_m2"], known["judged_on"]) == ("verdict", 38, DAY)
    with pytest.raises(Conflict, match=r"rectification\.issued_already"):
        inspected.run(lambda conn: issue_for_verdict(conn, body, **asked))

    _step(inspected, case, "answer", 1, "clerk", remark="已腾退一间")
    inspected.give("0.2.1", parties=(), since=DAY)
    with pytest.raises(Conflict) as told:
        _step(inspected, case, "recheck", 2, "first")
    assert told.value.params["over_m2"] == "18.00"
    inspected.give("0.2.0", parties=(), since=DAY)
    _step(inspected, case, "recheck", 2, "first")
    known = _case(inspected, case)
    assert (known["rechecked_over_m2"], known["rechecked_on"], SINCE < DAY) == (-2, DAY, True)
    _step(inspected, case, "close", 3, "second")
    with pytest.raises(Conflict, match=r"rectification\.not_over"):
        inspected.run(lambda conn: issue_for_verdict(conn, body, **asked))


def test_nobody_is_told_of_space_that_cannot_be_judged(inspected: Inspected) -> None:
    asked: dict[str, Any] = {"demand": "腾退", "due_on": DUE, "today": DAY}
    for body, room_class, kind in (
        (inspected.body(1), None, Conflict),
        (10**9, None, NotFound),
        (inspected.body(0), "vacant", InputError),
    ):
        with pytest.raises(kind):
            inspected.run(
                lambda conn, body=body, room_class=room_class: issue_for_verdict(
                    conn, body, room_class=room_class, **asked
                )
            )


def test_the_words_of_a_finding_go_where_its_place_goes(inspected: Inspected) -> None:
    finding = inspected.found(words="一层改作库房", place_code="R010")
    case = inspected.run(
        lambda conn: issue_for_finding(conn, finding, demand=None, due_on=DUE, today=DAY)
    )

    def told() -> Any:
        return inspected.run(lambda conn: find_rectification(conn, case, DAY), "clerk")["told"]

    assert told() == "一层改作库房"
    try:
        inspected.classify("R010", 1)
        assert told() is None
    finally:
        inspected.classify("R010", 0)


def test_a_surplus_is_told_to_who_sees_the_class_of_its_rooms(inspected: Inspected) -> None:
    body = inspected.body(0)
    asked = {"room_class": "office", "demand": "腾退", "due_on": DUE, "today": DAY}
    rooms = ("0.1.0", "0.1.1", "0.2.0", "0.2.1")
    inspected.give(*rooms)
    code = rows_of(
        inspected.city.database, "SELECT code FROM place.place WHERE place_id = :id",
        id=inspected.city.ids["room 0.2.1"],
    )[0][0]  # fmt: skip
    try:
        inspected.classify(code, 1)
        # Who does not see the fourth room states three, to everybody.
        seen = inspected.run(lambda conn: issue_for_verdict(conn, body, **asked), "open")
        assert _case(inspected, seen)["over_m2"] == 18
        with transaction(inspected.city.database.engine(Role.OWNER), None) as conn:
            conn.execute(text("DELETE FROM inspection.surplus"))
            conn.execute(text("DELETE FROM inspection.rectification WHERE rectification_id = :id"),
                         {"id": seen})  # fmt: skip
        case = inspected.run(lambda conn: issue_for_verdict(conn, body, **asked))
        told = {
            who: inspected.run(lambda conn: find_rectification(conn, case, DAY), who)["over_m2"]
            for who in ("first", "open", "clerk")
        }
        assert told == {"first": 38, "open": None, "clerk": None}
        _step(inspected, case, "answer", 1, "clerk", remark="已腾退")
        inspected.give("0.2.0", parties=(), since=DAY)
        # Of what it sees the body has 40 m2 and may have 42.
        with pytest.raises(Forbidden, match=r"rectification\.rooms_hidden"):
            _step(inspected, case, "recheck", 2, "open")
        with pytest.raises(Conflict, match=r"rectification\.still_over"):
            _step(inspected, case, "recheck", 2, "first")
        inspected.give("0.2.1", parties=(), since=DAY)
        with pytest.raises(Forbidden, match=r"rectification\.not_yours"):
            _step(inspected, case, "recheck", 2, "clerk")
        _step(inspected, case, "recheck", 2, "first")
        _step(inspected, case, "return", 3, "second", remark="再看")
        assert _case(inspected, case)["rechecked_over_m2"] is None
        _step(inspected, case, "answer", 4, "clerk", remark="已腾退")
        _step(inspected, case, "recheck", 5, "first")
        assert _case(inspected, case)["rechecked_over_m2"] == -2
        _step(inspected, case, "close", 6, "second")
    finally:
        inspected.classify(code, 0)
        inspected.give(*rooms, parties=(), since=DAY)


def test_who_sees_not_every_room_does_not_measure_again(inspected: Inspected) -> None:
    """Though the notice counted none of a higher class: the body has one by now."""
    asked = {"room_class": "office", "demand": "腾退", "due_on": DUE, "today": DAY}
    rooms = ("0.1.0", "0.1.1", "0.2.0", "0.2.1")
    inspected.give(*rooms)
    case = inspected.run(lambda conn: issue_for_verdict(conn, inspected.body(0), **asked), "open")
    _step(inspected, case, "answer", 1, "clerk", remark="已腾退")
    inspected.give("0.2.0", parties=(), since=DAY)
    code = rows_of(
        inspected.city.database, "SELECT code FROM place.place WHERE place_id = :id",
        id=inspected.city.ids["room 0.2.1"],
    )[0][0]  # fmt: skip
    try:
        inspected.classify(code, 1)
        with pytest.raises(Forbidden, match=r"rectification\.rooms_hidden"):
            _step(inspected, case, "recheck", 2, "open")
    finally:
        inspected.classify(code, 0)
        inspected.give(*rooms[:3], parties=(), since=DAY)
    _step(inspected, case, "recheck", 2, "open")
    _step(inspected, case, "close", 3, "second")


def test_what_was_said_of_a_finding_goes_with_its_place_that_becomes_a_secret(
    inspected: Inspected,
) -> None:
    room = inspected.city.ids["room 2.1.0"]
    code = rows_of(
        inspected.city.database, "SELECT code FROM place.place WHERE place_id = :id", id=room
    )[0][0]
    inspection_id = inspected.plan(0)
    visit_id = inspected.visit(inspection_id)
    found = [
        inspected.run(lambda conn, at=at: add_finding(conn, visit_id, words="密室", place_code=at))
        for at in (code, None)
    ]
    inspected.finish(inspection_id, visit_id)
    asked = {"demand": "密室整改", "due_on": DUE, "today": DAY}
    gone, kept = [
        inspected.run(lambda conn, one=one: issue_for_finding(conn, one, **asked)) for one in found
    ]
    for case in (gone, kept):
        content = f"密室{case}".encode()
        file = AttachedFile("密室.pdf", "pdf", content, sha256(content).digest())
        inspected.run(lambda conn, case=case, file=file: attach(conn, WORKFLOW, case, file))
        _step(inspected, case, "answer", 1, "clerk", remark="密室已锁")
    with transaction(
        inspected.city.database.engine(Role.LOADER), inspected.city.everything
    ) as conn:
        make_stubs(conn, [room], "示例决定")
    for table, of in (
        ("services.step_taken", "case_id"), ("services.attachment", "case_id"),
        ("history.services_attachment", "case_id"),
        ("history.inspection_rectification", "rectification_id"),
        ("inspection.rectification", "rectification_id"),
    ):  # fmt: skip
        query = f"SELECT {of} FROM {table} WHERE {of} = ANY (:cases)"
        if of == "case_id":
            query += " AND workflow = 'rectification'"
        left = {row[0] for row in rows_of(inspected.city.database, query, cases=[gone, kept])}
        assert gone not in left, table
        # Of what only ever came there is no past.
        assert left == {kept} or table.startswith("history."), table
    said = rows_of(
        inspected.city.database,
        "SELECT count(*) FILTER (WHERE address = :gone), count(*) FILTER (WHERE address = :kept)"
        " FROM services.notice",
        gone=f"/rectifications/{gone}", kept=f"/rectifications/{kept}",
    )  # fmt: skip
    assert said[0][0] == 0 < said[0][1]
    contents = rows_of(
        inspected.city.database,
        "SELECT convert_from(content, 'UTF8') FROM services.attachment_content",
    )
    assert contents == [(f"密室{kept}",)]
