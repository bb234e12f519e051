"""What programs may ask about office space against the standard."""

from typing import Any, Final

from webmap.views.openapi_parts import operation, parameter

_AS_OF: Final = parameter("as_of", "query", "string", "The day, as 2026-09-30; today without it.")
_TEXT: Final = {"type": "string"}
_DATED: Final = {"type": "string", "format": "date"}
_KEY: Final = {
    "kind": {"type": "string", "description": "What the row is of, such as office_limit"},
    "level": {"type": "string", "description": "Term of list organization_level"},
    "rank": {"type": "string", "description": "Term of list rank, or of building_height"},
}
_VERSION: Final = {"version": {"type": "string", "description": "As it was read"}}
_STATED: Final = {
    **_KEY,
    "value": {"type": "string", "description": "m2, months, or a share such as 9%"},
    **dict.fromkeys(("from_count", "to_count", "value_beyond"), _TEXT),
    "valid_from": _DATED,
    "valid_to": _DATED,
    **dict.fromkeys(("source", "clause", "source_url", "note"), _TEXT),
    "is_verified": {"type": "string", "enum": ["on"]},
}
_OWN: Final = parameter("standard_id", "path", "integer", "Number of the bureau's own row.")
SPACE_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/space/verdicts": {
        "get": operation(
            "Entitlement, actual area and difference of the bodies that may be seen, by district",
            _AS_OF,
            parameter("district", "query", "string", "Code of the area of the bodies."),
            parameter("state", "query", "string", "over, within or unknown; up to 1,000 bodies."),
            parameter("limit", "query", "integer", "At most so many bodies; 500 without it."),
            parameter("offset", "query", "integer", "How many bodies come before."),
        )
    },
    "/api/space/verdicts/posts": {
        "get": operation(
            "Each post that has an office: what its rank may have, what it has, second offices",
            _AS_OF,
            parameter("body", "query", "integer", "Our number of a body: its posts alone."),
            parameter("district", "query", "string", "Code of the area of the bodies."),
            parameter("state", "query", "string", "over, within or unknown."),
            parameter(
                "fault",
                "query",
                "string",
                "second_unapproved, more_than_two, second_not_below, post_left or overdue.",
            ),
            parameter("limit", "query", "integer", "At most so many posts; 500 without it."),
            parameter("offset", "query", "integer", "How many posts come before."),
        )
    },
    "/api/space/sums": {
        "get": operation(
            "Bodies, verdicts and areas by system or by district",
            _AS_OF,
            parameter("by", "query", "string", "system or district."),
            parameter("district", "query", "string", "Code of the area of the bodies."),
        )
    },
    "/api/space/verdicts/{organization_id}": {
        "get": operation(
            "The same of one body, line by line with people, rate and clause",
            parameter("organization_id", "path", "integer", "Our number of the body."),
            _AS_OF,
        )
    },
    "/api/space/verdicts/{organization_id}/rooms": {
        "get": operation(
            "Each room of a body: where, of which class, how much of it, shared with whom",
            parameter("organization_id", "path", "integer", "Our number of the body."),
            _AS_OF,
            parameter("limit", "query", "integer", "At most so many rooms; 500 without it."),
            parameter("offset", "query", "integer", "How many rooms come before."),
        )
    },
    "/api/space/buildings/{place_id}": {
        "get": operation(
            "A building floor by floor: rooms with who has them, and how much each has of a floor",
            parameter("place_id", "path", "integer", "Our number of building, section or site."),
            _AS_OF,
            parameter(
                "by",
                "query",
                "string",
                "What rooms are told apart by: occupant (without it), room_class, use, verdict.",
            ),
        )
    },
    "/api/space/standards": {
        "get": operation("The rows of the standard in force on a day", _AS_OF)
    },
    "/space/frozen": {
        "post": operation("Freeze the report of office space of a day", body={"as_of": _DATED})
    },
    "/space/posts/{post_id}/person": {
        "post": operation(
            "Say by which number the holder of a post is known, the same on each of their posts",
            parameter("post_id", "path", "integer", "Our number of the post."),
            body={
                "person_key": {"type": "string", "description": "No name, card or telephone"},
                "seen": {"type": "string", "description": "As it was read; blank: none"},
            },
        )
    },
    "/space/standards": {"post": operation("State a row of the bureau's own", body=_STATED)},
    "/space/standards/own/{standard_id}": {
        "post": operation("Change such a row", _OWN, body={**_STATED, **_VERSION})
    },
    "/space/standards/own/{standard_id}/end": {
        "post": operation(
            "End such a row on a day", _OWN, body={**_KEY, "since": _DATED, **_VERSION}
        )
    },
    "/space/standards/compared": {
        "post": operation(
            "Say that the row in force was compared with its document",
            body={**_KEY, "as_of": _DATED},
        )
    },
}
