"""Waiting for what an action leads to, so that no test reads before it is there."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

DEADLINE_MS = 15_000
LOOK_AGAIN_MS = 50
PLAIN = frozenset("rdhmb")
"""Parts of the permalink that stand in it as they are, not as JSON."""

MAP = """const script = document.querySelector('link[rel=modulepreload][href*="js/map.js"]');
  const { map } = await import(script.href);"""
STILL = f"""async (deadline) => {{
  {MAP}
  await new Promise((done, fail) => {{
    setTimeout(() => fail(new Error("the map is not drawn in time")), deadline);
    map.once("rendercomplete", () => done());
    map.render();
  }});
}}"""
HEAR = f"""async () => {{
  {MAP}
  window.heard = new Promise((done) => map.once("singleclick", () => done()));
}}"""
HEARD = """(deadline) => Promise.race([window.heard, new Promise((_, fail) =>
  setTimeout(() => fail(new Error("the map heard no click")), deadline))])"""


def link(page: Page, name: str) -> Any:
    """What the permalink says now about one part of the screen; null when nothing."""
    # The page itself is asked: what the browser tells of addresses comes some moments later.
    fragment = urlsplit(page.evaluate("location.href")).fragment
    written = parse_qs(fragment).get(name)
    if not written:
        return None
    return written[0] if name in PLAIN else json.loads(written[0])


def until(page: Page, holds: Callable[[], object]) -> None:
    """Waits until something about the page holds, or fails."""
    for _ in range(DEADLINE_MS // LOOK_AGAIN_MS):
        if holds():
            return
        page.wait_for_timeout(LOOK_AGAIN_MS)
    assert holds()


def answered(page: Page) -> None:
    """Waits until no part of the page waits for an answer: what it shows is not made anew."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def ready(page: Page) -> None:
    """Waits for the script of a page of forms; the page itself has to be the new one already."""
    expect(page.locator("html")).to_have_attribute("data-ready", "")


def still(page: Page) -> None:
    """Waits until the map has drawn everything in view and does not move."""
    page.evaluate(STILL, DEADLINE_MS)


def click_map(page: Page, x: float, y: float) -> None:
    """One click, which the map has taken for a single one: with the next it makes no double."""
    page.evaluate(HEAR)
    page.mouse.click(x, y)
    page.evaluate(HEARD, DEADLINE_MS)


def take_back(page: Page) -> None:
    """Takes the last edit of the open place back, asked twice; it is taken back when this ends."""
    undo = page.locator("#edit-undo")
    undo.press("Enter")
    undo.press("Enter")
    expect(page.locator("#edit-undo[data-sure]")).to_have_count(0)
