"""Tiles of the configured base maps, under our own address."""

from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app

from gis.settings import Settings
from webmap.basemaps import Basemaps, read_basemaps, tiles_folder
from webmap.session import asking

blueprint = Blueprint("basemaps", __name__)
_EXTENSION: Final = "onemap_basemaps"
_KEPT_S: Final = 86400


def serve_basemaps(app: Flask, settings: Settings) -> None:
    """Let the app serve the base maps that the settings name.

    Raises:
        ConfigError: Their file cannot be understood.
    """
    listed = read_basemaps(settings.basemaps)
    app.extensions[_EXTENSION] = Basemaps(listed, tiles_folder(settings.state_dir))
    app.register_blueprint(blueprint)


def described_basemaps() -> list[dict[str, Any]]:
    """What the map offers as ground, in the order of the configuration."""
    basemaps: Basemaps = current_app.extensions[_EXTENSION]
    return [one.described() for one in basemaps.listed.values()]


@blueprint.get("/basemap/<name>/<int:z>/<int:x>/<int:y>")
def show_basemap_tile(name: str, z: int, x: int, y: int) -> Response:
    """One tile of a base map; only for those signed in, as it may cost a quota."""
    with asking():
        pass
    basemaps: Basemaps = current_app.extensions[_EXTENSION]
    content, media_type = basemaps.tile(name, z, x, y)
    response = Response(content, mimetype=media_type)
    response.headers["Cache-Control"] = f"private, max-age={_KEPT_S}"
    return response
