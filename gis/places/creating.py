"""A new place by hand: under which parent, with which values, drawn or not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, text

from gis.clock import today
from gis.errors import Conflict, Forbidden, InputError, NotFound, Phrase
from gis.places import edits
from gis.places.actions import touch
from gis.places.codes import code_sql
from gis.places.correcting import OWN_NAMES, form_fields, read_values, write_of_kind
from gis.places.edits import Grounds
from gis.places.edits_model import EditKind
from gis.places.keeping import fields_of, protect
from gis.places.locating import districts_of
from gis.places.shaping import WRITE_SHAPE, read_shape, refuse_doubtful
from gis.tables import metadata

TOP_KINDS: Final = ("site", "building")
"""What need not hang in anything."""
_STUB: Final = 3


@dataclass(frozen=True)
class NewPlace:
    """What a person says of a new place.

    Args:
        kind: Its kind.
        parent_id: What it hangs in; null for one of `TOP_KINDS`.
        values: By field of its form.
        geometry: GeoJSON; null: its parent's place, or it waits for a location.
    """

    kind: str
    parent_id: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    geometry: object = None


def kinds_under(conn: Connection, parent_id: int | None) -> Sequence[str]:
    """Which kinds may be made under a place, or under none.

    Raises:
        NotFound: The account does not see the place.
    """
    if parent_id is None:
        return TOP_KINDS
    kind = conn.execute(
        text("SELECT kind FROM place.place WHERE place_id = :id"), {"id": parent_id}
    ).scalar_one_or_none()
    if kind is None:
        raise NotFound("place.not_found", place_id=parent_id)
    rows = conn.execute(
        text("SELECT kind FROM place.allowed_parent WHERE parent_kind = :kind ORDER BY kind"),
        {"kind": kind},
    )
    return tuple(row.kind for row in rows)


def create(
    conn: Connection, new: NewPlace, grounds: Grounds, *, confirmed: Collection[str] = ()
) -> int:
    """Make a place; its code follows the register's own rule.

    Its steward is whom the values name, else its parent's; its district that of its parent, else
    where it lies. What was entered is protected from loads. The caller renews what is derived.

    Raises:
        NotFound: The account does not see the parent.
        InputError: The kind does not hang there, a value cannot be, or the shape.
        Unconfirmed: The shape is odd, see `gis.places.shaping.refuse_doubtful`.
        Forbidden: The account may not write there.
        Conflict: The parent is a stub, or closed, or a load is at work.
    """
    grounds = grounds.checked()
    if new.kind not in kinds_under(conn, new.parent_id):
        raise InputError("place.edit.kind_not_there", kind=Phrase(f"place.kind.{new.kind}"))
    parent = None if new.parent_id is None else open_parent(conn, new.parent_id)
    if parent is None:
        edits.wait_for_loads(conn)
    values = _values(conn, new, parent)
    begins = values.get("valid_from") or grounds.effective_on
    check_begin(parent, begins)
    shape = None if new.geometry is None else read_shape(conn, new.kind, new.geometry)
    if shape is not None:
        refuse_doubtful(conn, shape, new.kind, parent_id=new.parent_id, place_id=None,
                        level=values.get("floor_level"), confirmed=confirmed)  # fmt: skip
    spot = Spot(
        new.kind, new.parent_id, parent and parent.kind,
        parent.admin_area_code if parent is not None else _district(conn, shape),
        0 if parent is None else parent.security_class,
    )  # fmt: skip
    place_id = insert_place(conn, spot, {**values, "valid_from": begins}, shape)
    for name in values:
        if values[name] is not None and name in fields_of(new.kind):
            protect(conn, place_id, name, reason=grounds.reason)
    edits.record(conn, [place_id], EditKind.CREATED, replace(grounds, effective_on=begins))
    touch(conn, [place_id])
    return place_id


def open_parent(conn: Connection, parent_id: int) -> Any:
    """The row of a place in which something is about to hang, locked.

    Raises:
        Conflict: It is closed, or as `edits.open_place`, like `NotFound` and `Forbidden`.
    """
    parent = edits.open_place(conn, parent_id)
    if parent.valid_to is not None:
        raise Conflict("place.edit.parent_closed", code=parent.code, day=parent.valid_to)
    return parent


def _values(conn: Connection, new: NewPlace, parent: Any) -> dict[str, Any]:
    blank = dict.fromkeys(one.name for one in form_fields(new.kind))
    values = {**blank, **read_values(conn, new.kind, new.values)}
    if values.get("steward_id") is None and parent is not None:
        values["steward_id"] = parent.steward_id
    for one in form_fields(new.kind):
        own = "place.place" if one.name in OWN_NAMES else f"place.{new.kind}"
        if not metadata.tables[own].columns[one.name].nullable and values.get(one.name) is None:
            raise InputError("place.edit.not_missing", field=Phrase(one.title_key))
    named = ("name", "address", "number", "label", "level", "meter_number")
    if not any(values.get(name) is not None for name in named):
        raise InputError("place.edit.nameless")
    return values


def check_begin(parent: Any, begins: date | None) -> None:
    """Nothing begins before what it hangs in; nulls are open.

    Raises:
        InputError: It would.
    """
    if parent is not None and begins and parent.valid_from and begins < parent.valid_from:
        raise InputError("place.edit.before_parent", day=begins, parent=parent.valid_from)


@dataclass(frozen=True)
class Spot:
    """Where a new place stands in the register: its kind, what it hangs in, district and class."""

    kind: str
    parent_id: int | None
    parent_kind: str | None
    admin_area_code: str | None
    security_class: int


def insert_place(
    conn: Connection, spot: Spot, values: Mapping[str, Any], shape: bytes | None
) -> int:
    """Write a new place with the row of its kind; its values and shape were looked at.

    Raises:
        Forbidden: The account may not write there.
    """
    asked = {
        "kind": spot.kind, "parent_id": spot.parent_id, "parent_kind": spot.parent_kind,
        "area": spot.admin_area_code, "class": spot.security_class, "today": today(),
        **{name: values.get(name) for name in sorted(OWN_NAMES)},
    }  # fmt: skip
    # Policies do not see a cell that comes to be in the statement they judge.
    asked["cell"] = conn.execute(text(_CELL), asked).scalar_one()
    if not conn.execute(text(_MAY), asked).scalar_one():
        raise Forbidden("place.edit.may_not_create")
    place_id: int = conn.execute(text(_INSERT), asked).scalar_one()
    if shape is not None:
        edits.write(conn, WRITE_SHAPE, {"place_id": place_id, "shape": shape})
    write_of_kind(conn, place_id, spot.kind, values)
    return place_id


def _district(conn: Connection, shape: bytes | None) -> str | None:
    if shape is None:
        return None
    spot = conn.execute(text(_ON_SURFACE), {"shape": shape}).one()
    found = districts_of(conn, [0], [spot.lon], [spot.lat], [None])[0]
    code: str | None = found.code
    return code


_CELL: Final = """
SELECT c.cell FROM rights.cells_for(
  ARRAY[CAST(:steward_id AS bigint)], ARRAY[CAST(:area AS text)], ARRAY[CAST(:class AS smallint)]
) AS c
"""
_MAY: Final = "SELECT EXISTS (SELECT FROM rights.my_write_cells WHERE cell = :cell)"
_ON_SURFACE: Final = """
SELECT ST_X(spot) AS lon, ST_Y(spot) AS lat
FROM (SELECT ST_PointOnSurface(ST_GeomFromWKB(:shape)) AS spot) AS found
"""
_INSERT: Final = f"""
INSERT INTO place.place
  (place_id, kind, code, name, address, use_status, steward_id, valid_from, stated_on, remark,
   parent_id, parent_kind, admin_area_code, security_class, anchor, located_by, rights_cell)
SELECT new.place_id, :kind, {code_sql("CAST(:area AS text)", ":kind", "new.place_id")},
       :name, :address, :use_status, :steward_id, CAST(:valid_from AS date),
       coalesce(CAST(:valid_from AS date), CAST(:today AS date)), :remark, :parent_id, :parent_kind,
       :area, :class, above.anchor,
       CASE WHEN above.anchor IS NOT NULL THEN 'ancestor' END, :cell
FROM (SELECT nextval(pg_get_serial_sequence('place.place', 'place_id')) AS place_id) AS new
LEFT JOIN place.place AS above ON above.place_id = CAST(:parent_id AS bigint)
RETURNING place_id
"""
