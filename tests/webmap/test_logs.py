"""Each request has a number and a line; no line has anybody's data or what was looked for."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gis.db import Database, Role
from gis.settings import Settings
from webmap.app import create_app
from webmap.logs import SharedFile, at_hand, line_of, log_to_file
from webmap.watched import Watched

FIELDS = {
    "time", "request_id", "method", "route", "status", "duration_ms", "bytes", "account_id",
}  # fmt: skip


@dataclass
class Logged:
    app: Flask
    folder: Path

    def lines(self) -> list[dict[str, object]]:
        said = (self.folder / "logs/requests.log").read_text("utf-8")
        return [json.loads(line) for line in said.splitlines()]


def _logged(folder: Path, database: Database, **settings: object) -> Logged:
    stated = Settings(
        state_dir=folder,
        database_url=None,
        language="zh",
        request_log="file",
        **settings,  # type: ignore[arg-type]
    )
    return Logged(create_app(stated, database), folder)


@pytest.fixture
def logged(tmp_path: Path, web_database: Database) -> Iterator[Logged]:
    made = _logged(tmp_path, web_database)
    yield made
    made.app.extensions["onemap_tiles"].watch.close()


@pytest.fixture
def operator_of(logged: Logged, one_time_address: Callable[[], str]) -> FlaskClient:
    browser = logged.app.test_client()
    browser.get(one_time_address())
    return browser


def test_a_line_tells_the_kind_of_address_and_who_but_not_what_was_asked(
    logged: Logged, operator_of: FlaskClient
) -> None:
    answers = [
        operator_of.get("/api/search?q=张三"),
        operator_of.get("/api/places/1"),
        operator_of.get("/no/张三"),
        operator_of.get("/tiles/building/14/13533/6660.mvt"),
        operator_of.get("/tiles/building/14/13533/6660.mvt"),
        operator_of.head("/"),
    ]
    lines = logged.lines()[1:]  # the first one is of signing in
    assert [line["route"] for line in lines] == [
        "/api/search",
        "/api/places/<int:place_id>",
        None,
        "/tiles/<layer_name>/<int:z>/<int:x>/<int:y>.mvt",
        "/tiles/<layer_name>/<int:z>/<int:x>/<int:y>.mvt",
        "/",
    ]
    for line, answer in zip(lines, answers, strict=True):
        assert set(line) == FIELDS
        assert line["request_id"] == answer.headers["X-Request-Id"]
        assert (line["status"], line["bytes"]) == (answer.status_code, len(answer.data))
    assert len({line["request_id"] for line in lines}) == len(lines)
    assert isinstance(lines[0]["account_id"], int)
    said = (logged.folder / "logs/requests.log").read_text("utf-8")
    assert "张三" not in said
    assert "\\u5f20" not in said
    assert "token" not in said


def test_a_number_is_taken_over_from_a_proxy_only(
    tmp_path: Path, logged: Logged, web_database: Database
) -> None:
    stated = {"X-Request-Id": "proxy-0123456789"}
    alone = logged.app.test_client().get("/healthz", headers=stated)
    assert alone.headers["X-Request-Id"] != stated["X-Request-Id"]
    behind = _logged(tmp_path / "behind", web_database, behind_proxy=True)
    browser = behind.app.test_client()
    assert browser.get("/healthz", headers=stated).headers["X-Request-Id"] == "proxy-0123456789"
    odd = browser.get("/healthz", headers={"X-Request-Id": 'x"} {"level": "forged'})
    assert '"' not in odd.headers["X-Request-Id"]
    behind.app.extensions["onemap_tiles"].watch.close()


def test_a_fault_has_the_number_of_its_request_in_answer_and_log(logged: Logged) -> None:
    logged.app.add_url_rule("/test-fault", view_func=lambda: 1 / 0)
    settings = Settings(state_dir=logged.folder, database_url=None, language="zh")
    log = logging.getLogger("onemap")
    before = list(log.handlers)
    log_to_file(settings)
    try:
        answer = logged.app.test_client().get("/test-fault")
    finally:
        log.handlers[:] = before
    assert answer.status_code == 500
    problem = answer.get_json()
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    lines = map(json.loads, settings.log_path.read_text("utf-8").splitlines())
    [line] = [one for one in lines if "trace" in one]
    assert line["request_id"] == problem["request_id"]
    assert problem["fault_id"] in line["message"]
    assert "ZeroDivisionError" in line["trace"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TEMP TABLE told (name text UNIQUE);"
        " INSERT INTO told VALUES ('张三'); INSERT INTO told VALUES ('张三')",
        "SELECT '张三'::integer",
        "CREATE TEMP TABLE told (name text CHECK (name <> E'张三\\n李四'));"
        " INSERT INTO told VALUES (E'张三\\n李四')",
        "SELECT :name::text::integer",
        "SELECT nothing FROM (SELECT '张三') AS told",
    ],
)
def test_what_the_database_quotes_of_a_row_is_not_logged(
    web_database: Database, statement: str
) -> None:
    *first, last = (
        text(one.replace(":name::text", "CAST(:name AS text)")) for one in statement.split("; ")
    )
    with web_database.engine(Role.OWNER).connect() as conn:
        for one in first:
            conn.execute(one)
        with pytest.raises(DBAPIError) as caught:
            conn.execute(last, {"name": "张三"})
    error = caught.value
    record = logging.LogRecord(
        "onemap", logging.ERROR, "", 0, "fault %s", ("0a",), (type(error), error, None)
    )
    line = line_of(record)
    assert "psycopg2.errors" in line
    assert "张三" not in line.partition("[SQL:")[0]
    assert "李四" not in line.partition("[SQL:")[0]


def test_a_line_of_a_job_has_its_number() -> None:
    kept = at_hand.set({"job_id": 17})
    record = logging.LogRecord("onemap", logging.WARNING, "", 0, "said", (), None)
    line = json.loads(line_of(record))
    at_hand.reset(kept)
    assert (line["job_id"], line["message"], line["level"]) == (17, "said", "warning")


LINES = 400


def _write_many(path: str, who: int) -> None:
    file = SharedFile(Path(path), 6_000)
    for number in range(LINES):
        file.write(json.dumps({"who": who, "number": number}))


def test_processes_write_whole_lines_to_files_that_are_moved_aside_once(tmp_path: Path) -> None:
    path = tmp_path / "requests.log"
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        list(pool.map(_write_many, [str(path)] * 3, range(3)))
    kept = [path, *(Path(f"{path}.{age}") for age in (1, 2, 3))]
    assert all(one.exists() for one in kept)
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(
        [*(one.name for one in kept), "requests.lock"]
    )
    for one in kept:
        assert one.stat().st_mode & 0o777 == 0o600
        lines = [json.loads(line) for line in one.read_text().splitlines()]
        # Two that find the file too long at once move it aside once, so none is nearly empty.
        assert one == path or len(lines) > 100
        # Three processes, each of which writes three lines between looks.
        assert one.stat().st_size < 6_000 + 3 * 3 * 40


def test_a_file_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    SharedFile(tmp_path / "nowhere/requests.log", 100).write("{}")
    assert list(tmp_path.iterdir()) == []
    assert sys.exc_info() == (None, None, None)


def test_an_answer_that_nobody_begins_to_take_is_closed_and_told_of() -> None:
    closed, told = [], []

    class Parts(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def answering(environ: object, start: Callable[..., object]) -> Parts:
        start("200 OK", [])
        return Parts([b"one", b"two"])

    watched = Watched(
        answering, [lambda _method, seen, _seconds: told.append(seen.bytes)], takes_numbers=False
    )
    for taken in (0, 1, 3):
        answer = watched({"REQUEST_METHOD": "GET"}, lambda *_said: None)  # type: ignore[arg-type]
        list(zip(range(taken), answer, strict=False))
        answer.close()  # type: ignore[attr-defined]
    assert closed == [True] * 3
    # The last one was taken to its end.
    assert told == [0, 3, 6]
