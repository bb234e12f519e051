"""The one door for files."""

from pathlib import Path

from etl.limits import Limits
from etl.read.answered import source_of
from etl.read.confinement import reading
from etl.read.source import Source
from etl.set_limits import usual_limits
from gis.errors import SourceError


def read_source(path: Path, *, file: str | None = None, limits: Limits | None = None) -> Source:
    """Read a file by its content, in a process of its own.

    Args:
        path: Where the bytes are.
        file: Name as the person knows it; null takes the path's.
        limits: Ceilings; null takes the defaults.

    Raises:
        SourceError: The file breaks its promise: empty, truncated, encrypted, wrongly named,
            a zip bomb, over a ceiling, too slow to read, or fatal to its reader. Nothing else was
            touched.
    """
    name = file or path.name
    if not path.is_file():
        raise SourceError("load.no_such_file", file=name)
    with reading(path.resolve(), name, limits or usual_limits()) as folder:
        return source_of(folder, name)
