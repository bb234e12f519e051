"""What a load leaves as it stands: protected values, and columns in which the register wins."""

from typing import Final

from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from gis.clock import today
from gis.db import run_script
from gis.places.keeping import winners
from gis.tables import metadata

Winners = dict[str, str]

_PLACE: Final = frozenset({"name", "address", "use_status", "remark"})


def column_winners(conn: Connection, contract: ColumnContract, load_id: int) -> Winners:
    """Who wins in which column, for this kind of sheet or the profiles the file was read by."""
    row = conn.execute(
        text(
            "SELECT l.profile, t.stated_on FROM staging.load AS l"
            " CROSS JOIN pg_temp.this_load AS t WHERE l.load_id = :load_id"
        ),
        {"load_id": load_id},
    ).one()
    profiles = [name.strip() for name in (row.profile or "").split(",") if name.strip()]
    return winners(conn, [*profiles, contract.name], row.stated_on or today())


def keep_protected(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Blank the staged values that a protected one stands against; a blank never wipes.

    Each that says otherwise is listed with what stands. After rows are matched.
    """
    fields = conn.execute(text(_PROTECTED)).scalars().all()
    for column in contract.columns:
        stores = column.stores or ""
        name = stores.partition(".")[2]
        key = stores if stores.startswith("area.") else name
        if key not in fields or column.is_keyed:
            continue
        if stores.startswith("area."):
            known = _AREA.format(kind=name)
            written = f'round(s."{column.field}", 2)'
        elif stores.startswith(("place.", "kind.")):
            known, written = _known(stores, name, rule), f's."{column.field}"'
            if column.true_value is not None:
                written = f"({written} = '{column.true_value}')"
        else:
            continue
        run_script(conn, _KEEP.format(column=column.field, key=key, known=known, written=written))
    if "geom" in fields:
        run_script(conn, _KEEP_GEOM)


def keep_known(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Blank what a place has already, of rows that were decided to be another row of their sheet.

    That other row is not at hand where only decided rows are loaded, and its words stand.
    """
    found = text("SELECT EXISTS (SELECT FROM pg_temp.decided WHERE fills_gaps)")
    if not conn.execute(found).scalar_one():
        return
    for column in contract.columns:
        stem, _dot, name = (column.stores or "").partition(".")
        if column.is_keyed or stem not in {"place", "kind", "area"}:
            continue
        known = _AREA.format(kind=name) if stem == "area" else _known(f"{stem}.", name, rule)
        written = f'round(s."{column.field}", 2)' if stem == "area" else f's."{column.field}"'
        if column.true_value is not None:
            written = f"({written} = '{column.true_value}')"
        run_script(conn, _NOTE_KNOWN.format(column=column.field, known=known, written=written))
        run_script(conn, _KEEP_KNOWN.format(sets=f'"{column.field}" = NULL', known=known))
    run_script(conn, _KEEP_KNOWN.format(sets="geom = NULL, located_by = NULL", known="p.geom"))
    for field, kind in _HELD_AS.items():
        if field in contract.fields:
            held = f"(SELECT min(h.holding_id) FROM {_HOLDING.format(rule.holding_source, kind)})"
            run_script(conn, _KEEP_KNOWN.format(sets=f'"{field}" = NULL', known=held))
    # Whoever sits there already goes on doing so.
    run_script(
        conn,
        "INSERT INTO pg_temp.stage_unit (row_number, organization_id)"
        " SELECT d.row_number, o.holder_id FROM pg_temp.decided AS d"
        " JOIN place.place AS p USING (place_id) CROSS JOIN LATERAL"
        " (SELECT party.holder_id FROM estate.holding_party AS party"
        "  WHERE party.holding_id IN"
        f"   (SELECT h.holding_id FROM {_HOLDING.format(rule.holding_source, 'occupies')})) AS o"
        " WHERE d.fills_gaps",
    )


_HELD_AS: Final = {
    "owner_name": "owns",
    "manager_name": "manages",
    "let_area": "lets_out",
    "lent_area": "lends",
}
_HOLDING: Final = (
    "estate.holding AS h WHERE h.place_id = p.place_id AND h.source = '{0}' AND h.kind = '{1}'"
    " AND h.valid_to IS NULL"
)


_NOTE_KNOWN: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT s.row_number, '{column}', 'merge.kept_known', ({known})::text, ({written})::text
FROM pg_temp.stage AS s JOIN pg_temp.decided AS d USING (row_number)
JOIN place.place AS p ON p.place_id = d.place_id
WHERE d.fills_gaps AND s."{column}" IS NOT NULL AND ({known}) IS NOT NULL
  AND ({known})::text IS DISTINCT FROM ({written})::text
"""

_KEEP_KNOWN: Final = """
UPDATE pg_temp.stage AS s SET {sets}
FROM pg_temp.decided AS d JOIN place.place AS p USING (place_id)
WHERE d.fills_gaps AND d.row_number = s.row_number AND ({known}) IS NOT NULL
"""


def _known(stores: str, name: str, rule: PlaceRule) -> str:
    """SQL of what stands."""
    return f"p.{name}" if stores.startswith("place.") else known_of_kind(name, rule)


def known_of_kind(name: str, rule: PlaceRule) -> str:
    """SQL of what stands of a column of a kind: its own table may be another than the sheet's."""
    kinds = {rule.kind, "site", "building", "structure"} if rule.kind in {
        "site", "building", "structure"} else {rule.kind}  # fmt: skip
    tables = [
        metadata.tables[f"place.{kind}"]
        for kind in sorted(kinds)
        if f"place.{kind}" in metadata.tables and name in metadata.tables[f"place.{kind}"].columns
    ]
    found = ", ".join(
        f"(SELECT k.{name}::text FROM {table.fullname} AS k WHERE k.place_id = p.place_id)"
        for table in tables
    )
    return f"coalesce({found})" if found else "NULL"


_PROTECTED: Final = """
SELECT DISTINCT v.field FROM place.protected_value AS v
JOIN pg_temp.stage_match AS m USING (place_id)
"""
_AREA: Final = (
    "(SELECT c.area_m2 FROM place.counted_area AS c"
    " WHERE c.place_id = p.place_id AND c.area_kind = '{kind}')"
)
_KEEP: Final = """
INSERT INTO pg_temp.note (row_number, column_field, rule, suggestion, original)
SELECT s.row_number, '{column}', 'merge.protected', ({known})::text, ({written})::text
FROM pg_temp.stage AS s JOIN pg_temp.stage_match AS m USING (row_number)
JOIN place.place AS p USING (place_id)
JOIN place.protected_value AS v ON v.place_id = p.place_id AND v.field = '{key}'
WHERE s."{column}" IS NOT NULL AND ({known})::text IS DISTINCT FROM ({written})::text;
UPDATE pg_temp.stage AS s SET "{column}" = NULL
FROM pg_temp.stage_match AS m JOIN place.protected_value AS v USING (place_id)
WHERE m.row_number = s.row_number AND v.field = '{key}'
"""
_KEEP_GEOM: Final = """
INSERT INTO pg_temp.note (row_number, rule, geom)
SELECT s.row_number, 'merge.protected_place', s.geom
FROM pg_temp.stage AS s JOIN pg_temp.stage_match AS m USING (row_number)
JOIN place.place AS p USING (place_id)
JOIN place.protected_value AS v ON v.place_id = p.place_id AND v.field = 'geom'
WHERE s.geom IS NOT NULL AND s.geom IS DISTINCT FROM p.geom;
UPDATE pg_temp.stage AS s SET geom = NULL, located_by = NULL
FROM pg_temp.stage_match AS m JOIN place.protected_value AS v USING (place_id)
WHERE m.row_number = s.row_number AND v.field = 'geom'
"""
