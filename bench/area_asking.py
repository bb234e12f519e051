"""Asking about areas over HTTP, and the bare SQL of the same figures."""

import json
import random
import statistics
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import text

from gis.db import Database, Role, transaction
from webmap.session import COOKIE

LOCATED: Final = """p.anchor IS NOT NULL AND (p.valid_from IS NULL OR p.valid_from <= :day)
  AND (p.valid_to IS NULL OR p.valid_to > :day)"""
_IS_PROPERTY: Final = "(p.kind = 'site' OR p.kind = 'building' AND p.parent_id IS NULL)"
_IN_USE: Final = """h.kind = 'occupies' AND (h.valid_from IS NULL OR h.valid_from <= :day)
  AND (h.valid_to IS NULL OR h.valid_to > :day)"""
FLOOR: Final = (
    f"""SELECT p.kind, p.admin_area_code, count(*), count(*) FILTER (WHERE p.use_status = 'idle'),
  count(*) FILTER (WHERE {_IS_PROPERTY}),
  count(*) FILTER (WHERE {_IS_PROPERTY} AND p.address <> ''),
  count(*) FILTER (WHERE {_IS_PROPERTY} AND p.geom IS NOT NULL)
FROM place.place AS p WHERE {LOCATED} GROUP BY 1, 2""",
    f"""SELECT c.area_kind, p.admin_area_code, sum(c.net_area_m2),
  sum(c.net_area_m2) FILTER (WHERE p.kind = 'room'),
  sum(c.net_area_m2) FILTER (WHERE p.kind = 'room' AND p.use_status = 'idle'),
  count(*) FILTER (WHERE {_IS_PROPERTY})
FROM place.place AS p JOIN place.counted_area AS c USING (place_id) WHERE {LOCATED}
GROUP BY 1, 2""",
    f"""SELECT b.year_built, count(*), sum(c.area_m2)
FROM place.place AS p JOIN place.building AS b USING (place_id)
LEFT JOIN place.counted_area AS c ON c.place_id = p.place_id AND c.area_kind = 'gross'
WHERE {LOCATED} GROUP BY 1""",
    f"""SELECT coalesce(s.ownership_status, b.ownership_status), count(*), sum(c.area_m2)
FROM place.place AS p
LEFT JOIN place.site AS s USING (place_id) LEFT JOIN place.building AS b USING (place_id)
LEFT JOIN place.counted_area AS c ON c.place_id = p.place_id AND c.area_kind = 'gross'
WHERE {_IS_PROPERTY} AND {LOCATED} GROUP BY 1""",
    f"""SELECT count(DISTINCT p.place_id) FROM place.place AS p
JOIN place.title_place AS tp USING (place_id) JOIN place.title AS t USING (title_id)
WHERE {_IS_PROPERTY} AND {LOCATED} AND t.state = 'registered'""",
    f"""WITH body AS (SELECT DISTINCT party.holder_id FROM place.place AS p
  JOIN estate.holding AS h USING (place_id) JOIN estate.holding_party AS party USING (holding_id)
  WHERE {LOCATED} AND {_IN_USE}),
newest AS (SELECT DISTINCT ON (organization_id, kind) organization_id, kind, people FROM (
  SELECT c.organization_id, c.kind, c.counted_on, c.source,
    coalesce(sum(c.people) FILTER (WHERE c.rank_code IS NULL), sum(c.people)) AS people
  FROM organization.headcount AS c JOIN body ON body.holder_id = c.organization_id
  GROUP BY 1, 2, 3, 4) AS total ORDER BY organization_id, kind, counted_on DESC, source)
SELECT kind, sum(people), (SELECT count(*) FROM body) FROM newest GROUP BY kind""",
)
"""The figures of everything, table by table, as somebody would type them, under the same rights."""
IN_BOX: Final = " AND ST_Intersects(ST_SetSRID(ST_GeomFromGeoJSON(:shape), 4490), p.anchor)"


def polygon(random_: random.Random) -> dict[str, Any]:
    """A box of one to twelve kilometres somewhere in the city."""
    lon, lat = random_.uniform(119.75, 120.05), random_.uniform(31.65, 31.9)
    side = random_.uniform(0.01, 0.12)
    corners = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
    ring = [[lon + x, lat + y] for x, y in corners]
    return {"within": {"geometry": {"type": "Polygon", "coordinates": [ring]}}}


def ask(port: int, token: str, body: dict[str, Any]) -> Any:
    """The answer to a question, over HTTP."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/area-summary",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Cookie": f"{COOKIE}={token}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def bare(
    database: Database,
    token: str,
    day: date,
    condition: str = "",
    values: Mapping[str, Any] | None = None,
) -> list[Sequence[Any]]:
    """What the bare SQL finds.

    Args:
        database: Asked in the name of a session.
        token: Of that session.
        day: On which places and holdings are there; areas and titles are those of today.
        condition: On places `p`, beginning with AND.
        values: Of its parameters; a `shape` as GeoJSON.
    """
    bound = {
        name: json.dumps(value) if name == "shape" else value
        for name, value in (values or {}).items()
    }
    with transaction(database.engine(Role.WEB), token) as conn:
        # People are told that it takes too long; here that is the figure.
        conn.execute(text("SET LOCAL statement_timeout = 0"))
        return [
            conn.execute(
                text(statement.replace(LOCATED, LOCATED + condition)), {**bound, "day": day}
            ).all()
            for statement in FLOOR
        ]


def refuse_other_answer(ours: Any, floor: list[Sequence[Any]]) -> None:
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


def seconds(act: Callable[[], Any]) -> float:
    """How long something takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def p95(milliseconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(milliseconds, n=20)[-1]
