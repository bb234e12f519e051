"""Figures of the server's work: true over all its processes, and not for everybody."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from multiprocessing import get_context
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from office import Office
from people import add_person, session_of
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import URL
from werkzeug.test import TestResponse

from etl.admin_areas import packaged_city, save_areas
from gis.cluster import Cluster
from gis.db import Database, Role, transaction
from gis.errors import ConfigError
from gis.jobs.model import JobKind
from gis.rights.actions import Grant
from gis.rights.tokens import make_token
from gis.settings import Settings, load_settings
from tests.conftest import Operator, open_operator
from webmap.app import create_app

SETTINGS = Settings(state_dir=Path(), database_url=None, language="zh")


@pytest.fixture
def made(web_database: Database, tmp_path: Path) -> Iterator[Callable[..., FlaskClient]]:
    """Makes browsers of applications of their own, by their settings."""
    apps: list[Flask] = []

    def make(database: Database = web_database, **settings: object) -> FlaskClient:
        stated = replace(SETTINGS, state_dir=tmp_path, **settings)  # type: ignore[arg-type]
        apps.append(create_app(stated, database))
        return apps[-1].test_client()

    yield make
    for app in apps:
        app.extensions["onemap_tiles"].watch.close()


def _figures(browser: FlaskClient) -> dict[tuple[str, ...], float]:
    answer = browser.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_the_pattern_of_their_address(
    made: Callable[..., FlaskClient],
) -> None:
    browser = made()
    for number in range(3):
        browser.get(f"/api/places/{number}?as_of=2020-01-01")
    browser.get("/api/zhang-san")
    found = _figures(browser)
    assert found["onemap_request_seconds_count", "GET", "/api/places/<int:place_id>", "401"] == 3
    assert found["onemap_request_seconds_count", "GET", "none", "404"] == 1
    assert found["onemap_request_seconds_sum", "GET", "none", "404"] > 0
    assert found["onemap_database_connections_in_use",] == 0
    assert found["onemap_disk_free_bytes",] > 0
    assert ("onemap_last_good_backup_age_seconds",) not in found
    assert "zhang-san" not in browser.get("/metrics").text


def test_connections_that_tiles_keep_are_not_the_pools(
    made: Callable[..., FlaskClient], web_database: Database
) -> None:
    browser = made()
    browser.set_cookie("onemap_session", open_operator(web_database).token)
    assert browser.get("/tiles/building/15/27283/13310.mvt").status_code in {200, 204}
    assert _figures(browser)["onemap_database_connections_in_use",] == 0


def test_the_age_of_the_last_good_backup_is_told(
    made: Callable[..., FlaskClient], tmp_path: Path
) -> None:
    good_at = datetime.now(UTC) - timedelta(days=3)
    (tmp_path / "nightly-backup.json").write_text(
        json.dumps(
            {
                "ended_at": datetime.now(UTC).isoformat(),
                "is_good": False,
                "file": "x",
                "size_bytes": 0,
                "seconds": 1.0,
                "reason": "no room",
                "good_at": good_at.isoformat(),
            }
        )
    )
    age = _figures(made())["onemap_last_good_backup_age_seconds",]
    assert 3 * 86400 <= age < 4 * 86400


def test_what_waits_is_told(
    cluster: Cluster,
    own_database: Database,
    operator: Operator,
    made: Callable[..., FlaskClient],
    tmp_path: Path,
) -> None:
    browser = made(own_database)
    before = _figures(browser)
    with own_database.engine(Role.OWNER).begin() as conn:
        save_areas(conn, packaged_city("320400"))
    office = Office(own_database, operator, replace(SETTINGS, state_dir=tmp_path), "")
    file = tmp_path / "f.csv"
    file.write_text("x\n1\n")
    office.ask(JobKind.LOAD, upload_id=office.hand_in(file))
    after = _figures(browser)
    assert (before["onemap_jobs_queued",], after["onemap_jobs_queued",]) == (0, 1)
    assert after["onemap_oldest_queued_job_seconds",] > 0
    assert after["onemap_jobs_running",] == 0
    assert after["onemap_database_up",] == 1
    assert ("onemap_stale_squares",) in after


def test_a_database_that_is_away_is_a_figure_and_no_fault(
    made: Callable[..., FlaskClient], tmp_path: Path
) -> None:
    nowhere = Database(lambda role: URL.create("postgresql+psycopg2", host=str(tmp_path)))
    found = _figures(made(nowhere))
    assert found["onemap_database_up",] == 0
    assert ("onemap_jobs_queued",) not in found


@pytest.mark.parametrize(
    ("address", "headers", "settings", "is_given"),
    [
        ("127.0.0.1", {}, {}, True),
        ("::1", {}, {}, True),
        ("10.0.3.7", {}, {}, False),
        ("10.0.3.7", {}, {"metrics_from": (ip_network("10.0.3.0/24"),)}, True),
        ("10.0.4.7", {}, {"metrics_from": (ip_network("10.0.3.0/24"),)}, False),
        # A proxy of this machine that is known, and one that is not.
        ("127.0.0.1", {"X-Forwarded-For": "10.0.3.7"}, {"behind_proxy": True}, False),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.3.7"}, {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, {}, False),
        ("127.0.0.1", {"Via": "1.1 proxy"}, {}, False),
    ],
)
def test_figures_are_given_to_this_machine_and_to_whom_its_operator_names(
    made: Callable[..., FlaskClient],
    address: str,
    headers: dict[str, str],
    settings: dict[str, object],
    is_given: bool,
) -> None:
    browser = made(**settings)
    answer = browser.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == (200 if is_given else 403)
    assert ("onemap_request_seconds" in answer.text) is is_given


@pytest.mark.parametrize(
    ("role", "status"), [("system_admin", 200), ("audit_admin", 403), ("viewer", 403)]
)
def test_figures_are_given_to_a_program_of_a_system_administrators_from_anywhere(
    made: Callable[..., FlaskClient], own_database: Database, role: str, status: int
) -> None:
    session = session_of(own_database, add_person(own_database, "watcher", Grant(role)))
    with transaction(own_database.engine(Role.WEB), session) as conn:
        _, token = make_token(conn, "prometheus")
    browser, far = made(own_database), {"REMOTE_ADDR": "10.0.3.7"}

    def asked(stated: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {stated}"}
        return browser.get("/metrics", headers=headers, environ_base=far)

    answer = asked(token)
    assert answer.status_code == status
    assert ("onemap_request_seconds" in answer.text) is (status == 200)
    assert asked(token + "x").status_code == 401
    browser.set_cookie("onemap_session", session)
    assert browser.get("/metrics", environ_base=far).status_code == 403


def test_networks_that_are_none_are_refused() -> None:
    with pytest.raises(ConfigError, match="not_networks"):
        load_settings({"ONEMAP_METRICS_FROM": "10.0.3.7, everybody"})


def _count(times: int) -> None:
    # Imported here, where the folder is known already.
    from webmap.metrics import Counts  # noqa: PLC0415
    from webmap.seen import Seen  # noqa: PLC0415

    counts = Counts(load_settings().counts_dir)
    for _ in range(times):
        counts.observe("GET", Seen("x", "/", status=200), 0.02)
    counts._in_use.inc()


def test_processes_count_together_and_who_ended_holds_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    context = get_context("spawn")
    for times in (2, 3):
        process = context.Process(target=_count, args=(times,))
        process.start()
        process.join()
        assert process.exitcode == 0
    said = context.Queue()
    process = context.Process(target=_tell, args=(said,))
    process.start()
    text = said.get(timeout=60)
    process.join()
    assert re.search(r'_count\{method="GET",route="/",status="200"\} 5\.0', text), text
    assert re.search(r"^onemap_database_connections_in_use 1\.0$", text, re.M), text


def _tell(said: object) -> None:
    from prometheus_client.registry import Collector  # noqa: PLC0415

    from webmap.metrics import Counts  # noqa: PLC0415

    class Nothing(Collector):
        def collect(self) -> list[object]:  # type: ignore[override]
            return []

    counts = Counts(load_settings().counts_dir)
    counts._in_use.inc()
    said.put(counts.told(Nothing()).decode())  # type: ignore[attr-defined]
