"""Search: places and bodies by name, code, address, number, certificate and pinyin initials."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request

from gis.organizations.search import BodyHit, search_bodies
from gis.places.search import MOST, Hit, search
from webmap.asked import whole_number
from webmap.language import say
from webmap.session import asking

blueprint = Blueprint("search", __name__)

_USUAL: Final = 12
_LONGEST: Final = 100
"""Characters of what was typed that are looked at."""
_BODIES: Final = 3
"""Bodies that stand before the places: whoever types more of a name finds the others."""


@blueprint.get("/api/search")
def find() -> Response:
    """What the account may see that matches what was typed: bodies, then places; best first."""
    typed = request.args.get("q", "")[:_LONGEST]
    limit = whole_number("limit", least=1, most=MOST, default=_USUAL) or _USUAL
    with asking() as conn:
        bodies = search_bodies(conn, typed, min(_BODIES, limit))
        places = search(conn, typed, limit)
    items = [*(_body(one) for one in bodies), *(_hit(one) for one in places)]
    return jsonify({"items": items[:limit]})


def _body(hit: BodyHit) -> dict[str, Any]:
    return {
        "type": "organization",
        "organization_id": hit.organization_id,
        "kind_title": say("organization.kind"),
        "code": hit.code,
        "name": hit.name,
        "superior_name": hit.superior_name,
        "admin_area_name": hit.admin_area_name,
        "matched": hit.matched,
        "written": hit.written,
    }


def _hit(hit: Hit) -> dict[str, Any]:
    lon, lat = hit.anchor or (None, None)
    return {
        "type": "place",
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
