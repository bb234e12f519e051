"""Sheets that markup holds: XML Spreadsheet 2003 and the tables of a web page.

Other systems hand both out under the name of an xls, and a spreadsheet opens them without a word.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from etl.limits import Limits
from gis.errors import SourceError

Merge = tuple[tuple[int, int], tuple[int, int]]
"""Row and column of the first and of the last cell, from 0."""
_MOST_MERGES: Final = 100_000


@dataclass
class MarkupSheet:
    """A sheet as markup says it, filled cell by cell.

    Args:
        file: Name of the file, for what is refused.
        limits: Ceilings.
        name: Null for the only table of a page.
        is_hidden: Whether a spreadsheet would not show it.
    """

    file: str
    limits: Limits
    name: str | None = None
    is_hidden: bool = False
    rows: list[list[Any]] = field(default_factory=list)
    _merges: list[Merge] = field(default_factory=list)
    _reach: dict[int, int] = field(default_factory=dict)
    """Per column the last row that a cell above reaches down to."""

    @property
    def merges(self) -> list[Merge]:
        """Cells that are one; only the first has a value."""
        end = len(self.rows) - 1
        return [(first, (min(row, end), column)) for first, (row, column) in self._merges]

    @property
    def width(self) -> int:
        """Columns in use."""
        return max(map(len, self.rows), default=0)

    def begin_row(self, number: int | None = None) -> None:
        """Begins the next row, or the one of a number from 1.

        Raises:
            SourceError: Over the ceiling.
        """
        last = max(number or 0, len(self.rows) + 1)
        self._refuse_over("load.too_many_rows", last, self.limits.max_rows)
        self.rows.extend([] for _ in range(len(self.rows), last))

    def add(self, value: Any, *, column: int | None = None, across: int = 1, down: int = 1) -> None:
        """Adds a cell to the row at work.

        Args:
            value: What stands in it.
            column: Its number from 1; null takes the next that no cell above reaches into.
            across: Columns it covers.
            down: Rows it covers.

        Raises:
            SourceError: Over the ceiling.
        """
        row, top = self.rows[-1], len(self.rows) - 1
        at = len(row) if column is None else max(column - 1, len(row))
        while column is None and self._reach.get(at, -1) >= top:
            at += 1
        last = at + max(across, 1)
        self._refuse_over("load.too_many_columns", last, self.limits.max_columns)
        row.extend([None] * (at - len(row)))
        row.append(value)
        row.extend([None] * (last - len(row)))
        if down > 1:
            self._reach |= dict.fromkeys(range(at, last), top + down - 1)
        if (across > 1 or down > 1) and len(self._merges) < _MOST_MERGES:
            self._merges.append(((top, at), (top + max(down, 1) - 1, last - 1)))

    def _refuse_over(self, key: str, count: int, limit: int) -> None:
        if count > limit:
            raise SourceError(key, file=self.file, sheet=self.name, count=count, limit=limit)
