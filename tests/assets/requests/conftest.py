"""A small city in which each agency has one room of its first building; the rest stands idle."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from handed_in import open_account
from small_city import City, build
from sqlalchemy import Connection, text

from assets.estate.actions.arranging import room_versions
from assets.estate.actions.holdings import Party
from assets.requests.actions.drafting import open_request
from assets.requests.model import Item, OldRooms
from assets.requests.queries import find_request
from assets.requests.returns import RETURNS
from assets.requests.rules import Draft
from assets.requests.workflows import REQUESTS
from assets.services.cases import find_case, take
from assets.services.workflow import Workflow
from assets.space.actions import assign, vacate
from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.places.edits import Grounds
from gis.rights.actions import Grant

WHY = Grounds("办公用房分配", "机管〔2026〕1号")
SINCE = date(2026, 1, 1)
SITE_0 = {"longitude": 119.75, "latitude": 31.65, "radius_m": 2000}


@dataclass
class Desk:
    """Who acts: a clerk of agency 0, two officers of the bureau, two approvers, a viewer."""

    city: City
    tokens: dict[str, str] = field(default_factory=dict)

    def room(self, name: str) -> int:
        return self.city.ids[f"room {name}"]

    def body(self, at: int) -> int:
        return self.city.ids[f"agency {at}"]

    def run(self, act: Callable[[Connection], Any], who: str = "officer") -> Any:
        """What an action answers, in the name of somebody; it commits."""
        with transaction(self.city.database.engine(Role.WEB), self.tokens[who]) as conn:
            return act(conn)

    def owner(self, query: str, **values: Any) -> Any:
        with self.city.database.engine(Role.OWNER).begin() as conn:
            return conn.execute(text(query), values)

    def ask(self, item: Item = Item.LEASE, **more: Any) -> int:
        """A request of agency 0 for 40 m2 near its own site, written by its clerk."""
        stated = {
            "organization_id": self.body(0), "reason": "人员增加", "needed_m2": Decimal(40),
            "old_rooms": OldRooms.KEPT, **SITE_0, **more,
        }  # fmt: skip
        draft = Draft(item=item, **stated)
        return self.run(lambda conn: open_request(conn, draft), "clerk")  # type: ignore[no-any-return]

    def step(
        self, who: str, name: str, case_id: int, flow: Workflow = REQUESTS, **more: Any
    ) -> int:
        def act(conn: Connection) -> int:
            version = find_case(conn, flow, case_id).version
            return take(conn, flow, name, case_id, seen_version=version, **more)

        return self.run(act, who)  # type: ignore[no-any-return]

    def give_back(self, who: str, case_id: int, day: date | None = None) -> int:
        values = {"returned_on": day} if day else None
        return self.step(who, "give_back", case_id, RETURNS, values=values)

    def found(self, request_id: int) -> Mapping[str, Any]:
        return self.run(lambda conn: find_request(conn, request_id, today()))  # type: ignore[no-any-return]

    def seat(self, body: int, *rooms: str, since: date = SINCE) -> None:
        """Let a body have rooms from a day on."""
        self._arrange(rooms, [Party(self.body(body))], since)

    def empty(self, *rooms: str, since: date) -> None:
        self._arrange(rooms, [], since)

    def _arrange(self, rooms: tuple[str, ...], parties: list[Party], since: date) -> None:
        ids = [self.room(name) for name in rooms]

        def act(conn: Connection) -> None:
            asked: Any = {"since": since, "seen": room_versions(conn, ids), "grounds": WHY}
            if parties:
                assign(conn, ids, parties, **asked)
            else:
                vacate(conn, ids, **asked)

        self.run(act, "everything")


_FORGET = (
    "DELETE FROM requests.document",
    "DELETE FROM requests.request_place",
    "DELETE FROM requests.request",
    "DELETE FROM requests.room_return",
    "DELETE FROM services.step_taken",
    "DELETE FROM services.notice_read",
    "DELETE FROM services.notice",
    "DELETE FROM estate.holding_party WHERE holding_id IN"
    " (SELECT holding_id FROM estate.holding WHERE source = 'entered')",
    "DELETE FROM estate.holding WHERE source = 'entered'",
    "DELETE FROM place.edit",
)


@pytest.fixture(scope="module")
def _desk(make_database: Callable[[str], Database]) -> Desk:
    city = build(make_database("onemap_requests"))
    with transaction(city.database.engine(Role.LOADER), city.everything) as conn:
        save_terms(conn)
    made = Desk(city, {"everything": city.everything, "partial": city.partial})
    made.owner("UPDATE place.place SET use_status = 'idle' WHERE kind = 'room'")
    grants = {
        "clerk": Grant("clerk", organization_id=made.body(0)),
        "officer": Grant("officer"),
        "officer2": Grant("officer"),
        "approver": Grant("approver"),
        "approver2": Grant("approver"),
    }
    for name, grant in grants.items():
        made.tokens[name] = open_account(city.database, f"人{name}", grant)
    return made


@pytest.fixture
def desk(_desk: Desk) -> Iterator[Desk]:
    """Shared by the tests of a file: each agency has one room of its site, and all is forgotten."""
    for at in range(3):
        _desk.seat(at, f"{at}.1.0")
    yield _desk
    for statement in _FORGET:
        _desk.owner(statement)
