"""Questions about areas of the sample city, over HTTP, against the bare SQL of the figures."""

import json
import random
import statistics
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import text

from bench.many_cities import multiply
from bench.result import Context, Figures, ratio
from bench.sample_city import served_sample_city
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.summing import refresh_sums
from webmap.database import open_operator_session
from webmap.session import COOKIE

ROUNDS: Final = 40
WARM_UP: Final = 5
TIMES: Final = 20
"""Cities in the large register."""
EVERYTHING: Final[dict[str, Any]] = {"within": {}}

_LOCATED: Final = """p.anchor IS NOT NULL AND (p.valid_from IS NULL OR p.valid_from <= :day)
  AND (p.valid_to IS NULL OR p.valid_to > :day)"""
_IS_PROPERTY: Final = "(p.kind = 'site' OR p.kind = 'building' AND p.parent_id IS NULL)"
_IN_USE: Final = """h.kind = 'occupies' AND (h.valid_from IS NULL OR h.valid_from <= :day)
  AND (h.valid_to IS NULL OR h.valid_to > :day)"""
FLOOR: Final = (
    f"""SELECT p.kind, p.admin_area_code, count(*), count(*) FILTER (WHERE p.use_status = 'idle'),
  count(*) FILTER (WHERE {_IS_PROPERTY}),
  count(*) FILTER (WHERE {_IS_PROPERTY} AND p.address <> ''),
  count(*) FILTER (WHERE {_IS_PROPERTY} AND p.geom IS NOT NULL)
FROM place.place AS p WHERE {_LOCATED} GROUP BY 1, 2""",
    f"""SELECT c.area_kind, p.admin_area_code, sum(c.net_area_m2),
  sum(c.net_area_m2) FILTER (WHERE p.kind = 'room'),
  sum(c.net_area_m2) FILTER (WHERE p.kind = 'room' AND p.use_status = 'idle'),
  count(*) FILTER (WHERE {_IS_PROPERTY})
FROM place.place AS p JOIN place.counted_area AS c USING (place_id) WHERE {_LOCATED}
GROUP BY 1, 2""",
    f"""SELECT b.year_built, count(*), sum(c.area_m2)
FROM place.place AS p JOIN place.building AS b USING (place_id)
LEFT JOIN place.counted_area AS c ON c.place_id = p.place_id AND c.area_kind = 'gross'
WHERE {_LOCATED} GROUP BY 1""",
    f"""SELECT coalesce(s.ownership_status, b.ownership_status), count(*), sum(c.area_m2)
FROM place.place AS p
LEFT JOIN place.site AS s USING (place_id) LEFT JOIN place.building AS b USING (place_id)
LEFT JOIN place.counted_area AS c ON c.place_id = p.place_id AND c.area_kind = 'gross'
WHERE {_IS_PROPERTY} AND {_LOCATED} GROUP BY 1""",
    f"""SELECT count(DISTINCT p.place_id) FROM place.place AS p
JOIN place.title_place AS tp USING (place_id) JOIN place.title AS t USING (title_id)
WHERE {_IS_PROPERTY} AND {_LOCATED} AND t.state = 'registered'""",
    f"""WITH body AS (SELECT DISTINCT party.holder_id FROM place.place AS p
  JOIN estate.holding AS h USING (place_id) JOIN estate.holding_party AS party USING (holding_id)
  WHERE {_LOCATED} AND {_IN_USE}),
newest AS (SELECT DISTINCT ON (organization_id, kind) organization_id, kind, people FROM (
  SELECT c.organization_id, c.kind, c.counted_on, c.source,
    coalesce(sum(c.people) FILTER (WHERE c.rank_code IS NULL), sum(c.people)) AS people
  FROM organization.headcount AS c JOIN body ON body.holder_id = c.organization_id
  GROUP BY 1, 2, 3, 4) AS total ORDER BY organization_id, kind, counted_on DESC, source)
SELECT kind, sum(people), (SELECT count(*) FROM body) FROM newest GROUP BY kind""",
)
"""The figures of everything, table by table, as somebody would type them, under the same rights."""
_IN_BOX: Final = " AND ST_Intersects(ST_SetSRID(ST_GeomFromGeoJSON(:shape), 4490), p.anchor)"


def run(context: Context) -> Figures:
    """The figures of `bench area`."""
    with served_sample_city(context, "onemap_bench_area") as (database, port):
        refresh_sums(database.engine(Role.LOADER), today())
        found = measure(database, port, context)
        if not context.is_large:
            left_out = {f"{name}_x{TIMES}": "bench.only_large" for name in found.values}
            return Figures(found.values, found.beside, left_out)
        multiply(database, TIMES)
        large = measure(database, port, context)
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
    _refuse_other_answer(_ask(port, token, EVERYTHING), _bare(database, token))
    for turn in range(WARM_UP + ROUNDS):
        polygon = _polygon(random_)
        shape = polygon["within"]["geometry"]
        asked: dict[str, Callable[[], object]] = {
            "ours": partial(_ask, port, token, EVERYTHING),
            "floor": partial(_bare, database, token),
            "drawn": partial(_ask, port, token, polygon),
            "drawn_floor": partial(_bare, database, token, shape),
        }
        for name, act in asked.items():
            seconds = _seconds(act)
            if turn >= WARM_UP:
                spent[name].append(seconds * 1000)
    ours, floor, drawn, drawn_floor = spent.values()
    context.say(
        "bench.round_ms", name="area", ours=round(statistics.median(ours)),
        theirs=round(statistics.median(floor)),
    )  # fmt: skip
    return Figures(
        {
            "summary_p95_vs_sql": round(_p95(ours) / _p95(floor), 2),
            "summary_vs_sql": ratio(ours, floor),
            "summary_p95_ms": round(_p95(ours)),
            "polygon_p95_vs_sql": round(_p95(drawn) / _p95(drawn_floor), 2),
            "polygon_p95_ms": round(_p95(drawn)),
        },
        {
            "summary": f"median {statistics.median(ours):.0f} ms, SQL {_said(floor)}",
            "polygon": f"median {statistics.median(drawn):.0f} ms, SQL {_said(drawn_floor)}",
        },
    )


def _polygon(random_: random.Random) -> dict[str, Any]:
    """A box of one to twelve kilometres somewhere in the city."""
    lon, lat = random_.uniform(119.75, 120.05), random_.uniform(31.65, 31.9)
    side = random_.uniform(0.01, 0.12)
    corners = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
    ring = [[lon + x, lat + y] for x, y in corners]
    return {"within": {"geometry": {"type": "Polygon", "coordinates": [ring]}}}


def _ask(port: int, token: str, body: dict[str, Any]) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/area-summary",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Cookie": f"{COOKIE}={token}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def _bare(
    database: Database, token: str, shape: dict[str, Any] | None = None
) -> list[Sequence[Any]]:
    values = {"day": today()} | ({"shape": json.dumps(shape)} if shape else {})
    located = _LOCATED + (_IN_BOX if shape else "")
    with transaction(database.engine(Role.WEB), token) as conn:
        return [
            conn.execute(text(statement.replace(_LOCATED, located)), values).all()
            for statement in FLOOR
        ]


def _refuse_other_answer(ours: Any, floor: list[Sequence[Any]]) -> None:
    """Refuses to compare unless both found the same."""
    figures = {one["name"]: one["value"] for one in ours["domains"][0]["figures"]}
    places, areas, *_, heads = floor
    expected = {
        "property_count": sum(row[4] for row in places),
        "room_count": sum(row[2] for row in places if row[0] == "room"),
        "gross_area": float(sum(row[2] for row in areas if row[0] == "gross")),
        "usable_area": float(sum(row[2] for row in areas if row[0] == "usable")),
        "agency_count": heads[0][2],
        **{f"headcount_{kind}": people for kind, people, _ in heads},
    }
    for name, value in expected.items():
        if abs(figures[name] - float(value)) > 0.01:
            raise AssertionError(f"{name}: {figures[name]} against {value}")


def _seconds(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _p95(milliseconds: Sequence[float]) -> float:
    return statistics.quantiles(milliseconds, n=20)[-1]


def _said(milliseconds: Sequence[float]) -> str:
    return f"median {statistics.median(milliseconds):.0f}, p95 {_p95(milliseconds):.0f} ms"
