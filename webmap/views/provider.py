"""Signing in at the site's own provider (OpenID Connect), where one is set up."""

import hashlib
import secrets
from datetime import timedelta
from functools import cache
from typing import Final

from flask import Blueprint, Response, make_response, redirect, request

from gis.errors import NotFound
from gis.rights.sign_in import Outcome, enter_by_provider, sign_out
from gis.settings import Settings
from webmap.errors import ProviderFailed, TooManyAttempts
from webmap.provider import Provider, Wait, read_wait
from webmap.session import as_nobody, as_session, client_address, keep_session, page_of_ours
from webmap.views.account import minutes_of
from webmap.views.sign_in import entered
from webmap.web_settings import kept_settings

blueprint = Blueprint("provider", __name__)

HERE: Final = "/sign-in/provider"
_BACK: Final = f"{HERE}/return"
_COOKIE: Final = "onemap_provider"
_MINUTES: Final = 10


@blueprint.get(HERE)
def go_to_provider() -> Response:
    """To the provider; what belongs to the way back stays in the browser."""
    provider = _provider()
    wait = Wait(
        secrets.token_urlsafe(24),
        secrets.token_urlsafe(24),
        secrets.token_urlsafe(48),
        page_of_ours(request.args.get("next")),
    )
    response = make_response(redirect(provider.begin(_return_address(), wait), code=303))
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        _cookie(), wait.written(), max_age=_MINUTES * 60, path="/", httponly=True,
        samesite="Lax", secure=request.is_secure,
    )  # fmt: skip
    return response


@blueprint.get(_BACK)
def come_from_provider() -> Response:
    """Back with a code: a session, if it is of somebody whose account is linked."""
    provider = _provider()
    wait = read_wait(request.cookies.get(_cookie()))
    code = request.args.get("code", "")
    if wait is None or not secrets.compare_digest(
        wait.state.encode(), request.args.get("state", "").encode()
    ):
        raise ProviderFailed("provider.another_browser")
    if not code or request.args.get("iss", provider.issuer) != provider.issuer:
        raise ProviderFailed("provider.refused")
    subject = provider.subject(_return_address(), code, wait)
    with as_nobody() as conn:
        attempt = enter_by_provider(
            conn,
            subject,
            nonce=hashlib.sha256(wait.nonce.encode()).digest(),
            address=client_address(),
            idle=timedelta(minutes=kept_settings().idle_minutes),
        )
    # Raised only now: what failed is to stay in the log.
    if attempt.outcome is Outcome.WAIT:
        raise TooManyAttempts("sign_in.wait", minutes=minutes_of(attempt.wait_s))
    if attempt.token is None:
        raise ProviderFailed("provider.not_linked")
    with as_session() as conn:
        sign_out(conn, address=client_address())
    response = entered(attempt.outcome, page_of_ours(wait.onward))
    response.delete_cookie(
        _cookie(), path="/", httponly=True, samesite="Lax", secure=request.is_secure
    )
    keep_session(response, attempt.token)
    return response


@cache
def _made(settings: Settings) -> Provider:
    return Provider(settings)


def _provider() -> Provider:
    settings = kept_settings()
    if settings.oidc_issuer is None:
        raise NotFound("provider.none")
    return _made(settings)


def _cookie() -> str:
    return f"__Host-{_COOKIE}" if request.is_secure else _COOKIE


def _return_address() -> str:
    public = kept_settings().public_url
    return f"{public}{_BACK}" if public else f"{request.host_url.rstrip('/')}{_BACK}"
