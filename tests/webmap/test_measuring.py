"""Areas stated by form, over HTTP: beside the others, corrected, refused, taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build
from werkzeug.test import TestResponse

from gis.clock import today
from gis.db import Database
from tests.webmap.conftest import signed_in


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_measuring"))


SURVEYED = {
    "area_kind": "gross",
    "area_m2": "2950.50",
    "source": "survey",
    "measured_on": "2026-03-01",
    "reason": "实测",
    "document": "示例测〔2026〕3号",
}


def _state(client: FlaskClient, place_id: int, more: str = "", **body: Any) -> TestResponse:
    return client.post(f"/api/places/{place_id}/areas{more}", json={**SURVEYED, **body})


def _items(client: FlaskClient, place_id: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"/api/places/{place_id}/areas").get_json()["items"]
    return items


def _gross(client: FlaskClient, as_of: str) -> float:
    answer = client.post("/api/area-summary", json={"as_of": as_of}).get_json()
    figures = {one["name"]: one["value"] for one in answer["domains"][0]["figures"]}
    return float(figures["gross_area"])


def _undo(client: FlaskClient, place_id: int) -> TestResponse:
    last = client.get(f"/api/places/{place_id}").get_json()["last_edit"]
    return client.delete(f"/api/places/{place_id}/edits/{last['edit_id']}")


def test_an_area_is_stated_beside_the_others_counts_from_its_day_and_is_taken_back(
    everything: FlaskClient, city: City
) -> None:
    site = city.ids["site 0"]
    saved = _state(everything, site)
    assert saved.status_code == 200, saved.get_json()
    card = everything.get(f"/api/places/{site}").get_json()
    gross = {one["source_title"]: one for one in card["areas"] if one["area_kind"] == "gross"}
    assert (gross["实测"]["area_m2"], gross["实测"]["counts"]) == (2950.5, True)
    assert (gross["填报"]["area_m2"], gross["填报"]["counts"]) == (3000, False)
    assert card["last_edit"]["kind_title"] == "面积"
    edit = card["history"][0]["edit"]
    [change] = card["history"][0]["changes"]
    assert (change["title"], change["old"], change["new"]) == ("建筑面积", None, 2950.5)
    assert (edit["document"], edit["effective_on"]) == ("示例测〔2026〕3号", "2026-03-01")
    assert _gross(everything, today().isoformat()) == 9003 - 49.5
    assert _gross(everything, "2026-02-28") == 9003
    assert "area.gross" in everything.get(f"/api/places/{site}/edit").get_json()["protected"]
    assert _undo(everything, site).status_code == 200
    assert [one["source"] for one in _items(everything, site) if one["area_kind"] == "gross"] == [
        "declared"
    ]
    assert _gross(everything, today().isoformat()) == 9003


def test_a_wrong_area_is_corrected_and_who_comes_second_is_told(
    everything: FlaskClient, city: City
) -> None:
    building = city.ids["building 1.0"]
    [one] = _items(everything, building)
    right = {"area_m2": 1010, "source": "declared", "measured_on": "", "version": one["version"]}
    assert _state(everything, building, f"/{one['area_id']}", **right).status_code == 200
    second = _state(everything, building, f"/{one['area_id']}", **{**right, "area_m2": 1020})
    assert second.status_code == 409
    assert "刚被他人修改" in second.get_json()["detail"]
    [now] = _items(everything, building)
    assert (now["area_m2"], now["version"] != one["version"]) == (1010, True)
    again = {**right, "version": now["version"]}
    same = _state(everything, building, f"/{one['area_id']}", **again)
    assert same.status_code == 400
    assert _undo(everything, building).status_code == 200
    assert [one["area_m2"] for one in _items(everything, building)] == [1000]


def test_the_same_source_says_a_kind_once_a_day(everything: FlaskClient, city: City) -> None:
    building = city.ids["building 1.1"]
    twice = _state(everything, building, source="declared", measured_on=None, area_m2=999)
    assert twice.status_code == 409
    assert "1,000.00" in twice.get_json()["detail"]
    assert _state(everything, building, source="declared", area_m2=999).status_code == 200
    dated = next(one for one in _items(everything, building) if one["measured_on"])
    onto = {"source": "declared", "measured_on": "", "area_m2": 998, "version": dated["version"]}
    assert _state(everything, building, f"/{dated['area_id']}", **onto).status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reason": " "}, 400),
        ({"area_kind": "volume"}, 400),
        ({"area_kind": ["gross"]}, 400),
        ({"source": "polygon"}, 400),
        ({"source": None}, 400),
        ({"area_m2": ""}, 400),
        ({"area_m2": -1}, 400),
        ({"area_m2": "NaN"}, 400),
        ({"area_m2": "1e30"}, 400),
        ({"area_m2": "很大"}, 400),
        ({"measured_on": "2026-02-30"}, 400),
        ({"measured_on": "2999-01-01"}, 400),
        ({"document": "x" * 300}, 400),
        ({"document": 5}, 400),
    ],
)
def test_what_is_no_area_is_refused(
    everything: FlaskClient, city: City, body: dict[str, Any], status: int
) -> None:
    refused = _state(everything, city.ids["site 1"], **body)
    assert (refused.status_code, refused.mimetype) == (status, "application/problem+json")
    assert "{" not in refused.get_json()["detail"]


def test_areas_are_for_who_may_write_the_place(
    everything: FlaskClient, city_app: Flask, city: City
) -> None:
    reader = signed_in(city_app, city.partial)
    assert reader.get(f"/api/places/{city.ids['site 0']}/areas").status_code == 403
    assert _state(reader, city.ids["site 0"]).status_code == 403
    assert _state(reader, city.ids["site 2"]).status_code == 404
    assert _state(everything, city.ids["site 0"], "/999999").status_code == 404
    assert _state(everything, 2**70).status_code == 404
    other = _items(everything, city.ids["site 1"])[0]["area_id"]
    assert _state(everything, city.ids["site 0"], f"/{other}").status_code == 404
