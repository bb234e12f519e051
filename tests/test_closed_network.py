"""Installing and upgrading from one file, with the network cut: the real launcher, pip and uv.

The application is a stand-in that keeps its register in a text file; what is tested is the way
from a bundle to a running version, and back.
"""

import json
import os
import shlex
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gis.errors import ConfigError, InputError
from gis.settings import Settings
from webmap.bundle import write_bundle
from webmap.commands.service import write_units

ROOT = Path(__file__).parent.parent
CUT = ("unshare", "--user", "--map-current-user", "--net")
"""A network of its own, in which there is not even the loopback."""

APPLICATION = """
import json, sys
from pathlib import Path
import click
from os import environ
VERSION, MIGRATES = {version!r}, {migrates!r}
register = Path(environ["ONEMAP_STATE_DIR"]) / "register.json"
found = json.loads(register.read_text()) if register.exists() else dict(shape="1", rows=3)
words = [word for word in sys.argv[1:] if not word.startswith("--")]
print(VERSION, click.__version__, *sys.argv[1:])
if words[:2] == ["db", "backup"]:
    Path(words[2]).write_text(json.dumps(found))
elif words[:2] == ["db", "restore"]:
    register.write_text(Path(words[2]).read_text())
elif words[:2] == ["db", "migrate"]:
    if found["shape"] > VERSION:
        sys.exit("made by a newer version")
    found["shape"] = VERSION
    if MIGRATES == "half":
        found["rows"] = 1
    if MIGRATES != "no":
        register.write_text(json.dumps(found))
    sys.exit(0 if MIGRATES == "yes" else 1)
"""


def run(*command: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


pytestmark = pytest.mark.skipif(
    shutil.which("unshare") is None or run(*CUT, "true").returncode != 0,
    reason="an ordinary account may not cut the network here",
)


def locked(*names: str) -> str:
    """These packages as the lock has them."""
    blocks = (ROOT / "requirements.lock").read_text().replace("\\\n", "\0").splitlines()
    chosen = [one for one in blocks if one.partition("==")[0] in names]
    assert len(chosen) == len(names)
    return "\n".join(chosen).replace("\0", "\\\n") + "\n"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of version 1: made once, for its packages come over the network."""
    try:
        return make_bundle(tmp_path_factory.mktemp("first"), "1")
    except ConfigError as error:
        pytest.skip(f"the packages to put into it cannot be fetched: {error}")


def make_bundle(
    folder: Path, version: str, migrates: str = "yes", like: Path | None = None
) -> Path:
    """A bundle of the stand-in.

    Args:
        folder: Empty.
        version: What it says it is.
        migrates: `yes`, `no`, or `half`: it fails and leaves the register altered.
        like: A bundle whose packages are taken over instead of fetched.
    """
    checkout = folder / "一张 图"
    (checkout / "webmap/static/vendor").mkdir(parents=True)
    shutil.copy(ROOT / "onemap", checkout)
    shutil.copy(ROOT / "webmap/closed_network.sh", checkout / "webmap")
    for name in ("package-lock.json", "webmap/vendor.py", "webmap/__init__.py"):
        (checkout / name).touch()
    (checkout / "webmap/static/vendor/stamp.json").write_text("{}")
    (checkout / "requirements.lock").write_text(locked("uv", "click"))
    application = APPLICATION.format(version=version, migrates=migrates)
    (checkout / "webmap/cli.py").write_text(application)
    file = folder / f"onemap-{version}.bundle"
    if like is None:
        manifest = write_bundle(
            checkout, checkout / "webmap/static/vendor", file, with_packages=False
        )
        assert manifest["commit"] == "unknown"
        return file
    taken = folder / "taken"
    with tarfile.open(like) as tar:
        tar.extractall(taken)
    shutil.copy(checkout / "webmap/cli.py", taken / "onemap/webmap/cli.py")
    seal(taken)
    pack(taken, file)
    return file


def seal(folder: Path) -> None:
    listed = run(
        "bash", "-c", "find . -type f ! -path ./SHA256SUMS -printf '%P\\0' | xargs -0 sha256sum",
        cwd=folder,
    )  # fmt: skip
    (folder / "SHA256SUMS").write_text(listed.stdout)


def pack(folder: Path, file: Path) -> None:
    with tarfile.open(file, "w") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)


@pytest.fixture
def machine(tmp_path: Path, wheels: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A machine without a network and with an empty home; runs a launcher of its own.

    It has the packages of Debian, which an ordinary account could not install.
    """
    for name in ("home", "state", "bin"):
        (tmp_path / name).mkdir()
    with tarfile.open(wheels) as tar:
        code = [member for member in tar.getmembers() if member.name.startswith("onemap/")]
        tar.extractall(tmp_path / "stick", members=code)
    launcher = tmp_path / "stick/onemap/onemap"
    environment = {
        "HOME": str(tmp_path / "home"),
        "PATH": os.defpath,
        "ONEMAP_STATE_DIR": str(tmp_path / "state"),
        # Root's would be the machine's own.
        "ONEMAP_RELEASES_DIR": str(tmp_path / "state/releases"),
        "ONEMAP_UNITS_DIR": str(tmp_path / "units"),
        "ONEMAP_LANGUAGE": "en",
    }

    def command(*arguments: str, by: Path = launcher) -> subprocess.CompletedProcess[str]:
        return run(*CUT, str(by), *arguments, env=environment, cwd=tmp_path)

    return command


def current(tmp_path: Path) -> Path:
    return tmp_path / "state/releases/current/onemap/onemap"


def register(tmp_path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((tmp_path / "state/register.json").read_text())
    return found


def test_a_machine_without_a_network_starts_from_the_file_alone(
    machine: Callable[..., subprocess.CompletedProcess[str]], wheels: Path, tmp_path: Path
) -> None:
    started = machine("demo", "--from", str(wheels), "--no-browser")
    assert started.returncode == 0, started.stderr
    assert started.stdout.split()[0] == "1"
    assert started.stdout.split()[2:] == ["demo", "--no-browser"]
    # From now on without the file, by the version that was installed.
    again = machine("db", "migrate", by=current(tmp_path))
    assert again.stdout.split()[2:] == ["db", "migrate"], again.stderr
    assert "installing" not in again.stderr
    assert not list((tmp_path / "home").rglob("*.whl"))


def test_an_upgrade_backs_up_migrates_and_then_changes_the_version(
    machine: Callable[..., subprocess.CompletedProcess[str]], wheels: Path, tmp_path: Path
) -> None:
    assert machine("install", f"--from={wheels}").returncode == 0
    assert machine("db", "migrate", by=current(tmp_path)).returncode == 0
    (tmp_path / "new").mkdir()
    newer = make_bundle(tmp_path / "new", "2", like=wheels)
    upgraded = machine("upgrade", str(newer), by=current(tmp_path))
    assert upgraded.returncode == 0, upgraded.stderr
    assert register(tmp_path) == {"shape": "2", "rows": 3}
    assert machine("doctor", by=current(tmp_path)).stdout.split()[0] == "2"
    (kept,) = (tmp_path / "state/releases").glob("before-upgrade-*.backup")
    assert json.loads(kept.read_text())["shape"] == "1"
    assert "at work" in machine("upgrade", str(newer), by=current(tmp_path)).stderr


def test_units_that_started_a_copy_start_the_current_version_after_an_upgrade(
    machine: Callable[..., subprocess.CompletedProcess[str]],
    wheels: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As `service` writes them before there is any release: for the code that it runs from.
    monkeypatch.setattr("webmap.__path__", [str(tmp_path / "stick/onemap/webmap")])
    settings = Settings(state_dir=tmp_path / "state", database_url=None, language="en")
    write_units(tmp_path / "units", settings, account="somebody")
    before = (tmp_path / "units/onemap-database.service").read_text()
    (tmp_path / "new").mkdir()
    newer = make_bundle(tmp_path / "new", "2", like=wheels)
    assert machine("install", f"--from={wheels}").returncode == 0
    assert machine("db", "migrate", by=current(tmp_path)).returncode == 0
    upgraded = machine("upgrade", str(newer), by=current(tmp_path))
    assert upgraded.returncode == 0, upgraded.stderr
    assert "start the current version from now on" in upgraded.stderr
    started = {
        Path(shlex.split(line.partition("=")[2])[0])
        for unit in (tmp_path / "units").glob("*.service")
        for line in unit.read_text().splitlines()
        if line.startswith("Exec")
    }
    assert started == {current(tmp_path)}
    after = (tmp_path / "units/onemap-database.service").read_text()
    assert after == before.replace(str(tmp_path / "stick/onemap/onemap"), str(current(tmp_path)))
    kept = tmp_path / "units/onemap-database.service.before-upgrade"
    assert kept.read_text() == before


@pytest.mark.parametrize("migrates", ["no", "half"])
def test_a_migration_that_fails_leaves_the_old_version_and_its_register(
    machine: Callable[..., subprocess.CompletedProcess[str]],
    wheels: Path,
    tmp_path: Path,
    migrates: str,
) -> None:
    machine("install", "--from", str(wheels))
    machine("db", "migrate", by=current(tmp_path))
    before = register(tmp_path)
    (tmp_path / "new").mkdir()
    broken = make_bundle(tmp_path / "new", "2", migrates, like=wheels)
    failed = machine("upgrade", str(broken), by=current(tmp_path))
    assert failed.returncode == 1
    assert "the old version works as before" in failed.stderr
    assert register(tmp_path) == before
    assert machine("doctor", by=current(tmp_path)).stdout.split()[0] == "1"


def test_no_upgrade_while_somebody_uses_the_register(
    machine: Callable[..., subprocess.CompletedProcess[str]], wheels: Path, tmp_path: Path
) -> None:
    machine("install", "--from", str(wheels))
    (tmp_path / "new").mkdir()
    newer = make_bundle(tmp_path / "new", "2", like=wheels)
    lock = tmp_path / "state/cluster/users.lock"
    lock.parent.mkdir()
    lock.touch()
    with subprocess.Popen(["flock", "--shared", str(lock), "cat"], stdin=subprocess.PIPE) as user:
        # Held once it can no longer be had alone.
        while run("flock", "--exclusive", "--nonblock", str(lock), "true").returncode == 0:
            pass
        refused = machine("upgrade", str(newer), by=current(tmp_path))
        assert refused.returncode == 1
        assert "stop serve" in refused.stderr
        user.communicate(b"")
    assert machine("upgrade", str(newer), by=current(tmp_path)).returncode == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda file: file.write_bytes(file.read_bytes()[:-900_000]), "cut short"),
        (lambda file: file.write_bytes(b"PK\3\4"), "no bundle"),
        (lambda file: file.unlink(), "no such file"),
    ],
)
def test_a_spoilt_file_installs_nothing(
    machine: Callable[..., subprocess.CompletedProcess[str]],
    wheels: Path,
    tmp_path: Path,
    spoil: Callable[[Path], object],
    said: str,
) -> None:
    file = tmp_path / "spoilt.bundle"
    shutil.copy(wheels, file)
    spoil(file)
    refused = machine("demo", "--from", str(file))
    assert refused.returncode == 1
    assert said in refused.stderr
    assert refused.stdout == ""
    assert list((tmp_path / "state/releases").glob("*")) == []


@pytest.mark.parametrize("change", ["byte", "added", "python"])
def test_a_file_that_was_altered_installs_nothing(
    machine: Callable[..., subprocess.CompletedProcess[str]],
    wheels: Path,
    tmp_path: Path,
    change: str,
) -> None:
    taken = tmp_path / "taken"
    with tarfile.open(wheels) as tar:
        tar.extractall(taken)
    if change == "byte":
        (taken / "onemap/webmap/cli.py").write_text("print('not ours')")
    elif change == "added":
        (taken / "onemap/webmap/more.py").touch()
    else:
        said = json.loads((taken / "MANIFEST.json").read_text())
        (taken / "MANIFEST.json").write_text(json.dumps(said | {"python": "3.9"}))
        seal(taken)
    pack(taken, tmp_path / "altered.bundle")
    refused = machine("install", "--from", str(tmp_path / "altered.bundle"))
    assert refused.returncode == 1
    assert ("another Python" if change == "python" else "damaged") in refused.stderr
    assert list((tmp_path / "state/releases").glob("*")) == []


def test_a_bundle_is_written_whole_or_not_at_all(tmp_path: Path, wheels: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_bundle(tmp_path, tmp_path, wheels, with_packages=False)
    assert caught.value.key == "bundle.exists"
    checkout = tmp_path / "checkout"
    (checkout / "vendor").mkdir(parents=True)
    (checkout / "vendor/stamp.json").write_text("{}")
    (checkout / "requirements.lock").write_text("click\n")  # names no version and no hash
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(ConfigError) as failed:
        write_bundle(checkout, checkout / "vendor", out / "a.bundle", with_packages=False)
    assert failed.value.key == "bundle.failed"
    assert list(out.iterdir()) == []
