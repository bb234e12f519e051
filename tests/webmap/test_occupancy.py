"""Rooms over HTTP: who has each, giving out, moving, swapping, vacating, taken back as one step."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build
from sqlalchemy import text
from werkzeug.test import TestResponse

from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from tests.webmap.conftest import signed_in

DAY = "2026-03-01"
LATER = "2026-04-01"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    made = build(make_database("onemap_occupancy"))
    with transaction(made.database.engine(Role.LOADER), made.everything) as conn:
        save_terms(conn)
    return made


@pytest.fixture(autouse=True)
def _as_it_was(city: City) -> Any:
    """Who sits where is forgotten after each test."""
    yield
    with city.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text("DELETE FROM estate.sharer"))
        conn.execute(text("DELETE FROM organization.post"))
        for table, key in (("holding_party", "holding_id"), ("holding", "holding_id")):
            conn.execute(
                text(f"DELETE FROM estate.{table} WHERE {key} IN"
                     " (SELECT holding_id FROM estate.holding WHERE source = 'entered')")
            )  # fmt: skip
        conn.execute(text("DELETE FROM place.edit"))


def _rooms(client: FlaskClient, **asked: Any) -> dict[int, dict[str, Any]]:
    answer = client.get("/api/space/rooms", query_string=asked)
    assert answer.status_code == 200, answer.get_json()
    return {one["place_id"]: one for one in answer.get_json()["items"]}


def _seen(client: FlaskClient, *rooms: int) -> list[dict[str, Any]]:
    found = _rooms(client, rooms=",".join(map(str, rooms)))
    return [{"place_id": room, "version": found[room]["version"]} for room in rooms]


def _step(client: FlaskClient, step: str, *rooms: int, day: str = DAY, **more: Any) -> TestResponse:
    body = {"rooms": _seen(client, *rooms), "effective_on": day, "reason": "用房调整", **more}
    return client.post(f"/api/space/rooms/{step}", json=body)


def _has(client: FlaskClient, room: int) -> list[tuple[str, float | None]]:
    (one,) = _rooms(client, rooms=room).values()
    return [(who["name"], who["share"]) for held in one["holdings"] for who in held["holders"]]


def _of(*bodies: int) -> list[dict[str, int]]:
    return [{"organization_id": body} for body in bodies]


def _version(city: City) -> int:
    """What open maps ask for every other second."""
    with city.database.engine(Role.OWNER).connect() as conn:
        found: int = conn.execute(text("SELECT data_version FROM rights.version")).scalar_one()
    return found


def test_rooms_of_a_place_are_told_with_who_has_them(everything: FlaskClient, city: City) -> None:
    ids = city.ids
    rooms = [ids[f"room 0.{floor}.{door}"] for floor in (1, 2) for door in range(2)]
    assert list(_rooms(everything, place=ids["building 0.0"])) == rooms
    assert list(_rooms(everything, place=ids["floor 0.2"])) == rooms[2:]
    assert _step(everything, "assign", rooms[0], parties=_of(ids["agency 1"])).status_code == 200
    first = _rooms(everything, place=ids["site 0"])[rooms[0]]
    told = {name: first[name] for name in ("code", "name", "building", "floor", "class_title")}
    assert told == {"code": "R010", "name": "100 R010", "building": "1号楼", "floor": "1F",
                    "class_title": "办公室"}  # fmt: skip
    assert (first["area_m2"], first["may_write"]) == (20, True)
    assert first["holdings"] == [
        {
            "kind": "occupies", "extent": "whole", "valid_from": DAY, "over": None,
            "kind_title": "使用",
            "holders": [{"organization_id": ids["agency 1"], "name": "示例1局", "share": None,
                         "people": []}],
        }
    ]  # fmt: skip
    assert list(_rooms(everything, body=ids["agency 1"])) == [rooms[0]]
    assert list(_rooms(everything, body=ids["agency 1"], as_of="2026-02-28")) == []


def test_other_rooms_are_found_around_one_and_by_their_code(
    everything: FlaskClient, city: City
) -> None:
    room = city.ids["room 0.1.0"]
    around = [city.ids[f"room 0.{name}"] for name in ("1.1", "2.0", "2.1")]
    assert list(_rooms(everything, near=room)) == around
    assert list(_rooms(everything, near=room, q="2F")) == around[1:]
    assert list(_rooms(everything, near=room, q="R121")) == [city.ids["room 1.2.1"]]
    assert _rooms(everything, near=room, q="nothing like it") == {}


def test_a_whole_floor_that_somebody_has_is_told_at_its_rooms(
    everything: FlaskClient, city: City
) -> None:
    floor, room = city.ids["floor 0.2"], city.ids["room 0.2.0"]
    body = {"kind": "occupies", "parties": _of(city.ids["agency 1"]), "reason": "登记"}
    assert everything.post(f"/api/places/{floor}/holdings", json=body).status_code == 200
    (held,) = _rooms(everything, rooms=room)[room]["holdings"]
    assert held["over"] == "2F"
    refused = _step(everything, "assign", room, parties=_of(city.ids["agency 0"]))
    assert refused.status_code == 409
    assert "已有安排" in refused.get_json()["detail"]


def test_each_step_is_one_edit_seen_by_other_maps_and_taken_back_as_one(
    everything: FlaskClient, city: City
) -> None:
    one, two, free = (city.ids[f"room 0.{name}"] for name in ("1.0", "1.1", "2.0"))
    shared = [
        {"organization_id": city.ids["agency 0"], "share": 0.6},
        {"organization_id": city.ids["agency 1"], "share": 0.4},
    ]
    before = _version(city)
    assert _step(everything, "assign", one, parties=shared).get_json()["changed"] == [one]
    assert _version(city) > before
    _step(everything, "assign", two, parties=_of(city.ids["agency 2"]))
    swapped = _step(everything, "swap", one, two, day=LATER)
    assert swapped.status_code == 200, swapped.get_json()
    assert _has(everything, one) == [("示例2局", None)]
    assert _has(everything, two) == [("示例0局", 0.6), ("示例1局", 0.4)]
    edit = swapped.get_json()["edit"]
    back = everything.delete(f"/api/places/{edit['place_id']}/edits/{edit['edit_id']}")
    assert back.status_code == 200, back.get_json()
    assert _has(everything, two) == [("示例2局", None)]
    moved = _step(everything, "move", one, free, day=LATER, into=[{"from": one, "to": free}])
    assert sorted(moved.get_json()["changed"]) == sorted([one, free])
    assert (_has(everything, one), len(_has(everything, free))) == ([], 2)
    vacated = _step(everything, "vacate", two, free, day="2026-05-01")
    assert vacated.get_json()["changed"] == sorted([two, free])
    assert _rooms(everything, place=city.ids["site 0"])[free]["holdings"] == []


def test_the_second_of_two_is_told_what_now_holds_and_may_go_on_from_there(
    everything: FlaskClient, city: City
) -> None:
    room, other = city.ids["room 1.1.0"], city.ids["room 1.1.1"]
    seen = _seen(everything, room, other)
    assert _step(everything, "assign", room, parties=_of(city.ids["agency 1"])).status_code == 200
    body = {"rooms": seen, "parties": _of(city.ids["agency 2"]), "effective_on": DAY, "reason": "x"}
    late = everything.post("/api/space/rooms/assign", json=body)
    assert (late.status_code, late.mimetype) == (409, "application/problem+json")
    assert "R110" in late.get_json()["detail"]
    current = late.get_json()["current"]["rooms"]
    assert [one["place_id"] for one in current] == [room, other]
    assert current[0]["holdings"][0]["holders"][0]["name"] == "示例1局"
    assert _has(everything, other) == [], "nothing half-done"
    knowing = [{"place_id": one["place_id"], "version": one["version"]} for one in current]
    again = everything.post("/api/space/rooms/assign", json={**body, "rooms": knowing})
    assert again.get_json()["changed"] == [room, other]


def test_what_is_so_already_changes_nothing(everything: FlaskClient, city: City) -> None:
    room, body = city.ids["room 1.1.0"], _of(city.ids["agency 1"])
    _step(everything, "assign", room, parties=body)
    again = _step(everything, "assign", room, parties=body, day=LATER)
    assert again.get_json() == {"changed": [], "edit": None}


@pytest.mark.parametrize(
    ("step", "more", "status", "said"),
    [
        ("assign", {"parties": []}, 400, "至少"),
        ("assign", {}, 400, "至少"),
        ("assign", {"parties": [{"organization_id": 10**9}]}, 400, "名录"),
        ("assign", {"parties": [{"organization_id": True}]}, 400, "名录"),
        ("vacate", {"effective_on": ""}, 400, ""),
        ("vacate", {"effective_on": "2026-02-30"}, 400, "2026-02-30"),
        ("vacate", {"effective_on": "2999-01-01"}, 400, "2999-01-01"),
        ("vacate", {"reason": " "}, 400, "事由"),
        ("vacate", {"rooms": []}, 400, "200"),
        ("vacate", {"rooms": [7]}, 400, "200"),
        ("vacate", {"rooms": [{"place_id": 7.5}]}, 400, "200"),
        ("vacate", {"rooms": [{"place_id": 10**8}]}, 404, ""),
        ("vacate", {}, 400, "腾退"),
        ("swap", {}, 400, "两间"),
        ("move", {}, 400, "迁入"),
        ("move", {"into": [{"from": 1, "to": 1}]}, 400, "迁入"),
        ("move", {"into": [{"from": [1], "to": {}}]}, 400, "迁入"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_sentence(
    everything: FlaskClient, city: City, step: str, more: dict[str, Any], status: int, said: str
) -> None:
    answer = _step(everything, step, city.ids["room 2.1.0"], **more)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    detail = answer.get_json()["detail"]
    assert said in detail
    assert "{" not in detail
    assert _has(everything, city.ids["room 2.1.0"]) == []


@pytest.mark.parametrize(
    "asked", ["", "place=1&body=1", "place=x", "rooms=1,x", "rooms=" + "9" * 19, "body=99999999",
              "place=99999999", "near=99999999", "place=-1"],
)  # fmt: skip
def test_a_list_of_what_there_is_not_is_refused(everything: FlaskClient, asked: str) -> None:
    answer = everything.get(f"/api/space/rooms?{asked}")
    assert answer.status_code in {400, 404}
    assert "{" not in answer.get_json()["detail"]


def test_a_reader_sees_rooms_and_arranges_none(city_app: Flask, city: City) -> None:
    reader = signed_in(city_app, city.partial)
    rooms = _rooms(reader, place=city.ids["site 0"])
    assert {one["may_write"] for one in rooms.values()} == {False}
    refused = _step(reader, "assign", city.ids["room 0.1.0"], parties=_of(city.ids["agency 0"]))
    assert refused.status_code == 403
    hidden = reader.get(f"/api/space/rooms?place={city.ids['site 2']}")
    assert hidden.status_code == 404
    assert _rooms(reader, rooms=city.ids["room 2.1.0"]) == {}
    assert city_app.test_client().get("/api/space/rooms?place=1").status_code == 401


def test_the_page_is_of_a_place_or_a_body(everything: FlaskClient, city: City) -> None:
    of_place = everything.get(f"/space/rooms?place={city.ids['building 0.0']}")
    assert "1号楼</h1>" in of_place.get_data(as_text=True)
    of_body = everything.get(f"/space/rooms?body={city.ids['agency 1']}")
    assert "示例1局" in of_body.get_data(as_text=True)
    for wrong in ("", "?place=1&body=2", "?place=99999999", f"?body={2**60}"):
        assert everything.get(f"/space/rooms{wrong}").status_code in {400, 404}
    assert today().isoformat() == everything.get(
        f"/api/space/rooms?place={city.ids['site 0']}"
    ).get_json()["as_of"]  # fmt: skip


def test_people_are_seated_by_rank_and_told_with_their_room(
    everything: FlaskClient, city: City
) -> None:
    ids = city.ids
    with city.database.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text("UPDATE organization.organization SET level_code = 'city' WHERE code = 'A1'")
        )
        post = conn.execute(
            text("INSERT INTO organization.post (organization_id, title, rank_code, rights_cell)"
                 " VALUES (:body, '局长', 'bureau_chief',"
                 " rights.cell_for(:body, '320401', 0::smallint)) RETURNING post_id"),
            {"body": ids["agency 1"]},
        ).scalar_one()  # fmt: skip
    room, body = ids["room 0.1.0"], {"organization_id": ids["agency 1"]}
    offered = everything.get("/api/space/posts", query_string={"body": ids["agency 1"]}).get_json()
    assert [(one["title"], one["rank_title"], one["rooms"]) for one in offered["items"]] == [
        ("局长", "正局（处）级", [])
    ]
    lines = [{**body, "post_id": post}, {**body, "rank": "bureau_below", "heads": 4}]
    done = _step(everything, "assign", room, sharers=lines, by="rank")
    assert done.status_code == 200, done.get_json()
    (held,) = _rooms(everything, rooms=room)[room]["holdings"]
    ((who,),) = (held["holders"],)
    told = [(one["title"], one["rank_title"], one["heads"], one["share"]) for one in who["people"]]
    assert told == [("局长", "正局（处）级", 1, 0.4), (None, "局（处）级以下", 4, 0.6)]
    again = everything.get("/api/space/posts", query_string={"body": ids["agency 1"]}).get_json()
    assert again["items"][0]["rooms"] == ["100 R010"]
    asked = {"as_of": DAY, "body": ids["agency 1"]}
    listed = everything.get("/api/space/verdicts/posts", query_string=asked).get_json()
    assert listed["counts"] == {"posts": 2, "over": 0, "within": 2, "unknown": 0}
    chief = next(one for one in listed["items"] if one["title"] == "局长")
    assert (chief["compared"]["entitled_m2"], chief["compared"]["actual_m2"]) == (24, 8)
    assert (chief["clause"], chief["rooms"][0]["name"]) == ("表3", "1号楼 1F 100 R010")
    page = everything.get("/space/posts", query_string=asked).get_data(as_text=True)
    assert "局长" in page
    assert "示例1局 · 各岗位办公室" in page
    over = everything.get("/space/posts", query_string={**asked, "state": "over"})
    assert "没有符合条件的岗位" in over.get_data(as_text=True)
    for wrong in ({"state": "x"}, {"fault": "x"}, {"body": 10**9}):
        assert everything.get("/space/posts", query_string=wrong).status_code in {404, 422, 400}


@pytest.mark.parametrize(
    ("sharers", "by"),
    [
        ([{"organization_id": 1}], "age"), ([], "head"), ("all", "head"), ([7], "head"),
        ([{"organization_id": 1, "post_id": "x"}], "head"),
        ([{"organization_id": 1, "heads": True}], "head"),
        ([{"organization_id": 1, "heads": 1.5}], "head"),
        ([{"organization_id": 1, "share": "half"}], "share"),
    ],
)  # fmt: skip
def test_lines_of_people_that_cannot_be_read_are_refused(
    everything: FlaskClient, city: City, sharers: Any, by: str
) -> None:
    answer = _step(everything, "assign", city.ids["room 0.1.0"], sharers=sharers, by=by)
    assert answer.status_code == 400, answer.get_json()
    assert _has(everything, city.ids["room 0.1.0"]) == []


def _posted(city: City, at: int) -> int:
    with city.database.engine(Role.OWNER).begin() as conn:
        made: int = conn.execute(
            text("INSERT INTO organization.post (organization_id, title, rights_cell) VALUES"
                 " (:body, '科长', rights.cell_for(:body, '320401', 0::smallint))"
                 " RETURNING post_id"),
            {"body": city.ids[f"agency {at}"]},
        ).scalar_one()  # fmt: skip
    return made


def test_posts_of_one_person_are_marked_by_hand_and_never_by_a_name(
    everything: FlaskClient, city_app: Flask, city: City
) -> None:
    one, two = (_posted(city, at) for at in (0, 1))
    page = f"/space/posts?body={city.ids['agency 0']}"
    for key, status in (("示例甲", 400), ("320401198001010019", 400), ("C-17", 200)):
        said = {"person_key": key, "seen": ""}
        assert everything.post(f"/space/posts/{one}/person", json=said).status_code == status
    # Whoever saw it before somebody else stated it is told so.
    late = everything.post(f"/space/posts/{one}/person", json={"person_key": "C-18", "seen": ""})
    assert late.status_code == 409
    said = {"person_key": " C-17 ", "seen": ""}
    assert everything.post(f"/space/posts/{two}/person", json=said).status_code == 200
    told = everything.get(page).get_data(as_text=True)
    assert 'value="C-17"' in told
    assert "示例1局 科长" in told
    reader = signed_in(city_app, city.partial)
    refused = reader.post(f"/space/posts/{one}/person", json={"person_key": "", "seen": "C-17"})
    assert refused.status_code == 403, refused.get_json()
