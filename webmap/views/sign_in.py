"""Signing in with a name and a password, and out."""

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request
from sqlalchemy import text

from gis.rights.sign_in import Outcome, sign_in, sign_out
from webmap.language import language, say, script_messages
from webmap.session import (
    OWN_ACCOUNT,
    SIGN_IN,
    as_nobody,
    as_session,
    client_address,
    forget_session,
    keep_session,
    page_of_ours,
)
from webmap.views.account import minutes_of
from webmap.web_settings import kept_settings

blueprint = Blueprint("sign_in", __name__)


@blueprint.get(SIGN_IN)
def show_sign_in() -> Response:
    """The page; who is signed in already goes on at once."""
    with as_session() as conn:
        is_in = conn.execute(text("SELECT rights.current_account_id()")).scalar() is not None
    onward = page_of_ours(request.args.get("next"))
    return _to(onward) if is_in else _page(onward)


@blueprint.post(SIGN_IN)
def enter_with_password() -> Response:
    """A session of a new token, whatever the browser held before; that one ends."""
    onward = page_of_ours(request.form.get("next"))
    idle = timedelta(minutes=kept_settings().idle_minutes)
    name = request.form.get("name", "")
    with as_nobody() as conn:
        attempt = sign_in(
            conn, name, request.form.get("password", ""), address=client_address(), idle=idle
        )
    if attempt.token is None:
        if attempt.outcome is Outcome.WAIT:
            said = say("sign_in.wait", minutes=minutes_of(attempt.wait_s))
            response = _page(onward, name=name, problem=said, status=429)
            response.headers["Retry-After"] = str(attempt.wait_s)
            return response
        return _page(onward, name=name, problem=say("sign_in.wrong"), status=401)
    with as_session() as conn:
        sign_out(conn, address=client_address())
    response = entered(attempt.outcome, onward)
    keep_session(response, attempt.token)
    return response


@blueprint.post("/sign-out")
def leave() -> Response:
    """End the session here and in the database."""
    with as_session() as conn:
        sign_out(conn, address=client_address())
    response = _to(SIGN_IN)
    forget_session(response)
    return response


def entered(outcome: Outcome, onward: str) -> Response:
    """Where a browser with a new session goes: first to what is missing until it means somebody."""
    match outcome:
        case Outcome.NEEDS_CODE:
            return to_page(f"{SIGN_IN}/code", onward)
        case Outcome.MUST_CHANGE:
            return to_page(OWN_ACCOUNT, onward)
        case _:
            return _to(onward)


def to_page(first: str, onward: str) -> Response:
    """The way to a page that comes first, which knows where to go on to."""
    return _to(f"{first}?{urlencode({'next': onward})}")


def _page(onward: str, *, name: str = "", problem: str = "", status: int = 200) -> Response:
    page = render_template(
        "sign_in.html",
        messages=dict(script_messages(language())),
        onward=onward,
        name=name[:60],
        problem=problem,
        provider=_provider_title(),
    )
    return make_response(page, status)


def _provider_title() -> str | None:
    settings = kept_settings()
    return (settings.oidc_title or say("provider.title")) if settings.oidc_issuer else None


def _to(address: str) -> Response:
    return make_response(redirect(address, code=303))
