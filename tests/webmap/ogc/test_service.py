"""The service describes itself: every link leads somewhere, from wherever it is reached."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City

from assets.registry import LAYERS
from gis.errors import ConfigError
from gis.settings import load_settings
from tests.webmap.conftest import signed_in
from tests.webmap.ogc.conftest import Read
from webmap.web_settings import EXTENSION


def hrefs(answer: Any) -> list[str]:
    """Every link of an answer, however deep."""
    if isinstance(answer, dict):
        own = [answer["href"]] if "href" in answer else []
        return own + [one for value in answer.values() for one in hrefs(value)]
    return [one for value in answer for one in hrefs(value)] if isinstance(answer, list) else []


def test_every_link_leads_somewhere(everything: FlaskClient) -> None:
    waiting, seen = ["http://localhost/ogc"], set()
    while waiting:
        href = waiting.pop()
        if href in seen:
            continue
        seen.add(href)
        address = urlsplit(href)
        assert address.netloc == "localhost"
        answer = everything.get(f"{address.path}?{address.query}")
        assert answer.status_code == 200, href
        waiting += hrefs(answer.get_json())
    paths = {urlsplit(href).path for href in seen}
    assert {f"/ogc/collections/{layer.name}/items" for layer in LAYERS} <= paths
    assert {f"/tiles/{layer.name}.json" for layer in LAYERS} <= paths


def test_links_stand_behind_a_prefix_and_another_host(city_app: Flask, city: City) -> None:
    client = signed_in(city_app, city.everything)
    address = {"base_url": "http://127.0.0.1:8443/gis"}
    client.set_cookie("onemap_session", city.everything, domain="127.0.0.1", path="/")
    for path in ("/ogc", "/ogc/collections/room/items?limit=1&datetime=2020-01-01/.."):
        found = hrefs(client.get(path, **address).get_json())
        assert len(found) >= 3
        assert all(href.startswith("http://127.0.0.1:8443/gis/ogc") for href in found)
    settings = city_app.extensions[EXTENSION]
    city_app.extensions[EXTENSION] = replace(settings, public_url="https://map.example.gov.cn/one")
    try:
        found = hrefs(client.get("/ogc/collections/room/items?limit=1", **address).get_json())
    finally:
        city_app.extensions[EXTENSION] = settings
    assert found
    assert all(href.startswith("https://map.example.gov.cn/one/ogc") for href in found)


def test_the_public_address_is_a_whole_one() -> None:
    environ = {"ONEMAP_STATE_DIR": "/nowhere"}
    assert load_settings(environ).public_url is None
    stated = load_settings({**environ, "ONEMAP_PUBLIC_URL": "https://a.example/b/"})
    assert stated.public_url == "https://a.example/b"
    for wrong in ("a.example", "https://", "ftp://a", "https://a?b"):
        with pytest.raises(ConfigError):
            load_settings({**environ, "ONEMAP_PUBLIC_URL": wrong})


def test_the_definition_names_every_collection_and_parameter(read: Read) -> None:
    described = read("/api")
    assert described["openapi"].startswith("3.0")
    for layer in LAYERS:
        items = described["paths"][f"/collections/{layer.name}/items"]["get"]
        named = {one.get("name") or one["$ref"].rsplit("/", 1)[1] for one in items["parameters"]}
        assert {"limit", "bbox", "bbox-crs", "crs", "datetime", "properties"} <= named
    names = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))


def test_the_definition_and_the_standards_are_open_to_whoever_reaches_the_server(
    city_app: Flask,
) -> None:
    nobody = city_app.test_client()
    for path in ("/ogc", "/ogc/", "/ogc/conformance", "/ogc/api"):
        assert nobody.get(path).status_code == 200


def test_tilejson_leads_to_the_tiles(everything: FlaskClient) -> None:
    for layer in LAYERS:
        told = everything.get(f"/tiles/{layer.name}.json").get_json()
        assert told["tilejson"] == "3.0.0"
        assert told["tiles"] == [f"http://localhost/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt"]
        zoom = told["minzoom"]
        address = told["tiles"][0].format(z=zoom, x=0, y=0).removeprefix("http://localhost")
        assert everything.get(address).status_code == 200
        assert told["vector_layers"][0]["id"] == layer.name
    assert everything.get("/tiles/nothing.json").status_code == 404
