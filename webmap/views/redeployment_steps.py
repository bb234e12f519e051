"""What is done with redeployment plans: make, copy, share, fill with rooms, propose, carry out."""

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, jsonify

from assets.estate.actions.holdings import Party
from assets.redeployment.actions import planning, rooms
from assets.redeployment.actions.planning import Draft
from assets.redeployment.model import ReleasedTo, StepKind
from assets.redeployment.workflows import REDEPLOYMENT
from gis.errors import InputError
from webmap.asked import json_object, needed_day
from webmap.session import asking
from webmap.views.closing import parties_of
from webmap.views.request_steps import number, numbers, take_step_of, version_of, words

blueprint = Blueprint("redeployment_steps", __name__)

_HERE: Final = "/redeployment/plans"
_SETTLED: Final = "settle."


@blueprint.post(_HERE)
def make_plan() -> Response:
    """Make a plan that says nothing yet."""
    draft = _draft(json_object())
    with asking() as conn:
        made = planning.create(conn, draft)
    return _there(made)


@blueprint.post(f"{_HERE}/<int:plan_id>")
def save_plan(plan_id: int) -> Response:
    """Change its name, note, document or first day."""
    body = json_object()
    draft, version = _draft(body), version_of(body)
    with asking() as conn:
        planning.save(conn, plan_id, draft, seen_version=version)
    return _there(plan_id)


@blueprint.post(f"{_HERE}/<int:plan_id>/copies")
def copy_plan(plan_id: int) -> Response:
    """Make a plan of one's own that says the same."""
    name = words(json_object(), "name")
    with asking() as conn:
        made = planning.copy(conn, plan_id, name)
    return _there(made)


@blueprint.post(f"{_HERE}/<int:plan_id>/share")
def share_plan(plan_id: int) -> Response:
    """Show it to whoever sees its body, or no more."""
    body = json_object()
    version, is_shared = version_of(body), words(body, "is_shared") == "1"
    with asking() as conn:
        planning.share(conn, plan_id, is_shared=is_shared, seen_version=version)
    return _there(plan_id)


@blueprint.post(f"{_HERE}/<int:plan_id>/rooms")
def change_rooms(plan_id: int) -> Response:
    """Assign, move, vacate or release rooms in a plan, or take them out of it."""
    body = json_object()
    version, kind = version_of(body), words(body, "kind")
    if kind not in _STEPS:
        raise InputError("redeployment.unknown_step", value=kind[:40])
    act, args = _STEPS[kind](body)
    with asking() as conn:
        act(conn, plan_id, *args, seen_version=version)
    return _there(plan_id)


@blueprint.post(f"{_HERE}/<int:plan_id>/settlements")
def settle_rooms(plan_id: int) -> Response:
    """Say of rooms that changed meanwhile whether what is wanted stands or falls."""
    body = json_object()
    version = version_of(body)
    said = {
        number(name.removeprefix(_SETTLED), "redeployment.no_clash"): word
        for name, word in body.items()
        if name.startswith(_SETTLED) and word
    }
    if unknown := set(map(str, said.values())) - {"keep", "drop"}:
        raise InputError("redeployment.unknown_step", value=min(unknown)[:40])
    with asking() as conn:
        rooms.settle(
            conn,
            plan_id,
            keep=[room for room, word in said.items() if word == "keep"],
            drop=[room for room, word in said.items() if word == "drop"],
            seen_version=version,
        )
    return _there(plan_id)


@blueprint.post(f"{_HERE}/<int:plan_id>/taken-back")
def take_back(plan_id: int) -> Response:
    """Take its newest step back."""
    version = version_of(json_object())
    with asking() as conn:
        rooms.take_step_back(conn, plan_id, seen_version=version)
    return _there(plan_id)


@blueprint.post(f"{_HERE}/<int:plan_id>/steps")
def take_step(plan_id: int) -> Response:
    """Take a step of its case: propose, review, approve, revoke."""
    take_step_of(REDEPLOYMENT, plan_id, is_long=True)
    return _there(plan_id)


def _assign(body: Mapping[str, Any]) -> Any:
    parties = (
        parties_of(body)
        if "parties" in body
        else [Party(number(body.get("organization_id"), "redeployment.no_body"))]
    )
    return rooms.assign, (_rooms(body), parties)


def _vacate(body: Mapping[str, Any]) -> Any:
    return rooms.vacate, (_rooms(body),)


def _leave(body: Mapping[str, Any]) -> Any:
    return rooms.leave, (_rooms(body),)


def _release(body: Mapping[str, Any]) -> Any:
    to, receiver = words(body, "released_to"), body.get("receiver_id")
    if to not in list(ReleasedTo):
        raise InputError("redeployment.released_to_what")
    receiver_id = None if receiver in (None, "") else number(receiver, "estate.no_such_body")
    return rooms.release, (_rooms(body), ReleasedTo(to), receiver_id)


def _move(body: Mapping[str, Any]) -> Any:
    """Pairs as a list, or one pair as a form sends it, which may change places."""
    stated = body.get("into")
    if stated is None:
        first = number(body.get("from_room"), "space.rooms.into")
        second = number(body.get("to_room"), "space.rooms.into")
        back = {second: first} if words(body, "is_swap") else {}
        return rooms.move, (_pairs([(first, second), *back.items()]),)
    if not isinstance(stated, list) or not all(isinstance(one, Mapping) for one in stated):
        raise InputError("space.rooms.into")
    key = "space.rooms.into"
    return rooms.move, (
        _pairs([(number(one.get("from"), key), number(one.get("to"), key)) for one in stated]),
    )


def _pairs(stated: list[tuple[int, int]]) -> dict[int, int]:
    into = dict(stated)
    if len(into) != len(stated) or any(old == new for old, new in stated):
        raise InputError("space.rooms.into")
    return into


_STEPS: Final = {
    StepKind.ASSIGN.value: _assign,
    StepKind.MOVE.value: _move,
    StepKind.VACATE.value: _vacate,
    StepKind.RELEASE.value: _release,
    StepKind.LEAVE.value: _leave,
}


def _rooms(body: Mapping[str, Any]) -> list[int]:
    return numbers(body.get("rooms"), "requests.no_rooms")


def _draft(body: Mapping[str, Any]) -> Draft:
    return Draft(
        name=words(body, "name"),
        organization_id=number(body.get("organization_id"), "redeployment.no_body"),
        from_on=needed_day(body.get("from_on")),
        note=words(body, "note") or None,
        document=words(body, "document") or None,
    )


def _there(plan_id: int) -> Response:
    return jsonify({"location": f"{_HERE}/{plan_id}", "plan_id": plan_id})
