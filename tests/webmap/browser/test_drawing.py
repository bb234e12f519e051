"""Drawing on the map: corners, steps back, neighbours, doubts, coordinates, a new place."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.webmap.browser.waiting import answered, click_map, take_back

pytestmark = pytest.mark.browser
LON, LAT = 119.8002, 31.6504
"""The south-western corner of the second site's first building, 0.0004 degrees wide."""


@pytest.fixture
def card(reopen: Callable[[str], Page], city: dict[str, int]) -> Page:
    page = reopen(f"#p={city['room 1.1.0']}&f=1&v=[{LON + 0.05 + 0.0002},{LAT + 0.0002},20]")
    expect(page.locator("#redraw-open")).to_be_visible()
    return page


def _at(page: Page, right: float, down: float) -> tuple[float, float]:
    """A spot of the map, from its middle."""
    box = page.locator("#map").bounding_box()
    assert box
    return box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 + down


def _outline(page: Page, corners: list[tuple[float, float]]) -> None:
    for corner in corners:
        click_map(page, *_at(page, *corner))
    page.mouse.dblclick(*_at(page, *corners[-1]))


def _typed(page: Page) -> str:
    page.locator("#shape-coordinates").click()
    return page.locator("#shape-typed").input_value()


def test_an_outline_is_drawn_taken_back_step_by_step_and_saved(card: Page) -> None:
    page = card
    page.locator("#redraw-open").press("Enter")
    expect(page.locator("#shape-corners")).to_be_focused()
    before = _typed(page)
    page.locator("#shape-outline").click()
    _outline(page, [(-60, 40), (20, 40), (20, -40), (-60, -40)])
    expect(page.locator("#shape-corners")).to_have_attribute("aria-pressed", "true")
    drawn = _typed(page)
    assert drawn != before
    page.locator("#shape-undo").click()
    expect(page.locator("#shape-typed")).to_have_value(before)
    page.locator("#shape-typed").fill(drawn)
    page.locator("#shape-take").press("Enter")
    page.locator("#edit-reason").fill("现场测绘")
    page.locator("#edit-save").click()
    # Whatever is odd about it is asked about once.
    page.locator("#edit-save", has_text="确认并保存").or_(page.locator("#edit-undo")).wait_for()
    if page.locator("#edit-save").count():
        expect(page.locator("#edit-problem")).to_contain_text("米")
        page.locator("#edit-save").click()
    expect(page.locator(".history .why").first).to_contain_text("改图")
    take_back(page)
    expect(page.locator(".history .why").first).to_contain_text("撤销")


def test_a_corner_near_that_of_a_neighbour_lands_on_it(card: Page) -> None:
    page = card
    page.locator("#redraw-open").click()
    page.locator("#shape-outline").click()
    answered(page)  # The neighbours are there.
    # The building's corner lies 149 pixels left of the middle and 175 below it.
    _outline(page, [(-145, 171), (0, 100), (0, 0)])
    lines = _typed(page).splitlines()
    corner = [float(one) for one in lines[0].split(",")]
    assert corner == pytest.approx([LON + 0.05, LAT], abs=1e-7)
    page.locator("#edit-cancel").click()


def test_a_shape_that_crosses_itself_stays_on_the_map_with_its_sentence(card: Page) -> None:
    page = card
    page.locator("#redraw-open").click()
    page.locator("#shape-outline").click()
    _outline(page, [(-60, 40), (20, -40), (20, 40), (-60, -40)])
    page.locator("#edit-reason").fill("现场测绘")
    page.locator("#edit-save").click()
    expect(page.locator("#edit-problem")).to_contain_text("自相交")
    expect(page.locator("#edit-save")).to_be_enabled()
    page.locator("#edit-cancel").click()
    expect(page.locator("#redraw-open")).to_be_visible()


def test_a_room_moved_out_of_its_building_is_asked_about_with_the_distance(card: Page) -> None:
    page = card
    page.locator("#redraw-open").click()
    west, south = LON + 0.05 - 0.0001, LAT
    page.locator("#shape-coordinates").press("Enter")
    page.locator("#shape-typed").fill(
        f"{west}, {south}\n{west + 0.0002}, {south}\n{west + 0.0002}, {south + 0.0002}"
    )
    page.locator("#shape-take").press("Enter")
    page.locator("#edit-reason").fill("移位")
    page.locator("#edit-save").press("Enter")
    expect(page.locator("#edit-problem")).to_contain_text("9.5 米")
    expect(page.locator("#edit-save")).to_contain_text("确认并保存")
    # Another shape is asked about anew.
    page.locator("#shape-undo").click()
    expect(page.locator("#edit-save")).to_have_text("保存")
    page.locator("#edit-cancel").click()


def test_a_room_is_made_under_its_floor_and_goes_again(
    reopen: Callable[[str], Page], city: dict[str, int]
) -> None:
    page = reopen(f"#p={city['floor 1.2']}&f=2&v=[{LON + 0.05 + 0.0002},{LAT + 0.0002},20]")
    page.locator("#create-open").click()
    expect(page.locator("#create-kind")).to_have_value("room")
    page.locator("#edit-of-number").fill("209")
    west, south = LON + 0.05, LAT + 0.0002
    page.locator("#shape-coordinates").click()
    page.locator("#shape-typed").fill(
        f"{west}, {south}\n{west + 0.0002}, {south}\n{west + 0.0002}, {south + 0.0002}"
    )
    page.locator("#shape-take").click()
    page.locator("#edit-reason").fill("新隔出一间")
    page.locator("#edit-save").click()
    expect(page.locator("#place-title")).to_have_text("209")
    expect(page.locator(".card-kind code")).to_contain_text("320402-F")
    take_back(page)
    expect(page.locator("#place")).to_contain_text("新建房产（处）")
