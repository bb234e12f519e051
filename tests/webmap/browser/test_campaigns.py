"""Campaigns in a real browser: a form filled in by keyboard, two writers, nothing lost."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from bureau import Bureau, prepare_bureau
from playwright.sync_api import Browser, Page, Route, expect

from assets.campaign.actions.filing import Edit, save, submit
from assets.campaign.actions.review import add_remark, return_filing
from assets.campaign.queries import filing_rows, find_filing
from gis.clock import today
from gis.db import Database
from gis.settings import load_settings
from tests.webmap.browser.conftest import served
from tests.webmap.browser.waiting import ready, until
from webmap.app import create_app
from webmap.session import COOKIE

pytestmark = pytest.mark.browser

CHINESE = re.compile(r"[\u4e00-\u9fff]")
DATA = re.compile(r"[“(].*?[”)]|示例\S*|看全部")


@dataclass
class Office:
    """A served bureau, and browsers of those who work with it."""

    bureau: Bureau
    address: str
    open_as: Callable[[str], Page]

    def filing(self, agency: int = 0, **more: object) -> int:
        """A filing of a fresh campaign that is due in time."""
        due_on = today() + timedelta(days=20)
        return self.bureau.filing(self.bureau.issue(due_on=due_on, as_of=due_on, **more), agency)


@pytest.fixture(scope="module")
def served_bureau(make_database: Callable[[str], Database]) -> Iterator[tuple[Bureau, str]]:
    bureau = prepare_bureau(make_database("onemap_campaign_browser"))
    with served(create_app(load_settings(), bureau.database)) as address:
        yield bureau, address


@pytest.fixture
def office(served_bureau: tuple[Bureau, str], browser: Browser) -> Iterator[Office]:
    bureau, address = served_bureau
    contexts = []
    complaints: list[str] = []
    hosts: set[str] = set()

    def open_as(token: str) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        contexts.append(context)
        context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: hosts.add(urlsplit(asked.url).netloc))
        page.on(
            "console",
            # A refusal is an answer the page shows; the browser prints it as an error all the same.
            lambda said: (
                complaints.append(said.text)
                if said.type == "error" and "status of 4" not in said.text
                else None
            ),
        )
        return page

    yield Office(bureau, address, open_as)
    for context in contexts:
        context.close()
    assert complaints == []
    assert hosts <= {urlsplit(address).netloc}


def _open(page: Page, office: Office, path: str) -> Page:
    page.goto(f"{office.address}{path}")
    ready(page)
    return page


def _cell(page: Page, field: str) -> str:
    row = page.locator(".property").first.get_attribute("id") or ""
    return f"#c{row.removeprefix('row-')}-{field}"


def test_a_clerk_fills_in_explains_and_hands_in_by_keyboard(office: Office) -> None:
    filing_id = office.filing()
    page = _open(office.open_as(office.bureau.clerks[0]), office, "/campaigns")
    page.get_by_role("link", name="示例0局").first.press("Enter")
    expect(page.locator("h1")).to_have_text("示例0局")
    ready(page)
    page.locator(_cell(page, "gross_m2")).fill("4200")
    expect(page.locator("#unsaved")).to_have_text("1 处改动尚未保存")
    page.keyboard.press("Control+s")
    expect(page.locator(".was.large")).to_contain_text("+40.0%")
    ready(page)
    submit_form = page.locator("form", has=page.locator("input[value=submit]"))
    submit_form.get_by_role("button").press("Enter")
    expect(submit_form.locator(".form-problem")).to_contain_text("没有说明原因")
    page.locator("textarea.explain").fill("新建东楼")
    submit_form.get_by_role("button").press("Enter")
    expect(submit_form.locator(".form-problem")).to_contain_text("请先保存")
    page.locator("#save").press("Enter")
    expect(page.locator("#unsaved")).to_have_text("没有未保存的改动")
    ready(page)
    submit_form.get_by_role("button").press("Enter")
    expect(page.locator(".page-head .state")).to_have_text("已上报")
    with office.bureau.reviewer() as conn:
        assert find_filing(conn, filing_id).state == "submitted"


def test_the_second_writer_keeps_what_he_wrote(office: Office) -> None:
    filing_id = office.filing()
    page = _open(office.open_as(office.bureau.clerks[0]), office, f"/campaigns/filings/{filing_id}")
    page.locator(_cell(page, "remark")).fill("我写的备注")
    page.locator("#add-row").click()
    page.locator(".property.new [data-field=address]").fill("新路9号")
    with office.bureau.reviewer() as conn:
        row_id = filing_rows(conn, filing_id)[0].row_id
        save(conn, filing_id, Edit({(row_id, "land_m2"): "4321"}), seen_version=1)
    page.locator("#save").click()
    expect(page.locator("#save-problem")).to_contain_text("看全部")
    page.locator("#save-anyway").click()
    expect(page.locator(_cell(page, "land_m2"))).to_have_value("4321.00")
    expect(page.locator(_cell(page, "remark"))).to_have_value("我写的备注")
    expect(page.locator(".property.new [data-field=address]")).to_have_value("新路9号")
    page.locator("#save").click()
    # The new property stands there as a known one only when the page comes with what was saved.
    expect(page.locator(".property.new")).to_have_count(0)
    expect(page.locator(".property")).to_have_count(2)
    with office.bureau.reviewer() as conn:
        rows = filing_rows(conn, filing_id)
    assert rows[0].filed.now["remark"] == "我写的备注"
    assert rows[1].filed.now["address"] == "新路9号"


def test_a_reviewer_marks_a_cell_and_the_clerk_answers(office: Office) -> None:
    filing_id = office.filing()
    with office.bureau.clerk(0) as conn:
        submit(conn, filing_id, seen_version=1, today=today())
    reviewer = _open(
        office.open_as(office.bureau.city.everything), office, f"/campaigns/filings/{filing_id}"
    )
    cell = reviewer.locator(".cell-gross_m2").first
    cell.locator("summary").press("Enter")
    cell.locator("textarea").fill("与产权证不符")
    cell.locator(".remark-form button").click()
    expect(reviewer.locator(".cell-gross_m2 .remark")).to_contain_text("与产权证不符")
    ready(reviewer)
    form = reviewer.locator("form", has=reviewer.locator("input[value=return]"))
    form.locator("textarea").fill("请核对面积")
    form.get_by_role("button").click()
    expect(reviewer.locator(".page-head .state")).to_have_text("退回")
    clerk = _open(
        office.open_as(office.bureau.clerks[0]), office, f"/campaigns/filings/{filing_id}"
    )
    expect(clerk.locator(".sheet.warn")).to_contain_text("请核对面积")
    clerk.locator(".remark input[name=answer]").fill("产权证待换发")
    clerk.locator(".remark .btn").click()
    expect(clerk.locator(".remark .answer")).to_contain_text("产权证待换发")


def test_the_board_sorts_and_filters(office: Office) -> None:
    filing_id = office.filing()
    with office.bureau.reviewer() as conn:
        campaign_id = find_filing(conn, filing_id).campaign.campaign_id
    page = _open(office.open_as(office.bureau.city.everything), office, f"/campaigns/{campaign_id}")
    agencies = page.locator("#agencies tbody tr")
    expect(agencies).to_have_count(4)
    heading = page.locator("#agencies th", has_text="本次建筑面积")
    heading.get_by_role("button").click()
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(agencies.first).to_contain_text("示例2局")
    page.locator(".plain a", has_text="示例1区").first.click()
    expect(agencies).to_have_count(1)


def test_a_campaign_is_issued_and_english_leaves_no_chinese_but_the_data(office: Office) -> None:
    page = _open(office.open_as(office.bureau.city.everything), office, "/campaigns/new")
    page.locator("[name=name]").fill("Survey")
    page.locator("form.draft .btn-primary").click()
    expect(page.locator("h1")).to_have_text("Survey")
    ready(page)
    page.locator("#language").click()
    expect(page.locator("#language")).to_have_text("中文")
    with office.bureau.clerk(0) as conn:
        filing_id = conn.exec_driver_sql("SELECT max(filing_id) FROM campaign.filing").scalar()
        row_id = filing_rows(conn, filing_id)[0].row_id
        version = submit(conn, filing_id, seen_version=1, today=today())
    with office.bureau.reviewer() as conn:
        add_remark(conn, filing_id, row_id=row_id, field="gross_m2", words="x")
        return_filing(conn, filing_id, seen_version=version, remark="y")
    for path in ("/campaigns", "/campaigns/new", urlsplit(page.url).path,
                 f"/campaigns/filings/{filing_id}"):  # fmt: skip
        _open(page, office, path)
        words = page.locator("label, th, h2, .btn, .hint, .state, .facts, dt").all_inner_texts()
        left = [one for one in words if CHINESE.search(DATA.sub("", one))]
        assert left == [], path


def test_what_is_typed_before_the_script_has_come_is_not_lost(office: Office) -> None:
    office.filing()
    page = _open(office.open_as(office.bureau.clerks[0]), office, "/campaigns")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/campaigns/filing.js", hold)
    address = page.get_by_role("link", name="示例0局").first.get_attribute("href") or ""
    page.goto(f"{office.address}{address}", wait_until="commit")
    page.locator(_cell(page, "gross_m2")).fill("4200")
    until(page, lambda: held)
    held[0].continue_()
    page.unroute("**/campaigns/filing.js")
    expect(page.locator("#unsaved")).to_have_text("1 处改动尚未保存")
    page.keyboard.press("Control+s")
    expect(page.locator("#unsaved")).to_have_text("没有未保存的改动")
    expect(page.locator(_cell(page, "gross_m2"))).to_have_value(re.compile(r"^4,?200"))


def test_what_is_pressed_while_an_answer_is_on_its_way_is_sent_once(office: Office) -> None:
    filing_id = office.filing()
    page = _open(office.open_as(office.bureau.clerks[0]), office, f"/campaigns/filings/{filing_id}")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/save", hold)
    page.locator(_cell(page, "remark")).fill("写一次")
    page.locator("#save").click()
    # What would be typed now would go with the page that comes.
    expect(page.locator("#filing")).to_have_attribute("inert", "")
    page.keyboard.press("Control+s")
    expect(page.locator("#save")).to_be_disabled()
    until(page, lambda: held)
    held[0].fulfill(status=403, json={"detail": "这次不行"})
    expect(page.locator("#save-problem")).to_have_text("这次不行")
    expect(page.locator(_cell(page, "remark"))).to_have_value("写一次")
    assert len(held) == 1
    page.unroute("**/save")
    page.locator("#save").click()
    expect(page.locator("#unsaved")).to_have_text("没有未保存的改动")

    reviewer = _open(office.open_as(office.bureau.city.everything), office, "/campaigns/new")
    sent: list[Route] = []

    def slow(route: Route) -> None:
        sent.append(route)

    # The page that the answer leads to is slow to come.
    reviewer.route(re.compile(r"/campaigns/\d+$"), slow)
    reviewer.locator("[name=name]").fill("一次的填报")
    box = reviewer.locator("form.draft .btn-primary").first.bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    reviewer.mouse.click(*middle)
    until(reviewer, lambda: sent)
    reviewer.mouse.click(*middle)
    reviewer.wait_for_timeout(300)  # a second one would be on its way by now
    sent[0].continue_()
    expect(reviewer.locator("h1")).to_have_text("一次的填报")
    with office.bureau.reviewer() as conn:
        made = conn.exec_driver_sql(
            "SELECT count(*) FROM campaign.campaign WHERE name = '一次的填报'"
        ).scalar_one()
    assert made == 1
