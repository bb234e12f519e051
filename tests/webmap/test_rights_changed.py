"""Who loses a right gets nothing more of it, whatever the server or the browser has kept."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from small_city import City, build

from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, ensure_account, open_session
from tests.webmap.conftest import signed_in
from tests.webmap.test_api import tile_address, wait_until_listening


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
