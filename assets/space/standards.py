"""Rows of the standard: the country pack's, and before them the bureau's own from their day on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.services.packs import pack_rows
from assets.space.model import StandardKind
from assets.space.rules import Standard, StandardTable

Key = tuple[StandardKind, str | None, str | None]
"""What a row speaks of: kind, level, rank."""

_OWN: Final = """
SELECT s.standard_id, s.version, s.kind, s.level_code, s.rank_code, s.from_count, s.to_count,
       s.value, s.value_beyond, s.cap, s.valid_from, s.valid_to, s.rule_source, s.clause,
       s.source_url, s.note, s.is_confirmation, s.is_verified, s.compared_on, s.set_at,
       coalesce(c.title, c.name) AS compared_by, coalesce(a.title, a.name) AS set_by
FROM space.standard AS s
LEFT JOIN rights.account AS c ON c.account_id = s.compared_by
LEFT JOIN rights.account AS a ON a.account_id = s.set_by
ORDER BY s.kind, s.level_code, s.rank_code, s.valid_from NULLS FIRST"""


@dataclass(frozen=True)
class OwnRow:
    """A row of the bureau's own, and who wrote it.

    Args:
        version: Told with a change, so that the second of two is refused.
        is_confirmation: It says nothing of its own: somebody compared the pack's row.
        compared_by: Who compared it with the document; null: nobody, or not known.
        set_by: Who wrote it as it stands.
    """

    standard_id: int
    version: int
    row: Standard
    is_confirmation: bool
    compared_by: str | None
    compared_on: date | None
    set_by: str | None
    set_at: datetime


def key_of(row: Standard) -> Key:
    """What a row speaks of."""
    return row.kind, row.level, row.rank


def own_rows(conn: Connection, key: Key | None = None) -> Sequence[OwnRow]:
    """The bureau's own rows, past and coming ones too, by what they speak of and first day.

    Args:
        key: Of this alone.
    """
    found = [_own(row) for row in conn.execute(text(_OWN))]
    return [one for one in found if key is None or key_of(one.row) == key]


def counting_rows(own: Sequence[OwnRow], as_of: date) -> tuple[Standard, ...]:
    """The rows that `StandardTable` chooses from on a day.

    A row that only says that the pack's was compared ends where the pack has a newer one: what the
    document says since then nobody has compared yet.
    """
    newest: dict[Key, date] = {}
    for row in pack_standards():
        if row.holds_on(as_of) and row.valid_from:
            newest[key_of(row)] = max(row.valid_from, newest.get(key_of(row), row.valid_from))
    return (
        *pack_standards(),
        *(
            one.row
            for one in own
            if not one.is_confirmation
            or newest.get(key_of(one.row), date.min) <= (one.row.valid_from or date.min)
        ),
    )


def standards_in(own: Sequence[OwnRow], as_of: date) -> StandardTable:
    """The standard in force on a day: each row the bureau's own, else the pack's."""
    return StandardTable(counting_rows(own, as_of), as_of)


def standards_on(conn: Connection, as_of: date) -> StandardTable:
    """The same with the own rows that the register has."""
    return standards_in(own_rows(conn), as_of)


@cache
def pack_standards(pack: str = "cn") -> tuple[Standard, ...]:
    """The rows of a country pack, in its order."""
    rows = pack_rows(pack, "standard.csv")
    return tuple(_of_pack(row) for row in rows)


def _own(row: Any) -> OwnRow:
    stated = Standard(
        kind=StandardKind(row.kind),
        level=row.level_code,
        rank=row.rank_code,
        value=row.value,
        source=row.rule_source,
        from_count=row.from_count,
        to_count=row.to_count,
        value_beyond=row.value_beyond,
        cap=row.cap,
        clause=row.clause,
        source_url=row.source_url,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        is_verified=row.is_verified,
        note=row.note,
    )
    return OwnRow(
        row.standard_id,
        row.version,
        stated,
        row.is_confirmation,
        row.compared_by,
        row.compared_on,
        row.set_by,
        row.set_at,
    )


def _of_pack(row: Mapping[str, str]) -> Standard:
    def number(name: str) -> Decimal | None:
        return Decimal(row[name]) if row[name] else None

    def day(name: str) -> date | None:
        return date.fromisoformat(row[name]) if row[name] else None

    return Standard(
        kind=StandardKind(row["kind"]),
        level=row["level"] or None,
        rank=row["rank"] or None,
        value=number("value"),
        source=row["source"],
        from_count=number("from_count"),
        to_count=number("to_count"),
        value_beyond=number("value_beyond"),
        cap=number("cap"),
        clause=row["clause"] or None,
        source_url=row["source_url"] or None,
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
        is_verified=row["is_verified"] == "true",
        note=row["note"] or None,
        is_default=True,
    )
