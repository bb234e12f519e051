"""Lengths and areas measured on the map: true on the ellipsoid, by mouse and by keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pyproj import Geod

from tests.webmap.browser.waiting import click_map, still

pytestmark = pytest.mark.browser
LON, LAT, ZOOM = 119.85, 31.65, 17
GEOD = Geod(ellps="GRS80")


@pytest.fixture
def measuring(reopen: Callable[[str], Page]) -> Page:
    page = reopen(f"#v=[{LON},{LAT},{ZOOM}]")
    page.get_by_role("button", name="测量", exact=True).click()
    expect(page.locator("#measure-length")).to_have_attribute("aria-pressed", "true")
    return page


def _click(page: Page, right: float, down: float) -> None:
    box = page.locator("#map").bounding_box()
    assert box
    spot = (box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 + down)
    click_map(page, *spot)


def _measured(page: Page, what: str, corners: list[list[float]]) -> float:
    """What the page's own reckoning says of corners in degrees."""
    found: float = page.evaluate(
        """async ([what, corners]) => {
          const main = document.querySelector("script[type=module][src]").src;
          return (await import(main.replace("main.js", "measure.js")))[what](corners);
        }""",
        [what, corners],
    )
    return found


def _number(page: Page, at: int = 0) -> float:
    words = page.locator("#measure-reading span").nth(at).inner_text().split()
    return float(words[1].replace(",", ""))


@pytest.mark.parametrize("ends", [((119.0, 31.0), (119.0, 32.0)), ((119.0, 31.5), (121.0, 31.5)),
                                  ((119.85, 31.65), (119.851, 31.6507))])  # fmt: skip
def test_a_length_is_that_on_the_ellipsoid(
    page: Page, ends: tuple[tuple[float, float], tuple[float, float]]
) -> None:
    measured = _measured(page, "lengthOf", [list(end) for end in ends])
    _, _, true = GEOD.inv(*ends[0], *ends[1])
    assert measured == pytest.approx(true, rel=5e-5)


def test_an_area_is_that_on_the_ellipsoid(page: Page) -> None:
    for side, off in ((0.0005, 1e-6), (0.5, 3e-5)):
        ring = [[LON, LAT], [LON + side, LAT], [LON + side, LAT + side], [LON, LAT + side]]
        measured = _measured(page, "areaOf", [*ring, ring[0]])
        true, _ = GEOD.polygon_area_perimeter(*zip(*ring, strict=True))
        assert measured == pytest.approx(abs(true), rel=off)


def test_a_line_is_read_while_it_is_drawn_and_nothing_is_selected(measuring: Page) -> None:
    page = measuring
    _click(page, -200, 130)
    _click(page, 0, 130)
    expect(page.locator("#measure-reading")).to_contain_text("总长")
    half = _number(page)
    _click(page, 200, 130)
    page.locator("#measure-finish").click()
    assert _number(page) == pytest.approx(2 * half, rel=0.01)
    # Two hundred pixels of zoom 17 at that latitude, on tiles of 256.
    assert half == pytest.approx(200 * 1.194329 * 0.8512, rel=0.01)
    assert "p=" not in page.url
    page.locator("#measure-clear").click()
    expect(page.locator("#measure-reading")).to_be_empty()
    page.locator("#measure-close").click()
    expect(page.locator("#measure")).to_be_hidden()


def test_an_area_is_measured_by_keyboard_in_three_units(measuring: Page) -> None:
    page = measuring
    page.locator("#measure-area").press("Enter")
    for key in ("", "ArrowRight", "ArrowDown"):
        if key:
            page.locator("#map").press(key)
            still(page)
        page.locator("#measure-add").press("Enter")
    page.locator("#measure-finish").press("Enter")
    reading = page.locator("#measure-reading")
    expect(reading).to_contain_text("面积")
    expect(reading).to_contain_text("公顷")
    expect(reading).to_contain_text("亩")
    assert _number(page) > 0
    assert _number(page, 2) > 0


def test_another_tool_takes_the_clicks_and_the_measure_stays(measuring: Page) -> None:
    page = measuring
    _click(page, -100, 130)
    _click(page, 100, 130)
    page.locator("#measure-finish").click()
    measured = _number(page)
    page.locator(".ask [data-mode=radius]").click()
    expect(page.locator("#measure-length")).to_have_attribute("aria-pressed", "false")
    assert _number(page) == measured
    _click(page, 0, 100)
    expect(page.locator("#figures-title")).to_contain_text("1000")
    page.locator("#measure-length").click()
    expect(page.locator(".ask [data-mode=radius]")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")
    expect(page.locator("#measure")).to_be_hidden()
