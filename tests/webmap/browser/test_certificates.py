"""A certificate in a browser: issued, no longer as its rooms are, changed; the register follows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from small_city import City, build
from sqlalchemy import text

from assets.estate.actions import Party, record_holding
from assets.estate.model import HoldingKind
from etl.terms import save_terms
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.settings import load_settings
from tests.webmap.browser.conftest import served
from tests.webmap.browser.waiting import ready
from webmap.app import create_app
from webmap.session import COOKIE

pytestmark = pytest.mark.browser


@dataclass
class Shown:
    """A register somebody watches while somebody else works."""

    city: City
    address: str
    watching: Page
    working: Page


def _occupies(city: City, *rooms: str) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        for name in rooms:
            record_holding(
                conn,
                place_id=city.ids[f"room {name}"],
                kind=HoldingKind.OCCUPIES,
                parties=[Party(city.ids["agency 0"])],
            )
            conn.execute(text("DROP TABLE IF EXISTS pg_temp.touched_place, pg_temp.touched_tree"))


@pytest.fixture
def shown(make_database: Callable[[str], Database], browser: Browser) -> Iterator[Shown]:
    city = build(make_database("onemap_certificate_browser"))
    with transaction(city.database.engine(Role.LOADER), city.everything) as conn:
        save_terms(conn)
    _occupies(city, "0.1.0", "0.1.1")
    with served(create_app(load_settings(), city.database)) as address:
        pages = []
        for _one in range(2):
            context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
            context.add_cookies([{"name": COOKIE, "value": city.everything, "url": address}])
            pages.append(context.new_page())
        yield Shown(city, address, *pages)
        for page in pages:
            page.context.close()


def test_a_certificate_is_issued_differs_and_is_changed_while_the_register_follows(
    shown: Shown,
) -> None:
    watching, working = shown.watching, shown.working
    watching.goto(f"{shown.address}/certificates")
    expect(watching.locator("html[data-register]")).to_have_count(1)
    expect(watching.locator("#certificates")).to_have_count(0)

    # A change holds from a later day on than what it changes.
    begins = today() - timedelta(days=1)
    agency = shown.city.ids["agency 0"]
    working.goto(f"{shown.address}/certificates/new?body={agency}&as_of={begins}")
    ready(working)
    issue = working.locator("#issue")
    issue.locator("[name=issuer]").fill("示例局")
    issue.locator("[name=word]").fill("示机用证")
    issue.locator("[name=word]").press("Enter")
    expect(working.locator("#issue")).to_have_count(0)
    listed = watching.locator("#certificates tbody tr")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("示机用证")
    expect(listed.locator(".state-in_progress")).to_have_count(0)

    _occupies(shown.city, "0.2.0")
    expect(listed.locator(".state-in_progress")).to_have_count(1)

    certificate = shown.address + (listed.locator("th a").get_attribute("href") or "")
    working.goto(f"{certificate}/change")
    ready(working)
    change = working.locator("#change")
    expect(change.locator("tbody input[type=checkbox]:checked")).to_have_count(3)
    change.locator("[name=reason]").fill("增加一间")
    change.locator("[name=reason]").press("Enter")
    expect(working.locator("#change")).to_have_count(0)
    expect(listed.locator(".state-in_progress")).to_have_count(0)
    expect(listed.locator("td.num").first).to_have_text("3")
