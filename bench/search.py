"""Search over HTTP, signed in: what people type, mixed, against looking a place up by its code."""

import http.client
import json
import random
import statistics
import time
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from sqlalchemy import text

from bench.database import bench_cluster, own_database
from bench.register import ROADS, TRADES, Register, build
from bench.result import Context, Figures
from bench.servers import onemap_server
from gis.db import Database, Role, transaction
from gis.places.pinyin import pinyin_initials
from webmap.session import COOKIE

PLACES: Final = 1_000_000
ROUNDS: Final = 400
WARM_UP: Final = 60
_SAMPLE: Final = 400
"""Places whose codes and numbers are asked for."""


def run(context: Context) -> Figures:
    """The figures of `bench search`."""
    with (
        bench_cluster(context.state_dir).running() as cluster,
        own_database(cluster, "onemap_bench_search") as database,
    ):
        context.say("bench.filling", count=PLACES)
        register = build(database, PLACES)
        with onemap_server(database) as server:
            context.say("bench.measuring")
            return measure(database, register, server.port)


def measure(database: Database, register: Register, port: int, rounds: int = ROUNDS) -> Figures:
    """Asks in turns: one of the mixed queries, one look-up by code, on one kept connection."""
    kinds = _queries(database, register)
    random_ = random.Random(320400)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    mixed: list[float] = []
    by_code: list[float] = []
    names = [kind for kind in kinds if kind != "code"]
    for turn in range(WARM_UP + rounds):
        kind = names[turn % len(names)]
        spent = _milliseconds(connection, register.token, random_.choice(kinds[kind]))
        of_code = _milliseconds(connection, register.token, random_.choice(kinds["code"]))
        if turn >= WARM_UP:
            found[kind].append(spent)
            mixed.append(spent)
            by_code.append(of_code)
    connection.close()
    return Figures(
        {
            "p95_ms": round(_p95(mixed), 1),
            "p95_vs_code_lookup": round(_p95(mixed) / _p95(by_code), 2),
        },
        {
            "places": str(register.place_count),
            "code": _said(by_code),
            **{kind: _said(times) for kind, times in found.items() if times},
        },
    )


def _queries(database: Database, register: Register) -> dict[str, list[str]]:
    """What is typed, by kind; every kind but the last finds something."""
    with transaction(database.engine(Role.WEB), register.token) as conn:
        seen = conn.execute(
            text(
                "SELECT p.kind, p.code, p.address, i.value, t.number FROM place.place AS p"
                " LEFT JOIN place.identifier AS i USING (place_id)"
                " LEFT JOIN place.title_place AS tp USING (place_id)"
                " LEFT JOIN place.title AS t USING (title_id)"
                " WHERE p.kind <> 'room' ORDER BY md5(p.code) LIMIT :sample"
            ),
            {"sample": _SAMPLE},
        ).all()
    agencies = [f"示例{at}号{trade}管理所" for at, trade in enumerate(TRADES, start=1)]
    return {
        "code": [row.code for row in seen],
        "code_prefix": [row.code[:12] for row in seen],
        "two_characters": [*TRADES, *ROADS, "会议", "档案", "号楼"],
        "pinyin": [pinyin_initials(f"{trade}第") for trade in TRADES] + ["hys", "gcgj", "das"],
        "middle": [f"{trade}第{at}办" for at, trade in enumerate(TRADES, start=3)],
        "address": [row.address for row in seen if row.address],
        "identifier": [row.value for row in seen if row.value],
        "title": [row.number for row in seen if row.number],
        "title_digits": [row.number[-8:-1] for row in seen if row.number],
        "agency": agencies,
        "two_words": [f"{trade} {road}" for trade, road in zip(TRADES, ROADS * 2, strict=False)],
        "nothing": ["没有这个地方", "zzqqxx", "9" * 12],
    }


def _milliseconds(connection: http.client.HTTPConnection, token: str, typed: str) -> float:
    start = time.perf_counter()
    connection.request(
        "GET", f"/api/search?q={quote(typed)}", headers={"Cookie": f"{COOKIE}={token}"}
    )
    answer = connection.getresponse()
    body = answer.read()
    spent = time.perf_counter() - start
    if answer.status != 200:
        raise AssertionError(f"{typed}: {answer.status} {json.loads(body)}")
    return spent * 1000


def _p95(milliseconds: Sequence[float]) -> float:
    return statistics.quantiles(milliseconds, n=20)[-1]


def _said(milliseconds: Sequence[float]) -> str:
    return f"median {statistics.median(milliseconds):.1f}, p95 {_p95(milliseconds):.1f} ms"
