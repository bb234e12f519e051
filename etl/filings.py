"""Filings that come as workbooks: read like any other file, taken as the agency's statement.

What an agency states goes into its filing first. Only when the bureau has approved it does it go
into the register, by the same load as any file, so it can be looked at and taken back like one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from assets.campaign.actions.filing import FiledWorkbook, StatedRow
from assets.campaign.model import AREA_KINDS, FIELDS
from assets.campaign.queries import find_filing, read
from assets.campaign.rules import read_value
from assets.estate.contracts.properties import PROPERTY
from assets.registry import CONTRACTS
from etl.export.filing import FILING_SHEET
from etl.limits import Limits
from etl.pack import fold, load_pack
from etl.prepare import Prepared, Sheet, prepare
from etl.read import read_source
from etl.read.source import Grid
from gis.errors import Forbidden, InputError, OneMapError, SourceError

_OTHERS: Final = {
    "address": "address",
    "admin_area_code": "division_code",
    "ownership_status": "ownership_status",
    "year_built": "year_built",
    "is_leased_in": "is_rented_in",
    "remark": "remark",
}
"""Field of a filing to the loader's; areas are found by what they are stored as."""
_TERMS: Final = frozenset({"ownership_status"})
_NAMES: Final = """
SELECT name FROM organization.organization WHERE organization_id = :id
UNION SELECT name FROM organization.organization_name WHERE organization_id = :id
UNION SELECT name FROM organization.organization_version WHERE organization_id = :id
UNION SELECT short_name FROM organization.organization WHERE organization_id = :id"""


@dataclass(frozen=True)
class _Marks:
    """What the hidden sheet of our own workbook says; nulls for a workbook of another make."""

    filing_id: int | None = None
    version: int | None = None


@dataclass(frozen=True)
class OpenedFiling:
    """A workbook as it was read, before anybody asks what it means for a filing."""

    prepared: Prepared
    sheets: Sequence[Sheet]
    marks: _Marks


def open_filing(path: Path, *, file: str, limits: Limits | None = None) -> OpenedFiling:
    """Read a workbook in a process of its own; this takes its time and needs no database.

    Args:
        path: Where the bytes are.
        file: Name as the person knows it.
        limits: Ceilings; null takes the defaults.

    Raises:
        SourceError: The file breaks its promise, or has no sheet of properties.
    """
    source = read_source(path, file=file, limits=limits)
    prepared = prepare(source, CONTRACTS, load_pack(), datum=None)
    sheets = [sheet for sheet in prepared.sheets if sheet.contract.name == PROPERTY.name]
    if not sheets:
        raise SourceError("filing.no_properties", file=file)
    return OpenedFiling(prepared, sheets, _marks(source.grids))


def read_filing(conn: Connection, filing_id: int, opened: OpenedFiling) -> FiledWorkbook:
    """What a workbook states for a filing; nothing is kept yet.

    Args:
        conn: Of the account that files.
        filing_id: The filing it is meant for.
        opened: The workbook.

    Raises:
        SourceError: A row cannot be read.
        Forbidden: Rows of other agencies are in it; says which.
        InputError: It was made for another filing, or a cell cannot be kept.
    """
    filing = find_filing(conn, filing_id)
    prepared, sheets, marks = opened.prepared, opened.sheets, opened.marks
    file = prepared.file
    if marks.filing_id not in {None, filing_id}:
        raise InputError("filing.of_another", file=file, name=filing.organization_name)
    names = {
        fold(row["name"]) for row in read(conn, _NAMES, id=filing.organization_id) if row["name"]
    }
    codes = {
        row["place_code"]: row["filing_row_id"]
        for row in read(
            conn,
            "SELECT place_code, filing_row_id FROM campaign.filing_row WHERE filing_id = :id",
            id=filing_id,
        )
        if row["place_code"]
    }
    _refuse_rejected(prepared, sheets)
    _refuse_rows_of_others(sheets, names, codes, file=file)
    rows = [row for sheet in sheets for row in _stated_rows(sheet, codes)]
    people = {rank: count for sheet in sheets for rank, count in _people(sheet, names).items()}
    return FiledWorkbook(file, tuple(rows), people, marks.version, len(prepared.issues))


def _marks(grids: Sequence[Grid]) -> _Marks:
    for grid in grids:
        if grid.name == FILING_SHEET and grid.is_hidden and grid.cells.shape[1] >= 2:
            said = dict(zip(grid.cells[0].astype(str), grid.cells[1], strict=True))
            known = {
                name: int(said[name])
                for name in ("filing_id", "version")
                if isinstance(said.get(name), int | float)
            }
            return _Marks(known.get("filing_id"), known.get("version"))
    return _Marks()


def _refuse_rejected(prepared: Prepared, sheets: Sequence[Sheet]) -> None:
    """A row that cannot be read would be taken for a property given up: so the file goes back.

    Raises:
        SourceError: With the first such row and how many there are.
    """
    for sheet in sheets:
        rejected = sheet.table.rows[sheet.is_rejected]
        if len(rejected):
            issues = prepared.issues.frame()
            mine = issues[(issues["row"].isin(rejected)) & (issues["severity"] == "reject")]
            rule = str(mine.iloc[0]["rule"]) if len(mine) else "filing.unreadable"
            raise SourceError(
                rule, file=prepared.file, sheet=sheet.table.sheet, row=int(rejected[0])
            )


def _units(sheet: Sheet) -> "pd.Series[Any]":
    return sheet.cleaned.text("unit_name")


def _refuse_rows_of_others(
    sheets: Sequence[Sheet], names: set[str], codes: Mapping[str, int], *, file: str
) -> None:
    """Nobody files for another agency, whether by its code or by its name.

    Raises:
        Forbidden: With the rows, as the person counts them.
    """
    for sheet in sheets:
        table = sheet.table
        place_codes = (
            table.place_codes if table.place_codes is not None else [None] * len(table.rows)
        )
        mine = _units(sheet).map(lambda unit: unit is not None and fold(unit) in names)
        by_group = mine.groupby(table.group).any()
        wrong = [
            int(row)
            for row, group, code in zip(table.rows, table.group, place_codes, strict=True)
            if (code not in codes if code else not by_group[group])
        ]
        if wrong:
            shown = "、".join(str(row) for row in wrong[:10])
            raise Forbidden(
                "filing.rows_of_others", file=file, sheet=table.sheet, rows=shown, count=len(wrong)
            )


def _stated_rows(sheet: Sheet, codes: Mapping[str, int]) -> list[StatedRow]:
    """The properties of a sheet, one a group, cells as a person would type them.

    Several agencies of one property have a row each: what any of these rows says of the property
    is its statement.

    Raises:
        SourceError: Two rows of one property say two things of it, or a cell cannot be kept.
    """
    table = sheet.table
    columns = {field.name: _column_of(sheet, field.name) for field in FIELDS}
    members: dict[int, list[int]] = {}
    for at, group in enumerate(table.group):
        members.setdefault(int(group), []).append(at)
    rows = []
    for number, group_rows in members.items():
        values = {
            name: _said_by_all(name, column, sheet, group_rows)
            for name, column in columns.items()
            if column is not None
        }
        given = table.place_codes if table.place_codes is not None else [None] * len(table.rows)
        code = next((given[at] for at in group_rows if given[at]), None)
        rows.append(StatedRow(codes.get(code) if code else None, code, values, number))
    return rows


def _said_by_all(name: str, column: Sequence[Any], sheet: Sheet, group_rows: Sequence[int]) -> Any:
    """What the rows of one property say in a column; each may have a remark of its own."""
    table = sheet.table
    said: dict[Any, int] = {}
    for at in group_rows:
        # Terms were read by the pack's own words already.
        cell = (
            column[at] if name in _TERMS else _typed(name, column[at], sheet, int(table.rows[at]))
        )
        if cell is not None:
            said.setdefault(cell, int(table.rows[at]))
    if len(said) < 2:
        return next(iter(said), None)
    if name == "remark":
        return "；".join(said)
    first, further = list(said.values())[:2]
    raise SourceError(
        "filing.rows_differ",
        file=table.file,
        sheet=table.sheet,
        row=further,
        column=table.header(_loader_field(name) or ""),
        first=first,
    )


def _typed(name: str, cell: Any, sheet: Sheet, row: int) -> Any:
    written = (
        None if cell is None else ("是" if cell else "否") if isinstance(cell, bool) else str(cell)
    )
    try:
        return read_value(name, written, terms={})
    except OneMapError as error:
        table = sheet.table
        header = table.header(_loader_field(name) or "")
        raise SourceError(
            error.key, file=table.file, sheet=table.sheet, row=row, column=header, **error.params
        ) from error


def _loader_field(name: str) -> str | None:
    kind = name.removesuffix("_m2")
    if kind not in AREA_KINDS:
        return _OTHERS[name]
    return next(c.field for c in PROPERTY.columns if c.stores == f"area.{kind}")


def _column_of(sheet: Sheet, name: str) -> list[Any] | None:
    """Cleaned cells of a field; null when the sheet has no such column: it says nothing of it."""
    field = _loader_field(name)
    found = sheet.cleaned.values.get(field or "")
    return None if found is None else list(found.to_pylist())


def _people(sheet: Sheet, names: set[str]) -> dict[str, int]:
    """The agency's own posts by rank, from the first of its rows that states them."""
    own = [at for at, unit in enumerate(_units(sheet)) if unit is not None and fold(unit) in names]
    found: dict[str, int] = {}
    for field, column in sheet.cleaned.values.items():
        stem, dot, rank = field.partition(".")
        if stem == "quota" and dot:
            stated = [value for value in (column[at].as_py() for at in own) if value is not None]
            if stated:
                found[rank] = int(stated[0])
    return found
