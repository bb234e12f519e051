"""What takes long to make is handed out only to who may still see all of it."""

from typing import Final

from flask import Flask, Response, g
from sqlalchemy import Connection, text

from gis.errors import Conflict, OneMapError
from webmap.errors import NotSignedIn
from webmap.problems import on_expected, on_fault
from webmap.session import as_session

_STANDS: Final = text(
    "SELECT rights.current_account_id() AS who, rights.has_lost_reach(:reach) AS has_lost"
)


def check_again(app: Flask) -> None:
    """Look once more at the asker's rights when a file or a report is made.

    Its statements each read what stood when they began, and writing it takes longer still: whoever
    loses a right meanwhile would be handed rows that they may not see any more.
    """

    @app.after_request
    def keep_back(response: Response) -> Response:
        reach: list[int] | None = g.get("reach")
        if reach is None or response.status_code >= 400:
            return response
        try:
            with as_session() as conn:
                _require_reach(conn, reach)
        except OneMapError as error:
            return on_expected(error)
        except Exception as error:  # no handler of the app's is asked from here
            return on_fault(error)
        return response


def _require_reach(conn: Connection, reach: list[int]) -> None:
    who, has_lost = conn.execute(_STANDS, {"reach": reach}).one()
    if who is None:
        raise NotSignedIn("web.not_signed_in")
    if has_lost:
        raise Conflict("web.rights_changed")
