"""A small city with two inspectors, a clerk of one agency, and one who only reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pytest
from handed_in import open_account
from small_city import City, build
from sqlalchemy import Connection, text

from assets.campaign.actions.issue import Selection
from assets.estate.actions import Party
from assets.estate.actions.arranging import arrange, room_versions
from assets.inspection.actions.planning import Plan, plan_inspection
from assets.inspection.actions.visiting import add_finding, finish_visit, save_answer
from assets.inspection.model import Answer, Kind
from assets.inspection.queries import find_visit, items, visits
from etl.terms import save_terms
from gis.db import Database, Role, transaction
from gis.places.edits import Grounds
from gis.rights.actions import EVERYTHING, Grant

DAY: Final = date(2026, 3, 2)
SINCE: Final = date(2026, 1, 5)
_PREPARE: Final = (
    "UPDATE organization.organization SET level_code = 'city', admin_area_code = '320401'"
    " WHERE organization_id = :body",
    "INSERT INTO organization.headcount"
    " (organization_id, kind, rank_code, people, counted_on, source, rights_cell)"
    " SELECT :body, 'quota', r.rank, r.people, DATE '2026-01-01', 'census',"
    "  rights.cell_for(:body, NULL, 0::smallint)"
    " FROM (VALUES ('bureau_below', 2), ('bureau_chief', 1)) AS r (rank, people)",
)

_CLASSIFY: Final = (
    "UPDATE place.place SET security_class = :high, rights_cell ="
    " rights.cell_for(steward_id, admin_area_code, CAST(:high AS smallint)) WHERE code = :code"
)


@dataclass
class Inspected:
    """A city, and who acts in it."""

    city: City
    tokens: dict[str, str]

    def body(self, at: int) -> int:
        return self.city.ids[f"agency {at}"]

    def run(self, act: Callable[[Connection], Any], who: str = "first") -> Any:
        """What an action answers, in the name of somebody; it commits."""
        with transaction(self.city.database.engine(Role.WEB), self.tokens[who]) as conn:
            return act(conn)

    def plan(self, *bodies: int, **more: Any) -> int:
        """An inspection of these agencies by the eleven heads."""
        chosen = Selection(organization_ids=tuple(self.body(at) for at in bodies))
        plan = Plan(
            **{"name": "2026年巡检", "kind": Kind.FULL, "starts_on": DAY, "ends_on": DAY,
               "checklist": "taizhou_2021", "selection": chosen, **more}
        )  # fmt: skip
        made: int = self.run(lambda conn: plan_inspection(conn, plan, today=DAY))
        return made

    def visit(self, inspection_id: int, at: int = 0) -> int:
        found = self.run(lambda conn: visits(conn, inspection_id))
        (visit_id,) = [one["visit_id"] for one in found if one["organization_id"] == self.body(at)]
        number: int = visit_id
        return number

    def items(self, inspection_id: int) -> list[int]:
        return [one["item_id"] for one in self.run(lambda conn: items(conn, inspection_id))]

    def answer(self, visit_id: int, item_id: int, said: Answer = Answer.PASSED, **more: Any) -> int:
        asked = {"points": None, "words": None, "seen_version": 0, **more}
        who = asked.pop("who", "first")
        made: int = self.run(
            lambda conn: save_answer(conn, visit_id, item_id, said=said, **asked), who
        )
        return made

    def finish(self, inspection_id: int, visit_id: int) -> None:
        """Answers every item as met and ends the visit."""
        for item_id in self.items(inspection_id):
            self.answer(visit_id, item_id)

        def finish(conn: Connection) -> None:
            version = find_visit(conn, visit_id)["version"]
            finish_visit(conn, visit_id, seen_version=version, today=DAY)

        self.run(finish)

    def found(self, **more: Any) -> int:
        """A finding at agency 0, of a visit that is through."""
        inspection_id = self.plan(0)
        visit_id = self.visit(inspection_id)
        said = {"words": "擅自改变用途", **more}
        made: int = self.run(lambda conn: add_finding(conn, visit_id, **said))
        self.finish(inspection_id, visit_id)
        return made

    def give(
        self, *rooms: str, parties: Sequence[Party] | None = None, since: date = SINCE
    ) -> None:
        """Rooms to agency 0, or to others; none of them: to nobody."""
        to = [Party(self.body(0))] if parties is None else list(parties)
        chosen = {self.city.ids[f"room {name}"]: to for name in rooms}

        def act(conn: Connection) -> None:
            seen = room_versions(conn, list(chosen))
            arrange(
                conn, chosen, since=since, seen=seen, grounds=Grounds("调整", "机管〔2026〕1号")
            )

        self.run(act)

    def classify(self, code: str, security_class: int) -> None:
        """A place of another class, as its rooms and findings follow it."""
        with self.city.database.engine(Role.OWNER).begin() as conn:
            conn.execute(text(_CLASSIFY), {"code": code, "high": security_class})


@pytest.fixture(scope="module")
def inspected(make_database: Callable[[str], Database]) -> Inspected:
    """Shared by the tests of a file: each plans inspections of its own."""
    city = build(make_database("onemap_inspected"))
    with transaction(city.database.engine(Role.LOADER), city.everything) as conn:
        save_terms(conn)
    with city.database.engine(Role.OWNER).begin() as conn:
        for statement in _PREPARE:
            conn.execute(text(statement), {"body": city.ids["agency 0"]})
    own = Grant("clerk", organization_id=city.ids["agency 0"])
    tokens = {
        "first": open_account(city.database, "检查员甲", EVERYTHING),
        "second": open_account(city.database, "检查员乙", EVERYTHING),
        # Sees and writes everything but what is internal.
        "open": open_account(city.database, "检查员丙", Grant("operator", max_security_class=0)),
        "clerk": open_account(city.database, "经办人", own),
        "other": open_account(
            city.database, "别家经办人", Grant("clerk", organization_id=city.ids["agency 1"])
        ),
    }
    return Inspected(city, tokens)
