"""Areas of a place by form: which are stated, adding one, correcting one."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from assets.estate.actions.editing import state_area
from gis.errors import InputError
from gis.places import edits
from gis.places.measuring import STATED_SOURCES, Measure, own_areas
from gis.places.vocabulary import AreaKind
from webmap.asked import amount, json_object, stated_day
from webmap.language import say
from webmap.session import asking
from webmap.views.editing import grounds
from webmap.views.places import plain, shown_edit

blueprint = Blueprint("measuring", __name__)


@blueprint.get("/api/places/<int:place_id>/areas")
def list_areas(place_id: int) -> Response:
    """Areas that are stated of the place itself, and what may be chosen."""
    with asking() as conn:
        edits.may_open(conn, place_id)
        found = own_areas(conn, place_id)
    return jsonify(
        {
            "kinds": [
                {"value": one.value, "title": say(f"place.area.{one.value}")} for one in AreaKind
            ],
            "sources": [
                {"value": one.value, "title": say(f"place.area_source.{one.value}")}
                for one in STATED_SOURCES
            ],
            "items": [
                {
                    "area_id": one.area_measure_id,
                    "area_kind": one.area_kind,
                    "area_kind_title": say(f"place.area.{one.area_kind}"),
                    "area_m2": plain(one.area_m2),
                    "source": one.source,
                    "source_title": say(f"place.area_source.{one.source}"),
                    "measured_on": plain(one.measured_on),
                    "version": one.version,
                }
                for one in found
            ],
        }
    )


@blueprint.post("/api/places/<int:place_id>/areas")
def add_area(place_id: int) -> Response:
    """Write an area of a place down."""
    return _save(place_id, None)


@blueprint.post("/api/places/<int:place_id>/areas/<int:area_id>")
def correct_area(place_id: int, area_id: int) -> Response:
    """Correct an area that is stated wrongly."""
    return _save(place_id, area_id)


def _save(place_id: int, area_id: int | None) -> Response:
    body = json_object()
    measure = _measure(body)
    with asking() as conn:
        state_area(
            conn,
            place_id,
            measure,
            measure_id=area_id,
            seen_version=str(body.get("version") or ""),
            grounds=grounds(body),
        )
        last = shown_edit(edits.last_edit(conn, place_id))
    return jsonify({"place_id": place_id, "last_edit": last})


def _measure(body: Mapping[str, Any]) -> Measure:
    """An area as the form sends it.

    Raises:
        InputError: Some part of it cannot be read.
    """
    kind, source = body.get("area_kind"), body.get("source")
    if kind not in list(AreaKind):
        raise InputError("place.area.no_such_kind", value=str(kind)[:40])
    if source not in list(STATED_SOURCES):
        raise InputError("place.area.no_such_source", value=str(source)[:40])
    area_m2 = amount(body.get("area_m2"), "place.divide.area_impossible", digits=2)
    if area_m2 is None:
        raise InputError("place.area.missing")
    sources = {one.value: one for one in STATED_SOURCES}
    return Measure(
        AreaKind(kind), area_m2, sources[str(source)], stated_day(body.get("measured_on"))
    )
