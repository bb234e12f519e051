"""A campaign from issue to review: who may do what, and that nothing is lost."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from assets.campaign.actions.filing import Edit, answer_remark, save, submit, withdraw
from assets.campaign.actions.issue import Draft, Selection, issue_campaign
from assets.campaign.actions.review import (
    add_remark,
    approve,
    extend,
    remind,
    remind_due,
    resolve_remark,
    return_filing,
)
from assets.campaign.model import LatePolicy, State, UnexplainedPolicy
from assets.campaign.queries import (
    filing_differences,
    filing_headcounts,
    filing_remarks,
    filing_rows,
    filing_steps,
    find_filing,
    list_campaigns,
    place_facts,
)
from assets.services.notices import mark_read, my_notices
from gis.errors import Conflict, Forbidden, InputError, NotFound

TODAY = date(2026, 9, 1)
DUE = date(2026, 9, 30)


def test_a_campaign_reaches_each_agency_with_its_register_rows(own_bureau: Any) -> None:
    campaign_id = own_bureau.issue()
    filing_id = own_bureau.filing(campaign_id, 0)
    with own_bureau.clerk(0) as conn:
        filing = find_filing(conn, filing_id)
        rows = filing_rows(conn, filing_id)
        notices = my_notices(conn)
    assert (filing.state, filing.due_on, filing.version) == (State.NOT_STARTED, DUE, 1)
    assert [row.place_code for row in rows] == ["S0"]
    assert rows[0].filed.now["gross_m2"] == Decimal("3000.00")
    assert rows[0].filed.now == rows[0].filed.was
    assert [one["kind"] for one in notices] == ["campaign.notice.issued"]


def test_only_the_chosen_agencies_file(bureau: Any) -> None:
    chosen = Selection(
        organization_ids=(bureau.city.ids["agency 1"], bureau.city.ids["agency 2"]),
        admin_area_codes=("320402",),
    )
    campaign_id = bureau.issue(selection=chosen)
    with bureau.reviewer() as conn:
        count = conn.execute(
            text("SELECT count(*) FROM campaign.filing WHERE campaign_id = :id"),
            {"id": campaign_id},
        ).scalar_one()
    assert count == 1
    with pytest.raises(InputError, match="nobody_chosen"):
        bureau.issue(selection=Selection(type_codes=("no_such_type",)))


def test_a_clerk_issues_nothing_and_sees_no_other_agency(bureau: Any) -> None:
    campaign_id = bureau.issue()
    other = bureau.filing(campaign_id, 1)
    with bureau.clerk(0) as conn:
        seen = {one.campaign_id: one for one in list_campaigns(conn)}
        assert not seen[campaign_id].may_review
        with pytest.raises(NotFound):
            find_filing(conn, other)
        assert filing_rows(conn, other) == []
    draft = Draft("自己下达", DUE, DUE)
    with bureau.clerk(0) as conn, pytest.raises(Forbidden):
        issue_campaign(conn, draft, today=TODAY)


def test_a_campaign_in_the_past_or_without_a_name_is_not_issued(bureau: Any) -> None:
    for wrong in (
        {"due_on": date(2026, 8, 31)}, {"name": " "}, {"threshold_percent": Decimal(-1)},
        {"reminder_days": (0,)},
    ):  # fmt: skip
        with pytest.raises(InputError):
            bureau.issue(**wrong)


def test_a_filing_goes_through_its_states_and_every_step_is_dated(bureau: Any) -> None:
    filing_id = bureau.filing(bureau.issue(), 0)
    with bureau.clerk(0) as conn:
        row_id = filing_rows(conn, filing_id)[0].row_id
        edit = Edit(cells={(row_id, "gross_m2"): "3100"}, people={"section_chief": "4"})
        version = save(conn, filing_id, edit, seen_version=1)
        assert find_filing(conn, filing_id).state is State.IN_PROGRESS
        version = submit(conn, filing_id, seen_version=version, today=TODAY, remark="请审核")
    with bureau.reviewer() as conn:
        add_remark(conn, filing_id, row_id=row_id, field="gross_m2", words="与产权证不符")
        version = return_filing(conn, filing_id, seen_version=version, remark="面积请核对")
    with bureau.clerk(0) as conn:
        said = filing_remarks(conn, filing_id)[0]
        assert (said["field"], said["text"]) == ("gross_m2", "与产权证不符")
        answer_remark(conn, filing_id, said["remark_id"], "产权证待换发")
        version = save(conn, filing_id, Edit({(row_id, "gross_m2"): "3050"}), seen_version=version)
        version = submit(conn, filing_id, seen_version=version, today=TODAY)
        version = withdraw(conn, filing_id, seen_version=version)
        version = submit(conn, filing_id, seen_version=version, today=TODAY)
    with bureau.reviewer() as conn:
        approve(conn, filing_id, seen_version=version)
        steps = filing_steps(conn, filing_id)
        assert filing_rows(conn, filing_id)[0].filed.now["gross_m2"] == Decimal("3050.00")
        assert filing_headcounts(conn, filing_id)[0]["people"] == 4
        assert filing_remarks(conn, filing_id)[0]["resolved_at"] is not None
    assert [(one["step"], one["to_state"], one["who"]) for one in reversed(steps)] == [
        ("issue", "not_started", "看全部"),
        ("submit", "submitted", "经办人0"),
        ("return", "returned", "看全部"),
        ("submit", "submitted", "经办人0"),
        ("withdraw", "in_progress", "经办人0"),
        ("submit", "submitted", "经办人0"),
        ("approve", "approved", "看全部"),
    ]
    with bureau.clerk(0) as conn, pytest.raises(Conflict):
        save(conn, filing_id, Edit(), seen_version=version + 1)


def test_the_card_of_a_place_tells_what_was_last_filed_of_it(own_bureau: Any) -> None:
    filing_id = own_bureau.filing(own_bureau.issue(as_of=TODAY), 0)
    place_id = own_bureau.city.ids["site 0"]
    with own_bureau.clerk(0) as conn:
        assert place_facts(conn, place_id, DUE).facts == ()  # not handed in yet
        submit(conn, filing_id, seen_version=1, today=TODAY)
        said = {fact.title_key: fact.value for fact in place_facts(conn, place_id, DUE).facts}
    assert said["campaign.fact.campaign"] == "2026年普查"
    assert said["campaign.fact.filed_gross_area"] == Decimal("3000.00")
    with own_bureau.clerk(1) as conn:
        assert place_facts(conn, place_id, DUE).facts == ()


def test_the_past_of_a_cell_stays_in_history(bureau: Any) -> None:
    filing_id = bureau.filing(bureau.issue(), 0)
    with bureau.clerk(0) as conn:
        row_id = filing_rows(conn, filing_id)[0].row_id
        save(conn, filing_id, Edit({(row_id, "gross_m2"): "1"}), seen_version=1)
        past = conn.execute(
            text(
                "SELECT gross_m2, a.name FROM history.campaign_filing_row AS h"
                " JOIN rights.account AS a ON a.account_id = h.history_account_id"
                " WHERE history_operation = 'U' AND filing_row_id = :id"
            ),
            {"id": row_id},
        ).one()
    assert tuple(past) == (Decimal("3000.00"), "经办人0")


def test_of_two_who_save_the_second_is_told_who_was_first(bureau: Any) -> None:
    filing_id = bureau.filing(bureau.issue(), 0)
    with bureau.clerk(0) as conn:
        row_id = filing_rows(conn, filing_id)[0].row_id
        save(conn, filing_id, Edit({(row_id, "remark"): "甲写的"}), seen_version=1)
    with bureau.reviewer() as conn, pytest.raises(Conflict) as told:
        save(conn, filing_id, Edit({(row_id, "remark"): "乙写的"}), seen_version=1)
    assert told.value.key == "campaign.changed_meanwhile"
    assert told.value.params["who"] == "经办人0"
    with bureau.clerk(0) as conn:
        assert filing_rows(conn, filing_id)[0].filed.now["remark"] == "甲写的"


def test_a_clerk_judges_nothing_and_writes_no_row_of_another(bureau: Any) -> None:
    campaign_id = bureau.issue()
    mine, other = bureau.filing(campaign_id, 0), bureau.filing(campaign_id, 1)
    with bureau.reviewer() as conn:
        strange_row = filing_rows(conn, other)[0].row_id
    with bureau.clerk(0) as conn:
        submit(conn, mine, seen_version=1, today=TODAY)
    with bureau.clerk(0) as conn, pytest.raises(Forbidden):
        approve(conn, mine, seen_version=2)
    with bureau.clerk(0) as conn, pytest.raises(Forbidden):
        add_remark(conn, mine, row_id=None, field=None, words="自评")
    with bureau.clerk(0) as conn, pytest.raises(NotFound):
        submit(conn, other, seen_version=1, today=TODAY)
    with bureau.clerk(0) as conn:
        withdraw(conn, mine, seen_version=2)
    with bureau.clerk(0) as conn, pytest.raises(NotFound):
        save(conn, mine, Edit({(strange_row, "gross_m2"): "1"}), seen_version=3)


def test_a_wrong_cell_leaves_the_whole_form_as_it_was(bureau: Any) -> None:
    filing_id = bureau.filing(bureau.issue(), 0)
    with bureau.clerk(0) as conn:
        row_id = filing_rows(conn, filing_id)[0].row_id
    edit = Edit({(row_id, "gross_m2"): "1", (row_id, "land_m2"): "许多"})
    with bureau.clerk(0) as conn, pytest.raises(InputError):
        save(conn, filing_id, edit, seen_version=1)
    with bureau.clerk(0) as conn:
        assert find_filing(conn, filing_id).version == 1
        assert filing_rows(conn, filing_id)[0].filed.now["gross_m2"] == Decimal("3000.00")


def test_a_late_filing_is_refused_or_marked_as_the_campaign_says(bureau: Any) -> None:
    late = DUE + timedelta(days=3)
    strict = bureau.filing(bureau.issue(late_policy=LatePolicy.REFUSE), 0)
    lenient = bureau.filing(bureau.issue(late_policy=LatePolicy.ACCEPT), 0)
    with bureau.clerk(0) as conn:
        submit(conn, lenient, seen_version=1, today=late)
        assert find_filing(conn, lenient).is_late
        assert filing_steps(conn, lenient)[0]["is_late"]
    with bureau.clerk(0) as conn, pytest.raises(Conflict) as told:
        submit(conn, strict, seen_version=1, today=late)
    assert (told.value.key, told.value.params["days"]) == ("campaign.too_late", 3)


def test_an_extension_lets_one_agency_file_later(bureau: Any) -> None:
    filing_id = bureau.filing(bureau.issue(late_policy=LatePolicy.REFUSE), 0)
    until = DUE + timedelta(days=7)
    with bureau.reviewer() as conn:
        with pytest.raises(InputError):
            extend(conn, filing_id, due_on=DUE, remark="搬迁", seen_version=1)
        extend(conn, filing_id, due_on=until, remark="搬迁", seen_version=1)
    with bureau.clerk(0) as conn:
        submit(conn, filing_id, seen_version=2, today=until)
        assert not find_filing(conn, filing_id).is_late


def test_unexplained_differences_block_or_are_flagged_as_the_campaign_says(bureau: Any) -> None:
    blocked = bureau.filing(bureau.issue(), 0)
    flagged = bureau.filing(bureau.issue(unexplained_policy=UnexplainedPolicy.FLAG), 0)
    for filing_id in (blocked, flagged):
        with bureau.clerk(0) as conn:
            row_id = filing_rows(conn, filing_id)[0].row_id
            save(conn, filing_id, Edit({(row_id, "gross_m2"): "9000"}), seen_version=1)
    with bureau.clerk(0) as conn:
        submit(conn, flagged, seen_version=2, today=TODAY)
        assert find_filing(conn, flagged).unexplained_count == 1
    with bureau.clerk(0) as conn, pytest.raises(InputError, match=r"campaign\.unexplained"):
        submit(conn, blocked, seen_version=2, today=TODAY)
    with bureau.clerk(0) as conn:
        row_id = filing_rows(conn, blocked)[0].row_id
        edit = Edit(explanations={(row_id, "gross_m2"): "新建东楼"})
        version = save(conn, blocked, edit, seen_version=2)
        submit(conn, blocked, seen_version=version, today=TODAY)
        found = filing_differences(conn, find_filing(conn, blocked))
    assert [(one.field, one.explanation) for one in found] == [("gross_m2", "新建东楼")]


def test_a_property_given_up_and_one_that_is_new_are_differences(bureau: Any) -> None:
    filing_id = bureau.filing(bureau.issue(), 0)
    with bureau.clerk(0) as conn:
        row_id = filing_rows(conn, filing_id)[0].row_id
        edit = Edit({(-1, "address"): "新址路9号", (-1, "gross_m2"): "500"}, removed={row_id: True})
        save(conn, filing_id, edit, seen_version=1)
        rows = filing_rows(conn, filing_id)
        found = filing_differences(conn, find_filing(conn, filing_id))
    assert [(row.place_id is None, row.filed.is_removed) for row in rows] == [
        (False, True), (True, False),
    ]  # fmt: skip
    assert [(one.field, one.was, one.now) for one in found] == [
        ("*", Decimal("3000.00"), None), ("*", None, Decimal("500.00")),
    ]  # fmt: skip


def test_reminders_go_to_who_has_not_filed_once_for_each_number_of_days(own_bureau: Any) -> None:
    campaign_id = own_bureau.issue(reminder_days=(5, 1))
    filed = own_bureau.filing(campaign_id, 0)
    with own_bureau.clerk(0) as conn:
        submit(conn, filed, seen_version=1, today=TODAY)
    with own_bureau.reviewer() as conn:
        # 23, 24, 28, 29, 30 September are left after the 22nd.
        assert remind_due(conn, today=date(2026, 9, 21)) == 0
        assert remind_due(conn, today=date(2026, 9, 22)) == 3
        assert remind_due(conn, today=date(2026, 9, 23)) == 0
        assert remind_due(conn, today=date(2026, 9, 29)) == 3
        assert remind(conn, campaign_id, words="请抓紧") == 3
    with own_bureau.clerk(1) as conn:
        notices = my_notices(conn)
        assert [one["remark"] for one in notices] == ["请抓紧", None, None, None]
        mark_read(conn)
        assert all(one["is_read"] for one in my_notices(conn))
    with own_bureau.clerk(0) as conn:
        assert "campaign.notice.reminder" not in {one["kind"] for one in my_notices(conn)}
    with own_bureau.clerk(1) as conn, pytest.raises(Forbidden):
        remind(conn, campaign_id)


def test_a_remark_is_settled_once(bureau: Any) -> None:
    filing_id = bureau.filing(bureau.issue(), 0)
    with bureau.reviewer() as conn:
        remark_id = add_remark(conn, filing_id, row_id=None, field=None, words="请补充说明")
        resolve_remark(conn, filing_id, remark_id)
        with pytest.raises(NotFound):
            resolve_remark(conn, filing_id, remark_id)
        with pytest.raises(InputError):
            add_remark(conn, filing_id, row_id=None, field=None, words=" ")
