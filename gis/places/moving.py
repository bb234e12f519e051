"""Moving a place: a building to another site, a room to another floor, with all in it."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.errors import Conflict, Forbidden, InputError, NotFound, Phrase
from gis.places import edits
from gis.places.actions import touch
from gis.places.correcting import open_as_seen
from gis.places.creating import TOP_KINDS, check_begin, kinds_under, open_parent
from gis.places.edits import Grounds
from gis.places.edits_model import EditKind
from gis.places.hanging import hang
from gis.places.names import shown_name
from gis.places.shaping import refuse_doubtful, settle_district

MOST_OFFERED: Final = 30


def parents_for(conn: Connection, place_id: int, words: str) -> Sequence[Any]:
    """What a place could hang in instead, the nearest first.

    Args:
        conn: Within a session.
        place_id: Which.
        words: In its name, address or code, or those of what it hangs in itself; blank: any near.

    Returns:
        `place_id, kind, code, name, above` (name of what it hangs in; null: nothing), at most
        `MOST_OFFERED`: open places that the account may write.
    """
    like = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    asked = {"place_id": place_id, "like": f"%{like}%", "is_near": not words,
             "most": MOST_OFFERED}  # fmt: skip
    return conn.execute(text(_PARENTS), asked).all()


def move(
    conn: Connection,
    place_id: int,
    parent_id: int | None,
    *,
    seen_version: str,
    grounds: Grounds,
    confirmed: Collection[str] = (),
) -> Sequence[int]:
    """Hang a place in another one, with all in it.

    From a later day on, what it hung in till then goes on to answer for the days before. The caller
    renews what is derived.

    Args:
        conn: As the web role, in the name of who does it.
        place_id: Which; it is open.
        parent_id: In what; null: in nothing, for one of `TOP_KINDS`.
        seen_version: Of the form that its author saw.
        grounds: Why, and from which day; without one it never hung where it did.
        confirmed: Names of doubts that were said yes to.

    Returns:
        The places that changed.

    Raises:
        EditedMeanwhile: Somebody was first.
        InputError: It cannot hang there, or hangs there already; days backwards.
        Unconfirmed: Its shape leaves the other place, or lies over what is there.
        Conflict: The other place is closed, a stub, or stricter guarded.
        NotFound, Forbidden: As `edits.open_place`, of the place and of both it hangs in.
    """
    grounds = grounds.checked()
    place, form = open_as_seen(conn, place_id, seen_version)
    if place.valid_to is not None:
        raise Conflict("place.close.already", day=place.valid_to)
    above = _above(conn, place, parent_id)
    _check_former(conn, place)
    day = grounds.effective_on
    if day is not None and place.valid_from and day <= place.valid_from:
        raise InputError("place.edit.day_before_known", day=day, known=place.valid_from)
    check_begin(above, day or place.valid_from)
    edits.refuse_hidden_parts(conn, place_id)
    _refuse_outside(conn, place, form, parent_id, confirmed)
    changed = [place_id, *hang(conn, [place_id], above, day)]
    if above is None:
        changed += settle_district(conn, place_id, None, place.admin_area_code)
    edits.record(conn, [place_id], EditKind.MOVED, grounds)
    touch(conn, [one for one in (place_id, parent_id, place.parent_id) if one is not None])
    return list(dict.fromkeys(changed))


def _above(conn: Connection, place: Any, parent_id: int | None) -> Any | None:
    """What the place is to hang in, locked; null: nothing."""
    if parent_id == place.parent_id:
        raise InputError("place.edit.nothing_changed")
    if parent_id is None:
        if place.kind not in TOP_KINDS:
            raise InputError("place.move.needs_parent", kind=Phrase(f"place.kind.{place.kind}"))
        return None
    asked = {"place_id": place.place_id, "parent_id": parent_id}
    if conn.execute(text(_IS_INSIDE), asked).scalar_one():
        raise InputError("place.move.into_itself")
    above = open_parent(conn, parent_id)
    if place.kind not in kinds_under(conn, parent_id):
        raise InputError("place.move.not_there", kind=Phrase(f"place.kind.{place.kind}"),
                         parent=Phrase(f"place.kind.{above.kind}"))  # fmt: skip
    if above.security_class > place.security_class:
        raise Conflict("place.move.guarded", code=above.code)
    return above


def _check_former(conn: Connection, place: Any) -> None:
    """What it leaves changes too: its areas, what stands in it."""
    if place.parent_id is None:
        return
    try:
        edits.may_open(conn, place.parent_id)
    except NotFound as error:
        raise Forbidden("place.edit.beyond_rights") from error


def _refuse_outside(
    conn: Connection, place: Any, form: Any, parent_id: int | None, confirmed: Collection[str]
) -> None:
    shape = conn.execute(text(_SHAPE), {"place_id": place.place_id}).scalar_one()
    if shape is not None:
        refuse_doubtful(
            conn, bytes(shape), place.kind, parent_id=parent_id, place_id=place.place_id,
            level=form.values.get("floor_level"), confirmed=confirmed, may_be_apart=True,
        )  # fmt: skip


_IS_INSIDE: Final = """
WITH RECURSIVE up AS (
  SELECT p.place_id, p.parent_id FROM place.place AS p WHERE p.place_id = :parent_id
  UNION
  SELECT p.place_id, p.parent_id FROM up JOIN place.place AS p ON p.place_id = up.parent_id
)
SELECT EXISTS (SELECT FROM up WHERE place_id = :place_id)
"""
_SHAPE: Final = "SELECT ST_AsBinary(geom) FROM place.place WHERE place_id = :place_id"
_PARENTS: Final = f"""
SELECT p.place_id, p.kind, p.code, coalesce({shown_name("p")}, p.code) AS name,
       (SELECT coalesce({shown_name("up")}, up.code) FROM place.place AS up
        WHERE up.place_id = p.parent_id) AS above
FROM place.place AS own
JOIN place.allowed_parent AS may ON may.kind = own.kind
JOIN place.place AS p ON p.kind = may.parent_kind
LEFT JOIN place.place AS beside ON beside.place_id = own.parent_id
LEFT JOIN place.place AS over ON over.place_id = p.parent_id
WHERE own.place_id = :place_id AND p.valid_to IS NULL AND p.security_class < 3
  AND p.place_id <> own.place_id AND p.place_id IS DISTINCT FROM own.parent_id
  AND p.rights_cell IN (SELECT cell FROM rights.my_write_cells)
  AND CASE WHEN :is_near
      THEN p.parent_id = beside.parent_id OR p.anchor && ST_Expand(own.anchor, 0.02)
      ELSE p.code ILIKE :like OR p.name ILIKE :like OR p.address ILIKE :like
        OR over.code ILIKE :like OR over.name ILIKE :like OR over.address ILIKE :like END
ORDER BY p.parent_id IS NOT DISTINCT FROM beside.parent_id DESC, p.anchor <-> own.anchor, p.code
LIMIT :most
"""
