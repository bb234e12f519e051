"""One's own account: the password, and the browsers in which one is signed in."""

from typing import Any, Final

import segno
from flask import Blueprint, Response, jsonify, make_response, render_template, request

from gis.errors import InputError
from gis.rights.codes import Own, my_code
from gis.rights.grants import my_offices
from gis.rights.passwords import SHORTEST
from gis.rights.sign_in import (
    Outcome,
    change_password,
    end_my_session,
    my_sessions,
    own_account,
)
from gis.rights.tokens import LONGEST_DAYS, USUAL_DAYS, end_token, listed_tokens, make_token
from webmap.asked import json_object
from webmap.errors import NotSignedIn, TooManyAttempts
from webmap.language import language, say, script_messages
from webmap.session import (
    OWN_ACCOUNT,
    as_session,
    asking,
    client_address,
    keep_session,
    page_of_ours,
)

blueprint = Blueprint("account", __name__)

HERE: Final = OWN_ACCOUNT
_QR_SCALE: Final = 5


@blueprint.get(HERE)
def show_account() -> Response:
    """The page; with a password that was handed over, only the form to choose one's own."""
    with as_session() as conn:
        me = own_account(conn)
        if me is None:
            raise NotSignedIn("web.not_signed_in")
        sessions = my_sessions(conn)
        tokens = listed_tokens(conn)
        offices = my_offices(conn)
        code = my_code(conn, issuer=say("page.brand"))
    page = render_template(
        "account.html",
        messages=dict(script_messages(language())),
        me=me,
        sessions=sessions,
        tokens=tokens,
        offices=offices,
        usual_days=USUAL_DAYS,
        longest_days=LONGEST_DAYS,
        shortest=SHORTEST,
        onward=page_of_ours(request.args.get("next", HERE)),
        code=code,
        code_picture=_picture(code),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post(f"{HERE}/password")
def choose_password() -> Response:
    """Another password; this browser goes on under a new token, all others are signed out."""
    body = json_object()
    known, chosen = stated_password(body, "known"), stated_password(body, "chosen")
    if chosen != stated_password(body, "again"):
        raise InputError("password.not_alike")
    with as_session() as conn:
        if own_account(conn) is None:
            raise NotSignedIn("web.not_signed_in")
        attempt = change_password(conn, known, chosen, address=client_address())
    # Raised only now: a failed attempt is to stay counted.
    if attempt.outcome is Outcome.WAIT:
        raise TooManyAttempts("sign_in.wait", minutes=minutes_of(attempt.wait_s))
    if attempt.token is None:
        raise InputError("password.wrong")
    onward = body.get("next")
    response = jsonify({"location": page_of_ours(onward if isinstance(onward, str) else HERE)})
    keep_session(response, attempt.token)
    return response


@blueprint.post(f"{HERE}/sessions/<int:session_id>/end")
def end_session(session_id: int) -> Response:
    """Sign another browser out."""
    with asking(needs_rows=False) as conn:
        end_my_session(conn, session_id, address=client_address())
    return jsonify({"location": HERE})


@blueprint.post(f"{HERE}/tokens")
def add_token() -> Response:
    """A token for a program; the answer says it, once."""
    body = json_object()
    days, title = body.get("days"), body.get("title")
    if not isinstance(days, str) or not days.isdecimal() or len(days) > 4:
        raise InputError("token.bad_days", most=LONGEST_DAYS)
    if not isinstance(title, str):
        raise InputError("asked.not_text", name="title")
    with asking(needs_rows=False) as conn:
        _, token = make_token(
            conn,
            title.replace("\0", ""),
            days=int(days),
            can_write=body.get("can_write") == "yes",
            address=client_address(),
        )
    response = jsonify({"said": say("own_account.token_made", token=token)})
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post(f"{HERE}/tokens/<int:token_id>/end")
def drop_token(token_id: int) -> Response:
    """Let a token mean nobody any more."""
    with asking(needs_rows=False) as conn:
        end_token(conn, token_id, address=client_address())
    return jsonify({"location": HERE})


def _picture(code: Own) -> str:
    """What an app reads (SVG); nothing unless a secret waits for its first code."""
    if code.address is None:
        return ""
    return str(segno.make(code.address, error="m").svg_inline(scale=_QR_SCALE, light="#fff"))


def minutes_of(seconds: int) -> int:
    """Whole minutes to say to a person; at least one."""
    return max(1, -(-seconds // 60))


def stated_password(body: Any, name: str) -> str:
    """What was typed into a field of a password.

    Raises:
        InputError: Not text.
    """
    stated = body.get(name, "")
    if not isinstance(stated, str):
        raise InputError("asked.not_text", name=name)
    return stated
