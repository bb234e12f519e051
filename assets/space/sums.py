"""Rooms by class and vacancy: what questions read, and what is kept of it by squares."""

from typing import Final

from assets.space.vacancy import had_join, had_sql, uses_sql, vacant_sql
from gis.asked import beside
from gis.squares import OF_PLACE, KeptSums, SumTable
from gis.summed import COUNTS_ONCE, IN_ASKED_SQUARES

_RENEWED: Final = "pg_temp.renewed_place"
_USES: Final = f"""{_RENEWED} AS r
    JOIN ({uses_sql(f"IN (SELECT k.place_id FROM {_RENEWED} AS k)")}) AS u USING (place_id)
    WHERE r.kind = 'room'"""
_HAD: Final = f"""
SELECT r.place_id, r.day, {had_sql("r.day")} FROM {_USES} GROUP BY r.place_id, r.day"""
_SUMS: Final = ("rooms", "vacant_rooms", "measured_rooms", "area_m2", "vacant_m2")

SUMS: Final = KeptSums(
    tables=(
        SumTable(
            "space.room_sum",
            ("room_class",),
            _SUMS,
            f"""SELECT {OF_PLACE}, m.room_class, 1 AS rooms,
      {vacant_sql("r", "m", "had")}::integer AS vacant_rooms,
      (c.area_m2 IS NOT NULL)::integer AS measured_rooms, coalesce(c.net_area_m2, 0) AS area_m2,
      CASE WHEN {vacant_sql("r", "m", "had")} THEN coalesce(c.net_area_m2, 0) ELSE 0 END
        AS vacant_m2
    FROM {_RENEWED} AS r LEFT JOIN place.room AS m ON m.place_id = r.place_id
    LEFT JOIN pg_temp.renewed_counted AS c ON c.place_id = r.place_id AND c.day = r.day
      AND c.area_kind = 'usable'
    LEFT JOIN ({_HAD}) AS had ON had.place_id = r.place_id AND had.day = r.day
    WHERE r.kind = 'room'""",
        ),
    ),
    rests_on=(
        ("place.room", "SELECT k.place_id FROM {rows} AS k"),
        ("estate.holding_leaf", "SELECT k.place_id FROM {rows} AS k"),
        ("estate.holding", "SELECT k.place_id FROM {rows} AS k"),
    ),
    dated=(
        f"""SELECT r.x, r.y, lower(u.during) AS valid_from, upper(u.during) AS valid_to
    FROM {_USES}""",
    ),
)

ROOM_SUMS: Final = f"""
SELECT s.room_class,
  {", ".join(f"CAST(sum(s.{name}) AS bigint) AS {name}" for name in _SUMS[:3])},
  {", ".join(f"sum(s.{name}) AS {name}" for name in _SUMS[3:])}
FROM {IN_ASKED_SQUARES.format("space.room_sum")} WHERE {COUNTS_ONCE}
GROUP BY s.room_class HAVING sum(s.rooms) > 0"""


def rooms_sql(counted: str, rooms: str, *, is_few: bool) -> str:
    """SQL of the same of the rooms of `pg_temp.asked_place`.

    Args:
        counted: Table of the areas that count.
        rooms: Their classes on the day (`gis.places.then.Places`).
        is_few: Only some places are asked singly.
    """
    vacant = vacant_sql("a", "m", "had")
    area = "c.place_id = a.place_id AND c.area_kind = 'usable'"
    return f"""
SELECT m.room_class, count(*) AS rooms, count(*) FILTER (WHERE {vacant}) AS vacant_rooms,
  count(c.area_m2) AS measured_rooms, coalesce(sum(c.net_area_m2), 0) AS area_m2,
  coalesce(sum(c.net_area_m2) FILTER (WHERE {vacant}), 0) AS vacant_m2
FROM pg_temp.asked_place AS a
{beside(rooms, "m", "m.place_id = a.place_id", is_few=is_few, join="LEFT JOIN")}
{beside(counted, "c", area, is_few=is_few, join="LEFT JOIN")}
{had_join("a", None if is_few else "pg_temp.asked_place")}
WHERE a.kind = 'room' GROUP BY m.room_class"""
