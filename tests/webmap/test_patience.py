"""A statement that takes or waits too long is stopped, and whoever asked is told what to do."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from gis.db import Database, Role
from gis.patience import Patience
from gis.settings import Settings, load_settings
from tests.conftest import open_operator
from tests.webmap.conftest import signed_in
from webmap.app import create_app
from webmap.session import asking

NAME = "onemap_patience"
TILE = "/tiles/building/14/13533/6660.mvt"


@pytest.fixture(scope="module")
def register(make_database: Callable[[str], Database]) -> Iterator[Database]:
    made = make_database(NAME)
    yield made
    made.dispose()


def _app(register: Database, folder: Path, patience: Patience) -> Flask:
    hasty = Database(register.url, patience=patience)
    return create_app(Settings(state_dir=folder, database_url=None, language="zh"), hasty)


@pytest.fixture
def hasty(register: Database, tmp_path: Path) -> Iterator[Callable[[Patience], FlaskClient]]:
    """Makes browsers of applications that wait so long."""
    made = []

    def make(patience: Patience) -> FlaskClient:
        app = _app(register, tmp_path, patience)
        made.append(app)
        return signed_in(app, open_operator(register).token)

    yield make
    for app in made:
        app.extensions["onemap_tiles"].watch.close()
        app.extensions["onemap_database"].dispose()


@pytest.mark.parametrize(
    ("patience", "status", "key", "retry"),
    [
        (Patience(statement_s=0.8), 504, "web.too_long", None),
        (Patience(lock_s=0.3), 503, "web.locked", "5"),
    ],
)
def test_who_meets_what_is_locked_is_told_so_and_may_ask_again(
    register: Database,
    hasty: Callable[[Patience], FlaskClient],
    patience: Patience,
    status: int,
    key: str,
    retry: str | None,
) -> None:
    browser = hasty(patience)
    addresses = ("/api/layers", TILE)
    with register.admin().begin() as conn:
        tables = conn.execute(
            text(
                "SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ') FROM pg_class AS c"
                " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
                " WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_|rights|queue|public)'"
            )
        ).scalar_one()
        conn.execute(text(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE"))
        for address in addresses:
            answer = browser.get(address)
            assert answer.status_code == status, (address, answer.text)
            problem = answer.get_json()
            assert problem["type"] == f"urn:onemap:problem:{key}"
            assert "未作任何更改" in problem["detail"]
            assert answer.headers.get("Retry-After") == retry
            page = browser.get(address, headers={"Accept": "text/html"})
            assert (page.status_code, "未作任何更改" in page.text) == (status, True)
    # The first plans after that may take a busy machine longer than is allowed here.
    for address in addresses:
        assert 200 in (browser.get(address).status_code for _ in range(30)), address


def test_a_report_may_take_longer_than_what_people_look_at(
    register: Database, tmp_path: Path
) -> None:
    app = _app(register, tmp_path, Patience(statement_s=7, long_s=70))
    cookie = f"onemap_session={open_operator(register).token}"
    said = {}
    with app.test_request_context("/", headers={"Cookie": cookie}):
        for is_long in (False, True, False):
            with asking(is_long=is_long) as conn:
                said[is_long] = conn.execute(text("SHOW statement_timeout")).scalar_one()
    app.extensions["onemap_tiles"].watch.close()
    app.extensions["onemap_database"].dispose()
    assert said == {False: "7s", True: "70s"}


def test_loads_and_commands_may_take_as_long_as_they_need(register: Database) -> None:
    for role, limited in ((Role.WEB, True), (Role.LOADER, False), (Role.OPERATOR, False)):
        with register.engine(role).connect() as conn:
            said = {
                name: conn.execute(text(f"SHOW {name}")).scalar_one()
                for name in Patience().settings()
            }
        assert all((value != "0") is limited for value in said.values()), (role, said)


def test_how_long_the_web_waits_is_a_setting() -> None:
    stated = {"ONEMAP_STATEMENT_SECONDS": "9", "ONEMAP_LOCK_SECONDS": "3"}
    assert load_settings(stated).patience == Patience(statement_s=9, lock_s=3)
