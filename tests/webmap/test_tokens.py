"""Tokens of programs: what they reach, and that a bad one is nobody."""

import io
from collections.abc import Callable
from typing import Any

import people
import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gis.db import Database, Role, transaction
from gis.errors import Forbidden, InputError, NotFound, OneMapError
from gis.rights.accounts import add_account, listed_accounts, reset_password, set_active
from gis.rights.actions import EVERYTHING, OPERATOR, Grant
from gis.rights.grants import (
    OFFICES,
    Wanted,
    confirm_grant,
    listed_events,
    listed_grants,
    make_grant,
    my_offices,
    revoke_grant,
)
from gis.rights.sign_in import end_my_session
from gis.rights.tokens import end_token, listed_tokens, make_token
from tests.conftest import open_operator
from webmap.web_settings import EXTENSION

TILE = "/tiles/building/14/13600/6500.mvt"


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_tokens"))


@pytest.fixture(scope="module")
def account(city: City) -> int:
    return people.add_person(city.database, "program", EVERYTHING)


@pytest.fixture
def program(city_app: Flask) -> FlaskClient:
    return city_app.test_client()


def _make(city: City, account_id: int, **more: Any) -> tuple[int, str]:
    token = people.session_of(city.database, account_id)
    with transaction(city.database.engine(Role.WEB), token) as conn:
        return make_token(conn, "测试程序", **more)


def _as(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_reads_what_its_account_reads(
    program: FlaskClient, everything: FlaskClient, city: City, account: int
) -> None:
    _, token = _make(city, account, can_write=True)
    addresses = ["/api/layers", "/api/search?q=B00", f"/api/places/{city.ids['site 0']}"]
    addresses += ["/ogc/collections", f"/ogc/collections/property/items/{city.ids['site 0']}"]
    for address in addresses:
        theirs = program.get(address, headers=_as(token))
        assert theirs.status_code == 200
        assert theirs.get_json() == everything.get(address).get_json()
    assert program.get(TILE, headers=_as(token)).status_code == 200
    asked = program.post("/api/area-summary", json={"within": {}}, headers=_as(token))
    assert asked.status_code == 200


def test_a_token_of_a_clerk_reaches_no_further_than_the_clerk(
    program: FlaskClient, city: City
) -> None:
    clerk = people.add_person(
        city.database, "clerk", Grant("clerk", organization_id=city.ids["agency 0"])
    )
    _, token = _make(city, clerk, can_write=True)
    seen = {
        name: program.get(f"/api/places/{city.ids[name]}", headers=_as(token)).status_code
        for name in ("site 0", "site 1")
    }
    assert seen == {"site 0": 200, "site 1": 404}


def test_a_token_for_reading_changes_nothing(
    program: FlaskClient, city: City, account: int
) -> None:
    _, reading = _make(city, account)
    _, writing = _make(city, account, can_write=True)
    form = program.get(f"/api/places/{city.ids['site 0']}/edit", headers=_as(writing)).get_json()
    guard = {"code": "S0", "field": "name", "reason": "程序"}
    rule = {"field": "name", "winner": "known", "source": "*", "rule_source": "示例"}
    view = {"name": "甲", "link": "#z=9"}
    for address, body in (
        ("/imports/rules/protected", guard), ("/imports/rules/columns", rule),
        ("/api/views", view), (f"/api/places/{city.ids['site 0']}/edit", {**form, "name": "x"}),
    ):  # fmt: skip
        refused = program.post(address, json=body, headers=_as(reading))
        assert 400 <= refused.status_code < 500, (address, refused.status_code)
    assert (
        program.post("/imports/rules/protected", json=guard, headers=_as(writing)).status_code
        == 200
    )


def test_a_token_may_come_as_a_password_from_programs_that_know_no_other_way(
    program: FlaskClient, everything: FlaskClient, city: City, account: int
) -> None:
    _, token = _make(city, account)
    for address in ("/ogc/collections", "/api/search?q=B00", TILE):
        theirs = program.get(address, auth=("onemap", token))
        assert theirs.status_code == 200
        assert theirs.data == everything.get(address).data
    assert program.get("/api/layers", auth=(token, "")).status_code == 401


def test_the_database_itself_refuses_a_reading_token(city: City, account: int) -> None:
    _, token = _make(city, account)
    with transaction(city.database.engine(Role.WEB), token) as conn:
        assert conn.execute(text("SELECT count(*) FROM place.place")).scalar_one() > 0
        assert conn.execute(text("UPDATE place.place SET name = 'x'")).rowcount == 0
        assert conn.execute(text("SELECT rights.may_write_all()")).scalar_one() is False


@pytest.mark.parametrize(
    "header",
    [
        "Bearer onemap_forged", "Bearer ", "Bearer", "Basic YTpi", "", "bearer x y", "Bearer \xe4",
        "Bearer " + "x" * 5000, "Basic", "Basic %", "Basic \xe4", "Basic /w==", "Basic OmEAYg==",
    ],
)  # fmt: skip
def test_a_forged_token_is_nobody_even_beside_a_good_cookie(
    everything: FlaskClient, header: str
) -> None:
    for address in ("/api/layers", TILE, "/api/version"):
        answer = everything.get(address, headers={"Authorization": header})
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert everything.get("/api/layers").status_code == 200


def test_an_expired_token_and_one_that_was_ended_are_nobody(
    program: FlaskClient, city: City, account: int
) -> None:
    number, ended = _make(city, account)
    other_number, expired = _make(city, account)
    for token in (ended, expired):
        assert program.get(TILE, headers=_as(token)).status_code == 200
    session = people.session_of(city.database, account)
    with transaction(city.database.engine(Role.WEB), session) as conn:
        assert {number, other_number} <= {one.token_id for one in listed_tokens(conn)}
        end_token(conn, number)
        with pytest.raises(NotFound):
            end_token(conn, number)
    with city.database.engine(Role.OWNER).begin() as owner:
        owner.execute(text("UPDATE rights.session SET expires_at = now() WHERE session_id = :s"),
                      {"s": other_number})  # fmt: skip
    for token in (ended, expired):
        assert program.get("/api/layers", headers=_as(token)).status_code == 401
    # Played back at once, also where a tile was just believed to be for it.
    assert program.get(TILE, headers=_as(ended)).status_code == 401


def test_a_shut_account_has_no_tokens(program: FlaskClient, city: City) -> None:
    leaving = people.add_person(city.database, "leaving", EVERYTHING)
    _, token = _make(city, leaving)
    assert program.get("/api/layers", headers=_as(token)).status_code == 200
    for is_active in (False, True):
        _set_active(city, is_active=is_active)
        # Opened again it begins without what it had.
        assert program.get("/api/layers", headers=_as(token)).status_code == 401


def _set_active(city: City, *, is_active: bool) -> None:
    with transaction(city.database.engine(Role.OPERATOR), open_operator(city.database).token) as c:
        set_active(c, "leaving", is_active=is_active)


def test_a_token_makes_no_token_and_nobody_makes_one_for_another(city: City, account: int) -> None:
    _, token = _make(city, account, can_write=True)
    with (
        pytest.raises(Forbidden),
        transaction(city.database.engine(Role.WEB), token) as conn,
    ):
        make_token(conn, "x")
    session = people.session_of(city.database, account)
    with (
        pytest.raises(Forbidden),
        transaction(city.database.engine(Role.WEB), session) as conn,
    ):
        make_token(conn, "x", account="clerk")


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": 367}, {"days": -1}, {"title": " "},
                                   {"title": "x" * 61}])  # fmt: skip
def test_a_token_has_a_purpose_and_an_end(city: City, account: int, wrong: dict[str, Any]) -> None:
    session = people.session_of(city.database, account)
    with (
        pytest.raises(InputError),
        transaction(city.database.engine(Role.WEB), session) as conn,
    ):
        make_token(conn, **{"title": "ok", **wrong})


def test_only_the_digest_of_a_token_is_kept(city: City, account: int) -> None:
    _, token = _make(city, account)
    with city.database.engine(Role.OWNER).begin() as owner:
        kept = owner.execute(text("SELECT string_agg(s::text, '') FROM rights.session AS s"))
        assert token not in kept.scalar_one()


def _refused(city: City, token: str, action: Callable[..., Any], *given: Any, **more: Any) -> str:
    with (
        pytest.raises(OneMapError) as refused,
        transaction(city.database.engine(Role.WEB), token) as conn,
    ):
        action(conn, *given, **more)
    return refused.value.key


@pytest.mark.parametrize("can_write", [False, True])
@pytest.mark.parametrize("holder", [*OFFICES, OPERATOR])
def test_no_token_administers(city: City, holder: str, can_write: bool) -> None:
    if holder == OPERATOR:
        with transaction(
            city.database.engine(Role.OPERATOR), open_operator(city.database).token
        ) as c:
            _, token = make_token(c, "运维", can_write=can_write)
    else:
        admin = people.add_person(city.database, f"{holder}.token", Grant(holder))
        _, token = _make(city, admin, can_write=can_write)
    people.add_person(city.database, "somebody")
    wanted = Wanted("somebody", "viewer", max_security_class=2)
    steps: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = [
        (add_account, ("x.y", None), {}),
        (reset_password, ("somebody",), {}),
        (set_active, ("somebody",), {"is_active": False}),
        (listed_accounts, (), {}),
        (make_grant, (wanted,), {}),
        (confirm_grant, (1,), {}),
        (revoke_grant, (1,), {}),
        (listed_grants, (), {}),
        (listed_events, (), {}),
    ]
    for action, given, more in steps:
        assert _refused(city, token, action, *given, **more) == "account.not_your_office"
    with transaction(city.database.engine(Role.WEB), token) as conn:
        assert my_offices(conn) == []


def test_only_a_token_that_writes_ends_sessions_and_tokens_of_its_account(
    city: City, account: int
) -> None:
    _, reading = _make(city, account)
    _, writing = _make(city, account, can_write=True)
    number, _ = _make(city, account)
    browser = people.session_of(city.database, account)
    with city.database.engine(Role.OWNER).begin() as owner:
        session_id = owner.execute(text("SELECT max(session_id) FROM rights.session")).scalar_one()
    assert _refused(city, reading, end_token, number) == "token.none"
    assert _refused(city, reading, end_my_session, session_id, address="") == "session.none"
    with transaction(city.database.engine(Role.WEB), browser) as conn:
        assert number in {one.token_id for one in listed_tokens(conn)}
    with transaction(city.database.engine(Role.WEB), writing) as conn:
        end_token(conn, number)
        end_my_session(conn, session_id, address="")
    with transaction(city.database.engine(Role.WEB), browser) as conn:
        assert conn.execute(text("SELECT rights.current_account_id()")).scalar() is None


def test_a_token_of_the_operator_ends_nobody_elses(city: City, account: int) -> None:
    number, _ = _make(city, account)
    with transaction(city.database.engine(Role.OPERATOR), open_operator(city.database).token) as c:
        _, token = make_token(c, "运维", can_write=True)
    assert _refused(city, token, end_token, number) == "token.none"
    with transaction(city.database.engine(Role.WEB), token) as conn:
        assert number not in {one.token_id for one in listed_tokens(conn)}


def test_a_reading_token_hands_in_no_file_and_leaves_none(
    program: FlaskClient, city_app: Flask, city: City, account: int
) -> None:
    _, reading = _make(city, account)
    _, writing = _make(city, account, can_write=True)
    folder = city_app.extensions[EXTENSION].state_dir / "uploads"

    def send(token: str) -> Any:
        sent = {"file": (io.BytesIO("名称\n甲\n".encode()), "表.csv")}
        return program.post("/api/uploads", data=sent, headers=_as(token))

    refused = send(reading)
    assert (refused.status_code, refused.get_json()["type"]) == (
        403, "urn:onemap:problem:token.only_reads",
    )  # fmt: skip
    assert not folder.exists() or not list(folder.iterdir())
    sent = send(writing)
    assert sent.status_code == 201
    upload_id, job_id = sent.get_json()["upload_id"], sent.get_json()["job_id"]
    assert program.post(f"/api/jobs/{job_id}/cancel", headers=_as(writing)).status_code == 200
    for step in ("check", "load"):
        refused = program.post(f"/api/imports/{upload_id}/{step}", json={}, headers=_as(reading))
        assert (refused.status_code, refused.get_json()["type"]) == (
            403, "urn:onemap:problem:account.may_not_write",
        )  # fmt: skip


def test_a_right_that_a_role_lacks_stays_a_fault_of_ours(city: City, account: int) -> None:
    token = people.session_of(city.database, account)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction(city.database.engine(Role.WEB), token) as conn,
    ):
        conn.execute(text("SELECT * FROM rights.credential"))
