"""Themes in a real browser: choosing one, its colours, its legend, its table, its link."""

import json
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.webmap.browser.waiting import link, still

pytestmark = pytest.mark.browser


def choose(page: Page, name: str, value: str) -> None:
    page.locator("#tab-themes").click()
    with page.expect_response(re.compile(r"/api/theme\?")) as answer:
        page.locator(f"#theme-{name}").select_option(value)
    assert answer.value.ok
    expect(page.locator("#themes")).not_to_have_attribute("aria-busy", "true")


def colour_at(page: Page, lon: float, lat: float) -> list[int]:
    """Of the map's canvases at a spot of the earth, in the order they are drawn."""
    found: list[int] = page.evaluate(
        """async ([lon, lat]) => {
          const script = document.querySelector('link[rel=modulepreload][href*="js/map.js"]');
          const { map } = await import(script.href);
          await new Promise((done) => { map.once("rendercomplete", done); map.render(); });
          const [x, y] = map.getPixelFromCoordinate(ol.proj.fromLonLat([lon, lat]));
          const whole = document.createElement("canvas");
          [whole.width, whole.height] = map.getSize();
          const pen = whole.getContext("2d");
          for (const one of document.querySelectorAll("#map canvas")) {
            pen.drawImage(one, 0, 0, whole.width, whole.height);
          }
          return [...pen.getImageData(x, y, 1, 1).data].slice(0, 3);
        }""",
        [lon, lat],
    )
    return found


def test_an_indicator_colours_the_districts_by_the_classes_of_its_legend(page: Page) -> None:
    expect(page.locator("#theme-legend")).to_be_hidden()
    choose(page, "indicator", "estate.gross_area")
    legend = page.locator("#theme-legend")
    expect(legend).to_contain_text("建筑面积")
    expect(legend).to_contain_text("示意边界")
    assert sum(int(one) for one in legend.locator(".theme-class b").all_inner_texts()) == 3
    assert link(page, "c")["indicator"] == "estate.gross_area"
    rows = page.locator(".theme-table tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("示例2区")
    west, east = colour_at(page, 119.72, 31.62), colour_at(page, 119.92, 31.62)
    assert sum(west) > sum(east) + 60  # More is darker.


def test_a_click_on_a_class_leaves_only_it_and_goes_into_the_link(page: Page) -> None:
    choose(page, "indicator", "estate.gross_area")
    coloured = colour_at(page, 119.92, 31.62)
    first = page.locator("#theme-legend [data-class='0']")
    first.click()
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".theme-table tbody tr")).to_have_count(1)
    assert link(page, "k") == [0]
    assert sum(colour_at(page, 119.92, 31.62)) > sum(coloured) + 60
    first.click()
    expect(page.locator(".theme-table tbody tr")).to_have_count(3)
    assert link(page, "k") is None


def test_a_link_opens_the_theme_and_one_that_is_no_more_is_said(
    reopen: Callable[[str], Page],
) -> None:
    theme = {"indicator": "estate.vacancy", "by": "district", "method": "quantiles", "classes": 3,
             "ramp": "OrRd"}  # fmt: skip
    page = reopen("#c=" + quote(json.dumps(theme)))
    expect(page.locator("#theme-legend")).to_contain_text("空置率")
    page = reopen("#c=" + quote(json.dumps({**theme, "indicator": "estate.gone"})))
    expect(page.locator("#toast")).to_contain_text("estate.gone")
    expect(page.locator("#theme-legend")).to_be_hidden()
    assert link(page, "c") is None


def test_a_row_of_the_table_asks_about_its_district(page: Page) -> None:
    choose(page, "indicator", "estate.vacancy")
    page.locator(".theme-table").get_by_role("button", name="示例1区").click()
    expect(page.locator("#figures-title")).to_have_text("示例1区")
    assert link(page, "q") == {"within": {"admin_area": "320402"}}


def test_properties_take_the_colour_of_their_class_and_say_their_figure(page: Page) -> None:
    choose(page, "indicator", "estate.idle_area")
    choose(page, "by", "place")
    assert link(page, "c")["by"] == "place"
    expect(page.locator(".theme-table tbody tr")).to_have_count(3)
    page.locator(".theme-table").get_by_role("button", name="示例路1号").click()
    expect(page.locator("#place-title")).to_have_text("示例路1号")
    area = page.locator("#map").bounding_box()
    assert area
    still(page)
    page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    expect(page.locator("#tooltip")).to_contain_text("空置使用面积：42")


def test_the_theme_can_be_switched_off_where_its_legend_is(page: Page) -> None:
    choose(page, "indicator", "estate.vacancy")
    page.locator("#theme-legend").get_by_role("button", name="关闭专题").click()
    expect(page.locator("#theme-legend")).to_be_hidden()
    expect(page.locator("#theme-indicator")).to_have_value("")
    assert link(page, "c") is None
