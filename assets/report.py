"""What a report is: tables with the notes they need, for exporters to print."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from gis.errors import InputError


@dataclass(frozen=True)
class ReportColumn:
    """One column of a report table.

    Args:
        field: Key in each row.
        title_key: Message key of the header.
        unit: Unit printed with the header; null for text and counts without one.
        says: Pattern of the message key of its values, such as `place.kind.{}`; null prints them.
        above: Message keys of the headers above its own, the uppermost first; neighbours under the
            same ones stand under one cell of a form.
        is_spanned: Its cell goes on over the rows below that are of the same thing
            (`ReportTable.spans`).
    """

    field: str
    title_key: str
    unit: str | None = None
    says: str | None = None
    above: tuple[str, ...] = ()
    is_spanned: bool = False


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
        spans: Field that rows of one thing have in common; the first of them alone says what its
            spanned columns say. Null: every row stands for itself.
    """

    name: str
    title_key: str
    columns: tuple[ReportColumn, ...]
    rows: Sequence[Mapping[str, Any]]
    key: tuple[str, ...] = ()
    place_field: str | None = None
    row_table: str | None = None
    sum_key: str | None = None
    spans: str | None = None

    def is_sum(self, row: Mapping[str, Any]) -> bool:
        """Whether a row sums the others."""
        return self.sum_key is not None and row[self.key[0]] == self.sum_key


@dataclass(frozen=True)
class Form:
    """What stands on a report that is laid out as an official form, beside its tables.

    Args:
        filed_by: Who hands it in (填报单位); null: left blank, for the pen.
        since: First day of the period it is about; null: it is about a day.
    """

    filed_by: str | None = None
    since: date | None = None


@dataclass(frozen=True)
class Report:
    """What a report builder returns; exporters turn it into files.

    Args:
        name: The name it was asked by.
        title_key: Message key of the title.
        as_of: The day the figures hold for.
        tables: In printing order.
        footnotes: Message keys with parameters, such as an unverified rule that was used.
        form: Null: plain tables.
    """

    name: str
    title_key: str
    as_of: date
    tables: tuple[ReportTable, ...]
    footnotes: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    form: Form | None = None

    def with_seal(self, head: str | None) -> "Report":
        """The report with the newest seal of history, as `audit verify --head` takes it."""
        if head is None:
            return self
        return replace(self, footnotes=(*self.footnotes, ("report.sealed", {"head": head})))

    def filed_by(self, name: str | None) -> "Report":
        """The report with who hands it in; plain tables, and a form that knows it, stay."""
        if self.form is None or name is None:
            return self
        return replace(self, form=replace(self.form, filed_by=name))


@dataclass(frozen=True)
class Choice:
    """What whoever asks for a report chose beside the day.

    Args:
        body: Code of a body the report is to be of; null: of every one.
        since: First day of its period; null: the report's own usual one.
    """

    body: str | None = None
    since: date | None = None


NOTHING_CHOSEN: Final = Choice()


@dataclass(frozen=True)
class ReportBuilder:
    """A report a domain offers.

    Args:
        build: `build(connection, as_of)`; where something can be chosen, a `Choice` may follow.
        vocabularies: Lists of terms its figures rest on; kept with it when it is frozen.
        is_figures: It tells sums and no place, so whoever has a grant of figures alone may have it.
        takes: What can be chosen of it: fields of `Choice`.
    """

    name: str
    title_key: str
    build: Callable[..., Report]
    vocabularies: tuple[str, ...] = ()
    is_figures: bool = False
    takes: tuple[str, ...] = ()

    def made(self, conn: Any, as_of: date, choice: Choice = NOTHING_CHOSEN) -> Report:
        """The report of a day.

        Raises:
            InputError: As `require_known`.
        """
        require_known(self.name, self.takes, as_of, choice)
        made: Report = self.build(conn, as_of, choice) if self.takes else self.build(conn, as_of)
        return made


def require_known(name: str, takes: tuple[str, ...], as_of: date, choice: Choice) -> None:
    """Refuses what a report cannot be asked.

    Raises:
        InputError: Something was chosen that it does not know, or a period that ends before it
            begins.
    """
    for asked, value in vars(choice).items():
        if value is not None and asked not in takes:
            raise InputError(f"report.takes_no_{asked}", name=name)
    if choice.since is not None and choice.since > as_of:
        raise InputError(
            "report.period_runs_backwards",
            since=choice.since.isoformat(),
            as_of=as_of.isoformat(),
        )
