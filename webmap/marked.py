"""Marked workbooks: made by a worker when somebody asks, kept until the file itself goes."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from gis.settings import Settings

CELL_FILES: Final = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".txt"})
"""Endings of files that are made of cells, and so can come back with some of them marked."""
_DAY_S: Final = 86_400
_LATEST: Final = """
SELECT job_id, result ->> 'file' AS file FROM staging.job
WHERE kind = 'mark' AND state = 'done' AND upload_id = :upload_id
  AND (options ->> 'load_id')::bigint = :load_id AND options ->> 'language' = :language
ORDER BY job_id DESC LIMIT 1
"""


def folder_of(settings: Settings, job_id: int) -> Path:
    """Where the workbook of a job is kept."""
    return settings.state_dir / "marked" / str(job_id)


def is_markable(file_name: str) -> bool:
    """Whether a file is made of cells, by the ending of its name."""
    return Path(file_name).suffix.lower() in CELL_FILES


def made_before(
    conn: Connection, settings: Settings, *, load_id: int, upload_id: int | None, language: str
) -> Path | None:
    """The latest marked workbook of a load in a language; null when there is none any more."""
    row = conn.execute(
        text(_LATEST), {"load_id": load_id, "upload_id": upload_id, "language": language}
    ).one_or_none()
    if row is None or not row.file:
        return None
    path = folder_of(settings, row.job_id) / Path(row.file).name
    return path if path.is_file() else None


def remove_old_marked(settings: Settings) -> int:
    """Remove marked workbooks past the time that files are kept for.

    Returns:
        How many went.
    """
    oldest = time.time() - settings.upload_days * _DAY_S
    removed = 0
    for folder in _folders(settings):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _folders(settings: Settings) -> Iterator[Path]:
    top = settings.state_dir / "marked"
    yield from (path for path in (top.iterdir() if top.is_dir() else ()) if path.is_dir())
