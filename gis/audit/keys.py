"""The key that seals are made with, and the newest seal known: files, never in the database."""

import hashlib
import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

_FOLDER: Final = "seals"
_HEAD: Final = "head.json"
_CUTS: Final = "cuts.json"
_BYTES: Final = 32


@dataclass(frozen=True)
class Head:
    """A seal as it is known outside the database."""

    seal_id: int
    mac: str
    """Hexadecimal."""

    @property
    def printed(self) -> str:
        """As reports print it: its number and enough of its digest to know it again."""
        return f"{self.seal_id}-{self.mac[:16]}"


@dataclass(frozen=True)
class Cut:
    """Seals at the end of the chain that are gone."""

    noted: int
    """Number of the newest seal this machine had made."""
    newest: int
    """Number of the newest one left."""
    reason: str | None = None
    """Why, as an operator says; null: nobody has said."""


class SealFiles:
    """Keys by their id, and the head of the chain, in a folder only its owner may enter.

    Args:
        state_dir: The state folder; the files lie in a folder of their own there.
    """

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / _FOLDER

    def key(self) -> tuple[str, bytes]:
        """Id and bytes of the key to seal with, made on first use; of several the newest."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = sorted(self._folder.glob("*.key"), key=lambda file: file.stat().st_mtime_ns)
        if known:
            return known[-1].stem, known[-1].read_bytes()
        made = secrets.token_bytes(_BYTES)
        key_id = hashlib.sha256(made).hexdigest()[:16]
        self._write(f"{key_id}.key", made)
        return key_id, made

    def key_of(self, key_id: str) -> bytes | None:
        """The key of an id; null where its file is not here."""
        file = self._folder / f"{key_id}.key"
        return file.read_bytes() if key_id.isalnum() and file.is_file() else None

    def head(self) -> Head | None:
        """The newest seal this machine made; null before the first."""
        file = self._folder / _HEAD
        return Head(**json.loads(file.read_text())) if file.is_file() else None

    def note_head(self, head: Head) -> None:
        """Remember the newest seal; a chain cut short later is found by it."""
        self._write(_HEAD, json.dumps({"seal_id": head.seal_id, "mac": head.mac}).encode())

    def cuts(self) -> list[Cut]:
        """Every time a noted seal was not in the chain any more, oldest first."""
        file = self._folder / _CUTS
        return [Cut(**one) for one in json.loads(file.read_text())] if file.is_file() else []

    def note_cut(self, noted: int, newest: int) -> None:
        """Remember that seals this machine made are gone; the next seal hides it otherwise."""
        self._keep([*self.cuts(), Cut(noted, newest)])

    def explain_cuts(self, reason: str, *, after: int = 0) -> int:
        """Say why seals are gone, such as a restored backup; returns how many that explains.

        Args:
            reason: Why.
            after: How many of the oldest it says nothing about.
        """
        cuts = self.cuts()
        said = [replace(one, reason=one.reason or reason) for one in cuts[after:]]
        self._keep([*cuts[:after], *said])
        return sum(one.reason is None for one in cuts[after:])

    def _keep(self, cuts: list[Cut]) -> None:
        self._write(_CUTS, json.dumps([asdict(one) for one in cuts], ensure_ascii=False).encode())

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f".{name}.{os.getpid()}"
        opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(opened, "wb") as to:
            to.write(content)
            to.flush()
            os.fsync(to.fileno())
        unfinished.replace(self._folder / name)
