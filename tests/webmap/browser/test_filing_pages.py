"""Records of ownership and archives in browsers: open pages follow what others do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from handed_in import open_account
from playwright.sync_api import Browser, Page, expect
from small_city import City, build

from etl.terms import save_terms
from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING
from gis.settings import load_settings
from tests.webmap.browser.conftest import DEADLINE_MS, served
from tests.webmap.browser.waiting import ready
from webmap.app import create_app
from webmap.session import COOKIE

pytestmark = pytest.mark.browser

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@dataclass
class Shown:
    """Pages of two officers: one works, one watches."""

    city: City
    address: str
    working: Page
    watching: Page

    def watch(self, path: str) -> Page:
        """The page of who watches, once it follows."""
        self.watching.goto(f"{self.address}{path}")
        expect(self.watching.locator("html")).to_have_attribute("data-follows", "")
        return self.watching

    def work(self, path: str) -> Page:
        """The page of who works, once its forms are sent by script."""
        self.working.goto(f"{self.address}{path}")
        ready(self.working)
        return self.working


@pytest.fixture(scope="module")
def shown(make_database: Callable[[str], Database], browser: Browser) -> Iterator[Shown]:
    city = build(make_database("onemap_filing_browser"))
    with transaction(city.database.engine(Role.LOADER), city.everything) as conn:
        save_terms(conn)
    tokens = (city.everything, open_account(city.database, "核对员", EVERYTHING))
    with served(create_app(load_settings(), city.database)) as address:
        pages = []
        for token in tokens:
            context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
            context.set_default_timeout(DEADLINE_MS)
            context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
            pages.append(context.new_page())
        yield Shown(city, address, *pages)
        for page in pages:
            page.context.close()


def test_a_record_of_ownership_follows_and_what_is_written_stays(shown: Shown) -> None:
    work = shown.work(f"/titles?place={shown.city.ids['site 0']}")
    work.locator("form[data-post='/titles/records'] button").click()
    expect(work.locator("#grounds")).to_be_visible()
    path = work.url.removeprefix(shown.address)
    watch = shown.watch(path)
    watch.locator("#grounds [name=reason]").fill("没写完")
    work.locator("#grounds [name=cause]").select_option("unclear")
    work.locator("#grounds [name=reason]").fill("建成时未办手续")
    work.locator("#grounds button").click()
    expect(watch.locator("#changed-meanwhile")).to_be_visible()
    expect(watch.locator("#grounds [name=reason]")).to_have_value("没写完")
    watch = shown.watch(path)
    work = shown.work(path)
    work.locator("#attach [name=file]").set_input_files(
        {"name": "纪要.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    work.locator("#attach button").click()
    expect(watch.locator("#files-part")).to_contain_text("纪要.pdf")
    work = shown.work(path)
    work.locator("#step-submit button").click()
    expect(watch.locator("#record-state")).to_have_text("已报")
    watch.locator("#step-record button").click()
    expect(work.locator("#record-state")).to_have_text("已备案")
    expect(work.locator("#steps tbody tr")).to_have_count(3)


def test_an_archive_follows_and_a_file_taken_out_is_put_back(shown: Shown, tmp_path: Path) -> None:
    site = shown.city.ids["site 0"]
    watch = shown.watch(f"/archive/{site}")
    work = shown.work(f"/archive/{site}")
    paper = tmp_path / "规划许可证.pdf"
    paper.write_bytes(PDF)
    work.locator("#add [name=file]").set_input_files(paper)
    work.locator("#add [name=title]").fill("规划许可证")
    work.locator("#add [name=title]").press("Enter")
    expect(watch.locator(".archive-files tbody tr")).to_have_count(1)
    shown.watch("/archive")
    row = watch.locator("#archives tbody tr", has=watch.locator(f"a[href='/archive/{site}']"))
    expect(row.locator("td.num").nth(-2)).to_have_text("1")
    work.on("dialog", lambda one: one.accept())
    work = shown.work(f"/archive/{site}")
    work.locator(".archive-files summary").click()
    work.locator("form[data-post$=remove] button").click()
    expect(row.locator("td.num").nth(-2)).to_have_text("0")
    shown.watch(f"/archive/{site}")
    expect(work.locator("#removed tbody tr")).to_have_count(1)
    work.locator("form[data-post$=restore] button").click()
    expect(watch.locator(".archive-files tbody tr")).to_have_count(1)
    expect(watch.locator("#removed")).to_have_count(0)
