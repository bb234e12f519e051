"""Rooms of an open floor coloured by who has them, with their legend; where a link leads."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.webmap.browser.conftest import Site, open_map
from tests.webmap.browser.waiting import link, take_back, until

pytestmark = pytest.mark.browser


NEAR = 15
"""Zoom from which single rooms can be told apart."""


@pytest.fixture
def beside(signed_in: Page, site: Site) -> Iterator[Page]:
    """Another window of the same person."""
    page = signed_in.context.new_page()
    yield page
    page.close()


def test_rooms_are_coloured_by_who_has_them_and_the_floors_open(
    reopen: Callable[[str], Page], city: dict[str, int]
) -> None:
    page = reopen(f"#p={city['building 0.0']}&f=1")
    legend = page.locator("[data-layer=room] .layer-legend")
    legend.locator("select").select_option("occupant")
    expect(legend.locator(".classes")).to_contain_text("可能已使用")
    # It is kept in the link, and asked for again when the map opens.
    page = reopen(page.evaluate("location.hash"))
    expect(legend.locator("select")).to_have_value("occupant")
    expect(legend.locator(".classes")).to_contain_text("可能已使用")
    legend.locator("select").focus()
    legend.locator("select").select_option("use")
    expect(legend.locator(".classes li")).to_have_count(1)
    expect(legend.locator("select")).to_be_focused()
    page.locator("#floors-open").click()
    expect(page.locator("#stack tbody tr")).to_have_count(2)
    page.locator(".crumbs a").click()
    expect(page.locator("#place-title")).to_have_text("1号楼")


def test_rooms_of_all_buildings_of_an_open_site_are_coloured(
    reopen: Callable[[str], Page], city: dict[str, int]
) -> None:
    page = reopen(f"#p={city['site 0']}&f=1")
    legend = page.locator("[data-layer=room] .layer-legend")
    legend.locator("select").select_option("occupant")
    expect(legend.locator(".classes")).to_contain_text("可能已使用")
    page.locator("#floors-open").click()
    expect(page.locator("#stack tbody tr").first).to_contain_text("1号楼")


def test_a_moved_room_shows_on_another_open_map(
    reopen: Callable[[str], Page], beside: Page, site: Site, city: dict[str, int]
) -> None:
    one, other = city["room 0.1.0"], city["room 0.2.0"]
    page = reopen(f"#p={one}")
    page.locator("#room-assign").click()
    field = page.locator("#room-body-0")
    field.fill("示例1")
    expect(page.locator("#room-body-0-list [role=option]")).to_have_count(1)
    field.press("Enter")
    page.locator("#edit-effective_on").fill("2026-03-01")
    page.locator("#edit-reason").fill("安排")
    page.locator("#edit-save").click()
    expect(page.locator("#room-move")).to_be_visible()
    open_map(beside, site, f"#p={other}")
    colours = beside.locator("[data-layer=room] .layer-legend")
    colours.locator("select").select_option("occupant")
    expect(colours.locator(".classes")).to_contain_text("示例1局")
    expect(beside.locator("#room-vacate")).to_have_count(0)
    page.locator("#room-move").click()
    page.locator("#room-to-0").select_option(value=str(other))
    page.locator("#edit-reason").fill("换房")
    # Nobody touches the other map: its card and its colours follow.
    with beside.expect_response(lambda response: "/api/space/buildings/" in response.url) as told:
        page.locator("#edit-save").click()
    expect(beside.locator("#place")).to_contain_text("示例1局")
    has = {room["place_id"]: room["occupants"] for room in told.value.json()["rooms"]}
    assert [len(has[room]) for room in (one, other)] == [0, 1]
    take_back(page)
    expect(beside.locator("#room-vacate")).to_have_count(0)
    take_back(page)
    expect(colours.locator(".classes")).not_to_contain_text("示例1局")


def test_a_link_to_a_room_opens_its_floor_where_it_lies(
    reopen: Callable[[str], Page], city: dict[str, int]
) -> None:
    page = reopen(f"#p={city['room 1.2.0']}")
    expect(page.locator("#floors [data-level='2']")).to_have_attribute("aria-checked", "true")
    until(page, lambda: (link(page, "v") or [0, 0, 0])[2] > NEAR)
    # Out of sight a chosen floor would show nothing.
    page = reopen(f"#p={city['building 1.0']}&v=%5B119.85%2C31.65%2C9%5D")
    page.locator("#floors [data-level='1']").press("Enter")
    until(page, lambda: link(page, "v")[2] > NEAR)
