"""Jobs end, whatever happens to their workers, and never leave half a load."""

import random
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from handed_in import footprints, register_state
from makers import make_place
from office import PATIENCE_S, Office
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from etl.admin_areas import AdminArea, save_areas
from gis.audit.head import sealed_head
from gis.clock import today
from gis.db import Role, transaction
from gis.errors import Forbidden
from gis.jobs.model import JobKind
from gis.loads.model import LOAD_LOCK
from gis.rights import actions as rights_actions
from webmap.worker.area_days import settle_due_districts

ANYWHERE = {"any_area": True}


def _places(office: Office) -> int:
    with office.database.engine(Role.OWNER).connect() as conn:
        return conn.execute(text("SELECT count(*) FROM place.place")).scalar_one()


def _content(office: Office) -> list[tuple[object, ...]]:
    """What the register says of each place, without the numbers it gives."""
    with office.database.engine(Role.OWNER).connect() as conn:
        rows = conn.execute(
            text(
                "SELECT p.code, p.kind, p.name, p.admin_area_code, ST_AsText(p.geom),"
                " (SELECT array_agg(i.scheme || i.value ORDER BY 1) FROM place.identifier AS i"
                "  WHERE i.place_id = p.place_id),"
                " (SELECT array_agg(a.area_kind || a.source || a.area_m2 ORDER BY 1)"
                "  FROM place.area_measure AS a WHERE a.place_id = p.place_id)"
                " FROM place.place AS p ORDER BY p.code"
            )
        )
        return [tuple(row) for row in rows]


def _loads_of(office: Office, job_id: int) -> int:
    """How many loads of a job were ever committed."""
    with office.database.engine(Role.OWNER).connect() as conn:
        return conn.execute(
            text(
                "SELECT count(*) FROM staging.load WHERE job_id = :id"
                " AND state IN ('committed', 'undone')"
            ),
            {"id": job_id},
        ).scalar_one()


def _load_states(office: Office) -> list[str]:
    with office.database.engine(Role.OWNER).connect() as conn:
        return list(conn.execute(text("SELECT state FROM staging.load ORDER BY load_id")).scalars())


def _clerk(office: Office, *grants: rights_actions.Grant) -> str:
    with transaction(office.database.engine(Role.OWNER), None) as owner:
        account_id = rights_actions.ensure_account(owner, "clerk", grants)
        return rights_actions.open_session(owner, account_id, lifetime=timedelta(hours=1))


def test_a_load_and_its_undo_are_done_and_told(office: Office, tmp_path: Path) -> None:
    before = register_state(office.database)
    office.start_worker()
    upload_id = office.hand_in(footprints(tmp_path / "f.gpkg"))
    loaded = office.wait(office.ask(JobKind.LOAD, upload_id=upload_id, options=ANYWHERE))
    assert (loaded.state, loaded.percent, loaded.step) == ("done", 100, "record")
    assert loaded.result["inserted"] == 3
    undone = office.wait(office.ask(JobKind.UNDO, target_load_id=loaded.result["load_id"]))
    assert undone.state == "done"
    assert undone.result["undone"] == [loaded.result["load_id"]]
    assert register_state(office.database) == before


def test_a_refused_file_ends_the_job_with_its_sentence(office: Office, tmp_path: Path) -> None:
    office.start_worker()
    path = tmp_path / "f.gpkg"
    path.write_bytes(b"SQLite format 3\x00" + bytes(4096))
    ended = office.wait(office.ask(JobKind.LOAD, upload_id=office.hand_in(path)))
    assert (ended.state, ended.message_key) == ("refused", "load.not_geopackage")
    assert ended.message_params["file"] == "f.gpkg"


def test_a_waiting_job_is_cancelled_at_once_and_never_begun(office: Office, tmp_path: Path) -> None:
    job_id = office.ask(JobKind.LOAD, upload_id=office.hand_in(footprints(tmp_path / "f.gpkg")))
    assert office.cancel(job_id) == "cancelled"
    office.start_worker()
    other = office.hand_in(footprints(tmp_path / "g.gpkg", 2))
    office.wait(office.ask(JobKind.LOAD, upload_id=other, options=ANYWHERE))
    assert office.job(job_id).attempt_count == 0
    assert _places(office) == 2


def test_a_running_job_is_cancelled_and_rolled_back(office: Office, tmp_path: Path) -> None:
    before = register_state(office.database)
    office.start_worker()
    path = footprints(tmp_path / "f.gpkg", 400)
    with office.database.engine(Role.OWNER).begin() as held:
        # Whoever holds the loads' queue keeps the job at its first step of the merge.
        held.execute(text(LOAD_LOCK))
        job_id = office.ask(JobKind.LOAD, upload_id=office.hand_in(path), options=ANYWHERE)
        office.wait(job_id, lambda job: bool(_load_states(office)))
        assert office.cancel(job_id) == "running"
        ended = office.wait(job_id)
    assert (ended.state, ended.message_key) == ("cancelled", "job.cancelled")
    assert _load_states(office) == ["cancelled"]
    assert register_state(office.database) == before


def test_a_worker_killed_at_any_moment_leaves_the_load_whole_or_not_at_all(
    office: Office, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kills = request.config.getoption("--kills")
    chance = random.Random(20261122)
    path = footprints(tmp_path / "f.gpkg", 60)
    upload_id = office.hand_in(path)
    worker = office.start_worker()
    # One load that nobody disturbs, to compare with.
    clean = office.wait(office.ask(JobKind.LOAD, upload_id=upload_id, options=ANYWHERE))
    whole = _content(office)
    assert len(whole) == 60
    office.wait(office.ask(JobKind.UNDO, target_load_id=clean.result["load_id"]))
    killed = 0
    while killed < kills:
        job_id = office.ask(JobKind.LOAD, upload_id=upload_id, options=ANYWHERE)
        while killed < kills and office.job(job_id).ended_at is None:
            office.wait(job_id, lambda job: job.state == "running")
            time.sleep(chance.random() * 2)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            killed += 1
            worker = office.start_worker()
        ended = office.wait(job_id)
        assert ended.state in {"done", "failed"}
        if ended.state == "done":
            assert _content(office) == whole
            assert _loads_of(office, job_id) == 1
            assert ended.result["inserted"] + ended.result["unchanged"] == 60
            undone = office.wait(office.ask(JobKind.UNDO, target_load_id=ended.result["load_id"]))
            assert undone.state == "done", undone
        else:
            assert ended.message_key == "job.gave_up"
            assert _loads_of(office, job_id) == 0
        assert _places(office) == 0
    assert set(_load_states(office)) <= {"undone", "committed", "failed"}


def test_a_worker_told_to_end_leaves_its_job_to_the_next(office: Office, tmp_path: Path) -> None:
    first = office.start_worker()
    with office.database.engine(Role.OWNER).begin() as held:
        held.execute(text(LOAD_LOCK))
        job_id = office.ask(
            JobKind.LOAD,
            upload_id=office.hand_in(footprints(tmp_path / "f.gpkg")),
            options=ANYWHERE,
        )
        office.wait(job_id, lambda job: bool(_load_states(office)))
        first.terminate()
        first.wait(timeout=20)
        assert office.job(job_id).state == "running"
    office.start_worker()
    ended = office.wait(job_id)
    assert (ended.state, ended.result["inserted"], ended.attempt_count) == ("done", 3, 1)


def test_a_job_has_no_more_rights_than_its_asker_when_it_runs(
    office: Office, tmp_path: Path
) -> None:
    token = _clerk(office, rights_actions.EVERYTHING)
    upload_id = office.hand_in(footprints(tmp_path / "f.gpkg"), token=token)
    job_id = office.ask(JobKind.LOAD, upload_id=upload_id, options=ANYWHERE, token=token)
    _clerk(office, rights_actions.Grant("viewer", max_security_class=2))
    office.start_worker()
    ended = office.wait(job_id)
    assert (ended.state, ended.message_key) == ("refused", "load.forbidden")
    assert _places(office) == 0


def test_nobody_has_a_strangers_file_loaded_or_sees_a_strangers_job(
    office: Office, tmp_path: Path
) -> None:
    upload_id = office.hand_in(footprints(tmp_path / "f.gpkg"))
    job_id = office.ask(JobKind.LOAD, upload_id=upload_id)
    token = _clerk(office, rights_actions.Grant("clerk", max_security_class=1))
    with pytest.raises(Forbidden, match="may_not_write"):
        office.ask(JobKind.LOAD, upload_id=upload_id, token=token)
    with transaction(office.database.engine(Role.WEB), token) as conn:
        seen = conn.execute(text("SELECT count(*) FROM staging.job")).scalar_one()
        stopped = conn.execute(text("SELECT staging.cancel_job(:id)"), {"id": job_id}).scalar_one()
    assert (seen, stopped) == (0, None)


def test_the_web_reaches_neither_the_queue_nor_the_state_of_a_job(office: Office) -> None:
    for statement in (
        "SELECT count(*) FROM queue.procrastinate_jobs",
        "UPDATE staging.job SET state = 'done'",
        "INSERT INTO staging.job (kind, account_id, state) VALUES ('check', 1, 'done')",
    ):
        with (
            pytest.raises(DBAPIError, match="permission denied"),
            transaction(office.database.engine(Role.WEB), office.operator.token) as conn,
        ):
            conn.execute(text(statement))


def test_an_announced_change_of_districts_is_made_on_its_day(office: Office) -> None:
    later = today() + timedelta(days=400)
    ends = AdminArea("320402", "天宁区", "district", "320400", None, True, "示例", valid_to=later,
                     successor_codes=("320404",))  # fmt: skip
    with office.database.engine(Role.OWNER).begin() as conn:
        for code in ("320402", "320404"):
            make_place(conn, f"Y{code}", admin_area_code=code)
        save_areas(conn, [ends])
    holder = _clerk(office, rights_actions.Grant("viewer", admin_area_code="320402"))

    def seen() -> list[tuple[object, ...]]:
        with transaction(office.database.engine(Role.WEB), holder) as conn:
            found = conn.execute(text("SELECT code, admin_area_code FROM place.place ORDER BY 1"))
            return [tuple(row) for row in found]

    def rights_version() -> int:
        with office.database.engine(Role.OWNER).connect() as conn:
            found: int = conn.execute(
                text("SELECT rights_version FROM rights.version")
            ).scalar_one()
            return found

    assert not settle_due_districts(office.database)
    assert seen() == [("Y320402", "320402")]
    with office.database.engine(Role.OWNER).begin() as conn:
        # A day comes without any write that triggers could notice.
        for table, column in (("admin_area", "valid_to"), ("admin_area_succession", "happened_on")):
            conn.execute(text(f"ALTER TABLE place.{table} DISABLE TRIGGER USER"))
            conn.execute(text(f"UPDATE place.{table} SET {column} = current_date"
                              f" WHERE {column} = :later"), {"later": later})  # fmt: skip
            conn.execute(text(f"ALTER TABLE place.{table} ENABLE TRIGGER USER"))
    assert seen() == [("Y320402", "320402")]
    before = rights_version()
    office.start_worker()
    deadline = time.monotonic() + PATIENCE_S
    while len(seen()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert seen() == [("Y320402", "320404"), ("Y320404", "320404")]
    assert rights_version() > before
    assert not settle_due_districts(office.database)


def test_a_worker_seals_what_was_committed(office: Office) -> None:
    with transaction(office.database.engine(Role.OWNER), None) as conn:
        make_place(conn, "A")
    office.start_worker()
    until = time.monotonic() + PATIENCE_S
    sealed = None
    while sealed is None and time.monotonic() < until:
        time.sleep(0.2)
        with office.database.engine(Role.OWNER).connect() as conn:
            sealed = sealed_head(conn)
    assert sealed is not None
