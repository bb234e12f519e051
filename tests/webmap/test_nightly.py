"""A backup of a whole register is equal to it in every table; the nightly one proves itself."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import people
import pytest
from PIL import Image
from small_city import build
from sqlalchemy import text

from assets import migrate
from assets.registry import METADATA
from gis import backup
from gis.audit.keys import SealFiles
from gis.audit.sealing import seal_history
from gis.cluster import Cluster
from gis.database import private_database
from gis.db import Database, Role
from gis.errors import ConfigError, InputError
from gis.retention import Retention
from gis.rights.actions import Grant
from gis.settings import Settings
from tests.webmap.conftest import signed_in
from webmap import nightly
from webmap.app import create_app
from webmap.database import migrate_database
from webmap.version import onemap_version

_OURS = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
_NO_EXTENSIONS = "NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')"
SHAPE = {
    "functions": "SELECT pg_get_functiondef(c.oid) || c.proleakproof"
    " || coalesce(c.proacl::text, '')"
    " FROM pg_proc AS c JOIN pg_namespace AS n ON n.oid = c.pronamespace"
    f" WHERE c.prokind <> 'a' AND {_OURS} AND {_NO_EXTENSIONS}",
    "policies": "SELECT p::text FROM pg_policies AS p",
    "triggers": "SELECT pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger"
    " WHERE NOT tgisinternal",
    # Parentheses are the server's own way to write three conditions in a row.
    "constraints": "SELECT conrelid::regclass || conname"
    " || translate(pg_get_constraintdef(oid), '()', '') FROM pg_constraint WHERE conrelid <> 0",
    "indexes": "SELECT i.indexdef FROM pg_indexes AS i WHERE i.schemaname !~ '^pg_'",
    "views": "SELECT v::text FROM pg_views AS v WHERE v.schemaname !~ '^(pg_|information_)'",
    "columns": "SELECT (table_schema, table_name, column_name, data_type, is_nullable,"
    " column_default, is_identity, generation_expression)::text FROM information_schema.columns"
    " WHERE table_schema !~ '^(pg_|information_)'",
    "rights": "SELECT c.oid::regclass || c.relowner::regrole::text || c.relrowsecurity"
    " || c.relforcerowsecurity || (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest("
    "coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\","
    " c.relowner))) AS a) FROM pg_class AS c"
    f" JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE {_OURS} AND {_NO_EXTENSIONS}"
    " AND c.relkind IN ('r', 'v', 'S')",
    "comments": "SELECT c.oid::regclass || obj_description(c.oid, 'pg_class') FROM pg_class AS c",
    "sequences": "SELECT s::text FROM pg_sequences AS s",
}


def shape(database: Database) -> dict[str, list[str]]:
    """Everything that shapes a database, in words."""
    with database.admin().connect() as conn:
        return {
            name: sorted(str(row) for row in conn.execute(text(query)).scalars())
            for name, query in SHAPE.items()
        }


def digests(database: Database) -> dict[str, str]:
    """The rows of every table."""
    with database.admin().connect() as conn:
        return {
            name: conn.execute(
                text(
                    "SELECT count(*) || ' ' || coalesce(md5(string_agg(r, '|' ORDER BY r)), '')"
                    f" FROM (SELECT t::text FROM {name} AS t) AS rows (r)"
                )
            ).scalar_one()
            for name in backup.row_counts(conn)
        }


def without_notes(rows: dict[str, str]) -> dict[str, str]:
    """The tables but the one that notes what is to be summed anew."""
    return {name: one for name, one in rows.items() if name != "place.stale_square"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, database_url=None, language="zh")


@pytest.fixture
def register(own_database: Database, settings: Settings) -> Database:
    """A city with a photo and a sealed past."""
    city = build(own_database)
    app = create_app(settings, own_database)
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), (10, 90, 30)).save(picture, "JPEG")
    picture.seek(0)
    place = city.ids["building 1.0"]
    answer = signed_in(app, city.everything).post(
        f"/api/places/{place}/photos", data={"file": (picture, "1.jpg"), "caption": "东门"}
    )
    assert answer.status_code == 201
    seal_history(own_database.engine(Role.OWNER), METADATA, SealFiles(settings.state_dir))
    app.extensions["onemap_tiles"].watch.close()
    return own_database


@pytest.fixture
def beside(cluster: Cluster) -> Iterator[Database]:
    """What will be restored beside the register; it goes with the test."""
    made = private_database(cluster, backup.INCOMING)
    yield made
    made.dispose()
    backup.drop_database(cluster, backup.INCOMING)


def test_a_restored_register_is_equal_in_every_table_and_in_all_that_shapes_it(
    cluster: Cluster, register: Database, beside: Database, tmp_path: Path
) -> None:
    file, version = tmp_path / "city.backup", onemap_version()
    rows, shaped = digests(register), shape(register)
    assert all(shaped.values())
    backup.write_backup(cluster, file, version=version, database="onemap_own")
    manifest = backup.check_backup(cluster, file, version=version, knows=migrate.knows_revision)
    assert manifest.revision is not None
    assert manifest.rows["place.photo_image"] == manifest.rows["history.seal"] == 1
    backup.fill_beside(cluster, file, manifest)
    assert digests(beside) == rows
    now = shape(beside)
    different = {name: set(now[name]) ^ set(shaped[name]) for name in shaped}
    assert {name: one for name, one in different.items() if one} == {}
    # Brought up to date it is the same still, for the same version wrote it. Only what is to be
    # summed anew is noted again, under the transaction that notes it.
    migrate_database(beside)
    assert without_notes(digests(beside)) == without_notes(rows)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster of one's own, for the nightly backup is of the database `onemap`."""
    made = Cluster(tmp_path / "cluster", durable=False)
    with made.running():
        made.create_database()
        _do(made, "CREATE TABLE note AS SELECT '一张图' AS said")
        yield made


def _do(cluster: Cluster, *statements: str) -> None:
    database = private_database(cluster)
    with database.admin().begin() as conn:
        for statement in statements:
            conn.execute(text(statement))
    database.dispose()


def _databases(cluster: Cluster) -> list[str]:
    database = private_database(cluster, "postgres")
    with database.admin().connect() as conn:
        names = list(conn.execute(text("SELECT datname FROM pg_database")).scalars())
    database.dispose()
    return names


def test_a_nightly_backup_is_tried_and_noted_and_old_ones_go(
    small: Cluster, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [folder / f"onemap-2020{month:02}01-023000.backup" for month in range(1, 13)]
    for file in (*old, folder / "somebody's notes.txt"):
        file.touch()
    kept = replace(settings, retention=Retention(days=1, weeks=1, months=3))
    assert nightly.last_night(kept) is None
    made = nightly.back_up_nightly(small, kept)
    assert made == nightly.last_night(kept)
    assert (made.is_good, made.reason, made.good_at) == (True, None, made.ended_at)
    assert not made.is_late(datetime.now(UTC))
    assert made.is_late(datetime.now(UTC) + timedelta(hours=37))
    left = sorted(path.name for path in folder.iterdir())
    assert left == [*(path.name for path in old[-2:]), Path(made.file).name, "somebody's notes.txt"]
    assert "onemap_trial" not in _databases(small)


def test_a_failed_night_is_noted_and_removes_nothing(small: Cluster, settings: Settings) -> None:
    good = nightly.back_up_nightly(small, settings)
    first = Path(good.file)
    first = first.rename(first.with_name("onemap-20200101-000000.backup"))
    # A rule that the rows meet in the register only: no restore can bring them back.
    _do(
        small,
        "CREATE FUNCTION is_register() RETURNS boolean LANGUAGE sql"
        " AS $$ SELECT current_database() = 'onemap' $$",
        "CREATE TABLE here AS SELECT 1 AS n",
        "ALTER TABLE here ADD CHECK (is_register())",
    )
    with pytest.raises(InputError, match=r"backup\.damaged"):
        nightly.back_up_nightly(small, replace(settings, retention=Retention(1, 1, 1)))
    bad = nightly.last_night(settings)
    assert bad is not None
    assert (bad.is_good, bad.good_at) == (False, good.good_at)
    assert "已损坏" in (bad.reason or "")
    left = sorted(path.name for path in first.parent.iterdir())
    assert left == [first.name, "onemap-suspect.backup"]
    assert "onemap_trial" not in _databases(small)


def test_a_file_that_the_machine_could_not_try_is_neither_proven_nor_suspect(
    small: Cluster, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [f"onemap-2020010{day}-000000.untried" for day in (1, 2, 3)]
    suspect = "onemap-suspect.backup"
    # The last is what a killed night left.
    for name in (*old, suspect, f".{old[0]}.unfinished"):
        (folder / name).write_text(name)
    small.create_database("onemap_trial")
    monkeypatch.setattr(backup, "LEAST_FREE_BYTES", 2**60)
    with pytest.raises(ConfigError, match=r"backup\.no_room"):
        nightly.back_up_nightly(small, settings)
    assert "onemap_trial" not in _databases(small)
    night = nightly.last_night(settings)
    assert night is not None
    untried = Path(night.file)
    assert (night.is_good, untried.suffix, untried.exists()) == (False, ".untried", True)
    left = sorted(path.name for path in folder.iterdir())
    assert left == [*old[1:], untried.name, suspect]
    assert (folder / suspect).read_text() == suspect


def test_a_file_has_a_proven_name_only_after_its_trial(
    small: Cluster, settings: Settings, tmp_path: Path
) -> None:
    seen = []

    def look(step: str) -> None:
        seen.append((step, sorted(path.suffix for path in (tmp_path / "backups").iterdir())))

    nightly.back_up_nightly(small, settings, on_step=look)
    assert seen == [("db.backing_up", []), ("db.trying", [".untried"])]
    assert [path.suffix for path in (tmp_path / "backups").iterdir()] == [".backup"]


def test_what_a_killed_trial_left_goes_unless_one_runs(small: Cluster, settings: Settings) -> None:
    small.create_database("onemap_trial")
    with nightly._alone(settings):
        nightly.clear_trial(small, settings)
    assert "onemap_trial" in _databases(small)
    nightly.clear_trial(small, settings)
    assert "onemap_trial" not in _databases(small)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"\xff",
        b'{"ended_at": "x"}',
        json.dumps(vars(nightly.Night("x", True, "", 0, 1.0, None, "yesterday"))).encode(),
        json.dumps(vars(nightly.Night("x", True, "", 0, 1.0, None, "2026-01-01"))).encode(),
    ],
)
def test_a_note_of_the_night_that_nobody_can_read_is_none(settings: Settings, said: bytes) -> None:
    (settings.state_dir / "nightly-backup.json").write_bytes(said)
    assert nightly.last_night(settings) is None
    made = nightly._note(settings, settings.state_dir / "a.backup", seconds=1.0, reason=None)
    assert nightly.last_night(settings) == made


def test_two_nightly_backups_at_once_are_one(small: Cluster, settings: Settings) -> None:
    with nightly._alone(settings), pytest.raises(ConfigError, match="being_made"):
        nightly.back_up_nightly(small, settings)
    assert nightly.last_night(settings) is None


def test_system_administrators_are_warned_on_their_page(
    own_database: Database, settings: Settings
) -> None:
    pages = {}
    app = create_app(settings, own_database)
    for office in ("system_admin", "audit_admin"):
        people.add_person(own_database, office, Grant(office))
        with own_database.engine(Role.OWNER).begin() as owner:
            account_id = people.call(
                owner, "SELECT account_id FROM rights.account WHERE name = :name", name=office
            ).scalar_one()
        pages[office] = signed_in(app, people.session_of(own_database, account_id))

    def is_warned(office: str) -> bool:
        page = pages[office].get("/accounts", headers={"Accept": "text/html"})
        assert page.status_code == 200
        return 'id="backup-warning"' in page.text

    assert not is_warned("system_admin")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for is_good, good_at in ((True, now), (False, now), (True, "2026-01-01T00:00:00+00:00")):
        said = nightly.Night(now, is_good, "", 0, 1.0, None, good_at)
        (settings.state_dir / "nightly-backup.json").write_text(json.dumps(vars(said)))
        assert is_warned("system_admin") is not (is_good and good_at == now)
        assert not is_warned("audit_admin")
    app.extensions["onemap_tiles"].watch.close()
