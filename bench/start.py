"""A second start of the demo: everything is there, and the map is to answer soon.

The first start, on a state folder of its own, brings the sample city, whose figures must then be
those that are promised.
"""

import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench.result import Context, Figures
from bench.sample_city import refuse_other_figures
from bench.servers import wait_until_healthy
from gis.database import open_database
from gis.settings import child_environment, load_settings
from webmap.serving import free_port

TURNS: Final = 3
_FIRST_START_SECONDS: Final = 1_800


def run(context: Context) -> Figures:
    """The figures of `bench start`."""
    folder = context.state_dir / "bench-start"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = child_environment(ONEMAP_STATE_DIR=str(folder), ONEMAP_DATABASE_URL="")
    try:
        context.say("bench.start.first")
        with _demo(environment, _FIRST_START_SECONDS) as first_s:
            _reconcile(folder)
        context.say("bench.measuring")
        seconds = []
        for _turn in range(TURNS):
            # The database starts anew as well, as after the machine was switched off.
            _onemap("db", "stop", environment=environment)
            with _demo(environment) as again_s:
                seconds.append(again_s)
    finally:
        _onemap("db", "stop", environment=environment)
        shutil.rmtree(folder, ignore_errors=True)
    return Figures(
        {"second_start_s": round(statistics.median(seconds), 1)},
        {"first_start": f"{first_s:.0f} s, with writing and loading the sample city"},
    )


def _reconcile(folder: Path) -> None:
    database = open_database(replace(load_settings(), state_dir=folder, database_url=None))
    try:
        refuse_other_figures(database)
    finally:
        database.dispose()


def _onemap(*words: str, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-m", "webmap.cli", *words], env=environment, check=True)


@contextmanager
def _demo(environment: dict[str, str], patience_s: float = 60) -> Iterator[float]:
    """The demo as a program of its own; seconds from its start to its first answer."""
    port = free_port("127.0.0.1", None)
    command = [sys.executable, "-m", "webmap.cli", "demo", "--no-browser", "--port", str(port)]
    started = time.perf_counter()
    program = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until_healthy(program, port, patience_s=patience_s, pause_s=0.02)
        yield time.perf_counter() - started
    finally:
        program.send_signal(signal.SIGINT)
        try:
            program.wait(timeout=30)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
