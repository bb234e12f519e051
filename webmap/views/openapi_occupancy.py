"""What programs may ask about who sits in which room, and arrange."""

from typing import Any, Final

from webmap.views.openapi_parts import operation, parameter

_ROOMS: Final = {
    "type": "array",
    "description": "Every room the step touches: place_id, and version as the list of rooms told",
}
_WHY: Final = {
    "effective_on": {"type": "string", "format": "date", "description": "First day; never blank"},
    "reason": {"type": "string", "description": "Never blank"},
    "document": {"type": "string"},
}


def _step(summary: str, **more: dict[str, Any]) -> dict[str, Any]:
    return {
        "post": operation(
            f"{summary}; 409 with `current` when somebody was first",
            body={"rooms": _ROOMS, **more, **_WHY},
        )
    }


OCCUPANCY_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/space/rooms": {
        "get": operation(
            "Rooms with who has each and its version; name one of place, body, near and rooms",
            parameter("place", "query", "integer", "A place: what is in it."),
            parameter("body", "query", "integer", "A body: what it uses."),
            parameter("near", "query", "integer", "A room: others of the same property."),
            parameter("q", "query", "string", "With near: in building, floor, name; or a code."),
            parameter("rooms", "query", "string", "Numbers of rooms, with commas between."),
            parameter("as_of", "query", "string", "The day, as 2026-09-30; today without it."),
        )
    },
    "/api/space/rooms/assign": _step(
        "Give rooms to a body, or to several that share each",
        parties={"type": "array", "description": "organization_id and, on all or none, share"},
        sharers={
            "type": "array",
            "description": "In place of parties, who sits there: organization_id; and post_id,"
            " rank, heads, share, approval_document where they are known",
        },
        by={"type": "string", "enum": ["head", "rank", "share"], "description": "With sharers"},
    ),
    "/api/space/posts": {
        "get": operation(
            "Posts of a body with the rooms their holders have; and the ranks there are",
            parameter("body", "query", "integer", "Our number of the body."),
            parameter("as_of", "query", "string", "The day, as 2026-09-30; today without it."),
        )
    },
    "/api/space/rooms/vacate": _step("Nobody has these rooms for itself any more"),
    "/api/space/rooms/move": _step(
        "Who sits in some rooms sits in others",
        into={"type": "array", "description": "Pairs of from and to; rooms may follow one another"},
    ),
    "/api/space/rooms/swap": _step("Those of two rooms change places"),
}
