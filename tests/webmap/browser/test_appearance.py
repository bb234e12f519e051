"""Light and dark: as the machine is set, until somebody chooses; sheets and maps stay light."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.webmap.browser.waiting import answered

pytestmark = pytest.mark.browser

CONTRAST = """() => {
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const parse = (text) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = text;
    pixel.fillRect(0, 0, 1, 1);
    return pixel.getImageData(0, 0, 1, 1).data;
  };
  const shine = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] > 127) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.offsetParent || element.closest("script, noscript, svg, kbd, .map, [disabled]")) continue;
    const [a, b] = [shine(parse(getComputedStyle(element).color)), shine(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4) weak.push(`${contrast.toFixed(1)} ${element.className} ${node.textContent.trim().slice(0, 30)}`);
  }
  return [...new Set(weak)];
}"""  # noqa: E501


@pytest.fixture
def dark(page: Page) -> Iterator[Page]:
    # Colours that are on their way to others would be read half way.
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    yield page
    page.emulate_media(color_scheme="light")
    page.evaluate("localStorage.clear()")


def shows(page: Page, appearance: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-bs-theme", appearance)


def test_it_follows_the_machine_until_somebody_chooses(dark: Page) -> None:
    shows(dark, "dark")
    dark.locator("#appearance").click()
    expect(dark.locator("#appearance")).to_have_attribute("aria-pressed", "false")
    shows(dark, "light")
    dark.reload()
    shows(dark, "light")
    dark.locator("#appearance").click()
    shows(dark, "dark")
    # Chosen as the machine is: the machine is followed again.
    dark.emulate_media(color_scheme="light")
    shows(dark, "light")


@pytest.mark.parametrize(
    "address", ["/", "/imports", "/imports/rules", "/campaigns", "/campaigns/new"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_words_can_be_read_in_both(dark: Page, address: str, scheme: str) -> None:
    dark.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    if address != "/":
        dark.goto(dark.url.split("#")[0].rstrip("/") + address)
        expect(dark.locator("main")).to_be_visible()
    answered(dark)
    shows(dark, scheme)
    weak = dark.evaluate(CONTRAST)
    assert not weak, "\n".join(weak)


def test_maps_and_sheets_keep_their_colours(dark: Page) -> None:
    ground = "getComputedStyle(document.querySelector('#map')).backgroundColor"
    shows(dark, "dark")
    in_the_dark = dark.evaluate(ground)
    dark.emulate_media(color_scheme="light")
    shows(dark, "light")
    assert dark.evaluate(ground) == in_the_dark
