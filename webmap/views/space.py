"""Office space against the standard: a list of bodies, and why of each; as pages and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, render_template
from sqlalchemy import Connection, Row

from assets.inspection.queries import may_plan
from assets.space.comparing import Compared, State
from assets.space.held import HeldRoom, rooms_held
from assets.space.queries import (
    MOST_JUDGED,
    Listed,
    Verdict,
    all_of,
    bodies,
    listed,
    systems,
    verdicts,
)
from assets.space.reports import by_district, by_system
from assets.space.rules import Line, public_link, rounded
from assets.space.stating import may_state
from gis.errors import InputError, NotFound
from gis.places.terms import Terms, read_terms
from webmap.asked import as_of_date, short_text, whole_number
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.places import plain

pages = Blueprint("space_pages", __name__)
blueprint = Blueprint("space", __name__)

_WAYS: Final = ("system", "district")
"""By what bodies are summed."""
_ALL: Final = "all"
"""Stands for offices, service and equipment rooms together."""
_A_PAGE: Final = 100
_MOST_ITEMS: Final = MOST_JUDGED
_MOST_OFFSET: Final = 10_000_000


@dataclass(frozen=True)
class _Chosen:
    """Which bodies are asked for, and from which one on."""

    district: str | None
    state: State | None
    offset: int

    def address(self, as_of: str, offset: int | None = None) -> str:
        """Of the page that begins with another body."""
        asked = {
            "as_of": as_of,
            "district": self.district or "",
            "state": self.state or "",
            "offset": offset or "",
        }
        return f"/space?{urlencode({name: said for name, said in asked.items() if said})}"


def _chosen() -> _Chosen:
    state = short_text("state")
    if state is not None and state not in list(State):
        raise InputError("space.bad_state", value=state[:40])
    return _Chosen(
        short_text("district"),
        State(state) if state else None,
        whole_number("offset", least=0, most=_MOST_OFFSET, default=0) or 0,
    )


@pages.get("/space")
def show_list() -> str:
    """Bodies against the standard by district, then code, a page of them."""
    as_of, chosen = as_of_date(), _chosen()
    with asking(is_one_moment=True) as conn:
        found = listed(
            conn, as_of, district=chosen.district, state=chosen.state,
            limit=_A_PAGE, offset=chosen.offset,
        )  # fmt: skip
        is_ours = may_state(conn)
        terms = read_terms(conn, language())
    # What asks for the bureau's cell may make it, which is not of one moment.
    with asking() as conn:
        may_notify = may_plan(conn)
    day, last = as_of.isoformat(), chosen.offset + len(found.items)
    return render_template(
        "space/list.html",
        messages=dict(script_messages(language())),
        as_of=as_of,
        items=[_summary(one, terms) for one in found.items],
        counts=_counts(found),
        classes=(_ALL, "office", "service", "equipment"),
        chosen=chosen,
        districts=found.districts,
        states=list(State),
        may_state=is_ours,
        last=last,
        shown_of=_shown_of(found, chosen),
        before=chosen.address(day, max(chosen.offset - _A_PAGE, 0)) if chosen.offset else None,
        may_notify=may_notify,
        after=chosen.address(day, last) if last < _shown_of(found, chosen) else None,
    )


def _shown_of(found: Listed, chosen: _Chosen) -> int:
    """How many bodies there are to go through."""
    if chosen.state is None or found.counts is None:
        return found.total
    return found.counts[chosen.state]


@pages.get("/space/sums")
def show_sums() -> str:
    """What systems, or districts, come to together."""
    as_of, way, district = as_of_date(), _way(), short_text("district")
    rows, districts = _sums(as_of, way, district)
    return render_template(
        "space/sums.html",
        messages=dict(script_messages(language())),
        as_of=as_of,
        way=way,
        ways=_WAYS,
        chosen=district,
        districts=districts,
        rows=rows,
    )


@blueprint.get("/api/space/sums")
def list_sums() -> Response:
    """The same for programs."""
    as_of, way = as_of_date(), _way()
    rows, _ = _sums(as_of, way, short_text("district"))
    return jsonify({"as_of": as_of.isoformat(), "by": way, "items": rows})


def _way() -> str:
    way = short_text("by") or _WAYS[0]
    if way not in _WAYS:
        raise InputError("space.bad_way", value=way[:40], ways=", ".join(_WAYS))
    return way


def _sums(
    as_of: date, way: str, district: str | None
) -> tuple[list[dict[str, Any]], Mapping[str, str]]:
    """Rows of `code, name` and sums; and every district that has a body, by code."""
    with asking(is_one_moment=True) as conn:
        found = all_of(conn, as_of, district)
        named = {one.admin_area_code: one.district for one in bodies(conn, as_of)}
        rows = by_system(found, systems(conn, as_of)) if way == "system" else by_district(found)
        code, name = ("code", "system") if way == "system" else ("district_code", "district")
        shown = [
            {
                "code": row[code],
                "name": row[name],
                **{key: plain(row[key]) for key in row if key not in (code, name)},
            }
            for row in rows
        ]
    return shown, {key: title for key, title in named.items() if key}


@pages.get("/space/bodies/<int:organization_id>")
def show_body(organization_id: int) -> str:
    """Why a body is over or not: each line with people, rate and clause."""
    as_of = as_of_date()
    with asking(is_one_moment=True) as conn:
        found = _one(conn, organization_id)
        terms = read_terms(conn, language())
    # What asks for the bureau's cell may make it, which is not of one moment.
    with asking() as conn:
        may_notify = may_plan(conn)
    return render_template(
        "space/body.html",
        may_notify=may_notify,
        messages=dict(script_messages(language())),
        as_of=as_of,
        one=_explained(found, terms),
    )


@blueprint.get("/api/space/verdicts")
def list_verdicts() -> Response:
    """Bodies against the standard, with how many are over."""
    as_of, chosen = as_of_date(), _chosen()
    limit = whole_number("limit", least=1, most=_MOST_ITEMS, default=500) or 0
    with asking(is_one_moment=True) as conn:
        found = listed(
            conn, as_of, district=chosen.district, state=chosen.state,
            limit=limit, offset=chosen.offset,
        )  # fmt: skip
        terms = read_terms(conn, language())
    return jsonify(
        {
            "as_of": as_of.isoformat(),
            "counts": _counts(found),
            "items": [_summary(one, terms) for one in found.items],
            "total": _shown_of(found, chosen),
        }
    )


@blueprint.get("/api/space/verdicts/<int:organization_id>")
def show_verdict(organization_id: int) -> Response:
    """One body against the standard, line by line."""
    as_of = as_of_date()
    with asking(is_one_moment=True) as conn:
        found = _one(conn, organization_id)
        terms = read_terms(conn, language())
    return jsonify({"as_of": as_of.isoformat(), **_explained(found, terms)})


@pages.get("/space/bodies/<int:organization_id>/rooms")
def show_rooms(organization_id: int) -> str:
    """Each room of a body, a page of them."""
    as_of = as_of_date()
    offset = whole_number("offset", least=0, most=_MOST_OFFSET, default=0) or 0
    with asking(is_one_moment=True) as conn:
        body = _body(conn, organization_id)
        found = rooms_held(conn, as_of, organization_id, limit=_A_PAGE, offset=offset)
        terms = read_terms(conn, language())
    here = f"/space/bodies/{organization_id}/rooms?as_of={as_of.isoformat()}"
    last = offset + len(found.rooms)
    return render_template(
        "space/rooms.html",
        messages=dict(script_messages(language())),
        as_of=as_of,
        body=body,
        rooms=[_room(one, terms) for one in found.rooms],
        total=found.total,
        first=offset + 1,
        last=last,
        before=f"{here}&offset={max(offset - _A_PAGE, 0)}" if offset else None,
        after=f"{here}&offset={last}" if last < found.total else None,
    )


@blueprint.get("/api/space/verdicts/<int:organization_id>/rooms")
def list_rooms(organization_id: int) -> Response:
    """Each room of a body: where it is, of which class, how much of it, with whom."""
    as_of = as_of_date()
    limit = whole_number("limit", least=1, most=_MOST_ITEMS, default=500) or 0
    offset = whole_number("offset", least=0, most=_MOST_OFFSET, default=0) or 0
    with asking(is_one_moment=True) as conn:
        _body(conn, organization_id)
        found = rooms_held(conn, as_of, organization_id, limit=limit, offset=offset)
        terms = read_terms(conn, language())
    return jsonify(
        {
            "as_of": as_of.isoformat(),
            "total": found.total,
            "items": [_room(one, terms) for one in found.rooms],
        }
    )


def _room(one: HeldRoom, terms: Terms) -> dict[str, Any]:
    return {
        "place_id": one.place_id,
        "code": one.code,
        "number": one.number,
        "name": one.name,
        "building": one.building,
        "floor": one.floor,
        "class_title": terms.title("room_class", one.room_class) or say("question.not_stated"),
        "counts": one.counts,
        "area_m2": m2(one.area_m2),
        "part_m2": m2(one.part_m2),
        "shared_with": list(one.others),
        "is_alike": one.is_alike,
    }


def _body(conn: Connection, organization_id: int) -> Row[Any]:
    found = bodies(conn, as_of_date(), organization_id=organization_id)
    if not found:
        raise NotFound("space.no_verdict")
    return found[0]


def _one(conn: Connection, organization_id: int) -> Verdict:
    (one,) = verdicts(conn, as_of_date(), of=[_body(conn, organization_id)])
    return one


def _counts(found: Listed) -> dict[str, int | None]:
    return {
        "bodies": found.total,
        **{state.value: found.counts[state] if found.counts else None for state in State},
    }


def _summary(one: Verdict, terms: Terms) -> dict[str, Any]:
    body = one.body
    return {
        "organization_id": body.organization_id,
        "code": body.code,
        "name": body.name,
        "district": body.district,
        "level_title": terms.title("organization_level", body.level_code),
        "quota": one.entitlement.quota,
        "counted_on": plain(one.counted_on),
        "uses_unverified": one.entitlement.uses_unverified,
        "lacks": [say(f"space.lack.{lack.value}") for lack in one.lacks],
        "compared": {each.room_class or _ALL: compared_row(each) for each in one.compared},
    }


def compared_row(one: Compared) -> dict[str, Any]:
    """One comparison as pages and programs are told it."""
    return {
        "title": say(f"space.verdicts.class.{one.room_class or _ALL}"),
        "actual_m2": m2(one.actual_m2),
        "entitled_m2": m2(one.entitled_m2),
        "difference_m2": m2(one.difference_m2),
        "percent": None if one.share is None else float(rounded(one.share * 100)),
        "state": one.state.value,
        "state_title": say(f"space.verdicts.state.{one.state.value}"),
    }


def _explained(one: Verdict, terms: Terms) -> dict[str, Any]:
    return {
        **_summary(one, terms),
        "lines": [_line(each, terms) for each in one.entitlement.lines],
        "rooms": [
            {
                "class_title": terms.title("room_class", each.room_class)
                or say("question.not_stated"),
                "rooms": each.rooms,
                "area_m2": m2(each.area_m2),
                "unmeasured": each.unmeasured,
                "shared_alike": each.shared_alike,
            }
            for each in one.rooms
        ],
    }


def _line(line: Line, terms: Terms) -> dict[str, Any]:
    row = line.standard
    return {
        "class_title": say(f"space.verdicts.class.{line.room_class}"),
        "rank_title": terms.title("rank", line.rank),
        "counts_as_title": line.reading and terms.title("rank", line.reading.counts_as),
        "count": line.count,
        "base_m2": m2(line.base_m2),
        "rate": None if line.rate is None else float(line.rate),
        "area_m2": m2(line.area_m2),
        "lack": line.lack and say(f"space.lack.{line.lack.value}"),
        "source": row and row.source,
        "source_url": public_link(row.source_url) if row else None,
        "clause": row and row.clause,
        "valid_from": plain(row.valid_from) if row else None,
        "is_verified": line.is_verified,
    }


def m2(area: Decimal | None) -> float | None:
    """Square metres as printed."""
    return None if area is None else float(rounded(area))
