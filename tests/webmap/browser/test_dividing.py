"""Splitting a room by a line on the map, and merging it with its neighbour."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.webmap.browser.waiting import click_map, take_back

pytestmark = pytest.mark.browser
LON, LAT = 119.7502, 31.6504
"""The south-western corner of the first room of the first site, 0.0002 degrees wide."""


@pytest.fixture
def room(reopen: Callable[[str], Page], city: dict[str, int]) -> Page:
    page = reopen(f"#p={city['room 0.2.0']}&f=2&v=[{LON + 0.0001},{LAT + 0.0001},20]")
    expect(page.locator("#split-open")).to_be_visible()
    return page


def test_a_room_is_cut_by_a_drawn_line(room: Page) -> None:
    page = room
    page.locator("#split-open").press("Enter")
    page.locator("#shape-outline").click()
    box = page.locator("#map").bounding_box()
    assert box
    middle, half = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    # Its shape is 149 pixels wide and 175 high around the middle; the line crosses it upright.
    click_map(page, middle + 8, half + 130)
    page.mouse.move(middle + 8, half - 130)
    page.mouse.dblclick(middle + 8, half - 130)
    page.locator("#split-name-1").fill("200甲")
    page.locator("#split-name-2").fill("200乙")
    page.locator("#split-area-1").fill("11")
    page.locator("#split-area-2").fill("8")
    page.locator("#edit-effective_on").fill("2026-03-01")
    page.locator("#edit-reason").fill("隔断")
    page.locator("#edit-save").click()
    expect(page.locator("#edit-problem")).to_contain_text("19.00")
    page.locator("#split-area-2").fill("9")
    expect(page.locator("#edit-save")).to_have_text("拆分")
    page.locator("#edit-save").click()
    expect(page.locator(".closed-mark")).to_have_text("已于 2026-03-01 注销")
    expect(page.locator("#place")).to_contain_text("200甲")
    take_back(page)
    expect(page.locator("#split-open")).to_be_visible()
    expect(page.locator("#place")).not_to_contain_text("200甲")


def test_two_rooms_become_one(room: Page) -> None:
    page = room
    page.locator("#merge-open").press("Enter")
    page.locator(".merge-others input").first.check()
    page.locator("#merge-name").fill("大会议室")
    page.locator("#edit-effective_on").fill("2026-03-01")
    page.locator("#edit-reason").fill("打通")
    page.locator("#edit-save").click()
    expect(page.locator(".closed-mark")).to_be_visible()
    page.locator("#place .rows .link", has_text="大会议室").click()
    expect(page.locator("#place-title")).to_contain_text("大会议室")
    take_back(page)
    expect(page.locator("#place")).to_contain_text("新建房产（处）")
