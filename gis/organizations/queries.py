"""Reads of the directory of bodies."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, text


def bodies_called(conn: Connection, words: str, *, limit: int) -> Sequence[Any]:
    """Bodies that exist today and whose name, short form, alias or code has the words.

    Args:
        conn: Within a session.
        words: As typed; blank finds none.
        limit: Most rows.

    Returns:
        `organization_id, name, superior, code`; names that begin so first, the shortest first.
    """
    return conn.execute(text(_CALLED), {"words": words.replace("\0", ""), "limit": limit}).all()


_CALLED: Final = """
SELECT o.organization_id, o.name, above.name AS superior, o.code
FROM organization.organization AS o
LEFT JOIN organization.organization AS above ON above.organization_id = o.parent_id
CROSS JOIN LATERAL (SELECT place.normalised(:words) AS words) AS asked
WHERE asked.words <> '' AND (o.valid_to IS NULL OR o.valid_to > current_date)
  AND (position(asked.words IN place.normalised(concat_ws(' ', o.name, o.short_name, o.code))) > 0
       OR EXISTS (SELECT FROM organization.organization_name AS n
                  WHERE n.organization_id = o.organization_id
                    AND position(asked.words IN place.normalised(n.name)) > 0))
ORDER BY position(asked.words IN place.normalised(o.name)) = 1 DESC, length(o.name), o.name
LIMIT :limit
"""
