"""The lists behind the figures of rooms in an area."""

from collections.abc import Mapping
from typing import Final

from assets.estate.area_lists import COUNTED_ROOM_COLUMNS, COUNTED_ROOMS, Lister, lister
from assets.space.vacancy import had_join, vacant_sql

ASSIGNABLE: Final = ("office", "service", "vacant")
"""Classes of the rooms that are given to bodies. Equipment and ancillary rooms serve the house, and
technical rooms (技术业务用房) stand outside the standard."""
IS_ASSIGNABLE: Final = f"IN {ASSIGNABLE}"
_OF_CLASS: Final = f" AND r.room_class {IS_ASSIGNABLE}"
_VACANT: Final = COUNTED_ROOMS.replace("WHERE", f"{had_join('p', 'pg_temp.asked_place')} WHERE", 1)
_IS_VACANT: Final = f"{_OF_CLASS} AND {vacant_sql('a', 'r', 'had')}"

LISTS: Final[Mapping[str, Lister]] = {
    "assignable_rooms": lister(COUNTED_ROOMS, COUNTED_ROOM_COLUMNS, _OF_CLASS),
    "vacant_rooms": lister(_VACANT, COUNTED_ROOM_COLUMNS, _IS_VACANT),
    "unmeasured_rooms": lister(
        COUNTED_ROOMS, COUNTED_ROOM_COLUMNS, f"{_OF_CLASS} AND c.area_m2 IS NULL"
    ),
}
"""By name; every figure of rooms names one."""
