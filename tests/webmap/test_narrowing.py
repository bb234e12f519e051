"""Figures, lists, charts and files that follow the filters of layers, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from makers import make_place
from small_city import City, build
from werkzeug.test import TestResponse

from gis.audit.accesses import accesses
from gis.db import Database, Role, transaction
from webmap.session import COOKIE
from webmap.views.ogc import items

IDLE = {"use_status": ["idle"]}


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    built = build(make_database("onemap_narrowing_tests"))
    with transaction(built.database.engine(Role.OWNER), None) as conn:
        # On a list and on no plan, as most rooms of a census are.
        make_place(
            conn,
            "R-unshaped",
            "room",
            parent=(built.ids["floor 0.1"], "floor"),
            admin_area_code="320401",
            steward_id=built.ids["agency 0"],
            anchor=(119.751, 31.651),
            use_status="idle",
        )
    return built


Post = Callable[..., TestResponse]


@pytest.fixture
def post(city_app: Flask, city: City) -> Post:
    def ask(address: str, **body: Any) -> TestResponse:
        client = city_app.test_client()
        client.set_cookie(COOKIE, city.everything)
        return client.post(address, json=body)

    return ask


def figures(answer: Any) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in answer.json["domains"][0]["figures"]}


def listed(post: Post, name: str, **filters: Any) -> set[str]:
    answer = post("/api/area-list", list=name, filters=filters).json
    return {row["code"] for row in answer["rows"]}


def exported(post: Post, layer: str, **body: Any) -> set[str]:
    answer = post(f"/api/layers/{layer}/export", format="geojson", **body)
    assert answer.status_code == 200, answer.json
    return {one["properties"]["code"] for one in answer.json["features"]}


def test_figures_count_what_the_list_lists_and_the_file_holds(post: Post) -> None:
    for name, layer, figure, filters in (
        ("properties", "property", "property_count", {"property": {"age_class": ["since_2020"]}}),
        ("buildings", "building", "building_count", {"building": {"year_built": [2000, None]}}),
        ("rooms", "room", "room_count", {"room": IDLE}),
        ("rooms", "room", "room_count", {"room": IDLE, "building": {"year_built": [None, 2010]}}),
    ):
        codes = listed(post, name, **filters)
        assert codes
        summary = post("/api/area-summary", filters=filters)
        assert figures(summary)[figure] == len(codes)
        held = exported(post, layer, within={"admin_area": "320400"}, filters=filters)
        assert held == codes
        assert len(summary.json["filtered_by"]) == len(filters)


def test_what_is_part_of_a_place_that_does_not_pass_goes_with_it(post: Post) -> None:
    whole = figures(post("/api/area-summary"))
    aged = figures(post("/api/area-summary", filters={"property": {"year_built": [2020, None]}}))
    assert (whole["property_count"], whole["building_count"], whole["room_count"]) == (3, 6, 13)
    assert (aged["property_count"], aged["building_count"], aged["room_count"]) == (1, 2, 4)
    assert (whole["gross_area"], aged["gross_area"]) == (9003, 3002)
    assert (whole["agency_count"], aged["agency_count"]) == (3, 1)
    # What stands above a room stays, whichever rooms pass.
    idle = figures(post("/api/area-summary", filters={"room": IDLE}))
    assert (idle["property_count"], idle["building_count"], idle["room_count"]) == (3, 6, 7)


def test_the_whole_decides_where_only_its_part_lies_in_the_area(post: Post) -> None:
    # The first building of the first property; the property's own point lies outside.
    west, south, east, north = 119.7501, 31.6503, 119.7507, 31.6509
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    within = {"geometry": {"type": "Polygon", "coordinates": [ring]}}
    found = figures(post("/api/area-summary", within=within))
    assert (found["property_count"], found["building_count"]) == (0, 1)
    newer = {"property": {"year_built": [2000, None]}}
    assert figures(post("/api/area-summary", within=within, filters=newer))["building_count"] == 0
    older = {"property": {"year_built": [None, 2000]}}
    assert figures(post("/api/area-summary", within=within, filters=older))["building_count"] == 1


def test_a_room_on_no_plan_passes_by_what_is_known_of_it(post: Post) -> None:
    assert "R-unshaped" in listed(post, "rooms", room=IDLE)
    chart = post("/api/layers/room/breakdown", filter=IDLE).json
    assert (chart["matching"], chart["total"]) == (7, 13)


def test_a_filtered_layer_is_exported_with_what_nobody_has_located(post: Post, city: City) -> None:
    institutions = {"property": {"population": ["institution"]}}
    assert exported(post, "property", filters=institutions) == {"S3"}
    answer = post("/api/layers/property/export", format="csv", filters=institutions)
    assert "filtered" in answer.headers["Content-Disposition"]
    assert exported(post, "property") == {"S0", "S1", "S2", "S3"}
    held = {"property": {"holder": city.ids["agency 1"]}}
    assert exported(post, "building", filters=held) == {"B10", "B11"}


def test_charts_follow_the_filters_of_other_layers(post: Post) -> None:
    newer = {"property": {"year_built": [2000, None]}}
    chart = post("/api/layers/building/breakdown", filters=newer).json
    assert (chart["matching"], chart["total"]) == (4, 4)
    # Its own filter leaves the chart of what it asks whole.
    own = {"building": {"age_class": ["since_2020"]}}
    narrowed = post("/api/layers/building/breakdown", filter=own["building"], filters=own).json
    ages = next(one for one in narrowed["charts"] if one["name"] == "age_class")
    assert (len(ages["bars"]), narrowed["matching"]) == (3, 2)


def test_what_is_not_known_stands_last_in_a_chart(post: Post, city: City) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        make_place(conn, "B-used", "building", parent=(city.ids["site 0"], "site"),
                   anchor=(119.751, 31.651), use_status="idle")  # fmt: skip
    charts = post("/api/layers/building/breakdown").json["charts"]
    uses = next(one for one in charts if one["name"] == "use_status")
    assert [(bar["value"], bar["count"]) for bar in uses["bars"]] == [("idle", 1), ("", 6)]


@pytest.mark.parametrize("bad", ["x", ["x"], {"nothing": {}}, {"property": {"colour": ["red"]}}])
@pytest.mark.parametrize(
    "address",
    ["/api/area-summary", "/api/layers/property/breakdown", "/api/layers/property/export"],
)
def test_filters_that_make_no_sense_are_refused(post: Post, address: str, bad: Any) -> None:
    refused = post(address, filters=bad, format="csv")
    assert refused.status_code == 400
    assert "filter." not in refused.json["detail"]


def test_shapes_are_counted_before_a_sheet_draws_them(city_app: Flask, city: City) -> None:
    def counted(token: str = city.everything, **asked: Any) -> TestResponse:
        client = city_app.test_client()
        client.set_cookie(COOKIE, token)
        return client.get("/api/drawn", query_string=asked)

    whole = {"layers": "property,building,nothing", "box": "119,31,121,32"}
    assert counted(**whole).json == {"count": 3 + 7}
    assert counted(city.partial, **whole).json["count"] < 10
    assert counted(**{**whole, "box": "119.7,31.6,119.8,31.7"}).json == {"count": 4}
    assert counted(layers="room", box="119,31,121,32").json == {"count": 0}
    assert counted(layers="room", box="119,31,121,32", floor=1).json == {"count": 6}
    assert counted(layers="", box="119,31,121,32").json == {"count": 0}
    for bad in ("", "1,2,3", "a,b,c,d", "nan,1,2,3", "1e400,1,2,3", "1,2,3,4,5"):
        assert counted(layers="room", box=bad).status_code == 400
    assert counted("nobody", **whole).status_code == 401


def test_a_number_that_is_none_is_no_request(post: Post) -> None:
    within = {"admin_area": "320400", "radius_m": float("nan")}
    answer = post("/api/layers/site/export", format="csv", within=within)
    assert answer.status_code == 400


def test_a_layer_read_in_bulk_is_noted_and_a_short_page_is_not(city_app: Flask, city: City) -> None:
    client = city_app.test_client()
    client.set_cookie(COOKIE, city.everything)
    for limit in (1, 2):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(items, "_IN_BULK", 2)
            assert client.get(f"/ogc/collections/room/items?limit={limit}").status_code == 200
    with city.database.engine(Role.OWNER).connect() as conn:
        noted = [one["said"]["asked"] for one in accesses(conn) if "asked" in one["said"]]
    assert noted == [{"limit": "2"}]


def test_who_takes_a_file_away_is_noted_with_what_was_asked(post: Post, city: City) -> None:
    exported(post, "room", within={"admin_area": "320400"}, filters={"room": IDLE})
    with city.database.engine(Role.OWNER).connect() as conn:
        noted = accesses(conn)[0]
    assert (noted["kind"], noted["name"]) == ("export", "room")
    assert noted["said"]["within"] == {"admin_area": "320400"}
    assert noted["said"]["filters"] == {"room": IDLE}
