"""Rooms of an area by class and vacancy: as of a day, by whichever way and for whoever asks."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from handed_in import open_account
from small_city import City, build
from sqlalchemy import text

from assets.domain import AreaAnswer, AreaList
from assets.estate.actions import Party, record_holding
from assets.estate.model import Extent, HoldingKind
from assets.space.area import AREA_FACTS
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.questions import asked_area, collect_places, parse_question
from gis.rights.actions import Grant
from gis.summed import collect_summed
from gis.summing import refresh_sums

TODAY = today()
WEEK_AGO, LAST_YEAR = TODAY - timedelta(days=7), TODAY - timedelta(days=400)
EVERY_ROW = 1_000_000
DISTRICT = {"within": {"admin_area": "320401"}}
# Of district 0: two rooms are stated idle (x.1), two in use; each of 20 m2.
CLASSES = {"0.1.0": "office", "0.1.1": "vacant", "0.2.0": "service", "0.2.1": "office",
           "1.1.0": "office", "1.1.1": "technical", "1.2.0": "equipment",
           "1.2.1": None}  # fmt: skip

_COUNT = """
INSERT INTO organization.headcount
  (organization_id, kind, rank_code, people, counted_on, source, rights_cell)
SELECT :body, 'quota', r.rank, r.people, :day, 'census',
       rights.cell_for(:body, NULL, 0::smallint)
FROM (VALUES ('bureau_below', 2), ('bureau_chief', 1)) AS r (rank, people)"""


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    made = build(make_database("onemap_space_area"))
    with transaction(made.database.engine(Role.OWNER), None) as conn:
        for room, room_class in CLASSES.items():
            conn.execute(
                text("UPDATE place.room SET room_class = :to WHERE place_id = :room"),
                {"to": room_class, "room": made.ids[f"room {room}"]},
            )
        body = made.ids["agency 0"]
        conn.execute(
            text("UPDATE organization.organization SET level_code = 'city'"
                 " WHERE organization_id = :body"), {"body": body},
        )  # fmt: skip
        conn.execute(text(_COUNT), {"body": body, "day": LAST_YEAR})
        # The floor is of a class that hides it, and what is said of it, from many; its rooms not.
        conn.execute(
            text(
                "UPDATE place.place SET security_class = 2, rights_cell ="
                " rights.cell_for(steward_id, admin_area_code, 2::smallint) WHERE place_id = :floor"
            ),
            {"floor": made.ids["floor 2.1"]},
        )
        for place, more in (
            ("room 0.2.0", {"valid_from": LAST_YEAR, "valid_to": WEEK_AGO}),
            ("room 0.2.1", {"valid_from": WEEK_AGO, "extent": Extent.PART}),
            ("room 1.1.0", {"valid_from": LAST_YEAR, "kind": HoldingKind.RESERVES}),
            ("floor 2.1", {"valid_from": WEEK_AGO}),
            ("room 2.2.0", {}),
        ):
            record_holding(
                conn,
                place_id=made.ids[place],
                parties=[Party(made.ids["agency 0"])],
                **{"kind": HoldingKind.OCCUPIES, **more},  # type: ignore[arg-type]
            )
    refresh_sums(made.database.engine(Role.LOADER), TODAY)
    return made


def asked(
    city: City, body: dict[str, Any], as_of: date, *, token: str = "", is_summed: bool = False
) -> tuple[AreaAnswer, dict[str, AreaList]]:
    """The answer and, place by place, its lists."""
    engine = city.database.engine(Role.WEB)
    with transaction(engine, token or city.everything, is_one_moment=True) as conn:
        question = parse_question(body, as_of)
        area = asked_area(conn, question)
        found = (collect_summed if is_summed else collect_places)(conn, question, area)
        assert found.is_summed is is_summed
        answer = AREA_FACTS.answer(conn, found)
        if is_summed:
            return answer, {}
        return answer, {
            name: read(conn, found, EVERY_ROW, 0) for name, read in AREA_FACTS.lists.items()
        }


def codes(lists: dict[str, AreaList], name: str) -> set[str]:
    return {row["code"] for row in lists[name].rows}


@pytest.mark.parametrize(
    ("body", "as_of", "vacant"),
    [
        # 0.1.1 is stated empty, 0.2.0 was left; of 0.2.1 somebody has a part, 0.1.0 nobody told.
        (DISTRICT, TODAY, {"R011", "R020"}),
        (DISTRICT, WEEK_AGO - timedelta(days=1), {"R011", "R021"}),
        (DISTRICT, LAST_YEAR, {"R011", "R021"}),
        # 1.1.0 is reserved; 1.1.1 and 1.2.1, stated idle, are of no class that is given out.
        ({"within": {"admin_area": "320402"}}, TODAY, set()),
        # Somebody has the floor of 2.1.1, stated idle.
        ({"within": {"admin_area": "320403"}}, TODAY, {"R221"}),
        ({"within": {"admin_area": "320403"}}, LAST_YEAR, {"R211", "R221"}),
    ],
)
def test_rooms_that_nobody_has_are_vacant_once_idle_or_left(
    city: City, body: dict[str, Any], as_of: date, vacant: set[str]
) -> None:
    _, lists = asked(city, body, as_of)
    assert codes(lists, "vacant_rooms") == vacant


def test_what_is_hidden_still_takes_the_rooms(city: City) -> None:
    token = open_account(city.database, "看不见楼层", Grant("viewer", admin_area_code="320403"))
    answer, lists = asked(city, {"within": {}}, TODAY, token=token)
    assert codes(lists, "assignable_rooms") == {"R210", "R211", "R220", "R221"}
    assert codes(lists, "vacant_rooms") == {"R221"}
    assert answer == asked(city, {"within": {}}, TODAY, token=token, is_summed=True)[0]


@pytest.mark.parametrize("as_of", [TODAY, WEEK_AGO, WEEK_AGO - timedelta(days=1), LAST_YEAR])
@pytest.mark.parametrize("body", [{"within": {}}, DISTRICT, {**DISTRICT, "invert": True}])
def test_figures_are_what_their_lists_sum_to_by_sums_and_singly(
    city: City, body: dict[str, Any], as_of: date
) -> None:
    for token in (city.everything, city.partial):
        answer, lists = asked(city, body, as_of, token=token)
        assert answer == asked(city, body, as_of, token=token, is_summed=True)[0]
        said = {one.name: one.value for one in answer.figures}
        for one in answer.figures:
            found = lists[one.list_name or ""]
            assert len(found.rows) == found.total
            if one.list_column:
                listed = sum((Decimal(row[one.list_column] or 0) for row in found.rows), Decimal())
                assert listed == found.sums[one.list_column] == Decimal(str(one.value))
            elif one.unit != "share":
                assert one.value == found.total
        area = said["assignable_area"]
        assert said["vacancy"] == (round(said["vacant_area"] / area, 4) if area else None)
        (table,) = answer.tables
        assigned = [
            row for row in table.rows if row["room_class"] in {"office", "service", "vacant"}
        ]
        for column, figure in (
            ("rooms", "assignable_rooms"), ("area_m2", "assignable_area"),
            ("vacant_rooms", "vacant_rooms"), ("vacant_m2", "vacant_area"),
        ):  # fmt: skip
            assert sum(row[column] for row in assigned) == said[figure], column


def test_rooms_are_told_by_class_those_of_none_last(city: City) -> None:
    answer, _ = asked(city, {"within": {"admin_area": "320402"}}, TODAY)
    rows = [(row["room_class"], row["rooms"], row["vacant_rooms"]) for row in answer.tables[0].rows]
    assert rows == [("office", 1, 0), ("equipment", 1, 0), ("technical", 1, 1), (None, 1, 1)]


def test_bodies_are_told_with_all_they_may_have_and_what_of_it_is_here(city: City) -> None:
    def told(area: str) -> dict[str, tuple[Any, ...]]:
        _, lists = asked(city, {"within": {"admin_area": area}}, TODAY)
        columns = ("entitled_m2", "actual_m2", "within_m2", "difference_m2", "state")
        return {row["code"]: tuple(row[one] for one in columns)
                for row in lists["standard_bodies"].rows}  # fmt: skip

    may_have = Decimal("71.94")
    # Of its part of district 0 nobody told the rooms; it has three of 22 m2 in district 2.
    assert told("320401") == {"A0": (may_have, 66, 0, 66 - may_have, "unknown")}
    assert told("320403") == {
        "A0": (may_have, 66, 66, 66 - may_have, "unknown"),
        "A2": (None, 0, 0, None, "unknown"),
    }


def test_a_page_of_bodies_past_the_end_still_says_how_many_there_are(city: City) -> None:
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        question = parse_question({"within": {}}, TODAY)
        found = collect_places(conn, question, asked_area(conn, question))
        read = AREA_FACTS.lists["standard_bodies"]
        pages = [read(conn, found, 2, offset) for offset in (0, 2, 4)]
    assert [[row["code"] for row in page.rows] for page in pages] == [["A0", "A1"], ["A2"], []]
    assert {page.total for page in pages} == {3}
