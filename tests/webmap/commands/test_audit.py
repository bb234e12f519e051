"""`onemap audit`: sealing, checking, explaining, and who took data away."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from small_city import build
from sqlalchemy import text

from gis.db import Database, Role, transaction
from gis.rights.actions import EVERYTHING, ensure_account, open_session
from gis.settings import Settings
from webmap.commands import audit
from webmap.console import Console


@pytest.fixture
def run(
    own_database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Any:
    """Runs a subcommand on the test's database; returns its exit code and its line of JSON."""
    monkeypatch.setattr(audit, "prepared_database", lambda _console: own_database)
    console = Console(Settings(state_dir=tmp_path, database_url=None, language="zh"))

    def once(*arguments: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = 0
        try:
            code = audit.command.main([*arguments, "--json"], obj=console, standalone_mode=False)
        except SystemExit as ended:
            code = int(ended.code or 0)
        return int(code or 0), json.loads(capsys.readouterr().out)

    return once


def test_a_forged_row_is_found_and_a_printed_seal_known_again(
    run: Any, own_database: Database
) -> None:
    build(own_database)
    code, sealed = run("seal")
    assert (code, sealed["head"][:2]) == (0, "1-")
    code, found = run("verify", "--head", sealed["head"])
    assert (code, found["findings"]) == (0, [])
    assert found["lines"] > 50
    code, found = run("verify", "--head", "1-0123456789abcdef")
    assert code == 2
    assert [one["kind"] for one in found["findings"]] == ["head_unknown"]
    with own_database.admin().begin() as conn:
        conn.execute(
            text(
                "SET LOCAL session_replication_role = replica;"
                " UPDATE place.area_measure SET area_m2 = area_m2 + 1"
            )
        )
    code, found = run("verify")
    assert code == 2
    [forged] = found["findings"]
    assert (forged["kind"], forged["table"]) == ("rows_altered", "place.area_measure")


def test_a_cut_chain_is_reported_until_somebody_says_why(run: Any, own_database: Database) -> None:
    build(own_database)
    run("seal")
    with own_database.admin().begin() as conn:
        conn.execute(text("DELETE FROM history.seal"))
    run("seal")
    code, found = run("verify")
    assert code == 2
    assert {one["kind"] for one in found["findings"]} == {"chain_cut"}
    assert run("explain", "--reason", "恢复了较早的备份") == (0, {"explained": 1})
    assert run("verify")[0] == 0


def test_who_took_data_away_is_listed_newest_first(run: Any, own_database: Database) -> None:
    with transaction(own_database.engine(Role.OWNER), None) as conn:
        account = ensure_account(conn, "甲", [EVERYTHING])
        token = open_session(conn, account, lifetime=timedelta(hours=1))
    for name in ("building", "room"):
        with transaction(own_database.engine(Role.WEB), token) as conn:
            conn.execute(text("SELECT history.note_access('export', :name, '{}')"), {"name": name})
    assert [one["name"] for one in run("accesses")[1]["items"]] == ["room", "building"]
    assert run("accesses", "--account", "乙")[1]["items"] == []
    assert run("accesses", "--since", "2999-01-01")[1]["items"] == []
