"""Moving a place into another one."""

from flask import Blueprint, Response, jsonify

from assets.estate.actions.editing import move_place
from gis.columns import is_id
from gis.errors import InputError
from gis.places import edits
from gis.places.creating import TOP_KINDS
from gis.places.edits import EditedMeanwhile
from gis.places.moving import parents_for
from gis.places.shaping import Unconfirmed
from webmap.asked import json_object, short_text
from webmap.language import say
from webmap.session import asking
from webmap.views.drawing import answer_doubts, confirmed
from webmap.views.editing import answer_second, grounds
from webmap.views.places import shown_edit

blueprint = Blueprint("moving", __name__)


@blueprint.get("/api/places/<int:place_id>/parents")
def list_parents(place_id: int) -> Response:
    """What a place could hang in instead: near, or by words; and whether it may stand alone."""
    words = (short_text("q") or "").replace("\0", "")
    with asking() as conn:
        edits.may_open(conn, place_id)
        place = edits.standing(conn, place_id)
        found = parents_for(conn, place_id, words)
    return jsonify(
        {
            "may_stand_alone": place.kind in TOP_KINDS and place.parent_id is not None,
            "items": [
                {
                    "place_id": one.place_id,
                    "kind_title": say(f"place.kind.{one.kind}"),
                    "code": one.code,
                    "name": one.name,
                    "above": one.above,
                }
                for one in found
            ],
        }
    )


@blueprint.post("/api/places/<int:place_id>/move")
def move(place_id: int) -> Response:
    """Hang a place, with all in it, in another one; or in nothing."""
    body = json_object()
    parent_id = body.get("parent_id")
    if "parent_id" not in body or (parent_id is not None and not is_id(parent_id)):
        raise InputError("place.move.where")
    try:
        with asking() as conn:
            changed = move_place(
                conn,
                place_id,
                parent_id,
                seen_version=str(body.get("version") or ""),
                grounds=grounds(body),
                confirmed=confirmed(body),
            )
            last = shown_edit(edits.last_edit(conn, place_id))
    except EditedMeanwhile as error:
        return answer_second(error)
    except Unconfirmed as error:
        return answer_doubts(error)
    return jsonify({"place_id": place_id, "changed": len(changed), "last_edit": last})
