"""Office space of the sample city against the standard, beside the bare SQL of its sums."""

import http.client
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, text

from assets.space.covered import IN_SCOPE
from assets.space.queries import Verdict, verdicts
from bench.many_cities import multiply
from bench.result import Context, Figures, ratio
from bench.sample_city import served_sample_city
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.rights import actions as rights_actions
from gis.rights.actions import Grant
from webmap.database import open_operator_session
from webmap.session import COOKIE

ROUNDS: Final = 20
LARGE_ROUNDS: Final = 3
WARM_UP: Final = 2
TIMES: Final = 20
"""Cities in the large register."""
_AGENCIES: Final = 40
_MORE_COPIED: Final = ("place.room", "estate.holding_leaf")
_FLOOR: Final = (
    """SELECT y.holder_id, r.room_class, count(*) AS rooms,
  sum(c.area_m2 * coalesce(y.share, 1)) AS area_m2
FROM estate.holding_leaf AS l JOIN estate.holding AS h USING (holding_id)
JOIN estate.holding_party AS y USING (holding_id)
JOIN organization.organization AS o ON o.organization_id = y.holder_id
JOIN place.room AS r ON r.place_id = l.place_id
LEFT JOIN place.counted_area AS c ON c.place_id = l.place_id AND c.area_kind = 'usable'
WHERE h.kind = 'occupies' AND l.during @> CAST(:day AS date) AND o.type_code = ANY (:types)
GROUP BY 1, 2""",
    """SELECT organization_id, rank_code, max(people) FROM organization.headcount
WHERE kind = 'quota' AND counted_on <= :day GROUP BY 1, 2""",
)
"""Rooms by body and class, and people, as somebody would type them, under the same rights."""
_ROOM_COUNT: Final = "SELECT count(*) FROM place.room"


def run(context: Context) -> Figures:
    """The figures of `bench verdicts`."""
    with served_sample_city(context, "onemap_bench_verdicts") as (database, port):
        found, room_ms = measure(database, port, context)
        if not context.is_large:
            left_out = {"per_room_x20_vs_x1": "bench.only_large"}
            return Figures(found.values, found.beside, left_out)
        multiply(database, TIMES, _MORE_COPIED)
        large = _per_room_ms(database, open_operator_session(database), LARGE_ROUNDS)
    return Figures(
        {**found.values, "per_room_x20_vs_x1": round(large / room_ms, 2)},
        {**found.beside, "a room": f"{room_ms * 1000:.2f} µs; of twenty cities {large * 1000:.2f}"},
    )


def measure(database: Database, port: int, context: Context) -> tuple[Figures, float]:
    """Asks in turns for the city, its bare SQL, an earlier day, and one agency signed in.

    Returns:
        The figures, and milliseconds of the whole city a room of the register.
    """
    token = open_operator_session(database)
    refuse_other_answer(database, token)
    clerks = _clerks(database)
    dice = random.Random(320400)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    earlier = (today() - timedelta(days=365)).isoformat()

    def ask(token: str, path: str) -> Callable[[], Any]:
        return lambda: _answer(connection, token, path)

    rounds = context.rounds or ROUNDS
    spent: dict[str, list[float]] = {}
    for turn in range(WARM_UP + rounds):
        body = dice.choice(list(clerks))
        asked: dict[str, Callable[[], Any]] = {
            "city": ask(token, "/api/space/verdicts?limit=1000"),
            "sql": lambda: _bare(database, token),
            "city_year_ago": ask(token, f"/api/space/verdicts?limit=1000&as_of={earlier}"),
            "agency": ask(clerks[body], f"/api/space/verdicts/{body}"),
            "agency_list": ask(clerks[body], "/api/space/verdicts"),
        }
        for name, act in asked.items():
            took_ms = _milliseconds(act)
            if turn >= WARM_UP:
                spent.setdefault(name, []).append(took_ms)
    connection.close()
    median = {name: statistics.median(times) for name, times in spent.items()}
    context.say(
        "bench.round_ms", name="verdicts", ours=round(median["city"]), theirs=round(median["sql"])
    )
    return Figures(
        {
            "city_s": round(median["city"] / 1000, 2),
            "city_vs_sql": ratio(spent["city"], spent["sql"]),
            "city_year_ago_s": round(median["city_year_ago"] / 1000, 2),
            "one_agency_ms": round(median["agency"], 1),
            "one_agency_list_ms": round(median["agency_list"], 1),
        },
        {name: f"median {median[name]:.0f}, at most {max(spent[name]):.0f} ms" for name in spent},
    ), _per_room_ms(database, token, rounds)


def refuse_other_answer(database: Database, token: str) -> None:
    """Refuses to compare unless verdicts and SQL find the same rooms and areas."""
    with transaction(database.engine(Role.WEB), token) as conn:
        found = verdicts(conn, today())
        bodies = [one.body.organization_id for one in found]
        rows = [row for row in _rooms(conn) if row.holder_id in set(bodies)]
    ours = _summed(found)
    floor = (sum(row.rooms for row in rows), sum((row.area_m2 or Decimal()) for row in rows))
    if ours[0] != floor[0] or abs(ours[1] - floor[1]) > Decimal("0.01") * len(bodies):
        raise AssertionError(f"{ours} against {floor}")


def _summed(found: Sequence[Verdict]) -> tuple[int, Decimal]:
    rooms = [each for one in found for each in one.rooms]
    return sum(each.rooms for each in rooms), sum((each.area_m2 for each in rooms), Decimal())


def _bare(database: Database, token: str) -> None:
    with transaction(database.engine(Role.WEB), token) as conn:
        _rooms(conn)
        conn.execute(text(_FLOOR[1]), {"day": today()}).all()


def _rooms(conn: Connection) -> Sequence[Any]:
    return conn.execute(text(_FLOOR[0]), {"day": today(), "types": list(IN_SCOPE)}).all()


def _per_room_ms(database: Database, token: str, rounds: int) -> float:
    """Milliseconds of everybody's verdict, without HTTP, a room of the register."""
    with transaction(database.engine(Role.OWNER), None) as conn:
        rooms: int = conn.execute(text(_ROOM_COUNT)).scalar_one()

    def judge() -> None:
        with transaction(database.engine(Role.WEB), token) as conn:
            verdicts(conn, today())

    judge()
    return statistics.median(_milliseconds(judge) for _ in range(rounds)) / rooms


def _clerks(database: Database) -> dict[int, str]:
    """Sessions of clerks of some agencies that have rooms, by agency."""
    with transaction(database.engine(Role.WEB), open_operator_session(database)) as conn:
        chosen = [one.body.organization_id for one in verdicts(conn, today()) if one.rooms]
    sessions = {}
    with transaction(database.engine(Role.OWNER), None) as owner:
        for body in sorted(chosen)[:: max(1, len(chosen) // _AGENCIES)]:
            account_id = rights_actions.ensure_account(
                owner, f"clerk {body}", [Grant("clerk", organization_id=body)]
            )
            sessions[body] = rights_actions.open_session(
                owner, account_id, kind="web", lifetime=timedelta(hours=12)
            )
    return sessions


def _answer(connection: http.client.HTTPConnection, token: str, path: str) -> Any:
    connection.request("GET", path, headers={"Cookie": f"{COOKIE}={token}"})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    if answer.status != 200:
        raise AssertionError(f"{path}: {answer.status} {body}")
    return body


def _milliseconds(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000
