"""Editing a place on the map: the form's values, writing them, taking the last edit back."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from flask import Blueprint, Response, jsonify
from sqlalchemy import Connection, text

from assets.estate.actions.editing import correct_place, take_edit_back
from assets.registry import follow_taken_back
from gis.errors import InputError
from gis.layers import Attribute
from gis.organizations.search import search_bodies
from gis.places import correcting, edits
from gis.places.edits import EditedMeanwhile, Grounds, LastChange
from gis.places.keeping import protected
from gis.places.terms import Terms, read_terms
from webmap.asked import as_of_date, json_object, short_text, stated_day
from webmap.database import OPERATOR
from webmap.language import language, say
from webmap.problems import answer_of
from webmap.session import asking
from webmap.views.places import plain, shown_edit

blueprint = Blueprint("editing", __name__)
_BODIES: Final = 12


@blueprint.get("/api/places/<int:place_id>/edit")
def show_form(place_id: int) -> Response:
    """The form of a place: its fields with what may stand there, and the version they are of."""
    with asking() as conn:
        form = correcting.read_form(conn, place_id)
        terms = read_terms(conn, language())
        return jsonify(
            {
                "place_id": place_id,
                "fields": [field_shown(one, terms) for one in correcting.form_fields(form.kind)],
                **_standing(conn, form),
                "geometry": shape_of(conn, place_id),
                "protected": [row.field for row in protected(conn, place_id)],
            }
        )


@blueprint.post("/api/places/<int:place_id>/edit")
def save_form(place_id: int) -> Response:
    """Write corrected values; who comes second is answered with what stands now."""
    body = json_object()
    values = body.get("values")
    if not isinstance(values, dict):
        raise InputError("asked.not_json")
    try:
        with asking() as conn:
            changed = correct_place(
                conn,
                place_id,
                values,
                seen_version=str(body.get("version") or ""),
                grounds=grounds(body),
            )
            last = shown_edit(edits.last_edit(conn, place_id))
    except EditedMeanwhile as error:
        return answer_second(error)
    return jsonify({"place_id": place_id, "changed": len(changed), "last_edit": last})


@blueprint.delete("/api/places/<int:place_id>/edits/<int:edit_id>")
def take_back(place_id: int, edit_id: int) -> Response:
    """Take one's last edit of the place back."""
    with asking() as conn:
        left = take_edit_back(conn, place_id, edit_id)
        follow_taken_back(conn, edit_id)
    return jsonify({"place_id": place_id, "changed": len(left), "is_gone": place_id not in left})


@blueprint.get("/api/organizations")
def find_bodies() -> Response:
    """Bodies of a day by name, short form, code or pinyin initials, for fields that name one."""
    as_of, typed = as_of_date(), short_text("q") or ""
    with asking() as conn:
        found = search_bodies(conn, typed, _BODIES, as_of)
    items = [
        {
            "organization_id": one.organization_id,
            "name": one.name,
            "superior": one.superior_name,
            "code": one.code,
        }
        for one in found
    ]
    return jsonify({"items": items})


def grounds(body: Mapping[str, Any]) -> Grounds:
    """Why, on what document and from which day, as a form sends them."""
    said = {name: body.get(name) for name in ("reason", "document", "effective_on")}
    for name, value in said.items():
        if value is not None and not isinstance(value, str):
            raise InputError("asked.not_text", name=name)
    return Grounds(
        said["reason"] or "",
        said["document"] or "",
        stated_day(said["effective_on"]),
    )


def answer_second(error: EditedMeanwhile) -> Response:
    """What stands now beside the refusal, so that the second writer sees both."""
    with asking() as conn:
        current = _standing(conn, error.form)
    return answer_of(error, current={**current, **_by(error.last)})


def _by(last: LastChange) -> dict[str, Any]:
    who = say("account.operator") if last.who == OPERATOR else last.who
    return {"at": plain(last.at), "who": who, "load_id": last.load_id}


def _standing(conn: Connection, form: correcting.Form) -> dict[str, Any]:
    """The values of a form as they stand, with how people read them."""
    terms = read_terms(conn, language())
    fields = correcting.form_fields(form.kind)
    return {
        "version": form.version,
        "holds_since": plain(form.holds_since),
        "values": {one.name: _exact(form.values[one.name]) for one in fields},
        "shown": {one.name: _shown(conn, one, form.values[one.name], terms) for one in fields},
    }


def shape_of(conn: Connection, place_id: int) -> Any:
    """The shape of a place as GeoJSON; null: none of its own."""
    found = conn.execute(
        text("SELECT ST_AsGeoJSON(geom, 9) FROM place.place WHERE place_id = :id"),
        {"id": place_id},
    ).scalar_one()
    return None if found is None else json.loads(found)


def _shown(conn: Connection, field: Attribute, value: Any, terms: Terms) -> Any:
    if field.type == "body" and value is not None:
        return conn.execute(
            text("SELECT name FROM organization.organization WHERE organization_id = :id"),
            {"id": value},
        ).scalar_one_or_none()
    return terms.title(field.term_list, value) if field.term_list else _exact(value)


def _exact(value: Any) -> Any:
    """As JSON holds it, numbers to the last digit: what is sent back must be what stands."""
    return float(value) if isinstance(value, Decimal) else plain(value)


def field_shown(field: Attribute, terms: Terms) -> dict[str, Any]:
    """A field of a form: its title, what it holds, its choices."""
    return {
        "name": field.name,
        "title": say(field.title_key),
        "type": field.type,
        "unit": field.unit,
        "is_long": field.name in {"remark", "address"},
        "options": [
            {"value": term.code, "title": term.title} for term in terms.of(field.term_list).values()
        ]
        if field.term_list
        else None,
    }
