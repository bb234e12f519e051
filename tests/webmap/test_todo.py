"""The list of what is to do, deputies and steps of cases, as browsers and programs ask for them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from declared import SUPPLIES, Office, prepare_office
from flask import Flask
from flask.testing import FlaskClient
from people import CHOSEN

from assets import registry
from gis.clock import today
from gis.db import Database
from gis.settings import Settings
from tests.webmap.conftest import signed_in
from webmap.app import create_app

PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def office(make_database: Callable[[str], Database]) -> Office:
    return prepare_office(make_database("onemap_todo"))


@pytest.fixture(scope="module")
def app(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = Path(tmp_path_factory.mktemp("state"))
    settings = Settings(state_dir=folder, database_url=None, language="zh")
    known, registry.WORKFLOWS = registry.WORKFLOWS, (SUPPLIES,)  # type: ignore[misc]
    yield create_app(settings, office.database)
    registry.WORKFLOWS = known  # type: ignore[misc]


@pytest.fixture
def by(app: Flask, office: Office) -> Callable[[str], FlaskClient]:
    return lambda name: signed_in(app, office.tokens[name])


def take(browser: FlaskClient, case_id: int, step: str, **body: object) -> tuple[int, dict]:
    version = browser.get(f"/api/cases/supplies/{case_id}").get_json()["version"]
    answer = browser.post(
        f"/api/cases/supplies/{case_id}/steps/{step}", json={"version": version, **body}
    )
    return answer.status_code, answer.get_json()


def test_a_case_goes_from_hand_to_hand(office: Office, by: Callable[[str], FlaskClient]) -> None:
    case_id = office.request("<b>打印机</b>", due_on=today() - timedelta(days=1))
    zhang, li = by("zhang"), by("li")
    mine = zhang.get("/api/todo").get_json()
    assert (mine["total"], mine["overdue"]) == (1, 1)
    assert mine["tasks"][0] | {"due_on": None} == {
        "workflow": "supplies", "case_id": case_id, "title": "<b>打印机</b>", "state": "draft",
        "steps": ["submit"], "due_on": None, "is_overdue": True, "acting_for": None,
        "address": f"/supplies/{case_id}",
    }  # fmt: skip
    assert take(zhang, case_id, "submit") == (200, {"version": 2})
    assert zhang.get("/api/todo").get_json()["total"] == 0
    assert li.get("/api/todo").get_json()["unread"] == 1
    for language in ("zh", "en"):
        li.post("/language", data={"language": language})
        page = li.get("/todo", headers=PAGE).text
        assert "&lt;b&gt;打印机&lt;/b&gt;" in page
        assert "todo." not in page.replace("js/todo", "")
    assert take(li, case_id, "approve")[0] == 400
    assert take(li, case_id, "approve", password="wrong")[0] == 400
    status, refused = take(zhang, case_id, "approve", password=CHOSEN)
    assert (status, refused["status"]) == (403, 403)
    assert take(li, case_id, "approve", password=CHOSEN) == (200, {"version": 3})
    shown = li.get(f"/api/cases/supplies/{case_id}").get_json()
    assert (shown["state"], shown["open_steps"]) == ("approved", [])
    assert [(one["step"], one["who"], one["is_late"]) for one in shown["steps"]] == [
        ("approve", "li", True), ("submit", "zhang", True),
    ]  # fmt: skip
    assert [(one["who"], one["is_unchanged"]) for one in shown["signatures"]] == [("li", True)]
    assert li.post("/todo/notices/read", json={}).status_code == 200
    assert li.get("/api/todo").get_json()["unread"] == 0


def test_a_deputy_is_named_and_acts_on_the_page(
    office: Office, by: Callable[[str], FlaskClient]
) -> None:
    case_id = office.request("桌椅")
    day = today().isoformat()
    li, wang = by("li"), by("wang")
    assert take(by("zhang"), case_id, "submit")[0] == 200
    named = {"deputy": "wang", "first_day": day, "last_day": day, "workflows": "supplies"}
    assert li.post("/todo/deputies", json=named).status_code == 200
    assert 'action="' not in li.get("/todo", headers=PAGE).text
    task = next(t for t in wang.get("/api/todo").get_json()["tasks"] if t["case_id"] == case_id)
    assert task["acting_for"] == office.ids["li"]
    signed = {"on_behalf_of": office.ids["li"], "password": CHOSEN}
    may = wang.get(f"/api/cases/supplies/{case_id}").get_json()["open_steps"]
    by_li = [(step, office.ids["li"]) for step in ("withdraw", "return", "reject", "approve")]
    assert [(one["step"], one["on_behalf_of"]) for one in may] == [("withdraw", None), *by_li]
    assert take(wang, case_id, "approve", password=CHOSEN)[0] == 403
    assert take(wang, case_id, "approve", **signed)[0] == 200
    last = wang.get(f"/api/cases/supplies/{case_id}").get_json()["steps"][0]
    assert (last["who"], last["on_behalf_of"]) == ("wang", "li")
    page = wang.get("/todo", headers=PAGE).text
    which = page.split("/todo/deputies/")[1].split("/")[0]
    assert by("zhang").post(f"/todo/deputies/{which}/end", json={}).status_code == 404
    assert wang.post(f"/todo/deputies/{which}/end", json={}).status_code == 200


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("/api/cases/supplies/1/steps/submit", {}, 400),
        ("/api/cases/supplies/1/steps/submit", {"version": "1"}, 400),
        ("/api/cases/supplies/1/steps/submit", {"version": 1, "on_behalf_of": "li"}, 400),
        ("/api/cases/supplies/1/steps/submit", {"version": 1, "remark": ["x"]}, 400),
        ("/api/cases/supplies/99999/steps/submit", {"version": 1}, 404),
        ("/api/cases/nothing/1/steps/submit", {"version": 1}, 404),
        ("/todo/deputies", {"deputy": "li"}, 400),
        ("/todo/deputies", {"deputy": "li", "workflows": ["x"]}, 404),
        ("/todo/deputies", {"deputy": "li", "workflows": [{}]}, 404),
        ("/todo/deputies", {"deputy": "li", "workflows": [["supplies"]]}, 404),
        ("/todo/deputies", {"deputy": "li", "workflows": {"a": 1}}, 404),
        ("/todo/deputies/99999/end", {}, 404),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(
    office: Office, by: Callable[[str], FlaskClient], address: str, body: dict, status: int
) -> None:
    office.request("废纸篓")
    answer = by("zhang").post(address, json=body)
    assert (answer.status_code, bool(answer.get_json()["detail"])) == (status, True)


def test_nobody_and_strangers_learn_nothing(
    app: Flask, office: Office, by: Callable[[str], FlaskClient]
) -> None:
    case_id = office.request("保险柜")
    assert app.test_client().get("/api/todo").status_code == 401
    assert by("zhao").get(f"/api/cases/supplies/{case_id}").status_code == 404
    assert by("zhao").get("/api/todo").get_json()["tasks"] == []
