"""What programs may ask about where space is vacant and who could move."""

from typing import Any, Final

from webmap.views.openapi_parts import operation, parameter

_QUESTIONS: Final = "vacant, takes_body, scattered, underused, pairs, leased_in"
_LIMITS: Final = (
    parameter("district", "query", "string", "Code of an area; everywhere without it."),
    parameter("least_m2", "query", "number", "vacant: usable area that must lie together."),
    parameter("together", "query", "string", "vacant: floor (neighbours) or building."),
    parameter("longitude", "query", "number", "vacant: EPSG:4490; with the next two, or none."),
    parameter("latitude", "query", "number", "EPSG:4490."),
    parameter("radius_m", "query", "integer", "At most so many metres away."),
    parameter("body", "query", "integer", "takes_body: our number of the body that moves."),
    parameter("more_than", "query", "integer", "scattered: on more properties than so many."),
    parameter("below_percent", "query", "number", "underused, pairs: used less than this share."),
    parameter("within_m", "query", "integer", "pairs, leased_in: metres in a straight line."),
)
REDEPLOYMENT_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/redeployment/questions/{question}": {
        "get": operation(
            "The answer to a question about office space as it is today, with spots to draw",
            parameter("question", "path", "string", f"{_QUESTIONS}."),
            *_LIMITS,
        )
    },
}
