"""The answer to a question about an area, and the lists behind its figures."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build

from assets.registry import DOMAINS
from gis.db import Database
from webmap.session import COOKIE

WHOLE: dict[str, Any] = {"within": {}}


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_question_tests"))


@pytest.fixture
def ask(city_app: Flask, city: City) -> Callable[..., Any]:
    def post(body: Any, *, address: str = "area-summary", partial: bool = False) -> Any:
        client: FlaskClient = city_app.test_client()
        client.set_cookie(COOKIE, city.partial if partial else city.everything)
        answer = client.post(f"/api/{address}", json=body)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    return post


def figures(answer: Any) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in answer["domains"][0]["figures"]}


def table(answer: Any, name: str) -> list[dict[str, Any]]:
    found = next(one for one in answer["domains"][0]["tables"] if one["name"] == name)
    rows: list[dict[str, Any]] = found["rows"]
    return rows


def test_the_whole_register_in_figures(ask: Callable[..., Any]) -> None:
    answer = ask({**WHOLE, "as_of": "2026-11-21"})
    assert answer["as_of"] == "2026-11-21"
    assert answer["within"] == {"title": "全部资产", "area_m2": None, "outline": None}
    assert answer["not_located"] == {"place_count": 1, "gross_area_m2": 500.0}
    said = figures(answer)
    assert said["property_count"] == 3
    assert said["gross_area"] == 3000 + 3001 + 3002
    assert said["building_count"] == 6
    assert said["room_count"] == 12
    assert said["idle_room_count"] == 6
    assert said["usable_area"] == 4 * (20 + 21 + 22)
    assert said["idle_area"] == 2 * (20 + 21 + 22)
    assert said["vacancy"] == 0.5
    assert said["agency_count"] == 3
    assert said["headcount_quota"] == 10 + 11 + 12
    assert said["headcount_actual"] == 9 + 10 + 11
    assert "headcount_non_quota" not in said
    assert said["building_age"] == 2026 - 2005
    assert said["complete_address"] == 1.0
    assert said["complete_title"] == 0.0


def test_tables_of_one_answer_agree_with_its_figures(ask: Callable[..., Any]) -> None:
    answer = ask(WHOLE)
    said = figures(answer)
    gross = sum(row["gross_area_m2"] or 0 for row in table(answer, "by_district"))
    assert gross == pytest.approx(said["gross_area"], abs=0.01)
    by_kind = {row["kind"]: row["place_count"] for row in table(answer, "by_kind")}
    assert (by_kind["楼栋"], by_kind["房间"]) == (said["building_count"], said["room_count"])
    assert [row["district"] for row in table(answer, "by_district")] == [
        "示例0区", "示例1区", "示例2区",
    ]  # fmt: skip
    assert {row["age_class"] for row in table(answer, "by_age")} == {
        "1980—1999年", "2000—2009年", "2020年以来",
    }  # fmt: skip


def test_an_account_with_three_grants_gets_its_part(ask: Callable[..., Any]) -> None:
    answer = ask(WHOLE, partial=True)
    said = figures(answer)
    assert said["property_count"] == 2
    assert said["gross_area"] == 3000 + 3001
    assert said["agency_count"] == 2
    assert answer["not_located"] == {"place_count": 1, "gross_area_m2": 500.0}
    listed = ask({**WHOLE, "list": "properties"}, address="area-list", partial=True)
    assert [row["code"] for row in listed["rows"]] == ["S0", "S1"]
    assert listed["total"] == 2


@pytest.mark.parametrize("partial", [False, True])
def test_every_list_has_as_many_rows_as_its_figure_says(
    ask: Callable[..., Any], partial: bool
) -> None:
    answer = ask(WHOLE, partial=partial)
    for figure in answer["domains"][0]["figures"]:
        if figure["list"] is None:
            continue
        body = {**WHOLE, "list": figure["list"], "limit": 1000}
        listed = ask(body, address="area-list", partial=partial)
        assert listed["total"] == len(listed["rows"])
        if figure["name"].endswith("_count"):
            assert listed["total"] == figure["value"]
        if column := figure["list_column"]:
            assert sum(row[column] or 0 for row in listed["rows"]) == pytest.approx(figure["value"])
            assert listed["sums"][column] == pytest.approx(figure["value"])
        if figure["name"].startswith("complete"):
            missing = round((1 - figure["value"]) * figures(answer)["property_count"])
            assert listed["total"] == missing
        for row in listed["rows"]:
            assert row["lon"] is not None
            assert set(row) == {"place_id", "lon", "lat", *(c["name"] for c in listed["columns"])}


def test_a_list_says_what_it_lists_and_of_what(ask: Callable[..., Any]) -> None:
    listed = ask({**WHOLE, "list": "without_title"}, address="area-list")
    assert listed["title"] == "没有登记权属证书的房产"
    assert listed["within"]["title"] == "全部资产"


def test_no_row_of_a_table_is_without_a_head(ask: Callable[..., Any]) -> None:
    for one in ask(WHOLE)["domains"][0]["tables"]:
        for row in one["rows"]:
            assert row[one["columns"][0]["name"]], one["name"]


def test_every_list_a_figure_names_exists(ask: Callable[..., Any]) -> None:
    named = {one["list"] for one in ask(WHOLE)["domains"][0]["figures"] if one["list"]}
    facts = DOMAINS[0].area_facts
    assert facts is not None
    assert named
    assert named <= set(facts.lists)


def test_lists_come_in_pages(ask: Callable[..., Any]) -> None:
    body = {**WHOLE, "list": "rooms", "limit": 5}
    first = ask(body, address="area-list")
    second = ask({**body, "offset": 5}, address="area-list")
    assert first["total"] == second["total"] == 12
    assert not {r["code"] for r in first["rows"]} & {r["code"] for r in second["rows"]}
    past_the_end = ask({**body, "offset": 50}, address="area-list")
    assert (past_the_end["rows"], past_the_end["total"]) == ([], 12)


def test_the_title_says_what_was_asked(ask: Callable[..., Any]) -> None:
    answer = ask({"within": {"admin_area": "320401"}, "buffer_m": 500, "invert": True})
    assert answer["within"]["title"] == "示例0区外扩 500 米以外"
    assert answer["within"]["area_m2"] > 0


@pytest.mark.parametrize("address", ["area-summary", "area-list"])
@pytest.mark.parametrize(
    "body",
    [
        b"{", b"", b"[]", b"null", b"\xff\xfe", b"[" * 100_000,
        b'{"within": {"admin_area": "320401"}, "as_of": "soon"}',
        b'{"within": {"point": [119.7, 31.6], "radius_m": 1e400}}',
        b'{"within": {}, "domains": ["magic"]}',
        b'{"within": {}, "buffer_m": "1"}',
        b'{"within": {"place_id": true}, "list": "properties"}',
        b'{"within": {"admin_area": "\\ud800"}, "list": "\\ud800"}',
        b'{"within": {"geometry": {"type": "Polygon", "coordinates": [[[-180, -90], [180, -90],'
        b' [180, 90], [-180, 90], [-180, -90]]]}}, "buffer_m": 50000, "list": "properties"}',
    ],
)  # fmt: skip
def test_a_body_that_makes_no_sense_gets_a_problem(
    city_app: Flask, city: City, address: str, body: bytes
) -> None:
    client = city_app.test_client()
    client.set_cookie(COOKIE, city.everything)
    answer = client.post(f"/api/{address}", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert "question." not in answer.get_json()["detail"]


def test_a_list_nobody_offers_is_refused(city_app: Flask, city: City) -> None:
    client = city_app.test_client()
    client.set_cookie(COOKIE, city.everything)
    answer = client.post("/api/area-list", json={**WHOLE, "list": "<script>"})
    assert answer.status_code == 400


@pytest.mark.parametrize("token", [None, "", "unknown"])
def test_nobody_is_not_answered(city_app: Flask, token: str | None) -> None:
    client = city_app.test_client()
    if token is not None:
        client.set_cookie(COOKIE, token)
    for address in ("area-summary", "area-list"):
        answer = client.post(f"/api/{address}", json={"within": {}, "list": "properties"})
        assert answer.status_code == 401
