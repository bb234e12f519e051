"""Reminders, sent by the worker: of campaigns in the name of who issued them, and of cases.

Offices whose posts have ended are asked back first, in a transaction of their own.
"""

import logging
from datetime import date, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from assets.campaign.actions.review import remind_due
from assets.registry import WORKFLOWS
from assets.requests.actions.left_offices import ask_left_offices_back
from assets.services.todo import remind_of_cases
from gis.db import Database, Role, transaction
from gis.errors import OneMapError
from gis.rights.actions import open_session

log = logging.getLogger("onemap")

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
    What fails for one issuer is logged, and holds back neither the others nor the cases.

    Returns:
        How many were sent.
    """
    with transaction(database.engine(Role.OWNER), None) as owner:
        issuers = list(owner.execute(text(_ISSUERS)).scalars())
    sent = failed = 0
    for account_id in issuers:
        try:
            sent += _remind_for(database, account_id, today)
        except (SQLAlchemyError, OneMapError):
            failed += 1
            log.warning("reminders of account %s could not be sent", account_id, exc_info=True)
    if failed:
        log.warning("reminders of %s of %s issuers could not be sent", failed, len(issuers))
    with transaction(database.engine(Role.LOADER), None) as conn:
        return sent + remind_of_cases(conn, WORKFLOWS, today=today)


def _remind_for(database: Database, account_id: int, today: date) -> int:
    """Send what is due in the name of one issuer, in a transaction of its own."""
    with transaction(database.engine(Role.OWNER), None) as owner:
        token = open_session(owner, account_id, lifetime=_SESSION)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        sent = remind_due(conn, today=today)
        conn.execute(text("SELECT rights.close_session()"))
    return sent
