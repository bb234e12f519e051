"""Forms of office space: their sums are the figures of /space, as of a day, for whoever asks."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from assets.estate.actions import Party, record_holding
from assets.estate.actions.arranging import arrange
from assets.estate.actions.holdings import Sharer
from assets.estate.model import Extent, HoldingKind
from assets.report import Choice, Report, ReportBuilder
from assets.services.frozen import freeze, row_key
from assets.space.forms import FORMS
from assets.space.forms.leaders import LEADERS
from assets.space.forms.over import OVER
from assets.space.forms.overall import OVERALL
from assets.space.forms.published import PUBLISHED
from assets.space.forms.survey import SURVEY_ROOMS
from assets.space.forms.vacated import VACATED
from assets.space.held import rooms_held
from assets.space.queries import bodies, verdicts
from gis.db import Role
from gis.errors import InputError
from tests.assets.space.conftest import DAY, GROUNDS, Offices

BEFORE = DAY - timedelta(days=1)
LATER = DAY + timedelta(days=60)
_COUNT = """
INSERT INTO organization.headcount
  (organization_id, kind, rank_code, people, counted_on, source, rights_cell)
SELECT :body, 'quota', r.rank, r.people, '2026-01-01', 'census',
       rights.cell_for(:body, NULL, 0::smallint)
FROM unnest(ARRAY['bureau_below', 'bureau_chief'], ARRAY[2, 1]) AS r (rank, people)"""
_STATE = """
INSERT INTO place.area_measure (place_id, area_kind, source, area_m2, rights_cell)
SELECT place_id, :kind, 'declared', :area, rights_cell FROM place.place WHERE place_id = :place"""
_FORGET = "DELETE FROM place.area_measure WHERE area_kind = 'office_usable'"


@pytest.fixture(autouse=True)
def _people(offices: Offices) -> Iterator[None]:
    """Agency 0 is a city's with ranks, of the first district."""
    owner = offices.city.database.engine(Role.OWNER)
    body = offices.body(0)
    with owner.begin() as conn:
        conn.execute(
            text(
                "UPDATE organization.organization SET level_code = 'city',"
                " admin_area_code = '320401' WHERE organization_id = :body"
            ),
            {"body": body},
        )
        conn.execute(text(_COUNT), {"body": body})
    yield
    with owner.begin() as conn:
        conn.execute(text("DELETE FROM organization.headcount WHERE rank_code IS NOT NULL"))


def _give(offices: Offices, name: str, *parties: Party, since: date = DAY) -> None:
    rooms = {offices.room(name): parties}
    seen = offices.seen(name)
    offices.run(lambda conn: arrange(conn, rooms, since=since, seen=seen, grounds=GROUNDS))


def _report(
    offices: Offices,
    builder: ReportBuilder,
    day: date = DAY,
    who: str = "everything",
    **chosen: Any,
) -> Report:
    made: Report = offices.run(lambda conn: builder.made(conn, day, Choice(**chosen)), who)
    return made


def _rows(report: Report, name: str) -> list[Any]:
    return list(next(table.rows for table in report.tables if table.name == name))


def _class(offices: Offices, name: str, room_class: str | None) -> None:
    with offices.city.database.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text("UPDATE place.room SET room_class = :to WHERE place_id = :room"),
            {"to": room_class, "room": offices.room(name)},
        )


@pytest.fixture
def _seated(offices: Offices) -> Iterator[None]:
    """Agency 0 has two rooms alone, shares one, and has one of another class."""
    _class(offices, "0.2.0", "service")
    _give(offices, "0.1.0", Party(offices.body(0)))
    _give(offices, "0.1.1", Party(offices.body(0), Decimal("0.25")),
          Party(offices.body(1), Decimal("0.75")))  # fmt: skip
    _give(offices, "0.2.0", Party(offices.body(0)))
    yield
    _class(offices, "0.2.0", "office")


@pytest.mark.usefixtures("_seated")
@pytest.mark.parametrize("who", ["everything", "clerk"])
def test_the_overview_says_what_the_page_says(offices: Offices, who: str) -> None:
    report = _report(offices, OVERALL, who=who)
    found = offices.run(lambda conn: verdicts(conn, DAY), who)
    listed = _rows(report, "bodies")
    assert [row["code"] for row in listed] == [one.body.code for one in found]
    for row, one in zip(listed, found, strict=True):
        had = {each.room_class: each for each in one.rooms}
        for name in ("office", "service", "equipment", "ancillary", "technical"):
            assert row[f"{name}_rooms"] == (had[name].rooms if name in had else 0)
            assert row[f"{name}_m2"] == (had[name].area_m2 if name in had else 0)
        assert row["quota"] == one.entitlement.quota
    *districts, whole = _rows(report, "districts")
    for name in ("quota", "office_rooms", "office_m2", "service_m2"):
        of_bodies = sum(row[name] or 0 for row in listed)
        assert sum(row[name] or 0 for row in districts) == whole[name] == of_bodies, name


@pytest.mark.usefixtures("_seated")
def test_a_gross_area_is_said_of_no_body_that_shares_a_property(offices: Offices) -> None:
    def gross() -> dict[str, Any]:
        return {row["body"]: row["gross_m2"] for row in _rows(_report(offices, OVERALL), "bodies")}

    before = gross()
    assert before["示例0局"]
    assert before["示例1局"]
    # Agency 0 uses a part of the property of agency 1 now, beside its own.
    offices.run(lambda conn: record_holding(
        conn, place_id=offices.city.ids["site 1"], kind=HoldingKind.OCCUPIES, extent=Extent.PART,
        parties=[Party(offices.body(0))],
    ))  # fmt: skip
    assert gross() == {**before, "示例0局": None, "示例1局": None}


@pytest.mark.usefixtures("_seated")
def test_rooms_that_nobody_has_are_vacant_where_they_stand(offices: Offices) -> None:
    # Of each site two rooms are called idle; agency 0 has one of the two of its own.
    districts = {row["code"]: row for row in _rows(_report(offices, OVERALL), "districts")}
    vacant = {code: row["vacant_rooms"] for code, row in districts.items() if row["vacant_rooms"]}
    assert vacant == {"320401": 1, "320402": 2, "320403": 2, "-": 5}
    assert (districts["320401"]["vacant_m2"], districts["-"]["vacant_m2"]) == (20, 106)
    (before,) = [row for row in _rows(_report(offices, OVERALL, BEFORE), "districts")
                 if row["code"] == "-"]  # fmt: skip
    assert (before["vacant_rooms"], before["office_rooms"]) == (6, 0)
    # What was given up is vacant, whatever was stated of it.
    _give(offices, "0.1.0", since=LATER)
    *_, whole = _rows(_report(offices, OVERALL, LATER), "districts")
    assert whole["vacant_rooms"] == 6
    seen = _rows(_report(offices, OVERALL, LATER, who="clerk"), "districts")[-1]
    assert seen["vacant_rooms"] == 2


@pytest.mark.usefixtures("_seated")
def test_bodies_over_the_standard_with_what_is_too_much(offices: Offices) -> None:
    assert _rows(_report(offices, OVER), "bodies") == []
    _give(offices, "0.2.1", Party(offices.body(0)))
    found = {one.body.code: one for one in offices.run(lambda conn: verdicts(conn, DAY))}
    office = found["A0"].compared[0]
    row, whole = _rows(_report(offices, OVER), "bodies")
    assert (row["code"], row["office_entitled"], row["office_actual"]) == ("A0", 42, 45)
    assert row["office_surplus"] == office.difference_m2 == whole["office_surplus"] == 3
    assert (row["office_percent"], row["service_surplus"]) == (Decimal("7.14"), None)


@pytest.mark.usefixtures("_seated")
def test_vacated_rooms_by_class_and_by_what_became_of_them(offices: Offices) -> None:
    _give(offices, "0.1.0", Party(offices.body(2)), since=LATER)
    _give(offices, "0.2.0", since=LATER)
    # Who shares anew what it had, vacated nothing; who left a shared room, its part.
    _give(offices, "0.1.1", Party(offices.body(0)), since=LATER)
    report = _report(offices, VACATED, LATER)
    assert report.form is not None
    assert report.form.since == date(2026, 1, 1)
    listed = _rows(report, "rooms")
    assert [(row["body_code"], row["after"], row["area_m2"]) for row in listed] == [
        ("A0", "reassigned", 20), ("A0", "free", listed[1]["area_m2"]), ("A1", "reassigned", 15),
    ]  # fmt: skip
    assert listed[0]["now_had_by"] == ["示例2局"]
    *kinds, whole = _rows(report, "sums")
    assert [(row["after"], row["rooms"]) for row in kinds] == [("reassigned", 2), ("free", 1)]
    assert whole["office_m2"] == 35
    assert whole["subtotal_m2"] == sum(row["area_m2"] for row in listed)
    assert whole["service_m2"] == listed[1]["area_m2"]


@pytest.mark.usefixtures("_seated")
def test_only_what_was_vacated_in_the_period_by_the_body_counts(offices: Offices) -> None:
    _give(offices, "0.1.0", since=LATER)
    for chosen, count in (
        ({}, 1),
        ({"since": LATER}, 1),
        ({"body": "A0"}, 1),
        ({"body": "A1"}, 0),
    ):
        assert len(_rows(_report(offices, VACATED, LATER, **chosen), "rooms")) == count
    after = LATER + timedelta(days=1)
    assert _rows(_report(offices, VACATED, after, since=after), "sums") == []
    # As of the day before it was still there.
    assert _rows(_report(offices, VACATED, LATER - timedelta(days=1)), "rooms") == []
    with pytest.raises(InputError, match=r"report\.period_runs_backwards"):
        _report(offices, VACATED, DAY, since=LATER)
    with pytest.raises(InputError, match=r"space\.no_such_body"):
        _report(offices, VACATED, DAY, body="nobody")
    with pytest.raises(InputError, match=r"report\.takes_no_body"):
        _report(offices, OVER, DAY, body="A0")


@pytest.mark.usefixtures("_seated")
def test_the_publication_of_a_body_lists_its_rooms(offices: Offices) -> None:
    report = _report(offices, PUBLISHED, body="A0")
    held = offices.run(lambda conn: rooms_held(conn, DAY, offices.body(0), limit=10)).rooms
    listed = _rows(report, "rooms")
    assert [(row["code"], row["part_m2"]) for row in listed] == [
        (one.code, one.part_m2) for one in held
    ]
    assert [row["shared_with"] for row in listed if row["shared_with"]] == [["示例1局"]]
    classes = {row["room_class"]: row for row in _rows(report, "classes")}
    assert classes["office"]["area_m2"] + classes["service"]["area_m2"] == sum(
        row["part_m2"] for row in listed
    )
    assert (classes["office"]["entitled_m2"], classes["service"]["rooms"]) == (42, 1)
    assert report.form is not None
    assert report.form.filed_by == "示例0局"
    # Of all bodies, each has its own.
    every = _rows(_report(offices, PUBLISHED), "rooms")
    assert [row["body_code"] for row in every] == ["A0", "A0", "A0", "A1"]


@pytest.mark.usefixtures("_seated")
def test_the_survey_from_rooms_beside_what_was_filed(offices: Offices) -> None:
    site = offices.city.ids["site 0"]
    with offices.city.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text(_STATE), {"kind": "office_usable", "area": 100, "place": site})
    try:
        report = _report(offices, SURVEY_ROOMS)
    finally:
        with offices.city.database.engine(Role.OWNER).begin() as conn:
            conn.execute(text(_FORGET))
    (compared,) = [row for row in _rows(report, "compared") if row["code"] == "S0"]
    rooms = compared["office_rooms_m2"]
    assert (compared["rooms"], compared["office_stated_m2"]) == (4, 100)
    assert compared["office_difference_m2"] == rooms - 100
    assert (compared["state"], compared["differing"]) == ("differs", ["office"])
    (row, *_) = [one for name in ("city", "county") for one in _rows(report, name)
                 if one["code"] == "S0"]  # fmt: skip
    assert (row["office_m2"], row["basis"]) == (rooms, "rooms")
    assert row["basic_m2"] == compared["basic_rooms_m2"] == rooms + compared["service_rooms_m2"]
    of_bodies = {row["body_code"]: row for row in _rows(report, "bodies")}
    assert of_bodies["A1"]["office_m2"] == 15

    # Rooms of which one has no class are no sum of what was filed for the whole.
    _class(offices, "0.1.0", None)
    with offices.city.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text(_STATE), {"kind": "office_usable", "area": 100, "place": site})
    try:
        report = _report(offices, SURVEY_ROOMS)
    finally:
        _class(offices, "0.1.0", "office")
        with offices.city.database.engine(Role.OWNER).begin() as conn:
            conn.execute(text(_FORGET))
    (row, *_) = [one for name in ("city", "county") for one in _rows(report, name)
                 if one["code"] == "S0"]  # fmt: skip
    assert (row["office_m2"], row["basis"]) == (100, "stated")
    found = {one.body.code: one for one in offices.run(lambda conn: verdicts(conn, DAY))}
    assert of_bodies["A0"]["office_m2"] == found["A0"].compared[0].actual_m2


@pytest.mark.usefixtures("_seated")
def test_a_form_never_shows_what_its_reader_may_not_see(offices: Offices) -> None:
    _give(offices, "1.1.0", Party(offices.body(0)))
    _give(offices, "0.2.0", since=LATER)
    _give(offices, "1.1.0", since=LATER)
    hidden = {"S1", "示例路1号", "示例2局", "A2", "A3"}
    with offices.city.database.engine(Role.OWNER).connect() as conn:
        hidden |= {
            str(conn.execute(
                text("SELECT code FROM place.place WHERE place_id = :room"),
                {"room": offices.room("1.1.0")},
            ).scalar_one())
        }  # fmt: skip
    for builder in FORMS:
        seen = str(_report(offices, builder, LATER, who="clerk").tables)
        assert not [word for word in hidden if f"'{word}'" in seen], builder.name
        everything = str(_report(offices, builder, LATER).tables)
        if builder is VACATED:
            assert len(_rows(_report(offices, builder, LATER, who="clerk"), "rooms")) == 1
            assert everything != seen


@pytest.mark.usefixtures("_seated")
@pytest.mark.parametrize("builder", FORMS, ids=lambda one: one.name)
def test_a_form_can_be_frozen_figure_by_figure(offices: Offices, builder: ReportBuilder) -> None:
    _give(offices, "0.2.0", since=LATER)
    report = _report(offices, builder, LATER)
    for table in report.tables:
        keys = [row_key(table, row) for row in table.rows]
        assert len(keys) == len(set(keys)), table.name

    with offices.city.database.engine(Role.OWNER).connect() as conn:  # and nothing is kept
        cell = conn.execute(text("SELECT min(cell) FROM rights.cell")).scalar_one()
        made = freeze(conn, report, subject="a form", vocabularies=(), rights_cell=cell)
        kept = ("SELECT count(*) FROM services.frozen_figure WHERE frozen_report_id = :id"
                " AND table_name <> 'report.footnotes'")  # fmt: skip
        figures = sum(len(table.rows) * len(table.columns) for table in report.tables)
        assert conn.execute(text(kept), {"id": made}).scalar_one() == figures


def test_leading_posts_are_filed_with_their_offices_and_rooms_with_how_many_sit_there(
    offices: Offices,
) -> None:
    """Not the clerk, not people without a post, and nobody by name."""
    add = """
    INSERT INTO organization.post (organization_id, title, rank_code, holder_name, rights_cell)
    VALUES (:body, :rank, :rank, '甲某', rights.cell_for(:body, '320401', 0::smallint))
    RETURNING post_id"""
    owner, body = offices.city.database.engine(Role.OWNER), offices.body(0)
    with owner.begin() as conn:
        chief, clerk = (
            conn.execute(text(add), {"body": body, "rank": f"bureau_{rank}"}).scalar_one()
            for rank in ("chief", "below")
        )
    half = Decimal("0.5")
    people = (Sharer(half, clerk), Sharer(half, None, "bureau_below", 4))
    try:
        _give(offices, "0.1.0", Party(body, Decimal(1), (Sharer(Decimal(1), chief),)))
        _give(offices, "0.1.1", Party(body, Decimal(1), people))
        report = _report(offices, LEADERS, DAY)
        (row,) = report.tables[0].rows
        assert (row["code"], row["rank"], row["offices"]) == ("A0", "正局（处）级", 1)
        assert (row["entitled_m2"], row["actual_m2"], row["state"]) == (24, 20, "within")
        assert row["surplus_m2"] is None
        assert "甲某" not in str(report)
        published = _rows(_report(offices, PUBLISHED, DAY), "rooms")
        assert sorted(one["users"] for one in published) == [1, 5]
    finally:
        with owner.begin() as conn:
            for table in ("estate.sharer", "organization.post"):
                conn.execute(text(f"DELETE FROM {table}"))


def test_bodies_without_anything_make_no_form_fail(offices: Offices) -> None:
    for builder in FORMS:
        for day in (DAY, date(1990, 1, 1)):
            report = _report(offices, builder, day)
            assert report.tables
    assert offices.run(lambda conn: len(bodies(conn, DAY))) > 0
