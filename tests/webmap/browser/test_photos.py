"""Photos on the place card: added from files, looked at, described, removed."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import text

from gis.db import Role
from tests.webmap.browser.conftest import Site

pytestmark = pytest.mark.browser


def _photo(path: Path, shade: int) -> Path:
    Image.new("RGB", (640, 480), (shade, 120, 90)).save(path, "JPEG")
    return path


def test_photos_are_added_looked_at_described_and_removed(
    reopen: Callable[[str], Page], city: dict[str, int], tmp_path: Path
) -> None:
    page = reopen(f"#p={city['building 1.0']}")
    broken = tmp_path / "坏.jpg"
    broken.write_bytes(b"\xff\xd8\xff nothing")
    files = [_photo(tmp_path / "a.jpg", 40), broken, _photo(tmp_path / "b.jpg", 200)]
    with page.expect_file_chooser() as chooser:
        page.locator("#photo-add").click()
    chooser.value.set_files(files)
    small = page.locator(".photo-small")
    expect(small).to_have_count(2)
    expect(page.locator(".photo-add .mistake")).to_contain_text("坏.jpg：")
    # What is drawn are pictures, not broken frames.
    expect(small.first.locator("img")).to_have_js_property("naturalWidth", 360)

    small.first.press("Enter")
    viewer = page.locator("#photo-viewer")
    expect(viewer).to_be_visible()
    expect(page.locator("#photo-at")).to_have_text("1 / 2")
    expect(page.locator("#photo-large")).to_have_js_property("naturalWidth", 640)
    page.keyboard.press("ArrowRight")
    expect(page.locator("#photo-at")).to_have_text("2 / 2")
    page.locator("#photo-caption").fill("<b>东门</b>")
    page.locator("#photo-day").fill("2024-05-06")
    page.keyboard.press("Enter")
    expect(viewer).to_have_count(0)
    # With a day it stands first now.
    expect(small.first).to_have_accessible_name("查看照片：<b>东门</b>")
    small.first.click()
    expect(page.locator("#photo-viewer")).to_contain_text("2024-05-06")
    page.locator("#photo-remove").click()
    expect(page.locator("#photo-remove")).to_contain_text("再按一次")
    page.locator("#photo-remove").click()
    expect(small).to_have_count(1)
    small.first.click()
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(small.first).to_be_focused()
    small.first.click()
    page.locator("#photo-remove").click()
    page.locator("#photo-remove").click()
    expect(small).to_have_count(0)


def test_an_unsaved_description_stays_when_others_change_the_register(
    reopen: Callable[[str], Page], site: Site, city: dict[str, int]
) -> None:
    page = reopen(f"#p={city['building 1.1']}")
    written = io.BytesIO()
    Image.new("RGB", (320, 200), (9, 9, 9)).save(written, "PNG")
    with page.expect_file_chooser() as chooser:
        page.locator("#photo-add").click()
    content = written.getvalue()
    chooser.value.set_files({"name": "c.png", "mimeType": "image/png", "buffer": content})
    page.locator(".photo-small").click()
    page.locator("#photo-caption").fill("没写完")
    with site.database.engine(Role.OWNER).begin() as owner:
        rename = text("UPDATE place.place SET name = :name WHERE place_id = :id")
        owner.execute(rename, {"name": "别人的楼名", "id": city["building 1.1"]})
    expect(page.locator("#place-title")).to_have_text("别人的楼名")
    expect(page.locator("#photo-caption")).to_have_value("没写完")
    page.locator("#photo-remove").click()
    page.locator("#photo-remove").click()
    expect(page.locator(".photo-small")).to_have_count(0)
    with site.database.engine(Role.OWNER).begin() as owner:
        owner.execute(rename, {"name": "2号楼", "id": city["building 1.1"]})
