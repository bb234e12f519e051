"""Archives of properties as a report: what each category holds, and of each property what lacks."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, RowMapping

from assets.report import Report, ReportBuilder, ReportColumn, ReportTable
from assets.services.archive import Category, archives, categories

NAME: Final = "archive"
_TITLE: Final = "archive.title"


def _column(name: str, says: str | None = None) -> ReportColumn:
    return ReportColumn(name, f"archive.column.{name}", None, says)


_SUMMARY: Final = (
    _column("category", "archive.category.{}"),
    _column("with_files"),
    _column("without_files"),
    _column("files"),
    _column("source"),
    _column("is_verified", "archive.verified.{}"),
)
_PROPERTY: Final = (
    *(
        ReportColumn(name, f"estate.column.{name}")
        for name in ("code", "name", "address", "district")
    ),
    ReportColumn("steward", "estate.ledgers.steward"),
)


def build_archive(conn: Connection, as_of: date) -> Report:
    """What the archive of every property holds on a day, and which categories are empty."""
    known = categories(as_of)
    found = archives(conn, as_of)
    columns = (
        *_PROPERTY,
        *(ReportColumn(one.category, f"archive.category.{one.category}") for one in known),
        _column("files"),
        _column("originals"),
        _column("empty"),
    )
    tables = (
        ReportTable(
            "summary", "archive.table.summary", _SUMMARY, _summed(known, found), ("category",)
        ),
        ReportTable(
            "properties", "archive.table.properties", columns,
            [_property(known, one) for one in found], ("code",), "code",
        ),
    )  # fmt: skip
    return Report(NAME, _TITLE, as_of, tables, (("archive.basis", {}),))


def empty_of(known: Sequence[Category], held: Mapping[str, Any]) -> list[str]:
    """The categories of which an archive holds no file, in their order."""
    return [one.category for one in known if not held.get(one.category)]


def _summed(known: Sequence[Category], found: Sequence[RowMapping]) -> list[dict[str, Any]]:
    rows = []
    for one in known:
        counts = [row["by_category"].get(one.category, 0) for row in found]
        rows.append(
            {
                "category": one.category,
                "with_files": sum(count > 0 for count in counts),
                "without_files": sum(count == 0 for count in counts),
                "files": sum(counts),
                "source": one.said,
                "is_verified": "yes" if one.is_verified else "no",
            }
        )
    return rows


def _property(known: Sequence[Category], row: RowMapping) -> dict[str, Any]:
    held = row["by_category"]
    return {
        **{column.field: row[column.field] for column in _PROPERTY},
        **{one.category: held.get(one.category, 0) for one in known},
        "files": int(row["files"]),
        "originals": int(row["originals"]),
        "empty": len(empty_of(known, held)),
    }


ARCHIVE: Final = ReportBuilder(NAME, _TITLE, build_archive)
