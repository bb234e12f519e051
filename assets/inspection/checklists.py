"""Checklists of the country pack: what inspections were seen to ask, with the source of each."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class ChecklistItem:
    """One thing an inspection asks.

    Args:
        checklist: The list it stands in, such as `taizhou_2021`.
        head: What it is scored under.
        source: The document, as far as it is known.
        valid_from: First day; null: not known.
        valid_to: First day it no longer holds; null: open.
        is_verified: Somebody compared it with the document.
        note: What is known to be left out.
    """

    checklist: str
    key: str
    head: str
    title: str
    source: str
    source_url: str | None
    valid_from: date | None
    valid_to: date | None
    is_verified: bool
    note: str | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        has_begun = self.valid_from is None or self.valid_from <= day
        return has_begun and (self.valid_to is None or day < self.valid_to)


@cache
def pack_items(pack: str = "cn") -> tuple[ChecklistItem, ...]:
    """Every item of a country pack, by checklist, in the order it is gone through."""
    path = resources.files("assets") / "packs" / pack / "inspection_item.csv"
    return tuple(
        ChecklistItem(
            checklist=row["checklist"],
            key=row["key"],
            head=row["head"],
            title=row["title"],
            source=row["source"],
            source_url=row["source_url"] or None,
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            is_verified=row["is_verified"] == "true",
            note=row["note"] or None,
        )
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    )


def checklists(day: date) -> dict[str, tuple[ChecklistItem, ...]]:
    """The checklists that hold on a day, with their items."""
    found: dict[str, list[ChecklistItem]] = {}
    for one in pack_items():
        if one.holds_on(day):
            found.setdefault(one.checklist, []).append(one)
    return {name: tuple(items) for name, items in found.items()}
