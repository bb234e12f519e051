"""办公用房使用情况公示表: what a body uses, room by room, as it is put up inside every year."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from assets.report import NOTHING_CHOSEN, Choice, Form, Report, ReportBuilder, ReportTable
from assets.space.forms.noted import BASIC, CLASSES, Notes, left_out, said, shown, titled
from assets.space.forms.vacated import require_body
from assets.space.held import HeldRoom, rooms_held_by
from assets.space.queries import Verdict, bodies, verdicts

_NAME: Final = "publication"
_SUM: Final = "-"
MOST_LISTED: Final = 20_000
"""Rooms listed one by one; of a register with more, those of a chosen body are."""
_CLASS: Final = "space.form.class.{}"
_CLASS_COLUMNS: Final = (
    said("code", spans=True), said("body", spans=True), said("quota", spans=True),
    said("room_class", says=_CLASS), said("rooms"), titled("area_m2", "usable", "m2"),
    titled("entitled_m2", "entitled", "m2"), said("unmeasured"),
)  # fmt: skip
_ROOM_COLUMNS: Final = (
    said("body"), said("building"), said("floor"), said("room"), said("code"),
    said("room_class", says=_CLASS), titled("area_m2", "usable", "m2"),
    titled("part_m2", "part", "m2"), said("shared_with"), said("users"), said("photos"),
    said("photo_link"), said("remark"),
)  # fmt: skip


def build_published(conn: Connection, as_of: date, choice: Choice = NOTHING_CHOSEN) -> Report:
    """By body: what it has of each class beside what it may have; and each of its rooms.

    How many people sit in a room is told where somebody stated it; that number else, and a link to
    photos, are left for the body to fill in.

    Raises:
        InputError: There is no such body.
    """
    require_body(conn, choice.body)
    chosen = [one for one in bodies(conn, as_of) if choice.body in (None, one.code)]
    found = verdicts(conn, as_of, of=chosen)
    count = sum(each.rooms for one in found for each in one.rooms)
    notes: Notes = [("space.published.note", {})]
    rooms: Sequence[dict[str, Any]] = []
    if count > MOST_LISTED and len(found) > 1:
        notes.append(("space.published.too_many", {"count": count, "most": MOST_LISTED}))
    else:
        rooms = list(_rooms(conn, as_of, found))
    if choice.body is not None and not found:
        notes.append(("space.published.not_covered", {}))
    tables = (
        ReportTable("classes", "space.published.classes", _CLASS_COLUMNS,
                    [row for one in found for row in _classes(one)], ("code", "room_class"),
                    spans="code"),
        ReportTable("rooms", "space.published.rooms", _ROOM_COLUMNS, rooms,
                    ("code", "body_code"), "code"),
    )  # fmt: skip
    notes += left_out(conn, as_of, found)
    form = Form(filed_by=found[0].body.name if len(found) == 1 else None)
    return Report(_NAME, "space.published.title", as_of, tables, tuple(notes), form)


def _classes(one: Verdict) -> Iterator[dict[str, Any]]:
    """The classes that the standard limits, and others that a body has rooms of."""
    had = {each.room_class: each for each in one.rooms}
    may_have = {each.room_class: each.entitled_m2 for each in one.compared[:-1]}
    name: str | None
    for name in (*CLASSES, None):
        each = had.get(name)
        if each is None and name not in BASIC:
            continue
        yield {
            "code": one.body.code,
            "body": one.body.name,
            "quota": one.entitlement.quota,
            "room_class": name or "unstated",
            "rooms": each.rooms if each else 0,
            "area_m2": shown(each.area_m2) if each and each.unmeasured < each.rooms else None,
            "entitled_m2": shown(may_have.get(name)),
            "unmeasured": each.unmeasured if each else 0,
        }


def _rooms(conn: Connection, as_of: date, found: Sequence[Verdict]) -> Iterator[dict[str, Any]]:
    held = rooms_held_by(conn, as_of, [one.body.organization_id for one in found])
    for one in found:
        for room in held[one.body.organization_id]:
            yield _room(one, room)


def _room(one: Verdict, room: HeldRoom) -> dict[str, Any]:
    return {
        "body_code": one.body.code,
        "body": one.body.name,
        "building": room.building,
        "floor": room.floor,
        "room": room.number or room.name,
        "code": room.code,
        "room_class": room.room_class or "unstated",
        "area_m2": shown(room.area_m2),
        "part_m2": shown(room.part_m2),
        "shared_with": list(room.others) or None,
        "users": room.heads,
        "photos": room.photos or None,
        "photo_link": None,
        "remark": None,
    }


PUBLISHED: Final = ReportBuilder(
    _NAME, "space.published.title", build_published,
    ("organization_level", "rank", "room_class"), takes=("body",),
)  # fmt: skip
