"""What papers show of the estate beyond the answer to an area question: the bodies that use it."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection

from assets.domain import FigureTable
from assets.estate.area_lists import LISTS, column
from gis.questions import Asked

_MOST_BODIES: Final = 1_000_000
_LARGEST: Final = 15
_SUMMED: Final = ("headcount_quota", "headcount_actual")
_CATEGORY: Final = column("category", "term", None, "organization_category")
_PLACES: Final = column("place_count", "integer")
_BODIES: Final = column("agency_count", "integer")


def paper_tables(conn: Connection, asked: Asked) -> Sequence[FigureTable]:
    """Bodies that occupy places: by category, and those of most staff.

    Returns:
        Two tables; headcounts are the newest up to the day, null where none is known.
    """
    listed = LISTS["agencies"](conn, asked, _MOST_BODIES, 0)
    heads = tuple(one for one in listed.columns if one.name in _SUMMED)
    return (
        FigureTable(
            "by_category",
            "estate.table.by_category",
            (_CATEGORY, _BODIES, _PLACES, *heads),
            _by_category(listed.rows),
            is_partition=True,
        ),
        FigureTable(
            "largest_bodies",
            "estate.table.largest_bodies",
            (column("name"), column("district"), _PLACES, *heads),
            sorted(listed.rows, key=_staff, reverse=True)[:_LARGEST],
        ),
    )


def _staff(row: Any) -> int:
    return row["headcount_actual"] or row["headcount_quota"] or 0


def _by_category(rows: Sequence[Any]) -> list[dict[str, Any]]:
    sums: dict[str | None, dict[str, Any]] = {}
    for row in rows:
        into = sums.setdefault(
            row["category"],
            {"category": row["category"], "agency_count": 0, "place_count": 0}
            | dict.fromkeys(_SUMMED),
        )
        into["agency_count"] += 1
        into["place_count"] += row["place_count"]
        for name in _SUMMED:
            if row[name] is not None:
                into[name] = (into[name] or 0) + row[name]
    return sorted(sums.values(), key=lambda row: -row["agency_count"])
