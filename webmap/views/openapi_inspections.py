"""What may be sent of inspections and of what is to be put right."""

from typing import Any, Final

from webmap.views.openapi_parts import DOCX, XLSX, operation, parameter

_INSPECTION: Final = parameter("inspection_id", "path", "integer", "Number of the inspection.")
_ITEM: Final = parameter("item_id", "path", "integer", "Number of an item of its checklist.")
_VISIT: Final = parameter("visit_id", "path", "integer", "Number of a body of an inspection.")
_FINDING: Final = parameter("finding_id", "path", "integer", "Number of the finding.")
_CASE: Final = parameter("rectification_id", "path", "integer", "Number of the notice's row.")
_TEXT: Final = {"type": "string"}
_DAY: Final = {"type": "string", "format": "date"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_VERSION: Final = {"version": {"type": "string", "description": "As it was read"}}
_POINTS: Final = {"type": "string", "description": "A number; blank: it is not scored"}
_PHOTO: Final = {"type": "string", "format": "binary", "description": "A photo"}
INSPECTION_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/inspections": {
        "post": operation(
            "Plan an inspection",
            body={
                "name": _TEXT,
                "kind": {"type": "string", "enum": ["full", "special", "focus"]},
                "starts_on": _DAY,
                "ends_on": _DAY,
                "checklist": _TEXT,
                "inspectors": {"type": "string", "description": "Accounts, commas between"},
                "instructions": _TEXT,
                **dict.fromkeys(("organization_ids", "type_codes", "level_codes"), _TEXTS),
            },
        )
    },
    "/inspections/term": {
        "post": operation(
            "How long there is to put something right, from a day on",
            body={
                "origin": {"type": "string", "enum": ["finding", "verdict"]},
                "days": _TEXT,
                "day_kind": {"type": "string", "enum": ["working", "calendar"]},
                "since": _DAY,
                "rule_source": _TEXT,
                "is_verified": {"type": "string", "enum": ["on"]},
            },
        )
    },
    "/inspections/{inspection_id}/report.xlsx": {
        "get": operation(
            "Bodies, heads and findings of an inspection as a workbook", _INSPECTION, media=XLSX
        )
    },
    "/inspections/{inspection_id}/report": {
        "get": operation(
            "The same with photos as a paper",
            _INSPECTION,
            parameter("format", "query", "string", "`docx` (usual) or `pdf`."),
            media=(DOCX, "application/pdf"),
        )
    },
    "/inspections/{inspection_id}/items": {
        "post": operation(
            "Add an item of the bureau's own",
            _INSPECTION,
            body={"head": _TEXT, "title": _TEXT, "points": _POINTS},
        )
    },
    "/inspections/{inspection_id}/items/{item_id}": {
        "post": operation(
            "Say what an item can bring",
            _INSPECTION,
            _ITEM,
            body={"points": _POINTS, **_VERSION},
        )
    },
    "/inspections/{inspection_id}/close": {
        "post": operation("Take no more answers and findings", _INSPECTION, body=_VERSION)
    },
    "/inspections/visits/{visit_id}/answers": {
        "post": operation(
            "Keep what was found of an item at a body",
            _VISIT,
            body={
                "item": _TEXT,
                "answer": {"type": "string", "enum": ["pass", "fail", "not_applicable"]},
                "points": _POINTS,
                "words": _TEXT,
                "version": {"type": "string", "description": "As it was read; 0: there was none"},
            },
        )
    },
    "/inspections/visits/{visit_id}/findings": {
        "post": operation(
            "Write a finding down",
            _VISIT,
            body={"words": _TEXT, "item": _TEXT, "place": _TEXT, "file": _PHOTO},
            body_media="multipart/form-data",
        )
    },
    **{
        f"/inspections/visits/{{visit_id}}/{name}": {
            "post": operation(summary, _VISIT, body=_VERSION)
        }
        for name, summary in (
            ("finish", "A body is through"),
            ("reopen", "Go on with a body that was through"),
        )
    },
    "/inspections/findings/{finding_id}/photos": {
        "post": operation(
            "Add a photo of a finding",
            _FINDING,
            body={"file": _PHOTO},
            body_media="multipart/form-data",
        )
    },
    "/inspections/findings/{finding_id}/remove": {
        "post": operation("Take a finding back of which nobody was told", _FINDING)
    },
    "/inspections/findings/{finding_id}/notice": {
        "post": operation(
            "Tell a body to put a finding right", _FINDING, body={"demand": _TEXT, "due_on": _DAY}
        )
    },
    "/rectifications": {
        "post": operation(
            "Tell bodies to give up what they have over the standard; all of them or none",
            body={
                "organization_ids": _TEXTS,
                "room_class": {
                    "type": "string",
                    "enum": ["all", "office", "service", "equipment"],
                },
                "demand": _TEXT,
                "due_on": _DAY,
            },
        )
    },
    "/rectifications/{rectification_id}/notice": {
        "get": operation(
            "The notice as a Word file or PDF",
            _CASE,
            parameter("format", "query", "string", "docx (without it) or pdf."),
            media=(DOCX, "application/pdf"),
        )
    },
    "/rectifications/{rectification_id}/steps/{step}": {
        "post": operation(
            "Answer, recheck, close, return or extend",
            _CASE,
            parameter("step", "path", "string", "answer, recheck, close, return or extend."),
            body={"remark": _TEXT, "due_on": _DAY, "on_behalf_of": _TEXT, **_VERSION},
        )
    },
}
