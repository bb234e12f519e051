"""What holds for every address there is: headers, methods, origins, ways out."""

import re
from typing import Any, Final

import pytest
from everybody import NOBODY, OPERATOR, PROGRAM, Everybody
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from gis.rights.grants import OFFICES
from webmap.session import COOKIE
from webmap.views.openapi import PATHS

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
OPEN: Final = {
    "/healthz": "tells that the server answers",
    "/metrics": "numbers of the server's work, to this machine and to stated addresses alone",
    "/openapi.json": "tells how it is asked, not what it holds",
    "/sign-in": "leads in",
    "/sign-in/code": "leads in",
    "/sign-out": "leads out",
    "/enter": "leads in",
    "/language": "keeps a choice in the browser",
    "/static/<version>/<path:name>": "scripts, styles and fonts",
    "/ogc": "tells how it is asked",
    "/ogc/": "the same",
    "/ogc/api": "tells how it is asked",
    "/ogc/conformance": "tells how it is asked",
}
"""What answers strangers, each with why."""
MAY_BE_KEPT: Final = re.compile(r"/static/|/basemap/")
TRAVERSALS: Final = (
    "../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd",
    "....//....//etc/passwd", "..%5c..%5cetc", "..%252f..%252fetc%252fpasswd", "%00",
    "%2fetc%2fpasswd",
    "vendor/../../app.py", "js/%2e%2e/%2e%2e/app.py", "/etc/passwd", "file:%2f%2f%2fetc%2fpasswd",
)  # fmt: skip


def _address(all_of_them: Everybody, rule: Rule) -> str:
    if rule.rule.startswith("/static/"):
        return "/static/0/js/main.js"
    return all_of_them.path(re.sub(r"<(?:[^<>]+:)?(\w+)>", r"{\1}", rule.rule))


def _rules(all_of_them: Everybody) -> list[Rule]:
    return list(all_of_them.app.url_map.iter_rules())


def _ask(all_of_them: Everybody, caller: str, method: str, path: str, **more: Any) -> TestResponse:
    headers = {**all_of_them.callers[caller], **more.pop("headers", {})}
    if method in {"POST", "PUT", "PATCH"}:
        more = {"json": {}, **more}
    return all_of_them.browser().open(path, method=method, headers=headers, **more)


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("caller", [NOBODY, OPERATOR])
def test_every_answer_carries_what_protects_it(
    all_of_them: Everybody, caller: str, accept: str
) -> None:
    for rule in _rules(all_of_them):
        path = _address(all_of_them, rule)
        answer = _ask(all_of_them, caller, "GET", path, headers={"Accept": accept})
        said = answer.headers
        assert answer.status_code < 500, (path, answer.text)
        assert said["X-Content-Type-Options"] == "nosniff", path
        assert said["Referrer-Policy"] == "no-referrer", path
        assert said["Cross-Origin-Resource-Policy"] == "same-origin", path
        assert "Access-Control-Allow-Origin" not in said, path
        assert "X-Powered-By" not in said, path
        if answer.mimetype == "text/html" and answer.data:
            assert "frame-ancestors 'none'" in said["Content-Security-Policy"], path
            assert "unsafe" not in said["Content-Security-Policy"], path
        if not MAY_BE_KEPT.match(path):
            kept = said.get("Cache-Control", "")
            # No shared cache keeps it, and no browser shows it again without asking.
            assert "no-store" in kept or kept == "private, no-cache", (path, kept)


def test_a_stranger_gets_nothing_but_what_leads_in(all_of_them: Everybody) -> None:
    for rule in _rules(all_of_them):
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            if rule.rule in OPEN:
                continue
            answer = _ask(all_of_them, NOBODY, method, _address(all_of_them, rule))
            assert answer.status_code in {400, 401, 404}, (method, rule.rule, answer.status_code)
            if answer.status_code != 401:
                # What it was sent made no sense; a stranger learns nothing of what is there.
                known = _ask(all_of_them, OPERATOR, method, _address(all_of_them, rule))
                assert answer.get_json()["type"] == known.get_json()["type"], rule.rule


@pytest.mark.parametrize("caller", [PROGRAM, *OFFICES, "viewer", "leader"])
def test_who_only_reads_writes_nothing(all_of_them: Everybody, caller: str) -> None:
    """Nothing of the register: an empty body is refused before or after who sent it."""
    for path, methods in PATHS.items():
        for method in methods.keys() - {"get"}:
            if path.startswith(
                (
                    "/account",
                    "/sign-",
                    "/language",
                    "/campaigns/notices",
                    "/todo/notices",
                    "/api/area-",
                )
            ):
                continue
            if path.endswith(("/export", "/breakdown")) or path.startswith("/api/views"):
                continue
            answer = _ask(all_of_them, caller, method.upper(), all_of_them.path(path))
            assert answer.status_code in {400, 403, 404, 409}, (method, path, answer.text)


def test_a_method_that_an_address_has_not_is_405_and_says_which_it_has(
    all_of_them: Everybody,
) -> None:
    served: dict[str, set[str]] = {}
    for rule in _rules(all_of_them):
        path = _address(all_of_them, rule)
        served.setdefault(path, set()).update(rule.methods or ())
    for path, methods in served.items():
        for method in {*METHODS, "TRACE", "PROPFIND", "X"} - methods:
            answer = all_of_them.browser().open(
                path, method=method, headers=all_of_them.callers[OPERATOR]
            )
            assert answer.status_code == 405, (method, path, answer.status_code)
            assert set(answer.headers["Allow"].split(", ")) <= {*methods, "HEAD", "OPTIONS"}, path
            assert answer.get_json()["detail"], path


@pytest.mark.parametrize(
    "headers",
    [
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-HTTP-Method": "DELETE"},
        {"X-Method-Override": "DELETE"},
        {"X-Original-URL": "/accounts"},
        {"X-Rewrite-URL": "/accounts"},
    ],
)
def test_no_header_makes_a_request_another_one(
    all_of_them: Everybody, headers: dict[str, str]
) -> None:
    photo = f"/api/photos/{all_of_them.numbers['photo_id']}/image"
    answer = _ask(all_of_them, OPERATOR, "GET", f"{photo}?_method=DELETE", headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    again = _ask(all_of_them, OPERATOR, "GET", photo)
    assert again.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
    ],
)
def test_no_other_site_writes_anywhere(all_of_them: Everybody, headers: dict[str, str]) -> None:
    for rule in _rules(all_of_them):
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}:
            answer = _ask(
                all_of_them, OPERATOR, method, _address(all_of_them, rule), headers=headers
            )
            assert answer.status_code == 403, (method, rule.rule)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "localhost@evil.example", "evil.example:80", "[::2]",
     "localhost, evil.example", "127.0.0.1.nip.io", "localhost/evil", "evil@localhost", "", "0"],
)  # fmt: skip
def test_no_address_answers_under_another_name(all_of_them: Everybody, host: str) -> None:
    for rule in _rules(all_of_them):
        answer = _ask(
            all_of_them, OPERATOR, "GET", _address(all_of_them, rule), headers={"Host": host}
        )
        assert answer.status_code in {400, 403}, (host, rule.rule)
        assert "evil" not in answer.headers.get("Location", "")


def test_what_a_proxy_would_say_is_believed_of_nobody(all_of_them: Everybody) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https",
    "Forwarded": "host=evil.example",
              "X-Forwarded-Prefix": "/evil", "X-Forwarded-For": "8.8.8.8"}  # fmt: skip
    for path in ("/ogc", "/ogc/collections", "/tiles/property.json", "/", "/sign-in", "/ogc/"):
        answer = _ask(all_of_them, OPERATOR, "GET", path, headers=forged)
        assert "evil" not in answer.text + answer.headers.get("Location", ""), path
        assert answer.status_code < 400


@pytest.mark.parametrize(
    "pattern",
    ["/static/0/{}", "/static/{}/js/main.js", "/tiles/{}/1/1/1.mvt", "/tiles/{}.json",
    "/basemap/{}/1/1/1",
     "/api/photos/{}/image", "/api/reports/{}.xlsx", "/api/reports/{}.json", "/api/reports/{}.docx",
     "/api/loads/1/issues.{}",
     "/api/layers/{}/count", "/ogc/collections/{}/items", "/ogc/collections/property/items/{}",
     "/campaigns/{}/report.xlsx", "/x{}"],
)  # fmt: skip
def test_no_path_leads_out(all_of_them: Everybody, pattern: str) -> None:
    for inner in TRAVERSALS:
        answer = _ask(all_of_them, OPERATOR, "GET", pattern.format(inner))
        if pattern == "/static/{}/js/main.js" and answer.status_code == 200:
            assert answer.mimetype == "text/javascript"  # any version is answered with our own
            continue
        if answer.status_code == 308:  # doubled slashes are one
            assert answer.location.startswith("http://localhost/"), (pattern, inner)
            continue
        assert answer.status_code in {400, 404}, (pattern, inner, answer.status_code)
        assert "root:" not in answer.text


@pytest.mark.parametrize(
    "onward",
    ["//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
    "https://evil.example",
     "%2f%2fevil.example", "/%09/evil.example", "/\t/evil.example", "http:/evil.example",
     "javascript:alert(1)",
     "/..//evil.example", "/.//evil.example", "data:text/html,x", "@evil.example",
     "\u2215\u2215evil.example",
     "/\r\nLocation: //evil.example", "https:evil.example", "\x00//evil.example",
     " //evil.example"],
)  # fmt: skip
def test_nothing_leads_on_to_another_site(all_of_them: Everybody, onward: str) -> None:
    for path in ("/sign-in", "/account", "/imports", "/campaigns", "/enter"):
        answer = all_of_them.browser().get(
            path, query_string={"next": onward, "token": "x"},
            headers={**all_of_them.callers[OPERATOR], "Accept": "text/html"},
        )  # fmt: skip
        assert _stays(answer.headers.get("Location", "/")), (path, answer.headers["Location"])


def _stays(location: str) -> bool:
    """As a browser reads it: one slash first, and no second one or backslash after it."""
    return bool(re.match(r"/(?![/\\\s])|/$", location)) and "\n" not in location


@pytest.mark.parametrize(
    "cookie",
    ["x" * 5000, "\u00e4", "a=b; a=c", f"{COOKIE}=", f"{COOKIE}=x; {COOKIE}=y",
    f'{COOKIE}="', ";;;", "=",
     f"{COOKIE}=" + "A" * 43, f"__Host-{COOKIE}=x"],
)  # fmt: skip
def test_a_cookie_that_is_none_means_nobody(all_of_them: Everybody, cookie: str) -> None:
    for path in ("/api/layers", "/", "/tiles/property/14/13639/6655.mvt"):
        answer = all_of_them.browser().get(path, headers={"Cookie": cookie})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "stated",
    ["Bearer", "Bearer ", "Bearer x y", "Basic eDp5", "bearer \u00e4", "x", "Bearer " + "x" * 9000],
)
def test_a_bad_authorization_counts_instead_of_the_cookie(
    all_of_them: Everybody, stated: str
) -> None:
    for path in ("/api/layers", "/tiles/property/14/13639/6655.mvt", "/ogc/collections"):
        answer = _ask(all_of_them, OPERATOR, "GET", path, headers={"Authorization": stated})
        assert answer.status_code == 401
