"""Counts of requests and figures of the server, as Prometheus reads them.

Several processes answer, and any of them may be asked: they count in files of one folder, which
the library adds up. What is looked at, such as the queue, the one that is asked looks at.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from flask import Flask, current_app
from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from gis.db import Database, Role
from gis.operation import waiting
from gis.settings import Settings
from webmap.nightly import last_night
from webmap.seen import Seen
from webmap.watched import METHODS, Observer

_EXTENSION: Final = "onemap_counts"
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)


class Counts:
    """What one process counts.

    Args:
        folder: Where the others count too; null: this process alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.registry = CollectorRegistry()
        self._folder = folder
        self._seconds = Histogram(
            "onemap_request_seconds",
            "Time to answer requests, by the pattern of their address",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._in_use = Gauge(
            "onemap_database_connections_in_use",
            "Connections of the pools that are at work",
            multiprocess_mode="livesum",
            registry=self.registry,
        )
        self._children: dict[tuple[str, str | None, int], Any] = {}

    def observe(self, method: str, seen: Seen, seconds: float) -> None:
        """Count a request."""
        key = (method if method in METHODS else "other", seen.route, seen.status)
        child = self._children.get(key)
        if child is None:
            named = (key[0], key[1] or "none", str(key[2]))
            child = self._children[key] = self._seconds.labels(*named)
        child.observe(seconds)

    def follow(self, database: Database) -> None:
        """Count connections of the web role as they are taken and given back."""
        engine = database.engine(Role.WEB)
        event.listen(engine, "checkout", lambda *_: self._in_use.inc())
        event.listen(engine, "checkin", lambda *_: self._in_use.dec())
        # Such as tiles keep for themselves; nobody gives these back.
        event.listen(engine, "detach", lambda *_: self._in_use.dec())

    def told(self, looked_at: Collector) -> bytes:
        """All that is counted, and what is looked at now, as text."""
        at_once = CollectorRegistry()
        at_once.register(looked_at)
        if self._folder is None:
            return generate_latest(self.registry) + generate_latest(at_once)
        self._forget_ended()
        MultiProcessCollector(at_once, path=str(self._folder))
        return generate_latest(at_once)

    def _forget_ended(self) -> None:
        """A process that was killed holds no connection any more; what it counted stays."""
        assert self._folder is not None  # noqa: S101 -- asked before
        for file in self._folder.glob("gauge_live*.db"):
            number = file.stem.rpartition("_")[2]
            if not Path(f"/proc/{number}").exists():
                with suppress(FileNotFoundError):  # somebody else asked at the same moment
                    mark_process_dead(int(number), str(self._folder))


class Looked(Collector):
    """What is looked at when somebody asks."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As the library wants it."""
        yield from self._waiting()
        night = last_night(self._settings)
        if night is not None and night.good_at is not None:
            age = datetime.now(UTC) - datetime.fromisoformat(night.good_at)
            yield _figure(
                "onemap_last_good_backup_age_seconds",
                "Since the newest nightly backup that was proven",
                age.total_seconds(),
            )
        yield _figure(
            "onemap_disk_free_bytes",
            "Where the state folder lies",
            shutil.disk_usage(self._settings.state_dir).free,
        )

    def _waiting(self) -> Iterator[GaugeMetricFamily]:
        up = "onemap_database_up", "Whether the database could be asked just now"
        try:
            with self._database.engine(Role.WEB).connect() as conn:
                found = waiting(conn)
        except SQLAlchemyError:
            yield _figure(*up, 0)
            return
        yield _figure(*up, 1)
        yield _figure("onemap_jobs_queued", "Jobs that no worker has begun", found.queued)
        yield _figure("onemap_jobs_running", "Jobs at work", found.running)
        yield _figure(
            "onemap_oldest_queued_job_seconds", "How long the oldest has waited", found.oldest_s
        )
        yield _figure(
            "onemap_stale_squares", "Squares whose sums are to be made anew", found.stale_squares
        )


def _figure(name: str, said: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, said, value=value)


def count_requests(app: Flask, settings: Settings, database: Database) -> Observer:
    """Let an app count; what is told of each request."""
    counts = Counts(settings.counts_dir)
    counts.follow(database)
    app.extensions[_EXTENSION] = (counts, Looked(database, settings))
    return counts.observe


def told_figures() -> bytes:
    """All figures of the running app's server, as text."""
    counts, looked = current_app.extensions[_EXTENSION]
    text: bytes = counts.told(looked)
    return text
