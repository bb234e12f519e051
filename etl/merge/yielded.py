"""What a sheet says and the register keeps otherwise: told once a column, with examples.

A survey layer yields to the words of a census, a rule of a column may let what is known stand, and
of two columns for one value the first that is filled counts. None of that may pass in silence: what
a merged sheet wrote is compared with what its places say afterwards.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Row, text

from assets.domain import Column, PlaceRule
from etl.issues import IssueList, Severity
from etl.prepare import Sheet
from gis.db import run_script
from gis.tables import metadata

_UNLESS_REGISTERED: Final = "CASE WHEN NOT b.is_linked OR s.code IS NULL THEN {0} END"
_RULE: Final = "merge.kept_known"
_OF_COLUMN: Final = "merge.kept_known.column"
_SHAPE: Final = "merge.kept_shape"
_EXAMPLES: Final = 3


def note_yielded(conn: Connection, sheet: Sheet, rule: PlaceRule, issues: IssueList) -> None:
    """List where the places of a merged sheet say otherwise than it does.

    A sheet that only fills gaps has each cell listed; of others each column is, with how many
    values and the first few. What is protected, or was decided, is listed before and blank here.

    Args:
        conn: In the load's transaction, after places, their kinds and their areas are saved.
        sheet: What was merged.
        rule: How its rows became places.
        issues: Gets what was found.
    """
    columns = [one for one in sheet.stated_contract.columns if one.stores and not one.is_keyed]
    stores = Counter(one.stores for one in columns)
    is_any_known = conn.execute(
        text("SELECT EXISTS (SELECT FROM pg_temp.target WHERE NOT is_new)")
    ).scalar_one()
    if is_any_known:
        _note_shapes(conn, sheet, issues)
    elif max(stores.values(), default=0) <= 1:
        return
    run_script(conn, _FOUND)
    kinds = conn.execute(text("SELECT DISTINCT kind FROM pg_temp.target")).scalars().all()
    for column in columns:
        if column.field in sheet.cleaned.values and (is_any_known or stores[column.stores] > 1):
            for statement in _differing(column, kinds):
                run_script(conn, statement)
    if is_any_known:
        for statement in _of_older(sheet, rule):
            run_script(conn, statement)
    _list(conn, sheet, issues, each_cell=rule.fills_gaps_only)


def note_yielded_of_bodies(conn: Connection, sheet: Sheet, issues: IssueList) -> None:
    """List where bodies of the directory stand otherwise than a sheet of it says.

    A sheet of an earlier day than what stands only fills gaps; a row of a statutory register that
    is linked to a body adds its number, with the name and address that the register has for it; of
    two rows that mean one body the first counts.
    """
    run_script(conn, _FOUND)
    for field, (name, written) in _OF_BODIES.items():
        if field in sheet.cleaned.values:
            run_script(conn, _INSERT_OF_BODIES.format(field=field, name=name, written=written))
    _list(conn, sheet, issues, each_cell=False)


_OF_BODIES: Final = {
    "credit_code": ("credit_code", "s.credit_code"),
    "name": ("name", _UNLESS_REGISTERED.format("s.name")),
    "short_name": ("short_name", "s.short_name"),
    "unit_type": ("category_code", "s.unit_type"),
    "admin_level": ("level_code", "s.admin_level"),
    "division_code": ("admin_area_code", "b.area"),
    "address": ("address", _UNLESS_REGISTERED.format("s.address")),
    "remark": ("remark", _UNLESS_REGISTERED.format("s.remark")),
}
"""Fields of the directory: the column of a body, and SQL of what the sheet says of it."""
_INSERT_OF_BODIES: Final = """
INSERT INTO pg_temp.yielded SELECT b.row_number, '{field}', o.{name}
FROM pg_temp.body AS b JOIN pg_temp.stage AS s USING (row_number)
JOIN organization.organization AS o USING (organization_id)
WHERE {written} IS NOT NULL AND o.{name} IS DISTINCT FROM {written};
"""

_FOUND: Final = """
DROP TABLE IF EXISTS pg_temp.yielded;
CREATE TEMP TABLE yielded (row_number integer, field text, known text) ON COMMIT DROP
"""
_INSERT: Final = (
    "INSERT INTO pg_temp.yielded SELECT t.row_number, '{field}', {known}"
    " FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number){joined}"
    ' WHERE t.security_class < 3 AND s."{field}" IS NOT NULL AND {differs}'
)
_COUNTED: Final = (
    "(SELECT m.area_m2::text FROM place.area_measure AS m WHERE m.place_id = t.place_id"
    " AND m.area_kind = '{kind}' ORDER BY m.measured_on DESC NULLS LAST, m.area_measure_id DESC"
    " LIMIT 1)"
)
_NOT_MEASURED: Final = (
    "NOT EXISTS (SELECT FROM place.area_measure AS m WHERE m.place_id = t.place_id"
    " AND m.area_kind = '{kind}' AND m.area_m2 = round(s.\"{field}\", 2))"
)


def _differing(column: Column, kinds: Sequence[str]) -> Iterator[str]:
    """SQL that fills `yielded` with the rows in which a column is kept otherwise."""
    field = column.field
    stem, _dot, name = str(column.stores).partition(".")
    if stem == "area":
        yield _INSERT.format(
            field=field,
            known=_COUNTED.format(kind=name),
            joined="",
            differs=_NOT_MEASURED.format(kind=name, field=field),
        )
        return
    written = f's."{field}"'
    if column.true_value is not None:
        written = f"({written} = '{column.true_value}')"
    if stem == "place":
        yield _INSERT.format(
            field=field,
            known=f"t.{name}",
            joined="",
            differs=f"t.{name} IS DISTINCT FROM {written}",
        )
    elif stem == "kind":
        for kind in kinds:
            table = metadata.tables.get(f"place.{kind}")
            if table is not None and name in table.columns:
                yield _INSERT.format(
                    field=field,
                    known=f"k.{name}::text",
                    joined=f" JOIN {table.fullname} AS k"
                    f" ON t.kind = '{kind}' AND k.place_id = t.place_id",
                    differs=f"k.{name} IS DISTINCT FROM"
                    f" CAST({written} AS {table.columns[name].type})",
                )


# A column is told by how many and the first few, which may stand for a million cells.
_LISTED: Final = """
SELECT field, row_number, known, cells FROM (
  SELECT field, row_number, known, count(*) OVER (PARTITION BY field) AS cells,
    row_number() OVER (PARTITION BY field ORDER BY row_number) AS place
  FROM pg_temp.yielded WHERE row_number > 0) AS ranked
WHERE CAST(:most AS bigint) IS NULL OR place <= :most
ORDER BY field, row_number
"""


def _of_older(sheet: Sheet, rule: PlaceRule) -> Iterator[str]:
    """SQL that adds where a file of an earlier day hangs a place elsewhere, or in another area."""
    fields = [one for one in rule.parent_fields if one in sheet.cleaned.values]
    for at, field in enumerate(fields):
        earlier = "".join(f' AND s."{one}" IS NULL' for one in fields[:at])
        yield _OTHER_PARENT.format(field=field, earlier=earlier)
    if "division_code" in sheet.cleaned.values:
        yield _OTHER_AREA


_OTHER_PARENT: Final = """
INSERT INTO pg_temp.yielded
SELECT t.row_number, '{field}', above.code FROM pg_temp.target AS t
JOIN pg_temp.stage AS s USING (row_number) JOIN pg_temp.parent AS stated USING (row_number)
LEFT JOIN place.place AS above ON above.place_id = t.parent_id
WHERE NOT t.is_new AND t.security_class < 3 AND s."{field}" IS NOT NULL{earlier}
  AND stated.parent_id IS NOT NULL AND stated.parent_id IS DISTINCT FROM t.parent_id
"""
_OTHER_AREA: Final = """
INSERT INTO pg_temp.yielded
SELECT t.row_number, 'division_code', t.stated_admin_area_code
FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)
WHERE t.is_area_older AND t.security_class < 3
  AND t.stated_admin_area_code NOT IN (s.division_code, left(s.division_code, 6))
"""


def _list(conn: Connection, sheet: Sheet, issues: IssueList, *, each_cell: bool) -> None:
    listed: dict[str, list[Row[Any]]] = {}
    for one in conn.execute(text(_LISTED), {"most": None if each_cell else _EXAMPLES}):
        listed.setdefault(one.field, []).append(one)
    titles = _Titles(conn)
    table = sheet.table
    for field in [one.field for one in table.columns]:
        if not (chosen := listed.get(field)):
            continue
        column = sheet.contract.column(field)
        rows = [one.row_number for one in chosen]
        cells = table.cells[field].to_numpy()[np.searchsorted(table.rows, rows)]
        known = [titles.of(column.enum, one.known) for one in chosen]
        if each_cell:
            issues.add(
                sheet=table.sheet, rows=rows, column=table.header(field), rule=_RULE,
                severity=Severity.WARN, original=cells, suggestion=known,
            )  # fmt: skip
            continue
        some = zip(rows, cells, known, strict=True)
        examples = "; ".join(f"{row}: {cell} ≠ {stands or '–'}" for row, cell, stands in some)
        issues.add(
            sheet=table.sheet, rows=[0], column=table.header(field), rule=_OF_COLUMN,
            severity=Severity.WARN, params={"count": chosen[0].cells, "examples": examples},
        )  # fmt: skip


class _Titles:
    """Words of a vocabulary as people write them."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._known: dict[tuple[str, str], str] = {}

    def of(self, list_name: str | None, term: str | None) -> str | None:
        """The title of a term; the value itself where it is none."""
        if list_name is None or term is None:
            return term
        if not self._known:
            rows = self._conn.execute(text("SELECT list, term, title_zh FROM place.term"))
            self._known = {(row.list, row.term): row.title_zh for row in rows}
        return self._known.get((list_name, term), term)


# A point inside the shape says nothing that the shape does not; our own export prints one.
_OTHER_SHAPES: Final = """
SELECT count(*) FROM pg_temp.target AS t JOIN pg_temp.stage AS s USING (row_number)
WHERE NOT t.is_new AND t.security_class < 3 AND t.geom IS DISTINCT FROM s.geom
  AND s.geom IS NOT NULL AND NOT (GeometryType(s.geom) = 'POINT' AND ST_Intersects(t.geom, s.geom))
"""


def _note_shapes(conn: Connection, sheet: Sheet, issues: IssueList) -> None:
    if count := conn.execute(text(_OTHER_SHAPES)).scalar_one():
        issues.add(
            sheet=sheet.table.sheet, rows=[0], column=None, rule=_SHAPE,
            severity=Severity.WARN, params={"count": int(count)},
        )  # fmt: skip
