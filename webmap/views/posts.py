"""Each post against the standard: its office, its rank's limit, second offices; page and JSON."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, render_template
from sqlalchemy import Connection

from assets.space.comparing import State
from assets.space.offices import Fault, PostVerdict, Seat
from assets.space.posts import MOST_OFFERED, PostsListed, listed_posts, posts_of
from assets.space.rules import public_link
from gis.errors import InputError
from gis.organizations.persons import state_person
from gis.organizations.queries import body_card
from gis.places.terms import Terms, read_terms
from webmap.asked import as_of_date, json_object, short_text, whole_number
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.places import plain
from webmap.views.space import compared_row, m2

pages = Blueprint("post_pages", __name__)
blueprint = Blueprint("posts", __name__)
_A_PAGE: Final = 100
_MOST_ITEMS: Final = 1_000
_MOST_OFFSET: Final = 10_000_000


@dataclass(frozen=True)
class _Chosen:
    """Which posts are asked for, and from which one on."""

    body: int | None
    district: str | None
    state: State | None
    fault: Fault | None
    offset: int

    def address(self, as_of: str, offset: int | None = None) -> str:
        """Of the page that begins with another post."""
        asked = {
            "as_of": as_of,
            "body": self.body or "",
            "district": self.district or "",
            "state": self.state or "",
            "fault": self.fault or "",
            "offset": offset or "",
        }
        return f"/space/posts?{urlencode({name: said for name, said in asked.items() if said})}"


def _chosen() -> _Chosen:
    state, fault = short_text("state"), short_text("fault")
    if state is not None and state not in list(State):
        raise InputError("space.bad_state", value=state[:40])
    if fault is not None and fault not in list(Fault):
        raise InputError("space.bad_state", value=fault[:40])
    return _Chosen(
        whole_number("body", least=1),
        short_text("district"),
        State(state) if state else None,
        Fault(fault) if fault else None,
        whole_number("offset", least=0, most=_MOST_OFFSET, default=0) or 0,
    )


def _read(conn: Connection, chosen: _Chosen, limit: int) -> tuple[PostsListed, str | None]:
    """The posts, and the name of the body they are of."""
    name = None
    if chosen.body is not None:
        name = str(body_card(conn, chosen.body, as_of_date()).body["name"])
    found = listed_posts(
        conn, as_of_date(), organization_id=chosen.body, district=chosen.district,
        state=chosen.state, fault=chosen.fault, limit=limit, offset=chosen.offset,
    )  # fmt: skip
    return found, name


@pages.get("/space/posts")
def show_posts() -> str:
    """Posts that have an office, by district, body and post, a page of them."""
    as_of, chosen = as_of_date(), _chosen()
    with asking(is_one_moment=True) as conn:
        found, name = _read(conn, chosen, _A_PAGE)
        held = [] if chosen.body is None else posts_of(conn, chosen.body, as_of)
        terms = read_terms(conn, language())
    day, last = as_of.isoformat(), chosen.offset + len(found.items)
    return render_template(
        "space/posts.html",
        messages=dict(script_messages(language())),
        as_of=as_of,
        name=name,
        items=[_post(one, terms) for one in found.items],
        held=[{**one._mapping, "rank_title": terms.title("rank", one.rank_code)} for one in held],
        most_held=MOST_OFFERED,
        found=found,
        chosen=chosen,
        states=list(State),
        faults=list(Fault),
        last=last,
        before=chosen.address(day, max(chosen.offset - _A_PAGE, 0)) if chosen.offset else None,
        after=chosen.address(day, last) if last < found.shown else None,
    )


@pages.post("/space/posts/<int:post_id>/person")
def set_person(post_id: int) -> Response:
    """Say by which number the holder of a post is known, on each of their posts."""
    body = json_object()
    stated, seen = (body.get(name) for name in ("person_key", "seen"))
    if not isinstance(stated, str | None) or not isinstance(seen, str | None):
        raise InputError("posts.number_unfit")
    with asking() as conn:
        organization_id = state_person(conn, post_id, stated, seen=seen or None)
    return jsonify({"location": f"/space/posts?body={organization_id}"})


@blueprint.get("/api/space/verdicts/posts")
def list_posts() -> Response:
    """Posts that have an office against the standard, with how many are over."""
    as_of, chosen = as_of_date(), _chosen()
    limit = whole_number("limit", least=1, most=_MOST_ITEMS, default=500) or 0
    with asking(is_one_moment=True) as conn:
        found, _ = _read(conn, chosen, limit)
        terms = read_terms(conn, language())
    return jsonify(
        {
            "as_of": as_of.isoformat(),
            "counts": {
                "posts": found.total,
                **{state.value: count for state, count in found.counts.items()},
            },
            "faults": {fault.value: count for fault, count in found.faults.items()},
            "items": [_post(one, terms) for one in found.items],
            "total": found.shown,
        }
    )


def _post(one: PostVerdict, terms: Terms) -> dict[str, Any]:
    first, row = one.seats[0], one.line.standard
    return {
        "organization_id": first.body.organization_id,
        "code": first.body.code,
        "name": first.body.name,
        "district": first.body.district,
        "level_title": terms.title("organization_level", first.body.level_code),
        "post_id": first.post_id,
        "title": first.title,
        "rank_title": terms.title("rank", first.rank),
        "counts_as_title": one.line.reading and terms.title("rank", one.line.reading.counts_as),
        "heads": first.heads,
        "rooms": [_room(seat) for seat in one.seats],
        "rate": None if one.line.rate is None else float(one.line.rate),
        "compared": compared_row(one.compared),
        "lacks": [say(f"space.lack.{lack.value}") for lack in one.lacks],
        "source": row and row.source,
        "source_url": public_link(row.source_url) if row else None,
        "clause": row and row.clause,
        "is_verified": one.line.is_verified,
        "faults": [
            {"fault": fault.value, "title": say(f"space.fault.{fault.value}")}
            for fault in one.faults
        ],
        "left_on": plain(first.left_on),
        "due_on": plain(one.due_on),
        "due_by": one.due_by
        and {
            "source": one.due_by.source,
            "clause": one.due_by.clause,
            "is_verified": one.due_by.is_verified,
        },
    }


def _room(seat: Seat) -> dict[str, Any]:
    return {
        "place_id": seat.place_id,
        "name": " ".join(filter(None, (seat.building, seat.floor, seat.room))),
        "area_m2": m2(seat.area_m2),
        "share": float(seat.share),
        "part_m2": m2(seat.part_m2),
        "approval_document": seat.approval_document,
    }
