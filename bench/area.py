"""Questions about areas of the sample city, over HTTP, against the bare SQL of the figures."""

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from bench.area_asking import IN_BOX, ask, bare, p95, polygon, refuse_other_answer, seconds
from bench.area_large import NAMES, measure_large
from bench.many_cities import multiply
from bench.result import Context, Figures, ratio
from bench.sample_city import served_sample_city
from gis.clock import today
from gis.db import Database, Role
from gis.summing import refresh_sums
from webmap.database import open_operator_session

ROUNDS: Final = 40
WARM_UP: Final = 5
TIMES: Final = 20
"""Cities in the large register."""
EVERYTHING: Final[dict[str, Any]] = {"within": {}}


def run(context: Context) -> Figures:
    """The figures of `bench area`."""
    with served_sample_city(context, "onemap_bench_area") as (database, port):
        refresh_sums(database.engine(Role.LOADER), today())
        found = measure(database, port, context)
        if not context.is_large:
            names = [f"{name}_{what}" for name in NAMES for what in ("p95_ms", "p95_vs_sql")]
            left_out = {f"{name}_x{TIMES}": "bench.only_large" for name in names}
            return Figures(found.values, found.beside, left_out)
        multiply(database, TIMES)
        large = measure_large(database, port, context)
    return Figures(
        {**found.values, **_named(large.values)}, {**found.beside, **_named(large.beside)}
    )


def _named(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name}_x{TIMES}": value for name, value in figures.items()}


def measure(database: Database, port: int, context: Context) -> Figures:
    """Asks in turns: everything over HTTP, its bare SQL; a drawn polygon over HTTP, its SQL."""
    token = open_operator_session(database)
    random_ = random.Random(320400)
    spent: dict[str, list[float]] = {"ours": [], "floor": [], "drawn": [], "drawn_floor": []}
    refuse_other_answer(ask(port, token, EVERYTHING), bare(database, token, today()))
    for turn in range(WARM_UP + ROUNDS):
        drawn_box = polygon(random_)
        shape = drawn_box["within"]["geometry"]
        asked: dict[str, Callable[[], object]] = {
            "ours": partial(ask, port, token, EVERYTHING),
            "floor": partial(bare, database, token, today()),
            "drawn": partial(ask, port, token, drawn_box),
            "drawn_floor": partial(bare, database, token, today(), IN_BOX, {"shape": shape}),
        }
        for name, act in asked.items():
            took = seconds(act)
            if turn >= WARM_UP:
                spent[name].append(took * 1000)
    ours, floor, drawn, drawn_floor = spent.values()
    context.say(
        "bench.round_ms", name="area", ours=round(statistics.median(ours)),
        theirs=round(statistics.median(floor)),
    )  # fmt: skip
    return Figures(
        {
            "summary_p95_vs_sql": round(p95(ours) / p95(floor), 2),
            "summary_vs_sql": ratio(ours, floor),
            "summary_p95_ms": round(p95(ours)),
            "polygon_p95_vs_sql": round(p95(drawn) / p95(drawn_floor), 2),
            "polygon_p95_ms": round(p95(drawn)),
        },
        {
            "summary": f"median {statistics.median(ours):.0f} ms, SQL {_said(floor)}",
            "polygon": f"median {statistics.median(drawn):.0f} ms, SQL {_said(drawn_floor)}",
        },
    )


def _said(milliseconds: Sequence[float]) -> str:
    return f"median {statistics.median(milliseconds):.0f}, p95 {p95(milliseconds):.0f} ms"
