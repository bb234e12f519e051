"""A hundred clients of several roles, each with a session, doing what an office does all day."""

import json
import math
import random
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import text

from assets.registry import report_names
from bench.asker import Asker
from bench.result import Context, Figures
from bench.sample_city import served_sample_city
from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, Grant, ensure_account, open_session

CLIENTS: Final = 100
SECONDS: Final = 300
_NAME: Final = "onemap_bench_mixed"
_THINKING_S: Final = (0.0, 1.0)
_LIFETIME: Final = timedelta(hours=4)
_DRAWN: Final = ("property", "building")
_WEST, _SOUTH, _EAST, _NORTH = 119.90, 31.74, 120.00, 31.82
_ROLES: Final = 6
_PERCENTILES: Final = (50, 95, 99)


@dataclass(frozen=True)
class Known:
    """What there is to ask about.

    Args:
        places: Properties; those who may write correct one each.
        words: To search for.
        areas: Codes of districts.
        tokens: Of sessions, one a client, of several roles.
        may_write: Of each, whether it may write.
        has_figures_only: Of each, whether it is told figures of districts and nothing else.
    """

    places: Sequence[int]
    words: Sequence[str]
    areas: Sequence[str]
    tokens: Sequence[str]
    may_write: Sequence[bool]
    has_figures_only: Sequence[bool]


@dataclass
class Taken:
    """Milliseconds by what was asked, and what was not answered as it should be."""

    ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)


def run(context: Context) -> Figures:
    """The figures of `bench mixed`."""
    clients, seconds = context.clients or CLIENTS, context.seconds or SECONDS
    with served_sample_city(context, _NAME) as (database, port):
        known = prepare(database, clients)
        taken, spent = drive(port, known, seconds)
    return figures_of(taken, spent, clients)


def figures_of(taken: Taken, seconds: float, clients: int) -> Figures:
    """Requests, errors and, by what was asked, percentiles."""
    every = [one for ms in taken.ms.values() for one in ms]
    values: dict[str, float] = {"clients": clients, "requests": len(every)}
    values |= {"errors": len(taken.errors), "requests_per_second": round(len(every) / seconds, 1)}
    for name, ms in (("every", every), *sorted(taken.ms.items())):
        cuts = statistics.quantiles(ms, n=100, method="inclusive") if len(ms) > 1 else ms * 99
        values |= {f"{name}_p{one}_ms": round(cuts[one - 1]) for one in _PERCENTILES}
    beside = {name: f"{len(ms)} requests" for name, ms in sorted(taken.ms.items())}
    return Figures(values, beside | {f"error {n}": e for n, e in enumerate(taken.errors[:20])})


def prepare(database: Database, clients: int) -> Known:
    """Accounts of roles in turn, each with a session, and what they ask about."""
    with transaction(database.engine(Role.OWNER), None) as conn:

        def some(sql: str) -> list[Any]:
            return list(conn.execute(text(sql)).scalars())

        areas = some("SELECT code FROM place.admin_area WHERE level = 'district' ORDER BY code")
        bodies = some("SELECT organization_id FROM organization.organization ORDER BY 1 LIMIT 400")
        kinds: list[tuple[Grant, bool]] = [
            (EVERYTHING, True),
            (Grant("viewer"), False),
            (Grant("officer", admin_area_code=areas[0]), False),
            (Grant("clerk", organization_id=bodies[0]), False),
            (Grant("leader"), False),
            (Grant("viewer", admin_area_code=areas[-1]), False),
        ]
        tokens, may_write, has_figures_only = [], [], []
        for at in range(clients):
            grant, writes = kinds[at % len(kinds)]
            account_id = ensure_account(conn, f"bench {at}", [grant])
            tokens.append(open_session(conn, account_id, kind="web", lifetime=_LIFETIME))
            may_write.append(writes)
            has_figures_only.append(grant.role == "leader")
        return Known(
            some("SELECT place_id FROM place.place WHERE kind = 'site' ORDER BY 1 LIMIT 1000"),
            some("SELECT left(name, 4) FROM place.place WHERE name IS NOT NULL LIMIT 400"),
            areas,
            tokens,
            may_write,
            has_figures_only,
        )


def drive(port: int, known: Known, seconds: float) -> tuple[Taken, float]:
    """All clients at once, until the time is over and each has its last answer."""
    taken = Taken()
    ends = time.monotonic() + seconds
    clients = [
        threading.Thread(target=_Client(port, known, at, taken).work, args=(ends,))
        for at in range(len(known.tokens))
    ]
    began = time.monotonic()
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return taken, time.monotonic() - began


class _Client:
    """One person at work: thinks up to a second between two requests."""

    def __init__(self, port: int, known: Known, at: int, taken: Taken) -> None:
        self._asker = Asker(port, known.tokens[at])
        self._known = known
        self._at = at
        self._taken = taken
        self._dice = random.Random(at)
        self._may_write = known.may_write[at]
        self._has_figures_only = known.has_figures_only[at]
        # Those who write come one in six; each has a place to itself.
        self._own = known.places[at // _ROLES % len(known.places)]

    def work(self, ends: float) -> None:
        weights = {self.tile: 30, self.page: 2, self.search: 12, self.card: 14, self.summary: 8,
                   self.rows: 6, self.version: 8, self.theme: 2, self.chart: 4, self.items: 6,
                   self.report: 1, self.todo: 2, self.count: 3, self.edit: 4}  # fmt: skip
        if self._has_figures_only:
            weights = {self.figures: 10, self.version: 8}
        kinds: Sequence[Callable[[], None]] = list(weights)
        while time.monotonic() < ends:
            (kind,) = self._dice.choices(kinds, list(weights.values()))
            try:
                kind()
            except Exception as error:  # every sort of failure counts as one
                self._taken.errors.append(f"{kind.__name__}: {error!r}")
            time.sleep(self._dice.uniform(*_THINKING_S))
        self._asker.close()

    def _ask(
        self, name: str, path: str, body: Any = None, *, fine: Sequence[int] = (200,)
    ) -> bytes:
        began = time.perf_counter()
        status, said = self._asker.ask("GET" if body is None else "POST", path, body)
        self._taken.ms[name].append((time.perf_counter() - began) * 1000)
        if status not in fine:
            told = said[:200].decode("utf-8", "replace")
            self._taken.errors.append(f"{name} {path}: {status} {told}")
        return said

    def _spot(self) -> list[float]:
        return [self._dice.uniform(_WEST, _EAST), self._dice.uniform(_SOUTH, _NORTH)]

    def _within(self) -> dict[str, Any]:
        if self._dice.random() < 0.3:
            return {"admin_area": self._dice.choice(self._known.areas)}
        return {"point": self._spot(), "radius_m": self._dice.uniform(100, 4000)}

    def tile(self) -> None:
        zoom = self._dice.choice((12, 14, 16))
        x, y = _tile_at(self._spot(), zoom)
        self._ask("tile", f"/tiles/{self._dice.choice(_DRAWN)}/{zoom}/{x}/{y}.mvt", fine=(200, 204))

    def page(self) -> None:
        self._ask("page", "/")

    def figures(self) -> None:
        self._ask("figures", "/figures")

    def search(self) -> None:
        self._ask("search", "/api/search?q=" + quote(self._dice.choice(self._known.words)))

    def card(self) -> None:
        # Those who may not see it are told that there is none.
        place_id = self._dice.choice(self._known.places)
        self._ask("card", f"/api/places/{place_id}", fine=(200, 404))

    def summary(self) -> None:
        self._ask("summary", "/api/area-summary", {"within": self._within()})

    def rows(self) -> None:
        body = {"within": self._within(), "list": "properties", "limit": 50}
        self._ask("list", "/api/area-list", body)

    def version(self) -> None:
        self._ask("version", "/api/version")

    def theme(self) -> None:
        self._ask("themes", "/api/themes")

    def chart(self) -> None:
        self._ask("chart", "/api/layers/property/breakdown", {"within": self._within()})

    def count(self) -> None:
        self._ask("layers", "/api/layers")

    def items(self) -> None:
        lon, lat = self._spot()
        box = f"{lon},{lat},{lon + 0.01},{lat + 0.01}"
        self._ask("ogc_items", f"/ogc/collections/building/items?limit=20&bbox={box}")

    def report(self) -> None:
        self._ask("report", f"/api/reports/{self._dice.choice(report_names())}.json")

    def todo(self) -> None:
        self._ask("todo", "/api/todo")

    def edit(self) -> None:
        """Corrects a place of one's own; who may not write looks at its card."""
        if not self._may_write:
            self.card()
            return
        form = json.loads(self._ask("edit_form", f"/api/places/{self._own}/edit"))
        body = {"version": form["version"], "reason": "示例",
                "values": {"remark": f"{self._dice.random()}"}}  # fmt: skip
        self._ask("edit", f"/api/places/{self._own}/edit", body)


def _tile_at(spot: Sequence[float], zoom: int) -> tuple[int, int]:
    lon, lat = spot
    across = 2**zoom
    sin = math.sin(math.radians(lat))
    y = 0.5 - math.log((1 + sin) / (1 - sin)) / (4 * math.pi)
    return int((lon + 180) / 360 * across), int(y * across)
