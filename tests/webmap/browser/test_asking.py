"""Asking about an area from end to end, with the mouse and without: figure, list, survey."""

import io
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.webmap.browser.waiting import answered, click_map, link, until

pytestmark = pytest.mark.browser

SITES_AREA = "9,003"
"""Square metres of the three sites: 3,000, 3,001 and 3,002."""
AROUND_THE_FIRST = "119.74, 31.64\n119.76 31.64\n\n119.76，31.66\n119.74;31.66\n119.74, 31.64"


def question(page: Page) -> Any:
    return link(page, "q")


def spot(page: Page, x: float, y: float) -> tuple[float, float]:
    """A point of the screen, from shares of the map's width and height."""
    area = page.locator("#map").bounding_box()
    assert area
    return area["x"] + area["width"] * x, area["y"] + area["height"] * y


def surveyed(content: bytes) -> Iterator[Decimal]:
    """The whole area of each property in the workbooks of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            book = openpyxl.load_workbook(io.BytesIO(archive.read(name)))
            for sheet in book.worksheets:
                if sheet.title.endswith("办公用房"):
                    for row in sheet.iter_rows(min_row=5, max_col=5, values_only=True):
                        yield Decimal(str(row[4] or 0))


def test_from_the_map_to_a_figure_its_list_and_the_survey(page: Page) -> None:
    page.locator("[data-mode=polygon]").click()
    # Beside the map's own buttons at its right edge.
    corners = [spot(page, *at) for at in ((0.05, 0.2), (0.88, 0.2), (0.88, 0.9), (0.05, 0.9))]
    for corner in corners[:-1]:
        click_map(page, *corner)
    page.mouse.dblclick(*corners[-1])
    expect(page.locator("#clear-question")).to_be_visible()
    expect(page.locator(".answer-head")).to_contain_text("绘制区域")
    gross = page.locator("#figures [data-list=gross_areas]")
    expect(gross).to_contain_text(SITES_AREA)

    gross.click()
    expect(page.locator("#drawer-note")).to_contain_text("计入面积合计 9,003.00 ㎡")
    counted = page.locator("#table .tabulator-cell[tabulator-field=counted_area_m2]")
    # The buildings with 1,000 each, the sites with what is left of them.
    expect(counted).to_have_count(9)
    shown = [Decimal(text.replace(",", "")) for text in counted.all_inner_texts()]
    assert (len(shown), f"{sum(shown):,.0f}") == (9, SITES_AREA)
    page.locator("#clear-question").click()
    expect(page.locator(".survey")).to_be_visible()
    expect(page.locator("#figures [data-list=gross_areas]")).to_contain_text(SITES_AREA)

    page.locator(".survey-filer summary").click()
    page.locator(".survey-filer input[name=filled_by]").fill("示例处 示例人")
    with page.expect_download() as started:
        page.locator(".survey").click()
    content = started.value.path().read_bytes()
    areas = [area for area in surveyed(content) if area]
    assert sorted(areas) == [3000, 3001, 3002]
    assert f"{sum(areas):,}" == SITES_AREA
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        cover = openpyxl.load_workbook(io.BytesIO(archive.read(archive.namelist()[0]))).worksheets[
            0
        ]
    assert "示例处 示例人" in {cell.value for row in cover.iter_rows() for cell in row}


def test_a_rectangle_is_pulled_open(page: Page) -> None:
    before = link(page, "v")
    page.locator("[data-mode=rectangle]").click()
    page.mouse.move(*spot(page, 0.05, 0.2))
    page.mouse.down()
    page.mouse.move(*spot(page, 0.5, 0.6), steps=5)
    expect(page.locator(".drag-box")).to_be_visible()
    page.mouse.move(*spot(page, 0.95, 0.9), steps=5)
    page.mouse.up()
    expect(page.locator("#clear-question")).to_be_visible()
    ring = question(page)["within"]["geometry"]["coordinates"][0]
    assert len(ring) == 5
    assert len({x for x, _ in ring}) == len({y for _, y in ring}) == 2
    answered(page)
    expect(page.locator("#figures [data-list=gross_areas]")).to_contain_text(SITES_AREA)
    expect(page.locator("[data-mode=rectangle]")).to_have_attribute("aria-pressed", "false")
    # The map stood still under it, and moves again afterwards.
    assert link(page, "v") == before
    page.mouse.move(*spot(page, 0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*spot(page, 0.6, 0.6), steps=5)
    page.mouse.up()
    until(page, lambda: link(page, "v") != before)


def test_a_rectangle_is_drawn_by_two_clicks_too(page: Page) -> None:
    page.locator("[data-mode=rectangle]").click()
    click_map(page, *spot(page, 0.05, 0.2))
    page.mouse.click(*spot(page, 0.95, 0.9))
    expect(page.locator("#clear-question")).to_be_visible()
    expect(page.locator("#figures [data-list=gross_areas]")).to_contain_text(SITES_AREA)


def test_a_polygon_is_asked_by_keyboard_alone(page: Page) -> None:
    page.locator("[data-mode=district]").focus()
    page.keyboard.press("Tab")
    expect(page.locator("[data-mode=layer]")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("[data-mode=coordinates]")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#corners")).to_be_focused()
    page.keyboard.type(AROUND_THE_FIRST)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#figures [data-list=gross_areas]")).to_contain_text("3,000")
    expect(page.locator("[data-mode=coordinates]")).to_be_focused()
    assert question(page)["within"]["geometry"] == {
        "type": "Polygon",
        "coordinates": [
            [[119.74, 31.64], [119.76, 31.64], [119.76, 31.66], [119.74, 31.66], [119.74, 31.64]]
        ],
    }
    page.keyboard.press("Enter")
    written = "119.74, 31.64\n119.76, 31.64\n119.76, 31.66\n119.74, 31.66"
    expect(page.locator("#corners")).to_have_value(written)
    page.keyboard.press("Escape")
    expect(page.locator("#corners")).to_have_count(0)


@pytest.mark.parametrize(
    ("written", "area"),
    [
        ("SRID=4490;polygon ((119.74 31.64, 119.96 31.64,\n119.96 31.66, 119.74 31.66,"
         " 119.74 31.64), (119.84 31.64001, 119.86 31.64001, 119.86 31.65999, 119.84 31.65999,"
         " 119.84 31.64001))", "6,002"),
        ("MULTIPOLYGON (((119.74 31.64, 119.76 31.64, 119.76 31.66, 119.74 31.66, 119.74 31.64)),"
         " ((119.84 31.64, 119.86 31.64, 119.86 31.66, 119.84 31.66, 119.84 31.64)))", "6,001"),
    ],
)  # fmt: skip
def test_wkt_is_read_with_its_holes_and_parts(page: Page, written: str, area: str) -> None:
    page.locator("[data-mode=coordinates]").click()
    page.locator("#corners").fill(written)
    page.locator("#corners").press("Control+Enter")
    expect(page.locator("#figures [data-list=gross_areas]")).to_contain_text(area)


@pytest.mark.parametrize(
    ("written", "said", "marked"),
    [
        ("119.7,31.6\n119.8,31.6\n119.8,三十一\n", "第 3 行“119.8,三十一”不是坐标", "119.8,三十一"),
        ("1\t119.7\t31.6", "第 1 行", "1\t119.7\t31.6"),
        ("31.6,119.7\n31.7,119.7", "应先写经度 119.7，后写纬度 31.6", "31.6,119.7"),
        ("119,31\n500000,31\n119,32", "第 2 行的经度 500000 超出", "500000,31"),
        ("119,31\n119,-91\n119,32", "第 2 行的纬度 -91 超出", "119,-91"),
        ("119,31\n120,31\n119,31", "现有 2 个", None),
        ("", "现有 0 个", None),
        ("119,31\n120,32\n120,31\n119,32", "第 1、2 个拐点之间的边与第 3、4 个", "120,31"),
        ("POINT (119 31)", "第 1 行“POINT”不是面", "POINT (119 31)"),
        ("POLYGON Z ((119 31 0))", "请去掉 Z 或 M", "POLYGON Z ((119 31 0))"),
        ("POLYGON ((119 31,\n119 x,\n120 31))", "第 2 行“119 x”不是坐标", "119 x,"),
        ("POLYGON ((119 31, 120 31, 120 32)", "末尾缺少“)”", None),
        ("POLYGON ((119 31, 120 31, 120 32)) 5", "第 1 行“5”处 WKT 有误", None),
    ],
)  # fmt: skip
def test_what_is_wrong_with_coordinates_is_said_with_its_line(
    page: Page, written: str, said: str, marked: str | None
) -> None:
    page.locator("[data-mode=coordinates]").click()
    field = page.locator("#corners")
    field.fill(written)
    page.locator("#mode-options button").click()
    expect(page.locator("#corners-mistake")).to_contain_text(said)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert question(page) is None
    if marked is not None:
        chosen = field.evaluate("one => one.value.slice(one.selectionStart, one.selectionEnd)")
        assert chosen == marked


def test_mistakes_are_said_in_english_to_who_reads_english(
    page: Page, reopen: Callable[[str], Page]
) -> None:
    page.locator("#language").click()
    expect(page.locator("#language")).to_have_text("中文")
    expect(page.locator("#map")).to_have_attribute("data-ready", "")
    page.locator("[data-mode=coordinates]").click()
    page.locator("#corners").fill("119,31\nnorth\n")
    page.locator("#corners").press("Control+Enter")
    expect(page.locator("#corners-mistake")).to_contain_text("Line 2, “north”, is no position")
    page.locator("#language").click()
    expect(page.locator("#language")).to_have_text("English")
