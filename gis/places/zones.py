"""Zones: polygons of their own over rooms of any building. The only door for writing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from gis.crs import STORAGE_SRID
from gis.errors import InputError, NotFound
from gis.places.actions import touch
from gis.places.overlay_model import zone_member
from gis.places.vocabulary import PlaceKind


@dataclass(frozen=True)
class ZoneMember:
    """A place that a zone covers: all of it, or as much as is said."""

    place_id: int
    share: Decimal | None = None
    """Part of the place, above 0, at most 1."""
    area_m2: Decimal | None = None
    """Square metres of the place; never beside a share."""


_MAKE: Final = text(
    """
    WITH new AS (
      SELECT nextval(pg_get_serial_sequence('place.place', 'place_id')) AS place_id,
             ST_SetSRID(ST_GeomFromGeoJSON(:shape), :srid) AS geom
    ),
    made AS (
      INSERT INTO place.place (place_id, kind, code, name, geom, anchor, located_by, geom_source,
                               steward_id, admin_area_code, security_class, rights_cell, valid_from)
      SELECT new.place_id, :kind,
             coalesce(p.admin_area_code, '000000') || '-Q'
               || lpad(new.place_id::text, greatest(6, length(new.place_id::text)), '0'),
             :name, new.geom, ST_PointOnSurface(new.geom), 'own', 'drawing',
             p.steward_id, p.admin_area_code, p.security_class, p.rights_cell, :valid_from
      FROM new, place.place AS p WHERE p.place_id = :first
      RETURNING place_id, rights_cell
    )
    INSERT INTO place.zone (place_id, zone_type, rights_cell)
    SELECT place_id, :zone_type, rights_cell FROM made RETURNING place_id
    """
)


def record_zone(
    conn: Connection,
    *,
    name: str,
    shape: str,
    members: Sequence[ZoneMember],
    zone_type: str | None = None,
    valid_from: date | None = None,
) -> int:
    """Draws a zone over places. It is nobody's parent: areas and holdings stay with the places.

    Who may see and change it is who may its first member. The caller renews what is derived.

    Args:
        conn: Within a session that may write every member.
        name: What people call it.
        shape: GeoJSON of a polygon or multipolygon, CGCS2000 degrees.
        members: What it covers, at least one place.
        zone_type: Term of list `zone_type`; null: not said.
        valid_from: First day; null: since ever.

    Returns:
        The `place_id` of the zone.

    Raises:
        NotFound: A member does not exist, may not be seen, is a stub, or is itself a zone.
        InputError: No members, one twice, an impossible share or area, or no proper polygon.
    """
    _check_members(conn, members)
    _check_shape(conn, shape)
    zone_id: int = conn.execute(
        _MAKE,
        {
            "shape": shape,
            "srid": STORAGE_SRID,
            "kind": PlaceKind.ZONE.value,
            "name": name,
            "first": members[0].place_id,
            "zone_type": zone_type,
            "valid_from": valid_from,
        },
    ).scalar_one()
    rows: list[dict[str, Any]] = [
        {"zone_id": zone_id, "valid_from": valid_from, **vars(member)} for member in members
    ]
    conn.execute(insert(zone_member), rows)
    touch(conn, [zone_id])
    return zone_id


def _check_members(conn: Connection, members: Sequence[ZoneMember]) -> None:
    ids = [member.place_id for member in members]
    if not ids:
        raise InputError("zone.no_members")
    if len(set(ids)) < len(ids):
        raise InputError("zone.member_twice")
    for member in members:
        is_both = member.share is not None and member.area_m2 is not None
        is_share = member.share is None or 0 < member.share <= 1
        if is_both or not is_share or (member.area_m2 is not None and member.area_m2 <= 0):
            raise InputError("zone.share_or_area", place_id=member.place_id)
    known = set(
        conn.execute(
            text(
                "SELECT place_id FROM place.place WHERE place_id = ANY (:ids)"
                " AND kind <> :zone AND security_class < 3"
            ),
            {"ids": ids, "zone": PlaceKind.ZONE.value},
        ).scalars()
    )
    for place_id in ids:
        if place_id not in known:
            raise NotFound("place.not_found", place_id=place_id)


def _check_shape(conn: Connection, shape: str) -> None:
    is_proper = conn.execute(
        text(
            "SELECT ST_Dimension(g) = 2 AND ST_IsValid(g) AND NOT ST_IsEmpty(g)"
            " FROM (SELECT ST_GeomFromGeoJSON(:shape) AS g) AS drawn"
        ),
        {"shape": shape},
    ).scalar_one()
    if not is_proper:
        raise InputError("zone.not_a_polygon")
