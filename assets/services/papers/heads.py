"""How the headers of a table stand above one another, for sheets and papers alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assets.report import ReportColumn
from gis.i18n import translate

_UNITS = {
    "m2": "report.unit.m2",
    "yuan": "report.unit.yuan",
    "m": "report.unit.m",
    "%": "report.unit.percent",
}


@dataclass(frozen=True)
class Head:
    """A header and the cells it stands over; rows and columns count from nought, both included."""

    top: int
    left: int
    bottom: int
    right: int
    text: str


def column_title(column: ReportColumn, language: str, *, in_m2: bool = False) -> str:
    """A column's header with its unit.

    Args:
        in_m2: The form says above the table that its areas are in square metres.
    """
    title = translate(language, column.title_key)
    if not column.unit or (in_m2 and column.unit == "m2"):
        return title
    return f"{title}（{translate(language, _UNITS[column.unit])}）"


def heads_of(columns: Sequence[ReportColumn], language: str, *, in_m2: bool = False) -> list[Head]:
    """Every header of a table, those above others too."""
    last = max(len(column.above) for column in columns)
    found = [
        Head(len(column.above), at, last, at, column_title(column, language, in_m2=in_m2))
        for at, column in enumerate(columns)
    ]
    return [*_above(columns, last, language), *found]


def _above(columns: Sequence[ReportColumn], last: int, language: str) -> Iterator[Head]:
    for row in range(last):
        begins = 0
        for at in range(1, len(columns) + 1):
            said = columns[begins].above[: row + 1]
            if at < len(columns) and columns[at].above[: row + 1] == said and len(said) > row:
                continue
            if len(said) > row:
                yield Head(row, begins, row, at - 1, translate(language, said[row]))
            begins = at
