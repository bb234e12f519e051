"""A layer as one HTML file: opened from a folder in a real browser that has no network."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from etl.export import offline_map
from etl.export.layers import Export, export_layer, layer_named
from gis.db import Role
from gis.settings import load_settings
from tests.webmap.browser.conftest import Site, Watch
from webmap.static_files import vendor_dir

DAY = date(2026, 1, 1)
HOSTILE = "</script><img src=x onerror=\"document.title='run'\">{{ 7*7 }} ${1+1} '乙' & \"楼\""


@pytest.fixture(scope="module")
def written(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with site.database.engine(Role.OWNER).connect() as conn:
        # Rolled back: the city is other tests' too.
        conn.execute(
            text("UPDATE place.place SET name = :name WHERE place_id = :place_id"),
            {"name": HOSTILE, "place_id": site.places["building 0.0"]},
        )
        libraries = vendor_dir(load_settings()) / "leaflet"
        export = Export(layer_named("building"), DAY, "html", "zh", libraries=libraries)
        path, _ = export_layer(conn, export, tmp_path_factory.mktemp("usb"))
        conn.rollback()
    return path


@pytest.fixture
def opened(written: Path, browser: Browser) -> Iterator[tuple[Page, Watch]]:
    context = browser.new_context(viewport={"width": 1100, "height": 760}, offline=True)
    watch = Watch()
    page = context.new_page()
    page.on("request", watch.on_request)
    page.on("console", watch.on_console)
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    page.goto(written.as_uri())
    yield page, watch
    context.close()


def test_it_opens_without_a_network_and_asks_nobody(opened: tuple[Page, Watch]) -> None:
    page, watch = opened
    expect(page.get_by_role("heading", name="楼栋")).to_be_visible()
    expect(page.locator(".leaflet-container canvas").first).to_be_visible()
    expect(page.locator(".district span", has_text="示例0区")).to_be_visible()
    expect(page.locator(".leaflet-control-scale-line")).to_have_count(1)
    expect(page.locator(".leaflet-control-scale-line")).to_contain_text("m")
    assert watch.hosts == {""}  # the file itself
    assert watch.complaints == []


def test_a_place_is_found_by_name_and_tells_what_it_is(opened: tuple[Page, Watch]) -> None:
    page, watch = opened
    page.get_by_placeholder("按名称或编码查找").fill("乙")
    page.locator("#found button").first.click()
    expect(page.locator(".leaflet-popup")).to_contain_text(HOSTILE)
    expect(page.locator(".leaflet-popup")).to_contain_text("使用状况")
    assert page.title() == "楼栋"
    assert watch.complaints == []


def test_a_class_is_switched_off_by_its_entry_in_the_legend(opened: tuple[Page, Watch]) -> None:
    page, _ = opened
    drawn = """() => Object.values(window)
        .filter((one) => one instanceof L.GeoJSON && one._map)
        .reduce((sum, one) => sum + one.getLayers().length, 0)"""
    before = page.evaluate(drawn)
    page.locator(".panel [type=checkbox]").first.uncheck()
    assert page.evaluate(drawn) < before


def test_what_is_over_the_ceiling_is_counted_by_district(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offline_map, "MOST_DRAWN", 2)
    with site.database.engine(Role.OWNER).connect() as conn:
        libraries = vendor_dir(load_settings()) / "leaflet"
        export = Export(layer_named("building"), DAY, "html", "zh", libraries=libraries)
        path, count = export_layer(conn, export, tmp_path)
    assert count == 2
    assert "最多逐处绘出 2 处" in path.read_text(encoding="utf-8")
