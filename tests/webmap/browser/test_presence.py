"""An open map that nobody touches says so when others' changes make it ask."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request
from sqlalchemy import text

from gis.db import Role
from tests.webmap.browser.conftest import Site

pytestmark = pytest.mark.browser

_MINUTES_PASS = "const real = Date.now; Date.now = () => real() + 300000; 0"
_SAID = "onemap-unattended"


def test_others_changes_are_asked_for_as_by_nobody(
    reopen: Callable[[str], Page], site: Site, city: dict[str, int]
) -> None:
    place = city["building 1.1"]
    page = reopen(f"#p={place}")

    def reads_the_card(request: Request) -> bool:
        return f"/api/places/{place}?" in f"{request.url}?"

    def rename(name: str) -> None:
        with site.database.engine(Role.OWNER).begin() as owner:
            owner.execute(
                text("UPDATE place.place SET name = :name WHERE place_id = :id"),
                {"name": name, "id": place},
            )

    # From its first look on it tells what is new.
    with page.expect_response(lambda response: "/api/version" in response.url):
        page.mouse.move(200, 200)
    try:
        with page.expect_request(reads_the_card) as attended:
            rename("别人改过")
        assert _SAID not in attended.value.headers
        page.evaluate(_MINUTES_PASS)
        with page.expect_request(reads_the_card) as unattended:
            rename("别人又改过")
        assert unattended.value.headers[_SAID] == "1"
        # Somebody comes back.
        page.mouse.move(300, 300)
        with page.expect_request(reads_the_card) as again:
            rename("别人再改过")
        assert _SAID not in again.value.headers
    finally:
        rename("2号楼")
