"""An inspection in browsers: planned, found, told, put right, closed by somebody else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from handed_in import open_account
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from small_city import City, build
from sqlalchemy import text

from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, Grant
from gis.settings import load_settings
from tests.webmap.browser.conftest import DEADLINE_MS, served
from tests.webmap.browser.waiting import ready
from webmap.app import create_app
from webmap.session import COOKIE

pytestmark = pytest.mark.browser


@dataclass
class Desks:
    """Pages of those who have to do with an inspection, each signed in as somebody else."""

    city: City
    address: str
    inspector: Page
    second: Page
    clerk: Page

    def open(self, page: Page, path: str) -> Page:
        """A page that follows what others do."""
        page.goto(f"{self.address}{path}")
        expect(page.locator("html")).to_have_attribute("data-follows", "")
        return page


@pytest.fixture(scope="module")
def desks(make_database: Callable[[str], Database], browser: Browser) -> Iterator[Desks]:
    city = build(make_database("onemap_inspections_browser"))
    with transaction(city.database.engine(Role.LOADER), city.everything) as conn:
        save_terms(conn)
    tokens = (
        city.everything,
        open_account(city.database, "检查员乙", EVERYTHING),
        open_account(city.database, "经办人", Grant("clerk", organization_id=city.ids["agency 0"])),
    )
    with served(create_app(load_settings(), city.database)) as address:
        pages = []
        for token in tokens:
            context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
            context.set_default_timeout(DEADLINE_MS)
            context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
            pages.append(context.new_page())
        yield Desks(city, address, *pages)
        for page in pages:
            page.context.close()


def _planned(desks: Desks, name: str) -> Page:
    """The inspector's page of the one body of a new inspection."""
    page = desks.inspector
    page.goto(f"{desks.address}/inspections/new")
    ready(page)
    form = page.locator("form[data-post='/inspections']")
    form.locator("[name=name]").fill(name)
    for day in ("starts_on", "ends_on"):
        form.locator(f"[name={day}]").fill(today().isoformat())
    form.locator("[name=checklist]").select_option("taizhou_2021")
    form.locator("[name=organization_ids]").select_option(str(desks.city.ids["agency 0"]))
    form.locator(".btn-primary").click()
    page.locator("#visits tbody a").click()
    expect(page.locator("html")).to_have_attribute("data-follows", "")
    return page


def test_an_inspection_goes_from_plan_to_closed_notice_and_open_pages_follow(
    desks: Desks, tmp_path: Path
) -> None:
    page = _planned(desks, "年度巡检")
    visit = page.url.removeprefix(desks.address)
    beside = desks.open(desks.second, visit)

    # Each answer is kept as it is given; whoever goes through the same body sees it.
    asked = page.locator("form[data-save]")
    for at in range(asked.count()):
        asked.nth(at).locator("[value=pass]").check()
        expect(asked.nth(at).locator(".form-said")).to_be_visible()
    for at in range(asked.count()):
        expect(beside.locator("form[data-save]").nth(at).locator("[value=pass]")).to_be_checked()
    # What came from somebody else is changed here without a conflict.
    own = beside.locator("form[data-save]").first
    own.locator("[name=words]").fill("再看过")
    own.locator("[name=words]").press("Tab")
    expect(own.locator(".form-said")).to_be_visible()

    shot = tmp_path / "a.png"
    Image.new("RGB", (64, 48), "teal").save(shot, "PNG")
    finding = page.locator("#add-finding")
    finding.locator("[name=words]").fill("改作库房")
    finding.locator("[name=place]").fill("R010 1号楼 101")
    finding.locator("[name=file]").set_input_files(shot)
    finding.locator("button").click()
    expect(page.locator(".found img")).to_have_js_property("naturalWidth", 64)
    expect(beside.locator(".found img")).to_have_count(1)
    expect(beside.locator(".found")).to_contain_text("改作库房")
    page.locator("#finish button").click()
    expect(page.locator("#head .state")).to_have_class("state state-approved")
    expect(beside.locator("#reopen")).to_be_visible()

    listed = desks.open(desks.clerk, "/inspections")
    expect(listed.locator("#rectifications")).to_have_count(0)
    told = page.locator(".found form[data-post$=notice]")
    told.locator("[name=demand]").fill("恢复为办公室")
    told.locator("[name=due_on]").fill((today() + timedelta(days=10)).isoformat())
    told.locator("button").click()
    expect(page.locator("#head .state")).to_have_text("整改中")
    expect(page.locator("html")).to_have_attribute("data-follows", "")
    # The body learns of it while its list is open, and the inspector of the answer.
    listed.locator("#rectifications th a").click()
    expect(listed.locator("html")).to_have_attribute("data-follows", "")
    listed.locator("#step-answer [name=remark]").fill("已恢复")
    listed.locator("#step-answer button").click()
    expect(listed.locator("#head .state")).to_have_text("待复查")
    expect(page.locator("#head .state")).to_have_text("待复查")
    page.locator("#step-recheck button").click()
    expect(page.locator("#head .state")).to_have_text("待销号")
    # Who found it put right does not close it.
    expect(page.locator("#steps tbody tr")).to_have_count(3)
    expect(page.locator("#step-close")).to_have_count(0)
    closing = desks.open(desks.second, page.url.removeprefix(desks.address))
    closing.locator("#step-close button").click()
    for one in (closing, page, listed):
        expect(one.locator("#head .state")).to_have_text("已销号")
    expect(listed.locator("#step-answer")).to_have_count(0)
    # From the card of the room to what was ever found there.
    closing.goto(f"{desks.address}/#p={desks.city.ids['room 0.1.0']}")
    closing.locator("#place a[href^='/inspections?place=']").click()
    expect(closing.locator("#findings tbody tr")).to_have_count(1)
    expect(closing.locator("#findings tbody tr")).to_contain_text("已销号")


def test_what_somebody_writes_stays_while_others_change_the_page(desks: Desks) -> None:
    page = _planned(desks, "补充巡检")
    beside = desks.open(desks.second, page.url.removeprefix(desks.address))
    first, other = (page.locator("form[data-save]").nth(at) for at in range(2))
    # A note is kept with what was found only: until then it is nowhere but here.
    first.locator("[name=words]").fill("没写完")
    for at in range(2):
        beside.locator("form[data-save]").nth(at).locator("[value=fail]").check()
    expect(other.locator("[value=fail]")).to_be_checked()
    expect(page.locator("#changed-meanwhile")).to_be_visible()
    expect(first.locator("[name=words]")).to_have_value("没写完")
    expect(first.locator("[value=fail]")).not_to_be_checked()
    # Given up, the part is put in as it is now.
    first.locator("[name=words]").fill("")
    first.locator("[name=words]").press("Tab")
    expect(first.locator("[value=fail]")).to_be_checked()
    expect(page.locator("#changed-meanwhile")).to_be_hidden()


def test_a_page_that_follows_keeps_no_session_alive(desks: Desks) -> None:
    page = desks.open(desks.clerk, "/inspections")
    with (
        page.expect_request(
            lambda one: one.url.endswith("/inspections") and not one.is_navigation_request()
        ) as asked,
        desks.city.database.engine(Role.OWNER).begin() as conn,
    ):
        conn.execute(text("UPDATE inspection.inspection SET instructions = '请自备清单'"))
    assert "onemap-unattended" in asked.value.all_headers()
