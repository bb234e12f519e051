"""The yearly duty: until when a form is filed when nobody says otherwise.

The country pack has a default with its source; a bureau's own rule counts from its day on.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Final

from sqlalchemy import Connection, text

from assets.campaign.actions.issue import FORM, may_issue
from assets.campaign.queries import cells_of, read
from assets.campaign.rules import DueRule, check_yearly_day, next_due
from assets.services.packs import pack_rows
from gis.errors import Forbidden, InputError

_MOST_SOURCE: Final = 300
_RULES: Final = """
SELECT month, day, rule_source, is_verified, valid_from, valid_to
FROM campaign.due_rule WHERE form = :form ORDER BY valid_from NULLS FIRST"""
_DROP: Final = "DELETE FROM campaign.due_rule WHERE form = :form AND valid_from >= :since"
_SHORTEN: Final = """
UPDATE campaign.due_rule SET valid_to = :since
WHERE form = :form AND (valid_to IS NULL OR valid_to > :since)"""
_ADD: Final = """
INSERT INTO campaign.due_rule (form, month, day, valid_from, rule_source, is_verified, rights_cell)
VALUES (:form, :month, :day, :since, :rule_source, :is_verified, :cell)"""


@cache
def pack_due_rules(form: str, pack: str = "cn") -> tuple[DueRule, ...]:
    """The defaults of a country pack for a form."""
    rows = pack_rows(pack, "duty.csv")
    return tuple(
        DueRule(
            month=int(row["month"]),
            day=int(row["day"]),
            rule_source=row["source"],
            is_verified=row["is_verified"] == "true",
            is_default=True,
        )
        for row in rows
        if row["form"] == form
    )


def due_rules(conn: Connection, form: str = FORM) -> Sequence[DueRule]:
    """The default of the pack, then the bureau's own by their first day."""
    own = [DueRule(**row) for row in read(conn, _RULES, form=form)]
    return (*pack_due_rules(form), *own)


def usual_due_date(conn: Connection, today: date, form: str = FORM) -> tuple[date, DueRule] | None:
    """The next yearly due date and the rule it comes from; null where no rule holds."""
    return next_due(due_rules(conn, form), today)


def set_due_rule(
    conn: Connection,
    month: int,
    day: int,
    *,
    since: date,
    rule_source: str,
    is_verified: bool = False,
    form: str = FORM,
) -> None:
    """File a form until this day each year, from a date on; rules that begin later are dropped.

    Args:
        conn: In the name of an account that may issue campaigns.
        since: First day on which it holds.
        rule_source: Document and clause it rests on.
        is_verified: Whether somebody compared it with the document.

    Raises:
        InputError: No such day in every year, or no document.
        Forbidden: The account may not issue campaigns.
    """
    check_yearly_day(month, day)
    document = rule_source.strip()
    if not document or len(document) > _MOST_SOURCE:
        raise InputError("campaign.no_due_document", most=_MOST_SOURCE)
    if not may_issue(conn):
        raise Forbidden("campaign.not_yours.reviewer")
    values = {
        "form": form,
        "month": month,
        "day": day,
        "since": since,
        "rule_source": document,
        "is_verified": is_verified,
        "cell": cells_of(conn, [(None, None)])[0],
    }
    for statement in (_DROP, _SHORTEN, _ADD):
        conn.execute(text(statement), values)
