"""A request in the browser: vacant rooms beside the form, on its map, and answered for."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
import small_city
from handed_in import open_account
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from assets.estate.actions.arranging import room_versions
from assets.estate.actions.holdings import Party
from assets.space.actions import assign
from gis.db import Database, Role, transaction
from gis.places.edits import Grounds
from gis.rights.actions import Grant
from gis.settings import load_settings
from tests.webmap.browser.conftest import DEADLINE_MS, Site, served
from webmap.app import create_app
from webmap.session import COOKIE

pytestmark = pytest.mark.browser


@pytest.fixture
def own(make_database: Callable[[str], Database]) -> Iterator[Site]:
    """A city of each test's own: what is decided stays, and what others left makes rooms vacant."""
    made = small_city.build(make_database("onemap_requests_browser"))
    with made.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE place.place SET use_status = 'idle' WHERE kind = 'room'"))
    rooms = [made.ids["room 0.1.0"]]
    with transaction(made.database.engine(Role.WEB), made.everything) as conn:
        assign(
            conn, rooms, [Party(made.ids["agency 0"])], since=date(2026, 1, 1),
            seen=room_versions(conn, rooms), grounds=Grounds("分配"),
        )  # fmt: skip
    with served(create_app(load_settings(), made.database)) as address:
        yield Site(address, made.database, made.ids)


@pytest.fixture
def open_as(own: Site, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Pages of people, each at a desk of their own; no script complains."""
    contexts = []
    complaints: list[str] = []

    def opened(role: str) -> Page:
        token = open_account(own.database, f"人{len(contexts)}", Grant(role))
        context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN")
        context.set_default_timeout(DEADLINE_MS)
        contexts.append(context)
        context.add_cookies([{"name": COOKIE, "value": token, "url": own.address}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def test_vacant_rooms_stand_beside_the_form_and_are_answered_for(
    own: Site, open_as: Callable[[str], Page]
) -> None:
    page = open_as("officer")
    page.goto(f"{own.address}/requests/new?item=lease")
    expect(page.locator("html")).to_have_attribute("data-request-form", "")
    expect(page.locator("#vacant tbody tr")).to_have_count(3)
    expect(page.locator("#request-form [name=project_name]")).to_be_hidden()
    page.locator("[name=item]").select_option("construct")
    expect(page.locator("#request-form [name=project_name]")).to_be_visible()
    page.locator("[name=item]").select_option("lease")
    page.locator("[name=needed_m2]").fill("40")
    # The two neighbours on a floor suffice.
    expect(page.locator("#vacant tr.is-suggested")).to_have_count(2)
    # By keyboard: the middle of the map is the spot, with a usual distance.
    page.locator("#vacant-map").press("Enter")
    expect(page.locator("[name=radius_m]")).to_have_value("3000")
    expect(page.locator("#vacant tbody tr")).to_have_count(3)
    expect(page.locator("#vacant tbody tr td.num").nth(1)).not_to_have_text("–")
    page.locator("#request-body").fill("示例0")
    expect(page.locator("#request-body-list [role=option]")).to_have_count(1)
    page.locator("#request-body").press("Enter")
    expect(page.locator("[name=organization_id]")).to_have_value(str(own.places["agency 0"]))
    # What it has today is offered where only some of it is given back.
    page.locator("#old-rooms").select_option("some")
    expect(page.locator("#left-rooms input[type=checkbox]")).to_have_count(1)
    page.locator("#old-rooms").select_option("kept")
    expect(page.locator("#left-rooms")).to_be_hidden()
    page.locator("[name=reason]").fill("机构合并，人员增加")
    page.locator("#request-form .btn-primary").click()
    expect(page.locator("#steps li")).to_have_count(1)
    page.get_by_role("button", name="申请", exact=True).click()
    expect(page.locator("#steps li")).to_have_count(2)
    page.locator("#look-through button").click()
    expect(page.locator("#candidates tbody tr")).to_have_count(3)
    page.get_by_role("button", name="核实", exact=True).click()
    expect(page.locator(".request-step .form-problem:not([hidden])")).to_contain_text("没有答复")
    page.locator("#all-candidates").check()
    expect(page.locator("#answer-count")).to_have_text("3")
    page.locator("#answers [name=reason]").fill("楼宇待加固")
    page.locator("#answer").click()
    expect(page.locator("#candidates tbody")).to_contain_text("楼宇待加固")
    page.get_by_role("button", name="核实", exact=True).click()
    expect(page.locator(".page-head .state")).to_have_text("已核实，待审核")
    page.goto(f"{own.address}/requests?item=lease")
    expect(page.locator("#requests tbody tr")).to_have_count(1)
    page.goto(f"{own.address}/requests/returns")
    expect(page.locator("#ask-back")).to_be_visible()


def test_who_follows_a_link_is_not_held_back_by_what_others_did(
    own: Site, open_as: Callable[[str], Page]
) -> None:
    page = open_as("officer")
    page.goto(f"{own.address}/requests/new?item=lease")
    expect(page.locator("html")).to_have_attribute("data-request-form", "")
    page.locator("#request-body").fill("示例0")
    expect(page.locator("#request-body-list [role=option]")).to_have_count(1)
    page.locator("#request-body").press("Enter")
    page.locator("[name=reason]").fill("人员增加")
    page.locator("[name=needed_m2]").fill("40")
    page.locator("#old-rooms").select_option("kept")
    page.locator("#request-form .btn-primary").click()
    expect(page.locator("html")).to_have_attribute("data-request-page", "")
    # As the browser says it before it follows a link; what it asked for is slow to come.
    page.evaluate("() => { window.isSame = true; dispatchEvent(new Event('beforeunload')); }")
    with own.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE requests.request SET version = version + 1"))
    for _ in range(2):  # the first may have been under way
        page.wait_for_event("response", lambda answer: "/api/cases/requests/" in answer.url)
    page.wait_for_timeout(500)
    assert page.evaluate("window.isSame")
    # Whoever is still there after all reads what stands now.
    page.wait_for_function("() => !window.isSame")


def test_a_lease_becomes_a_transfer_that_gives_rooms_and_asks_the_old_one_back(
    own: Site, open_as: Callable[[str], Page]
) -> None:
    asker, officer, approver = (open_as(one) for one in ("officer", "officer", "approver"))
    page = asker
    page.goto(f"{own.address}/requests/new?item=lease")
    expect(page.locator("html")).to_have_attribute("data-request-form", "")
    page.locator("[name=admin_area_code]").select_option("320401")
    expect(page.locator("#vacant tbody tr")).to_have_count(3)
    page.locator("#request-body").fill("示例0")
    expect(page.locator("#request-body-list [role=option]")).to_have_count(1)
    page.locator("#request-body").press("Enter")
    page.locator("[name=reason]").fill("原用房面积不足")
    page.locator("[name=needed_m2]").fill("40")
    page.locator("#old-rooms").select_option("all")
    page.locator("#request-form .btn-primary").click()
    expect(page.locator("#steps li")).to_have_count(1)
    page.get_by_role("button", name="申请", exact=True).click()
    expect(page.locator("#steps li")).to_have_count(2)
    # Who asks does not review: somebody else at the bureau goes on.
    officer.goto(asker.url)
    page = officer
    page.locator("#look-through button").click()
    expect(page.locator("#candidates tbody tr")).to_have_count(3)
    page.locator("#all-candidates").check()
    page.locator("#answers [name=answer]").select_option("taken")
    page.locator("#answer").click()
    page.locator("#make-transfer button").click()
    expect(page.locator(".page-head .facts")).to_contain_text("调剂")
    page.get_by_role("button", name="核实", exact=True).click()
    expect(page.locator("#steps li")).to_have_count(3)
    page.get_by_role("button", name="审核", exact=True).click()
    expect(page.locator(".page-head .state")).to_have_text("已审核，待批准")
    # Whoever decides has it open; what was done shows there without a press.
    approver.goto(page.url)
    approver.get_by_role("button", name="批准", exact=True).click()
    expect(approver.locator(".page-head .state")).to_have_text("已批准，办理中")
    expect(approver.locator("#asked-back li")).to_have_count(1)
    expect(approver.locator("#asked-back li")).to_contain_text("1号楼")
    expect(asker.locator(".page-head .state")).to_have_text("已批准，办理中")
    page.goto(f"{own.address}/requests/returns")
    row = page.locator("#returns tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("搬入新用房")
    page.goto(f"{own.address}/space/rooms?body={own.places['agency 0']}")
    expect(page.locator("#rooms tbody tr")).to_have_count(4)
    # Taken back, it waits for a decision again and nothing is asked back.
    form = approver.locator(".request-step", has=approver.get_by_role("button", name="撤回批准"))
    form.locator("[name=remark]").fill("选错楼层")
    form.get_by_role("button").click()
    expect(approver.locator(".page-head .state")).to_have_text("已审核，待批准")
    page.goto(f"{own.address}/requests/returns")
    expect(page.locator("#returns")).to_have_count(0)
