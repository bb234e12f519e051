"""What programs may ask about where space is vacant and who could move."""

from typing import Any, Final

from webmap.views.openapi_parts import CSV, XLSX, operation, parameter

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
_TEXT: Final = {"type": "string"}
_VERSION: Final = {"version": {"type": "string", "description": "As it was read"}}
_PLAN: Final = parameter("plan_id", "path", "integer", "Our number of the plan.")
_STATED: Final = {
    "name": _TEXT,
    "organization_id": {"type": "string", "description": "Our number of the body that plans"},
    "from_on": {"type": "string", "format": "date", "description": "First day"},
    "note": _TEXT,
    "document": {"type": "string", "description": "What it rests on"},
}
_ROOMS: Final = {
    "kind": {"type": "string", "enum": ["assign", "move", "vacate", "release", "leave"]},
    "rooms": {"type": "string", "description": "Our numbers of rooms, with commas"},
    "organization_id": {"type": "string", "description": "assign: the body that gets them"},
    "released_to": {
        "type": "string",
        "enum": ["level", "district", "department", "leasing", "disposal"],
    },
    "receiver_id": {"type": "string", "description": "release: the body that gets them"},
    "from_room": {"type": "string", "description": "move: the room that is left"},
    "to_room": {"type": "string", "description": "move: the room that is entered"},
    "is_swap": {"type": "string", "description": "move: 1: those of the two change places"},
}
_STEP: Final = {
    **_VERSION,
    "step": {"type": "string", "description": "Name of the step"},
    "remark": _TEXT,
    "on_behalf_of": {
        "type": "string",
        "description": "Number of the account whose deputy takes it; without it: oneself",
    },
}
_QUESTION: Final = parameter("question", "path", "string", f"{_QUESTIONS}.")
REDEPLOYMENT_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/redeployment/questions/{question}": {
        "get": operation(
            "The answer to a question about office space as it is today, with spots to draw",
            _QUESTION,
            *_LIMITS,
        )
    },
    "/api/redeployment/plans": {
        "get": operation(
            "Redeployment plans that one may see, those that are worked at first",
            parameter("offset", "query", "integer", "How many to leave out."),
        )
    },
    "/api/redeployment/plans/compare": {
        "get": operation(
            "What each of some plans comes to; what is not known is null, or counted as unknown",
            parameter("plan", "query", "string", "Our number of a plan; several times."),
        )
    },
    "/api/redeployment/plans/{plan_id}": {
        "get": operation("A plan: who had, has and is to have which rooms, what changed", _PLAN)
    },
    "/redeployment/plans": {"post": operation("Make a plan that says nothing yet", body=_STATED)},
    "/redeployment/plans/{plan_id}": {
        "post": operation(
            "Change its name, note, document or first day", _PLAN, body={**_STATED, **_VERSION}
        )
    },
    "/redeployment/plans/{plan_id}/copies": {
        "post": operation(
            "Make a plan of one's own that says the same", _PLAN, body={"name": _TEXT}
        )
    },
    "/redeployment/plans/{plan_id}/share": {
        "post": operation(
            "Show it to whoever sees its body, or no more",
            _PLAN,
            body={**_VERSION, "is_shared": {"type": "string", "description": "1: shown"}},
        )
    },
    "/redeployment/plans/{plan_id}/rooms": {
        "post": operation(
            "Assign, move, vacate or release rooms in a plan, or take them out of it",
            _PLAN,
            body={**_VERSION, **_ROOMS},
        )
    },
    "/redeployment/plans/{plan_id}/settlements": {
        "post": operation(
            "Of each room that changed meanwhile, as settle.<number>: keep or drop",
            _PLAN,
            body=_VERSION,
        )
    },
    "/redeployment/plans/{plan_id}/taken-back": {
        "post": operation("Take its newest step back", _PLAN, body=_VERSION)
    },
    "/redeployment/plans/{plan_id}/steps": {
        "post": operation("Take a step of its case", _PLAN, body=_STEP)
    },
    "/redeployment/questions/{question}.xlsx": {
        "get": operation("The same answer as a workbook", _QUESTION, *_LIMITS, media=XLSX)
    },
    "/redeployment/questions/{question}.csv": {
        "get": operation("The same answer as text", _QUESTION, *_LIMITS, media=CSV)
    },
}
