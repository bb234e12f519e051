"""What programs may ask about editing places by hand."""

from typing import Any, Final

from webmap.views.openapi_parts import operation, parameter

_PLACE: Final = parameter("place_id", "path", "integer", "Our number of the place.")
GROUNDS: Final = {
    "version": {"type": "string", "description": "Of the form its author saw"},
    "reason": {"type": "string", "description": "Never blank"},
    "document": {"type": "string"},
    "effective_on": {
        "type": "string",
        "format": "date",
        "description": "First day it is true; what stood till then is kept. Without it: corrected",
    },
}
EDITING_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/version": {"get": operation("Counters that rise with each change of the register")},
    "/api/organizations": {
        "get": operation(
            "Bodies by a part of their name, short form, alias or code",
            parameter("q", "query", "string", "What was typed."),
        )
    },
    "/api/places/{place_id}/edit": {
        "get": operation("What can be corrected of a place, with its version", _PLACE),
        "post": operation(
            "Correct values of a place; 409 with `current` when somebody was first",
            _PLACE,
            body={"values": {"type": "object", "description": "By field"}, **GROUNDS},
        ),
    },
    "/api/places/{place_id}/edits/{edit_id}": {
        "delete": operation(
            "Take one's last edit of a place back",
            _PLACE,
            parameter("edit_id", "path", "integer", "As the card says."),
        )
    },
}
