"""The area that the places of a layer cover, for questions about what lies in it or near it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.crs import STORAGE_SRID
from gis.errors import InputError
from gis.filters import Filter, of_place, of_told_place, stated_filter, values_of
from gis.layers import Layer
from gis.places.then import places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN
from gis.prepared import typed

MOST_PLACES: Final = 5_000
"""Shapes that are put together in a fraction of a second; more is the city itself."""


@dataclass(frozen=True)
class AskedLayer:
    """A layer whose places make the area, and which of them."""

    layer: Layer
    chosen: Filter | None


def parse_asked_layer(within: Mapping[str, Any], layers: Sequence[Layer]) -> AskedLayer:
    """The layer of a question's `within`, with its `filter`.

    Raises:
        InputError: No layer of places has that name, or its filter cannot be understood.
    """
    found = next((one for one in layers if one.name == within["layer"] and one.arms), None)
    if found is None:
        raise InputError("question.within")
    return AskedLayer(found, stated_filter(found, within.get("filter")))


def layer_area(conn: Connection, asked: AskedLayer, as_of: date, *, takes_points: bool) -> bytes:
    """The shapes of a layer's places as one, as of a day and as the account sees them.

    Args:
        conn: Within a session.
        asked: The layer and its filter.
        as_of: The day.
        takes_points: Whether places without an outline count by their spot, as where metres are
            added around them; else only outlines do.

    Returns:
        WKB in degrees.

    Raises:
        InputError: There is no such place, or there are too many.
    """
    layer = asked.layer
    places = places_as_of(conn, as_of)
    shape = "coalesce(p.geom, p.anchor)"
    conditions = [
        f"({layer.place_condition})",
        IS_OPEN.format("p"),
        IN_FORCE.format("p"),
        f"{shape} IS NOT NULL" if takes_points else "public.ST_Dimension(p.geom) = 2",
    ]
    values: dict[str, Any] = {"as_of": as_of}
    if asked.chosen is not None:
        passing = of_place(layer, "p") if places.is_present else of_told_place(layer, "p", places)
        conditions.append(passing)
        values |= values_of(asked.chosen)
        if layer.held_sql is None:
            del values["holder"]
    count, union = conn.execute(
        text(
            typed(
                f"SELECT count(*), CASE WHEN count(*) <= {MOST_PLACES}"
                " THEN ST_AsBinary(ST_UnaryUnion(ST_Collect(shape))) END"
                f" FROM (SELECT {shape} AS shape FROM {places.by_id} AS p"
                f" WHERE {' AND '.join(conditions)} LIMIT {MOST_PLACES + 1}) AS found"
            )
        ),
        values,
    ).one()
    if count > MOST_PLACES:
        raise InputError("question.too_many_places", most=MOST_PLACES)
    if not count:
        raise InputError("question.no_places")
    return bytes(union)


def outline_of(conn: Connection, shape: bytes | None) -> dict[str, Any] | None:
    """An area as GeoJSON to be drawn, to some two metres; null where it has no shape.

    Args:
        conn: Any.
        shape: WKB in degrees.
    """
    if shape is None:
        return None
    drawn = conn.execute(
        text(
            "SELECT ST_AsGeoJSON(ST_SimplifyPreserveTopology("
            "ST_GeomFromWKB(:shape, :srid), 0.00002), 6, 0)"
        ),
        {"shape": shape, "srid": STORAGE_SRID},
    ).scalar_one()
    outline: dict[str, Any] = json.loads(drawn)
    return outline
