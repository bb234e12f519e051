"""Errors as RFC 9457 problem documents for programs, and as a plain page for people."""

from http import HTTPStatus
from typing import Final

from flask import Flask, Response, jsonify, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from gis.errors import OneMapError
from gis.i18n import explain
from webmap.errors import (
    FAULT,
    Away,
    Busy,
    MustChangePassword,
    NotSignedIn,
    TooOften,
    cause_of,
    log,
    log_fault,
    outcome_of,
    overrun_of,
)
from webmap.language import language, say
from webmap.seen import seen_request
from webmap.session import OWN_ACCOUNT, SIGN_IN, redirected

RETRY_AFTER_S: Final = 5
"""When it is worth asking again."""


def _answer(status: int, key: str, detail: str, **more: object) -> Response:
    """A problem document, or a page when a person navigated here."""
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        more["request_id"] = seen_request().request_id
    if _is_for_a_person():
        response = Response(render_template("problem.html", status=status, detail=detail))
    else:
        title = say(f"web.status.{status}")
        response = jsonify(
            {
                "type": f"urn:onemap:problem:{key}",
                "title": title,
                "status": status,
                "detail": detail,
                "instance": request.path,
                **more,
            }
        )
        response.mimetype = "application/problem+json"
        if status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Bearer realm="onemap"'
    response.status_code = status
    return response


def _is_for_a_person() -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def on_expected(error: OneMapError) -> Response:
    """An error that has a sentence for the reader; a page that asks to sign in leads there."""
    if isinstance(error, NotSignedIn) and request.method == "GET" and _is_for_a_person():
        if isinstance(error, MustChangePassword):
            return redirected(OWN_ACCOUNT)
        if error.key == "web.not_signed_in":
            return redirected(SIGN_IN)
    response = answer_of(error)
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(error.wait_s)
    if isinstance(error, Busy):
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def answer_of(error: OneMapError, **more: object) -> Response:
    """The same, with more for a program, such as what stands now."""
    return _answer(outcome_of(error).status, error.key, explain(language(), error), **more)


def on_http(error: HTTPException) -> Response:
    """Flask's own refusals: unknown address, wrong method, body too large."""
    status = error.code or FAULT.status
    response = _answer(status, f"web.status.{status}", say(f"web.status.{status}"))
    if isinstance(error, MethodNotAllowed):
        response.allow.update(error.valid_methods or ())
    return response


def on_fault(error: Exception) -> Response:
    """A bug: the trace goes to the log, the reader gets its id; or the database is at a limit."""
    if (overrun := overrun_of(error)) is not None:
        # What a connection failed for is said nowhere else; it tells of the server, not of a row.
        why = cause_of(error) if isinstance(overrun, Away) else ""
        log.warning("%s at %s %s", overrun.key, seen_request().route, why)
        response = answer_of(overrun)
        if isinstance(overrun, (Away, Busy)):
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response
    fault_id = log_fault(error)
    detail = say("web.fault", fault_id=fault_id)
    return _answer(FAULT.status, "web.fault", detail, fault_id=fault_id)


def explain_errors(app: Flask) -> None:
    """Let the app answer every error through this file."""
    app.register_error_handler(OneMapError, on_expected)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(Exception, on_fault)
