"""What is to do, by keyboard alone: a day, a notice, a step, a deputy who takes one."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from bureau import Bureau, prepare_bureau
from playwright.sync_api import Browser, Locator, Page, expect

from assets.campaign.actions.filing import submit
from assets.campaign.queries import filing_steps
from gis.clock import today
from gis.db import Database
from gis.settings import load_settings
from tests.webmap.browser.conftest import served
from tests.webmap.browser.waiting import ready
from webmap.app import create_app
from webmap.session import COOKIE

pytestmark = pytest.mark.browser

_MOST_STOPS = 200


@pytest.fixture(scope="module")
def bureau(make_database: Callable[[str], Database]) -> Bureau:
    return prepare_bureau(make_database("onemap_todo_browser"))


@pytest.fixture(scope="module")
def address(bureau: Bureau) -> Iterator[str]:
    with served(create_app(load_settings(), bureau.database)) as found:
        yield found


@pytest.fixture
def open_as(address: str, browser: Browser) -> Iterator[Callable[[str], Page]]:
    contexts = []

    def opened(token: str) -> Page:
        context = browser.new_context(locale="zh-CN")
        contexts.append(context)
        context.add_cookies([{"name": COOKIE, "value": token, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/todo")
        ready(page)
        return page

    yield opened
    for context in contexts:
        context.close()


def go_to(page: Page, wanted: Locator) -> None:
    """Comes to a control by Tab alone, as who has no mouse does."""
    expect(wanted).to_have_count(1)
    for _ in range(_MOST_STOPS):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab never comes there")


def step_form(page: Page, name: str) -> Locator:
    return page.locator("form", has=page.locator(f"input[name=step][value={name}]"))


def test_a_case_goes_round_by_keyboard_with_day_notice_and_deputy(
    bureau: Bureau, address: str, open_as: Callable[[str], Page]
) -> None:
    due_on = today() + timedelta(days=7)
    filing_id = bureau.filing(bureau.issue(name="限期普查", due_on=due_on, as_of=due_on), 0)
    clerk = open_as(bureau.clerks[0])
    # The agency is told, and sees until when; it goes to the form and hands in.
    row = clerk.locator("#tasks tbody tr", has_text="限期普查 · 示例0局")
    expect(row.locator("time")).to_have_text(due_on.isoformat())
    expect(row).to_contain_text("7")
    expect(clerk.locator(".notices .unread")).to_have_count(1)
    go_to(clerk, clerk.get_by_role("button", name="全部标为已读"))
    clerk.keyboard.press("Enter")
    expect(clerk.locator(".notices .unread")).to_have_count(0)
    ready(clerk)
    go_to(clerk, row.get_by_role("link"))
    clerk.keyboard.press("Enter")
    expect(clerk.locator("h1")).to_have_text("示例0局")
    ready(clerk)
    go_to(clerk, step_form(clerk, "submit").get_by_role("button"))
    clerk.keyboard.press("Enter")
    expect(clerk.locator(".page-head .state")).to_have_text("已上报")

    # The bureau has it on its list, and names the clerk of the agency as deputy for the day.
    reviewer = open_as(bureau.city.everything)
    expect(reviewer.locator("#tasks tbody tr", has_text="示例0局")).to_contain_text("退回")
    go_to(reviewer, reviewer.locator("#add-deputy [name=deputy]"))
    reviewer.keyboard.type("经办人0")
    last_day = reviewer.locator("#add-deputy [name=last_day]")
    go_to(reviewer, last_day)
    # How a day is typed is each browser's own.
    last_day.fill(today().isoformat())
    go_to(reviewer, reviewer.locator("#add-deputy button"))
    reviewer.keyboard.press("Enter")
    expect(reviewer.locator("#deputies tbody tr")).to_contain_text("经办人0")
    ready(reviewer)

    # The deputy finds it under the other's name, and gives it back in that name.
    deputy = open_as(bureau.clerks[0])
    lent = deputy.locator("#tasks tbody tr", has_text="代 看全部 办理")
    expect(lent).to_contain_text("退回")
    expect(lent).not_to_contain_text("审核通过")
    go_to(deputy, lent.get_by_role("link"))
    deputy.keyboard.press("Enter")
    expect(deputy.locator("h1")).to_have_text("示例0局")
    ready(deputy)
    form = step_form(deputy, "return")
    expect(form.locator("[name=on_behalf_of]")).to_contain_text("看全部")
    go_to(deputy, form.locator("textarea"))
    deputy.keyboard.type("面积请核对")
    go_to(deputy, form.get_by_role("button"))
    deputy.keyboard.press("Enter")
    expect(deputy.locator(".page-head .state")).to_have_text("退回")
    expect(deputy.locator(".history li").first).to_contain_text("代 看全部")
    with bureau.reviewer() as conn:
        last = filing_steps(conn, filing_id)[0]
    assert (last["step"], last["who"], last["on_behalf_of"]) == ("return", "经办人0", "看全部")

    # It is ended by keyboard too, and nothing is lent any more.
    go_to(reviewer, reviewer.locator("#deputies button"))
    reviewer.keyboard.press("Enter")
    expect(reviewer.locator("#deputies")).to_have_count(0)
    with bureau.clerk(0) as conn:
        submit(conn, filing_id, seen_version=3, today=today())
    deputy.goto(f"{address}/todo")
    expect(deputy.locator("#tasks")).to_have_count(0)
