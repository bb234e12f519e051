"""What a report is: tables with the notes they need, for exporters to print."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any


@dataclass(frozen=True)
class ReportColumn:
    """One column of a report table.

    Args:
        field: Key in each row.
        title_key: Message key of the header.
        unit: Unit printed with the header; null for text and counts without one.
        says: Pattern of the message key of its values, such as `place.kind.{}`; null prints them.
    """

    field: str
    title_key: str
    unit: str | None = None
    says: str | None = None


@dataclass(frozen=True)
class ReportTable:
    """A table of a report; rows in printing order.

    Args:
        key: Fields that tell a row from the others: by them a frozen report finds its row again.
        place_field: The field with the code of the place a row is about; null for other tables.
        row_table: Table, with its schema, of which each row is one by its `code`, where that is no
            place; its cell says for whom the row is.
        sum_key: What stands in the first field of the key in the row that sums the others; it is
            printed as a word. Null: there is no such row.
    """

    name: str
    title_key: str
    columns: tuple[ReportColumn, ...]
    rows: Sequence[Mapping[str, Any]]
    key: tuple[str, ...] = ()
    place_field: str | None = None
    row_table: str | None = None
    sum_key: str | None = None

    def is_sum(self, row: Mapping[str, Any]) -> bool:
        """Whether a row sums the others."""
        return self.sum_key is not None and row[self.key[0]] == self.sum_key


@dataclass(frozen=True)
class Report:
    """What a report builder returns; exporters turn it into files.

    Args:
        name: The name it was asked by.
        title_key: Message key of the title.
        as_of: The day the figures hold for.
        tables: In printing order.
        footnotes: Message keys with parameters, such as an unverified rule that was used.
    """

    name: str
    title_key: str
    as_of: date
    tables: tuple[ReportTable, ...]
    footnotes: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    def with_seal(self, head: str | None) -> "Report":
        """The report with the newest seal of history, as `audit verify --head` takes it."""
        if head is None:
            return self
        return replace(self, footnotes=(*self.footnotes, ("report.sealed", {"head": head})))


@dataclass(frozen=True)
class ReportBuilder:
    """A report a domain offers: `build(connection, as_of)`.

    Args:
        vocabularies: Lists of terms its figures rest on; kept with it when it is frozen.
        is_figures: It tells sums and no place, so whoever has a grant of figures alone may have it.
    """

    name: str
    title_key: str
    build: Callable[[Any, date], Report]
    vocabularies: tuple[str, ...] = ()
    is_figures: bool = False
