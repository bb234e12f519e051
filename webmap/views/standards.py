"""The standard of office space: what holds on a day, and the bureau's own rows of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, render_template, request

from assets.space.model import StandardKind
from assets.space.rules import Standard, public_link
from assets.space.standards import (
    Key,
    OwnRow,
    key_of,
    own_rows,
    pack_standards,
    standards_in,
)
from assets.space.stated import LEVELS, SHAPES, figure_of, read_number
from assets.space.stating import confirm, may_state, restate, state, withdraw
from gis.clock import today
from gis.errors import InputError, NotFound
from gis.places.terms import Terms, read_terms
from webmap.asked import as_of_date, json_object, needed_day, stated_day
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.campaigns import seen_version
from webmap.views.jobs import account_word
from webmap.views.places import plain

pages = Blueprint("standard_pages", __name__)
blueprint = Blueprint("standards", __name__)

HERE: Final = "/space/standards"
_ONE: Final = f"{HERE}/one"
_NUMBERS: Final = ("from_count", "to_count", "value", "value_beyond")
_WORDS: Final = ("source", "clause", "source_url", "note")


@pages.get(HERE)
def show_standards() -> str:
    """Every row in force on a day, with what nobody has compared yet."""
    as_of = as_of_date()
    with asking() as conn:
        own = own_rows(conn)
        terms = read_terms(conn, language())
        is_ours = may_state(conn)
    items = _in_force(own, as_of, terms)
    return render_template(
        "space/standards.html",
        messages=dict(script_messages(language())),
        as_of=as_of,
        items=items,
        own=[_shown(one.row, terms, one, as_of) for one in own],
        left=sum(not item["is_verified"] for item in items),
        may_state=is_ours,
    )


@pages.get(_ONE)
def show_standard() -> str:
    """Every row of one thing, past and coming, the pack's and the bureau's; with a form to add."""
    key = _asked_key(request.args)
    with asking() as conn:
        own = own_rows(conn, key)
        terms = read_terms(conn, language())
        is_ours = may_state(conn)
    day = today()
    rows = [
        *(_shown(row, terms, None, day, own) for row in pack_standards() if key_of(row) == key),
        *(_shown(one.row, terms, one, day, own) for one in own),
    ]
    _known(key, terms, is_listed=bool(rows))
    return _page("space/standard.html", key, terms, rows=rows, may_state=is_ours, row=None)


@pages.get(f"{HERE}/own/<int:standard_id>")
def show_own(standard_id: int) -> str:
    """A row of the bureau's own, to be changed."""
    with asking() as conn:
        one = next((one for one in own_rows(conn) if one.standard_id == standard_id), None)
        terms = read_terms(conn, language())
        is_ours = may_state(conn)
    if one is None or not is_ours:
        raise NotFound("space.standards.no_row")
    return _page("space/standard_own.html", key_of(one.row), terms, row=one.row, own=one)


@blueprint.get("/api/space/standards")
def list_standards() -> Response:
    """The rows in force on a day."""
    as_of = as_of_date()
    with asking() as conn:
        own = own_rows(conn)
        terms = read_terms(conn, language())
    return jsonify({"as_of": as_of.isoformat(), "items": _in_force(own, as_of, terms)})


@blueprint.post(HERE)
def add_standard() -> Response:
    """State a row of the bureau's own."""
    body = json_object()
    stated = _stated(body)
    with asking() as conn:
        state(conn, stated, compared_on=today())
    return _again(key_of(stated))


@blueprint.post(f"{HERE}/own/<int:standard_id>")
def change_standard(standard_id: int) -> Response:
    """Change a row of the bureau's own."""
    body = json_object()
    stated = _stated(body)
    with asking() as conn:
        restate(conn, standard_id, stated, seen_version=seen_version(body), compared_on=today())
    return _again(key_of(stated))


@blueprint.post(f"{HERE}/own/<int:standard_id>/end")
def end_standard(standard_id: int) -> Response:
    """A row of the bureau's own holds no longer from a day on."""
    body = json_object()
    with asking() as conn:
        since = needed_day(body.get("since"))
        withdraw(conn, standard_id, since=since, seen_version=seen_version(body))
    return _again(_asked_key(body))


@blueprint.post(f"{HERE}/compared")
def mark_compared() -> Response:
    """The row that counts on a day was compared with its document, by whoever says so."""
    body = json_object()
    key = _asked_key(body)
    as_of = as_of_date(body.get("as_of") or "")
    with asking() as conn:
        confirm(conn, key, as_of=as_of, compared_on=today())
    return jsonify({"location": HERE if body.get("is_listed") else _address(key)})


def _again(key: Key) -> Response:
    return jsonify({"location": _address(key)})


def _address(key: Key) -> str:
    named = zip(("kind", "level", "rank"), key, strict=True)
    return f"{_ONE}?{urlencode({name: one for name, one in named if one})}"


def _in_force(own: Sequence[OwnRow], as_of: date, terms: Terms) -> list[dict[str, Any]]:
    by_row = {id(one.row): one for one in own}
    return [_shown(row, terms, by_row.get(id(row)), as_of) for row in standards_in(own, as_of)]


def _shown(
    row: Standard, terms: Terms, own: OwnRow | None, day: date, rivals: Sequence[OwnRow] = ()
) -> dict[str, Any]:
    figure, key = figure_of(row), key_of(row)
    numbers = {name: getattr(row, name) for name in (*_NUMBERS, "cap")}
    return {
        "kind": row.kind.value,
        "level": row.level,
        "rank": row.rank,
        "kind_title": say(f"space.standard.{row.kind.value}"),
        "level_title": terms.title(LEVELS, row.level),
        "rank_title": terms.title(SHAPES[row.kind].whom, row.rank),
        "title": _title(key, terms),
        "figure": say(figure.key, **figure.params),
        **{name: None if one is None else float(one) for name, one in numbers.items()},
        **{name: getattr(row, name) for name in _WORDS},
        "link": public_link(row.source_url),
        "valid_from": plain(row.valid_from),
        "valid_to": plain(row.valid_to),
        "is_verified": row.is_verified,
        "origin": "pack" if own is None else "own",
        "state": _state(row, own, day, rivals),
        "address": _address(key),
        **({} if own is None else _of_bureau(own)),
    }


def _of_bureau(own: OwnRow) -> dict[str, Any]:
    return {
        "standard_id": own.standard_id,
        "version": own.version,
        "is_confirmation": own.is_confirmation,
        "compared_by": account_word(own.compared_by) or None,
        "compared_on": plain(own.compared_on),
        "set_by": account_word(own.set_by) or None,
        "set_at": plain(own.set_at),
    }


def _state(row: Standard, own: OwnRow | None, day: date, rivals: Sequence[OwnRow]) -> str:
    if row.valid_to is not None and row.valid_to <= day:
        return "past"
    if row.valid_from is not None and row.valid_from > day:
        return "coming"
    return "behind" if own is None and any(one.row.holds_on(day) for one in rivals) else "now"


def _title(key: Key, terms: Terms) -> str:
    kind, level, rank = key
    parts = (
        say(f"space.standard.{kind.value}"),
        terms.title(LEVELS, level),
        terms.title(SHAPES[kind].whom, rank),
    )
    return " · ".join(part for part in parts if part)


def _page(template: str, key: Key, terms: Terms, **values: Any) -> str:
    return render_template(
        template,
        messages=dict(script_messages(language())),
        key=key,
        title=_title(key, terms),
        shape=SHAPES[key[0]],
        address=_address(key),
        today=today(),
        **values,
    )


def _known(key: Key, terms: Terms, *, is_listed: bool) -> None:
    """Refuse a level or rank that no row can be of."""
    kind, level, rank = key
    shape = SHAPES[kind]
    is_level = (level in terms.of(LEVELS)) if shape.has_level else level is None
    is_rank = (rank in terms.of(shape.whom)) if shape.whom else rank is None
    if not is_listed and not (is_level and is_rank):
        raise NotFound("space.standards.no_row")


def _asked_key(asked: Mapping[str, Any]) -> Key:
    level, rank = (str(asked.get(name) or "").strip()[:100] or None for name in ("level", "rank"))
    return _kind(asked.get("kind")), level, rank


def _kind(stated: object) -> StandardKind:
    try:
        return StandardKind(str(stated or ""))
    except ValueError as error:
        known = ", ".join(StandardKind)
        said = str(stated or "–")[:40]
        raise InputError("space.standards.unknown_kind", value=said, known=known) from error


def _stated(body: Mapping[str, Any]) -> Standard:
    kind, level, rank = _asked_key(body)
    words = {name: _text(body, name) for name in (*_NUMBERS, *_WORDS)}
    is_share = SHAPES[kind].is_share
    return Standard(
        kind,
        level,
        rank,
        read_number("value", words["value"], is_share=is_share),
        words["source"],
        from_count=read_number("from_count", words["from_count"]),
        to_count=read_number("to_count", words["to_count"]),
        value_beyond=read_number("value_beyond", words["value_beyond"]),
        clause=words["clause"],
        source_url=words["source_url"],
        note=words["note"],
        valid_from=stated_day(body.get("valid_from")),
        valid_to=stated_day(body.get("valid_to")),
        is_verified=body.get("is_verified") in ("on", True),
    )


def _text(body: Mapping[str, Any], name: str) -> str:
    stated = body.get(name)
    if stated is None:
        return ""
    if isinstance(stated, bool) or not isinstance(stated, (str, int, float)):
        raise InputError("asked.not_text", name=name)
    return str(stated)
