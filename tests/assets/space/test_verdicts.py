"""Verdicts: what each body has against what it may have, as of a day, for whoever asks."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import IntegrityError

from assets.estate.actions import Party, record_holding
from assets.estate.actions.arranging import arrange
from assets.estate.model import Extent, HoldingKind
from assets.estate.reconciled import UNVERIFIED_RULES
from assets.report import Report
from assets.space.comparing import State
from assets.space.covered import cover, covered, uncover
from assets.space.held import rooms_held
from assets.space.queries import REPORT, Verdict, _Reader, bodies, listed, verdicts
from assets.space.reports import build_verdicts
from assets.space.rules import Lack
from gis.db import Role, transaction
from gis.errors import Conflict, Forbidden, InputError, NotFound
from gis.places.counted import set_area_precedence
from gis.places.vocabulary import AreaSource
from tests.assets.space.conftest import DAY, GROUNDS, Offices

BEFORE = date(2025, 12, 31)
_COUNT = """
INSERT INTO organization.headcount
  (organization_id, kind, rank_code, people, counted_on, source, rights_cell)
SELECT :body, 'quota', r.rank, r.people, :day, 'census',
       rights.cell_for(:body, NULL, 0::smallint)
FROM unnest(CAST(:ranks AS text[]), CAST(:people AS int[])) AS r (rank, people)"""

_HANG = "UPDATE place.place SET parent_id = :above, parent_kind = :kind WHERE place_id = :floor"
_HUNG = """
INSERT INTO place.former_parent (place_id, parent_id, valid_to, rights_cell)
SELECT place_id, :above, :day, rights_cell FROM place.place WHERE place_id = :floor"""


@pytest.fixture(autouse=True)
def _levels(offices: Offices) -> Any:
    """Agency 0 is a city's, with ranks since 2026; agency 1 a county's, without any ranks."""
    engine = offices.city.database.engine(Role.OWNER)
    with engine.begin() as conn:
        for at, level in enumerate(("city", "county")):
            conn.execute(
                text("UPDATE organization.organization SET level_code = :level,"
                     " admin_area_code = '320401' WHERE organization_id = :body"),
                {"level": level, "body": offices.body(at)},
            )  # fmt: skip
        count = {"body": offices.body(0), "day": date(2026, 1, 1)}
        ranks = {"ranks": ["bureau_below", "bureau_chief"], "people": [2, 1]}
        conn.execute(text(_COUNT), {**count, **ranks})
    yield
    with engine.begin() as conn:
        conn.execute(text("DELETE FROM organization.headcount WHERE rank_code IS NOT NULL"))


def _give(offices: Offices, name: str, *parties: Party) -> None:
    rooms = {offices.room(name): parties}
    seen = offices.seen(name)
    offices.run(lambda conn: arrange(conn, rooms, since=DAY, seen=seen, grounds=GROUNDS))


def _verdicts(offices: Offices, day: date = DAY, who: str = "everything") -> Sequence[Verdict]:
    found: Sequence[Verdict] = offices.run(lambda conn: verdicts(conn, day), who)
    return found


def _of(offices: Offices, at: int, day: date = DAY, who: str = "everything") -> Verdict:
    def judged(conn: Connection) -> Verdict:
        (one,) = verdicts(conn, day, of=bodies(conn, day, organization_id=offices.body(at)))
        return one

    found: Verdict = offices.run(judged, who)
    return found


def _as_owner(offices: Offices, statement: str, **values: object) -> None:
    with offices.city.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text(statement), values)


def test_a_verdict_names_people_rows_and_areas(offices: Offices) -> None:
    _give(offices, "0.1.0", Party(offices.body(0)))
    _give(offices, "0.1.1", Party(offices.body(0)))
    found = _of(offices, 0)
    lines = [(one.room_class, one.rank, one.count, one.rate, one.area_m2)
             for one in found.entitlement.lines]  # fmt: skip
    assert lines == [
        ("office", "bureau_chief", 1, 24, 24),
        ("office", "bureau_below", 2, 9, 18),
        ("service", None, 3, 8, 24),
        ("equipment", None, None, Decimal("0.09"), Decimal("5.94")),
    ]
    assert [one.standard and one.standard.clause for one in found.entitlement.lines] == [
        "表3", "表3", "表4", None,
    ]  # fmt: skip
    assert found.counted_on == date(2026, 1, 1)
    office, service, equipment, whole = found.compared
    assert (office.actual_m2, office.entitled_m2, office.difference_m2) == (40, 42, -2)
    assert (service.actual_m2, equipment.actual_m2) == (0, 0)
    assert (whole.entitled_m2, whole.state) == (Decimal("71.94"), State.WITHIN)


def test_another_room_makes_it_over(offices: Offices) -> None:
    for name in ("0.1.0", "0.1.1", "0.2.0"):
        _give(offices, name, Party(offices.body(0)))
    office = _of(offices, 0).compared[0]
    assert (office.difference_m2, office.state) == (18, State.OVER)
    assert office.share is not None
    assert round(office.share, 4) == Decimal("0.4286")


def test_as_of_a_day_before_people_and_rooms_are_those_of_then(offices: Offices) -> None:
    _give(offices, "0.1.0", Party(offices.body(0)))
    found = _of(offices, 0, BEFORE)
    assert found.rooms == ()
    # Of 2025 there is a total without ranks: 10 people.
    assert (found.entitlement.quota, found.entitlement.lacks) == (10, (Lack.NO_RANK,))
    assert {one.state for one in found.compared if one.room_class != "service"} == {State.UNKNOWN}
    assert found.compared[1].entitled_m2 == 80


def test_who_shares_a_room_has_their_share_of_it(offices: Offices) -> None:
    _give(offices, "0.1.0", Party(offices.body(0), Decimal("0.25")),
          Party(offices.body(1), Decimal("0.75")))  # fmt: skip
    _give(offices, "0.1.1", Party(offices.body(0)), Party(offices.body(1)))
    first, second = _of(offices, 0), _of(offices, 1)
    assert (first.compared[0].actual_m2, second.compared[0].actual_m2) == (15, 25)
    assert [one.shared_alike for one in first.rooms] == [1]


def test_rooms_without_area_or_outside_the_standard_are_told_apart(offices: Offices) -> None:
    for name in ("0.1.0", "0.1.1", "0.2.0"):
        _give(offices, name, Party(offices.body(0)))
    changed = {"technical": offices.room("0.2.0"), "unmeasured": offices.room("0.1.1")}
    for room_class, measured_on in (("technical", "2099-01-01"), ("office", None)):
        _as_owner(offices, "UPDATE place.room SET room_class = :to WHERE place_id = :room",
                  to=room_class, room=changed["technical"])  # fmt: skip
        _as_owner(
            offices,
            "UPDATE place.area_measure SET measured_on = :day WHERE place_id = :room",
            day=measured_on,
            room=changed["unmeasured"],
        )
        if measured_on:
            found = _of(offices, 0)
    rooms = {one.room_class: (one.rooms, one.unmeasured) for one in found.rooms}
    assert rooms == {"office": (2, 1), "technical": (1, 0)}
    office = found.compared[0]
    assert (office.actual_m2, office.state) == (20, State.UNKNOWN)
    assert found.lacks == (Lack.NO_AREA,)


def test_a_verdict_is_of_what_the_account_sees(offices: Offices) -> None:
    _give(offices, "0.1.0", Party(offices.body(0)))
    _give(offices, "1.1.0", Party(offices.body(0)))
    assert _of(offices, 0).compared[0].actual_m2 == 41
    assert [one.body.code for one in _verdicts(offices, who="clerk")] == ["A0"]
    assert _of(offices, 0, who="clerk").compared[0].actual_m2 == 20


def test_the_report_sums_districts_and_shows_every_line(offices: Offices) -> None:
    for name in ("0.1.0", "0.1.1", "0.2.0"):
        _give(offices, name, Party(offices.body(0)))
    report = offices.run(lambda conn: build_verdicts(conn, DAY))
    bodies, districts, systems, lines = (table.rows for table in report.tables)
    assert [row["code"] for row in bodies] == ["A0", "A1", "A2", "A3"]
    first = bodies[0]
    assert (first["level"], first["office_difference"], first["office_state"]) == (
        "市级", Decimal("18.00"), "over",
    )  # fmt: skip
    assert first["office_percent"] == Decimal("42.86")
    of_first = districts[0]
    assert (of_first["bodies"], of_first["over"] + of_first["within"], of_first["unknown"]) == (
        2,
        1,
        1,
    )
    assert sum(row["bodies"] for row in districts) == len(bodies)
    assert [(row["code"], row["bodies"]) for row in systems] == [(f"A{at}", 1) for at in range(4)]
    assert {row["lack"] for row in lines if row["code"] == "A1"} == {"no_rank", None}
    assert next(row["rank"] for row in lines if row["code"] == "A0") == "正局（处）级"
    assert ("space.verdicts.unverified", {}) in report.footnotes, "service rooms of counties"


def test_areas_count_by_the_rules_set_for_this_report(offices: Offices) -> None:
    _give(offices, "0.1.0", Party(offices.body(0)))
    assert _of(offices, 0).rooms[0].unmeasured == 0
    database = offices.city.database
    try:
        with transaction(database.engine(Role.LOADER), offices.tokens["everything"]) as conn:
            set_area_precedence(
                conn, [AreaSource.CERTIFICATE], report=REPORT, since=BEFORE, rule_source="示例文件"
            )
        # The room has an area of another source only, which counts everywhere else.
        [rooms] = _of(offices, 0).rooms
        assert (rooms.unmeasured, rooms.area_m2) == (1, 0)
    finally:
        _as_owner(
            offices, "DELETE FROM place.area_precedence WHERE report = :report", report=REPORT
        )
    assert _of(offices, 0).rooms[0].unmeasured == 0


@pytest.mark.parametrize(
    ("place", "more"), [("building 0.1", {}), ("room 0.2.0", {"extent": Extent.PART}), (None, {})]
)
def test_nobody_is_within_whose_rooms_are_not_known(
    offices: Offices, place: str | None, more: dict[str, Any]
) -> None:
    if place:
        _give(offices, "0.1.0", Party(offices.body(0)))
        assert _of(offices, 0).compared[-1].state is State.WITHIN
        with transaction(offices.city.database.engine(Role.OWNER), None) as conn:
            made = record_holding(
                conn,
                place_id=offices.city.ids[place],
                kind=HoldingKind.OCCUPIES,
                parties=[Party(offices.body(0))],
                **more,
            )
    found = _of(offices, 0)
    if place:
        _as_owner(offices, "DELETE FROM estate.holding_party WHERE holding_id = :one", one=made)
        _as_owner(offices, "DELETE FROM estate.holding WHERE holding_id = :one", one=made)
    assert {one.state for one in found.compared} == {State.UNKNOWN}
    assert found.lacks == (Lack.ROOMS_UNTOLD,)


def test_a_room_somebody_has_of_no_class_leaves_it_open(offices: Offices) -> None:
    _give(offices, "0.1.0", Party(offices.body(0)))
    for room_class, state in ((None, State.UNKNOWN), ("vacant", State.UNKNOWN),
                              ("office", State.WITHIN)):  # fmt: skip
        _as_owner(offices, "UPDATE place.room SET room_class = :to WHERE place_id = :room",
                  to=room_class, room=offices.room("0.1.0"))  # fmt: skip
        assert _of(offices, 0).compared[-1].state is state


@pytest.mark.parametrize("shares", [("0.333333", "0.333333", "0.333334"), (None, None, None)])
def test_nobody_is_over_by_the_digits_of_a_share(
    offices: Offices, shares: tuple[str | None, ...]
) -> None:
    # 126 m2 among three: 42 each, which is what the offices of agency 0 may have.
    _give(offices, "0.1.0", *(Party(offices.body(at), Decimal(share) if share else None)
                              for at, share in zip((1, 2, 0), shares, strict=True)))  # fmt: skip
    area = "UPDATE place.counted_area SET area_m2 = :to WHERE place_id = :room"
    room = offices.room("0.1.0")
    _as_owner(offices, area, to=126, room=room)
    office = _of(offices, 0).compared[0]
    _as_owner(offices, area, to=20, room=room)
    assert (office.entitled_m2, office.state) == (42, State.WITHIN)


def test_a_list_goes_page_by_page_and_by_what_it_comes_to(offices: Offices) -> None:
    for name in ("0.1.0", "0.1.1", "0.2.0", "0.2.1"):
        _give(offices, name, Party(offices.body(0)))

    def codes(**asked: Any) -> list[str]:
        return [one.body.code for one in offices.run(
            lambda conn: listed(conn, DAY, **{"limit": 10, **asked})).items]  # fmt: skip

    assert codes() == ["A0", "A1", "A2", "A3"]
    assert (codes(limit=2), codes(limit=2, offset=2)) == (["A0", "A1"], ["A2", "A3"])
    assert codes(district="320401") == ["A0", "A1"]
    assert codes(state=State.OVER) == ["A0"]
    assert codes(district="320401", state=State.UNKNOWN) == ["A1"]
    found = offices.run(lambda conn: listed(conn, DAY, limit=1, district="320401"))
    assert (found.total, found.counts) == (2, {State.OVER: 1, State.WITHIN: 0, State.UNKNOWN: 1})
    assert set(found.districts) == {"320401"}


def test_of_too_many_bodies_only_the_page_is_judged(
    offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.space.queries.MOST_JUDGED", 3)
    found = offices.run(lambda conn: listed(conn, DAY, limit=2, offset=1))
    assert (found.total, found.counts) == (4, None)
    assert [one.body.code for one in found.items] == ["A1", "A2"]
    with pytest.raises(InputError, match=r"space\.too_many_to_judge"):
        offices.run(lambda conn: listed(conn, DAY, limit=2, state=State.OVER))


def test_rules_of_areas_nobody_has_verified_are_said(offices: Offices) -> None:
    said = {
        is_verified: _footnotes_with_rule(offices, is_verified=is_verified)
        for is_verified in (False, True)
    }
    assert (UNVERIFIED_RULES in said[False], UNVERIFIED_RULES in said[True]) == (True, False)


def _footnotes_with_rule(offices: Offices, *, is_verified: bool) -> Sequence[Any]:
    try:
        with transaction(
            offices.city.database.engine(Role.LOADER), offices.tokens["everything"]
        ) as conn:
            set_area_precedence(
                conn, [AreaSource.SURVEY], report=REPORT, since=BEFORE, rule_source="示例文件",
                is_verified=is_verified,
            )  # fmt: skip
        report: Report = offices.run(lambda conn: build_verdicts(conn, DAY))
        return report.footnotes
    finally:
        _as_owner(
            offices, "DELETE FROM place.area_precedence WHERE report = :report", report=REPORT
        )


def test_posts_of_another_level_count_as_the_standard_is_read(offices: Offices) -> None:
    count = {"body": offices.body(1), "day": date(2026, 1, 2)}
    ranks = {"ranks": ["section_chief", "bureau_chief", "made_up"], "people": [1, 1, 1]}
    _as_owner(offices, _COUNT, **count, **ranks)
    of_county = _of(offices, 1)
    assert set(of_county.lacks) >= {Lack.OTHER_LEVEL, Lack.UNKNOWN_RANK}
    _as_owner(offices, "UPDATE organization.headcount SET rank_code = 'section_deputy'"
              " WHERE rank_code IN ('made_up')")  # fmt: skip
    _as_owner(offices, "UPDATE organization.organization SET level_code = 'city'"
              " WHERE organization_id = :body", body=offices.body(1))  # fmt: skip
    report = offices.run(lambda conn: build_verdicts(conn, DAY))
    lines = {row["rank"]: (row["reading"], row["rate"], row["verified"])
             for row in report.tables[-1].rows if row["code"] == "A1" and row["rank"]}  # fmt: skip
    assert lines == {
        "正局（处）级": (None, 24, "yes"),
        "正科级": ("局（处）级以下", 9, "no"),
        "副科级": ("局（处）级以下", 9, "no"),
    }


@pytest.mark.parametrize(
    ("ruin", "mend", "lack"),
    [
        ("UPDATE organization.organization SET level_code = NULL WHERE organization_id = :body",
         "UPDATE organization.organization SET level_code = 'city' WHERE organization_id = :body",
         Lack.NO_LEVEL),
        ("UPDATE organization.headcount SET rank_code = 'nobody' WHERE organization_id = :body"
         " AND rank_code = 'bureau_below'",
         "UPDATE organization.headcount SET rank_code = 'bureau_below' WHERE"
         " organization_id = :body AND rank_code = 'nobody'", Lack.UNKNOWN_RANK),
        ("INSERT INTO organization.headcount (organization_id, kind, people, counted_on, source,"
         " rights_cell) VALUES (:body, 'quota', 9, DATE '2026-01-01', 'census',"
         " rights.cell_for(:body, NULL, 0::smallint))",
         "DELETE FROM organization.headcount WHERE organization_id = :body AND people = 9",
         Lack.NO_RANK),
    ],
)  # fmt: skip
def test_what_is_missing_is_the_reason_and_nobody_is_judged(
    offices: Offices, ruin: str, mend: str, lack: Lack
) -> None:
    _give(offices, "0.1.0", Party(offices.body(0)))
    assert (_of(offices, 0).state, _of(offices, 0).lacks) == (State.WITHIN, ())
    _as_owner(offices, ruin, body=offices.body(0))
    found = _of(offices, 0)
    _as_owner(offices, mend, body=offices.body(0))
    assert (found.state, found.lacks) == (State.UNKNOWN, (lack,))


def test_no_posts_are_fewer_than_none(offices: Offices) -> None:
    count = {"body": offices.body(1), "day": DAY, "ranks": ["section_chief"], "people": [-1]}
    with pytest.raises(IntegrityError, match="ck_headcount_people"):
        _as_owner(offices, _COUNT, **count)


def test_a_system_is_what_stands_under_one_head(offices: Offices) -> None:
    under = "UPDATE organization.organization SET parent_id = :over WHERE organization_id = :body"
    outside = "UPDATE organization.organization SET type_code = 'public_body', category_code = NULL"
    _as_owner(offices, f"{outside} WHERE organization_id = :body", body=offices.body(3))
    try:
        # 1 under 0 under 3, which the standard is not for; 2 stands alone.
        for at, over in ((1, 0), (0, 3)):
            _as_owner(offices, under, body=offices.body(at), over=offices.body(over))
        report = offices.run(lambda conn: build_verdicts(conn, DAY))
    finally:
        _as_owner(offices, "UPDATE organization.organization SET parent_id = NULL,"
                  " type_code = 'party_government', category_code = 'state_organ'")  # fmt: skip
    assert [(row["code"], row["bodies"]) for row in report.tables[2].rows] == [("A0", 2), ("A2", 1)]


def test_each_room_says_with_whom_it_is_shared(offices: Offices) -> None:
    _give(offices, "0.1.0", Party(offices.body(0), Decimal("0.25")),
          Party(offices.body(1), Decimal("0.75")))  # fmt: skip
    _give(offices, "0.1.1", Party(offices.body(0)), Party(offices.body(1)))
    _give(offices, "0.2.0", Party(offices.body(0)))
    found = offices.run(lambda conn: rooms_held(conn, DAY, offices.body(0), limit=10))
    assert [(one.number, one.part_m2, one.others, one.is_alike) for one in found.rooms] == [
        ("100", 5, ("示例1局",), False), ("101", 10, ("示例1局",), True), ("200", 20, (), False),
    ]  # fmt: skip
    before = offices.run(lambda conn: rooms_held(conn, BEFORE, offices.body(0), limit=10))
    assert (before.total, before.rooms) == (0, [])


def test_rooms_of_a_past_day_are_placed_and_called_as_on_that_day(offices: Offices) -> None:
    _give(offices, "0.1.0", Party(offices.body(0)), Party(offices.body(1)))
    ids = offices.city.ids
    room, building, other = (ids[one] for one in ("room 0.1.0", "building 0.0", "floor 0.2"))
    later = date(2026, 4, 1)
    cell = "(SELECT rights_cell FROM place.place WHERE place_id = :place)"
    called = "INSERT INTO place.place_version (place_id, name, valid_to, rights_cell)"
    hung = "INSERT INTO place.former_parent (place_id, parent_id, valid_to, rights_cell)"
    _as_owner(offices, f"{called} VALUES (:place, '旧楼', :day, {cell})",
              place=building, day=later)  # fmt: skip
    _as_owner(offices, f"{hung} VALUES (:place, :floor, :day, {cell})",
              place=room, floor=other, day=later)  # fmt: skip
    try:
        for day, where in ((DAY, ("旧楼", "2F")), (later, ("1号楼", "1F"))):
            found = offices.run(lambda conn, on=day: rooms_held(conn, on, offices.body(0), limit=9))
            (one,) = found.rooms
            assert (one.building, one.floor) == where
    finally:
        for table in ("place_version", "former_parent"):
            _as_owner(offices, f"DELETE FROM place.{table}")


def _cover(offices: Offices, who: str = "everything", **more: Any) -> None:
    database = offices.city.database
    with transaction(database.engine(Role.LOADER), offices.tokens[who]) as conn:
        cover(conn, **{"code": "A3", "since": DAY, "rule_source": "示例文件", **more})


def test_an_institution_is_judged_while_it_is_listed_by_decision(offices: Offices) -> None:
    kind = "UPDATE organization.organization SET type_code = :type, category_code = :category"
    body = f"{kind} WHERE organization_id = :body"
    _as_owner(offices, body, body=offices.body(3), type="institution", category="institution_1")

    def judged(day: date) -> bool:
        return "A3" in [one.body.code for one in _verdicts(offices, day)]

    try:
        assert not judged(DAY)
        _cover(offices)
        assert (judged(BEFORE), judged(DAY)) == (False, True)
        with pytest.raises(Conflict, match=r"space\.covered_already"):
            _cover(offices, since=BEFORE)
        with transaction(
            offices.city.database.engine(Role.LOADER), offices.tokens["everything"]
        ) as conn:
            uncover(conn, "A3", since=date(2026, 4, 1))
            [entry] = covered(conn)
            with pytest.raises(NotFound, match=r"space\.not_covered"):
                uncover(conn, "A3", since=date(2026, 4, 1))
        assert (entry.code, entry.valid_from, entry.rule_source) == ("A3", DAY, "示例文件")
        assert (judged(DAY), judged(date(2026, 4, 1))) == (True, False)
    finally:
        _as_owner(offices, "DELETE FROM organization.organization_register")
        _as_owner(offices, body, body=offices.body(3), type="party_government",
                  category="state_organ")  # fmt: skip


def test_not_everybody_says_for_whom_the_standard_is(offices: Offices) -> None:
    with pytest.raises(Forbidden, match=r"space\.cover_forbidden"):
        _cover(offices, "clerk")
    with pytest.raises(NotFound, match=r"space\.no_such_body"):
        _cover(offices, code="none")


def test_two_districts_of_one_name_are_two_rows(offices: Offices) -> None:
    _as_owner(offices, "UPDATE organization.organization SET admin_area_code = '320402'"
              " WHERE organization_id = :body", body=offices.body(1))  # fmt: skip
    named = "UPDATE place.admin_area SET name = :to WHERE code = '320402'"
    _as_owner(offices, named, to="示例0区")
    try:
        report = offices.run(lambda conn: build_verdicts(conn, DAY))
    finally:
        _as_owner(offices, named, to="示例1区")
    districts = report.tables[1]
    found = {row["district_code"]: (row["district"], row["bodies"]) for row in districts.rows}
    assert found == {"320401": ("示例0区", 1), "320402": ("示例0区", 1), None: (None, 2)}
    assert len({tuple(row[name] for name in districts.key) for row in districts.rows}) == 3


def test_a_page_of_rooms_past_the_end_still_says_how_many_there_are(offices: Offices) -> None:
    for name in ("0.1.0", "0.1.1"):
        _give(offices, name, Party(offices.body(0)))
    found = [
        offices.run(lambda conn, at=at: rooms_held(conn, DAY, offices.body(0), limit=2, offset=at))
        for at in (0, 2, 9)
    ]
    assert [(one.total, len(one.rooms)) for one in found] == [(2, 2), (2, 0), (2, 0)]


def test_many_bodies_of_very_many_are_read_in_goes_and_judged_alike(
    offices: Offices, monkeypatch: pytest.MonkeyPatch
) -> None:
    _give(offices, "0.1.0", Party(offices.body(0)))
    _give(offices, "1.1.0", Party(offices.body(1)))
    whole = _verdicts(offices)
    monkeypatch.setattr("assets.space.queries.SOME", 1)
    monkeypatch.setattr("assets.space.queries._FEW_OF", 0)
    assert _verdicts(offices) == whole
    assert [one.body.code for one in whole] == ["A0", "A1", "A2", "A3"]


def test_of_few_bodies_no_leaf_is_looked_at_that_is_not_theirs(offices: Offices) -> None:
    """With hundreds of holdings each, all leaves of the register were gone through for each."""
    for name in ("0.1.0", "0.1.1", "0.2.0", "0.2.1"):
        _give(offices, name, Party(offices.body(0)))
    for name in ("1.1.0", "1.1.1", "1.2.0", "1.2.1"):
        _give(offices, name, Party(offices.body(1)))
    made: list[Any] = []

    def watched(_conn: Any, _cursor: Any, said: str, values: Any, *_: Any) -> None:
        if "TEMP TABLE had_leaf" in said:
            made.append((said, values))

    def explained(conn: Connection) -> str:
        event.listen(conn, "before_cursor_execute", watched)
        plan = "EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) "
        with _Reader(conn, DAY, [offices.body(0)]) as read:
            read.collect()
            ((said, values),) = made
            conn.exec_driver_sql("DROP TABLE pg_temp.had_leaf")
            # A small table is looked through whatever the statement says; joins are not alike.
            conn.exec_driver_sql("SET LOCAL enable_indexscan = off")
            conn.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
            return "\n".join(conn.exec_driver_sql(plan + said, values).scalars())

    plan = offices.run(explained)
    assert "Seq Scan on holding_leaf" in plan
    assert not re.search(r"Join Filter: .*\bl\.holding_id", plan), plan


def test_a_part_is_told_by_the_rooms_that_hung_in_it_on_the_day(offices: Offices) -> None:
    # Of its site it has a part; its room hung in it then, and hangs in nothing now.
    _give(offices, "0.1.0", Party(offices.body(0)))
    assert _of(offices, 0).compared[-1].state is State.WITHIN
    floor = offices.city.ids["floor 0.1"]
    until, above = date(2026, 6, 1), offices.city.ids["building 0.0"]
    _as_owner(offices, _HANG, above=None, kind=None, floor=floor)
    _as_owner(offices, _HUNG, above=above, day=until, floor=floor)
    try:
        assert _of(offices, 0).compared[-1].state is State.WITHIN
        assert Lack.ROOMS_UNTOLD in _of(offices, 0, until).lacks
    finally:
        _as_owner(offices, "DELETE FROM place.former_parent")
        _as_owner(offices, _HANG, above=above, kind="building", floor=floor)
