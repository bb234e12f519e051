"""Who sits in which room: rooms with who has them, the steps over several, and their page."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import Connection

from assets.estate.actions.arranging import MOST_ROOMS, RoomsMeanwhile
from assets.space.actions import assign, move, swap, vacate
from assets.space.posts import posts_of
from assets.space.rooms import (
    MOST_LISTED,
    RoomsListed,
    place_named,
    rooms_around,
    rooms_in,
    rooms_of,
    these_rooms,
)
from assets.space.seating import MOST_HEADS, MOST_SEATS, By, Stated, seated
from gis.clock import today
from gis.columns import is_id
from gis.errors import InputError
from gis.organizations.queries import body_card
from gis.places import edits
from gis.places.edits import Grounds
from gis.places.terms import Terms, read_terms
from webmap.asked import amount, as_of_date, json_object, needed_day, short_text, whole_number
from webmap.language import language, say, script_messages
from webmap.problems import answer_of
from webmap.session import asking
from webmap.views.closing import parties_of
from webmap.views.editing import grounds

pages = Blueprint("occupancy_pages", __name__)
blueprint = Blueprint("occupancy", __name__)
_PAIR: Final = 2
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


@pages.get("/space/rooms")
def show_rooms() -> str:
    """Rooms of a place or of a body, chosen and given out, moved or vacated several at once."""
    with asking() as conn:
        place_id, body_id = _asked_for()
        if place_id is not None:
            name = place_named(conn, place_id)
        else:
            name = str(body_card(conn, body_id or 0, today()).body["name"])
    return render_template(
        "space/arranging.html",
        messages=dict(script_messages(language())),
        name=name,
        asked={"place": place_id, "body": body_id},
    )


@blueprint.get("/api/space/rooms")
def list_rooms() -> Response:
    """Rooms of a place, of a body, or around a room, with who has each and its version."""
    as_of = as_of_date()
    near = whole_number("near", least=1)
    with asking() as conn:
        if near is not None:
            place_named(conn, near)
            found = rooms_around(conn, near, short_text("q"), as_of)
        else:
            found = _of_what(conn, as_of)
        return jsonify(
            {
                "as_of": as_of.isoformat(),
                "total": found.total,
                "most_listed": MOST_LISTED,
                "most_rooms": MOST_ROOMS,
                "items": _shown(found, read_terms(conn, language())),
            }
        )


@blueprint.post("/api/space/rooms/assign")
def assign_rooms() -> Response:
    """Give rooms to a body, or to several that share each."""
    body = json_object()
    rooms = _versions(body)
    lines = stated_of(body) if "sharers" in body else None
    stated = parties_of(body) if lines is None else ()

    def act(conn: Connection, since: date, why: Grounds) -> Sequence[int]:
        parties = stated if lines is None else seated(conn, *lines, since)
        return assign(conn, list(rooms), parties, since=since, seen=rooms, grounds=why)

    return _step(body, act)


@blueprint.get("/api/space/posts")
def list_posts() -> Response:
    """Posts of a body on a day with the rooms their holders have, and what ranks there are."""
    as_of = as_of_date()
    body_id = whole_number("body", least=1)
    if body_id is None:
        raise InputError("space.rooms.of_what")
    with asking() as conn:
        body_card(conn, body_id, as_of)
        found = posts_of(conn, body_id, as_of)
        terms = read_terms(conn, language())
    return jsonify(
        {
            "as_of": as_of.isoformat(),
            "items": [
                {
                    "post_id": row.post_id,
                    "title": row.title,
                    "rank": row.rank_code,
                    "rank_title": terms.title("rank", row.rank_code),
                    "rooms": list(row.rooms or ()),
                }
                for row in found
            ],
            "ranks": [
                {"value": code, "title": term.title} for code, term in terms.of("rank").items()
            ],
        }
    )


@blueprint.post("/api/space/rooms/vacate")
def vacate_rooms() -> Response:
    """Nobody has these rooms for itself any more."""
    body = json_object()
    rooms = _versions(body)

    def act(conn: Connection, since: date, why: Grounds) -> Sequence[int]:
        return vacate(conn, list(rooms), since=since, seen=rooms, grounds=why)

    return _step(body, act)


@blueprint.post("/api/space/rooms/move")
def move_rooms() -> Response:
    """Who sits in some rooms sits in others, with the shares they had."""
    body = json_object()
    rooms, into = _versions(body), _into(body)

    def act(conn: Connection, since: date, why: Grounds) -> Sequence[int]:
        return move(conn, into, since=since, seen=rooms, grounds=why)

    return _step(body, act)


@blueprint.post("/api/space/rooms/swap")
def swap_rooms() -> Response:
    """Those of two rooms change places."""
    body = json_object()
    rooms = _versions(body)
    if len(rooms) != _PAIR:
        raise InputError("space.rooms.not_two")
    first, second = rooms

    def act(conn: Connection, since: date, why: Grounds) -> Sequence[int]:
        return swap(conn, first, second, since=since, seen=rooms, grounds=why)

    return _step(body, act)


def _step(
    body: Mapping[str, Any], act: Callable[[Connection, date, Grounds], Sequence[int]]
) -> Response:
    """What a step changed, and the edit by which it is taken back; or what now holds."""
    since, why = needed_day(body.get("effective_on")), grounds(body)
    try:
        with asking() as conn:
            changed = act(conn, since, why)
            last = edits.last_edit(conn, changed[0]) if changed else None
    except RoomsMeanwhile as error:
        with asking() as conn:
            now = these_rooms(conn, error.rooms, today())
            items = _shown(now, read_terms(conn, language()))
        return answer_of(error, current={"rooms": items})
    edit = last and {"place_id": changed[0], "edit_id": last.edit_id}
    return jsonify({"changed": list(changed), "edit": edit})


def _asked_for() -> tuple[int | None, int | None]:
    """The place or the body that the address names.

    Raises:
        InputError: Neither, or both.
    """
    place_id, body_id = whole_number("place", least=1), whole_number("body", least=1)
    if (place_id is None) == (body_id is None):
        raise InputError("space.rooms.of_what")
    return place_id, body_id


def _of_what(conn: Connection, as_of: date) -> RoomsListed:
    if request.args.get("rooms"):
        return these_rooms(conn, _numbers(request.args["rooms"]), as_of)
    place_id, body_id = _asked_for()
    if place_id is not None:
        place_named(conn, place_id)
        return rooms_in(conn, place_id, as_of)
    body_card(conn, body_id or 0, as_of)
    return rooms_of(conn, body_id or 0, as_of)


def _numbers(written: str) -> list[int]:
    stated = written.split(",")
    if len(stated) > MOST_ROOMS or not all(_NUMBER.fullmatch(one) for one in stated):
        raise InputError("estate.arrange.rooms", most=MOST_ROOMS)
    return [int(one) for one in stated]


def _versions(body: Mapping[str, Any]) -> dict[int, str]:
    """The rooms of a step, each with the version that was seen.

    Raises:
        InputError: No room, too many, or one that has no number.
    """
    stated = body.get("rooms")
    if not isinstance(stated, list) or not 0 < len(stated) <= 2 * MOST_ROOMS:
        raise InputError("estate.arrange.rooms", most=MOST_ROOMS)
    seen = {}
    for one in stated:
        if not isinstance(one, Mapping) or not is_id(one.get("place_id")):
            raise InputError("estate.arrange.rooms", most=MOST_ROOMS)
        seen[one["place_id"]] = str(one.get("version") or "")
    return seen


def _into(body: Mapping[str, Any]) -> dict[int, int]:
    """Rooms that are left, each with the one that is entered.

    Raises:
        InputError: No pair, or something that is none; one room is left twice.
    """
    stated = body.get("into")
    if not isinstance(stated, list) or not 0 < len(stated) <= MOST_ROOMS:
        raise InputError("space.rooms.into")
    into: dict[int, int] = {}
    for one in stated:
        old, new = (one.get("from"), one.get("to")) if isinstance(one, Mapping) else (None, None)
        if not is_id(old) or not is_id(new) or old == new or old in into:
            raise InputError("space.rooms.into")
        into[old] = new
    return into


def _shown(found: RoomsListed, terms: Terms) -> list[dict[str, Any]]:
    return [
        {
            "place_id": row.place_id,
            "code": row.code,
            "name": row.name,
            "building": row.building,
            "floor": row.floor,
            "class_title": terms.title("room_class", row.room_class),
            "area_m2": None if row.area_m2 is None else float(row.area_m2),
            "may_write": row.may_write,
            "version": found.versions[row.place_id],
            "holdings": [
                {
                    **one,
                    "kind_title": say(f"estate.holding.{one['kind']}"),
                    "holders": [_holder(who, terms) for who in one["holders"]],
                }
                for one in row.holdings
            ],
        }
        for row in found.rows
    ]


def _holder(who: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    people = [
        {**one, "rank_title": terms.title("rank", one["rank"])} for one in who["people"] or ()
    ]
    return {**who, "people": people}


def stated_of(body: Mapping[str, Any]) -> tuple[list[Stated], By]:
    """Who sits in a room, line by line, and how it is shared out, as a form sends it.

    Raises:
        InputError: No list of lines, a long one, or a line that cannot be read.
    """
    lines, by = body.get("sharers"), body.get("by")
    if by not in list(By):
        raise InputError("space.seats.by")
    if not isinstance(lines, list) or not 0 < len(lines) <= MOST_SEATS:
        raise InputError("space.seats.how_many", most=MOST_SEATS)
    return [_line(one) for one in lines], By(by)


def _line(stated: object) -> Stated:
    if not isinstance(stated, Mapping) or not is_id(stated.get("organization_id")):
        raise InputError("estate.no_such_body")
    post, heads = stated.get("post_id"), stated.get("heads", 1)
    if post is not None and not is_id(post):
        raise InputError("space.seats.no_such_post")
    if not isinstance(heads, int) or isinstance(heads, bool):
        raise InputError("space.seats.heads", most=MOST_HEADS)
    rank, document = stated.get("rank"), stated.get("approval_document")
    share = amount(stated.get("share"), "estate.share_impossible", digits=6)
    return Stated(
        stated["organization_id"],
        post,
        None if rank in (None, "") else str(rank),
        heads,
        share,
        None if document is None else str(document),
    )
