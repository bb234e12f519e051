"""The level of a floor, where a sheet only names it: 1F, B2, 地下一层, 负2楼, 三层."""

import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl.clean.numerals import leading_numeral
from etl.clean.read import Read, is_blank, plain_text
from etl.pack import Pack, fold
from etl.table import Table

_LABEL: Final = re.compile(r"^第?(?P<below>地下室?|负|-|B|地上|F)?第?(?P<rest>.*)$", re.IGNORECASE)
_UNIT: Final = re.compile(r"^(层|楼|F)?$", re.IGNORECASE)
_BELOW: Final = {"地下", "地下室", "负", "-", "B"}


def with_levels(table: Table, values: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """The fields with `floor_level` filled from the name of the floor where no number is written.

    Only in sheets whose rows need a level: elsewhere the name is kept as it stands.
    """
    if not any(one.field == "floor_level" and one.is_required for one in table.contract.columns):
        return values
    level = values.get("floor_level", pa.nulls(len(table.rows), pa.int64()))
    for cells in (table.cells.get("floor_level"), table.cells.get("floor_label")):
        if cells is not None and level.null_count:
            level = pc.coalesce(level, pa.array(cells.map(level_of), pa.int64(), from_pandas=True))
    return {**values, "floor_level": level}


def with_words(table: Table, values: dict[str, pa.Array], pack: Pack) -> dict[str, pa.Array]:
    """The fields with the words for a level that nobody can read (夹层, 1-2) as the floor's name.

    Where floors are told by their names too and the row gives none: rooms of one number on two
    such floors are two.
    """
    if not _has_names(table) or "floor_level" not in table.cells:
        return values
    known = values.get("floor_label", pa.nulls(len(table.rows), pa.string()))
    words = _unread(table, values, "floor_level", pack)
    if not any(words):
        return values
    return {**values, "floor_label": pc.coalesce(known, pa.array(words, pa.string()))}


def _has_names(table: Table) -> bool:
    rule = table.contract.place
    return rule is not None and "floor_label" in rule.told_within


def level_in_words(found: Read, value: object) -> Read:
    """What a cell of levels says that is no number: B1, 负一层. Read exactly, it tells nothing."""
    if found.value is not None:
        return found
    level = level_of(fold(plain_text(value)))
    return found if level is None else Read(level)


def unread_rows(table: Table, values: dict[str, pa.Array], pack: Pack) -> npt.NDArray[np.bool_]:
    """Rows in which a cell that tells parts of a building apart is written and could not be read.

    A level that is kept in its words tells them apart by these.
    """
    unread = np.zeros(len(table.rows), dtype=bool)
    rule = table.contract.place
    for field in rule.told_within if rule is not None else ():
        if field not in table.cells or field not in values or not values[field].null_count:
            continue
        words = _unread(table, values, field, pack)
        kept: list[str | None] = [None] * len(words)
        if field == "floor_level" and _has_names(table) and "floor_label" in values:
            kept = values["floor_label"].to_pylist()
        unread |= np.array([a is not None and a != b for a, b in zip(words, kept, strict=True)])
    return unread


def _unread(table: Table, values: dict[str, pa.Array], field: str, pack: Pack) -> list[str | None]:
    """What the cells of a field say that could not be read; null for the others.

    A mark for nothing or for not known says nothing that could be misread.
    """
    nothing = pack.markers.get("blank", frozenset()) | pack.markers.get("unknown", frozenset())
    cells = table.cells[field]
    words: list[str | None] = [None] * len(cells)
    is_null = values[field].is_null().to_numpy(zero_copy_only=False)
    for at in np.flatnonzero(is_null & cells.notna().to_numpy(bool)):
        if not is_blank(cells.iloc[at], nothing):
            words[at] = plain_text(cells.iloc[at]) or None
    return words


def level_of(label: object) -> int | None:
    """The signed level that a floor's name says; null where it says none."""
    if not isinstance(label, str) or (read := _LABEL.match(re.sub(r"\s", "", label))) is None:
        return None
    rest = read["rest"]
    if (digits := re.match(r"\d{1,3}", rest)) is not None:
        number, unit = int(digits[0]), rest[digits.end() :]
    elif (spoken := leading_numeral(rest)) is not None and spoken[0] == int(spoken[0]):
        number, unit = int(spoken[0]), spoken[1]
    else:
        return None
    if number == 0 or not _UNIT.match(unit):
        return None
    below = (read["below"] or "").upper() in _BELOW
    return -number if below else number
