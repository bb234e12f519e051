"""What is put on record of the ownership of properties (权属备案): a case each."""

from typing import Final

from flask import Blueprint, Response, jsonify, render_template

from assets.certificates.actions.recording import open_record, save_record
from assets.certificates.model import Cause, RecordState
from assets.certificates.ownership import find_record, is_titled, titles_today
from assets.certificates.workflows import OWNERSHIP
from assets.services.attachments import attachments_of
from assets.services.cases import find_case, take
from assets.services.steps import choices_of, steps_taken
from gis.columns import is_id
from gis.errors import InputError
from gis.places.terms import read_terms
from webmap.asked import json_object
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.campaigns import seen_version
from webmap.views.inspections import number_of

blueprint = Blueprint("ownership", __name__)

HERE: Final = "/titles/records"
_ONE: Final = f"{HERE}/<int:ownership_record_id>"
_CHANGED: Final = (RecordState.OPEN, RecordState.RETURNED)


@blueprint.get(_ONE)
def show_record(ownership_record_id: int) -> str:
    """Where it stands, what the reader may do, what was done."""
    with asking() as conn:
        one = find_record(conn, ownership_record_id)
        case = find_case(conn, OWNERSHIP, ownership_record_id)
        offered = choices_of(conn, OWNERSHIP, case)
        titles = titles_today(conn, one["place_id"]) if one["place_id"] else ()
        taken = steps_taken(conn, OWNERSHIP, ownership_record_id)
        files = attachments_of(conn, OWNERSHIP, ownership_record_id)
        terms = read_terms(conn, language())
    return render_template(
        "titles/record.html",
        messages=dict(script_messages(language())),
        one=one,
        may=offered.may,
        barred=offered.barred,
        titles=titles,
        is_titled=is_titled(titles),
        terms=terms,
        causes=list(Cause),
        steps=taken,
        attached_files=files,
        may_change=one["may_write"] and one["state"] in _CHANGED,
        may_attach=one["may_write"] and one["state"] not in OWNERSHIP.final,
    )


@blueprint.post(HERE)
def open_one() -> Response:
    """Begin the record of a property."""
    place_id = number_of(str(json_object().get("place_id") or ""))
    if place_id is None or not is_id(place_id):
        raise InputError("ownership.bad_property")
    with asking() as conn:
        made = open_record(conn, place_id)
    return jsonify({"ownership_record_id": made, "location": f"{HERE}/{made}"})


@blueprint.post(_ONE)
def save_one(ownership_record_id: int) -> Response:
    """Say why the property has no title."""
    body = json_object()
    with asking() as conn:
        save_record(
            conn,
            ownership_record_id,
            cause=str(body.get("cause") or ""),
            reason=str(body.get("reason") or ""),
            seen_version=seen_version(body),
        )
    return jsonify({"said": say("ownership.saved"), "location": f"{HERE}/{ownership_record_id}"})


@blueprint.post(f"{_ONE}/steps/<step>")
def take_step(ownership_record_id: int, step: str) -> Response:
    """Hand it in, take that back, give it up; put it on record, return it, take the record back."""
    body = json_object()
    stated = body.get("on_behalf_of") or None
    principal = None if stated is None else number_of(str(stated))
    if stated is not None and (principal is None or not is_id(principal)):
        raise InputError("deputy.bad_principal")
    with asking() as conn:
        take(
            conn,
            OWNERSHIP,
            step,
            ownership_record_id,
            seen_version=seen_version(body),
            remark=str(body.get("remark") or ""),
            on_behalf_of=principal,
        )
    return jsonify({"location": f"{HERE}/{ownership_record_id}"})
