"""What programs may ask about requests for space and rooms to give back."""

from typing import Any, Final

from webmap.views.openapi_parts import CSV, XLSX, operation, parameter

_TEXT: Final = {"type": "string"}
_DAY: Final = {"type": "string", "format": "date"}
_VERSION: Final = {"version": {"type": "string", "description": "As it was read"}}
_REQUEST: Final = parameter("request_id", "path", "integer", "Our number of the request.")
_STEP: Final = {
    **_VERSION,
    "step": {"type": "string", "description": "Name of the step"},
    "remark": _TEXT,
    "on_behalf_of": {
        "type": "string",
        "description": "Number of the account whose deputy takes it; without it: oneself",
    },
}
_ITEMS: Final = ["transfer", "exchange", "lease", "construct", "repair", "leader_office"]
_STATED: Final = {
    "item": {"type": "string", "enum": _ITEMS},
    "organization_id": {"type": "string", "description": "Our number of the body"},
    "reason": _TEXT,
    "needed_m2": {"type": "string", "description": "Usable area in m2"},
    "from_on": _DAY,
    "due_on": {**_DAY, "description": "Last day to decide"},
    "admin_area_code": _TEXT,
    "longitude": {"type": "string", "description": "EPSG:4490; with the next two, or none"},
    "latitude": _TEXT,
    "radius_m": _TEXT,
    "amount_yuan": _TEXT,
    "rank_code": {"type": "string", "description": "Term of list rank, of the leader"},
    "old_rooms": {
        "type": "string",
        "enum": ["kept", "some", "all"],
        "description": "What becomes of the rooms the body has, once it gets others; needed for"
        " every item but a repair",
    },
    "left_rooms": {
        "type": "string",
        "description": "Of some: our numbers of the rooms given back, with commas",
    },
    "subject_id": {"type": "string", "description": "Building to be repaired, or leader's office"},
    **dict.fromkeys(
        ("project_name", "project_address", "other_ways_reason", "other_ways_document",
         "classified_document"),
        _TEXT,
    ),
}  # fmt: skip
_LIST: Final = (
    parameter("item", "query", "string", ", ".join(_ITEMS)),
    parameter("state", "query", "string", "Of the request, such as submitted."),
    parameter("body", "query", "integer", "Our number of the body."),
    parameter("overdue", "query", "string", "1: only those past their day."),
)
REQUEST_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/requests/vacant": {
        "get": operation(
            "Vacant office rooms that would do, the nearest building first; which go together",
            parameter("district", "query", "string", "Code of an area; everywhere without it."),
            parameter("longitude", "query", "number", "EPSG:4490; with the next two, or none."),
            parameter("latitude", "query", "number", "EPSG:4490."),
            parameter("radius_m", "query", "integer", "At most so many metres away."),
            parameter("needed_m2", "query", "number", "Usable area that is needed."),
        )
    },
    "/requests.xlsx": {"get": operation("The list of requests as a workbook", *_LIST, media=XLSX)},
    "/requests.csv": {"get": operation("The list of requests as text", *_LIST, media=CSV)},
    "/requests": {"post": operation("Write a request, which waits to be handed in", body=_STATED)},
    "/requests/{request_id}": {
        "post": operation(
            "Change a request that is not handed in", _REQUEST, body={**_STATED, **_VERSION}
        )
    },
    "/requests/{request_id}/stock": {
        "post": operation(
            "Write down which vacant rooms of today would do", _REQUEST, body=_VERSION
        )
    },
    "/requests/{request_id}/answers": {
        "post": operation(
            "Take candidates, or refuse them with a reason",
            _REQUEST,
            body={
                "rooms": {"type": "string", "description": "Numbers of candidates, with commas"},
                "answer": {"type": "string", "enum": ["taken", "refused"]},
                "reason": _TEXT,
            },
        )
    },
    "/requests/{request_id}/transfer": {
        "post": operation(
            "Make it a request for the vacant rooms that were taken", _REQUEST, body=_VERSION
        )
    },
    "/requests/{request_id}/documents": {
        "post": operation(
            "Say which document it rests on", _REQUEST, body={"kind": _TEXT, "reference": _TEXT}
        )
    },
    "/requests/{request_id}/budget": {
        "post": operation(
            "What finance answered to a lease",
            _REQUEST,
            body={**_VERSION, "budget_yuan": _TEXT, "budget_document": _TEXT},
        )
    },
    "/requests/{request_id}/decision": {
        "post": operation(
            "The number of the decision, before it is taken",
            _REQUEST,
            body={**_VERSION, "decision_document": _TEXT},
        )
    },
    "/requests/{request_id}/steps": {
        "post": operation("Take a step of a request", _REQUEST, body=_STEP)
    },
    "/requests/returns": {
        "post": operation(
            "Ask a body to give rooms back",
            body={
                "rooms": {"type": "string", "description": "Our numbers of rooms, with commas"},
                "organization_id": _TEXT,
                "kind": {"type": "string", "enum": ["left", "second_post", "moved", "decision"]},
                "began_on": _DAY,
                "due_on": {**_DAY, "description": "Without it: by the rule of the kind"},
                "reason": _TEXT,
                "document": _TEXT,
            },
        )
    },
    "/requests/returns/{room_return_id}/steps": {
        "post": operation(
            "Note that a room was given back, or ask for it no more",
            parameter("room_return_id", "path", "integer", "Our number of the return."),
            body={
                **_STEP,
                "returned_on": {
                    **_DAY,
                    "description": "First day the body has it no more; today, or the day it left",
                },
            },
        )
    },
}
