"""Deputies: who stands in for whom, from when to when, in which kinds of cases.

A deputyship lends a part in a case and no rights: what a deputy sees and may write stays by their
own grants, so nothing passes the administrators who give them.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

from gis.errors import InputError, NotFound
from gis.rights.refusals import call

LONGEST_DAYS: Final = 366
_LONGEST_REMARK: Final = 500
_LIST: Final = """
SELECT d.deputyship_id, d.workflows, d.valid_from, d.valid_to, d.remark,
  d.account_id = (SELECT rights.current_account_id()) AS is_mine,
  coalesce(p.title, p.name) AS principal, p.name AS principal_name,
  coalesce(x.title, x.name) AS deputy, x.name AS deputy_name,
  d.valid_to - 1 AS last_day
FROM services.deputyship AS d
JOIN rights.account AS p ON p.account_id = d.account_id
JOIN rights.account AS x ON x.account_id = d.deputy_id
WHERE d.ended_at IS NULL AND d.valid_to > :today
ORDER BY d.valid_from, d.deputyship_id"""


def name_deputy(
    conn: Connection,
    deputy: str,
    *,
    first_day: date,
    last_day: date,
    today: date,
    workflows: Collection[str] = (),
    remark: str | None = None,
    address: str | None = None,
) -> int:
    """Name who stands in for the asking account.

    Args:
        conn: In the name of who is stood in for.
        deputy: Name of the account.
        first_day: From which day on.
        last_day: Last day it holds.
        today: No deputyship begins before.
        workflows: Kinds of cases; none: all.
        remark: Why; blank or null: nothing is said.
        address: Network address of the browser.

    Returns:
        The `deputyship_id`.

    Raises:
        InputError: The days are none to come, or more than a year; or it is the account itself.
        NotFound: There is no such account.
        Conflict: The same was said for some of these days.
        Forbidden: A program asks.
    """
    if not today <= first_day <= last_day:
        raise InputError("deputy.bad_days")
    if (last_day - first_day).days >= LONGEST_DAYS:
        raise InputError("deputy.too_long", most=LONGEST_DAYS)
    made: int = call(
        conn,
        "SELECT services.name_deputy(:deputy, CAST(:workflows AS text[]), :first, :until, :remark,"
        " :address)",
        deputy=deputy.replace("\0", "").strip()[:200],
        workflows=sorted(set(workflows)) or None,
        first=first_day,
        until=last_day + timedelta(days=1),
        remark=(remark or "").replace("\0", "").strip()[:_LONGEST_REMARK] or None,
        address=address,
    ).scalar_one()
    return made


def end_deputyship(conn: Connection, deputyship_id: int, *, address: str | None = None) -> None:
    """End a deputyship before its day; either side may.

    Raises:
        NotFound: The account has no such deputyship that still stands.
    """
    ended = call(
        conn,
        "SELECT services.end_deputyship(:which, :address)",
        which=deputyship_id,
        address=address,
    ).scalar_one()
    if not ended:
        raise NotFound("deputy.unknown")


def deputyships(conn: Connection, today: date) -> Sequence[RowMapping]:
    """Those now or to come: the asking account's deputies, and whom it stands in for."""
    return conn.execute(text(_LIST), {"today": today}).mappings().all()


def standing_in(conn: Connection) -> dict[int, str]:
    """Whom the asking account stands in for today, by number."""
    rows: Any = conn.execute(
        text(
            "SELECT DISTINCT s.principal_id, coalesce(a.title, a.name) AS who"
            " FROM services.standing_in() AS s"
            " JOIN rights.account AS a ON a.account_id = s.principal_id"
        )
    )
    return {row.principal_id: row.who for row in rows}
