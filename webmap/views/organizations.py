"""The card of a body: what the directory says of it, and which places it has."""

from typing import Any

from flask import Blueprint, Response, jsonify

from assets.estate.held import held_by
from gis.organizations.queries import BodyCard, body_card
from gis.places.terms import Terms, read_terms
from webmap.asked import as_of_date
from webmap.language import language, say
from webmap.session import asking
from webmap.views.places import plain

blueprint = Blueprint("organizations", __name__)


@blueprint.get("/api/organizations/<int:organization_id>")
def show_organization(organization_id: int) -> Response:
    """One body of the directory, with the places of it that the account may see."""
    as_of = as_of_date()
    with asking() as conn:
        card = body_card(conn, organization_id, as_of)
        held = held_by(conn, organization_id, as_of)
        terms = read_terms(conn, language())
    return jsonify(
        {
            "as_of": as_of.isoformat(),
            **_identity(card, terms),
            "headcounts": [
                {"kind": kind, "title": say(f"estate.figure.headcount_{kind}"), "people": people}
                for kind, people in held.people
            ],
            "places": [
                {
                    "place_id": one["place_id"],
                    "kind_title": say(f"place.kind.{one['kind']}"),
                    "code": one["code"],
                    "name": one["name"],
                    "holdings": [say(f"estate.holding.{kind}") for kind in one["kinds"]],
                    "lon": one["lon"],
                    "lat": one["lat"],
                }
                for one in held.places
            ],
            "place_count": held.total,
            "extent": held.extent,
        }
    )


def _identity(card: BodyCard, terms: Terms) -> dict[str, Any]:
    body = card.body
    superior = body["superior_id"] and {
        "organization_id": body["superior_id"],
        "name": body["superior_name"],
    }
    return {
        "organization_id": body["organization_id"],
        "code": body["code"],
        "credit_code": body["credit_code"],
        "name": body["name"],
        "short_name": body["short_name"],
        "category_title": terms.title("organization_category", body["category_code"]),
        "level_title": terms.title("organization_level", body["level_code"]),
        "admin_area_name": body["admin_area_name"],
        "valid_from": plain(body["valid_from"]),
        "valid_to": plain(body["valid_to"]),
        "superior": superior or None,
        "other_names": [
            {
                "name": one["name"],
                "kind_title": say(f"organization.name.{one['kind']}"),
                "valid_to": plain(one["valid_to"]),
            }
            for one in card.names
            if one["name"] != body["name"]
        ],
        "below": [dict(one) for one in card.below],
    }
