"""The time slider and the heat map in a real browser."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gis.db import Role, transaction
from tests.webmap.browser.conftest import Site
from tests.webmap.browser.waiting import DEADLINE_MS, link, until

pytestmark = pytest.mark.browser
STEP_MS = 1800
"""How long a day of change is shown while the slider plays."""


@pytest.fixture(scope="module")
def dated(site: Site) -> Iterator[None]:
    """Areas of the sites were measured on three days, as long as this file asks."""
    with transaction(site.database.engine(Role.OWNER), None) as conn:
        # Other files state areas of a day as well.
        conn.execute(text("UPDATE place.area_measure SET measured_on = NULL"))
        for at, day in enumerate(("2019-05-01", "2021-03-01", "2024-07-01")):
            conn.execute(
                text(
                    "UPDATE place.area_measure SET measured_on = CAST(:day AS date) WHERE"
                    " place_id = :site"
                ),
                {"day": day, "site": site.places[f"site {at}"]},
            )
    yield
    with transaction(site.database.engine(Role.OWNER), None) as conn:
        conn.execute(text("UPDATE place.area_measure SET measured_on = NULL"))


@pytest.mark.usefixtures("dated")
def test_the_slider_walks_the_days_of_change_and_everything_follows(page: Page) -> None:
    page.locator("#timeline-toggle").click()
    slider = page.locator("#timeline-slider")
    # Other files leave days of change too: places that moved.
    expect(slider).to_have_attribute("max", re.compile("[3-9]"))
    expect(slider).to_have_value(slider.get_attribute("max") or "")
    with page.expect_response("**/api/area-summary") as answer:
        slider.press("Home")
    assert json.loads(answer.value.request.post_data or "")["as_of"] == "2019-05-01"
    expect(page.locator("#timeline-day")).to_have_text("2019-05-01")
    expect(page.locator("#as-of")).to_have_value("2019-05-01")
    assert link(page, "d") == "2019-05-01"
    # Another file corrects one of them by some metres.
    # Buildings of the other sites stand by themselves where their sites are not measured yet.
    expect(page.locator("#kpis")).to_contain_text(re.compile(r"7,0\d\d\s*㎡"))
    slider.press("End")
    expect(page.locator("#kpis")).to_contain_text(re.compile(r"9,003\s*㎡"))
    assert link(page, "d") is None
    page.get_by_role("button", name="收起时间轴").click()
    expect(page.locator("#timeline")).to_be_hidden()


@pytest.mark.usefixtures("dated")
def test_playing_ends_today(page: Page) -> None:
    page.locator("#timeline-toggle").click()
    page.locator("#timeline-play").click()
    expect(page.locator("#timeline-day")).to_have_text("2019-05-01")
    expect(page.locator("#timeline-day")).to_have_text("2021-03-01")
    # Other files leave days of change too, each of which takes its time.
    days = int(page.locator("#timeline-slider").get_attribute("max") or 0)
    play = page.locator("#timeline-play")
    expect(play).not_to_have_attribute("aria-pressed", "true", timeout=DEADLINE_MS + days * STEP_MS)
    assert link(page, "d") is None


def test_a_heat_map_glows_where_places_are_and_goes_into_the_link(page: Page) -> None:
    glow = """() => {
      const canvas = document.querySelector('.heat-layer canvas, canvas.heat-layer');
      if (!canvas) return 0;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let warm = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] > 60 && data[at] > data[at + 2] + 40) warm += 1;
      }
      return warm;
    }"""
    page.locator("input[name=heat][value=property]").check()
    assert link(page, "h") == "property"
    until(page, lambda: page.evaluate(glow) > 300)
    page.locator("input[name=heat][value=property]").uncheck()
    assert link(page, "h") is None
    until(page, lambda: page.evaluate(glow) == 0)
