"""Vector tiles: ours under row security against TiPg without, and against fixed bytes."""

import json
import random
import statistics
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from bench.city import DenseCity, build
from bench.database import bench_cluster, own_database
from bench.http_client import Run, drive, get
from bench.result import Context, Figures, ratio
from bench.rights_cost import rights_cost
from bench.servers import TIPG_SCHEMA, Serving, onemap_server, tipg_server
from bench.vector_tile import layers
from gis.crs import STORAGE_SRID
from gis.db import Database, Role, transaction
from gis.tiles import bounds
from webmap.session import COOKIE
from webmap.views.tiles import LAYER_BY_NAME

BUILDINGS: Final = 200_000
CLIENTS: Final = 8
ROUNDS: Final = 5
MANY_CLIENTS: Final = 100
_ZOOMS: Final = (14, 16)
_COLUMNS: Final = (
    "place_id, kind, code, name, use_status, ownership_status, year_built, age_class,"
    " structure, floors_above"
)
_WARM_REQUESTS: Final = 6_000
_WARM_UP: Final = 60
_WATCH_S: Final = 1.0
"""Time for the workers to hear of a change."""

Tile = tuple[int, int, int]


def run(context: Context) -> Figures:
    """The figures of `bench tiles`."""
    with (
        bench_cluster(context.state_dir).running() as cluster,
        own_database(cluster, "onemap_bench_tiles") as database,
    ):
        context.say("bench.filling", count=BUILDINGS)
        city = build(database, BUILDINGS)
        make_flat_table(database, city)
        with onemap_server(database) as ours, tipg_server(database) as theirs:
            context.say("bench.measuring")
            return _measure(database, city, ours, theirs, context)


def make_flat_table(database: Database, city: DenseCity) -> None:
    """What TiPg serves: a plain table of exactly what the account sees, indexed, without RLS."""
    with transaction(database.engine(Role.WEB), city.token) as conn:
        seen = conn.execute(text("SELECT array_agg(cell) FROM rights.my_cells")).scalar_one()
    with transaction(database.engine(Role.OWNER), None) as conn:
        conn.execute(text(f"CREATE SCHEMA {TIPG_SCHEMA}"))
        conn.execute(
            text(
                f"CREATE TABLE {TIPG_SCHEMA}.building AS"
                f" SELECT {_COLUMNS}, geom::geometry(Polygon, {STORAGE_SRID}) AS geom"
                " FROM map.building"
                " WHERE place_id IN"
                " (SELECT place_id FROM place.place WHERE rights_cell = ANY(:seen))"
            ).bindparams(seen=seen)
        )
        conn.execute(text(f"ALTER TABLE {TIPG_SCHEMA}.building ADD PRIMARY KEY (place_id)"))
        conn.execute(text(f"CREATE INDEX ON {TIPG_SCHEMA}.building USING gist (geom)"))
    with database.admin().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(f"VACUUM ANALYZE {TIPG_SCHEMA}.building"))


def _measure(
    database: Database, city: DenseCity, ours: Serving, theirs: Serving, context: Context
) -> Figures:
    tiles = {z: tiles_over(city, z) for z in _ZOOMS}
    _check_same(city, ours.port, theirs.port, tiles)
    for z in _ZOOMS:  # connections opened, plans made: neither server is measured starting up
        drive(ours.port, _own_requests(city, tiles[z][:_WARM_UP]), clients=CLIENTS)
        drive(theirs.port, _tipg_requests(tiles[z][:_WARM_UP]), clients=CLIENTS)
    values: dict[str, float] = {}
    beside: dict[str, str] = {}
    for z in _ZOOMS:
        turns = [
            _turn(database, city, (ours, theirs), tiles[z], is_ours_first=turn % 2 == 0)
            for turn in range(ROUNDS)
        ]
        own, other = ([turn[at].run.per_second for turn in turns] for at in (0, 1))
        for ours_now, theirs_now in zip(own, other, strict=True):
            context.say("bench.round", name=f"z{z}", ours=round(ours_now), theirs=round(theirs_now))
        values[f"z{z}_vs_tipg"] = ratio(own, other)
        beside[f"z{z}"] = _rates(own, other, turns[-1][0].run)
        spent, their = ([turn[at].milliseconds for turn in turns] for at in (0, 1))
        values[f"z{z}_processor_time_vs_tipg"] = ratio(their, spent)
        beside[f"z{z} processor time"] = f"{_median(turns, 0)} : {_median(turns, 1)}"
    cost, shown = rights_cost(database, LAYER_BY_NAME["building"], tiles[14])
    values["z14_rights_cost"], beside["z14 with and without row security"] = cost, shown
    own, other, last = _warm(city, ours.port, tiles[16])
    values["warm_vs_fixed"] = ratio(own, other)
    beside["warm"] = _rates(own, other, last)
    values["errors_100_clients"] = float(_many_clients(database, city, ours.port, tiles))
    return Figures(values, beside)


@dataclass(frozen=True)
class _Timed:
    """A run and what the server spent on it, in milliseconds of processor time a tile."""

    run: Run
    server_ms: float
    database_ms: float

    @property
    def milliseconds(self) -> float:
        return self.server_ms + self.database_ms


def _turn(
    database: Database,
    city: DenseCity,
    servers: tuple[Serving, Serving],
    tiles: Sequence[Tile],
    *,
    is_ours_first: bool,
) -> tuple[_Timed, _Timed]:
    """Both servers once, in turns; ours first in the answer."""
    ours, theirs = servers

    def own() -> _Timed:
        forget_tiles(database)
        return _timed(ours, _own_requests(city, tiles))

    def other() -> _Timed:
        return _timed(theirs, _tipg_requests(tiles))

    if is_ours_first:
        return own(), other()
    their_turn = other()
    return own(), their_turn


def _timed(server: Serving, requests: Sequence[bytes]) -> _Timed:
    before = server.time.seconds()
    run = drive(server.port, requests, clients=CLIENTS)
    spent = [
        (now - then) / len(requests) * 1000
        for now, then in zip(server.time.seconds(), before, strict=True)
    ]
    _refuse_errors([run])
    return _Timed(run, *spent)


def _median(turns: Sequence[tuple[_Timed, _Timed]], at: int) -> str:
    server = statistics.median(turn[at].server_ms for turn in turns)
    sessions = statistics.median(turn[at].database_ms for turn in turns)
    return f"{server:.2f} + {sessions:.2f} ms (server + database)"


def _warm(
    city: DenseCity, port: int, tiles: Sequence[Tile]
) -> tuple[list[float], list[float], Run]:
    """Requests a second of cached tiles, of as many fixed bytes, and the last run of tiles."""
    chosen = list(tiles)[:200]
    requests = _own_requests(city, chosen) * (_WARM_REQUESTS // len(chosen))
    # Every worker has a cache of its own: ask until each has met every tile.
    size = drive(port, requests, clients=CLIENTS).body_bytes // len(requests)
    fixed = [get(f"/fixed/{size}", _cookie(city))] * len(requests)
    own, other = [], []
    for _ in range(ROUNDS):
        last = drive(port, requests, clients=CLIENTS)
        floor = drive(port, fixed, clients=CLIENTS)
        _refuse_errors((last, floor))
        own.append(last.per_second)
        other.append(floor.per_second)
    return own, other, last


def _many_clients(
    database: Database, city: DenseCity, port: int, tiles: dict[int, list[Tile]]
) -> int:
    """Requests not answered while a hundred clients ask for tiles, cold and warm."""
    forget_tiles(database)
    requests = _own_requests(city, [*tiles[16], *tiles[14], *tiles[16]])
    return drive(port, requests, clients=MANY_CLIENTS).errors


def forget_tiles(database: Database) -> None:
    """Changes something, so that no worker may answer from memory."""
    with transaction(database.engine(Role.OWNER), None) as conn:
        conn.execute(
            text(
                "UPDATE place.place SET remark = coalesce(remark, '') || '.'"
                " WHERE place_id = (SELECT min(place_id) FROM place.place)"
            )
        )
    time.sleep(_WATCH_S)


def tiles_over(city: DenseCity, z: int) -> list[Tile]:
    """The tiles that lie wholly on the city, in an order that neither server can foresee."""
    west, south, east, north = city.footprints.extent
    side = 1 << z
    first = int((west + 180) / 360 * side)
    found = []
    for x in range(first, first + side):
        if bounds(z, x + 1, 0)[0] > east:
            break
        found += [
            (z, x, y)
            for y in range(int(side * 0.3), int(side * 0.5))
            if bounds(z, x, y)[0] >= west
            and bounds(z, x, y)[1] >= south
            and bounds(z, x, y)[3] <= north
        ]
    random.Random(z).shuffle(found)
    return found


def _own_requests(city: DenseCity, tiles: Sequence[Tile]) -> list[bytes]:
    return [get(f"/tiles/building/{z}/{x}/{y}.mvt", _cookie(city)) for z, x, y in tiles]


def _cookie(city: DenseCity) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={city.token}"}


def _tipg_path(tile: Tile) -> str:
    z, x, y = tile
    return f"/collections/{TIPG_SCHEMA}.building/tiles/WebMercatorQuad/{z}/{x}/{y}"


def _tipg_requests(tiles: Sequence[Tile]) -> list[bytes]:
    return [get(_tipg_path(tile)) for tile in tiles]


def _check_same(city: DenseCity, ours: int, theirs: int, tiles: dict[int, list[Tile]]) -> None:
    """Refuses to compare unless both draw the same; we may draw more, up to the buffer's width."""
    for z in _ZOOMS:
        for tile in tiles[z][:5]:
            _, x, y = tile
            drawn = layers(_fetch(ours, f"/tiles/building/{z}/{x}/{y}.mvt", _cookie(city)))
            other = layers(_fetch(theirs, _tipg_path(tile), {}))["default"]
            own = drawn["building"]
            if not other.features <= own.features <= other.features * 1.15 + 2:
                raise AssertionError(f"{tile}: {own.features} features against {other.features}")
            if not own.keys >= other.keys:
                raise AssertionError(f"attributes {own.keys} against {other.keys}")


def _fetch(port: int, path: str, headers: dict[str, str]) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        content: bytes = answer.read()
    return content


def _refuse_errors(runs: Sequence[Run]) -> None:
    for each in runs:
        if each.errors:
            raise AssertionError(f"errors while measuring: {json.dumps(dict(each.statuses))}")


def _rates(own: Sequence[float], other: Sequence[float], last: Run) -> str:
    size = last.body_bytes / sum(last.statuses.values()) / 1024
    return (
        f"{statistics.median(own):.0f}/s : {statistics.median(other):.0f}/s, {size:.0f} KiB a tile"
    )
