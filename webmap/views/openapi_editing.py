"""What programs may ask about editing places by hand."""

from typing import Any, Final

from webmap.views.openapi_parts import MADE, operation, parameter

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
_GEOMETRY: Final = {"type": "object", "description": "GeoJSON point or polygon, degrees"}
_CONFIRMED: Final = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Names of the doubts that were said yes to",
}
_HOLDING: Final = {
    "kind": {"type": "string", "description": "owns, manages, occupies, lets_out …"},
    "extent": {"type": "string", "description": "whole or part"},
    "parties": {"type": "array", "description": "organization_id and, on all or none, share"},
    "valid_from": {"type": "string", "format": "date"},
    "valid_to": {"type": "string", "format": "date"},
    "area_m2": {"type": "number"},
    "reason": {"type": "string"},
    "document": {"type": "string"},
}
_AREA: Final = {
    "area_kind": {"type": "string", "description": "gross, usable, land …"},
    "area_m2": {"type": "number"},
    "source": {"type": "string", "description": "certificate, survey, drawing or declared"},
    "measured_on": {"type": "string", "format": "date", "description": "It is true from then on"},
    "reason": {"type": "string"},
    "document": {"type": "string"},
}
_PHOTO: Final = parameter("photo_id", "path", "integer", "Our number of the photo.")
_SAID_OF_PHOTO: Final = {
    "caption": {"type": "string", "description": "What it shows, at most 200 characters"},
    "taken_on": {"type": "string", "format": "date"},
}
PHOTO_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/places/{place_id}/photos": {
        "post": operation(
            "Add a photo: JPEG, PNG or WebP, written anew without what the camera noted",
            _PLACE,
            body={"file": {"type": "string", "format": "binary"}, **_SAID_OF_PHOTO},
            body_media="multipart/form-data",
            answers=MADE,
        )
    },
    "/api/photos/{photo_id}": {
        "patch": operation("Say anew what a photo shows", _PHOTO, body=_SAID_OF_PHOTO),
        "delete": operation("Remove a photo; its picture is gone", _PHOTO),
    },
    "/api/photos/{photo_id}/image": {
        "get": operation("The picture, at most 2,400 pixels a side", _PHOTO, media="image/jpeg")
    },
    "/api/photos/{photo_id}/thumbnail": {
        "get": operation("The picture, at most 360 pixels a side", _PHOTO, media="image/jpeg")
    },
}
EDITING_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/version": {"get": operation("Counters that rise with each change of the register")},
    "/api/organizations": {
        "get": operation(
            "Bodies of a day by name, short form, alias, code or pinyin initials",
            parameter("q", "query", "string", "What was typed."),
            parameter("as_of", "query", "string", "Day they exist, YYYY-MM-DD; today."),
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
    "/api/places/{place_id}/shape": {
        "post": operation(
            "Give a place another shape; 409 with `doubts` until they are confirmed",
            _PLACE,
            body={
                "geometry": _GEOMETRY,
                "moves_parts": {"type": "boolean", "description": "Parts move as far"},
                "confirmed": _CONFIRMED,
                **GROUNDS,
            },
        )
    },
    "/api/places/new": {
        "get": operation(
            "Which kinds can be made under a place, or under none, each with its fields",
            parameter("parent_id", "query", "integer", "What it would hang in."),
        )
    },
    "/api/places": {
        "post": operation(
            "Make a place; its code follows the register's own rule",
            body={
                "kind": {"type": "string"},
                "parent_id": {"type": "integer"},
                "values": {"type": "object", "description": "By field"},
                "geometry": _GEOMETRY,
                "confirmed": _CONFIRMED,
                **{name: what for name, what in GROUNDS.items() if name != "version"},
            },
        )
    },
    "/api/shapes": {
        "get": operation(
            "Shapes in view, to snap to",
            parameter("box", "query", "string", "west,south,east,north in degrees."),
        )
    },
    "/api/places/{place_id}/close": {
        "post": operation(
            "Close a place from a day on; 409 with `standing` while parts or holdings stand",
            _PLACE,
            body={"with_all": {"type": "boolean", "description": "These too"}, **GROUNDS},
        )
    },
    "/api/places/{place_id}/reopen": {
        "post": operation(
            "Open a closed place again, with the parts closed with it", _PLACE, body=GROUNDS
        )
    },
    "/api/places/{place_id}/divide": {
        "get": operation(
            "Which area is divided, what hangs in it, what it may be merged with", _PLACE
        )
    },
    "/api/places/{place_id}/split": {
        "post": operation(
            "End a place and put several in its place; who had it has each",
            _PLACE,
            body={
                "parts": {
                    "type": "array",
                    "description": "values, area_m2 and takes: what hangs in it from then on",
                },
                "line": {"type": "object", "description": "GeoJSON line that cuts its shape"},
                "confirmed": _CONFIRMED,
                **GROUNDS,
            },
        )
    },
    "/api/places/{place_id}/merge": {
        "post": operation(
            "End a place and others like it and put one in their place",
            _PLACE,
            body={
                "others": {"type": "array", "items": {"type": "integer"}},
                "values": {"type": "object", "description": "What differs from the first"},
                **GROUNDS,
            },
        )
    },
    "/api/places/{place_id}/parents": {
        "get": operation(
            "What it could hang in instead, the nearest first",
            _PLACE,
            parameter("q", "query", "string", "In its name, address or code; else what is near."),
        )
    },
    "/api/places/{place_id}/move": {
        "post": operation(
            "Hang a place, with all in it, in another one; 409 with `doubts` until confirmed",
            _PLACE,
            body={
                "parent_id": {"type": ["integer", "null"], "description": "null: in nothing"},
                "confirmed": _CONFIRMED,
                **GROUNDS,
            },
        )
    },
    "/api/places/{place_id}/holdings": {
        "get": operation("Who has the place itself or had it", _PLACE),
        "post": operation("Write down who has a place", _PLACE, body=_HOLDING),
    },
    "/api/places/{place_id}/holdings/{holding_id}": {
        "post": operation(
            "Correct a holding, or end it by its last day",
            _PLACE,
            parameter("holding_id", "path", "integer", "As the list says."),
            body={"version": {"type": "string"}, **_HOLDING},
        )
    },
    "/api/places/{place_id}/areas": {
        "get": operation(
            "Areas that are stated of the place itself, by whom, of which day", _PLACE
        ),
        "post": operation("Write an area of a place down beside the others", _PLACE, body=_AREA),
    },
    "/api/places/{place_id}/areas/{area_id}": {
        "post": operation(
            "Correct an area that is stated wrongly",
            _PLACE,
            parameter("area_id", "path", "integer", "As the list says."),
            body={"version": {"type": "string"}, **_AREA},
        )
    },
    "/api/places/{place_id}/edits/{edit_id}": {
        "delete": operation(
            "Take one's last edit of a place back",
            _PLACE,
            parameter("edit_id", "path", "integer", "As the card says."),
        )
    },
}
