"""Whether the asking account may do what a load did.

The loader sees and writes past row security. So before a load commits, or is taken back, its own
history lines are read: every row it touched, as it was and as it is, must lie in a cell that the
account may write.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Table, text

from assets.registry import METADATA
from gis.errors import Forbidden
from gis.history import SCHEMA, history_name, kept_tables
from gis.rights.policies import is_protected, writable_cells

_BODY: Final = "organization.organization"
_DAYS: Final = "stated_days"
_UNWRITABLE: Final = """
SELECT count(*) FROM {history} AS h LEFT JOIN {table} AS t USING ({key})
WHERE h.history_load_id = ANY (:loads)
  AND (h.rights_cell NOT IN ({writable}) OR t.rights_cell NOT IN ({writable}))
"""
_LINES: Final = "SELECT count(*) FROM {history} AS h WHERE h.history_load_id = ANY (:loads)"
_OF_OTHERS: Final = """
SELECT count(*) FROM {history} AS h LEFT JOIN {table} AS t USING ({key})
WHERE h.history_load_id = ANY (:loads)
  AND coalesce(h.{body}, t.{body}) NOT IN (
    SELECT made.organization_id FROM history.organization_organization AS made
    WHERE made.history_load_id = ANY (:loads) AND made.history_operation = 'I')
"""
# A line holds the row before; the row after is in the next line of its key, or stands today.
_CHANGED_BODIES: Final = f"""{_OF_OTHERS}
  AND (h.history_operation <> 'U' OR EXISTS (
    SELECT FROM (SELECT 1) AS one LEFT JOIN LATERAL (
      SELECT later.* FROM {{history}} AS later
      WHERE later.organization_id = h.organization_id AND later.history_id > h.history_id
      ORDER BY later.history_id LIMIT 1) AS n ON true
    WHERE CASE WHEN n.history_id IS NULL THEN ({{now}}) IS DISTINCT FROM ({{old}})
               ELSE ({{next}}) IS DISTINCT FROM ({{old}}) END))
"""


def refuse_strangers(conn: Connection) -> None:
    """Nobody loads: whoever holds no good session.

    Raises:
        Forbidden: No account is asking.
    """
    if conn.execute(text("SELECT rights.current_account_id()")).scalar_one() is None:
        raise Forbidden("load.no_account")


def refuse_forbidden_rows(conn: Connection, loads: Sequence[int]) -> None:
    """Compare what loads did with what the account may write.

    Bodies carry no cell, yet who stands under whom decides rights. So an account with limits may
    add a body that a census names, and change none that was there before; one that writes nothing
    anywhere adds none either. That a file says for its day what is known anyhow moves the day of a
    column and changes no body.

    Raises:
        Forbidden: With the number of rows it may not write.
    """
    if _may_write_all(conn):
        return
    adds_bodies = conn.execute(text("SELECT rights.may_write_somewhere()")).scalar_one()
    count = 0
    for table in kept_tables(METADATA):
        if is_protected(table):
            count += _count(conn, table, _UNWRITABLE, loads, writable=writable_cells(table))
        elif table.schema == "organization" and not adds_bodies:
            count += _count(conn, table, _LINES, loads)
        elif table.fullname == _BODY:
            own = [column.name for column in table.columns if column.name != _DAYS]
            rows = {name: ", ".join(f"{alias}.{one}" for one in own)
                    for name, alias in (("old", "h"), ("next", "n"), ("now", "t"))}  # fmt: skip
            count += _count(conn, table, _CHANGED_BODIES, loads, body="organization_id", **rows)
        elif table.schema == "organization":
            for body in _body_columns(table):
                count += _count(conn, table, _OF_OTHERS, loads, body=body)
    if count:
        raise Forbidden("load.forbidden", count=count)


def refuse_loads_of_others(conn: Connection, loads: Sequence[int]) -> None:
    """Only who brought a file takes it back, or an account without limits.

    Raises:
        Forbidden: With the loads that others brought.
    """
    if _may_write_all(conn):
        return
    others = conn.execute(
        text(
            "SELECT load_id FROM staging.load WHERE load_id = ANY (:loads)"
            " AND account_id IS DISTINCT FROM rights.current_account_id() ORDER BY load_id"
        ),
        {"loads": list(loads)},
    ).scalars()
    if found := list(others):
        raise Forbidden("load.of_others", loads=", ".join(str(one) for one in found))


def _may_write_all(conn: Connection) -> bool:
    return bool(conn.execute(text("SELECT rights.may_write_all()")).scalar_one())


def _body_columns(table: Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.column.table.fullname == _BODY]


def _count(conn: Connection, table: Table, query: str, loads: Sequence[int], **names: str) -> int:
    key = ", ".join(column.name for column in table.primary_key.columns)
    history = f"{SCHEMA}.{history_name(table)}"
    written = query.format(history=history, table=table.fullname, key=key, **names)
    found: int = conn.execute(text(written), {"loads": list(loads)}).scalar_one()
    return found
