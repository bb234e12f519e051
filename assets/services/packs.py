"""Tables of a country pack, and what each dated row of a rule says of where it comes from."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources


@dataclass(frozen=True)
class Source:
    """Where a row comes from and when it holds.

    Args:
        clause: Where in the document; null: not known.
        source_url: Null: there is none to show.
        valid_from: First day; null: always, or not known.
        valid_to: First day it no longer holds; null: open.
        is_verified: Somebody compared it with the document.
        note: What is known to be left out, or to be compared.
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


def pack_rows(pack: str, name: str) -> list[dict[str, str]]:
    """The rows of a table of a country pack, in its order; what is not stated is empty."""
    path = resources.files("assets") / "packs" / pack / name
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def source_of(row: Mapping[str, str]) -> Source:
    """What a row says of itself; a table without some of these columns says nothing of them."""
    return Source(
        source=row["source"],
        clause=row.get("clause") or None,
        source_url=row.get("source_url") or None,
        valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        is_verified=row["is_verified"] == "true",
        note=row.get("note") or None,
    )
