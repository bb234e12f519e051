"""The definition at `/ogc/api`, in OpenAPI 3.0, which the standard names; every layer by name."""

from typing import Any, Final

from assets.registry import LAYERS
from gis.features.collection import properties_of
from gis.features.reference import REFERENCES
from gis.layers import Layer
from webmap.language import say
from webmap.views.ogc import links
from webmap.views.ogc.parameters import DEFAULT_LIMIT, MOST

VERSION: Final = "1"
_URIS: Final = [one.uri for one in REFERENCES]
_URI: Final = {"type": "string", "format": "uri", "enum": _URIS}


def definition() -> dict[str, Any]:
    """How everything is asked."""
    return {
        "openapi": "3.0.3",
        "info": {"title": say("ogc.title"), "version": VERSION},
        "servers": [{"url": links.address(links.ROOT)}],
        "paths": {
            "/": {"get": _operation("landing", say("ogc.title"), links.JSON)},
            "/conformance": {"get": _operation("conformance", say("ogc.conformance"), links.JSON)},
            "/api": {"get": _operation("api", say("ogc.definition"), links.OPENAPI)},
            "/collections": {
                "get": _operation("collections", say("ogc.collections"), links.JSON, signed_in=True)
            },
            **{path: one for layer in LAYERS for path, one in _paths_of(layer).items()},
        },
        "components": {
            "parameters": _PARAMETERS,
            "responses": {
                "Problem": {
                    "description": "RFC 9457",
                    "content": {"application/problem+json": {"schema": {"type": "object"}}},
                }
            },
        },
    }


def _paths_of(layer: Layer) -> dict[str, Any]:
    here, title = f"/collections/{layer.name}", say(layer.title_key)
    feature = {
        "name": "featureId",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
    }
    names = [one.name for one in properties_of(layer)]
    properties = _query(
        "properties", {"type": "array", "items": {"type": "string", "enum": names}}, explode=False
    )
    asked = [
        _query(one.name, {"type": "string" if one.type in {"text", "date"} else one.type})
        for one in properties_of(layer)
    ]
    return {
        here: {"get": _operation(f"describe.{layer.name}", title, links.JSON, signed_in=True)},
        f"{here}/queryables": {
            "get": _operation(f"queryables.{layer.name}", title, links.SCHEMA, signed_in=True)
        },
        f"{here}/items": {
            "get": _operation(
                f"items.{layer.name}",
                title,
                links.GEOJSON,
                *(_reference_to(name) for name in _PARAMETERS),
                properties,
                *asked,
                signed_in=True,
            )
        },
        f"{here}/items/{{featureId}}": {
            "get": _operation(
                f"item.{layer.name}",
                title,
                links.GEOJSON,
                feature,
                _reference_to("crs"),
                _reference_to("datetime"),
                signed_in=True,
            )
        },
    }


def _query(name: str, schema: dict[str, Any], *, explode: bool | None = None) -> dict[str, Any]:
    described: dict[str, Any] = {"name": name, "in": "query", "required": False, "schema": schema}
    return described if explode is None else {**described, "style": "form", "explode": explode}


def _reference_to(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/parameters/{name}"}


_CORNERS: Final = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "limit": _query(
        "limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT}
    ),
    "page": _query("page", {"type": "string"}),
    "bbox": _query("bbox", _CORNERS, explode=False),
    "bbox-crs": _query("bbox-crs", _URI),
    "crs": _query("crs", _URI),
    "datetime": _query("datetime", {"type": "string"}),
    "filter": _query("filter", {"type": "string"}),
    "filter-lang": _query(
        "filter-lang",
        {"type": "string", "enum": ["cql2-text", "cql2-json", "cql-text"], "default": "cql2-text"},
    ),
    "filter-crs": _query("filter-crs", _URI),
}


def _operation(
    name: str, summary: str, media: str, *parameters: dict[str, Any], signed_in: bool = False
) -> dict[str, Any]:
    problems = ("400", "401", "404") if signed_in else ("400",)
    return {
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": {
            "200": {"description": summary, "content": {media: {"schema": {"type": "object"}}}},
            **{status: {"$ref": "#/components/responses/Problem"} for status in problems},
        },
    }
