from pathlib import Path

import pytest

from gis.errors import ConfigError
from gis.i18n import LANGUAGES, explain
from gis.postgres import find_server, tuned_settings

GIBIBYTE = 1024**3


def installed(folder: Path, version: str, *, postgis: bool = True) -> Path:
    """A folder whose programs answer as an installed server's would."""
    programs = folder / version / "bin"
    extensions = folder / version / "share/extension"
    programs.mkdir(parents=True)
    extensions.mkdir(parents=True)
    if postgis:
        (extensions / "postgis.control").touch()
    for name, answer in {
        "postgres": f"postgres (PostgreSQL) {version}",
        "pg_config": str(folder / version / "share"),
    }.items():
        libraries = f'[ "$1" = --pkglibdir ] && exec echo {folder / version / "lib"}\n'
        (programs / name).write_text(f"#!/bin/sh\n{libraries}echo '{answer}'\n")
        (programs / name).chmod(0o755)
    return programs


def refused(*folders: Path, major: int | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        find_server(folders, major=major)
    for language in LANGUAGES:
        sentence = explain(language, caught.value)
        assert "\n" not in sentence
        assert "apt-get install postgresql-" in sentence
    return caught.value


def test_newest_server_with_postgis_wins(tmp_path: Path) -> None:
    folders = [
        installed(tmp_path, "15.18"),
        installed(tmp_path, "16.4"),
        installed(tmp_path, "17.1", postgis=False),
    ]
    assert find_server(folders).major == 16


def test_a_cluster_gets_the_version_it_was_made_by(tmp_path: Path) -> None:
    folders = [installed(tmp_path, "15.18"), installed(tmp_path, "16.4")]
    assert find_server(folders, major=15).major == 15


def test_memory_is_read_back_at_a_start_only_where_the_server_can(tmp_path: Path) -> None:
    folder = installed(tmp_path, "16.4")
    assert not find_server([folder]).has_prewarm
    (tmp_path / "16.4/lib").mkdir()
    (tmp_path / "16.4/lib/pg_prewarm.so").touch()
    assert find_server([folder]).has_prewarm

    def preloaded(*, durable: bool, has_prewarm: bool) -> str | None:
        settings = tuned_settings(
            memory=GIBIBYTE, cores=2, shared_memory=0, durable=durable, has_prewarm=has_prewarm
        )
        return settings.get("shared_preload_libraries")

    assert preloaded(durable=True, has_prewarm=True) == "pg_prewarm"
    assert preloaded(durable=True, has_prewarm=False) is None
    assert preloaded(durable=False, has_prewarm=True) is None


def test_no_server_says_what_to_install() -> None:
    assert refused().key == "cluster.no_server"


def test_an_old_server_says_what_to_install(tmp_path: Path) -> None:
    error = refused(installed(tmp_path, "13.9"))
    assert error.key == "cluster.too_old"
    assert error.params["found"] == 13


def test_missing_postgis_says_what_to_install(tmp_path: Path) -> None:
    assert refused(installed(tmp_path, "15.18", postgis=False)).key == "cluster.no_postgis"


def test_data_of_a_version_that_is_gone_says_what_to_install(tmp_path: Path) -> None:
    error = refused(installed(tmp_path, "16.4"), major=15)
    assert error.key == "cluster.other_major"
    assert error.params["needed"] == 15


def test_memory_settings_grow_with_the_machine_up_to_a_ceiling() -> None:
    def shared_mb(gibibytes: int) -> int:
        settings = tuned_settings(
            memory=gibibytes * GIBIBYTE, cores=4, shared_memory=GIBIBYTE, durable=True
        )
        return int(settings["shared_buffers"].removesuffix("MB"))

    assert [shared_mb(size) for size in (1, 4, 24, 512)] == [256, 1024, 6144, 8192]


def test_little_shared_memory_is_not_relied_on() -> None:
    settings = tuned_settings(memory=GIBIBYTE, cores=2, shared_memory=64 * 1024**2, durable=True)
    assert settings["dynamic_shared_memory_type"] == "sysv"


def test_only_a_cluster_for_tests_gives_up_durability() -> None:
    kept = tuned_settings(memory=GIBIBYTE, cores=2, shared_memory=GIBIBYTE, durable=True)
    assert "fsync" not in kept
