"""Who asks for files without end, or tries to come in, is told when to ask again."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from gis.db import Database
from gis.settings import Settings, load_settings
from tests.conftest import open_operator
from tests.webmap.conftest import signed_in
from webmap.allowance import ENTRIES, FILES, Allowance
from webmap.app import create_app

REPORT = "/api/reports/survey"


@pytest.fixture
def made(web_database: Database, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    apps: list[Flask] = []

    def make(**settings: int) -> Flask:
        stated = Settings(state_dir=tmp_path, database_url=None, language="zh")
        apps.append(create_app(replace(stated, **settings), web_database))  # type: ignore[arg-type]
        return apps[-1]

    yield make
    for app in apps:
        app.extensions["onemap_tiles"].watch.close()


def test_an_account_takes_so_many_files_in_whatever_browser_and_goes_on_reading(
    made: Callable[..., Flask], web_database: Database
) -> None:
    app = made(files_per_minute=2)
    first, second = (signed_in(app, open_operator(web_database).token) for _ in range(2))
    assert 429 not in {first.get(REPORT).status_code for _ in range(2)}
    refused = second.get(REPORT)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.get_json()["type"] == "urn:onemap:problem:web.too_often"
    assert second.get("/api/layers").status_code == 200
    assert app.test_client().get(REPORT).status_code == 401


def test_an_address_may_try_so_often_to_come_in(made: Callable[..., Flask]) -> None:
    app = made(entries_per_minute=2)
    name = f"nobody-{secrets.token_hex(4)}"

    def enter(address: str) -> int:
        return (
            app.test_client()
            .post(
                "/sign-in",
                data={"name": name, "password": "wrong"},
                environ_base={"REMOTE_ADDR": address},
            )
            .status_code
        )

    assert [enter("10.0.0.1") for _ in range(3)] == [401, 401, 429]
    assert enter("10.0.0.2") == 401
    assert app.test_client().get("/sign-in").status_code == 200


def test_a_minute_gives_back_what_a_minute_may_take() -> None:
    now = [1000.0]
    allowance = Allowance(30, lambda: now[0])
    assert [allowance.wait_s("a") for _ in range(30)] == [0] * 30
    assert allowance.wait_s("a") == pytest.approx(2)
    assert allowance.wait_s("b") == 0
    now[0] += 1.9
    assert allowance.wait_s("a") == pytest.approx(0.1)
    now[0] += 0.2
    assert allowance.wait_s("a") == 0
    assert allowance.wait_s("a") > 0
    now[0] += 60
    assert [allowance.wait_s("a") for _ in range(31)][-2:] == [0, pytest.approx(2)]


def test_strangers_without_number_do_not_fill_the_memory() -> None:
    allowance = Allowance(1, lambda: 0.0)
    for number in range(25_000):
        assert allowance.wait_s(str(number)) == 0
    assert len(allowance._used_until) <= 10_000


def test_what_is_counted_are_addresses_of_ours(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= FILES | ENTRIES


def test_how_often_is_a_setting_and_generous() -> None:
    assert load_settings({}).files_per_minute == 120
    assert load_settings({"ONEMAP_ENTRIES_PER_MINUTE": "7"}).entries_per_minute == 7
