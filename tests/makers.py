"""Row makers: the least a test needs to say, through SQL as the owner."""

from typing import Any

from sqlalchemy import Connection, insert, text

from gis.organizations.model import organization
from gis.places import model, reference_model
from gis.places.model import place


def make_area(conn: Connection, code: str, *, parent_code: str | None = None, **more: Any) -> str:
    """An administrative area."""
    values = {"name": f"{code}区", "level": "district", **more}
    conn.execute(
        insert(reference_model.admin_area).values(code=code, parent_code=parent_code, **values)
    )
    return code


def make_organization(conn: Connection, code: str, **more: Any) -> int:
    """An organization; its name is its code unless said otherwise."""
    made: int = conn.execute(
        insert(organization)
        .values(code=code, **{"name": code, **more})
        .returning(organization.c.organization_id)
    ).scalar_one()
    return made


def make_place(
    conn: Connection,
    code: str,
    kind: str = "site",
    *,
    wkt: str | None = None,
    anchor: tuple[float, float] | None = None,
    parent: tuple[int, str] | None = None,
    areas: dict[str, float] | None = None,
    **more: Any,
) -> int:
    """A place with its cell, geometry (its anchor on its surface) and declared areas.

    Args:
        conn: As the owner.
        code: Its code; its name too, unless said otherwise.
        kind: Its kind.
        wkt: Geometry in degrees.
        anchor: Longitude and latitude of a place without geometry.
        parent: `(place_id, kind)` of what it hangs in.
        areas: Square metres by area kind, as declared.
        more: Other columns of place.place.
    """
    located: dict[str, Any] = {}
    if wkt:
        located = {
            "geom": text("ST_GeomFromText(:wkt, 4490)").bindparams(wkt=wkt),
            "anchor": text("ST_PointOnSurface(ST_GeomFromText(:wkt2, 4490))").bindparams(wkt2=wkt),
            "located_by": "own",
        }
    elif anchor:
        located = {
            "anchor": text("ST_Point(:x, :y, 4490)").bindparams(x=anchor[0], y=anchor[1]),
            "located_by": "coordinates",
        }
    cell = conn.execute(
        text("SELECT rights.cell_for(:steward, :area, CAST(:class AS smallint))"),
        {
            "steward": more.get("steward_id"),
            "area": more.get("admin_area_code"),
            "class": more.get("security_class", 0),
        },
    ).scalar_one()
    place_id: int = conn.execute(
        insert(place)
        .values(
            code=code,
            kind=kind,
            rights_cell=cell,
            parent_id=parent[0] if parent else None,
            parent_kind=parent[1] if parent else None,
            **{"name": code, **located, **more},
        )
        .returning(place.c.place_id)
    ).scalar_one()
    for area_kind, area_m2 in (areas or {}).items():
        conn.execute(
            insert(model.area_measure).values(
                place_id=place_id,
                area_kind=area_kind,
                area_m2=area_m2,
                source="declared",
                rights_cell=cell,
            )
        )
    return place_id
