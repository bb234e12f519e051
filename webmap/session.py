"""Who is asking: a cookie got for a one-time address, and transactions in that name."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flask import Blueprint, Flask, Response, current_app, redirect, request
from sqlalchemy import Connection, text

from gis.db import Database, Role, transaction
from gis.rights.actions import redeem_one_time_token
from webmap.errors import NotSignedIn

COOKIE: Final = "onemap_session"
HOURS: Final = 12
_EXTENSION: Final = "onemap_database"

blueprint = Blueprint("session", __name__)


def use_database(app: Flask, database: Database) -> None:
    """Let the app's requests read this database."""
    app.extensions[_EXTENSION] = database


@contextmanager
def asking() -> Iterator[Connection]:
    """A transaction of the web role in the name of whoever holds the browser's session.

    Raises:
        NotSignedIn: There is no such session, or it has ended.
    """
    database: Database = current_app.extensions[_EXTENSION]
    with transaction(database.engine(Role.WEB), request.cookies.get(COOKIE)) as conn:
        if conn.execute(text("SELECT rights.current_account_id()")).scalar() is None:
            raise NotSignedIn("web.not_signed_in")
        yield conn


@blueprint.get("/enter")
def enter() -> Response:
    """Trade the one-time address for a session; an address works once."""
    database: Database = current_app.extensions[_EXTENSION]
    with transaction(database.engine(Role.WEB), None) as conn:
        token = redeem_one_time_token(conn, request.args.get("token", ""), hours=HOURS)
    if token is None:
        raise NotSignedIn("web.address_used")
    response = redirect("/", code=303)
    response.set_cookie(
        COOKIE, token, max_age=HOURS * 3600, httponly=True, samesite="Lax", secure=request.is_secure
    )
    response.headers["Cache-Control"] = "no-store"
    return Response(response.get_data(), response.status, response.headers)
