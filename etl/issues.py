"""The list of what is wrong with a file, cell by cell."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

COLUMNS: Final = (
    "sheet",
    "row",
    "column",
    "rule",
    "severity",
    "suggestion",
    "original",
    "params",
    "geom",
)
_QUOTING: Final = ("suggestion", "original", "params", "geom")
_OBJECTS: Final = ("sheet", "column", "suggestion", "original", "params", "geom")


class Severity(StrEnum):
    """What an issue does to its row."""

    REJECT = "reject"
    """The row stays in staging."""
    QUESTION = "question"
    """The row waits for a person's answer."""
    WARN = "warn"
    """The row loads; the issue is listed."""


class IssueList:
    """Issues of one file, gathered as frames; a rule is also the key of its message."""

    def __init__(self) -> None:
        self._parts: list[pd.DataFrame] = []
        self._hidden: dict[str | None, set[int]] = {}
        self._numbers: dict[tuple[str | None, str], int] = {}

    def add(
        self,
        *,
        sheet: str | None,
        rows: npt.NDArray[np.int64] | Sequence[int],
        column: str | None,
        rule: str,
        severity: Severity,
        original: Any = None,
        suggestion: Any = None,
        params: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None,
        where: npt.NDArray[np.object_] | Sequence[Any] | None = None,
    ) -> None:
        """Add one rule's issues.

        Args:
            sheet: Sheet or layer; null for a file with one nameless sheet.
            rows: Row numbers as a person counts them, 0 for the sheet or file as a whole; none adds
                nothing.
            column: Header of the column; null for a row-wide issue.
            rule: Rule id.
            severity: What it does.
            original: Original text, one for all or one per row.
            suggestion: What onemap took or proposes instead, one for all or one per row.
            params: What the rule's message fills in, one for all or one per row; plain JSON.
            where: Shapely geometry per row in storage coordinates: the spot to look at.
        """
        if len(rows) == 0:
            return
        self._parts.append(
            pd.DataFrame(
                {
                    "sheet": sheet,
                    "row": np.asarray(rows, dtype="int64"),
                    "column": column,
                    "rule": rule,
                    "severity": severity.value,
                    "suggestion": _texts(suggestion, len(rows)),
                    "original": _texts(original, len(rows)),
                    "params": _params(params, len(rows)),
                    "geom": pd.Series(list(where) if where is not None else [None] * len(rows)),
                },
                columns=list(COLUMNS),
            ).astype(dict.fromkeys(_OBJECTS, object))
        )

    def know_columns(self, sheet: str | None, numbers: Mapping[str, int]) -> None:
        """Say which column of a sheet, from 1, each header stands over."""
        for header, number in numbers.items():
            self._numbers.setdefault((sheet, header), number)

    def keep_only(self, sheet: str | None, rows: npt.NDArray[np.int64]) -> None:
        """Forget what was found so far in other rows of a sheet."""
        kept = [
            part
            if len(part) == 0 or part["sheet"].iloc[0] != sheet
            else part[part["row"].isin(rows)]
            for part in self._parts
        ]
        self._parts = [part for part in kept if len(part)]

    def hide(self, sheet: str | None, rows: Iterable[int]) -> None:
        """Quote nothing of these rows, whoever lists what of them: they are state secrets."""
        self._hidden.setdefault(sheet, set()).update(int(row) for row in rows)

    def hidden_rows(self, sheet: str | None) -> npt.NDArray[np.int64]:
        """Rows of a sheet of which nothing may be quoted, ascending."""
        return np.array(sorted(self._hidden.get(sheet, ())), dtype="int64")

    def frame(self) -> pd.DataFrame:
        """All issues, ordered by sheet, row and the order they were found in.

        `column_number` counts from 1; null where no single column of the file is meant.
        """
        if not self._parts:
            names = (*COLUMNS, "column_number")
            return pd.DataFrame({name: pd.Series(dtype=object) for name in names})
        joined = pd.concat(self._parts, ignore_index=True)
        for sheet, rows in self._hidden.items():
            is_of_sheet = joined["sheet"].isna() if sheet is None else joined["sheet"] == sheet
            joined.loc[is_of_sheet & joined["row"].isin(rows), list(_QUOTING)] = None
        numbers = map(self._numbers.get, zip(joined["sheet"], joined["column"], strict=True))
        joined["column_number"] = pd.array(list(numbers), dtype="Int64")
        return joined.sort_values(["sheet", "row"], kind="stable", ignore_index=True)

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)


def _texts(values: Any, count: int) -> list[str | None]:
    if values is None or isinstance(values, str):
        return [values] * count
    return [None if pd.isna(value) else str(value) for value in values]


def _params(
    values: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None, count: int
) -> list[dict[str, Any] | None]:
    if values is None or isinstance(values, Mapping):
        return [dict(values) if values else None] * count
    return [dict(value) or None for value in values]
