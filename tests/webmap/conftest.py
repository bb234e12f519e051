"""The web application on a migrated database, as nobody and as the operator."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City

from gis.db import Database, Role, transaction
from gis.rights import actions as rights_actions
from gis.settings import Settings
from webmap.app import create_app
from webmap.session import COOKIE


def one_time_token(database: Database) -> str:
    """What the launcher prints in an address: good for one sign-in of the operator."""
    with transaction(database.engine(Role.OWNER), None) as owner:
        account_id = rights_actions.ensure_account(owner, "operator", [rights_actions.EVERYTHING])
        return rights_actions.open_session(
            owner, account_id, kind="one_time", lifetime=timedelta(minutes=5)
        )


@pytest.fixture(scope="session")
def one_time_address(web_database: Database) -> Callable[[], str]:
    """Makes addresses as the launcher prints them, without the host."""
    return lambda: f"/enter?token={one_time_token(web_database)}"


@pytest.fixture(scope="session")
def web_database(make_database: Callable[[str], Database]) -> Database:
    return make_database("onemap_web_tests")


@pytest.fixture(scope="session")
def app(web_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    settings = Settings(
        state_dir=Path(tmp_path_factory.mktemp("state")),
        database_url=None,
        language="zh",
        upload_mb=1,
    )
    return create_app(settings, web_database)


@pytest.fixture
def app_client(app: Flask) -> Callable[[], FlaskClient]:
    """Makes browsers that share nothing."""
    return app.test_client


@pytest.fixture
def nobody(app: Flask) -> FlaskClient:
    """A browser that has not signed in."""
    return app.test_client()


@pytest.fixture
def client(app: Flask, one_time_address: Callable[[], str]) -> FlaskClient:
    """A browser of the operator."""
    signed_in = app.test_client()
    signed_in.get(one_time_address())
    return signed_in


@pytest.fixture(scope="module")
def city_app(city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application over the small city of the test's own module (fixture `city`)."""
    settings = Settings(
        state_dir=Path(tmp_path_factory.mktemp("state")), database_url=None, language="zh"
    )
    made = create_app(settings, city.database)
    yield made
    made.extensions["onemap_tiles"].watch.close()


def signed_in(app: Flask, token: str) -> FlaskClient:
    """A browser that holds this session."""
    client = app.test_client()
    client.set_cookie(COOKIE, token)
    return client


@pytest.fixture
def everything(city_app: Flask, city: City) -> FlaskClient:
    """A browser of an account that sees all of the module's city."""
    return signed_in(city_app, city.everything)


@pytest.fixture
def browse(city_app: Flask) -> Callable[[str], FlaskClient]:
    """Makes a browser in the small city for who holds a session's token."""
    return lambda token: signed_in(city_app, token)
