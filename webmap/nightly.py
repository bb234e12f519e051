"""The nightly backup: written, restored on trial, counted; old ones go; how it went is kept.

Only a proven file has the name of one: it is written and tried under another.
"""

import fcntl
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from assets import migrate
from gis import backup
from gis.clock import ZONE
from gis.cluster import Cluster
from gis.errors import ConfigError, InputError, OneMapError
from gis.i18n import explain
from gis.retention import Retention, surplus
from gis.settings import Settings
from webmap.errors import log_fault
from webmap.version import onemap_version

LATE_AFTER: Final = timedelta(hours=36)
_TRIAL: Final = "onemap_trial"
_NAME: Final = re.compile(r"onemap-(\d{8}-\d{6})\.backup", re.ASCII)
_MOMENT: Final = "%Y%m%d-%H%M%S"
_SUSPECT: Final = "onemap-suspect.backup"
_UNTRIED: Final = "onemap-*.untried"
_UNTRIED_KEPT: Final = 3
"""How many files are kept that the machine, by no fault of theirs, could not try."""


@dataclass(frozen=True)
class Night:
    """How the newest nightly backup went."""

    ended_at: str
    """ISO 8601, UTC."""

    is_good: bool
    """Written, restored on trial, and every table counted as many rows as the register."""

    file: str
    size_bytes: int
    seconds: float
    reason: str | None
    """What was wrong, in the operator's language."""

    good_at: str | None
    """When the newest good one ended; null: there never was one."""

    def is_late(self, now: datetime) -> bool:
        """Whether the newest good backup is older than it may be."""
        return self.good_at is None or now - datetime.fromisoformat(self.good_at) > LATE_AFTER


def _status_file(settings: Settings) -> Path:
    return settings.state_dir / "nightly-backup.json"


def last_night(settings: Settings) -> Night | None:
    """How the newest nightly backup went; null where none was made here or nobody can tell."""
    try:
        night = Night(**json.loads(_status_file(settings).read_text(encoding="utf-8")))
        # What cannot be compared is no moment.
        night.is_late(datetime.now(UTC))
    except (OSError, ValueError, TypeError):
        return None
    return night


def clear_trial(cluster: Cluster, settings: Settings) -> None:
    """Drop what a trial that was killed left in the database server, unless one runs just now."""
    with suppress(ConfigError), _alone(settings):
        backup.drop_database(cluster, _TRIAL)


def back_up_nightly(
    cluster: Cluster, settings: Settings, *, on_step: Callable[[str], None] = lambda _key: None
) -> Night:
    """Make tonight's backup, and only when it is proven good remove those past their time.

    Raises:
        ConfigError: Another one is being made.
        OneMapError: It failed, with what to do about it; kept for `last_night` as well.
    """
    folder = settings.backup_dir or settings.state_dir / "backups"
    with _alone(settings):
        began, started = datetime.now(ZONE), time.monotonic()
        proven = folder / f"onemap-{began.strftime(_MOMENT)}.backup"
        file = proven.with_suffix(".untried")
        reason: str | None = "?"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make_room(cluster, folder)
            on_step("db.backing_up")
            backup.write_backup(cluster, file, version=onemap_version())
            on_step("db.trying")
            _try(cluster, file)
            file = _rename(file, proven)
            reason = None
        except OneMapError as error:
            reason = explain(settings.language, error)
            raise
        except Exception as error:
            reason = log_fault(error)
            raise
        finally:
            night = _note(settings, file, seconds=time.monotonic() - started, reason=reason)
        _remove_surplus(folder, settings.retention)
    return night


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    with (settings.state_dir / "nightly-backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigError("backup.being_made") from error
        yield


def _make_room(cluster: Cluster, folder: Path) -> None:
    """Remove what nights that failed or were killed left, but for the newest untried files."""
    backup.drop_database(cluster, _TRIAL)
    for unfinished in folder.glob(f".{_UNTRIED}.unfinished"):
        unfinished.unlink(missing_ok=True)
    for older in sorted(folder.glob(_UNTRIED))[: 1 - _UNTRIED_KEPT]:
        older.unlink(missing_ok=True)


def _rename(file: Path, to: Path) -> Path:
    """Rename for good, also where the machine fails in the next instant; the new path."""
    file.replace(to)
    folder = os.open(to.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return to


def _try(cluster: Cluster, file: Path) -> None:
    """Restore into a database that goes again; a file at fault is kept as a suspect."""
    try:
        manifest = backup.check_backup(
            cluster, file, version=onemap_version(), knows=migrate.knows_revision
        )
        backup.fill_beside(cluster, file, manifest, _TRIAL)
    except InputError:
        _rename(file, file.with_name(_SUSPECT))
        raise
    backup.drop_database(cluster, _TRIAL)


def _note(settings: Settings, file: Path, *, seconds: float, reason: str | None) -> Night:
    before = last_night(settings)
    earlier = before.good_at if before else None
    now = datetime.now(UTC).isoformat(timespec="seconds")
    night = Night(
        ended_at=now,
        is_good=reason is None,
        file=str(file),
        size_bytes=file.stat().st_size if file.exists() else 0,
        seconds=round(seconds, 1),
        reason=reason,
        good_at=now if reason is None else earlier,
    )
    to = _status_file(settings)
    unfinished = to.with_suffix(".unfinished")
    with unfinished.open("w", encoding="utf-8") as said:
        json.dump(asdict(night), said, ensure_ascii=False)
        said.flush()
        os.fsync(said.fileno())
    _rename(unfinished, to)
    return night


def _remove_surplus(folder: Path, retention: Retention) -> None:
    made = {
        datetime.strptime(named[1], _MOMENT).replace(tzinfo=ZONE): path
        for path in folder.iterdir()
        if (named := _NAME.fullmatch(path.name))
    }
    for moment in surplus(made, retention):
        made[moment].unlink(missing_ok=True)
