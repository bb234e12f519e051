"""Redeployment plans: the list, one plan with its rooms, and both for programs."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template, request
from sqlalchemy import Connection

from assets.estate.actions.holdings import Party
from assets.redeployment.figures import MOST_COMPARED, Figures, figures
from assets.redeployment.model import ReleasedTo
from assets.redeployment.plan import (
    EDITABLE,
    Clash,
    PlanRoom,
    clashes,
    day_of,
    find_plan,
    list_plans,
    names_of,
    rooms_of,
    steps_of,
)
from assets.redeployment.workflows import REDEPLOYMENT
from assets.services.deputies import standing_in
from assets.services.steps import steps_taken
from assets.space.rooms import RoomsListed, place_named, rooms_in
from assets.space.rooms import rooms_of as rooms_of_body
from gis.clock import today
from gis.columns import LARGEST_ID
from gis.errors import InputError, Phrase
from gis.organizations.queries import body_card
from webmap.asked import whole_number
from webmap.language import language, say, script_messages
from webmap.session import asking
from webmap.views.request_steps import number
from webmap.views.requests import choices

pages = Blueprint("redeployment_plan_pages", __name__)
blueprint = Blueprint("redeployment_plans", __name__)

_A_PAGE: Final = 100
_MOST_OFFSET: Final = 10_000_000
_HERE: Final = "/redeployment/plans"


@pages.get(_HERE)
def show_plans() -> str:
    """Plans that one may see, those that are worked at first; and the form of a new one."""
    offset = whole_number("offset", least=0, most=_MOST_OFFSET, default=0) or 0
    with asking(is_one_moment=True) as conn:
        found = list_plans(conn, limit=_A_PAGE, offset=offset)
    total = found[0]["total"] if found else 0
    last = offset + len(found)
    return _page(
        "plans.html",
        found=found,
        total=total,
        before=f"{_HERE}?offset={max(offset - _A_PAGE, 0)}" if offset else None,
        after=f"{_HERE}?offset={last}" if last < total else None,
    )


@pages.get(f"{_HERE}/compare")
def show_compared() -> str:
    """Plans side by side: what each comes to."""
    with asking(is_one_moment=True, is_long=True) as conn:
        found = _compared(conn)
        names = names_of(conn, [Party(one.organization_id) for _, it in found for one in it.bodies])
    return _page("compare.html", found=found, names=names)


@blueprint.get("/api/redeployment/plans/compare")
def compare_for_programs() -> Response:
    """The same for programs."""
    with asking(is_one_moment=True, is_long=True) as conn:
        found = _compared(conn)
    return jsonify(
        {"items": [{**_of_plan(plan), "figures": _of_figures(it)} for plan, it in found]}
    )


@pages.get(f"{_HERE}/<int:plan_id>")
def show_plan(plan_id: int) -> str:
    """One plan: its rooms, what changed meanwhile, rooms to add, what may be done with it."""
    with asking(is_one_moment=True) as conn:
        plan = find_plan(conn, plan_id)
        found = rooms_of(conn, plan_id)
        changed = clashes(conn, plan)
        name, listed = _to_add(conn, day_of(plan))
        values: dict[str, Any] = {
            "names": _names(conn, found, changed),
            "steps": steps_of(conn, plan_id),
            "taken": steps_taken(conn, REDEPLOYMENT, plan_id),
            **choices(conn, REDEPLOYMENT, plan_id),
            "principals": standing_in(conn),
        }
    return _page(
        "plan.html",
        plan=plan,
        found=found,
        changed=changed,
        in_plan={one.place_id: one for one in found},
        listed=listed,
        listed_name=name,
        may_change=plan["may_write"] and plan["state"] in EDITABLE,
        targets=list(ReleasedTo),
        **values,
    )


@blueprint.get("/api/redeployment/plans")
def list_for_programs() -> Response:
    """The list for programs."""
    offset = whole_number("offset", least=0, most=_MOST_OFFSET, default=0) or 0
    with asking(is_one_moment=True) as conn:
        found = list_plans(conn, limit=_A_PAGE, offset=offset)
    items = [{**_of_plan(one), "rooms": one["rooms"]} for one in found]
    return jsonify({"total": found[0]["total"] if found else 0, "items": items})


@blueprint.get("/api/redeployment/plans/<int:plan_id>")
def read_plan(plan_id: int) -> Response:
    """One plan for programs: its rooms with who had, has and is to have them."""
    with asking(is_one_moment=True) as conn:
        plan = find_plan(conn, plan_id)
        found = rooms_of(conn, plan_id)
        changed = clashes(conn, plan)
        names = _names(conn, found, changed)
    return jsonify(
        {
            **_of_plan(plan),
            "rooms": [_of_room(one, names) for one in found],
            "clashes": [
                {
                    "place_id": one.room.place_id,
                    "title": one.room.title,
                    "why": _said(one.why),
                    "now": _parties(one.now, names),
                    "may_keep": one.may_keep,
                }
                for one in changed
            ],
        }
    )


def _compared(conn: Connection) -> list[tuple[Mapping[str, Any], Figures]]:
    """The plans that the address names, with what each comes to.

    Raises:
        InputError: None is named, or more than stand side by side.
    """
    stated = list(dict.fromkeys(request.args.getlist("plan")))
    if not 0 < len(stated) <= MOST_COMPARED:
        raise InputError("redeployment.compare_which", most=MOST_COMPARED)
    asked = [number(one, "redeployment.compare_which", most=LARGEST_ID) for one in stated]
    plans = [find_plan(conn, one) for one in asked]
    return [(one, figures(conn, one)) for one in plans]


def _of_figures(found: Figures) -> dict[str, Any]:
    before, after = found.over_m2
    counts = ("rooms", "changing", "released", "unmeasured", "unknown_people", "unknown_ways",
              "unjudged")  # fmt: skip
    return {
        **{name: getattr(found, name) for name in counts},
        "released_m2": _rounded(found.released_m2),
        "people": _rounded(found.people),
        "person_km": _rounded(found.person_km),
        "over_before_m2": _rounded(before),
        "over_after_m2": _rounded(after),
        "freed": list(found.freed),
        "bodies": [
            {
                **{name: getattr(one, name) for name in ("organization_id", "left", "gained")},
                "counted": one.counted,
                **{
                    name: _rounded(getattr(one, name))
                    for name in ("left_m2", "gained_m2", "people", "km", "over_before_m2",
                                 "over_after_m2")
                },
            }
            for one in found.bodies
        ],
    }  # fmt: skip


def _rounded(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 2)


def _to_add(conn: Connection, day: date) -> tuple[str | None, RoomsListed | None]:
    """Rooms of the place or body that the address names, to choose from; null: none is named.

    Raises:
        InputError: Both are named.
    """
    place_id, body_id = whole_number("place", least=1), whole_number("body", least=1)
    if place_id is not None and body_id is not None:
        raise InputError("space.rooms.of_what")
    if place_id is not None:
        return place_named(conn, place_id), rooms_in(conn, place_id, day)
    if body_id is not None:
        name = str(body_card(conn, body_id, day).body["name"])
        return name, rooms_of_body(conn, body_id, day)
    return None, None


def _names(
    conn: Connection, rooms: Iterable[PlanRoom], changed: Iterable[Clash]
) -> Mapping[int, str]:
    parties = [one for room in rooms for one in (*room.stood, *room.wanted)]
    parties += [one for clash in changed for one in clash.now]
    receivers = [Party(room.receiver_id) for room in rooms if room.receiver_id is not None]
    return names_of(conn, [*parties, *receivers])


def _of_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    named = ("plan_id", "name", "note", "document", "organization_id", "state", "version")
    return {
        **{name: plan[name] for name in named},
        "body": plan["body_name"],
        "from_on": plan["from_on"].isoformat(),
        "is_shared": plan["is_shared"],
        "merged_on": plan["merged_on"] and plan["merged_on"].isoformat(),
    }


def _of_room(one: PlanRoom, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "place_id": one.place_id,
        "title": one.title,
        "building_id": one.building_id,
        "kind": one.kind,
        "stood": _parties(one.stood, names),
        "wanted": _parties(one.wanted, names),
        "released_to": one.released_to,
        "receiver_id": one.receiver_id,
    }


def _parties(parties: Iterable[Party], names: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "organization_id": one.holder_id,
            "name": names[one.holder_id],
            "share": None if one.share is None else float(one.share),
        }
        for one in parties
    ]


def _said(phrase: Phrase) -> str:
    return say(phrase.key, **phrase.params)


def _page(template: str, **values: Any) -> str:
    return render_template(
        f"redeployment/{template}",
        messages=dict(script_messages(language())),
        today=today(),
        said=_said,
        **values,
    )
