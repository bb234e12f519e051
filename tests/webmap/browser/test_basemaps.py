"""Base maps and the coordinate readout in a real browser, from a server that plays the agency's."""

import io
import math
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pyproj import Transformer

from gis.crs import STORAGE_SRID, gauss_krueger_srid
from gis.settings import load_settings
from tests.webmap.browser.conftest import Site, Watch, open_map, served
from tests.webmap.browser.waiting import link
from webmap.app import create_app
from webmap.static_files import vendor_dir

pytestmark = pytest.mark.browser

LON, LAT = 119.85, 31.68
"""Where the four colours of the played base map meet: in no place, on no label."""
WEST_NORTH, EAST_NORTH = (200, 60, 60), (60, 60, 200)
WEST_SOUTH, EAST_SOUTH = (200, 180, 60), (60, 180, 200)


def latitude(row: float, zoom: int) -> float:
    """Of a row of pixels of the Mercator pyramid."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**zoom))))


def tile(grid: str, z: int, x: int, y: int) -> bytes:
    """A tile of the played base map."""
    picture = Image.new("RGB", (256, 256))
    for row in range(256):
        down = y + (row + 0.5) / 256
        lat = latitude(down, z) if grid == "3857" else 90 - down * 360 / 2**z
        edge = round(((LON + 180) / 360 * 2**z - x) * 256)
        west, east = (WEST_NORTH, EAST_NORTH) if lat > LAT else (WEST_SOUTH, EAST_SOUTH)
        middle = min(256, max(0, edge))
        picture.paste(west, (0, row, middle, row + 1))
        picture.paste(east, (middle, row, 256, row + 1))
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


class Agency(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        z, x, y = (int(parse_qs(parts.query)[one][0]) for one in "zxy")
        body = tile(parts.path.strip("/"), z, x, y)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def grounded(
    site: Site, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Page, Site]]:
    """A browser on the city served with two base maps."""
    watch = Watch()
    agency = ThreadingHTTPServer(("127.0.0.1", 0), Agency)
    thread = threading.Thread(target=agency.serve_forever, daemon=True)
    thread.start()
    folder: Path = tmp_path_factory.mktemp("basemaps")
    (folder / "basemaps.toml").write_text(
        "".join(
            f'[[basemap]]\nname = "ground{grid}"\ntitle = "示例底图{grid}"\ngrid = "{grid}"\n'
            f'url = "http://127.0.0.1:{agency.server_port}/{grid}?z={{z}}&x={{x}}&y={{y}}"\n'
            'review_number = "示例审图号"\n'
            for grid in ("3857", "4490")
        ),
        encoding="utf-8",
    )
    own = load_settings()
    settings = replace(
        own,
        state_dir=folder / "state",
        vendor_dir=vendor_dir(own),
        basemaps=folder / "basemaps.toml",
    )
    with served(create_app(settings, site.database)) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN")
        page = context.new_page()
        page.on("request", watch.on_request)
        page.on("console", watch.on_console)
        page.on("pageerror", lambda error: watch.complaints.append(str(error)))
        here = Site(address, site.database, site.places)
        page.goto(here.entry())
        yield page, here
        context.close()
        assert watch.hosts == {urlsplit(address).netloc}
        assert [one for one in watch.complaints if "status of 4" not in one] == []
    agency.shutdown()
    thread.join()
    agency.server_close()


def corners(page: Page, off: int = 9) -> list[tuple[int, ...]]:
    """Colours around the middle of the map: north-west, north-east, south-west, south-east."""
    area = page.locator("#map").bounding_box()
    assert area is not None
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    x, y = round(area["x"] + area["width"] / 2), round(area["y"] + area["height"] / 2)
    around = [(x - off, y - off), (x + off, y - off), (x - off, y + off), (x + off, y + off)]
    return [picture.getpixel(one) for one in around]  # type: ignore[misc]


@pytest.mark.parametrize("grid", ["3857", "4490"])
def test_a_base_map_lies_true_under_the_districts(grounded: tuple[Page, Site], grid: str) -> None:
    page = open_map(*grounded, f"#v=[{LON},{LAT},14]")
    page.locator("#basemap").select_option(f"ground{grid}")
    assert link(page, "b") == f"ground{grid}"
    expect(page.locator("#notice")).to_contain_text(f"示例底图{grid}审图号：示例审图号")
    wanted = [WEST_NORTH, EAST_NORTH, WEST_SOUTH, EAST_SOUTH]
    for _ in range(40):
        if (found := corners(page)) == wanted:
            break
        page.wait_for_timeout(250)
    assert found == wanted
    page.get_by_role("button", name="打印出图").click()
    expect(page.locator("#sheet")).to_have_attribute("data-ready", "")
    expect(page.locator("#sheet-words")).to_contain_text(f"示例底图{grid}审图号：示例审图号")
    page.keyboard.press("Escape")
    page.locator("#basemap").select_option("")
    assert link(page, "b") is None
    for _ in range(40):
        if (found := corners(page)) != wanted:
            break
        page.wait_for_timeout(250)
    assert found != wanted


def test_a_base_map_of_the_link_that_is_no_more_is_said(grounded: tuple[Page, Site]) -> None:
    page = open_map(*grounded, "#b=gone")
    expect(page.locator("#toast")).to_contain_text("底图")
    expect(page.locator("#basemap")).to_have_value("")


def test_without_configuration_nothing_is_offered(page: Page) -> None:
    expect(page.locator("#layers .layer").first).to_be_visible()
    expect(page.locator("#basemap")).to_have_count(0)


def test_the_pointer_and_the_keyboard_read_plane_coordinates(page: Page) -> None:
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    told = page.locator("#coordinates")
    expect(told).to_contain_text("高斯3°带 120°")
    area = page.locator("#map").bounding_box()
    assert area is not None
    before = told.inner_text()
    page.mouse.move(area["x"] + 200, area["y"] + 200)
    expect(told).not_to_have_text(before)
    numbers = re.findall(r"\d+\.\d+", told.text_content() or "")
    lon, lat, x, y = (float(one) for one in numbers)
    plane = Transformer.from_crs(STORAGE_SRID, gauss_krueger_srid(lon), always_xy=True)
    east, north = plane.transform(lon, lat)
    # Degrees are shown to a tenth of a metre.
    assert (x, y) == (pytest.approx(north, abs=0.12), pytest.approx(east, abs=0.12))
