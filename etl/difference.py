"""What a load would change, value by value: told from the history lines of a load rolled back."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlalchemy import Connection, Table, text

from etl.merge import Outcome
from etl.prepare import Prepared
from gis.db import run_script
from gis.history import SCHEMA, history_name
from gis.tables import metadata

COLUMNS: Final = ("sheet", "row", "outcome", "code", "name", "field", "header", "old", "new")
_PLACE: Final = {
    "name": "{0}.name",
    "address": "{0}.address",
    "use_status": "{0}.use_status",
    "remark": "{0}.remark",
    "admin_area_code": "{0}.admin_area_code",
    "steward": "(SELECT o.name FROM organization.organization AS o"
    " WHERE o.organization_id = {0}.steward_id)",
    "geom": "CASE WHEN {0}.geom IS NOT NULL THEN round(ST_Area({0}.geom::geography)::numeric, 2)"
    " || ' ㎡ ' || ST_Y(ST_Centroid({0}.geom))::numeric(9, 6)"
    " || ' ' || ST_X(ST_Centroid({0}.geom))::numeric(9, 6) END",
}
_OWN: Final = frozenset({"place_id", "rights_cell"})


def begin_difference(conn: Connection) -> None:
    """From here on the merge keeps which row means which place."""
    run_script(
        conn,
        "CREATE TEMP TABLE row_place (sheet text, row_number integer, place_id bigint,"
        " is_new boolean) ON COMMIT DROP",
    )


def difference(
    conn: Connection, prepared: Prepared, outcomes: list[npt.NDArray[Any]], load_id: int
) -> pd.DataFrame:
    """One line a changed value, and one for every other row; in the order of the file.

    Columns as `COLUMNS`: `field` is the column of the register and `header` that of the file, null
    where the file has none for it; `old` and `new` are text. A row that changes only what hangs on
    its place (who holds it, headcounts, titles) has a line without a field. State secrets have
    none at all.
    """
    changed = pd.DataFrame(
        conn.execute(text(" UNION ALL ".join(_changes())), {"load_id": load_id}).all(),
        columns=["sheet", "row", "code", "name", "field", "old", "new"],
    )
    rows = pd.concat([_rows(prepared, at, one) for at, one in enumerate(outcomes)])
    found = rows.merge(changed, on=["sheet", "row"], how="left")
    headers = {
        (sheet.table.sheet or "", field): header
        for sheet in prepared.sheets
        for field, header in _headers(sheet.contract, sheet.table.headers).items()
    }
    found["header"] = [
        headers.get((sheet, field))
        for sheet, field in zip(found["sheet"], found["field"], strict=True)
    ]
    found = found[list(COLUMNS)].astype(object)
    return found.where(found.notna(), None)


def _rows(prepared: Prepared, at: int, outcomes: npt.NDArray[Any]) -> pd.DataFrame:
    """The things of a sheet with what would become of them."""
    sheet = prepared.sheets[at]
    shown = sheet.table.group == sheet.table.rows
    shown &= ~np.isin(sheet.table.rows, prepared.issues.hidden_rows(sheet.table.sheet))
    if sheet.is_chosen is not None:
        shown &= sheet.is_chosen
    return pd.DataFrame(
        {
            "sheet": sheet.table.sheet or "",
            "row": sheet.table.rows[shown],
            "outcome": [str(Outcome(one)) for one in outcomes[shown]],
        }
    )


def _headers(contract: Any, headers: Any) -> dict[str, str]:
    """Column of the register to the header of the file that fills it."""
    found: dict[str, str] = {}
    for column in contract.columns:
        stem, _dot, name = (column.stores or "").partition(".")
        key = f"{stem}.{name}" if stem in {"area", "identifier"} else name
        if column.field in headers:
            found.setdefault(key, headers[column.field])
    if "unit_name" in headers:
        found.setdefault("steward", headers["unit_name"])
    return found


def _changes() -> list[str]:
    tables = [
        table
        for table in metadata.tables.values()
        if table.schema == "place"
        and [column.name for column in table.primary_key.columns] == ["place_id"]
        # For which day a value stands is no value of the file.
        and table.name not in {"place", "stated_days"}
        and f"{SCHEMA}.{history_name(table)}" in metadata.tables
    ]
    return [
        _of_rows(metadata.tables["place.place"], _PLACE),
        *(_of_rows(table, _plain(table)) for table in tables),
        _AREAS,
        _NUMBERS,
    ]


def _plain(table: Table) -> dict[str, str]:
    return {
        column.name: f"{{0}}.{column.name}" for column in table.columns if column.name not in _OWN
    }


def _of_rows(table: Table, fields: dict[str, str]) -> str:
    """Values of the rows that stood before: their first line of the load against what is left."""
    if not fields:
        fields = {"place_id": "{0}.place_id"}
    values = ", ".join(
        f"('{name}', ({sql.format('f')})::text, ({sql.format('t')})::text)"
        for name, sql in fields.items()
    )
    return f"""
SELECT r.sheet, r.row_number, p.code, p.name, v.field, v.old, v.new
FROM pg_temp.row_place AS r
JOIN (SELECT DISTINCT ON (place_id) * FROM {SCHEMA}.{history_name(table)}
      WHERE history_load_id = :load_id ORDER BY place_id, history_id) AS f
  ON f.place_id = r.place_id AND f.history_operation = 'U'
JOIN {table.fullname} AS t ON t.place_id = r.place_id
JOIN place.place AS p ON p.place_id = r.place_id AND p.security_class < 3
CROSS JOIN LATERAL (VALUES {values}) AS v (field, old, new)
WHERE NOT r.is_new AND v.old IS DISTINCT FROM v.new"""


_AREAS: Final = f"""
SELECT r.sheet, r.row_number, p.code, p.name, 'area.' || m.area_kind,
       coalesce(h.area_m2, before.area_m2)::text, m.area_m2::text
FROM pg_temp.row_place AS r
JOIN place.area_measure AS m USING (place_id)
JOIN (SELECT DISTINCT ON (area_measure_id) * FROM {SCHEMA}.place_area_measure
      WHERE history_load_id = :load_id ORDER BY area_measure_id, history_id) AS h
  USING (area_measure_id)
JOIN place.place AS p ON p.place_id = r.place_id AND p.security_class < 3
LEFT JOIN LATERAL (
  SELECT o.area_m2 FROM place.area_measure AS o
  WHERE o.place_id = m.place_id AND o.area_kind = m.area_kind AND o.source = m.source
    AND o.area_measure_id <> m.area_measure_id ORDER BY o.measured_on DESC NULLS LAST LIMIT 1
) AS before ON true
WHERE NOT r.is_new AND coalesce(h.area_m2, before.area_m2) IS DISTINCT FROM m.area_m2"""

_NUMBERS: Final = f"""
SELECT DISTINCT r.sheet, r.row_number, p.code, p.name, 'identifier.' || i.scheme,
       CASE WHEN h.history_operation = 'U' THEN i.value END,
       CASE WHEN i.valid_to IS NULL THEN i.value END
FROM pg_temp.row_place AS r
JOIN place.identifier AS i USING (place_id)
JOIN {SCHEMA}.place_identifier AS h
  ON h.identifier_id = i.identifier_id AND h.history_load_id = :load_id
  AND h.history_operation IN ('I', 'U')
JOIN place.place AS p ON p.place_id = r.place_id AND p.security_class < 3
WHERE NOT r.is_new"""
