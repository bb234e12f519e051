"""Why a load cannot be taken back, in words: what was changed since, who did it and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, text

from gis.errors import Conflict, Phrase
from gis.history import SCHEMA, history_name

SHOWN: Final = 5
"""So many changes are told one by one; of the others, how many there are."""
_PLACE: Final = "place.place"
_BODY: Final = "organization.organization"


@dataclass(frozen=True)
class Changed:
    """Rows of one table that are no longer what a load left.

    Args:
        table: Which table.
        count: How many rows.
        first: The first of them as phrases.
    """

    table: Table
    count: int
    first: tuple[Phrase, ...]


def thing(table: Table) -> Phrase:
    """What a row of a table is, in a word of the catalogue."""
    return Phrase(f"kept.{history_name(table)}")


def changed_rows(conn: Connection, table: Table, undo: str, condition: str) -> Changed | None:
    """The rows of a table that were changed since; null when there are none.

    Args:
        conn: As the loader, in the undo's transaction.
        table: A kept table.
        undo: Temporary table `u` of the touched rows (key, `last_id`).
        condition: SQL over `u` and `t`, the table itself: the row is not what the load left.
    """
    key = [column.name for column in table.primary_key.columns]
    same = " AND ".join(f"t.{name} = u.{name}" for name in key)
    rows = f"{undo} AS u LEFT JOIN {table.fullname} AS t ON {same} WHERE {condition}"
    count: int = conn.execute(text(f"SELECT count(*) FROM {rows}")).scalar_one()
    if not count:
        return None
    history = f"{SCHEMA}.{history_name(table)}"
    after = " AND ".join(f"h.{name} = u.{name}" for name in key)
    subject = _subject(table)
    found = conn.execute(
        text(
            f"""
            SELECT named.code, named.name, later.*
            FROM (SELECT u.*, {subject.column} AS subject_id FROM {rows} ORDER BY u.last_id
                  LIMIT {SHOWN}) AS u
            LEFT JOIN LATERAL (
              SELECT to_char(h.history_at, 'YYYY-MM-DD HH24:MI') AS at,
                     h.history_load_id AS load_id, coalesce(account.title, account.name) AS who
              FROM {history} AS h
              LEFT JOIN rights.account AS account ON account.account_id = h.history_account_id
              WHERE {after} AND h.history_id > u.last_id
              ORDER BY h.history_id DESC LIMIT 1
            ) AS later ON true
            LEFT JOIN LATERAL ({subject.named}) AS named ON true
            """
        )
    )
    phrases = tuple(_phrase(table, row) for row in found.mappings())
    return Changed(table, count, phrases)


def refuse(load_id: int, changed: Sequence[Changed], later: Sequence[int]) -> None:
    """Refuse an undo when anything was changed since.

    Raises:
        Conflict: Says how many rows, the first of them by name, and which later loads to undo.
    """
    if not changed:
        return
    raise Conflict(
        "load.changed_since" if later else "load.changed_by_hand",
        load_id=load_id,
        count=sum(one.count for one in changed),
        changes=tuple(phrase for one in changed for phrase in one.first)[:SHOWN],
        later=", ".join(str(one) for one in sorted(later)),
    )


@dataclass(frozen=True)
class _Subject:
    """What a row is about: SQL for its id in `u` or `t`, and for `code, name` of that id."""

    column: str
    named: str


def _subject(table: Table) -> _Subject:
    """The place or body a row belongs to, or the row itself where it bears a code and a name.

    A row that is gone, or whose subject is, is called as history last knew it.
    """
    columns = table.columns
    if "code" in columns and "name" in columns:
        (key,) = (column.name for column in table.primary_key.columns)
        return _Subject(f"u.{key}", _named_sql(table.fullname, history_name(table), key))
    for target in (_PLACE, _BODY):
        schema, name = target.split(".")
        key = f"{name}_id"
        for column in columns:
            if any(one.column.table.fullname == target and one.column.name == key
                   for one in column.foreign_keys):  # fmt: skip
                return _Subject(
                    f"coalesce(t.{column.name}, u.{column.name})",
                    _named_sql(target, f"{schema}_{name}", key),
                )
    return _Subject("NULL::bigint", "SELECT NULL::text AS code, NULL::text AS name WHERE false")


def _named_sql(table: str, history: str, key: str) -> str:
    return f"""
      SELECT code, name FROM (
        SELECT code, name, 0 AS age FROM {table} WHERE {key} = u.subject_id
        UNION ALL
        (SELECT code, name, 1 FROM {SCHEMA}.{history}
         WHERE {key} = u.subject_id AND code IS NOT NULL ORDER BY history_id DESC LIMIT 1)
      ) AS known ORDER BY age LIMIT 1"""


def _phrase(table: Table, row: Any) -> Phrase:
    by = Phrase("load.change.by", {"who": row["who"]}) if row["who"] else None
    through = Phrase("load.change.load", {"load_id": row["load_id"]}) if row["load_id"] else None
    subject = " ".join(dict.fromkeys(one for one in (row["code"], row["name"]) if one))
    return Phrase(
        "load.change" if subject else "load.change.unnamed",
        {
            "subject": subject,
            "thing": thing(table),
            "at": row["at"],
            "by": by,
            "through": through,
        },
    )
