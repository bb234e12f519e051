"""What `/openapi.json` says of themes, filters and bodies."""

from typing import Any, Final

from webmap.views.openapi_parts import operation, parameter

_AS_OF: Final = parameter("as_of", "query", "string", "Day the answer holds for, YYYY-MM-DD.")
FILTER: Final = parameter(
    "filter", "query", "string",
    'JSON: attribute to its values ("" is unknown) or to smallest and largest; holder to a body.',
)  # fmt: skip
_VIEW: Final = {
    "name": {"type": "string"},
    "link": {"type": "string", "description": "The fragment of the map's address."},
    "organization_id": {
        "type": ["integer", "null"],
        "description": "Whoever sees anything of this body sees the view; null: only oneself.",
    },
}
_VIEW_ID: Final = parameter("view_id", "path", "integer", "Our number of the view.")
THEME_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/layers/{name}/count": {
        "get": operation(
            "How many places of a layer pass a filter, and of how many",
            parameter("name", "path", "string", "Name of the layer."),
            FILTER,
            _AS_OF,
        )
    },
    "/api/layers/{name}/breakdown": {
        "post": operation(
            "How the places of a layer spread over districts and attributes, each chart under"
            " all of the filter but its own part",
            parameter("name", "path", "string", "Name of the layer."),
            body={
                "within": {"type": "object"},
                "box": {"type": "array", "items": {"type": "number"}},
                "filter": {"type": "object"},
                "filters": {"type": "object", "description": "Of other layers too, by layer."},
                "as_of": {"type": "string", "format": "date"},
            },
        )
    },
    "/api/drawn": {
        "get": operation(
            "How many shapes a sheet of some layers would draw one by one",
            parameter("layers", "query", "string", "Names, with commas between."),
            parameter("box", "query", "string", "west,south,east,north in degrees."),
            parameter("floor", "query", "integer", "Signed level, for layers with floors."),
            _AS_OF,
        )
    },
    "/api/organizations/{organization_id}": {
        "get": operation(
            "The card of a body: its directory entry, its people, the places it has",
            parameter("organization_id", "path", "integer", "Our number of the body."),
            _AS_OF,
        )
    },
    "/api/themes": {
        "get": operation("Indicators, levels, methods and colours that themes are made of", _AS_OF)
    },
    "/api/theme": {
        "get": operation(
            "An indicator by district or by place, with the classes and colours of its legend",
            parameter("indicator", "query", "string", "Its name, as domain.name."),
            parameter(
                "by",
                "query",
                "string",
                "A level (city, district, town, village, functional), or place; else district.",
            ),
            parameter(
                "method",
                "query",
                "string",
                "natural_breaks (else), quantiles, equal_interval or head_tail.",
            ),
            parameter("classes", "query", "integer", "2 to 9; else 5. head_tail finds its own."),
            parameter("ramp", "query", "string", "Blues (else), YlGnBu, Purples, OrRd or Greys."),
            parameter(
                "filters",
                "query",
                "string",
                "JSON of layer to filter: only what passes counts, as in an area summary.",
            ),
            _AS_OF,
        )
    },
    "/api/dates": {
        "get": operation("Days on which what one sees changed, oldest first; today stands last")
    },
    "/api/views": {
        "get": operation("One's own saved views, and those shared with bodies one sees"),
        "post": operation("Keep what the map shows under a name", body=_VIEW),
    },
    "/api/views/{view_id}": {
        "patch": operation("Change what is given of one's own view", _VIEW_ID, body=_VIEW),
        "delete": operation("Forget one's own view", _VIEW_ID),
    },
}
