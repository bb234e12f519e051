"""One-time codes as a second factor: asked for after the password, set up on one's own page."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from gis.errors import Conflict, InputError
from gis.rights.codes import (
    Step,
    begin_code,
    confirm_code,
    drop_my_code,
    sign_in_with_code,
    waits_for_code,
)
from gis.rights.sign_in import Outcome
from webmap.asked import json_object
from webmap.errors import TooManyAttempts
from webmap.language import language, say, script_messages
from webmap.session import (
    SIGN_IN,
    as_session,
    asking,
    client_address,
    keep_session,
    page_of_ours,
)
from webmap.views.account import HERE, minutes_of, stated_password
from webmap.views.sign_in import entered, to_page

blueprint = Blueprint("codes", __name__)

ASKED: Final = f"{SIGN_IN}/code"


@blueprint.get(ASKED)
def show_code_form() -> Response:
    """The page that asks for the code; whoever does not wait for one signs in first."""
    with as_session() as conn:
        is_waiting = waits_for_code(conn)
    onward = page_of_ours(request.args.get("next"))
    return _page(onward) if is_waiting else to_page(SIGN_IN, onward)


@blueprint.post(ASKED)
def enter_with_code() -> Response:
    """The session goes on under a new token."""
    onward = page_of_ours(request.form.get("next"))
    with as_session() as conn:
        attempt = sign_in_with_code(conn, request.form.get("code", ""), address=client_address())
    if attempt.outcome is Outcome.ENDED:
        return to_page(SIGN_IN, onward)
    if attempt.outcome is Outcome.WAIT:
        said = say("sign_in.wait", minutes=minutes_of(attempt.wait_s))
        response = _page(onward, problem=said, status=429)
        response.headers["Retry-After"] = str(attempt.wait_s)
        return response
    if attempt.token is None:
        return _page(onward, problem=say("code.wrong"), status=401)
    response = entered(attempt.outcome, onward)
    keep_session(response, attempt.token)
    return response


@blueprint.post(f"{HERE}/code/begin")
def begin() -> Response:
    """A secret for an app, which waits for its first code."""
    password = stated_password(json_object(), "known")
    with asking(needs_rows=False) as conn:
        step, wait_s = begin_code(conn, password, address=client_address())
    # Raised only now: a failed attempt is to stay counted.
    _refuse(step, wait_s, wrong="password.wrong")
    return jsonify({"location": HERE})


@blueprint.post(f"{HERE}/code/confirm")
def confirm() -> Response:
    """Codes are asked for from now on; the answer says those for paper, once."""
    stated = _text(json_object(), "code")
    with asking(needs_rows=False) as conn:
        step, wait_s, spare = confirm_code(conn, stated, address=client_address())
    _refuse(step, wait_s, wrong="code.wrong")
    response = jsonify({"said": say("code.confirmed", codes="  ".join(spare))})
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post(f"{HERE}/code/drop")
def drop() -> Response:
    """Codes are asked for no more."""
    body = json_object()
    password, stated = stated_password(body, "known"), _text(body, "code")
    with asking(needs_rows=False) as conn:
        step, wait_s = drop_my_code(conn, password, stated, address=client_address())
    _refuse(step, wait_s, wrong="code.wrong_either")
    return jsonify({"location": HERE})


def _refuse(step: Step, wait_s: int, *, wrong: str) -> None:
    match step:
        case Step.WAIT:
            raise TooManyAttempts("sign_in.wait", minutes=minutes_of(wait_s))
        case Step.WRONG:
            raise InputError(wrong)
        case Step.TAKEN:
            raise Conflict("code.taken")
        case Step.ENDED:
            raise Conflict("code.ended")
        case _:
            return


def _text(body: Any, name: str) -> str:
    stated = body.get(name, "")
    if not isinstance(stated, str):
        raise InputError("asked.not_text", name=name)
    return stated


def _page(onward: str, *, problem: str = "", status: int = 200) -> Response:
    page = render_template(
        "sign_in_code.html",
        messages=dict(script_messages(language())),
        onward=onward,
        problem=problem,
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
