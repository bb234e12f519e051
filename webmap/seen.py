"""What becomes known of a request while it is answered: for its line in the log and for counts."""

from dataclasses import dataclass
from typing import Final

from flask import Flask, request

KEY: Final = "onemap.seen"


@dataclass(slots=True)
class Seen:
    """One request."""

    request_id: str
    """In the answer's `X-Request-Id`, its problem document and its lines of the log."""

    route: str | None = None
    """The pattern of its address, without what stood in it; null: no address of ours."""

    account_id: int | None = None
    """Who asked; null where nobody has, or a kept tile was handed out."""

    status: int = 500
    bytes: int | None = None
    """Of the body; null while nobody knows."""


def seen_request() -> Seen:
    """What is known of the request at hand."""
    found: Seen = request.environ.setdefault(KEY, Seen(""))
    return found


def see_routes(app: Flask) -> None:
    """Note which address of the app each request is for."""

    @app.before_request
    def note_route() -> None:
        seen_request().route = request.url_rule.rule if request.url_rule else None
