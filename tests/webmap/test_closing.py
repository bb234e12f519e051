"""Closing, reopening and holdings over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build
from sqlalchemy import text
from werkzeug.test import TestResponse

from gis.clock import today
from gis.db import Database, Role, transaction
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant
from tests.webmap.conftest import signed_in


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_closing"))


def _step(client: FlaskClient, place_id: int, step: str, **more: Any) -> TestResponse:
    version = client.get(f"/api/places/{place_id}/edit").get_json()["version"]
    body = {"version": version, "reason": "拆除", **more}
    return client.post(f"/api/places/{place_id}/{step}", json=body)


def _undo(client: FlaskClient, place_id: int) -> TestResponse:
    last = client.get(f"/api/places/{place_id}").get_json()["last_edit"]
    return client.delete(f"/api/places/{place_id}/edits/{last['edit_id']}")


def _holdings(client: FlaskClient, place_id: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"/api/places/{place_id}/holdings").get_json()["items"]
    return items


def _enter(
    client: FlaskClient, place_id: int, body: dict[str, Any], more: str = ""
) -> TestResponse:
    return client.post(f"/api/places/{place_id}/holdings{more}", json={"reason": "登记", **body})


def test_a_place_with_open_parts_is_closed_only_together_with_them_and_comes_back(
    everything: FlaskClient, city: City
) -> None:
    site, room = city.ids["site 0"], city.ids["room 0.1.0"]
    before = _holdings(everything, site)
    refused = _step(everything, site, "close", effective_on="2026-06-01")
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    standing = refused.get_json()["standing"]
    assert (standing["part_count"], standing["holding_count"]) == (8, 1)
    assert {one["name"] for one in standing["parts"]} >= {"1号楼", "2号楼"}
    assert standing["holdings"][0]["holders"] == "示例0局"
    assert everything.get(f"/api/places/{room}").get_json()["valid_to"] is None

    closed = _step(everything, site, "close", effective_on="2026-06-01", with_all=True,
                   document="示例〔2026〕3号")  # fmt: skip
    assert closed.get_json()["changed"] == 9
    for place in (site, room):
        assert everything.get(f"/api/places/{place}").get_json()["valid_to"] == "2026-06-01"
    [ended] = _holdings(everything, site)
    assert (ended["valid_to"], ended["decision"]) == ("2026-06-01", "示例〔2026〕3号")
    summary = {"within": {"admin_area": "320401"}}
    figures = everything.post("/api/area-summary", json=summary).get_data(as_text=True)
    then = everything.post("/api/area-summary", json={**summary, "as_of": "2026-05-31"})
    assert figures != then.get_data(as_text=True)

    again = _step(everything, site, "close", effective_on="2026-07-01")
    assert again.status_code == 409
    assert "2026-06-01" in again.get_json()["detail"]
    building = city.ids["building 0.0"]
    alone = _step(everything, building, "reopen")
    assert alone.status_code == 409
    assert "S0" in alone.get_json()["detail"]
    assert _undo(everything, site).status_code == 200
    assert everything.get(f"/api/places/{room}").get_json()["valid_to"] is None
    assert _holdings(everything, site) == before


def test_reopening_brings_back_the_parts_that_were_closed_with_it(
    everything: FlaskClient, city: City
) -> None:
    building, room = city.ids["building 1.0"], city.ids["room 1.1.1"]
    day = today().isoformat()
    assert _step(everything, room, "close", effective_on="2026-01-01").status_code == 200
    assert _step(everything, building, "close", effective_on=day, with_all=True).status_code == 200
    opened = _step(everything, building, "reopen")
    assert opened.get_json()["changed"] == 6
    assert everything.get(f"/api/places/{room}").get_json()["valid_to"] == "2026-01-01"
    assert _step(everything, building, "reopen").status_code == 409
    assert _step(everything, room, "reopen").status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"effective_on": "2026-02-30"},
        {"effective_on": (today() + timedelta(days=1)).isoformat()},
        {"effective_on": "2026-01-01", "reason": " "},
    ],
)
def test_closing_needs_a_reason_and_a_day_that_has_come(
    everything: FlaskClient, city: City, more: dict[str, Any]
) -> None:
    answer = _step(everything, city.ids["room 1.2.1"], "close", **more)
    assert answer.status_code == 400
    assert "{" not in answer.get_json()["detail"]


def test_nothing_ends_before_it_began(everything: FlaskClient, city: City) -> None:
    floor, room = city.ids["floor 2.1"], city.ids["room 2.1.1"]
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(
            text("UPDATE place.place SET valid_from = '2025-01-01' WHERE place_id = :id"),
            {"id": room},
        )
    backwards = _step(everything, room, "close", effective_on="2025-01-01")
    assert backwards.status_code == 400
    assert "2025-01-01" in backwards.get_json()["detail"]
    above = _step(everything, floor, "close", effective_on="2024-01-01", with_all=True)
    assert above.status_code == 400
    assert "101" in above.get_json()["detail"]


def test_nothing_is_closed_over_parts_that_the_closer_may_not_see(
    city_app: Flask, city: City
) -> None:
    site, floor = city.ids["site 1"], city.ids["floor 1.2"]
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        owner.execute(
            text(
                "UPDATE place.place SET steward_id = :other, rights_cell ="
                " rights.cell_for(:other, admin_area_code, 0::smallint) WHERE place_id = :id"
            ),
            {"other": city.ids["agency 2"], "id": floor},
        )
        grant = Grant("clerk", organization_id=city.ids["agency 1"])
        account_id = rights_actions.ensure_account(owner, "经办员", [grant])
        token = rights_actions.open_session(
            owner, account_id, kind="web", lifetime=timedelta(hours=1)
        )
    clerk = signed_in(city_app, token)
    refused = _step(clerk, site, "close", effective_on="2026-06-01", with_all=True)
    assert refused.status_code == 409
    assert "无权查看" in refused.get_json()["detail"]
    assert clerk.get(f"/api/places/{site}").get_json()["valid_to"] is None


def test_a_second_closer_is_told_and_a_reader_closes_nothing(
    everything: FlaskClient, city_app: Flask, city: City
) -> None:
    room = city.ids["room 2.2.1"]
    body = {"version": "old", "reason": "x", "effective_on": "2026-01-01"}
    answer = everything.post(f"/api/places/{room}/close", json=body)
    assert (answer.status_code, "current" in answer.get_json()) == (409, True)
    reader = signed_in(city_app, city.partial)
    own = city.ids["room 0.2.1"]
    assert _step(reader, own, "close", effective_on="2026-01-01").status_code == 403
    agency = {"kind": "occupies", "parties": [{"organization_id": city.ids["agency 0"]}]}
    assert _enter(reader, own, agency).status_code == 403


def test_a_neighbour_one_may_only_read_stands_in_no_holdings_way(
    city_app: Flask, city: City
) -> None:
    own, neighbour = city.ids["room 1.2.0"], city.ids["room 1.2.1"]
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        owner.execute(
            text(
                "UPDATE place.place SET steward_id = :other, rights_cell ="
                " rights.cell_for(:other, admin_area_code, 0::smallint) WHERE place_id = :id"
            ),
            {"other": city.ids["agency 2"], "id": neighbour},
        )
        grants = [
            Grant("clerk", organization_id=city.ids["agency 1"]),
            Grant("viewer", admin_area_code="320402"),
        ]
        account_id = rights_actions.ensure_account(owner, "有邻者", grants)
        token = rights_actions.open_session(
            owner, account_id, kind="web", lifetime=timedelta(hours=1)
        )
    clerk = signed_in(city_app, token)
    assert clerk.get(f"/api/places/{neighbour}").status_code == 200
    body = {"kind": "occupies", "parties": [{"organization_id": city.ids["agency 1"]}]}
    made = _enter(clerk, own, body)
    assert made.status_code == 200, made.get_json()


def test_a_holding_is_entered_corrected_ended_and_taken_back(
    everything: FlaskClient, city: City
) -> None:
    room = city.ids["room 1.1.0"]
    one, two = city.ids["agency 1"], city.ids["agency 2"]
    body = {"kind": "occupies", "parties": [{"organization_id": one}], "valid_from": "2024-01-01"}
    made = _enter(everything, room, {**body, "document": "示例〔2024〕2号"})
    assert made.status_code == 200, made.get_json()
    holding = made.get_json()["holding_id"]
    [first] = _holdings(everything, room)
    assert (first["parties"][0]["name"], first["decision"]) == ("示例1局", "示例〔2024〕2号")
    shared = {
        **body, "version": first["version"], "area_m2": 12.5,
        "parties": [{"organization_id": two, "share": 0.4}, {"organization_id": one, "share": 0.6}],
    }  # fmt: skip
    assert _enter(everything, room, shared, f"/{holding}").status_code == 200
    [second] = _holdings(everything, room)
    assert [(p["name"], p["share"]) for p in second["parties"]] == [
        ("示例1局", 0.6),
        ("示例2局", 0.4),
    ]
    # Who still has the old version in hand overwrites nothing.
    assert _enter(everything, room, shared, f"/{holding}").status_code == 409
    ended = {**body, "version": second["version"], "parties": [{"organization_id": two}],
             "valid_to": "2026-01-01"}  # fmt: skip
    assert _enter(everything, room, ended, f"/{holding}").status_code == 200
    assert everything.get(f"/api/places/{room}").get_json()["holdings"] == []
    assert _undo(everything, room).status_code == 200
    assert _holdings(everything, room) == [second]
    assert _undo(everything, room).status_code == 200
    assert _holdings(everything, room) == [first]
    assert _undo(everything, room).status_code == 200
    assert _holdings(everything, room) == []


def test_what_excludes_each_other_is_refused_in_its_own_words(
    everything: FlaskClient, city: City
) -> None:
    room, building = city.ids["room 0.1.1"], city.ids["building 0.0"]
    occupies = {"kind": "occupies", "parties": [{"organization_id": city.ids["agency 0"]}],
                "valid_from": "2024-01-01"}  # fmt: skip
    assert _enter(everything, room, occupies).status_code == 200
    lets = {**occupies, "kind": "lets_out", "valid_from": "2025-01-01"}
    refused = _enter(everything, building, lets)
    assert refused.status_code == 409
    assert "腾退" in refused.get_json()["detail"]
    assert _holdings(everything, building) == []
    assert everything.get(f"/api/places/{building}").get_json()["last_edit"] is None
    assert _enter(everything, building, {**lets, "extent": "part"}).status_code == 200
    assert _undo(everything, building).status_code == 200
    assert _undo(everything, room).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "steals"},
        {"kind": "owns", "parties": []},
        {"kind": "owns", "parties": [{"organization_id": 999999}]},
        {"kind": "owns", "parties": [{"organization_id": "x"}]},
        {"kind": "owns", "parties": ["x"]},
        {"kind": "owns", "parties": [1, 1]},
        {"kind": "owns", "parties": [1], "extent": "half"},
        {"kind": "owns", "parties": [1], "share": 0.5},
        {"kind": "owns", "parties": [1], "share": "NaN"},
        {"kind": "owns", "parties": [1], "share": "1e30"},
        {"kind": "owns", "parties": [1], "share": "1e-30"},
        {"kind": "owns", "parties": [1], "area_m2": "1e500000000"},
        {"kind": "owns", "parties": [1], "valid_from": "2026-01-01", "valid_to": "2025-01-01"},
        {"kind": "owns", "parties": [1], "valid_from": "soon"},
        {"kind": "owns", "parties": [1], "area_m2": -1},
        {"kind": "owns", "parties": [1], "area_m2": 1e30},
        {"kind": "owns", "parties": [1], "reason": ""},
    ],
)
def test_nonsense_holdings_are_refused_with_a_sentence(
    everything: FlaskClient, city: City, body: dict[str, Any]
) -> None:
    asked = dict(body)
    share = asked.pop("share", None)
    if "parties" in asked:
        asked["parties"] = [
            {"organization_id": city.ids["agency 0"], "share": share} if one == 1 else one
            for one in asked["parties"]
        ]
    answer = _enter(everything, city.ids["room 0.2.0"], asked)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert "{" not in answer.get_json()["detail"]
    assert _holdings(everything, city.ids["room 0.2.0"]) == []
