"""Which rooms are vacant on a day, as SQL.

A room is vacant on a day on which nobody has it or a part of it, if it is stated to be idle or
empty, or if somebody had it before. One that nobody was ever said to have, and nobody calls vacant,
is not: who sits there has only not been told. A leaf of a holding carries the cell of its room, and
what is said of the room itself too, so whoever sees the room sees whether somebody has it, even
where the floor or the building that it was said of is hidden.
"""

from typing import Final

DAY: Final = "CAST(:as_of AS date)"
# Whole rooms by whichever place it was said of; of a part of a room there are no leaves.
_USES: Final = """
  SELECT l.place_id, l.during FROM estate.holding_leaf AS l
  WHERE l.exclusive_group = 'use' AND l.place_id {0}
  UNION ALL
  SELECT h.place_id, daterange(h.valid_from, h.valid_to) FROM estate.holding AS h
  WHERE h.extent <> 'whole' AND h.kind IN ('occupies', 'lets_out', 'lends', 'reserves')
    AND h.place_id {0}"""


def uses_sql(rooms: str) -> str:
    """SELECT of `place_id, during` of who has rooms, or parts of them, at any time.

    Args:
        rooms: What stands behind their `place_id`, such as `IN (...)`.
    """
    return _USES.format(rooms)


def had_sql(day: str) -> str:
    """What `uses_sql AS u` says of a room on a day, over its rows."""
    return f"bool_or(u.during @> {day}) AS is_taken, bool_or(upper(u.during) <= {day}) AS was_taken"


def vacant_sql(place: str, room: str, had: str) -> str:
    """Condition that a room is vacant.

    Args:
        place: Alias of what tells its use status.
        room: Of `place.room`.
        had: Of what `had_join` joins.
    """
    stated = f"{place}.use_status = 'idle' OR {room}.room_class = 'vacant'"
    return f"({had}.is_taken IS NOT TRUE AND ({stated} OR {had}.was_taken) IS TRUE)"


def had_join(alias: str, among: str | None) -> str:
    """SQL that joins, as `had`, whether somebody has a room and whether somebody had.

    Args:
        alias: Of the rooms that are asked about.
        among: A table with all their `place_id`; null: they are few, and looked up one by one.
    """
    held = had_sql(DAY)
    if among is None:
        uses = uses_sql(f"= {alias}.place_id")
        return f"LEFT JOIN LATERAL (SELECT {held} FROM ({uses}) AS u OFFSET 0) AS had ON true"
    uses = uses_sql(f"IN (SELECT among.place_id FROM {among} AS among)")
    return (
        f"LEFT JOIN (SELECT u.place_id, {held} FROM ({uses}) AS u GROUP BY u.place_id) AS had"
        f" ON had.place_id = {alias}.place_id"
    )
