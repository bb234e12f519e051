"""The readable past of a place: who changed what, when, from the typed history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, text

from gis.layers import Attribute
from gis.places.attributes import IN_HISTORY, OF_KIND

ENTRIES_SHOWN: Final = 50
_META: Final = (
    "h.history_id, h.history_operation AS operation, h.history_transaction_id AS transaction_id,"
    " h.history_at AS at, h.history_load_id AS load_id,"
    " coalesce(account.title, account.name) AS who"
)


@dataclass(frozen=True)
class Change:
    """One field that changed; values as the register held them."""

    attribute: Attribute
    old: Any
    new: Any


@dataclass
class Entry:
    """What one transaction did to the place."""

    at: datetime
    who: str | None
    load_id: int | None
    operation: str
    """`I` made, `U` changed, `D` removed."""
    changes: list[Change] = field(default_factory=list)


def place_history(conn: Connection, place_id: int, kind: str) -> list[Entry]:
    """What happened to a place, newest first, at most `ENTRIES_SHOWN` transactions.

    Lines the account may not see (a former row of another body's cell) are left out.
    """
    entries: dict[int, Entry] = {}
    _add(entries, conn, "place", IN_HISTORY, place_id)
    if columns := OF_KIND.get(kind):
        _add(entries, conn, kind, columns, place_id)
    _add_areas(entries, conn, place_id)
    ordered = sorted(entries.items(), reverse=True)
    return [entry for _, entry in ordered][:ENTRIES_SHOWN]


def _entry(entries: dict[int, Entry], line: RowMapping) -> Entry:
    found = entries.setdefault(
        line["transaction_id"], Entry(line["at"], line["who"], line["load_id"], line["operation"])
    )
    if line["operation"] == "I":
        found.operation = "I"
    return found


def _columns(attributes: Iterable[Attribute], alias: str) -> str:
    # A shape is shown as changed or not: its digest is enough.
    return ", ".join(
        f"md5(ST_AsBinary({alias}.{a.name})) AS {a.name}"
        if a.type == "geometry"
        else f"{alias}.{a.name}"
        for a in attributes
    )


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
            Change(a, line[a.name], newer[a.name])
            for a in attributes
            if newer is not None and line[a.name] != newer[a.name]
        ]
        newer = line


def _add_areas(entries: dict[int, Entry], conn: Connection, place_id: int) -> None:
    rows = conn.execute(
        text(
            f"SELECT {_META}, h.area_kind, h.area_m2 AS old_m2, coalesce((SELECT n.area_m2"
            " FROM history.place_area_measure AS n WHERE n.area_measure_id = h.area_measure_id"
            " AND n.history_id > h.history_id AND n.history_operation <> 'I'"
            " ORDER BY n.history_id LIMIT 1), m.area_m2) AS new_m2"
            " FROM place.area_measure AS m JOIN history.place_area_measure AS h"
            " ON h.area_measure_id = m.area_measure_id AND h.history_operation = 'U'"
            " LEFT JOIN rights.account AS account ON account.account_id = h.history_account_id"
            " WHERE m.place_id = :place_id"
        ),
        {"place_id": place_id},
    ).mappings()
    for row in rows:
        if row["old_m2"] != row["new_m2"]:
            attribute = Attribute("area_m2", f"place.area.{row['area_kind']}", "number", "m2")
            _entry(entries, row).changes.append(Change(attribute, row["old_m2"], row["new_m2"]))
