"""The list of requests as plain tables, for a file."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from assets.report import Report, ReportColumn, ReportTable

_COLUMNS: Final = (
    ReportColumn("number", "requests.column.number"),
    ReportColumn("item", "requests.column.item", says="requests.item.{}"),
    ReportColumn("body_name", "requests.column.body"),
    ReportColumn("state", "requests.column.state", says="requests.state.{}"),
    ReportColumn("reason", "requests.field.reason"),
    ReportColumn("needed_m2", "requests.field.needed_m2", "m2"),
    ReportColumn("area_name", "requests.field.admin_area_code"),
    ReportColumn("amount_yuan", "requests.field.amount_yuan"),
    ReportColumn("budget_yuan", "requests.field.budget_yuan"),
    ReportColumn("from_on", "requests.field.from_on"),
    ReportColumn("due_on", "requests.field.due_on"),
    ReportColumn("days_over", "requests.column.days_over"),
    ReportColumn("checked_on", "requests.column.checked_on"),
    ReportColumn("decision_document", "requests.field.decision_document"),
)


def requests_report(rows: Sequence[Mapping[str, Any]], as_of: date, total: int) -> Report:
    """Requests as `list_requests` answers them, with how many days each is past its day.

    Args:
        total: How many there are; of more than the rows a note says so.
    """
    listed = [
        {**row, "days_over": (as_of - row["due_on"]).days if row["is_overdue"] else None}
        for row in rows
    ]
    table = ReportTable("requests", "requests.title", _COLUMNS, listed)
    cut = ("requests.file_cut", {"count": len(listed), "total": total})
    return Report(
        "requests", "requests.title", as_of, (table,), (cut,) if total > len(listed) else ()
    )
