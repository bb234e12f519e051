"""Search by name, code, address, number and pinyin initials."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request

from gis.places.search import MOST, Hit, search
from webmap.asked import whole_number
from webmap.language import say
from webmap.session import asking

blueprint = Blueprint("search", __name__)

_USUAL: Final = 12
_LONGEST: Final = 100
"""Characters of what was typed that are looked at."""


@blueprint.get("/api/search")
def find_places() -> Response:
    """Places the account may see that match what was typed, best first."""
    typed = request.args.get("q", "").replace("\0", "")[:_LONGEST]
    limit = whole_number("limit", least=1, most=MOST, default=_USUAL) or _USUAL
    with asking() as conn:
        return jsonify({"items": [_hit(one) for one in search(conn, typed, limit)]})


def _hit(hit: Hit) -> dict[str, Any]:
    lon, lat = hit.anchor or (None, None)
    return {
        "place_id": hit.place_id,
        "kind": hit.kind,
        "kind_title": say(f"place.kind.{hit.kind}"),
        "code": hit.code,
        "name": hit.name or hit.address or hit.code,
        "address": hit.address,
        "admin_area_name": hit.admin_area_name,
        "lon": lon,
        "lat": lat,
        "extent": hit.extent,
        "matched": hit.matched,
    }
