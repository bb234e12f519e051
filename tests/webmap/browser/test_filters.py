"""Filters of layers and the switch of names in a real browser."""

import json
import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from makers import make_organization
from playwright.sync_api import Page, expect

from gis.db import Role
from gis.organizations.search import refresh_body_texts
from tests.webmap.browser.conftest import Site
from tests.webmap.browser.waiting import link

pytestmark = pytest.mark.browser


def shown(page: Page, layer: str) -> list[str]:
    """Codes of the features of a layer that the map draws in view, those it counts as numbers."""
    found: list[str] = page.evaluate(
        """async (name) => {
          const script = document.querySelector('link[rel=modulepreload][href*="js/map.js"]');
          const { map } = await import(script.href);
          await new Promise((done) => { map.once("rendercomplete", done); map.render(); });
          const layer = map.getLayers().getArray().find((one) => one.get("name") === name);
          const view = map.getView();
          const say = (one) => String(one.get("count") ?? one.get("code"));
          // The layer remembers features of tiles it no longer draws: what a click meets counts.
          const known = layer.getFeaturesInExtent(view.calculateExtent(map.getSize()));
          const seen = known.filter((one) => {
            const [west, south, east, north] = one.getExtent();
            let isMet = false;
            map.forEachFeatureAtPixel(
              map.getPixelFromCoordinate([(west + east) / 2, (south + north) / 2]),
              (met) => { isMet ||= say(met) === say(one); },
              { layerFilter: (other) => other === layer });
            return isMet;
          });
          return [...new Set(seen.map(say))].sort();
        }""",
        layer,
    )
    return found


def expect_shown(page: Page, layer: str, codes: list[str]) -> None:
    """Tiles of another filter come when they come."""
    for _ in range(50):
        if (found := shown(page, layer)) == codes:
            return
        page.wait_for_timeout(200)
    assert found == codes


def test_a_range_leaves_what_fits_counts_it_and_goes_into_the_link(page: Page) -> None:
    box = page.locator("[data-filter=property]")
    expect_shown(page, "property", ["S0", "S1", "S2"])
    box.locator("summary").click()
    # The map counts at this zoom, so the server leaves out what does not fit.
    with page.expect_response(re.compile(r"/tiles/property/.*filter=")):
        box.locator("[name='property.year_built.0']").fill("1990")
        box.locator("[name='property.year_built.0']").press("Enter")
    expect(box.locator(".filter-note")).to_contain_text("符合条件 2 处，共 3 处")
    assert link(page, "w") == {"property": {"year_built": [1990, None]}}
    expect_shown(page, "property", ["S1", "S2"])
    box.get_by_role("button", name="清除筛选").click()
    expect(box.locator(".filter-note")).to_be_empty()
    assert link(page, "w") is None
    expect_shown(page, "property", ["S0", "S1", "S2"])


def test_ticked_values_filter_the_tiles_that_are_here_already(
    reopen: Callable[[str], Page],
) -> None:
    page = reopen("#v=[119.751,31.651,17]")
    expect_shown(page, "building", ["B00", "B01"])
    box = page.locator("[data-filter=building]")
    box.locator("summary").click()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    box.locator("[name='building.year_built.1']").fill("1970")
    box.locator("[name='building.year_built.1']").press("Enter")
    expect(box.locator(".filter-note")).to_contain_text("符合条件 0 处")
    expect_shown(page, "building", [])
    assert [one for one in asked if "/tiles/" in one and "filter=" in one] == []


def test_a_body_found_by_its_name_leaves_its_properties(page: Page, city: dict[str, int]) -> None:
    box = page.locator("[data-filter=property]")
    box.locator("summary").click()
    field = box.locator("[name='property.holder']")
    field.press_sequentially("示例")
    offered = box.locator(".body-field [role=option]")
    expect(offered).not_to_have_count(0)
    assert link(page, "w") is None
    field.press_sequentially("1局")
    expect(offered).to_have_count(1)
    field.press("Enter")
    expect(box.locator(".filter-note")).to_contain_text("符合条件 1 处")
    assert link(page, "w")["property"]["holder"] == city["agency 1"]
    expect_shown(page, "property", ["S1"])
    expect(field).to_have_value("示例1局")
    expect(field).to_be_focused()
    # Half a name is no other body; none is none.
    field.fill("示")
    field.press("Tab")
    expect(field).to_have_value("示例1局")
    field.fill("")
    expect(box.locator(".filter-note")).to_be_empty()
    assert link(page, "w") is None


def test_two_bodies_of_one_name_are_told_apart_by_who_stands_above_them(
    page: Page, site: Site
) -> None:
    with site.database.engine(Role.OWNER).begin() as owner:
        twins = [
            make_organization(owner, f"TWIN{at}", name="双名局", parent_id=site.places[above])
            for at, above in enumerate(("agency 0", "agency 2"))
        ]
        refresh_body_texts(owner)
    box = page.locator("[data-filter=property]")
    box.locator("summary").click()
    box.locator("[name='property.holder']").press_sequentially("双名局")
    offered = box.locator(".body-field [role=option]")
    expect(offered).to_have_text(["双名局示例0局", "双名局示例2局"])
    offered.nth(1).click()
    expect(box.locator(".filter-note")).to_contain_text("符合条件 0 处")
    assert link(page, "w")["property"]["holder"] == twins[1]


def test_a_link_of_a_filter_opens_and_one_of_another_version_says_so(
    reopen: Callable[[str], Page], site: Site
) -> None:
    page = reopen("#w=" + quote(json.dumps({"property": {"year_built": [2020, None]}})))
    expect(page.locator("[data-filter=property] .filter-note")).to_contain_text("符合条件 1 处")
    expect_shown(page, "property", ["S2"])
    page.goto("about:blank")
    page.goto(f"{site.address}/#w={quote(json.dumps({'property': {'luck': ['x']}}))}")
    expect(page.locator("[data-filter=property] .filter-note")).to_contain_text("旧版")
    # No figures that leave the filter aside unasked; one press asks.
    expect(page.locator("#figures")).to_contain_text("旧版")
    page.locator("#narrowed").uncheck()
    expect(page.locator("#figures [data-list=properties]")).to_contain_text("3")


def test_names_of_places_can_be_switched_off(reopen: Callable[[str], Page]) -> None:
    page = reopen("#v=[119.751,31.651,18]")
    page.locator("#labels").uncheck()
    assert link(page, "n") is False
    page = reopen("#v=[119.751,31.651,18]&n=false")
    expect(page.locator("#labels")).not_to_be_checked()


def test_figures_table_and_file_follow_the_filter_or_say_that_they_do_not(
    reopen: Callable[[str], Page],
) -> None:
    page = reopen("")
    expect(page.locator("#narrowed")).to_have_count(0)
    page = reopen(f"#w={quote(json.dumps({'property': {'year_built': [2020, None]}}))}")
    expect(page.locator("#figures-title")).to_contain_text("已筛选")
    expect(page.locator("#narrowed-note")).to_contain_text("房产（处）")
    properties = page.locator("#figures [data-list=properties]")
    expect(properties).to_contain_text("1")
    expect(page.locator("#drawer-title")).to_contain_text("已筛选")
    expect(page.locator(".tabulator-row")).to_have_count(1)
    page.locator(".takeaway summary").click()
    page.locator("#takeaway-format").select_option("csv")
    with page.expect_download() as filtered:
        page.locator(".takeaway .btn").click()
    assert "filtered" in filtered.value.suggested_filename
    assert len(filtered.value.path().read_text("utf-8-sig").splitlines()) == 2

    page.locator("#narrowed").uncheck()
    expect(page.locator("#narrowed-note")).to_contain_text("只作用于地图")
    expect(page.locator("#figures-title")).not_to_contain_text("已筛选")
    expect(page.locator(".tabulator-row")).to_have_count(3)
    assert link(page, "a") is True
    with page.expect_download() as whole:
        page.locator(".takeaway .btn").click()
    # With the one that nobody has located.
    assert len(whole.value.path().read_text("utf-8-sig").splitlines()) == 5
    # The filter goes on acting on the map.
    expect_shown(page, "property", ["S2"])
    page.locator("#narrowed").check()
    expect(page.locator(".tabulator-row")).to_have_count(1)
    assert link(page, "a") is None
