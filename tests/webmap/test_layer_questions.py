"""Questions about what lies in, touches or is near the places of a layer, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from small_city import City, build

from gis import layer_area
from gis.db import Database
from webmap.session import COOKIE


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_layer_question_tests"))


@pytest.fixture
def listed(city_app: Flask, city: City) -> Callable[..., Any]:
    """Codes of a list; or the refusal."""

    def answer(name: str, token: str = city.everything, **question: Any) -> Any:
        client = city_app.test_client()
        client.set_cookie(COOKIE, token)
        found = client.post("/api/area-list", json={"list": name, **question})
        if found.status_code != 200:
            return found.status_code, found.json["detail"]
        return [row["code"] for row in found.json["rows"]]

    return answer


NEW = {"layer": "property", "filter": {"age_class": ["since_2020"]}}


def test_places_in_another_layer_as_it_is_filtered(listed: Callable[..., Any]) -> None:
    assert listed("buildings", within={"layer": "property"}) == [
        "B00", "B01", "B10", "B11", "B20", "B21"
    ]  # fmt: skip
    assert listed("buildings", within=NEW) == ["B20", "B21"]
    assert listed("buildings", within=NEW, invert=True) == ["B00", "B01", "B10", "B11"]


def test_what_is_touched_and_what_is_near(listed: Callable[..., Any]) -> None:
    # A site's spot lies in none of its buildings, but its outline holds them.
    first = {"layer": "building", "filter": {"year_built": [2020, None]}}
    assert listed("properties", within=first) == []
    assert listed("properties", within=first, touching=True) == ["S2"]
    assert listed("properties", within=first, buffer_m=200) == ["S2"]
    assert listed("properties", within=first, buffer_m=10_000) == ["S1", "S2"]


def test_around_a_place_that_is_selected(listed: Callable[..., Any], city: City) -> None:
    asked = {"place_id": city.ids["site 0"]}
    assert listed("buildings", within=asked) == ["B00", "B01"]
    assert listed("properties", within=asked, buffer_m=10_000) == ["S0", "S1"]


def test_only_what_an_account_sees_makes_the_area(listed: Callable[..., Any], city: City) -> None:
    assert listed("properties", city.partial, within={"layer": "property"}) == ["S0", "S1"]
    status, words = listed("properties", city.partial, within=NEW)
    assert (status, "没有符合条件" in words) == (400, True)


@pytest.mark.parametrize(
    "within",
    [
        {"layer": "nothing"},
        {"layer": "admin_area"},
        {"layer": 7},
        {"layer": "property", "filter": {"colour": ["red"]}},
        {"layer": "property", "filter": "x"},
        {"layer": "property", "admin_area": "320401"},
        # Floors have no outline of their own here, and no metres are asked around them.
        {"layer": "housing_unit"},
    ],
)
def test_what_makes_no_area_is_refused_with_a_sentence(
    listed: Callable[..., Any], within: Any
) -> None:
    status, words = listed("properties", within=within)
    assert status == 400
    assert words


def test_too_many_shapes_are_refused(
    listed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layer_area, "MOST_PLACES", 2)
    status, words = listed("properties", within={"layer": "property"})
    assert (status, "超过 2 处" in words) == (400, True)


def test_the_answer_says_what_it_is_and_what_it_covers(city_app: Flask, city: City) -> None:
    client = city_app.test_client()
    client.set_cookie(COOKIE, city.everything)
    asked = {"within": NEW, "buffer_m": 50, "touching": True}
    within = client.post("/api/area-summary", json=asked).json["within"]
    assert within["title"] == "房产（处）所在范围外扩 50 米（含相交）"
    # Nothing but the shape: a browser knows no system by its number.
    assert set(within["outline"]) == {"type", "coordinates"}
    assert within["outline"]["type"] == "Polygon"
    assert within["area_m2"] > 190 * 220
