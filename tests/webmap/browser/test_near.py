"""Places by another layer in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.webmap.browser.waiting import link

pytestmark = pytest.mark.browser


def outlined(page: Page) -> list[float]:
    """The extent in degrees of what the map draws as the area asked about."""
    found: list[float] = page.evaluate(
        """async () => {
          const script = document.querySelector('link[rel=modulepreload][href*="js/map.js"]');
          const { map } = await import(script.href);
          const layer = map.getLayers().getArray().find((one) => one.getZIndex() === 800);
          return ol.proj.transformExtent(layer.getSource().getExtent(), "EPSG:3857", "EPSG:4326");
        }"""
    )
    return found


def test_another_layer_as_it_is_filtered_is_the_area(reopen: Callable[[str], Page]) -> None:
    page = reopen('#w={"property":{"age_class":["since_2020"]}}')
    page.get_by_role("button", name="按图层").press("Enter")
    page.locator("#near-layer").select_option("property")
    page.locator("#near-metres").fill("50")
    page.locator("#near-touching").check()
    page.get_by_role("button", name="选出范围内的资产").press("Enter")
    title = "房产（处）所在范围外扩 50 米（含相交） · 已筛选"
    expect(page.locator("#figures-title")).to_have_text(title)
    assert link(page, "q") == {
        "within": {"layer": "property", "filter": {"age_class": ["since_2020"]}},
        "buffer_m": 50,
        "touching": True,
    }
    expect(page.locator("#kpis")).to_contain_text("3,002")
    west, south, east, north = outlined(page)
    assert (west, east) == (pytest.approx(119.95, abs=0.002), pytest.approx(119.952, abs=0.002))
    assert (south, north) == (pytest.approx(31.65, abs=0.002), pytest.approx(31.652, abs=0.002))
    page.locator("#invert").check()
    expect(page.locator("#kpis")).to_contain_text("以外 · 已筛选0")
    page.locator("#narrowed").uncheck()
    expect(page.locator("#kpis")).to_contain_text("6,001")


def test_what_is_near_the_selected_place(
    reopen: Callable[[str], Page], city: dict[str, int]
) -> None:
    page = reopen(f"#p={city['site 0']}")
    expect(page.locator("#place-title")).to_be_visible()
    page.get_by_role("button", name="按图层").click()
    expect(page.locator("#near-layer")).to_have_value("selected")
    page.locator("#near-metres").fill("10000")
    page.get_by_role("button", name="选出范围内的资产").click()
    expect(page.locator("#kpis")).to_contain_text("6,001")
    assert link(page, "q") == {"within": {"place_id": city["site 0"]}, "buffer_m": 10000}
