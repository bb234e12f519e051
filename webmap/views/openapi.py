"""`/openapi.json`: what programs may ask, kept by hand; a test compares it with the addresses."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify

blueprint = Blueprint("openapi", __name__)


def _parameter(name: str, where: str, kind: str, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "description": text,
        "schema": {"type": kind},
    }


_AS_OF: Final = _parameter("as_of", "query", "string", "Day the answer holds for, YYYY-MM-DD.")
_PLACE: Final = _parameter("place_id", "path", "integer", "Our number of the place.")
_PROBLEM: Final = {
    "description": "RFC 9457 problem document",
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}
VERSION: Final = "1"
"""Of the interface, not of the program: rises when an answer changes its meaning."""
_JSON: Final = "application/json"
_WITHIN: Final = {
    "type": "object",
    "description": "One of: geometry (GeoJSON polygon, at most 20,000 points), place_id,"
    " admin_area, point with radius_m; empty for the whole register.",
    "properties": {
        "geometry": {"type": "object"},
        "place_id": {"type": "integer"},
        "admin_area": {"type": "string"},
        "point": {"type": "array", "items": {"type": "number"}},
        "radius_m": {"type": "number"},
    },
}
_QUESTION: Final = {
    "within": _WITHIN,
    "buffer_m": {"type": "number"},
    "invert": {"type": "boolean"},
    "as_of": {"type": "string", "format": "date"},
    "domains": {"type": "array", "items": {"type": "string"}},
}


def _operation(
    summary: str, *parameters: dict[str, Any], media: str = _JSON, body: Any = None
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {
            "200": {"description": "The answer", "content": {media: {}}},
            "default": _PROBLEM,
        },
    }
    if body:
        schema = {"type": "object", "properties": body}
        described["requestBody"] = {"required": True, "content": {_JSON: {"schema": schema}}}
    return described


PATHS: Final[dict[str, dict[str, Any]]] = {
    "/healthz": {"get": _operation("Whether the server answers")},
    "/openapi.json": {"get": _operation("This document")},
    "/api/layers": {"get": _operation("The layer tree with counts and themes", _AS_OF)},
    "/api/admin-areas": {"get": _operation("Districts one can ask about")},
    "/api/search": {
        "get": _operation(
            "Places by name, code, address, number, holder or pinyin initials",
            _parameter("q", "query", "string", "What was typed."),
            _parameter("limit", "query", "integer", "At most 50."),
        )
    },
    "/api/places/{place_id}": {"get": _operation("The card of a place", _PLACE, _AS_OF)},
    "/api/area-summary": {"post": _operation("Figures about an area", body=_QUESTION)},
    "/api/area-list": {
        "post": _operation(
            "The list behind a figure",
            body={
                **_QUESTION,
                "list": {"type": "string"},
                "limit": {"type": "integer"},
                "offset": {"type": "integer"},
            },
        )
    },
    "/api/reports": {"get": _operation("Which reports there are")},
    "/api/reports/survey": {
        "get": _operation(
            "The national survey: one filer's workbook, or all in a zip",
            _AS_OF,
            _parameter("area", "query", "string", "Code of the filer."),
            _parameter("filled_by", "query", "string", "Office and name, for the cover."),
            _parameter("telephone", "query", "string", "Telephone, for the cover."),
            media="application/octet-stream",
        )
    },
    "/api/reports/{name}.json": {
        "get": _operation(
            "A report as plain tables", _parameter("name", "path", "string", "Its name."), _AS_OF
        )
    },
    "/tiles/{layer_name}/{z}/{x}/{y}.mvt": {
        "get": _operation(
            "A vector tile; label points stand in the layer `<name>_label`",
            _parameter("layer_name", "path", "string", "Name of the layer."),
            _parameter("z", "path", "integer", "Zoom, 0 to 22."),
            _parameter("x", "path", "integer", "Column."),
            _parameter("y", "path", "integer", "Row."),
            _AS_OF,
            _parameter("floor", "query", "integer", "Signed level, for layers with floors."),
            media="application/vnd.mapbox-vector-tile",
        )
    },
}


@blueprint.get("/openapi.json")
def describe() -> Response:
    """The application interface in OpenAPI 3.1."""
    return jsonify(
        {
            "openapi": "3.1.0",
            "info": {"title": "onemap", "version": VERSION},
            "paths": PATHS,
        }
    )
