"""Use certificates: the register, one of them, its code, and the forms that issue and change."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from assets.certificates.actions import Wording, cancel, change, issue, take_back
from assets.certificates.comparing import Difference, Differing, differences
from assets.certificates.queries import (
    Certificate,
    find,
    find_by_code,
    last_wording,
    register,
    rooms_of_body,
)
from assets.certificates.rules import ROOM_CLASSES, State, last_day, part_m2
from gis.clock import today
from gis.columns import is_id
from gis.errors import InputError, NotFound
from gis.organizations.queries import body_card
from gis.places.terms import Terms, read_terms
from webmap.asked import (
    as_of_date,
    json_object,
    needed_day,
    short_text,
    stated_day,
    whole_number,
)
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.campaigns import seen_version
from webmap.views.jobs import account_word
from webmap.views.places import plain
from webmap.web_settings import kept_settings

pages = Blueprint("certificate_pages", __name__)
blueprint = Blueprint("certificates", __name__)

HERE: Final = "/certificates"
_A_PAGE: Final = 100
_MOST_OFFSET: Final = 10_000_000
_TO_CHANGE: Final = "to_change"
_ROOM: Final = "room_"


def called() -> str:
    """What a certificate is called here."""
    return kept_settings().certificate_name or say("certificates.name")


@pages.get(HERE)
def show_register() -> str:
    """Certificates, the newest first, a page of them, with those that no longer match."""
    as_of, asked = as_of_date(), what_was_asked()
    offset = asked["offset"]
    with asking(is_one_moment=True) as conn:
        rows, total = _rows(conn, as_of, asked)
        name = _name_of(conn, asked["holder"])
    return _page(
        "list.html",
        as_of=as_of,
        asked=asked,
        holder_name=name,
        rows=[row | {"last_day": _last_day_of(row)} for row in rows],
        total=total,
        states=[*State, _TO_CHANGE],
        first=offset + 1,
        last=offset + len(rows),
        narrowed_by=urlencode(
            {name: one for name, one in asked.items() if one and name != "offset"}
        ),
        before=_address(asked, as_of, max(offset - _A_PAGE, 0)) if offset else None,
        after=_address(asked, as_of, offset + _A_PAGE) if offset + len(rows) < total else None,
    )


@blueprint.get("/api/certificates")
def list_certificates() -> Response:
    """The same for programs."""
    as_of, asked = as_of_date(), what_was_asked()
    with asking(is_one_moment=True) as conn:
        rows, total = _rows(conn, as_of, asked)
    return jsonify({"as_of": as_of.isoformat(), "items": rows, "total": total})


@pages.get(f"{HERE}/<int:certificate_id>")
def show_certificate(certificate_id: int) -> str:
    """One certificate: what it says, what is otherwise now, and each of its editions."""
    as_of = as_of_date()
    edition = whole_number("edition", least=1, most=100_000)
    with asking(is_one_moment=True) as conn:
        one = find(conn, certificate_id, as_of, edition=edition)
        differing = differences(conn, as_of, [certificate_id])
        terms = read_terms(conn, language())
    return _page(
        "one.html",
        as_of=as_of,
        one=one,
        last_day=last_day(one.edition["valid_to"]),
        rooms=[_room(room, terms) for room in one.rooms],
        sums=_sums(one),
        differing=[_differing(each, terms) for each in differing],
        can_change=one.head["may_write"] and one.state in (State.IN_FORCE, State.COMING),
        may_write=one.head["may_write"],
        who={each["edition"]: account_word(each["who"]) or None for each in one.editions},
    )


@pages.get(f"{HERE}/code/<code>")
def open_code(code: str) -> AnyResponse:
    """Where the square code of a paper leads: to its record, for who may see it."""
    uid = _code(code)
    with asking() as conn:
        if uid is None:
            raise NotFound("certificates.not_found")
        one = find_by_code(conn, uid, today())
    return redirect(f"{HERE}/{one.head['certificate_id']}", 303)


@pages.get(f"{HERE}/new")
def show_draft() -> str:
    """The rooms a body has, to be certified; those that are already say by what."""
    as_of = as_of_date()
    holder = whole_number("body", least=1)
    if holder is None:
        raise NotFound("certificates.no_body")
    with asking(is_one_moment=True) as conn:
        name = str(body_card(conn, holder, as_of).body["name"])
        found = rooms_of_body(conn, holder, as_of)
        terms = read_terms(conn, language())
        last = last_wording(conn)
    properties = _by_property(found)
    chosen = whole_number("property", least=1) or next(iter(properties), None)
    return _page(
        "new.html",
        as_of=as_of,
        holder={"id": holder, "name": name},
        properties={
            number: " ".join(dict.fromkeys(str(r["building"] or r["code"]) for r in rooms[:3]))
            for number, rooms in properties.items()
        },
        chosen=chosen,
        rooms=[_room(room, terms) for room in properties.get(chosen or 0, ())],
        issuer=last["issuer"] if last else "",
        word=str(last["number"]).partition("〔")[0] if last else "",
    )


@pages.get(f"{HERE}/<int:certificate_id>/change")
def show_change(certificate_id: int) -> str:
    """The holder's rooms of today in the property, those certified ticked."""
    as_of = as_of_date()
    with asking(is_one_moment=True) as conn:
        one = find(conn, certificate_id, as_of)
        found = rooms_of_body(conn, one.head["holder_id"], as_of)
        terms = read_terms(conn, language())
    if not one.head["may_write"]:
        raise NotFound("certificates.not_found")
    rooms = [_room(room, terms) for room in found if room["property_id"] == one.head["place_id"]]
    had = {room["place_id"] for room in one.rooms}
    for room in rooms:
        room["is_own"] = room["certificate_id"] == certificate_id
        room["is_chosen"] = room["is_own"] or room["certificate_id"] is None
        room["is_new"] = room["place_id"] not in had
    gone = [r for r in one.rooms if r["place_id"] not in {room["place_id"] for room in rooms}]
    return _page(
        "change.html",
        as_of=as_of,
        one=one,
        last_day=last_day(one.edition["valid_to"]),
        rooms=rooms,
        gone=[_room(room, terms) for room in gone],
    )


@blueprint.post(HERE)
def add_certificate() -> Response:
    """Certify that a body may use rooms it has."""
    body = json_object()
    holder = _number(body, "holder")
    wording = Wording(
        called=_text(body, "called") or called(),
        issuer=_text(body, "issuer"),
        word=_text(body, "word"),
        issued_on=needed_day(body.get("issued_on")),
        valid_from=needed_day(body.get("valid_from")),
        valid_to=stated_day(body.get("valid_to")),
        agreement_number=_text(body, "agreement_number") or None,
        agreement_on=stated_day(body.get("agreement_on")),
    )
    with asking() as conn:
        made = issue(conn, holder, _rooms(body), wording, today=today())
    return jsonify({"location": f"{HERE}/{made}", "certificate_id": made})


@blueprint.post(f"{HERE}/<int:certificate_id>/change")
def change_certificate(certificate_id: int) -> Response:
    """Let it say something else from a day on."""
    body = json_object()
    with asking() as conn:
        change(
            conn,
            certificate_id,
            _rooms(body),
            since=needed_day(body.get("since")),
            valid_to=stated_day(body.get("valid_to")),
            reason=_text(body, "reason"),
            document=_text(body, "document"),
            seen_version=seen_version(body),
        )
    return jsonify({"location": f"{HERE}/{certificate_id}"})


@blueprint.post(f"{HERE}/<int:certificate_id>/cancel")
def cancel_certificate(certificate_id: int) -> Response:
    """Let it hold no longer from a day on."""
    body = json_object()
    with asking() as conn:
        cancel(
            conn,
            certificate_id,
            since=needed_day(body.get("since")),
            reason=_text(body, "reason"),
            document=_text(body, "document"),
            although_used=body.get("although_used") == "on",
            seen_version=seen_version(body),
        )
    return jsonify({"location": f"{HERE}/{certificate_id}"})


@blueprint.post(f"{HERE}/<int:certificate_id>/take-back")
def undo_last(certificate_id: int) -> Response:
    """Undo the last thing that was done to it, by who did it."""
    body = json_object()
    with asking() as conn:
        take_back(conn, certificate_id, seen_version=seen_version(body))
    return jsonify({"location": f"{HERE}/{certificate_id}"})


def _page(template: str, **values: Any) -> str:
    return render_template(
        f"certificates/{template}",
        messages=dict(script_messages(language())),
        today=today(),
        called=called(),
        **values,
    )


def what_was_asked() -> dict[str, Any]:
    """How the register is narrowed, by the address."""
    state = short_text("state")
    if state is not None and state not in [*State, _TO_CHANGE]:
        raise InputError("certificates.bad_state", value=state[:40])
    return {
        "q": short_text("q"),
        "state": state,
        "holder": whole_number("holder", least=1),
        "place": whole_number("place", least=1),
        "offset": whole_number("offset", least=0, most=_MOST_OFFSET, default=0) or 0,
    }


def _address(asked: Mapping[str, Any], as_of: date, offset: int) -> str:
    said = {**asked, "as_of": as_of.isoformat(), "offset": offset}
    return f"{HERE}?{urlencode({name: one for name, one in said.items() if one})}"


def _rows(
    conn: Connection, as_of: date, asked: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], int]:
    found = register(
        conn, as_of, **narrowed(conn, as_of, asked), limit=_A_PAGE, offset=asked["offset"]
    )
    shown = [row["certificate_id"] for row in found.rows]
    odd: dict[int, int] = {}
    for one in differences(conn, as_of, shown):
        odd[one.certificate_id] = odd.get(one.certificate_id, 0) + 1
    return [
        _row(row, odd) | {"is_partly_shown": row["certificate_id"] in found.partly}
        for row in found.rows
    ], found.total


def narrowed(conn: Connection, as_of: date, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, as `register` takes it."""
    only = None
    if asked["state"] == _TO_CHANGE:
        only = sorted({one.certificate_id for one in differences(conn, as_of)})
    words, uid = asked["q"], _code(asked["q"])
    if uid is not None:
        words, only = None, _by_code(conn, uid, as_of)
    return {
        "holder": asked["holder"],
        "place": asked["place"],
        "words": words,
        "state": State(asked["state"]) if asked["state"] in list(State) else None,
        "only": only,
    }


def _by_code(conn: Connection, uid: UUID, as_of: date) -> list[int]:
    try:
        return [find_by_code(conn, uid, as_of).head["certificate_id"]]
    except NotFound:
        return []


def _code(words: str | None) -> UUID | None:
    """The code that somebody read off a paper, with whatever stands before it."""
    try:
        return UUID((words or "")[-36:])
    except ValueError:
        return None


def _row(row: Mapping[str, Any], odd: Mapping[int, int]) -> dict[str, Any]:
    state: State = row["state"]
    return {
        **{
            name: plain(row[name])
            for name in (
                "certificate_id", "number", "called", "issuer", "issued_on", "valid_from",
                "valid_to", "cancelled_on", "agreement_number", "holder_id", "holder_name",
                "place_id", "property", "district", "edition", "rooms",
            )
        },
        "area_m2": None if row["area_m2"] is None else float(round(row["area_m2"], 2)),
        "state": state.value,
        "state_title": say(f"certificates.state.{state.value}"),
        "differences": odd.get(row["certificate_id"], 0),
    }  # fmt: skip


def _last_day_of(row: Mapping[str, Any]) -> date | None:
    return last_day(date.fromisoformat(row["valid_to"]) if row["valid_to"] else None)


def _name_of(conn: Connection, holder: int | None) -> str | None:
    return None if holder is None else str(body_card(conn, holder, today()).body["name"])


def _room(row: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("place_id", "code", "number", "name", "building", "floor")},
        "class_title": terms.title("room_class", row["room_class"]) or say("question.not_stated"),
        "area_m2": row["area_m2"],
        "part_m2": part_m2(row["area_m2"], row["share"]),
        "is_shared": row["share"] is None or row["share"] != 1,
        "certificate_id": row.get("certificate_id"),
        "certified_by": row.get("certified_by"),
        "may_write": row.get("may_write"),
    }


def _sums(one: Certificate) -> dict[str, Any]:
    """Usable area by class, and of all rooms."""
    return {
        **{name: one.area_of(name) for name in ROOM_CLASSES},
        "all": one.area_m2,
    }


def _differing(one: Differing, terms: Terms) -> dict[str, Any]:
    is_class = one.difference is Difference.ROOM_CLASS
    was, now = (
        terms.title("room_class", str(value)) if is_class and value is not None else value
        for value in (one.was, one.now)
    )
    return {**one._asdict(), "was": was, "now": now}


def _by_property(rooms: Any) -> dict[int, list[Mapping[str, Any]]]:
    found: dict[int, list[Mapping[str, Any]]] = {}
    for room in rooms:
        found.setdefault(room["property_id"], []).append(room)
    return found


def _rooms(body: Mapping[str, Any]) -> list[int]:
    """Rooms that a form ticked (`room_<number>`), or a program listed (`rooms`)."""
    listed = body.get("rooms")
    if listed is None:
        written = [name.removeprefix(_ROOM) for name in body if name.startswith(_ROOM)]
        if not all(one.isascii() and one.isdecimal() and len(one) < 19 for one in written):
            raise InputError("certificates.bad_rooms")
        return [int(one) for one in written]
    if not isinstance(listed, list) or not all(is_id(one) for one in listed):
        raise InputError("certificates.bad_rooms")
    return listed


def _number(body: Mapping[str, Any], name: str) -> int:
    stated = body.get(name)
    if isinstance(stated, str) and stated.isascii() and stated.isdecimal() and len(stated) < 19:
        stated = int(stated)
    if not is_id(stated):
        raise InputError("certificates.no_body")
    return stated


def _text(body: Mapping[str, Any], name: str) -> str:
    return str(body.get(name) or "").strip()
