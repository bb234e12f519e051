"""Taking back one's last edit of a place: from the typed history, as far as it still stands."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import IntegrityError

from gis.db import run_script
from gis.errors import Conflict, Forbidden, NotFound
from gis.history import SCHEMA, digest_sql, history_name, is_kept
from gis.places import edits
from gis.places.actions import touch
from gis.places.edits_model import EditKind
from gis.tables import metadata

_PLACE: Final = "place.place"
_EDIT: Final = "place.edit"
_IS_REFERRED_TO: Final = "23503"


def take_back(conn: Connection, place_id: int, edit_id: int) -> Sequence[int]:
    """Put back what an edit changed, in every table that hangs on the places it touched.

    An edit that touched several places at once is taken back whole. What it made goes again; a
    place it made goes with it. The caller renews what is derived.

    Args:
        conn: As the web role, in the name of who made the edit.
        place_id: The place.
        edit_id: Its newest edit that stands.

    Returns:
        The places that the edit touched and that are still there.

    Raises:
        NotFound: No such edit of the place stands.
        Forbidden: Somebody else made it, or the account may no longer write what it touched.
        Conflict: It is not the newest, or something has changed since.
    """
    edits.open_place(conn, place_id)
    last = edits.last_edit(conn, place_id)
    if last is None:
        raise NotFound("place.edit.none_stands")
    if last.edit_id != edit_id:
        raise Conflict("place.edit.not_the_last")
    if not last.is_mine:
        raise Forbidden("place.edit.of_another")
    made = conn.execute(text(_MADE), {"edit_id": edit_id}).one()
    touched = list(conn.execute(text(_TOUCHED), {"edit_id": edit_id}).scalars())
    asked = {"transaction": made.transaction_id, "at": made.made_at, "places": touched}
    tables = _tables_with_lines(conn, asked)
    for table in tables:
        _refuse_changed(conn, table, asked)
    gone = _made_places(conn, asked)
    _refuse_hung_on(conn, gone, asked)
    # What it leaves sums anew, as what it comes back to does.
    above = list(conn.execute(text(_ABOVE), asked).scalars())
    try:
        _put_back(conn, tables, gone, asked)
    except IntegrityError as error:
        # The account does not see what hangs on it.
        if getattr(error.orig, "pgcode", None) == _IS_REFERRED_TO:
            raise Conflict("place.edit.changed_since") from error
        raise
    left = list(
        conn.execute(
            text("SELECT place_id FROM place.place WHERE place_id = ANY (:places)"), asked
        ).scalars()
    )
    conn.execute(text(_UNDONE), asked)
    above += conn.execute(text(_ABOVE), asked).scalars()
    touch(conn, [*left, *(set(above) - {*left, *gone})])
    return left


def _refuse_hung_on(conn: Connection, gone: Sequence[int], asked: dict[str, Any]) -> None:
    """Places that go again carry nothing that came later.

    Raises:
        Conflict: A row that something else made refers to one of them.
    """
    if not gone:
        return
    for table in metadata.sorted_tables:
        if not is_kept(table) or table.fullname == _EDIT:
            continue
        for key in table.foreign_keys:
            if key.column.table.fullname != _PLACE or key.column.name != "place_id":
                continue
            later = conn.execute(
                text(
                    f"SELECT EXISTS (SELECT FROM {table.fullname} AS t"
                    f" WHERE t.{key.parent.name} = ANY (:gone) AND NOT EXISTS ("
                    f"  SELECT FROM {SCHEMA}.{history_name(table)} AS h"
                    f"  WHERE {_same(table, 'h', 't')} AND h.history_operation IN ('I', 'U')"
                    "   AND h.history_transaction_id = :transaction AND h.history_at = :at))"
                ),
                {**asked, "gone": list(gone)},
            ).scalar_one()
            if later:
                raise Conflict("place.edit.changed_since")


def _put_back(
    conn: Connection, tables: Sequence[Table], gone: Sequence[int], asked: dict[str, Any]
) -> None:
    """Deletes what was made, children first; then every other row is as it was."""
    # Parts hang in what goes until they hang where they were.
    run_script(conn, "SET CONSTRAINTS place.fk_place_parent DEFERRED")
    for table in tables:
        _drop_derived(conn, table, asked)
    for table in reversed(tables):
        if table.fullname == _PLACE and gone:
            # Of a place that was never there nothing is told but its history.
            conn.execute(text("DELETE FROM place.edit WHERE place_id = ANY (:gone)"),
                         {"gone": list(gone)})  # fmt: skip
        if table.fullname != _EDIT:
            edits.write(conn, _delete_sql(table), asked)
    for table in tables:
        if table.fullname != _EDIT:
            edits.write(conn, _update_sql(table), asked)
            edits.write(conn, _insert_sql(table), asked)
    run_script(conn, "SET CONSTRAINTS place.fk_place_parent IMMEDIATE")


def _drop_derived(conn: Connection, table: Table, asked: dict[str, Any]) -> None:
    """Derived rows of what goes; the caller renews the rest."""
    for derived in metadata.sorted_tables:
        if is_kept(derived) or derived.schema == SCHEMA:
            continue
        for key in derived.foreign_keys:
            # A figure of a report that was filed outlives the place it was of.
            keeps = key.parent.name == "rights_cell" or key.ondelete is not None
            if key.column.table is table and not keeps:
                edits.write(
                    conn,
                    f"DELETE FROM {derived.fullname} WHERE {key.parent.name} IN"
                    f" (SELECT first.{key.column.name} FROM ({_lines(table)}) AS first"
                    " WHERE first.history_operation = 'I')",
                    asked,
                )


def _made_places(conn: Connection, asked: dict[str, Any]) -> list[int]:
    return list(conn.execute(text(_MADE_PLACES), asked).scalars())


def _tables_with_lines(conn: Connection, asked: dict[str, Any]) -> list[Table]:
    """Kept tables that hang on places and of which the edit touched rows; parents first."""
    found = []
    for table in metadata.sorted_tables:
        if table.fullname == _EDIT or not _hangs_on_places(table):
            continue
        either = f"SELECT EXISTS ({_lines(table)}) OR EXISTS ({_gone(table)})"
        if conn.execute(text(either), asked).scalar_one():
            found.append(table)
    return found


def _hangs_on_places(table: Table) -> bool:
    """Whether the table is kept and carries a place's number, or that of a row that does."""
    return is_kept(table) and _owner(table) is not None


def _owner(table: Table) -> str | None:
    """SQL condition that a row `t` belongs to one of the places asked about; null: it cannot."""
    if "place_id" in table.columns and table.schema not in {"staging", "history"}:
        return "t.place_id = ANY (:places)"
    if table.fullname == "place.lineage":
        return "t.from_place_id = ANY (:places)"
    for key in table.foreign_keys:
        above = key.column.table
        if (
            "place_id" in above.columns
            and above.fullname != _PLACE
            and table.schema == above.schema
            and key.column.name == key.parent.name
        ):
            return (
                f"t.{key.parent.name} IN (SELECT a.{key.column.name} FROM {above.fullname} AS a"
                " WHERE a.place_id = ANY (:places))"
            )
    return None


def _key(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _same(table: Table, left: str, right: str) -> str:
    return " AND ".join(f'{left}."{name}" = {right}."{name}"' for name in _key(table))


def _lines(table: Table) -> str:
    """Rows of a table, with the first line the edit left of each: how it was before."""
    key = ", ".join(f't."{name}"' for name in _key(table))
    return (
        f"SELECT DISTINCT ON ({key}) h.* FROM {table.fullname} AS t"
        f" JOIN {SCHEMA}.{history_name(table)} AS h ON {_same(table, 'h', 't')}"
        f" WHERE {_owner(table)} AND h.history_transaction_id = :transaction"
        f" AND h.history_at = :at ORDER BY {key}, h.history_id"
    )


def _gone(table: Table) -> str:
    """Rows that the edit deleted, as they were."""
    owner = _owner(table)
    assert owner is not None  # noqa: S101 -- only tables that hang on places are asked about
    return (
        f"SELECT h.* FROM {SCHEMA}.{history_name(table)} AS h"
        f" WHERE {owner.replace('t.', 'h.', 1)} AND h.history_transaction_id = :transaction"
        " AND h.history_at = :at AND h.history_operation = 'D'"
    )


def _refuse_changed(conn: Connection, table: Table, asked: dict[str, Any]) -> None:
    """Every row must still be what the edit left.

    Raises:
        Conflict: One is not.
    """
    last = _lines(table).replace("h.history_id", "h.history_id DESC")
    changed = conn.execute(
        text(
            f"SELECT EXISTS (SELECT FROM ({last}) AS h JOIN {table.fullname} AS t"
            f" ON {_same(table, 'h', 't')}"
            f" WHERE h.history_digest IS DISTINCT FROM {digest_sql(table, 't')})"
        ),
        asked,
    ).scalar_one()
    if changed:
        raise Conflict("place.edit.changed_since")


def _delete_sql(table: Table) -> str:
    return (
        f"DELETE FROM {table.fullname} AS t USING ({_lines(table)}) AS first"
        f" WHERE {_same(table, 'first', 't')} AND first.history_operation = 'I'"
    )


def _update_sql(table: Table) -> str:
    others = [column.name for column in table.columns if column.name not in _key(table)]
    sets = ", ".join(f'"{name}" = first."{name}"' for name in others)
    return (
        f"UPDATE {table.fullname} AS t SET {sets} FROM ({_lines(table)}) AS first"
        f" WHERE {_same(table, 'first', 't')} AND first.history_operation = 'U'"
    )


def _insert_sql(table: Table) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    return (
        f"INSERT INTO {table.fullname} ({columns}) SELECT {columns} FROM ({_gone(table)}) AS gone"
        f" WHERE NOT EXISTS (SELECT FROM {table.fullname} AS t WHERE {_same(table, 'gone', 't')})"
    )


_ABOVE: Final = """
SELECT DISTINCT parent_id FROM place.place
WHERE place_id = ANY (:places) AND parent_id IS NOT NULL
"""
_MADE: Final = "SELECT transaction_id, made_at FROM place.edit WHERE edit_id = :edit_id"
# The places of all edits of its transaction, and their parts: these may have followed.
_TOUCHED: Final = """
WITH RECURSIVE down AS (
  SELECT e.place_id FROM place.edit AS e
  JOIN place.edit AS one ON one.edit_id = :edit_id
   AND (e.transaction_id, e.made_at) = (one.transaction_id, one.made_at)
  UNION
  SELECT p.place_id FROM down JOIN place.place AS p ON p.parent_id = down.place_id
)
SELECT place_id FROM down
"""
_MADE_PLACES: Final = f"""
SELECT t.place_id FROM place.place AS t JOIN {SCHEMA}.place_place AS h USING (place_id)
WHERE t.place_id = ANY (:places) AND h.history_transaction_id = :transaction
  AND h.history_at = :at AND h.history_operation = 'I'
"""
_UNDONE: Final = f"""
INSERT INTO place.edit
  (place_id, kind, reason, document, undoes_edit_id, account_id, rights_cell)
SELECT e.place_id, '{EditKind.UNDONE.value}', e.reason, e.document, e.edit_id,
       rights.current_account_id(), p.rights_cell
FROM place.edit AS e JOIN place.place AS p USING (place_id)
WHERE e.transaction_id = :transaction AND e.made_at = :at AND e.kind <> 'undone'
"""
