"""Reads about places: the card of one, and what the layer tree needs. All under row security."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

from gis.crs import STORAGE_SRID
from gis.errors import NotFound
from gis.layers import Layer
from gis.organizations.then import bodies_then
from gis.places.attributes import OF_KIND, OF_PLACE
from gis.places.counted import EVERY_REPORT, RULES_IN_FORCE
from gis.places.names import shown_name
from gis.places.then import OF_ROOM, ROOM_TABLE, children_of, places_as_of
from gis.places.vocabulary import IS_OPEN, AreaKind

CHILDREN_SHOWN: Final = 60
"""Per kind; the count beside them is of all."""
RELATIONS_SHOWN: Final = 200
_NOWHERE: Final = (118.0, 30.0, 122.0, 33.0)
"""Extent of a register without a located place or an area: the lower Yangtze."""


@dataclass(frozen=True)
class PlaceCard:
    """What the register holds about one place, as of a day; codes, not titles."""

    place: RowMapping
    attributes: Mapping[str, Any]
    ancestors: Sequence[RowMapping]
    children: Sequence[RowMapping]
    floors: Sequence[RowMapping]
    identifiers: Sequence[RowMapping]
    titles: Sequence[RowMapping]
    areas: Sequence[RowMapping]
    relations: Sequence[RowMapping]
    """Zones over it, members of it, what it came from and became: `relation`, `place_id`."""


def _in_force(alias: str) -> str:
    return (
        f"({alias}.valid_from IS NULL OR {alias}.valid_from <= :as_of)"
        f" AND ({alias}.valid_to IS NULL OR {alias}.valid_to > :as_of)"
    )


_CALLED: Final = shown_name("p", rooms="{rooms}")
_PLACE: Final = f"""
SELECT p.place_id, p.uid::text AS uid, p.kind, p.code,
  {_CALLED} AS name, p.address,
  p.admin_area_code, area.name AS admin_area_name,
  p.stated_admin_area_code, stated.name AS stated_admin_area_name,
  p.security_class, p.located_by, ST_X(p.anchor) AS lon, ST_Y(p.anchor) AS lat,
  steward.organization_id AS steward_id, steward.name AS steward_name,
  superior.name AS steward_superior,
  p.use_status, p.valid_from, p.valid_to,
  p.geom_accuracy_m::float8 AS geom_accuracy_m, p.remark,
  p.rights_cell IN (SELECT cell FROM rights.my_write_cells) AS may_write,
  ST_XMin(shape) AS west, ST_YMin(shape) AS south, ST_XMax(shape) AS east, ST_YMax(shape) AS north
FROM {{places}} AS p
LEFT JOIN place.admin_area AS area ON area.code = p.admin_area_code
LEFT JOIN place.admin_area AS stated ON stated.code = p.stated_admin_area_code
LEFT JOIN ({bodies_then()}) AS steward ON steward.organization_id = p.steward_id
LEFT JOIN ({bodies_then()}) AS superior ON superior.organization_id = steward.parent_id
CROSS JOIN LATERAL (SELECT Box3D(p.geom) AS shape) AS box
WHERE p.place_id = :place_id AND {IS_OPEN.format("p")}"""
_ANCESTORS: Final = f"""
WITH RECURSIVE up AS (
  SELECT p.place_id, p.parent_id, p.kind, coalesce({_CALLED}, p.code) AS name, 0 AS step
  FROM {{places}} AS p WHERE p.place_id = :place_id
  UNION ALL
  SELECT p.place_id, p.parent_id, p.kind, coalesce({_CALLED}, p.code), up.step + 1
  FROM up JOIN {{places}} AS p ON p.place_id = up.parent_id
  WHERE up.step < 20
)
SELECT place_id, kind, name FROM up WHERE step > 0 ORDER BY step DESC"""
_CHILDREN: Final = f"""
SELECT child.kind, child.place_id, {_CALLED} AS name, p.code, count FROM (
  SELECT p.kind, p.place_id,
    count(*) OVER (PARTITION BY p.kind) AS count,
    row_number() OVER (PARTITION BY p.kind ORDER BY p.code) AS row
  FROM (SELECT CAST(:place_id AS bigint) AS place_id) AS own
  JOIN {{children}} WHERE {_in_force("p")}
) AS child JOIN {{places}} AS p USING (place_id)
WHERE row <= {CHILDREN_SHOWN} ORDER BY child.kind, row"""
# The floors of the building one is in; of a site, the levels its buildings have.
_FLOORS: Final = f"""
WITH RECURSIVE up AS (
  SELECT p.place_id, p.parent_id, p.kind, 0 AS step
  FROM {{places}} AS p WHERE p.place_id = :place_id
  UNION ALL
  SELECT p.place_id, p.parent_id, p.kind, up.step + 1
  FROM up JOIN {{places}} AS p ON p.place_id = up.parent_id
  WHERE up.kind NOT IN ('building', 'site') AND up.step < 20
),
top AS (SELECT place_id FROM up WHERE kind IN ('building', 'site') LIMIT 1),
down AS (
  SELECT p.place_id, p.kind, 0 AS step FROM place.place AS p JOIN top USING (place_id)
  UNION ALL
  SELECT p.place_id, p.kind, down.step + 1
  FROM down JOIN {{parts}}
  WHERE p.kind IN ('building', 'section', 'floor') AND down.step < 5 AND {_in_force("p")}
)
SELECT DISTINCT ON (f.level) f.place_id, f.level, coalesce(f.label, f.level::text) AS label
FROM down JOIN place.floor AS f USING (place_id) WHERE down.kind = 'floor'
ORDER BY f.level DESC, f.place_id"""
_IDENTIFIERS: Final = f"""
SELECT i.scheme, i.value, i.valid_from, i.valid_to FROM place.identifier AS i
WHERE i.place_id = :place_id AND {_in_force("i")} ORDER BY i.scheme, i.value"""
_TITLES: Final = f"""
SELECT t.number, t.kind, t.state, t.owner_name, t.issued_on, t.valid_from, t.valid_to,
  tp.share_kind, tp.area_m2::float8 AS area_m2
FROM place.title_place AS tp JOIN place.title AS t USING (title_id)
WHERE tp.place_id = :place_id AND {_in_force("t")} ORDER BY t.kind, t.number, tp.share_kind"""
_RELATIONS: Final = f"""
SELECT r.relation, r.place_id, coalesce({_CALLED}, p.code) AS name,
  r.share::float8 AS share, r.area_m2::float8 AS area_m2, r.happened_on
FROM (
  SELECT 'zone' AS relation, z.zone_id AS place_id, z.share, z.area_m2, NULL::date AS happened_on
  FROM place.zone_member AS z WHERE z.place_id = :place_id AND {_in_force("z")}
  UNION ALL
  SELECT 'member', z.place_id, z.share, z.area_m2, NULL
  FROM place.zone_member AS z WHERE z.zone_id = :place_id AND {_in_force("z")}
  UNION ALL
  SELECT l.kind || '_from', l.from_place_id, NULL, NULL, l.happened_on
  FROM place.lineage AS l WHERE l.to_place_id = :place_id AND l.happened_on <= :as_of
  UNION ALL
  SELECT l.kind || '_into', l.to_place_id, NULL, NULL, l.happened_on
  FROM place.lineage AS l WHERE l.from_place_id = :place_id AND l.happened_on <= :as_of
) AS r JOIN {{places}} AS p USING (place_id)
ORDER BY r.relation DESC, r.happened_on, p.code LIMIT {RELATIONS_SHOWN}"""
_AREA_ORDER: Final = ", ".join(f"'{kind}'" for kind in AreaKind)
_AREAS: Final = f"""
SELECT m.area_kind, m.area_m2::float8 AS area_m2, m.source, m.measured_on,
  rule.rank IS NOT NULL AND row_number() OVER (
    PARTITION BY m.area_kind ORDER BY rule.rank, m.measured_on DESC NULLS LAST) = 1 AS counts
FROM place.area_measure AS m LEFT JOIN ({RULES_IN_FORCE}) AS rule USING (source)
WHERE m.place_id = :place_id AND (m.measured_on IS NULL OR m.measured_on <= :as_of)
ORDER BY array_position(ARRAY[{_AREA_ORDER}], m.area_kind), m.area_kind, counts DESC,
  m.measured_on DESC NULLS LAST, m.source"""


def place_card(conn: Connection, place_id: int, as_of: date) -> PlaceCard:
    """The card of a place.

    Raises:
        NotFound: There is none, or the account may not see it: the same answer.
    """
    values = {"place_id": place_id, "as_of": as_of, "report": EVERY_REPORT}
    places = places_as_of(conn, as_of)
    read_from = {
        "places": places.by_id,
        "rooms": places.rooms,
        "children": children_of("own", places),
        "parts": children_of("down", places),
    }

    def rows(statement: str) -> Sequence[RowMapping]:
        return conn.execute(text(statement.format(**read_from)), values).mappings().all()

    found = rows(_PLACE)
    if not found:
        raise NotFound("place.not_found", place_id=place_id)
    place = found[0]
    return PlaceCard(
        place=place,
        attributes=_attributes(conn, place, places.rooms),
        ancestors=rows(_ANCESTORS),
        children=rows(_CHILDREN),
        floors=rows(_FLOORS),
        identifiers=rows(_IDENTIFIERS),
        titles=rows(_TITLES),
        areas=rows(_AREAS),
        relations=rows(_RELATIONS),
    )


def _attributes(conn: Connection, place: RowMapping, rooms: str) -> dict[str, Any]:
    named = {attribute.name: place[attribute.name] for attribute in OF_PLACE}
    if columns := OF_KIND.get(place["kind"]):
        listed = ", ".join(f"k.{attribute.name}" for attribute in columns)
        source = f"place.{place['kind']} AS k"
        if source == f"{ROOM_TABLE} AS k" and rooms != ROOM_TABLE:
            dated = {name: f"t.{name}" for name in OF_ROOM}
            listed = ", ".join(dated.get(one.name, f"k.{one.name}") for one in columns)
            source += f" JOIN {rooms} AS t USING (place_id)"
        row = (
            conn.execute(
                text(f"SELECT {listed} FROM {source} WHERE place_id = :place_id"),
                {"place_id": place["place_id"]},
            )
            .mappings()
            .one_or_none()
        )
        named = {**(row or {}), **named}
    return named


def count_by_layer(conn: Connection, layers: Sequence[Layer], as_of: date) -> dict[str, int]:
    """How many features of each layer the account sees, in one pass over the places."""
    counted = [layer for layer in layers if layer.place_condition]
    listed = ", ".join(
        f"count(*) FILTER (WHERE {layer.place_condition}) AS {layer.name}" for layer in counted
    )
    row = (
        conn.execute(
            text(
                f"SELECT {listed} FROM {places_as_of(conn, as_of).by_id} AS p"
                f" WHERE {_in_force('p')} AND {IS_OPEN.format('p')}"
            ),
            {"as_of": as_of},
        )
        .mappings()
        .one()
    )
    others = {
        layer.name: conn.execute(text(f"SELECT count(*) FROM map.{layer.name}")).scalar_one()
        for layer in layers
        if not layer.place_condition
    }
    return {**dict(row), **others}


def register_extent(conn: Connection) -> list[float]:
    """West, south, east, north of what the map opens on.

    The properties the account sees within the registered districts: one property with a slip in its
    coordinates must not make the map open on half the globe. Else all properties, else the
    districts.
    """
    for source in (
        "SELECT ST_Extent(p.anchor) AS e FROM place.place AS p"
        " WHERE (p.kind = 'site' OR p.kind = 'building' AND p.parent_id IS NULL)"
        f" AND p.anchor && (SELECT ST_SetSRID(ST_Extent(a.geom), {STORAGE_SRID})"
        " FROM place.admin_area AS a WHERE a.level = 'district')",
        "SELECT ST_Extent(p.anchor) AS e FROM place.place AS p"
        " WHERE p.kind = 'site' OR p.kind = 'building' AND p.parent_id IS NULL",
        "SELECT ST_Extent(a.geom) AS e FROM place.admin_area AS a WHERE a.level = 'district'",
    ):
        row = conn.execute(
            text(f"SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM ({source}) AS x")
        ).one()
        if row[0] is not None:
            return [float(value) for value in row]
    return list(_NOWHERE)


_DAYS_SHOWN: Final = 240
_DAYS: Final = f"""
SELECT day, min(day) OVER () AS first FROM (
  SELECT valid_from AS day FROM place.place UNION SELECT valid_to FROM place.place
  UNION SELECT valid_from FROM place.place_version UNION SELECT valid_to FROM place.place_version
  UNION SELECT valid_from FROM place.former_parent UNION SELECT valid_to FROM place.former_parent
  UNION SELECT measured_on FROM place.area_measure
) AS known WHERE day < :today ORDER BY day DESC LIMIT {_DAYS_SHOWN}"""


def days_of_change(conn: Connection, today: date) -> tuple[list[date], date | None]:
    """Days on which places began, changed or ended, or areas were measured: the newest, and today.

    Args:
        conn: Within a session: only what the account sees tells its days.
        today: Stands last.

    Returns:
        The days, oldest first; and the first of all there are, null where nothing has a day.
    """
    rows = conn.execute(text(_DAYS), {"today": today}).all()
    return [*reversed([row.day for row in rows]), today], rows[0].first if rows else None


def admin_areas(conn: Connection) -> list[dict[str, Any]]:
    """Areas one can ask about: code, name, level, parent, extent (null without a boundary)."""
    rows = conn.execute(
        text(
            "SELECT code, name, level, parent_code, is_indicative, ST_XMin(geom) AS west,"
            " ST_YMin(geom) AS south, ST_XMax(geom) AS east, ST_YMax(geom) AS north"
            " FROM place.admin_area WHERE geom IS NOT NULL AND level IN ('city', 'district')"
            " AND valid_to IS NULL ORDER BY level, code"
        )
    ).mappings()
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "level": row["level"],
            "parent_code": row["parent_code"],
            "is_indicative": row["is_indicative"],
            "extent": [row["west"], row["south"], row["east"], row["north"]],
        }
        for row in rows
    ]
