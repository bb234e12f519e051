"""Places without location: the queue, where each may lie, and putting it there."""

import math
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import text

from assets.estate.queries import waiting_ids, waiting_places
from gis.errors import Conflict, InputError
from gis.places.candidates import Exact, candidates, exact
from gis.places.locating import (
    CLICK,
    Placed,
    last_step,
    locate,
    locate_exactly,
    take_off,
    take_step_off,
)
from webmap.asked import json_object, short_text, whole_number
from webmap.language import say
from webmap.session import asking

blueprint = Blueprint("unlocated", __name__)

_MOST_ROWS: Final = 500
_EXAMPLES: Final = 3


@blueprint.get("/api/unlocated")
def list_unlocated() -> Response:
    """Who waits for a location, by district, kind and holder."""
    limit = whole_number("limit", least=1, most=_MOST_ROWS, default=100) or 0
    offset = whole_number("offset", least=0, most=10_000_000, default=0) or 0
    chosen = _chosen()
    with asking() as conn:
        queue = waiting_places(conn, chosen=chosen, limit=limit, offset=offset)
        step = last_step(conn)
    return jsonify(
        {
            "waiting": queue.waiting,
            "total": queue.total,
            "items": [
                {
                    "place_id": row.place_id,
                    "kind": row.kind,
                    "kind_title": say(f"place.kind.{row.kind}"),
                    "code": row.code,
                    "name": row.name or row.address or row.code,
                    "address": row.address,
                    "area": row.area,
                    "holder": row.holder,
                }
                for row in queue.rows
            ],
            "kinds": [
                {"value": one.value, "title": say(f"place.kind.{one.value}"), "count": one.count}
                for one in queue.kinds
            ],
            "areas": [dict(one._mapping) for one in queue.areas],
            "holders": [dict(one._mapping) for one in queue.holders],
            "loads": [dict(one._mapping) for one in queue.loads],
            "last_step": step
            and {
                "step_id": step.step_id,
                "made_at": step.made_at.isoformat(),
                "count": step.count,
            },
        }
    )


@blueprint.get("/api/unlocated/exact")
def count_exact() -> Response:
    """How many of those chosen have an address that only one spot on the map has."""
    chosen = _chosen()
    with asking() as conn:
        found = exact(conn, waiting_ids(conn, chosen))
    return jsonify({"count": len(found), "examples": [_example(one) for one in found[:_EXAMPLES]]})


@blueprint.post("/api/unlocated/exact")
def put_exact() -> Response:
    """Put all of them on the map in one step, as long as they are as many as was counted."""
    expected = json_object().get("count")
    chosen = _chosen()
    with asking() as conn:
        found = exact(conn, waiting_ids(conn, chosen))
        if len(found) != expected:
            raise Conflict("place.exact_changed", count=len(found))
        put = locate_exactly(conn, found, _reason)
        step_id = conn.execute(text("SELECT pg_current_xact_id()::text::bigint")).scalar_one()
    return jsonify({"count": put.count, "refused": put.refused, "step_id": step_id})


@blueprint.delete("/api/unlocated/steps/<int:step_id>")
def take_back_step(step_id: int) -> Response:
    """Take off the map again what one put there in one step."""
    with asking() as conn:
        taken = take_step_off(conn, step_id)
    return jsonify({"count": taken.count, "refused": taken.refused})


def _chosen() -> dict[str, Any]:
    """What the queue is narrowed to by the address."""
    chosen: dict[str, Any] = {
        name: request.args[name] for name in ("kind", "area") if request.args.get(name)
    }
    for name in ("holder", "load"):
        if (number := whole_number(name, least=1)) is not None:
            chosen[name] = number
    if searched := short_text("q"):
        chosen["q"] = searched
    return chosen


def _reason(one: Exact) -> str:
    return say("place.candidate.same_address", name=one.shown, address=one.address)


def _example(one: Exact) -> dict[str, Any]:
    return {"place_id": one.place_id, "address": one.address, "found": one.shown}


@blueprint.get("/api/unlocated/<int:place_id>/candidates")
def list_candidates(place_id: int) -> Response:
    """Where the place may lie, best first, each with its reason."""
    with asking() as conn:
        found = candidates(conn, place_id)
    return jsonify(
        {
            "items": [
                {
                    "lon": round(one.lon, 7),
                    "lat": round(one.lat, 7),
                    "method": one.method,
                    "reason": say(f"place.candidate.{one.method}", **one.params),
                    "score": one.score,
                    "accuracy_m": one.accuracy_m,
                    "place_id": one.place_id,
                }
                for one in found
            ]
        }
    )


@blueprint.post("/api/places/<int:place_id>/location")
def put_place(place_id: int) -> Response:
    """Put the place on the map."""
    body = json_object()
    reason = body.get("reason")
    if reason is not None and not isinstance(reason, str):
        raise InputError("place.reason_not_text")
    with asking() as conn:
        placed = locate(
            conn,
            place_id,
            _point(body.get("point")),
            method=str(body.get("method") or CLICK),
            accuracy_m=None if body.get("accuracy_m") is None else _number(body["accuracy_m"]),
            reason=reason.strip() if reason else None,
            moves=body.get("moves") is True,
        )
    return _placed(place_id, placed)


@blueprint.delete("/api/places/<int:place_id>/location")
def take_place_off(place_id: int) -> Response:
    """Take a place that a person put on the map off it again."""
    with asking() as conn:
        placed = take_off(conn, place_id)
    return _placed(place_id, placed)


def _placed(place_id: int, placed: Placed) -> Response:
    stated = placed.stated_admin_area_code
    return jsonify(
        {
            "place_id": place_id,
            "changed": len(placed.place_ids),
            "admin_area_code": placed.admin_area_code,
            "district_differs": stated is not None
            and placed.admin_area_code is not None
            and stated[:6] != placed.admin_area_code[:6],
        }
    )


def _point(stated: object) -> tuple[float, float]:
    if not isinstance(stated, list) or len(stated) != 2:
        raise InputError("question.position")
    return _number(stated[0]), _number(stated[1])


def _number(stated: object) -> float:
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        raise InputError("question.position")
    if abs(stated) > 1e9 or not math.isfinite(stated):
        raise InputError("question.position")
    return float(stated)
