from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import psycopg2
import pytest
from small_city import City, build
from sqlalchemy import text

from assets.registry import LAYERS
from gis import tiles
from gis.db import Database, Role, transaction
from gis.prepared import PreparingConnection, prepared
from gis.tiles import TileAddress

TODAY = date(2026, 11, 21)
LAYER = {layer.name: layer for layer in LAYERS}


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_prepared"))


@pytest.fixture
def connection(city: City) -> Iterator[PreparingConnection]:
    opened = PreparingConnection(city.database.engine(Role.WEB))
    yield opened
    opened.close()


def address_of_site(name: str, z: int, as_of: date = TODAY) -> TileAddress:
    side = 1 << z
    x = int((119.7505 + 180) / 360 * side)
    y = next(
        y
        for y in range(int(side * 0.3), side)
        if tiles.bounds(z, x, y)[1] <= 31.6505 < tiles.bounds(z, x, y)[3]
    )
    return TileAddress(name, z, x, y, as_of, 1 if LAYER[name].level_attribute else None)


@pytest.mark.parametrize("layer", ["property", "building", "room", "housing", "admin_area"])
@pytest.mark.parametrize("z", [2, 6, 11, 14, 17])
@pytest.mark.parametrize("as_of", [TODAY, date(2020, 1, 1)])
def test_a_tile_is_the_same_by_either_way(
    city: City, connection: PreparingConnection, layer: str, z: int, as_of: date
) -> None:
    address = address_of_site(layer, z, as_of)
    with transaction(city.database.engine(Role.WEB), city.partial) as conn:
        expected = tiles.tile(conn, LAYER[layer], address, today=TODAY)
    for _again in range(7):  # past the runs for which the server still makes plans of their own
        cut = tiles.cut(connection, city.partial, LAYER[layer], address, today=TODAY)
        assert cut.content == expected


def test_the_session_ends_with_its_tile(city: City, connection: PreparingConnection) -> None:
    address = address_of_site("building", 15)
    seen = tiles.cut(connection, city.everything, LAYER["building"], address, today=TODAY)
    assert seen.content
    assert seen.scope_id is not None
    nobody = tiles.cut(connection, "unknown", LAYER["building"], address, today=TODAY)
    assert nobody.content == b""
    assert nobody.scope_id is None


def test_a_new_shape_of_what_is_drawn_is_noticed(
    city: City, connection: PreparingConnection
) -> None:
    address = address_of_site("building", 15)
    before = tiles.cut(connection, city.everything, LAYER["building"], address, today=TODAY)
    with city.database.engine(Role.OWNER).begin() as conn:
        conn.execute(text("ALTER TABLE estate.drawn_building RENAME TO drawn_before"))
        conn.execute(
            text(
                "CREATE VIEW estate.drawn_building WITH (security_invoker = true) AS"
                " SELECT * FROM estate.drawn_before WHERE false"
            )
        )
        conn.execute(text("GRANT SELECT ON estate.drawn_building TO onemap_web"))
    try:
        after = tiles.cut(connection, city.everything, LAYER["building"], address, today=TODAY)
    finally:
        with city.database.engine(Role.OWNER).begin() as conn:
            conn.execute(text("DROP VIEW estate.drawn_building"))
            conn.execute(text("ALTER TABLE estate.drawn_before RENAME TO drawn_building"))
    assert before.content
    assert after.content == b""


def test_what_a_connection_keeps_is_filled_once_for_all_that_rests_on_the_same(
    city: City, connection: PreparingConnection
) -> None:
    filling = (
        "CREATE TEMP TABLE IF NOT EXISTS kept_number (number float8, day date)",
        "TRUNCATE pg_temp.kept_number",
        "INSERT INTO pg_temp.kept_number SELECT random(), :as_of",
    )
    reading = prepared("SELECT number, day FROM pg_temp.kept_number")

    def kept(day: date, version: int) -> tuple[Any, ...]:
        connection.keep(city.everything, filling, {"as_of": day}, of=(version,))
        return connection.answer(city.everything, reading, {})

    first = kept(date(2026, 1, 1), 1)
    assert kept(date(2026, 1, 1), 1) == first
    assert kept(date(2026, 1, 1), 2) != first
    other = kept(date(2026, 1, 2), 2)
    assert other[1] == date(2026, 1, 2)
    with pytest.raises(psycopg2.Error):
        connection.keep(city.everything, ("SELECT 1 / 0",), {}, of=(2,))
    assert kept(date(2026, 1, 2), 2) != other
