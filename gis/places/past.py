"""The readable past of a place: who changed what, when, from the typed history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

from gis.layers import Attribute
from gis.places.attributes import IN_HISTORY, OF_KIND
from gis.places.names import shown_name

ENTRIES_SHOWN: Final = 50
_ROW_LINES: Final = 400
_META: Final = (
    "h.history_id, h.history_operation AS operation, h.history_transaction_id AS transaction_id,"
    " h.history_at AS at, h.history_load_id AS load_id,"
    " coalesce(account.title, account.name) AS who"
)


@dataclass(frozen=True)
class Change:
    """One field that changed; values as the register held them.

    Places and bodies are called as they are today, `UNNAMED` where there is nothing to tell.
    """

    attribute: Attribute
    old: Any
    new: Any
    named: tuple[str, str] | None = None
    """Vocabulary and term that name it, such as the scheme of a number; null: the attribute."""


@dataclass(frozen=True)
class Step:
    """A change of a row that hangs on the place, with the history line that records it."""

    line: RowMapping
    change: Change


@dataclass(frozen=True)
class RowStep:
    """One line of a table's history, with the row before and after it; null: there was none."""

    line: RowMapping
    old: RowMapping | None
    new: RowMapping | None


@dataclass
class Entry:
    """What one transaction did to the place."""

    at: datetime
    who: str | None
    load_id: int | None
    operation: str
    """`I` made, `U` changed, `D` removed."""
    changes: list[Change] = field(default_factory=list)
    edit: Any = None
    """`kind, reason, document, effective_on` of an edit by hand; null: it was none."""


def place_history(
    conn: Connection, place_id: int, kind: str, more: Iterable[Step] = ()
) -> list[Entry]:
    """What happened to a place, newest first, at most `ENTRIES_SHOWN` transactions.

    Args:
        conn: Within a session.
        place_id: Which place.
        kind: Its kind.
        more: What domains keep of the past of it.

    Lines the account may not see (a former row of another body's cell) are left out.
    """
    entries: dict[int, Entry] = {}
    _add(entries, conn, "place", IN_HISTORY, place_id)
    if columns := OF_KIND.get(kind):
        _add(entries, conn, kind, columns, place_id)
    _add_areas(entries, conn, place_id)
    own = (_identifier_steps, _title_steps, _photo_steps)
    for step in (*(one for steps in own for one in steps(conn, place_id)), *more):
        _entry(entries, step.line, is_of_place=False).changes.append(step.change)
    _add_edits(entries, conn, place_id)
    ordered = sorted(entries.items(), reverse=True)
    return [entry for _, entry in ordered][:ENTRIES_SHOWN]


def _entry(entries: dict[int, Entry], line: RowMapping, *, is_of_place: bool = True) -> Entry:
    operation = line["operation"] if is_of_place else "U"
    found = entries.setdefault(
        line["transaction_id"], Entry(line["at"], line["who"], line["load_id"], operation)
    )
    if operation == "I":
        found.operation = "I"
    return found


def _columns(attributes: Iterable[Attribute], alias: str) -> str:
    return ", ".join(_column(a, alias) for a in attributes)


_NAMES: Final = {
    "place": f"SELECT coalesce({shown_name('named')}, named.code)"
    " FROM place.place AS named WHERE named.place_id",
    "body": "SELECT named.name FROM organization.organization AS named WHERE named.organization_id",
}
"""How what a column points at is called, to be ended by its number; nothing where it is hidden."""
UNNAMED: Final = ""
"""Stands for a place or body that the account may not see, or that is gone."""


def _column(attribute: Attribute, alias: str) -> str:
    column = f"{alias}.{attribute.name}"
    if attribute.type == "geometry":
        # A shape is shown as changed or not: its digest is enough.
        return f"md5(ST_AsBinary({column})) AS {attribute.name}"
    if attribute.type in _NAMES:
        named = f"coalesce(({_NAMES[attribute.type]} = {column}), '{UNNAMED}')"
        return f"{column}, CASE WHEN {column} IS NOT NULL THEN {named} END AS {attribute.name}_name"
    return column


def _told(attribute: Attribute, row: RowMapping) -> Any:
    """The value as it is shown: the number of a place would tell of one that is hidden."""
    return row[f"{attribute.name}_name" if attribute.type in _NAMES else attribute.name]


def _add(
    entries: dict[int, Entry],
    conn: Connection,
    table: str,
    attributes: Sequence[Attribute],
    place_id: int,
) -> None:
    """Adds the lines of a table keyed by place: a line holds the old row, the next one the new."""
    lines = (
        conn.execute(
            text(
                f"SELECT {_META}, {_columns(attributes, 'h')} FROM history.place_{table} AS h"
                " LEFT JOIN rights.account AS account"
                " ON account.account_id = h.history_account_id"
                " WHERE h.place_id = :place_id ORDER BY h.history_id DESC LIMIT 200"
            ),
            {"place_id": place_id},
        )
        .mappings()
        .all()
    )
    newer: RowMapping | None = (
        conn.execute(
            text(
                f"SELECT {_columns(attributes, 't')} FROM place.{table} AS t WHERE place_id = :id"
            ),
            {"id": place_id},
        )
        .mappings()
        .one_or_none()
    )
    for line in lines:
        entry = _entry(entries, line) if table == "place" or line["operation"] == "U" else None
        if line["operation"] == "I" or entry is None:
            continue
        entry.changes += [
            Change(a, _told(a, line), _told(a, newer))
            for a in attributes
            if newer is not None and line[a.name] != newer[a.name]
        ]
        newer = line


def _add_edits(entries: dict[int, Entry], conn: Connection, place_id: int) -> None:
    """Why people did what they did by hand; some of it shows in nothing else that is told here."""
    for row in conn.execute(
        text(
            "SELECT e.kind, e.reason, e.document, e.effective_on, e.transaction_id, e.made_at,"
            " coalesce(account.title, account.name) AS who FROM place.edit AS e"
            " LEFT JOIN rights.account AS account USING (account_id)"
            " WHERE e.place_id = :place_id ORDER BY e.edit_id"
        ),
        {"place_id": place_id},
    ):
        made = Entry(row.made_at, row.who, None, "U")
        entry = entries.setdefault(row.transaction_id, made)
        # A restored database counts its transactions anew.
        if entry is not None and entry.at == row.made_at:
            entry.edit = row


def _add_areas(entries: dict[int, Entry], conn: Connection, place_id: int) -> None:
    """Areas that changed, and those that came by hand."""
    rows = conn.execute(
        text(
            f"SELECT {_META}, coalesce(h.area_kind, m.area_kind) AS area_kind,"
            " h.area_m2 AS old_m2, coalesce((SELECT n.area_m2"
            " FROM history.place_area_measure AS n WHERE n.area_measure_id = h.area_measure_id"
            " AND n.history_id > h.history_id AND n.history_operation <> 'I'"
            " ORDER BY n.history_id LIMIT 1), m.area_m2) AS new_m2"
            " FROM place.area_measure AS m JOIN history.place_area_measure AS h"
            " ON h.area_measure_id = m.area_measure_id AND (h.history_operation = 'U'"
            # Of those that came, what loads brought would be a long list.
            "  OR h.history_operation = 'I' AND EXISTS (SELECT FROM place.edit AS e"
            "   WHERE e.place_id = m.place_id AND e.kind = 'measured'"
            "   AND e.transaction_id = h.history_transaction_id))"
            " LEFT JOIN rights.account AS account ON account.account_id = h.history_account_id"
            " WHERE m.place_id = :place_id"
        ),
        {"place_id": place_id},
    ).mappings()
    for row in rows:
        if row["old_m2"] != row["new_m2"]:
            attribute = Attribute("area_m2", f"place.area.{row['area_kind']}", "number", "m2")
            _entry(entries, row, is_of_place=False).changes.append(
                Change(attribute, row["old_m2"], row["new_m2"])
            )


def row_steps(
    conn: Connection, table: str, columns: str, place_id: int, keys: str | None = None
) -> list[RowStep]:
    """The past of the rows of a kept table that say something of a place, newest first per row.

    Args:
        conn: Within a session; lines the account may not see are left out.
        table: Full name of the table; its first column named in `columns` tells its rows apart.
        columns: Key and columns to read, as SQL lists them.
        place_id: Which place; bound as `place_id`.
        keys: SQL of the keys of its rows; null: those with that `place_id`, now or before.
    """
    key = columns.split(",", maxsplit=1)[0]
    past = f"history.{table.replace('.', '_')}"
    keys = keys or (
        f"SELECT {key} FROM {table} WHERE place_id = :place_id"
        f" UNION SELECT {key} FROM {past} WHERE place_id = :place_id"
    )
    now = {
        row[key]: row
        for row in conn.execute(
            text(f"SELECT {columns} FROM {table} WHERE {key} IN ({keys})"), {"place_id": place_id}
        ).mappings()
    }
    listed = ", ".join(f"h.{column.strip()}" for column in columns.split(","))
    lines = conn.execute(
        text(
            f"SELECT {_META}, {listed} FROM {past} AS h LEFT JOIN rights.account AS account"
            " ON account.account_id = h.history_account_id"
            f" WHERE h.{key} IN ({keys}) ORDER BY h.history_id DESC LIMIT {_ROW_LINES}"
        ),
        {"place_id": place_id},
    ).mappings()
    steps = []
    newer: dict[Any, RowMapping | None] = dict(now)
    for line in lines:
        old = None if line["operation"] == "I" else line
        steps.append(RowStep(line, old, newer.get(line[key])))
        newer[line[key]] = old
    return steps


def _identifier_steps(conn: Connection, place_id: int) -> Iterable[Step]:
    columns = "identifier_id, scheme, value, valid_to"
    for step in row_steps(conn, "place.identifier", columns, place_id):
        known = step.new or step.old
        if known is not None:
            named = ("identifier_scheme", known["scheme"])
            yield from _steps(step, _OF_IDENTIFIER, named)


def _title_steps(conn: Connection, place_id: int) -> Iterable[Step]:
    """Titles of the place as they were made and changed; which of them it has, the card shows."""
    keys = (
        "SELECT title_id FROM place.title_place WHERE place_id = :place_id"
        " UNION SELECT title_id FROM history.place_title_place WHERE place_id = :place_id"
    )
    columns = "title_id, kind, number, state, owner_name, issued_on, valid_to"
    for step in row_steps(conn, "place.title", columns, place_id, keys):
        known = step.new or step.old
        if step.old is None and step.new is not None and step.new["valid_to"] is not None:
            # It goes on elsewhere, and was written once more for this place, ended.
            ended = _OF_TITLE[-1]
            yield Step(step.line, Change(ended, None, step.new[ended.name], None))
        elif known is not None:
            yield from _steps(step, _OF_TITLE, ("title_kind", known["kind"]))


def _photo_steps(conn: Connection, place_id: int) -> Iterable[Step]:
    """Photos that came, went, or were described anew."""
    for step in row_steps(conn, "place.photo", "photo_id, caption, taken_on", place_id):
        old, new = (_photo_told(row) for row in (step.old, step.new))
        if old != new:
            yield Step(step.line, Change(_OF_PHOTO, old, new))


def _photo_told(row: RowMapping | None) -> str | None:
    """What a photo is called by: its caption, else its day, else its number."""
    if row is None:
        return None
    return str(row["caption"] or row["taken_on"] or f"#{row['photo_id']}")


def _steps(
    step: RowStep, attributes: Sequence[Attribute], named: tuple[str, str] | None
) -> Iterable[Step]:
    """What differs between two states of a row; of a row that came or went, its first attribute."""
    shown = attributes if step.old and step.new else attributes[:1]
    for attribute in shown:
        old = step.old[attribute.name] if step.old else None
        new = step.new[attribute.name] if step.new else None
        if old != new:
            is_first = attribute is attributes[0]
            yield Step(step.line, Change(attribute, old, new, named if is_first else None))


_OF_PHOTO: Final = Attribute("photo", "place.attribute.photo")
_OF_IDENTIFIER: Final = (
    Attribute("value", "place.attribute.identifier"),
    Attribute("valid_to", "place.attribute.valid_to", "date"),
)
_OF_TITLE: Final = (
    Attribute("number", "place.attribute.title_number"),
    Attribute("state", "place.attribute.title_state", "term", None, "title_state"),
    Attribute("owner_name", "place.attribute.title_owner"),
    Attribute("issued_on", "place.attribute.issued_on", "date"),
    Attribute("valid_to", "place.attribute.valid_to", "date"),
)
