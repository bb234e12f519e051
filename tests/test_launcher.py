import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout with the real launcher in it."""
    folder = tmp_path / "一张 图"
    folder.mkdir()
    shutil.copy(ROOT / "onemap", folder / "onemap")
    (folder / ".gitignore").write_text("*.log\n")
    (folder / "规则.py").write_text("floor = 1\n")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    return folder


def sourced(checkout: Path, script: str, *arguments: str) -> str:
    """What a script prints that uses the launcher's functions."""
    done = subprocess.run(
        ["bash", "-c", f"source ./onemap\n{script}", "onemap", *arguments],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def staged(checkout: Path, *arguments: str, readable: bool = False) -> list[str]:
    """Arguments as the account would get them; a line each."""
    script = f"""
        scratch=$(mktemp -d -p "$PWD/..") account=$(id -un) as_account=({str(readable).lower()})
        stage "$@"
        printf '%s\\n' "${{arguments[@]}}"
    """
    return sourced(checkout, script, *arguments).splitlines()


def mirrored(checkout: Path, state: Path) -> Path:
    return Path(sourced(checkout, 'mkdir -p "$1"; mirror "$1"; echo "$code"', str(state)).strip())


def test_the_mirror_holds_what_git_would_keep_and_nothing_else(
    checkout: Path, tmp_path: Path
) -> None:
    (checkout / "new file.py").touch()
    (checkout / "noise.log").touch()
    code = mirrored(checkout, tmp_path / "state")
    assert sorted(path.name for path in code.iterdir()) == [
        ".gitignore",
        "new file.py",
        "onemap",
        "规则.py",
    ]
    assert (code / "onemap").stat().st_mode & 0o111


def test_beside_the_mirror_stands_what_git_tracks(checkout: Path, tmp_path: Path) -> None:
    (checkout / "new file.py").touch()
    code = mirrored(checkout, tmp_path / "state")
    tracked = code.with_name(f"{code.name}.tracked")
    assert sorted(tracked.read_text().split("\0")) == ["", ".gitignore", "onemap", "规则.py"]
    # Nothing changes but what git knows.
    subprocess.run(["git", "add", "."], cwd=checkout, check=True)
    mirrored(checkout, tmp_path / "state")
    assert "new file.py" in tracked.read_text().split("\0")


def test_the_mirror_follows_changes_and_deletions_but_keeps_what_was_made_there(
    checkout: Path, tmp_path: Path
) -> None:
    code = mirrored(checkout, tmp_path / "state")
    (code / "vendor").mkdir()
    (checkout / "规则.py").unlink()
    (checkout / "onemap").write_text((checkout / "onemap").read_text() + "\n# changed\n")
    assert mirrored(checkout, tmp_path / "state") == code
    assert not (code / "规则.py").exists()
    assert (code / "onemap").read_text().endswith("# changed\n")
    assert (code / "vendor").exists()


def test_an_unchanged_checkout_is_not_copied_again(checkout: Path, tmp_path: Path) -> None:
    code = mirrored(checkout, tmp_path / "state")
    (code / "规则.py").write_text("left alone")
    mirrored(checkout, tmp_path / "state")
    assert (code / "规则.py").read_text() == "left alone"


@pytest.mark.parametrize(
    "arguments",
    [
        ["sample", "{}"],
        ["sample", "--scale", "2", "{}"],
        ["sample", "--json", "{}"],
        ["report", "survey", "--as-of", "2025-12-31", "--out", "{}"],
        ["report", "survey", "--out={}"],
        ["export", "building", "--out", "{}", "--format", "gpkg"],
        ["db", "backup", "{}"],
    ],
)
def test_what_root_wants_written_goes_through_the_scratch_folder(
    checkout: Path, arguments: list[str]
) -> None:
    wanted = str(checkout / "out")
    given = [argument.format(wanted) for argument in arguments]
    for before, after in zip(given, staged(checkout, *given), strict=True):
        if wanted in before:
            assert after != before
            assert after.endswith("/out")
        else:
            assert after == before


@pytest.mark.parametrize(
    ("arguments", "existing"),
    [
        (["db", "backup", "{}"], "out"),
        (["bundle", "{}"], "out"),
        (["bundle", "--no-packages", "{}"], "out"),
        (["service", "{}"], "out/onemap.service"),
        (["service", "--json", "{}"], "out/onemap-backup.timer"),
    ],
)
def test_what_root_has_already_is_not_written_over(
    checkout: Path, arguments: list[str], existing: str
) -> None:
    shutil.copytree(ROOT / "webmap/service", checkout / "webmap/service")
    given = [argument.format(checkout / "out") for argument in arguments]
    assert staged(checkout, *given) != given
    (checkout / existing).parent.mkdir(exist_ok=True)
    (checkout / existing).touch()
    script = 'scratch=$(mktemp -d) as_account=(false)\nstage "$@"'
    refused = subprocess.run(
        ["bash", "-c", f"source ./onemap\n{script}", "onemap", *given],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert str(checkout / existing) in refused.stderr


def test_results_are_delivered_where_root_wanted_them(checkout: Path) -> None:
    script = """
        scratch=$(mktemp -d -p "$PWD/..") account=$(id -un) as_account=(false)
        stage sample out/city
        mkdir -p "${results[0]}/sub"; echo figures >"${results[0]}/sub/census.csv"
        deliver
    """
    sourced(checkout, script)
    assert (checkout / "out/city/sub/census.csv").read_text() == "figures\n"


def test_an_input_the_account_cannot_read_is_handed_over_under_its_name(checkout: Path) -> None:
    (checkout / "普查.xlsx").write_text("sheets")
    command, file, *rest = staged(checkout, "load", "普查.xlsx", "--profile", "cn")
    assert (command, rest) == ("load", ["--profile", "cn"])
    assert file != "普查.xlsx"
    assert Path(file).name == "普查.xlsx"
    assert Path(file).read_text() == "sheets"


def test_a_file_that_a_report_compares_with_is_handed_over_too(checkout: Path) -> None:
    (checkout / "卡片.xlsx").write_text("cards")
    command, name, option, file = staged(checkout, "report", "cards", "--from", "卡片.xlsx")
    assert (command, name, option) == ("report", "cards", "--from")
    assert Path(file).read_text() == "cards"
    assert file != "卡片.xlsx"


def test_a_shapefile_is_handed_over_with_all_its_files(checkout: Path) -> None:
    for ending in ("shp", "dbf", "shx"):
        (checkout / f"地块.{ending}").write_text(ending)
    file = Path(staged(checkout, "check", "地块.shp")[1])
    assert sorted(path.suffix for path in file.parent.iterdir()) == [".dbf", ".shp", ".shx"]


def test_an_input_the_account_can_read_is_left_where_it_is(checkout: Path) -> None:
    assert staged(checkout, "load", "规则.py", readable=True) == ["load", "规则.py"]


def test_words_that_happen_to_name_files_are_left_alone(checkout: Path) -> None:
    assert staged(checkout, "test", "-k", "onemap") == ["test", "-k", "onemap"]


def test_postgis_is_asked_for_though_the_path_leads_to_debians_server(
    checkout: Path, tmp_path: Path
) -> None:
    on_path = tmp_path / "bin" / "postgres"
    on_path.parent.mkdir()
    script = f"""
        compgen() {{ [[ $2 != *postgis.control && $2 != /usr/lib/postgresql/* ]]; }}
        command() {{ echo {on_path}; }}
        missing_packages demo
    """
    on_path.symlink_to("/usr/lib/postgresql/15/bin/postgres")
    assert "postgresql-15-postgis-3" in sourced(checkout, script)
    # Debian's PostGIS is of no use to a server of another make.
    on_path.unlink()
    on_path.symlink_to(tmp_path / "postgres")
    assert "postgis" not in sourced(checkout, script)


def test_the_browser_is_asked_for_by_the_tests_only(checkout: Path) -> None:
    script = 'command() { [[ $2 != chromium ]]; }; missing_packages "$1"'
    assert "chromium" in sourced(checkout, script, "test")
    assert "chromium" not in sourced(checkout, script, "demo")


def test_what_only_tests_use_is_welcome_to_them_and_its_absence_stops_nothing(
    checkout: Path,
) -> None:
    script = 'command() { [[ $2 != soffice && $2 != shellcheck ]]; }; welcome_packages "$1"'
    wanted = set(sourced(checkout, script, "test").split())
    # Whether the machine has Writer, no command tells.
    assert wanted - {"libreoffice-writer-nogui"} == {"libreoffice-calc-nogui", "shellcheck"}
    assert sourced(checkout, script, "demo") == ""
    # As somebody who may install, with a mirror of packages that cannot be reached.
    script = """
        missing_packages() { :; }; welcome_packages() { echo libreoffice-calc-nogui; }
        may_install() { :; }; install_packages() { fail "$1" "$1"; }
        hand_over() { echo went on; exit; }; mirror() { echo went on; exit; }
        make_environment() { echo went on; exit; }
        main test
    """
    assert "went on" in sourced(checkout, script)


def test_uv_can_be_installed_from_the_lock_and_the_lock_names_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "\nuv==" in lock


def test_continuous_integration_runs_exactly_the_test_command() -> None:
    commands = (ROOT / ".ci/run").read_text().splitlines()
    assert commands == ["#!/usr/bin/env bash", 'cd "$(dirname "$0")/.." && exec ./onemap test']


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_the_launcher_passes_shellcheck() -> None:
    found = subprocess.run(
        ["shellcheck", "-x", "onemap", "webmap/closed_network.sh"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""


def test_a_second_start_installs_nothing(checkout: Path, tmp_path: Path) -> None:
    (checkout / "requirements.lock").write_text("uv==1\n")
    for name in ("package-lock.json", "webmap/vendor.py"):
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).touch()
    script = """
        export ONEMAP_STATE_DIR=$1
        hand_over() { :; } # a test may run as root, whose packages are the account's
        install_packages() { echo "installed $*"; }
        install_environment() { # what the real one leaves behind
            echo "installed $environment"
            mkdir -p "$environment/bin"
            printf '%s\\n' '#!/bin/sh' 'echo "ran $*"' \\
                '[ "$2" != webmap.build_assets ] || mkdir -p "$4"' >"$environment/bin/python"
            chmod +x "$environment/bin/python"
            touch "$environment/complete"
        }
        main demo --no-browser
    """
    state = tmp_path / "state"
    first = sourced(checkout, script, str(state)).splitlines()
    assert [line.split()[0] for line in first] == ["installed", "ran", "ran"]
    assert "webmap.build_assets" in first[1]
    was = {path: path.stat().st_mtime_ns for path in (state, checkout) for path in path.rglob("*")}
    assert sourced(checkout, script, str(state)).splitlines() == [first[-1]]
    assert first[-1] == "ran -m webmap.cli demo --no-browser"
    assert {path: path.stat().st_mtime_ns for path in was} == was
