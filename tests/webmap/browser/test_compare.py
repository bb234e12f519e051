"""Two dates side by side in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gis.db import Role, transaction
from tests.webmap.browser.conftest import Site
from tests.webmap.browser.waiting import link, until

pytestmark = pytest.mark.browser

NEW = ("site 2", "building 2.0", "building 2.1")
SITE_2 = "v=[119.9512,31.651,17]"


@pytest.fixture(scope="module", autouse=True)
def dated(site: Site) -> Iterator[None]:
    """The third district's site came to be in 2021, as long as this file asks."""
    change = text("UPDATE place.place SET valid_from = CAST(:day AS date) WHERE place_id = :place")
    for day in ("2021-03-01", None):
        with transaction(site.database.engine(Role.OWNER), None) as conn:
            for name in NEW:
                conn.execute(change, {"day": day, "place": site.places[name]})
        if day:
            yield


INKED = """side => {
  let coloured = 0;
  for (const canvas of document.querySelectorAll(`#${side} canvas`)) {
    if (!canvas.width) continue;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
      const spread = Math.max(data[at], data[at + 1], data[at + 2])
        - Math.min(data[at], data[at + 1], data[at + 2]);
      if (data[at + 3] > 200 && spread > 90) coloured += 1;
    }
  }
  return coloured;
}"""


def inked(page: Page, side: str, wanted: bool) -> bool:
    """Whether a map shows strongly coloured shapes, once it does as wanted or time is up."""
    for _ in range(40):
        if (page.evaluate(INKED, side) > 500) == wanted:
            break
        page.wait_for_timeout(200)
    return bool(page.evaluate(INKED, side) > 500)


def drawn(page: Page) -> None:
    """Waits until the second map has drawn all of its day."""
    expect(page.locator("#compare-map")).to_have_attribute("data-ready", "")


def test_two_days_stand_side_by_side_and_move_together(reopen: Callable[[str], Page]) -> None:
    page = reopen(f"#{SITE_2}")
    page.get_by_role("button", name="对比两个日期").click()
    # The last change before today is when the site came.
    expect(page.locator("#compare-date")).to_have_value("2021-03-01")
    expect(page.locator("#compare-date")).to_be_focused()
    expect(page.locator("#compare-map")).to_have_attribute("data-ready", "")
    assert link(page, "m") == "2021-03-01"
    page.locator("#compare-figures summary").click()
    row = page.locator("#compare-table tr", has_text="房产（处）")
    expect(row.locator("td")).to_have_text(["3", "3", "0"])
    page.locator("#compare-date").fill("2020/12/31")
    page.locator("#compare-date").press("Enter")
    expect(row.locator("td")).to_have_text(["3", "2", "+1"])
    assert link(page, "m") == "2020-12-31"
    drawn(page)
    assert inked(page, "map", wanted=True)
    assert not inked(page, "compare-map", wanted=False)
    page.locator("#compare-figures summary").click()
    # The second map is dragged, and the link follows: there is one view.
    before = link(page, "v")
    box = page.locator("#compare-map").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] - 60)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] - 60, middle[1], steps=6)
    page.mouse.up()
    until(page, lambda: link(page, "v")[0] > before[0])
    page.get_by_role("button", name="结束对比").click()
    expect(page.locator("#compare")).to_be_hidden()
    assert link(page, "m") is None


def test_the_link_opens_the_comparison(reopen: Callable[[str], Page]) -> None:
    page = reopen(f"#{SITE_2}&m=2020-12-31")
    expect(page.locator("#compare-table")).to_contain_text("+1")
    drawn(page)
    assert not inked(page, "compare-map", wanted=False)
    # On the sheet there is one map; back from it, there are two.
    page.get_by_role("button", name="打印出图").click()
    expect(page.locator("#sheet")).to_have_attribute("data-ready", "")
    page.keyboard.press("Escape")
    expect(page.locator("#compare-map canvas").first).to_be_visible()


def test_a_day_before_all_data_is_said(reopen: Callable[[str], Page]) -> None:
    page = reopen("#m=1900-01-01")
    note = page.locator("#compare-note")
    expect(note).to_contain_text("1900-01-01 早于登记簿最早的数据日期 2021-03-01")
    page.locator("#compare-date").fill("2020-13-01")
    page.locator("#compare-date").press("Enter")
    expect(page.locator("#toast")).to_contain_text("“2020-13-01”不是有效日期")
    expect(page.locator("#compare-date")).to_have_value("1900-01-01")
    page.locator("#as-of").fill("1899-01-01")
    page.locator("#as-of").press("Enter")
    expect(page.locator("#toast")).to_contain_text("1899-01-01 早于登记簿最早的数据日期")
    reopen("#m=yesterday")
    expect(page.locator("#toast")).to_contain_text("对比日期")
    expect(page.locator("#compare")).to_be_hidden()


def test_a_link_written_before_there_were_comparisons_and_base_maps_opens_whole(
    reopen: Callable[[str], Page], site: Site
) -> None:
    parts = [
        SITE_2,
        'l={"parcel":true}',
        't={"property":"use"}',
        f"p={site.places['site 2']}",
        'q={"within":{"admin_area":"320403"},"buffer_m":100}',
        "r=buildings",
        'w={"property":{"kind":["site"]}}',
        "n=false",
        "h=property",
    ]
    page = reopen("#" + "&".join(parts))
    expect(page.locator("#place-title")).to_have_text("示例路2号")
    expect(page.locator("#toast")).to_be_hidden()
    expect(page.locator("#drawer-title")).to_contain_text("楼栋")
    expect(page.locator("#compare")).to_be_hidden()
    for name in "vltpqrwnh":
        assert link(page, name) is not None, name


MIDDLE = """side => {
  const seen = [];
  for (const canvas of document.querySelectorAll(`#${side} canvas`)) {
    if (!canvas.width) continue;
    const [x, y] = [canvas.width / 2, canvas.height * 0.62].map(Math.round);
    const [r, g, b, a] = canvas.getContext('2d').getImageData(x, y, 1, 1).data;
    if (a > 100) seen.push([r, g, b].join());
  }
  return seen.join(' ');
}"""
HEATED = """() => {
  const canvas = document.querySelector('#compare-map .heat-layer canvas');
  if (!canvas || !canvas.width) return 0;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let warm = 0;
  for (let at = 3; at < data.length; at += 4) if (data[at] > 20) warm += 1;
  return warm;
}"""
THEMED = (
    'c={"indicator":"estate.gross_area","by":"district","method":"quantiles",'
    '"classes":3,"ramp":"Blues"}'
)


def test_a_theme_is_on_both_sides_each_of_its_day_in_one_legend(
    reopen: Callable[[str], Page],
) -> None:
    page = reopen(f"#v=[119.95,31.65,11.5]&{THEMED}&m=2021-03-01")
    expect(page.locator("#theme-legend")).to_contain_text("3,002")
    expect(page.locator("#compare-note")).to_contain_text("分级与左图一致")

    def are_alike(wanted: bool) -> bool:
        for _ in range(40):
            left, right = (page.evaluate(MIDDLE, side) for side in ("map", "compare-map"))
            if left and right and (left == right) == wanted:
                break
            page.wait_for_timeout(200)
        assert left
        assert right
        return bool(left == right)

    assert are_alike(wanted=True)
    # The day before, the third district had nothing.
    page.locator("#compare-date").fill("2020-12-31")
    page.locator("#compare-date").press("Enter")
    assert not are_alike(wanted=False)
    page.get_by_role("button", name="结束对比").click()
    expect(page.locator("#compare")).to_be_hidden()


def test_the_heat_of_both_days_is_drawn(reopen: Callable[[str], Page]) -> None:
    page = reopen("#v=[119.85,31.65,10]&h=property&m=2021-03-01")
    expect(page.locator("#compare-map .heat-layer")).to_have_count(1)

    def warm() -> int:
        """Pixels of the second map's heat, once they no longer change."""
        before, now = -1, 0
        for _ in range(40):
            before, now = now, page.evaluate(HEATED)
            if before == now > 0:
                break
            page.wait_for_timeout(300)
        return now

    three = warm()
    assert three > 100
    page.locator("#compare-date").fill("2020-12-31")
    page.locator("#compare-date").press("Enter")
    expect(page.locator("#compare-table")).to_contain_text("2020-12-31")
    until(page, lambda: 0 < warm() < three)
    page.get_by_role("button", name="结束对比").click()
    expect(page.locator("#map .heat-layer")).to_have_count(1)
