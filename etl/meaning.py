"""How the headers of a file are meant: as proposed, or as a person has stated it."""

import hashlib
from collections import Counter
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from assets.domain import ColumnContract
from etl.blocks import blocks_of
from etl.header_block import find_mapping, guess_block, stated_units
from etl.headers import MappedColumn, Mapping, Paths, map_headers, propose_columns, unit_factor
from etl.pack import Pack, header_key
from etl.read.source import Grid, Layer, Source

_DIGEST_LENGTH: Final = 24


@dataclass(frozen=True)
class SheetMeaning:
    """How the headers of a sheet are meant, as a person stated it.

    Args:
        fingerprint: Which headers; see `fingerprint`.
        contract: The kind of sheet; null leaves the sheet out.
        fields: Column key to field; null leaves the column out. Columns that are not named stay as
            proposed.
        profile: The saved profile it is from; null when it was stated for this file alone.
    """

    fingerprint: str
    contract: str | None
    fields: MappingType[str, str | None]
    profile: str | None = None


@dataclass(frozen=True)
class Meant:
    """A sheet or layer and what its headers mean.

    Args:
        name: Sheet or layer; the file's name for a file with one nameless sheet.
        grid: The sheet; null for a layer.
        layer: The layer; null for a sheet.
        paths: Header levels per column; empty where there is none.
        mapping: What becomes of it; null when it is left out.
        meaning: What a person stated of these headers; null when nobody did.
        first_row: Index of the first row under the headers.
    """

    name: str
    grid: Grid | None
    layer: Layer | None
    paths: Paths
    mapping: Mapping | None
    meaning: SheetMeaning | None
    first_row: int = 0


def column_keys(paths: Paths) -> list[str]:
    """A name for each column: its header, numbered where the same header comes again."""
    seen: Counter[str] = Counter()
    keys = []
    for path in paths:
        header = "/".join(path)
        seen[header] += 1
        keys.append(f"{header} ({seen[header]})" if header and seen[header] > 1 else header)
    return keys


def fingerprint(paths: Paths) -> str:
    """Tells one set of headers from another, whatever their order, spaces and notes in brackets."""
    keys = sorted("/".join(header_key(part) for part in path) for path in paths if path)
    return hashlib.sha256("\x1f".join(keys).encode()).hexdigest()[:_DIGEST_LENGTH]


def meant_sheets(
    source: Source,
    contracts: Sequence[ColumnContract],
    pack: Pack,
    meanings: Sequence[SheetMeaning] = (),
) -> list[Meant]:
    """Every sheet and layer of a file, in its order, with what its headers mean.

    Args:
        source: The file.
        contracts: Candidates.
        pack: Vocabulary.
        meanings: What persons stated; of two on the same headers the first counts.
    """
    stated = {one.fingerprint: one for one in reversed(meanings)}
    found = [
        _meant_grid(block, source.file, contracts, pack, stated)
        for grid in source.grids
        for block in blocks_of(grid, contracts, pack, file=source.file)
    ]
    return found + [_meant_layer(layer, contracts, pack, stated) for layer in source.layers]


def _meant_grid(
    grid: Grid,
    file: str,
    contracts: Sequence[ColumnContract],
    pack: Pack,
    stated: MappingType[str, SheetMeaning],
) -> Meant:
    name = grid.name or file
    mapping = find_mapping(grid, contracts, pack, file=file)
    paths, first_row = (mapping.paths, mapping.first_row) if mapping else guess_block(grid)
    meaning = stated.get(fingerprint(paths))
    if meaning is not None:
        units = stated_units(grid, first_row, pack)
        mapping = _as_stated(meaning, mapping, (paths, first_row), contracts, pack, units=units)
    return Meant(name, grid, None, paths, mapping, meaning, first_row)


def _meant_layer(
    layer: Layer,
    contracts: Sequence[ColumnContract],
    pack: Pack,
    stated: MappingType[str, SheetMeaning],
) -> Meant:
    paths: Paths = tuple((str(name),) for name in layer.attributes.columns)
    mapping = map_headers(paths, contracts, pack, sheet=layer.name)
    meaning = stated.get(fingerprint(paths))
    if meaning is not None:
        mapping = _as_stated(meaning, mapping, (paths, 0), contracts, pack)
    return Meant(layer.name, None, layer, paths, mapping, meaning)


def _as_stated(
    meaning: SheetMeaning,
    found: Mapping | None,
    block: tuple[Paths, int],
    contracts: Sequence[ColumnContract],
    pack: Pack,
    *,
    units: MappingType[str, Decimal] = MappingProxyType({}),
) -> Mapping | None:
    """The proposal with the person's corrections; a field or contract that is no more is passed."""
    paths, first_row = block
    contract = next((one for one in contracts if one.name == meaning.contract), None)
    if contract is None:
        return None
    if found and found.contract.name == contract.name:
        proposed = {column.index: column for column in found.columns}
    else:
        proposed = {column.index: column for column in propose_columns(contract, paths, pack)[0]}
    columns, unknown = [], []
    for index, (path, key) in enumerate(zip(paths, column_keys(paths), strict=True)):
        if not path:
            continue
        column = proposed.get(index)
        if key in meaning.fields:
            column = _column(contract, meaning.fields[key], index, path, pack, units=units)
        if column is None:
            unknown.append((index, "/".join(path)))
        else:
            columns.append(column)
    score = float(len(columns))
    return Mapping(contract, tuple(columns), tuple(unknown), first_row, score, tuple(paths))


def _column(
    contract: ColumnContract,
    field: str | None,
    index: int,
    path: tuple[str, ...],
    pack: Pack,
    *,
    units: MappingType[str, Decimal],
) -> MappedColumn | None:
    if field is None:
        return None
    try:
        column = contract.column(field)
    except KeyError:
        return None
    return MappedColumn(
        index, "/".join(path), field, column, unit_factor(path, column, pack, units)
    )


def applied_profiles(sheets: Sequence[Meant]) -> list[str]:
    """Names of the saved profiles that sheets were read by, each once."""
    used = [one.meaning.profile for one in sheets if one.meaning and one.meaning.profile]
    return list(dict.fromkeys(used))
