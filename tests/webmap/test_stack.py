"""A building floor by floor over HTTP: who has which rooms, how much of a floor, what is free."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from handed_in import open_account
from makers import make_place
from small_city import City, build
from sqlalchemy import text

from assets.estate.actions import Party, record_holding
from assets.estate.model import HoldingKind
from etl.terms import save_terms
from gis.db import Database, Role, transaction
from gis.places.actions import refresh_derived, touch
from gis.rights.actions import Grant

_FORGET_TOUCHED = "DROP TABLE IF EXISTS pg_temp.touched_place, pg_temp.touched_tree"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    """Building 0.0: floor 1 has 100 m2, room 0 of it is agency 0's, room 1 is shared; 2 is free."""
    made = build(make_database("onemap_stack_tests"))
    with transaction(made.database.engine(Role.LOADER), made.everything) as conn:
        save_terms(conn)
    with transaction(made.database.engine(Role.OWNER), None) as conn:
        ids = made.ids
        conn.execute(
            text(
                "INSERT INTO place.area_measure"
                " (place_id, area_kind, area_m2, source, rights_cell)"
                " SELECT place_id, 'gross', 100, 'declared', rights_cell"
                " FROM place.place WHERE place_id = :floor"
            ),
            {"floor": ids["floor 0.1"]},
        )
        stairs = make_place(
            conn, "R0STAIR", "room", parent=(ids["floor 0.2"], "floor"),
            admin_area_code="320401", steward_id=ids["agency 0"],
        )  # fmt: skip
        conn.execute(
            text(
                "INSERT INTO place.room (place_id, number, room_class, rights_cell)"
                " SELECT place_id, 'T1', 'ancillary', rights_cell"
                " FROM place.place WHERE place_id = :id"
            ),
            {"id": stairs},
        )
        touch(conn, [ids["floor 0.1"], stairs])
        refresh_derived(conn)
        for room, parties in (
            ("room 0.1.0", [Party(ids["agency 0"])]),
            ("room 0.1.1", [Party(ids["agency 0"]), Party(ids["agency 1"])]),
        ):
            conn.execute(text(_FORGET_TOUCHED))
            record_holding(
                conn, place_id=ids[room], kind=HoldingKind.OCCUPIES, parties=parties,
                valid_from=date(2026, 1, 1),
            )  # fmt: skip
    return made


def _parts(floor: dict[str, Any]) -> dict[str, tuple[int, float]]:
    return {one["title"]: (one["rooms"], one["area_m2"]) for one in floor["parts"]}


def test_bars_tell_who_has_how_much_of_each_floor(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    address = f"/api/space/buildings/{city.ids['building 0.0']}"
    answer = browse(city.everything).get(address).get_json()
    assert (answer["name"], answer["above"]["place_id"]) == ("1号楼", city.ids["site 0"])
    upper, lower = answer["floors"]
    assert (upper["label"], lower["label"]) == ("2F", "1F")
    # Two rooms of 20 m2: one whole, one by halves, for nobody said how it is shared.
    assert _parts(lower) == {"示例0局": (2, 30), "示例1局": (1, 10)}
    assert (lower["gross_m2"], lower["usable_m2"], lower["beside_m2"]) == (100, 40, 60)
    assert [(one["from_percent"], one["percent"]) for one in lower["parts"]] == [(0, 30), (30, 10)]
    assert (lower["beside_from_percent"], lower["beside_percent"]) == (40, 60)
    dark_words = {one["colour"]: one["is_light"] for one in lower["parts"] + upper["parts"]}
    assert dark_words == {"#2c6fbb": False, "#e0a93b": True, "#c9d1da": True, "#f0d9a8": True}
    assert _parts(upper) == {"公用房间": (1, 0), "空置": (2, 40)}
    assert (upper["gross_m2"], upper["beside_m2"], upper["unmeasured"]) == (None, None, 1)
    whole = {one["title"]: (one["rooms"], one["area_m2"]) for one in answer["legend"]}
    assert whole["示例0局"] == (2, 30)
    assert len({one["colour"] for one in answer["legend"]}) == len(answer["legend"])
    assert (upper["gross_m2"], lower["room_count"], answer["partly"]) == (None, 2, [])
    rooms = {one["place_id"]: one for one in answer["rooms"]}
    shared = rooms[city.ids["room 0.1.1"]]
    assert [(one["name"], one["share"]) for one in shared["occupants"]] == [
        ("示例0局", 0.5),
        ("示例1局", 0.5),
    ]


def test_a_site_tells_the_rooms_of_all_its_buildings(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    """Its floors are those of its buildings, so that a map coloured by bodies covers all of it."""
    client = browse(city.everything)
    one = client.get(f"/api/space/buildings/{city.ids['building 0.0']}").get_json()
    answer = client.get(f"/api/space/buildings/{city.ids['site 0']}").get_json()
    assert (answer["kind"], answer["above"]) == ("site", None)
    assert [floor["label"] for floor in answer["floors"]] == ["1号楼 2F", "1号楼 1F"]
    assert [floor["parts"] for floor in answer["floors"]] == [f["parts"] for f in one["floors"]]
    found = {room["place_id"]: room["occupants"] for room in answer["rooms"]}
    assert found == {room["place_id"]: room["occupants"] for room in one["rooms"]}
    assert client.get(f"/space/buildings/{city.ids['site 0']}").status_code == 200
    of_part = client.get(f"/api/space/buildings/{city.ids['site 1']}").get_json()
    assert [(group["key"], group["rooms"]) for group in of_part["legend"]] == [("untold", 4)]


def test_no_room_is_called_free_that_somebody_may_have(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    """The site of agency 1 is its own in part, and no room of it: the census says no more."""
    address = f"/api/space/buildings/{city.ids['building 1.0']}"
    answer = browse(city.everything).get(address).get_json()
    assert answer["partly"] == ["示例1局"]
    assert [(one["key"], one["rooms"]) for one in answer["legend"]] == [("untold", 4)]
    page = browse(city.everything).get(f"/space/buildings/{city.ids['building 1.0']}")
    assert "不能认定为空置：示例1局。" in page.get_data(as_text=True)


def test_a_room_that_is_let_is_not_free(browse: Callable[[str], FlaskClient], city: City) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        room = city.ids["room 0.2.0"]
        conn.execute(text(_FORGET_TOUCHED))
        holding = record_holding(
            conn, place_id=room, kind=HoldingKind.LETS_OUT, parties=[Party(city.ids["agency 2"])]
        )
    address = f"/api/space/buildings/{city.ids['building 0.0']}"
    answer = browse(city.everything).get(address).get_json()
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        values = {"holding": holding}
        conn.execute(text("DELETE FROM estate.holding_party WHERE holding_id = :holding"), values)
        conn.execute(text("DELETE FROM estate.holding WHERE holding_id = :holding"), values)
    upper = answer["floors"][0]
    assert _parts(upper) == {"公用房间": (1, 0), "出租": (1, 20), "空置": (1, 20)}


def test_what_each_body_has_is_what_its_verdict_counts(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    client, body = browse(city.everything), city.ids["agency 0"]
    stack = client.get(f"/api/space/buildings/{city.ids['building 0.0']}").get_json()
    verdict = client.get(f"/api/space/verdicts/{body}").get_json()
    (own,) = [one for one in stack["legend"] if one["key"] == str(body)]
    assert own["area_m2"] == sum(one["area_m2"] for one in verdict["rooms"])
    assert own["link"].startswith(f"/space/bodies/{body}?")


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("room_class", {"办公室": 4, "附属用房": 1}),
        ("use", {"有使用单位": 2, "公用房间": 1, "空置": 2}),
        ("verdict", {"无法判定": 2, "公用房间": 1, "空置": 2}),
    ],
)
def test_rooms_are_told_apart_in_other_ways(
    browse: Callable[[str], FlaskClient], city: City, way: str, expected: dict[str, int]
) -> None:
    address = f"/api/space/buildings/{city.ids['building 0.0']}?by={way}"
    answer = browse(city.everything).get(address).get_json()
    assert {one["title"]: one["rooms"] for one in answer["legend"]} == expected


def test_before_rooms_were_told_a_part_of_the_site_may_be_any_of_them(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    address = f"/api/space/buildings/{city.ids['building 0.0']}?as_of=2025-12-31"
    answer = browse(city.everything).get(address).get_json()
    assert [one["key"] for one in answer["legend"]] == ["common", "untold"]


def test_the_page_says_the_same_as_tables(browse: Callable[[str], FlaskClient], city: City) -> None:
    client = browse(city.everything)
    page = client.get(f"/space/buildings/{city.ids['building 0.0']}").get_data(as_text=True)
    assert page.count('<svg class="stack-bar"') == 2
    assert "示例1局</a>" in page
    assert "60.00" in page
    client.set_cookie("onemap_language", "en")
    english = client.get(f"/space/buildings/{city.ids['building 0.0']}").get_data(as_text=True)
    assert "Not assignable" in english
    assert "Common rooms" in english


def test_others_see_nothing_and_mistakes_are_said(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    building, hidden = city.ids["building 0.0"], city.ids["building 2.0"]
    assert browse(city.partial).get(f"/api/space/buildings/{building}").status_code == 200
    assert browse(city.partial).get(f"/api/space/buildings/{hidden}").status_code == 404
    client = browse(city.everything)
    for wrong in (city.ids["room 0.1.0"], city.ids["floor 0.1"], 999_999_999):
        answer = client.get(f"/api/space/buildings/{wrong}")
        assert (answer.status_code, answer.get_json()["detail"][:4]) == (404, "当日没有")
    answer = client.get(f"/api/space/buildings/{building}?by=colour")
    assert answer.status_code == 400
    assert "occupant" in answer.get_json()["detail"]


def test_no_room_is_free_that_somebody_hidden_has(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    # Of a class that hides it, a body has all of the site; its rooms may be seen.
    site = city.ids["site 1"]
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        conn.execute(
            text(
                "UPDATE place.place SET security_class = 2, rights_cell ="
                " rights.cell_for(steward_id, admin_area_code, 2::smallint) WHERE place_id = :site"
            ),
            {"site": site},
        )
        record_holding(
            conn, place_id=site, kind=HoldingKind.OCCUPIES, parties=[Party(city.ids["agency 1"])]
        )
    token = open_account(city.database, "看不见院落", Grant("viewer", admin_area_code="320402"))
    address = f"/api/space/buildings/{city.ids['building 1.0']}"
    for by in ("occupant", "use"):
        floors = browse(token).get(f"{address}?by={by}").get_json()["floors"]
        assert [_parts(floor) for floor in floors] == [{"有使用单位（您无权查看）": (2, 42)}] * 2
