"""Verdicts: what each body has against what it may have, as of a day, for whoever asks."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from assets.estate.actions import Party, record_holding
from assets.estate.actions.arranging import arrange
from assets.estate.model import Extent, HoldingKind
from assets.space.queries import REPORT, Verdict, verdicts
from assets.space.reports import build_verdicts
from assets.space.rules import Lack, State
from gis.db import Role, transaction
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


def _verdicts(
    offices: Offices, day: date = DAY, who: str = "everything", **more: Any
) -> Sequence[Verdict]:
    found: Sequence[Verdict] = offices.run(lambda conn: verdicts(conn, day, **more), who)
    return found


def _of(offices: Offices, at: int, day: date = DAY, **more: Any) -> Verdict:
    (found,) = _verdicts(offices, day, organization_id=offices.body(at), **more)
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
    bodies, districts, lines = (table.rows for table in report.tables)
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
