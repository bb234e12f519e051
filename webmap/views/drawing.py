"""Drawing on the map: another shape for a place, a new place, what to snap to."""

import json
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request

from assets.estate.actions.editing import create_place, redraw_place
from gis.columns import is_id
from gis.errors import InputError
from gis.i18n import translate
from gis.places import correcting, creating, edits
from gis.places.creating import NewPlace
from gis.places.edits import EditedMeanwhile
from gis.places.shaping import POINTS_ONLY, Unconfirmed, shapes_within
from gis.places.terms import read_terms
from webmap.asked import json_object, whole_number
from webmap.language import language, say
from webmap.problems import answer_of
from webmap.session import asking
from webmap.views.editing import answer_second, field_shown, grounds
from webmap.views.places import shown_edit

blueprint = Blueprint("drawing", __name__)
_MOST_SHAPES: Final = 800


@blueprint.post("/api/places/<int:place_id>/shape")
def redraw(place_id: int) -> Response:
    """Give the place another shape; what is odd about it is asked first."""
    body = json_object()
    try:
        with asking() as conn:
            changed = redraw_place(
                conn,
                place_id,
                body.get("geometry"),
                seen_version=str(body.get("version") or ""),
                grounds=grounds(body),
                moves_parts=body.get("moves_parts") is True,
                confirmed=confirmed(body),
            )
            last = edits.last_edit(conn, place_id)
    except EditedMeanwhile as error:
        return answer_second(error)
    except Unconfirmed as error:
        return answer_doubts(error)
    return jsonify({"place_id": place_id, "changed": len(changed), "last_edit": shown_edit(last)})


@blueprint.get("/api/places/new")
def show_new_form() -> Response:
    """Which kinds can be made under a place, or under none, each with its fields."""
    parent_id = whole_number("parent_id", least=1)
    with asking() as conn:
        kinds = creating.kinds_under(conn, parent_id)
        terms = read_terms(conn, language())
    return jsonify(
        {
            "parent_id": parent_id,
            "kinds": [
                {
                    "kind": kind,
                    "title": say(f"place.kind.{kind}"),
                    "is_point": kind in POINTS_ONLY,
                    "fields": [field_shown(one, terms) for one in correcting.form_fields(kind)],
                }
                for kind in kinds
            ],
        }
    )


@blueprint.post("/api/places")
def make_place() -> Response:
    """Make a place under a parent or, a site or building, under none."""
    body = json_object()
    kind, parent_id, values = body.get("kind"), body.get("parent_id"), body.get("values")
    if not isinstance(kind, str) or not isinstance(values, dict):
        raise InputError("asked.not_json")
    if parent_id is not None and not is_id(parent_id):
        raise InputError("asked.not_a_number", name="parent_id", value=str(parent_id)[:40])
    new = NewPlace(kind, parent_id, values, body.get("geometry"))
    try:
        with asking() as conn:
            place_id = create_place(conn, new, grounds(body), confirmed=confirmed(body))
    except Unconfirmed as error:
        return answer_doubts(error)
    return jsonify({"place_id": place_id})


@blueprint.get("/api/shapes")
def list_shapes() -> Response:
    """Shapes in view, to snap to."""
    try:
        west, south, east, north = (float(part) for part in request.args["box"].split(","))
    except (KeyError, ValueError) as error:
        raise InputError("question.position") from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InputError("question.position")
    with asking() as conn:
        found = shapes_within(conn, (west, south, east, north), most=_MOST_SHAPES)
    return jsonify(
        {
            "items": [
                {
                    "place_id": one.place_id,
                    "kind": one.kind,
                    "floor_level": one.floor_level,
                    "geometry": json.loads(one.geometry),
                }
                for one in found
            ]
        }
    )


def confirmed(body: Mapping[str, Any]) -> list[str]:
    """Names of doubts that the person said yes to."""
    stated = body.get("confirmed")
    return [str(one) for one in stated] if isinstance(stated, list) else []


def answer_doubts(error: Unconfirmed) -> Response:
    """What must be said yes to, beside the refusal."""
    doubts = [
        {"name": one.name, "text": translate(language(), one.phrase.key, **one.phrase.params)}
        for one in error.doubts
    ]
    return answer_of(error, doubts=doubts)
