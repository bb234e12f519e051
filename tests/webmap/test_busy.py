"""A server that is at its limits says so."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gis.db import Database
from gis.settings import Settings
from webmap.app import create_app
from webmap.errors import is_busy

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
