"""Redeployment plans over HTTP: made, filled, settled, proposed, carried out, and refused."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from handed_in import open_account
from small_city import City, build
from sqlalchemy import text
from werkzeug.test import TestResponse

from assets.estate.actions.arranging import room_versions
from assets.estate.actions.holdings import Party
from assets.space.actions import assign
from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.places.edits import Grounds
from gis.rights.actions import Grant
from tests.webmap.conftest import signed_in

HERE = "/redeployment/plans"
GRANTS = {"officer": "officer", "officer2": "officer", "approver": "approver"}


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    made = build(make_database("onemap_plan_pages"))
    with transaction(made.database.engine(Role.LOADER), made.everything) as conn:
        save_terms(conn)
    seat(made, "room 0.1.0", 0)
    seat(made, "room 1.1.0", 1)
    return made


def seat(city: City, room: str, body: int) -> None:
    rooms = [city.ids[room]]
    with transaction(city.database.engine(Role.WEB), city.everything) as conn:
        assign(
            conn, rooms, [Party(city.ids[f"agency {body}"])], since=today(),
            seen=room_versions(conn, rooms), grounds=Grounds("分配"),
        )  # fmt: skip


@pytest.fixture(scope="module")
def client(city_app: Flask, city: City) -> Callable[[str], FlaskClient]:
    """Browsers of two officers and an approver of the bureau."""
    tokens = {
        name: open_account(city.database, f"配{name}", Grant(role)) for name, role in GRANTS.items()
    }
    return lambda who: signed_in(city_app, tokens[who])


@pytest.fixture
def officer(client: Callable[[str], FlaskClient], city: City) -> Iterator[FlaskClient]:
    yield client("officer")
    with city.database.engine(Role.OWNER).begin() as conn:
        for table in ("plan_room", "plan"):
            conn.execute(text(f"DELETE FROM redeployment.{table}"))


def made(client: FlaskClient, city: City, **more: Any) -> int:
    stated = {
        "name": "集中办公", "organization_id": str(city.ids["agency 0"]),
        "from_on": today().isoformat(), **more,
    }  # fmt: skip
    answer = client.post(HERE, json=stated)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()["plan_id"]  # type: ignore[no-any-return]


def post(client: FlaskClient, plan_id: int, what: str, **body: Any) -> TestResponse:
    version = client.get(f"/api{HERE}/{plan_id}").get_json()["version"]
    return client.post(f"{HERE}/{plan_id}{what}", json={"version": str(version), **body})


def done(answer: TestResponse) -> None:
    assert answer.status_code == 200, answer.get_data(as_text=True)


def test_a_plan_from_its_first_word_to_the_register_and_back(
    client: Callable[[str], FlaskClient], officer: FlaskClient, city: City
) -> None:
    plan_id = made(officer, city, note="腾空二号楼", document="机管〔2026〕7号")
    rooms = {name: str(city.ids[f"room {name}"]) for name in ("0.1.0", "0.1.1", "0.2.0", "1.1.0")}
    body = str(city.ids["agency 2"])
    done(post(officer, plan_id, "/rooms", kind="move", from_room=rooms["0.1.0"],
              to_room=rooms["1.1.0"], is_swap="1"))  # fmt: skip
    done(post(officer, plan_id, "/rooms", kind="assign", organization_id=body,
              rooms=f"{rooms['0.1.1']},{rooms['0.2.0']}"))  # fmt: skip
    done(post(officer, plan_id, "/rooms", kind="leave", rooms=rooms["0.2.0"]))
    done(post(officer, plan_id, "/rooms", kind="vacate", rooms=rooms["1.1.0"]))
    done(post(officer, plan_id, "/taken-back"))
    page = officer.get(f"{HERE}/{plan_id}?place={city.ids['building 0.0']}")
    shown = page.get_data(as_text=True)
    assert page.status_code == 200
    assert all(word in shown for word in ("腾空二号楼", "机管〔2026〕7号", "仅本人可见", "示例2局"))
    assert client("officer2").get(f"{HERE}/{plan_id}").status_code == 404
    done(post(officer, plan_id, "/share", is_shared="1"))
    done(post(officer, plan_id, "", name="集中办公二", from_on=today().isoformat(),
              organization_id=str(city.ids["agency 0"])))  # fmt: skip
    listed = client("officer2").get(HERE).get_data(as_text=True)
    assert "集中办公二" in listed
    done(post(officer, plan_id, "/steps", step="propose"))
    done(post(client("officer2"), plan_id, "/steps", step="review"))
    done(post(client("approver"), plan_id, "/steps", step="approve"))
    found = officer.get(f"/api{HERE}/{plan_id}").get_json()
    assert (found["state"], found["merged_on"]) == ("approved", today().isoformat())
    assert {one["title"][-4:]: [it["name"] for it in one["wanted"]] for one in found["rooms"]} == {
        "R010": ["示例1局"], "R110": ["示例0局"], "R011": ["示例2局"],
    }  # fmt: skip
    around = officer.get(f"/api/space/rooms?place={city.ids['building 0.0']}").get_json()["items"]
    has = {one["code"]: [it["name"] for h in one["holdings"] for it in h["holders"]]
           for one in around}  # fmt: skip
    assert (has["R010"], has["R011"], has["R020"]) == (["示例1局"], ["示例2局"], [])
    done(post(client("approver"), plan_id, "/steps", step="revoke", remark="更正"))
    around = officer.get(f"/api/space/rooms?place={city.ids['building 0.0']}").get_json()["items"]
    assert [one["code"] for one in around if one["holdings"]] == ["R010"]


def test_what_changed_meanwhile_is_settled_on_the_page(officer: FlaskClient, city: City) -> None:
    plan_id = made(officer, city)
    room = city.ids["room 2.1.0"]
    done(post(officer, plan_id, "/rooms", kind="assign", rooms=str(room),
              organization_id=str(city.ids["agency 0"])))  # fmt: skip
    seat(city, "room 2.1.0", 2)
    refused = post(officer, plan_id, "/steps", step="propose")
    assert refused.status_code == 409
    assert "现由 示例2局 使用" in refused.get_data(as_text=True)
    assert f'name="settle.{room}"' in officer.get(f"{HERE}/{plan_id}").get_data(as_text=True)
    (clash,) = officer.get(f"/api{HERE}/{plan_id}").get_json()["clashes"]
    assert (clash["may_keep"], [one["name"] for one in clash["now"]]) == (True, ["示例2局"])
    done(post(officer, plan_id, "/settlements", **{f"settle.{room}": "keep"}))
    assert officer.get(f"/api{HERE}/{plan_id}").get_json()["clashes"] == []
    done(post(officer, plan_id, "/copies", name="抄"))
    assert len(officer.get(f"/api{HERE}").get_json()["items"]) == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "assign", "rooms": ""}, "请选定单位"),
        ({"kind": "assign", "rooms": "x", "organization_id": "1"}, "房间"),
        ({"kind": "vacate", "rooms": "-3"}, "房间"),
        ({"kind": "fly"}, "fly"),
        ({"kind": "release", "rooms": "1", "released_to": "moon"}, "去向"),
        ({"kind": "move", "from_room": "1", "to_room": "1"}, "房间"),
        ({"kind": "move", "into": [1]}, "房间"),
        ({"kind": "vacate", "rooms": "1", "version": "0"}, "版本"),
    ],
)
def test_what_is_no_step_is_refused_in_words(
    officer: FlaskClient, city: City, body: dict[str, Any], said: str
) -> None:
    answer = post(officer, made(officer, city), "/rooms", **body)
    assert answer.status_code == 400
    assert said in answer.get_json()["detail"]


@pytest.mark.parametrize("query", ["place=1&body=1", "place=x", "body=-1"])
def test_an_odd_address_is_refused(officer: FlaskClient, city: City, query: str) -> None:
    assert officer.get(f"{HERE}/{made(officer, city)}?{query}").status_code == 400


def test_plans_stand_side_by_side(officer: FlaskClient, city: City) -> None:
    first, second = made(officer, city), made(officer, city, name="另案")
    done(post(officer, first, "/rooms", kind="move", from_room=str(city.ids["room 0.1.0"]),
              to_room=str(city.ids["room 1.2.0"])))  # fmt: skip
    asked = f"plan={first}&plan={second}"
    page = officer.get(f"{HERE}/compare?{asked}").get_data(as_text=True)
    assert all(word in page for word in ("集中办公", "另案", "示例0局", "没有登记租金"))
    items = officer.get(f"/api{HERE}/compare?{asked}").get_json()["items"]
    assert [one["figures"]["changing"] for one in items] == [1, 0]
    assert 9 < items[0]["figures"]["bodies"][0]["km"] < 10
    for query in ("", "plan=x", "plan=0", "&".join(f"plan={one}" for one in range(1, 9))):
        assert officer.get(f"{HERE}/compare?{query}").status_code == 400
    assert officer.get(f"{HERE}/compare?plan=999999").status_code == 404
