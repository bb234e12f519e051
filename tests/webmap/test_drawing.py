"""Drawing over HTTP: another shape, a new place, what is refused and what is asked first."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import SOUTH, WEST, City, build
from sqlalchemy import text
from werkzeug.test import TestResponse

from gis.db import Database, Role, transaction
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant
from tests.webmap.conftest import signed_in

LON, LAT = WEST + 0.05, SOUTH + 0.05
"""The south-western corner of the first site, 0.002 degrees wide."""


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_drawing"))


def box(west: float, south: float, side: float) -> dict[str, Any]:
    """A square as GeoJSON."""
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _form(client: FlaskClient, place_id: int) -> Any:
    return client.get(f"/api/places/{place_id}/edit").get_json()


def _draw(client: FlaskClient, place_id: int, geometry: Any, **more: Any) -> TestResponse:
    body = {"version": _form(client, place_id)["version"], "reason": "测绘", "geometry": geometry}
    return client.post(f"/api/places/{place_id}/shape", json={**body, **more})


def _undo(client: FlaskClient, place_id: int) -> TestResponse:
    last = client.get(f"/api/places/{place_id}").get_json()["last_edit"]
    return client.delete(f"/api/places/{place_id}/edits/{last['edit_id']}")


def test_a_room_gets_another_shape_and_its_old_one_back(
    everything: FlaskClient, city: City
) -> None:
    room = city.ids["room 0.1.1"]
    before = _form(everything, room)
    drawn = _draw(everything, room, box(LON + 0.0004, LAT + 0.0006, 0.0002))
    assert drawn.status_code == 200, drawn.get_json()
    card = everything.get(f"/api/places/{room}").get_json()
    assert card["extent"][1] == pytest.approx(LAT + 0.0006)
    assert card["history"][0]["edit"]["kind_title"] == "改图"
    assert "geom" in _form(everything, room)["protected"]
    assert _undo(everything, room).status_code == 200
    assert _form(everything, room) == before


def test_a_shape_that_crosses_itself_is_refused_with_where(
    everything: FlaskClient, city: City
) -> None:
    west, south = LON + 0.0002, LAT + 0.0004
    ring = [[west, south], [west + 0.0002, south + 0.0002], [west + 0.0002, south],
            [west, south + 0.0002], [west, south]]  # fmt: skip
    room = city.ids["room 0.1.0"]
    answer = _draw(everything, room, {"type": "Polygon", "coordinates": [ring]})
    assert answer.status_code == 400
    detail = answer.get_json()["detail"]
    assert f"{west + 0.0001:.6f}" in detail
    assert f"{south + 0.0001:.6f}" in detail


def test_a_room_that_leaves_its_building_is_confirmed_and_one_far_away_refused(
    everything: FlaskClient, city: City
) -> None:
    room = city.ids["room 0.2.0"]
    before = _form(everything, room)
    out = box(LON + 0.0001, LAT + 0.0004, 0.0002)
    asked = _draw(everything, room, out)
    assert (asked.status_code, asked.mimetype) == (409, "application/problem+json")
    [doubt] = asked.get_json()["doubts"]
    assert doubt["name"] == "outside"
    # A ten-thousandth of a degree of longitude here.
    assert "9.5 米" in doubt["text"]
    assert "1号楼" in doubt["text"]
    assert _form(everything, room) == before
    far = _draw(everything, room, box(LON + 0.01, LAT, 0.0002), confirmed=["outside"])
    assert far.status_code == 400
    assert "米" in far.get_json()["detail"]
    assert _draw(everything, room, out, confirmed=["outside"]).status_code == 200
    assert _undo(everything, room).status_code == 200


def test_overlapping_neighbours_are_named_before_it_is_saved(
    everything: FlaskClient, city: City
) -> None:
    building = city.ids["building 0.1"]
    over = box(LON + 0.0005, LAT + 0.0004, 0.0004)
    asked = _draw(everything, building, over)
    assert asked.status_code == 409
    [doubt] = asked.get_json()["doubts"]
    assert (doubt["name"], "1号楼" in doubt["text"]) == ("overlaps", True)
    assert _draw(everything, building, over, confirmed=["overlaps"]).status_code == 200
    assert _undo(everything, building).status_code == 200


def test_a_building_moved_as_a_whole_takes_its_rooms_along_and_back(
    everything: FlaskClient, city: City
) -> None:
    building, room = city.ids["building 1.0"], city.ids["room 1.2.1"]
    west, south = LON + 0.1 + 0.0002, LAT + 0.0004
    before = everything.get(f"/api/places/{room}").get_json()["extent"]
    moved = _draw(everything, building, box(west, south + 0.0006, 0.0004), moves_parts=True,
                  effective_on="2024-01-01")  # fmt: skip
    assert moved.status_code == 200, moved.get_json()
    after = everything.get(f"/api/places/{room}").get_json()["extent"]
    assert after[1] - before[1] == pytest.approx(0.0006)
    assert after[0] == pytest.approx(before[0])
    then = everything.get(f"/api/places/{room}", query_string={"as_of": "2023-12-31"}).get_json()
    assert then["extent"] == pytest.approx(before)
    assert _undo(everything, building).status_code == 200
    assert everything.get(f"/api/places/{room}").get_json()["extent"] == before


def test_a_site_moved_to_another_district_counts_there_with_its_parts(
    everything: FlaskClient, city: City
) -> None:
    site, room = city.ids["site 2"], city.ids["room 2.1.0"]
    moved = _draw(everything, site, box(LON + 0.1 + 0.02, LAT, 0.002), moves_parts=True)
    assert moved.status_code == 200, moved.get_json()
    for place in (site, room):
        area = everything.get(f"/api/places/{place}").get_json()["admin_area"]
        assert area["code"] == "320402"
    assert _undo(everything, site).status_code == 200
    assert everything.get(f"/api/places/{room}").get_json()["admin_area"]["code"] == "320403"


@pytest.fixture
def foreign_room(city: City) -> Iterator[int]:
    """A room of the second site that another agency has."""
    room = city.ids["room 1.1.0"]
    give = text(
        "UPDATE place.place SET steward_id = :body, rights_cell ="
        " rights.cell_for(:body, admin_area_code, 0::smallint) WHERE place_id = :id"
    )
    for body in ("agency 2", "agency 1"):
        with transaction(city.database.engine(Role.OWNER), None) as owner:
            owner.execute(give, {"body": city.ids[body], "id": room})
        if body == "agency 2":
            yield room


def _account(city: City, name: str, *grants: Grant) -> str:
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        account_id = rights_actions.ensure_account(owner, name, list(grants))
        return rights_actions.open_session(
            owner, account_id, kind="web", lifetime=timedelta(hours=1)
        )


@pytest.mark.parametrize(
    ("place", "to", "more"),
    [
        ("building 1.0", box(LON + 0.1 + 0.0002, LAT + 0.001, 0.0004), {"moves_parts": True}),
        ("site 1", box(LON + 0.2 + 0.02, LAT, 0.002), {}),
    ],
)
def test_nothing_moves_away_from_parts_that_its_mover_may_not_see(
    city_app: Flask, city: City, foreign_room: int, place: str, to: Any, more: dict[str, Any]
) -> None:
    own = Grant("clerk", organization_id=city.ids["agency 1"])
    clerk = signed_in(city_app, _account(city, "经办员1", own))
    assert clerk.get(f"/api/places/{foreign_room}").status_code == 404
    before = _form(clerk, city.ids[place])
    confirmed = ["outside", "overlaps"]
    refused = _draw(clerk, city.ids[place], to, confirmed=confirmed, **more)
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert "无权查看" in refused.get_json()["detail"]
    assert _form(clerk, city.ids[place]) == before


def test_nothing_moves_away_from_parts_that_its_mover_may_only_read(
    city_app: Flask, city: City, foreign_room: int
) -> None:
    grants = [
        Grant("clerk", organization_id=city.ids["agency 1"]),
        Grant("viewer", organization_id=city.ids["agency 2"]),
    ]
    clerk = signed_in(city_app, _account(city, "经办员1和2", *grants))
    building = city.ids["building 1.0"]
    before = _form(clerk, building)
    to = box(LON + 0.1 + 0.0002, LAT + 0.001, 0.0004)
    refused = _draw(clerk, building, to, moves_parts=True)
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    assert _form(clerk, building) == before


def test_a_new_room_hangs_in_its_floor_has_a_code_and_goes_when_taken_back(
    everything: FlaskClient, city: City
) -> None:
    floor = city.ids["floor 0.1"]
    kinds = everything.get("/api/places/new", query_string={"parent_id": floor}).get_json()["kinds"]
    assert [one["kind"] for one in kinds] == ["housing_unit", "metering_point", "room"]
    body = {
        "kind": "room", "parent_id": floor, "reason": "新隔出", "values": {"number": "103"},
        "geometry": box(LON + 0.0002, LAT + 0.0006, 0.0002), "effective_on": "2026-01-01",
    }  # fmt: skip
    made = everything.post("/api/places", json=body)
    assert made.status_code == 200, made.get_json()
    room = made.get_json()["place_id"]
    card = everything.get(f"/api/places/{room}").get_json()
    assert card["code"] == f"320401-F{room:06d}"
    assert (card["name"], card["steward"]["name"]) == ("103", "示例0局")
    assert [one["name"] for one in card["ancestors"]] == ["示例路0号", "1号楼", "1F"]
    assert card["history"][0]["edit"]["kind_title"] == "新建"
    undone = _undo(everything, room)
    assert undone.get_json()["is_gone"] is True
    assert everything.get(f"/api/places/{room}").status_code == 404


def test_a_new_site_takes_the_district_it_lies_in(everything: FlaskClient, city: City) -> None:
    body = {
        "kind": "site", "reason": "接收", "geometry": box(LON + 0.1 + 0.02, LAT, 0.002),
        "values": {"name": "新接收院落", "steward_id": city.ids["agency 1"], "year_built": 2001},
    }  # fmt: skip
    made = everything.post("/api/places", json=body)
    assert made.status_code == 200, made.get_json()
    site = made.get_json()["place_id"]
    card = everything.get(f"/api/places/{site}").get_json()
    assert (card["admin_area"]["code"], card["code"]) == ("320402", f"320402-Y{site:06d}")
    found = everything.get("/api/search", query_string={"q": "新接收"}).get_json()["items"]
    assert [one["place_id"] for one in found] == [site]
    assert _undo(everything, site).status_code == 200


def test_a_meter_is_a_point_and_may_lie_beside_its_building(
    everything: FlaskClient, city: City
) -> None:
    body = {
        "kind": "metering_point", "parent_id": city.ids["building 0.0"], "reason": "装表",
        "values": {"meter_number": "D-1", "carrier": None}, "geometry": box(LON, LAT, 0.0001),
    }  # fmt: skip
    assert everything.post("/api/places", json=body).status_code == 400
    body["geometry"] = {"type": "Point", "coordinates": [LON + 0.0001, LAT + 0.0005]}
    assert everything.post("/api/places", json=body).status_code == 409
    made = everything.post("/api/places", json={**body, "confirmed": ["outside"]})
    assert made.status_code == 200
    assert _undo(everything, made.get_json()["place_id"]).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "room", "parent_id": "floor 0.1", "values": {}},
        {"kind": "room", "parent_id": "floor 0.1", "values": {"number": "9"}, "reason": ""},
        {"kind": "room", "values": {"number": "9"}},
        {"kind": "castle", "parent_id": "floor 0.1", "values": {"name": "x"}},
        {"kind": "floor", "parent_id": "building 0.0", "values": {"label": "9F"}},
        {"kind": "site", "values": {"name": "x"}, "geometry": box(10, 10, 0.1)},
        {"kind": "site", "values": {"name": "x"}, "geometry": {"type": "Point"}},
        {"kind": "site", "values": {"name": "x"}, "geometry": {"type": "LineString"}},
        {"kind": "site", "values": {"name": "x"}, "parent_id": True},
    ],
)
def test_nonsense_makes_nothing(everything: FlaskClient, city: City, body: dict[str, Any]) -> None:
    parent = body.get("parent_id")
    named = {**body, "parent_id": city.ids[parent]} if isinstance(parent, str) else body
    answer = everything.post("/api/places", json={"reason": "试", **named})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert "{" not in answer.get_json()["detail"]


def test_who_may_not_write_draws_and_makes_nothing(city_app: Flask, city: City) -> None:
    reader = signed_in(city_app, city.partial)
    assert _draw(reader, city.ids["room 0.1.0"], box(LON, LAT, 0.0001)).status_code == 403
    room = {"kind": "room", "parent_id": city.ids["floor 0.1"], "reason": "试"}
    assert reader.post("/api/places", json={**room, "values": {"number": "9"}}).status_code == 403
    own_body = Grant("clerk", organization_id=city.ids["agency 0"])
    clerk = signed_in(city_app, _account(city, "经办员", own_body))
    foreign = {
        "kind": "site",
        "reason": "试",
        "values": {"name": "x", "steward_id": city.ids["agency 1"]},
    }
    assert clerk.post("/api/places", json=foreign).status_code == 403
    own = {**foreign, "values": {"name": "x", "steward_id": city.ids["agency 0"]}}
    made = clerk.post("/api/places", json=own)
    assert made.status_code == 200, made.get_json()
    with city.database.engine(Role.OWNER).connect() as owner_conn:
        located = owner_conn.execute(
            text("SELECT located_by FROM place.place WHERE place_id = :id"),
            {"id": made.get_json()["place_id"]},
        ).scalar_one()
    assert located is None
    assert _undo(clerk, made.get_json()["place_id"]).status_code == 200


def test_shapes_in_view_are_offered_for_snapping(everything: FlaskClient, city: City) -> None:
    asked = {"box": f"{LON},{LAT},{LON + 0.002},{LAT + 0.002}"}
    items = everything.get("/api/shapes", query_string=asked).get_json()["items"]
    assert {one["place_id"] for one in items} >= {city.ids["site 0"], city.ids["room 0.1.0"]}
    for nonsense in ("", "1,2,3", "a,b,c,d", "9,9,1,1", "nan,0,1,1"):
        assert everything.get("/api/shapes", query_string={"box": nonsense}).status_code == 400
