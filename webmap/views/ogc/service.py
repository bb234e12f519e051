"""The service itself: where everything is, which standards hold, and how it is asked."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify

from webmap.language import say
from webmap.views.ogc import links
from webmap.views.ogc.definition import definition
from webmap.views.ogc.parameters import refuse_unknown

blueprint = Blueprint("ogc", __name__)

_FEATURES: Final = "http://www.opengis.net/spec/ogcapi-features"
CONFORMANCE: Final = (
    f"{_FEATURES}-1/1.0/conf/core",
    f"{_FEATURES}-1/1.0/conf/geojson",
    f"{_FEATURES}-1/1.0/conf/oas30",
    f"{_FEATURES}-2/1.0/conf/crs",
    *(
        f"{_FEATURES}-3/1.0/conf/{name}"
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"http://www.opengis.net/spec/cql2/1.0/conf/{name}"
        for name in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "property-property",
            "arithmetic",
        )
    ),
)
"""What holds, and nothing else: clients ask by it."""


@blueprint.get(links.ROOT)
@blueprint.get(f"{links.ROOT}/", endpoint="slash")
def show_landing() -> Response:
    """Where everything is."""
    refuse_unknown(("f",))
    root = links.ROOT
    described: dict[str, Any] = {
        "title": say("ogc.title"),
        "description": say("ogc.description"),
        "links": [
            links.self_link(links.JSON),
            links.link("service-desc", f"{root}/api", links.OPENAPI, say("ogc.definition")),
            links.link("conformance", f"{root}/conformance", links.JSON, say("ogc.conformance")),
            links.link("data", f"{root}/collections", links.JSON, say("ogc.collections")),
        ],
    }
    return jsonify(described)


@blueprint.get(f"{links.ROOT}/conformance")
def list_conformance() -> Response:
    """Which parts of the standards hold."""
    refuse_unknown(("f",))
    return jsonify({"links": [links.self_link(links.JSON)], "conformsTo": CONFORMANCE})


@blueprint.get(f"{links.ROOT}/api")
def show_definition() -> Response:
    """How everything is asked, in the version of OpenAPI that the standard names."""
    refuse_unknown(("f",))
    response = jsonify(definition())
    response.content_type = links.OPENAPI
    return response
