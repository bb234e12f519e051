"""Requests over HTTP: the form's list, a lease until its decision, rooms to give back, files."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from handed_in import open_account
from small_city import City, build
from sqlalchemy import text
from werkzeug.test import TestResponse

from assets.estate.actions.arranging import room_versions
from assets.estate.actions.holdings import Party
from assets.requests.reports import requests_report
from assets.space.actions import assign, vacate
from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.places.edits import Grounds
from gis.rights.actions import Grant
from tests.webmap.conftest import signed_in

NEAR = {"longitude": "119.75", "latitude": "31.65", "radius_m": "2000"}


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    made = build(make_database("onemap_request_pages"))
    with transaction(made.database.engine(Role.LOADER), made.everything) as conn:
        save_terms(conn)
    with made.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE place.place SET use_status = 'idle' WHERE kind = 'room'"))
    rooms = [made.ids["room 0.1.0"], made.ids["room 0.1.1"]]
    with transaction(made.database.engine(Role.WEB), made.everything) as conn:
        for day, who in (("2024-01-01", [Party(made.ids["agency 0"])]), ("2025-01-01", [])):
            asked: Any = {
                "since": type(today()).fromisoformat(day), "seen": room_versions(conn, rooms),
                "grounds": Grounds("分配"),
            }  # fmt: skip
            chosen = rooms if who else rooms[1:]
            if who:
                assign(conn, chosen, who, **asked)
            else:
                vacate(conn, chosen, **asked)
    return made


@pytest.fixture
def client(city_app: Flask, city: City) -> Iterator[Callable[[str], FlaskClient]]:
    """Browsers of a clerk of the first agency, of an officer and an approver of the bureau."""
    grants = {
        "clerk": Grant("clerk", organization_id=city.ids["agency 0"]),
        "officer": Grant("officer"),
        "approver": Grant("approver"),
    }
    tokens = {name: open_account(city.database, f"页{name}", it) for name, it in grants.items()}
    yield lambda who: signed_in(city_app, tokens[who])
    with city.database.engine(Role.OWNER).begin() as conn:
        for table in ("document", "request_place", "request", "room_return"):
            conn.execute(text(f"DELETE FROM requests.{table}"))


def _version(client: FlaskClient, request_id: int) -> str:
    answer = client.get(f"/api/cases/requests/{request_id}")
    assert answer.status_code == 200, answer.get_json()
    return str(answer.get_json()["version"])


def _post(client: FlaskClient, request_id: int, what: str, **body: Any) -> TestResponse:
    body = {"version": _version(client, request_id), **body}
    return client.post(f"/requests/{request_id}/{what}", json=body)


def _step(client: FlaskClient, request_id: int, name: str, **body: Any) -> TestResponse:
    return _post(client, request_id, "steps", step=name, **body)


def _ask(client: FlaskClient, city: City, item: str = "lease", **more: Any) -> int:
    body = {
        "item": item, "organization_id": str(city.ids["agency 0"]), "reason": "人员增加",
        "needed_m2": "40", "posts.section_chief": "2", "posts.other": "",
        "old_rooms": "kept", **NEAR, **more,
    }  # fmt: skip
    answer = client.post("/requests", json=body)
    assert answer.status_code == 200, answer.get_json()
    made: int = answer.get_json()["request_id"]
    return made


def test_the_form_asks_for_the_rooms_that_would_do(
    client: Callable[[str], FlaskClient], city: City
) -> None:
    asked = {**NEAR, "needed_m2": "40"}
    found = client("officer").get("/api/requests/vacant", query_string=asked).get_json()
    assert [one["code"] for one in found["items"]] == ["R011", "R020", "R021"]
    # Neighbours on one floor before rooms of two.
    assert [one["code"] for one in found["items"] if one["is_suggested"]] == ["R020", "R021"]
    assert (found["total"], found["usable_m2"]) == (3, 60.0)
    assert found["items"][0]["vacant_since"] == "2025-01-01"
    assert found["items"][1]["vacant_since"] is None
    for bad in ({"longitude": "1"}, {**NEAR, "latitude": "NaN"}, {"needed_m2": "x"}):
        answer = client("officer").get("/api/requests/vacant", query_string=bad)
        assert answer.status_code == 400, bad
    # The site of the second agency says nobody which of its rooms are its own.
    there = {"longitude": "119.85", "latitude": "31.65", "radius_m": "2000"}
    assert (
        client("officer").get("/api/requests/vacant", query_string=there).get_json()["items"] == []
    )
    page = client("clerk").get("/requests/new?item=lease").get_data(as_text=True)
    assert "示例0局" in page
    assert "示例1局" not in page


def test_who_does_not_say_what_becomes_of_the_old_rooms_is_asked(
    client: Callable[[str], FlaskClient], city: City
) -> None:
    clerk = client("clerk")
    body = {"item": "transfer", "organization_id": city.ids["agency 0"], "reason": "搬迁",
            "needed_m2": "40"}  # fmt: skip
    for more in ({}, {"old_rooms": ""}, {"old_rooms": None}):
        answer = clerk.post("/requests", json={**body, **more})
        assert (answer.status_code, "old_rooms" in answer.get_json()["detail"]) == (400, True)
    assert clerk.post("/requests", json={**body, "old_rooms": "all"}).status_code == 200


def test_a_lease_goes_from_paper_to_decision_over_its_page(
    client: Callable[[str], FlaskClient], city: City
) -> None:
    clerk, officer, approver = (client(one) for one in ("clerk", "officer", "approver"))
    case = _ask(clerk, city)
    assert _step(clerk, case, "submit").status_code == 200
    refused = _step(officer, case, "check")
    assert (refused.status_code, "先核实今日" in refused.get_json()["detail"]) == (409, True)
    assert _post(officer, case, "stock").status_code == 200
    page = officer.get(f"/requests/{case}").get_data(as_text=True)
    assert page.count('aria-label="选择 1号楼') == 3
    numbers = [part.split('"')[0] for part in page.split('type="checkbox" value="')[1:]]
    rooms = ",".join(numbers)
    assert _post(officer, case, "answers", rooms=rooms, answer="refused").status_code == 400
    said = {"rooms": rooms, "answer": "refused", "reason": "已列入拆除计划"}
    assert _post(officer, case, "answers", **said).status_code == 200
    for name in ("check", "review"):
        assert _step(officer, case, name).status_code == 200
    money = {"budget_yuan": "36000", "budget_document": "财预〔2026〕3号"}
    assert _post(officer, case, "budget", **money).status_code == 200
    assert _step(officer, case, "fund").status_code == 200
    refused = _step(approver, case, "approve_lease")
    assert "财政审核意见" in refused.get_json()["detail"]
    paper = {"kind": "budget_review", "reference": "财预〔2026〕3号"}
    assert _post(officer, case, "documents", **paper).status_code == 200
    assert _post(approver, case, "decision", decision_document="批〔2026〕1号").status_code == 200
    assert _step(approver, case, "approve_lease").status_code == 200
    page = clerk.get(f"/requests/{case}").get_data(as_text=True)
    for word in ("已批准", "36,000.00", "批〔2026〕1号", "已列入拆除计划"):
        assert word in page
    book = openpyxl.load_workbook(io.BytesIO(officer.get("/requests.xlsx?item=lease").data))
    cells = [cell.value for row in book.active.iter_rows() for cell in row]  # type: ignore[union-attr]
    assert {"租用", "示例0局", "已批准，办理中"} <= set(cells)
    assert officer.get("/requests?state=approved&overdue=1").status_code == 200
    assert officer.get("/requests?item=castle").status_code == 400
    refused = officer.get("/requests/new?item=castle")
    assert (refused.status_code, "castle" in refused.get_data(as_text=True)) == (400, True)
    written = officer.get("/requests.csv?item=lease").data.decode("utf-8-sig").splitlines()
    assert (len(written), written[0].split(",")[0]) == (2, "申请编号")
    assert "已批准，办理中" in written[1]
    assert len(officer.get("/requests.csv?item=repair").data.decode("utf-8-sig").splitlines()) == 1


def test_a_room_is_asked_back_until_the_day_of_the_rule_and_given_back(
    client: Callable[[str], FlaskClient], city: City
) -> None:
    clerk, officer = client("clerk"), client("officer")
    room = city.ids["room 0.1.0"]
    body = {
        "rooms": str(room), "organization_id": str(city.ids["agency 0"]), "kind": "left",
        "began_on": "2026-01-31", "reason": "调离",
    }  # fmt: skip
    assert clerk.post("/requests/returns", json={**body, "kind": "decision"}).status_code == 400
    answer = officer.post("/requests/returns", json=body)
    (made,) = answer.get_json()["returns"]
    assert officer.post("/requests/returns", json=body).status_code == 409
    page = officer.get("/requests/returns").get_data(as_text=True)
    assert "调离、退休：党政机关办公用房管理办法" in page
    assert "2026-02-28" in page
    assert "逾期" in page
    # The room that stood empty since 2025 is idle for too long.
    idle = page.split('id="idle"')[1]
    assert ("101 R011" in idle, "2F" in idle) == (True, False)
    assert clerk.get(f"/api/cases/room_returns/{made}").get_json()["due_on"] == "2026-02-28"
    given = {"step": "give_back", "version": "1", "returned_on": "2026-02-20"}
    early = {**given, "returned_on": "2026-01-01"}
    late = clerk.post(f"/requests/returns/{made}/steps", json=early)
    assert (late.status_code, "2026-01-31" in late.get_json()["detail"]) == (400, True)
    done = clerk.post(f"/requests/returns/{made}/steps", json=given)
    assert done.status_code == 200, done.get_json()
    assert "2026-02-28" not in officer.get("/requests/returns").get_data(as_text=True)
    settled = officer.get("/requests/returns?all=1").get_data(as_text=True)
    assert "已腾退 2026-02-20" in settled


def test_a_file_that_has_not_all_says_so() -> None:
    found = requests_report([], today(), 20_001)
    assert found.footnotes == (("requests.file_cut", {"count": 0, "total": 20_001}),)
    assert requests_report([], today(), 0).footnotes == ()
