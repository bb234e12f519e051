"""The map in somebody's hand: one part over the map at a time, all of it within the screen."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.webmap.browser.waiting import answered, click_map, still

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 390, 844


@pytest.fixture
def phone(page: Page) -> Iterator[Page]:
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    yield page
    page.set_viewport_size({"width": 1280, "height": 720})


def part(phone: Page, name: str) -> Locator:
    return phone.locator(f"#phone-bar button[value={name}]")


def fits(phone: Page) -> None:
    """Nothing makes the page wider than the screen, and no control that shows stands outside it."""
    assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH
    outside = phone.evaluate(
        """() => [...document.querySelectorAll(".top *, .phone-bar *, .kpi, .map-tools *, .ask *")]
          .filter((one) => one.offsetParent && !one.closest("[hidden]"))
          .filter((one) => {
            const box = one.getBoundingClientRect();
            const isOut = box.left < 0 || box.right > innerWidth || box.bottom > innerHeight;
            return box.width > 1 && isOut;
          }).map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert outside == []


def test_a_phone_shows_the_map_and_one_part_over_it(phone: Page) -> None:
    expect(phone.locator("#map")).to_be_visible()
    for closed in (".left", "#drawer", ".right"):
        expect(phone.locator(closed)).to_be_hidden()
    fits(phone)
    for name, shown in (("layers", ".left"), ("table", "#drawer"), ("details", ".right")):
        part(phone, name).click()
        expect(part(phone, name)).to_have_attribute("aria-pressed", "true")
        expect(phone.locator(shown)).to_be_visible()
        fits(phone)
    part(phone, "table").click()
    expect(phone.locator(".tabulator-row").first).to_be_visible()
    part(phone, "map").click()
    expect(phone.locator(".right")).to_be_hidden()


def test_what_one_chooses_on_a_phone_opens_below_and_the_map_stays_above(
    phone: Page, city: dict[str, int]
) -> None:
    phone.locator("#search").fill("B00")
    phone.locator("#search-results [role=option]").first.click()
    expect(phone.locator("#place-title")).to_be_visible()
    sheet, whole = phone.locator(".right").bounding_box(), phone.locator("#map").bounding_box()
    assert sheet is not None
    assert whole is not None
    assert sheet["y"] > whole["y"] + 200
    # The chosen place stands in what is left of the map, not under the sheet.
    still(phone)
    at = phone.evaluate(
        """async () => {
          const { map } = await import(document.querySelector('script[src*="js/main.js"]').src
            .replace("main.js", "map.js"));
          const pixel = map.getPixelFromCoordinate(map.getView().getCenter());
          return pixel[1];
        }"""
    )
    assert whole["y"] + at < sheet["y"]
    fits(phone)


def test_an_area_is_drawn_with_a_finger_and_its_figures_open(phone: Page) -> None:
    part(phone, "layers").click()
    phone.locator("[data-mode=rectangle]").click()
    expect(phone.locator(".left")).to_be_hidden()
    expect(phone.locator("#toast")).to_be_visible()
    box = phone.locator("#map").bounding_box()
    assert box is not None
    click_map(phone, box["x"] + 40, box["y"] + 120)
    phone.mouse.click(box["x"] + 340, box["y"] + 560)
    expect(phone.locator("#figures")).to_be_visible()
    expect(part(phone, "details")).to_have_attribute("aria-pressed", "true")


def test_a_wide_window_has_no_bar_and_all_parts(page: Page, reopen: Callable[[str], Page]) -> None:
    expect(page.locator("#phone-bar")).to_be_hidden()
    for shown in (".left", "#drawer", ".right"):
        expect(page.locator(shown)).to_be_visible()


@pytest.mark.parametrize("address", ["/imports", "/campaigns"])
def test_the_other_pages_fit_a_phone(phone: Page, address: str) -> None:
    phone.goto(phone.url.split("#")[0].rstrip("/") + address)
    expect(phone.locator("main")).to_be_visible()
    answered(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= WIDTH
