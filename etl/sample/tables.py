"""Tables on their way into a workbook or a list, and the register of what was planted in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from etl.sample.quantities import stage

Cell = str | int | float | None

DATA, TOTAL, EXTRA, AGAIN = "data", "total", "extra", "again"
"""Kinds of rows: a true one, a subtotal or total, one that a loader has to reject, one that says
again what another file says, which a loader must count once."""

REPAIR, WARN, REJECT, SKIP = "repair", "warn", "reject", "skip"
"""What a correct loader does: reads the truth in the cell, loads and lists, holds back, passes."""


@dataclass(frozen=True)
class Heading:
    """One column: its own title under up to two merged group titles; `width` in characters."""

    title: str
    group: str | None = None
    subgroup: str | None = None
    width: int = 12


@dataclass
class Sheet:
    """One table with its merged header: title row, perhaps a note row, `levels` header rows."""

    file: str
    name: str
    headings: Sequence[Heading]
    title: str | None = None
    note: str | None = None
    levels: int = 1
    rows: list[list[Cell]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    """First and last row (from 0) of rows that share the cells of `shared` columns."""
    shared: Sequence[int] = ()
    footer: str | None = None
    hidden: Sequence[int] = ()
    """Columns that cannot be seen in the office program."""

    @property
    def first_row(self) -> int:
        """Row of the first data row, as a person counts."""
        return 1 + (self.title is not None) + (self.note is not None) + self.levels

    def add(self, row: list[Cell], kind: str = DATA) -> int:
        """Append a row; returns its position from 0."""
        self.rows.append(row)
        self.kinds.append(kind)
        return len(self.rows) - 1

    def column(self, title: str) -> int:
        """Position of a column by its own title."""
        return next(i for i, heading in enumerate(self.headings) if heading.title == title)

    def data_positions(self) -> list[int]:
        """Positions of the true rows; of rows that share cells only the first."""
        follows = {row for first, last in self.spans for row in range(first + 1, last + 1)}
        return [i for i, kind in enumerate(self.kinds) if kind == DATA and i not in follows]

    def count(self, kind: str) -> int:
        return sum(found == kind for found in self.kinds)


@dataclass(frozen=True)
class Mistake:
    """One planted mistake. `row` counts as a person does; of a layer it is the feature's place."""

    file: str
    sheet: str
    row: int
    column: str
    mistake_class: int
    rule: str
    planted: str
    true_value: str
    outcome: str


class Planter:
    """Plants mistakes and keeps the truth beside them; a cell is planted at most once."""

    def __init__(self, seed: int) -> None:
        self.rng = stage(seed, "mistakes")
        self.mistakes: list[Mistake] = []
        self._touched: set[tuple[str, str, int]] = set()

    def pick(
        self, sheet: Sheet, rate: float, *, among: Sequence[int] | None = None, least: int = 1
    ) -> list[int]:
        """Untouched true rows at a rate, at least `least` if there are any; ordered, now touched.

        With `least` 0 the fraction of a row is drawn, so that many small sheets keep the rate.
        """
        pool = [
            row
            for row in (sheet.data_positions() if among is None else among)
            if (sheet.file, sheet.name, row) not in self._touched
        ]
        wanted = rate * len(sheet.rows)
        count = min(len(pool), max(least, int(wanted + (0.5 if least else self.rng.random()))))
        if not pool:
            return []
        chosen = sorted(pool[int(i)] for i in self.rng.choice(len(pool), count, replace=False))
        self._touched.update((sheet.file, sheet.name, row) for row in chosen)
        return chosen

    def untouched(self, sheet: Sheet) -> int:
        """The first true row in which nothing is planted."""
        return next(
            row
            for row in sheet.data_positions()
            if (sheet.file, sheet.name, row) not in self._touched
        )

    def plant(
        self,
        sheet: Sheet,
        row: int,
        title: str,
        planted: Cell,
        *,
        as_class: int,
        rule: str,
        outcome: str,
        true_value: Cell = None,
    ) -> None:
        """Put a wrong value in a cell; the truth is what stood there unless given."""
        column = sheet.column(title)
        before = sheet.rows[row][column] if true_value is None else true_value
        sheet.rows[row][column] = planted
        self.note(sheet, row, title, planted, before, as_class=as_class, rule=rule, outcome=outcome)

    def spoil(
        self,
        sheet: Sheet,
        title: str,
        rate: float,
        change: Callable[[Any], Cell],
        *,
        as_class: int,
        rule: str,
        outcome: str,
        among: Sequence[int] | None = None,
        least: int = 1,
    ) -> None:
        """Plant what `change` makes of the cell's value in rows picked at a rate."""
        column = sheet.column(title)
        for row in self.pick(sheet, rate, among=among, least=least):
            planted = change(sheet.rows[row][column])
            self.plant(sheet, row, title, planted, as_class=as_class, rule=rule, outcome=outcome)

    def repeat(
        self,
        sheet: Sheet,
        title: str,
        rate: float,
        *,
        rule: str,
        among: Sequence[int] | None = None,
        least: int = 1,
    ) -> None:
        """Append copies of rows, which a loader must hold back by their key in `title`."""
        for row in self.pick(sheet, rate, among=among, least=least):
            copy = list(sheet.rows[row])
            place = sheet.add(copy, EXTRA)
            self.note(
                sheet,
                place,
                title,
                copy[sheet.column(title)],
                f"与第{sheet.first_row + row}行重复",
                as_class=3,
                rule=rule,
                outcome=REJECT,
            )

    def note(
        self,
        sheet: Sheet,
        row: int,
        title: str,
        planted: Cell,
        true_value: Cell,
        *,
        as_class: int,
        rule: str,
        outcome: str,
    ) -> None:
        """Register what stands planted at a row already."""
        self.record(
            Mistake(
                sheet.file,
                sheet.name,
                sheet.first_row + row,
                title,
                as_class,
                rule,
                shown(planted),
                shown(true_value),
                outcome,
            )
        )

    def record(self, mistake: Mistake) -> None:
        self.mistakes.append(mistake)

    def choose(self, options: Sequence[str]) -> str:
        return options[int(self.rng.integers(0, len(options)))]

    def places(self, count: int, rate: float) -> list[int]:
        """Positions of `count` rows at a rate, at least one; ordered."""
        size = min(count, max(1, round(count * rate)))
        return sorted(int(i) for i in self.rng.choice(count, size, replace=False))


def shown(cell: Cell) -> str:
    """A cell as the truth file writes it: numbers with two decimals or none, nothing as nothing."""
    if cell is None:
        return ""
    if isinstance(cell, float | np.floating):
        return f"{cell:.2f}".removesuffix(".00")
    return str(cell)
