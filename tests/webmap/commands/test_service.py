"""The units that `onemap service` writes, as systemd itself reads them."""

import configparser
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from gis.errors import InputError
from gis.settings import Settings
from webmap.commands.service import UNITS, write_units

SETTINGS = Settings(state_dir=Path("/var/lib/onemap"), database_url=None, language="zh")


def read(path: Path) -> configparser.RawConfigParser:
    unit = configparser.RawConfigParser(strict=False, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text())
    return unit


def test_every_unit_runs_this_installation_as_its_account_and_may_write_its_state_only(
    tmp_path: Path,
) -> None:
    written = write_units(tmp_path / "units", SETTINGS, account="somebody")
    assert [path.name for path in written] == list(UNITS)
    for path in written:
        assert "@" not in path.read_text()
        if path.suffix == ".timer":
            continue
        service = read(path)["Service"]
        program = Path(shlex.split(service["ExecStart"])[0])
        assert program.name == "onemap"
        assert program.is_file()
        assert service["User"] == "somebody"
        assert service["ProtectSystem"] == "strict"
        assert service["ReadWritePaths"] == '"/var/lib/onemap"'
        assert service["NoNewPrivileges"] == "yes"


def test_folders_may_have_names_of_several_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / '一张 "图" 100%'
    (root / "webmap").mkdir(parents=True)
    monkeypatch.setattr("webmap.__path__", [str(root / "webmap")])
    settings = Settings(state_dir=root / "state", database_url=None, language="zh")
    for path in write_units(tmp_path / "units", settings, account="somebody"):
        if path.suffix == ".timer":
            continue
        unit = read(path)
        # Of systemd's rules for quotes, those of the shell are enough for such names.
        told = {
            name: shlex.split(unit["Service"][name].replace("%%", "%"))
            for name in ("ExecStart", "Environment", "ReadWritePaths")
        }
        assert told["ExecStart"][0] == str(root / "onemap")
        assert told["Environment"] == [f"ONEMAP_STATE_DIR={root / 'state'}"]
        assert told["ReadWritePaths"] == [str(root / "state")]
        assert " " not in unit["Unit"]["Documentation"]


def test_files_of_an_administrator_are_not_written_over(tmp_path: Path) -> None:
    mine = tmp_path / "onemap.service"
    mine.write_text("[Service]\n")
    with pytest.raises(InputError) as caught:
        write_units(tmp_path, SETTINGS, account="somebody")
    assert caught.value.key == "service.exists"
    assert [path.name for path in tmp_path.iterdir()] == ["onemap.service"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_finds_nothing_wrong_with_them(tmp_path: Path) -> None:
    written = write_units(tmp_path, SETTINGS, account="root")
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, written)],
        capture_output=True,
        text=True,
        check=False,
    )
    if "Failed to initialize manager" in said.stderr:
        pytest.skip("systemd cannot look at units here")
    of_ours = [line for line in said.stderr.splitlines() if "onemap" in line]
    assert (said.returncode, of_ours) == (0, []), said.stderr
