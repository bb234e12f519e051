"""The parts of Shapefiles, gathered under plain names beside one another."""

import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import pyogrio

from etl.confined.answer import Answer, Note
from etl.confined.dbf import shapefile_encoding
from etl.confined.parts import PARTS, parts_beside
from gis.errors import SourceError

_NAMED_UTF8: Final = 0x800


@dataclass(frozen=True)
class Shapefile:
    """One layer: its .shp with its parts beside it, its name, the encoding of its texts."""

    path: Path
    name: str
    encoding: str


def shapefiles_of_parts(path: Path, file: str, answer: Answer) -> list[Shapefile]:
    """The Shapefile whose parts lie beside one another.

    Raises:
        SourceError: The attribute table is missing or damaged.
    """
    gathered: dict[str, Path] = {}
    for suffix, part in parts_beside(path).items():
        gathered[suffix] = answer.folder / f"0{suffix}"
        gathered[suffix].symlink_to(part)
    return [_shapefile(gathered, Path(file).stem, file, answer)]


def shapefiles_of_zip(path: Path, file: str, answer: Answer) -> list[Shapefile]:
    """Every Shapefile in an archive, in name order.

    Raises:
        SourceError: One has no attribute table, or a damaged one.
    """
    groups: dict[str, dict[str, zipfile.ZipInfo]] = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            where = PurePosixPath(_name(member).replace("\\", "/"))
            if where.suffix.lower() in PARTS and not where.name.startswith("."):
                key = str(where.with_suffix("")).casefold()
                groups.setdefault(key, {})[where.suffix.lower()] = member
        found = []
        for number, key in enumerate(sorted(key for key in groups if ".shp" in groups[key])):
            gathered = {}
            for suffix, member in groups[key].items():
                gathered[suffix] = answer.folder / f"{number}{suffix}"
                gathered[suffix].write_bytes(archive.read(member))
            name = PurePosixPath(_name(groups[key][".shp"]).replace("\\", "/")).stem
            found.append(_shapefile(gathered, name, file, answer))
    return found


def _shapefile(parts: dict[str, Path], name: str, file: str, answer: Answer) -> Shapefile:
    if ".dbf" not in parts:
        raise SourceError("load.missing_part", file=file, sheet=name, part=".dbf")
    if ".shx" not in parts:
        # GDAL makes the index anew beside the .shp, in our own folder; told so without need, it
        # opens an index that is there for writing.
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        answer.notes.append(Note("shapefile.no_index", sheet=name))
    encoding, notes = shapefile_encoding(
        parts[".dbf"], parts.pop(".cpg", None), layer=name, file=file
    )
    # GDAL would believe a .cpg over us.
    parts[".shp"].with_suffix(".cpg").unlink(missing_ok=True)
    answer.notes += notes
    return Shapefile(parts[".shp"], name, encoding)


def _name(member: zipfile.ZipInfo) -> str:
    """A member's name; Chinese packers write it in GBK without saying so."""
    if member.flag_bits & _NAMED_UTF8:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename
