"""The map in a real browser: every way through it, on a city small enough to know by heart."""

import json
import math
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.webmap.browser.waiting import answered, click_map, link, still, until

pytestmark = pytest.mark.browser

BUILDING = "B00"
"""Code of the first district's first building, which people call 1号楼."""


def find(page: Page, text: str) -> None:
    """Searches and takes the first hit by keyboard."""
    page.keyboard.press("Escape")
    page.locator("#search").fill(text)
    expect(page.locator("#search-results [role=option]").first).to_be_visible()
    page.locator("#search").press("Enter")


def test_the_city_opens_with_its_figures_and_its_list(page: Page) -> None:
    expect(page.locator("#kpis .kpi").nth(1)).to_be_visible()
    expect(page.locator("#layers .layer").first).to_be_visible()
    expect(page.locator(".tabulator-row").first).to_be_visible()
    expect(page.locator("#scale")).not_to_be_empty()
    expect(page.locator("#notice")).to_contain_text("示意")


LINES = """async () => {
  const script = document.querySelector('link[rel=modulepreload][href*="js/map.js"]');
  const { map } = await import(script.href);
  const layer = map.getLayers().getArray().find((one) => one instanceof ol.layer.Graticule);
  map.renderSync();
  return [layer.getVisible(), layer.getMeridians().length, layer.getParallels().length];
}"""
"""Whether the graticule is drawn, and how many lines of either direction it has."""


def pixels(page: Page) -> str:
    """What the map shows, once nothing moves in it any more."""
    before = ""
    for _ in range(40):
        still(page)
        now: str = page.evaluate(
            "() => [...document.querySelectorAll('#map canvas')].filter((one) => one.width)"
            ".map((one) => one.toDataURL()).join()"
        )
        if now == before:
            break
        before = now
        page.wait_for_timeout(150)
    return before


def test_longitude_and_latitude_are_drawn_until_they_are_switched_off(
    reopen: Callable[[str], Page],
) -> None:
    page = reopen("#v=[119.951,31.651,15]")
    is_drawn, meridians, parallels = page.evaluate(LINES)
    assert is_drawn
    assert min(meridians, parallels) > 1
    drawn = pixels(page)
    page.get_by_label("经纬网").uncheck()
    assert link(page, "g") is False
    assert pixels(page) != drawn
    assert page.evaluate(LINES)[0] is False
    page = reopen("#v=[119.951,31.651,15]&g=false")
    expect(page.get_by_label("经纬网")).not_to_be_checked()
    assert page.evaluate(LINES)[0] is False
    page.get_by_label("经纬网").check()
    assert pixels(page) == drawn
    assert link(page, "g") is None


def test_the_scale_line_goes_with_the_zoom(reopen: Callable[[str], Page]) -> None:
    metres = []
    for zoom in (12, 15):
        page = reopen(f"#v=[119.951,31.651,{zoom}]")
        line = page.locator("#scale .ol-scale-line-inner")
        expect(line).to_be_visible()
        written = re.fullmatch(r"([\d.]+) (km|m)", line.inner_text())
        assert written is not None
        ground = float(written[1]) * (1000 if written[2] == "km" else 1)
        width = line.evaluate("one => parseFloat(one.style.width)")
        # A pixel of a Mercator map is so many metres on the ground at this latitude.
        pixel_m = 156_543.033928 / 2**zoom * math.cos(math.radians(31.651))
        assert ground == pytest.approx(width * pixel_m, rel=0.02)
        metres.append(ground)
    assert metres[0] > 4 * metres[1]
    before = line.inner_text()
    page.locator("#map").press("+")
    expect(line).not_to_have_text(before)


@pytest.mark.parametrize(
    ("text", "title", "name"),
    [
        ("B00", "1号楼", "building 0.0"),
        ("示例路1号", "示例路1号", "site 1"),
    ],
)
def test_search_flies_to_a_place_and_opens_its_card(
    page: Page, text: str, title: str, name: str, city: dict[str, int]
) -> None:
    find(page, text)
    expect(page.locator("#place-title")).to_have_text(title)
    assert link(page, "p") == city[name]
    # The link follows the flight.
    still(page)
    lon, lat, zoom = link(page, "v")
    assert lon == pytest.approx(119.751 + 0.1 * (int(name[-1]) if "site" in name else 0), abs=0.002)
    assert lat == pytest.approx(31.651, abs=0.002)
    assert zoom > 15


def test_search_finds_a_body_whose_card_leads_to_its_places(
    page: Page, city: dict[str, int]
) -> None:
    find(page, "示例2局")
    card = page.locator("#place")
    expect(page.locator("#place-title")).to_have_text("示例2局")
    expect(card).to_contain_text("实有人数")
    assert link(page, "p") is None
    card.get_by_role("button", name="示例路2号").click()
    expect(page.locator("#place-title")).to_have_text("示例路2号")
    assert link(page, "p") == city["site 2"]
    still(page)
    lon, lat, zoom = link(page, "v")
    assert (lon, lat) == (pytest.approx(119.951, abs=0.002), pytest.approx(31.651, abs=0.002))
    assert zoom > 15


def test_pinyin_initials_find_a_place_and_one_without_location_has_a_card(page: Page) -> None:
    before = link(page, "v")
    find(page, "wdwyl")
    expect(page.locator("#place-title")).to_have_text("未定位院落")
    still(page)
    assert link(page, "v") == before


def test_a_search_without_a_hit_says_so(page: Page) -> None:
    page.locator("#search").fill("没有这个地方")
    expect(page.locator("#search-results")).to_contain_text("没有找到")
    page.keyboard.press("Escape")
    expect(page.locator("#search-results")).to_be_hidden()


def test_the_card_names_areas_holders_and_the_way_up(page: Page) -> None:
    find(page, "示例路0号")
    card = page.locator("#place")
    expect(card).to_contain_text("3,000.00")
    expect(card).to_contain_text("计入统计")
    expect(card).to_contain_text("示例0局")
    card.get_by_role("button", name="1号楼").click()
    expect(page.locator("#place-title")).to_have_text("1号楼")
    expect(card).to_contain_text("1985")
    card.locator(".crumb", has_text="示例路0号").click()
    expect(page.locator("#place-title")).to_have_text("示例路0号")


def test_floors_show_their_rooms(page: Page) -> None:
    find(page, BUILDING)
    second = page.locator("#floors [data-level='2']")
    with page.expect_response(re.compile(r"/tiles/room/.*floor=2")) as answer:
        second.click()
    assert answer.value.ok
    expect(second).to_have_attribute("aria-checked", "true")
    assert link(page, "f") == 2
    with page.expect_response(re.compile(r"/tiles/room/.*floor=1")):
        second.press("ArrowDown")
    expect(page.locator("#floors [data-level='1']")).to_be_focused()


def test_a_layer_can_be_coloured_by_a_theme_or_plain_and_switched_off(page: Page) -> None:
    layer = page.locator("[data-layer=property]")
    layer.get_by_role("combobox").select_option("")
    expect(layer.locator(".classes li")).to_have_count(1)
    assert link(page, "t") == {"property": ""}
    layer.get_by_role("combobox").select_option("age")
    expect(layer.locator(".classes li")).to_have_count(5)
    assert link(page, "t") == {"property": "age"}
    layer.locator(".layer-row input").uncheck()
    expect(layer.locator(".layer-legend")).to_be_hidden()
    assert link(page, "l") == {"property": False}


def test_a_layer_is_made_see_through_and_the_link_keeps_it(
    reopen: Callable[[str], Page], page: Page
) -> None:
    slider = page.locator("#opacity-property")
    expect(slider).to_have_value("100")
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "房产（处）：不透明度 40%")
    assert link(page, "o") == {"property": 0.4}
    page = reopen('#o={"property":0.4}')
    expect(page.locator("#opacity-property")).to_have_value("40")
    drawn = page.evaluate(
        """async () => {
          const main = document.querySelector("script[type=module][src]").src;
          const { map } = await import(main.replace("main.js", "map.js"));
          return map.getLayers().getArray().filter((one) => one.get("name"))
            .map((one) => [one.get("name"), one.getOpacity()]);
        }"""
    )
    assert dict(drawn)["property"] == 0.4
    assert dict(drawn)["building"] == 1
    page.locator("#layer-property").click()
    expect(page.locator("#opacity-property")).to_be_hidden()
    page = reopen('#o={"property":7}')
    expect(page.locator("#toast")).to_contain_text("图层不透明度")


def test_the_mark_on_boundaries_goes_with_the_boundaries(page: Page) -> None:
    expect(page.locator("#notice")).to_be_visible()
    page.locator("#layer-admin_area").uncheck()
    expect(page.locator("#notice")).to_be_hidden()


def draw(page: Page, corners: list[tuple[float, float]]) -> None:
    """Clicks corners given as shares of the map's width and height; the last one twice."""
    area = page.locator("#map").bounding_box()
    assert area
    spots = [(area["x"] + area["width"] * x, area["y"] + area["height"] * y) for x, y in corners]
    for x, y in spots[:-1]:
        click_map(page, x, y)
    page.mouse.dblclick(*spots[-1])


def test_a_drawn_polygon_is_answered_listed_and_leads_back_to_the_map(page: Page) -> None:
    page.locator("[data-mode=polygon]").click()
    with page.expect_response("**/api/area-list") as answer:
        draw(page, [(0.05, 0.2), (0.85, 0.2), (0.85, 0.9), (0.05, 0.9)])
    assert answer.value.ok
    drawn = link(page, "q")["within"]["geometry"]
    assert drawn["type"] == "Polygon"
    assert len(drawn["coordinates"][0]) == 5
    # Buttons of the whole city go when the area's come; a press between the two meets neither.
    expect(page.locator("#clear-question")).to_be_visible()
    expect(page.locator(".not-located")).to_contain_text("500")
    figures = page.locator("#figures [data-list]")
    expect(figures.first).to_be_visible()
    answered(page)
    last = figures.last
    last.click()
    expect(last).to_have_attribute("aria-pressed", "true")
    answered(page)
    figures.first.click()
    expect(figures.first).to_have_attribute("aria-pressed", "true")
    answered(page)
    row = page.locator(".tabulator-row").first
    row.click()
    expect(page.locator("#place-title")).to_be_visible()
    expect(row).to_have_class(re.compile("marked"))
    assert link(page, "p") is not None


def test_a_long_list_says_how_many_are_left_what_all_sum_to_and_shows_the_rest(page: Page) -> None:
    def smaller_pages(route: Route) -> None:
        asked = route.request.post_data_json
        route.continue_(post_data=json.dumps({**asked, "limit": 8}))

    page.route("**/api/area-list", smaller_pages)
    page.locator("#figures [data-list=usable_areas]").click()
    note = page.locator("#drawer-note")
    # Four rooms each of 20, 21 and 22 square metres.
    expect(note).to_have_text("显示前 8 条，共 12 条，还有 4 条未显示；计入面积合计 252.00 ㎡")
    page.locator("#drawer-more").click()
    expect(note).to_have_text("共 12 条；计入面积合计 252.00 ㎡")
    expect(page.locator("#drawer-more")).to_be_hidden()
    expect(page.locator("#table .tabulator-row", has_text="R2")).to_have_count(4)
    page.unroute("**/api/area-list")


def test_escape_ends_a_drawing(page: Page) -> None:
    mode = page.locator("[data-mode=polygon]")
    mode.click()
    expect(mode).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(mode).to_have_attribute("aria-pressed", "false")


def test_a_district_sums_only_its_own(page: Page) -> None:
    page.locator("[data-mode=district]").click()
    page.locator("#district").select_option("320401")
    expect(page.locator("#figures-title")).to_contain_text("示例0区")
    expect(page.locator("#figures")).to_contain_text("3,000")
    expect(page.locator("#figures")).not_to_contain_text("3,001")
    expect(page.locator("#drawer-title")).to_contain_text("示例0区")


def test_a_radius_around_the_middle_can_be_asked_widened_turned_and_cleared(page: Page) -> None:
    page.locator("[data-mode=radius]").click()
    page.locator("#radius").fill("500")
    page.locator("#mode-options button").click()
    expect(page.locator("#buffer")).to_be_visible()
    answered(page)
    assert link(page, "q")["within"]["radius_m"] == 500
    page.locator("#buffer").fill("4000")
    page.locator("#buffer").press("Tab")
    answered(page)
    expect(page.locator("#buffer")).to_have_value("4000")
    page.locator("#invert").check()
    answered(page)
    expect(page.locator("#invert")).to_be_checked()
    assert link(page, "q") | {"within": None} == {"within": None, "buffer_m": 4000, "invert": True}
    page.locator("#clear-question").click()
    expect(page.locator("#buffer")).to_have_count(0)
    assert link(page, "q") is None


def test_hovering_names_the_place_and_a_click_selects_it(page: Page, city: dict[str, int]) -> None:
    find(page, BUILDING)
    expect(page.locator("#place-title")).to_have_text("1号楼")
    page.locator("#map").focus()
    page.keyboard.press("Escape")
    assert link(page, "p") is None
    area = page.locator("#map").bounding_box()
    assert area
    middle = (area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
    still(page)
    page.mouse.move(*middle)
    expect(page.locator("#tooltip")).to_contain_text("1号楼")
    page.mouse.click(*middle)
    expect(page.locator("#place-title")).to_have_text("1号楼")
    assert link(page, "p") == city["building 0.0"]


def test_an_impossible_date_is_refused_and_the_old_one_stays(page: Page) -> None:
    field = page.locator("#as-of")
    before = field.input_value()
    field.fill("2026-02-30")
    field.press("Tab")
    expect(page.locator("#toast")).to_contain_text("2026-02-30")
    assert field.input_value() == before
    field.fill("2020/01/31")
    with page.expect_response(re.compile("/api/area-summary")) as answer:
        field.press("Tab")
    assert answer.value.request.post_data_json["as_of"] == "2020-01-31"


def test_the_first_pull_and_the_first_turn_of_the_wheel_move_the_map(page: Page) -> None:
    area = page.locator("#map").bounding_box()
    assert area is not None
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] * 0.8
    before = link(page, "v")
    page.mouse.move(x, y)
    page.mouse.wheel(0, -300)
    until(page, lambda: link(page, "v")[2] > before[2])
    still(page)
    zoomed = link(page, "v")
    page.reload()
    expect(page.locator("#map")).to_have_attribute("data-ready", "")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 120, y, steps=6)
    page.mouse.up()
    until(page, lambda: link(page, "v")[0] > zoomed[0])
