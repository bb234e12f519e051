"""Charts of a layer over HTTP, and lists that follow the filters of layers."""

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
    return build(make_database("onemap_breakdown_tests"))


@pytest.fixture
def ask(city_app: Flask, city: City) -> Callable[..., Any]:
    """Asks for charts; by the name of an account's token."""

    def answer(layer: str = "property", token: str = city.everything, **body: Any) -> Any:
        client = city_app.test_client()
        client.set_cookie(COOKIE, token)
        return client.post(f"/api/layers/{layer}/breakdown", json=body)

    return answer


def counts(answer: Any, chart: str) -> dict[str, int]:
    found = next(one for one in answer.json["charts"] if one["name"] == chart)
    return {bar["value"]: bar["count"] for bar in found["bars"]}


def test_charts_count_the_places_of_the_layer(ask: Callable[..., Any]) -> None:
    whole = ask()
    assert (whole.json["matching"], whole.json["total"]) == (3, 3)
    assert counts(whole, "district") == {"320401": 1, "320402": 1, "320403": 1}
    assert counts(whole, "age_class") == {"1980_1999": 1, "2000_2009": 1, "since_2020": 1}
    assert counts(whole, "kind") == {"site": 3}
    (first, *_) = whole.json["charts"]
    assert [(bar["title"], bar["area_m2"]) for bar in first["bars"]] == [
        ("示例0区", 3000), ("示例1区", 3001), ("示例2区", 3002)
    ]  # fmt: skip
    ages = next(one for one in whole.json["charts"] if one["name"] == "age_class")
    assert [bar["value"] for bar in ages["bars"]] == ["1980_1999", "2000_2009", "since_2020"]
    assert all(bar["colour"].startswith("#") for bar in ages["bars"])
    assert counts(ask("building"), "district") == {"320401": 2, "320402": 2, "320403": 2}


def test_a_chart_is_narrowed_by_every_filter_but_its_own(ask: Callable[..., Any]) -> None:
    chosen = ask(filter={"age_class": ["1980_1999"]})
    assert (chosen.json["matching"], chosen.json["total"]) == (1, 3)
    assert counts(chosen, "district") == {"320401": 1}
    assert len(counts(chosen, "age_class")) == 3
    both = ask(filter={"age_class": ["1980_1999"], "year_built": [2000, None]})
    assert both.json["matching"] == 0
    assert counts(both, "age_class") == {"2000_2009": 1, "since_2020": 1}


def test_area_view_holder_and_day_narrow_all_charts(ask: Callable[..., Any], city: City) -> None:
    assert counts(ask(within={"admin_area": "320402"}), "district") == {"320402": 1}
    assert counts(ask(box=[119.7, 31.6, 119.8, 31.7]), "district") == {"320401": 1}
    assert counts(ask(filter={"holder": city.ids["agency 2"]}), "district") == {"320403": 1}
    assert ask(box=[0, 0, 1, 1]).json["total"] == 0


def test_an_account_gets_charts_of_what_it_sees(ask: Callable[..., Any], city: City) -> None:
    assert counts(ask(token=city.partial), "district") == {"320401": 1, "320402": 1}
    assert ask(token="nobody").status_code == 401


@pytest.mark.parametrize(
    ("layer", "body", "status"),
    [
        ("nothing", {}, 404),
        ("admin_area", {}, 404),
        ("property", {"box": [1, 2, 3]}, 400),
        ("property", {"box": ["a", 2, 3, 4]}, 400),
        ("property", {"filter": {"colour": ["red"]}}, 400),
        ("property", {"filter": "x"}, 400),
        ("property", {"within": {"admin_area": "999999"}}, 404),
    ],
)
def test_what_cannot_be_charted_is_refused_with_a_sentence(
    ask: Callable[..., Any], layer: str, body: Any, status: int
) -> None:
    refused = ask(layer, **body)
    assert refused.status_code == status
    assert refused.json["detail"]


def test_a_list_follows_the_filters_of_layers(city_app: Flask, city: City) -> None:
    client: FlaskClient = city_app.test_client()
    client.set_cookie(COOKIE, city.everything)

    def listed(name: str, **filters: Any) -> Any:
        body = {"list": name, "filters": filters}
        return client.post("/api/area-list", json=body).json

    assert listed("properties")["total"] == 3
    assert listed("properties")["is_filtered"] is False
    aged = listed("properties", property={"age_class": ["since_2020"]})
    assert ([row["code"] for row in aged["rows"]], aged["is_filtered"]) == (["S2"], True)
    held = listed("properties", property={"holder": city.ids["agency 1"]})
    assert [row["code"] for row in held["rows"]] == ["S1"]
    # Another layer's filter leaves them alone.
    assert listed("properties", building={"year_built": [2020, None]})["total"] == 3
    assert listed("buildings", building={"year_built": [2020, None]})["total"] == 2
    for bad in ({"nothing": {}}, {"property": {"colour": ["red"]}}, []):
        refused = client.post("/api/area-list", json={"list": "properties", "filters": bad})
        assert refused.status_code == (200 if bad == [] else 400)
