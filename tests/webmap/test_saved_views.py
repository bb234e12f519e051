"""Saved views over HTTP: one's own, shared with a body, and nobody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build

from gis.db import Database
from webmap.session import COOKIE


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_view_tests"))


@pytest.fixture
def everything(city_app: Flask, city: City) -> FlaskClient:
    client = city_app.test_client()
    client.set_cookie(COOKIE, city.everything)
    return client


@pytest.fixture
def partial(city_app: Flask, city: City) -> FlaskClient:
    client = city_app.test_client()
    client.set_cookie(COOKIE, city.partial)
    return client


def names(client: FlaskClient) -> list[str]:
    return [one["name"] for one in client.get("/api/views").get_json()["items"]]


def keep(client: FlaskClient, name: str, **more: Any) -> int:
    answer = client.post("/api/views", json={"name": name, "link": "d=2026-01-31", **more})
    assert answer.status_code == 200, answer.get_json()
    kept: int = answer.get_json()["view_id"]
    return kept


def test_a_view_is_its_makers_until_it_is_shared_with_a_body_others_see(
    everything: FlaskClient, partial: FlaskClient, city: City
) -> None:
    mine = keep(everything, "空置看板")
    assert names(everything) == ["空置看板"]
    assert names(partial) == []
    body = {"organization_id": city.ids["agency 0"]}
    assert everything.patch(f"/api/views/{mine}", json=body).status_code == 200
    (seen,) = partial.get("/api/views").get_json()["items"]
    assert (seen["name"], seen["link"], seen["is_mine"]) == ("空置看板", "d=2026-01-31", False)
    assert seen["shared_with"]["name"] == "示例0局"
    # Of this body the account sees nothing.
    body = {"organization_id": city.ids["agency 2"]}
    assert everything.patch(f"/api/views/{mine}", json=body).status_code == 200
    assert names(partial) == []
    assert everything.delete(f"/api/views/{mine}").status_code == 200
    assert names(everything) == []


def test_only_its_maker_changes_a_view(
    everything: FlaskClient, partial: FlaskClient, city: City
) -> None:
    shared = keep(everything, "共享", organization_id=city.ids["agency 0"])
    assert names(partial) == ["共享"]
    assert partial.patch(f"/api/views/{shared}", json={"name": "改"}).status_code == 404
    assert partial.delete(f"/api/views/{shared}").status_code == 404
    assert everything.patch(f"/api/views/{shared}", json={"name": "改名"}).status_code == 200
    assert names(partial) == ["改名"]
    (one,) = partial.get("/api/views").get_json()["items"]
    assert one["link"] == "d=2026-01-31"
    assert (
        everything.patch(f"/api/views/{shared}", json={"link": "d=2025-01-31"}).status_code == 200
    )
    assert partial.get("/api/views").get_json()["items"][0]["link"] == "d=2025-01-31"
    everything.delete(f"/api/views/{shared}")


def test_nobody_shares_with_a_body_he_sees_nothing_of(partial: FlaskClient, city: City) -> None:
    answer = partial.post(
        "/api/views", json={"name": "越权", "link": "", "organization_id": city.ids["agency 2"]}
    )
    assert answer.status_code == 403
    assert "该单位" in answer.get_json()["detail"]
    assert names(partial) == []


def test_two_views_of_one_maker_have_two_names(
    everything: FlaskClient, partial: FlaskClient
) -> None:
    first = keep(everything, "同名")
    answer = everything.post("/api/views", json={"name": " 同名 ", "link": ""})
    assert answer.status_code == 409
    assert "同名" in answer.get_json()["detail"]
    other = keep(partial, "同名")
    everything.delete(f"/api/views/{first}")
    partial.delete(f"/api/views/{other}")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"name": "x"}, {"link": "x"}, {"name": "  ", "link": ""},
        {"name": "x" * 101, "link": ""},
        {"name": 1, "link": ""}, {"name": "x", "link": "x" * 60_001}, {"name": "\0", "link": ""},
        {"name": "x", "link": "", "organization_id": "1"},
        {"name": "x", "link": "", "organization_id": True},
        {"name": "x", "link": "", "organization_id": 2**70}, [], None,
    ],
)  # fmt: skip
def test_a_view_that_cannot_be_kept_is_refused(everything: FlaskClient, body: Any) -> None:
    answer = everything.post("/api/views", json=body)
    assert answer.status_code == 400
    assert "view." not in answer.get_json()["detail"]
    assert names(everything) == []


def test_nobody_has_views(city_app: Flask) -> None:
    nobody = city_app.test_client()
    assert nobody.get("/api/views").status_code == 401
    assert nobody.post("/api/views", json={"name": "x", "link": ""}).status_code == 401
    assert nobody.patch("/api/views/1", json={"name": "x"}).status_code == 401
    assert nobody.delete("/api/views/1").status_code == 401


def test_a_view_that_is_not_there_is_not_found(everything: FlaskClient) -> None:
    for view_id in (999_999, 2**70):
        assert everything.delete(f"/api/views/{view_id}").status_code == 404
        assert everything.patch(f"/api/views/{view_id}", json={"name": "x"}).status_code == 404
