"""The map on paper: what stands on the sheet, its true scale, PDF, PNG, and what is too much."""

import io
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect
from pyproj import Geod
from sqlalchemy import text

from gis.db import Role
from tests.webmap.browser.conftest import Site
from tests.webmap.browser.waiting import link, until

pytestmark = pytest.mark.browser

A4 = (297, 210)
PX_PER_MM = 96 / 25.4
THEMED = (
    'c={"indicator":"estate.gross_area","by":"district","method":"natural_breaks",'
    '"classes":3,"ramp":"Blues"}'
)


def view(page: Page) -> list[float]:
    found: list[float] = link(page, "v")
    return found


def open_sheet(page: Page) -> Any:
    page.get_by_role("button", name="打印出图").click()
    sheet = page.locator("#sheet")
    expect(sheet).to_have_attribute("data-ready", "")
    return sheet


def choose(page: Page, **chosen: str) -> None:
    for name, value in chosen.items():
        page.locator(f"#print-{name}").select_option(value)
    expect(page.locator("#sheet")).to_have_attribute("data-ready", "")


def test_the_sheet_says_what_the_map_shows(reopen: Callable[[str], Page]) -> None:
    page = reopen(f"#{THEMED}&d=2026-01-31")
    expect(page.locator("#theme-legend")).to_be_visible()
    shown = page.locator("#theme-legend .theme-class span:nth-child(2)").all_text_contents()
    assert len(shown) > 1
    sheet = open_sheet(page)
    expect(sheet.locator("h1")).to_have_text("建筑面积专题图")
    expect(sheet.locator(".sheet-under")).to_contain_text("截至 2026-01-31")
    assert sheet.locator(".sheet-part").first.locator(".sheet-class").all_text_contents() == shown
    expect(sheet).to_contain_text("未配置审图号，仅供内部使用")
    expect(sheet).to_contain_text("行政区界线为示意边界")
    expect(sheet).to_contain_text("另有 1 处资产没有坐标")
    expect(sheet.get_by_role("img", name="指北针")).to_be_visible()
    page.locator("#print-title").fill("示例市房产专题图")
    page.locator("#print-maker").fill("示例市机关事务管理局")
    expect(sheet.locator("h1")).to_have_text("示例市房产专题图")
    expect(sheet).to_contain_text("制图单位：示例市机关事务管理局")
    page.locator("#print-legend").uncheck()
    expect(sheet.locator(".sheet-legend")).to_be_hidden()
    page.locator("#print-legend").check()


def test_the_scale_holds_on_the_ground(page: Page) -> None:
    sheet = open_sheet(page)
    choose(page, paper="a4", turn="landscape", ratio="10000")
    expect(sheet.locator(".sheet-ratio")).to_contain_text("1:10,000")
    bar = sheet.locator(".sheet-bar")
    metres = float(bar.get_attribute("data-metres") or 0)
    length = bar.evaluate("one => one.offsetWidth")
    assert length == pytest.approx(metres * 1000 / 10_000 * PX_PER_MM, abs=1)
    lon, lat, zoom = view(page)
    degrees = length * 156_543.033928 / 2**zoom / 111_319.490793
    line = Geod(ellps="GRS80").line_length([lon, lon + degrees], [lat, lat])
    assert line == pytest.approx(metres, rel=0.005)  # the link keeps two digits of the zoom


def test_the_printer_gets_one_sheet_of_the_chosen_paper(page: Page) -> None:
    open_sheet(page)
    for paper, turn, size in (("a4", "landscape", A4), ("a3", "portrait", (297, 420))):
        choose(page, paper=paper, turn=turn, ratio="0")
        document = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", document)) == 1
        box = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", document)
        assert box is not None
        assert [float(one) / 72 * 25.4 for one in box.groups()] == pytest.approx(size, abs=1)
    page.evaluate(
        "() => { window.print = () => { document.body.dataset.printed = document.title; }; }"
    )
    page.get_by_role("button", name="打印或存为PDF").click()
    expect(page.locator("body")).to_have_attribute("data-printed", re.compile("^全部资产分布图-2"))


def test_the_image_is_the_sheet(reopen: Callable[[str], Page]) -> None:
    page = reopen(f"#{THEMED}")
    expect(page.locator("#theme-legend")).to_be_visible()
    open_sheet(page)
    choose(page, paper="a4", turn="landscape", ratio="0")
    with page.expect_download() as taken:
        page.get_by_role("button", name="下载PNG图片").click()
    assert re.fullmatch(r"建筑面积专题图-\d{4}-\d\d-\d\d\.png", taken.value.suggested_filename)
    picture = Image.open(io.BytesIO(taken.value.path().read_bytes())).convert("RGB")
    assert picture.size == tuple(pytest.approx(2 * one * PX_PER_MM, abs=2) for one in A4)
    chips = page.locator("#sheet .sheet-part").first.locator(".sheet-chip")
    ratio = picture.width / page.locator("#sheet").evaluate("one => one.offsetWidth")
    for at in range(chips.count()):
        colour, x, y = chips.nth(at).evaluate(
            """chip => {
              const sheet = document.getElementById('sheet'), whole = sheet.getBoundingClientRect();
              const box = chip.getBoundingClientRect(), by = sheet.offsetWidth / whole.width;
              return [getComputedStyle(chip).backgroundColor,
                (box.left + box.width / 2 - whole.left) * by,
                (box.top + box.height / 2 - whole.top) * by];
            }"""
        )
        wanted = tuple(int(one) for one in re.findall(r"\d+", colour))
        assert picture.getpixel((round(x * ratio), round(y * ratio))) == wanted
    # The map's frame holds the districts in these colours, the title is ink on white.
    middle = picture.crop((200, 200, picture.width - 200, picture.height - 300))
    assert len(middle.getcolors(2**24) or []) > 50
    title = picture.crop((picture.width // 3, 60, picture.width * 2 // 3, 170)).convert("L")
    assert title.getextrema()[0] < 80


def test_escape_brings_the_map_back_as_it_was(page: Page) -> None:
    before = view(page)
    open_sheet(page)
    choose(page, ratio="5000")
    assert view(page) != before
    page.keyboard.press("Escape")
    expect(page.locator("#print")).to_be_hidden()
    expect(page.get_by_role("button", name="打印出图")).to_be_focused()
    expect(page.locator("#map canvas").first).to_be_visible()
    until(page, lambda: view(page) == before)


def test_what_a_sheet_cannot_hold_is_refused_before_it_is_drawn(
    reopen: Callable[[str], Page],
) -> None:
    page = reopen("#v=[119.751,31.651,17]")
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.route("**/api/drawn**", lambda route: route.fulfill(json={"count": 138_000}))
    page.get_by_role("button", name="打印出图").click()
    expect(page.locator("#print-note")).to_contain_text("图面有 138,000 个图形")
    expect(page.locator("#sheet")).not_to_have_attribute("data-ready", "")
    expect(page.get_by_role("button", name="打印或存为PDF")).to_be_disabled()
    asked = next(one for one in fetched if "/api/drawn" in one)
    assert {"building", "property"} <= set(parse_qs(urlsplit(asked).query)["layers"][0].split(","))
    page.unroute("**/api/drawn**")
    # At another scale it is counted anew, and fits.
    choose(page, ratio="500")
    expect(page.locator("#print-note")).to_have_text("")
    expect(page.get_by_role("button", name="打印或存为PDF")).to_be_enabled()
    page.get_by_role("button", name="返回地图").click()
    expect(page.locator("#print")).to_be_hidden()


def test_a_hundred_thousand_shapes_are_refused_not_hung_on(page: Page, site: Site) -> None:
    with site.database.engine(Role.OWNER).connect() as owner:
        heavy = owner.execute(
            text(
                "SELECT ST_AsMVT(drawn, 'building') FROM (SELECT n AS place_id, 'x' AS name,"
                " ST_MakeEnvelope(x, y, x + 8, y + 8) AS geom FROM (SELECT n, n % 330 * 12 AS x,"
                " n / 330 * 12 AS y FROM generate_series(1, 108900) AS n) AS spread) AS drawn"
            )
        ).scalar_one()

    def answer(route: Route) -> None:
        route.fulfill(body=bytes(heavy), content_type="application/vnd.mapbox-vector-tile")

    open_sheet(page)
    page.route("**/tiles/building/**", answer)
    page.locator("#print-ratio").select_option("10000")
    note = page.locator("#print-note")
    expect(note).to_contain_text("超过 50,000 个", timeout=180_000)
    said = re.search("图面有 ([0-9,]+) 个图形", note.text_content() or "")
    assert said is not None
    assert int(said[1].replace(",", "")) > 100_000
    expect(page.get_by_role("button", name="打印或存为PDF")).to_be_disabled()
    expect(page.get_by_role("button", name="下载PNG图片")).to_be_disabled()
    page.unroute("**/tiles/building/**")
    page.get_by_role("button", name="返回地图").click()
    expect(page.locator("#print")).to_be_hidden()
