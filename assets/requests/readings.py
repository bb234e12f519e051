"""Rules of requests that are data: how long, and which documents; rows of the country pack."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Source:
    """Where a row comes from and when it holds.

    Args:
        clause: Where in the document; null: not known.
        source_url: Null: there is none to show.
        valid_from: First day; null: always.
        valid_to: First day it no longer holds; null: open.
        is_verified: Somebody compared it with the document.
    """

    source: str
    clause: str | None
    source_url: str | None
    valid_from: date | None
    valid_to: date | None
    is_verified: bool
    note: str | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        has_begun = self.valid_from is None or self.valid_from <= day
        return has_begun and (self.valid_to is None or day < self.valid_to)

    @property
    def said(self) -> str:
        """The document with its clause."""
        return f"{self.source} {self.clause}" if self.clause else self.source


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
            _source(row),
        )
        for row in _rows(pack, "request_rule.csv")
    )


@cache
def pack_documents(pack: str = "cn") -> tuple[DocumentRule, ...]:
    """What a country pack says of documents, in its order."""
    return tuple(
        DocumentRule(row["item"], row["kind"], row["step"], _source(row))
        for row in _rows(pack, "request_document.csv")
    )


def rule_on(kind: str, day: date) -> Rule | None:
    """The rule of a kind in force on a day, the later of two; null: there is none."""
    found = [one for one in pack_rules() if one.kind == kind and one.of.holds_on(day)]
    return max(found, key=lambda one: one.of.valid_from or date.min, default=None)


def documents_on(item: str, day: date) -> tuple[DocumentRule, ...]:
    """The documents that an item needs on a day."""
    return tuple(one for one in pack_documents() if one.item == item and one.of.holds_on(day))


def _rows(pack: str, name: str) -> list[dict[str, str]]:
    path = resources.files("assets") / "packs" / pack / name
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def _source(row: Mapping[str, str]) -> Source:
    return Source(
        source=row["source"],
        clause=row["clause"] or None,
        source_url=row["source_url"] or None,
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        is_verified=row["is_verified"] == "true",
        note=row["note"] or None,
    )
