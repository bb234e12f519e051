"""Columns that a sheet fills and the register does not carry: said once a column, never in silence.

Which they are follows from what a contract declares (`assets.domain.Unkept`), from the columns that
a kind of place has, and from who the rows of a sheet may speak of.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np
from sqlalchemy import Connection, text

from assets.domain import Column, ColumnContract, Directory, PlaceRule, Unkept
from etl.issues import IssueList, Severity
from etl.prepare import Sheet
from gis.db import run_script
from gis.tables import metadata

_RULES: Final = {
    Unkept.PERSONAL: "column.not_kept.personal",
    Unkept.NAMES_PARENT: "column.not_kept.other_name",
    Unkept.NAMES_STEWARD: "column.not_kept.other_name",
    Unkept.NAMES_AREA: "column.not_kept.other_name",
}
_RULE: Final = "column.not_kept"
_NO_NUMBER: Final = "column.not_kept.no_number"
_NO_ORIGIN: Final = "column.not_kept.no_origin"
_ORIGINS: Final = "s.split_from, s.merged_from, s.rebuilt_from"
_NO_UNIT: Final = "column.not_kept.no_unit"
_OTHER_CODE: Final = "column.not_kept.other_code"
_OF_SUCCESSION: Final = "column.not_kept.succession"
_NUMBERS: Final = frozenset({"code", "code_ended_on"})
"""What a body is numbered by: kept with the register that the number is of."""

_BESIDE_NUMBER: Final = {
    "certificate_on": "coalesce(s.certificate_no, s.land_certificate_no)",
    "certificate_area": "s.certificate_no",
    "own_gross_area": "s.certificate_no",
    "shared_gross_area": "s.certificate_no",
    "certificate_underground_area": "s.certificate_no",
    "land_certificate_area": "s.land_certificate_no",
    "land_own_area": "s.land_certificate_no",
    "land_shared_area": "s.land_certificate_no",
}
"""What is said of a certificate, and SQL of the number it is kept under."""

_LOST: Final = {
    Unkept.NO_HOME: "true",
    Unkept.PERSONAL: "true",
    Unkept.IN_ADDRESS: "strpos(coalesce(t.address, ''), s.\"{field}\") = 0",
    Unkept.NAMES_PARENT: "NOT EXISTS (SELECT FROM place.place AS above"
    ' WHERE above.place_id = t.parent_id AND above.name = s."{field}")',
    # A name that was looked for in vain is listed at its cell.
    Unkept.NAMES_STEWARD: "NOT EXISTS (SELECT FROM pg_temp.note AS n"
    " WHERE n.row_number = s.row_number AND n.column_field = '{field}')"
    " AND NOT EXISTS (SELECT FROM pg_temp.stage_unit AS u"
    " WHERE u.row_number = s.row_number AND u.organization_id = t.steward_id)"
    " AND NOT EXISTS (SELECT FROM organization.organization_register AS r"
    ' WHERE r.organization_id = t.steward_id AND r.name = s."{field}")',
    # 江苏省常州市天宁区 names 天宁区.
    Unkept.NAMES_AREA: "NOT EXISTS (SELECT FROM place.admin_area AS a"
    " WHERE a.code IN (t.admin_area_code, t.stated_admin_area_code)"
    ' AND right(s."{field}", length(a.name)) = a.name)',
}
"""SQL of the rows in which a value is lost, over `stage AS s` and `target AS t`."""


_COUNT: Final = "SELECT count(*) FROM"
_UNNAMED: Final = (
    "pg_temp.stage_unit AS u JOIN pg_temp.target AS t USING (row_number)"
    " WHERE u.organization_id IS NULL AND t.security_class < 3"
)
# One pass over the distinct parents: a walk of its own for every row reads the register for each.
_CALLED_ABOVE: Final = """
DROP TABLE IF EXISTS pg_temp.called_above;
CREATE TEMP TABLE called_above ON COMMIT DROP AS
WITH RECURSIVE up AS (
  SELECT DISTINCT t.parent_id AS from_id, t.parent_id AS place_id FROM pg_temp.target AS t
  WHERE t.parent_id IS NOT NULL
  UNION
  SELECT up.from_id, a.parent_id FROM up JOIN place.place AS a ON a.place_id = up.place_id
  WHERE a.parent_id IS NOT NULL
)
SELECT up.from_id, a.code FROM up JOIN place.place AS a ON a.place_id = up.place_id
UNION
SELECT up.from_id, i.value FROM up JOIN place.identifier AS i ON i.place_id = up.place_id
WHERE i.scheme = 'source';
ANALYZE pg_temp.called_above
"""
_IS_ABOVE: Final = (
    "NOT EXISTS (SELECT FROM pg_temp.called_above AS c"
    ' WHERE c.from_id = t.parent_id AND c.code = s."{field}")'
)
_IS_STEWARDS: Final = (
    " AND NOT EXISTS (SELECT FROM organization.organization_register AS r"
    ' WHERE r.number = s."{field}" AND r.organization_id = t.steward_id)'
)


def note_unkept_of_places(conn: Connection, sheet: Sheet, issues: IssueList) -> None:
    """List the columns whose values the places of a merged sheet do not carry, with how many.

    Only rows that reached the register count: of the others staging keeps the cells.
    """
    kinds = conn.execute(text("SELECT DISTINCT kind FROM pg_temp.target")).scalars().all()
    things = "pg_temp.stage AS s JOIN pg_temp.target AS t USING (row_number)"
    for column, condition in _lost_of_places(sheet.stated_contract, kinds):
        rule = _NO_ORIGIN if column.field == "changed_on" else _NO_NUMBER
        is_beside = column.field == "changed_on" or column.field in _BESIDE_NUMBER
        where = f"{things} WHERE {condition}"
        _note(conn, sheet, issues, column, where, rule=rule if is_beside else None)
    if sheet.contract.place is not None:
        _note_codes_above(conn, sheet, sheet.contract.place, issues)
    if any(field in sheet.cleaned.values for field in ("unit_name", "credit_code")):
        for field, condition in _OF_NO_UNIT.items():
            _note_count(conn, sheet, issues, field, f"{_COUNT} {condition}", rule=_NO_UNIT)
    _note_headcounts(conn, sheet, issues)


_OF_NO_UNIT: Final = {
    "unit_type": f"{_UNNAMED} AND u.category IS NOT NULL",
    # Without a name the code itself is listed at its cell.
    "credit_code": f"{_UNNAMED} AND u.credit_code IS NOT NULL AND u.unit_name IS NOT NULL",
}
"""What is said of bodies that nobody knows, whose name alone is listed at its cell."""


_STATED_PEOPLE: Final = (
    "SELECT field, unit_row FROM pg_temp.stage_headcount AS h WHERE people > 0 AND NOT is_summed"
)
_UNCOUNTED: Final = (
    f"{_STATED_PEOPLE} AND NOT EXISTS (SELECT FROM pg_temp.stage_unit AS u"
    " WHERE u.unit_row = h.unit_row AND u.organization_id IS NOT NULL)"
)


def _note_headcounts(conn: Connection, sheet: Sheet, issues: IssueList) -> None:
    """People are counted at a body of the directory: of a row without one they are lost."""
    exists = conn.execute(text("SELECT to_regclass('pg_temp.stage_headcount') IS NOT NULL"))
    rule = sheet.contract.place
    if rule is None or not exists.scalar_one():
        return
    lost = conn.execute(text(_UNCOUNTED if rule.occupancy_extent else _STATED_PEOPLE)).all()
    if not lost:
        return
    things = conn.execute(
        text("SELECT row_number FROM pg_temp.target WHERE security_class < 3")
    ).scalars()
    reached = sheet.table.rows[np.isin(sheet.table.group, list(things))]
    rows = {int(row) for row in reached}
    counts = Counter(one.field for one in lost if one.unit_row in rows)
    for field, count in sorted(counts.items()):
        issues.add(
            sheet=sheet.table.sheet,
            rows=[0],
            column=sheet.table.header(field),
            rule=_NO_UNIT if rule.occupancy_extent else _RULE,
            severity=Severity.WARN,
            params={"count": count},
        )


def _note_codes_above(conn: Connection, sheet: Sheet, rule: PlaceRule, issues: IssueList) -> None:
    """Codes beside the one that says what a place hangs in, where they are of none above it."""
    fields = [one for one in rule.parent_fields if one in sheet.cleaned.values]
    if len(fields) > 1:
        run_script(conn, _CALLED_ABOVE)
    for at, field in enumerate(fields[1:], start=1):
        earlier = ", ".join(f's."{one}"' for one in fields[:at])
        condition = _IS_ABOVE.format(field=field)
        if field == rule.register_field:
            condition += _IS_STEWARDS.format(field=field)
        where = (
            "pg_temp.stage AS s JOIN pg_temp.target AS t USING (row_number)"
            f' WHERE t.security_class < 3 AND s."{field}" IS NOT NULL'
            f" AND coalesce({earlier}) IS NOT NULL AND {condition}"
        )
        _note_count(conn, sheet, issues, field, f"{_COUNT} {where}", rule=_OTHER_CODE)


def _lost_of_places(contract: ColumnContract, kinds: Iterable[str]) -> Iterable[tuple[Column, str]]:
    """Columns of a sheet of places, and SQL of the rows in which they may be lost."""
    stubs = "t.security_class < 3"
    for column in contract.columns:
        stem, _dot, name = (column.stores or "").partition(".")
        if column.is_keyed:
            continue
        if column.field == "changed_on":
            yield column, f"{stubs} AND coalesce({_ORIGINS}) IS NULL"
        elif (number := _BESIDE_NUMBER.get(column.field)) is not None:
            yield column, f"{stubs} AND {number} IS NULL"
        elif column.unkept is not None:
            yield column, f"{stubs} AND {_LOST[column.unkept].format(field=column.field)}"
        elif stem == "kind" and (without := [kind for kind in kinds if not _has(kind, name)]):
            listed = ", ".join(f"'{kind}'" for kind in sorted(without))
            yield column, f"{stubs} AND t.kind IN ({listed})"


def _has(kind: str, name: str) -> bool:
    table = metadata.tables.get(f"place.{kind}")
    return table is not None and name in table.columns


def note_unkept_of_bodies(
    conn: Connection, sheet: Sheet, issues: IssueList, *, is_register: bool = False
) -> None:
    """The same of a sheet of bodies, posts or records; a number is kept with its register."""
    contract = sheet.stated_contract
    kept = (
        "pg_temp.stage AS s"
        " WHERE NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = s.row_number)"
    )
    for column in contract.columns:
        if column.unkept is Unkept.NAMES_AREA:
            by_name = (
                "NOT EXISTS (SELECT FROM place.admin_area AS a"
                f" WHERE a.code IN ({_code(contract)})"
                f' AND right(s."{column.field}", length(a.name)) = a.name)'
            )
            _note(conn, sheet, issues, column, f"{kept} AND {by_name}")
        elif column.field == "former_names":
            # Whose number is added is not renamed by it.
            linked = "SELECT row_number FROM pg_temp.body WHERE is_linked"
            _note(conn, sheet, issues, column, f"{kept} AND s.row_number IN ({linked})")
        elif column.unkept is not None or (
            column.field in _NUMBERS and contract.directory is Directory.BODIES and not is_register
        ):
            _note(conn, sheet, issues, column, kept)


def note_unkept_of_successions(conn: Connection, sheet: Sheet, issues: IssueList) -> None:
    """The same of a sheet of successions.

    A change of name has no share and no remark, and the codes of known bodies are only looked up.
    """
    for field, condition in _LOST_OF_SUCCESSIONS.items():
        column = sheet.contract.column(field)
        steps = "pg_temp.stage AS s JOIN pg_temp.step AS t USING (row_number)"
        _note(conn, sheet, issues, column, f"{steps} WHERE {condition}", rule=_OF_SUCCESSION)


_NOT_ITS_CODE: Final = (
    "s.{field} IS DISTINCT FROM (SELECT o.credit_code FROM organization.organization AS o"
    " WHERE o.organization_id = {body})"
)
_LOST_OF_SUCCESSIONS: Final = {
    # The whole of a body goes on under another name.
    "share": "t.change_kind = 'replaced' AND s.share NOT IN (1, 100)",
    "remark": "t.change_kind = 'replaced'",
    "former_credit_code": _NOT_ITS_CODE.format(
        field="former_credit_code",
        body="CASE WHEN t.change_kind = 'replaced' THEN t.to_id ELSE t.from_id END",
    ),
    "successor_credit_code": _NOT_ITS_CODE.format(field="successor_credit_code", body="t.to_id"),
}
"""Fields of a succession, and SQL of the rows in which they are lost."""


def _code(contract: ColumnContract) -> str:
    has_code = any(column.field == "division_code" for column in contract.columns)
    return "s.division_code, left(s.division_code, 6)" if has_code else "NULL"


def _note(
    conn: Connection,
    sheet: Sheet,
    issues: IssueList,
    column: Column,
    where: str,
    *,
    rule: str | None = None,
) -> None:
    if column.field not in sheet.cleaned.values:
        return
    rule = rule or (_RULES.get(column.unkept, _RULE) if column.unkept else _RULE)
    lost = f'{_COUNT} {where} AND s."{column.field}" IS NOT NULL'
    _note_count(conn, sheet, issues, column.field, lost, rule=rule)


def _note_count(
    conn: Connection, sheet: Sheet, issues: IssueList, field: str, statement: str, *, rule: str
) -> None:
    """List a column with the count that a statement finds, if it is any."""
    if field not in sheet.cleaned.values:
        return
    if count := conn.execute(text(statement)).scalar_one():
        issues.add(
            sheet=sheet.table.sheet,
            rows=[0],
            column=sheet.table.header(field),
            rule=rule,
            severity=Severity.WARN,
            params={"count": int(count)},
        )
