"""The standard of office space on its pages: a row stated, marked as compared and ended by keys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gis.db import Role
from tests.webmap.browser.conftest import Site
from tests.webmap.browser.waiting import ready

pytestmark = pytest.mark.browser


@pytest.fixture
def page(signed_in: Page, site: Site) -> Iterator[Page]:
    yield signed_in
    with site.database.engine(Role.OWNER).begin() as owner:
        owner.execute(text("DELETE FROM space.standard"))


def test_a_row_is_found_stated_marked_and_ended(page: Page, site: Site) -> None:
    page.goto(f"{site.address}/space")
    page.get_by_role("link", name="办公用房标准").click()
    expect(page.locator("h1")).to_have_text("办公用房标准")
    listed = page.locator("#standards tbody tr", has_text="超标容差")
    expect(listed).to_contain_text("未核对")
    listed.get_by_role("link", name="查看或修改").press("Enter")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    ready(page)

    add = page.locator("#add-standard")
    add.locator("[name=value]").fill("一点")
    add.locator("[name=source]").fill("示例文号")
    add.locator("[name=source]").press("Enter")
    expect(add.locator(".form-problem")).to_contain_text("“一点”，不是数")
    expect(add.locator("[name=source]")).to_have_value("示例文号")
    add.locator("[name=value]").fill("1")
    add.locator("[name=value]").press("Enter")
    own = page.locator("#rows tbody tr", has_text="示例文号")
    expect(own).to_contain_text("1 m²")
    expect(own).to_contain_text("有效")

    page.on("dialog", lambda dialog: dialog.accept())
    ready(page)
    mark = own.get_by_role("button", name="标为已核对")
    mark.press("Enter")
    expect(mark).to_have_count(0)
    expect(own).to_contain_text("已核对")
    ready(page)
    own.get_by_role("link", name="修改").press("Enter")
    change = page.locator("#change-standard")
    expect(change.locator("[name=value]")).to_have_value("1")
    ready(page)
    change.locator("[name=value]").fill("2")
    change.locator("[name=value]").press("Enter")
    expect(own).to_contain_text("2 m²")
    ready(page)
    own.get_by_role("button", name="终止").press("Enter")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(page.locator("#rows")).not_to_contain_text("示例文号")
