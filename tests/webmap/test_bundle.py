"""What of a checkout goes into the one file for machines without a network."""

import shutil
import subprocess
from pathlib import Path

import pytest

from webmap.bundle import copy_code

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    made = tmp_path / "checkout"
    (made / "webmap/static/vendor").mkdir(parents=True)
    for name in ("onemap", "webmap/a.py", "webmap/static/vendor/stamp.json"):
        (made / name).write_text("{}")
    shutil.copy(ROOT / ".gitignore", made)
    return made


def _taken(checkout: Path, to: Path) -> list[str]:
    copy_code(checkout, checkout / "webmap/static/vendor", to)
    return sorted(str(path.relative_to(to)) for path in to.rglob("*") if path.is_file())


@pytest.mark.parametrize("has_git", [True, False])
def test_backups_and_secrets_that_lie_about_stay_here(
    checkout: Path, tmp_path: Path, *, has_git: bool
) -> None:
    if has_git:
        for words in (
            ("init", "--quiet"),
            ("add", "."),
            ("-c", "user.name=x", "-c", "user.email=x@example.invalid", "commit", "-qm", "x"),
        ):
            subprocess.run(("git", *words), cwd=checkout, check=True)
    expected = [".gitignore", "onemap", "webmap/a.py", "webmap/static/vendor/stamp.json"]
    assert _taken(checkout, tmp_path / "one") == expected
    for name in ("secret", "nightly.backup", "webmap/nightly.backup", "webmap/old.bundle"):
        (checkout / name).touch()
    (checkout / ".onemap").mkdir()
    (checkout / ".onemap/password").touch()
    assert _taken(checkout, tmp_path / "two") == expected


def test_of_the_launchers_copy_what_git_tracks_is_taken(checkout: Path, tmp_path: Path) -> None:
    # As root's launcher copies a checkout: with what git would add, and a list of what it tracks.
    (checkout / "webmap/notes of mine.py").write_text("secret = 1\n")
    tracked = [".gitignore", "onemap", "webmap/a.py"]
    (tmp_path / "checkout.tracked").write_text("\0".join([*tracked, "webmap/gone.py", ""]))
    expected = [*tracked, "webmap/static/vendor/stamp.json"]
    assert _taken(checkout, tmp_path / "taken") == expected


def test_every_part_of_this_checkout_is_taken_without_git_too(tmp_path: Path) -> None:
    listed = subprocess.run(
        ("git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        pytest.skip("not a checkout of git")
    for name in filter(None, listed.stdout.split("\0")):
        (tmp_path / "code" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "code" / name).touch()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor/stamp.json").touch()
    copy_code(tmp_path / "code", tmp_path / "vendor", tmp_path / "taken")
    missing = [
        name
        for name in filter(None, listed.stdout.split("\0"))
        if not (tmp_path / "taken" / name).is_file()
    ]
    assert missing == []
