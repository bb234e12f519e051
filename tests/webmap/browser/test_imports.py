"""A messy workbook over the import page: corrected, saved as a profile, loaded, taken back."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import small_city
from handed_in import register_state
from office import Office
from playwright.sync_api import Browser, Locator, Page, Route, expect
from sqlalchemy import text

from gis.cluster import Cluster
from gis.db import Database, Role
from tests.webmap.browser.conftest import Watch, import_page, working_office
from tests.webmap.browser.waiting import until

pytestmark = pytest.mark.browser
NAME = "onemap_browser_imports"
PATIENCE_MS = 90_000


@pytest.fixture
def office(cluster: Cluster, make_database: object, tmp_path: Path) -> Iterator[Office]:
    database: Database = make_database(NAME)
    small_city.build(database)
    with working_office(cluster, database, NAME, tmp_path / "state") as made:
        yield made


@pytest.fixture
def imports(office: Office, browser: Browser, watch: Watch) -> Iterator[Page]:
    """The import page of a browser that has signed in."""
    with import_page(office, browser, watch, PATIENCE_MS) as page:
        yield page


def _workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "楼栋"
    sheet.append(["房屋清册"])
    sheet.append(["房子叫什么", "楼号", "建筑面积（平方米）", "层数", "经度", "纬度"])
    for number in range(1, 13):
        area = {3: "1.2万㎡", 4: -300}.get(number, 1000 + number)
        code = f"Y{max(number, 2):03d}"  # the second repeats the first's
        sheet.append([f"甲楼{number}", code, area, "六层", 119.75 + number / 1000, 31.65])
    book.save(path)
    return path


def _sureness(page: Page, header: str) -> Locator:
    row = page.locator(".mapping tbody tr", has=page.get_by_role("rowheader", name=header))
    return row.locator(".sure")


def test_a_messy_workbook_is_corrected_looked_at_loaded_and_taken_back(
    imports: Page, office: Office, watch: Watch, tmp_path: Path
) -> None:
    before = register_state(office.database)
    page = imports
    wait = expect.set_options
    wait(timeout=PATIENCE_MS)
    page.locator("#file-input").set_input_files(_workbook(tmp_path / "房屋清册.xlsx"))

    # The page proposes, and asks what it cannot know.
    expect(page.locator("h1")).to_contain_text("房屋清册.xlsx")
    page.locator("#contract").select_option("building")
    expect(_sureness(page, "房子叫什么")).to_have_text("未识别")
    expect(_sureness(page, "建筑面积（平方米）")).to_contain_text("确定")
    page.get_by_label("“房子叫什么”对应的字段").select_option("name")
    page.get_by_label("“楼号”对应的字段").select_option("code")
    expect(page.locator(".foot-note")).to_have_text("有改动尚未核对")
    expect(page.locator("#load")).to_be_disabled()
    page.locator("#check").click()
    page.get_by_role("button", name="CGCS2000").click()

    # Cells as they will be read, and what a load would do; nothing is kept.
    expect(page.locator(".cells td", has_text="1.2万㎡")).to_contain_text("12000")
    expect(page.locator(".tile-inserted dd")).to_have_text("11")
    expect(page.locator(".tile-rejected dd")).to_have_text("1")
    assert register_state(office.database) == before

    page.locator("#profile-name").fill("房屋清册方案")
    page.locator("#save-profile").press("Enter")
    expect(page.locator("#toast")).to_contain_text("已保存方案“房屋清册方案”")
    page.locator("#load").press("Enter")
    expect(page.get_by_role("progressbar")).to_be_visible()

    # What it did, what was wrong, and a link that leads back here.
    expect(page.locator(".tile-inserted dd")).to_have_text("11")
    page.locator("#filter-severity").select_option("reject")
    expect(page.locator(".issues tbody tr")).to_have_count(1)
    expect(page.locator(".issues tbody tr")).to_contain_text("退回")
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载问题清单（Excel）").click()
    taken.value.save_as(tmp_path / "issues.xlsx")
    assert openpyxl.load_workbook(tmp_path / "issues.xlsx").active.max_row > 1
    with page.expect_download() as taken:
        page.get_by_role("button", name="下载标注问题的原表").click()
    taken.value.save_as(tmp_path / "marked.xlsx")
    marked = openpyxl.load_workbook(tmp_path / "marked.xlsx")["楼栋"]
    assert "负数" in marked["C6"].comment.text
    assert "#load=" in page.url
    with office.database.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text(
                "UPDATE staging.issue SET geom = ST_Point(119.75, 31.65, 4490)"
                " WHERE issue_number = 1"
            )
        )
    page.reload()
    page.get_by_role("button", name="在地图上查看").click()
    expect(page.locator(".issues tr.marked")).to_have_count(1)
    expect(page.locator(".issue-map canvas").first).to_be_visible()
    page.locator("#undo").click()
    page.locator("#undo-sure").click()
    expect(page.locator(".notice-warn")).to_contain_text("已经撤销")
    assert register_state(office.database) == before

    # The next file with these headers is read by the profile.
    page.get_by_role("link", name="返回导入记录").click()
    expect(page.locator(".register tbody tr")).to_have_count(2)
    page.locator("#file-input").set_input_files(_workbook(tmp_path / "下一年.xlsx"))
    expect(page.get_by_text("已套用方案“房屋清册方案”")).to_be_visible()

    # Who made a profile may delete it; what was loaded with it stays.
    page.locator("#option-profile").select_option("房屋清册方案")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#forget-profile").click()
    expect(page.locator("#toast")).to_contain_text("方案“房屋清册方案”已删除")
    expect(page.locator("#option-profile option")).to_have_count(1)
    wait(timeout=15_000)
    assert watch.complaints == []
    assert {host.partition(":")[0] for host in watch.hosts} == {"127.0.0.1"}


def test_nothing_can_be_changed_while_an_answer_is_on_its_way(
    imports: Page, tmp_path: Path
) -> None:
    page = imports
    page.locator("#file-input").set_input_files(_workbook(tmp_path / "房屋清册.xlsx"))
    expect(page.locator("#contract")).to_be_visible(timeout=PATIENCE_MS)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/check", hold)
    page.locator("#contract").focus()
    page.locator("#contract").select_option("building")
    choice = page.get_by_label("“房子叫什么”对应的字段")
    expect(choice).to_be_disabled()
    expect(page.locator("#contract")).to_be_disabled()
    # An answer that does not come leaves all as it was.
    until(page, lambda: held)
    held[0].abort()
    expect(choice).to_be_enabled()
    expect(page.locator("#contract")).to_be_focused()


def test_loads_of_long_ago_are_fetched_page_by_page(imports: Page, office: Office) -> None:
    with office.database.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text(
                "INSERT INTO staging.load (file_name, file_sha256, account_id, state)"
                " SELECT '台账' || n || '.xlsx', '\\x00', account_id, 'committed'"
                " FROM rights.account, generate_series(1, 230) AS n WHERE name = 'operator'"
            )
        )
    page = imports
    page.reload()
    rows = page.locator(".register tbody tr")
    for shown in (100, 200, 230):
        expect(rows).to_have_count(shown)
        if shown < 230:
            page.locator("#earlier").press("Enter")
    expect(page.locator("#earlier")).to_have_count(0)
    expect(rows.last).to_contain_text("台账1.xlsx")
