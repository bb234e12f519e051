"""What every request and response passes: allowed hosts, same origin, content policy."""

import re
import secrets
from typing import Final, Literal
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request

from gis.errors import Forbidden
from gis.settings import Settings

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""What every answer carries."""

_HOST: Final = re.compile(r"[\w.:\[\]-]+", re.ASCII)
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def nonce() -> str:
    """The one-time value that lets this response's own inline import map run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def content_policy() -> str:
    """Nothing but this server: no other host, no inline script without the nonce, no framing."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce()}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def is_allowed_host(host: str, allowed: tuple[str, ...]) -> bool:
    """Whether a Host header names this server; the port does not matter."""
    # A path, a user or a question in it would be part of the address, and no longer of the host.
    if not _HOST.fullmatch(host):
        return False
    name = _name_of(f"//{host}", "hostname")
    return name is not None and name.lower() in allowed


def is_same_origin() -> bool:
    """Whether a writing request comes from one of our own pages, or from no browser at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or _name_of(origin, "netloc") == request.host


def _name_of(address: str, part: Literal["hostname", "netloc"]) -> str | None:
    """Null as well where the address is none, such as half an IPv6 one."""
    try:
        return getattr(urlsplit(address), part)  # type: ignore[no-any-return]
    except ValueError:
        return None


def protect(app: Flask, settings: Settings) -> None:
    """Put the checks before and the headers after every request of the app."""

    @app.before_request
    def check_request() -> None:
        if not is_allowed_host(request.host, settings.allowed_hosts):
            raise Forbidden("web.host_not_allowed", host=request.host)
        if request.method not in _SAFE_METHODS and not is_same_origin():
            raise Forbidden("web.other_origin")
        if "\0" in request.path:
            abort(404)  # no name of ours has one, and no text of the database can

    @app.after_request
    def add_headers(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.headers.setdefault("Content-Security-Policy", content_policy())
        # What one account is told is kept by nobody, unless the answer says how it may be.
        response.headers.setdefault("Cache-Control", "no-store")
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
