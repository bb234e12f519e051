"""Advisory locks have their numbers from one list, also where SQL writes them out."""

import re
from pathlib import Path

from gis.locks import JOBS, SPACE, Lock

ROOT = Path(__file__).parents[2]
PACKAGES = ("gis", "assets", "etl", "webmap")
_TAKEN = re.compile(r"pg_(?:try_)?advisory_\w+\(\s*([^,)]+),\s*([^)]+)\)")


def _sources() -> list[Path]:
    found = [path for one in PACKAGES for path in (ROOT / one).rglob("*")]
    kinds = {".py", ".sql"}
    return [path for path in found if path.suffix in kinds and path.name != "locks.py"]


def test_every_number_of_a_lock_is_named() -> None:
    taken = [
        (path.relative_to(ROOT).as_posix(), *numbers)
        for path in _sources()
        for numbers in _TAKEN.findall(path.read_text("utf-8"))
    ]
    in_sql = {(first, second) for path, first, second in taken if path.endswith(".sql")}
    named = {(str(SPACE), str(lock.value)) for lock in Lock}
    assert in_sql
    assert in_sql - named == set()
    # Python says them by name; a text of one's own makes a number of another kind.
    written_out = {
        (path, first) for path, first, _ in taken
        if path.endswith(".py") and first in {str(SPACE), str(JOBS)}
    }  # fmt: skip
    assert written_out == set()


def test_every_named_lock_is_taken() -> None:
    text = "\n".join(path.read_text("utf-8") for path in _sources())
    unused = {
        lock.name
        for lock in Lock
        if f"Lock.{lock.name}" not in text and f"lock({SPACE}, {lock.value})" not in text
    }
    assert unused == set()
