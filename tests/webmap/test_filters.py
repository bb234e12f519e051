"""Filters of layers over HTTP: what is counted is what tiles hold, under the same rights."""

import json
import math
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from flask import Flask
from small_city import City, build
from sqlalchemy import text
from werkzeug.test import TestResponse

from gis.clock import today
from gis.db import Database, Role
from gis.filters import Filter
from gis.tiles import TileAddress
from webmap.session import COOKIE
from webmap.views.tiles import LAYER_BY_NAME


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_filter_tests"))


def spot(zoom: int, at: int = 0) -> str:
    """Column and row of the tile of a site."""
    lon, lat = 119.751 + 0.1 * at, math.radians(31.651)
    row = (1 - math.asinh(math.tan(lat)) / math.pi) / 2 * 2**zoom
    return f"{int((lon + 180) / 360 * 2**zoom)}/{int(row)}"


Get = Callable[..., TestResponse]


@pytest.fixture
def get(city_app: Flask, city: City) -> Get:
    def ask(address: str, chosen: Any, *, partial: bool = False) -> TestResponse:
        client = city_app.test_client()
        client.set_cookie(COOKIE, city.partial if partial else city.everything)
        written = chosen if isinstance(chosen, str) else json.dumps(chosen)
        return client.get(address, query_string={"filter": written})

    return ask


@pytest.mark.parametrize(
    ("chosen", "codes"),
    [
        ({"population": ["party_government"]}, {"S0", "S1", "S2"}),
        ({"population": ["institution"]}, set()),
        ({"year_built": [1990, None]}, {"S1", "S2"}),
        ({"year_built": [None, 2005]}, {"S0", "S1"}),
        ({"gross_area_m2": [3000.5, 3001.5]}, {"S1"}),
        ({"kind": ["building"]}, set()),
        ({"kind": ["site", "building"], "year_built": [2020, 2030]}, {"S2"}),
        ({"use_status": [""]}, {"S0", "S1", "S2"}),
        ({"use_status": ["idle"]}, set()),
        ({}, {"S0", "S1", "S2"}),
    ],
)
def test_tiles_hold_what_the_count_counts(get: Get, chosen: Any, codes: set[str]) -> None:
    counted = get("/api/layers/property/count", chosen).get_json()
    assert (counted["count"], counted["total"]) == (len(codes), 3)
    # One by one where places are drawn; where they are counted, each is alone in its cell.
    for zoom in (14, 10):
        held = set()
        for at in range(3):
            tile = get(f"/tiles/property/{zoom}/{spot(zoom, at)}.mvt", chosen)
            assert tile.status_code == 200
            held |= {code for code in ("S0", "S1", "S2") if code.encode() in tile.data}
        assert held == codes


def test_a_body_narrows_a_layer_to_what_it_has(get: Get, city: City) -> None:
    chosen = {"holder": city.ids["agency 1"]}
    assert get("/api/layers/property/count", chosen).get_json()["count"] == 1
    hidden = {"holder": city.ids["agency 2"]}
    assert get("/api/layers/property/count", hidden).get_json()["count"] == 1
    found = get("/api/layers/property/count", hidden, partial=True).get_json()
    assert (found["count"], found["total"]) == (0, 2)


def test_a_tile_of_one_filter_is_not_given_for_another(get: Get) -> None:
    tags = {
        get(f"/tiles/property/14/{spot(14)}.mvt", chosen).headers["ETag"]
        for chosen in ({"year_built": [1980, 1990]}, {"year_built": [1990, 2000]}, "")
    }
    assert len(tags) == 3


@pytest.mark.parametrize("layer", ["property", "room", "metering_point"])
@pytest.mark.parametrize(
    "chosen",
    [
        "{", "[]", "null", "1", "[" * 3000, '"x"' * 2000, {"luck": ["x"]}, {"kind": "site"},
        {"kind": [1]}, {"holder": "1"}, {"holder": True}, {"holder": 2**70}, {"kind": ["\0"]},
        {"year_built": [2000, 1990]}, {"year_built": ["a", None]}, {"gross_area_m2": [1]},
        '{"kind": ["\\ud800"]}', '{"year_built": [1, ' + "9" * 400 + "]}",
        '{"year_built": [NaN, 1]}', '{"year_built": [-Infinity, 1]}', '{"\\ud800": ["x"]}',
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused(get: Get, layer: str, chosen: Any) -> None:
    for address in (f"/api/layers/{layer}/count", f"/tiles/{layer}/17/1/1.mvt"):
        answer = get(address, chosen)
        assert answer.status_code == 400
        assert "filter." not in answer.get_json()["detail"]


def test_only_layers_of_places_are_filtered(get: Get) -> None:
    assert get("/api/layers/admin_area/count", {"level": ["city"]}).status_code == 400
    assert get("/api/layers/nothing/count", {}).status_code == 404
    assert get("/api/layers/property/count", "").status_code == 400


def _connections(city: City) -> set[int]:
    """Process numbers of the connections that tiles were cut from."""
    with city.database.engine(Role.WEB).connect() as conn:
        statement = text(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND query LIKE '%EXECUTE onemap_%' AND pid <> pg_backend_pid()"
        )
        return set(conn.execute(statement).scalars())


def test_a_statement_that_fails_costs_no_connection_and_a_dead_one_is_replaced(
    city_app: Flask, city: City, get: Get
) -> None:
    assert get(f"/tiles/property/14/{spot(14)}.mvt", {"kind": ["site"]}).status_code == 200
    open_ones = _connections(city)
    assert open_ones
    x, y = (int(part) for part in spot(14).split("/"))
    broken = Filter('{"kind": ["\\ud800"]}', "{}", None)
    address = TileAddress("property", 14, x, y, today(), None, broken)
    server = city_app.extensions["onemap_tiles"]
    with pytest.raises(psycopg2.DataError):
        server.cut(city.everything, LAYER_BY_NAME["property"], address, today())
    assert open_ones <= _connections(city)
    with city.database.engine(Role.WEB).connect() as conn:
        conn.execute(
            text("SELECT pg_terminate_backend(pid, 5000) FROM unnest(:pids) AS pid"),
            {"pids": list(open_ones)},
        )
    assert get(f"/tiles/property/14/{spot(14)}.mvt", {"kind": ["building"]}).status_code == 200
    assert not open_ones & _connections(city)
