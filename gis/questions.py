"""Questions about an area: which places lie in it, as of a day, under row security.

A place counts where its anchor lies, once. So that an anchor on a shared edge counts in exactly one
of two neighbours, every asked polygon is moved by the same tiny vector before it is compared: the
edge then passes beside the anchor, on the same side for both.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.asked import ASKED_COLUMNS, sample_asked
from gis.columns import is_id
from gis.crs import STORAGE_SRID, gauss_krueger_srid
from gis.db import run_script
from gis.errors import InputError, NotFound
from gis.layer_area import AskedLayer, layer_area, parse_asked_layer
from gis.layers import Layer
from gis.places.then import PRESENT, Places, places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN

MAX_POINTS: Final = 20_000
"""Corners of a drawn or pasted polygon."""
MAX_BUFFER_M: Final = 50_000
MAX_RADIUS_M: Final = 200_000
_WIDEST: Final = 90.0
"""Degrees across; an edge half round the globe has no area on it."""
_WIDEST_BUFFERED: Final = 20.0
"""A plane of metres holds for a few degrees; far from its middle it has no coordinates."""
SHIFT: Final = (1.1180339887e-9, 0.7320508076e-9)
"""Degrees, about 0.1 mm; the components have no common measure, so no drawn edge runs along it."""
_WAYS: Final = ("geometry", "place_id", "admin_area", "point", "layer")


@dataclass(frozen=True)
class Question:
    """What is asked: an area, and as of when. All ways null: the whole register."""

    as_of: date
    geometry: str | None = None
    """GeoJSON text of a polygon or multipolygon in degrees."""
    place_id: int | None = None
    admin_area: str | None = None
    point: tuple[float, float] | None = None
    radius_m: float | None = None
    buffer_m: float = 0.0
    is_inverted: bool = False
    layer: AskedLayer | None = None
    """A layer whose places' shapes together are the area."""
    is_touching: bool = False
    """Whether a place is in the area that its outline only touches, not its anchor."""


@dataclass(frozen=True)
class AskedArea:
    """The area a question means."""

    title_key: str
    title_params: Mapping[str, Any]
    area_m2: float | None
    shape: bytes | None
    """WKB, already moved; null: everywhere, or by codes."""
    codes: tuple[str, ...] | None = None
    """Districts without a boundary are asked by code."""


@dataclass(frozen=True)
class Asked:
    """What stands in `pg_temp.asked_place`."""

    as_of: date
    is_everything: bool
    """Whether every located place the account sees is in it: some answers are found quicker so."""
    places: Places = PRESENT
    """Where its places are read with what held of them on the day."""
    is_summed: bool = False
    """Whether the squares of `pg_temp.asked_square` count too, by kept sums (`gis.summed`)."""


def parse_question(body: Mapping[str, Any], as_of: date, layers: Sequence[Layer] = ()) -> Question:
    """The question of a request body.

    Args:
        body: As JSON.
        as_of: The day.
        layers: Those whose places may be named as the area.

    Raises:
        InputError: It cannot be understood; says which part.
    """
    within = body.get("within") or {}
    if not isinstance(within, Mapping):
        raise InputError("question.within")
    given = [way for way in _WAYS if within.get(way) is not None]
    if len(given) > 1 or set(within) - {*_WAYS, "radius_m", "filter"}:
        raise InputError("question.within")
    values: dict[str, Any] = {}
    match given:
        case ["geometry"]:
            values["geometry"] = drawn_polygon(within["geometry"])
        case ["place_id"]:
            place_id = within["place_id"]
            if not is_id(place_id):
                raise InputError("question.within")
            values["place_id"] = place_id
        case ["admin_area"]:
            values["admin_area"] = str(within["admin_area"])[:40].replace("\0", "")
        case ["point"]:
            values["point"] = drawn_point(within["point"])
            values["radius_m"] = _metres(within.get("radius_m"), "radius_m", MAX_RADIUS_M, least=1)
        case ["layer"]:
            values["layer"] = parse_asked_layer(within, layers)
    return Question(
        as_of=as_of,
        is_touching=bool(body.get("touching")),
        buffer_m=_metres(body.get("buffer_m") or 0, "buffer_m", MAX_BUFFER_M, least=0),
        is_inverted=bool(body.get("invert")),
        **values,
    )


def _metres(stated: object, name: str, most: int, *, least: int) -> float:
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        raise InputError("question.metres", name=name, least=least, most=most)
    if not least <= stated <= most:  # not-a-number compares false
        raise InputError("question.metres", name=name, least=least, most=most)
    return float(stated)


def drawn_point(stated: object) -> tuple[float, float]:
    """A position of GeoJSON: longitude and latitude.

    Raises:
        InputError: It is none.
    """
    if not isinstance(stated, list | tuple) or not 2 <= len(stated) <= 3:
        raise InputError("question.position")
    lon, lat = stated[0], stated[1]
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in (lon, lat)):
        raise InputError("question.position")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InputError("question.position")
    return float(lon), float(lat)


def drawn_polygon(stated: object) -> str:
    """A polygon of GeoJSON as the text of a multipolygon, its corners looked at one by one.

    Raises:
        InputError: It is none, or an open or too long one.
    """
    if not isinstance(stated, Mapping):
        raise InputError("question.geometry")
    coordinates: Any = stated.get("coordinates")
    polygons: Any
    if stated.get("type") == "Polygon":
        polygons = [coordinates]
    elif stated.get("type") == "MultiPolygon":
        polygons = coordinates
    else:
        raise InputError("question.geometry")
    if not isinstance(polygons, list) or not polygons:
        raise InputError("question.geometry")
    rings = [ring for polygon in polygons for ring in _rings(polygon)]
    found = sum(len(ring) for ring in rings)
    if found > MAX_POINTS:
        raise InputError("question.too_many_points", found=found, most=MAX_POINTS)
    cleaned = iter([[drawn_point(position) for position in ring] for ring in rings])
    shape = [[next(cleaned) for _ in polygon] for polygon in polygons]
    if any(ring[0] != ring[-1] for polygon in shape for ring in polygon):
        raise InputError("question.open_ring")
    return json.dumps({"type": "MultiPolygon", "coordinates": shape})


def _rings(polygon: object) -> list[list[Any]]:
    if not isinstance(polygon, list) or not polygon:
        raise InputError("question.geometry")
    if not all(isinstance(ring, list) and len(ring) >= 4 for ring in polygon):
        raise InputError("question.geometry")
    return polygon


def asked_area(conn: Connection, question: Question) -> AskedArea:
    """The area of a question, as the asking account may know it.

    Raises:
        InputError: The polygon crosses itself, or the place has no shape.
        NotFound: No such place or district.
    """
    source, title_key, params = _source(conn, question)
    if source is None:
        codes = tuple(params.pop("codes", ())) or None
        return AskedArea(title_key, _titled(question, params), None, None, codes)
    shape, longitude = valid_shape(conn, source)
    metres = question.buffer_m + (question.radius_m or 0.0)
    _refuse_too_wide(conn, shape, _WIDEST_BUFFERED if metres else _WIDEST)
    if metres:
        shape = conn.execute(
            text(
                "SELECT ST_AsBinary(ST_Transform(ST_Buffer(ST_Transform("
                "ST_GeomFromWKB(:shape, :srid), :metric), :metres, 64), :srid))"
            ),
            {
                "shape": shape,
                "srid": STORAGE_SRID,
                "metric": _metric_srid(longitude),
                "metres": metres,
            },
        ).scalar_one()
    area_m2, is_polygon, moved = conn.execute(
        text(
            "SELECT ST_Area(g::geography), ST_Dimension(g) = 2,"
            " ST_AsBinary(ST_Translate(g, :dx, :dy))"
            " FROM (SELECT ST_GeomFromWKB(:shape, :srid) AS g) AS asked"
        ),
        {"shape": shape, "srid": STORAGE_SRID, "dx": SHIFT[0], "dy": SHIFT[1]},
    ).one()
    if not is_polygon:
        raise InputError("question.no_shape")
    return AskedArea(title_key, _titled(question, params), float(area_m2), bytes(moved))


def _titled(question: Question, params: dict[str, Any]) -> dict[str, Any]:
    return {
        **params,
        "buffer_m": f"{question.buffer_m:g}" if question.buffer_m else None,
        "is_inverted": question.is_inverted,
    }


def _refuse_too_wide(conn: Connection, shape: bytes, most: float) -> None:
    is_too_wide = conn.execute(
        text(
            "SELECT greatest(ST_XMax(g) - ST_XMin(g), ST_YMax(g) - ST_YMin(g)) > :most"
            " FROM (SELECT ST_GeomFromWKB(:shape, :srid) AS g) AS asked"
        ),
        {"shape": shape, "srid": STORAGE_SRID, "most": most},
    ).scalar_one()
    if is_too_wide:
        raise InputError("question.too_wide", most=f"{most:g}")


def _metric_srid(longitude: float) -> int:
    try:
        return gauss_krueger_srid(longitude)
    except ValueError as error:
        raise InputError("question.no_metric_zone", longitude=round(longitude, 2)) from error


def _source(conn: Connection, question: Question) -> tuple[bytes | None, str, dict[str, Any]]:
    """WKB of what was named, before buffering; the key and parameters of its title."""
    if question.geometry is not None:
        shape = conn.execute(
            text("SELECT ST_AsBinary(ST_SetSRID(ST_GeomFromGeoJSON(:shape), :srid))"),
            {"shape": question.geometry, "srid": STORAGE_SRID},
        ).scalar_one()
        return bytes(shape), "question.title.drawn", {}
    if question.point is not None:
        lon, lat = question.point
        shape = conn.execute(
            text("SELECT ST_AsBinary(ST_Point(:lon, :lat))"), {"lon": lon, "lat": lat}
        ).scalar_one()
        return bytes(shape), "question.title.radius", {"radius_m": f"{question.radius_m:g}"}
    if question.place_id is not None:
        places = places_as_of(conn, question.as_of)
        row = conn.execute(
            text(
                "SELECT ST_AsBinary(coalesce(p.geom, p.anchor)),"
                f" coalesce(p.name, p.address, p.code) FROM {places.by_id} AS p"
                " WHERE p.place_id = :place_id"
            ),
            {"place_id": question.place_id},
        ).one_or_none()
        if row is None:
            raise NotFound("place.not_found", place_id=question.place_id)
        if row[0] is None:
            raise InputError("question.no_shape")
        return bytes(row[0]), "question.title.place", {"name": row[1]}
    if question.layer is not None:
        takes_points = question.buffer_m > 0
        shape = layer_area(conn, question.layer, question.as_of, takes_points=takes_points)
        return shape, "question.title.layer", {"layer_key": question.layer.layer.title_key}
    if question.admin_area is not None:
        return _admin_area(conn, question.admin_area)
    return None, "question.title.everything", {}


def _admin_area(conn: Connection, code: str) -> tuple[bytes | None, str, dict[str, Any]]:
    """The boundary of an area, else of its parts together, else the codes it covers."""
    rows = conn.execute(
        text(
            "WITH RECURSIVE down AS ("
            " SELECT code, name, geom, 0 AS step FROM place.admin_area WHERE code = :code"
            " UNION ALL SELECT a.code, a.name, a.geom, down.step + 1 FROM down"
            " JOIN place.admin_area AS a ON a.parent_code = down.code"
            " WHERE down.geom IS NULL AND down.step < 5)"
            " SELECT code, name, step, ST_AsBinary(geom) AS shape FROM down ORDER BY step, code"
        ),
        {"code": code},
    ).all()
    if not rows:
        raise NotFound("question.no_such_area", code=code)
    params: dict[str, Any] = {"name": rows[0].name}
    shapes = [bytes(row.shape) for row in rows if row.shape is not None]
    if not shapes:
        codes = [row.code for row in rows]
        return None, "question.title.place", {**params, "codes": codes}
    if len(shapes) == 1:
        return shapes[0], "question.title.place", params
    shape = conn.execute(
        text(
            "SELECT ST_AsBinary(ST_Union(ST_GeomFromWKB(part, :srid)))"
            " FROM unnest(CAST(:shapes AS bytea[])) AS part"
        ),
        {"shapes": shapes, "srid": STORAGE_SRID},
    ).scalar_one()
    return bytes(shape), "question.title.place", params


def valid_shape(conn: Connection, shape: bytes) -> tuple[bytes, float]:
    """The shape and the longitude of its middle.

    Raises:
        InputError: It crosses itself or encloses nothing.
    """
    is_valid, at_longitude, at_latitude, longitude = conn.execute(
        text(
            "SELECT ST_IsValid(g) AND (ST_Dimension(g) < 2 OR ST_Area(g) > 0),"
            " ST_X(spot), ST_Y(spot), (ST_XMin(g) + ST_XMax(g)) / 2"
            " FROM (SELECT ST_GeomFromWKB(:shape, :srid) AS g) AS asked,"
            " LATERAL (SELECT coalesce(location(ST_IsValidDetail(g)),"
            " ST_GeometryN(ST_Points(g), 1)) AS spot) AS wrong"
        ),
        {"shape": shape, "srid": STORAGE_SRID},
    ).one()
    if not is_valid:
        # The database's own reason is English; where it is wrong is what helps.
        raise InputError(
            "question.not_valid", longitude=f"{at_longitude:.6f}", latitude=f"{at_latitude:.6f}"
        )
    return shape, float(longitude)


def collect_places(conn: Connection, question: Question, area: AskedArea) -> Asked:
    """Fills `pg_temp.asked_place`, until the transaction ends, with the places of the answer.

    Columns: `place_id`, `kind`, `is_property`, `admin_area_code`, `use_status`,
    `has_address`, `has_shape`. Only places in being on the day, with a known location.
    """
    values: dict[str, Any] = {"as_of": question.as_of}
    condition = "true"
    if area.codes is not None:
        condition = "p.admin_area_code = ANY(:codes)"
        values["codes"] = list(area.codes)
    elif area.shape is not None:
        values |= {"shape": area.shape, "srid": STORAGE_SRID}
        asked = "ST_GeomFromWKB(:shape, :srid)"
        spot = "coalesce(p.geom, p.anchor)" if question.is_touching else "p.anchor"
        near = (
            f"(p.geom && {asked} OR p.anchor && {asked})"
            if question.is_touching
            else (f"p.anchor && {asked}")
        )
        condition = f"{near} AND ST_Intersects({asked}, {spot})"
    if question.is_inverted:
        condition = f"({condition}) IS NOT TRUE"
    is_everything = not question.is_inverted and area.shape is None and area.codes is None
    located = f"p.anchor IS NOT NULL AND {condition}"
    places = _fill(conn, located, values, is_sampled=not is_everything)
    return Asked(question.as_of, is_everything, places)


def collect_register(conn: Connection, as_of: date, *, area_code: str | None = None) -> Asked:
    """As `collect_places`, with every place of the register, wherever it may lie.

    Args:
        conn: Within a session.
        as_of: The day.
        area_code: Only places that belong to this district, by code.
    """
    values: dict[str, Any] = {"as_of": as_of}
    condition = IS_OPEN.format("p")
    if area_code is not None:
        condition += " AND p.admin_area_code = :area_code"
        values["area_code"] = area_code
    places = _fill(conn, condition, values, is_sampled=True)
    return Asked(as_of, is_everything=False, places=places)


def _fill(
    conn: Connection, condition: str, values: Mapping[str, Any], *, is_sampled: bool
) -> Places:
    run_script(conn, "DROP TABLE IF EXISTS pg_temp.asked_place")
    places = places_as_of(conn, values["as_of"])
    conn.execute(
        text(
            "CREATE TEMP TABLE asked_place ON COMMIT DROP AS"
            f" SELECT {ASKED_COLUMNS} FROM {places.by_spot} AS p"
            f" WHERE {condition} AND {IN_FORCE.format('p')}"
        ),
        values,
    )
    if is_sampled:  # everything there is, is known without, and best read in one go
        sample_asked(conn)
    return places
