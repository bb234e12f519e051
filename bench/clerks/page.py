"""A sheet as a clerk has it before printing: columns, rows, and what was spoilt in which cell."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Column:
    """A column: our name for it, and its header from the top level down."""

    key: str
    header: tuple[str, ...]


@dataclass(frozen=True)
class Planted:
    """One mistake: `row` as a person counts it, 0 for the whole sheet; `column` null for a row."""

    file: str
    sheet: str | None
    row: int
    column: str | None
    kind: str


@dataclass
class Page:
    """A sheet in the making.

    `things` numbers the thing each row is of: several rows of one number are one property with
    several users. `families` holds what was spoilt of a thing, so that no two mistakes meet.
    """

    file: str
    name: str
    columns: tuple[Column, ...]
    rows: list[list[Any]]
    things: list[int]
    titles: tuple[str, ...] = ()
    user_keys: frozenset[str] = frozenset()
    """Columns that differ from user to user of one property; the others are merged."""
    has_counting_row: bool = False
    hidden_columns: set[str] = field(default_factory=set)
    is_hidden: bool = False
    header_again: list[int] = field(default_factory=list)
    total_rows: set[int] = field(default_factory=set)
    marks: list[tuple[int | None, str | None, str]] = field(default_factory=list)
    families: dict[int, set[str]] = field(default_factory=dict)

    def has(self, *keys: str) -> bool:
        known = {column.key for column in self.columns}
        return all(key in known for key in keys)

    def at(self, key: str) -> int:
        return next(at for at, column in enumerate(self.columns) if column.key == key)

    def get(self, row: int, key: str) -> Any:
        return self.rows[row][self.at(key)]

    def put(self, row: int, key: str, value: Any) -> None:
        self.rows[row][self.at(key)] = value

    def mark(self, row: int | None, key: str | None, kind: str) -> None:
        """Write down a mistake; `row` null for the sheet as a whole."""
        self.marks.append((row, key, kind))

    def is_free(self, row: int, family: str) -> bool:
        taken = self.families.get(self.things[row], set())
        return not taken & {family, "all"} and (family != "all" or not taken)

    def take(self, row: int, family: str) -> None:
        self.families.setdefault(self.things[row], set()).add(family)

    def heads(self) -> list[int]:
        """First rows of things."""
        return [at for at, thing in enumerate(self.things) if at == self.things.index(thing)]

    def pick(self, rng: np.random.Generator, rows: list[int], family: str) -> int | None:
        """A row of which nothing of the family is spoilt yet; null when there is none left."""
        free = [row for row in rows if self.is_free(row, family) and row not in self.total_rows]
        if not free:
            return None
        row = free[int(rng.integers(len(free)))]
        self.take(row, family)
        return row
