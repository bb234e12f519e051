"""Requests and returns as they stand, as far as the asking account sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.domain import Fact, PlaceFacts
from assets.requests.model import Item, Part, State
from gis.clock import today
from gis.errors import Forbidden, NotFound

OPEN_STATES: Final = tuple(
    state.value
    for state in State
    if state not in (State.APPROVED, State.DONE, State.REJECTED, State.DROPPED)
)
"""States in which a decision is still to come."""
_REQUEST: Final = """
SELECT r.*, o.name AS body_name, o.level_code, a.name AS area_name,
  coalesce(c.title, c.name) AS checked_by_name, coalesce(m.title, m.name) AS made_by_name,
  r.state = ANY (CAST(:open AS text[])) AS is_open,
  r.state = ANY (CAST(:open AS text[])) AND r.due_on < :today AS is_overdue
FROM requests.request AS r JOIN organization.organization AS o USING (organization_id)
LEFT JOIN place.admin_area AS a ON a.code = r.admin_area_code
LEFT JOIN rights.account AS c ON c.account_id = r.checked_by
LEFT JOIN rights.account AS m ON m.account_id = r.made_by"""
_LISTED: Final = f"""
SELECT l.*, count(*) OVER () AS total FROM ({_REQUEST}) AS l
WHERE (CAST(:item AS text) IS NULL OR l.item = :item)
  AND (CAST(:state AS text) IS NULL OR l.state = :state)
  AND (CAST(:body AS bigint) IS NULL OR l.organization_id = :body)
  AND (NOT :overdue OR l.is_overdue)
ORDER BY l.is_open DESC, l.due_on NULLS LAST, l.request_id DESC LIMIT :limit OFFSET :offset"""
_PLACES: Final = """
SELECT p.*, place.code, coalesce(a.title, a.name) AS answered_by_name
FROM requests.request_place AS p LEFT JOIN place.place AS place USING (place_id)
LEFT JOIN rights.account AS a ON a.account_id = p.answered_by
WHERE p.request_id = :request_id AND p.part = :part
ORDER BY p.request_place_id"""
_DOCUMENTS: Final = """
SELECT d.document_id, d.kind, d.reference, d.made_at, coalesce(a.title, a.name) AS who
FROM requests.document AS d LEFT JOIN rights.account AS a USING (account_id)
WHERE d.request_id = :request_id ORDER BY d.document_id"""
_RETURNS: Final = """
SELECT r.*, o.name AS body_name, count(*) OVER () AS total,
  count(*) FILTER (WHERE r.state = 'open' AND r.due_on < :today) OVER () AS overdue,
  CASE WHEN r.state = 'open' THEN :today - r.due_on END AS days_over,
  r.rights_cell IN (SELECT cell FROM rights.my_domain_write_cells WHERE domain = 'requests')
    AS may_write
FROM requests.room_return AS r JOIN organization.organization AS o USING (organization_id)
WHERE (:all OR r.state = 'open')
ORDER BY r.state <> 'open', r.due_on, r.room_return_id DESC LIMIT :limit OFFSET :offset"""
_RETURNS_FOR: Final = """
SELECT r.room_return_id, r.place_title, r.state, r.due_on, r.returned_on,
  CASE WHEN r.state = 'open' THEN :today - r.due_on END AS days_over
FROM requests.room_return AS r WHERE r.request_id = :request
ORDER BY r.due_on, r.room_return_id LIMIT 200"""

_ON_PLACE: Final = """
SELECT min(r.due_on) AS due_on, string_agg(DISTINCT named.number, '、') AS numbers
FROM (SELECT CAST(:place_id AS bigint) AS place_id) AS asked
LEFT JOIN requests.room_return AS r ON r.place_id = asked.place_id AND r.state = 'open'
LEFT JOIN LATERAL (
  SELECT q.number FROM requests.request_place AS p JOIN requests.request AS q USING (request_id)
  WHERE p.place_id = asked.place_id AND (p.part = 'subject' OR p.answer = 'taken')
    AND q.state NOT IN ('done', 'rejected', 'dropped') AND q.number IS NOT NULL
  ORDER BY q.request_id DESC LIMIT 5) AS named ON true"""


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and how many there are.

    Args:
        overdue: Of all, how many are past their day; 0 for lists that do not count it.
    """

    rows: Sequence[Mapping[str, Any]]
    total: int
    overdue: int = 0


def find_request(conn: Connection, request_id: int, day: date) -> Mapping[str, Any]:
    """A request as it stands.

    Returns:
        Its columns, `body_name, level_code, area_name, checked_by_name, made_by_name, is_open,
        is_overdue`.

    Raises:
        NotFound: There is none of this number, or the account may not see it.
    """
    query = text(f"{_REQUEST} WHERE r.request_id = :request_id")
    asked = {"request_id": request_id, "today": day, "open": list(OPEN_STATES)}
    row = conn.execute(query, asked).mappings().one_or_none()
    if row is None:
        raise NotFound("requests.unknown", request_id=request_id)
    return dict(row)


def list_requests(
    conn: Connection,
    day: date,
    *,
    item: Item | None = None,
    state: State | None = None,
    body: int | None = None,
    is_overdue: bool = False,
    limit: int,
    offset: int = 0,
) -> Page:
    """Requests that wait for a decision first, the nearest day first; columns as `find_request`."""
    asked = {
        "today": day, "open": list(OPEN_STATES), "item": item and item.value,
        "state": state and state.value, "body": body, "overdue": is_overdue, "limit": limit,
        "offset": offset,
    }  # fmt: skip
    rows = _read(conn, _LISTED, asked)
    return Page(rows, rows[0]["total"] if rows else 0)


def places_of(conn: Connection, request_id: int, part: Part) -> Sequence[Mapping[str, Any]]:
    """Places of a request in one part, as they were written down; `code` is today's."""
    asked = {"request_id": request_id, "part": part.value}
    return _read(conn, _PLACES, asked)


def documents_of(conn: Connection, request_id: int) -> Sequence[Mapping[str, Any]]:
    """What a request rests on, in the order it came."""
    return _read(conn, _DOCUMENTS, {"request_id": request_id})


def list_returns(
    conn: Connection, day: date, *, is_all: bool = False, limit: int, offset: int = 0
) -> Page:
    """Rooms to be given back, the longest overdue first; with `is_all` also those settled.

    Returns:
        Columns of `requests.room_return`, `body_name`, `days_over` (negative: days left; null where
        settled), `may_write`.
    """
    asked = {"today": day, "all": is_all, "limit": limit, "offset": offset}
    rows = _read(conn, _RETURNS, asked)
    return Page(rows, rows[0]["total"], rows[0]["overdue"]) if rows else Page((), 0)


def returns_for(conn: Connection, request_id: int, day: date) -> Sequence[Mapping[str, Any]]:
    """What was asked back for a request: as `list_returns`, the nearest day first, at most 200."""
    asked = {"today": day, "request": request_id}
    return _read(conn, _RETURNS_FOR, asked)


def place_facts(conn: Connection, place_id: int, as_of: date) -> PlaceFacts:
    """Until when a room is to be given back, and which requests it waits in; none of the past."""
    if as_of < today():
        return PlaceFacts()
    row = conn.execute(text(_ON_PLACE), {"place_id": place_id}).one()
    facts = (
        Fact("requests.fact.return_due", row.due_on),
        Fact("requests.fact.requests", row.numbers),
    )
    return PlaceFacts(tuple(fact for fact in facts if fact.value is not None))


def cell_of_body(conn: Connection, organization_id: int) -> int:
    """The cell of what a body states, in the area it is registered in; made where it is missing.

    Raises:
        NotFound: There is no such body.
    """
    row = conn.execute(
        text(
            "SELECT o.admin_area_code FROM organization.organization AS o"
            " WHERE o.organization_id = :body"
        ),
        {"body": organization_id},
    ).one_or_none()
    if row is None:
        raise NotFound("organization.not_found", organization_id=organization_id)
    return _cell(conn, organization_id, row.admin_area_code)


def bureau_cell(conn: Connection) -> int:
    """The cell over which the bureau's parts are held: of whoever answers for everything."""
    return _cell(conn, None, None)


def _cell(conn: Connection, body: int | None, area: str | None) -> int:
    found: int = conn.execute(
        text(
            "SELECT c.cell FROM rights.cells_for(CAST(:bodies AS bigint[]),"
            " CAST(:areas AS text[]), CAST(:classes AS smallint[])) AS c"
        ),
        {"bodies": [body], "areas": [area], "classes": [0]},
    ).scalar_one()
    return found


def require_writable(conn: Connection, cell: int, key: str) -> None:
    """Tell who may not write a cell in this domain.

    Raises:
        Forbidden: With this message.
    """
    query = text(
        "SELECT CAST(:cell AS integer) IN (SELECT cell FROM rights.my_domain_write_cells"
        " WHERE domain = 'requests')"
    )
    if not conn.execute(query, {"cell": cell}).scalar_one():
        raise Forbidden(key)


def _read(conn: Connection, query: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.execute(text(query), asked).mappings()]
