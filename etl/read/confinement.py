"""Start the process that opens a file, wait for it, and say in a sentence why it died."""

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from etl.confined.answer import ANSWER_FILE
from etl.limits import Limits
from gis.errors import SourceError

_LOG = logging.getLogger(__name__)
_ROOT: Final = Path(__file__).parents[2]
_START: Final = (
    f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from etl.confined.{{}} import main; main()"
)
READ: Final = _START.format("process")
MARK: Final = _START.format("marking")
DRAW: Final = _START.format("drawing")
# Every driver of the library that may not answer; the reading process refuses to start when it
# finds one that is neither here nor allowed, as after an update of the library.
SKIPPED_DRIVERS: Final = (
    "MEM", "PCIDSK", "PDS4", "VICAR", "PDF", "MBTiles", "EEDA", "OGCAPI", "GDALG", "MapInfo File",
    "LVBAG", "S57", "DGN", "OGR_VRT", "CSV", "GML", "GPX", "KML", "GeoJSONSeq", "ESRIJSON",
    "TopoJSON", "OGR_GMT", "SQLite", "WAsP", "OpenFileGDB", "DXF", "FlatGeobuf", "GeoRSS", "VFK",
    "PGDUMP", "GPSBabel", "OGR_PDS", "WFS", "OAPIF", "EDIGEO", "Idrisi", "ODS", "XLSX",
    "Elasticsearch", "Carto", "AmigoCloud", "SXF", "Selafin", "JML", "PLSCENES", "CSW", "VDV",
    "MVT", "NGW", "MapML", "GTFS", "PMTiles", "JSONFG", "MiraMonVector", "ADBC", "AVCBin",
    "AVCE00", "AIVector", "HTTP",
)  # fmt: skip
_PREFIX: Final = "onemap-read-"
_KEPT_SECONDS: Final = 24 * 3600
"""No reading lasts a day; a folder that old belongs to nobody any more."""
_NOBODY: Final = "http://127.0.0.1:9"
"""The discard port: a proxy for whatever should still ask for the network."""
_OUT_OF_MEMORY: Final = (b"MemoryError", b"bad_alloc", b"memory allocation of", b"malloc")


def _environment(folder: Path) -> dict[str, str]:
    """All that the process knows of its surroundings: no secret, no setting, no search path."""
    return {
        "GDAL_SKIP": ",".join(SKIPPED_DRIVERS),
        "GDAL_HTTP_PROXY": _NOBODY,
        "http_proxy": _NOBODY,
        "https_proxy": _NOBODY,
        "GDAL_NUM_THREADS": "1",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "CPL_TMPDIR": str(folder),
        "TMPDIR": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "OGR_GEOJSON_MAX_OBJ_SIZE": "0",
        "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
        "OPENBLAS_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",
    }


@contextlib.contextmanager
def reading(
    path: Path,
    file: str,
    limits: Limits,
    *,
    code: str = READ,
    asked: Mapping[str, Any] | None = None,
) -> Iterator[Path]:
    """The folder with the answer about a file; it is gone afterwards.

    Args:
        path: Absolute, without symbolic links.
        file: Name as the person knows it.
        limits: Ceilings.
        code: What the process runs.
        asked: What else it is told; plain JSON.

    Raises:
        SourceError: The process was slower or larger than it may be, or died.
    """
    _sweep()
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as made:
        folder = Path(made)
        request = {
            "path": str(path), "file": file, "folder": str(folder), "limits": asdict(limits),
            **(asked or {}),
        }  # fmt: skip
        try:
            done = subprocess.run(  # noqa: S603 -- our own interpreter and code
                [sys.executable, "-I", "-B", "-c", code],
                input=json.dumps(request).encode(),
                capture_output=True,
                cwd=folder,
                env=_environment(folder),
                timeout=limits.max_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SourceError("load.too_slow", file=file, seconds=limits.max_seconds) from error
        if done.returncode != 0 or not (folder / ANSWER_FILE).is_file():
            raise _death(done, file, limits)
        yield folder


def _sweep() -> None:
    """Remove what readings of yesterday left whose own process was killed: it is people's data."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            about = folder.lstat()
            if about.st_uid == os.getuid() and about.st_mtime < time.time() - _KEPT_SECONDS:
                shutil.rmtree(folder)


def _death(done: subprocess.CompletedProcess[bytes], file: str, limits: Limits) -> SourceError:
    """What a person is told when the reading process did not come back with an answer."""
    _LOG.error("reading %r ended with %s: %s", file, done.returncode, done.stderr[-4000:])
    if -done.returncode in (signal.SIGXCPU, signal.SIGALRM):
        return SourceError("load.too_slow", file=file, seconds=limits.max_seconds)
    if any(word in done.stderr for word in _OUT_OF_MEMORY) or -done.returncode == signal.SIGKILL:
        return SourceError("load.too_much_memory", file=file)
    if b"[Errno 28]" in done.stderr or b"[Errno 27]" in done.stderr:
        return SourceError("load.no_room", file=file)
    return SourceError("load.reader_died", file=file)
