"""Structures and parts of buildings stand in the layer tree, on the map, and have their cards."""

from collections.abc import Callable, Iterator

import pytest
from makers import make_place
from playwright.sync_api import Page, expect
from small_city import square
from sqlalchemy import Connection, text

from assets.estate.actions import refresh_derived
from gis.db import Role, transaction
from gis.places.actions import touch
from tests.webmap.browser.conftest import Site
from tests.webmap.browser.waiting import still
from webmap.language import COOKIE

pytestmark = pytest.mark.browser
WEST, SOUTH = 119.951, 31.6514
"""In the third district's site, north of its buildings; an outline is 0.0002 degrees wide."""


def _of_kind(conn: Connection, table: str, place_id: int, **values: object) -> None:
    names, bound = ", ".join(values), ", ".join(f":{name}" for name in values)
    conn.execute(
        text(
            f"INSERT INTO place.{table} (place_id, rights_cell, {names})"
            f" SELECT place_id, rights_cell, {bound} FROM place.place WHERE place_id = :id"
        ),
        {**values, "id": place_id},
    )


@pytest.fixture(scope="module", autouse=True)
def tower(site: Site) -> Iterator[int]:
    """A water tower beside the buildings and a part of one, for this file's tests only."""
    ids = site.places
    common = {"admin_area_code": "320403", "steward_id": ids["agency 2"]}
    with transaction(site.database.engine(Role.OWNER), None) as conn:
        tower = make_place(conn, "G1", "structure", name="示例水塔",
                           parent=(ids["site 2"], "site"), use_status="idle",
                           wkt=square(WEST, SOUTH, 0.0002), **common)  # fmt: skip
        _of_kind(conn, "structure", tower, use="供水", height_m=22.5, year_built=1988)
        part = make_place(conn, "U1", "section", name=None,
                          parent=(ids["building 2.1"], "building"),
                          wkt=square(119.951, 31.6504, 0.0001), **common)  # fmt: skip
        _of_kind(conn, "section", part, label="裙楼", floors_above=2)
        touch(conn, [tower, part])
        refresh_derived(conn)
    yield tower
    with transaction(site.database.engine(Role.OWNER), None) as conn:
        for table in ("structure", "section", "search_text", "counted_area", "place"):
            conn.execute(
                text(f"DELETE FROM place.{table} WHERE place_id = ANY (:ids)"),
                {"ids": [tower, part]},
            )


def test_the_layer_tree_counts_them_with_a_legend(page: Page) -> None:
    structures = page.locator("[data-layer=structure]")
    expect(structures.locator(".layer-row label")).to_have_text("构筑物")
    expect(structures.locator(".layer-count")).to_have_text("1")
    expect(structures.locator(".classes li", has_text="1980—1999年")).to_be_visible()
    structures.get_by_role("combobox").select_option("")
    expect(structures.locator(".classes li")).to_have_text(["构筑物"])
    sections = page.locator("[data-layer=section]")
    expect(sections.locator(".layer-row label")).to_have_text("单元")
    expect(sections.locator(".layer-count")).to_have_text("1")
    expect(sections.locator("input[type=checkbox]").first).not_to_be_checked()


def test_a_structure_is_found_hovered_over_and_opened(
    reopen: Callable[[str], Page], tower: int
) -> None:
    page = reopen(f"#v=[{WEST + 0.0001},{SOUTH + 0.0001},19]")
    box = page.locator("#map").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    still(page)
    page.mouse.move(middle[0] - 5, middle[1])
    page.mouse.move(*middle)
    expect(page.locator("#tooltip")).to_contain_text("示例水塔")
    page.mouse.click(*middle)
    card = page.locator("#place")
    expect(page.locator("#place-title")).to_have_text("示例水塔")
    expect(card.locator(".badge").first).to_have_text("构筑物")
    expect(card).to_contain_text("供水")
    expect(card).to_contain_text("22.5")
    page.keyboard.press("Escape")
    page.locator("#search").fill("slst")
    expect(page.locator("#search-results [role=option]").first).to_contain_text("示例水塔")
    page.locator("#search").press("Enter")
    expect(page.locator("#place-title")).to_have_text("示例水塔")


def test_a_part_of_a_building_is_drawn_over_it_under_its_label(
    reopen: Callable[[str], Page],
) -> None:
    page = reopen('#v=[119.95105,31.65045,19]&l={"section":true}')
    still(page)
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2 - 5, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#tooltip")).to_contain_text("裙楼")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#place-title")).to_have_text("裙楼")
    expect(page.locator("#place")).to_contain_text("2号楼")


def test_the_layers_have_english_titles(site: Site, signed_in: Page) -> None:
    cookie = {"name": COOKIE, "value": "en", "url": site.address}
    signed_in.context.add_cookies([cookie])  # type: ignore[list-item]
    told = signed_in.request.get(f"{site.address}/api/layers")
    signed_in.context.clear_cookies(name=COOKIE)
    titles = {
        layer["name"]: layer["title"]
        for group in told.json()["groups"]
        for layer in group["layers"]
    }
    assert (titles["structure"], titles["section"]) == ("Structures", "Sections")
