"""Who loses a right gets nothing more of it, whatever the server or the browser has kept."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from small_city import City, build
from sqlalchemy import Connection, text

from gis.cluster import Cluster
from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, Grant, ensure_account, open_session
from tests.webmap.conftest import signed_in
from tests.webmap.test_api import tile_address, wait_until_listening
from tests.webmap.test_real_server import Served, serving

ONE_DISTRICT = Grant("viewer", admin_area_code="320402")
LONG_ONES = {
    # What is taken, how, and the table that its last step, after every row was read, waits for.
    "export": ("POST", "/api/layers/property/export", {"format": "csv"}, "access"),
    "survey": ("GET", "/api/reports/survey?as_of=2026-09-30", None, "access"),
    "analysis": ("GET", "/api/reports/analysis", None, "access"),
    "ledgers": ("GET", "/api/reports/ledgers.json", None, "seal"),
    "areas": ("GET", "/api/reports/areas.xlsx", None, "seal"),
}


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_rights_changed"))


def test_a_tile_kept_by_server_and_browser_is_not_given_again_to_who_lost_the_right(
    city_app: Flask, city: City
) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        account_id = ensure_account(owner, "leaver", [EVERYTHING])
        token = open_session(owner, account_id, lifetime=timedelta(hours=1))
    browser, server = signed_in(city_app, token), city_app.extensions["onemap_tiles"]
    wait_until_listening(server)
    kept = browser.get(tile_address())
    tag = {"If-None-Match": kept.headers["ETag"]}
    assert kept.data
    assert browser.get(tile_address(), headers=tag).status_code == 304
    before = server.watch.current()
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        ensure_account(owner, "leaver", [])
    wait_until_listening(server, before)
    answer = browser.get(tile_address(), headers=tag)
    assert answer.status_code != 304
    assert answer.data != kept.data
    assert browser.get(f"/api/places/{city.ids['site 2']}").status_code in (403, 404)
    # Given back, it is shown again.
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        ensure_account(owner, "leaver", [EVERYTHING])
    assert browser.get(f"/api/places/{city.ids['site 2']}").status_code == 200


@pytest.fixture(scope="module")
def served(
    cluster: Cluster, city: City, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    state = tmp_path_factory.mktemp("state")
    with serving(cluster, city.database, state, ONEMAP_LOCK_SECONDS="300") as made:
        yield made


def _taken_while(
    served: Served, city: City, name: str, token: str, change: Callable[[], None]
) -> tuple[int, bytes]:
    """The answer to a long request during whose last step something changes."""
    method, address, body, table = LONG_ONES[name]
    answers: list[tuple[int, bytes]] = []
    asking = threading.Thread(
        target=lambda: answers.append(served.ask(method, address, token, body))
    )
    # The sealing of every minute waits for the same tables.
    waits = text(
        "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
        " WHERE NOT l.granted AND l.relation = to_regclass(:table)"
        " AND a.query ~ 'history.(sealed_head|note_access)'"
    )
    looking = city.database.admin().execution_options(isolation_level="AUTOCOMMIT")
    with city.database.admin().begin() as conn, looking.connect() as eyes:
        conn.execute(text(f"LOCK TABLE history.{table} IN ACCESS EXCLUSIVE MODE"))
        asking.start()
        named = {"table": f"history.{table}"}
        while asking.is_alive() and not eyes.execute(waits, named).scalar_one():
            time.sleep(0.05)
        assert asking.is_alive(), answers
        change()
    asking.join()
    return answers[0]


def _account(conn: Connection, name: str, grants: list[Grant]) -> str:
    account_id = ensure_account(conn, name, grants)
    return open_session(conn, account_id, lifetime=timedelta(hours=1))


@pytest.mark.parametrize("name", list(LONG_ONES))
@pytest.mark.parametrize("left", [[], [ONE_DISTRICT]], ids=["nothing left", "a district left"])
def test_what_was_being_made_is_not_handed_out_to_who_lost_a_right_meanwhile(
    served: Served, city: City, name: str, left: list[Grant]
) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        token = _account(owner, "loser", [EVERYTHING])

    def lose() -> None:
        with transaction(city.database.engine(Role.OWNER), None) as owner:
            ensure_account(owner, "loser", left)

    status, content = _taken_while(served, city, name, token, lose)
    assert status == 409, content[:200]
    problem = json.loads(content)
    assert problem["type"] == "urn:onemap:problem:web.rights_changed"
    assert "ask for it again" in problem["detail"]


def test_who_was_shut_out_meanwhile_is_handed_nothing(served: Served, city: City) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        token = _account(owner, "shut out", [EVERYTHING])

    def shut() -> None:
        with transaction(city.database.engine(Role.OWNER), None) as owner:
            owner.execute(
                text("UPDATE rights.account SET is_active = false WHERE name = 'shut out'")
            )

    status, content = _taken_while(served, city, "ledgers", token, shut)
    assert status == 401, content[:200]


@pytest.mark.parametrize("name", ["export", "ledgers"])
@pytest.mark.parametrize("change", ["more for the asker", "less for another"])
def test_what_takes_nothing_from_the_asker_keeps_nothing_back(
    served: Served, city: City, name: str, change: str
) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as owner:
        token = _account(owner, "keeper", [ONE_DISTRICT])
        _account(owner, "other", [EVERYTHING])

    def change_rights() -> None:
        with transaction(city.database.engine(Role.OWNER), None) as owner:
            if change == "more for the asker":
                ensure_account(owner, "keeper", [EVERYTHING])
            else:
                ensure_account(owner, "other", [])

    assert _taken_while(served, city, name, token, change_rights)[0] == 200
