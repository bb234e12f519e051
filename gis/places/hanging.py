"""Hanging places in another one from a day on, and what follows them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.errors import InputError
from gis.places import edits
from gis.places.correcting import recell
from gis.places.shaping import FOLLOW, TREE
from gis.places.stating import empty_before, state


def hang(
    conn: Connection, place_ids: Sequence[int], above: Any | None, day: date | None
) -> Sequence[int]:
    """Hang places, with all in them, in another place; `record` and `touch` are the caller's.

    They follow it to its district; those without a spot of their own to its spot.

    Args:
        conn: As the web role, in the name of who does it.
        place_ids: Open places.
        above: Row of the other place: `place_id, kind, admin_area_code`; null: in nothing.
        day: Until when what they hung in stands in answers about the past; null corrects.

    Returns:
        The places that changed beside these.

    Raises:
        InputError: They were moved on that day or later already.
        Forbidden: One of them, or a part that follows, is not the account's to write.
    """
    ids = list(place_ids)
    asked = {"ids": ids, "day": day, "parent_id": above and above.place_id,
             "parent_kind": above and above.kind}  # fmt: skip
    if day is not None:
        known = conn.execute(text(_LAST_DAY), asked).scalar_one()
        if known is not None and day <= known:
            raise InputError("place.edit.day_before_known", day=day, known=known)
        edits.write(conn, _KEEP_FORMER, asked)
    empty = empty_before(conn, ids, ["parent_id"])
    if edits.write(conn, _HANG, asked) != len(ids):
        raise edits.beyond_rights()
    state(conn, ids, ["parent_id"], day, empty)
    if above is None:
        return []
    if above.kind == "floor":
        for table in ("room", "housing_unit"):
            edits.write(conn, _LEVEL.format(table=table), asked)
    return [*_follow_district(conn, ids, above), *_follow_spot(conn, asked)]


def _follow_district(conn: Connection, ids: Sequence[int], above: Any) -> list[int]:
    asked = {"ids": list(ids), "area": above.admin_area_code}
    if above.admin_area_code is None:
        return []
    elsewhere = list(conn.execute(text(_ELSEWHERE), asked).scalars())
    if elsewhere:
        recell(conn, elsewhere, area=above.admin_area_code)
    return elsewhere


def _follow_spot(conn: Connection, asked: dict[str, Any]) -> list[int]:
    moved = list(conn.execute(text(_SPOT), asked).scalars())
    for place_id in list(moved):
        moved += conn.execute(text(FOLLOW), {"place_id": place_id}).scalars()
    return moved


_LAST_DAY: Final = "SELECT max(valid_to) FROM place.former_parent WHERE place_id = ANY (:ids)"
_KEEP_FORMER: Final = """
INSERT INTO place.former_parent (place_id, parent_id, valid_from, valid_to, rights_cell)
SELECT p.place_id, p.parent_id, known.since, :day, p.rights_cell
FROM place.place AS p
CROSS JOIN LATERAL (SELECT greatest((SELECT max(f.valid_to) FROM place.former_parent AS f
                                     WHERE f.place_id = p.place_id), p.valid_from) AS since
) AS known
WHERE p.place_id = ANY (:ids) AND (known.since IS NULL OR known.since < :day)
"""
_HANG: Final = """
UPDATE place.place SET parent_id = :parent_id, parent_kind = :parent_kind
WHERE place_id = ANY (:ids)
"""
# Where a room says its level itself, it says that of its new floor.
_LEVEL: Final = """
UPDATE place.{table} AS k SET floor_level = f.level
FROM place.floor AS f
WHERE f.place_id = :parent_id AND k.place_id = ANY (:ids)
  AND k.floor_level IS NOT NULL AND k.floor_level <> f.level
"""
_ELSEWHERE: Final = f"""
SELECT p.place_id FROM place.place AS one
CROSS JOIN LATERAL ({TREE.replace(":place_id", "one.place_id")}) AS tree
JOIN place.place AS p ON p.place_id = tree.place_id
WHERE one.place_id = ANY (:ids) AND p.admin_area_code IS DISTINCT FROM :area
"""
_SPOT: Final = """
UPDATE place.place AS p SET anchor = above.anchor, located_by = 'ancestor'
FROM place.place AS above
WHERE above.place_id = :parent_id AND above.anchor IS NOT NULL AND p.place_id = ANY (:ids)
  AND p.geom IS NULL AND p.security_class < 3
  AND (p.located_by IS NULL OR p.located_by = 'ancestor') AND p.anchor IS DISTINCT FROM above.anchor
RETURNING p.place_id
"""
