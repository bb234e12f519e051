"""A server that is at its limits says so."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gis.db import Database
from gis.settings import Settings
from webmap.app import create_app
from webmap.errors import cause_of, is_away, is_busy
from webmap.problems import on_fault

NAME = "onemap_busy"


@pytest.fixture
def register(make_database: Callable[[str], Database]) -> Iterator[Database]:
    """A register that takes no more connections."""
    made = make_database(NAME)
    yield made
    _limit(made, -1)
    made.dispose()


@pytest.fixture
def app(register: Database, tmp_path: Path) -> Iterator[Flask]:
    settings = Settings(state_dir=tmp_path, database_url=None, language="zh")
    made = create_app(settings, register)
    yield made
    made.extensions["onemap_tiles"].watch.close()


def _limit(database: Database, connections: int) -> None:
    with database.admin().begin() as conn:
        conn.execute(text(f"ALTER DATABASE {NAME} CONNECTION LIMIT {connections}"))


def test_who_finds_all_connections_taken_is_told_to_come_back(
    app: Flask, register: Database
) -> None:
    browser = app.test_client()
    _limit(register, 0)
    for address in ("/api/layers", "/", "/tiles/building/14/1/1.mvt", "/api/search?q=1"):
        browser.set_cookie("onemap_session", "somebodys")
        answer = browser.get(address)
        assert answer.status_code == 503, address
        assert answer.headers["Retry-After"] == "5"
        problem = answer.get_json()
        assert problem["type"] == "urn:onemap:problem:web.busy"
        assert "稍等几秒" in problem["detail"]
        page = browser.get(address, headers={"Accept": "text/html"})
        assert page.status_code == 503
        assert "稍等几秒" in page.text
        assert page.headers["Retry-After"] == "5"
    _limit(register, -1)
    assert browser.get("/api/layers").status_code == 401


def test_a_pool_without_a_free_connection_is_busy_and_a_bug_is_not() -> None:
    assert is_busy(PoolTimeout("QueuePool limit of size 5 overflow 5 reached"))
    assert not is_busy(TimeoutError("of something else"))
    assert not is_busy(ZeroDivisionError())


def test_a_database_that_is_not_there_is_away_and_a_statement_that_fails_is_not(
    app: Flask, register: Database, tmp_path: Path
) -> None:
    with pytest.raises(psycopg2.OperationalError) as refused:
        psycopg2.connect(host=str(tmp_path), user="nobody", dbname="none")
    assert is_away(refused.value)
    # Why is in the log, in one line: a wrong password is no network that is down.
    assert "failed" in cause_of(refused.value)
    assert "\n" not in cause_of(refused.value)
    assert not is_busy(refused.value)
    with register.admin().connect() as conn:
        conn.execute(text("SET statement_timeout = 1"))
        with pytest.raises(OperationalError) as stopped:
            conn.execute(text("SELECT pg_sleep(5)"))
        assert not is_away(stopped.value)
    with app.test_request_context("/api/layers"):
        answer = on_fault(refused.value)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "查看是否已保存" in answer.get_json()["detail"]
