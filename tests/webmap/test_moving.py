"""Another parent, splitting what has parts, merging properties, over HTTP; and the days before."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from makers import make_place
from small_city import SOUTH, WEST, City, build, square
from werkzeug.test import TestResponse

from gis.clock import today
from gis.db import Database, Role, transaction
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant
from tests.webmap.conftest import signed_in

DAY = "2026-03-01"
BEFORE = "2026-02-28"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_moving"))


def _card(client: FlaskClient, place_id: int, as_of: str = "") -> Any:
    asked = {"as_of": as_of} if as_of else {}
    return client.get(f"/api/places/{place_id}", query_string=asked).get_json()


def _step(client: FlaskClient, place_id: int, step: str, **more: Any) -> TestResponse:
    version = client.get(f"/api/places/{place_id}/edit").get_json()["version"]
    body = {"version": version, "reason": "调整", "effective_on": DAY, **more}
    return client.post(f"/api/places/{place_id}/{step}", json=body)


def _undo(client: FlaskClient, place_id: int) -> TestResponse:
    last = _card(client, place_id)["last_edit"]
    return client.delete(f"/api/places/{place_id}/edits/{last['edit_id']}")


def _figures(client: FlaskClient, as_of: str = "", **more: Any) -> dict[str, Any]:
    body = {"as_of": as_of, **more}
    answer = client.post("/api/area-summary", json=body).get_json()
    return {one["name"]: one["value"] for one in answer["domains"][0]["figures"]}


def _nets(client: FlaskClient, as_of: str = "") -> dict[str, float]:
    """What counts of each place as gross area."""
    body = {"list": "gross_areas", "as_of": as_of}
    answer = client.post("/api/area-list", json=body).get_json()
    return {row["code"]: row["counted_area_m2"] for row in answer["rows"]}


def _children(card: Any) -> set[str]:
    return {one["code"] for group in card["children"] for one in group["items"]}


def test_a_building_moves_to_another_site_from_a_day_on_and_back(
    everything: FlaskClient, city: City
) -> None:
    building, to = city.ids["building 0.1"], city.ids["site 1"]
    offered = everything.get(f"/api/places/{building}/parents", query_string={"q": "示例路1"})
    assert [one["place_id"] for one in offered.get_json()["items"]] == [to]
    before = {"today": _nets(everything), "then": _nets(everything, BEFORE)}
    warned = _step(everything, building, "move", parent_id=to)
    assert (warned.status_code, warned.mimetype) == (409, "application/problem+json")
    [doubt] = warned.get_json()["doubts"]
    assert doubt["name"] == "outside"
    assert "示例路1号" in doubt["text"]
    moved = _step(everything, building, "move", parent_id=to, confirmed=["outside"],
                  document="示例〔2026〕1号")  # fmt: skip
    assert moved.status_code == 200, moved.get_json()
    card = _card(everything, building)
    assert [one["name"] for one in card["ancestors"]] == ["示例路1号"]
    assert card["admin_area"]["code"] == "320402"
    assert card["last_edit"]["kind_title"] == "调整上级"
    assert card["history"][0]["edit"]["document"] == "示例〔2026〕1号"
    assert "B01" in _children(_card(everything, to))
    # The site it left counts what it counted in it; the one it came to less.
    now = _nets(everything)
    assert (now["S0"], now["S1"]) == (before["today"]["S0"] + 1000, before["today"]["S1"] - 1000)
    # The days before are as they were, and the slider stops at the day it moved.
    assert DAY in everything.get("/api/dates").get_json()["items"]
    assert _nets(everything, BEFORE) == before["then"]
    then = _card(everything, building, BEFORE)
    assert [one["name"] for one in then["ancestors"]] == ["示例路0号"]
    assert "B01" in _children(_card(everything, city.ids["site 0"], BEFORE))
    assert "B01" not in _children(_card(everything, to, BEFORE))
    older = {"property": {"year_built": [None, 1990]}}
    assert _figures(everything, BEFORE, filters=older)["building_count"] == 2
    assert _figures(everything, filters=older)["building_count"] == 1

    again = _step(everything, building, "move", parent_id=city.ids["site 2"],
                  confirmed=["outside"], effective_on=BEFORE)  # fmt: skip
    assert again.status_code == 400
    assert _undo(everything, building).status_code == 200
    assert _nets(everything) == before["today"]
    assert _card(everything, building)["admin_area"]["code"] == "320401"
    assert _figures(everything, BEFORE, filters=older)["building_count"] == 2


def test_a_room_moves_to_another_floor_with_its_spot_and_a_building_stands_alone(
    everything: FlaskClient, city: City
) -> None:
    room, floor = city.ids["room 0.1.0"], city.ids["floor 0.2"]
    offered = everything.get(f"/api/places/{room}/parents").get_json()
    assert offered["may_stand_alone"] is False
    assert floor in {one["place_id"] for one in offered["items"]}
    warned = _step(everything, room, "move", parent_id=floor)
    # It would lie over the room of the other floor that stands there.
    assert [one["name"] for one in warned.get_json()["doubts"]] == ["overlaps"]
    moved = _step(everything, room, "move", parent_id=floor, confirmed=["overlaps"])
    assert moved.status_code == 200, moved.get_json()
    assert _card(everything, room)["ancestors"][-1]["name"] == "2F"
    assert _card(everything, room, BEFORE)["ancestors"][-1]["name"] == "1F"
    assert _undo(everything, room).status_code == 200

    building = city.ids["building 1.1"]
    alone = everything.get(f"/api/places/{building}/parents").get_json()
    assert alone["may_stand_alone"] is True
    assert _step(everything, building, "move", parent_id=None).status_code == 200
    assert _figures(everything)["property_count"] == 4
    assert _figures(everything, BEFORE)["property_count"] == 3
    assert _undo(everything, building).status_code == 200
    assert _figures(everything)["property_count"] == 3


@pytest.mark.parametrize(
    ("what", "to", "more", "status"),
    [
        ("building 0.1", "site 0", {}, 400),
        ("building 0.1", "building 0.1", {}, 400),
        ("building 0.1", "floor 0.1", {}, 400),
        ("site 0", "room 0.1.0", {}, 400),
        ("site 0", "building 0.0", {}, 400),
        ("building 0.0", "room 0.1.0", {}, 400),
        ("room 0.1.0", None, {}, 400),
        ("room 0.1.0", "agency", {}, 404),
        ("building 0.1", True, {}, 400),
        ("building 0.1", "site 1", {"reason": " "}, 400),
        ("building 0.1", "site 1", {"effective_on": "2999-01-01"}, 400),
        ("building 0.1", "site 1", {"effective_on": "昨天"}, 400),
        ("building 0.1", "site 1", {"version": "old"}, 409),
    ],
)  # fmt: skip
def test_what_cannot_hang_there_stays_where_it_is(
    everything: FlaskClient, city: City, what: str, to: Any, more: dict[str, Any], status: int
) -> None:
    parent = 999_999 if to == "agency" else city.ids[to] if isinstance(to, str) else to
    refused = _step(everything, city.ids[what], "move", parent_id=parent, **more)
    assert (refused.status_code, refused.mimetype) == (status, "application/problem+json")
    said = refused.get_json()
    assert said["detail"]
    assert "{" not in said["detail"]
    assert "place." not in said["detail"]
    if "version" in more:
        assert said["current"]["version"]


def test_a_closed_place_takes_nothing_in_and_does_not_move(
    everything: FlaskClient, city: City
) -> None:
    closed = city.ids["site 2"]
    assert _step(everything, closed, "close", with_all=True).status_code == 200
    refused = _step(everything, city.ids["building 0.1"], "move", parent_id=closed)
    assert refused.status_code == 409
    assert "注销" in refused.get_json()["detail"]
    part = city.ids["building 2.1"]
    assert _step(everything, part, "move", parent_id=city.ids["site 1"]).status_code == 409
    assert _undo(everything, closed).status_code == 200


def test_moving_takes_the_right_to_write_the_place_and_both_it_hangs_in(
    everything: FlaskClient, city_app: Flask, city: City
) -> None:
    reader = signed_in(city_app, city.partial)
    building = city.ids["building 0.1"]
    assert reader.get(f"/api/places/{building}/parents").status_code == 403
    assert _step(reader, building, "move", parent_id=city.ids["site 1"]).status_code == 403
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        grant = Grant("clerk", organization_id=city.ids["agency 0"])
        account_id = rights_actions.ensure_account(owner, "经办员", [grant])
        token = rights_actions.open_session(
            owner, account_id, kind="web", lifetime=timedelta(hours=1)
        )
        make_place(owner, "R-foreign", "room", parent=(city.ids["floor 0.1"], "floor"),
                   admin_area_code="320401", steward_id=city.ids["agency 1"])  # fmt: skip
    clerk = signed_in(city_app, token)
    assert _step(clerk, building, "move", parent_id=city.ids["site 1"]).status_code == 404
    # What it cannot see whole, it does not move.
    hidden = _step(clerk, city.ids["building 0.0"], "move", parent_id=None)
    assert hidden.status_code == 409


FLOORS = {"values": {"name": "东楼"}, "area_m2": 600}, {"values": {"name": "西楼"}, "area_m2": 400}


def test_a_building_with_floors_is_split_and_each_floor_goes_where_it_is_said(
    everything: FlaskClient, city: City
) -> None:
    building = city.ids["building 0.0"]
    lower, upper = city.ids["floor 0.1"], city.ids["floor 0.2"]
    offered = everything.get(f"/api/places/{building}/divide").get_json()["parts"]
    assert {one["place_id"] for one in offered} == {lower, upper}
    then, now = _nets(everything, BEFORE), _nets(everything)
    east, west = FLOORS
    half = _step(everything, building, "split", parts=[{**east, "takes": [lower]}, west])
    assert half.status_code == 409
    assert "1 处下级" in half.get_json()["detail"]
    parts = [{**east, "takes": [lower]}, {**west, "takes": [upper]}]
    done = _step(everything, building, "split", parts=parts)
    assert done.status_code == 200, done.get_json()
    first, second = done.get_json()["made"]
    assert _children(_card(everything, first)) == {"F01"}
    assert _card(everything, upper)["ancestors"][-1]["place_id"] == second
    assert _card(everything, upper, BEFORE)["ancestors"][-1]["place_id"] == building
    assert _card(everything, city.ids["room 0.2.1"])["ancestors"][-2]["place_id"] == second
    # Nothing counts twice, on any day.
    assert _nets(everything, BEFORE) == then
    assert sum(_nets(everything).values()) == sum(now.values())
    assert _figures(everything, BEFORE)["usable_area"] == _figures(everything)["usable_area"]
    # Something new in one of the parts stands in the way of taking it back.
    room = {"kind": "room", "parent_id": lower, "reason": "补登", "values": {"number": "109"}}
    made = everything.post("/api/places", json=room).get_json()["place_id"]
    assert _undo(everything, made).status_code == 200
    assert _undo(everything, building).status_code == 200
    assert _children(_card(everything, building)) == {"F01", "F02"}
    assert (_nets(everything), _nets(everything, BEFORE)) == (now, then)
    assert everything.get(f"/api/places/{first}").status_code == 404


def test_a_site_cut_by_a_line_keeps_each_building_where_it_lies(
    everything: FlaskClient, city: City
) -> None:
    site = city.ids["site 1"]
    west = WEST + 0.15
    # Between the two buildings.
    middle = west + 0.0008
    line = {
        "type": "LineString",
        "coordinates": [[middle, SOUTH + 0.0495], [middle, SOUTH + 0.0525]],
    }
    parts = [{"values": {"name": "西院"}}, {"values": {"name": "东院"}}]
    done = _step(everything, site, "split", parts=parts, line=line)
    assert done.status_code == 200, done.get_json()
    first, second = done.get_json()["made"]
    assert _children(_card(everything, first)) == {"B10"}
    assert _children(_card(everything, second)) == {"B11"}
    assert _figures(everything)["property_count"] == 4
    assert _undo(everything, site).status_code == 200
    assert _children(_card(everything, site)) == {"B10", "B11"}


@pytest.mark.parametrize(
    "takes",
    [[["floor 0.1", "floor 0.2"], ["floor 0.1"]], [["room 0.1.0"], []], [["floor 1.1"], []],
     ["floor 0.1", []], [[True], []], [[0], []]],
)  # fmt: skip
def test_what_is_in_a_place_goes_into_one_part_only(
    everything: FlaskClient, city: City, takes: list[Any]
) -> None:
    parts = []
    for part, taken in zip(FLOORS, takes, strict=True):
        listed = taken
        if isinstance(taken, list):
            listed = [city.ids[one] if isinstance(one, str) else one for one in taken]
        parts.append({**part, "takes": listed})
    refused = _step(everything, city.ids["building 0.0"], "split", parts=parts)
    assert refused.status_code == 400
    assert _card(everything, city.ids["building 0.0"])["valid_to"] is None


def test_two_properties_become_one_with_all_in_them_and_part_again(
    everything: FlaskClient, city: City
) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        shape = square(WEST + 0.052, SOUTH + 0.05, 0.002)
        beside = make_place(conn, "S9", name="隔壁院", admin_area_code="320401",
                            steward_id=city.ids["agency 0"], wkt=shape)  # fmt: skip
        make_place(conn, "B9", "building", name="9号楼", parent=(beside, "site"),
                   anchor=(WEST + 0.053, SOUTH + 0.051),
                   admin_area_code="320401", steward_id=city.ids["agency 0"])  # fmt: skip
    first = city.ids["site 0"]
    offered = everything.get(f"/api/places/{first}/divide").get_json()["siblings"]
    assert [one["code"] for one in offered] == ["S9"]
    assert 100 < offered[0]["distance_m"] < 1000
    then = _figures(everything, BEFORE)
    done = _step(everything, first, "merge", others=[beside], values={"name": "合并院"})
    assert done.status_code == 200, done.get_json()
    [made] = done.get_json()["made"]
    card = _card(everything, made)
    assert _children(card) == {"B00", "B01", "B9"}
    assert {one["place_id"] for one in card["relations"]} == {first, beside}
    west, _, east, _ = card["extent"]
    assert east - west == pytest.approx(0.004)
    assert _figures(everything)["property_count"] == 3
    assert _figures(everything, BEFORE) == then
    assert _children(_card(everything, beside, BEFORE)) == {"B9"}
    assert _undo(everything, made).get_json()["is_gone"] is True
    assert _children(_card(everything, beside)) == {"B9"}
    assert _children(_card(everything, first)) == {"B00", "B01"}
    assert today().isoformat() > DAY
