"""Deputies in filings: for the agency and for the bureau, within their days, and never twice."""

from datetime import date, timedelta
from typing import Any

import pytest
from people import add_person, session_of

from assets.campaign.actions.filing import submit, withdraw
from assets.campaign.actions.review import add_remark, approve, extend, reopen, return_filing
from assets.campaign.model import State
from assets.campaign.queries import filing_steps, find_campaign, find_filing
from assets.campaign.reports import board, board_report
from assets.campaign.rules import WORKFLOW, Party
from assets.services.deputies import end_deputyship, name_deputy
from assets.services.todo import todo
from gis.clock import today
from gis.errors import Conflict, Forbidden
from gis.rights.actions import Grant

FILED = date(2026, 9, 1)


@pytest.fixture(scope="module")
def people(bureau: Any) -> dict[str, tuple[int, str]]:
    """Number and token: `bureau` reviews, `leader` and `helper` file for agencies 0 and 1."""
    bodies = bureau.city.ids
    found = {}
    for name, grants in {
        "bureau": [Grant("clerk", max_security_class=2)],
        "leader": [Grant("clerk", organization_id=bodies["agency 0"])],
        "helper": [
            Grant("clerk", organization_id=bodies["agency 0"]),
            Grant("clerk", organization_id=bodies["agency 1"]),
        ],
    }.items():
        account_id = add_person(bureau.database, f"{name}-of-filings", *grants)
        found[name] = (account_id, session_of(bureau.database, account_id))
    return found


def stand_in(bureau: Any, people: dict[str, tuple[int, str]], principal: str, deputy: str) -> int:
    day = today()
    with bureau.acting(people[principal][1]) as conn:
        return name_deputy(
            conn, f"{deputy}-of-filings", first_day=day, last_day=day, today=day,
            workflows=["campaign"],
        )  # fmt: skip


def end(bureau: Any, people: dict[str, tuple[int, str]], who: str, which: int) -> None:
    with bureau.acting(people[who][1]) as conn:
        end_deputyship(conn, which)


def test_a_deputy_hands_in_for_the_filer_and_reviews_for_the_bureau(
    bureau: Any, people: dict[str, tuple[int, str]]
) -> None:
    campaign_id = bureau.issue()
    filing_id = bureau.filing(campaign_id, 0)
    leader, reviewer = people["leader"][0], people["bureau"][0]
    for_leader = stand_in(bureau, people, "leader", "helper")
    with bureau.acting(people["helper"][1]) as conn:
        version = submit(conn, filing_id, seen_version=1, today=FILED, on_behalf_of=leader)
        assert find_filing(conn, filing_id).stood_in_for == {leader: {Party.FILER}}
        with pytest.raises(Forbidden, match=r"deputy\.none"):
            withdraw(conn, filing_id, seen_version=version, on_behalf_of=reviewer)
        version = withdraw(conn, filing_id, seen_version=version, on_behalf_of=leader)
    with bureau.clerk(0) as conn:
        version = submit(conn, filing_id, seen_version=version, today=FILED)
    end(bureau, people, "leader", for_leader)
    # Who submitted before it was taken back does not review, though another handed it in since.
    for_bureau = stand_in(bureau, people, "bureau", "helper")
    with bureau.acting(people["helper"][1]) as conn, pytest.raises(Forbidden, match="four_eyes"):
        approve(conn, filing_id, seen_version=version, on_behalf_of=reviewer)
    other = bureau.filing(campaign_id, 1)
    with bureau.clerk(1) as conn:
        version = submit(conn, other, seen_version=1, today=FILED)
    with bureau.acting(people["helper"][1]) as conn:
        waits = todo(conn, [WORKFLOW], today=today()).tasks
        mine = [(one.case_id, one.acting_for) for one in waits if one.steps[0] == "approve"]
        assert (other, reviewer) in mine
        # By the hand that handed it in, nothing waits here.
        assert [one for one in waits if one.case_id == filing_id and "approve" in one.steps] == []
        with pytest.raises(Forbidden):
            approve(conn, other, seen_version=version)
        add_remark(conn, other, row_id=None, field=None, words="请核对")
        version = return_filing(
            conn, other, seen_version=version, remark="面积", on_behalf_of=reviewer
        )
        later = FILED + timedelta(days=60)
        version = extend(
            conn, other, due_on=later, remark="换发证照", seen_version=version,
            on_behalf_of=reviewer,
        )  # fmt: skip
    with bureau.clerk(1) as conn:
        version = submit(conn, other, seen_version=version, today=FILED)
    with bureau.acting(people["helper"][1]) as conn:
        version = approve(conn, other, seen_version=version, on_behalf_of=reviewer)
        steps = filing_steps(conn, other)
    names = {(one["step"], one["who"], one["on_behalf_of"]) for one in steps}
    deputy = ("helper-of-filings", "bureau-of-filings")
    assert {("approve", *deputy), ("return", *deputy), ("extend", *deputy)} <= names
    with bureau.reviewer() as conn:
        made = board(conn, find_campaign(conn, campaign_id), today=FILED, language="zh")
    told = board_report(made, say=str).tables[0].rows
    row = next(one for one in told if one["filing_id"] == other)
    assert (row["approved_by"], row["approved_for"]) == deputy
    assert (row["handed_in_by"], row["handed_in_for"]) == ("经办人1", None)
    end(bureau, people, "bureau", for_bureau)
    with (
        bureau.acting(people["helper"][1]) as conn,
        pytest.raises(Forbidden, match=r"deputy\.none"),
    ):
        reopen(conn, other, seen_version=version, remark="再核", on_behalf_of=reviewer)


def test_neither_deputy_nor_principal_approves_what_one_of_them_handed_in(
    bureau: Any, people: dict[str, tuple[int, str]]
) -> None:
    filing_id = bureau.filing(bureau.issue(), 0)
    reviewer = people["bureau"][0]
    which = stand_in(bureau, people, "bureau", "helper")
    with bureau.acting(people["helper"][1]) as conn:
        submit(conn, filing_id, seen_version=1, today=FILED, on_behalf_of=reviewer)
        with pytest.raises(Forbidden, match="four_eyes"):
            approve(conn, filing_id, seen_version=2, on_behalf_of=reviewer)
    with bureau.acting(people["bureau"][1]) as conn, pytest.raises(Forbidden, match="four_eyes"):
        approve(conn, filing_id, seen_version=2)
    with bureau.reviewer() as conn:
        approve(conn, filing_id, seen_version=2)
        assert find_filing(conn, filing_id).state is State.APPROVED
    end(bureau, people, "bureau", which)


def test_a_deputy_without_rights_of_their_own_does_nothing(
    bureau: Any, people: dict[str, tuple[int, str]]
) -> None:
    filing_id = bureau.filing(bureau.issue(), 0)
    reader = Grant("viewer", organization_id=bureau.city.ids["agency 0"])
    token = session_of(bureau.database, add_person(bureau.database, "reader-of-filings", reader))
    which = stand_in(bureau, people, "leader", "reader")
    with bureau.acting(token) as conn:
        assert find_filing(conn, filing_id).stood_in_for == {}
        with pytest.raises(Forbidden):
            submit(
                conn, filing_id, seen_version=1, today=FILED, on_behalf_of=people["leader"][0]
            )  # fmt: skip
    end(bureau, people, "leader", which)
    with bureau.clerk(0) as conn, pytest.raises(Conflict):
        submit(conn, filing_id, seen_version=9, today=FILED)
