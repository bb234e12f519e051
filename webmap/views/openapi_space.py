"""What programs may ask about office space against the standard."""

from typing import Any, Final

from webmap.views.openapi_parts import operation, parameter

_AS_OF: Final = parameter("as_of", "query", "string", "The day, as 2026-09-30; today without it.")
SPACE_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/space/verdicts": {
        "get": operation(
            "Entitlement, actual area and difference of every body that may be seen", _AS_OF
        )
    },
    "/api/space/verdicts/{organization_id}": {
        "get": operation(
            "The same of one body, line by line with people, rate and clause",
            parameter("organization_id", "path", "integer", "Our number of the body."),
            _AS_OF,
        )
    },
}
