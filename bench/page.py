"""The map as it opens in a real browser: what it fetches, when it shows, when it rests."""

import statistics
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Request, sync_playwright

from bench.result import Context, Figures, ratio
from bench.sample_city import served_sample_city
from gis.db import Database
from gis.settings import load_settings
from webmap.database import open_operator_session
from webmap.session import COOKIE
from webmap.static_files import vendor_dir
from webmap.vendor import build

ROUNDS: Final = 9
_CHROMIUM: Final = "/usr/bin/chromium"
_WINDOW: Final = {"width": 1440, "height": 900}
_REST_S: Final = 1.2
"""So long nothing is fetched: the page rests. Asking for the version does not count."""
_PATIENCE_S: Final = 60
_VERSION: Final = "/api/version"
_EDITS: Final = 9
_REPORTS: Final = {"survey_s": "/api/reports/survey", "analysis_s": "/api/reports/analysis"}
_REPORT_PATIENCE_S: Final = 300


@dataclass(frozen=True)
class Opening:
    """One opening of the map.

    Args:
        transferred_bytes: As sent, headers included.
        first_tile_s: From asking for the page until the first tile was there.
        idle_s: Until the last of what it fetches was there.
        requests: How many were answered.
    """

    transferred_bytes: int
    first_tile_s: float
    idle_s: float
    requests: int


def run(context: Context) -> Figures:
    """The figures of `bench page`."""
    build(vendor_dir(load_settings()))
    with served_sample_city(context, "onemap_bench_page") as (database, port):
        return measure(database, f"http://127.0.0.1:{port}")


def measure(database: Database, address: str) -> Figures:
    """Opens the map in turns: with nothing kept, again with what was kept, and bare bytes."""
    token = open_operator_session(database)
    first: list[Opening] = []
    again: list[Opening] = []
    bare: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_CHROMIUM, args=["--disable-gpu", "--no-sandbox"]
        )
        for turn in range(ROUNDS + 1):
            window = _window(browser, address, token)
            cold, warm = _open(window, address), _open(window, address)
            window.close()
            fixed = _bare(browser, address, token, cold.transferred_bytes)
            # The first turn warms the server: its connections, plans and tiles.
            if turn:
                first.append(cold)
                again.append(warm)
                bare.append(fixed)
        shown = _edits_shown(browser, address, token)
        browser.close()
    written = {name: _written(address, token, path) for name, path in _REPORTS.items()}
    return Figures(
        {
            "bytes": round(statistics.median(one.transferred_bytes for one in first)),
            "first_tile_s": _median([one.first_tile_s for one in first]),
            "idle_s": _median([one.idle_s for one in first]),
            "again_bytes": round(statistics.median(one.transferred_bytes for one in again)),
            "again_idle_s": _median([one.idle_s for one in again]),
            "idle_vs_fixed": ratio([one.idle_s for one in first], bare),
            "edit_shown_s": _median(shown),
            **written,
        },
        {
            "requests": f"{first[0].requests}, again {again[0].requests}",
            "edits": f"slowest of {len(shown)} shown after {max(shown):.2f} s",
            "fixed": f"median {_median(bare)} s for as many bytes at once",
        },
    )


def _window(browser: Browser, address: str, token: str) -> BrowserContext:
    """A browser that has signed in and keeps nothing yet."""
    window = browser.new_context(viewport=_WINDOW, locale="zh-CN")  # type: ignore[arg-type]
    window.add_cookies([{"name": COOKIE, "value": token, "url": address}])
    return window


def _open(window: BrowserContext, address: str) -> Opening:
    page = window.new_page()
    talk = window.new_cdp_session(page)
    talk.send("Network.enable")
    sent_bytes: list[int] = []
    talk.on("Network.loadingFinished", lambda event: sent_bytes.append(event["encodedDataLength"]))
    ended: list[float] = []
    tiles: list[float] = []
    asked: set[Request] = set()

    def on_request(request: Request) -> None:
        if not request.url.endswith(_VERSION):
            asked.add(request)

    def on_end(request: Request) -> None:
        if request in asked:
            asked.discard(request)
            ended.append(time.perf_counter())
            if "/tiles/" in request.url:
                tiles.append(time.perf_counter())

    page.on("request", on_request)
    page.on("requestfinished", on_end)
    page.on("requestfailed", on_end)
    start = time.perf_counter()
    page.goto(f"{address}/")
    page.wait_for_selector("#map[data-ready]", state="attached", timeout=_PATIENCE_S * 1000)
    while not tiles or asked or time.perf_counter() - ended[-1] < _REST_S:
        if time.perf_counter() - start > _PATIENCE_S:
            raise AssertionError(f"still asking after {_PATIENCE_S} s: {[r.url for r in asked]}")
        page.wait_for_timeout(50)
    page.close()
    return Opening(int(sum(sent_bytes)), tiles[0] - start, ended[-1] - start, len(ended))


def _edits_shown(browser: Browser, address: str, token: str) -> list[float]:
    """Seconds from saving another name until a map open elsewhere shows it, edit by edit."""
    window = _window(browser, address, token)
    listed = window.request.post(
        f"{address}/api/area-list", data={"within": {}, "list": "properties", "limit": _EDITS}
    ).json()
    place = f"{address}/api/places/{listed['rows'][0]['place_id']}"
    page = window.new_page()
    page.goto(f"{address}/#p={listed['rows'][0]['place_id']}")
    page.wait_for_selector("#place-title", timeout=_PATIENCE_S * 1000)
    page.wait_for_timeout(_REST_S * 1000)
    shown: list[float] = []
    for number in range(_EDITS):
        body = {
            "version": window.request.get(f"{place}/edit").json()["version"],
            "reason": "bench",
            "values": {"name": f"bench {number}"},
        }
        saved = window.request.post(f"{place}/edit", data=body)
        start = time.perf_counter()
        if not saved.ok:
            raise AssertionError(saved.text())
        title = page.locator("#place-title", has_text=f"bench {number}")
        title.wait_for(timeout=_PATIENCE_S * 1000)
        shown.append(time.perf_counter() - start)
    window.close()
    return shown


def _written(address: str, token: str, path: str) -> float:
    """Seconds until a report was there to the last byte."""
    asked = urllib.request.Request(f"{address}{path}", headers={"Cookie": f"{COOKIE}={token}"})
    start = time.perf_counter()
    with urllib.request.urlopen(asked, timeout=_REPORT_PATIENCE_S) as answer:
        answer.read()
    return round(time.perf_counter() - start, 2)


def _bare(browser: Browser, address: str, token: str, length: int) -> float:
    """Seconds for an empty page and as many bytes in one answer, in the same browser."""
    window = _window(browser, address, token)
    page = window.new_page()
    start = time.perf_counter()
    page.goto(f"{address}/healthz")
    found: Any = page.evaluate(
        "async (path) => (await (await fetch(path)).arrayBuffer()).byteLength", f"/fixed/{length}"
    )
    spent = time.perf_counter() - start
    window.close()
    if found != length:
        raise AssertionError(f"{found} bytes of {length}")
    return spent


def _median(seconds: Sequence[float]) -> float:
    return round(statistics.median(seconds), 2)
