"""The sample city on the map: written as files, then loaded as any agency's files are."""

import hashlib
import json
from pathlib import Path
from typing import Final

from sqlalchemy import text

from etl.admin_areas import packaged_city, save_areas
from etl.load import LoadOptions, load_file
from etl.sample.write import write_city
from gis.db import Database, Role, transaction
from webmap.console import Console
from webmap.database import open_operator_session

CITY: Final = "320400"
_MANIFEST: Final = "manifest.json"


def bring_sample_city(console: Console, database: Database, *, scale: float = 1.0) -> None:
    """Brings the sample city into a register that has no loads of anybody's own.

    A run that was interrupted is taken up at the file it stopped at.
    """
    directory = console.settings.state_dir / "sample-city"
    if _has_own_loads(database, directory):
        return
    if not (directory / _MANIFEST).exists():
        _write(console, directory, scale)
    files = _files(directory)
    missing = [path for path in files if not _is_loaded(database, path)]
    if not missing:
        return
    token = open_operator_session(database)
    with transaction(database.engine(Role.LOADER), token) as conn:
        save_areas(conn, packaged_city(CITY))
    for number, path in enumerate(files, start=1):
        if path not in missing:
            continue
        console.say("demo.loading", number=number, count=len(files), file=path.name)
        result = load_file(
            database, path, token=token, options=LoadOptions(datum=files[path]), file=path.name
        )
        console.say("demo.loaded", **result.as_json())


def _write(console: Console, directory: Path, scale: float) -> None:
    def progress(step: str, share: float) -> None:
        console.say("sample.progress", step=console.text(step), percent=round(share * 100))

    write_city(directory, scale=scale, progress=progress)


def _files(directory: Path) -> dict[Path, str | None]:
    """The city's files in load order, each with the datum it has to be told, if any."""
    tables = json.loads((directory / _MANIFEST).read_text(encoding="utf-8"))["tables"]
    return {directory / table["path"]: None for table in tables}


def _has_own_loads(database: Database, directory: Path) -> bool:
    """Whether somebody loaded files of their own, beside which no sample belongs."""
    with database.engine(Role.OWNER).connect() as conn:
        loaded = set(
            conn.execute(
                text("SELECT file_sha256 FROM staging.load WHERE state IN ('committed', 'undone')")
            ).scalars()
        )
    if not loaded:
        return False
    known = _files(directory) if (directory / _MANIFEST).exists() else {}
    return not loaded <= {_sha256(path) for path in known}


def _is_loaded(database: Database, path: Path) -> bool:
    with database.engine(Role.OWNER).connect() as conn:
        return bool(
            conn.execute(
                text(
                    "SELECT EXISTS (SELECT FROM staging.load WHERE state = 'committed'"
                    " AND file_sha256 = :digest)"
                ),
                {"digest": _sha256(path)},
            ).scalar_one()
        )


def _sha256(path: Path) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()
