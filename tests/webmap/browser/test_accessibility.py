"""Every page there is, read by axe-core as several people in both languages: nothing serious.

Pages are what the address map answers with HTML, so a new one is read by itself.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from everybody import NOBODY, OPERATOR, Everybody, everybody
from playwright.sync_api import Browser, Page, expect

from gis.db import Database
from gis.settings import load_settings
from tests.webmap.browser.conftest import served
from tests.webmap.browser.waiting import DEADLINE_MS, answered
from webmap.language import COOKIE as LANGUAGE_COOKIE
from webmap.session import COOKIE
from webmap.static_files import vendor_dir
from webmap.vendor import build, run_npm_ci

pytestmark = pytest.mark.browser

LOCK: Final = Path(__file__).parent / "axe"
READERS: Final = [
    (OPERATOR, "zh", "light"), (OPERATOR, "en", "dark"), ("clerk", "zh", "dark"),
    ("viewer", "en", "light"), ("security_admin", "zh", "light"), (NOBODY, "en", "light"),
]  # fmt: skip
SERIOUS: Final = {"serious", "critical"}
READ: Final = """async () => {
  for (const one of document.querySelectorAll("details")) one.open = true;
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.map(({ id, impact, nodes }) => ({
    id, impact, at: nodes.map((one) => `${one.target} ${one.html} ${one.failureSummary}`),
  }));
}"""
MISSING: Final = "/nothing-of-ours"
"""What is not there has a page as well."""


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker, fetched once as its lock says; it is in no page and no package of ours."""
    lock = (LOCK / "package-lock.json").read_bytes()
    kept = load_settings().state_dir / f"axe-{hashlib.sha256(lock).hexdigest()[:16]}.js"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(LOCK / name, work / name)
            run_npm_ci(work)
            made = kept.with_suffix(f".{os.getpid()}")
            shutil.copy(work / "node_modules/axe-core/axe.min.js", made)
            made.replace(kept)
    return kept.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def office(
    make_database: Callable[[str], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Everybody, str]]:
    """Everybody, and where they are served."""
    libraries = vendor_dir(load_settings())
    build(libraries)
    folder = Path(tmp_path_factory.mktemp("state"))
    with (
        everybody(make_database, "onemap_accessibility", folder, libraries=libraries) as made,
        served(made.app) as address,
    ):
        yield made, address


def pages_of(made: Everybody, caller: str) -> list[str]:
    """Addresses that answer a person with a page, as this one meets them."""
    found = []
    for rule in made.app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.rule.startswith("/static/"):
            continue
        path = made.path(re.sub(r"<(?:[^<>]+:)?(\w+)>", r"{\1}", rule.rule))
        headers = {**made.callers[caller], "Accept": "text/html"}
        answer = made.browser().get(path, headers=headers)
        if answer.mimetype == "text/html" and answer.status_code != 303:
            found.append(path)
    return found


@contextmanager
def _open(
    browser: Browser, made: Everybody, address: str, reader: tuple[str, str, str]
) -> Iterator[Page]:
    caller, language, scheme = reader
    context = browser.new_context(
        viewport={"width": 1280, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    context.set_default_timeout(DEADLINE_MS)
    cookies = [(LANGUAGE_COOKIE, language)]
    if stated := made.callers[caller].get("Cookie"):
        cookies.append((COOKIE, stated.partition("=")[2]))
    context.add_cookies([{"name": n, "value": value, "url": address} for n, value in cookies])
    yield context.new_page()
    context.close()


def _serious(page: Page, axe: str) -> list[Any]:
    page.evaluate(axe)
    found: list[Any] = page.evaluate(READ)
    return [one for one in found if one["impact"] in SERIOUS]


@pytest.mark.parametrize("reader", READERS, ids="-".join)
def test_nothing_on_any_page_keeps_anybody_out(
    browser: Browser, office: tuple[Everybody, str], axe: str, reader: tuple[str, str, str]
) -> None:
    made, address = office
    found: dict[str, list[Any]] = {}
    pages = [*dict.fromkeys(pages_of(made, reader[0])), MISSING]
    assert len(pages) > (1 if reader[0] == NOBODY else 5)
    with _open(browser, made, address, reader) as page:
        for path in pages:
            page.goto(f"{address}{path}")
            if path == "/":
                expect(page.locator("#map")).to_have_attribute("data-ready", "")
                answered(page)
            if wrong := _serious(page, axe):
                found[path] = wrong
    assert found == {}


@pytest.mark.parametrize("reader", READERS[:2], ids="-".join)
def test_nothing_on_a_card_and_its_forms_keeps_anybody_out(
    browser: Browser, office: tuple[Everybody, str], axe: str, reader: tuple[str, str, str]
) -> None:
    made, address = office
    with _open(browser, made, address, reader) as page:
        page.goto(f"{address}/#p={made.numbers['place_id']}")
        expect(page.locator("#place-title")).to_be_visible()
        answered(page)
        assert _serious(page, axe) == []
        page.locator("#edit-open").click()
        expect(page.locator("#edit-reason")).to_be_visible()
        answered(page)
        assert _serious(page, axe) == []
        page.goto(f"{address}/space/rooms?place={made.numbers['place_id']}")
        expect(page.locator("html")).to_have_attribute("data-rooms", "")
        assert _serious(page, axe) == []
