"""Who is asking: a browser's cookie or a program's token, and transactions in that name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Flask, Response, current_app, g, request
from sqlalchemy import Connection, text
from werkzeug.datastructures import Authorization

from gis.db import Database, Role, transaction
from gis.errors import Forbidden
from gis.rights.actions import redeem_one_time_token
from gis.rights.sign_in import ABSOLUTE, must_change_password
from webmap.allowance import FILES, count_file
from webmap.errors import MustChangePassword, NotSignedIn
from webmap.seen import seen_request

COOKIE: Final = "onemap_session"
SECURE_COOKIE: Final = f"__Host-{COOKIE}"
"""Over https. Browsers take it from this very host only, never from a neighbour or over http."""
UNATTENDED: Final = "Onemap-Unattended"
"""Header of what an open page asks by itself, as after others' changes, while nobody touches it."""
SIGN_IN: Final = "/sign-in"
OWN_ACCOUNT: Final = "/account"
_EXTENSION: Final = "onemap_database"
_WHO: Final = "rights.current_account_id()"

blueprint = Blueprint("session", __name__)


def use_database(app: Flask, database: Database) -> None:
    """Let the app's requests read this database."""
    app.extensions[_EXTENSION] = database


@contextmanager
def asking(
    *,
    is_person: bool = True,
    needs_rows: bool = True,
    is_one_moment: bool = False,
    is_long: bool = False,
) -> Iterator[Connection]:
    """A transaction of the web role in the name of whoever holds the browser's session.

    Args:
        is_person: A person did something; a page that asks by itself keeps no session alive.
        needs_rows: What is asked for is made of rows, of which the database shows whoever has
            figures alone none: they are told so instead of being shown an empty register.
        is_one_moment: As for `gis.db.transaction`.
        is_long: An export or a report, whose statements may take longer than what people look at.

    Raises:
        Forbidden: The account has figures alone.
        NotSignedIn: There is no such session, or it has ended.
        MustChangePassword: It is good for choosing a password only.
    """
    is_attended = is_person and UNATTENDED not in request.headers
    with as_session() as conn:
        _require_account(conn, "rights.note_presence()" if is_attended else _WHO, needs_rows)
        if not is_one_moment:
            _be_patient(conn, is_long=is_long)
            yield conn
            return
    # Presence was written before: a row that another request writes too cannot be, of one moment.
    with as_session(is_one_moment=True) as conn:
        _require_account(conn, _WHO, needs_rows)
        _be_patient(conn, is_long=is_long)
        yield conn


def _be_patient(conn: Connection, *, is_long: bool) -> None:
    if is_long:
        database: Database = current_app.extensions[_EXTENSION]
        most_ms = int(database.patience.long_s * 1000)
        conn.execute(text(f"SET LOCAL statement_timeout = {most_ms}"))


def _require_account(conn: Connection, seen: str, needs_rows: bool) -> None:
    who, reader = conn.execute(text(f"SELECT {seen}, rights.current_reader_id()")).one()
    if who is None:
        if must_change_password(conn):
            raise MustChangePassword("web.must_change_password")
        raise NotSignedIn("web.not_signed_in")
    seen_request().account_id = who
    count_file(who)
    if needs_rows and reader is None:
        raise Forbidden("web.figures_only")
    if request.endpoint in FILES and "reach" not in g:
        # Before anything is read; `webmap.handing_out` compares when it is made.
        g.reach = conn.execute(text("SELECT rights.my_reach()")).scalar_one()


@contextmanager
def as_session(*, is_one_moment: bool = False) -> Iterator[Connection]:
    """The same, whoever it is, also nobody."""
    engine = current_app.extensions[_EXTENSION].engine(Role.WEB)
    with transaction(engine, session_token(), is_one_moment=is_one_moment) as conn:
        yield conn


@contextmanager
def as_nobody() -> Iterator[Connection]:
    """A transaction of the web role before anybody signed in."""
    database: Database = current_app.extensions[_EXTENSION]
    with transaction(database.engine(Role.WEB), None) as conn:
        yield conn


def cookie_name() -> str:
    """The session's cookie on this connection; over https one made over http does not count."""
    return SECURE_COOKIE if request.is_secure else COOKIE


def session_token() -> str | None:
    """The token that the request carries; null when it carries none.

    A program's `Authorization: Bearer` counts instead of the cookie, also when it is not good;
    `Basic` with the token for a password does too, for GIS programs that know no other. Nobody is
    asked for it, so that no browser ever keeps one.
    """
    stated = request.headers.get("Authorization")
    if stated is None:
        return request.cookies.get(cookie_name()) or None
    scheme, _, token = stated.partition(" ")
    if scheme.lower() == "basic":
        said = Authorization.from_header(stated) if stated.isascii() else None
        password = said.password if said else None
        return password if password and password.isprintable() else None
    return token.strip() or None if scheme.lower() == "bearer" else None


def keep_session(response: Response, token: str) -> None:
    """Let the browser hold a session until it ends by itself."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(ABSOLUTE.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    response.headers["Cache-Control"] = "no-store"


def forget_session(response: Response) -> None:
    """Let the browser hold none any more."""
    response.delete_cookie(
        cookie_name(), path="/", httponly=True, samesite="Lax", secure=request.is_secure
    )
    response.headers["Cache-Control"] = "no-store"


def client_address() -> str:
    """Where the request came from, as far as is known."""
    return request.remote_addr or ""


def page_of_ours(stated: str | None) -> str:
    """A page to go to after signing in; the map for what is no address of this server."""
    written = stated or "/"
    try:
        parts = urlsplit(written)
    except ValueError:
        return "/"
    is_plain = written.isprintable() and "\\" not in written and len(written) <= 2000
    is_ours = not parts.scheme and not parts.netloc and written.startswith("/")
    return written if is_plain and is_ours and not written.startswith("//") else "/"


@blueprint.get("/enter")
def enter() -> Response:
    """Trade the one-time address for a session; an address works once."""
    with as_nobody() as conn:
        token = redeem_one_time_token(
            conn,
            request.args.get("token", ""),
            address=client_address(),
            hours=int(ABSOLUTE.total_seconds()) // 3600,
        )
    if token is None:
        raise NotSignedIn("web.address_used")
    response = Response(status=303, headers={"Location": "/"})
    keep_session(response, token)
    return response


def redirected(first: str) -> Response:
    """The way to a page that comes first, and from there back to what was asked."""
    asked = request.full_path.rstrip("?")
    address = first if asked == "/" else f"{first}?{urlencode({'next': asked})}"
    response = Response(status=303, headers={"Location": address})
    response.headers["Cache-Control"] = "no-store"
    return response
