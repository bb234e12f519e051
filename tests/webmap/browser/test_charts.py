"""Charts beside the map in a real browser: what a bar does to the map, the table and the others."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.webmap.browser.test_filters import expect_shown
from tests.webmap.browser.waiting import link

pytestmark = pytest.mark.browser


def open_charts(page: Page) -> Locator:
    page.get_by_role("tab", name="图表").click()
    charts = page.locator("#charts")
    expect(charts.locator("[data-chart=age_class]")).to_be_visible()
    return charts


def bar(page: Page, chart: str, value: str) -> Locator:
    return page.locator(f"#charts [data-chart={chart}] .chart-row[data-value='{value}']")


def test_a_bar_filters_map_table_and_the_other_charts(page: Page, city: dict[str, int]) -> None:
    charts = open_charts(page)
    expect(charts.locator(".charts-told")).to_contain_text("共 3 处，符合筛选 3 处")
    # Each chart is a table with a caption and a head, for those who do not see bars.
    expect(charts.get_by_role("table", name="按建设年代")).to_have_count(0)
    districts = charts.get_by_role("table", name="行政区划")
    expect(districts.get_by_role("row")).to_have_count(4)
    aged = bar(page, "age_class", "since_2020")
    aged.focus()
    aged.press("Enter")
    expect(aged).to_have_attribute("aria-pressed", "true")
    expect(aged).to_be_focused()
    expect(charts.locator(".charts-told")).to_contain_text("符合筛选 1 处")
    assert link(page, "w") == {"property": {"age_class": ["since_2020"]}}
    expect_shown(page, "property", ["S2"])
    expect(districts.get_by_role("row")).to_have_count(2)
    expect(charts.locator("[data-chart=age_class] tbody tr")).to_have_count(3)
    expect(page.locator("#drawer-title")).to_contain_text("已筛选")
    expect(page.locator(".tabulator-row")).to_have_count(1)
    expect(page.locator(".tabulator-row")).to_contain_text("示例路2号")
    bar(page, "age_class", "1980_1999").click()
    expect(page.locator(".tabulator-row")).to_have_count(2)
    page.locator("#charts-clear").click()
    expect(page.locator(".tabulator-row")).to_have_count(3)
    expect(page.locator("#drawer-title")).not_to_contain_text("已筛选")
    assert link(page, "w") is None


def test_a_district_is_asked_about_and_let_go(page: Page) -> None:
    open_charts(page)
    bar(page, "district", "320402").click()
    expect(page.locator("#figures-title")).to_have_text("示例1区")
    assert link(page, "q") == {"within": {"admin_area": "320402"}}
    expect(page.get_by_role("tab", name="图表")).to_have_attribute("aria-selected", "true")
    expect(bar(page, "district", "320402")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#charts .charts-told")).to_contain_text("共 1 处")
    bar(page, "district", "320402").click()
    assert link(page, "q") is None


def test_charts_follow_the_view_the_layer_and_the_measure(reopen: Callable[[str], Page]) -> None:
    page = reopen("#v=[119.751,31.651,15]")
    charts = open_charts(page)
    expect(charts.locator(".charts-told")).to_contain_text("共 1 处")
    page.locator("#charts-view").uncheck()
    expect(charts.locator(".charts-told")).to_contain_text("共 3 处")
    page.locator("#charts-measure").select_option("area")
    expect(charts.locator("[data-chart=district]")).to_contain_text("3,002 ㎡")
    page.locator("#charts-layer").select_option("building")
    expect(charts.locator(".charts-told")).to_contain_text("共 6 处")


def test_a_value_of_the_link_that_nothing_has_can_be_let_go(
    reopen: Callable[[str], Page],
) -> None:
    page = reopen('#w={"property":{"age_class":["before_1980"]}}')
    charts = open_charts(page)
    expect(charts.locator(".charts-told")).to_contain_text("符合筛选 0 处")
    lost = bar(page, "age_class", "before_1980")
    expect(lost).to_contain_text("1980年以前")
    lost.click()
    expect(charts.locator(".charts-told")).to_contain_text("符合筛选 3 处")
