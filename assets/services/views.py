"""Saved views: what the map shows, under a name, for oneself or for whoever sees a body."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Connection, RowMapping, text
from sqlalchemy.exc import ProgrammingError

from gis.errors import Forbidden, InputError, NotFound

LONGEST_NAME: Final = 100
LONGEST_LINK: Final = 60_000
_MOST: Final = 500
_LIST: Final = f"""
SELECT v.saved_view_id, v.name, v.link, v.organization_id, o.name AS organization_name,
  coalesce(a.title, a.name) AS maker, v.changed_at,
  v.account_id = (SELECT rights.current_account_id()) AS is_mine
FROM services.saved_view AS v JOIN rights.account AS a USING (account_id)
LEFT JOIN organization.organization AS o ON o.organization_id = v.organization_id
ORDER BY is_mine DESC, v.name, v.saved_view_id LIMIT {_MOST}"""
_ADD: Final = """
INSERT INTO services.saved_view (account_id, name, link, organization_id)
VALUES (rights.current_account_id(), :name, :link, :organization_id) RETURNING saved_view_id"""
_CHANGE: Final = """
UPDATE services.saved_view SET name = coalesce(:name, name), link = coalesce(:link, link),
  organization_id = CASE WHEN :shares THEN :organization_id ELSE organization_id END,
  changed_at = now()
WHERE saved_view_id = :saved_view_id"""


def saved_views(conn: Connection) -> Sequence[RowMapping]:
    """One's own views first, then those shared with bodies one sees; by name."""
    return conn.execute(text(_LIST)).mappings().all()


def save_view(conn: Connection, name: str, link: str, organization_id: int | None) -> int:
    """Keeps a view.

    Returns:
        Its number.

    Raises:
        InputError: No name, or a view too long to keep.
        Forbidden: The account sees nothing of the body it would share with.
        Conflict: One's own view of that name is there already (as the transaction ends).
    """
    values = {"name": _name(name), "link": _link(link), "organization_id": organization_id}
    made: int = _write(conn, _ADD, values).scalar_one()
    return made


def change_view(
    conn: Connection,
    saved_view_id: int,
    *,
    name: str | None = None,
    link: str | None = None,
    shares: bool = False,
    organization_id: int | None = None,
) -> None:
    """Changes what is given of one's own view; with `shares` also whom it is shared with.

    Raises:
        NotFound: There is no such view of one's own.
        InputError, Forbidden, Conflict: As `save_view`.
    """
    values: dict[str, Any] = {
        "saved_view_id": saved_view_id,
        "name": None if name is None else _name(name),
        "link": None if link is None else _link(link),
        "shares": shares,
        "organization_id": organization_id,
    }
    if not _write(conn, _CHANGE, values).rowcount:
        raise NotFound("view.not_found", view=saved_view_id)


def delete_view(conn: Connection, saved_view_id: int) -> None:
    """Forgets one's own view.

    Raises:
        NotFound: There is no such view of one's own.
    """
    statement = "DELETE FROM services.saved_view WHERE saved_view_id = :id"
    if not conn.execute(text(statement), {"id": saved_view_id}).rowcount:
        raise NotFound("view.not_found", view=saved_view_id)


def _write(conn: Connection, statement: str, values: dict[str, Any]) -> Any:
    try:
        return conn.execute(text(statement), values)
    except ProgrammingError as error:
        if isinstance(error.orig, InsufficientPrivilege):
            raise Forbidden("view.share_forbidden") from error
        raise


def _name(name: str) -> str:
    cleaned = name.replace("\0", "").strip()
    if not 1 <= len(cleaned) <= LONGEST_NAME:
        raise InputError("view.bad_name", most=LONGEST_NAME)
    return cleaned


def _link(link: str) -> str:
    if len(link) > LONGEST_LINK:
        raise InputError("view.too_long")
    return link.replace("\0", "")
