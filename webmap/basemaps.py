"""Base maps by configuration: tiles of fixed addresses or files, handed on under our own address.

`ONEMAP_BASEMAPS` names a TOML file of `[[basemap]]` tables. Its addresses and keys stay on the
server: a browser names a base map and a tile, nothing else, so it can reach no other host by it.
"""

import contextlib
import gzip
import http.client
import os
import sqlite3
import tempfile
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final
from urllib.parse import urlsplit

from gis.errors import ConfigError, NotFound
from webmap.pmtiles_file import holds_images, read_tile

_KINDS: Final = ("wmts", "mbtiles", "pmtiles")
_GRIDS: Final = ("3857", "4490")
"""Tiles in spherical Mercator, or in degrees of CGCS2000, as 天地图's `_w` and `_c`."""
_SHIFTED: Final = ("amap.com", "autonavi.com", "qq.com", "gtimg.com", "baidu.com", "bdimg.com")
"""Their tiles are moved by hundreds of metres: every place would stand beside its own."""
_DEEPEST: Final = 22
_MOST_BYTES: Final = 4 * 1024 * 1024
_TIMEOUT_S: Final = 10.0
_FRESH_S: Final = 30 * 86400
_IMAGES: Final = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


class BasemapUnavailable(ConfigError):
    """The tile is not to be had just now."""


@dataclass(frozen=True)
class Basemap:
    """One base map as it is configured."""

    name: str
    title: str
    kind: str
    grid: str = "3857"
    url: str = field(default="", repr=False)
    """With `{z}`, `{x}`, `{y}` and, where one is needed, `{key}`."""
    key: str = field(default="", repr=False)
    file: Path | None = None
    min_zoom: int = 0
    max_zoom: int = 18
    review_number: str | None = None
    attribution: str | None = None

    def described(self) -> dict[str, Any]:
        """What a browser may know of it: no address, no key, no path."""
        return {
            "name": self.name,
            "title": self.title,
            "grid": self.grid,
            "min_zoom": self.min_zoom,
            "max_zoom": self.max_zoom,
            "review_number": self.review_number,
            "attribution": self.attribution,
        }


def read_basemaps(path: Path | None) -> dict[str, Basemap]:
    """The configured base maps by name, in the file's order; none without a file.

    Raises:
        ConfigError: The file cannot be read, or says what cannot be.
    """
    if path is None:
        return {}
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError("basemap.not_readable", path=str(path), reason=str(error)) from error
    tables = stated.get("basemap", [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise ConfigError("basemap.not_readable", path=str(path), reason="[[basemap]]")
    found = [_basemap(table, path.parent) for table in tables]
    if len({one.name for one in found}) < len(found):
        raise ConfigError("basemap.named_twice", path=str(path))
    return {one.name: one for one in found}


def _basemap(table: Mapping[str, Any], folder: Path) -> Basemap:
    name = str(table.get("name", ""))
    known = set(Basemap.__dataclass_fields__)
    wrong = sorted(set(table) - known)
    numbers = [table.get("min_zoom", 0), table.get("max_zoom", 18)]
    if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
        raise ConfigError("basemap.bad_value", name=name[:40], field="name")
    if wrong:
        raise ConfigError("basemap.bad_value", name=name, field=wrong[0][:40])
    if not all(type(one) is int and 0 <= one <= _DEEPEST for one in numbers):
        raise ConfigError("basemap.bad_value", name=name, field="min_zoom, max_zoom")
    texts = {one: str(table[one]) for one in known - {"file", "min_zoom", "max_zoom"}
             if one in table}  # fmt: skip
    file = folder / str(table["file"]) if "file" in table else None
    made = Basemap(**{"title": name, "kind": "wmts", **texts}, file=file,
                   min_zoom=numbers[0], max_zoom=numbers[1])  # fmt: skip
    if made.kind not in _KINDS or made.grid not in _GRIDS:
        raise ConfigError("basemap.bad_value", name=name, field="kind, grid")
    if made.kind == "wmts":
        _check_address(made)
    elif file is None or not file.is_file():
        raise ConfigError("basemap.no_file", name=name, path=str(file))
    if made.kind == "pmtiles" and file is not None:
        _check_archive(made, file)
    return made


def _check_address(made: Basemap) -> None:
    parts = urlsplit(made.url)
    is_whole = all(mark in made.url for mark in ("{z}", "{x}", "{y}"))
    # The host is the configuration's alone: nothing that is filled in may stand in it.
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc:
        raise ConfigError("basemap.bad_value", name=made.name, field="url")
    if not is_whole or ("{key}" in made.url and not made.key):
        raise ConfigError("basemap.bad_value", name=made.name, field="url, key")
    host = parts.hostname.lower()
    if any(host == one or host.endswith(f".{one}") for one in _SHIFTED):
        raise ConfigError("basemap.shifted", name=made.name, host=host)


def _check_archive(made: Basemap, file: Path) -> None:
    try:
        is_shown = holds_images(file)
    except (OSError, ValueError) as error:
        raise ConfigError("basemap.not_readable", path=str(file), reason=str(error)) from error
    if not is_shown:
        raise ConfigError("basemap.vector", name=made.name)


class Basemaps:
    """The configured base maps, and the tiles that were fetched before."""

    def __init__(self, listed: Mapping[str, Basemap], cache: Path) -> None:
        self.listed = listed
        self._cache = cache
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def tile(self, name: str, z: int, x: int, y: int) -> tuple[bytes, str]:
        """A tile and its media type.

        Raises:
            NotFound: No such base map, or no such tile of it.
            BasemapUnavailable: The server it comes from did not answer with an image.
        """
        base = self.listed.get(name)
        if base is None:
            raise NotFound("basemap.no_such", name=name[:40])
        across = 2 ** min(z, _DEEPEST)
        down = across if base.grid == "3857" else max(1, across // 2)
        if not (base.min_zoom <= z <= base.max_zoom and x < across and y < down):
            raise NotFound("basemap.no_tile", name=name)
        content = _from_file(base, z, x, y) if base.file else self._from_server(base, z, x, y)
        return content, _media_type(base, content)

    def _from_server(self, base: Basemap, z: int, x: int, y: int) -> bytes:
        kept = self._cache / base.name / str(z) / str(x) / str(y)
        try:
            if time.time() - kept.stat().st_mtime < _FRESH_S:
                return kept.read_bytes()
        except OSError:
            pass  # not here yet
        address = base.url.replace("{key}", base.key)
        for mark, value in (("{z}", z), ("{x}", x), ("{y}", y)):
            address = address.replace(mark, str(value))
        try:
            with self._opener.open(address, timeout=_TIMEOUT_S) as answer:
                content: bytes = answer.read(_MOST_BYTES + 1)
        except urllib.error.HTTPError as error:
            if error.code in (404, 204):
                raise NotFound("basemap.no_tile", name=base.name) from error
            return _kept_or_refused(kept, base)
        except (OSError, ValueError, http.client.HTTPException):
            return _kept_or_refused(kept, base)
        if len(content) > _MOST_BYTES:
            return _kept_or_refused(kept, base)
        _media_type(base, content)
        _keep(kept, content)
        return content


def remove_surplus(cache: Path, most_bytes: int) -> int:
    """Remove the tiles fetched longest ago, until the rest fit.

    Returns:
        How many went.
    """
    found = []
    for path in cache.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # replaced just now
            stat = path.stat()
            if S_ISREG(stat.st_mode):
                found.append((stat.st_mtime, stat.st_size, path))
    found.sort()
    surplus = sum(size for _, size, _ in found) - most_bytes
    removed = 0
    for _, size, path in found:
        if surplus <= 0:
            break
        path.unlink(missing_ok=True)
        surplus -= size
        removed += 1
    return removed


def tiles_folder(state_dir: Path) -> Path:
    """Where the tiles of base maps are kept."""
    return state_dir / "cache" / "basemaps"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The host stays the configured one."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _kept_or_refused(kept: Path, base: Basemap) -> bytes:
    """An old tile is better than none."""
    try:
        return kept.read_bytes()
    except OSError as error:
        raise BasemapUnavailable("basemap.unavailable", name=base.title) from error


def _keep(path: Path, content: bytes) -> None:
    """Put a tile into the cache whole or not at all; a full disk keeps nobody from the map."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as written:
                written.write(content)
            Path(fresh).replace(path)
        finally:
            Path(fresh).unlink(missing_ok=True)


def _from_file(base: Basemap, z: int, x: int, y: int) -> bytes:
    """A tile of a PMTiles archive, or of an MBTiles file, whose rows count from the south."""
    if base.kind == "pmtiles" and base.file is not None:
        try:
            found = read_tile(base.file, z, x, y)
        except (OSError, ValueError) as error:
            raise BasemapUnavailable("basemap.unavailable", name=base.title) from error
        if found is None:
            raise NotFound("basemap.no_tile", name=base.name)
        return found
    try:
        archive = sqlite3.connect(f"file:{base.file}?mode=ro", uri=True)
        try:
            row = archive.execute(
                "SELECT tile_data FROM tiles"
                " WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
                (z, x, 2**z - 1 - y),
            ).fetchone()
        finally:
            archive.close()
    except sqlite3.Error as error:
        raise BasemapUnavailable("basemap.unavailable", name=base.title) from error
    if row is None:
        raise NotFound("basemap.no_tile", name=base.name)
    content = bytes(row[0])
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def _media_type(base: Basemap, content: bytes) -> str:
    """What an image is, by its first bytes: never what another server calls it.

    Raises:
        BasemapUnavailable: It is no image, as where a key has run out and a page says so.
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    for start, media_type in _IMAGES.items():
        if content.startswith(start):
            return media_type
    raise BasemapUnavailable("basemap.unavailable", name=base.title)
