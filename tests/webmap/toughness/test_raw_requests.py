"""The server itself, asked in bytes that no client sends: it answers, or hangs up, and no more."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest
from everybody import OPERATOR, Everybody

from bench.servers import unused_port, wait_until_healthy
from gis.cluster import Cluster
from gis.settings import child_environment

SERVE: Final = (
    "import sys; from webmap import serving; "
    "serving.serve('127.0.0.1', int(sys.argv[1]), 1, lambda: None)"
)
NAME: Final = "onemap_test_raw_requests"
PATIENCE_S: Final = 60
HOST: Final = b"Host: 127.0.0.1\r\n"
LAST: Final = b"Connection: close\r\n"
GET: Final = b"GET /healthz HTTP/1.1\r\n"
POST: Final = b"POST /language HTTP/1.1\r\n"
PLAIN: Final = GET + HOST + LAST + b"\r\n"
BEHIND: Final = b"GET /openapi.json HTTP/1.1\r\n" + HOST + LAST + b"\r\n"
"""A request that some reading of the one before would find behind it, and another within it."""
EVIL: Final = b"evil.example"

TWO_READINGS: Final = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two codings": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n",
    "no coding": b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "a blank": b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "a vertical tab": b"Transfer-Encoding: \x0bchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(BEHIND),
    "a list of lengths": b"Content-Length: 0, %d\r\n\r\n" % len(BEHIND),
    "a signed length": b"Content-Length: +0\r\n\r\n",
    "a length below nothing": b"Content-Length: -1\r\n\r\n",
    "a length in sixteens": b"Content-Length: 0x0\r\n\r\n",
    "a length past counting": b"Content-Length: 99999999999999999999999\r\n\r\n",
    "a chunk past counting": b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    "a chunk below nothing": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
    "chunks by line feeds": b"Transfer-Encoding: chunked\r\n\r\n0\n\n",
    "a folded line": b"X: a\r\n Content-Length: 0\r\n\r\n",
    "a bare return": b"X: a\rContent-Length: 0\r\n\r\n",
    "a null in a name": b"X\0: a\r\nContent-Length: 0\r\n\r\n",
    "a null in a value": b"X: a\0b\r\nContent-Length: 0\r\n\r\n",
    "no name": b": a\r\nContent-Length: 0\r\n\r\n",
    "no colon": b"X\r\nContent-Length: 0\r\n\r\n",
}  # fmt: skip
"""Headers of a request to write that two programs on its way could take for two different ones."""

TARGETS: Final = (
    b"/static/0/../../../../etc/passwd", b"/static/0/..%2f..%2f..%2fetc%2fpasswd",
    b"/static/0/%2e%2e/%2e%2e/app.py", b"/static/0/..%5c..%5capp.py",
    b"/static/0/js/main.js%00.png", b"/static/0/vendor/%2fetc%2fpasswd", b"//evil.example/x",
    b"/a\0b", b"/\xff\xfe", b"/a b", b"*", b"etc/passwd", b"../etc/passwd",
    b"file:///etc/passwd", b"http://evil.example/../../etc/passwd", b"/%", b"/%zz",
    b"/" + b"a" * 200_000,
)  # fmt: skip
MALFORMED: Final = {
    "a long line": GET + HOST + b"X: " + b"a" * 2_000_000 + b"\r\n\r\n",
    "many lines": GET + HOST + b"".join(b"X%d: a\r\n" % n for n in range(5000)) + b"\r\n",
    "TLS": b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"x" * 100 + b"\r\n\r\n",
    "a null in the method": b"G\0T /healthz HTTP/1.1\r\n" + HOST + b"\r\n",
    "another version": b"GET /healthz HTTP/9.9\r\n" + HOST + b"\r\n",
    "no version": b"GET /healthz\r\n\r\n",
    "lines by returns": b"GET /healthz HTTP/1.1\rHost: 127.0.0.1\r\r",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
}


@pytest.fixture(scope="module")
def port(
    all_of_them: Everybody, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """Of the server as `onemap` starts it, with one worker."""
    found = unused_port()
    environment = child_environment(
        ONEMAP_DATABASE_URL=cluster.url("onemap_web", NAME).render_as_string(hide_password=False),
        ONEMAP_STATE_DIR=str(tmp_path_factory.mktemp("served")),
    )
    program = subprocess.Popen([sys.executable, "-c", SERVE, str(found)], env=environment)
    try:
        wait_until_healthy(program, found, patience_s=PATIENCE_S)
        yield found
        assert program.poll() is None, "nothing that was asked ended it"
    finally:
        program.terminate()
        program.wait(timeout=PATIENCE_S)


def _open(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE_S)


def _get(target: bytes, headers: bytes = b"", method: bytes = b"GET") -> bytes:
    return method + b" " + target + b" HTTP/1.1\r\n" + LAST + headers + b"\r\n"


def _exchange(port: int, sent: bytes) -> tuple[list[int], bytes]:
    """Statuses of all answers on one connection, and all bytes, until it is closed."""
    with _open(port) as line:
        answer = b""
        try:
            line.sendall(sent)
            while part := line.recv(65_536):
                answer += part
        except (ConnectionResetError, BrokenPipeError):
            pass  # it hung up on the rest; what it said before counts
    return [int(one) for one in re.findall(rb"^HTTP/1\.[01] (\d{3})", answer, re.MULTILINE)], answer


def test_a_plain_request_and_two_in_a_row_are_answered(port: int) -> None:
    assert _exchange(port, PLAIN)[0] == [200]
    assert _exchange(port, GET + HOST + b"\r\n" + PLAIN)[0] == [200, 200]


@pytest.mark.parametrize("headers", TWO_READINGS.values(), ids=TWO_READINGS)
def test_what_can_be_read_in_two_ways_is_refused_with_all_behind_it(
    port: int, headers: bytes
) -> None:
    statuses, answer = _exchange(port, POST + HOST + headers + BEHIND)
    assert statuses in ([400], []), answer[:300]
    assert b'"openapi"' not in answer


@pytest.mark.parametrize(
    "headers",
    [
        b"Host:\r\n", b"Host: evil.example\r\n", HOST + b"Host: evil.example\r\n",
        b"Host: evil.example\r\n" + HOST, b"Host: 127.0.0.1@evil.example\r\n",
        b"Host: 127.0.0.1/evil.example\r\n",
        b"Host: evil.example\r\nX-Forwarded-Host: 127.0.0.1\r\n",
        b"Host: 127.0.0.1, evil.example\r\n", b"Host: \xff\r\n", b"Host: [::1\r\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", [b"/", b"/api/layers", b"http://127.0.0.1/"])
def test_it_answers_under_its_own_names_only(port: int, target: bytes, headers: bytes) -> None:
    statuses, answer = _exchange(port, _get(target, headers))
    assert statuses in ([400], [403]), answer[:300]
    assert b"Set-Cookie" not in answer
    assert not re.search(rb"^location:", answer, re.MULTILINE | re.IGNORECASE)


def test_it_wants_to_be_called_by_a_name(port: int) -> None:
    assert _exchange(port, _get(b"/"))[0] in ([400], [403])


def test_a_method_in_small_letters_is_held_to_what_the_others_are(port: int) -> None:
    from_elsewhere = HOST + b"Origin: http://evil.example\r\nContent-Length: 0\r\n"
    assert _exchange(port, _get(b"/language", from_elsewhere, b"post"))[0] == [403]


@pytest.mark.parametrize("target", [b"http://evil.example/", b"https://evil.example:1/sign-in"])
def test_a_whole_address_leads_to_no_other_site(port: int, target: bytes) -> None:
    accept = b"Accept: text/html\r\n"
    statuses, answer = _exchange(port, _get(target, HOST + accept))
    assert len(statuses) == 1
    assert statuses[0] < 500
    assert EVIL not in answer


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: repr(one[:40]))
def test_no_target_leads_out_of_what_is_served(
    all_of_them: Everybody, port: int, target: bytes
) -> None:
    for caller in ({}, all_of_them.callers[OPERATOR]):
        own = "".join(f"{name}: {value}\r\n" for name, value in caller.items()).encode()
        statuses, answer = _exchange(port, _get(target, HOST + own))
        assert statuses
        assert set(statuses) <= {400, 401, 404, 414}, answer[:300]
        assert b"root:" not in answer
        assert b"import " not in answer


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"QQQQ", b"PROPFIND"])
def test_a_method_nobody_knows_does_nothing(port: int, method: bytes) -> None:
    target = b"127.0.0.1:80" if method == b"CONNECT" else b"/healthz"
    mark = b"X-Marked: somebody's\r\nCookie: a=somebody's\r\n"
    statuses, answer = _exchange(port, _get(target, HOST + mark, method))
    assert set(statuses) <= {400, 403, 404, 405}, answer[:300]
    assert b"somebody's" not in answer


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED)
def test_what_is_no_request_is_refused(port: int, sent: bytes) -> None:
    statuses, answer = _exchange(port, sent)
    assert set(statuses) <= {400, 414, 431, 505}, answer[:300]
    assert _exchange(port, PLAIN)[0] == [200]


def test_who_never_ends_a_request_keeps_nobody_waiting(port: int) -> None:
    with ExitStack() as held:
        slow = [held.enter_context(_open(port)) for _ in range(200)]
        for at, line in enumerate(slow):
            line.sendall([GET, GET + HOST, POST + HOST + b"Content-Length: 9\r\n\r\na"][at % 2])
        assert _exchange(port, PLAIN)[0] == [200]
        # Half a head is not waited for for ever.
        assert _hung_up(slow[0])


def _hung_up(line: socket.socket) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    line.settimeout(PATIENCE_S)
    while time.monotonic() < deadline:
        if not line.recv(65_536):
            return True
    return False


def test_no_answer_carries_a_line_that_a_request_brought(port: int) -> None:
    brought = b"%0d%0aX-Brought:%20yes%0d%0aSet-Cookie:%20a=b"
    for target in (
        b"/sign-in?next=/" + brought, b"/" + brought, b"/enter?token=" + brought,
        b"/static/0/" + brought, b"//" + brought + b"/..",
    ):  # fmt: skip
        for accept in (b"application/json", b"text/html"):
            asked = (
                b"GET "
                + target
                + b" HTTP/1.1\r\n"
                + HOST
                + LAST
                + b"Accept: "
                + accept
                + b"\r\n\r\n"
            )
            _, answer = _exchange(port, asked)
            head = answer.split(b"\r\n\r\n", 1)[0].lower()
            assert b"\r\nx-brought" not in head
            assert b"\r\nset-cookie: a=b" not in head


def test_the_answer_does_not_name_versions_of_what_serves_it(port: int) -> None:
    _, answer = _exchange(port, PLAIN)
    named = re.search(rb"^server:(.*)$", answer, re.MULTILINE | re.IGNORECASE)
    assert named is None or not re.search(rb"\d", named[1])
