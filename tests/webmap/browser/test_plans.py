"""A floor plan over its page: handed in, placed, corrected, accepted, taken back."""

from collections.abc import Iterator
from pathlib import Path

import plan_office
import pytest
from drawn_plans import Board, box
from handed_in import register_state, rows_of
from office import Office
from plan_office import degrees
from playwright.sync_api import Browser, Page, expect

from etl.undo import undo_load
from gis.cluster import Cluster
from gis.db import Database
from tests.webmap.browser.conftest import Watch, import_page, working_office

pytestmark = pytest.mark.browser
NAME = "onemap_browser_plans"
PATIENCE_MS = 90_000


@pytest.fixture
def office(cluster: Cluster, make_database: object, tmp_path: Path) -> Iterator[Office]:
    database: Database = make_database(NAME)
    with working_office(cluster, database, NAME, tmp_path / "state") as made:
        plan_office.build(database, made.operator.token, tmp_path)
        yield made


@pytest.fixture
def imports(office: Office, browser: Browser, watch: Watch) -> Iterator[Page]:
    with import_page(office, browser, watch, PATIENCE_MS) as page:
        yield page


def _plan(path: Path) -> Path:
    board = Board()
    board.ring(box(0, 0, 20, 10), "外轮廓")
    board.room("301", 0.1, 0.1, 4.9, 4.5)
    board.room(None, 5.1, 0.1, 9.9, 4.5)
    board.room("303", 10.1, 0.1, 14.9, 4.5)
    board.room("304", 15.1, 0.1, 19.9, 4.5)
    return board.save(path)


def test_a_plan_is_handed_in_placed_corrected_accepted_and_taken_back(
    imports: Page, office: Office, watch: Watch, tmp_path: Path
) -> None:
    before = register_state(office.database)
    page = imports
    expect.set_options(timeout=PATIENCE_MS)
    page.locator("#to-plans").click()
    page.locator("#new-building").fill("D-9")
    page.locator("#new-level").fill("3")
    page.locator("#new-file").set_input_files(_plan(tmp_path / "三层.dxf"))
    page.locator("#send").press("Enter")

    # A slip in the building is told, and mended without handing the file in again.
    expect(page.locator("#ended")).to_contain_text("D-9")
    page.locator("#field-building").fill("D-1")
    page.locator("#look").click()

    # A rectangle fits in two ways; the page asks, and shows the drawing meanwhile.
    expect(page.locator("#problem")).to_contain_text("几种放法")
    expect(page.locator("#accept")).to_be_disabled()
    expect(page.locator("#row-finding-0")).to_contain_text("房间没有房号")

    # Two control points, typed; how far each is off is shown.
    for at, (x, y) in enumerate(((0, 0), (20, 10))):
        page.locator("#add-control").press("Enter")
        page.keyboard.press("Escape")
        for which, value in enumerate((x * 1000, y * 1000, *degrees(x, y))):
            page.locator(f"#control-{at}-{which}").fill(str(value))
            page.locator(f"#control-{at}-{which}").press("Tab")
    expect(page.locator("#foot-note")).to_have_text("有改动尚未核对")
    page.locator("#look").press("Enter")
    expect(page.locator("#placement")).to_contain_text("按控制点定位")
    expect(page.locator("#controls td.num")).to_have_text(["0.000", "0.000"])

    # Areas beside each other; a finding leads to its place on the drawing and in the table.
    expect(page.locator("#row-room-0")).to_contain_text("R-1")
    expect(page.locator("#row-room-0 td.num")).to_have_text(["21.12", "21.00", "–", "+0.12"])
    page.locator("#row-finding-0 button").press("Enter")
    expect(page.locator("#row-finding-0")).to_have_class("chosen")
    expect(page.locator(".plan-map").first).to_be_in_viewport()

    # The room without a number is one of the register's, another stays out.
    page.locator("#code-1").select_option("R-2")
    page.locator("#out-3").check()
    page.locator("#look").click()
    expect(page.locator("#row-room-1")).to_contain_text("R-2")
    expect(page.locator("#row-room-1 .plan-apart")).to_contain_text("+3.12")
    expect(page.locator("#findings")).to_have_count(0)
    expect(page.locator("#foot-note")).to_have_text("将写入 3 间，图上共 4 间")
    page.locator("#accept").press("Enter")
    expect(page.locator("#loaded")).to_contain_text("已采用")
    drawn = "SELECT code FROM place.place WHERE kind = 'room' AND geom IS NOT NULL ORDER BY code"
    assert rows_of(office.database, drawn) == [("R-1",), ("R-2",), ("R-3",)]
    expect(page.locator("#accept")).to_be_disabled()

    # Taken back as one load, it may be refused for good.
    [[load_id]] = rows_of(office.database, "SELECT max(load_id) FROM staging.load")
    expect(page.locator("#loaded a")).to_have_attribute("href", f"/imports#load={load_id}")
    undo_load(office.database, load_id, token=office.operator.token)
    assert register_state(office.database) == before
    page.reload()
    expect(page.locator("#loaded")).to_contain_text("又已撤销")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("#refuse").click()
    expect(page.locator("#gone")).to_be_visible()
    assert [one for one in watch.complaints if "status of 4" not in one] == []
