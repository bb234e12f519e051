"""What forms of office space have in common: columns, and what their figures leave out."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection

from assets.estate.reconciled import UNVERIFIED_RULES
from assets.report import ReportColumn
from assets.space.queries import REPORT, Verdict
from assets.space.rules import rounded
from gis.places.counted import uses_unverified_rules

Notes = list[tuple[str, Mapping[str, Any]]]
CLASSES: Final = ("office", "service", "equipment", "ancillary", "technical", "vacant")
"""Of rooms, as the forms list them; what is vacant stands for itself."""
BASIC: Final = CLASSES[:3]


def said(
    name: str, unit: str | None = None, *above: str, says: str | None = None, spans: bool = False
) -> ReportColumn:
    """A column whose header is `space.form.<name>`, those above it `space.form.<above>`."""
    keys = tuple(f"space.form.{one}" for one in above)
    return ReportColumn(name, f"space.form.{name}", unit, says, keys, spans)


def titled(
    field: str, title: str, unit: str | None = None, *above: str, spans: bool = False
) -> ReportColumn:
    """A column whose header is not named after its field."""
    keys = tuple(f"space.form.{one}" for one in above)
    return ReportColumn(field, f"space.form.{title}", unit, None, keys, spans)


def shown(area_m2: Decimal | None) -> Decimal | None:
    """An area as forms print it; null stays null, and is no nought."""
    return None if area_m2 is None else rounded(area_m2)


def left_out(conn: Connection, as_of: date, found: Sequence[Verdict]) -> Notes:
    """What figures made of verdicts leave out, with its number, and which rules nobody verified."""
    rooms = [(each, one.body) for one in found for each in one.rooms]
    counted: dict[str, int] = {
        "unmeasured": sum(each.unmeasured for each, _ in rooms),
        "unclassed": sum(each.rooms for each, _ in rooms if each.room_class is None),
        "untold": sum(one.is_untold and bool(one.rooms) for one in found),
        "roomless": sum(not one.rooms for one in found),
        "shared_alike": sum(each.shared_alike for each, _ in rooms),
    }
    notes: Notes = [
        (f"space.form.note.{name}", {"count": count}) for name, count in counted.items() if count
    ]
    if uses_unverified_rules(conn, as_of, REPORT):
        notes.append(UNVERIFIED_RULES)
    return notes
