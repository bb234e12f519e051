"""Own pages' scripts and styles, and the browser libraries, under one versioned path.

`/static/<version>/...`: the version is a digest of everything served, so files may be kept for
ever and modules that import each other by relative path always meet their own generation.
"""

import functools
import gzip
import hashlib
import mimetypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, request

from gis.settings import Settings
from webmap.vendor import PACKAGED_DIR, STAMP, is_built

OWN_DIR: Final = Path(__file__).resolve().parent / "static"
_TEXT_TYPES: Final = {".mjs": "text/javascript", ".js": "text/javascript", ".svg": "image/svg+xml"}


def vendor_dir(settings: Settings) -> Path:
    """Where the browser libraries are, or are to be built.

    The stated folder; else the package's own when it is current or can be written; else one under
    the state folder (a checkout the serving account cannot write).
    """
    if settings.vendor_dir is not None:
        return settings.vendor_dir
    if is_built(PACKAGED_DIR) or os.access(OWN_DIR, os.W_OK):
        return PACKAGED_DIR
    return settings.state_dir / "vendor"


@dataclass(frozen=True)
class StaticFile:
    """One file as it is sent."""

    content: bytes
    compressed: bytes
    mimetype: str


class StaticFiles:
    """The served files, read once and kept in memory (some 3 MB)."""

    def __init__(self, vendor: Path) -> None:
        self.vendor = vendor
        self.version = self._version()

    def _version(self) -> str:
        digest = hashlib.sha256()
        for path in sorted(OWN_DIR.rglob("*")):
            if path.is_file() and PACKAGED_DIR not in path.parents:
                digest.update(str(path.relative_to(OWN_DIR)).encode() + path.read_bytes())
        stamp = self.vendor / STAMP
        if stamp.is_file():
            digest.update(stamp.read_bytes())
        return digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Address of a file such as `js/main.js` or `vendor/ol/ol.js`."""
        return f"/static/{self.version}/{name}"

    def module_urls(self) -> list[str]:
        """Every own script, so that a page can ask for all at once instead of one after another."""
        return [self.url(f"js/{path.name}") for path in sorted((OWN_DIR / "js").glob("*.js"))]

    @functools.cache  # noqa: B019 -- lives as long as the app
    def read(self, name: str) -> StaticFile | None:
        """A file by its name under `/static/<version>/`; null when there is none."""
        root, inner = OWN_DIR, name
        if name.startswith("vendor/"):
            root, inner = self.vendor, name.removeprefix("vendor/")
        path = (root / inner).resolve()
        if not path.is_relative_to(root.resolve()) or not path.is_file():
            return None
        mimetype = _TEXT_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
        content = path.read_bytes()
        return StaticFile(content, gzip.compress(content, 9), mimetype or "text/plain")


def static_blueprint(files: StaticFiles) -> Blueprint:
    """Serves `files`; any version is answered with the current content."""
    blueprint = Blueprint("static_files", __name__)

    @blueprint.get("/static/<version>/<path:name>")
    def send(version: str, name: str) -> Response:
        found = files.read(name)
        if found is None:
            abort(404)
        squeeze = "gzip" in request.headers.get("Accept-Encoding", "")
        response = Response(found.compressed if squeeze else found.content, mimetype=found.mimetype)
        if squeeze:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        current = version == files.version
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if current else "no-cache"
        )
        return response

    return blueprint
