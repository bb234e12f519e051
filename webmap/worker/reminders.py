"""Reminders, sent by the worker: of campaigns in the name of who issued them, and of cases.

Offices whose posts have ended are asked back first, in a transaction of their own.
"""

from datetime import date, timedelta
from typing import Final

from sqlalchemy import text

from assets.campaign.actions.review import remind_due
from assets.registry import WORKFLOWS
from assets.requests.actions.left_offices import ask_left_offices_back
from assets.services.todo import remind_of_cases
from gis.db import Database, Role, transaction
from gis.rights.actions import open_session

_SESSION: Final = timedelta(minutes=10)
_ISSUERS: Final = """
SELECT DISTINCT c.issued_by FROM campaign.campaign AS c
JOIN rights.account AS a ON a.account_id = c.issued_by
WHERE c.state = 'open' AND a.is_active ORDER BY c.issued_by"""


def ask_offices_back(database: Database, *, today: date) -> int:
    """Ask back the offices whose posts have ended; how many."""
    with transaction(database.engine(Role.LOADER), None) as conn:
        return ask_left_offices_back(conn, today=today)


def send_due_reminders(database: Database, *, today: date) -> int:
    """Remind whoever is due, as often as wanted: each reminder goes out once.

    An issuer who may no longer review sends nothing: what they may not do now, the worker may not.

    Returns:
        How many were sent.
    """
    with transaction(database.engine(Role.OWNER), None) as owner:
        issuers = list(owner.execute(text(_ISSUERS)).scalars())
        tokens = [open_session(owner, account, lifetime=_SESSION) for account in issuers]
    sent = 0
    for token in tokens:
        with transaction(database.engine(Role.OPERATOR), token) as conn:
            sent += remind_due(conn, today=today)
            conn.execute(text("SELECT rights.close_session()"))
    with transaction(database.engine(Role.LOADER), None) as conn:
        return sent + remind_of_cases(conn, WORKFLOWS, today=today)
