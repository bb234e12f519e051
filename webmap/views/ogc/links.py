"""Addresses in answers: as whoever asks reaches the server, also behind another host or prefix."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from flask import request

from webmap.web_settings import kept_settings

JSON: Final = "application/json"
GEOJSON: Final = "application/geo+json"
SCHEMA: Final = "application/schema+json"
OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
ROOT: Final = "/ogc"


def address(path: str, parameters: Mapping[str, Any] | None = None) -> str:
    """The whole address of a path of this server.

    Args:
        path: Begins with a slash.
        parameters: What stands behind the question mark; what is null is left out.
    """
    root = kept_settings().public_url or request.url_root.rstrip("/")
    query = urlencode({name: one for name, one in (parameters or {}).items() if one is not None})
    return f"{root}{path}?{query}" if query else f"{root}{path}"


def link(
    rel: str,
    path: str,
    media: str,
    title: str | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A link of an answer."""
    described = {"href": address(path, parameters), "rel": rel, "type": media}
    return {**described, "title": title} if title else described


def self_link(media: str) -> dict[str, Any]:
    """The link of an answer to itself."""
    return link("self", request.path, media, parameters=request.args.to_dict())
