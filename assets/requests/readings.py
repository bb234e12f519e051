"""Rules of requests that are data: the order of ways, terms, and which documents an item needs.

Terms stand in the table of the standard, where the bureau states its own before those of the pack;
the order and the documents are rows of the country pack.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from assets.services.packs import Source, pack_rows, source_of
from assets.space.model import StandardKind
from assets.space.rules import StandardTable
from assets.space.stated import SHAPES


@dataclass(frozen=True)
class Term:
    """How long something may take.

    Args:
        unit: `day`, `month` or `year`.
    """

    value: int
    unit: str
    of: Source


@dataclass(frozen=True)
class DocumentRule:
    """A document that an item needs before a step."""

    item: str
    kind: str
    step: str
    of: Source


def term_in(table: StandardTable, kind: StandardKind) -> Term | None:
    """The term in force on the day of a table; null: nothing says one."""
    row, unit = table.of(kind), SHAPES[kind].unit
    if row is None or row.value is None or unit is None:
        return None
    of = Source(
        row.source, row.clause, row.source_url, row.valid_from, row.valid_to, row.is_verified,
        row.note,
    )  # fmt: skip
    return Term(int(row.value), unit, of)


@cache
def pack_order(pack: str = "cn") -> tuple[Source, ...]:
    """Where a country pack says in which order rooms are sought, in its order."""
    return tuple(source_of(row) for row in pack_rows(pack, "request_rule.csv"))


@cache
def pack_documents(pack: str = "cn") -> tuple[DocumentRule, ...]:
    """What a country pack says of documents, in its order."""
    return tuple(
        DocumentRule(row["item"], row["kind"], row["step"], source_of(row))
        for row in pack_rows(pack, "request_document.csv")
    )


def order_on(day: date) -> Source | None:
    """What says on a day in which order rooms are sought, the later of two; null: nothing does."""
    found = [one for one in pack_order() if one.holds_on(day)]
    return max(found, key=lambda one: one.valid_from or date.min, default=None)


def documents_on(item: str, day: date) -> tuple[DocumentRule, ...]:
    """The documents that an item needs on a day."""
    return tuple(one for one in pack_documents() if one.item == item and one.of.holds_on(day))
