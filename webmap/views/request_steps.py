"""What is done with requests and returns; the vacant rooms that would do, as the form asks."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from flask import Blueprint, Response, jsonify

from assets.requests.actions.drafting import (
    add_document,
    note_budget,
    note_decision,
    open_request,
    save_request,
)
from assets.requests.actions.returning import ask_back
from assets.requests.actions.stock import answer, look_through, make_transfer
from assets.requests.model import Item, OldRooms, ReturnKind
from assets.requests.returns import RETURNS
from assets.requests.rules import MOST_RADIUS_M, Draft, suggested
from assets.requests.vacant import MOST, rooms_that_would_do
from assets.requests.workflows import REQUESTS
from assets.services.cases import take
from assets.services.workflow import Workflow
from gis.clock import today
from gis.columns import LARGEST_ID
from gis.errors import InputError
from webmap.asked import (
    amount,
    degrees,
    json_object,
    needed_day,
    short_text,
    stated_day,
    whole_number,
)
from webmap.language import say
from webmap.session import asking

blueprint = Blueprint("requests", __name__)
_MOST_NUMBERS: Final = 1000


@blueprint.get("/api/requests/vacant")
def list_vacant() -> Response:
    """Vacant office rooms that would do: by district, by distance, with those that go together."""
    longitude = degrees(short_text("longitude"), 180)
    latitude = degrees(short_text("latitude"), 90)
    radius_m = whole_number("radius_m", least=1, most=MOST_RADIUS_M)
    if [longitude, latitude, radius_m].count(None) not in (0, 3):
        raise InputError("requests.half_a_point")
    needed_m2 = amount(short_text("needed_m2"), "requests.bad_area", digits=2)
    with asking(is_one_moment=True) as conn:
        stock = rooms_that_would_do(
            conn, today(), district=short_text("district"), longitude=longitude,
            latitude=latitude, radius_m=radius_m,
        )  # fmt: skip
    chosen = set(suggested(stock.rooms, needed_m2))
    return jsonify(
        {
            "as_of": today().isoformat(),
            "total": stock.total,
            "most_listed": MOST,
            "usable_m2": float(sum((one.usable_m2 or Decimal() for one in stock.rooms), Decimal())),
            "items": [
                {
                    "place_id": one.place_id,
                    "code": one.code,
                    "name": one.name,
                    "building": one.building,
                    "building_id": one.building_id,
                    "floor": one.floor,
                    "usable_m2": None if one.usable_m2 is None else float(one.usable_m2),
                    "distance_m": one.distance_m,
                    "vacant_since": one.vacant_since and one.vacant_since.isoformat(),
                    "longitude": one.longitude,
                    "latitude": one.latitude,
                    "is_suggested": one.place_id in chosen,
                }
                for one in stock.rooms
            ],
        }
    )


@blueprint.post("/requests")
def open_one() -> Response:
    """Write a request; it waits to be handed in."""
    draft = _draft(json_object())
    with asking() as conn:
        made = open_request(conn, draft)
    return jsonify({"request_id": made, "location": f"/requests/{made}"})


@blueprint.post("/requests/<int:request_id>")
def save_one(request_id: int) -> Response:
    """Change a request that is not handed in."""
    body = json_object()
    draft, version = _draft(body), version_of(body)
    with asking() as conn:
        save_request(conn, request_id, draft, seen_version=version, today=today())
    return _there(request_id)


@blueprint.post("/requests/<int:request_id>/stock")
def look_at_stock(request_id: int) -> Response:
    """Write down which vacant rooms of today would do."""
    version = version_of(json_object())
    with asking(is_long=True) as conn:
        look_through(conn, request_id, seen_version=version, today=today())
    return _there(request_id)


@blueprint.post("/requests/<int:request_id>/answers")
def answer_for_rooms(request_id: int) -> Response:
    """Take candidates, or refuse them with a reason."""
    body = json_object()
    word = words(body, "answer")
    if word not in {"taken", "refused"}:
        raise InputError("requests.no_answer")
    with asking() as conn:
        answer(
            conn, request_id, numbers(body.get("rooms"), "requests.no_candidates"),
            is_taken=word == "taken", reason=words(body, "reason"), today=today(),
        )  # fmt: skip
    return _there(request_id)


@blueprint.post("/requests/<int:request_id>/transfer")
def turn_to_transfer(request_id: int) -> Response:
    """Make it a request for the vacant rooms that were taken."""
    version = version_of(json_object())
    with asking() as conn:
        make_transfer(conn, request_id, seen_version=version, today=today())
    return _there(request_id)


@blueprint.post("/requests/<int:request_id>/documents")
def add_one_document(request_id: int) -> Response:
    """Say which document it rests on."""
    body = json_object()
    with asking() as conn:
        add_document(
            conn, request_id, kind=words(body, "kind"), reference=words(body, "reference"),
            today=today(),
        )  # fmt: skip
    return _there(request_id)


@blueprint.post("/requests/<int:request_id>/budget")
def note_finance(request_id: int) -> Response:
    """What finance answered to a lease."""
    body = json_object()
    version = version_of(body)
    yuan = amount(body.get("budget_yuan"), "requests.bad_budget", digits=2)
    if yuan is None:
        raise InputError("requests.bad_budget")
    with asking() as conn:
        note_budget(
            conn, request_id, budget_yuan=yuan, document=words(body, "budget_document"),
            seen_version=version, today=today(),
        )  # fmt: skip
    return _there(request_id)


@blueprint.post("/requests/<int:request_id>/decision")
def number_decision(request_id: int) -> Response:
    """The number of the decision, before it is taken."""
    body = json_object()
    version = version_of(body)
    with asking() as conn:
        note_decision(
            conn, request_id, document=words(body, "decision_document"), seen_version=version,
            today=today(),
        )  # fmt: skip
    return _there(request_id)


@blueprint.post("/requests/<int:request_id>/steps")
def take_step(request_id: int) -> Response:
    """Take a step of a request."""
    take_step_of(REQUESTS, request_id)
    return _there(request_id)


@blueprint.post("/requests/returns/<int:room_return_id>/steps")
def take_return_step(room_return_id: int) -> Response:
    """Note that a room was given back, on which day, or ask for it no more."""
    body = json_object()
    is_return = words(body, "step") == "give_back"
    day = stated_day(body.get("returned_on")) if is_return else None
    take_step_of(RETURNS, room_return_id, {"returned_on": day} if day else None)
    return jsonify({"location": "/requests/returns"})


@blueprint.post("/requests/returns")
def ask_rooms_back() -> Response:
    """Ask a body to give rooms back."""
    body = json_object()
    kind = words(body, "kind")
    if kind not in list(ReturnKind):
        raise InputError("requests.unknown_kind", value=kind[:40])
    with asking() as conn:
        made = ask_back(
            conn,
            numbers(body.get("rooms"), "requests.no_rooms"),
            organization_id=number(body.get("organization_id"), "requests.no_body"),
            kind=ReturnKind(kind),
            began_on=needed_day(body.get("began_on")),
            due_on=stated_day(body.get("due_on")),
            reason=words(body, "reason"),
            document=words(body, "document"),
            today=today(),
        )
    said = say("requests.asked_back_said", count=len(made))
    return jsonify({"said": said, "returns": list(made), "location": "/requests/returns"})


def take_step_of(
    workflow: Workflow,
    case_id: int,
    values: Mapping[str, Any] | None = None,
    *,
    is_long: bool = False,
) -> None:
    """Take the step of a case that a form names, in whose name it says."""
    body = json_object()
    version = version_of(body)
    principal = body.get("on_behalf_of") or None
    with asking(is_long=is_long) as conn:
        take(
            conn,
            workflow,
            words(body, "step"),
            case_id,
            seen_version=version,
            remark=words(body, "remark"),
            on_behalf_of=None if principal is None else number(principal, "deputy.bad_principal"),
            values=values,
        )


def _there(request_id: int) -> Response:
    return jsonify({"location": f"/requests/{request_id}"})


def _draft(body: Mapping[str, Any]) -> Draft:
    item = words(body, "item")
    if item not in list(Item):
        raise InputError("requests.unknown_item", value=item[:40])
    subject, radius = body.get("subject_id"), body.get("radius_m")
    old = words(body, "old_rooms") or None
    if old is not None and old not in list(OldRooms):
        raise InputError("requests.unknown_old_rooms", value=old[:40])

    def said(name: str) -> str | None:
        return words(body, name) or None

    return Draft(
        item=Item(item),
        organization_id=number(body.get("organization_id"), "requests.no_body"),
        reason=words(body, "reason"),
        needed_m2=amount(body.get("needed_m2"), "requests.bad_area", digits=2),
        posts=_posts(body),
        from_on=stated_day(body.get("from_on")),
        due_on=stated_day(body.get("due_on")),
        longitude=degrees(body.get("longitude"), 180),
        latitude=degrees(body.get("latitude"), 90),
        radius_m=None if radius in (None, "") else number(radius, "requests.bad_radius"),
        amount_yuan=amount(body.get("amount_yuan"), "requests.bad_amount", digits=2),
        subject_id=None if subject in (None, "") else number(subject, "requests.no_place"),
        old_rooms=OldRooms(old) if old else None,
        left_rooms=tuple(
            numbers(body.get("left_rooms"), "requests.no_rooms") if old == OldRooms.SOME else ()
        ),
        project_name=said("project_name"),
        project_address=said("project_address"),
        other_ways_reason=said("other_ways_reason"),
        other_ways_document=said("other_ways_document"),
        classified_document=said("classified_document"),
        rank_code=said("rank_code"),
        admin_area_code=said("admin_area_code"),
    )


def _posts(body: Mapping[str, Any]) -> dict[str, int]:
    """People by rank, of fields `posts.<rank>`; blank ones are nobody."""
    return {
        name.removeprefix("posts."): number(stated, "requests.bad_people", most=100_000)
        for name, stated in body.items()
        if name.startswith("posts.") and stated not in (None, "", "0")
    }


def version_of(body: Mapping[str, Any]) -> int:
    """The version of a case that who sent a form saw."""
    return number(body.get("version"), "workflow.no_version")


def number(stated: object, key: str, *, most: int = LARGEST_ID) -> int:
    """A number of ours as a form sends it; the message is for what is none."""
    written = str(stated if stated is not None else "").strip()
    if isinstance(stated, bool) or not (written.isascii() and written.isdecimal()):
        raise InputError(key, most=most)
    if len(written) > 19 or not 0 < int(written) <= most:
        raise InputError(key, most=most)
    return int(written)


def numbers(stated: object, key: str) -> list[int]:
    """Numbers as a list, or written one after another with commas."""
    parts = stated if isinstance(stated, list) else str(stated or "").split(",")
    chosen = [one for one in parts if str(one).strip()]
    if len(chosen) > _MOST_NUMBERS:
        raise InputError(key, most=_MOST_NUMBERS)
    return [number(one, key) for one in chosen]


def words(body: Mapping[str, Any], name: str) -> str:
    """The text of a field, without outer blanks; of a blank one none."""
    stated = body.get(name) or ""
    if not isinstance(stated, str):
        raise InputError("asked.not_text", name=name)
    return stated.strip()
