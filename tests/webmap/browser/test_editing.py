"""Editing on the place card: the form, the second writer, taking back, by keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from gis.db import Database, Role
from tests.webmap.browser.waiting import answered, still, take_back

pytestmark = pytest.mark.browser


@pytest.fixture
def card(reopen: Callable[[str], Page], city: dict[str, int]) -> Page:
    page = reopen(f"#p={city['building 1.1']}")
    expect(page.locator("#place-title")).to_have_text("2号楼")
    return page


def _rename(page: Page, name: str, reason: str = "现场核对") -> None:
    page.locator("#edit-open").click()
    page.locator("#edit-of-name").fill(name)
    page.locator("#edit-reason").fill(reason)


def test_a_value_is_corrected_by_keyboard_and_taken_back(card: Page) -> None:
    page = card
    page.locator("#edit-open").press("Enter")
    expect(page.locator("#edit-of-name")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("<b>东楼</b>")
    expect(page.locator('[data-field="name"]')).to_have_class("edit-line dirty")
    page.keyboard.press("Control+Enter")
    # Without a reason nothing is sent, and the field that lacks it is shown.
    expect(page.locator("#edit-reason")).to_be_focused()
    page.keyboard.type("现场核对")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#place-title")).to_have_text("<b>东楼</b>")
    expect(page.locator("#place .placed")).to_be_visible()
    expect(page.locator(".history .why").first).to_contain_text("现场核对")
    expect(page.locator("#edit-undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#edit-undo")).to_contain_text("再按一次")
    page.keyboard.press("Enter")
    expect(page.locator("#place-title")).to_have_text("2号楼")


def test_the_second_writer_sees_both_versions_and_may_take_the_others(
    card: Page, site: object, city: dict[str, int]
) -> None:
    page, database = card, site.database  # type: ignore[attr-defined]
    _rename(page, "我的楼名")
    _write(database, city["building 1.1"], "UPDATE place.place SET name = '别人的楼名'")
    page.locator("#edit-save").click()
    expect(page.locator("#edit-problem")).to_contain_text("先作修改")
    expect(page.locator("#edit-theirs-name")).to_contain_text("别人的楼名")
    expect(page.locator("#edit-of-name")).to_have_value("我的楼名")
    page.locator("#edit-theirs-name .link").click()
    expect(page.locator("#edit-of-name")).to_have_value("别人的楼名")
    page.locator("#edit-of-name").fill("我的楼名")
    page.locator("#edit-save").click()
    expect(page.locator("#place-title")).to_have_text("我的楼名")
    _write(database, city["building 1.1"], "UPDATE place.place SET name = '2号楼'")


def _write(database: Database, place_id: int, statement: str) -> None:
    with database.engine(Role.OWNER).begin() as owner:
        owner.execute(text(f"{statement} WHERE place_id = :id"), {"id": place_id})


def test_what_was_typed_is_there_again_after_a_look_elsewhere(card: Page) -> None:
    page = card
    _rename(page, "没写完", "待查")
    page.locator("#search").fill("示例路1号")
    page.locator("#search-results [role=option]").first.click()
    expect(page.locator("#place-title")).to_have_text("示例路1号")
    page.locator("#place .children .link", has_text="2号楼").click()
    expect(page.locator("#place-title")).to_have_text("2号楼")
    page.locator("#edit-open").click()
    expect(page.locator("#edit-of-name")).to_have_value("没写完")
    expect(page.locator("#edit-reason")).to_have_value("待查")
    page.locator("#edit-cancel").click()
    page.locator("#edit-open").click()
    expect(page.locator("#edit-of-name")).to_have_value("2号楼")


def test_a_body_is_chosen_by_a_part_of_its_name(card: Page) -> None:
    page = card
    page.locator("#edit-open").click()
    steward = page.locator("#edit-of-steward_id")
    expect(steward).to_have_value("示例1局")
    steward.fill("示例2")
    expect(page.locator("#edit-of-steward_id-list [role=option]")).to_have_count(1)
    steward.press("Enter")
    expect(steward).to_have_value("示例2局")
    expect(page.locator('[data-field="steward_id"]')).to_have_class("edit-line dirty")
    page.locator("#edit-cancel").click()
    expect(page.locator("#place-title")).to_have_text("2号楼")


def test_another_open_map_shows_a_saved_edit_by_itself(
    card: Page, browser: Browser, site: object, city: dict[str, int]
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN")
    other = context.new_page()
    other.goto(site.entry())  # type: ignore[attr-defined]
    # Into the address bar of the map that is still opening: only the fragment changes.
    other.goto(f"{site.address}/#p={city['building 1.1']}")  # type: ignore[attr-defined]
    expect(other.locator("#place-title")).to_have_text("2号楼")
    answered(other)
    still(other)
    _rename(card, "看得见的楼")
    with other.expect_request(lambda request: ".mvt" in request.url):
        card.locator("#edit-save").click()
        expect(card.locator("#place-title")).to_have_text("看得见的楼")
    expect(other.locator("#place-title")).to_have_text("看得见的楼")
    take_back(card)
    expect(other.locator("#place-title")).to_have_text("2号楼")
    context.close()
