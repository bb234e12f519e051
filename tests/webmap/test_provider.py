"""Signing in at the site's own provider: an Authlib server over real HTTP, honest and lying."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from people import CHOSEN, OFFICE, add_person, attempt
from sqlalchemy import text

from gis.db import Database, Role, transaction
from gis.errors import ConfigError, NotFound, OneMapError
from gis.rights.accounts import link_account, listed_accounts, set_active
from gis.rights.actions import Grant
from gis.rights.grants import Wanted, make_grant
from gis.settings import Settings, load_settings
from tests.conftest import open_operator
from tests.webmap.provider_at_work import CLIENT, SECRET, ProviderAtWork, provider_at_work
from webmap.app import create_app
from webmap.provider import Provider
from webmap.provider_links import link_to, value_of

NAME = "zhangsan"


@pytest.fixture(scope="module")
def database(make_database: Callable[[str], Database]) -> Database:
    made = make_database("onemap_provider")
    for name in (NAME, "other"):
        add_person(made, name, Grant("viewer"))
    return made


def _operate(database: Database, action: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    with transaction(database.engine(Role.OPERATOR), open_operator(database).token) as conn:
        return action(conn, *arguments, **more)


@pytest.fixture
def provider(database: Database) -> Iterator[ProviderAtWork]:
    with provider_at_work() as at_work:
        _operate(database, link_account, NAME, f"{at_work.issuer} account zhang.san")
        yield at_work


@pytest.fixture
def settings(provider: ProviderAtWork, tmp_path: Path) -> Settings:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    return Settings(
        state_dir=tmp_path, database_url=None, language="zh", oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT, oidc_secret_file=tmp_path / "secret", oidc_claim="account",
    )  # fmt: skip


@pytest.fixture(scope="module")
def beside() -> Iterator[ThreadPoolExecutor]:
    """Ends what still listens to the database, which takes half a second each."""
    with ThreadPoolExecutor() as pool:
        yield pool


@pytest.fixture
def app(settings: Settings, database: Database, beside: ThreadPoolExecutor) -> Iterator[Flask]:
    made = create_app(settings, database)
    yield made
    beside.submit(made.extensions["onemap_tiles"].watch.close)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def _go(browser: FlaskClient, onward: str = "/figures") -> str:
    """To the provider, who sends back: the address on this server."""
    away = browser.get("/sign-in/provider", query_string={"next": onward})
    assert away.status_code == 303
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(away.location, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/sign-in/provider/return"
    return f"{back.path}?{back.query}"


def _who(browser: FlaskClient) -> str | None:
    page = browser.get("/account").get_data(as_text=True)
    return NAME if NAME in page else None


def _refused(browser: FlaskClient, back: str) -> str:
    answer = browser.get(back)
    assert answer.status_code == 401, answer.status
    assert _who(browser) is None
    return answer.get_data(as_text=True)


def test_a_linked_person_signs_in_and_out(browser: FlaskClient, database: Database) -> None:
    page = browser.get("/sign-in?next=/figures").get_data(as_text=True)
    assert 'href="/sign-in/provider?next=%2Ffigures"' in page
    back = browser.get(_go(browser))
    assert (back.status_code, back.location) == (303, "/figures")
    assert _who(browser) == NAME
    assert browser.get("/figures").status_code == 200
    with database.engine(Role.OWNER).connect() as owner:
        details = owner.execute(
            text("SELECT details FROM rights.event WHERE kind = 'signed_in' ORDER BY event_id"
                 " DESC LIMIT 1")
        ).scalar_one()  # fmt: skip
    assert details == {"by": "provider"}
    browser.post("/sign-out")
    assert _who(browser) is None


def test_what_is_asked_for_is_a_code_with_pkce_state_and_nonce(browser: FlaskClient) -> None:
    asked = [parse_qs(urlsplit(browser.get("/sign-in/provider").location).query) for _ in "ab"]
    for one in asked:
        assert one["response_type"] == ["code"]
        assert one["code_challenge_method"] == ["S256"]
        assert one["scope"] == ["openid"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


def test_the_way_back_leads_to_pages_of_ours_alone(browser: FlaskClient) -> None:
    assert browser.get(_go(browser, "https://evil.invalid/")).location == "/"


def test_who_is_not_linked_gets_no_account(
    browser: FlaskClient, database: Database, provider: ProviderAtWork
) -> None:
    known = len(_operate(database, listed_accounts))
    for user in ("stranger", "other", NAME, "ZHANG.SAN"):
        provider.user = user
        assert "没有关联可用的账号" in _refused(browser, _go(browser))
    assert len(_operate(database, listed_accounts)) == known


@pytest.mark.parametrize("where", ["https://elsewhere.invalid account", "{issuer} sub"])
def test_a_link_holds_for_its_provider_and_claim_alone(
    browser: FlaskClient, database: Database, provider: ProviderAtWork, where: str
) -> None:
    link = f"{where.format(issuer=provider.issuer)} zhang.san"
    _operate(database, link_account, NAME, link)
    assert "没有关联可用的账号" in _refused(browser, _go(browser))


def test_what_administrators_see_and_say_is_the_value_alone(settings: Settings) -> None:
    link = link_to(settings, " zhang.san ")
    assert link == f"{settings.oidc_issuer} account zhang.san"
    assert value_of(settings, link) == "zhang.san"
    assert value_of(replace(settings, oidc_claim="sub"), link) == link
    assert (link_to(settings, " "), value_of(settings, None)) == (None, "")
    with pytest.raises(NotFound):
        link_to(replace(settings, oidc_issuer=None), "zhang.san")


def test_an_address_counts_only_when_the_provider_tried_it(
    settings: Settings, database: Database, provider: ProviderAtWork, beside: ThreadPoolExecutor
) -> None:
    settings = replace(settings, oidc_claim="email")
    _operate(database, link_account, NAME, link_to(settings, "zhang@example.invalid"))
    app = create_app(settings, database)
    browser = app.test_client()
    for said in ({}, {"email_verified": False}, {"email_verified": "true"}):
        provider.bend = _claims(email="zhang@example.invalid", **said)
        assert "没有确认此次登录" in _refused(browser, _go(browser))
    provider.bend = _claims(email="zhang@example.invalid", email_verified=True)
    assert browser.get(_go(browser)).status_code == 303
    beside.submit(app.extensions["onemap_tiles"].watch.close)


def _claims(**changed: Any) -> Callable[[dict[str, Any]], None]:
    def bend(claims: dict[str, Any]) -> None:
        for name, value in changed.items():
            if value is None:
                claims.pop(name)
            else:
                claims[name] = claims[name] + value if name in {"iat", "exp", "nbf"} else value

    return bend


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://elsewhere.invalid"}, {"iss": None}, {"aud": "another"}, {"aud": None},
        {"aud": [CLIENT, "another"]}, {"azp": "another"}, {"exp": -400}, {"exp": None},
        {"iat": 3600}, {"iat": -3600}, {"iat": None}, {"nonce": "another"}, {"nonce": None},
        {"sub": None}, {"account": None}, {"account": ""}, {"account": ["zhang.san"]},
    ],
)  # fmt: skip
def test_a_token_whose_claims_do_not_hold_is_refused(
    browser: FlaskClient, provider: ProviderAtWork, wrong: dict[str, Any]
) -> None:
    provider.bend = _claims(**wrong)
    assert "没有确认此次登录" in _refused(browser, _go(browser))


def test_clocks_may_differ_by_a_minute(browser: FlaskClient, provider: ProviderAtWork) -> None:
    provider.bend = _claims(exp=-330, iat=30)
    assert browser.get(_go(browser)).status_code == 303


def _by_stranger(claims: dict[str, Any], key: RSAKey) -> str:
    other = RSAKey.generate_key(parameters={"kid": key.kid})
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, other)


def _by_our_secret(claims: dict[str, Any], key: RSAKey) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET * 3))


def _by_public_key(claims: dict[str, Any], key: RSAKey) -> str:
    secret = OctKey.import_key(key.as_pem(private=False))
    return jwt.encode({"alg": "HS256", "kid": key.kid}, claims, secret)


def _by_nobody(claims: dict[str, Any], key: RSAKey) -> str:
    token = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
    _, body, _ = token.split(".")
    return f"eyJhbGciOiJub25lIn0.{body}."


def _changed_after(claims: dict[str, Any], key: RSAKey) -> str:
    token = jwt.encode({"alg": "RS256", "kid": key.kid}, {**claims, "account": "other"}, key)
    right = jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
    return ".".join([token.split(".")[0], right.split(".")[1], token.split(".")[2]])


@pytest.mark.parametrize(
    "sign",
    [_by_stranger, _by_our_secret, _by_public_key, _by_nobody, _changed_after,
     lambda claims, key: "no.token.atall", lambda claims, key: ""],
)  # fmt: skip
def test_a_forged_token_is_refused(
    browser: FlaskClient, provider: ProviderAtWork, sign: Callable[[Any, Any], str]
) -> None:
    provider.sign = sign
    _refused(browser, _go(browser))


def test_a_provider_that_changed_its_key_is_asked_for_the_new_one(
    browser: FlaskClient, provider: ProviderAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert browser.get(_go(browser)).status_code == 303
    browser.post("/sign-out")
    provider.key = RSAKey.generate_key(parameters={"kid": "two"})
    # Not more often than strangers' tokens may make it ask.
    _refused(browser, _go(browser))
    monkeypatch.setattr("webmap.provider._PAUSE_S", 0)
    assert browser.get(_go(browser)).status_code == 303


def test_nothing_is_taken_twice(app: Flask, browser: FlaskClient, provider: ProviderAtWork) -> None:
    back = _go(browser)
    wait = browser.get_cookie("onemap_provider")
    assert wait is not None
    assert browser.get(back).status_code == 303
    # The same address once more: the browser has forgotten it, and so has the provider.
    browser.post("/sign-out")
    assert "不是在这个浏览器" in _refused(browser, back)
    thief = app.test_client()
    thief.set_cookie("onemap_provider", wait.decoded_value)
    assert "没有确认此次登录" in _refused(thief, back)
    # A careless provider gives the same token again: this server has not.
    provider.is_code_kept = True
    second = app.test_client()
    back = _go(second)
    wait = second.get_cookie("onemap_provider")
    assert wait is not None
    assert second.get(back).status_code == 303
    provider.kept_token = provider.last_token
    thief = app.test_client()
    thief.set_cookie("onemap_provider", wait.decoded_value)
    assert "没有关联可用的账号" in _refused(thief, back)


def test_another_browsers_code_or_state_is_refused(app: Flask, browser: FlaskClient) -> None:
    """Nobody is signed in to a stranger's account by an address sent to them."""
    back = _go(browser)
    victim = app.test_client()
    assert "不是在这个浏览器" in _refused(victim, back)
    own = _go(victim)
    state = parse_qs(urlsplit(own).query)["state"][0]
    code = parse_qs(urlsplit(back).query)["code"][0]
    # The code was made for the other's verifier.
    _refused(victim, f"/sign-in/provider/return?code={code}&state={state}")
    for odd in ("", "?state=", "?code=x&state=x", "?error=access_denied&state=x"):
        _refused(app.test_client(), f"/sign-in/provider/return{odd}")
    broken = app.test_client()
    for value in ("{", "[]", '"x"', json.dumps({"state": 1})):
        broken.set_cookie("onemap_provider", value)
        _refused(broken, "/sign-in/provider/return?code=x&state=1")


def test_a_shut_or_locked_account_stays_out(browser: FlaskClient, database: Database) -> None:
    _operate(database, set_active, NAME, is_active=False)
    assert "没有关联可用的账号" in _refused(browser, _go(browser))
    _operate(database, set_active, NAME, is_active=True)
    for _ in range(5):
        attempt(database, NAME, "wrong", address="10.9.9.9")
    answer = browser.get(_go(browser))
    assert answer.status_code == 429
    assert _who(browser) is None
    with database.engine(Role.OWNER).begin() as owner:
        owner.execute(text("DELETE FROM rights.sign_in_failure"))
    assert browser.get(_go(browser)).status_code == 303


def test_sessions_are_those_of_passwords(browser: FlaskClient, database: Database) -> None:
    assert browser.get(_go(browser)).status_code == 303
    with database.engine(Role.OWNER).begin() as owner:
        row = owner.execute(
            text("SELECT kind, idle_s, expires_at - now() AS left FROM rights.session AS s"
                 " JOIN rights.account AS a USING (account_id) WHERE a.name = :name"
                 " ORDER BY session_id DESC LIMIT 1"), {"name": NAME},
        ).one()  # fmt: skip
        assert (row.kind, row.idle_s) == ("web", 1800)
        assert timedelta(hours=11) < row.left <= timedelta(hours=12)
    # An administrator's step ends them at once.
    _operate(database, link_account, NAME, None)
    assert _who(browser) is None
    assert "没有关联可用的账号" in _refused(browser, _go(browser))


def test_links_are_the_system_administrators_and_never_an_offices(
    database: Database, provider: ProviderAtWork
) -> None:
    def refused(*arguments: Any) -> str:
        with pytest.raises(OneMapError) as error:
            _operate(database, *arguments)
        return error.value.key

    assert (
        refused(link_account, "other", f"{provider.issuer} account zhang.san")
        == "account.subject_taken"
    )
    assert refused(link_account, "operator", "x") == "account.not_itself"
    assert refused(link_account, "nobody", "x") == "account.unknown"
    assert refused(link_account, "other", "x" * 513) == "account.bad_subject"
    assert refused(make_grant, Wanted(NAME, "audit_admin")) in {
        "account.office_no_provider", "grant.office_apart",
    }  # fmt: skip
    add_person(database, "auditor")
    _operate(database, make_grant, Wanted("auditor", "audit_admin"))
    assert refused(link_account, "auditor", "li.si") == "account.office_no_provider"
    add_person(database, "linked")
    _operate(database, link_account, "linked", "wang.wu")
    assert refused(make_grant, Wanted("linked", "audit_admin")) == "account.office_no_provider"
    token = attempt(database, "other", CHOSEN, address=OFFICE).token
    with (
        pytest.raises(OneMapError) as error,
        transaction(database.engine(Role.WEB), token) as conn,
    ):
        link_account(conn, NAME, "other")
    assert error.value.key == "account.not_your_office"


def _no_answer(browser: FlaskClient) -> None:
    answer = browser.get("/sign-in/provider")
    assert answer.status_code == 401
    assert "没有应答" in answer.get_data(as_text=True)


def test_a_provider_that_is_away_or_another_is_said_to_be_and_left_alone_for_a_while(
    browser: FlaskClient, provider: ProviderAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.tells_issuer = "https://elsewhere.invalid"
    _no_answer(browser)
    provider.tells_issuer = None
    _no_answer(browser)
    monkeypatch.setattr("webmap.provider._PAUSE_S", 0)
    assert browser.get("/sign-in/provider").status_code == 303


def test_nobody_waits_for_an_answer_that_another_waits_for(
    app: Flask, provider: ProviderAtWork, beside: ThreadPoolExecutor
) -> None:
    provider.may_tell.clear()
    first = beside.submit(app.test_client().get, "/sign-in/provider")
    assert provider.is_asked.wait(timeout=30)
    # Else this would last as long as the first does, which is until `set` below.
    _no_answer(app.test_client())
    provider.may_tell.set()
    assert first.result(timeout=30).status_code == 303
    assert app.test_client().get("/sign-in/provider").status_code == 303


class _Later:
    """The clocks, so many seconds on."""

    def __init__(self, by_s: float) -> None:
        self.monotonic = lambda: time.monotonic() + by_s
        self.time = time.time


def test_what_was_told_counts_on_while_a_provider_does_not_answer(
    browser: FlaskClient, provider: ProviderAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert browser.get("/sign-in/provider").status_code == 303
    provider.tells_issuer = "https://elsewhere.invalid"
    monkeypatch.setattr("webmap.provider._PAUSE_S", 0)
    monkeypatch.setattr("webmap.provider.time", _Later(4000))
    assert browser.get("/sign-in/provider").status_code == 303
    monkeypatch.setattr("webmap.provider.time", _Later(8000))
    _no_answer(browser)


def test_a_provider_that_gives_no_token_is_left_alone_for_a_while(
    browser: FlaskClient, provider: ProviderAtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as bound:
        # Bound and not listening: it refuses whoever comes, and no other program gets its number.
        bound.bind(("127.0.0.1", 0))
        provider.tells_tokens_at = f"http://127.0.0.1:{bound.getsockname()[1]}/token"
        back = _go(browser)
        assert "没有应答" in _refused(browser, back)
        # What it publishes is there: nobody is sent to it all the same, and none waits for a token.
        _no_answer(browser)
        assert "没有应答" in _refused(browser, back)
    assert browser.get("/sign-in").status_code == 200
    monkeypatch.setattr("webmap.provider._PAUSE_S", 0)
    assert browser.get("/sign-in/provider").status_code == 303


def test_a_code_that_is_refused_keeps_nobody_else_away(app: Flask, browser: FlaskClient) -> None:
    _go(browser)
    state = parse_qs(urlsplit(browser.get("/sign-in/provider").location).query)["state"][0]
    _refused(browser, f"/sign-in/provider/return?code=made-up&state={state}")
    other = app.test_client()
    assert other.get(_go(other)).status_code == 303


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({"Content-Encoding": "gzip"}, b"{}"),
        ({"Transfer-Encoding": "chunked"}, b"no size"),
        ({"Transfer-Encoding": "chunked"}, b"100\r\n{"),
    ],
)
def test_an_answer_that_breaks_off_is_none(
    browser: FlaskClient, provider: ProviderAtWork, headers: dict[str, str], content: bytes
) -> None:
    provider.breaks_off = (headers, content)
    _no_answer(browser)


def test_without_a_provider_there_is_no_way_to_one(database: Database, tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, database_url=None, language="zh")
    browser = create_app(settings, database).test_client()
    assert "/sign-in/provider" not in browser.get("/sign-in").get_data(as_text=True)
    assert browser.get("/sign-in/provider").status_code == 404


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"ONEMAP_OIDC_ISSUER": "http://sso.example.org"}, "provider.not_https"),
        ({"ONEMAP_OIDC_ISSUER": "https://sso.example.org"}, "provider.no_client"),
        ({"ONEMAP_OIDC_ISSUER": "https://sso.example.org", "ONEMAP_OIDC_CLIENT_ID": "x",
          "ONEMAP_OIDC_SECRET_FILE": "/nowhere"}, "provider.no_secret"),
    ],
)  # fmt: skip
def test_a_provider_set_up_wrongly_is_refused(said: dict[str, str], key: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Provider(load_settings(said))
    assert refused.value.key == key
