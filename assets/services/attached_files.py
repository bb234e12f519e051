"""Files that people attach to cases: what they are, told by their content, and what is refused."""

import hashlib
import io
import re
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from gis.errors import InputError

MEGABYTE: Final = 1024 * 1024
_MOST_ENTRIES: Final = 10_000
_MOST_UNPACKED_BYTES: Final = 512 * MEGABYTE
_MOST_RATIO: Final = 200
"""Of unpacked to packed; sheets of a thousand equal rows come to about 50."""
_CHUNK: Final = MEGABYTE
_IS_ENCRYPTED: Final = 0x1
_MACROS: Final = re.compile(
    r"(^|/)(vbaproject\.bin|vbadata\.xml|macrosheets/|activex/)", re.IGNORECASE
)
_MACRO_TYPE: Final = b"macroEnabled"
_LONGEST_NAME: Final = 120

TYPES: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "ofd": "application/ofd",
    "jpg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "zip": "application/zip",
}
"""What a file may be, by how its name then ends: more is never accepted, settings allow fewer."""
USUAL_TYPES: Final = ("pdf", "docx", "xlsx", "ofd", "jpg", "png")
_ENDINGS: Final = {".jpeg": "jpg", ".jpe": "jpg", ".jfif": "jpg", ".tiff": "tif"}
_OFFICE: Final = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}


@dataclass(frozen=True)
class AttachedFile:
    """A file that may be kept.

    Args:
        name: As its sender called it, ending as its content says.
        type: Of `TYPES`.
        sha256: Of the content.
    """

    name: str
    type: str
    content: bytes
    sha256: bytes

    @property
    def media_type(self) -> str:
        return TYPES[self.type]


@dataclass(frozen=True)
class Scanner:
    """The program that looks for malware.

    Args:
        command: Program and arguments; the file's path is added as the last one. It ends with 0
            for a file that is clean and with 1 for one that is not; else it could not tell.
        seconds: It is given up after these.
    """

    command: Sequence[str]
    seconds: int


def examine(
    name: str,
    content: bytes,
    *,
    allowed: Collection[str],
    most_mb: int,
    scanner: Scanner | None,
) -> AttachedFile:
    """A file that was handed in, if it may be kept.

    Args:
        name: As its sender calls it; it decides nothing.
        content: Its bytes; one more than are allowed is enough to refuse it.
        allowed: Types that are taken.
        most_mb: Largest size, in megabytes.
        scanner: Null: nothing looks for malware.

    Raises:
        InputError: It is too large, empty, of another type, unpacks to too much, is encrypted,
            carries macros, or the scanner refuses it or cannot tell; says which.
    """
    if not content:
        raise InputError("attachment.empty")
    if len(content) > most_mb * MEGABYTE:
        raise InputError("attachment.too_large", most=most_mb)
    found = _type_of(content)
    if found is None or found not in allowed:
        raise InputError("attachment.type", allowed=", ".join(sorted(allowed)))
    if scanner is not None:
        _scan(content, scanner)
    return AttachedFile(_named(name, found), found, content, hashlib.sha256(content).digest())


def _type_of(content: bytes) -> str | None:
    """What the content is; null for what is of no known type."""
    if content.startswith(b"PK"):
        return _packed_type(content)
    # Its tables of signatures take memory that only attachments need.
    import puremagic  # noqa: PLC0415

    try:
        guess = puremagic.from_string(content)
    except (puremagic.PureError, ValueError):
        return None
    ending = _ENDINGS.get(guess, guess.removeprefix("."))
    return ending if ending in TYPES and ending not in _OFFICE.values() else None


def _packed_type(content: bytes) -> str | None:
    """The kind of package a zip is, once all of it was unpacked without harm."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            if len(entries) > _MOST_ENTRIES:
                raise InputError("attachment.bomb")
            if any(entry.flag_bits & _IS_ENCRYPTED for entry in entries):
                raise InputError("attachment.encrypted")
            _unpack_all(package, len(content))
            names = [entry.filename for entry in entries]
            if any(_MACROS.search(name.replace("\\", "/")) for name in names):
                raise InputError("attachment.macros")
            if "[Content_Types].xml" in names:
                if _MACRO_TYPE in package.read("[Content_Types].xml"):
                    raise InputError("attachment.macros")
                return next(
                    (
                        kind
                        for folder, kind in _OFFICE.items()
                        if any(name.startswith(folder) for name in names)
                    ),
                    None,
                )
            return "ofd" if "OFD.xml" in names else "zip"
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise InputError("attachment.damaged") from error


def _unpack_all(package: zipfile.ZipFile, size_bytes: int) -> None:
    """Read every entry: what it says of its size is not to be believed."""
    most = min(_MOST_UNPACKED_BYTES, max(size_bytes * _MOST_RATIO, 16 * MEGABYTE))
    read = 0
    for entry in package.infolist():
        with package.open(entry) as unpacked:
            while chunk := unpacked.read(_CHUNK):
                read += len(chunk)
                if read > most:
                    raise InputError("attachment.bomb")


def _named(stated: str, ending: str) -> str:
    """A name to save it under: without folders and signs, ending as its content says."""
    plain = "".join(one if one.isprintable() else "_" for one in stated.replace("\\", "/"))
    path = PurePath(plain.rpartition("/")[2].strip(" .") or "file")
    stem = path.name[: -len(path.suffix)] if path.suffix else path.name
    stem = re.sub(r'[:*?"<>|]', "_", stem)[:_LONGEST_NAME].strip(" .")
    return f"{stem or 'file'}.{ending}"


def _scan(content: bytes, scanner: Scanner) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "attachment"
        path.touch(mode=0o600)
        path.write_bytes(content)
        try:
            done = subprocess.run(  # noqa: S603 -- the operator's own choice
                [*scanner.command, str(path)],
                check=False,
                capture_output=True,
                timeout=scanner.seconds,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError("attachment.not_scanned") from error
    if done.returncode == 1:
        raise InputError("attachment.malware")
    if done.returncode != 0:
        raise InputError("attachment.not_scanned")
