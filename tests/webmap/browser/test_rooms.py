"""Rooms of an open floor coloured by who has them, with their legend."""

from collections.abc import Callable

from playwright.sync_api import Page, expect


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
