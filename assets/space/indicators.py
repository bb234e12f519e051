"""What of office space maps can colour areas and properties by, as area questions tell it."""

from typing import Final

from assets.space.area_lists import IS_ASSIGNABLE
from assets.space.vacancy import had_join, vacant_sql
from gis.themes.indicators import Indicator
from gis.themes.units import THEMED

_ROOMS: Final = f"""SELECT t.unit, {{}} AS amount, {{}} AS base
FROM pg_temp.themed_place AS t JOIN {{{{rooms}}}} AS m USING (place_id)
JOIN {{{{counted}}}} AS c ON c.place_id = t.place_id AND c.area_kind = 'usable'
{had_join("t", THEMED)}
WHERE t.kind = 'room' AND m.room_class {IS_ASSIGNABLE} GROUP BY t.unit"""
_ALL: Final = "sum(c.net_area_m2)"
_VACANT: Final = f"coalesce({_ALL} FILTER (WHERE {vacant_sql('t', 'm', 'had')}), 0)"


def _indicator(
    name: str, amount: str, base: str = "NULL", unit: str = "m2", per: str | None = None
) -> Indicator:
    rows = _ROOMS.format(amount, base)
    return Indicator(name, f"space.figure.{name}", "space.indicator_source.rooms", rows, unit, per)


INDICATORS: Final = (
    _indicator("assignable_area", _ALL),
    _indicator("vacant_area", _VACANT),
    _indicator("vacancy", _VACANT, _ALL, "share", "space.indicator_per.assignable_area"),
)
