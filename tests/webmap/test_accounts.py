"""The administrators' page: each sees what their office is for, and the server keeps to it."""

import re
from collections.abc import Callable
from pathlib import Path

import people
import pytest
from flask import Flask
from flask.testing import FlaskClient
from makers import make_organization

from gis.db import Database, Role
from gis.rights.actions import Grant
from gis.rights.sign_in import Outcome
from gis.settings import Settings
from tests.webmap.conftest import signed_in
from webmap.app import create_app

PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def database(make_database: Callable[[str], Database]) -> Database:
    made = make_database("onemap_accounts_page")
    with made.engine(Role.OWNER).begin() as owner:
        make_organization(owner, "bureau")
    for office in ("system_admin", "security_admin", "audit_admin"):
        people.add_person(made, office, Grant(office))
    people.add_person(made, "second", Grant("security_admin"))
    people.add_person(made, "zhang")
    return made


@pytest.fixture(scope="module")
def app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = Path(tmp_path_factory.mktemp("state"))
    return create_app(Settings(state_dir=folder, database_url=None, language="zh"), database)


@pytest.fixture
def by(app: Flask, database: Database) -> Callable[[str], FlaskClient]:
    def browser(name: str) -> FlaskClient:
        with database.engine(Role.OWNER).begin() as owner:
            account_id = people.call(
                owner, "SELECT account_id FROM rights.account WHERE name = :name", name=name
            ).scalar_one()
        return signed_in(app, people.session_of(database, account_id))

    return browser


def test_each_office_has_its_own_part_of_the_page(by: Callable[[str], FlaskClient]) -> None:
    parts = {
        "system_admin": {"add-account", "accounts", "grants"},
        "security_admin": {"add-grant", "accounts", "grants"},
        "audit_admin": {"log", "grants"},
    }
    every = set().union(*parts.values())
    for language in ("zh", "en"):
        for office, shown in parts.items():
            browser = by(office)
            browser.set_cookie("onemap_language", language)
            page = browser.get("/accounts", headers=PAGE).text
            assert {part for part in every if f'id="{part}"' in page} == shown
            words = re.sub(r"<[^>]*>", " ", page)
            assert re.search(r"\b(accounts|event|role|grant)\.[a-z_]+", words) is None
    assert by("zhang").get("/accounts", headers=PAGE).status_code == 403
    assert "to-accounts" not in by("zhang").get("/account", headers=PAGE).text
    assert "to-accounts" in by("audit_admin").get("/account", headers=PAGE).text


def test_an_account_is_made_granted_confirmed_and_shut(
    by: Callable[[str], FlaskClient], database: Database
) -> None:
    system, security, second = by("system_admin"), by("security_admin"), by("second")
    said = system.post("/accounts", json={"name": "Wang", "title": "<王芳>"}).get_json()["said"]
    first = re.search(r"([a-z0-9]{5}-){3}[a-z0-9]{5}", said)
    assert first
    assert people.attempt(database, "wang", first[0]).outcome is Outcome.MUST_CHANGE
    page = system.get("/accounts", headers=PAGE).text
    assert "&lt;王芳&gt;" in page
    assert first[0] not in page

    far = {"account": "wang", "role": "viewer", "reason": "示例"}
    assert security.post("/accounts/grants", json=far).status_code == 200
    page = security.get("/accounts", headers=PAGE).text
    assert "待复核" in page
    [number] = re.findall(r"/accounts/grants/(\d+)/confirm", page)
    refused = security.post(f"/accounts/grants/{number}/confirm")
    assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
    assert second.post(f"/accounts/grants/{number}/confirm").status_code == 200
    assert second.post(f"/accounts/grants/{number}/revoke").status_code == 200
    for stranger in (system, by("audit_admin"), by("zhang")):
        for address, body in (
            ("/accounts/grants", far), (f"/accounts/grants/{number}/confirm", {}),
            (f"/accounts/grants/{number}/revoke", {}),
        ):  # fmt: skip
            assert stranger.post(address, json=body).status_code == 403
    shut = {"name": "wang", "is_active": "no"}
    assert system.post("/accounts/active", json=shut).status_code == 200
    assert people.attempt(database, "wang", first[0]).outcome is Outcome.WRONG
    assert security.post("/accounts/active", json=shut).status_code == 403
    log = by("audit_admin").get("/accounts", headers=PAGE).text
    assert all(word in log for word in ("申请授权", "复核授权", "收回授权", "停用账号", "新建账号"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "god"}, {"role": "operator"}, {"max_security_class": "9"}, {"body": "无此单位"},
        {"max_security_class": "x"}, {"valid_to": "2020-01-01"}, {"valid_from": "31.12.2026"},
        {"account": "nobody"}, {"area": "1"}, {"role": 5}, {"account": None},
    ],
)  # fmt: skip
def test_a_wrong_grant_is_a_sentence(by: Callable[[str], FlaskClient], wrong: dict) -> None:
    sound = {"account": "zhang", "role": "clerk", "body": "bureau"}
    answer = by("security_admin").post("/accounts/grants", json={**sound, **wrong})
    assert answer.status_code in {400, 404}
    assert answer.get_json()["detail"]


def test_a_forged_form_makes_no_account(by: Callable[[str], FlaskClient]) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        for address in ("/accounts", "/accounts/active", "/accounts/password", "/account/tokens"):
            answer = by("system_admin").post(address, json={"name": "x1"}, headers=headers)
            assert answer.status_code == 403


def test_a_person_makes_uses_and_ends_a_token_on_their_own_page(
    by: Callable[[str], FlaskClient], app: Flask
) -> None:
    zhang = by("zhang")
    made = zhang.post("/account/tokens", json={"title": "QGIS", "days": "30", "can_write": ""})
    token = re.search(r"onemap_[\w-]+", made.get_json()["said"])
    assert token
    header = {"Authorization": f"Bearer {token[0]}"}
    assert app.test_client().get("/api/layers", headers=header).status_code == 200
    page = zhang.get("/account", headers=PAGE).text
    assert "QGIS" in page
    assert token[0] not in page
    [number] = re.findall(r"/account/tokens/(\d+)/end", page)
    assert by("second").post(f"/account/tokens/{number}/end").status_code == 404
    assert zhang.post(f"/account/tokens/{number}/end").status_code == 200
    assert app.test_client().get("/api/layers", headers=header).status_code == 401
    for wrong in ({"days": "0"}, {"days": "999"}, {"days": 5}, {"title": ""}, {"title": None}):
        body = {"title": "x", "days": "9", **wrong}
        assert zhang.post("/account/tokens", json=body).status_code == 400
