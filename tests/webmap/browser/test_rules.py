"""Rules for files on their page: found from the import page, added and ended by keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.webmap.browser.conftest import Site
from tests.webmap.browser.waiting import ready

pytestmark = pytest.mark.browser


def test_rules_are_found_added_and_ended(signed_in: Page, site: Site) -> None:
    page = signed_in
    page.goto(f"{site.address}/imports")
    page.locator("#to-rules").click()
    expect(page.locator("h1")).to_have_text("导入规则")
    ready(page)

    add = page.locator("#add-column")
    add.locator("[name=source]").select_option(label="办公用房")
    add.locator("[name=field]").select_option(label="建设年代")
    add.locator("[name=winner]").select_option(label="以登记为准")
    add.locator("[name=rule_source]").fill("示例文号 第三条")
    add.locator("[name=rule_source]").press("Enter")
    row = page.locator("#column-rules tbody tr")
    expect(row).to_have_count(1)
    for words in ("办公用房", "建设年代", "以登记为准", "示例文号 第三条", "未核对", "现行"):
        expect(row).to_contain_text(words)

    ready(page)
    guard = page.locator("#add-protected")
    guard.locator("[name=code]").fill("没有的编号")
    guard.locator("[name=field]").select_option(label="名称")
    guard.locator("[name=reason]").fill("已实地核对")
    guard.locator("button").press("Enter")
    expect(guard.locator(".form-problem")).to_contain_text("没有的编号")
    expect(guard.locator("[name=reason]")).to_have_value("已实地核对")
    guard.locator("[name=code]").fill("S0")
    guard.locator("button").press("Enter")
    # Values that were entered by hand elsewhere stand beside it.
    value = page.locator("#protected-values tbody tr", has_text="S0")
    for words in ("S0", "名称", "已实地核对"):
        expect(value).to_contain_text(words)

    ready(page)
    page.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button").press("Enter")
    expect(page.locator("#column-rules")).to_have_count(0)
    ready(page)
    value.get_by_role("button").press("Enter")
    expect(value).to_have_count(0)

    # The whole page in the other language.
    ready(page)
    page.locator("#language").click()
    expect(page.locator("h1")).to_have_text("Rules for files")
    said = page.locator("#content").evaluate(
        """(box) => {
          const copy = box.cloneNode(true);
          copy.querySelector("#protected-values tbody")?.remove();
          return copy.textContent;
        }"""
    )
    assert re.search("[\u4e00-\u9fff]", said) is None
    ready(page)
    page.locator("#language").click()
    expect(page.locator("h1")).to_have_text("导入规则")
