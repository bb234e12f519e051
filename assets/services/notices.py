"""Notices inside onemap: sentences for whoever is responsible. Closed networks have no mail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert as upsert

from assets.services.model import notice

_ME: Final = text("rights.current_account_id()")


@dataclass(frozen=True)
class Notice:
    """A sentence to be sent.

    Args:
        audience: Which party of the case it is for.
        kind: Message key of the sentence.
        address: The page it is about, from the root.
        reader_cell: It is for whoever may write this cell.
        rights_cell: The cell of what it is about, which its sender writes.
        params: What the sentence names.
        remark: What its sender added in his own words.
        occasion: What it is sent for only once; null: as often as wanted.
        place_id: The place it names, in whose cell it is then; null: it names none.
    """

    audience: str
    kind: str
    address: str
    reader_cell: int
    rights_cell: int
    params: Mapping[str, Any] = field(default_factory=dict)
    remark: str | None = None
    occasion: str | None = None
    place_id: int | None = None


def send(conn: Connection, notices: Sequence[Notice]) -> int:
    """Send notices; one that was sent for its occasion already is left out.

    Returns:
        How many were sent.
    """
    if not notices:
        return 0
    rows = [{**vars(one), "params": dict(one.params)} for one in notices]
    statement = upsert(notice).on_conflict_do_nothing().returning(notice.c.notice_id)
    return len(conn.execute(statement.values(account_id=_ME), rows).all())


_MINE: Final = """
SELECT n.notice_id, n.audience, n.kind, n.params, n.remark, n.address, n.made_at,
  coalesce(a.title, a.name) AS who,
  EXISTS (SELECT FROM services.notice_read AS r WHERE r.notice_id = n.notice_id
          AND r.account_id = rights.current_account_id()) AS is_read
FROM services.notice AS n LEFT JOIN rights.account AS a USING (account_id)
WHERE n.reader_cell IN (SELECT cell FROM rights.my_shared_write_cells)
  AND n.account_id IS DISTINCT FROM (SELECT rights.current_account_id())
ORDER BY n.notice_id DESC LIMIT :limit"""


def my_notices(conn: Connection, limit: int = 50) -> list[dict[str, Any]]:
    """Notices for the asking account that others sent, the newest first."""
    return [dict(row) for row in conn.execute(text(_MINE), {"limit": limit}).mappings()]


def mark_read(conn: Connection, notice_ids: Sequence[int] | None = None) -> None:
    """Note that the asking account has read notices: these, or all it has."""
    conn.execute(
        text(
            "INSERT INTO services.notice_read (notice_id, account_id, rights_cell)"
            " SELECT n.notice_id, rights.current_account_id(), n.reader_cell"
            " FROM services.notice AS n"
            " WHERE n.reader_cell IN (SELECT cell FROM rights.my_shared_write_cells)"
            " AND (CAST(:ids AS bigint[]) IS NULL OR n.notice_id = ANY(:ids))"
            " ON CONFLICT DO NOTHING"
        ),
        {"ids": None if notice_ids is None else list(notice_ids)},
    )
