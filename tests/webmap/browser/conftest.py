"""A real server on a real database with a small city, and one real Chromium for all tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import small_city
from flask import Flask
from office import Office
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright
from werkzeug.serving import make_server

from gis.cluster import Cluster
from gis.db import Database, Role, transaction
from gis.rights import actions as rights_actions
from gis.settings import load_settings
from tests.conftest import open_operator
from tests.webmap.browser.waiting import DEADLINE_MS, answered
from webmap.app import create_app
from webmap.static_files import vendor_dir
from webmap.vendor import build

CHROMIUM = "/usr/bin/chromium"


@dataclass
class Site:
    """The served city."""

    address: str
    database: Database
    places: dict[str, int]

    def entry(self) -> str:
        """An address to sign in with once."""
        with transaction(self.database.engine(Role.OWNER), None) as owner:
            account_id = rights_actions.ensure_account(
                owner, "operator", [rights_actions.EVERYTHING]
            )
            token = rights_actions.open_session(
                owner, account_id, kind="one_time", lifetime=timedelta(minutes=5)
            )
        return f"{self.address}/enter?token={token}"


@dataclass
class Watch:
    """What pages asked for and complained about, over all their flows."""

    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def on_request(self, request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            self.hosts.add(urlsplit(request.url).netloc)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)


@pytest.fixture(scope="session")
def site(make_database: Callable[[str], Database]) -> Iterator[Site]:
    settings = load_settings()
    build(vendor_dir(settings))
    database = make_database("onemap_browser")
    city = small_city.build(database)
    app = create_app(settings, database)
    with served(app) as address:
        yield Site(address, database, city.ids)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a port of its own, as long as its address is needed."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    app.extensions["onemap_tiles"].watch.close()


@contextmanager
def working_office(
    cluster: Cluster, database: Database, name: str, state_dir: Path
) -> Iterator[Office]:
    """An office of its own on a database of this name, with a worker and a folder of files."""
    url = cluster.url(database=name).render_as_string(hide_password=False)
    own = load_settings()
    build(vendor_dir(own))
    settings = replace(own, state_dir=state_dir, vendor_dir=vendor_dir(own), database_url=url)
    settings.state_dir.mkdir()
    made = Office(database, open_operator(database), settings, url)
    made.start_worker()
    yield made
    for worker in made.workers:
        worker.kill()
        worker.wait()


@contextmanager
def import_page(office: Office, browser: Browser, watch: Watch, patience_ms: int) -> Iterator[Page]:
    """The import page of an office, in a browser that has signed in and whose talk is watched."""
    with served(create_app(office.settings, office.database)) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        context.set_default_timeout(patience_ms)
        page = context.new_page()
        page.on("request", watch.on_request)
        page.on("console", watch.on_console)
        page.on("pageerror", lambda error: watch.complaints.append(str(error)))
        page.goto(Site(address, office.database, {}).entry())
        page.goto(f"{address}/imports")
        yield page
        context.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=DEADLINE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--disable-gpu", "--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def watch() -> Watch:
    """Of one file's pages."""
    return Watch()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: Site, watch: Watch) -> Iterator[Page]:
    """One page for all tests of a file: loading it anew is what costs time.

    Whatever they do with it, it asks nobody but its server, and no script complains.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="zh-CN")
    context.set_default_timeout(DEADLINE_MS)
    page = context.new_page()
    page.on("request", watch.on_request)
    page.on("console", watch.on_console)
    page.on("pageerror", lambda error: watch.complaints.append(str(error)))
    page.goto(site.entry())
    yield page
    context.close()
    assert watch.hosts == {urlsplit(site.address).netloc}
    # A refusal is an answer the page shows; the browser prints it as an error all the same.
    assert [one for one in watch.complaints if "status of 4" not in one] == []


@pytest.fixture
def city(site: Site) -> dict[str, int]:
    """The city's places by name."""
    return site.places


@pytest.fixture
def reopen(signed_in: Page, site: Site) -> Callable[[str], Page]:
    """Opens the map anew at a permalink."""
    return lambda fragment: open_map(signed_in, site, fragment)


@pytest.fixture
def page(signed_in: Page, site: Site) -> Page:
    """The map as it opens, ready."""
    return open_map(signed_in, site)


def open_map(page: Page, site: Site, fragment: str = "") -> Page:
    """Opens the map anew at a permalink; a change of the fragment alone would not load it."""
    page.goto("about:blank")
    page.goto(f"{site.address}/{fragment}")
    expect(page.locator("#map")).to_have_attribute("data-ready", "")
    expect(page.locator("#kpis .kpi").nth(1)).to_be_visible()
    # Figures and table that come now would be made anew under the first press.
    answered(page)
    return page
