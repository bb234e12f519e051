"""Who took data away as a file: noted for good, and sealed."""

import json
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, text

_LONGEST: Final = 1_000


class AccessKind(StrEnum):
    """What somebody did that is noted."""

    EXPORT = "export"
    REPORT = "report"
    FILING = "filing"


def note_access(conn: Connection, kind: AccessKind, name: str, **said: Any) -> None:
    """Note it in the name of whoever asks; it stands if what was asked for is handed over.

    Args:
        conn: In the name of an account.
        kind: What is done.
        name: Of the layer, the report, the task.
        said: What was asked; nothing of the answer.
    """
    conn.execute(
        text("SELECT history.note_access(:kind, :name, CAST(:said AS jsonb))"),
        {
            "kind": kind.value,
            "name": name,
            "said": json.dumps(
                {key: _short(value) for key, value in said.items()}, ensure_ascii=False, default=str
            ),
        },
    )


def _short(value: Any) -> Any:
    """A value as it was asked; of a long one, such as a drawn outline, the beginning."""
    written = json.dumps(value, ensure_ascii=False, default=str)
    return value if len(written) <= _LONGEST else f"{written[:_LONGEST]}…"


def accesses(
    conn: Connection, *, since: date | None = None, account: str | None = None
) -> list[Mapping[str, Any]]:
    """What was noted, newest first.

    Args:
        conn: As the schema owner.
        since: Null: from the beginning.
        account: Name of one account; null: all.
    """
    rows = conn.execute(
        text(
            "SELECT a.history_at AS at, c.name AS account, a.kind, a.name, a.said"
            " FROM history.access AS a"
            " LEFT JOIN rights.account AS c ON c.account_id = a.history_account_id"
            " WHERE a.history_at >= coalesce(CAST(:since AS date), '-infinity')"
            " AND (CAST(:account AS text) IS NULL OR c.name = :account)"
            " ORDER BY a.history_id DESC"
        ),
        {"since": since, "account": account},
    )
    return [dict(row) for row in rows.mappings()]
