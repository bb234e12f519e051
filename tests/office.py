"""An office that hands in files, and workers as `./onemap worker` starts them."""

import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from gis.db import Database, Role, transaction
from gis.jobs import requests
from gis.jobs.model import JobKind
from gis.settings import Settings, child_environment, load_settings
from tests.conftest import Operator
from webmap.uploads import kept_path

START = """
from gis.settings import load_settings
from webmap.worker.queue_worker import Pace, run_worker
pace = Pace(heartbeat_s=0.3, stalled_after_s=1.5, sweep_s=0.3, poll_s=1, grants_s=0.3)
run_worker(load_settings(), pace=pace)
"""
PATIENCE_S = 60


@dataclass
class Office:
    """Who asks for work, the folder of files, and the workers at hand."""

    database: Database
    operator: Operator
    settings: Settings
    url: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "-c", START],
            env=child_environment(
                ONEMAP_DATABASE_URL=self.url,
                ONEMAP_STATE_DIR=str(self.settings.state_dir),
                # Many processes start here; compiling every library anew would take most of it.
                PYTHONDONTWRITEBYTECODE="",
                PYTHONPYCACHEPREFIX=str(load_settings().state_dir / "pycache"),
            ),
        )
        self.workers.append(worker)
        return worker

    def hand_in(self, path: Path, *, token: str | None = None) -> int:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        kept = kept_path(self.settings, digest, path.name)
        kept.parent.mkdir(exist_ok=True)
        shutil.copy(path, kept)
        with transaction(self.database.engine(Role.WEB), token or self.operator.token) as conn:
            return requests.add_upload(
                conn, file_name=path.name, sha256=digest, size_bytes=path.stat().st_size
            )

    def ask(self, kind: JobKind, *, token: str | None = None, **what: Any) -> int:
        with transaction(self.database.engine(Role.WEB), token or self.operator.token) as conn:
            return requests.ask(conn, kind, **what)

    def cancel(self, job_id: int) -> str:
        with transaction(self.database.engine(Role.WEB), self.operator.token) as conn:
            return requests.cancel(conn, job_id)

    def job(self, job_id: int) -> Any:
        with self.database.engine(Role.OWNER).connect() as conn:
            return conn.execute(
                text("SELECT * FROM staging.job WHERE job_id = :id"), {"id": job_id}
            ).one()

    def wait(self, job_id: int, until: Callable[[Any], bool] | None = None) -> Any:
        """The job once it has ended, or once it is as wanted."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            found = self.job(job_id)
            if found.ended_at is not None or (until and until(found)):
                return found
            time.sleep(0.05)
        raise AssertionError(f"job {job_id} is still {self.job(job_id)}")
