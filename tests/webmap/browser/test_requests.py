"""A request in the browser: vacant rooms beside the form, on its map, and answered for."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gis.db import Role
from tests.webmap.browser.conftest import Site
from tests.webmap.browser.test_arranging import ASSIGN, UNDO

pytestmark = pytest.mark.browser


@pytest.fixture
def told(signed_in: Page, site: Site) -> Iterator[Page]:
    """One room of the first site is its agency's, so that the others are known to be vacant."""
    page = signed_in
    page.goto(f"{site.address}/requests")
    pair = [site.places["room 0.1.0"], site.places["agency 0"]]
    edit = page.evaluate(ASSIGN, pair)["edit"]
    yield page
    page.goto(f"{site.address}/requests")
    assert page.evaluate(UNDO, [edit["place_id"], edit["edit_id"]])
    with site.database.engine(Role.OWNER).begin() as conn:
        for statement in (
            "DELETE FROM requests.request_place",
            "DELETE FROM requests.request",
            "DELETE FROM services.step_taken WHERE workflow = 'requests'",
            "DELETE FROM services.number_given WHERE series = 'requests.request'",
            "DELETE FROM services.number_counter WHERE series = 'requests.request'",
            "DELETE FROM services.notice WHERE address LIKE '/requests/%'",
        ):
            conn.execute(text(statement))


def test_vacant_rooms_stand_beside_the_form_and_are_answered_for(told: Page, site: Site) -> None:
    page = told
    page.goto(f"{site.address}/requests/new?item=lease")
    expect(page.locator("html")).to_have_attribute("data-request-form", "")
    expect(page.locator("#vacant tbody tr")).to_have_count(2)
    expect(page.locator("#request-form [name=project_name]")).to_be_hidden()
    page.locator("[name=item]").select_option("construct")
    expect(page.locator("#request-form [name=project_name]")).to_be_visible()
    page.locator("[name=item]").select_option("lease")
    page.locator("[name=needed_m2]").fill("40")
    # No two are neighbours; those of one building go together.
    expect(page.locator("#vacant tr.is-suggested")).to_have_count(2)
    # By keyboard: the middle of the map is the spot, with a usual distance.
    page.locator("#vacant-map").press("Enter")
    expect(page.locator("[name=radius_m]")).to_have_value("3000")
    expect(page.locator("#vacant tbody tr")).to_have_count(2)
    expect(page.locator("#vacant tbody tr td.num").nth(1)).not_to_have_text("–")
    page.locator("[name=organization_id]").select_option(label="示例0局")
    page.locator("[name=reason]").fill("机构合并，人员增加")
    page.locator("#request-form .btn-primary").click()
    expect(page.locator("#steps li")).to_have_count(1)
    page.get_by_role("button", name="申请", exact=True).click()
    expect(page.locator("#steps li")).to_have_count(2)
    page.locator("#look-through button").click()
    expect(page.locator("#candidates tbody tr")).to_have_count(2)
    page.get_by_role("button", name="核实", exact=True).click()
    expect(page.locator(".request-step .form-problem:not([hidden])")).to_contain_text("没有答复")
    page.locator("#all-candidates").check()
    expect(page.locator("#answer-count")).to_have_text("2")
    page.locator("#answers [name=reason]").fill("楼宇待加固")
    page.locator("#answer").click()
    expect(page.locator("#candidates tbody")).to_contain_text("楼宇待加固")
    page.get_by_role("button", name="核实", exact=True).click()
    expect(page.locator(".page-head .state")).to_have_text("已核实，待审核")
    page.goto(f"{site.address}/requests?item=lease")
    expect(page.locator("#requests tbody tr")).to_have_count(1)
    page.goto(f"{site.address}/requests/returns")
    expect(page.locator("#ask-back")).to_be_visible()
