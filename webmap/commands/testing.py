"""`onemap test`: everything a change must pass."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import click

import webmap
from gis.settings import child_environment
from webmap.console import Console, pass_console

ROOT: Final = Path(webmap.__path__[0]).parent

CHECKS: Final = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("lint-imports",),
)


@click.command("test", help="help.test")
@click.option("-k", "expression", metavar="EXPR", help="help.test.k")
@pass_console
@click.pass_context
def command(context: click.Context, console: Console, expression: str | None) -> None:
    """With an expression only the tests it selects run; without one, all checks before them."""
    steps = [("pytest", "-k", expression)] if expression else [*CHECKS, _all_tests()]
    test_state = console.settings.state_dir / "test"
    test_state.mkdir(parents=True, exist_ok=True)
    failed = []
    with (test_state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs would share one test cluster
        for step in steps:
            shown = " ".join(step)
            console.say("test.step", step=shown)
            started = time.monotonic()
            if not _passes(step, test_state):
                failed.append(shown)
            console.say("test.took", step=shown, seconds=f"{time.monotonic() - started:.0f}")
    if failed:
        console.say("test.failed", steps="; ".join(failed))
        context.exit(1)


def _all_tests() -> tuple[str, ...]:
    """Every file of tests by itself, as many at once as there are processors, four at most.

    A file's tests stay together: they share what it costs to prepare.
    """
    at_once = min(len(os.sched_getaffinity(0)), 4)
    return ("pytest", "-n", str(at_once), "--dist", "loadfile", "--no-loadscope-reorder")


def _passes(step: tuple[str, ...], test_state: Path) -> bool:
    program = Path(sys.executable).parent / step[0]
    done = subprocess.run(  # noqa: S603 -- the locked tools beside this Python
        [str(program), *step[1:]],
        cwd=ROOT,
        # Tests have a state folder of their own, so none can reach the operator's data.
        env=child_environment(ONEMAP_STATE_DIR=str(test_state)),
        check=False,
    )
    return done.returncode == 0
