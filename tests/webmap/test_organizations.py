"""The card of a body over HTTP, and bodies in the answers of search."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build

from gis.db import Database
from webmap.session import COOKIE


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_body_tests"))


@pytest.fixture
def browse(city_app: Flask) -> Callable[[str], FlaskClient]:
    def made(token: str) -> FlaskClient:
        client = city_app.test_client()
        client.set_cookie(COOKIE, token)
        return client

    return made


def test_the_card_of_a_body_has_the_places_one_may_see(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    everything, partial = browse(city.everything), browse(city.partial)
    (hit,) = everything.get("/api/search?q=示例2局").get_json()["items"][:1]
    assert (hit["type"], hit["name"], hit["matched"]) == ("organization", "示例2局", "name")
    card = everything.get(f"/api/organizations/{hit['organization_id']}").get_json()
    assert card["name"] == "示例2局"
    assert [(one["code"], one["holdings"]) for one in card["places"]] == [("S2", ["使用"])]
    assert card["headcounts"][0] == {"kind": "quota", "title": "编制人数", "people": 12}
    hidden = partial.get(f"/api/organizations/{hit['organization_id']}").get_json()
    assert (hidden["places"], hidden["place_count"], hidden["extent"]) == ([], 0, None)
    for wrong in ("999999999", str(2**70)):
        assert everything.get(f"/api/organizations/{wrong}").status_code == 404


def test_bodies_stand_before_the_places_they_have(
    browse: Callable[[str], FlaskClient], city: City
) -> None:
    items = browse(city.everything).get("/api/search?q=示例1局").get_json()["items"]
    assert [(one["type"], one["name"]) for one in items] == [
        ("organization", "示例1局"), ("place", "示例路1号"),
    ]  # fmt: skip
    assert browse(city.everything).get("/api/search?q=sl&limit=2").get_json()["items"][1:]
