"""Clients that nobody here wrote read every collection and find what the database holds."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pyogrio
import pyproj
import pytest
import shapely
from flask import Flask, Response, request
from owslib.ogcapi.features import Features
from small_city import City

from assets.registry import LAYERS
from gis.settings import child_environment
from tests.webmap.browser.conftest import served
from tests.webmap.ogc.test_items import in_database

CLIENT = Path(__file__).parent / "gdal_client.py"
NAMES = [layer.name for layer in LAYERS]


@pytest.fixture(scope="module")
def queries(city_app: Flask) -> list[str]:
    """What stood behind the question mark of each request for features."""
    kept: list[str] = []

    @city_app.after_request
    def keep(response: Response) -> Response:
        if request.path.endswith("/items"):
            kept.append(unquote_plus(request.query_string.decode()))
        return response

    return kept


@pytest.fixture(scope="module")
def address(city_app: Flask, queries: list[str]) -> Iterator[str]:
    with served(city_app) as reached:
        yield f"{reached}/ogc"


def gdal(address: str, token: str, asked: list[dict[str, Any]]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, CLIENT, f"OAPIF:{address}", token, json.dumps(asked)],
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
        env=child_environment(NO_PROXY="127.0.0.1", no_proxy="127.0.0.1"),
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


needs_driver = pytest.mark.skipif(
    "OAPIF" not in pyogrio.list_drivers(), reason="this GDAL is built without the OAPIF driver"
)


@needs_driver
@pytest.mark.parametrize("who", ["everything", "partial"])
@pytest.mark.parametrize("options", [{}, {"PAGE_SIZE": 2}], ids=["whole", "paged"])
def test_gdal_reads_every_collection_as_the_database_has_it(
    who: str, options: dict[str, Any], address: str, city: City
) -> None:
    token = getattr(city, who)
    found = gdal(address, token, [{"layer": name, "options": options} for name in NAMES])
    assert sorted(found["layers"]) == sorted(NAMES)
    for one in found["found"]:
        held = in_database(city, token, one["layer"])
        assert one["count"] == len(held)
        said = {code: (wkt, name) for code, wkt, name in one["features"]}
        assert set(said) == {row["said"]["code"] for row in held.values()}
        for row in held.values():
            wkt, name = said[row["said"]["code"]]
            assert name == row["said"]["name"]
            if row["wkt"] is None:
                assert wkt is None
                continue
            # The driver asks for the system of storage, latitude first, and turns the axes itself.
            there, here = (
                shapely.from_wkt(wkt).normalize(),
                shapely.from_wkt(row["wkt"]).normalize(),
            )
            assert shapely.hausdorff_distance(there, here) < 1e-9


@needs_driver
def test_gdal_lets_the_server_filter_and_asks_in_systems_of_its_own(
    address: str, city: City, queries: list[str]
) -> None:
    queries.clear()
    zone = "EPSG:4549"
    asked = [
        {"layer": "property", "where": "year_built >= 2000 AND code <> 'S2'"},
        {"layer": "property", "where": "address LIKE '%2%' OR year_built = 1985"},
        {"layer": "building", "bbox": [119.745, 31.64, 119.76, 31.66]},
        {"layer": "building", "where": "code = 'B00'", "options": {"CRS": zone}},
    ]
    found = gdal(address, city.everything, asked)["found"]
    codes = [sorted(one[0] for one in each["features"]) for each in found]
    assert codes == [["S1"], ["S0", "S2"], ["B00", "B01"], ["B00"]]
    assert any("filter=" in query for query in queries)
    assert any("bbox=" in query for query in queries)
    assert any("crs=http://www.opengis.net/def/crs/EPSG/0/4490" in query for query in queries)
    held = shapely.from_wkt(
        in_database(city, city.everything, "building")[city.ids["building 0.0"]]["wkt"]
    )
    there = pyproj.Transformer.from_crs("OGC:CRS84", zone, always_xy=True)
    wanted = shapely.transform(held, there.transform, interleaved=False)
    moved = shapely.from_wkt(found[3]["features"][0][1])
    assert shapely.hausdorff_distance(moved.normalize(), wanted.normalize()) < 0.001


@pytest.mark.parametrize("who", ["everything", "partial"])
def test_owslib_reads_every_collection_as_the_database_has_it(
    who: str, address: str, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    token = getattr(city, who)
    service = Features(address, headers={"Cookie": f"onemap_session={token}"})
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"
        in (service.conformance()["conformsTo"])
    )
    assert service.api()["openapi"].startswith("3.0")
    assert service.feature_collections() == NAMES
    for name in NAMES:
        held = in_database(city, token, name)
        assert service.collection(name)["id"] == name
        assert set(service.collection_queryables(name)["properties"]) >= {"code", "geometry"}
        found: dict[Any, Any] = {}
        page = service.collection_items(name, limit=2)
        while True:
            assert page["numberMatched"] == len(held)
            found |= {one["id"]: one for one in page["features"]}
            following = [one["href"] for one in page["links"] if one["rel"] == "next"]
            if not following:
                break
            spot = parse_qs(urlsplit(following[0]).query)["page"][0]
            page = service.collection_items(name, limit=2, page=spot)
        assert {key: one["properties"]["code"] for key, one in found.items()} == {
            key: row["said"]["code"] for key, row in held.items()
        }
        for key, one in found.items():
            assert service.collection_item(name, key)["geometry"] == one["geometry"]
    filtered = service.collection_items("property", filter="year_built < 2000")
    assert [one["properties"]["code"] for one in filtered["features"]] == ["S0"]
