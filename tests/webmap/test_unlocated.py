"""The queue of places without location over HTTP: list, candidates, placing, taking back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build

from gis.db import Database
from gis.settings import Settings
from webmap.app import create_app
from webmap.session import COOKIE


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_unlocated"))


@pytest.fixture(scope="module")
def city_app(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    settings = Settings(
        state_dir=Path(tmp_path_factory.mktemp("state")), database_url=None, language="zh"
    )
    app = create_app(settings, city.database)
    yield app
    app.extensions["onemap_tiles"].watch.close()


def _client(app: Flask, token: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(COOKIE, token)
    return client


@pytest.fixture
def everything(city_app: Flask, city: City) -> FlaskClient:
    return _client(city_app, city.everything)


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
    partial = _client(city_app, city.partial)
    assert partial.post(address, json=body).status_code == 403
    assert partial.get(f"/api/unlocated/{2**63}/candidates").status_code == 404
    assert _waiting(everything)["waiting"] == 1


def test_candidates_come_with_their_reasons(everything: FlaskClient, city: City) -> None:
    found = everything.get(f"/api/unlocated/{city.ids['site 3']}/candidates").get_json()["items"]
    assert all(one["reason"] and 0 < one["score"] <= 1 for one in found)
    assert everything.get("/api/unlocated/999999/candidates").status_code == 404
