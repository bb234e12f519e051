"""A frozen report built again: which figures changed, and what changed them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, Table, text

from assets.report import Report, ReportTable
from assets.services.frozen import (
    Cause,
    ChangedFigure,
    Frozen,
    frozen_rows,
    is_summed,
    row_key,
    rule_rows,
    sums_are_comparable,
)
from gis.history import SCHEMA, history_name, kept_tables
from gis.tables import metadata

_MOST_CAUSES: Final = 20
_QUIET: Final = frozenset({"load_id", "rights_cell", "geom", "anchor", "parent_id"})
"""Columns that follow from a change and explain no figure; shapes are too long to print, and what
a place hung in may be hidden from who reads."""

# By the snapshot where it can be asked, else by the clock: after a restore into another server its
# numbers start anew.
_SINCE: Final = """
SELECT h.*, coalesce(a.title, a.name) AS who, l.file_name
FROM {history} AS h LEFT JOIN rights.account AS a ON a.account_id = h.history_account_id
LEFT JOIN staging.load AS l ON l.load_id = h.history_load_id
WHERE ({condition})
  AND (h.history_at > :made_at
       OR NOT pg_visible_in_snapshot(h.history_transaction_id::text::xid8,
                                     CAST(:snapshot AS pg_snapshot)))
ORDER BY h.history_id"""
_BODIES: Final = """
SELECT DISTINCT h.place_id, party.holder_id FROM estate.holding AS h
JOIN estate.holding_party AS party USING (holding_id) WHERE h.place_id = ANY(:places)"""
_TREE: Final = """
WITH RECURSIVE down AS (
  SELECT place_id AS root, place_id FROM place.place WHERE place_id = ANY(:places)
  UNION SELECT down.root, p.place_id
  FROM down JOIN place.place AS p ON p.parent_id = down.place_id
)
SELECT root, place_id FROM down"""


@dataclass(frozen=True)
class Rerun:
    """A frozen report compared with itself built again.

    Args:
        figures: Each figure that changed, with what changed it.
        rules: Rows of rules that are no longer what the report used.
        tables: The report as it is now.
        with_sums: Whether its sums are compared: the account sees what went into them.
    """

    frozen: Frozen
    figures: Sequence[ChangedFigure]
    rules: Sequence[dict[str, Any]]
    tables: Sequence[ReportTable]
    with_sums: bool


def compare(conn: Connection, frozen: Frozen, report: Report) -> list[ChangedFigure]:
    """Each figure that is no longer what was handed in, in printing order, with its causes.

    What differs by rights alone is no change: sums are left out for whoever sees other rows than
    went into them (`sums_are_comparable`), and so are rows that were there and are merely seen by
    this account and not by who froze the report.

    Args:
        conn: Of an account that sees the figures.
        frozen: The report as it was handed in.
        report: The same report, built again for the same day.
    """
    changed: list[ChangedFigure] = []
    with_sums = sums_are_comparable(conn, frozen, report)
    for table in report.tables:
        if is_summed(table) and not with_sums:
            continue
        now = {row_key(table, row): row for row in table.rows}
        was = frozen_rows(conn, frozen.frozen_report_id, table.name)
        for key, place_id, before in was:
            after = now.pop(key, None)
            changed += [
                ChangedFigure(table.name, key, name, before.get(name), found, place_id)
                for name, found in _compared(before, after)
            ]
        came = _came(conn, frozen, table, list(now))
        for key, after in ((key, after) for key, after in now.items() if key in came):
            changed += [
                ChangedFigure(table.name, key, column.field, None, after.get(column.field), None)
                for column in table.columns
                if after.get(column.field) is not None
            ]
    return _explained(conn, frozen, report, changed)


def _came(
    conn: Connection, frozen: Frozen, table: ReportTable, keys: Sequence[str]
) -> Collection[str]:
    """Those rows that the report did not have because something was otherwise then.

    A row of the register counts when something of it changed since; where rules did, all count.
    """
    lists = sorted({row["row"]["list"] for row in frozen.rules if row["source"] == "place.term"})
    if is_summed(table) or not keys or changed_rules(conn, frozen, lists):
        return keys
    if table.place_field:
        query = "SELECT code, place_id FROM place.place WHERE code = ANY (:codes)"
        codes = {row["place_id"]: row["code"] for row in _rows(conn, query, codes=list(keys))}
        causes = causes_of(conn, frozen, codes)
        return {code for place_id, code in codes.items() if causes.get(place_id)}
    kept = metadata.tables[table.row_table or ""]
    (key,) = (column.name for column in kept.primary_key.columns)
    query = f"SELECT code FROM {kept.fullname} WHERE code = ANY (:codes) AND {key} IN ({{since}})"
    since = _SINCE.format(history=f"{SCHEMA}.{history_name(kept)}", condition="true")
    since = f"SELECT line.{key} FROM ({since}) AS line"
    found = _rows(
        conn,
        query.format(since=since),
        codes=list(keys),
        made_at=frozen.made_at,
        snapshot=frozen.snapshot,
    )
    return {row["code"] for row in found}


def _compared(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    if after is None:
        return [(name, None) for name, value in before.items() if value is not None]
    return [
        (name, after.get(name))
        for name, value in before.items()
        if _plain(value) != _plain(after.get(name))
    ]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def changed_rules(
    conn: Connection,
    frozen: Frozen,
    vocabularies: Sequence[str],
    own: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Rows of rules that are not what the report used: `source`, `was`, `now`; null for no row.

    Args:
        own: Rows of the domain's own rules, as `freeze` was told them.
    """
    was = [dict(row) for row in frozen.rules]
    now = [*rule_rows(conn, frozen.report, frozen.as_of, vocabularies), *map(dict, own)]
    gone = [
        {"source": row["source"], "was": row["row"], "now": None} for row in was if row not in now
    ]
    new = [
        {"source": row["source"], "was": None, "now": row["row"]} for row in now if row not in was
    ]
    return gone + new


def _explained(
    conn: Connection, frozen: Frozen, report: Report, changed: Sequence[ChangedFigure]
) -> list[ChangedFigure]:
    """The same with causes: what changed of the place and in it since the snapshot."""
    fields = {table.name: table.place_field for table in report.tables}
    codes = {one.row_key for one in changed if one.place_id is None and fields[one.table_name]}
    found = conn.execute(
        text("SELECT code, place_id FROM place.place WHERE code = ANY(:codes)"),
        {"codes": list(codes)},
    )
    by_code = {row.code: row.place_id for row in found}
    placed = [replace(one, place_id=one.place_id or by_code.get(one.row_key)) for one in changed]
    causes = causes_of(conn, frozen, {one.place_id for one in placed if one.place_id is not None})
    return [
        replace(one, causes=_relevant(one.field, causes.get(one.place_id or 0, ())))
        for one in placed
    ]


def _relevant(field: str, causes: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Causes that could have changed a field; all of them where none is named after it."""
    if field.endswith("_m2"):
        kind = field.removesuffix("_m2")
        close = [
            one
            for one in causes
            if one.source == "place.area_measure"
            and any(name == "area_kind" and kind in {before, after}
                    for name, before, after in one.columns)
        ]  # fmt: skip
    else:
        close = [one for one in causes if any(name == field for name, _, _ in one.columns)]
        if field == "units":
            close = [
                one for one in causes if one.source.split(".")[0] in {"estate", "organization"}
            ]
    return tuple(close) or causes


def causes_of(
    conn: Connection, frozen: Frozen, place_ids: Collection[int]
) -> dict[int, tuple[Cause, ...]]:
    """What changed of places, of what stands in them and of who is there since a report was frozen.

    Returns:
        For each place its changes, the oldest first, at most `_MOST_CAUSES`. One query a table,
        however many places there are.
    """
    if not place_ids:
        return {}
    inside = _rows(conn, _TREE, places=list(place_ids))
    roots = _roots({place_id: place_id for place_id in place_ids}, inside, "place_id")
    found: dict[int, list[Cause]] = {}
    for table in kept_tables(metadata):
        if "place_id" in table.columns and table.schema not in {"campaign", "services"}:
            _add_causes(conn, frozen, table, "place_id", roots=roots, found=found)
    present = _rows(conn, _BODIES, places=list(roots))
    owners = [
        {"root": root, "organization_id": row["holder_id"]}
        for row in present
        for root in roots[row["place_id"]]
    ]
    body = metadata.tables["organization.organization"]
    _add_causes(
        conn,
        frozen,
        body,
        "organization_id",
        roots=_roots({}, owners, "organization_id"),
        found=found,
    )
    return _oldest(found)


@dataclass(frozen=True)
class Watched:
    """A table whose changes may explain figures.

    Args:
        table: Schema and name.
        owner: Column that says what a row belongs to.
        roots: Of each value of it, the asked things that it is part of.
    """

    table: str
    owner: str
    roots: Mapping[int, set[int]]


def causes_in(
    conn: Connection, frozen: Frozen, watched: Sequence[Watched]
) -> dict[int, tuple[Cause, ...]]:
    """What changed in some tables since a report was frozen, by the things it belongs to.

    Returns:
        For each thing its changes, the oldest first, at most `_MOST_CAUSES`.
    """
    found: dict[int, list[Cause]] = {}
    for one in watched:
        table = metadata.tables[one.table]
        if one.roots:
            _add_causes(conn, frozen, table, one.owner, roots=dict(one.roots), found=found)
    return _oldest(found)


def _oldest(found: Mapping[int, list[Cause]]) -> dict[int, tuple[Cause, ...]]:
    return {
        root: tuple(sorted(causes, key=lambda one: one.changed_at)[:_MOST_CAUSES])
        for root, causes in found.items()
    }


def _roots(
    own: Mapping[int, int], rows: Sequence[Mapping[str, Any]], name: str
) -> dict[int, set[int]]:
    """Which of the asked places a thing belongs to."""
    roots: dict[int, set[int]] = {thing: {root} for thing, root in own.items()}
    for row in rows:
        roots.setdefault(row[name], set()).add(row["root"])
    return roots


def _add_causes(
    conn: Connection,
    frozen: Frozen,
    table: Table,
    owner: str,
    *,
    roots: Mapping[int, set[int]],
    found: dict[int, list[Cause]],
) -> None:
    """Add the changes of a table's rows whose `owner` belongs to an asked place."""
    keys = [column.name for column in table.primary_key.columns]
    condition, listed = f"{owner} = ANY(:ids)", ", ".join(keys)
    # The line of a row that came holds its key only: it is known by the row that stands.
    lines = _rows(
        conn,
        _SINCE.format(
            history=f"{SCHEMA}.{history_name(table)}",
            condition=f"h.{condition} OR ({listed}) IN"
            f" (SELECT {listed} FROM {table.fullname} WHERE {condition})",
        ),
        ids=list(roots),
        made_at=frozen.made_at,
        snapshot=frozen.snapshot,
    )
    if not lines:
        return
    standing = _rows(conn, f"SELECT * FROM {table.fullname} WHERE {condition}", ids=list(roots))
    # A line holds the old row: what came after stands in the next line, or in the table.
    newer = {tuple(row[name] for name in keys): row for row in standing}
    for line in reversed(lines):
        key = tuple(line[name] for name in keys)
        after = newer.get(key, {}) if line["history_operation"] != "D" else {}
        before = line if line["history_operation"] != "I" else {}
        cause = _cause(table, line, before, after)
        for root in roots.get((before or after).get(owner, 0), ()):
            found.setdefault(root, []).append(cause)
        if line["history_operation"] != "I":
            newer[key] = line


def _rows(conn: Connection, statement: str, **values: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in conn.execute(text(statement), values).mappings()]


def _cause(
    table: Table, line: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Cause:
    names = [
        column.name
        for column in table.columns
        if column.name not in _QUIET and not column.primary_key
    ]
    columns = [
        (name, _shown(before.get(name)), _shown(after.get(name)))
        for name in names
        if before.get(name) != after.get(name)
        # Which area it was says nothing by itself, and everything beside the figure.
        or name == "area_kind"
    ]
    return Cause(
        source=table.fullname,
        operation=line["history_operation"],
        changed_at=line["history_at"],
        who=line["who"],
        load_id=line["history_load_id"],
        file_name=line["file_name"],
        columns=tuple(columns),
    )


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)
