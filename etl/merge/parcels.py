"""Which parcels a site stands on: told by their shapes, since no ledger says it reliably."""

from typing import Final

from sqlalchemy import Connection, text

_LEAST_SHARE: Final = 0.5
"""Of the smaller of the two. Surveys of one boundary differ by metres, neighbours touch by less."""

_LINK: Final = text(
    """
    INSERT INTO place.site_parcel (site_id, parcel_id)
    SELECT site.place_id, parcel.place_id
    FROM pg_temp.target AS t
    JOIN place.place AS one USING (place_id)
    JOIN place.place AS site ON site.kind = 'site' AND site.geom && one.geom
    JOIN place.place AS parcel ON parcel.kind = 'parcel' AND parcel.geom && one.geom
    WHERE one.place_id IN (site.place_id, parcel.place_id)
      AND site.geom && parcel.geom AND ST_Intersects(site.geom, parcel.geom)
      AND ST_Area(ST_Intersection(site.geom, parcel.geom))
          >= :least * least(ST_Area(site.geom), ST_Area(parcel.geom))
    ON CONFLICT DO NOTHING
    """
)


def link_parcels(conn: Connection) -> None:
    """Links the sites or parcels of the sheet with what they lie on, or what lies on them."""
    conn.execute(_LINK, {"least": _LEAST_SHARE})
