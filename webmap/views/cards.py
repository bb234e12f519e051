"""Cards of the finance system that people link to a place, take off it, or have looked for anew."""

from typing import Final

from flask import Blueprint, Response, jsonify

from assets.certificates.three_way import unplaced
from assets.estate.actions import find_places
from assets.estate.actions.linking import link_card, unlink_card
from gis.clock import today
from gis.columns import is_id
from gis.errors import Conflict, InputError
from webmap.asked import json_object
from webmap.language import say
from webmap.session import asking
from webmap.views.editing import grounds
from webmap.views.inspections import number_of

blueprint = Blueprint("cards", __name__)

_TITLES: Final = "/titles"
HERE: Final = f"{_TITLES}/cards"


@blueprint.post(f"{HERE}/search")
def search_places() -> Response:
    """Look for the places of the cards that have none, among those that the asker may write."""
    seen = json_object().get("count")
    with asking() as conn:
        if str(seen) != str(len(unplaced(conn, today()))):
            raise Conflict("cards.changed_meanwhile")
        count = find_places(conn)
    return jsonify({"said": say("cards.found", count=count), "location": _TITLES})


@blueprint.post(f"{HERE}/<int:asset_card_id>/place")
def link_one(asset_card_id: int) -> Response:
    """Say of which place a card is."""
    body = json_object()
    code = body.get("code")
    if not isinstance(code, str) or not code.strip():
        raise InputError("cards.no_code")
    with asking() as conn:
        place_id = link_card(conn, asset_card_id, code, grounds(body))
    return jsonify({"place_id": place_id, "location": _TITLES})


@blueprint.post(f"{HERE}/<int:asset_card_id>/off")
def unlink_one(asset_card_id: int) -> Response:
    """Take a card off its place."""
    body = json_object()
    place_id = number_of(str(body.get("place_id") or ""))
    if place_id is None or not is_id(place_id):
        raise InputError("ownership.bad_property")
    with asking() as conn:
        unlink_card(conn, asset_card_id, place_id, grounds(body))
    return jsonify({"location": _TITLES})
