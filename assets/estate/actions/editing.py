"""What people change in a place on the map: its values, taking back; with all that follows."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from assets.estate.actions.holdings import refresh_edited
from gis.places import correcting, creating, measuring, moving, shaping, taking_back
from gis.places.creating import NewPlace
from gis.places.edits import Grounds
from gis.places.measuring import Measure


def correct_place(
    conn: Connection,
    place_id: int,
    values: Mapping[str, Any],
    *,
    seen_version: str,
    grounds: Grounds,
) -> Sequence[int]:
    """Correct a place's values; see `gis.places.correcting.correct` for what may be wrong."""
    changed = correcting.correct(conn, place_id, values, seen_version=seen_version, grounds=grounds)
    refresh_edited(conn)
    return changed


def redraw_place(
    conn: Connection,
    place_id: int,
    geometry: object,
    *,
    seen_version: str,
    grounds: Grounds,
    moves_parts: bool = False,
    confirmed: Collection[str] = (),
) -> Sequence[int]:
    """Give a place another shape; see `gis.places.shaping.redraw`."""
    changed = shaping.redraw(
        conn, place_id, geometry, seen_version=seen_version, grounds=grounds,
        moves_parts=moves_parts, confirmed=confirmed,
    )  # fmt: skip
    refresh_edited(conn)
    return changed


def create_place(
    conn: Connection, new: NewPlace, grounds: Grounds, *, confirmed: Collection[str] = ()
) -> int:
    """Make a place; see `gis.places.creating.create`."""
    place_id = creating.create(conn, new, grounds, confirmed=confirmed)
    refresh_edited(conn)
    return place_id


def move_place(
    conn: Connection,
    place_id: int,
    parent_id: int | None,
    *,
    seen_version: str,
    grounds: Grounds,
    confirmed: Collection[str] = (),
) -> Sequence[int]:
    """Hang a place in another one; see `gis.places.moving.move`."""
    changed = moving.move(
        conn, place_id, parent_id, seen_version=seen_version, grounds=grounds, confirmed=confirmed
    )
    refresh_edited(conn)
    return changed


def state_area(
    conn: Connection,
    place_id: int,
    measure: Measure,
    *,
    measure_id: int | None = None,
    seen_version: str = "",
    grounds: Grounds,
) -> None:
    """State an area of a place, or correct one; see `gis.places.measuring.state_area`."""
    measuring.state_area(
        conn, place_id, measure, measure_id=measure_id, seen_version=seen_version,
        grounds=grounds,
    )  # fmt: skip
    refresh_edited(conn)


def take_edit_back(conn: Connection, place_id: int, edit_id: int) -> Sequence[int]:
    """Take one's last edit of a place back; see `gis.places.taking_back.take_back`."""
    left = taking_back.take_back(conn, place_id, edit_id)
    refresh_edited(conn)
    return left
