"""Indicators: numbers that can be told of any set of places, so that maps colour areas by them.

A domain registers its own (`DomainModule.indicators`); themes, their legends and their tables know
no indicator by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, text

from gis.places.counted import counted_areas
from gis.places.then import places_as_of


@dataclass(frozen=True)
class Indicator:
    """A number of a set of places: a sum, or a sum divided by another.

    Args:
        name: Its key, unique within the domain.
        title_key: Message key of its title.
        source_key: Message key of where its figures come from.
        rows: SQL of one row `(unit, amount, base)` for each unit that has a figure, over
            `pg_temp.themed_place` (`unit, place_id, kind, is_property, use_status, has_address,
            has_shape`) and `pg_temp.themed_unit` (`unit, ground_area_m2`). `{counted}` stands for
            the table of areas that count, `{rooms}` for classes of rooms, `:as_of` for the day. A
            unit without a row, and one whose base is null or 0, has no figure: that is not the same
            as 0.
        unit: Unit of the value: `m2`, `share`, `years`, `m2_per_person`, `m2_per_km2`; null for
            plain counts.
        per_key: Message key of what the sum is divided by; null where it is divided by nothing.
        is_of_places: Whether it tells something about a single property too.
    """

    name: str
    title_key: str
    source_key: str
    rows: str
    unit: str | None = None
    per_key: str | None = None
    is_of_places: bool = True


@dataclass(frozen=True)
class Measured:
    """An indicator of one unit; the value is null where there is no figure."""

    amount: float
    base: float | None
    value: float | None


def measure(conn: Connection, indicator: Indicator, as_of: date) -> Mapping[str, Measured]:
    """The indicator of every unit that has a figure, as of a day, under the asker's rights.

    Args:
        conn: Within a session, after `gis.themes.units` has filled its temporary tables.
        indicator: Which.
        as_of: The day.

    Returns:
        By unit; a unit without a figure may be missing.
    """
    query = indicator.rows.replace("{counted}", counted_areas(conn, as_of))
    if "{rooms}" in query:
        query = query.replace("{rooms}", places_as_of(conn, as_of).rooms)
    return {
        str(row.unit): _measured(indicator, row.amount, row.base)
        for row in conn.execute(text(query), {"as_of": as_of})
        if row.amount is not None
    }


def _measured(indicator: Indicator, amount: Decimal | float, base: Any) -> Measured:
    top = float(amount)
    if indicator.per_key is None:
        return Measured(top, None, top)
    bottom = None if base is None else float(base)
    return Measured(top, bottom, top / bottom if bottom else None)
