"""The worker sends the reminders a campaign promises, each once."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from bureau import Bureau, prepare_bureau
from handed_in import open_account
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from assets.services.notices import my_notices
from gis.db import Database
from gis.rights.actions import EVERYTHING
from webmap.worker.reminders import ask_offices_back, send_due_reminders


@pytest.fixture
def bureau(make_database: Callable[[str], Database]) -> Bureau:
    return prepare_bureau(make_database("onemap_reminders"))


def _close_rights(bureau: Bureau) -> None:
    with bureau.database.admin().begin() as conn:
        conn.execute(text("UPDATE rights.account SET is_active = false WHERE name = '看全部'"))


def test_reminders_go_out_on_their_working_day_and_once(bureau: Bureau) -> None:
    bureau.issue(reminder_days=(5,))
    assert send_due_reminders(bureau.database, today=date(2026, 9, 21)) == 0
    assert send_due_reminders(bureau.database, today=date(2026, 9, 22)) == 4
    assert send_due_reminders(bureau.database, today=date(2026, 9, 22)) == 0
    with bureau.clerk(0) as conn:
        newest = my_notices(conn)[0]
    assert (newest["kind"], newest["who"]) == ("campaign.notice.reminder", "看全部")


def test_reminders_go_out_though_offices_cannot_be_asked_back(bureau: Bureau) -> None:
    bureau.issue(reminder_days=(5,))
    day = date(2026, 9, 22)
    assert ask_offices_back(bureau.database, today=day) == 0
    with bureau.database.admin().begin() as conn:
        conn.execute(text("ALTER TABLE estate.sharer RENAME TO sharer_away"))
    with pytest.raises(ProgrammingError):
        ask_offices_back(bureau.database, today=day)
    assert send_due_reminders(bureau.database, today=day) == 4


def test_nothing_goes_out_in_the_name_of_an_account_that_is_closed(bureau: Bureau) -> None:
    bureau.issue(reminder_days=(5,))
    _close_rights(bureau)
    assert send_due_reminders(bureau.database, today=date(2026, 9, 22)) == 0


def test_what_fails_for_one_issuer_holds_back_no_other(
    bureau: Bureau, caplog: pytest.LogCaptureFixture
) -> None:
    bureau.issue(reminder_days=(5,))
    other = open_account(bureau.database, "另一发起人", EVERYTHING)
    replace(bureau, city=replace(bureau.city, everything=other)).issue(
        reminder_days=(5,), name="2026年复查"
    )
    with bureau.database.admin().begin() as conn:
        first = conn.execute(
            text("SELECT account_id FROM rights.account WHERE name = '看全部'")
        ).scalar_one()
        conn.execute(
            text(
                "ALTER TABLE services.notice ADD CONSTRAINT not_by_the_first"
                f" CHECK (account_id <> {first}) NOT VALID"
            )
        )
    with caplog.at_level(logging.WARNING, "onemap"):
        assert send_due_reminders(bureau.database, today=date(2026, 9, 22)) == 8
    assert "reminders of 1 of 2 issuers could not be sent" in caplog.messages
    with bureau.clerk(0) as conn:
        reminders = [n for n in my_notices(conn) if n["kind"] == "campaign.notice.reminder"]
    assert {one["who"] for one in reminders} == {"另一发起人"}
