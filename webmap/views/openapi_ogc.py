"""The standard interface in the document at `/openapi.json`; `/ogc/api` says more of it."""

from typing import Any, Final

from webmap.views.ogc.links import GEOJSON, OPENAPI, SCHEMA
from webmap.views.openapi_parts import operation, parameter

_NAME: Final = parameter("name", "path", "string", "Name of the layer.")
_CRS: Final = parameter("crs", "query", "string", "Of the answer; longitude, latitude if unstated.")
_DATETIME: Final = parameter(
    "datetime", "query", "string", "A day or moment, or two with a slash between; else today."
)

OGC_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/ogc": {"get": operation("OGC API - Features: where everything is")},
    "/ogc/": {"get": operation("The same")},
    "/ogc/conformance": {"get": operation("Which parts of the standards hold")},
    "/ogc/api": {"get": operation("How it is asked, in OpenAPI 3.0", media=OPENAPI)},
    "/ogc/collections": {"get": operation("Every layer as a collection")},
    "/ogc/collections/{name}": {"get": operation("One layer", _NAME)},
    "/ogc/collections/{name}/queryables": {
        "get": operation("What can be asked of a layer's features", _NAME, media=SCHEMA)
    },
    "/ogc/collections/{name}/items": {
        "get": operation(
            "A page of a layer's features",
            _NAME,
            parameter("limit", "query", "integer", "At most 10,000; a larger one means that."),
            parameter("page", "query", "string", "Where it begins, from the links of another."),
            parameter("bbox", "query", "string", "Four numbers: features touch this box."),
            parameter("bbox-crs", "query", "string", "Coordinate system of the box."),
            _CRS,
            _DATETIME,
            parameter("properties", "query", "string", "What they say, with commas between."),
            parameter("filter", "query", "string", "CQL2; any property may stand alone as well."),
            parameter("filter-lang", "query", "string", "cql2-text or cql2-json."),
            parameter("filter-crs", "query", "string", "Coordinate system of its shapes."),
            media=GEOJSON,
        )
    },
    "/ogc/collections/{name}/items/{written}": {
        "get": operation(
            "One feature",
            _NAME,
            parameter("written", "path", "string", "Its id."),
            _CRS,
            _DATETIME,
            media=GEOJSON,
        )
    },
    "/tiles/{layer_name}.json": {
        "get": operation(
            "How the tiles of a layer are read: TileJSON",
            parameter("layer_name", "path", "string", "Name of the layer."),
        )
    },
}
