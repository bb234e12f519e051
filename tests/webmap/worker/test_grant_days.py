"""Dated grants, begun and ended by a real worker that nobody asked."""

import time
from datetime import timedelta

from makers import make_organization, make_place
from office import PATIENCE_S, Office
from sqlalchemy import text

from gis.clock import today
from gis.db import Role, transaction
from gis.rights.actions import Grant, ensure_account, open_session


def _turn_to(office: Office, account: int, first: str, end: str) -> None:
    """As if the days stood in the grant already, and today had just come."""
    with office.database.engine(Role.OWNER).begin() as owner:
        owner.execute(text('ALTER TABLE rights."grant" DISABLE TRIGGER scopes_are_stale'))
        owner.execute(
            text(
                f'UPDATE rights."grant" SET valid_from = {first}, valid_to = {end}'
                " WHERE account_id = :account"
            ),
            {"account": account},
        )
        owner.execute(text('ALTER TABLE rights."grant" ENABLE TRIGGER scopes_are_stale'))
        owner.execute(text("UPDATE rights.version SET grants_settled_on = current_date - 1"))


def _sees(office: Office, token: str, wanted: list[str]) -> list[str]:
    """What the account sees, once that is as wanted or patience has run out."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with transaction(office.database.engine(Role.WEB), token) as conn:
            seen = list(conn.execute(text("SELECT code FROM place.place")).scalars())
        if seen == wanted or time.monotonic() > deadline:
            return seen
        time.sleep(0.1)


def test_a_running_worker_begins_and_ends_grants(office: Office) -> None:
    with office.database.engine(Role.OWNER).begin() as owner:
        body = make_organization(owner, "body")
        make_place(owner, "A", steward_id=body)
        grant = Grant("viewer", body, valid_from=today() + timedelta(days=3))
        account = ensure_account(owner, "dated", [grant])
        token = open_session(owner, account, lifetime=timedelta(hours=1))
    office.start_worker()
    assert _sees(office, token, []) == []
    _turn_to(office, account, "current_date", "NULL")
    assert _sees(office, token, ["A"]) == ["A"]
    # By now it runs for sure: its loop finds the end, not its start.
    _turn_to(office, account, "current_date - 9", "current_date")
    assert _sees(office, token, []) == []
