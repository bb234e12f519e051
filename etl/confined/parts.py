"""The parts a file consists of, and the digest by which it is known again."""

import hashlib
from pathlib import Path
from typing import Final

PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def parts_beside(path: Path) -> dict[str, Path]:
    """The files of a Shapefile that exist, by lower-case suffix, in suffix order."""
    siblings = {
        part.suffix.lower(): part
        for part in path.parent.iterdir()
        if part.stem.casefold() == path.stem.casefold()
    }
    return {suffix: siblings[suffix] for suffix in sorted(PARTS) if suffix in siblings}


def file_digest(path: Path, *, is_shapefile: bool) -> str:
    """SHA-256 of a file's bytes, hexadecimal; of all parts in suffix order for a Shapefile."""
    whole = hashlib.sha256()
    for part in parts_beside(path).values() if is_shapefile else [path]:
        with part.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                whole.update(chunk)
    return whole.hexdigest()
