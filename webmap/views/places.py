"""The card of a place."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, jsonify

from assets.domain import HoldingFact
from assets.registry import DOMAINS
from gis.layers import Attribute
from gis.places.attributes import OF_KIND, OF_PLACE
from gis.places.edits import LastEdit, last_edit
from gis.places.past import UNNAMED, Change, Entry, place_history
from gis.places.photos import photos_of
from gis.places.queries import PlaceCard, place_card
from gis.places.terms import Terms, read_terms
from gis.rights.actions import TOP_SECURITY_CLASS
from webmap.asked import as_of_date
from webmap.database import OPERATOR
from webmap.language import language, say
from webmap.session import asking

blueprint = Blueprint("places", __name__)


@blueprint.get("/api/places/<int:place_id>")
def show_place(place_id: int) -> Response:
    """Everything the register holds about one place that the account may see."""
    as_of = as_of_date()
    with asking() as conn:
        card = place_card(conn, place_id, as_of)
        terms = read_terms(conn, language())
        more = [
            step
            for domain in DOMAINS
            if domain.place_past
            for step in domain.place_past(conn, place_id)
        ]
        past = place_history(conn, place_id, card.place["kind"], more)
        photos = photos_of(conn, place_id)
        last = last_edit(conn, place_id) if card.place["may_write"] else None
        said = [
            (domain, domain.place_facts(conn, place_id, as_of))
            for domain in DOMAINS
            if domain.place_facts
        ]
    return jsonify(
        {
            "as_of": as_of.isoformat(),
            **_identity(card),
            **_parts(card, terms),
            "holdings": [_holding(one) for _, facts in said for one in facts.holdings],
            "facts": [
                {
                    "domain": domain.name,
                    "title": say(domain.title_key),
                    "rows": [
                        {
                            "title": say(fact.title_key),
                            "value": terms.title(fact.term_list, fact.value)
                            if fact.term_list
                            else plain(fact.value),
                            "unit": fact.unit,
                        }
                        for fact in facts.facts
                    ],
                }
                for domain, facts in said
                if facts.facts
            ],
            "photos": [_photo(one) for one in photos],
            "history": [_entry(one, terms) for one in past],
            "last_edit": shown_edit(last),
        }
    )


def shown_edit(last: LastEdit | None) -> dict[str, Any] | None:
    """The newest edit that stands, and whether who asks may take it back."""
    if last is None:
        return None
    return {
        "edit_id": last.edit_id,
        "kind_title": say(f"place.edit.kind.{last.kind}"),
        "reason": last.reason,
        "made_at": plain(last.made_at),
        "is_mine": last.is_mine,
    }


def plain(value: Any) -> Any:
    """A value as JSON holds it: numbers as numbers, dates as text."""
    if isinstance(value, Decimal):
        return round(float(value), 2)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value


def _identity(card: PlaceCard) -> dict[str, Any]:
    place = card.place
    is_stub = place["security_class"] == TOP_SECURITY_CLASS
    box = [place["west"], place["south"], place["east"], place["north"]]
    if box[0] is None and place["lon"] is not None:
        box = [place["lon"], place["lat"], place["lon"], place["lat"]]
    return {
        "place_id": place["place_id"],
        "uid": place["uid"],
        "kind": place["kind"],
        "kind_title": say(f"place.kind.{place['kind']}"),
        "code": place["code"],
        "name": say("place.stub.name")
        if is_stub
        else place["name"] or place["address"] or place["code"],
        "note": say("place.stub.note") if is_stub else None,
        "address": place["address"],
        "admin_area": _area(place["admin_area_code"], place["admin_area_name"]),
        "stated_admin_area": _area(
            place["stated_admin_area_code"], place["stated_admin_area_name"]
        ),
        "steward": None
        if place["steward_id"] is None
        else {
            "organization_id": place["steward_id"],
            "name": place["steward_name"],
            "superior": place["steward_superior"],
        },
        "security_class": place["security_class"],
        "valid_to": plain(place["valid_to"]),
        "may_write": place["may_write"] and not is_stub,
        "located_by": place["located_by"],
        "located_by_title": say(f"place.located_by.{place['located_by'] or 'nothing'}"),
        "anchor": None if place["lon"] is None else [place["lon"], place["lat"]],
        "extent": None if box[0] is None else box,
    }


def _area(code: str | None, name: str | None) -> dict[str, str | None] | None:
    return None if code is None else {"code": code, "name": name}


def _parts(card: PlaceCard, terms: Terms) -> dict[str, Any]:
    shown = (*OF_KIND.get(card.place["kind"], ()), *OF_PLACE)
    return {
        "ancestors": [
            {
                "place_id": one["place_id"],
                "kind": one["kind"],
                "kind_title": say(f"place.kind.{one['kind']}"),
                "name": one["name"],
            }
            for one in card.ancestors
        ],
        "children": [
            _children(kind, list(rows))
            for kind, rows in groupby(card.children, key=lambda row: str(row["kind"]))
        ],
        "floors": [
            {"place_id": one["place_id"], "level": one["level"], "label": one["label"]}
            for one in card.floors
        ],
        "identifiers": [
            {
                "scheme_title": terms.title("identifier_scheme", one["scheme"]),
                "value": one["value"],
                "valid_from": plain(one["valid_from"]),
                "valid_to": plain(one["valid_to"]),
            }
            for one in card.identifiers
        ],
        "titles": [_title(one, terms) for one in card.titles],
        "areas": [
            {
                "area_kind": one["area_kind"],
                "area_kind_title": say(f"place.area.{one['area_kind']}"),
                "area_m2": plain(one["area_m2"]),
                "source_title": say(f"place.area_source.{one['source']}"),
                "measured_on": plain(one["measured_on"]),
                "counts": one["counts"],
            }
            for one in card.areas
        ],
        "relations": [_relation(one) for one in card.relations],
        "attributes": [
            {
                "name": one.name,
                "title": say(one.title_key),
                "value": _value(one, card.attributes[one.name], terms),
                "unit": one.unit,
            }
            for one in shown
            if card.attributes.get(one.name) is not None
        ],
    }


def _children(kind: str, rows: Sequence[Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "kind_title": say(f"place.kind.{kind}"),
        "count": rows[0]["count"],
        "items": [
            {"place_id": row["place_id"], "name": row["name"], "code": row["code"]} for row in rows
        ],
    }


def _relation(one: Any) -> dict[str, Any]:
    return {
        "relation_title": say(f"place.relation.{one['relation']}"),
        "place_id": one["place_id"],
        "name": one["name"],
        "share": one["share"],
        "area_m2": one["area_m2"],
        "happened_on": plain(one["happened_on"]),
    }


def _title(one: Any, terms: Terms) -> dict[str, Any]:
    return {
        "number": one["number"],
        "kind_title": terms.title("title_kind", one["kind"]),
        "state_title": terms.title("title_state", one["state"]),
        "owner_name": one["owner_name"],
        "share_title": say(f"place.title_share.{one['share_kind']}"),
        "area_m2": plain(one["area_m2"]),
        "issued_on": plain(one["issued_on"]),
        "valid_from": plain(one["valid_from"]),
        "valid_to": plain(one["valid_to"]),
    }


def _value(attribute: Attribute, value: Any, terms: Terms) -> Any:
    if attribute.term_list:
        return terms.title(attribute.term_list, value)
    if attribute.type == "geometry":
        return None if value is None else say("place.history.shape")
    if value == UNNAMED and attribute.type in {"place", "body"}:
        return say("place.history.unnamed")
    return plain(value)


def _holding(one: HoldingFact) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "kind_title": say(f"estate.holding.{one.kind}"),
        "holders": [
            {"organization_id": holder.organization_id, "name": holder.name, "share": holder.share}
            for holder in one.holders
        ],
        "valid_from": plain(one.valid_from),
        "valid_to": plain(one.valid_to),
        "decision": one.decision,
        "area_m2": one.area_m2,
    }


def _photo(row: Any) -> dict[str, Any]:
    return {
        "photo_id": row["photo_id"],
        "caption": row["caption"],
        "taken_on": plain(row["taken_on"]),
        "width_px": row["width_px"],
        "height_px": row["height_px"],
        "added_at": plain(row["made_at"]),
        "added_by": say("account.operator") if row["who"] == OPERATOR else row["who"],
    }


def _entry(entry: Entry, terms: Terms) -> dict[str, Any]:
    return {
        "at": plain(entry.at),
        "who": say("account.operator") if entry.who == OPERATOR else entry.who,
        "operation_title": say(f"place.history.{entry.operation}"),
        "load_id": entry.load_id,
        "edit": entry.edit
        and {
            "kind_title": say(f"place.edit.kind.{entry.edit.kind}"),
            "reason": entry.edit.reason,
            "document": entry.edit.document,
            "effective_on": plain(entry.edit.effective_on),
        },
        "changes": [_change(one, terms) for one in entry.changes],
    }


def _change(change: Change, terms: Terms) -> dict[str, Any]:
    return {
        "title": terms.title(*change.named) if change.named else say(change.attribute.title_key),
        "old": _value(change.attribute, change.old, terms),
        "new": _value(change.attribute, change.new, terms),
    }
