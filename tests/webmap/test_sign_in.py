"""The page for signing in, one's own account, and what a stranger's page cannot do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import people
import pytest
from flask import Flask
from flask.testing import FlaskClient
from people import CHOSEN
from sqlalchemy import text

from gis.db import Database, Role, transaction
from gis.rights.actions import ensure_account
from gis.settings import Settings
from webmap.app import create_app
from webmap.session import page_of_ours

PAGE = {"Accept": "text/html"}
OTHER_PASSWORD = "violet canal 88 bridges"


@pytest.fixture(scope="module")
def database(make_database: Callable[[str], Database]) -> Database:
    made = make_database("onemap_sign_in_page")
    people.add_person(made, "zhang")
    people.add_person(made, "li")
    return made


@pytest.fixture(scope="module")
def app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = Path(tmp_path_factory.mktemp("state"))
    settings = Settings(state_dir=folder, database_url=None, language="zh", behind_proxy=True)
    return create_app(settings, database)


@pytest.fixture
def nobody(app: Flask) -> FlaskClient:
    return app.test_client()


def _sign_in(client: FlaskClient, name: str = "zhang", password: str = CHOSEN, **more: str):
    form = {"name": name, "password": password, **more}
    return client.post("/sign-in", data=form, headers=PAGE)


def test_a_page_leads_to_signing_in_and_back_to_what_was_asked(nobody: FlaskClient) -> None:
    sent = nobody.get("/imports/rules?x=1&y=二", headers=PAGE)
    assert sent.status_code == 303
    assert sent.headers["Cache-Control"] == "no-store"
    page = nobody.get(sent.location, headers=PAGE)
    assert page.status_code == 200
    assert 'value="/imports/rules?x=1&amp;y=二"' in page.text
    back = _sign_in(nobody, next="/imports/rules?x=1&y=二")
    assert back.status_code == 303
    assert back.location.startswith("/imports/rules?x=1")
    assert nobody.get("/imports/rules", headers=PAGE).status_code == 200
    # Who is signed in is not asked again.
    assert nobody.get("/sign-in?next=/campaigns", headers=PAGE).location == "/campaigns"


def test_a_program_without_a_session_gets_a_problem_and_no_page(nobody: FlaskClient) -> None:
    answer = nobody.get("/api/layers")
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


@pytest.mark.parametrize(
    "foreign",
    [
        "//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)",
        "evil.example", "\\\\evil.example", "/\t/evil.example", "http:evil", "/a\nb", "///x", "//[",
    ],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(nobody: FlaskClient, foreign: str) -> None:
    assert page_of_ours(foreign) == "/"
    assert _sign_in(nobody, next=foreign).location == "/"


def test_a_wrong_password_says_one_sentence_and_keeps_the_name(nobody: FlaskClient) -> None:
    told = set()
    for name in ("li", "nobody<b>"):
        answer = _sign_in(nobody, name, "wrong")
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers
        told.add(answer.text.split('role="alert">')[1].split("<")[0])
    assert len(told) == 1
    assert "nobody&lt;b&gt;" in answer.text
    assert "wrong" not in answer.text


def test_too_many_wrong_passwords_say_when_to_try_again(nobody: FlaskClient) -> None:
    for _ in range(5):
        assert _sign_in(nobody, "guessed", "wrong").status_code == 401
    answer = _sign_in(nobody, "guessed", "wrong")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 30
    assert "1 分钟后" in answer.text


def test_the_cookie_is_kept_from_scripts_and_other_sites(nobody: FlaskClient) -> None:
    cookie = _sign_in(nobody).headers["Set-Cookie"]
    assert cookie.startswith("onemap_session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    over_https = nobody.post(
        "/sign-in", data={"name": "zhang", "password": CHOSEN},
        headers={"X-Forwarded-Proto": "https"},
    ).headers["Set-Cookie"]  # fmt: skip
    assert over_https.startswith("__Host-onemap_session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(over_https.split("; "))
    assert "Domain" not in over_https


def test_over_https_a_cookie_made_over_http_does_not_count(nobody: FlaskClient) -> None:
    _sign_in(nobody)
    assert nobody.get("/api/layers").status_code == 200
    assert nobody.get("/api/layers", headers={"X-Forwarded-Proto": "https"}).status_code == 401
    tile = "/tiles/building/14/13600/6500.mvt"
    assert nobody.get(tile).status_code == 200
    assert nobody.get(tile, headers={"X-Forwarded-Proto": "https"}).status_code == 401


def test_a_session_laid_in_the_browser_before_is_not_taken_on(
    nobody: FlaskClient, app: Flask
) -> None:
    nobody.set_cookie("onemap_session", "chosen-by-somebody-else")
    _sign_in(nobody)
    first = nobody.get_cookie("onemap_session")
    assert first is not None
    assert first.value != "chosen-by-somebody-else"
    _sign_in(nobody)
    thief = app.test_client()
    thief.set_cookie("onemap_session", first.value)
    # Signing in again ends what the browser held.
    assert thief.get("/api/layers").status_code == 401
    assert nobody.get("/api/layers").status_code == 200


def test_signing_out_ends_the_session_itself(nobody: FlaskClient, app: Flask) -> None:
    _sign_in(nobody)
    kept = nobody.get_cookie("onemap_session")
    assert kept is not None
    assert nobody.post("/sign-out").location == "/sign-in"
    assert nobody.get_cookie("onemap_session") is None
    again = app.test_client()
    again.set_cookie("onemap_session", kept.value)
    assert again.get("/api/layers").status_code == 401


def test_what_an_unattended_page_asks_keeps_no_session_alive(
    nobody: FlaskClient, database: Database
) -> None:
    """As an open map does that others' changes make ask, while nobody touches it."""
    _sign_in(nobody)
    unseen = text(
        "UPDATE rights.session SET seen_at = now() - interval '20 minutes' WHERE kind = 'web'"
    )
    seen = text("SELECT max(seen_at) > now() - interval '5 minutes' FROM rights.session")
    for headers, is_seen in (({"Onemap-Unattended": "1"}, False), ({}, True)):
        with database.engine(Role.OWNER).begin() as owner:
            owner.execute(unseen)
        assert nobody.get("/api/layers", headers=headers).status_code == 200
        with database.engine(Role.OWNER).connect() as owner:
            assert owner.execute(seen).scalar_one() is is_seen


def test_a_first_password_leads_to_choosing_one_and_then_to_what_was_asked(
    nobody: FlaskClient, database: Database
) -> None:
    first = people.add_beginner(database, "newcomer")
    sent = _sign_in(nobody, "newcomer", first, next="/campaigns")
    assert sent.location == "/account?next=%2Fcampaigns"
    assert nobody.get("/api/layers").status_code == 401
    assert nobody.get("/imports", headers=PAGE).location == "/account?next=%2Fimports"
    page = nobody.get(sent.location, headers=PAGE)
    assert page.status_code == 200
    assert 'id="sessions"' not in page.text
    assert 'value="/campaigns"' in page.text

    def choose(known: str, chosen: str, again: str | None = None):
        body = {"known": known, "chosen": chosen, "again": again or chosen, "next": "/campaigns"}
        return nobody.post("/account/password", json=body)

    for wrong in (
        choose(first, OTHER_PASSWORD, "another"), choose(first, "short"), choose(first, first),
        choose("wrong", OTHER_PASSWORD), choose(first, "newcomer river 4711"),
    ):  # fmt: skip
        assert (wrong.status_code, wrong.mimetype) == (400, "application/problem+json")
    done = choose(first, OTHER_PASSWORD)
    assert done.get_json() == {"location": "/campaigns"}
    assert nobody.get("/campaigns", headers=PAGE).status_code == 200


def test_the_current_password_is_not_guessed_on_the_page_either(
    nobody: FlaskClient, database: Database
) -> None:
    people.add_person(database, "guest")
    _sign_in(nobody, "guest")
    body = {"known": "wrong", "chosen": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    statuses = [nobody.post("/account/password", json=body).status_code for _ in range(6)]
    assert statuses == [400] * 5 + [429]


def test_other_browsers_are_listed_and_signed_out(nobody: FlaskClient, app: Flask) -> None:
    elsewhere = app.test_client()
    elsewhere.post(
        "/sign-in", data={"name": "li", "password": CHOSEN},
        headers={"X-Forwarded-For": "10.20.30.40"},
    )  # fmt: skip
    tile = "/tiles/building/14/13600/6500.mvt"
    assert elsewhere.get(tile).status_code == 200
    _sign_in(nobody, "li")
    page = nobody.get("/account", headers=PAGE).text
    assert "10.20.30.40" in page
    [address] = [part.split('"')[0] for part in page.split('data-post="/account/sessions/')[1:]]
    ended = nobody.post(f"/account/sessions/{address}")
    assert ended.status_code == 200
    assert elsewhere.get("/api/layers").status_code == 401
    # Also where a tile was believed to be for it some seconds ago.
    assert elsewhere.get(tile).status_code == 401
    assert nobody.post(f"/account/sessions/{address}").status_code == 404


def test_a_stranger_has_no_account_page(nobody: FlaskClient) -> None:
    assert nobody.get("/account", headers=PAGE).location == "/sign-in?next=%2Faccount"
    assert nobody.post("/account/password", json={}).status_code == 401
    assert nobody.post("/account/sessions/1/end").status_code == 401


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/sign-in", {"data": {"name": "zhang", "password": CHOSEN}}),
        ("/sign-out", {"data": {}}),
        ("/account/password", {"json": {"known": CHOSEN, "chosen": OTHER_PASSWORD}}),
        ("/imports/rules/columns", {"json": {"field": "name", "winner": "new"}}),
        ("/imports/rules/columns", {"data": '{"field": "name"}', "content_type": "text/plain"}),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_forged_form_or_script_of_another_site_does_nothing(
    nobody: FlaskClient, database: Database, address: str, sent: Any, headers: dict[str, str]
) -> None:
    with transaction(database.engine(Role.OWNER), None) as owner:
        account_id = ensure_account(owner, "zhang", [])
    nobody.set_cookie("onemap_session", people.session_of(database, account_id))
    answer = nobody.post(address, headers=headers, **sent)
    assert answer.status_code == 403
    assert nobody.get("/api/layers").status_code == 200


def test_both_languages_say_everything(nobody: FlaskClient) -> None:
    for language in ("zh", "en"):
        nobody.set_cookie("onemap_language", language)
        page = nobody.get("/sign-in", headers=PAGE).text
        assert "sign_in." not in page.replace("/js/sign_in.js", "")
    _sign_in(nobody)
    assert "own_account." not in nobody.get("/account", headers=PAGE).text
