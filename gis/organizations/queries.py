"""Reads of the directory of bodies, and the card of one. Under row security."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

from gis.errors import NotFound
from gis.organizations.then import bodies_then


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
_BODY: Final = f"""
SELECT o.organization_id, o.code, o.credit_code, o.name, o.short_name, o.category_code,
  o.level_code, o.valid_from, o.valid_to, superior.organization_id AS superior_id,
  superior.name AS superior_name, area.name AS admin_area_name
FROM ({bodies_then()}) AS o
LEFT JOIN ({bodies_then()}) AS superior ON superior.organization_id = o.parent_id
LEFT JOIN place.admin_area AS area ON area.code = o.admin_area_code
WHERE o.organization_id = :organization_id"""
_NAMES: Final = """
SELECT name, kind, valid_from, valid_to FROM organization.organization_name
WHERE organization_id = :organization_id ORDER BY kind, valid_to, name"""
_BELOW: Final = """
SELECT organization_id, name FROM organization.organization
WHERE parent_id = :organization_id AND valid_to IS NULL ORDER BY code LIMIT 200"""


@dataclass(frozen=True)
class BodyCard:
    """What the directory holds about one body, as of a day; codes, not titles."""

    body: RowMapping
    names: Sequence[RowMapping]
    below: Sequence[RowMapping]
    """Bodies under it: `organization_id`, `name`."""


def body_card(conn: Connection, organization_id: int, as_of: date) -> BodyCard:
    """The directory's entry of a body.

    Raises:
        NotFound: There is no such body.
    """
    values = {"organization_id": organization_id, "as_of": as_of}
    body = conn.execute(text(_BODY), values).mappings().one_or_none()
    if body is None:
        raise NotFound("organization.not_found", organization_id=organization_id)
    return BodyCard(
        body,
        conn.execute(text(_NAMES), values).mappings().all(),
        conn.execute(text(_BELOW), values).mappings().all(),
    )
