"""Parts that descriptions of addresses are made of."""

from collections.abc import Mapping
from typing import Any, Final

JSON: Final = "application/json"
HTML: Final = "text/html"
CSV: Final = "text/csv"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ANY_FILE: Final = "*/*"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MADE: Final = {"201": JSON}
GONE: Final = {"204": ""}
PROBLEM: Final = {
    "description": "RFC 9457 problem document",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail", "instance"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string", "minLength": 1},
                    "status": {"type": "integer", "minimum": 400, "maximum": 599},
                    "detail": {"type": "string", "minLength": 1},
                    "instance": {"type": "string"},
                },
            }
        }
    },
}
_SCHEMAS: Final[dict[str, dict[str, Any]]] = {JSON: {"type": "object"}}


def parameter(name: str, where: str, kind: str, text: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "description": text,
        "schema": {"type": kind},
    }


def operation(
    summary: str,
    *parameters: dict[str, Any],
    media: str | tuple[str, ...] = JSON,
    body: Any = None,
    body_media: str = JSON,
    answers: Mapping[str, str | tuple[str, ...]] | None = None,
) -> dict[str, Any]:
    """One method of an address.

    Args:
        media: Type of what a success answers, or several where the request decides.
        body: Properties of what is sent, by name.
        body_media: Type of what is sent.
        answers: Media type by status, where it is not `media` for 200; blank: nothing is answered.
    """
    responses = {status: _response(kinds) for status, kinds in (answers or {"200": media}).items()}
    described: dict[str, Any] = {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {**responses, "default": PROBLEM},
    }
    if body:
        schema = {"type": "object", "properties": body}
        described["requestBody"] = {"required": True, "content": {body_media: {"schema": schema}}}
    return described


def _response(media: str | tuple[str, ...]) -> dict[str, Any]:
    if not media:
        return {"description": "Done"}
    kinds = (media,) if isinstance(media, str) else media
    content = {kind: {"schema": _SCHEMAS[kind]} if kind in _SCHEMAS else {} for kind in kinds}
    return {"description": "The answer", "content": content}
