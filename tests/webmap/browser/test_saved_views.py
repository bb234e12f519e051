"""Saved views and old links in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.webmap.browser.waiting import link

pytestmark = pytest.mark.browser


def test_a_view_is_kept_opened_renamed_and_deleted(reopen: Callable[[str], Page]) -> None:
    page = reopen('#v=[119.8,31.65,12]&l={"building":false}&t={"property":"age"}')
    page.locator("#views summary").click()
    page.locator("#view-name").fill("楼龄")
    page.locator("#view-name").press("Enter")
    expect(page.locator(".views .view-open")).to_have_text("楼龄")
    expect(page.locator(".views")).to_contain_text("仅自己可见")
    page = reopen("")
    assert link(page, "t") is None
    page.locator("#views summary").click()
    page.locator(".views .view-open").click()
    # The page comes anew: the one before had the layer switched on.
    expect(page.locator("#layer-building")).not_to_be_checked()
    expect(page.locator("#map")).to_have_attribute("data-ready", "")
    assert link(page, "t") == {"property": "age"}
    assert link(page, "v")[2] == pytest.approx(12, abs=0.01)
    page.locator("#views summary").click()
    page.get_by_role("button", name="改名").click()
    page.locator(".views input").fill("按楼龄着色")
    page.locator(".views input").press("Enter")
    expect(page.locator(".views .view-open")).to_have_text("按楼龄着色")
    page.get_by_role("button", name="删除", exact=True).click()
    expect(page.locator(".views")).to_have_count(0)


def test_a_view_is_shared_with_a_body_by_its_name(page: Page) -> None:
    page.locator("#views summary").click()
    page.locator("#view-name").fill("给1局看")
    page.locator("#view-body").fill("没有的局")
    expect(page.locator("#view-body-list")).to_contain_text("名录中没有这样的单位")
    page.locator(".view-form").evaluate("form => form.requestSubmit()")
    expect(page.locator("#toast")).to_contain_text("没有这个名称的单位")
    page.locator("#view-body").press("Tab")
    expect(page.locator("#view-body")).to_have_value("")
    page.locator("#view-body").fill("sl1j")
    expect(page.locator("#view-body-list [role=option]")).to_have_text("示例1局")
    page.locator("#view-body").press("Enter")
    expect(page.locator("#view-body")).to_have_value("示例1局")
    page.locator("#view-name").press("Enter")
    expect(page.locator(".views")).to_contain_text("已共享给示例1局")
    page.get_by_role("button", name="取消共享").click()
    expect(page.locator(".views")).to_contain_text("仅自己可见")
    page.get_by_role("button", name="删除", exact=True).click()
    expect(page.locator(".views")).to_have_count(0)


def test_a_link_of_another_version_opens_and_says_what_it_lost(
    reopen: Callable[[str], Page],
) -> None:
    page = reopen("#v=[119.8,31.65,12]&t=7&d=yesterday&zz=1")
    expect(page.locator("#toast")).to_contain_text("图层着色")
    expect(page.locator("#toast")).to_contain_text("数据日期")
    expect(page.locator("#toast")).to_contain_text("部分内容")
    assert link(page, "v")[2] == pytest.approx(12, abs=0.01)
