"""How often somebody may ask for what costs much: files to take away, and attempts to come in.

Each web process counts for itself, in its memory: with several of them up to as many times as much
goes through. Wrong passwords are counted in the database, exactly; this is against a script that
would keep the server from answering anybody else.
"""

import math
import threading
import time
from collections.abc import Callable
from typing import Final

from flask import Flask, current_app, g, request

from gis.settings import Settings
from webmap.errors import TooOften

_EXTENSION: Final = "onemap_allowances"
_MINUTE_S: Final = 60.0
_MOST_KNOWN: Final = 10_000

FILES: Final = frozenset(
    {
        "exports.export_places",
        "reports.download_survey",
        "reports.download_analysis",
        "reports.show_report",
        "reports.download_report",
        "certificate_papers.take_paper",
        "campaigns.download_board",
        "campaigns.download_changes",
        "campaigns.download_report",
        "inspections.download_report",
        "rectifications.save_notice",
        "imports.download_changes",
        "loads.download_issues",
        "filings.download_workbook",
    }
)
"""Endpoints that make a file or a whole report; by account."""

ENTRIES: Final = frozenset(
    {
        "sign_in.enter_with_password",
        "codes.enter_with_code",
        "session.enter",
        "provider.go_to_provider",
        "provider.come_from_provider",
    }
)
"""Endpoints by which somebody comes in; by address."""


class Allowance:
    """So many in a minute for each asker, at once or spread out.

    Args:
        per_minute: How many.
        clock: Seconds that never go back.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval_s = _MINUTE_S / per_minute
        self._clock = clock
        self._used_until: dict[str, float] = {}
        """When an asker who asks no more has all of the allowance again."""
        self._lock = threading.Lock()

    def wait_s(self, asker: str) -> float:
        """Take one; 0, or how many seconds to wait until there is one again (and none is taken)."""
        with self._lock:
            now = self._clock()
            until = max(self._used_until.get(asker, now), now) + self._interval_s
            # Of so many intervals, sums are not to the last digit.
            if until - now > _MINUTE_S + 1e-6:
                return until - now - _MINUTE_S
            if len(self._used_until) >= _MOST_KNOWN:
                self._forget(now)
            self._used_until[asker] = until
            return 0

    def _forget(self, now: float) -> None:
        kept = {asker: until for asker, until in self._used_until.items() if until > now}
        # So many at once are no offices; who is forgotten begins anew.
        self._used_until = kept if len(kept) < _MOST_KNOWN else {}


def allow(app: Flask, settings: Settings) -> None:
    """Let the app count who comes in, and by the account who takes files away."""
    app.extensions[_EXTENSION] = {
        kind: Allowance(per_minute)
        for kind, per_minute in (
            ("files", settings.files_per_minute),
            ("entries", settings.entries_per_minute),
        )
        if per_minute is not None
    }

    @app.before_request
    def count_entry() -> None:
        if request.endpoint in ENTRIES:
            _take("entries", request.remote_addr or "")


def count_file(account_id: int) -> None:
    """Count the request at hand, once, if it is one for a file.

    Raises:
        TooOften: The account has asked for too many.
    """
    if request.endpoint in FILES and not g.get("is_counted"):
        g.is_counted = True
        _take("files", str(account_id))


def _take(kind: str, asker: str) -> None:
    allowance: Allowance | None = current_app.extensions[_EXTENSION].get(kind)
    if allowance is not None and (wait_s := allowance.wait_s(asker)) > 0:
        raise TooOften(math.ceil(wait_s))
