"""The sample city on the map: written as files, then loaded as any agency's files are."""

from pathlib import Path
from typing import Final

from sqlalchemy import text

from etl.confined.parts import file_digest
from etl.sample.manifest import MANIFEST, files_of
from gis.db import Database, Role, transaction
from webmap.console import Console
from webmap.database import open_operator_session

CITY: Final = "320400"


def bring_sample_city(console: Console, database: Database, *, scale: float = 1.0) -> bool:
    """Brings the sample city into a register that has no loads of anybody's own.

    A run that was interrupted is taken up at the file it stopped at; a file that somebody undid
    stays undone.

    Returns:
        Whether the register is that of the sample city alone.
    """
    directory = console.settings.state_dir / "sample-city"
    loaded = _loaded_digests(database)
    has_files = (directory / MANIFEST).exists()
    if loaded and not has_files:
        return False
    if not has_files:
        _write(console, directory, scale)
    digests = {path: _digest(path) for path in files_of(directory)}
    is_own_register = not loaded <= set(digests.values())
    missing = [path for path in digests if digests[path] not in loaded]
    if is_own_register:
        return False
    if missing:
        _load(console, database, list(digests), missing)
    return True


def _load(console: Console, database: Database, files: list[Path], missing: list[Path]) -> None:
    # A start that has nothing to load does not pay for the loader's libraries.
    from etl.admin_areas import packaged_city, save_areas  # noqa: PLC0415
    from etl.load import load_file  # noqa: PLC0415

    token = open_operator_session(database)
    with transaction(database.engine(Role.LOADER), token) as conn:
        save_areas(conn, packaged_city(CITY))
    for number, path in enumerate(files, start=1):
        if path in missing:
            console.say("demo.loading", number=number, count=len(files), file=path.name)
            result = load_file(
                database,
                path,
                token=token,
                file=path.name,
                progress=lambda step, what: console.say(f"load.step.{step}", what=what),
            )
            console.say("demo.loaded", **result.as_json())


def _write(console: Console, directory: Path, scale: float) -> None:
    from etl.sample.write import write_city  # noqa: PLC0415 -- as above

    def progress(step: str, share: float) -> None:
        console.say("sample.progress", step=console.text(step), percent=round(share * 100))

    write_city(directory, scale=scale, progress=progress)


def _digest(path: Path) -> bytes:
    """What the loader knows a file by."""
    return bytes.fromhex(file_digest(path, is_shapefile=path.suffix == ".shp"))


def _loaded_digests(database: Database) -> set[bytes]:
    """Digests of the files that were ever loaded, whether or not they were undone since."""
    with database.engine(Role.OWNER).connect() as conn:
        return {
            bytes(digest)
            for digest in conn.execute(
                text("SELECT file_sha256 FROM staging.load WHERE state IN ('committed', 'undone')")
            ).scalars()
        }
