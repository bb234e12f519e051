"""The page of rules for files: values that no load overwrites, and who wins in a column."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template

from gis.clock import today
from gis.errors import InputError
from gis.places.attributes import IN_HISTORY, OF_KIND
from gis.places.keeping import (
    EVERY_SOURCE,
    column_rules,
    fields_of,
    place_with_code,
    protect,
    protected,
    unprotect,
)
from gis.places.vocabulary import AreaKind
from webmap.asked import as_of_date, json_object
from webmap.language import language, say, script_messages
from webmap.session import asking

blueprint = Blueprint("rules", __name__)

HERE: Final = "/imports/rules"
_MOST_LISTED: Final = 500
_TITLES: Final = {
    one.name: one.title_key for attributes in (*OF_KIND.values(), IN_HISTORY) for one in attributes
}
_OF_KIND: Final = frozenset(one.name for attributes in OF_KIND.values() for one in attributes)
_AREA: Final = "area."


@blueprint.get(HERE)
def show_rules() -> str:
    """Both lists, with a form to add to each."""
    # The vocabulary of files needs libraries that no other page does.
    from etl.precedence import WINNERS, sources  # noqa: PLC0415
    from etl.proposal import titles  # noqa: PLC0415

    words = titles(language())
    day = today()
    with asking() as conn:
        guarded = protected(conn)
        rules = [{**row._asdict(), "state": _state(row, day)} for row in column_rules(conn)]
        known = sources(conn)
    return render_template(
        "rules.html",
        messages=dict(script_messages(language())),
        guarded=guarded[:_MOST_LISTED],
        guarded_count=len(guarded),
        rules=sorted(rules, key=lambda rule: rule["state"] == "past"),
        may_be_guarded=_choices((*fields_of(), *(f"{_AREA}{kind}" for kind in AreaKind))),
        columns=_choices(fields_of()),
        sources=[(name, words.contract(name)) for name in known],
        winners=WINNERS,
        every=EVERY_SOURCE,
        field_title=_field_title,
        source_title=lambda name: (
            say("column_order.every") if name == EVERY_SOURCE else words.contract(name)
        ),
        today=day,
    )


@blueprint.post(f"{HERE}/protected")
def add_protected() -> Response:
    """Let no load overwrite a value of a place, as it stands."""
    body = json_object()
    with asking() as conn:
        place_id = place_with_code(conn, _text(body, "code"))
        protect(conn, place_id, _text(body, "field"), reason=_text(body, "reason") or None)
    return _again()


@blueprint.post(f"{HERE}/protected/end")
def end_protected() -> Response:
    """Let loads overwrite it again."""
    body = json_object()
    with asking() as conn:
        unprotect(conn, place_with_code(conn, _text(body, "code")), _text(body, "field"))
    return _again()


@blueprint.post(f"{HERE}/columns")
def add_column_rule() -> Response:
    """Who wins in a column from a day on."""
    from etl.precedence import set_rule  # noqa: PLC0415 -- as above

    body = json_object()
    with asking() as conn:
        set_rule(
            conn,
            _text(body, "field"),
            _text(body, "winner"),
            source=_text(body, "source") or EVERY_SOURCE,
            since=_since(body),
            rule_source=_text(body, "rule_source"),
            is_verified=body.get("is_verified") == "on",
        )
    return _again()


@blueprint.post(f"{HERE}/columns/end")
def end_column_rule() -> Response:
    """Let the column go by the habit of its kind of sheet, from today or a later first day."""
    from etl.precedence import DEFAULT, set_rule  # noqa: PLC0415 -- as above

    body = json_object()
    with asking() as conn:
        set_rule(
            conn,
            _text(body, "field"),
            DEFAULT,
            source=_text(body, "source"),
            since=_since(body),
            rule_source="",
        )
    return _again()


def _again() -> Response:
    return jsonify({"location": HERE})


def _since(body: Any) -> date:
    return as_of_date(_text(body, "since") or None) if body.get("since") else today()


def _text(body: Any, name: str) -> str:
    stated = body.get(name)
    if stated is None:
        return ""
    if not isinstance(stated, str):
        raise InputError("asked.not_text", name=name)
    return stated.strip()


def _state(row: Any, day: date) -> str:
    if row.valid_to is not None and row.valid_to <= day:
        return "past"
    return "coming" if row.valid_from is not None and row.valid_from > day else "now"


def _choices(fields: Sequence[str]) -> list[tuple[str, str]]:
    """Fields with their titles, by title; two of one title show which is which."""
    titles = {field: _field_title(field) for field in fields}
    often = Counter(titles.values())
    return sorted(
        (
            (field, f"{title} ({field})" if often[title] > 1 and field in _OF_KIND else title)
            for field, title in titles.items()
        ),
        key=lambda one: one[1],
    )


def _field_title(field: str) -> str:
    if field.startswith(_AREA):
        return say(f"place.area.{field.removeprefix(_AREA)}")
    return say(_TITLES.get(field, f"place.attribute.{field}"))
