"""A doubtful pair, side by side on the import page: decided by keyboard, loaded, taken back."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import small_city
from office import Office
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from gis.cluster import Cluster
from gis.db import Database, Role
from tests.webmap.browser.conftest import Watch, import_page, working_office

pytestmark = pytest.mark.browser
NAME = "onemap_browser_matches"
PATIENCE_MS = 60_000


@pytest.fixture
def office(cluster: Cluster, make_database: object, tmp_path: Path) -> Iterator[Office]:
    database: Database = make_database(NAME)
    small_city.build(database)
    with database.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE place.place SET address = '示例市和平路12号' WHERE code = 'S0'"))
        conn.execute(text("UPDATE place.place SET address = '文化路3号' WHERE code = 'S1'"))
    with working_office(cluster, database, NAME, tmp_path / "state") as made:
        yield made


@pytest.fixture(scope="module")
def watch() -> Watch:
    """Of this file alone: its pages come from a server of its own."""
    return Watch()


@pytest.fixture
def imports(office: Office, browser: Browser, watch: Watch) -> Iterator[Page]:
    with import_page(office, browser, watch, PATIENCE_MS) as page:
        yield page


def _workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "房产"
    sheet.append(
        ["院落名称", "坐落", "行政区划代码", "总建筑面积（㎡）", "使用单位", "经度", "纬度"]
    )
    sheet.append(["和平院", "和平路十二号", "320401", 3000, "示例0局", 119.751, 31.651])
    sheet.append(["文化院", "文化路3号院", "320402", 3001, None, 119.851, 31.651])
    sheet.append(["新院", "新生路9号", "320402", 700, None, 119.86, 31.66])
    book.save(path)
    return path


def test_pairs_are_decided_by_keyboard_loaded_and_one_taken_back(
    imports: Page, office: Office, watch: Watch, tmp_path: Path
) -> None:
    page = imports
    expect.set_options(timeout=PATIENCE_MS)
    page.locator("#file-input").set_input_files(_workbook(tmp_path / "房产清册.xlsx"))
    page.get_by_role("button", name="CGCS2000").click()
    expect(page.locator(".tile-waiting dd")).to_have_text("2")
    page.locator("#load").press("Enter")
    page.locator("#to-matches").click()

    # Both sides, where they differ, what speaks for it, and where they lie.
    expect(page.locator("h1")).to_contain_text("待判定 2 行")
    expect(page.locator(".sides tr.differs").first).to_contain_text("不一致")
    expect(page.locator(".clues")).to_contain_text("综合")
    expect(page.locator(".pair-map canvas").first).to_be_visible()
    names = [page.locator("#pair-title").inner_text()]

    # A letter outside of the pair does nothing; inside it decides, and the next pair follows.
    page.locator("#main").press("s")
    expect(page.locator("h1")).to_contain_text("待判定 2 行")
    page.locator("#pair").press("s")
    expect(page.locator("h1")).to_contain_text("待判定 1 行")
    names.append(page.locator("#pair-title").inner_text())
    assert len(set(names)) == 2
    page.locator("#pair").press("u")
    expect(page.locator("h1")).to_contain_text("待判定 2 行")
    page.locator("#pair").press("s")
    expect(page.locator("h1")).to_contain_text("待判定 1 行")
    page.locator("#pair").press("n")
    expect(page.get_by_text("没有待判定的行")).to_be_visible()

    # What is decided can be looked at, and is loaded as a file of two rows.
    page.get_by_role("button", name="已判定", exact=True).click()
    expect(page.locator("#pair")).to_contain_text("同一处")
    page.locator("#load-decided").click()
    expect(page.locator(".tile-rows dd")).to_have_text("2")
    expect(page.locator(".tile-inserted dd")).to_have_text("1")
    with office.database.engine(Role.OWNER).connect() as conn:
        named = conn.execute(text("SELECT name FROM place.place WHERE code = 'S0'")).scalar_one()
    assert named == "和平院"
    expect.set_options(timeout=15_000)
    assert watch.complaints == []
    assert {host.partition(":")[0] for host in watch.hosts} == {"127.0.0.1"}
