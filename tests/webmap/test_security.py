import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter

from webmap.security import HEADERS, is_allowed_host

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8765", "localhost:80", "[::1]:8765"])
def test_the_server_answers_to_its_own_names(host: str) -> None:
    assert is_allowed_host(host, LOOPBACK)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "", "localhost.:1", "[::1", "x@localhost",
     "localhost/x", "localhost?x", "localhost#x", "localhost\\x"],
)  # fmt: skip
def test_any_other_name_is_refused(host: str) -> None:
    assert not is_allowed_host(host, LOOPBACK)


def test_a_foreign_host_header_gets_a_problem(nobody: FlaskClient) -> None:
    answer = nobody.get("/healthz", headers={"Host": "rebind.example"})
    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"
    assert "ONEMAP_ALLOWED_HOSTS" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[::1"},
    ],
)
def test_another_site_cannot_write(nobody: FlaskClient, headers: dict[str, str]) -> None:
    answer = nobody.post("/language", data={"language": "en"}, headers=headers)
    assert answer.status_code == 403


def test_our_own_page_can_write(nobody: FlaskClient) -> None:
    answer = nobody.post(
        "/language", data={"language": "en"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 204


def test_the_policy_names_no_host_and_its_nonce_is_the_pages(client: FlaskClient) -> None:
    first, second = (client.get("/", headers={"Accept": "text/html"}) for _ in range(2))
    policy = first.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    found = re.search(r"'nonce-([^']+)'", policy)
    assert found
    assert f'nonce="{found[1]}"' in first.text
    assert found[1] not in second.text


def test_every_address_answers_with_what_keeps_browsers_safe(
    app: Flask, nobody: FlaskClient
) -> None:
    asked = set()
    for rule in app.url_map.iter_rules():
        values = {
            name: min(part.items) if isinstance(part, AnyConverter) else 1
            for name, part in rule._converters.items()
        }
        path = app.url_map.bind("localhost").build(rule.endpoint, values, append_unknown=False)
        for method in sorted(rule.methods or ()):
            for accept in ("application/json", "text/html"):
                answer = nobody.open(path, method=method, headers={"Accept": accept})
                asked.add(rule.rule)
                for name, value in HEADERS.items():
                    assert answer.headers.get(name) == value, (rule.rule, method, name)
                if answer.mimetype == "text/html" and answer.data:
                    policy = answer.headers["Content-Security-Policy"]
                    assert "frame-ancestors 'none'" in policy
                    assert "unsafe" not in policy
                assert "Strict-Transport-Security" not in answer.headers
                assert answer.status_code < 500, (rule.rule, method, answer.text)
    assert len(asked) > 100


def test_over_https_a_browser_is_told_to_stay_there(nobody: FlaskClient) -> None:
    answer = nobody.get("/healthz", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
