"""Places without location are worked off in the map: by a click, by keyboard, by a candidate."""

from collections.abc import Iterator

import pytest
from makers import make_place
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gis.db import Database, Role, transaction
from tests.webmap.browser.waiting import answered

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def neighbour(site: object) -> int:
    """One more place that waits; its number is that of a place already located."""
    database: Database = site.database  # type: ignore[attr-defined]
    with transaction(database.engine(Role.OWNER), None) as conn:
        return make_place(conn, "W9", "site", name="东院", address="示例路1号东院")


def _open(page: Page) -> None:
    page.locator("#tab-unlocated").click()
    expect(page.locator("#unlocated .queue-row").first).to_be_visible()
    answered(page)


def _row(page: Page, name: str) -> None:
    page.locator("#unlocated .queue-row", has_text=name).click()
    expect(page.locator("#unlocated-title")).to_have_text(name)
    answered(page)


def test_a_click_on_the_map_places_and_undo_brings_back(page: Page, neighbour: int) -> None:
    expect(page.locator("#unlocated-count")).to_have_text("2")
    _open(page)
    _row(page, "未定位院落")
    page.locator("#unlocated-click").click()
    area = page.locator("#map").bounding_box()
    assert area
    page.mouse.click(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    expect(page.locator("#unlocated-point")).to_be_visible()
    page.locator("#unlocated-reason").fill("<b>现场</b>")
    page.locator("#unlocated-save").click()
    expect(page.locator("#unlocated .placed")).to_contain_text("未定位院落")
    expect(page.locator("#unlocated-count")).to_have_text("1")
    answered(page)
    page.locator("#unlocated-undo").click()
    expect(page.locator("#unlocated-count")).to_have_text("2")


def test_the_keyboard_alone_places_at_the_middle_of_the_map(page: Page, neighbour: int) -> None:
    page.locator("#tab-place").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-unlocated")).to_be_focused()
    expect(page.locator("#unlocated .queue-row").first).to_be_visible()
    answered(page)
    page.locator("#unlocated .queue-row", has_text="未定位院落").press("Enter")
    expect(page.locator("#unlocated-title")).to_be_focused()
    answered(page)
    page.locator("#unlocated-centre").press("Enter")
    expect(page.locator("#unlocated-save")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#unlocated .queue-row").first).to_be_visible()
    page.locator("#unlocated .queue-row", has_text="未定位院落").press("Enter")
    expect(page.locator("#unlocated-title")).to_be_focused()
    answered(page)
    page.locator("#unlocated-centre").press("Enter")
    expect(page.locator("#unlocated-save")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#unlocated-undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#unlocated-count")).to_have_text("2")


def test_a_candidate_is_taken_with_its_reason(page: Page, neighbour: int) -> None:
    _open(page)
    _row(page, "东院")
    best = page.locator("#unlocated ol .queue-row").first
    expect(best).to_contain_text("示例路1号")
    best.click()
    expect(page.locator("#unlocated-reason")).not_to_have_value("")
    expect(page.locator("#unlocated-point")).to_contain_text("119.85")
    page.locator("#unlocated-save").click()
    expect(page.locator("#unlocated .placed")).to_contain_text("东院")
    expect(page.locator("#unlocated-count")).to_have_text("1")
    answered(page)
    page.locator("#unlocated-undo").click()
    expect(page.locator("#unlocated-count")).to_have_text("2")


def test_the_queue_is_filtered_by_holder(page: Page, neighbour: int) -> None:
    _open(page)
    page.locator("#unlocated-holder").select_option(label="示例3局（1）")
    expect(page.locator("#unlocated .queue-row")).to_have_count(1)
    expect(page.locator("#unlocated .queue-row")).to_contain_text("未定位院落")
    expect(page.locator("#unlocated-count")).to_have_text("2")


MANY = 130
"""More than a page of the queue."""


@pytest.fixture
def many(site: object, neighbour: int) -> Iterator[None]:
    """A long queue at the address of a place that lies somewhere; gone afterwards."""
    database: Database = site.database  # type: ignore[attr-defined]
    with database.engine(Role.OWNER).begin() as owner:
        for number in range(MANY):
            make_place(owner, f"Q{number}", name=f"{number}号楼", address="示例路1号")
    yield
    with database.engine(Role.OWNER).begin() as owner:
        owner.execute(text("DELETE FROM place.placement"))
        owner.execute(text("DELETE FROM place.place WHERE code ~ '^Q[0-9]+$'"))


def test_a_long_queue_is_paged_and_searched(page: Page, many: None) -> None:
    _open(page)
    expect(page.locator("#unlocated-page")).to_contain_text("第 1—100 处，共 132 处")
    page.locator("#unlocated-after").press("Enter")
    expect(page.locator("#unlocated-page")).to_contain_text("第 101—132 处")
    expect(page.locator("#unlocated .queue-row")).to_have_count(32)
    expect(page.locator("#unlocated-after")).to_be_disabled()
    search = page.locator("#unlocated-q")
    search.press_sequentially("77号楼")
    expect(page.locator("#unlocated .queue-row")).to_have_count(1)
    expect(search).to_be_focused()
    expect(search).to_have_value("77号楼")
    search.fill("")
    expect(page.locator("#unlocated .queue-row")).to_have_count(100)


def test_all_whose_address_one_spot_has_are_put_at_once_and_taken_back(
    page: Page, many: None
) -> None:
    _open(page)
    expect(page.locator(".queue-offer")).to_contain_text("130 处的地址")
    page.locator("#unlocated-exact").press("Enter")
    expect(page.locator(".queue-examples")).to_contain_text("示例路1号")
    expect(page.locator("#unlocated-exact-yes")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#unlocated-count")).to_have_text("2")
    expect(page.locator("#unlocated")).to_contain_text("已按地址一并定位 130 处")
    # It can still be taken back when the page was left meanwhile.
    page.reload()
    _open(page)
    page.locator("#unlocated-step-undo").press("Enter")
    expect(page.locator("#unlocated-count")).to_have_text("132")
    expect(page.locator("#unlocated")).to_contain_text("已撤销，130 处重新待定位")
