"""What row security costs a tile: the same bytes, cut for an account and cut past every policy."""

import statistics
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import event

from bench.processor_time import session_seconds
from bench.result import ratio
from gis.clock import today
from gis.db import Database, Role, transaction
from gis.layers import Layer
from gis.prepared import PreparingConnection, prepared
from gis.rights.actions import EVERYTHING, ensure_account, open_session
from gis.tiles import TileAddress, cut

ROUNDS: Final = 5
_CUTS: Final = 300
"""Of each round at least: processor time is counted in hundredths of a second."""
_AS_THE_WEB: Final = (
    "SET max_parallel_workers_per_gather = 0",
    "SET random_page_cost = 1.1",
)
"""What the web's connections are given and the owner's are not."""


def rights_cost(
    database: Database, layer: Layer, tiles: Sequence[tuple[int, int, int]]
) -> tuple[float, str]:
    """Processor time of the database for the tiles, under row security to without.

    The account sees everything, by grants like any other, so both cut the very same tiles; the
    owner of the tables is who no policy holds for.

    Raises:
        AssertionError: The two cut different tiles.
    """
    with transaction(database.engine(Role.OWNER), None) as conn:
        account_id = ensure_account(conn, "bench everything", [EVERYTHING])
        lifetime = timedelta(hours=2)
        token = open_session(conn, account_id, kind="web", lifetime=lifetime)
    tiles = [*tiles] * max(1, -(-_CUTS // len(tiles)))
    ours, past = (_Cutter(database, role, token, layer) for role in (Role.WEB, Role.OWNER))
    for each in (ours, past):
        each.cut(tiles)  # plans made, pages read
    spent: tuple[list[float], list[float]] = ([], [])
    for turn in range(ROUNDS):
        order = ((ours, spent[0]), (past, spent[1]))
        for cutter, noted in order if turn % 2 == 0 else reversed(order):
            noted.append(cutter.milliseconds(tiles))
    if ours.drawn != past.drawn:
        raise AssertionError("tiles differ with and without row security")
    shown = f"{statistics.median(spent[0]):.2f} : {statistics.median(spent[1]):.2f} ms a tile"
    return ratio(*spent), shown


def _prepare(driver: Any, _record: Any) -> None:
    with driver.cursor() as cursor:
        for setting in _AS_THE_WEB:
            cursor.execute(setting)
    driver.commit()


class _Cutter:
    """One connection that cuts tiles as a role."""

    def __init__(self, database: Database, role: Role, token: str, layer: Layer) -> None:
        engine = database.engine(role)
        engine.dispose()
        event.listen(engine, "connect", _prepare)
        self._connection = PreparingConnection(engine)
        self._token = token
        self._layer = layer
        self.drawn: list[bytes] = []
        asked = prepared("SELECT pg_backend_pid()")
        self._pid: int = self._connection.answer(token, asked, {})[0]

    def cut(self, tiles: Sequence[tuple[int, int, int]]) -> None:
        day = today()
        addresses = [TileAddress(self._layer.name, *tile, day) for tile in tiles]
        made: list[Any] = [
            cut(self._connection, self._token, self._layer, one, today=day) for one in addresses
        ]
        self.drawn = [one.content for one in made]

    def milliseconds(self, tiles: Sequence[tuple[int, int, int]]) -> float:
        before = session_seconds(self._pid)
        self.cut(tiles)
        return (session_seconds(self._pid) - before) / len(tiles) * 1000
