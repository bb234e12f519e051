"""Splitting a place and merging several."""

from collections.abc import Mapping

from flask import Blueprint, Response, jsonify

from assets.estate.actions.dividing import merge_places, split_place
from gis.columns import is_id
from gis.errors import InputError
from gis.places import dividing, edits
from gis.places.dividing import Part
from gis.places.edits import EditedMeanwhile
from gis.places.shaping import Unconfirmed
from webmap.asked import amount, json_object
from webmap.language import say
from webmap.session import asking
from webmap.views.drawing import answer_doubts, confirmed
from webmap.views.editing import answer_second, grounds
from webmap.views.places import plain

blueprint = Blueprint("dividing", __name__)


@blueprint.get("/api/places/<int:place_id>/divide")
def show_divisible(place_id: int) -> Response:
    """Which area is divided of a place, what in it goes where, with what it may be merged."""
    with asking() as conn:
        edits.may_open(conn, place_id)
        found = dividing.divisible(conn, place_id)
        parts = dividing.parts_to_go(conn, place_id, None)
    return jsonify(
        {
            "area_kind": found.area_kind,
            "area_kind_title": found.area_kind and say(f"place.area.{found.area_kind}"),
            "area_m2": plain(found.area_m2),
            "is_shaped": found.is_shaped,
            "siblings": found.siblings,
            "parts": [
                {
                    "place_id": one.place_id,
                    "kind_title": say(f"place.kind.{one.kind}"),
                    "code": one.code,
                    "name": one.name,
                    "is_located": one.is_located,
                }
                for one in parts
            ],
        }
    )


@blueprint.post("/api/places/<int:place_id>/split")
def split(place_id: int) -> Response:
    """End a place and put several in its place."""
    body = json_object()
    parts = body.get("parts")
    if not isinstance(parts, list):
        raise InputError("place.divide.how_many", most=dividing.MOST_PARTS)
    try:
        with asking() as conn:
            made = split_place(
                conn,
                place_id,
                [_part(one) for one in parts],
                line=body.get("line"),
                seen_version=str(body.get("version") or ""),
                grounds=grounds(body),
                confirmed=confirmed(body),
            )
    except EditedMeanwhile as error:
        return answer_second(error)
    except Unconfirmed as error:
        return answer_doubts(error)
    return jsonify({"place_id": place_id, "made": made})


@blueprint.post("/api/places/<int:place_id>/merge")
def merge(place_id: int) -> Response:
    """End a place and others like it and put one in their place."""
    body = json_object()
    others, values = body.get("others"), body.get("values") or {}
    if not isinstance(others, list) or not isinstance(values, dict):
        raise InputError("place.divide.how_many", most=dividing.MOST_PARTS)
    if not all(is_id(one) for one in others):
        raise InputError("place.divide.how_many", most=dividing.MOST_PARTS)
    try:
        with asking() as conn:
            made = merge_places(
                conn,
                [place_id, *others],
                values,
                seen_version=str(body.get("version") or ""),
                grounds=grounds(body),
            )
    except EditedMeanwhile as error:
        return answer_second(error)
    return jsonify({"place_id": place_id, "made": [made]})


def _part(stated: object) -> Part:
    values = stated.get("values") if isinstance(stated, Mapping) else None
    if not isinstance(stated, Mapping) or not isinstance(values, dict):
        raise InputError("asked.not_json")
    takes = stated.get("takes") or []
    if not isinstance(takes, list) or not all(is_id(one) for one in takes):
        raise InputError("place.divide.taken_wrongly")
    area_m2 = amount(stated.get("area_m2"), "place.divide.area_impossible", digits=2)
    return Part(values, area_m2, takes)
