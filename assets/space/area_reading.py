"""Bodies that have something in an area against the standard, each with all it has wherever."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from assets.domain import AreaList, TableColumn
from assets.estate.area_lists import HOLDERS
from assets.estate.area_reading import collect_holders
from assets.space.covered import IN_SCOPE, IS_COVERED
from assets.space.queries import Verdict, of_rooms_had, verdicts
from assets.space.rules import ROOM_CLASSES, rounded
from gis.organizations.then import bodies_then
from gis.places.vocabulary import IN_FORCE
from gis.questions import Asked

_COVERED: Final = f"""
JOIN ({bodies_then()}) AS b ON b.organization_id = held.holder_id
LEFT JOIN place.term AS t ON t.list = 'organization_category' AND t.term = b.category_code
LEFT JOIN place.admin_area AS area ON area.code = b.admin_area_code
WHERE {IN_FORCE.format("b")} AND {IS_COVERED}"""
_COUNT: Final = f"SELECT count(*) FROM pg_temp.asked_holder AS held {_COVERED}"
_PAGE: Final = f"""
WITH held AS MATERIALIZED ({HOLDERS})
SELECT b.organization_id, b.code, b.name, b.level_code, b.admin_area_code, area.name AS district,
  p.place_id, ST_X(p.anchor) AS lon, ST_Y(p.anchor) AS lat
FROM held JOIN {{places}} AS p USING (place_id) {_COVERED}
ORDER BY b.code, b.organization_id LIMIT :limit OFFSET :offset"""
_HAD: Final = """
SELECT d.holder_id, d.place_id, c.area_m2 * d.share / d.alike AS part_m2
FROM pg_temp.had_leaf AS d JOIN {areas} AS c USING (place_id)
WHERE d.is_room AND d.room_class = ANY (:classes) AND d.holder_id = ANY (:bodies)"""
# Apart from the above: that is planned for few rows, and an area may have many.
_WITHIN: Final = """
SELECT had.holder_id, sum(had.part_m2) AS area_m2
FROM unnest(CAST(:holders AS bigint[]), CAST(:places AS bigint[]), CAST(:parts AS numeric[]))
  AS had (holder_id, place_id, part_m2)
JOIN pg_temp.asked_place AS a USING (place_id) GROUP BY had.holder_id"""


def _column(name: str, type_: str = "area", unit: str | None = "m2") -> TableColumn:
    return TableColumn(name, f"space.column.{name}", type_, unit)


COLUMNS: Final = (
    _column("name", "text", None),
    _column("code", "text", None),
    _column("district", "text", None),
    replace(_column("level", "term", None), term_list="organization_level"),
    _column("quota", "integer", "people"),
    _column("entitled_m2"),
    _column("actual_m2"),
    _column("within_m2"),
    _column("difference_m2"),
    _column("state", "verdict", None),
)


def count_bodies(conn: Connection, asked: Asked) -> int:
    """How many bodies that the standard is for occupy something of the answer."""
    collect_holders(conn, asked)
    values = {"as_of": asked.as_of, "types": list(IN_SCOPE)}
    found: int = conn.execute(text(_COUNT), values).scalar_one()
    return found


def list_bodies(conn: Connection, asked: Asked, limit: int, offset: int) -> AreaList:
    """A page of them by code: what each may have and has, wherever that is; and what of it here."""
    query = _PAGE.format(places=asked.places.by_id)
    values = {
        "as_of": asked.as_of, "types": list(IN_SCOPE), "limit": limit, "offset": offset,
    }  # fmt: skip
    found = conn.execute(text(query), values).all()
    within = _within(conn, asked, [row.organization_id for row in found])
    judged = verdicts(conn, asked.as_of, of=found)
    rows = [
        _row(row, one, within.get(row.organization_id))
        for row, one in zip(found, judged, strict=True)
    ]
    return AreaList(COLUMNS, rows, count_bodies(conn, asked), {})


def _within(conn: Connection, asked: Asked, bodies: Sequence[int]) -> dict[int, Decimal]:
    """Usable m2 of the rooms of some bodies that lie in the answer, each its share."""
    had = of_rooms_had(conn, asked.as_of, bodies, _HAD, classes=list(ROOM_CLASSES))
    values = {
        "holders": [row.holder_id for row in had],
        "places": [row.place_id for row in had],
        "parts": [row.part_m2 for row in had],
    }
    return {row.holder_id: row.area_m2 for row in conn.execute(text(_WITHIN), values)}


def _row(row: Row[Any], one: Verdict, within: Decimal | None) -> dict[str, Any]:
    whole = one.compared[-1]
    return {
        "place_id": row.place_id,
        "lon": row.lon,
        "lat": row.lat,
        "name": row.name,
        "code": row.code,
        "district": row.district,
        "level": row.level_code,
        "quota": one.entitlement.quota,
        "entitled_m2": _shown(whole.entitled_m2),
        "actual_m2": _shown(whole.actual_m2),
        "within_m2": _shown(within or Decimal()),
        "difference_m2": _shown(whole.difference_m2),
        "state": whole.state.value,
    }


def _shown(area_m2: Decimal | None) -> Decimal | None:
    return None if area_m2 is None else rounded(area_m2)
