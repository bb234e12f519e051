"""The server as it is started: who dawdles stops nobody else, and what is begun is ended."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from gis.cluster import Cluster
from gis.db import Database, Role
from gis.settings import child_environment
from tests.conftest import open_operator
from webmap.bodies import LATE_S
from webmap.session import COOKIE

NAME = "onemap_real_server"
LONGEST_START_S = 120
LONGEST_ANSWER_S = 60
DAWDLERS = 100
PATIENCE_S = 3
HALF_A_BODY = (
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname="
)


@dataclass
class Served:
    """A server at work."""

    process: subprocess.Popen[str]
    host: str
    port: int
    token: str

    def get(self, address: str) -> tuple[int, str]:
        status, content = self.ask("GET", address, self.token)
        return status, content.decode()

    def ask(self, method: str, address: str, token: str, body: object = None) -> tuple[int, bytes]:
        opened = http.client.HTTPConnection(self.host, self.port, timeout=LONGEST_ANSWER_S)
        with closing(opened) as connection:
            headers = {"Cookie": f"{COOKIE}={token}"}
            connection.request(method, address, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def begin(self, said: bytes) -> socket.socket:
        """A connection on which so much was said, and no more."""
        opened = socket.create_connection((self.host, self.port), timeout=LONGEST_ANSWER_S)
        opened.sendall(said)
        return opened


@pytest.fixture(scope="module")
def register(make_database: Callable[[str], Database]) -> Iterator[Database]:
    made = make_database(NAME)
    yield made
    made.dispose()


def _port_of_nobody() -> int:
    """Not the first free one, which tests in another process would find just then as well."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(cluster: Cluster, register: Database, state: Path, **settings: str) -> Iterator[Served]:
    name = register.url(Role.WEB).database
    url = cluster.url(database=name or NAME).render_as_string(hide_password=False)
    with (state / "said").open("w") as said:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "webmap.cli", "serve"),
                *("--workers", "2", "--port", str(_port_of_nobody())),
            ],
            env=child_environment(
                ONEMAP_DATABASE_URL=url,
                ONEMAP_STATE_DIR=str(state),
                ONEMAP_LANGUAGE="en",
                **settings,
            ),
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
    limit = threading.Timer(LONGEST_START_S, process.kill)
    limit.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        limit.cancel()
        assert line, (state / "said").read_text()
        address = urlsplit(line.strip().rpartition(" ")[2])
        assert address.hostname is not None
        assert address.port is not None
        token = open_operator(register).token
        yield Served(process, address.hostname, address.port, token)
    finally:
        limit.cancel()
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


@pytest.fixture(scope="module")
def served(
    cluster: Cluster, register: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    with serving(cluster, register, tmp_path_factory.mktemp("state")) as made:
        yield made


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-More: ",
        HALF_A_BODY,
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_who_says_half_a_request_keeps_nobody_from_being_answered(
    served: Served, begun: bytes
) -> None:
    with ExitStack() as open_ones:
        for _ in range(DAWDLERS):
            open_ones.enter_context(served.begin(begun))
        assert [served.get("/api/layers")[0] for _ in range(8)] == [200] * 8


@pytest.fixture(scope="module")
def impatient(
    cluster: Cluster, register: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    stated = {
        "ONEMAP_BODY_SECONDS": str(PATIENCE_S),
        "ONEMAP_BODY_KB_PER_SECOND": "10",
        "ONEMAP_LOCK_SECONDS": "300",
    }
    with serving(cluster, register, tmp_path_factory.mktemp("state"), **stated) as made:
        yield made


def _answer(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    said = b""
    while piece := connection.recv(65536):
        said += piece
    return said


def test_who_falls_silent_in_the_middle_is_told_so_and_cut_off(impatient: Served) -> None:
    with ExitStack() as open_ones:
        silent = [open_ones.enter_context(impatient.begin(HALF_A_BODY)) for _ in range(40)]
        said = [_answer(one) for one in silent]
    statuses = {one.split(b" ")[1] for one in said}
    # As many as may wait for theirs; for more there is no room.
    assert b"408" in statuses
    assert statuses <= {b"408", b"503"}
    # Whoever comes after them is let in.
    sent = {"format": "none there is"}
    assert impatient.ask("POST", "/api/layers/property/export", impatient.token, sent)[0] == 400


def test_who_sends_drop_by_drop_is_cut_off(impatient: Served) -> None:
    with impatient.begin(HALF_A_BODY) as dripping:
        dripping.settimeout(0.1)
        said = b""
        while not said:
            with suppress(TimeoutError):
                said = dripping.recv(65536)
            with suppress(ConnectionError):
                dripping.sendall(b"x" * 100)
    assert said.startswith(b"HTTP/1.1 408 ")


def test_who_sends_slowly_and_steadily_is_taken_in(impatient: Served) -> None:
    boundary, rows = b"part", b"a,b\n" + b"1,2\n" * 150_000
    body = b"\r\n".join(
        [
            b"--" + boundary,
            b'Content-Disposition: form-data; name="file"; filename="f.csv"',
            b"",
            rows,
            b"--" + boundary + b"--",
            b"",
        ]
    )
    head = (
        f"POST /api/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}={impatient.token}\r\n"
        f"Content-Type: multipart/form-data; boundary=part\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    with impatient.begin(head.encode()) as sending:
        begun = time.monotonic()
        for at in range(0, len(body), 10_000):
            sending.sendall(body[at : at + 10_000])
            time.sleep(0.1)
        # Longer than anybody may be silent.
        assert time.monotonic() - begun > PATIENCE_S
        assert _answer(sending).startswith(b"HTTP/1.1 201 ")


def test_who_waits_for_an_answer_is_not_taken_for_one_who_fell_silent(
    impatient: Served, register: Database
) -> None:
    answers: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: answers.append(impatient.get("/api/unlocated")))
    with register.admin().begin() as conn:
        conn.execute(text("LOCK TABLE place.place IN ACCESS EXCLUSIVE MODE"))
        asking.start()
        # What came at one moment with a request at work is not told from it.
        time.sleep(LATE_S * 2)
        with ExitStack() as open_ones:
            silent = [open_ones.enter_context(impatient.begin(HALF_A_BODY)) for _ in range(6)]
            assert {_answer(one).split(b" ")[1] for one in silent} == {b"408"}
        assert asking.is_alive(), answers
    asking.join()
    assert [status for status, _ in answers] == [200]


def test_all_processes_tell_of_all_requests(served: Served) -> None:
    asked = 'onemap_request_seconds_count{method="GET",route="/openapi.json",status="200"}'

    def counted() -> float:
        found = re.search(rf"^{re.escape(asked)} (\S+)$", served.get("/metrics")[1], re.M)
        return float(found[1]) if found else 0

    before = counted()
    for _ in range(20):
        served.get("/openapi.json")
    assert {counted() - before for _ in range(6)} == {20}


def test_a_request_at_hand_is_answered_when_the_server_is_told_to_end(
    cluster: Cluster, register: Database, tmp_path: Path
) -> None:
    answers: list[tuple[int, str]] = []
    with serving(cluster, register, tmp_path) as served:
        asking = threading.Thread(target=lambda: answers.append(served.get("/api/unlocated")))
        with register.admin().begin() as conn:
            conn.execute(text("LOCK TABLE place.place IN ACCESS EXCLUSIVE MODE"))
            asking.start()
            waits = text(
                "SELECT count(*) FROM pg_locks WHERE NOT granted"
                " AND relation = 'place.place'::regclass"
            )
            while asking.is_alive() and not conn.execute(waits).scalar_one():
                pass
            served.process.send_signal(signal.SIGTERM)
            # From now on nobody is let in; who was, is answered.
            while _listens(served):
                pass
        asking.join()
        assert served.process.wait(timeout=60) in (0, 143)
    assert [status for status, _ in answers] == [200]


def _listens(served: Served) -> bool:
    try:
        socket.create_connection((served.host, served.port), timeout=5).close()
    except OSError:
        return False
    return served.process.poll() is None
