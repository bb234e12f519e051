"""Everything an installation needs in one file, for machines without a network.

The file is a tar of `onemap/` (the code with its browser libraries built), `wheels/` (all of the
lock, for this kind of machine), `debs/` (Debian packages with all they depend on, as a repository
for apt), `MANIFEST.json` and `SHA256SUMS`. The launcher unpacks it: `webmap/closed_network.sh`.
"""

import gzip
import hashlib
import json
import platform
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import venv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gis.errors import ConfigError, InputError
from gis.postgres import CLEAN_ENVIRONMENT
from gis.settings import child_environment
from webmap.vendor import PACKAGED_DIR
from webmap.version import onemap_version

LAYOUT: Final = 1
PACKAGES: Final = ("postgresql-15", "postgresql-15-postgis-3", "fonts-noto-cjk", "python3-venv")
"""What the launcher asks Debian for where it is missing, and the Python that it starts with."""

_PARTS: Final = (
    ".ci", ".gitignore", ".npmrc", "CHANGELOG.md", "README.md", "assets", "bench", "docs", "etl",
    "gis", "hatch_build.py", "onemap", "package-lock.json", "package.json", "pyproject.toml",
    "requirements.lock", "tests", "webmap",
)  # fmt: skip
"""What a checkout is made of: where git cannot say, nothing else that lies there is taken."""

_MADE_HERE: Final = frozenset({"node_modules", "__pycache__"})
_KEPT_HERE: Final = frozenset({".backup", ".bundle", ".env", ".key", ".pem"})


def write_bundle(
    root: Path,
    vendor: Path,
    file: Path,
    *,
    with_packages: bool,
    on_step: Callable[[str], None] = lambda _key: None,
) -> dict[str, object]:
    """Write the bundle; returns its manifest.

    Args:
        root: The checkout.
        vendor: Its browser libraries, built.
        file: Must not exist.
        with_packages: Take Debian's packages along; needs apt.
        on_step: Called with a message key before each step.

    Raises:
        InputError: The file exists or cannot be written.
        ConfigError: What is needed could not be fetched, with what the program said.
    """
    if file.exists():
        raise InputError("bundle.exists", path=file)
    if not file.absolute().parent.is_dir():
        raise InputError("bundle.not_writable", path=file)
    with tempfile.TemporaryDirectory(prefix=".onemap-bundle-", dir=file.absolute().parent) as at:
        folder = Path(at)
        on_step("bundle.code")
        commit = copy_code(root, vendor, folder / "onemap")
        on_step("bundle.wheels")
        _fetch_wheels(root / "requirements.lock", folder / "wheels", folder)
        if with_packages:
            on_step("bundle.packages")
            _fetch_packages(folder / "debs", folder)
        manifest: dict[str, object] = {
            "layout": LAYOUT,
            "onemap": onemap_version(),
            "commit": commit,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": f"{sys.version_info.major}.{sys.version_info.minor}",
            "machine": platform.machine(),
            "debian": _debian() if with_packages else None,
        }
        written = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        (folder / "MANIFEST.json").write_text(written, encoding="utf-8")
        _write_sums(folder)
        on_step("bundle.packing")
        _pack(folder, file)
    return manifest


def _pack(folder: Path, file: Path) -> None:
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        with tarfile.open(unfinished, "w") as tar:
            for name in sorted(path.name for path in folder.iterdir()):
                tar.add(folder / name, name, filter=_as_anybodys)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def copy_code(root: Path, vendor: Path, to: Path) -> str:
    """Copy what git tracks, which the launcher notes beside a copy; else the parts known here.

    Backups and secrets that lie in the checkout are nobody else's. Returns the commit.
    """
    noted = root.with_name(f"{root.name}.commit")  # by the launcher, beside its copy
    commit = noted.read_text().strip() if noted.is_file() else "unknown"
    if (root / ".git").exists():
        git = ("git", "-C", str(root))
        listed = _run(*git, "ls-files", "-z", "-c").split("\0")
        names = [name for name in listed if name and (root / name).is_file()]
        changed = _run(*git, "status", "--porcelain")
        commit = _run(*git, "rev-parse", "HEAD").strip() + ("+changes" if changed else "")
    elif (tracked := root.with_name(f"{root.name}.tracked")).is_file():
        listed = tracked.read_text(encoding="utf-8").split("\0")
        names = [name for name in listed if name and (root / name).is_file()]
    else:
        names = [
            str(path.relative_to(root))
            for part in _PARTS
            for path in ((root / part), *(root / part).rglob("*"))
            if path.is_file()
            and path.suffix not in _KEPT_HERE
            and not _MADE_HERE & set(path.relative_to(root).parts)
        ]
    for name in names:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, to / name)
    built = to / PACKAGED_DIR.relative_to(PACKAGED_DIR.parents[2])
    shutil.rmtree(built, ignore_errors=True)
    shutil.copytree(vendor, built)
    # The launcher compares times: what was built is newer than what it was built from.
    (built / "stamp.json").touch()
    return commit


def _fetch_wheels(lock: Path, to: Path, scratch: Path) -> None:
    """Every wheel of the lock, checked by its hash; nothing is built."""
    tools = scratch / ".tools"
    venv.create(tools, with_pip=True, symlinks=True)
    _run(
        str(tools / "bin/pip"), "--quiet", "--disable-pip-version-check", "download", "--no-deps",
        "--require-hashes", "--only-binary=:all:", "-r", str(lock), "-d", str(to),
    )  # fmt: skip
    shutil.rmtree(tools)


def _fetch_packages(to: Path, scratch: Path) -> None:
    """Debian's packages with everything they need on a machine that has nothing."""
    if shutil.which("apt-get") is None:
        raise ConfigError("bundle.no_apt")
    to.mkdir()
    bare = scratch / ".bare-status"
    bare.touch()
    planned = _run(
        "apt-get", "-qq", "--print-uris", "--no-install-recommends", "-o",
        f"Dir::State::status={bare}", "-o", "Debug::NoLocking=1", "install", *PACKAGES,
    )  # fmt: skip
    bare.unlink()
    names = [line.split()[1] for line in planned.splitlines() if line.startswith("'")]
    # A file's name says what to ask for.
    wanted = [_name_and_version(name) for name in names]
    for begin in range(0, len(wanted), 40):
        _run("apt-get", "-qq", "download", *wanted[begin : begin + 40], cwd=to)
    _index_packages(to)


def _name_and_version(file: str) -> str:
    name, version, architecture = file.removesuffix(".deb").split("_")
    plain = version.replace("%3a", ":")
    return f"{name}={plain}" if architecture == "all" else f"{name}:{architecture}={plain}"


def _index_packages(folder: Path) -> None:
    """The list that makes a folder of packages a repository for apt."""
    entries = []
    for deb in sorted(folder.glob("*.deb")):
        said = _run("dpkg-deb", "--field", str(deb)).rstrip("\n")
        digest = _sha256(deb)
        entries.append(
            f"{said}\nFilename: ./{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {digest}\n"
        )
    (folder / "Packages.gz").write_bytes(gzip.compress("\n".join(entries).encode(), mtime=0))


def _write_sums(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_sha256(path)}  {path.relative_to(folder)}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _as_anybodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return member


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _debian() -> str:
    release = platform.freedesktop_os_release()
    return f"{release.get('VERSION_CODENAME', '')} {sysconfig.get_platform()}"


def _run(*command: str, cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(  # noqa: S603 -- pip, apt and git of this machine
            command,
            check=False,
            capture_output=True,
            text=True,
            cwd=cwd,
            env=child_environment(LC_ALL=CLEAN_ENVIRONMENT["LC_ALL"]),
        )
    except OSError as error:
        raise ConfigError("bundle.failed", command=command[0], reason=str(error)) from error
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise ConfigError("bundle.failed", command=command[0], reason="".join(reason))
    return done.stdout
