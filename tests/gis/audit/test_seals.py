"""Seals: whatever was altered in the past, or past it, is found and named; what rules do is not."""

import os
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from makers import make_area, make_place
from sqlalchemy import NullPool, create_engine, text

from assets import migrate
from assets.estate import actions as estate
from assets.registry import METADATA
from assets.report import Report
from gis import backup
from gis.audit.head import sealed_head
from gis.audit.keys import SealFiles
from gis.audit.sealing import seal_history
from gis.audit.verifying import Verified, verify_history
from gis.cluster import Cluster
from gis.database import private_database
from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, ensure_account, open_session


def _do(database: Database, *statements: str) -> None:
    """As nobody should: with all rights, in a transaction each."""
    for statement in statements:
        with database.admin().begin() as conn:
            conn.execute(text(statement))


def _make(database: Database, code: str) -> int:
    with transaction(database.engine(Role.OWNER), None) as conn:
        return make_place(conn, code, wkt="POLYGON((120 31, 120.1 31, 120.1 31.1, 120 31))")


@pytest.fixture
def files(tmp_path: Path) -> SealFiles:
    return SealFiles(tmp_path)


@pytest.fixture
def sealed(own_database: Database, files: SealFiles) -> Database:
    """Two seals: places A and B are made before the first, renamed before the second."""
    _make(own_database, "A")
    _make(own_database, "B")
    _seal(own_database, files)
    _do(own_database, "UPDATE place.place SET name = 'new'")
    _seal(own_database, files)
    return own_database


def _seal(database: Database, files: SealFiles) -> str:
    head = seal_history(database.engine(Role.OWNER), METADATA, files)
    assert head is not None
    return head.printed


def _verify(database: Database, files: SealFiles) -> Verified:
    return verify_history(database.engine(Role.OWNER), METADATA, files)


def _kinds(verified: Verified) -> set[tuple[str, str]]:
    return {
        (one.key.removeprefix("audit."), str(one.params.get("table", "")))
        for one in verified.findings
    }


def test_what_was_only_used_is_in_order(sealed: Database, files: SealFiles) -> None:
    verified = _verify(sealed, files)
    assert verified.findings == ()
    assert verified.seals == 2
    assert verified.unsealed == 0
    assert verified.has(verified.printed_head or "")
    assert not verified.has("2-0000000000000000")
    _do(sealed, "UPDATE place.place SET name = 'newer' WHERE code = 'A'")
    assert _verify(sealed, files).unsealed == 1
    assert _verify(sealed, files).findings == ()


def test_nothing_new_makes_no_seal(sealed: Database, files: SealFiles) -> None:
    assert _seal(sealed, files) == _verify(sealed, files).printed_head
    assert _verify(sealed, files).seals == 2


def test_the_key_is_for_its_owner_alone_and_not_in_the_database(
    sealed: Database, files: SealFiles, tmp_path: Path
) -> None:
    key_id, key = files.key()
    file = tmp_path / "seals" / f"{key_id}.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    with sealed.admin().connect() as conn:
        row = conn.execute(text("SELECT s::text FROM history.seal AS s LIMIT 1")).scalar_one()
    assert key.hex() not in row


_NAME = "UPDATE history.place_place SET name = 'forged' WHERE history_operation = 'U'"
TAMPERED = {
    "a changed line": (
        ["SET session_replication_role = replica; " + _NAME],
        {("lines_changed", "place_place")},
    ),
    "a changed line, noted as an erasure": (
        [_NAME],
        {("erased_without_decision", "place_place")},
    ),
    "a removed line": (
        [
            "SET session_replication_role = replica;"
            " DELETE FROM history.place_place WHERE history_id = 1"
        ],
        {("lines_removed", "place_place")},
    ),
    "an inserted line": (
        [
            "INSERT INTO history.place_place (history_operation, history_transaction_id,"
            " history_at, place_id, kind, code, uid, rights_cell, history_digest)"
            " SELECT history_operation, history_transaction_id, history_at, place_id, kind, code,"
            " uid, rights_cell, history_digest FROM history.place_place"
            " WHERE history_operation = 'U'"
        ],
        {("lines_added", "place_place")},
    ),
    "history emptied": (
        ["TRUNCATE history.place_place"],
        {("lines_removed", "place_place"), ("rows_unrecorded", "place.place")},
    ),
    "a table emptied": (["TRUNCATE place.place CASCADE"], {("rows_gone", "place.place")}),
    "triggers switched off": (
        [
            "ALTER TABLE place.place DISABLE TRIGGER USER",
            "UPDATE place.place SET name = 'forged' WHERE code = 'A'",
        ],
        {("trigger_disabled", "place.place"), ("rows_altered", "place.place")},
    ),
    "triggers passed by": (
        [
            "SET session_replication_role = replica;"
            " DELETE FROM place.place WHERE code = 'A'; UPDATE place.place SET name = 'forged'"
        ],
        {("rows_gone", "place.place"), ("rows_altered", "place.place")},
    ),
    "a trigger gone": (
        ["DROP TRIGGER history_delete ON place.place"],
        {("trigger_missing", "place.place")},
    ),
    "a trigger that does nothing": (
        [
            "CREATE OR REPLACE FUNCTION history.record_place_place() RETURNS trigger"
            " LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        ],
        {("trigger_changed", "place.place")},
    ),
    "the end of the chain cut off": (
        ["DELETE FROM history.seal WHERE seal_id = 2"],
        {("chain_cut", "")},
    ),
    "the whole chain gone": (["TRUNCATE history.seal"], {("chain_cut", "")}),
    "a seal altered": (
        ["UPDATE history.seal SET sealed_at = sealed_at - interval '1 day' WHERE seal_id = 1"],
        {("seal_changed", "")},
    ),
    "a line removed and its seal made to agree": (
        [
            "SET session_replication_role = replica;"
            " DELETE FROM history.place_place WHERE history_id = 1;"
            " UPDATE history.seal SET lines = jsonb_set(lines, '{place_place,count}', '1')"
            " WHERE seal_id = 1"
        ],
        {("seal_changed", ""), ("lines_changed", "place_place")},
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found_and_named(sealed: Database, files: SealFiles, what: str) -> None:
    statements, expected = TAMPERED[what]
    _do(sealed, *statements)
    found = _kinds(_verify(sealed, files))
    # What hangs in places is emptied with them.
    assert (expected <= found) if what == "a table emptied" else (expected == found)


def test_a_cut_is_remembered_after_the_next_seal_until_it_is_explained(
    sealed: Database, files: SealFiles
) -> None:
    _do(sealed, "DELETE FROM history.seal WHERE seal_id = 2", "UPDATE place.place SET name = 'x'")
    _seal(sealed, files)
    [cut] = _verify(sealed, files).findings
    assert (cut.key, cut.params) == ("audit.chain_cut", {"noted": 2, "newest": 1})
    assert files.explain_cuts("只说后来的", after=1) == 0
    assert files.explain_cuts("恢复了较早的备份") == 1
    assert _verify(sealed, files).findings == ()


def test_a_seal_missing_between_others_is_named(sealed: Database, files: SealFiles) -> None:
    _do(sealed, "DELETE FROM history.seal WHERE seal_id = 1")
    first = next(one for one in _verify(sealed, files).findings if one.key == "audit.seals_missing")
    assert first.params == {"first": 1, "last": 1}


def test_a_chain_made_anew_with_another_key_is_found(
    sealed: Database, files: SealFiles, tmp_path: Path
) -> None:
    printed = _verify(sealed, files).printed_head or ""
    other = SealFiles(tmp_path / "other")
    _do(sealed, "TRUNCATE history.seal")
    _seal(sealed, other)
    assert {kind for kind, _ in _kinds(_verify(sealed, files))} == {"no_key", "chain_cut"}
    assert not _verify(sealed, other).has(printed)


def test_a_writer_that_was_at_work_while_others_were_sealed_is_sealed_later(
    sealed: Database, files: SealFiles
) -> None:
    with sealed.engine(Role.OWNER).connect() as slow, slow.begin():
        slow.execute(text("UPDATE place.place SET name = 'slow' WHERE code = 'A'"))
        _do(sealed, "UPDATE place.place SET name = 'quick' WHERE code = 'B'")
        _seal(sealed, files)
        assert _verify(sealed, files).findings == ()
    assert _verify(sealed, files).unsealed == 2
    _seal(sealed, files)
    verified = _verify(sealed, files)
    assert (verified.findings, verified.unsealed) == ((), 0)


def test_what_secrecy_removes_is_no_tampering_and_stays_proven(
    own_database: Database, files: SealFiles
) -> None:
    with transaction(own_database.engine(Role.OWNER), None) as conn:
        make_area(conn, "320402")
        account_id = ensure_account(conn, "定密", [EVERYTHING])
        token = open_session(conn, account_id, lifetime=timedelta(hours=1))
        secret = make_place(conn, "A", admin_area_code="320402", areas={"gross": 100})
        make_place(conn, "B", areas={"gross": 50})
    _do(own_database, "UPDATE place.place SET name = 'before' WHERE code = 'A'")
    _seal(own_database, files)
    with transaction(own_database.engine(Role.LOADER), token) as conn:
        estate.mark_secret(conn, [secret], "保密办文〔示例〕1号")
    _seal(own_database, files)
    verified = _verify(own_database, files)
    assert verified.findings == ()
    assert verified.erased > 2
    with transaction(own_database.engine(Role.LOADER), token) as conn:
        estate.mark_secret(conn, [secret], "又一次")
    assert _verify(own_database, files).findings == ()
    # A forged line cannot hide behind the decision that removed others.
    _do(
        own_database,
        "UPDATE history.place_place SET name = 'forged' WHERE code = 'B' OR name = 'B'"
        f" OR place_id <> {secret}",
        "SET session_replication_role = replica; UPDATE history.erasure SET"
        " history_transaction_id = (SELECT history_transaction_id FROM history.place_secrecy"
        " LIMIT 1)",
    )
    assert ("lines_added", "erasure") in _kinds(_verify(own_database, files))
    _do(
        own_database,
        "SET session_replication_role = replica; UPDATE history.place_place SET name = 'x'"
        f" WHERE place_id = {secret}",
    )
    assert ("erased_changed", "place_place") in _kinds(_verify(own_database, files))


def test_rows_that_a_revision_brought_have_a_line(own_database: Database) -> None:
    with own_database.admin().connect() as conn:
        lines = conn.execute(text("SELECT count(*) FROM history.rights_role")).scalar_one()
        rows = conn.execute(text("SELECT count(*) FROM rights.role")).scalar_one()
    assert lines == rows > 0


@pytest.mark.skipif(os.geteuid() == 0, reason="PostgreSQL refuses to run as root")
def test_a_restored_backup_goes_on_with_its_chain(tmp_path: Path) -> None:
    files, file = SealFiles(tmp_path), tmp_path / "city.backup"
    old, new = (Cluster(tmp_path / name, durable=False) for name in ("old", "new"))
    with old.running():
        old.create_database()
        database = private_database(old)
        migrate.upgrade(database.admin(), database.engine(Role.OWNER))
        _make(database, "A")
        _seal(database, files)
        # More transactions than a restore takes, so that numbers begin anew below them.
        with create_engine(
            old.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT"
        ).connect() as conn:
            conn.execute(
                text(
                    "DO $$ BEGIN FOR turn IN 1..50000 LOOP PERFORM pg_current_xact_id(); COMMIT;"
                    " END LOOP; END $$"
                )
            )
        _make(database, "B")
        _seal(database, files)
        _make(database, "not sealed before the backup")
        database.dispose()
        backup.write_backup(old, file, version="1.0")
    with new.running():
        new.create_database()
        database = private_database(new)
        migrate.migrate.bootstrap(database.admin())
        backup.read_backup(new, file, "onemap")
        _make(database, "C")
        assert _verify(database, files).findings == ()
        _seal(database, files)
        _make(database, "D")
        _seal(database, files)
        verified = _verify(database, files)
        assert (verified.findings, verified.unsealed) == ((), 0)
        with database.admin().connect() as conn:
            epochs = conn.execute(text("SELECT array_agg(DISTINCT epoch) FROM history.seal"))
            assert epochs.scalar_one() == [1, 2]
        _do(
            database,
            "SET session_replication_role = replica; DELETE FROM history.place_place"
            " WHERE place_id = (SELECT place_id FROM place.place"
            " WHERE code = 'not sealed before the backup')",
        )
        assert ("lines_removed", "place_place") in _kinds(_verify(database, files))
        database.dispose()


def test_reports_print_the_newest_seal(sealed: Database, files: SealFiles) -> None:
    report = Report("ledgers", "title", date(2026, 9, 30), ())
    with sealed.engine(Role.WEB).connect() as conn:
        printed = sealed_head(conn)
    assert printed == _verify(sealed, files).printed_head
    assert report.with_seal(printed).footnotes == (("report.sealed", {"head": printed}),)


def test_before_the_first_seal_reports_print_none(own_database: Database) -> None:
    report = Report("ledgers", "title", date(2026, 9, 30), ())
    with own_database.engine(Role.WEB).connect() as conn:
        assert report.with_seal(sealed_head(conn)).footnotes == ()
