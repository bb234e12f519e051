"""Splitting and merging places over HTTP: lineage, shapes, areas, holdings, taking back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from makers import make_place
from small_city import SOUTH, WEST, City, build
from sqlalchemy import text
from werkzeug.test import TestResponse

from gis.db import Database, Role, transaction
from gis.loads.model import LOAD_LOCK
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant
from tests.webmap.conftest import signed_in

DAY = "2026-03-01"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_dividing"))


def _card(client: FlaskClient, place_id: int, as_of: str = "") -> Any:
    asked = {"as_of": as_of} if as_of else {}
    return client.get(f"/api/places/{place_id}", query_string=asked).get_json()


def _step(client: FlaskClient, place_id: int, step: str, **more: Any) -> TestResponse:
    version = client.get(f"/api/places/{place_id}/edit").get_json()["version"]
    body = {"version": version, "reason": "改造", "effective_on": DAY, **more}
    return client.post(f"/api/places/{place_id}/{step}", json=body)


def _undo(client: FlaskClient, place_id: int) -> TestResponse:
    last = _card(client, place_id)["last_edit"]
    return client.delete(f"/api/places/{place_id}/edits/{last['edit_id']}")


def _parts(*numbers: str, areas: tuple[float | str, ...] = ()) -> list[dict[str, Any]]:
    return [
        {"values": {"number": number}, "area_m2": areas[at] if areas else None}
        for at, number in enumerate(numbers)
    ]


def _cut(west: float, south: float) -> dict[str, Any]:
    """A line down the middle of a room of the small city."""
    middle = west + 0.0001
    return {"type": "LineString", "coordinates": [[middle, south - 1e-4], [middle, south + 3e-4]]}


ROOM = (WEST + 0.05 + 0.0002, SOUTH + 0.05 + 0.0004)
"""The south-western corner of the first room of the first site."""


def test_a_room_is_split_by_a_line_with_areas_holders_and_lineage_and_comes_back(
    everything: FlaskClient, city: City
) -> None:
    room = city.ids["room 0.1.0"]
    agency = {"organization_id": city.ids["agency 0"]}
    held = {"kind": "occupies", "parties": [agency], "valid_from": "2024-01-01", "reason": "分配"}
    assert everything.post(f"/api/places/{room}/holdings", json=held).status_code == 200
    before = _card(everything, room)
    offered = everything.get(f"/api/places/{room}/divide").get_json()
    assert (offered["area_kind"], offered["area_m2"]) == ("usable", 20.0)

    doubtful = _step(everything, room, "split", line=_cut(*ROOM),
                     parts=_parts("100甲", "100乙", areas=(12, 9)))  # fmt: skip
    assert doubtful.status_code == 409
    assert "21.00" in doubtful.get_json()["doubts"][0]["text"]
    parts = _parts("100甲", "100乙", areas=(12, 8))
    done = _step(everything, room, "split", line=_cut(*ROOM), parts=parts)
    assert done.status_code == 200, done.get_json()
    left, right = (_card(everything, one) for one in done.get_json()["made"])
    assert left["anchor"][0] < ROOM[0] + 0.0001 < right["anchor"][0]
    assert [one["areas"][0]["area_m2"] for one in (left, right)] == [12, 8]
    assert [one["holdings"][0]["holders"][0]["name"] for one in (left, right)] == ["示例0局"] * 2
    assert [one["relation_title"] for one in left["relations"]] == ["拆分自"]
    ended = _card(everything, room)
    assert (ended["valid_to"], len(ended["relations"])) == (DAY, 2)
    assert _card(everything, room, "2026-02-28")["holdings"]
    assert _undo(everything, room).status_code == 200
    back = _card(everything, room)
    assert {key: back[key] for key in ("valid_to", "holdings", "relations", "areas")} == {
        key: before[key] for key in ("valid_to", "holdings", "relations", "areas")
    }
    assert everything.get(f"/api/places/{left['place_id']}").status_code == 404


def test_two_rooms_are_merged_with_their_shapes_and_areas_and_part_again(
    everything: FlaskClient, city: City
) -> None:
    first, second = city.ids["room 1.2.0"], city.ids["room 1.2.1"]
    offered = everything.get(f"/api/places/{first}/divide").get_json()["siblings"]
    assert [one["place_id"] for one in offered] == [second]
    done = _step(everything, first, "merge", others=[second], values={"number": "大会议室"})
    assert done.status_code == 200, done.get_json()
    [made] = done.get_json()["made"]
    card = _card(everything, made)
    assert card["name"].startswith("大会议室")
    assert card["areas"][0]["area_m2"] == 42
    west, _, east, _ = card["extent"]
    assert east - west == pytest.approx(0.0004)
    assert {one["place_id"] for one in card["relations"]} == {first, second}
    assert _card(everything, second)["valid_to"] == DAY
    assert _undo(everything, made).get_json()["is_gone"] is True
    assert _card(everything, second)["valid_to"] is None


def test_rooms_that_hang_in_a_building_itself_are_merged_on_one_floor_only(
    everything: FlaskClient, city: City
) -> None:
    ids = []
    for number, level in (("101", 1), ("102", 1), ("201", 2), ("旁", None)):
        values = {"number": number, "floor_level": level}
        room = {"kind": "room", "parent_id": city.ids["building 1.1"], "reason": "补登",
                "values": values}  # fmt: skip
        made = everything.post("/api/places", json=room)
        assert made.status_code == 200, made.get_json()
        ids.append(made.get_json()["place_id"])
    first, second, above, _unstated = ids
    offered = everything.get(f"/api/places/{first}/divide").get_json()["siblings"]
    assert [one["place_id"] for one in offered] == [second]
    for other in ids[2:]:
        refused = _step(everything, first, "merge", others=[other])
        assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
        assert _card(everything, other)["code"] in refused.get_json()["detail"]
    assert _card(everything, above)["valid_to"] is None
    assert _step(everything, first, "merge", others=[second]).status_code == 200


def test_what_may_be_divided_is_told_while_a_load_merges_and_another_edits(
    everything: FlaskClient, city: City
) -> None:
    room = city.ids["room 1.1.0"]
    with (
        city.database.engine(Role.LOADER).connect() as load,
        city.database.engine(Role.OWNER).connect() as editor,
    ):
        load.execute(text(LOAD_LOCK))
        row = text("SELECT FROM place.place WHERE place_id = :id FOR UPDATE")
        editor.execute(row, {"id": room})
        assert everything.get(f"/api/places/{room}/divide").status_code == 200
        load.rollback()
        editor.rollback()


def test_what_was_split_or_merged_away_is_not_opened_again_beside_what_it_became(
    everything: FlaskClient, city: City
) -> None:
    room, other = city.ids["room 2.1.0"], city.ids["room 2.1.1"]
    steps: list[tuple[str, dict[str, Any]]] = [
        ("split", {"parts": _parts("一", "二")}),
        ("merge", {"others": [other], "values": {"number": "通间"}}),
    ]
    for step, more in steps:
        made = _step(everything, room, step, **more).get_json()["made"]
        refused = _step(everything, room, "reopen")
        assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
        assert _card(everything, made[0])["code"] in refused.get_json()["detail"]
        assert _card(everything, room)["valid_to"] == DAY
        assert _undo(everything, made[0]).status_code == 200


def test_what_was_made_is_not_taken_back_once_something_else_hangs_on_it(
    everything: FlaskClient, city: City
) -> None:
    floor = {"kind": "floor", "parent_id": city.ids["building 0.1"], "reason": "加层",
             "values": {"level": 3, "label": "3F"}}  # fmt: skip
    made = everything.post("/api/places", json=floor)
    assert made.status_code == 200, made.get_json()
    above = made.get_json()["place_id"]
    room = {"kind": "room", "parent_id": above, "reason": "新隔出", "values": {"number": "301"}}
    inside = everything.post("/api/places", json=room).get_json()["place_id"]
    refused = _undo(everything, above)
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert "变动" in refused.get_json()["detail"]
    assert _undo(everything, inside).get_json()["is_gone"] is True
    # What was entered and taken back again is in nobody's way.
    agency = {"organization_id": city.ids["agency 0"]}
    held = {"kind": "occupies", "parties": [agency], "reason": "分配"}
    assert everything.post(f"/api/places/{above}/holdings", json=held).status_code == 200
    assert _undo(everything, above).get_json()["is_gone"] is False
    assert _undo(everything, above).get_json()["is_gone"] is True


_HUNG = {
    "area": (
        "INSERT INTO place.area_measure (place_id, area_kind, area_m2, source, rights_cell)"
        " SELECT place_id, 'gross', 9, 'declared', rights_cell FROM place.place"
        " WHERE place_id = :id",
        "DELETE FROM place.area_measure WHERE place_id = :id AND area_kind = 'gross'",
    ),
    "number": (
        "INSERT INTO place.identifier (place_id, scheme, value, rights_cell)"
        " SELECT place_id, 'source', 'X-1', rights_cell FROM place.place WHERE place_id = :id",
        "DELETE FROM place.identifier WHERE place_id = :id",
    ),
}
"""What another transaction writes of a place, and how it goes again."""


@pytest.mark.parametrize("hung", _HUNG)
def test_a_split_is_not_taken_back_over_what_others_wrote_of_its_parts(
    everything: FlaskClient, city: City, hung: str
) -> None:
    room = city.ids["room 2.2.0"]
    part = _step(everything, room, "split", parts=_parts("一", "二")).get_json()["made"][0]
    add, drop = _HUNG[hung]
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        owner.execute(text(add), {"id": part})
    refused = _undo(everything, room)
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert _card(everything, room)["valid_to"] == DAY
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        owner.execute(text(drop), {"id": part})
    assert _undo(everything, room).status_code == 200


def test_what_was_made_stays_while_a_part_hangs_in_it_that_its_maker_may_not_see(
    city_app: Flask, city: City
) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        grant = Grant("clerk", organization_id=city.ids["agency 0"])
        account_id = rights_actions.ensure_account(owner, "经办员", [grant])
        token = rights_actions.open_session(
            owner, account_id, kind="web", lifetime=timedelta(hours=1)
        )
    clerk = signed_in(city_app, token)
    floor = {"kind": "floor", "parent_id": city.ids["building 0.1"], "reason": "加层",
             "values": {"level": 4, "label": "4F"}}  # fmt: skip
    made = clerk.post("/api/places", json=floor).get_json()["place_id"]
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        make_place(owner, "R04", "room", parent=(made, "floor"), admin_area_code="320401",
                   steward_id=city.ids["agency 1"])  # fmt: skip
    refused = _undo(clerk, made)
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert clerk.get(f"/api/places/{made}").status_code == 200


@pytest.mark.parametrize(
    ("step", "more", "status"),
    [
        ("split", {"parts": []}, 400),
        ("split", {"parts": _parts("1")}, 400),
        ("split", {"parts": "two"}, 400),
        ("split", {"parts": [1, 2]}, 400),
        ("split", {"parts": _parts("1", "2", areas=(-1, 21))}, 400),
        ("split", {"parts": _parts("1", "2", areas=("1e500000000", 1))}, 400),
        ("split", {"parts": _parts("1", "2", areas=("1e-500000000", 1))}, 409),
        ("split", {"parts": _parts("1", "2", areas=("NaN", True))}, 400),
        ("split", {"parts": _parts("1", "2"), "effective_on": None}, 400),
        ("split", {"parts": _parts("1", "2"), "reason": ""}, 400),
        ("split", {"parts": _parts("1", "2"), "line": {"type": "Point"}}, 400),
        ("split", {"parts": _parts("1", "2", "3"), "line": _cut(WEST + 0.1502, ROOM[1])}, 400),
        ("merge", {"others": []}, 400),
        ("merge", {"others": "all"}, 400),
        ("merge", {"others": [True]}, 400),
        ("merge", {"others": ["room 0.1.1"]}, 400),
        ("merge", {"others": ["building 1.1"]}, 400),
        ("merge", {"others": [999999]}, 404),
    ],
)  # fmt: skip
def test_nonsense_divides_nothing(
    everything: FlaskClient, city: City, step: str, more: dict[str, Any], status: int
) -> None:
    room = city.ids["room 1.1.0"]
    asked = dict(more)
    if isinstance(asked.get("others"), list):
        asked["others"] = [
            city.ids[one] if isinstance(one, str) else one for one in asked["others"]
        ]
    answer = _step(everything, room, step, **asked)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert "{" not in answer.get_json()["detail"]
    assert _card(everything, room)["valid_to"] is None


def test_what_still_has_parts_is_not_divided_and_a_reader_divides_nothing(
    everything: FlaskClient, city_app: Flask, city: City
) -> None:
    answer = _step(
        everything, city.ids["building 2.0"], "split",
        parts=[{"values": {"name": "东楼"}}, {"values": {"name": "西楼"}}],
    )  # fmt: skip
    assert answer.status_code == 409
    assert "处下级" in answer.get_json()["detail"]
    floor = _step(
        everything, city.ids["floor 2.1"], "split",
        parts=[{"values": {"label": "1F东"}}, {"values": {"label": "1F西"}}],
    )  # fmt: skip
    assert floor.status_code == 409
    assert "2 处下级" in floor.get_json()["detail"]
    reader = signed_in(city_app, city.partial)
    room = city.ids["room 0.2.0"]
    assert reader.get(f"/api/places/{room}/divide").status_code == 403
    assert _step(reader, room, "split", parts=_parts("1", "2")).status_code == 403
