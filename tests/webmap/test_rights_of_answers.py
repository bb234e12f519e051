"""No address of the interface tells an account anything of a place it may not see."""

import io
import json
import math
import zipfile
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build
from sqlalchemy import text
from werkzeug.test import TestResponse

from assets.registry import DOMAINS, LAYERS, report_names
from gis.db import Database, Role, transaction
from webmap.session import COOKIE

SECRET = "机密之处"
"""Stands in every text of what the partial account may not see."""
QUERIES = (SECRET, SECRET[:2], SECRET[-2:], "示例路", "S2", "jmzc")


@pytest.fixture(scope="module")
def city(make_database: Callable[[str], Database]) -> City:
    built = build(make_database("onemap_rights_tests"))
    hidden = [
        place_id
        for name, place_id in built.ids.items()
        if name == "site 2" or name.split()[-1].startswith("2.")
    ]
    with transaction(built.database.engine(Role.OWNER), None) as conn:
        values = {"hidden": hidden, "secret": SECRET}
        for statement in (
            "UPDATE place.place SET name = :secret || place_id, address = :secret || place_id,"
            " code = :secret || place_id, remark = :secret WHERE place_id = ANY (:hidden)",
            "INSERT INTO place.identifier (place_id, scheme, value, rights_cell)"
            " SELECT place_id, 'source', :secret || place_id, rights_cell FROM place.place"
            " WHERE place_id = ANY (:hidden)",
            "UPDATE place.room SET number = :secret WHERE place_id = ANY (:hidden)",
            "UPDATE place.floor SET label = :secret WHERE place_id = ANY (:hidden)",
            "UPDATE estate.holding SET decision = :secret WHERE place_id = ANY (:hidden)",
        ):
            named = {key: value for key, value in values.items() if f":{key}" in statement}
            conn.execute(text(statement), named)
    return built


def _browser(app: Flask, token: str | None) -> FlaskClient:
    client = app.test_client()
    if token:
        client.set_cookie(COOKIE, token)
    return client


def _tile_addresses() -> list[str]:
    """The tiles over the hidden site, of every layer at every zoom it has."""
    addresses = []
    for layer in LAYERS:
        for zoom in range(layer.min_zoom, min(layer.max_zoom, 18) + 1):
            size = 2**zoom
            latitude = math.radians(31.651)
            column = int((119.951 + 180) / 360 * size)
            row = int((1 - math.asinh(math.tan(latitude)) / math.pi) / 2 * size)
            addresses.append(f"/tiles/{layer.name}/{zoom}/{column}/{row}.mvt")
    return addresses


def _ogc_addresses(places: list[int]) -> list[str]:
    addresses = ["/ogc/collections"]
    for layer in LAYERS:
        here = f"/ogc/collections/{layer.name}"
        addresses += [here, f"{here}/items", f"{here}/items?datetime=../..&limit=2"]
        addresses += [f"{here}/items?bbox=119.9,31.6,120,31.7&limit=1", f"/tiles/{layer.name}.json"]
        addresses += [f"{here}/items?filter=name LIKE '%25{SECRET[:2]}%25'", f"{here}/queryables"]
        addresses += [f"{here}/items/{place_id}" for place_id in places]
    return addresses


Answer = tuple[str, int, str]


def _answers(client: FlaskClient, city: City) -> Iterator[Answer]:
    """Everything the interface answers, as text: (what was asked, status, answer)."""
    places = [place_id for name, place_id in city.ids.items() if not name.startswith("agency")]
    addresses = ["/api/layers", "/api/admin-areas", "/api/reports", "/api/reports/survey.json"]
    addresses += ["/api/reports/survey", "/api/reports/survey?area=320403", "/api/reports/analysis"]
    addresses += [f"/api/reports/{name}.{kind}" for name in report_names()
                  for kind in ("json", "xlsx", "docx")]  # fmt: skip
    addresses += [f"/api/search?q={query}&limit=50" for query in QUERIES]
    addresses += [
        f"/api/organizations/{body}" for name, body in city.ids.items() if "agency" in name
    ]
    addresses += _ogc_addresses(places)
    for domain in DOMAINS:
        for one in domain.indicators:
            addresses.append(f"/api/theme?indicator={domain.name}.{one.name}")
            if one.is_of_places:
                addresses.append(f"/api/theme?indicator={domain.name}.{one.name}&by=place")
    for address in (*(f"/api/places/{place_id}" for place_id in places), *_tile_addresses()):
        addresses += [address, f"{address}?as_of=2100-01-01"]
    for address in addresses:
        yield _answer(address, client.get(address))
    ways = [{"place_id": place_id} for place_id in places]
    ways += [{}, {"admin_area": "320403"}, {"point": [119.951, 31.651], "radius_m": 5000}]
    lists = [name for domain in DOMAINS if domain.area_facts for name in domain.area_facts.lists]
    for layer in LAYERS:
        for file_format in ("csv", "geojson", "xlsx"):
            yield _posted(client, f"/api/layers/{layer.name}/export", {"format": file_format})
    for within in ways:
        yield _posted(client, "/api/area-summary", {"within": within})
        for name in lists:
            yield _posted(client, "/api/area-list", {"within": within, "list": name})


def _posted(client: FlaskClient, address: str, body: object) -> Answer:
    return _answer(f"{address} {body}", client.post(address, json=body))


def _answer(asked: str, answer: TestResponse) -> Answer:
    content = answer.data
    if content.startswith(b"PK"):
        content = _unzipped(content)
    return asked, answer.status_code, content.decode("utf-8", "ignore")


def _unzipped(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join(_member(archive.read(name)) for name in archive.namelist())


def _member(content: bytes) -> bytes:
    return _unzipped(content) if content.startswith(b"PK") else content


def _says(answer: str) -> bool:
    escaped = json.dumps(SECRET).strip('"')
    return SECRET in answer or escaped in answer


def test_the_secret_is_told_to_who_may_see_it(city_app: Flask, city: City) -> None:
    told = [asked for asked, _, answer in _answers(_browser(city_app, city.everything), city)
            if _says(answer)]  # fmt: skip
    ways = {asked.split("?")[0].split(" ")[0].rsplit("/", 1)[0] for asked in told}
    assert {"/api", "/api/places", "/api/reports"} <= ways
    assert any(asked.startswith("/tiles/") for asked in told)


def test_no_answer_tells_an_account_of_what_it_may_not_see(city_app: Flask, city: City) -> None:
    client = _browser(city_app, city.partial)
    telling = []
    for asked, status, answer in _answers(client, city):
        assert status < 500, asked
        if _says(answer) and not asked.startswith("/api/search"):
            telling.append(asked)
        if asked.startswith("/api/search"):
            assert json.loads(answer)["items"] == [] or not _says(answer)
    assert telling == []


def test_figures_of_a_district_one_may_not_see_are_none(city_app: Flask, city: City) -> None:
    body = {"within": {"admin_area": "320403"}}
    answer = _browser(city_app, city.partial).post("/api/area-summary", json=body).get_json()
    figures = {one["name"]: one["value"] for one in answer["domains"][0]["figures"]}
    assert figures["property_count"] == 0
    assert not any(value for value in figures.values())
    assert all(table["rows"] == [] for table in answer["domains"][0]["tables"])


@pytest.mark.parametrize("token", [None, "unknown"])
def test_nobody_is_answered_nothing(city_app: Flask, city: City, token: str | None) -> None:
    for asked, status, answer in _answers(_browser(city_app, token), city):
        assert status == 401 or asked == "/api/reports", asked
        assert not _says(answer)
