"""Markup in the register is shown as the text it is, wherever the map shows it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gis.db import Role, transaction
from tests.webmap.browser.conftest import Site
from tests.webmap.browser.waiting import answered

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror='window.harmed=1'><b id=harm>加粗</b>" + "很长的名称" * 20
"""Too long for a column of the table."""
PLACE = "building 1.1"


@pytest.fixture
def harmed_city(site: Site) -> Iterator[int]:
    """The city with a place whose every text is markup; as it was afterwards."""
    place_id = site.places[PLACE]
    change = text(
        "UPDATE place.place SET name = :name, address = :address, remark = :remark"
        " WHERE place_id = :id"
    )
    with transaction(site.database.engine(Role.OWNER), None) as conn:
        was = conn.execute(
            text("SELECT name, address, remark FROM place.place WHERE place_id = :id"),
            {"id": place_id},
        ).one()
        hostile = {"name": HOSTILE, "address": HOSTILE, "remark": HOSTILE, "id": place_id}
        conn.execute(change, hostile)
    yield place_id
    with transaction(site.database.engine(Role.OWNER), None) as conn:
        conn.execute(change, {**was._asdict(), "id": place_id})


def _is_unharmed(page: Page) -> bool:
    harm: bool = page.evaluate("!window.harmed && !document.getElementById('harm')")
    return harm


def test_markup_in_a_card_and_in_the_table_is_text(
    page: Page, harmed_city: int, site: Site
) -> None:
    page.goto("about:blank")
    page.goto(f"{site.address}/#p={harmed_city}")
    expect(page.locator("#place-title")).to_have_text(HOSTILE)
    expect(page.locator("#place")).to_contain_text(HOSTILE)
    assert _is_unharmed(page)
    answered(page)
    page.locator("#kpis .kpi", has_text="楼栋").first.click()
    cell = page.locator(".tabulator-cell", has_text="<img").first
    expect(cell).to_be_visible()
    # A cut cell shows its whole text in a tip.
    cell.hover()
    expect(page.locator(".tabulator-tooltip")).to_have_text(HOSTILE)
    assert _is_unharmed(page)


@pytest.mark.usefixtures("harmed_city")
def test_markup_in_the_list_of_a_search_is_text(page: Page, site: Site) -> None:
    page.goto("about:blank")
    page.goto(f"{site.address}/")
    page.locator("#search").fill("B10")
    expect(page.locator("#search-results [role=option]").first).to_be_visible()
    assert _is_unharmed(page)
