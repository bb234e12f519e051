"""A disk that is full in mid-load: the register stays as it was, and a sentence says why.

Really full: the trial runs in a namespace of its own, where an ordinary account may mount a small
file system, and the database lies on that.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from handed_in import register_state
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from assets import migrate
from etl.admin_areas import packaged_city, save_areas
from etl.load import load_file
from gis.cluster import Cluster
from gis.database import private_database
from gis.db import Database, Role
from gis.i18n import explain
from tests.conftest import open_operator
from webmap.cli import known_error

ROWS = 20_000
ROOM_MB = (2, 16, 32)
"""Left on the disk: too little for the rows at once, for merging them, for what follows."""
NAMESPACE = ("unshare", "--user", "--map-current-user", "--keep-caps", "--mount")
TESTS = Path(__file__).parents[1]
SCRIPT = """
import sys
sys.path[:0] = {paths!r}
from pathlib import Path
from test_full_disk import trial
trial(Path({folder!r}))
"""


def _mount(disk: Path, size: int, *options: str) -> list[str]:
    return ["mount", "-t", "tmpfs", "-o", ",".join([*options, f"size={size}"]), "tmpfs", str(disk)]


def trial(folder: Path) -> None:
    """Say, a line each, what became of a load with so much room, and of the one with enough."""
    disk = folder / "disk"
    subprocess.run(_mount(disk, 2**30), check=True)
    cluster = Cluster(folder / "state", durable=False)
    with cluster.running():
        cluster.create_database("model")
        model = private_database(cluster, "model")
        migrate.upgrade(model.admin(), model.engine(Role.OWNER))
        with model.engine(Role.OWNER).begin() as conn:
            save_areas(conn, packaged_city("320400"))
        model.dispose()
        _lay_on(cluster, disk)
        city = private_database(cluster, "city")
        token = open_operator(city).token
        load_file(city, _buildings(folder / "known.csv", 10), token=token)
        before = register_state(city)
        more = _buildings(folder / "more.csv", ROWS)
        for room_mb in ROOM_MB:
            used = shutil.disk_usage(disk).used
            subprocess.run(_mount(disk, used + room_mb * 2**20, "remount"), check=True)
            steps: list[str] = []
            key, sentence = _refused(city, more, token, steps)
            subprocess.run(_mount(disk, 2**30, "remount"), check=True)
            is_same = register_state(city) == before
            _say([key, sentence, steps[-1], is_same, _states(city)])
        _say(load_file(city, more, token=token).inserted)
        city.dispose()


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")


def _lay_on(cluster: Cluster, disk: Path) -> None:
    """A copy of the model whose every file lies on a disk."""
    place = disk / "files"
    place.mkdir(mode=0o700)
    server = private_database(cluster, "postgres")
    with server.admin().connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text(f"CREATE TABLESPACE small LOCATION '{place}'"))
        conn.execute(text("CREATE DATABASE city TEMPLATE model TABLESPACE small"))
    server.dispose()


def _buildings(path: Path, count: int) -> Path:
    lines = [f"B{n:06d},{n}号楼,常州市天宁区甲路{n}号,{n}.5,1998" for n in range(1, count + 1)]
    path.write_text("\n".join(["楼栋编号,楼栋名称,坐落,建筑面积,建成年份", *lines]), "utf-8")
    return path


def _refused(
    city: Database, path: Path, token: str, steps: list[str]
) -> tuple[str | None, str | None]:
    try:
        load_file(city, path, token=token, progress=lambda step, _what: steps.append(step))
    except (SQLAlchemyError, psycopg2.Error) as error:
        known = known_error(error)
        return (known.key, explain("zh", known)) if known else (None, str(error))
    return None, None


def _states(city: Database) -> list[str]:
    with city.engine(Role.OWNER).connect() as conn:
        return list(conn.execute(text("SELECT state FROM staging.load ORDER BY load_id")).scalars())


def test_a_disk_that_fills_up_in_mid_load_leaves_the_register_as_it_was(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    probe = [*NAMESPACE, *_mount(disk, 2**20)] if shutil.which("unshare") else ["false"]
    if subprocess.run(probe, check=False, capture_output=True).returncode:
        pytest.skip("an ordinary account may not mount anything here")
    paths = [str(TESTS.parent), str(TESTS), str(TESTS / "etl")]
    script = SCRIPT.format(paths=paths, folder=str(tmp_path))
    ran = subprocess.run(
        [*NAMESPACE, sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    *refused, inserted = (json.loads(line) for line in ran.stdout.splitlines())
    assert [key for key, *_rest in refused] == ["disk_full"] * len(ROOM_MB), refused
    assert all("磁盘" in sentence for _key, sentence, *_rest in refused)
    assert all(is_same for *_rest, is_same, _states in refused)
    assert "merge" in {step for _key, _sentence, step, *_rest in refused}
    assert refused[-1][-1] == ["committed", *["failed"] * len(ROOM_MB)]
    assert inserted == ROWS - 10
