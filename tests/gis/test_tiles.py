import math
from collections.abc import Callable
from datetime import date

import pytest
from makers import make_place
from small_city import City, build
from sqlalchemy import text

from assets.registry import LAYERS
from gis.db import Database, Role, transaction
from gis.errors import InputError, NotFound
from gis.tiles import TileAddress, bounds, check_address, tile

TODAY = date(2026, 11, 21)
TRUE_VALUE = b"\x22\x02\x38\x01"
"""How a layer of a tile lists the value `true` (field 4, two bytes: bool_value 1)."""
LAYER = {layer.name: layer for layer in LAYERS}


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_tiles"))


def column_row(z: int, lon: float, lat: float) -> tuple[int, int]:
    side = 1 << z
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * side), int(row * side)


def cut(city: City, token: str | None, name: str, address: TileAddress) -> bytes:
    with transaction(city.database.engine(Role.WEB), token) as conn:
        return tile(conn, LAYER[name], address, today=TODAY)


def at_site(
    city: City, token: str | None, name: str, z: int, at: int = 0, *, as_of: date = TODAY,
    level: int | None = None,
) -> bytes:  # fmt: skip
    x, y = column_row(z, 119.7505 + at * 0.1, 31.6505)
    return cut(city, token, name, TileAddress(name, z, x, y, as_of, level))


def test_a_tile_draws_what_stands_there(city: City) -> None:
    content = at_site(city, city.everything, "building", 15)
    assert b"B00" in content
    assert "1号楼".encode() in content
    assert b"B10" not in content


@pytest.mark.parametrize("layer", ["property", "building", "room"])
@pytest.mark.parametrize("token", [None, "", "unknown"])
def test_nobody_gets_an_empty_tile(city: City, layer: str, token: str | None) -> None:
    assert at_site(city, token, layer, 17, level=1 if layer == "room" else None) == b""
    assert at_site(city, token, "property", 8) == b""


def test_an_account_with_three_grants_gets_their_places_only(city: City) -> None:
    seen = [bool(at_site(city, city.partial, "building", 15, at)) for at in range(3)]
    assert seen == [True, True, False]


def test_counts_at_low_zoom_are_counts_under_rights(city: City) -> None:
    # One tile holds the city; at zoom 6 its sites fall into one cell of the grid.
    assert at_site(city, city.everything, "property", 6) != at_site(
        city, city.partial, "property", 6
    )


def test_rooms_show_on_their_floor_only(city: City) -> None:
    first = at_site(city, city.everything, "room", 17, level=1)
    assert b"R010" in first
    assert b"R020" not in first
    assert at_site(city, city.everything, "room", 17) == b""
    assert at_site(city, city.everything, "room", 17, level=7) == b""


def test_a_place_is_named_in_the_one_tile_that_holds_its_anchor(city: City) -> None:
    z = 17
    x, y = column_row(z, 119.7505, 31.6505)
    around = [(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    tiles = {
        at: cut(city, city.everything, "property", TileAddress("property", z, *at, TODAY))
        for at in around
    }
    assert len([at for at in around if tiles[at]]) > 1
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        anchors = conn.execute(
            text(
                "SELECT ST_X(anchor), ST_Y(anchor) FROM place.place"
                " WHERE kind = 'site' AND anchor IS NOT NULL"
            )
        ).all()
    holders = {column_row(z, *anchor) for anchor in anchors}
    assert [at for at in around if TRUE_VALUE in tiles[at]] == [
        at for at in around if at in holders
    ]


def test_a_former_shape_is_drawn_as_of_then(city: City) -> None:
    with transaction(city.database.engine(Role.OWNER), None) as conn:
        moved = make_place(
            conn, "MOVED", "building", wkt="POINT(119.72 31.62)", valid_from=date(2001, 1, 1)
        )
        conn.execute(
            text(
                "INSERT INTO place.place_version (place_id, name, geom, valid_from, valid_to,"
                " rights_cell) SELECT place_id, 'OLDNAME',"
                " ST_GeomFromText('POINT(119.78 31.68)', 4490), '2001-01-01', '2010-01-01',"
                " rights_cell FROM place.place WHERE place_id = :id"
            ),
            {"id": moved},
        )
    then, before = date(2005, 1, 1), date(2000, 1, 1)
    old, new = column_row(15, 119.78, 31.68), column_row(15, 119.72, 31.62)

    def drawn(spot: tuple[int, int], as_of: date) -> bytes:
        return cut(city, city.everything, "building", TileAddress("building", 15, *spot, as_of))

    assert b"OLDNAME" in drawn(old, then)
    assert drawn(new, then) == b""
    assert b"MOVED" in drawn(new, TODAY)
    assert drawn(old, TODAY) == b""
    assert drawn(old, before) == drawn(new, before) == b""


def test_linear_latitude_stays_within_half_a_unit_from_zoom_12(city: City) -> None:
    worst = 0.0
    for z in (12, 14, 18):
        for lat in (18.0, 31.7, 53.0):
            _, y = column_row(z, 119.9, lat)
            _, south, _, north = bounds(z, 0, y)
            for step in range(1, 10):
                phi = south + (north - south) * step / 10
                row = (1 - math.asinh(math.tan(math.radians(phi))) / math.pi) / 2 * (1 << z) - y
                linear = (north - phi) / (north - south)
                worst = max(worst, abs(row - linear) * 4096)
    assert worst < 1.0


@pytest.mark.parametrize(
    ("z", "x", "y"), [(23, 0, 0), (2, 4, 0), (2, 0, 4), (0, 1, 0), (500, 10**80, 3)]
)
def test_an_impossible_address_is_not_found(z: int, x: int, y: int) -> None:
    with pytest.raises(NotFound):
        check_address(TileAddress("building", z, x, y, TODAY))


def test_an_impossible_floor_is_refused() -> None:
    with pytest.raises(InputError):
        check_address(TileAddress("room", 17, 1, 1, TODAY, 999))


def test_every_layer_cuts_at_every_zoom_on_an_empty_database(database: Database) -> None:
    with transaction(database.engine(Role.OWNER), None) as conn:
        for layer in LAYERS:
            for z in range(0, 20, 3):
                level = 1 if layer.level_attribute else None
                for as_of in (TODAY, date(2000, 1, 1)):
                    address = TileAddress(layer.name, z, 0, 0, as_of, level)
                    assert tile(conn, layer, address, today=TODAY) == b""
