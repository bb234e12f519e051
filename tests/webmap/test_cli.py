import errno
import json
import shutil
import socket
import subprocess
import sys
import threading
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import click
import psycopg2.errors
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from gis.cluster import Cluster
from gis.database import open_database
from gis.db import Database, Role
from gis.errors import ConfigError, InputError
from gis.i18n import LANGUAGES, catalogue, explain
from gis.settings import child_environment, load_settings
from gis.versions import Versions, read_versions
from webmap import cli
from webmap.database import migrate_database
from webmap.results import result_folder
from webmap.serving import free_port, reached_at
from webmap.version import onemap_version

pytestmark = pytest.mark.usefixtures("cluster")

LONGEST_START_S: Final = 180
"""More than any start takes on a busy machine: it ends a test that would wait for ever."""
LONGEST_ANSWER_S: Final = 60


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder whose database is made once and stays up for the module."""
    folder = tmp_path_factory.mktemp("state")
    assert onemap(folder, "db", "start").returncode == 0
    yield folder
    Cluster(folder / "cluster").stop()


def environment(state: Path, **changes: str) -> dict[str, str]:
    usual = {
        "ONEMAP_STATE_DIR": str(state),
        "ONEMAP_LANGUAGE": "en",
        "ONEMAP_DATABASE_URL": "",
        "COLUMNS": "200",
    }
    return child_environment(**(usual | changes))


def onemap(state: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "webmap.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment(state, **changes),
    )


def test_every_command_is_there_and_explains_itself_in_both_languages(tmp_path: Path) -> None:
    for language in LANGUAGES:
        helped = onemap(tmp_path, "--help", ONEMAP_LANGUAGE=language)
        assert helped.returncode == 0
        for name in cli.COMMANDS:
            assert name in helped.stdout
        assert "help." not in helped.stdout


def test_every_help_text_is_in_the_catalogue() -> None:
    def texts(command: click.Command) -> Iterator[str]:
        yield command.help or "(none)"
        for param in command.params:
            if isinstance(param, click.Option):
                yield param.help or "(none)"
        if isinstance(command, click.Group):
            for inner in command.commands.values():
                yield from texts(inner)

    context = click.Context(click.Command("onemap"))
    commands = cli.CommandLine(load_settings())
    known = {word for language in LANGUAGES for word in catalogue(language).values()}
    for name in cli.COMMANDS:
        command = commands.get_command(context, name)
        assert command is not None
        assert set(texts(command)) <= known


def test_status_is_one_line_of_json(state: Path) -> None:
    said = onemap(state, "db", "status", "--json")
    assert said.returncode == 0
    assert said.stdout.count("\n") == 1
    assert json.loads(said.stdout)["is_running"] is True


def test_doctor_finds_nothing_wrong_with_a_migrated_database(state: Path) -> None:
    said = onemap(state, "doctor", "--json")
    found = json.loads(said.stdout)
    assert found["problems"] == []
    assert [note.partition(" yet")[0] for note in found["notes"]] == [
        "There is no nightly backup",
        "No malware scanner is set (ONEMAP_SCAN_COMMAND): attachments of cases are not scanned.",
    ]
    assert said.returncode == 0
    assert found["versions"]["onemap"] == onemap_version()
    assert found["database"]["sizes_bytes"]["onemap"] > 0


def test_a_report_and_an_export_say_each_step_before_they_take_it(
    state: Path, tmp_path: Path
) -> None:
    for arguments, steps in (
        (["report", "ledgers"], ["Adding up report ledgers", "Writing workbooks (1)"]),
        (["report", "analysis"], ["Adding up and writing the analysis"]),
        (["export", "building", "--format", "csv"], ["Taking out the layer Buildings as building"]),
    ):
        said = onemap(state, *arguments, "--out", str(tmp_path), "--json")
        assert said.returncode == 0, said.stderr
        assert said.stdout.count("\n") == 1
        told = said.stderr.splitlines()
        assert len(told) == len(steps), told
        assert all(line.startswith(step) for line, step in zip(told, steps, strict=True)), told
    nothing = onemap(state, "report", "survey", "--out", str(tmp_path))
    assert nothing.stderr.splitlines()[0] == "Adding up report survey"


def test_doctor_says_that_a_database_is_not_migrated(tmp_path: Path) -> None:
    said = onemap(tmp_path, "doctor")
    assert said.returncode == 1
    assert "onemap db migrate" in said.stdout


def test_a_backup_restored_brings_back_what_was_there(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "onemap.backup"
    assert onemap(state, "audit", "seal").returncode == 0
    written = onemap(state, "db", "backup", str(file), "--json")
    assert json.loads(written.stdout) == {"file": str(file), "size_bytes": file.stat().st_size}
    restored = onemap(state, "db", "restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert "sessions" in restored.stderr
    assert onemap(state, "doctor", "--json").returncode == 0
    verified = json.loads(onemap(state, "audit", "verify", "--json").stdout)
    assert (verified["findings"], verified["unsealed"]) == ([], 0)
    database = open_database(replace(load_settings(), state_dir=state))
    with database.engine(Role.OWNER).connect() as conn:
        # Who was shut out since the backup is not let in again.
        kept = conn.execute(text("SELECT count(*) FROM rights.session WHERE kind <> 'command'"))
        assert kept.scalar_one() == 0
    database.dispose()


def test_restoring_something_else_changes_nothing_and_is_the_persons_fault(
    state: Path, tmp_path: Path
) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a backup")
    refused = onemap(state, "db", "restore", str(file))
    assert refused.returncode == 2
    assert str(file) in refused.stderr
    assert "Traceback" not in refused.stderr
    assert onemap(state, "doctor", "--json").returncode == 0


def test_a_fault_of_ours_is_one_sentence_with_a_number_that_the_log_has(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster/users.lock").mkdir()  # nobody's doing but ours
    failed = onemap(tmp_path, "db", "migrate")
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert failed.stderr.count("\n") == 1
    number = failed.stderr.partition("number ")[2].partition(";")[0]
    log = (tmp_path / "logs/onemap.log").read_text()
    assert f"fault {number}" in log
    assert "Traceback" in log


def test_a_machine_that_lacks_something_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    refused = onemap(tmp_path, "db", "start", ONEMAP_DATABASE_URL="mysql://db/onemap")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "ONEMAP_DATABASE_URL" in refused.stderr


def test_an_unknown_command_is_the_persons_fault(tmp_path: Path) -> None:
    assert onemap(tmp_path, "nosuch").returncode == 2


def test_a_full_disk_is_explained_wherever_it_shows() -> None:
    statement_failed = OperationalError("INSERT", {}, psycopg2.errors.DiskFull())
    copy_failed = psycopg2.errors.DiskFull()
    for error in (
        OSError(errno.ENOSPC, "No space left on device"), statement_failed, copy_failed,
    ):  # fmt: skip
        known = cli.known_error(error)
        assert isinstance(known, ConfigError)
        assert known.key == "disk_full"
    assert cli.known_error(OSError(errno.EIO, "Input/output error")) is None


def test_a_server_that_broke_off_for_want_of_room_is_a_full_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load_settings().state_dir.mkdir(parents=True, exist_ok=True)
    lost = OperationalError("INSERT", {}, psycopg2.OperationalError(), connection_invalidated=True)
    lost_in_copy = psycopg2.OperationalError("server closed the connection unexpectedly")
    assert cli.known_error(lost) is None
    assert cli.known_error(lost_in_copy) is None
    nearly_full = SimpleNamespace(free=10**7)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: nearly_full)
    for error in (lost, lost_in_copy):
        known = cli.known_error(error)
        assert known is not None
        assert known.key == "disk_full"


def test_a_server_of_ones_own_that_refuses_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    url = f"postgresql://estate:geheim@127.0.0.1:{port}/estate"
    refused = onemap(tmp_path, "loads", ONEMAP_DATABASE_URL=url, ONEMAP_LANGUAGE="en")
    assert refused.returncode == 1
    assert f"127.0.0.1:{port}/estate): connection to server" in refused.stderr
    assert "geheim" not in refused.stderr
    monkeypatch.setenv("ONEMAP_DATABASE_URL", url)
    for error, key in (
        (psycopg2.errors.InsufficientPrivilege("permission denied"), "database.no_right"),
        (
            psycopg2.errors.FeatureNotSupported('extension "postgis" is not available'),
            "database.no_postgis",
        ),
        (psycopg2.errors.UndefinedTable('relation "x" does not exist'), None),
    ):
        known = cli.known_error(error)
        assert (known and known.key) == key


def test_a_path_the_launcher_replaced_shows_as_it_was_given(state: Path, tmp_path: Path) -> None:
    staged = tmp_path / "onemap.backup"
    pairs = f"{staged}\t/root/备份/onemap.backup\n"
    written = onemap(state, "db", "backup", str(staged), "--json", ONEMAP_SHOWN_PATHS=pairs)
    assert json.loads(written.stdout)["file"] == "/root/备份/onemap.backup"
    assert staged.exists()


def test_a_taken_port_names_another(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        refused = onemap(tmp_path, "serve", "--port", str(port))
    assert refused.returncode == 2
    assert f"--port {port + 1}" in refused.stderr
    assert not (tmp_path / "cluster").exists()


def test_an_address_of_the_other_family_has_ports_too() -> None:
    assert free_port("::1", None) > 0
    assert (reached_at("::"), reached_at("192.0.2.7")) == ("::1", "192.0.2.7")


def test_without_a_port_the_next_free_one_is_taken() -> None:
    first = free_port("127.0.0.1", None)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", first))
        holder.listen()
        assert free_port("127.0.0.1", None) > first
        with pytest.raises(InputError):
            free_port("127.0.0.1", first)


@contextmanager
def serving(state: Path, *arguments: str, said: Path) -> Iterator[str]:
    """The address a server prints; what it says on the way is in a file.

    A server that never answers is ended, so that no test waits for ever.
    """
    with said.open("w", encoding="utf-8") as errors:
        server = subprocess.Popen(
            [sys.executable, "-m", "webmap.cli", *arguments],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment(state),
        )
    limit = threading.Timer(LONGEST_START_S, server.kill)
    limit.start()
    try:
        assert server.stdout is not None
        with server.stdout as answered:
            line = answered.readline()
        assert line, f"no address within {LONGEST_START_S} s; it said: {said.read_text('utf-8')}"
        limit.cancel()
        yield line.strip().rpartition(" ")[2]
    finally:
        limit.cancel()
        server.terminate()
        try:
            ended = server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            server.kill()
            ended = server.wait()
    assert ended in (0, 143)


@pytest.mark.parametrize("listening", [(), ("--address", "0.0.0.0")])
def test_serve_prints_an_address_that_lets_in_once(
    state: Path, tmp_path: Path, listening: tuple[str, ...]
) -> None:
    arguments = ("serve", "--workers", "1", *listening)
    with serving(state, *arguments, said=tmp_path / "said") as address:
        assert address.startswith("http://127.0.0.1:")
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with browser.open(address, timeout=LONGEST_ANSWER_S) as page:
            assert page.status == HTTPStatus.OK
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.build_opener().open(address, timeout=LONGEST_ANSWER_S)
        assert caught.value.code == HTTPStatus.UNAUTHORIZED
        caught.value.close()
    # It was kept up by `db start`, so the server's end does not stop the database.
    assert Cluster(state / "cluster").status().is_running


@pytest.fixture(scope="module")
def hamlet(state: Path) -> Path:
    """The state folder, with a sample city of one building: what `demo` finds it need not write."""
    folder = state / "sample-city"
    folder.mkdir()
    (folder / "a.csv").write_text("楼栋编号,楼栋名称,建筑面积\nP1,甲楼,1000\n", "utf-8")
    (folder / "manifest.json").write_text(json.dumps({"tables": [{"path": "a.csv"}]}), "utf-8")
    return state


def _made(state: Path) -> dict[str, Any]:
    """What a start could have made: loads, rows, and any table, view, function or policy."""
    settings = replace(load_settings(), state_dir=state, database_url=None)
    database = open_database(settings, on_step=lambda *_step, **_values: None)
    with database.engine(Role.OWNER).connect() as conn:
        row = conn.execute(
            text(
                "SELECT (SELECT json_agg(l ORDER BY load_id) FROM staging.load AS l) AS loads,"
                " (SELECT count(*) FROM place.place) AS places,"
                " (SELECT array_agg(version_num) FROM rights.alembic_version) AS revisions,"
                " (SELECT max(oid::bigint) FROM pg_class WHERE relpersistence <> 't') AS newest,"
                " (SELECT max(oid::bigint) FROM pg_proc) AS newest_function,"
                " (SELECT max(oid::bigint) FROM pg_policy) AS newest_policy"
            )
        ).mappings().one()  # fmt: skip
    database.dispose()
    return dict(row)


def test_a_second_start_migrates_and_loads_nothing(hamlet: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    with serving(hamlet, "demo", "--no-browser", said=first):
        pass
    assert "a.csv" in first.read_text("utf-8")
    before = _made(hamlet)
    assert len(before["loads"]) == before["places"] == 1
    with serving(hamlet, "demo", "--no-browser", said=second):
        pass
    # Steps of setting up come before what every server says of itself: there are none.
    assert second.read_text("utf-8").startswith(catalogue("en")["serve.worker"])
    assert _made(hamlet) == before


def _versions(state: Path) -> Versions:
    settings = replace(load_settings(), state_dir=state, database_url=None)
    database = open_database(settings, on_step=lambda *_step, **_values: None)
    with database.engine(Role.OWNER).connect() as conn:
        found = read_versions(conn)
    database.dispose()
    return found


def test_demo_reset_starts_over_and_keeps_what_was(hamlet: Path, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ("demo", "--reset", "--no-browser", "--port", str(port))
    before = _versions(hamlet)
    with serving(hamlet, *arguments, said=tmp_path / "said") as address:
        assert address.startswith(f"http://127.0.0.1:{port}/")
    sizes = json.loads(onemap(hamlet, "doctor", "--json").stdout)["database"]["sizes_bytes"]
    assert {"onemap", "onemap_previous"} <= set(sizes)
    # A browser keeps tiles of the register from before under its versions.
    after = _versions(hamlet)
    assert after.data > before.data
    assert after.rights > before.rights


def test_status_pays_for_nothing_it_does_not_need(state: Path) -> None:
    asked = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "webmap.cli", "db", "status"],
        capture_output=True,
        text=True,
        check=True,
        env=environment(state),
    )
    assert str(state) in asked.stdout
    imported = {line.rsplit("|", 1)[-1].strip() for line in asked.stderr.splitlines()}
    assert "webmap.database" in imported
    assert not imported & {"flask", "geopandas", "granian", "openpyxl", "pandas"}


def test_the_version_is_the_projects() -> None:
    project = Path(cli.__file__).parent.parent / "pyproject.toml"
    assert onemap_version() == tomllib.loads(project.read_text("utf-8"))["project"]["version"]


def test_settings_point_where_the_tests_may_write() -> None:
    assert load_settings().state_dir.name == "test"


def test_a_database_of_a_newer_version_is_one_clear_sentence(own_database: Database) -> None:
    with own_database.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE rights.alembic_version SET version_num = 'from_the_future'"))
    with pytest.raises(ConfigError) as caught:
        migrate_database(own_database)
    assert caught.value.key == "database.newer"


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["frobnicate"], "没有命令 frobnicate；用法见 onemap --help。", "There is no command"),
        (
            ["load", "--frob", "x"],
            "没有选项 --frob；用法见 onemap load --help。",
            "no option --frob",
        ),
        (["load"], "缺少 FILE；用法见 onemap load --help。", "FILE is missing"),
        (["undo", "abc"], "LOAD_ID 应为整数；用法见 onemap undo --help。", "whole number"),
        (["demo", "--port", "99999999"], "--port 应为 1 到 65535 之间的整数", "from 1 to 65535"),
        (["report", "survey", "--as-of", "2026-13-01"], "--as-of 应为日期", "must be a date"),
        (["load", "/"], "FILE 应为可读的文件，不能是文件夹", "not a folder"),
        (["db", "frob"], "没有命令 frob；用法见 onemap db --help。", "There is no command frob"),
    ],
)
def test_a_mistake_in_typing_is_answered_in_one_sentence_of_the_language(
    tmp_path: Path, arguments: list[str], zh: str, en: str
) -> None:
    for language, sentence in (("zh", zh), ("en", en)):
        answered = onemap(tmp_path, *arguments, ONEMAP_LANGUAGE=language)
        assert answered.returncode == 2
        assert sentence in answered.stderr
        assert answered.stderr.count("\n") == 1


def test_a_place_that_may_not_be_written_is_the_persons_to_change() -> None:
    known = cli.known_error(PermissionError(errno.EACCES, "Permission denied", "/closed"))
    assert isinstance(known, InputError)
    assert known.params["path"] == "/closed"


def test_a_folder_closed_to_the_account_is_answered_with_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    monkeypatch.chdir(closed)
    for out in (Path(), closed / "made"):
        with pytest.raises(InputError) as refused:
            result_folder(out)
        said = explain("zh", refused.value)
        assert "--out" in said
        assert str(closed) in said
    assert result_folder(tmp_path / "open" / "deep").is_dir()
