"""Ownership on record: what a property without a title must say, who decides, how it is undone."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from handed_in import open_account
from small_city import City, build
from sqlalchemy import Connection, text

from assets.certificates.actions.recording import open_record, save_record
from assets.certificates.model import RecordState
from assets.certificates.module import MODULE
from assets.certificates.ownership import LEASED_IN, find_record, standing_of, standings
from assets.certificates.workflows import OWNERSHIP
from assets.registry import WORKFLOWS
from assets.services.attached_files import AttachedFile
from assets.services.attachments import attach, attachments_of
from assets.services.cases import find_case, take
from assets.services.steps import steps_taken
from assets.services.todo import todo
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound, OneMapError
from gis.rights.actions import Grant

_RAISED = """
UPDATE place.place SET security_class = :class,
  rights_cell = rights.cell_for(steward_id, admin_area_code, CAST(:class AS smallint))
WHERE place_id = :place"""


@dataclass
class Desk:
    """A clerk of agency 0, one of agency 1, two officers of the bureau, a viewer of agency 0."""

    city: City
    tokens: dict[str, str]

    def site(self, at: int = 0) -> int:
        return self.city.ids[f"site {at}"]

    def run(self, act: Callable[[Connection], Any], who: str = "officer") -> Any:
        with transaction(self.city.database.engine(Role.WEB), self.tokens[who]) as conn:
            return act(conn)

    def owner(self, query: str, **values: Any) -> Any:
        with self.city.database.engine(Role.OWNER).begin() as conn:
            return conn.execute(text(query), values)

    def open(self, at: int, who: str = "clerk") -> int:
        return self.run(lambda conn: open_record(conn, self.site(at)), who)  # type: ignore[no-any-return]

    def step(self, who: str, name: str, case_id: int, remark: str | None = None) -> int:
        def act(conn: Connection) -> int:
            seen = find_case(conn, OWNERSHIP, case_id).version
            return take(conn, OWNERSHIP, name, case_id, seen_version=seen, remark=remark)

        return self.run(act, who)  # type: ignore[no-any-return]

    def say(self, case_id: int, cause: str, reason: str, who: str = "clerk") -> None:
        def act(conn: Connection) -> None:
            seen = find_record(conn, case_id)["version"]
            save_record(conn, case_id, cause=cause, reason=reason, seen_version=seen)

        self.run(act, who)

    def prove(self, case_id: int, who: str = "clerk") -> None:
        content = f"权属说明 {case_id}".encode()
        file = AttachedFile("会议纪要.txt", "txt", content, hashlib.sha256(content).digest())
        self.run(lambda conn: attach(conn, OWNERSHIP, case_id, file), who)

    def state(self, at: int, **day: Any) -> Any:
        found = self.run(lambda conn: standings(conn, day.get("as_of", today())))
        return found[self.site(at)].state if self.site(at) in found else None

    def waiting(self, who: str) -> list[tuple[int, tuple[str, ...]]]:
        found = self.run(lambda conn: todo(conn, WORKFLOWS, today=today()), who)
        return [(one.case_id, one.steps) for one in found.tasks if one.workflow == "ownership"]


@pytest.fixture(scope="module")
def desk(make_database: Callable[[str], Database]) -> Desk:
    city = build(make_database("onemap_ownership"))
    body = city.ids["agency 0"]
    grants = {
        "clerk": Grant("clerk", organization_id=body),
        "other": Grant("clerk", organization_id=city.ids["agency 1"]),
        "viewer": Grant("viewer", organization_id=body),
        "officer": Grant("officer"),
        "officer2": Grant("officer"),
    }
    tokens = {name: open_account(city.database, f"备{name}", it) for name, it in grants.items()}
    return Desk(city, tokens)


def refused(act: Callable[[], Any], kind: type[OneMapError], key: str) -> None:
    with pytest.raises(kind) as told:
        act()
    assert told.value.key == key


def test_a_property_without_a_title_says_why_and_shows_a_document(desk: Desk) -> None:
    assert desk.state(0) is None
    refused(lambda: desk.open(0, "other"), NotFound, "ownership.no_property")
    refused(lambda: desk.open(0, "viewer"), Forbidden, "ownership.not_yours.keeper")
    case_id = desk.open(0)
    assert desk.state(0) is RecordState.OPEN
    refused(lambda: desk.open(0), Conflict, "ownership.known")
    assert desk.waiting("clerk") == [(case_id, ("submit",))]
    # The bureau writes the property too, and is not asked for what its keeper has begun.
    assert desk.waiting("officer") == []

    refused(lambda: desk.step("clerk", "submit", case_id), InputError, "ownership.needs_reason")
    refused(lambda: desk.say(case_id, "x", ""), InputError, "ownership.unknown_cause")
    refused(lambda: desk.say(case_id, "unclear", "", "viewer"), Forbidden,
            "ownership.not_yours.keeper")  # fmt: skip
    desk.say(case_id, "unclear", "建成时未办手续")
    refused(lambda: desk.step("clerk", "submit", case_id), InputError, "ownership.needs_document")
    desk.prove(case_id)
    desk.step("clerk", "submit", case_id)
    assert desk.waiting("officer") == [(case_id, ("record",))]
    assert desk.waiting("clerk") == []
    refused(lambda: desk.say(case_id, "other", "x"), Conflict, "ownership.not_now")
    refused(lambda: desk.step("clerk", "record", case_id), Forbidden,
            "ownership.not_yours.bureau")  # fmt: skip

    refused(lambda: desk.step("officer", "return", case_id), InputError, "workflow.needs_remark")
    desk.step("officer", "return", case_id, "请补会议纪要")
    assert desk.state(0) is RecordState.RETURNED
    assert desk.waiting("clerk") == [(case_id, ("submit",))]
    desk.step("clerk", "submit", case_id)
    desk.step("clerk", "withdraw", case_id)
    desk.step("clerk", "submit", case_id)
    # A document that is taken away again while it waits is missed when it is decided.
    desk.owner("UPDATE services.attachment SET case_id = -1 WHERE case_id = :id", id=case_id)
    refused(lambda: desk.step("officer", "record", case_id), InputError,
            "ownership.needs_document")  # fmt: skip
    desk.owner("UPDATE services.attachment SET case_id = :id WHERE case_id = -1", id=case_id)
    desk.step("officer", "record", case_id)
    assert desk.state(0) is RecordState.RECORDED

    def card(conn: Connection) -> Any:
        assert MODULE.place_facts is not None
        return MODULE.place_facts(conn, desk.site(), today()).facts

    assert [(one.title_key, one.value) for one in desk.run(card, "viewer")] == [
        ("ownership.fact.recorded", today())
    ]
    # Undone as it was done; of a day before it began there is none.
    desk.step("officer2", "revoke", case_id, "权属有争议")
    assert desk.state(0) is RecordState.HANDED_IN
    assert desk.state(0, as_of=today() - timedelta(days=1)) is None
    taken = desk.run(lambda conn: steps_taken(conn, OWNERSHIP, case_id))
    assert [one["step"] for one in taken][::-1] == [
        "open", "submit", "return", "submit", "withdraw", "submit", "record", "revoke",
    ]  # fmt: skip


def test_a_day_before_tells_where_it_stood_then(desk: Desk) -> None:
    case_id = desk.open(1, "other")
    desk.owner("ALTER TABLE services.step_taken DISABLE TRIGGER USER")
    desk.owner(
        "UPDATE services.step_taken SET made_at = made_at - interval '3 days'"
        " WHERE workflow = 'ownership' AND case_id = :id", id=case_id,
    )  # fmt: skip
    desk.owner("ALTER TABLE services.step_taken ENABLE TRIGGER USER")
    desk.step("other", "drop", case_id, "点错")
    yesterday = today() - timedelta(days=1)
    assert (desk.state(1), desk.state(1, as_of=yesterday)) == (None, RecordState.OPEN)
    # What was given up makes room for another.
    assert desk.open(1, "other") > case_id
    assert desk.state(1) is RecordState.OPEN


def test_a_property_with_a_title_needs_no_reason_and_nobody_decides_on_its_own(desk: Desk) -> None:
    desk.owner(
        "WITH made AS (INSERT INTO place.title (number, state, kind, rights_cell)"
        " SELECT '苏(2020)示例不动产权第0000001号', 'registered', 'real_estate', rights_cell"
        " FROM place.place WHERE place_id = :place RETURNING title_id, rights_cell)"
        " INSERT INTO place.title_place (title_id, place_id, rights_cell)"
        " SELECT title_id, :place, rights_cell FROM made", place=desk.site(2),
    )  # fmt: skip
    case_id = desk.open(2, "officer")
    desk.step("officer", "submit", case_id)
    assert case_id not in dict(desk.waiting("officer"))
    assert case_id in dict(desk.waiting("officer2"))
    refused(lambda: desk.step("officer", "record", case_id), Forbidden, "workflow.four_eyes")
    desk.step("officer2", "record", case_id)
    assert desk.state(2) is RecordState.RECORDED


def test_a_rented_property_has_nothing_to_record(desk: Desk) -> None:
    rented = desk.site(3)
    desk.owner(
        "INSERT INTO place.site (place_id, is_leased_in, rights_cell)"
        " SELECT place_id, true, rights_cell FROM place.place WHERE place_id = :id"
        " ON CONFLICT (place_id) DO UPDATE SET is_leased_in = true", id=rented,
    )  # fmt: skip
    refused(lambda: desk.open(3, "officer"), InputError, "ownership.is_leased_in")
    found = desk.run(lambda conn: standings(conn, today()))
    assert standing_of(found, rented, is_leased_in=True).state == LEASED_IN
    # One begun before somebody said that it is rented waits for nothing, and is found by its case.
    desk.owner("UPDATE place.site SET is_leased_in = false WHERE place_id = :id", id=rented)
    case_id = desk.open(3, "officer")
    found = desk.run(lambda conn: standings(conn, today()))
    assert standing_of(found, rented, is_leased_in=True).record_id == case_id
    assert standing_of(found, rented, is_leased_in=True).state == LEASED_IN
    assert standing_of(found, rented, is_leased_in=False).state == RecordState.OPEN


def test_a_case_and_its_documents_follow_a_place_that_is_classified(desk: Desk) -> None:
    site = desk.site(0)
    (case_id,) = desk.owner(
        "SELECT ownership_record_id FROM certificates.ownership_record WHERE place_id = :id",
        id=site,
    ).scalars()
    assert desk.run(lambda conn: attachments_of(conn, OWNERSHIP, case_id), "viewer")
    steps = desk.run(lambda conn: steps_taken(conn, OWNERSHIP, case_id), "viewer")
    assert len(steps) > 1
    desk.owner(_RAISED, place=site, **{"class": 2})
    try:
        assert not desk.run(lambda conn: attachments_of(conn, OWNERSHIP, case_id), "viewer")
        assert not desk.run(lambda conn: steps_taken(conn, OWNERSHIP, case_id), "viewer")
        refused(lambda: desk.run(lambda conn: find_record(conn, case_id), "viewer"),
                NotFound, "ownership.not_found")  # fmt: skip
    finally:
        desk.owner(_RAISED, place=site, **{"class": 0})
