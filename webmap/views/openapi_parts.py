"""Parts that descriptions of addresses are made of."""

from typing import Any, Final

JSON: Final = "application/json"
PROBLEM: Final = {
    "description": "RFC 9457 problem document",
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}


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
    media: str = JSON,
    body: Any = None,
    body_media: str = JSON,
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "summary": summary,
        "parameters": list(parameters),
        "responses": {
            "200": {"description": "The answer", "content": {media: {}}},
            "default": PROBLEM,
        },
    }
    if body:
        schema = {"type": "object", "properties": body}
        described["requestBody"] = {"required": True, "content": {body_media: {"schema": schema}}}
    return described
