"""Reports as they were handed in: frozen figure by figure, and compared when built again.

A frozen report keeps its figures, the rows of rules it used and the snapshot it saw. Whoever builds
it again is told each figure that changed, and the changes since the snapshot that explain it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, insert, text

from assets.report import Report, ReportTable
from assets.services.model import frozen_report
from gis.errors import Conflict, NotFound
from gis.places.counted import RULES_IN_FORCE
from gis.rights.actions import TOP_SECURITY_CLASS

_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "number": Decimal,
    "boolean": lambda written: written == "true",
    "list": json.loads,
    "date": date.fromisoformat,
    "text": str,
}
_RULES: Final = f"""
SELECT 'place.area_precedence' AS source, to_jsonb(p) AS row FROM ({RULES_IN_FORCE}) AS p
UNION ALL
SELECT 'place.term', to_jsonb(t) FROM place.term AS t WHERE t.list = ANY(:lists)
ORDER BY 1, 2"""


_SUMMED_CLASS: Final = """
SELECT greatest(c.security_class, max(p.security_class)) AS security_class FROM place.place AS p
WHERE p.security_class < :top"""
_SUMMED_CELL: Final = f"""
SELECT made.cell FROM rights.cell AS c CROSS JOIN LATERAL rights.cells_for(
  ARRAY[c.organization_id], ARRAY[c.admin_area_code],
  ARRAY[({_SUMMED_CLASS})]::smallint[]) AS made
WHERE c.cell = :cell"""
# Of which class the sums are that are seen, and of which they would be if who asks froze them.
_SUMS_ARE_MINE: Final = f"""
SELECT CASE WHEN sums.count = 0 THEN seen.count = r.figure_count
            ELSE sums.lowest = mine.security_class AND sums.highest = mine.security_class END
FROM services.frozen_report AS r JOIN rights.cell AS c ON c.cell = r.rights_cell
CROSS JOIN LATERAL ({_SUMMED_CLASS}) AS mine
CROSS JOIN LATERAL (
  SELECT count(*), min(kept.security_class) AS lowest, max(kept.security_class) AS highest
  FROM services.frozen_figure AS f JOIN rights.cell AS kept ON kept.cell = f.rights_cell
  WHERE f.frozen_report_id = r.frozen_report_id AND f.table_name = ANY (:sums)) AS sums
CROSS JOIN LATERAL (
  SELECT count(*) FROM services.frozen_figure AS f
  WHERE f.frozen_report_id = r.frozen_report_id AND f.table_name <> :notes) AS seen
WHERE r.frozen_report_id = :report_id"""


_SEEN: Final = """
SELECT count(*) FROM services.frozen_figure
WHERE frozen_report_id = :report_id AND table_name <> :notes"""
NOTES_TABLE: Final = "report.footnotes"
"""Under this name the footnotes are kept, as one figure: they count what went into the sums."""
_FOOTNOTES: Final = f"""
SELECT value FROM services.frozen_figure
WHERE frozen_report_id = :report_id AND table_name = '{NOTES_TABLE}'"""
_FIGURE_TYPES: Final = {
    "table_name": "text", "row_key": "text", "row_position": "integer", "field": "text",
    "value": "text", "value_kind": "text", "place_id": "bigint", "rights_cell": "integer",
}  # fmt: skip
# In one statement: a report of 1,500 properties has 30,000 figures.
_KEEP: Final = (
    f"INSERT INTO services.frozen_figure (frozen_report_id, {', '.join(_FIGURE_TYPES)})"
    " SELECT :report_id, figure.* FROM unnest("
    + ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _FIGURE_TYPES.items())
    + f") AS figure ({', '.join(_FIGURE_TYPES)})"
)


@dataclass(frozen=True)
class Frozen:
    """A frozen report without its figures."""

    frozen_report_id: int
    report: str
    subject: str
    as_of: date
    made_at: datetime
    made_by: str | None
    snapshot: str
    rules: Sequence[Mapping[str, Any]]
    figure_count: int


@dataclass(frozen=True)
class Cause:
    """A change since the report was frozen.

    Args:
        source: Table that changed.
        operation: `I`, `U` or `D`.
        columns: What changed: column, before, after; empty for a row that came or went.
        who: Who did it; null: nobody signed in, such as a migration.
        load_id: The load that brought it; null when a person did it by hand.
        file_name: The file of that load.
    """

    source: str
    operation: str
    changed_at: datetime
    who: str | None
    load_id: int | None
    file_name: str | None
    columns: tuple[tuple[str, str | None, str | None], ...] = ()


@dataclass(frozen=True)
class ChangedFigure:
    """A figure that is no longer what was handed in; null on the side that has no such row."""

    table_name: str
    row_key: str
    field: str
    was: Any
    now: Any
    place_id: int | None
    causes: tuple[Cause, ...] = ()


def rule_rows(
    conn: Connection, report: str, as_of: date, lists: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows of rules and vocabularies a report of a day rests on, as they stand now."""
    values = {"lists": list(lists), "report": report, "as_of": as_of}
    found = conn.execute(text(_RULES), values).mappings()
    return [dict(row) for row in found]


def freeze(
    conn: Connection,
    report: Report,
    *,
    subject: str,
    vocabularies: Sequence[str],
    rights_cell: int,
    own_rules: Sequence[Mapping[str, Any]] = (),
) -> int:
    """Keep a report as it stands.

    Figures of a place, or of another row of the register, carry its cell. Sums carry the cell of
    the report, raised to the highest class that went into them.

    Args:
        own_rules: Rows of rules of the domain's own that it used: `source`, and `row` as JSON has
            it.

    Returns:
        The `frozen_report_id`.

    Raises:
        Conflict: It is frozen already.
    """
    known = "SELECT EXISTS (SELECT FROM services.frozen_report WHERE subject = :subject)"
    if conn.execute(text(known), {"subject": subject}).scalar_one():
        raise Conflict("services.frozen_already")
    summed_cell = _summed_cell(conn, rights_cell)
    figures = [
        one
        for table in report.tables
        for one in _figures(table, _rows_of(conn, table), summed_cell)
    ]
    report_id: int = conn.execute(
        insert(frozen_report)
        .values(
            report=report.name,
            subject=subject,
            as_of=report.as_of,
            account_id=text("rights.current_account_id()"),
            snapshot=text("pg_current_snapshot()::text"),
            rules=[
                *rule_rows(conn, report.name, report.as_of, vocabularies),
                *map(dict, own_rules),
            ],
            figure_count=len(figures),
            rights_cell=rights_cell,
        )
        .returning(frozen_report.c.frozen_report_id)
    ).scalar_one()
    figures.append(_footnotes(report, summed_cell))
    columns = {name: [one[name] for one in figures] for name in _FIGURE_TYPES}
    conn.execute(text(_KEEP), {"report_id": report_id, **columns})
    return report_id


def _plain(said: Any) -> Any:
    """What a footnote fills in, as JSON has it."""
    return said if isinstance(said, str | int | None) else str(said)


def _footnotes(report: Report, summed_cell: int) -> dict[str, Any]:
    notes = [
        (key, {name: _plain(said) for name, said in more.items()}) for key, more in report.footnotes
    ]
    return {
        "table_name": NOTES_TABLE,
        "row_key": report.name,
        "row_position": 1,
        "field": "footnotes",
        "value": json.dumps(notes, ensure_ascii=False),
        "value_kind": "list",
        "place_id": None,
        "rights_cell": summed_cell,
    }


def _rows_of(conn: Connection, table: ReportTable) -> dict[str, tuple[int | None, int]]:
    """Number of the place and cell of each row of the register that a table names, by code."""
    if table.place_field:
        query = "SELECT code, place_id, rights_cell FROM place.place"
    elif table.row_table:
        query = f"SELECT code, NULL::bigint AS place_id, rights_cell FROM {table.row_table}"
    else:
        return {}
    codes = [str(row[table.place_field or "code"]) for row in table.rows]
    found = conn.execute(text(f"{query} WHERE code = ANY(:codes)"), {"codes": codes})
    return {row.code: (row.place_id, row.rights_cell) for row in found}


def _summed_cell(conn: Connection, rights_cell: int) -> int:
    """The cell, raised to the highest class the account sees: sums tell of what went into them.

    State secrets raise nothing: the line that counts them is made to be published.
    """
    found: int = conn.execute(
        text(_SUMMED_CELL), {"cell": rights_cell, "top": TOP_SECURITY_CLASS}
    ).scalar_one()
    return found


def is_summed(table: ReportTable) -> bool:
    """Whether the rows of a table are no rows of the register: they sum up what is one."""
    return not (table.place_field or table.row_table)


def sums_are_comparable(conn: Connection, frozen: Frozen, report: Report) -> bool:
    """Whether the asking account sees what went into the sums of a frozen report, and no more.

    Else a sum differs by rights and not by a change: of fewer properties, or of those of a class
    that whoever froze it did not see.
    """
    sums = [table.name for table in report.tables if is_summed(table)]
    asked = {"report_id": frozen.frozen_report_id, "sums": sums, "top": TOP_SECURITY_CLASS,
             "notes": NOTES_TABLE}  # fmt: skip
    return not sums or bool(conn.execute(text(_SUMS_ARE_MINE), asked).scalar_one())


def _figures(
    table: ReportTable, known: Mapping[str, tuple[int | None, int]], summed_cell: int
) -> list[dict[str, Any]]:
    figures = []
    for position, row in enumerate(table.rows, start=1):
        code = str(row[table.place_field or "code"]) if known else ""
        place_id, cell = known.get(code, (None, summed_cell))
        for column in table.columns:
            value_kind, written = written_value(row.get(column.field))
            figures.append(
                {
                    "table_name": table.name,
                    "row_key": row_key(table, row),
                    "row_position": position,
                    "field": column.field,
                    "value": written,
                    "value_kind": value_kind,
                    "place_id": place_id,
                    "rights_cell": cell,
                }
            )
    return figures


def row_key(table: ReportTable, row: Mapping[str, Any]) -> str:
    """What tells a row of a table from the others."""
    return " ".join("–" if row[name] is None else str(row[name]) for name in table.key)


def written_value(value: Any) -> tuple[str, str | None]:
    """Kind and exact text of a value."""
    match value:
        case None:
            return "text", None
        case bool():
            return "boolean", "true" if value else "false"
        case int() | Decimal():
            return "number", str(value)
        case date():
            return "date", value.isoformat()
        case list() | tuple():
            return "list", json.dumps(list(value), ensure_ascii=False)
        case _:
            return "text", str(value)


def read_value(kind: str, written: str | None) -> Any:
    """The value of a kind and its text."""
    return None if written is None else _READERS[kind](written)


def find_frozen(conn: Connection, subject: str) -> Frozen:
    """The frozen report of what was closed.

    Raises:
        NotFound: Nothing was frozen for it.
    """
    row = (
        conn.execute(
            text(
                "SELECT r.frozen_report_id, r.report, r.subject, r.as_of, r.made_at,"
                " coalesce(a.title, a.name) AS made_by, r.snapshot, r.rules, r.figure_count"
                " FROM services.frozen_report AS r LEFT JOIN rights.account AS a USING (account_id)"
                " WHERE r.subject = :subject"
            ),
            {"subject": subject},
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound("services.not_frozen")
    return Frozen(**row)


def frozen_rows(
    conn: Connection, frozen_report_id: int, table_name: str
) -> list[tuple[str, int | None, dict[str, Any]]]:
    """Rows of a table of a frozen report: key, place and values by field, in printing order."""
    found = conn.execute(
        text(
            "SELECT row_key, place_id, field, value, value_kind FROM services.frozen_figure"
            " WHERE frozen_report_id = :id AND table_name = :table_name"
            " ORDER BY row_position, frozen_figure_id"
        ),
        {"id": frozen_report_id, "table_name": table_name},
    ).all()
    rows = []
    for key, figures in groupby(found, key=lambda row: row.row_key):
        listed = list(figures)
        values = {row.field: read_value(row.value_kind, row.value) for row in listed}
        rows.append((key, listed[0].place_id, values))
    return rows


def figures_seen(conn: Connection, frozen: Frozen) -> int:
    """How many figures of a frozen report the asking account sees."""
    asked = {"report_id": frozen.frozen_report_id, "notes": NOTES_TABLE}
    return int(conn.execute(text(_SEEN), asked).scalar_one())


def as_handed_in(conn: Connection, frozen: Frozen, report: Report) -> Report:
    """A report with the rows of its tables and the footnotes as they were frozen.

    Whoever does not see the class that the sums are of gets the footnotes that hold now, of what
    it sees.

    Args:
        report: The same, built again: what its tables are called and which columns they have.
    """
    tables = tuple(
        replace(table, rows=[row for _key, _place, row in rows])
        for table in report.tables
        for rows in [frozen_rows(conn, frozen.frozen_report_id, table.name)]
    )
    asked = {"report_id": frozen.frozen_report_id}
    kept = conn.execute(text(_FOOTNOTES), asked).scalar_one_or_none()
    if kept is None:
        return replace(report, tables=tables)
    notes = tuple((str(key), said) for key, said in json.loads(kept))
    return replace(report, tables=tables, footnotes=notes)
