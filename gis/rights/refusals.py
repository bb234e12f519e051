"""What functions of the database refuse, as the errors that people read."""

import json
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, text
from sqlalchemy.exc import DBAPIError

from gis.errors import Conflict, Forbidden, InputError, NotFound, OneMapError, unpacked

_CLASSES: Final[dict[str, type[OneMapError]]] = {
    "OM400": InputError,
    "OM403": Forbidden,
    "OM404": NotFound,
    "OM409": Conflict,
}
"""By the code that `rights.refuse` raises."""


def call(conn: Connection, statement: str, **values: Any) -> CursorResult[Any]:
    """Run a statement whose functions may refuse.

    Raises:
        OneMapError: A function did, with the sentence it named.
    """
    try:
        return conn.execute(text(statement), values)
    except DBAPIError as error:
        kind = _CLASSES.get(getattr(error.orig, "pgcode", None) or "")
        if kind is None:
            raise
        said = error.orig.diag  # type: ignore[union-attr]
        params = json.loads(said.message_detail or "{}")
        known = {name: unpacked(value) for name, value in params.items()}
        raise kind(said.message_primary, **known) from error
