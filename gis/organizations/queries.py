"""The card of a body. Under row security."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, RowMapping, text

from gis.errors import NotFound
from gis.organizations.then import bodies_then
from gis.places.vocabulary import IN_FORCE

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
_BELOW: Final = f"""
SELECT b.organization_id, b.name FROM ({bodies_then()}) AS b
WHERE b.parent_id = :organization_id AND {IN_FORCE.format("b")} ORDER BY b.code LIMIT 200"""


@dataclass(frozen=True)
class BodyCard:
    """What the directory holds about one body, as of a day; codes, not titles."""

    body: RowMapping
    names: Sequence[RowMapping]
    below: Sequence[RowMapping]
    """Bodies under it that day: `organization_id`, `name`; at most 200."""


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
