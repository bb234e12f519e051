"""From a read file to sheets ready for staging: mapped, cleaned, located, checked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Final, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from assets.domain import ColumnContract
from etl.checks import check_sheet
from etl.checks_form import check_form
from etl.clean import Cleaned, clean_table
from etl.clean.values import is_blank, read_code, read_date
from etl.georeference import Located, locate
from etl.group_cells import note_group_differences
from etl.header_block import refuse_lacking
from etl.issues import IssueList, Severity
from etl.located import KnownPlaces
from etl.meaning import Meant, applied_profiles, meant_sheets
from etl.nameless import reject_nameless
from etl.pack import Pack, fold
from etl.read.source import Grid, Source
from etl.table import Table
from etl.tabulate import tables_of
from etl.unknown_columns import note_unknown
from gis.errors import SourceError

_COVER_KEYS: Final = ("填表日期", "填报日期", "统计日期", "截止日期", "制表日期")
_COVER_AREA: Final = "行政区划代码"
_COVER_ROWS: Final = 30
_AREA_CODE: Final = re.compile(r"[1-9]\d{5}(\d{3}|\d{6})?")
_WHOLE_BUILDINGS: Final = frozenset({"BUILDING"})


@dataclass(frozen=True)
class Sheet:
    """A sheet or layer, ready for staging.

    Args:
        cleaned: Its typed values.
        located: Where its rows lie.
        is_rejected: Rows that stay in staging; a group goes as one.
        is_thing: First rows of things that go on to the merge.
        waiting: Rows that wait, though nothing is wrong with their cells.
        population_hint: Which census the form belongs to; null when it does not say.
        is_centrally_managed: Per row; null when the sheet cannot say.
        is_chosen: Rows that this load is about; null when about all.
        is_told: First rows of all things of the file, where not all are chosen.
    """

    cleaned: Cleaned
    located: Located
    is_rejected: npt.NDArray[np.bool_]
    is_thing: npt.NDArray[np.bool_]
    waiting: npt.NDArray[np.bool_]
    population_hint: str | None = None
    is_centrally_managed: npt.NDArray[np.object_] | None = None
    is_chosen: npt.NDArray[np.bool_] | None = None
    is_told: npt.NDArray[np.bool_] | None = None

    @property
    def table(self) -> Table:
        return self.cleaned.table

    @property
    def contract(self) -> ColumnContract:
        return self.cleaned.table.contract

    @property
    def stated_contract(self) -> ColumnContract:
        """The contract with only the columns that the sheet has: the merge asks for no others.

        The code stays: our own export carries it beside the sheet (`own_place_code`).
        """
        stems = {name.partition(".")[0] for name in self.cleaned.values} | {"code"}
        columns = tuple(column for column in self.contract.columns if column.field in stems)
        return replace(self.contract, columns=columns)

    @cached_property
    def located_by(self) -> npt.NDArray[np.object_]:
        """`own` for a shape, `coordinates` for a point, null for neither; per row."""
        names = {"polygon": "own", "point": "coordinates"}
        return np.array([names.get(one) for one in self.located.source], dtype=object)


@dataclass(frozen=True)
class Prepared:
    """A file ready for staging.

    Args:
        file: Its name.
        sha256: Its hash.
        sheets: In the order they must be merged.
        issues: What was wrong so far.
        stated_on: The day the file says it holds for; null when it does not say.
        stated_area: Code of the district or city that its cover says files it; null without.
        skipped: Sheets without anything to load, such as a cover.
        profile: Names of the saved profiles its headers were read by; null without.
    """

    file: str
    sha256: str
    sheets: tuple[Sheet, ...]
    issues: IssueList
    stated_on: date | None
    stated_area: str | None = None
    skipped: tuple[str, ...] = field(default=())
    profile: str | None = None


def prepare(
    source: Source,
    contracts: Sequence[ColumnContract],
    pack: Pack,
    *,
    datum: str | None,
    known: KnownPlaces | None = None,
    sheets: Sequence[Meant] | None = None,
) -> Prepared:
    """Everything up to staging; the register is only asked where numbers do not say their datum.

    Args:
        source: The file.
        contracts: What its sheets may be, in the order they must be merged.
        pack: Vocabulary.
        datum: The datum of its coordinates; null takes what the file says.
        known: Places already located, to tell a datum by; null when there is no register.
        sheets: What its headers mean; null takes what onemap makes of them.

    Raises:
        SourceError: No sheet has a header, two columns mean one field, or a datum is missing.
    """
    meant = meant_sheets(source, contracts, pack) if sheets is None else sheets
    issues = IssueList()
    tables, skipped = tables_of(source, meant, contracts, pack, issues)
    if not tables:
        _refuse_without_header(source, meant, contracts, pack)
    order = [contract.name for contract in contracts]
    tables.sort(key=lambda table: order.index(table.contract.name))
    ready = tuple(_sheet(table, pack, issues, datum=datum, known=known) for table in tables)
    return Prepared(
        source.file,
        source.sha256,
        ready,
        issues,
        stated_on=_stated_on(source.grids),
        stated_area=_stated_area(source.grids),
        skipped=tuple(skipped),
        profile=", ".join(applied_profiles(meant)) or None,
    )


def _refuse_without_header(
    source: Source, meant: Sequence[Meant], contracts: Sequence[ColumnContract], pack: Pack
) -> NoReturn:
    """Says which column is missing where a row is nearly a header."""
    for one in meant:
        if one.grid is not None and one.meaning is None:
            refuse_lacking(one.grid, contracts, pack, file=source.file)
    raise SourceError("load.no_header", file=source.file)


def _sheet(
    table: Table, pack: Pack, issues: IssueList, *, datum: str | None, known: KnownPlaces | None
) -> Sheet:
    issues.know_columns(table.sheet, {one.header: one.index + 1 for one in table.columns})
    note_unknown(table.sheet, table.unknown, issues)
    cleaned = clean_table(table, pack, issues)
    note_group_differences(cleaned, issues)
    fallback = pack.default_of(table.contract.name, table.headers.values(), "datum")
    located = locate(cleaned, issues, stated=datum, fallback=fallback, known=known)
    cleaned, located, other = _joined_pieces(cleaned, located, issues)
    table = cleaned.table
    is_rejected = cleaned.is_rejected | located.is_rejected | _hide_secrets(cleaned, pack, issues)
    is_rejected |= reject_nameless(cleaned, located, issues)
    is_rejected = np.isin(table.group, table.group[is_rejected])
    check_sheet(cleaned, located, issues)
    check_form(cleaned, pack, issues)
    is_accepted_only = np.full(len(table.rows), table.contract.is_accepted_only)
    waiting = (other | cleaned.is_waiting | is_accepted_only) & ~is_rejected
    issues.add(
        sheet=table.sheet,
        rows=table.rows[is_accepted_only & ~is_rejected][:1],
        column=None,
        rule="domain.waiting",
        severity=Severity.QUESTION,
    )
    return Sheet(
        cleaned=cleaned,
        located=located,
        is_rejected=is_rejected,
        is_thing=(table.group == table.rows) & ~is_rejected & ~waiting,
        waiting=waiting,
        population_hint=_population_hint(table),
        is_centrally_managed=_centrally_managed(cleaned, pack),
    )


def _hide_secrets(cleaned: Cleaned, pack: Pack, issues: IssueList) -> npt.NDArray[np.bool_]:
    """Keep what is said of state secrets out of every list; reject rows that may be one.

    A word for secrecy that nobody knows is not guessed: the row stays out, unquoted.
    """
    table = cleaned.table
    if "secrecy" not in cleaned.values:
        return np.zeros(len(table.rows), dtype=bool)
    said = cleaned.text("secrecy")
    blanks = pack.markers.get("blank", frozenset())
    is_written = ~table.cells["secrecy"].map(lambda cell: is_blank(cell, blanks)).to_numpy(bool)
    is_unclear = np.asarray(is_written & said.isna().to_numpy())
    is_hidden = is_unclear | (said == "secret").to_numpy()
    issues.hide(table.sheet, table.rows[np.isin(table.group, table.group[is_hidden])])
    issues.add(
        sheet=table.sheet,
        rows=table.rows[is_unclear],
        column=table.header("secrecy"),
        rule="secret.unclear",
        severity=Severity.REJECT,
    )
    return is_unclear


def _population_hint(table: Table) -> str | None:
    """The national form, told by its rank columns, is the census of party and government."""
    is_national = _is_census(table) and any(name.startswith("quota.") for name in table.cells)
    return "party_government" if is_national else None


def _is_census(table: Table) -> bool:
    return table.contract.place is not None and table.contract.place.is_census


def _centrally_managed(cleaned: Cleaned, pack: Pack) -> npt.NDArray[np.object_] | None:
    """Offices say in the remark that the administration manages the property itself."""
    if not _is_census(cleaned.table) or "remark" not in cleaned.values:
        return None
    marks = tuple(pack.markers.get("centrally_managed", frozenset()))
    remarks = cleaned.text("remark")
    says = remarks.map(lambda text: True if text and fold(text).startswith(marks) else None)
    return np.asarray(says.to_numpy(dtype=object))


def _joined_pieces(
    cleaned: Cleaned, located: Located, issues: IssueList
) -> tuple[Cleaned, Located, npt.NDArray[np.bool_]]:
    """Pieces of one footprint that a tile service cut, joined again by their source number.

    Returns:
        The table with the pieces grouped, their joined geometry at the first piece, and which
        rows are parts or labels rather than buildings and therefore wait.
    """
    table = cleaned.table
    nothing = np.zeros(len(table.rows), dtype=bool)
    if "source_code" not in cleaned.values or "code" in cleaned.values or table.wkb is None:
        return cleaned, located, nothing
    kinds = cleaned.text("piece_kind")
    other = (kinds.notna() & ~kinds.isin(_WHOLE_BUILDINGS)).to_numpy()
    issues.add(
        sheet=table.sheet,
        rows=table.rows[other],
        column=table.header("piece_kind"),
        rule="piece.not_a_building",
        severity=Severity.QUESTION,
        original=kinds[other],
    )
    codes, _distinct = pd.factorize(cleaned.text("source_code").where(~other))
    first = pd.Series(np.arange(len(codes))).groupby(codes).transform("first").to_numpy()
    heads = np.where(codes < 0, np.arange(len(codes)), first)
    geometry = located.geometry.copy()
    is_shape = located.source == "polygon"
    for head in np.unique(heads[heads != np.arange(len(heads))]):
        members = np.flatnonzero(heads == head)
        shapes = members[is_shape[members]]
        if len(shapes):
            geometry[head] = shapely.union_all(geometry[shapes])
    source = located.source.copy()
    source[~shapely.is_missing(geometry) & (shapely.get_type_id(geometry) != 0)] = "polygon"
    grouped = Table(**{**vars(table), "group": table.rows[heads]})
    values = {
        name: _first_known(array, heads) if name != "source_code" else array
        for name, array in cleaned.values.items()
    }
    joined = replace(located, geometry=geometry, source=source)
    return replace(cleaned, table=grouped, values=values), joined, other


def _first_known(array: pa.Array, heads: npt.NDArray[np.int64]) -> pa.Array:
    """Each row's value, or where the first piece has none, the first one a piece has."""
    series = array.to_pandas().astype(object).where(lambda found: found.notna(), None)
    known = series.groupby(heads).transform("first")
    return pa.array(known, type=array.type, from_pandas=True)


def _stated_on(grids: Sequence[Grid]) -> date | None:
    """The day on the cover sheet of a workbook; null when there is none."""
    for label, value in _cover_cells(grids):
        if label in _COVER_KEYS and (found := read_date(value).value) is not None:
            stated: date = found
            return stated
    return None


def _stated_area(grids: Sequence[Grid]) -> str | None:
    """The code of the area on the cover sheet of a workbook; null when there is none."""
    for label, value in _cover_cells(grids):
        if label == _COVER_AREA and _AREA_CODE.fullmatch(code := str(read_code(value).value or "")):
            return code
    return None


def _cover_cells(grids: Sequence[Grid]) -> Iterator[tuple[str, object]]:
    """Folded labels and what stands beside them, in the first rows of each sheet."""
    for grid in grids:
        for row in grid.cells.head(_COVER_ROWS).itertuples(index=False):
            cells = [cell for cell in row if not pd.isna(cell)]
            if len(cells) >= 2:
                yield fold(str(cells[0])).rstrip(":"), cells[1]
