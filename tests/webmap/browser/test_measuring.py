"""Areas of a place by form on the map."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from gis.db import Role, transaction
from tests.webmap.browser.conftest import Site
from tests.webmap.browser.waiting import take_back

pytestmark = pytest.mark.browser


def test_an_area_is_added_corrected_and_taken_back(
    reopen: Callable[[str], Page], city: dict[str, int], site: Site
) -> None:
    page = reopen(f"#p={city['building 2.1']}")
    areas = page.locator("#place table.areas")
    expect(areas).to_contain_text("1,000")
    page.locator("#areas-open").press("Enter")
    expect(page.locator("#area-add")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#area-m2").fill("1,050.25")
    page.locator("#area-source").select_option("certificate")
    page.locator("#area-day").fill("2026/03/01")
    page.locator("#edit-document").fill("示例不动产权第3号")
    page.locator("#edit-save").click()
    # Without a reason nothing is sent.
    expect(page.locator("#edit-reason")).to_be_focused()
    page.keyboard.type("换发新证")
    page.locator("#edit-save").click()
    expect(areas.locator("tr.counts", has_text="1,050.25")).to_contain_text("证载 2026-03-01")
    expect(page.locator(".history .why").first).to_contain_text("示例不动产权第3号")

    page.locator("#areas-open").click()
    page.locator(".stated-areas li", has_text="1,050.25").get_by_role("button").click()
    expect(page.locator("#area-source")).to_have_value("certificate")
    page.locator("#area-m2").fill("1050.5")
    page.locator("#edit-reason").fill("看错小数")
    # Somebody else is first: what stands now is shown, and overwritten only knowingly.
    with transaction(site.database.engine(Role.OWNER), None) as conn:
        conn.exec_driver_sql("UPDATE place.area_measure SET area_m2 = 1051 WHERE area_m2 = 1050.25")
    page.locator("#edit-save").click()
    expect(page.locator("#edit-problem .standing")).to_contain_text("1,051")
    page.locator("#edit-save").click()
    expect(areas.locator("tr.counts", has_text="1,050.5")).to_be_visible()
    take_back(page)
    expect(areas.locator("tr.counts", has_text="1,051")).to_be_visible()
