"""Checklists of the country pack: what inspections were seen to ask, with the source of each."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from assets.services.packs import Source, pack_rows, source_of


@dataclass(frozen=True)
class ChecklistItem(Source):
    """One thing an inspection asks.

    Args:
        checklist: The list it stands in, such as `taizhou_2021`.
        head: What it is scored under.
    """

    checklist: str
    key: str
    head: str
    title: str


@cache
def pack_items(pack: str = "cn") -> tuple[ChecklistItem, ...]:
    """Every item of a country pack, by checklist, in the order it is gone through."""
    return tuple(
        ChecklistItem(
            checklist=row["checklist"],
            key=row["key"],
            head=row["head"],
            title=row["title"],
            **vars(source_of(row)),
        )
        for row in pack_rows(pack, "inspection_item.csv")
    )


def checklists(day: date) -> dict[str, tuple[ChecklistItem, ...]]:
    """The checklists that hold on a day, with their items."""
    found: dict[str, list[ChecklistItem]] = {}
    for one in pack_items():
        if one.holds_on(day):
            found.setdefault(one.checklist, []).append(one)
    return {name: tuple(items) for name, items in found.items()}
