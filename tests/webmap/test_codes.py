"""One-time codes as a second factor, against codes that another library makes."""

import base64
import re
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import people
import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from people import CHOSEN
from sqlalchemy import text
from werkzeug.test import TestResponse

from gis.db import Database, Role, transaction
from gis.rights.actions import Grant
from gis.rights.codes import SPARE_CODES
from gis.settings import Settings
from webmap.app import create_app

PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def database(make_database: Callable[[str], Database]) -> Database:
    return make_database("onemap_codes")


@pytest.fixture(scope="module")
def app(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = Path(tmp_path_factory.mktemp("state"))
    made = create_app(Settings(state_dir=folder, database_url=None, language="zh"), database)
    yield made
    made.extensions["onemap_tiles"].watch.close()


@pytest.fixture
def name(database: Database) -> str:
    """Somebody new, so that no attempt of another test counts."""
    made = f"p{secrets.token_hex(4)}"
    people.add_person(database, made)
    return made


@pytest.fixture(autouse=True)
def no_attempt_counts(database: Database) -> None:
    """All tests come from one address."""
    _sql(database, "DELETE FROM rights.sign_in_failure")


def _sql(database: Database, statement: str, **values: object) -> list[tuple[object, ...]]:
    with database.admin().begin() as conn:
        found = conn.execute(text(statement), values)
        return [tuple(row) for row in found] if found.returns_rows else []


def _sign_in(browser: FlaskClient, name: str, **more: str) -> TestResponse:
    form = {"name": name, "password": CHOSEN, **more}
    return browser.post("/sign-in", data=form, headers=PAGE)


def _give(browser: FlaskClient, code: str, **more: str) -> TestResponse:
    return browser.post("/sign-in/code", data={"code": code, **more}, headers=PAGE)


def _is_somebody(browser: FlaskClient) -> bool:
    return browser.get("/api/layers").status_code == 200


def _set_up(app: Flask, database: Database, name: str) -> tuple[FlaskClient, pyotp.TOTP, list[str]]:
    browser = app.test_client()
    _sign_in(browser, name)
    begun = browser.post("/account/code/begin", json={"known": CHOSEN})
    assert begun.get_json() == {"location": "/account"}
    page = browser.get("/account", headers=PAGE)
    assert page.headers["Cache-Control"] == "no-store"
    found = re.search(r'id="code-secret">([A-Z2-7 ]+)<', page.text)
    assert found
    assert "<svg" in page.text
    app_on_the_phone = pyotp.TOTP(found[1].replace(" ", ""))
    said = browser.post("/account/code/confirm", json={"code": app_on_the_phone.now()})
    assert said.status_code == 200, said.text
    assert said.headers["Cache-Control"] == "no-store"
    spare = said.get_json()["said"].rpartition("：")[2].split()
    assert len(spare) == SPARE_CODES
    _forget_steps(database, name)
    return browser, app_on_the_phone, spare


def _forget_steps(database: Database, name: str) -> None:
    """As if the half minutes of earlier codes were over."""
    _sql(
        database,
        "UPDATE rights.code_secret SET last_step = 0 WHERE account_id ="
        " (SELECT account_id FROM rights.account WHERE name = :name)",
        name=name,
    )


def test_the_database_makes_the_codes_that_apps_make(database: Database) -> None:
    # The secret and the moments of RFC 6238, appendix B, and more at random.
    cases = [
        (b"12345678901234567890", moment) for moment in (59, 1111111109, 1234567890, 20000000000)
    ]
    cases += [(secrets.token_bytes(20), secrets.randbelow(2**33)) for _ in range(50)]
    for secret, moment in cases:
        [(made,)] = _sql(
            database, "SELECT rights.code_at(:secret, :step)", secret=secret, step=moment // 30
        )
        written = base64.b32encode(secret).decode()
        assert made == pyotp.TOTP(written).at(moment)


def test_after_the_password_a_session_means_nobody_until_the_code(
    app: Flask, database: Database, name: str
) -> None:
    browser, phone, _ = _set_up(app, database, name)
    # Whoever set it up goes on.
    assert _is_somebody(browser)
    other = app.test_client()
    sent = _sign_in(other, name, next="/campaigns?x=1")
    assert sent.location == "/sign-in/code?next=%2Fcampaigns%3Fx%3D1"
    assert not _is_somebody(other)
    for method, address in (
        ("get", "/account"), ("post", "/account/password"), ("post", "/account/code/begin"),
        ("post", "/account/code/drop"), ("get", "/accounts"), ("get", "/todo"),
    ):  # fmt: skip
        asked = getattr(other, method)(address, **({"json": {}} if method == "post" else {}))
        assert asked.status_code in {303, 401}, address
    assert "验证码" in other.get(sent.location, headers=PAGE).text
    wrong = _give(other, "000000" if phone.now() != "000000" else "000001", next="/campaigns?x=1")
    assert (wrong.status_code, _is_somebody(other)) == (401, False)
    # Apps show two groups of three; Chinese keyboards write full width.
    shown = phone.now().translate({ord("0") + n: ord("０") + n for n in range(10)})
    into = _give(other, f"{shown[:3]} {shown[3:]}", next="/campaigns?x=1")
    assert (into.status_code, into.location) == (303, "/campaigns?x=1")
    assert _is_somebody(other)


def test_a_code_counts_once_and_only_around_its_half_minute(
    app: Flask, database: Database, name: str
) -> None:
    _, phone, _ = _set_up(app, database, name)
    moment = time.time()
    first, second, third = (app.test_client() for _ in range(3))
    for browser in (first, second, third):
        _sign_in(browser, name)
    late, now = phone.at(moment - 150), phone.at(moment)
    assert _give(first, late).status_code == (303 if late == now else 401)
    assert _give(first, phone.now()).status_code == 303
    assert _give(second, now).status_code == 401
    assert not _is_somebody(second)
    # Nor the one before it, which was good until then.
    assert _give(third, phone.at(time.time() - 30)).status_code == 401


def test_a_token_of_before_the_code_is_worth_nothing_after_it(
    app: Flask, database: Database, name: str
) -> None:
    _, phone, _ = _set_up(app, database, name)
    browser, thief = app.test_client(), app.test_client()
    _sign_in(browser, name)
    known = browser.get_cookie("onemap_session")
    assert known
    thief.set_cookie("onemap_session", known.value)
    assert _give(browser, phone.now()).status_code == 303
    assert _is_somebody(browser)
    assert not _is_somebody(thief)
    assert _give(thief, phone.at(time.time() + 30)).location.startswith("/sign-in?")


def test_paper_codes_open_once_each(app: Flask, database: Database, name: str) -> None:
    _, _, spare = _set_up(app, database, name)
    for expected in (303, 401):
        browser = app.test_client()
        _sign_in(browser, name)
        written = f"{spare[0][:6].upper()}-{spare[0][6:]}"
        assert _give(browser, written).status_code == expected
    browser = app.test_client()
    _sign_in(browser, name)
    assert _give(browser, spare[1]).status_code == 303
    page = browser.get("/account", headers=PAGE).text
    assert f"还剩 {SPARE_CODES - 2} 个备用码" in page


def test_who_knows_the_password_cannot_try_all_codes(
    app: Flask, database: Database, name: str
) -> None:
    _, phone, _ = _set_up(app, database, name)
    wrong = str((int(phone.now()) + 7) % 10**6).zfill(6)
    statuses = []
    for _ in range(6):
        # Each time signed in anew, which forgets failures of the password only.
        browser = app.test_client()
        assert _sign_in(browser, name).status_code == 303
        statuses.append(_give(browser, wrong).status_code)
    assert statuses == [401, 401, 401, 401, 401, 429]
    held = _give(browser, phone.now())
    assert (held.status_code, "Retry-After" in held.headers) == (429, True)
    assert not _is_somebody(browser)


def test_setting_up_needs_the_password_and_a_first_code(
    app: Flask, database: Database, name: str
) -> None:
    browser = app.test_client()
    _sign_in(browser, name)
    assert browser.post("/account/code/begin", json={"known": "wrong"}).status_code == 400
    assert browser.post("/account/code/confirm", json={"code": "123456"}).status_code == 409
    browser.post("/account/code/begin", json={"known": CHOSEN})
    assert browser.post("/account/code/confirm", json={"code": "x"}).status_code == 400
    # Not confirmed: nobody is asked for a code.
    other = app.test_client()
    assert _sign_in(other, name).location == "/"
    _sql(database, "UPDATE rights.code_secret SET made_at = made_at - interval '16 minutes'"
         " WHERE confirmed_at IS NULL")  # fmt: skip
    late = browser.post("/account/code/confirm", json={"code": "123456"})
    assert (late.status_code, "15 分钟" in late.get_json()["detail"]) == (409, True)
    assert "code-secret" not in browser.get("/account", headers=PAGE).text


def test_other_browsers_are_signed_out_when_codes_begin(
    app: Flask, database: Database, name: str
) -> None:
    before = app.test_client()
    _sign_in(before, name)
    assert _is_somebody(before)
    browser, *_ = _set_up(app, database, name)
    assert not _is_somebody(before)
    assert browser.post("/account/code/begin", json={"known": CHOSEN}).status_code == 409


def test_codes_are_turned_off_by_password_and_code_together(
    app: Flask, database: Database, name: str
) -> None:
    browser, phone, _ = _set_up(app, database, name)
    for known, code in (("wrong", phone.now()), (CHOSEN, "x")):
        refused = browser.post("/account/code/drop", json={"known": known, "code": code})
        assert refused.status_code == 400
    _forget_steps(database, name)
    done = browser.post("/account/code/drop", json={"known": CHOSEN, "code": phone.now()})
    assert done.status_code == 200, done.text
    other = app.test_client()
    assert _sign_in(other, name).location == "/"
    kinds = _sql(
        database,
        "SELECT kind FROM rights.event WHERE account_id ="
        " (SELECT account_id FROM rights.account WHERE name = :name) AND kind LIKE 'code%'"
        " ORDER BY event_id",
        name=name,
    )
    assert kinds == [("code_set_up",), ("code_removed",)]


def test_a_lost_phone_is_a_matter_for_the_system_administrator(
    app: Flask, database: Database, name: str
) -> None:
    _set_up(app, database, name)
    for office in ("system_admin", "security_admin"):
        people.add_person(database, f"{name}.{office}", Grant(office))
    system, security = app.test_client(), app.test_client()
    _sign_in(system, f"{name}.system_admin")
    _sign_in(security, f"{name}.security_admin")
    assert security.post("/accounts/code", json={"name": name}).status_code == 403
    assert f"停用验证码 {name}" in system.get("/accounts", headers=PAGE).text
    assert system.post("/accounts/code", json={"name": name}).status_code == 200
    assert system.post("/accounts/code", json={"name": name}).status_code == 404
    assert _sign_in(app.test_client(), name).location == "/"
    # Of who holds an office, on the server alone.
    _set_up(app, database, f"{name}.security_admin")
    refused = system.post("/accounts/code", json={"name": f"{name}.security_admin"})
    assert (refused.status_code, "服务器" in refused.get_json()["detail"]) == (403, True)


def test_the_web_reads_no_secret(database: Database) -> None:
    for table in ("code_secret", "spare_code"):
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction(database.engine(Role.WEB), None) as conn,
        ):
            conn.execute(text(f"SELECT * FROM rights.{table}"))
