"""Saved views of the map: list, keep, rename, share, forget."""

from typing import Any

from flask import Blueprint, Response, jsonify

from assets.services.views import change_view, delete_view, save_view, saved_views
from gis.columns import is_id
from gis.errors import InputError
from webmap.asked import json_object
from webmap.session import asking

blueprint = Blueprint("saved_views", __name__)


@blueprint.get("/api/views")
def list_views() -> Response:
    """One's own views, and those shared with bodies one sees."""
    with asking() as conn:
        found = saved_views(conn)
    return jsonify(
        {
            "items": [
                {
                    "view_id": one["saved_view_id"],
                    "name": one["name"],
                    "link": one["link"],
                    "is_mine": one["is_mine"],
                    "maker": one["maker"],
                    "shared_with": one["organization_name"]
                    and {
                        "organization_id": one["organization_id"],
                        "name": one["organization_name"],
                    },
                    "changed_at": one["changed_at"].isoformat(),
                }
                for one in found
            ]
        }
    )


@blueprint.post("/api/views")
def add_view() -> Response:
    """Keep what the map shows under a name."""
    body = json_object()
    name, link = _text(body, "name"), _text(body, "link")
    if name is None or link is None:
        raise InputError("view.incomplete")
    with asking() as conn:
        view_id = save_view(conn, name, link, _body(body))
    return jsonify({"view_id": view_id})


@blueprint.patch("/api/views/<int:view_id>")
def edit_view(view_id: int) -> Response:
    """Rename one's own view, share it or not any more, or keep what is shown now."""
    body = json_object()
    with asking() as conn:
        change_view(
            conn,
            view_id,
            name=_text(body, "name"),
            link=_text(body, "link"),
            shares="organization_id" in body,
            organization_id=_body(body),
        )
    return jsonify({"view_id": view_id})


@blueprint.delete("/api/views/<int:view_id>")
def remove_view(view_id: int) -> Response:
    """Forget one's own view."""
    with asking() as conn:
        delete_view(conn, view_id)
    return jsonify({"view_id": view_id})


def _text(body: Any, name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError("view.incomplete")
    return value


def _body(body: Any) -> int | None:
    value = body.get("organization_id")
    if value is None:
        return None
    if not is_id(value):
        raise InputError("view.incomplete")
    return int(value)
