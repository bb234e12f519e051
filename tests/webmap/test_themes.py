"""Themes over HTTP: the same figures as questions about the same areas, under the same rights."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from makers import make_area
from small_city import City, build
from sqlalchemy import text

from assets.registry import DOMAINS
from gis.db import Database, Role, transaction
from webmap.session import COOKIE

AS_OF = "2026-11-22"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_theme_tests"))


@pytest.fixture
def read(city_app: Flask, city: City) -> Callable[..., Any]:
    def get(address: str, *, partial: bool = False, status: int = 200) -> Any:
        client = city_app.test_client()
        client.set_cookie(COOKIE, city.partial if partial else city.everything)
        answer = client.get(f"/api/{address}")
        assert answer.status_code == status, answer.get_json()
        return answer.get_json()

    return get


@pytest.fixture
def ask(city_app: Flask, city: City) -> Callable[..., Any]:
    def figures(area: str) -> dict[str, Any]:
        client = city_app.test_client()
        client.set_cookie(COOKIE, city.everything)
        answer = client.post(
            "/api/area-summary", json={"within": {"admin_area": area}, "as_of": AS_OF}
        ).get_json()
        return {
            f"{domain['name']}.{one['name']}": one["value"]
            for domain in answer["domains"]
            for one in domain["figures"]
        }

    return figures


def by_name(theme: Any) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in theme["values"]}


def test_the_offer_names_every_registered_indicator_and_the_levels_that_are_loaded(
    read: Callable[..., Any],
) -> None:
    offer = read("themes")
    registered = [f"{one.name}.{each.name}" for one in DOMAINS for each in one.indicators]
    assert [one["name"] for one in offer["indicators"]] == registered
    assert [(one["name"], one["count"]) for one in offer["levels"]] == [
        ("city", 1), ("district", 3), ("place", None),
    ]  # fmt: skip
    vacancy = next(one for one in offer["indicators"] if one["name"] == "estate.vacancy")
    assert vacancy["title"] == "空置率"
    assert vacancy["per"] == "全部房间的使用面积"
    assert vacancy["source"]


def test_a_theme_says_of_every_district_what_a_question_about_it_says(
    read: Callable[..., Any], ask: Callable[..., Any]
) -> None:
    answers = {code: ask(code) for code in ("320401", "320402", "320403")}
    compared = 0
    for name in (f"{domain.name}.{one.name}" for domain in DOMAINS for one in domain.indicators):
        theme = read(f"theme?indicator={name}&as_of={AS_OF}")
        assert theme["by"] == "district"
        for value in theme["values"]:
            if name in answers[value["unit"]]:
                compared += 1
                expected = answers[value["unit"]][name]
                # A question rounds to what people read.
                assert value["value"] == pytest.approx(expected, abs=0.06), name
    assert compared >= 3 * 13


def test_classes_of_the_legend_count_the_districts_that_wear_their_colour(
    read: Callable[..., Any],
) -> None:
    theme = read("theme?indicator=estate.gross_area&method=equal_interval&classes=2&ramp=OrRd")
    assert by_name(theme) == {"示例0区": 3000, "示例1区": 3001, "示例2区": 3002}
    assert [(one["lower"], one["upper"], one["count"]) for one in theme["classes"]] == [
        (3000, 3001, 2), (3001, 3002, 1),
    ]  # fmt: skip
    assert [one["class"] for one in theme["values"]] == [0, 0, 1]
    assert theme["no_figure"]["count"] == 0
    assert theme["notice"] == "行政区界线为示意边界"
    assert theme["not_located"] == {"place_count": 1, "gross_area_m2": 500.0}
    # Without a name of its coordinate system, which GeoJSON has none of.
    assert set(theme["values"][0]["shape"]) == {"type", "coordinates"}


def test_a_ratio_says_what_it_divides(read: Callable[..., Any]) -> None:
    theme = read("theme?indicator=estate.gross_area_per_person")
    first = theme["values"][0]
    assert (first["amount"], first["base"]) == (3000, 9)
    assert first["value"] == pytest.approx(3000 / 9)


def test_a_district_without_anything_to_see_has_no_figure_rather_than_none(
    read: Callable[..., Any],
) -> None:
    theme = read("theme?indicator=estate.property_count", partial=True)
    assert by_name(theme) == {"示例0区": 1, "示例1区": 1, "示例2区": None}
    assert theme["no_figure"]["count"] == 1
    assert theme["values"][2]["class"] is None


def test_properties_are_measured_with_all_that_stands_in_them(
    read: Callable[..., Any], city: City
) -> None:
    theme = read("theme?indicator=estate.idle_area&by=place")
    assert theme["layer"] == "property"
    values = {one["unit"]: one["value"] for one in theme["values"]}
    assert values == {str(city.ids[f"site {at}"]): 2 * (20 + at) for at in range(3)}
    assert len(read("theme?indicator=estate.idle_area&by=place", partial=True)["values"]) == 2


def test_a_lower_level_is_offered_once_it_is_loaded_and_sums_to_its_district(
    read: Callable[..., Any], city: City
) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        for at in range(2):  # West half and east half of the first district; sites lie in the east.
            west = 119.7 + at * 0.05
            ring = f"{west} 31.6,{west + 0.05} 31.6,{west + 0.05} 31.7,{west} 31.7,{west} 31.6"
            make_area(
                conn, f"32040100{at + 1}", name=f"示例{at}镇", level="town", parent_code="320401",
                geom=text("ST_Multi(ST_GeomFromText(:box, 4490))").bindparams(
                    box=f"POLYGON(({ring}))"
                ),
            )  # fmt: skip
        make_area(conn, "320401003", name="无界镇", level="town", parent_code="320401")
    levels = {one["name"]: one["count"] for one in read("themes")["levels"]}
    assert levels["town"] == 3
    theme = read("theme?indicator=estate.gross_area&by=town")
    assert by_name(theme) == {"示例0镇": None, "示例1镇": 3000, "无界镇": None}
    assert theme["values"][2]["shape"] is None


@pytest.mark.parametrize(
    "query",
    [
        "indicator=estate.luck", "indicator=", "", "indicator=estate.gross_area&by=planet",
        "indicator=estate.gross_area&method=guess", "indicator=estate.gross_area&ramp=RdYlGn",
        "indicator=estate.gross_area&classes=99", "indicator=estate.gross_area&classes=many",
        "indicator=estate.property_count&by=place", "indicator=estate.gross_area&as_of=soon",
        "indicator=%00", "indicator=estate.gross_area&by=%00",
    ],
)  # fmt: skip
def test_a_theme_that_cannot_be_is_refused_with_a_sentence(
    read: Callable[..., Any], query: str
) -> None:
    problem = read(f"theme?{query}", status=400)
    assert problem["detail"]
    assert "theme." not in problem["detail"]


def test_nobody_sees_no_theme(city_app: Flask) -> None:
    for address in ("/api/themes", "/api/theme?indicator=estate.gross_area"):
        assert city_app.test_client().get(address).status_code == 401


def test_a_theme_follows_the_filters_of_layers_as_the_figures_do(
    read: Callable[..., Any], city_app: Flask, city: City
) -> None:
    filters = {"property": {"year_built": [None, 2010]}}
    client = city_app.test_client()
    client.set_cookie(COOKIE, city.everything)
    written = quote(json.dumps(filters))
    theme = read(f"theme?indicator=estate.gross_area&by=district&as_of={AS_OF}&filters={written}")
    assert theme["is_filtered"]
    for unit in theme["values"]:
        body = {"within": {"admin_area": unit["unit"]}, "as_of": AS_OF, "filters": filters}
        answer = client.post("/api/area-summary", json=body).get_json()
        figures = {one["name"]: one["value"] for one in answer["domains"][0]["figures"]}
        assert (unit["value"] or 0) == pytest.approx(figures["gross_area"] or 0)
    # Of properties only those that pass are listed: the others are none without a figure.
    address = f"theme?indicator=estate.gross_area&by=place&as_of={AS_OF}"
    listed = {unit["name"] for unit in read(f"{address}&filters={written}")["values"]}
    assert listed < {unit["name"] for unit in read(address)["values"]}
    assert read(f"{address}&filters={written}")["no_figure"]["count"] == 0
    whole = read(f"theme?indicator=estate.gross_area&by=district&as_of={AS_OF}")
    assert not whole["is_filtered"]
    assert by_name(whole) != by_name(theme)
    for wrong in ("[", "[1]", '{"nowhere":{}}', '"' + "x" * 5000 + '"'):
        read(f"theme?indicator=estate.gross_area&filters={quote(wrong)}", status=400)
