"""How sure onemap is of each column, and what else it could be: for a person to correct."""

import difflib
import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from assets.domain import ColumnContract
from etl.clean.values import plain_text
from etl.headers import MappedColumn, Near, map_headers, nearest_contract
from etl.meaning import Meant, column_keys, fingerprint
from etl.pack import Pack, header_key, load_pack

_SAMPLES: Final = 3
_LOOKED_AT: Final = 20
_SECRET: Final = re.compile(r"密|secret|classified", re.IGNORECASE)
_ALTERNATIVES: Final = 3
_LEAST_LIKENESS: Final = 0.5
_STATED: Final = 1.0
_OWN_WORD: Final = 1.0
_COMMON_WORD: Final = 0.95
_LAST_WORD: Final = 0.8
"""The group a header stands in was passed over: `面积/办公室` read as `办公室`."""


def propose(
    sheets: Sequence[Meant],
    contracts: Sequence[ColumnContract],
    pack: Pack,
    hidden: Mapping[str, npt.NDArray[np.int64]] | None = None,
) -> list[dict[str, Any]]:
    """Per sheet or layer its contract and columns, plain values for JSON.

    A column carries its key, field (null: not loaded), confidence between 0 and 1, the first cells
    and the fields whose words its header resembles. A field that two columns claim is listed under
    `conflicts`. No cell is shown of a row that is hidden, or that might be when rows could not be
    told yet. Where no sheet of the file can be read as it stands, a sheet is proposed as what it
    resembles most, so that a person sees which column to name.
    """
    is_lost = not any(one.mapping or one.meaning for one in sheets)
    return [
        _sheet(
            one,
            contracts,
            pack,
            _shown_cells(one, hidden),
            nearest_contract(one.paths, contracts, pack) if is_lost else None,
        )
        for one in sheets
    ]


def fields_of(contract: ColumnContract) -> list[str]:
    """Every field a column can be given in a contract, with one entry a key for keyed columns."""
    pack = load_pack()
    keyed = sorted(
        {
            field
            for (owner, _key), field in pack.headers.items()
            if owner in (contract.name, "*") and "." in field
        }
    )
    found: list[str] = []
    for column in contract.columns:
        if column.is_keyed:
            found += [field for field in keyed if field.partition(".")[0] == column.field]
        else:
            found.append(column.field)
    return found


def _sheet(
    one: Meant,
    contracts: Sequence[ColumnContract],
    pack: Pack,
    cells: pd.DataFrame,
    near: Near | None,
) -> dict[str, Any]:
    found = one.mapping or near
    contract = found.contract if found else None
    by_index = {column.index: column for column in found.columns} if found else {}
    keys = column_keys(one.paths)
    fields = [column.field for column in by_index.values()]
    likeness = _Likeness(contract, pack) if contract else None
    return {
        "name": one.name,
        "is_layer": one.layer is not None,
        "is_hidden": bool(one.grid and one.grid.is_hidden),
        "is_left_out": one.meaning is not None and one.meaning.contract is None,
        "profile": one.meaning.profile if one.meaning else None,
        "fingerprint": fingerprint(one.paths),
        "contract": contract.name if contract else None,
        "contracts": _fitting(one, contracts, pack, near),
        "conflicts": sorted({field for field in fields if fields.count(field) > 1}),
        "columns": [
            {
                "key": keys[index],
                "header": "/".join(path),
                **_column(by_index.get(index), path, contract, pack),
                "is_stated": bool(one.meaning and keys[index] in one.meaning.fields),
                "samples": _samples(cells, index),
                "alternatives": likeness.of(path) if likeness else [],
            }
            for index, path in enumerate(one.paths)
            if path
        ],
    }


def _column(
    column: MappedColumn | None,
    path: tuple[str, ...],
    contract: ColumnContract | None,
    pack: Pack,
) -> dict[str, Any]:
    if column is None or contract is None:
        return {"field": None, "confidence": 0.0}
    return {"field": column.field, "confidence": _confidence(column, path, contract, pack)}


def _confidence(
    column: MappedColumn, path: tuple[str, ...], contract: ColumnContract, pack: Pack
) -> float:
    keys = [header_key(part) for part in path]
    whole, last = "/".join(keys), keys[-1]
    if pack.headers.get((contract.name, whole)) == column.field:
        return _OWN_WORD
    if pack.headers.get(("*", whole)) == column.field:
        return _COMMON_WORD
    if pack.headers.get((contract.name, last)) == column.field or last == header_key(column.field):
        return _OWN_WORD if len(path) == 1 else _LAST_WORD
    return _STATED if pack.field_of(contract.name, last) is None else _LAST_WORD


def _fitting(
    one: Meant, contracts: Sequence[ColumnContract], pack: Pack, near: Near | None
) -> list[dict[str, Any]]:
    """Contracts the headers could be of, best first, with how many columns each knows."""
    if near is not None:
        return [{"name": near.contract.name, "columns": len(near.columns)}]
    found = [
        (mapping.score, contract.name, len(mapping.columns))
        for contract in contracts
        if (mapping := map_headers(one.paths, [contract], pack, sheet=one.name))
    ]
    found.sort(key=lambda fit: -fit[0])
    return [{"name": name, "columns": count} for _score, name, count in found]


def _shown_cells(one: Meant, hidden: Mapping[str, npt.NDArray[np.int64]] | None) -> pd.DataFrame:
    """The first rows under the header of which nothing is secret."""
    if one.grid is None:
        cells = one.layer.attributes if one.layer is not None else pd.DataFrame()
        cells = cells.reset_index(drop=True)
    else:
        first_row = one.mapping.first_row if one.mapping else one.first_row
        cells = one.grid.cells.iloc[first_row:]
    if hidden is not None and one.name in hidden:
        cells = cells[~np.isin(cells.index.to_numpy() + 1, hidden[one.name])]
        return cells.head(_LOOKED_AT)
    cells = cells.head(_LOOKED_AT)
    speaks = [
        any(_SECRET.search(str(cell)) for cell in row) for row in cells.itertuples(index=False)
    ]
    return cells[~np.array(speaks, dtype=bool)]


def _samples(cells: pd.DataFrame, index: int) -> list[str]:
    if index >= cells.shape[1]:
        return []
    texts = dict.fromkeys(plain_text(cell)[:60] for cell in cells.iloc[:, index].dropna())
    return [text for text in texts if text][:_SAMPLES]


class Titles:
    """Kinds of sheet and fields in a reader's words: the first word its country's pack has."""

    def __init__(self, pack: Pack | None) -> None:
        self._sheets: dict[str, str] = {}
        self._fields: dict[tuple[str, str], str] = {}
        for name, word in pack.sheets if pack else ():
            self._sheets.setdefault(name, word)
        words = pack.headers.items() if pack else ()
        # Layers name their columns by initials; those are nobody's words.
        for (contract, key), field in sorted(words, key=lambda word: word[0][1].isascii()):
            self._fields.setdefault((contract, field), key.replace("/", " / "))

    def contract(self, name: str) -> str:
        """What a kind of sheet is called."""
        return self._sheets.get(name) or name.replace("_", " ")

    def field(self, contract: str, field: str) -> str:
        """What a field is called in a kind of sheet."""
        known = self._fields.get((contract, field)) or self._fields.get(("*", field))
        return known or field.replace("_", " ").replace(".", ": ")


@functools.cache
def titles(language: str) -> Titles:
    """Titles for a language: Chinese by the words of the Chinese pack, else the fields' names."""
    return Titles(load_pack(("cn",)) if language == "zh" else None)


class _Likeness:
    """Fields of a contract by how much their words resemble a header."""

    def __init__(self, contract: ColumnContract, pack: Pack) -> None:
        self._words = [
            (key.rpartition("/")[2], field)
            for (owner, key), field in pack.headers.items()
            if owner in (contract.name, "*") and _has(contract, field)
        ]

    def of(self, path: tuple[str, ...]) -> list[dict[str, Any]]:
        """The best few, best first."""
        header = header_key(path[-1])
        best: dict[str, float] = {}
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(header)
        for word, field in self._words:
            matcher.set_seq1(word)
            if matcher.quick_ratio() < _LEAST_LIKENESS:
                continue
            best[field] = max(best.get(field, 0.0), matcher.ratio())
        ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))
        return [
            {"field": field, "confidence": round(ratio, 2)}
            for field, ratio in ranked[:_ALTERNATIVES]
            if ratio >= _LEAST_LIKENESS
        ]


def _has(contract: ColumnContract, field: str) -> bool:
    try:
        contract.column(field)
    except KeyError:
        return False
    return True
