"""Rules of requests that are data: how long, and which documents; rows of the country pack."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from assets.services.packs import Source, pack_rows, source_of


@dataclass(frozen=True)
class Rule:
    """One dated rule.

    Args:
        kind: `order`, `return_left`, `return_second_post`, `return_moved`, `idle`,
            `repair_interval`.
        value: How many; null: the row only cites.
        unit: `day`, `month` or `year`.
    """

    kind: str
    value: int | None
    unit: str | None
    of: Source


@dataclass(frozen=True)
class DocumentRule:
    """A document that an item needs before a step."""

    item: str
    kind: str
    step: str
    of: Source


@cache
def pack_rules(pack: str = "cn") -> tuple[Rule, ...]:
    """The rules of a country pack, in its order."""
    return tuple(
        Rule(
            row["kind"],
            int(row["value"]) if row["value"] else None,
            row["unit"] or None,
            source_of(row),
        )
        for row in pack_rows(pack, "request_rule.csv")
    )


@cache
def pack_documents(pack: str = "cn") -> tuple[DocumentRule, ...]:
    """What a country pack says of documents, in its order."""
    return tuple(
        DocumentRule(row["item"], row["kind"], row["step"], source_of(row))
        for row in pack_rows(pack, "request_document.csv")
    )


def rule_on(kind: str, day: date) -> Rule | None:
    """The rule of a kind in force on a day, the later of two; null: there is none."""
    found = [one for one in pack_rules() if one.kind == kind and one.of.holds_on(day)]
    return max(found, key=lambda one: one.of.valid_from or date.min, default=None)


def documents_on(item: str, day: date) -> tuple[DocumentRule, ...]:
    """The documents that an item needs on a day."""
    return tuple(one for one in pack_documents() if one.item == item and one.of.holds_on(day))
