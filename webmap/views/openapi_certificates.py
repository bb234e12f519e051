"""What programs may ask of use certificates, and what its forms send."""

from typing import Any, Final

from webmap.views.openapi_parts import CSV, DOCX, operation, parameter

_AS_OF: Final = parameter("as_of", "query", "string", "The day, as 2026-09-30; today without it.")
_ONE: Final = parameter("certificate_id", "path", "integer", "Our number of the certificate.")
_RECORD: Final = parameter(
    "ownership_record_id", "path", "integer", "Our number of the record of ownership."
)
_CARD: Final = parameter("asset_card_id", "path", "integer", "Our number of the card.")
_TEXT: Final = {"type": "string"}
_DATED: Final = {"type": "string", "format": "date"}
_VERSION: Final = {"version": {"type": "string", "description": "As it was read"}}
_ROOMS: Final = {
    "rooms": {
        "type": "array",
        "items": {"type": "integer"},
        "description": "Our numbers of the rooms; forms send room_NUMBER for each instead",
    }
}
_GROUNDS: Final = {"since": _DATED, "reason": _TEXT, "document": _TEXT, **_VERSION}
_NARROWED: Final = (
    _AS_OF,
    parameter("q", "query", "string", "In number, holder, property, agreement; or a code."),
    parameter(
        "state",
        "query",
        "string",
        "in_force, coming, expired, cancelled, withdrawn, or to_change: no longer matches.",
    ),
    parameter("holder", "query", "integer", "Only of this body."),
    parameter("place", "query", "integer", "Only with rooms in this place."),
)
CERTIFICATE_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/api/certificates": {
        "get": operation(
            "Certificates that may be seen, the newest first, a hundred at a time",
            *_NARROWED,
            parameter("offset", "query", "integer", "How many come before."),
        )
    },
    "/certificates.csv": {"get": operation("The same as text", *_NARROWED, media=CSV)},
    "/certificates": {
        "post": operation(
            "Certify that a body may use rooms it has",
            body={
                "holder": _TEXT,
                **dict.fromkeys(("called", "issuer", "word", "agreement_number"), _TEXT),
                **dict.fromkeys(("issued_on", "valid_from", "valid_to", "agreement_on"), _DATED),
                **_ROOMS,
            },
        )
    },
    "/certificates/{certificate_id}/change": {
        "post": operation(
            "Let a certificate say something else from a day on",
            _ONE,
            body={**_GROUNDS, "valid_to": _DATED, **_ROOMS},
        )
    },
    "/certificates/{certificate_id}/cancel": {
        "post": operation(
            "Let it hold no longer from a day on",
            _ONE,
            body={**_GROUNDS, "although_used": {"type": "string", "enum": ["on"]}},
        )
    },
    "/certificates/{certificate_id}/take-back": {
        "post": operation("Undo the last thing done to it, by who did it", _ONE, body=_VERSION)
    },
    "/certificates/{certificate_id}/paper.{ending}": {
        "get": operation(
            "A certificate as it is printed",
            _ONE,
            parameter("ending", "path", "string", "docx or pdf."),
            parameter("edition", "query", "integer", "Which edition; the newest without it."),
            media=(DOCX, "application/pdf"),
        )
    },
    "/titles/cards/search": {
        "post": operation(
            "Look for the places of asset cards that have none",
            body={"count": {"type": "string", "description": "How many have none, as read"}},
        )
    },
    "/titles/cards/{asset_card_id}/place": {
        "post": operation(
            "Say of which place an asset card is",
            _CARD,
            body={"code": _TEXT, "reason": _TEXT, "document": _TEXT},
        )
    },
    "/titles/cards/{asset_card_id}/off": {
        "post": operation(
            "Take an asset card off its place",
            _CARD,
            body={"place_id": _TEXT, "reason": _TEXT, "document": _TEXT},
        )
    },
    "/titles/records": {
        "post": operation(
            "Begin to put the ownership of a property on record",
            body={"place_id": {"type": "string", "description": "Our number of the property"}},
        )
    },
    "/titles/records/{ownership_record_id}": {
        "post": operation(
            "Say why a property has no title",
            _RECORD,
            body={
                "cause": {"type": "string", "enum": ["papers_missing", "unclear", "other", ""]},
                "reason": _TEXT,
                **_VERSION,
            },
        )
    },
    "/titles/records/{ownership_record_id}/steps/{step}": {
        "post": operation(
            "Hand it in, put it on record, return it; or take that back",
            _RECORD,
            parameter("step", "path", "string", "submit, withdraw, drop, record, return, revoke."),
            body={"remark": _TEXT, "on_behalf_of": _TEXT, **_VERSION},
        )
    },
}
