"""The small city served by the standard interface, to whoever asks."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from small_city import City, build
from werkzeug.test import TestResponse

from gis.db import Database
from tests.webmap.conftest import signed_in

Read = Callable[..., Any]


@pytest.fixture(scope="session")
def city(make_database: Callable[[str], Database]) -> City:
    return build(make_database("onemap_ogc_tests"))


@pytest.fixture
def partial(city_app: Flask, city: City) -> FlaskClient:
    return signed_in(city_app, city.partial)


@pytest.fixture
def read(everything: FlaskClient) -> Read:
    """The JSON of an answer; its status is 200."""

    def ask(path: str, client: FlaskClient = everything, **parameters: object) -> Any:
        answer = client.get(f"/ogc{path}", query_string=parameters)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    return ask


Refuse = Callable[..., dict[str, Any]]


@pytest.fixture
def refuse(everything: FlaskClient) -> Refuse:
    """The problem document that a request is answered with."""

    def ask(path: str, status: int = 400, /, **parameters: object) -> dict[str, Any]:
        answer = everything.get(f"/ogc{path}", query_string=parameters)
        assert answer.status_code == status, answer.get_data(as_text=True)
        assert answer.mimetype == "application/problem+json"
        problem: dict[str, Any] = answer.get_json()
        return problem

    return ask


def pages(client: FlaskClient, answer: TestResponse, rel: str = "next") -> Iterator[dict[str, Any]]:
    """An answer and those that its links lead to, one after the other."""
    while True:
        page = answer.get_json()
        yield page
        found = [one["href"] for one in page["links"] if one["rel"] == rel]
        if not found:
            return
        address = urlsplit(found[0])
        answer = client.get(f"{address.path}?{address.query}")
