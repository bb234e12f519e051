"""What holds for the page as a whole: links, language, keyboard."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.webmap.browser.waiting import link, until

pytestmark = pytest.mark.browser

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_a_permalink_restores_the_whole_screen(
    page: Page, reopen: Callable[[str], Page], city: dict[str, int]
) -> None:
    fragment = (
        "#v=[119.7504,31.6506,18]&l=%7B%22admin_area%22:false%7D&t=%7B%22property%22:%22%22%7D"
        f"&p={city['building 0.0']}&f=2&q=%7B%22within%22:%7B%22admin_area%22:%22320401%22%7D%7D"
    )
    restored = reopen(fragment)
    expect(restored.locator("#place-title")).to_have_text("1号楼")
    expect(restored.locator("#floors [data-level='2']")).to_have_attribute("aria-checked", "true")
    expect(restored.locator("#layer-admin_area")).not_to_be_checked()
    expect(restored.locator("#kpis")).to_contain_text("示例0区")
    expect(restored.locator("[data-layer=property] select")).to_have_value("")
    again = reopen(urlsplit(restored.url).fragment and f"#{urlsplit(restored.url).fragment}")
    expect(again.locator("#place-title")).to_have_text("1号楼")


def test_a_broken_permalink_opens_the_city(reopen: Callable[[str], Page]) -> None:
    page = reopen("#v=[1,2]&p=%22x%22&q=%7B&f=null&t=[]")
    expect(page.locator("#kpis .kpi").nth(1)).to_be_visible()


def test_a_permalink_to_a_place_that_is_gone_says_so(reopen: Callable[[str], Page]) -> None:
    page = reopen("#p=999999999")
    expect(page.locator("#place .nothing")).to_be_visible()


def test_english_leaves_no_chinese_but_the_data(page: Page) -> None:
    page.locator("#language").click()
    expect(page.locator("#language")).to_have_text("中文")
    expect(page.locator("#map")).to_have_attribute("data-ready", "")
    expect(page.locator(".tabulator-row").first).to_be_visible()
    page.locator("#search").fill("B00")
    page.locator("#search-results [role=option]").first.wait_for()
    page.locator("#search").press("Enter")
    expect(page.locator("#place-title")).to_be_visible()
    for mode in ("polygon", "rectangle", "radius", "district", "coordinates"):
        page.locator(f"[data-mode={mode}]").click()
        hints = page.locator("#mode-options .hint, #mode-options button").all_inner_texts()
        assert not CHINESE.search(" ".join(hints))
    words = page.evaluate(
        """() => {
          const data = new Set(["place-title", "language"]);
          const own = document.querySelectorAll(
            "h2, h3, h4, th, dt, summary, label, .row-label, .top button, .tabs button, .mode,"
            + " .hint, .notice, .figure-title, .tabulator-col-title, .layer-row label, .classes li,"
            + " .kpi span, .floors-title, [aria-label], [placeholder], [title]");
          const whole = "label, summary, .mode, .tabs button, .top button";
          return [...own]
            .filter((one) => !data.has(one.id) && !one.closest(".child-group, .tabulator-row"))
            .flatMap((one) => [one.childElementCount && !one.matches(whole) ? "" : one.textContent,
              one.getAttribute("aria-label"),
              one.getAttribute("placeholder"), one.closest(".crumbs") ? "" : one.title])
            .filter(Boolean);
        }"""
    )
    assert len(words) > 40
    names = {"示例"}
    left = [one for one in words if CHINESE.search(one) and not any(name in one for name in names)]
    page.locator("#language").click()
    expect(page.locator("#language")).to_have_text("English")
    assert left == []


def test_everything_is_reached_by_tab_and_focus_shows(page: Page) -> None:
    expect(page.locator(".tabulator-row").first).to_be_visible()
    page.evaluate("document.activeElement?.blur()")
    seen: list[str] = []
    for _ in range(120):
        page.keyboard.press("Tab")
        spot = page.evaluate(
            """() => {
              const one = document.activeElement;
              if (!one || one === document.body) return null;
              const style = getComputedStyle(one);
              const visible = style.outlineStyle !== "none" || one.matches(".skip");
              const name = one.id || one.dataset.mode || one.className || one.tagName;
              return [name, visible];
            }"""
        )
        if spot is None:
            break
        assert spot[1], f"focus does not show on {spot[0]}"
        seen.append(str(spot[0]))
    parts = {"search", "as-of", "language", "map", "polygon", "coordinates", "drawer-toggle"}
    parts |= {"tab-figures"}
    assert parts <= set(seen)
    assert any("tabulator-tableholder" in one for one in seen)
    assert any(one.startswith("layer-") for one in seen)


def test_the_map_and_the_table_move_by_arrow_keys(page: Page) -> None:
    before = link(page, "v")
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    until(page, lambda: link(page, "v") != before)
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    holder = page.locator(".tabulator-tableholder")
    holder.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tabulator-row.marked")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#place-title")).to_be_visible()


def test_figures_and_card_are_tabs_by_keyboard(page: Page) -> None:
    tab = page.locator("#tab-figures")
    tab.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-place")).to_be_focused()
    expect(page.locator("#place")).to_be_visible()


def test_what_the_map_on_the_whole_screen_covers_is_not_reached_by_the_keyboard(page: Page) -> None:
    button = page.get_by_role("button", name="全屏")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    for covered in (".top", ".left", "#drawer", ".right"):
        expect(page.locator(covered)).to_have_attribute("inert", "")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".right")).not_to_have_attribute("inert", "")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_nothing_is_cut_off_at_common_screen_sizes(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    overflowing = page.evaluate(
        """() => [...document.querySelectorAll(
             ".top *, .left label, .mode, .kpi, .tabs button, .figure-title, .drawer-head *")]
          .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1
            && getComputedStyle(one).display !== "inline")
          .map((one) => one.className || one.id || one.tagName)"""
    )
    root = "document.documentElement"
    wide = page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 720})
    assert overflowing == []
    assert wide <= 0
