"""A load is there whole or not at all: killed, disturbed, or asked for twice at once."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from handed_in import footprints, register_state
from sqlalchemy import text

from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role
from tests.conftest import Operator

ANYWHERE = LoadOptions(any_area=True)
SCRIPT = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import make_url
from etl.load import load_file
from gis.db import Database

def at(step, what):
    print(step, flush=True)
    if step == {step!r}:
        os.kill(os.getpid(), signal.SIGKILL)

print("ready", flush=True)
load_file(Database(lambda role: make_url({url!r})), Path({path!r}), token={token!r}, progress=at)
print("done", flush=True)
"""

UNDO = """
from sqlalchemy import make_url
from etl.undo import undo_load
from gis.db import Database

print("ready", flush=True)
undo_load(Database(lambda role: make_url({url!r})), {load_id}, token={token!r})
print("done", flush=True)
"""


def _program(city: Database, operator: Operator, path: Path, step: str | None) -> list[str]:
    url = city.url(Role.LOADER).render_as_string(hide_password=False)
    script = SCRIPT.format(step=step, url=url, path=str(path), token=operator.token)
    return [sys.executable, "-c", script]


def _states(city: Database) -> list[str]:
    with city.engine(Role.OWNER).connect() as conn:
        return list(conn.execute(text("SELECT state FROM staging.load ORDER BY load_id")).scalars())


def _wait_until_gone(city: Database) -> None:
    """The server ends a killed client's transaction when it next looks at the connection."""
    city.engine(Role.LOADER).dispose()  # our own idle ones
    for _ in range(1200):
        with city.engine(Role.OWNER).connect() as conn:
            left = conn.execute(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND usename = :loader"
                ),
                {"loader": Role.LOADER.value},
            ).scalar_one()
        if not left:
            return
        time.sleep(0.05)
    raise AssertionError("the server still works for a program that is gone")


@pytest.mark.parametrize("step", ["read", "merge", "derive", "record"])
def test_a_load_killed_at_any_step_leaves_nothing_and_is_marked_failed(
    city: Database, operator: Operator, tmp_path: Path, step: str
) -> None:
    path = footprints(tmp_path / "f.gpkg")
    before = register_state(city)
    killed = subprocess.run(
        _program(city, operator, path, step), check=False, stdout=subprocess.DEVNULL
    )
    assert killed.returncode == -signal.SIGKILL
    _wait_until_gone(city)
    assert register_state(city) == before
    after = load_file(city, path, token=operator.token, options=ANYWHERE)
    assert after.inserted == 3
    assert set(_states(city)[:-1]) <= {"failed"}


def test_a_load_killed_at_any_moment_is_there_whole_or_not_at_all(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = footprints(tmp_path / "f.gpkg", 400)
    empty = register_state(city)
    load_id = load_file(city, path, token=operator.token, options=ANYWHERE).load_id
    undo_load(city, load_id or 0, token=operator.token)
    assert register_state(city) == empty
    known = len(_states(city))
    for delay_s in (0.05, 0.15, 0.3, 0.5, 0.8):
        running = subprocess.Popen(_program(city, operator, path, None), stdout=subprocess.PIPE)
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        time.sleep(delay_s)
        os.kill(running.pid, signal.SIGKILL)
        running.communicate()
        _wait_until_gone(city)
        with city.engine(Role.OWNER).connect() as conn:
            places = conn.execute(text("SELECT count(*) FROM place.place")).scalar_one()
        committed = "committed" in _states(city)[known:]
        assert places == (400 if committed else 0)
        if committed:
            break
        assert register_state(city) == empty


def test_two_loads_of_one_file_at_once_insert_it_once(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = footprints(tmp_path / "f.gpkg", 40)
    results: list[LoadResult] = []
    threads = [
        threading.Thread(
            target=lambda: results.append(
                load_file(city, path, token=operator.token, options=ANYWHERE)
            )
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((one.inserted, one.unchanged) for one in results) == [(0, 40), (40, 0)]


def test_an_undo_killed_at_any_moment_is_done_whole_or_not_at_all(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = footprints(tmp_path / "f.gpkg", 400)
    empty = register_state(city)
    load_id = load_file(city, path, token=operator.token, options=ANYWHERE).load_id or 0
    loaded = register_state(city)
    url = city.url(Role.LOADER).render_as_string(hide_password=False)
    program = UNDO.format(url=url, load_id=load_id, token=operator.token)
    for delay_s in (0.02, 0.1, 0.2, 0.35, 0.6, 1.0):
        running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert running.stdout is not None
        assert running.stdout.readline() == b"ready\n"
        time.sleep(delay_s)
        os.kill(running.pid, signal.SIGKILL)
        running.communicate()
        _wait_until_gone(city)
        is_undone = _states(city)[0] == "undone"
        assert register_state(city) == (empty if is_undone else loaded)
        if is_undone:
            break
    else:
        # What was cut off is marked so by the next who comes, and stands in nobody's way.
        undo_load(city, load_id, token=operator.token)
        assert register_state(city) == empty
        assert set(_states(city)[1:-1]) <= {"failed"}
    assert _states(city)[0] == "undone"
