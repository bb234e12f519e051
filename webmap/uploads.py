"""Files handed in over the web: kept by their hash, never under a name that came from outside."""

import errno
import hashlib
import os
import re
import tempfile
import time
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from sqlalchemy import Connection, text

from gis.errors import ConfigError, InputError
from gis.jobs import requests
from gis.settings import Settings

SUFFIXES: Final = frozenset(
    {".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt", ".gpkg", ".geojson", ".json", ".zip",
     ".kml", ".kmz", ".et", ".tsv", ".htm", ".html", ".xml"}
)  # fmt: skip
"""What can be read at all; the content decides which it is."""

_LONGEST_NAME: Final = 200
_CHUNK_BYTES: Final = 1 << 20
_UNKNOWN_FOR_S: Final = 3600
"""How long a file may lie there before a row that names it is committed."""

_BROKEN_AFTER_S: Final = 86400
"""No upload goes on for a day."""

# Controls, and the marks that turn the order of letters around: names that look like others.
_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

_FORGET_OLD: Final = """
UPDATE staging.upload SET is_kept = false
WHERE is_kept AND uploaded_at < now() - make_interval(days => :days) AND upload_id NOT IN (
  SELECT upload_id FROM staging.job WHERE upload_id IS NOT NULL AND state IN ('queued', 'running'))
"""
_HOLD: Final = "SELECT pg_advisory_xact_lock(hashtextextended('bytes ' || :sha256, 0))"
_KEPT: Final = "SELECT DISTINCT encode(file_sha256, 'hex') FROM staging.upload WHERE is_kept"


_FORGET_SECRETS: Final = """
UPDATE staging.upload SET is_kept = false
WHERE is_kept AND file_sha256 = (
    SELECT u.file_sha256 FROM staging.job AS j JOIN staging.upload AS u USING (upload_id)
    WHERE j.job_id = :job_id)
  AND EXISTS (
    SELECT FROM staging.load AS l JOIN staging.issue AS i USING (load_id)
    WHERE l.job_id = :job_id AND i.rule LIKE 'secret.%')
"""


def uploads_dir(settings: Settings) -> Path:
    """The folder of the kept files."""
    return settings.state_dir / "uploads"


def kept_path(settings: Settings, sha256: str, file_name: str) -> Path:
    """Where a file is kept: its hash, with the ending that some readers look at."""
    return uploads_dir(settings) / f"{sha256}{Path(file_name).suffix.lower()}"


def checked_name(stated: str | None, suffixes: Collection[str] = SUFFIXES) -> str:
    """The name of a file as it will be shown.

    Raises:
        InputError: Empty, too long, with characters that deceive the eye, or of no kind that can
            be read.
    """
    name = re.split(r"[/\\]", stated or "")[-1].strip()
    if not name or name in {".", ".."}:
        raise InputError("upload.no_name")
    if len(name) > _LONGEST_NAME:
        raise InputError("upload.name_too_long", most=_LONGEST_NAME)
    if any(unicodedata.category(character) in _UNSEEN_CATEGORIES for character in name):
        raise InputError("upload.hostile_name")
    if Path(name).suffix.lower() not in suffixes:
        raise InputError("upload.unknown_kind", file=name, known=" ".join(sorted(suffixes)))
    return name


@dataclass(frozen=True)
class Received:
    """A file that has come in whole, not kept yet.

    Args:
        file_name: Checked.
        path: Where its bytes lie till they are kept.
        kept_path: Where they then lie.
        sha256: In hexadecimal.
    """

    file_name: str
    path: Path
    kept_path: Path
    sha256: str
    size_bytes: int

    def keep(self, conn: Connection) -> int:
        """Keep the bytes under their hash, and note the file under the asker's name.

        Returns:
            Its `upload_id`.
        """
        hold(conn, self.sha256)
        self.path.replace(self.kept_path)
        return requests.add_upload(
            conn, file_name=self.file_name, sha256=self.sha256, size_bytes=self.size_bytes
        )


def hold(conn: Connection, sha256: str) -> None:
    """Until this transaction ends nobody else keeps the same bytes, or lets go of them.

    Who refuses a plan would otherwise remove bytes that somebody has just handed in again.
    """
    conn.execute(text(_HOLD), {"sha256": sha256})


@contextmanager
def received(settings: Settings, stream: IO[bytes], file_name: str) -> Iterator[Received]:
    """A file's bytes as they came in; what is not kept within this is gone after it.

    Args:
        settings: Name the state folder.
        stream: The bytes, from their beginning.
        file_name: Checked.

    Raises:
        InputError: The file is empty.
        ConfigError: The disk is full.
    """
    folder = uploads_dir(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, written = tempfile.mkstemp(dir=folder, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as kept:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                kept.write(chunk)
        if size == 0:
            raise InputError("upload.empty", file=file_name)
        sha256 = digest.hexdigest()
        yield Received(
            file_name, Path(written), kept_path(settings, sha256, file_name), sha256, size
        )
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ConfigError("disk_full") from error
        raise
    finally:
        Path(written).unlink(missing_ok=True)


def remove_old(conn: Connection, settings: Settings) -> int:
    """Remove files past their time, and what a broken upload left; as the loader's role.

    Returns:
        How many files went.
    """
    conn.execute(text(_FORGET_OLD), {"days": settings.upload_days})
    kept = set(conn.execute(text(_KEPT)).scalars())
    removed = 0
    folder, now = uploads_dir(settings), time.time()
    for path in folder.iterdir() if folder.is_dir() else ():
        spared_s = _BROKEN_AFTER_S if path.suffix == ".part" else _UNKNOWN_FOR_S
        if path.stem not in kept and now - path.stat().st_mtime > spared_s:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def remove_secrets(conn: Connection, job_id: int, sha256: str) -> bool:
    """Forget the file of a load that met state secrets in it; as the loader's role.

    Returns:
        Whether it did, so that the bytes must go too.
    """
    hold(conn, sha256)
    return conn.execute(text(_FORGET_SECRETS), {"job_id": job_id}).rowcount > 0
