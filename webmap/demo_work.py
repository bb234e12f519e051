"""What would lie on a bureau's desk in the sample city: certificates, an inspection, requests.

An empty register of certificates shows nobody what it is for. All of it is written by the actions
that people use, so it is bound to the same rules.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, islice
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.campaign.actions.issue import Selection
from assets.certificates.actions import Wording, issue
from assets.certificates.queries import rooms_of_body
from assets.inspection.actions.planning import Plan, plan_inspection
from assets.inspection.actions.rectifying import issue_for_finding, issue_for_verdict
from assets.inspection.actions.visiting import add_finding, finish_visit, save_answer
from assets.inspection.model import Answer, Kind
from assets.inspection.queries import find_visit, items, visits
from assets.requests.actions.drafting import open_request
from assets.requests.actions.returning import ask_back
from assets.requests.actions.stock import look_through
from assets.requests.model import Item, OldRooms, ReturnKind
from assets.requests.rules import Draft
from assets.requests.workflows import REQUESTS
from assets.services.cases import find_case, take
from assets.space.comparing import State
from assets.space.queries import Verdict, all_of
from gis.clock import today
from gis.db import Database, Role, transaction
from webmap.console import Console
from webmap.database import open_operator_session

_CERTIFIED: Final = 8
_VISITED: Final = 5
_FINISHED: Final = 3
_ROOMS: Final = 200
_BUREAU: Final = "示例市机关事务管理局"
_NEAR: Final = "SELECT ST_X(anchor), ST_Y(anchor) FROM place.place WHERE place_id = :place_id"
_IS_UNTOUCHED: Final = """
SELECT NOT EXISTS (SELECT FROM services.number_given)
  AND NOT EXISTS (SELECT FROM certificates.certificate)
  AND NOT EXISTS (SELECT FROM inspection.inspection)
  AND NOT EXISTS (SELECT FROM requests.request)"""


def bring_sample_work(console: Console, database: Database) -> None:
    """Writes the sample work, whole or not at all.

    Nothing where anybody has done work of that kind, or where no body has rooms of its own.
    """
    day = today()
    token = open_operator_session(database)
    with transaction(database.engine(Role.WEB), token) as conn:
        if not conn.execute(text(_IS_UNTOUCHED)).scalar_one():
            return
        judged = all_of(conn, day)
        housed = [one for one in judged if _rooms(conn, one, day)][:_CERTIFIED]
        if not housed:
            return
        console.say("demo.work")
        over = [one for one in judged if one.state is State.OVER]
        _certify(conn, housed, day)
        _inspect(conn, [*over[:2], *housed[: _VISITED - 2]], over[:1], day)
        _ask(conn, housed, day)


def _rooms(conn: Connection, one: Verdict, day: date) -> list[Mapping[str, Any]]:
    """The rooms of a body in the property where it has most of them, those it alone has."""
    found = [
        room
        for room in rooms_of_body(conn, one.body.organization_id, day)
        if room["property_id"] is not None and room["parties"] == 1
    ]
    lots = [list(rooms) for _, rooms in groupby(found, key=lambda room: room["property_id"])]
    return max(lots, key=len, default=[])[:_ROOMS]


def _certify(conn: Connection, housed: Sequence[Verdict], day: date) -> None:
    for at, one in enumerate(housed):
        since = day - timedelta(days=30 * at)
        wording = Wording(
            "使用凭证", _BUREAU, "示机用证", since, since,
            valid_to=date(since.year + 5, since.month, 1),
            agreement_number=f"示机用协〔{since.year}〕{at + 1}号", agreement_on=since,
        )  # fmt: skip
        rooms = [room["place_id"] for room in _rooms(conn, one, since)]
        if rooms:
            issue(conn, one.body.organization_id, rooms, wording, today=day)


def _inspect(
    conn: Connection, visited: Sequence[Verdict], over: Sequence[Verdict], day: date
) -> None:
    if not visited:
        return
    bodies = {one.body.organization_id: one for one in visited}
    made = plan_inspection(
        conn,
        Plan(
            f"{day.year}年办公用房专项巡检（示例）", Kind.SPECIAL, day, day + timedelta(days=30),
            Selection(organization_ids=tuple(bodies)), "taizhou_2021",
            instructions="逐间核对使用单位、用途和面积；不符的拍照登记。",
        ),
        today=day,
    )  # fmt: skip
    asked = [one["item_id"] for one in items(conn, made)]
    for number, visit in enumerate(islice(visits(conn, made), _FINISHED)):
        failed = asked[number % len(asked)]
        found = _visit(
            conn, visit, asked, failed, _rooms(conn, bodies[visit["organization_id"]], day)
        )
        finish_visit(
            conn, visit["visit_id"],
            seen_version=find_visit(conn, visit["visit_id"])["version"], today=day,
        )  # fmt: skip
        if number == 0:
            issue_for_finding(
                conn, found, demand="更新门牌和登记。", due_on=day + timedelta(days=30), today=day
            )
    for one in over:
        issue_for_verdict(
            conn, one.body.organization_id, room_class=None,
            demand="腾退超出标准的办公用房，交由管理部门统一调剂。",
            due_on=day + timedelta(days=60), today=day,
        )  # fmt: skip


def _visit(
    conn: Connection,
    visit: Mapping[str, Any],
    asked: Sequence[int],
    failed: int,
    rooms: Sequence[Mapping[str, Any]],
) -> int:
    """Answers all items as met but one, and says what was found of that; its `finding_id`."""
    visit_id = visit["visit_id"]
    for item_id in asked:
        said = Answer.FAILED if item_id == failed else Answer.PASSED
        save_answer(conn, visit_id, item_id, said=said, points=None, words=None, seen_version=0)
    return add_finding(
        conn, visit_id, words="房间门牌与登记不一致，用途未及时更新。", item_id=failed,
        place_code=rooms[0]["code"] if rooms else None,
    )  # fmt: skip


def _ask(conn: Connection, housed: Sequence[Verdict], day: date) -> None:
    if not housed:
        return
    near = conn.execute(text(_NEAR), {"place_id": _rooms(conn, housed[0], day)[0]["property_id"]})
    longitude, latitude = near.one()
    request = open_request(
        conn,
        Draft(
            Item.LEASE, housed[0].body.organization_id, "新增科室，现有办公室不足。",
            needed_m2=Decimal(120), from_on=day + timedelta(days=90),
            due_on=day + timedelta(days=60), longitude=longitude, latitude=latitude, radius_m=500,
            old_rooms=OldRooms.KEPT,
        ),
    )  # fmt: skip
    seen = find_case(conn, REQUESTS, request).version
    take(conn, REQUESTS, "submit", request, seen_version=seen)
    look_through(conn, request, today=day)
    last = housed[-1]
    given = _rooms(conn, last, day)[-1:]
    ask_back(
        conn, [room["place_id"] for room in given], organization_id=last.body.organization_id,
        kind=ReturnKind.MOVED, began_on=day, due_on=None, reason="迁入新址后腾退原用房。",
        document=None, today=day,
    )  # fmt: skip
