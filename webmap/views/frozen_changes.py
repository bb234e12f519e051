"""What changed since a report was frozen, as tables for a file: each figure with its causes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from assets.report import Report, ReportColumn, ReportTable
from assets.services.changes import Rerun
from assets.services.frozen import Cause, ChangedFigure
from gis.clock import ZONE
from webmap.language import say
from webmap.views.jobs import account_word

OTHER_TITLES: Final[Mapping[str, str]] = {
    "area_m2": "campaign.page.area_m2",
    "name": "campaign.page.name_of",
    "room_class": "space.column.room_class",
    "people": "space.column.quota",
    "level_code": "space.column.level",
}
"""Titles of columns that change figures without standing in the report."""
_FIGURES: Final = (
    ReportColumn("row", "campaign.page.row"),
    ReportColumn("figure", "campaign.page.figure"),
    ReportColumn("was", "campaign.page.was_frozen"),
    ReportColumn("now", "campaign.page.is_now"),
    ReportColumn("changed_at", "campaign.page.changed_at"),
    ReportColumn("who", "campaign.page.changed_by"),
    ReportColumn("through", "campaign.page.through"),
    ReportColumn("cause", "campaign.page.cause"),
)
_RULES: Final = (
    ReportColumn("source", "campaign.page.rule"),
    ReportColumn("was", "campaign.page.was_frozen"),
    ReportColumn("now", "campaign.page.is_now"),
)


def titles_of(again: Rerun) -> dict[str, str]:
    """Message keys of the titles of figures and of what changes them, by field."""
    columns = (column for table in again.tables for column in table.columns)
    return {**{column.field: column.title_key for column in columns}, **OTHER_TITLES}


def says_of(again: Rerun) -> dict[str, str]:
    """How the values of figures that are words are said, by field."""
    columns = (column for table in again.tables for column in table.columns)
    return {column.field: column.says for column in columns if column.says}


def changes_report(again: Rerun) -> Report:
    """A row for each figure and each change that explains it, then the rules that changed."""
    titles, says = titles_of(again), says_of(again)
    figures = [row for one in again.figures for row in _rows(one, titles, says)]
    rules = [
        {"source": one["source"], "was": _written(one["was"]), "now": _written(one["now"])}
        for one in again.rules
    ]
    return Report(
        "frozen_changes",
        "campaign.page.changed_since",
        again.frozen.as_of,
        (
            ReportTable("figures", "campaign.page.changed_since", _FIGURES, figures),
            ReportTable("rules", "campaign.page.changed_rules", _RULES, rules),
        ),
        (
            (
                "campaign.page.frozen_note",
                {
                    "as_of": again.frozen.as_of.isoformat(),
                    "at": f"{again.frozen.made_at.astimezone(ZONE):%Y-%m-%d %H:%M}",
                    "by": account_word(again.frozen.made_by) or "",
                    "snapshot": again.frozen.snapshot,
                },
            ),
            *([] if again.with_sums else [("campaign.page.sums_not_compared", {})]),
        ),
    )


def _rows(
    one: ChangedFigure, titles: Mapping[str, str], says: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    figure = {
        "row": one.row_key,
        "figure": _title(one.field, titles),
        "was": _value(one.was, says.get(one.field)),
        "now": _value(one.now, says.get(one.field)),
    }
    if not one.causes:
        yield {**figure, "cause": say("campaign.page.follows_from_rows")}
    for cause in one.causes:
        yield {
            **figure,
            "changed_at": cause.changed_at,
            "who": account_word(cause.who) or say("campaign.page.nobody"),
            "through": say("campaign.page.by_load", load_id=cause.load_id, file=cause.file_name)
            if cause.load_id
            else None,
            "cause": _told(cause, titles),
        }


def _told(cause: Cause, titles: Mapping[str, str]) -> str:
    kind = say(f"kept.{cause.source.replace('.', '_')}")
    changed = "; ".join(
        f"{_title(name, titles)} {_or_dash(before)} → {_or_dash(after)}"
        for name, before, after in cause.columns
        if before != after
    )
    return " ".join(
        filter(None, (say(f"campaign.page.operation.{cause.operation}"), kind, changed))
    )


def _title(field: str, titles: Mapping[str, str]) -> str:
    return say(titles[field]) if field in titles else field


def _value(value: Any, says: str | None) -> Any:
    if says and isinstance(value, str):
        return say(says.format(value))
    if isinstance(value, bool):
        return say("campaign.page.yes" if value else "campaign.page.no")
    return value


def _or_dash(value: str | None) -> str:
    return "–" if value is None else value


def _written(row: Any) -> str | None:
    """A row of a rule in a line: column and value."""
    if not row:
        return None
    return "; ".join(f"{name}={value}" for name, value in dict(row).items() if value is not None)
