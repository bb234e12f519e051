"""Closing a place and entering who has it, on the map."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gis.db import Database, Role
from tests.webmap.browser.waiting import take_back

pytestmark = pytest.mark.browser


def test_closing_lists_what_stands_and_closes_it_together(
    reopen: Callable[[str], Page], city: dict[str, int]
) -> None:
    page = reopen(f"#p={city['site 2']}")
    page.locator("#close-open").press("Enter")
    expect(page.locator("#edit-effective_on")).to_be_focused()
    page.keyboard.type("2026-06-01")
    page.locator("#edit-reason").fill("整体拆除")
    page.locator("#edit-save").press("Enter")
    standing = page.locator("#close-standing")
    expect(standing).to_contain_text("未注销的下级（8）")
    expect(standing).to_contain_text("示例2局")
    expect(page.locator("#edit-save")).to_be_focused()
    expect(page.locator("#edit-save")).to_contain_text("连同以上一并注销")
    page.keyboard.press("Enter")
    expect(page.locator(".closed-mark")).to_have_text("已于 2026-06-01 注销")
    page.locator("#reopen-open").click()
    page.locator("#edit-cancel").click()
    take_back(page)
    expect(page.locator("#close-open")).to_be_visible()
    expect(page.locator(".closed-mark")).to_have_count(0)


def test_a_holding_is_entered_corrected_and_refused_where_it_excludes_another(
    reopen: Callable[[str], Page], city: dict[str, int], site: object
) -> None:
    page = reopen(f"#p={city['room 2.2.0']}")
    page.locator("#holdings-open").click()
    page.locator("#holding-add").press("Enter")
    body = page.locator("#holding-body-0")
    body.fill("示例2")
    expect(page.locator("#holding-body-0-list [role=option]")).to_have_count(1)
    body.press("Enter")
    page.locator("#holding-valid_from").fill("2025-01-01")
    page.locator("#edit-reason").fill("分配")
    page.locator("#edit-document").fill("示例〔2025〕5号")
    page.locator("#edit-save").click()
    expect(page.locator(".history .why").first).to_contain_text("权属使用")
    expect(page.locator("#place")).to_contain_text("示例〔2025〕5号")
    # Another use of the same room at the same time.
    page.locator("#holdings-open").click()
    page.locator("#holding-add").click()
    page.locator("#holding-kind").select_option(label="出租")
    body.fill("示例1")
    expect(page.locator("#holding-body-0-list [role=option]")).to_have_count(1)
    body.press("Enter")
    page.locator("#edit-reason").fill("出租")
    page.locator("#edit-save").click()
    expect(page.locator("#edit-problem")).to_contain_text("腾退")
    page.locator("#edit-cancel").click()
    # Somebody changes the first one meanwhile: both are seen.
    page.locator(".holdings .link").click()
    page.locator("#holding-valid_to").fill("2026-01-01")
    page.locator("#edit-reason").fill("腾退")
    database: Database = site.database  # type: ignore[attr-defined]
    with database.engine(Role.OWNER).begin() as owner:
        owner.execute(
            text("UPDATE estate.holding SET area_m2 = 7 WHERE place_id = :id"),
            {"id": city["room 2.2.0"]},
        )
    page.locator("#edit-save").click()
    expect(page.locator("#edit-problem")).to_contain_text("先作修改")
    expect(page.locator("#edit-problem .standing")).to_contain_text("7.00")
    page.locator("#edit-save").click()
    expect(page.locator("#edit-undo")).to_be_visible()
    expect(page.locator("#place")).not_to_contain_text("使用示例2局")
    take_back(page)
    expect(page.locator("#place")).to_contain_text("使用示例2局")
