"""The queue of places without location over HTTP: list, candidates, placing, taking back."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from makers import make_place
from small_city import City, build
from sqlalchemy import text

from gis.db import Database, Role
from tests.webmap.conftest import signed_in


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_unlocated"))


def _waiting(client: FlaskClient, **asked: object) -> dict[str, object]:
    answer = client.get("/api/unlocated", query_string=asked)
    assert answer.status_code == 200
    return answer.get_json()


def test_the_queue_says_who_waits_by_kind_and_holder(everything: FlaskClient, city: City) -> None:
    queue = _waiting(everything)
    assert (queue["waiting"], queue["total"]) == (1, 1)
    [item] = queue["items"]
    assert (item["place_id"], item["kind_title"], item["address"], item["holder"]) == (
        city.ids["site 3"], "院落", "示例路无号", "示例3局",
    )  # fmt: skip
    assert queue["holders"] == [{"value": city.ids["agency 3"], "title": "示例3局", "count": 1}]
    assert _waiting(everything, holder=city.ids["agency 3"])["total"] == 1
    assert _waiting(everything, holder=city.ids["agency 0"])["total"] == 0
    assert _waiting(everything, kind="building")["total"] == 0
    assert _waiting(everything, area="320401")["total"] == 0
    assert _waiting(everything, kind="building")["waiting"] == 1


def test_a_place_is_put_on_the_map_counted_and_taken_off_again(
    everything: FlaskClient, city: City
) -> None:
    address = f"/api/places/{city.ids['site 3']}/location"
    body = {"point": [119.75, 31.65], "accuracy_m": 20, "reason": "现场"}
    placed = everything.post(address, json=body)
    assert placed.status_code == 200
    assert placed.get_json()["admin_area_code"] == "320401"
    assert _waiting(everything)["waiting"] == 0
    card = everything.get(f"/api/places/{city.ids['site 3']}").get_json()
    assert card["anchor"] == [119.75, 31.65]
    figures = everything.post("/api/area-summary", json={"within": {"admin_area": "320401"}})
    assert figures.get_json()["not_located"]["place_count"] == 0
    again = everything.post(address, json=body)
    assert (again.status_code, again.mimetype) == (409, "application/problem+json")
    assert everything.delete(address).status_code == 200
    assert _waiting(everything)["waiting"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {}, {"point": None}, {"point": [1]}, {"point": ["a", "b"]}, {"point": [True, False]},
        {"point": [1e300, 0]}, {"point": [119.75, 31.65], "method": "magic"},
        {"point": [119.75, 31.65], "accuracy_m": -1}, {"point": [119.75, 31.65], "reason": 5},
        {"point": [119.75, 31.65], "reason": "长" * 501}, {"point": [10, 10]},
    ],
)  # fmt: skip
def test_nonsense_is_answered_with_a_sentence(
    everything: FlaskClient, city: City, body: dict[str, object]
) -> None:
    answer = everything.post(f"/api/places/{city.ids['site 3']}/location", json=body)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.get_json()["detail"]


def test_other_pages_and_strangers_put_nothing(
    everything: FlaskClient, city_app: Flask, city: City
) -> None:
    address = f"/api/places/{city.ids['site 3']}/location"
    body = {"point": [119.75, 31.65]}
    elsewhere = everything.post(address, json=body, headers={"Origin": "http://evil.invalid"})
    assert elsewhere.status_code == 403
    assert city_app.test_client().post(address, json=body).status_code == 401
    partial = signed_in(city_app, city.partial)
    assert partial.post(address, json=body).status_code == 403
    assert partial.get(f"/api/unlocated/{2**63}/candidates").status_code == 404
    assert _waiting(everything)["waiting"] == 1


def test_candidates_come_with_their_reasons(everything: FlaskClient, city: City) -> None:
    found = everything.get(f"/api/unlocated/{city.ids['site 3']}/candidates").get_json()["items"]
    assert all(one["reason"] and 0 < one["score"] <= 1 for one in found)
    assert everything.get("/api/unlocated/999999/candidates").status_code == 404


@pytest.fixture
def twins(city: City) -> Iterator[None]:
    """Three sites that wait at the address of one that lies somewhere; gone afterwards."""
    codes = ["J1", "J2", "J3"]
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(text("UPDATE place.place SET address = '示例路7号' WHERE code = 'S0'"))
        for number, code in enumerate(codes):
            make_place(owner, code, name=f"{number}院", address="示例路７号")
    yield
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(text("DELETE FROM place.placement"))
        owner.execute(text("DELETE FROM place.place WHERE code = ANY (:codes)"), {"codes": codes})


def test_what_has_one_exact_address_is_counted_put_together_and_taken_back(
    everything: FlaskClient, twins: None
) -> None:
    address = "/api/unlocated/exact"
    found = everything.get(address).get_json()
    assert found["count"] == 3
    assert found["examples"][0]["address"] == "示例路７号"
    assert everything.get(address, query_string={"q": "1院"}).get_json()["count"] == 1
    assert everything.get(address, query_string={"kind": "building"}).get_json()["count"] == 0

    # Whoever confirms another number than he was shown is shown the new one.
    changed = everything.post(address, json={"count": 2})
    assert (changed.status_code, changed.mimetype) == (409, "application/problem+json")
    assert "3" in changed.get_json()["detail"]
    assert everything.post(address, json={}).status_code == 409
    assert _waiting(everything)["waiting"] == 4

    put = everything.post(address, json={"count": 3}).get_json()
    assert (put["count"], put["refused"]) == (3, 0)
    queue = _waiting(everything)
    assert (queue["waiting"], queue["last_step"]["step_id"]) == (1, put["step_id"])
    taken = everything.delete(f"/api/unlocated/steps/{put['step_id']}")
    assert taken.get_json() == {"count": 3, "refused": 0}
    queue = _waiting(everything)
    assert (queue["waiting"], queue["last_step"]) == (4, None)
    assert everything.delete(f"/api/unlocated/steps/{2**63}").status_code == 404


def test_who_may_not_write_puts_nothing_together(city_app: Flask, city: City, twins: None) -> None:
    partial = signed_in(city_app, city.partial)
    assert partial.get("/api/unlocated/exact").get_json()["count"] == 0
    assert city_app.test_client().get("/api/unlocated/exact").status_code == 401


def test_the_queue_is_searched_and_narrowed_to_a_load(
    everything: FlaskClient, city: City, twins: None
) -> None:
    assert _waiting(everything, q="示例路 7号")["total"] == 3
    assert _waiting(everything, q="j2")["total"] == 1
    assert _waiting(everything, q="%")["total"] == 0
    with city.database.engine(Role.OWNER).begin() as owner:
        load_id = owner.execute(
            text(
                "INSERT INTO staging.load (file_name, file_sha256, state, account_id, started_at)"
                " SELECT '清册.xlsx', '', 'committed', min(account_id), now() FROM rights.account"
                " RETURNING load_id"
            )
        ).scalar_one()
        owner.execute(
            text("UPDATE place.place SET load_id = :load_id WHERE code = 'J3'"),
            {"load_id": load_id},
        )
    queue = _waiting(everything, load=load_id)
    assert [item["code"] for item in queue["items"]] == ["J3"]
    assert queue["loads"] == [{"value": load_id, "title": "清册.xlsx", "count": 1}]
